"""What no database can tell: who provides the data, and on which terms (Art. 13(2), 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from datong.model import Level, SharingType, UpdateCycle
from datong.standard import DEVELOPMENT_PROVIDER

_SCOPE: Final = "经申请并获同意的政务部门，限在授权范围内使用"
_PURPOSES: Final = ("政务服务", "资格核验", "监督管理")


@dataclass(frozen=True, slots=True)
class Facts:
    """Asked from a person; the defaults are those of development, valid in form and marked by `check`.

    `classification` is the part of the national resource code before the slash: class digit, item
    of 2 digits, category of 3, detail of any number. `title_zh` and `title_en` default to the
    adapter's name.
    """

    provider_name: str = DEVELOPMENT_PROVIDER.name
    provider_code: str = DEVELOPMENT_PROVIDER.code
    office_name: str = "数据共享管理科（开发测试）"
    office_phone: str = "010-12345678"
    office_email: str | None = None
    title_zh: str | None = None
    title_en: str | None = None
    sharing_type: SharingType = "conditional"
    scope: str = _SCOPE
    purposes: tuple[str, ...] = _PURPOSES
    level: Level = "general"
    update_cycle: UpdateCycle = "daily"
    classification: str = "301001"
