"""Evidence that outlives a run: a signed bundle from which anybody recomputes every verdict."""

from datong.conformance._evidence._container import Unreadable
from datong.conformance._evidence._faults import Fault
from datong.conformance._evidence._keys import SigningKey, known_signers
from datong.conformance._evidence._verify import Verification, verify_bundle
from datong.conformance._evidence._write import bundle, write_bundle

__all__ = [
    "Fault",
    "SigningKey",
    "Unreadable",
    "Verification",
    "bundle",
    "known_signers",
    "verify_bundle",
    "write_bundle",
]
