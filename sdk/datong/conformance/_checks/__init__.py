"""Every check; importing this package registers them."""
