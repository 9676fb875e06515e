"""The exchanges of a bundle, held against the links that were signed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from pydantic import ValidationError

from datong.conformance._evidence._container import EXCHANGES, MANIFEST
from datong.conformance._evidence._documents import Manifest, chain, digest, read
from datong.conformance._evidence._faults import Fault, fault
from datong.conformance._exchange import Exchange


def parsed(raw: bytes) -> tuple[Exchange, ...] | None:
    """Every exchange, or None where one cannot be read or two have one id."""
    try:
        found = tuple(Exchange.model_validate(read(line)) for line in _lines(raw))
    except (ValueError, ValidationError, RecursionError):
        return None
    return found if len({each.id for each in found}) == len(found) else None


def compared(raw: bytes, manifest: Manifest) -> Iterator[Fault]:
    """Each exchange that was altered, removed, added or moved, by its id."""
    signed = {link.id: link.digest for link in manifest.exchanges}
    held: dict[str, bytes] = {}
    for number, line in enumerate(_lines(raw), 1):
        id_ = _id(line)
        if id_ is None:
            yield fault("exchange-invalid", EXCHANGES, f"line {number}")
        elif id_ in held or id_ not in signed:
            yield fault("exchange-added", EXCHANGES, id_)
        else:
            held[id_] = line
            if digest(line) != signed[id_]:
                yield fault("exchange-altered", EXCHANGES, id_)
    for id_ in signed:
        if id_ not in held:
            yield fault("exchange-removed", EXCHANGES, id_)
    yield from _order(list(signed), list(held))
    links, head = chain(manifest.nonce, held)
    if len(signed) != len(manifest.exchanges) or (links, head) != (manifest.exchanges, manifest.head):
        yield fault("chain-broken", MANIFEST, "exchanges")


def _order(signed: list[str], held: list[str]) -> Iterator[Fault]:
    """The first exchange that is out of its place; the rest follows from it."""
    there, here = set(held), set(signed)
    was, now = [id_ for id_ in signed if id_ in there], [id_ for id_ in held if id_ in here]
    for expected, found in zip_longest(was, now):
        if expected != found:
            yield fault("exchange-moved", EXCHANGES, found, other=expected)
            return


def _lines(raw: bytes) -> list[bytes]:
    """Lines as the kit writes them, each with its line feed; whatever is behind the last counts as one more."""
    return raw.removesuffix(b"\n").split(b"\n") if raw else []


def _id(line: bytes) -> str | None:
    try:
        document = read(line)
    except (ValueError, RecursionError):
        return None
    id_ = document.get("id") if isinstance(document, dict) else None
    return id_ if isinstance(id_, str) else None
