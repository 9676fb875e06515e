"""Every check; importing this package registers them."""

from datong.conformance._checks import (  # noqa: F401 - importing registers
    applications,
    audit,
    batch,
    catalog,
    changes,
    core,
    corrections,
    fidelity,
    file,
    ops,
    query,
    query_cases,
    security,
    service,
    verify,
)
