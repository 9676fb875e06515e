"""The Standard Interface as an ASGI application: owns every route of the contract."""

from datong.interface._app import Application, create_app, factory
from datong.interface._serve import serve

__all__ = ["Application", "create_app", "factory", "serve"]
