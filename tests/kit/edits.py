"""Small changes of recorded exchanges: what a defective target would have answered instead."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from datong.conformance import Exchange, Observations, Response

Edit = Callable[[Exchange], Exchange]


def respond(**changes: Any) -> Edit:
    """Another status, body, header list, size, …"""

    def edit(exchange: Exchange) -> Exchange:
        base = exchange.response or Response(status=200)
        return exchange.model_copy(update={"response": base.model_copy(update=changes), "failure": None})

    return edit


def refuse(status: int, code: str | None = None) -> Edit:
    """A refusal, as a problem with this code."""
    body = {"type": "about:blank", "title": "t", "status": status, "detail": "d", "code": code or "other-code"}
    body |= {"origin": "adapter", "requestId": "00000000-0000-4000-8000-000000000000"}
    kept = (("content-type", "application/problem+json"),)
    return respond(status=status, body=body, headers=kept)


def put(pointer: str, value: Any) -> Edit:
    """A member of the body with another value."""
    return _changed(pointer, lambda place, name: place.__setitem__(name, value))


def cut(pointer: str) -> Edit:
    """The body without a member."""
    return _changed(pointer, lambda place, name: place.__delitem__(name))


def head(name: str, value: str | None) -> Edit:
    """A header with another value, or without it."""

    def edit(exchange: Exchange) -> Exchange:
        kept = exchange.response.headers if exchange.response else ()
        others = tuple((each, text) for each, text in kept if each.lower() != name.lower())
        return respond(headers=others if value is None else (*others, (name, value)))(exchange)

    return edit


def sized(size: int, digest: str | None = None) -> Edit:
    return respond(size=size) if digest is None else respond(size=size, sha256=digest)


def timed(milliseconds: float) -> Edit:
    return lambda exchange: exchange.model_copy(update={"duration_ms": milliseconds})


def tagged(**tags: Any) -> Edit:
    return lambda exchange: exchange.model_copy(update={"tags": {**exchange.tags, **tags}})


def _changed(pointer: str, act: Callable[[Any, Any], None]) -> Edit:
    def edit(exchange: Exchange) -> Exchange:
        body = copy.deepcopy(exchange.body)
        *way, last = pointer.split("/")[1:]
        place = body
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        act(place, int(last) if isinstance(place, list) else last)
        return respond(body=body)(exchange)

    return edit


def edited(observations: Observations, edit: Edit, label: str, *, every: bool = False, **tags: Any) -> Observations:
    """The observations with the first (or every) exchange of a label and tags changed; one must be there."""
    chosen = {each.id for each in observations.at(label, **tags)}
    assert chosen, f"nothing is recorded at {label} {tags}"
    first = min(chosen)
    wanted = chosen if every else {first}
    changed = tuple(edit(each) if each.id in wanted else each for each in observations.exchanges)
    return observations.model_copy(update={"exchanges": changed})


def without(observations: Observations, ids: set[str]) -> Observations:
    kept = tuple(each for each in observations.exchanges if each.id not in ids)
    return observations.model_copy(update={"exchanges": kept})
