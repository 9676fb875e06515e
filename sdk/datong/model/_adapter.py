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
    """Name of an environment variable."""
    file: str | None = None
    """Path of a file, from the adapter's folder; readable by its owner alone."""


class Names(Part):
    zh: NonBlank
    """In Chinese."""
    en: NonBlank
    """In English."""

    @property
    def text(self) -> Text:
        return Text(self.en, self.zh)


class Identity(Part):
    id: Slug
    """Stable name of this adapter."""
    title: Names
    """What people read of it."""
    version: str = "1.0.0"
    """Version of this adapter's configuration, MAJOR.MINOR.PATCH."""


class Office(Part):
    """The data sharing office of Art. 11: whom a consumer turns to."""

    name: NonBlank
    """Name of the office."""
    phone: NonBlank
    """Telephone number, in quotes."""
    email: str | None = None
    """An address of the office, not of a person."""


class Provider(Part):
    name: NonBlank
    """Full name of the unit."""
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
    """Unified social credit code, 18 characters, with its check character (GB 32100)."""
    office: Office
    """The data sharing office of the unit."""


class SourceSection(BaseModel):
    """`kind` and the options of that kind, which its plugin validates."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    kind: str
    """Kind of legacy system; its own options stand beside."""
    zone: str = "Asia/Shanghai"
    """IANA zone in which timestamps without offset are read."""

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class UseConditions(Part):
    scope: str | None = None
    """For what business the data may be used (Art. 15(2))."""
    purposes: tuple[str, ...] = ()
    """Purposes that a grant may name; tokens carry one as `purposeId`."""
    note: str | None = None
    """Anything else a consumer must know before applying."""


class LegalBasis(Part):
    title: NonBlank
    """Law, regulation or State Council decision."""
    article: NonBlank
    """The article that forbids or restricts sharing."""


class NotShared(Part):
    reason: NonBlank
    """Why the data is not shared (Art. 14(3))."""
    legal_basis: Annotated[tuple[LegalBasis, ...], Described(min_length=1)]
    """What the refusal rests on; at least one."""


class Classification(Part):
    level: Level
    """Data level of GB/T 43697-2024; items may raise, not lower it."""
    category: str = "department"
    """Category within the level."""
    general_level: Annotated[int, Described(ge=1, le=4)] | None = None
    """Sub-level of general data, 1 lowest."""


class ChangeNotice(Part):
    """A planned change (Art. 27(3)): shown in the entry and as Deprecation and Sunset headers."""

    announced_at: str
    """RFC 3339 date of the announcement."""
    effective_at: str
    """RFC 3339 date from which it holds."""
    text: Names
    """What changes."""


class CatalogFacts(Part):
    """What Art. 13(2) makes a catalog entry state. Nothing here has a default."""

    name: NonBlank
    """Name of the entry."""
    catalog_code: NonBlank
    """National resource code: class digit, 2, 3 and more digits, a slash, a sequence number."""
    summary: str = ""
    """A few sentences on what the data is."""
    format: NonBlank
    """Format in which the provider holds it, such as database."""
    update_cycle: UpdateCycle
    """How often the data is renewed."""
    sharing_type: SharingType
    """Art. 14: unconditional, conditional or not shared."""
    sharing_methods: tuple[SharingMethod, ...]
    """Art. 22(2): how the entry is delivered; empty where it is not shared."""
    use_conditions: UseConditions = UseConditions()
    """Conditions of use, for conditional entries alone."""
    not_shared: NotShared | None = None
    """Reason and legal basis, for entries that are not shared."""
    classification: Classification
    """Data level and category."""
    source_department: str | None = None
    """The department the data came from, where it is another."""
    status: Literal["draft", "published", "withdrawn"] = "published"
    """Only published entries are served."""
    published_at: str
    """RFC 3339 date of publication."""
    updated_at: str
    """RFC 3339 date of the last change of the entry."""
    data_as_of: str | None = None
    """RFC 3339 date; None means now, for sources read live."""
    delayed_reason: str | None = None
    """Why the data is older than the update cycle promises."""
    change_notice: ChangeNotice | None = None
    """A planned change of the entry."""
    extensions: dict[str, Any] = {}
    """Further facts of the platform, shown as they are."""
    external_ids: dict[str, str] = {}
    """Identifiers of this entry on other platforms."""


class Field(Part):
    """One data item: where it comes from, what it becomes, and who may see it."""

    source: Annotated[str | tuple[str, ...] | None, Described(alias="from")] = None
    """Legacy column, or several for `join` and Python transforms; None for constants."""
    name: NonBlank
    """The item's Chinese name."""
    type: WireType
    """Type on the wire."""
    format: Format | None = None
    """Meaning of the text, whose check digits and shape every value must pass."""
    length: int | None = None
    """Most characters of a value."""
    scale: int | None = None
    """Digits after the point of a decimal."""
    wide: bool = False
    """Integers that may pass 2^53-1; those that do are written as strings."""
    nullable: bool = True
    """Whether the item may be null; a null in an item that may not makes a faulty row."""
    transforms: tuple[str | dict[str, Any], ...] = ()
    """Steps from the legacy value to the served one, in order."""
    filterable: bool = False
    """Whether queries may filter by it."""
    range: bool = False
    """Whether .gt .gte .lt .lte may be used."""
    sortable: bool = False
    """Whether queries may sort by it."""
    sensitive: bool = False
    """Identity numbers and the like: filtered only in a body, never in an address."""
    mask: str | None = None
    """How the value is shown to a purpose that is not in `unmaskFor`."""
    unmask_for: tuple[str, ...] = ()
    """Purposes that see the value unmasked."""
    sharing_type: SharingType | None = None
    """Not wider than the entry's; None means the same."""
    level: Level | None = None
    """Data level of this item where it is higher than the entry's."""
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
    """Blanks around the value do not count."""
    width: bool = True
    """Full-width letters and digits equal half-width ones."""
    case: bool = False
    """Whether upper and lower case differ."""


