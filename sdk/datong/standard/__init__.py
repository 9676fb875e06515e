"""The Standard Interface as data: problems, codes, documents, requirements; no input or output."""

from datong.standard._checks import credit_code_ok, phone_ok, region_code_ok, resident_id_ok, resident_id_upgrade
from datong.standard._problem_type import ProblemType
from datong.standard._problems import PROBLEMS, problem_document, problem_type
from datong.standard._regions import PROVINCES
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
    "INTERFACE_VERSION",
    "MANDATORY_CLASSES",
    "PROBLEMS",
    "PROVINCES",
    "ProblemType",
    "conformance_urn",
    "credit_code_ok",
    "phone_ok",
    "problem_document",
    "problem_type",
    "problem_urn",
    "region_code_ok",
    "requirement_urn",
    "resident_id_ok",
    "resident_id_upgrade",
]
