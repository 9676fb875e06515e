"""Put a legacy system behind the Government Data Sharing Standard Interface, and prove it from outside."""

__version__ = "0.1.0"

__all__ = ["__version__"]
