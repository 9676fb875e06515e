"""Every probe; importing this package registers them, in the order in which they run."""

from datong.conformance._probes import declare  # noqa: F401 - importing registers
