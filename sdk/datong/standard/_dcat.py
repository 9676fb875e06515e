"""The catalog entry as DCAT 3 (W3C Recommendation, 2024), in JSON-LD with its context inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "gds": "urn:gds:term:",
}
"""Names only; nothing is fetched from these addresses, since government networks are closed."""


def catalog_entry_dcat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A `dcat:Dataset` saying what `catalog_entry` says, as far as DCAT has terms for it."""
    own = _link(entry, "self")
    document = {
        "@context": dict(_CONTEXT),
        "@id": own,
        "@type": "dcat:Dataset",
        "dct:identifier": entry["catalogCode"],
        "dct:title": _chinese(entry["name"]),
        "dct:description": _chinese(entry["summary"]) if entry.get("summary") else None,
        "dct:publisher": _publisher(entry["provider"]),
        "dcat:contactPoint": _contact(entry["provider"]["office"]),
        "dct:issued": _moment(entry["publishedAt"]),
        "dct:modified": _moment(entry["updatedAt"]),
        "dcat:version": entry["version"],
        "adms:status": _token("status", entry["status"]),
        "dct:accrualPeriodicity": _token("updateCycle", entry["updateCycle"]),
        "dct:accessRights": _token("sharingType", entry["sharingType"]),
        "dcat:theme": _token("level", entry["classification"]["level"]),
        "dct:conformsTo": {"@id": _link(entry, "describedby")},
        "dct:rights": _rights(entry),
        "dcat:distribution": [_distribution(part) for part in entry["distributions"]] or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _publisher(provider: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "foaf:Organization",
        "@id": f"urn:gds:provider:{provider['code']}",
        "foaf:name": _chinese(provider["name"]),
        "dct:identifier": provider["code"],
    }


def _contact(office: Mapping[str, str]) -> dict[str, Any]:
    card = {
        "@type": "vcard:Organization",
        "vcard:fn": office["name"],
        "vcard:hasTelephone": {"@id": f"tel:{office['phone'].replace(' ', '')}"},
    }
    if "email" in office:
        card["vcard:hasEmail"] = {"@id": f"mailto:{office['email']}"}
    return card


def _rights(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Use conditions, or the reason and the legal basis for not sharing (Art. 15(2))."""
    if entry["sharingType"] != "notShared":
        return {"@type": "dct:RightsStatement", "gds:useConditions": _json(entry["useConditions"])}
    return {"@type": "dct:RightsStatement", "gds:notShared": _json(entry.get("notShared", {}))}


def _distribution(part: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": part["href"]},
        "dcat:mediaType": part["mediaType"],
        "gds:sharingMethod": part["method"],
        "gds:httpMethod": part["httpMethod"],
    }


def _link(entry: Mapping[str, Any], rel: str) -> str:
    return next(str(link["href"]) for link in entry["links"] if link["rel"] == rel)


def _token(table: str, token: str) -> dict[str, str]:
    return {"@id": f"urn:gds:code:{table}:{token}"}


def _chinese(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "zh"}


def _moment(text: str) -> dict[str, str]:
    return {"@value": text, "@type": "xsd:dateTime" if "T" in text else "xsd:date"}


def _json(value: Any) -> dict[str, Any]:
    return {"@type": "@json", "@value": value}
