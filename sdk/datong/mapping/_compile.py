"""From a dataset as declared to its plan."""

from datong.mapping._check import faults
from datong.mapping._plan import Plan
from datong.mapping._recordid import RecordIds
from datong.mapping._registry import read
from datong.mapping._stage import Chain
from datong.mapping._transform import Place, Transform
from datong.mapping._zone import zone as zone_of
from datong.model import ConfigError, Dataset, Field, Finding, Text


def compile_dataset(catalog_id: str, dataset: Dataset, *, zone: str, secret: bytes) -> Plan:
    """Compile the mapping of one dataset, once.

    `zone` is the IANA zone of timestamps without offset; `secret` holds at least 32 bytes, from
    which the keys of record ids and digests are derived. Raises ConfigError with the errors that
    `faults` finds, and ValueError for a secret that is too short.
    """
    if len(secret) < 32:  # noqa: PLR2004 - the strength of AES-256
        raise ValueError("the secret must have at least 32 bytes")
    _refuse_errors(catalog_id, dataset)
    rules = zone_of(zone)
    chains = []
    for name, field in dataset.fields.items():
        place = Place(catalog_id, name, field, rules, secret)
        chains.append(Chain(name, field, [transform.stage(place) for transform in _transforms(field)], rules))
    return Plan(catalog_id, dataset, chains, rules, RecordIds(catalog_id, dataset, secret))


def _transforms(field: Field) -> list[Transform]:
    return [found for found in map(read, field.transforms) if isinstance(found, Transform)]


def _refuse_errors(catalog_id: str, dataset: Dataset) -> None:
    found = [
        Finding(
            fault.code,
            fault.severity,
            fault.message,
            ".".join(str(part) for part in ("datasets", catalog_id, *fault.path)),
            hint=fault.hint,
            stage="mapping",
        )
        for fault in faults(dataset)
        if fault.severity == "error"
    ]
    if found:
        title = Text(
            f"The mapping of {catalog_id} cannot be compiled ({len(found)} errors).",
            f"数据集 {catalog_id} 的映射无法编译（{len(found)} 处错误）。",
        )
        raise ConfigError(title, found, Text("Run `datong check`.", "请运行 `datong check`。"))
