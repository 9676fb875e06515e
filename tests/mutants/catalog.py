"""Mutants of the class catalog."""

from __future__ import annotations

from typing import Any

from mutants.mutant import entries, mutant
from mutants.world import Bench


@mutant(
    "CAT-02", "The code of the sharing type is that of another.", "共享属性代码与共享属性不一致。", entails="CORE-05"
)
def sharing_code_of_another(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        entry["sharingTypeCode"] = 2


@mutant("CAT-04", "The legal basis names no article.", "不予共享的法律依据未写明条款。", entails="CORE-05")
def basis_without_article(work: Bench) -> None:
    @entries(work, "adoptions")
    def change(entry: Any) -> None:
        entry["notShared"]["legalBasis"][0]["article"] = "无"