class Predicate(Part):
    field: FieldName
    """Item that the predicate is about."""
    operators: Annotated[tuple[Literal["gte", "lte", "gt", "lt", "in"], ...], Described(min_length=1)]
    """Comparisons that may be asked."""


class Attempts(Part):
    count: Annotated[int, Described(ge=1)] = 10
    """Claims about one subject."""
    per: Annotated[int, Described(ge=1)] = 60
    """Seconds."""


class Verify(Part):
    """Answers match or noMatch to claims, and discloses nothing else."""

    keys: Annotated[tuple[FieldName, ...], Described(min_length=1)]
    """Every claim must name all of these; together they identify the subject."""
    fields: tuple[FieldName, ...] = ()
    """Further items that may be claimed for equality."""
    predicates: tuple[Predicate, ...] = ()
    """Comparisons that answer eligibility without disclosing a value."""
    compare: dict[FieldName, Compare] = {}
    """How values of an item are made comparable, where the default does not fit."""
    batch: Annotated[int, Described(ge=1, le=1000)] = 100
    """Most claims in one request."""
    attempts: Attempts = Attempts()
    """How often one consumer may ask about one subject."""


class PageLimits(Part):
    default: Annotated[int, Described(ge=1)] = 100
    """Records on a page when the caller names no limit."""
    max: Annotated[int, Described(ge=1, le=10_000)] = 1000
    """Most records on a page."""


class Dataset(Part):
    location: Annotated[Any, Described(alias="from")]
    """Where the rows are; its shape belongs to the source kind."""
    catalog: CatalogFacts
    """Catalog facts of Art. 13(2)."""
    key: Annotated[tuple[str, ...], Described(min_length=1)]
    """Legacy columns that identify a row."""
    region: FieldName | None = None
    """The item that a grant's `scope.region` is compared with, by prefix of the region code."""
    fields: Annotated[dict[FieldName, Field], Described(min_length=1)]
    """Wire name of each data item, and what it is."""
    page: PageLimits = PageLimits()
    """Sizes of pages."""
    count: bool = False
    """Whether pages carry numberMatched."""
    verify: Verify | None = None
    """Whether and how claims are verified."""

    @cached_property
    def sharing(self) -> SharingType:
        return self.catalog.sharing_type


class Issuer(Part):
    """Whose tokens are believed, and for which roles."""

    issuer: NonBlank
    """Value of the claim `iss`."""
    jwks: SecretRef | dict[str, Any]
    """Public keys: a file or environment variable with a JWK set, or the set itself."""
    roles: tuple[Role, ...] = ("consumer",)
    """Roles that its tokens may take."""


class Trust(Part):
    audience: NonBlank
    """Value of the claim `aud`, character by character."""
    issuers: tuple[Issuer, ...] = ()
    """Empty: only the development issuer, and only on loopback."""
    algorithms: tuple[Literal["ES256", "ES384", "EdDSA", "RS256", "PS256"], ...] = ("ES256", "EdDSA", "RS256")
    """Signature algorithms that are accepted."""
    skew: Annotated[int, Described(ge=0, le=300)] = 60
    """Seconds by which clocks may differ."""
    max_lifetime: Annotated[int, Described(ge=1, le=3600)] = 600
    """Most seconds from `iat` to `exp`."""


class Rate(Part):
    requests: Annotated[int, Described(ge=1)] = 6000
    """Requests in that time."""
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
    """How often one grant may call."""


class State(Part):
    url: str | SecretRef | None = None
    """SQLAlchemy address of the state store; None is SQLite in `.datong/state.db`."""
    secret: SecretRef | None = None
    """Key material for record ids and cursors; None is a generated file in `.datong/`."""


class Audit(Part):
    folder: str = ".datong/audit"
    """Where the records are written, from the adapter's folder."""
    retention: str = "P3Y"
    """ISO 8601 duration for which records are kept."""
    clock: str = "system clock, synchronised by NTP"
    """Where the time in records comes from."""


class Adapter(Part):
    """The whole adapter.yaml."""

    datong: Literal["1"]
    """Version of this file's format."""
    adapter: Identity
    """Name, title and version of this adapter."""
    provider: Provider
    """The unit that shares the data."""
    source: SourceSection
    """The legacy system."""
    datasets: Annotated[dict[Slug, Dataset], Described(min_length=1)]
    """Slug of each catalog entry, which is its `catalogId`, and what it is."""
    trust: Trust
    """Whose tokens are believed."""
    limits: Limits = Limits()
    """What one call may take."""
    state: State = State()
    """Where grants and keys are kept."""
    audit: Audit = Audit()
    """Where and how long calls are recorded."""
