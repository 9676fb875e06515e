"""What somebody who knows the source says about it: one YAML file, with a published JSON Schema."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field as Described
from pydantic import ValidationError

from datong.model import Part, SecretRef, Text, UsageError

About = Literal[
    "hardCharacters", "leadingZeros", "wideDecimal", "null", "empty", "blank", "beforeEpoch", "calendar", "midnight"
]
Outcome = Literal["match", "noMatch", "indeterminate"]
ClaimKind = Literal["true", "wrong", "absent", "ambiguous", "width", "trim", "case"]
GrantKind = Literal[
    "good",
    "other",
    "masked",
    "items",
    "region",
    "rows",
    "verify",
    "future",
    "past",
    "suspended",
    "terminated",
    "revocable",
]


class IssuerKey(Part):
    """The private key with which the kit signs, and the name under which the target trusts it."""

    name: str = "urn:datong:conformance-kit"
    """Value of the claim `iss`."""
    key: SecretRef | None = None
    """A private JWK; without one, a key is made for the run."""


class KnownRecord(Part):
    """A record of the source, and each value as text: `null` for none, as it must arrive otherwise."""

    where: dict[str, Any] = Described(default_factory=dict)
    """Filter by which exactly this record is found."""
    id: str | None = None
    """Its record id, where it is known."""
    values: dict[str, str | None]
    """Item → value as text."""
    about: tuple[About, ...] = ()
    """What is hard about it."""


class Claim(Part):
    claim: dict[str, Any]
    outcome: Outcome
    kind: ClaimKind


class SensitiveValue(Part):
    item: str
    value: str


class GivenGrant(Part):
    """A grant that was arranged beforehand, where the kit may push none."""

    kind: GrantKind
    grant_id: str
    consumer_id: str
    purpose_id: str
    items: tuple[str, ...] | None = None
    region: str | None = None
    filter: dict[str, Any] = Described(default_factory=dict)


class ServiceCase(Part):
    """Calls of a service operation: one that answers, one that faults, one that may change things."""

    request: Any
    response: Any = None
    fault: Any = None
    fault_code: str | None = None


class EntryFixtures(Part):
    purpose: str | None = None
    """Purpose of the kit's grants; it should be one that sees items unmasked."""
    masked_purpose: str | None = None
    """A purpose to which items are masked."""
    count: int | None = None
    """Rows in the source."""
    faulty: int | None = None
    """Rows of those that cannot be converted."""
    records: tuple[KnownRecord, ...] = ()
    sensitive: SensitiveValue | None = None
    claims: tuple[Claim, ...] = ()
    region: str | None = None
    """A region code that covers some of the records and not all."""
    rows: dict[str, Any] = Described(default_factory=dict)
    """A row filter that covers some of the records and not all."""
    grants: tuple[GivenGrant, ...] = ()
    service: ServiceCase | None = None
    aged_cursor: str | None = None
    """A cursor of the change feed that is older than its retention."""
    derived: tuple[str, ...] = ()
    """Members that were taken from the target's own answers: they prove consistency alone."""


class Hook(Part):
    """How the kit changes the source: a command that reads one JSON object, or an address for POST.

    The object is `{"action": …, "entry": …, …}`; the answer `{"done": true, …}`, or `{"done": false}`
    for an action that it does not know.
    """

    command: tuple[str, ...] = ()
    url: str | None = None
    timeout: Annotated[float, Described(gt=0)] = 30.0


class Calendar(Part):
    """Working days as published: weekends are free but for `workdays`, weekdays work but for `holidays`."""

    years: tuple[int, ...] = ()
    """Years that are covered; a day of another year is an error and never a guess."""
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()


class Fixtures(Part):
    fixtures: Literal["1"] = "1"
    """Version of this file's format."""
    base: str | None = None
    """Address that ends with /v1."""
    issuer: IssuerKey = IssuerKey()
    ca: str | None = None
    """File with the certificate authority of the target."""
    entries: dict[str, EntryFixtures] = Described(default_factory=dict)
    unpublished: str | None = None
    """Id of an entry that is not published."""
    hook: Hook | None = None
    calendar: Calendar = Calendar()

    def entry(self, catalog_id: str) -> EntryFixtures:
        return self.entries.get(catalog_id, EntryFixtures())


def load_fixtures(path: Path) -> Fixtures:
    """The fixtures of a YAML file; UsageError (`fixtures-invalid`) names every wrong place of it."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Fixtures.model_validate(document)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, point['loc']))}: {point['msg']}" for point in error.errors())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        places = type(error).__name__
    raise UsageError(
        Text(f"The fixtures in {path} cannot be used: {places}.", f"测试数据文件 {path} 不可用：{places}。"),
        Text(
            "Correct the named places; the schema of the file lists what is allowed.",
            "请修正所列位置，允许的内容见该文件的模式。",
        ),
        code="fixtures-invalid",
    )
