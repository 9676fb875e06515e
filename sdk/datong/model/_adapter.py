"""The adapter as declared: the shape of adapter.yaml and, at once, what the program runs on.

One definition serves both, so that file, JSON Schema, OpenAPI document and catalog cannot differ.
Names on file are the wire names of the Standard Interface (lowerCamelCase).
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Described
from pydantic.alias_generators import to_camel

from datong.model._text import Text

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-zA-Z0-9]{0,62}$")]
NonBlank = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

WireType = Literal["string", "integer", "decimal", "number", "boolean", "date", "dateTime", "time", "binary", "json"]
Format = Literal["residentId", "creditCode", "regionCode", "phone", "personName", "address", "email", "bankCard"]
SharingType = Literal["unconditional", "conditional", "notShared"]
SharingMethod = Literal["serviceInterface", "batchExchange", "fileDownload"]
Level = Literal["general", "important", "core"]
UpdateCycle = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "halfYearly", "yearly", "irregular"]
Role = Literal["consumer", "exchange", "provider", "operator"]


class Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class SecretRef(Part):
    """Where a secret is: the name of an environment variable, or a file; never the secret itself."""

    env: str | None = None
    file: str | None = None


class Names(Part):
    zh: NonBlank
    en: NonBlank

    @property
    def text(self) -> Text:
        return Text(self.en, self.zh)


class Identity(Part):
    id: Slug
    """Stable name of this adapter."""
    title: Names
    version: str = "1.0.0"
    """Version of this adapter's configuration, MAJOR.MINOR.PATCH."""


class Office(Part):
    """The data sharing office of Art. 11: whom a consumer turns to."""

    name: NonBlank
    phone: NonBlank
    email: str | None = None


class Provider(Part):
    name: NonBlank
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
    """Unified social credit code, 18 characters, with its check character (GB 32100)."""
    office: Office


class SourceSection(BaseModel):
    """`kind` and the options of that kind, which its plugin validates."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    zone: str = "Asia/Shanghai"
    """IANA zone in which timestamps without offset are read."""

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class UseConditions(Part):
    scope: str | None = None
    purposes: tuple[str, ...] = ()
    note: str | None = None


class LegalBasis(Part):
    title: NonBlank
    article: NonBlank


class NotShared(Part):
    reason: NonBlank
    legal_basis: Annotated[tuple[LegalBasis, ...], Described(min_length=1)]


class Classification(Part):
    level: Level
    category: str = "department"
    general_level: Annotated[int, Described(ge=1, le=4)] | None = None


class ChangeNotice(Part):
    """A planned change (Art. 27(3)): shown in the entry and as Deprecation and Sunset headers."""

    announced_at: str
    effective_at: str
    text: Names


class CatalogFacts(Part):
    """What Art. 13(2) makes a catalog entry state. Nothing here has a default."""

    name: NonBlank
    catalog_code: NonBlank
    """National resource code: class digit, 2, 3 and more digits, a slash, a sequence number."""
    summary: str = ""
    format: NonBlank
    update_cycle: UpdateCycle
    sharing_type: SharingType
    sharing_methods: tuple[SharingMethod, ...]
    use_conditions: UseConditions = UseConditions()
    not_shared: NotShared | None = None
    classification: Classification
    source_department: str | None = None
    status: Literal["draft", "published", "withdrawn"] = "published"
    published_at: str
    updated_at: str
    data_as_of: str | None = None
    """RFC 3339 date; None means now, for sources read live."""
    delayed_reason: str | None = None
    change_notice: ChangeNotice | None = None
    extensions: dict[str, Any] = {}
    external_ids: dict[str, str] = {}


class Field(Part):
    """One data item: where it comes from, what it becomes, and who may see it."""

    source: Annotated[str | tuple[str, ...] | None, Described(alias="from")] = None
    """Legacy column, or several for `join` and Python transforms; None for constants."""
    name: NonBlank
    """The item's Chinese name."""
    type: WireType
    format: Format | None = None
    length: int | None = None
    scale: int | None = None
    wide: bool = False
    """Integers that may pass 2^53-1; those that do are written as strings."""
    nullable: bool = True
    transforms: tuple[str | dict[str, Any], ...] = ()
    filterable: bool = False
    range: bool = False
    """Whether .gt .gte .lt .lte may be used."""
    sortable: bool = False
    sensitive: bool = False
    """Identity numbers and the like: filtered only in a body, never in an address."""
    mask: str | None = None
    """How the value is shown to a purpose that is not in `unmaskFor`."""
    unmask_for: tuple[str, ...] = ()
    sharing_type: SharingType | None = None
    """Not wider than the entry's; None means the same."""
    level: Level | None = None
    dictionary: dict[str, str] | None = None
    """Code → meaning, shown in the catalog."""

    @property
    def columns(self) -> tuple[str, ...]:
        if self.source is None:
            return ()
        return (self.source,) if isinstance(self.source, str) else self.source


