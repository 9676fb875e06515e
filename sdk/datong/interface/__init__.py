"""The Standard Interface as an ASGI application: owns every route of the contract."""

from datong.interface._app import Application, create_app, factory

__all__ = ["Application", "create_app", "factory"]
