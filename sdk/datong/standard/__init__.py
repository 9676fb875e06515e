"""The Standard Interface as data: problems, codes, documents, requirements; no input or output."""

from datong.standard._catalog import (
    catalog_entry,
    entry_level,
    item_level,
    item_sharing,
    offers_records,
    offers_verify,
    provider_document,
)
from datong.standard._checks import credit_code_ok, phone_ok, region_code_ok, resident_id_ok, resident_id_upgrade
from datong.standard._codes import (
    DATA_TYPES,
    LEVELS,
    METHOD_CLASSES,
    SHARING_METHODS,
    SHARING_TYPES,
    UPDATE_CYCLES,
    WIRE_LETTERS,
    Coded,
    Cycle,
    Letter,
    sharing_type,
)
from datong.standard._dcat import catalog_entry_dcat
from datong.standard._development import DEVELOPMENT_PROVIDER
from datong.standard._openapi import openapi
from datong.standard._problem_type import ProblemType
from datong.standard._problems import PROBLEMS, problem_document, problem_type
from datong.standard._records import SAFE_INTEGER, item_schema, record_schema, value_schema
from datong.standard._regions import PROVINCES
from datong.standard._requirements import REQUIREMENTS, Requirement
from datong.standard._routes import ROUTES, Route
from datong.standard._schemas import SCHEMAS, schema, validator
from datong.standard._version import (
    BASE_PATH,
    CLASS_PREFIXES,
    CLASSES,
    INTERFACE_VERSION,
    MANDATORY_CLASSES,
    conformance_urn,
    problem_urn,
    requirement_urn,
)

__all__ = [
    "BASE_PATH",
    "CLASSES",
    "CLASS_PREFIXES",
    "DATA_TYPES",
    "DEVELOPMENT_PROVIDER",
    "INTERFACE_VERSION",
    "LEVELS",
    "MANDATORY_CLASSES",
    "METHOD_CLASSES",
    "PROBLEMS",
    "PROVINCES",
    "REQUIREMENTS",
    "ROUTES",
    "SAFE_INTEGER",
    "SCHEMAS",
    "SHARING_METHODS",
    "SHARING_TYPES",
    "UPDATE_CYCLES",
    "WIRE_LETTERS",
    "Coded",
    "Cycle",
    "Letter",
    "ProblemType",
    "Requirement",
    "Route",
    "catalog_entry",
    "catalog_entry_dcat",
    "conformance_urn",
    "credit_code_ok",
    "entry_level",
    "item_level",
    "item_schema",
    "item_sharing",
    "offers_records",
    "offers_verify",
    "openapi",
    "phone_ok",
    "problem_document",
    "problem_type",
    "problem_urn",
    "provider_document",
    "record_schema",
    "region_code_ok",
    "requirement_urn",
    "resident_id_ok",
    "resident_id_upgrade",
    "schema",
    "sharing_type",
    "validator",
    "value_schema",
]
