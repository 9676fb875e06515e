"""From a dataset as declared to its plan."""

from datong.mapping._plan import Plan
from datong.mapping._recordid import RecordIds
from datong.mapping._stage import Chain
from datong.mapping._zone import zone as zone_of
from datong.model import Dataset


def compile_dataset(catalog_id: str, dataset: Dataset, *, zone: str, secret: bytes) -> Plan:
    """Compile the mapping of one dataset, once.

    `zone` is the IANA zone of timestamps without offset; `secret` at least 32 bytes, from which
    the keys of record ids and digests are derived. Raises ConfigError where `faults` finds errors.
    """
    place = zone_of(zone)
    chains = [Chain(name, field, (), place) for name, field in dataset.fields.items()]
    return Plan(catalog_id, dataset, chains, place, RecordIds(catalog_id, dataset, secret))
