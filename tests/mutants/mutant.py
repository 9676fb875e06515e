"""What a mutant is: one small deliberate defect, and exactly what the kit must find of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mutants.world import Answer, App, Bench, Change

from datong.conformance import Report
from datong.interface._exchange import Exchange, Reply
from datong.interface._gateway import Gateway
from datong.model import Problem, Text
from datong.standard import CLASS_PREFIXES, REQUIREMENTS

Apply = Callable[[Bench], None]


@dataclass(frozen=True)
class Mutant:
    """`violates` are the requirements that the defect breaks; `entails` those that break with them.

    Both must fail, and nothing else may. `may` are side effects that show or not, as the kit draws values.
    `during` are further classes whose probes are needed to see it.
    """

    id: str
    text: Text
    violates: tuple[str, ...]
    entails: tuple[str, ...]
    may: tuple[str, ...]
    during: tuple[str, ...]
    apply: Apply

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes whose probes show the defect, in the order of the standard."""
        named = {REQUIREMENTS[each].conformance for each in (*self.violates, *self.entails)} | {*self.during}
        return tuple(name for name in CLASS_PREFIXES if name in named)

    def missed(self, broken: Iterable[str]) -> list[str]:
        return sorted({*self.violates, *self.entails} - set(broken))

    def collateral(self, broken: Iterable[str]) -> list[str]:
        return sorted(set(broken) - {*self.violates, *self.entails, *self.may, *NOISY})


NOISY: Final = frozenset({"REQ-VER-04"})
"""Measures time: on a busy machine it may warn of any adapter, and only its own mutant must make it."""


MUTANTS: Final[dict[str, Mutant]] = {}


def _ids(text: str) -> tuple[str, ...]:
    return tuple(f"REQ-{each}" for each in text.split())


def mutant(
    violates: str, en: str, zh: str, *, entails: str = "", may: str = "", during: str = ""
) -> Callable[[Apply], Apply]:
    """Register a mutant; its id is that of the function. Requirements by their short ids: `QRY-02 QRY-05`.

    `during` names classes whose requests show what a requirement of another class forbids.
    """

    def register(function: Apply) -> Apply:
        name = function.__name__.replace("_", "-")
        if name in MUTANTS:
            raise ValueError(name)
        MUTANTS[name] = Mutant(
            name, Text(en, zh), _ids(violates), _ids(entails), _ids(may), tuple(during.split()), function
        )
        return function

    return register


# -- what broke ------------------------------------------------------------------------------------

FAULTS: Final = ("fail", "warning", "error")


def marks(report: Report) -> dict[str, set[str]]:
    """What is wrong with each requirement; a check that could not tell is as wrong as one that failed."""
    found: dict[str, set[str]] = {}
    for verdict in report.verdicts:
        if verdict.status in FAULTS:
            found[verdict.requirement] = {f"{each.expected.en}: {each.found.en}" for each in verdict.findings} or {
                verdict.status
            }
        elif verdict.status == "inconclusive":
            found[verdict.requirement] = {"inconclusive"}
    return found


def broken(report: Report, sound: Mapping[str, set[str]], expected: Iterable[str] = ()) -> list[str]:
    """Requirements of which something is wrong that is not wrong with the reference itself.

    Where only some classes were run, that a check saw nothing says nothing unless it is expected.
    """
    blind = {"inconclusive"} if report.observations.settings.classes else set()
    return sorted(
        name
        for name, found in marks(report).items()
        if found - sound.get(name, set()) - (set() if name in expected else blind)
    )


# -- ways to change answers ------------------------------------------------------------------------


def answers(
    work: Bench, path: str, *, method: str = "GET", status: int | tuple[int, ...] = 200
) -> Callable[[Change], Change]:
    """Change answers of the paths that match, by regular expression on the path behind the base."""
    pattern, allowed = re.compile(path), (status,) if isinstance(status, int) else status

    def register(change: Change) -> Change:
        def chosen(answer: Answer) -> None:
            exchange = answer.exchange
            place = exchange.path.removeprefix("/v1")
            if (
                exchange.method in (method, "HEAD" if method == "GET" else method)
                and (0 in allowed or answer.reply.status in allowed)
                and pattern.fullmatch(place)
            ):
                change(answer)

        work.changes.append(chosen)
        return change

    return register