class Compare(Part):
    """How a claimed value and a stored one are made comparable (REQ-VER-07)."""

    trim: bool = True
    width: bool = True
    """Full-width letters and digits equal half-width ones."""
    case: bool = False
    """Whether upper and lower case differ."""


class Predicate(Part):
    field: FieldName
    operators: Annotated[tuple[Literal["gte", "lte", "gt", "lt", "in"], ...], Described(min_length=1)]


class Attempts(Part):
    count: Annotated[int, Described(ge=1)] = 10
    per: Annotated[int, Described(ge=1)] = 60
    """Seconds."""


class Verify(Part):
    """Answers match or noMatch to claims, and discloses nothing else."""

    keys: Annotated[tuple[FieldName, ...], Described(min_length=1)]
    """Every claim must name all of these; together they identify the subject."""
    fields: tuple[FieldName, ...] = ()
    """Further items that may be claimed for equality."""
    predicates: tuple[Predicate, ...] = ()
    compare: dict[FieldName, Compare] = {}
    batch: Annotated[int, Described(ge=1, le=1000)] = 100
    attempts: Attempts = Attempts()
    """How often one consumer may ask about one subject."""


class PageLimits(Part):
    default: Annotated[int, Described(ge=1)] = 100
    max: Annotated[int, Described(ge=1, le=10_000)] = 1000


class Dataset(Part):
    location: Annotated[Any, Described(alias="from")]
    """Where the rows are; its shape belongs to the source kind."""
    catalog: CatalogFacts
    key: Annotated[tuple[str, ...], Described(min_length=1)]
    """Legacy columns that identify a row."""
    region: FieldName | None = None
    """The item that a grant's `scope.region` is compared with, by prefix of the region code."""
    fields: Annotated[dict[FieldName, Field], Described(min_length=1)]
    page: PageLimits = PageLimits()
    count: bool = False
    """Whether pages carry numberMatched."""
    verify: Verify | None = None

    @cached_property
    def sharing(self) -> SharingType:
        return self.catalog.sharing_type


class Issuer(Part):
    """Whose tokens are believed, and for which roles."""

    issuer: NonBlank
    jwks: SecretRef | dict[str, Any]
    """Public keys: a file or environment variable with a JWK set, or the set itself."""
    roles: tuple[Role, ...] = ("consumer",)


class Trust(Part):
    audience: NonBlank
    issuers: tuple[Issuer, ...] = ()
    """Empty: only the development issuer, and only on loopback."""
    algorithms: tuple[Literal["ES256", "ES384", "EdDSA", "RS256", "PS256"], ...] = ("ES256", "EdDSA", "RS256")
    skew: Annotated[int, Described(ge=0, le=300)] = 60
    max_lifetime: Annotated[int, Described(ge=1, le=3600)] = 600


class Rate(Part):
    requests: Annotated[int, Described(ge=1)] = 6000
    per: Annotated[int, Described(ge=1)] = 60
    """Seconds; counted for each grant."""


class Limits(Part):
    deadline: Annotated[float, Described(gt=0, le=300)] = 10.0
    """Seconds a call may take in all."""
    rows: Annotated[int, Described(ge=1)] = 100_000
    """Rows that one call may read from the source."""
    body: Annotated[int, Described(ge=1024)] = 1_048_576
    """Bytes of a request body."""
    rate: Rate = Rate()


class State(Part):
    url: str | SecretRef | None = None
    """SQLAlchemy address of the state store; None is SQLite in `.datong/state.db`."""
    secret: SecretRef | None = None
    """Key material for record ids and cursors; None is a generated file in `.datong/`."""


class Audit(Part):
    folder: str = ".datong/audit"
    retention: str = "P3Y"
    clock: str = "system clock, synchronised by NTP"


class Adapter(Part):
    """The whole adapter.yaml."""

    datong: Literal["1"]
    """Version of this file's format."""
    adapter: Identity
    provider: Provider
    source: SourceSection
    datasets: Annotated[dict[Slug, Dataset], Described(min_length=1)]
    trust: Trust
    limits: Limits = Limits()
    state: State = State()
    audit: Audit = Audit()
