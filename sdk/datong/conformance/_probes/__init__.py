"""Every probe; importing this package registers them, in the order in which they run."""

from datong.conformance._probes import (  # noqa: F401, I001 - importing registers, in this order
    declare,
    evidence,
    core,
    catalog,
    query,
    query_cases,
    verify,
    fidelity,
    security,
    batch,
    file,
    changes,
    corrections,
    service,
    applications,
    audit,
    ops,
)
