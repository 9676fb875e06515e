from __future__ import annotations

from typing import Final, NamedTuple


class _Unit(NamedTuple):
    name: str
    code: str


DEVELOPMENT_PROVIDER: Final = _Unit("开发测试单位", "11000000000000000U")
"""Stands for a provider while an adapter is made: valid in form, belonging to nobody.

The code has a right check character and no region that exists; it is replaced before registering.
"""
