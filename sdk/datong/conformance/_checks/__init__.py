"""Every check; importing this package registers them."""

from datong.conformance._checks import (  # noqa: F401 - importing registers
    audit,
    catalog,
    core,
    fidelity,
    ops,
    query,
    query_cases,
    security,
    verify,
)
