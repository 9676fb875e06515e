"""Mutants of the class fidelity: what happens to values on the way."""

from __future__ import annotations

from typing import Any

from mutants.mutant import mutant, records
from mutants.world import Bench


@mutant("FID-02", "Codes lose their leading zeros.", "编码的前导零丢失。", entails="QRY-04")
def leading_zeros_lost(work: Bench) -> None:
    @records(work)
    def change(record: Any) -> None:
        if "personNumber" in record:
            record["personNumber"] = record["personNumber"].lstrip("0")


@mutant("FID-01", "Full-width letters are folded to half-width ones.", "全角字母被转换为半角。")
def width_folded(work: Bench) -> None:
    @records(work)
    def change(record: Any) -> None:
        if isinstance(record.get("name"), str):
            record["name"] = record["name"].replace("ＡＢＣ", "ABC")


@mutant("FID-03", "Null arrives as empty text.", "空值变成空字符串。")
def null_as_empty(work: Bench) -> None:
    @records(work)
    def change(record: Any) -> None:
        if "mark" in record and record["mark"] is None:
            record["mark"] = ""
