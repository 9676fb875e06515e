"""What verdicts follow from beside the exchanges: the register of requirements and the kit's own files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from datong.conformance._engine import register_digest
from datong.conformance._evidence._documents import KitIdentity
from datong.standard import INTERFACE_VERSION, REQUIREMENTS

_ASIDE: Final = frozenset({"_evidence", "_reports", "__pycache__"})
"""What only shows or carries what was judged."""
_KINDS: Final = (".py", ".json")


def register() -> dict[str, Any]:
    """The requirements as this kit knows them."""
    rows = {
        each.id: {"level": each.level, "class": each.conformance, "text": {"en": each.text.en, "zh": each.text.zh}}
        for each in REQUIREMENTS.values()
    }
    return {"interface": INTERFACE_VERSION, "digest": register_digest(), "requirements": rows}


def identity() -> KitIdentity:
    return KitIdentity(
        version=version("datong"),
        interface=INTERFACE_VERSION,
        register_digest=register_digest(),
        sources_digest=_sources_digest(),
    )


@cache
def _sources_digest() -> str:
    """SHA-256 over name and digest of each file, sorted by name."""
    found = {}
    for package in ("datong.conformance", "datong.standard"):
        for name, file in _files(files(package), package):
            found[name] = sha256(file.read_bytes()).hexdigest()
    return sha256("".join(f"{name} {found[name]}\n" for name in sorted(found)).encode()).hexdigest()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        name = f"{path}/{each.name}"
        if each.is_dir() and each.name not in _ASIDE:
            yield from _files(each, name)
        elif each.is_file() and each.name.endswith(_KINDS):
            yield name, each
