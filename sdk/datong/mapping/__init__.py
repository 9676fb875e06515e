"""Compiles a dataset's declared mapping, once, into plain functions: legacy row → standard values → JSON."""

from datong.mapping._check import MappingFault, faults
from datong.mapping._compile import compile_dataset
from datong.mapping._conditions import Residual
from datong.mapping._faults import FAULTS, Fault, Faulty, FaultyRow, ValueInvalid
from datong.mapping._masks import MASKS
from datong.mapping._plan import RECORD_ID, Mapped, Plan, View
from datong.mapping._recordid import derive
from datong.mapping._registry import TRANSFORMS, transforms_schema
from datong.mapping._trace import Quality, Step
from datong.mapping._transform import Transform

__all__ = [
    "FAULTS",
    "MASKS",
    "RECORD_ID",
    "TRANSFORMS",
    "Fault",
    "Faulty",
    "FaultyRow",
    "Mapped",
    "MappingFault",
    "Plan",
    "Quality",
    "Residual",
    "Step",
    "Transform",
    "ValueInvalid",
    "View",
    "compile_dataset",
    "derive",
    "faults",
    "transforms_schema",
]
