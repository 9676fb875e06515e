"""The compiled mapping of one dataset."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from datong.mapping._compare import comparable
from datong.mapping._conditions import Residual, condition, sortable, tested
from datong.mapping._faults import Fault, Faulty, FaultyRow
from datong.mapping._generate import PageFunction, Probe, Writer, page_function, probe_function
from datong.mapping._masks import masker
from datong.mapping._recordid import Key, RecordIds
from datong.mapping._stage import Chain
from datong.mapping._trace import Quality, Step, quality, steps
from datong.mapping._zone import Zone
from datong.model import Compare, Condition, Dataset, Form, Operator, Problem, Row, Sort

RECORD_ID = "recordId"
_CHUNK = 32
_VIEWS = 128
_FULL_WIDTH = 0xEF
_REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A page after mapping: `read` rows became `items` and `faulty`, and no row anything else.

    `json` is the items as a JSON array, ready to be put into the page.
    """

    read: int
    items: list[dict[str, Any]]
    faulty: list[Faulty]
    json: bytes


class View:
    """The mapping narrowed to some fields, some of them masked."""

    def __init__(self, plan: "Plan", fields: Sequence[str], masked: frozenset[str], *, record_id: bool) -> None:
        self.fields = tuple(fields)
        self.masked = masked
        self._ids = plan.ids
        self._record_id = record_id
        chains = [plan.chains[name] for name in fields]
        self.columns = _columns([chain.columns for chain in chains], plan.dataset.key)
        index = {column: position for position, column in enumerate(self.columns)}
        self._key = [index[column] for column in plan.dataset.key]
        self._steps = [
            (chain, [index[column] for column in chain.columns], plan.masker(name) if name in masked else None)
            for name, chain in zip(fields, chains, strict=True)
        ]
        self.key_of_row = _getter(self._key)
        self._map, self._probe = self._compile(plan)

    def _compile(self, plan: "Plan") -> tuple[PageFunction, Probe | None]:
        forms = {f"v{index}": plan.forms[name] for index, name in enumerate(self.columns) if name in plan.forms}
        writer = Writer(plan.zone, forms)
        members = []
        if self._record_id:
            members.append((RECORD_ID, writer.record_id(self._ids, [f"v{index}" for index in self._key])))
        for chain, places, mask in self._steps:
            columns = [f"v{index}" for index in places]
            if mask is None:
                members.append((chain.name, writer.field(chain, columns)))
            else:
                members.append((chain.name, writer.masked(chain, columns, mask)))
        width = len(self.columns)
        probe = probe_function(writer.probes, width, writer.names) if writer.probes else None
        return page_function(members, width, writer), probe

    def page(self, rows: Sequence[Row]) -> Mapped:
        """Every row becomes an item or is named as faulty; raises Problem `loss-unbalanced`."""
        try:
            items, faulty, body = self._clean(rows)
        except Exception:  # noqa: BLE001 - whatever a dirty value raised, going row by row finds and names it
            items, faulty, body = self._piecewise(rows)
        if len(items) + len(faulty) != len(rows):
            raise Problem("loss-unbalanced", read=len(rows), mapped=len(items), faulty=len(faulty))
        return Mapped(len(rows), items, faulty, body)

    def record(self, row: Row) -> dict[str, Any]:
        """Raises FaultyRow."""
        mapped = self.page([row])
        if mapped.faulty:
            raise FaultyRow(mapped.faulty[0])
        return mapped.items[0]

    def _clean(self, rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[Faulty], bytes]:
        """The encoder is the last check: it refuses long integers, surrogates and foreign types."""
        items = self._map(rows)
        body = _encoded(items)
        if self._probe is not None:
            _encoded(self._probe(rows))
        return items, [], body

    def _piecewise(self, rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[Faulty], bytes]:
        items: list[dict[str, Any]] = []
        faulty: list[Faulty] = []
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            try:
                items += self._clean(chunk)[0]
            except Exception:  # noqa: BLE001 - as above
                for number, row in enumerate(chunk, start + 1):
                    self._one(row, number, items, faulty)
        return items, faulty, orjson.dumps(items)

    def _one(self, row: Row, number: int, items: list[dict[str, Any]], faulty: list[Faulty]) -> None:
        name = RECORD_ID
        record_id: str | None = None
        try:
            record_id = self._ids.encode([row[index] for index in self._key])
            item: dict[str, Any] = {RECORD_ID: record_id} if self._record_id else {}
            for chain, places, mask in self._steps:
                name = chain.name
                value = chain.careful(tuple(row[index] for index in places) if chain.many else row[places[0]])
                item[name] = value if mask is None else mask(value)
            items.append(item)
        except Fault as fault:
            faulty.append(Faulty(record_id or f"row-{number}", name, fault.code, record_id))


