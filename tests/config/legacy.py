"""A legacy system in memory, as a source kind of its own, and an adapter.yaml over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from datong.model import (
    Call,
    Capabilities,
    Column,
    EnvironmentProblem,
    KeyGuess,
    Row,
    SecretRef,
    Selection,
    SourceProblem,
    Structure,
    Text,
)

YAML = """\
datong: "1"
adapter:
  id: pension
  title: {zh: 养老保险, en: Pension insurance}
provider:
  name: 某市人力资源和社会保障局
  code: 91350100M000100Y43
  office: {name: 数据共享科, phone: "0571-88888888"}
source:
  kind: memory
  secret: {env: LEGACY_SECRET}
  rooms: 2
datasets:
  person:
    from: {shelf: PERSON}
    key: [ID]
    catalog:
      name: 参保人员基本信息
      catalogCode: 306001/000001
      format: 数据库
      updateCycle: daily
      sharingType: conditional
      sharingMethods: [serviceInterface]
      useConditions: {scope: 社会保险业务, purposes: [待遇核验, 监督检查]}
      classification: {level: general}
      publishedAt: 2025-08-01
      updatedAt: 2025-08-02
    fields:
      id: {from: ID, name: 人员编号, type: integer, filterable: true, sortable: true}
      name: {from: XM, name: 姓名, type: string, format: personName, mask: personName, length: 40}
      birthDate: {from: CSRQ, name: 出生日期, type: date, filterable: true, range: true}
    verify:
      keys: [id]
      fields: [name]
      predicates: [{field: birthDate, operators: [lte]}]
trust:
  audience: urn:gds:adapter:pension
"""

COLUMNS = (
    Column("ID", "integer", "INTEGER", nullable=False),
    Column("XM", "string", "VARCHAR(40)", length=40),
    Column("CSRQ", "date", "DATE"),
)


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str | SecretRef
    rooms: int = 1
    password: str | None = None


class Location(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    shelf: str


class Memory:
    """What the tests put there is what the source holds."""

    threads = 1
    structures: Sequence[Structure] = ()
    rows: Sequence[Row] = ()
    silent: SourceProblem | None = None
    opened: list[BaseModel]
    closed: int

    def describe(self, call: Call, progress: object = None) -> Sequence[Structure]:
        return self.structures

    def capabilities(self, location: Any) -> Capabilities:
        return Capabilities(keyset=True)

    def fetch(self, selection: Selection, call: Call) -> Iterator[list[Row]]:
        names = [column.name for column in COLUMNS]
        rows = [tuple(row[names.index(name)] for name in selection.columns) for row in self.rows[: selection.limit]]
        if rows:
            yield rows

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        return None

    def count(self, selection: Selection, call: Call) -> int:
        return len(self.rows)

    def ping(self, call: Call) -> None:
        if self.silent:
            raise self.silent

    def close(self) -> None:
        self.closed += 1


class Kind:
    name = "memory"
    options = Options
    location = Location

    def __init__(self) -> None:
        self.source = Memory()
        self.source.opened = []
        self.source.closed = 0
        self.source.structures = [structure("PERSON")]
        self.missing_driver = False

    def open(self, options: BaseModel, *, folder: Path) -> Memory:
        if self.missing_driver:
            raise EnvironmentProblem(Text("No driver.", "缺少驱动。"), code="driver-missing")
        self.source.opened.append(options)
        return self.source

    def accepts(self, address: str) -> bool:
        return address.startswith("memory:")

    def options_for(self, address: str, *, folder: Path) -> dict[str, Any]:
        return {"secret": {"env": "LEGACY_SECRET"}}


def structure(name: str, **more: Any) -> Structure:
    given = {"columns": COLUMNS, "key": KeyGuess(("ID",), "declared")} | more
    return Structure({"shelf": name}, name, **given)