def documents(work: Bench, path: str, **more: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Change the JSON document in place, or return another one."""

    def register(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @answers(work, path, **more)
        def changed(answer: Answer) -> None:
            document = answer.document
            other = change(document)
            answer.document = document if other is None else other

        return change

    return register


def problems(work: Bench, *codes: str) -> Callable[[Change], Change]:
    """Change refusals, of these codes or of all; of paths that nothing serves, too."""

    def register(change: Change) -> Change:
        def made(original: Callable[..., Reply], gateway: Gateway, exchange: Exchange, problem: Problem) -> Reply:
            reply = original(gateway, exchange, problem)
            if not codes or problem.code in codes:
                change(Answer(exchange, reply, {}))
            return reply

        work.wrap(Gateway, "problem", made)
        return change

    return register


def recoded(work: Bench, code: str, other: str) -> None:
    """Refuse with the code of another reason."""

    @problems(work, code)
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "code": other, "type": f"urn:gds:problem:{other}"}
        answer.reply.code = other


def refused(answer: Answer, status: int, code: str) -> None:
    """Make the answer a refusal."""
    title = {"type": f"urn:gds:problem:{code}", "title": "T", "status": status, "detail": "D", "code": code}
    answer.document = {**title, "origin": "adapter", "requestId": answer.exchange.request_id}
    answer.set_header("content-type", "application/problem+json")
    answer.reply.status, answer.reply.code, answer.reply.records = status, code, 0


def requests(work: Bench) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change requests (ASGI scopes) before anything is read of them."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        def layer(app: App) -> App:
            async def changed(scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "http":
                    scope = {**scope, "headers": list(scope["headers"])}
                    change(scope)
                await app(scope, receive, send)

            return changed

        work.outside(layer)
        return change

    return register


def without_parameter(scope: Any, *pairs: str) -> None:
    """Take parameters, written as in the address, out of a request."""
    kept = [each for each in scope["query_string"].split(b"&") if each.decode("latin-1") not in pairs]
    scope["query_string"] = b"&".join(kept)


def sent(work: Bench) -> Callable[[Callable[[Any, Sent], None]], Callable[[Any, Sent], None]]:
    """Change what leaves the adapter, after it was recorded."""

    def register(change: Callable[[Any, Sent], None]) -> Callable[[Any, Sent], None]:
        def layer(app: App) -> App:
            async def changed(scope: Any, receive: Any, send: Any) -> None:
                whole = Sent()
                await app(scope, receive, whole.take)
                change(scope, whole)
                await whole.give(send)

            return changed

        work.outside(layer)
        return change

    return register


@dataclass
class Sent:
    """One whole answer; `parts` is the body as it goes out."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    @body.setter
    def body(self, body: bytes) -> None:
        self.parts = [body]
        if self.header("content-length") is not None:
            self.set_header("content-length", str(len(body)))

    async def take(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.parts.append(message.get("body", b""))

    async def give(self, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for part in self.parts or [b""]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def header(self, name: str) -> str | None:
        return next((value.decode() for key, value in self.headers if key.decode().lower() == name), None)

    def set_header(self, name: str, value: str | None) -> None:
        self.headers = [pair for pair in self.headers if pair[0].decode().lower() != name]
        if value is not None:
            self.headers.append((name.encode(), value.encode()))


ENTRY: Final = r"/catalog/([^/]+)"
LIST: Final = r"/datasets/[^/]+/records"
SEARCH: Final = r"/datasets/[^/]+/records/_search"
ONE: Final = r"/datasets/[^/]+/records/(?!_search)[^/]+"
VERIFY: Final = r"/datasets/[^/]+/_verify"


def entries(work: Bench, only: str = "") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change catalog entries, in the list and alone; `only` names one of them."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        def each(entry: Any) -> None:
            if only in ("", entry["catalogId"]):
                change(entry)

        @documents(work, "/catalog")
        def listed(page: Any) -> None:
            for entry in page["items"]:
                each(entry)

        @answers(work, ENTRY)
        def alone(answer: Answer) -> None:
            if (answer.header("content-type") or "").startswith("application/json"):
                document = answer.document
                each(document)
                answer.document = document

        return change

    return register


def records(work: Bench, only: str = "persons") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change records of an entry, wherever they are served."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        def page(document: Any) -> None:
            for item in document["items"]:
                change(item)

        documents(work, f"/datasets/{only}/records")(page)
        documents(work, f"/datasets/{only}/records/_search", method="POST")(page)
        documents(work, f"/datasets/{only}/records/(?!_search)[^/]+")(change)
        return change

    return register