def _encoded(values: Any) -> bytes:
    body = orjson.dumps(values, option=orjson.OPT_STRICT_INTEGER)
    if _FULL_WIDTH in body and _REPLACEMENT in body:
        raise Fault("charset")
    return body


def _columns(fields: Iterable[tuple[str, ...]], key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([column for columns in fields for column in columns] + list(key)))


def _getter(places: Sequence[int]) -> Callable[[Row], Key]:
    if len(places) == 1:
        place = places[0]
        return lambda row: (row[place],)
    return itemgetter(*places)


class Plan:
    """Everything that the interface asks of one dataset's mapping. Thread-safe."""

    def __init__(self, catalog_id: str, dataset: Dataset, chains: Sequence[Chain], zone: Zone, ids: RecordIds) -> None:
        self.catalog_id = catalog_id
        self.dataset = dataset
        self.zone = zone
        self.ids = ids
        self.chains = {chain.name: chain for chain in chains}
        self.columns = _columns([chain.columns for chain in chains], dataset.key)
        self.forms: Mapping[str, Form] = {}
        self._views: dict[tuple[frozenset[str], frozenset[str], bool], View] = {}

    def rely(self, forms: Mapping[str, Form]) -> None:
        """Take `Capabilities.forms` of the source at its word, in views made from now on."""
        self.forms = dict(forms)
        self._views.clear()

    def view(self, fields: Iterable[str], masked: frozenset[str] = frozenset(), *, record_id: bool = True) -> View:
        """The view of these fields, in the dataset's order whatever the order asked for.

        `record_id` says whether items carry the reserved member recordId (always first).
        Raises KeyError for a field that the dataset does not have.
        """
        wanted = frozenset(fields)
        if unknown := wanted - self.chains.keys():
            raise KeyError(min(unknown))
        place = (wanted, masked & wanted, record_id)
        found = self._views.get(place)
        if found is None:
            names = [name for name in self.chains if name in wanted]
            found = View(self, names, masked & wanted, record_id=record_id)
            if len(self._views) >= _VIEWS:
                self._views.clear()
            self._views[place] = found
        return found

    def null_tokens(self, field: str) -> tuple[str, ...]:
        """Legacy texts that the field's transforms declare to mean null (REQ-FID-03)."""
        stages = self.chains[field].stages
        return tuple(sorted({token for stage in stages for token in stage.tokens or ()}))

    def record_id(self, key: Sequence[Any]) -> str:
        """Raises Fault `key-unusable`."""
        return self.ids.encode(key)

    def key_of(self, record_id: str) -> Key | None:
        """None for an id that this dataset never gave."""
        return self.ids.decode(record_id)

    def condition(self, field: str, operator: Operator, value: Any) -> Condition | Residual:
        """A caller's filter, as text of a query or JSON of a body, for the source.

        Residual where the transforms cannot be undone exactly. A list under `eq` is `in`, null
        under `eq` is `isNull`. Raises ValueInvalid.
        """
        return condition(self.chains[field], operator, value, self.zone)

    def test(self, field: str, operator: Operator, value: Any) -> Residual:
        """The same filter without asking the source anything: for a source that cannot, and for claims.

        Raises ValueInvalid.
        """
        return tested(self.chains[field], operator, value, self.zone)

    def sort(self, field: str, descending: bool = False) -> Sort | None:  # noqa: FBT001, FBT002 - reads as in Sort
        """None where no column has the field's order."""
        column = sortable(self.chains[field])
        return None if column is None else Sort(column, descending)

    def masker(self, field: str) -> Callable[[Any], Any]:
        """The mask of one field, for wire values."""
        return masker(self.chains[field].field)

    def mask(self, field: str, value: Any) -> Any:
        """The wire value as it is shown to a purpose that may not see it; null stays null."""
        return self.masker(field)(value)

    def comparable(self, field: str, value: Any, compare: Compare | None = None) -> Any:
        """A wire value, claimed or stored, in the form that verify compares. Raises ValueInvalid."""
        return comparable(field, self.chains[field].field, value, compare or Compare(), self.zone)

    def trace(self, row: Row) -> list[Step]:
        """What becomes of a row whose values stand in the order of `columns`."""
        index = {column: position for position, column in enumerate(self.columns)}
        return [step for chain in self.chains.values() for step in steps(chain, _picked(chain, row, index))]

    def quality(self, items: Iterable[Mapping[str, Any]]) -> dict[str, Quality]:
        """Completeness and failed format checks of mapped, unmasked records, by item."""
        return quality(self.chains.values(), items)


def _picked(chain: Chain, row: Row, index: Mapping[str, int]) -> Any:
    values = tuple(row[index[column]] for column in chain.columns)
    return values if chain.many else values[0]
