"""Compiles a dataset's declared mapping, once, into plain functions: legacy row → standard values → JSON."""

from datong.mapping._compile import compile_dataset
from datong.mapping._conditions import Residual
from datong.mapping._faults import FAULTS, Fault, Faulty, FaultyRow, ValueInvalid
from datong.mapping._plan import RECORD_ID, Mapped, Plan, View

__all__ = [
    "FAULTS",
    "RECORD_ID",
    "Fault",
    "Faulty",
    "FaultyRow",
    "Mapped",
    "Plan",
    "Residual",
    "ValueInvalid",
    "View",
    "compile_dataset",
]
