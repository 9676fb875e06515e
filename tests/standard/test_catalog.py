from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from datong.model import Adapter
from datong.standard import catalog_entry, catalog_entry_dcat, credit_code_ok, record_schema

NINE = {
    "name",
    "items",
    "provider",
    "format",
    "updateCycle",
    "sharingType",
    "sharingMethods",
    "useConditions",
    "classification",
}


@pytest.fixture
def entries(adapter: Adapter, base: str, now: datetime) -> dict[str, dict[str, Any]]:
    return {name: catalog_entry(adapter, name, base=base, now=now) for name in adapter.datasets}


def item(entry: dict[str, Any], field: str) -> dict[str, Any]:
    return next(item for item in entry["items"] if item["field"] == field)


def test_nine_legal_fields(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-01: each entry states all nine, none of them empty."""
    for entry in entries.values():
        assert set(entry) >= NINE
        assert all(entry[name] for name in NINE)


def test_sharing_codes(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-02: token and code go together, for entries and items."""
    pairs = {(part["sharingType"], part["sharingTypeCode"]) for e in entries.values() for part in (e, *e["items"])}
    assert pairs == {("unconditional", "1"), ("conditional", "2"), ("notShared", "3")}


def test_use_conditions(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-03 and 06: conditions where there are any, `all` where there may be none."""
    assert entries["insured"]["useConditions"] == {"scope": "社会保险业务", "purposes": ["pension-check"]}
    assert entries["offices"]["useConditions"] == {"scope": "all"}


def test_not_shared(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-04 and 05: the reason and the law, and no way to the data."""
    entry = entries["accused"]
    assert entry["notShared"]["reason"]
    assert entry["notShared"]["legalBasis"][0]["article"] == "第二十八条"
    assert entry["distributions"] == []
    assert not {"query", "verify"} & set(entry)
    assert not item(entry, "code")["filterable"]


def test_provider(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-08 and 16: unit, code with its check character, and whom to turn to."""
    provider = entries["insured"]["provider"]
    assert credit_code_ok(provider["code"])
    assert provider["office"] == {
        "name": "数据共享办公室",
        "phone": "010-12345678",
        "email": "share@example.gov.cn",
    }


def test_item(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-09: everything a consumer must know of one item."""
    assert item(entries["insured"], "idNumber") == {
        "name": "公民身份号码",
        "field": "idNumber",
        "dataType": "C",
        "wireType": "string",
        "jsonType": "string",
        "format": "residentId",
        "length": 18,
        "nullable": True,
        "primaryKey": False,
        "filterable": True,
        "rangeable": False,
        "sortable": False,
        "sensitive": True,
        "masked": True,
        "unmaskedFor": ["audit"],
        "level": "important",
        "sharingType": "conditional",
        "sharingTypeCode": "2",
    }
    assert item(entries["insured"], "personNumber")["primaryKey"]
    assert item(entries["insured"], "status")["dictionary"] == {"1": "正常参保", "2": "暂停参保"}
    assert item(entries["insured"], "name")["length"] is None


def test_item_is_never_wider_than_its_entry(adapter: Adapter, base: str, now: datetime) -> None:
    """REQ-CAT-09: an item declared wider than its entry is listed as the entry is."""
    document = adapter.model_dump(by_alias=True)
    document["datasets"]["insured"]["fields"]["name"]["sharingType"] = "unconditional"
    entry = catalog_entry(Adapter.model_validate(document), "insured", base=base, now=now)
    assert item(entry, "name")["sharingType"] == "conditional"
    assert item(entry, "photo")["sharingType"] == "notShared"
    assert not item(entry, "photo")["filterable"]


def test_level_is_that_of_the_highest_item(entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-11: one important item makes the entry important, and general sub-levels fall away."""
    assert entries["insured"]["classification"] == {"level": "important", "category": "department"}
    assert entries["offices"]["classification"]["generalLevel"] == 3


def test_data_as_of(entries: dict[str, dict[str, Any]], now: datetime) -> None:
    """REQ-CAT-12: live sources are as of now, others as declared."""
    assert entries["insured"]["dataAsOf"] == now.isoformat()
    assert entries["offices"]["dataAsOf"] == "2026-01-01"


def test_query_and_verify(entries: dict[str, dict[str, Any]]) -> None:
    """The entry states limits, claimable items and how claims are compared (REQ-QRY-03, REQ-VER-05 to 07)."""
    entry = entries["insured"]
    assert entry["query"] == {"defaultLimit": 50, "maxLimit": 500, "count": True, "region": "region"}
    assert entry["verify"] == {
        "keys": ["idNumber"],
        "fields": ["name"],
        "predicates": [
            {"field": "birthDate", "operators": ["lte", "gte"]},
            {"field": "status", "operators": ["in"]},
        ],
        "compare": {
            "idNumber": {"trim": True, "width": True, "case": False},
            "name": {"trim": True, "width": True, "case": True},
            "birthDate": {"trim": True, "width": True, "case": False},
            "status": {"trim": True, "width": True, "case": False},
        },
        "maxClaims": 50,
        "attempts": {"count": 5, "per": 60},
    }
    assert "verify" not in entries["offices"]


def test_distributions(entries: dict[str, dict[str, Any]], base: str) -> None:
    """REQ-CAT-07: an address for each method, and for verification where it is declared."""
    found = {(part["method"], part["rel"], part["href"]) for part in entries["insured"]["distributions"]}
    place = f"{base}/datasets/insured"
    assert found == {
        ("serviceInterface", "items", f"{place}/records"),
        ("serviceInterface", "search", f"{place}/records/_search"),
        ("verify", "verify", f"{place}/_verify"),
    }


def test_quality(adapter: Adapter, base: str, now: datetime) -> None:
    """REQ-FID-05: measured figures are published, and none are invented."""
    measured = {"completeness": 0.98, "faultyRows": 3, "lastProfiledAt": "2026-02-28T01:00:00+08:00"}
    assert catalog_entry(adapter, "insured", base=base, now=now, quality=measured)["quality"] == measured
    assert set(catalog_entry(adapter, "insured", base=base, now=now)["quality"].values()) == {None}


def test_extensions_stay_apart(entries: dict[str, dict[str, Any]]) -> None:
    """Extension elements and platform ids have members of their own beside the nine fields."""
    assert entries["offices"]["extensions"] == {"assessed": True}
    assert entries["offices"]["externalIds"] == {"upCataId": "N-1"}
    assert entries["offices"]["changeNotice"]["text"]["en"] == "The fax number will be dropped"


def test_unknown_entry(adapter: Adapter, base: str, now: datetime) -> None:
    """An id that the adapter lacks is a KeyError, for the caller to answer."""
    with pytest.raises(KeyError):
        catalog_entry(adapter, "nothing", base=base, now=now)


def test_schema_properties_equal_items(adapter: Adapter, entries: dict[str, dict[str, Any]]) -> None:
    """REQ-CAT-10: the schema's properties are exactly the items' wire names."""
    for name, dataset in adapter.datasets.items():
        assert set(record_schema(dataset)["properties"]) == {part["field"] for part in entries[name]["items"]}


def test_dcat(entries: dict[str, dict[str, Any]]) -> None:
    """The same entry in DCAT: identity, publisher, contact, dates, rights and distributions."""
    document = catalog_entry_dcat(entries["insured"])
    assert document["@type"] == "dcat:Dataset"
    assert document["dct:identifier"] == "30601001/000123"
    assert document["dct:publisher"]["dct:identifier"] == "91350100M000100Y43"
    assert document["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:share@example.gov.cn"}
    assert document["dct:modified"] == {"@value": "2026-01-15T09:00:00+08:00", "@type": "xsd:dateTime"}
    assert document["dct:issued"]["@type"] == "xsd:date"
    assert [part["dcat:accessURL"]["@id"] for part in document["dcat:distribution"]] == [
        part["href"] for part in entries["insured"]["distributions"]
    ]


def test_dcat_of_a_not_shared_entry(entries: dict[str, dict[str, Any]]) -> None:
    """No distribution, and the legal basis as the statement of rights."""
    document = catalog_entry_dcat(entries["accused"])
    assert "dcat:distribution" not in document
    assert document["dct:rights"]["gds:notShared"]["@value"] == entries["accused"]["notShared"]


def test_dcat_names_resolve(entries: dict[str, dict[str, Any]]) -> None:
    """Every prefix used is declared in the context, which nobody has to fetch."""
    document = catalog_entry_dcat(entries["insured"])
    prefixes = {name.partition(":")[0] for name in _names(document) if ":" in name and not name.startswith("@")}
    assert prefixes <= set(document["@context"])


def _names(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for part in value for name in _names(part)}
    if isinstance(value, dict):
        inner = {key: part for key, part in value.items() if key not in ("@context", "@value")}
        return set(inner) | {name for part in inner.values() for name in _names(part)}
    return set()
