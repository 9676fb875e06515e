"""Says offline which check a token fails, and why."""

from datong.conformance._debug._debug import Diagnosis, Step, debug_token

__all__ = ["Diagnosis", "Step", "debug_token"]
