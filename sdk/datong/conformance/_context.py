"""What a probe works with: requests, tokens, grants of each kind, walks, and the choice of entries."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict, Unpack
from urllib.parse import quote, urlencode

from datong.conformance._exchange import Header, Tag
from datong.conformance._fixtures import EntryFixtures, Fixtures, GrantKind
from datong.conformance._hook import call_hook
from datong.conformance._issuer import Issuer, Token, Tokens
from datong.conformance._session import Call, Seen, Session
from datong.conformance._settings import Settings

PLAIN_PURPOSE: Final = "kit-check"
MOST_PAGES: Final = 2000
TAKEN: Final = (200, 201, 204)
"""Answers to PUT that say it is done."""
Entry = dict[str, Any]


class More(TypedDict, total=False):
    """Further parts of a request; see `Call`."""

    headers: Sequence[Header]
    json: Any
    content: bytes | None
    patient: bool
    download: bool


class Blocked(Exception):
    """The target refused what every further request of a probe needs."""


@dataclass(frozen=True, slots=True)
class Access:
    """A consumer's grant for one entry, as far as tokens name it."""

    tokens: Tokens
    catalog_id: str
    kind: GrantKind
    grant_id: str
    consumer_id: str
    purpose_id: str
    once: bool
    kept: list[Token] = field(default_factory=list)

    def token(self, name: str | None = None, **claims: Any) -> Token:
        """A good token, or one whose claims differ as given. Reused where the entry allows it."""
        if self.kept and not claims and not self.once and name is None:
            return self.kept[0]
        token = self.tokens.good(name or self.kind, **(self.claims | claims))
        if not claims and name is None:
            self.kept[:] = [token]
        return token

    @property
    def claims(self) -> dict[str, Any]:
        return {
            "consumerId": self.consumer_id,
            "catalogId": self.catalog_id,
            "grantId": self.grant_id,
            "purposeId": self.purpose_id,
        }


class Context:
    """One run. `entries` are catalog entries as read, by id; `facts` are noted for checks."""

    def __init__(self, session: Session, fixtures: Fixtures, settings: Settings, run: str, issuer: Issuer) -> None:
        self.session = session
        self.fixtures = fixtures
        self.settings = settings
        self.run = run
        self.issuer = issuer
        self.random = random.Random(settings.seed)  # noqa: S311 - repeatable cases, no secret
        self.facts: dict[str, Any] = {}
        self.claimed: tuple[str, ...] = ()
        self.discovery: Mapping[str, Any] = {}
        self.entries: dict[str, Entry] = {}
        self.nonce = ""
        self.probe = ""
        self.memory: dict[Any, Any] = {}
        self._tokens: Tokens | None = None
        self._granted: dict[tuple[str, str, str, str], Access] = {}

    # -- requests -----------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        label: str,
        token: Token | None = None,
        tags: Mapping[str, Tag] | None = None,
        **more: Unpack[More],
    ) -> Seen:
        return self.session.send(self.prepared(method, path, label, token, tags, **more))

    def prepared(
        self,
        method: str,
        path: str,
        label: str,
        token: Token | None = None,
        tags: Mapping[str, Tag] | None = None,
        **more: Unpack[More],
    ) -> Call:
        """A request that is not sent yet; the redactor knows its token from now on."""
        if token is not None and token.value is not None:
            self.session.redactor.learn(token.value, token.name)
        told = dict(tags or {}) | ({"token": token.name} if token is not None else {})
        return Call(method, path, label, told, token, **more)

    def get(self, path: str, label: str, token: Token | None = None, /, **tags: Tag) -> Seen:
        return self.call("GET", path, label, token, tags)

    def search(self, access: Access, body: Mapping[str, Any], label: str, /, **tags: Tag) -> Seen:
        path = f"{records(access.catalog_id)}/_search"
        return self.call("POST", path, label, access.token(), {"entry": access.catalog_id, **tags}, json=body)

    def ask(self, access: Access, params: Mapping[str, Any], label: str, /, **tags: Tag) -> Seen:
        path = with_query(records(access.catalog_id), params)
        return self.get(path, label, access.token(), **{"entry": access.catalog_id, **tags})

    def record(self, access: Access, record_id: str, label: str, /, **tags: Tag) -> Seen:
        path = f"{records(access.catalog_id)}/{quote(record_id, safe='')}"
        return self.get(path, label, access.token(), **{"entry": access.catalog_id, **tags})

    def verify(self, access: Access, claims: Sequence[Mapping[str, Any]], label: str, /, **tags: Tag) -> Seen:
        path = f"/datasets/{quote(access.catalog_id, safe='')}/_verify"
        told = {"entry": access.catalog_id, **tags}
        return self.call("POST", path, label, access.token(), told, json={"claims": list(claims)}, patient=False)

    def pages(
        self, access: Access, first: Seen, label: str, most: int = MOST_PAGES, tags: Mapping[str, Tag] | None = None
    ) -> Iterator[Seen]:
        """The first page and those that its `next` links lead to."""
        page = first
        yield page
        told = {"entry": access.catalog_id, **(tags or {})}
        for _ in range(most - 1):
            link = page.link("next")
            if not page.ok or link is None:
                return
            page = self.get(self.session.resolve(page.exchange.path, link), label, access.token(), **told)
            yield page

    def walk(
        self,
        access: Access,
        params: Mapping[str, Any],
        label: str,
        tags: Mapping[str, Tag] | None = None,
        *,
        post: bool = False,
        most: int = MOST_PAGES,
    ) -> list[dict[str, Any]]:
        """Items of every page of a query. `params` as in an address; `post` puts them in a body."""
        told = dict(tags or {})
        first = self.search(access, as_body(params), label, **told) if post else self.ask(access, params, label, **told)
        return [item for page in self.pages(access, first, label, most, told) for item in page.items]

    # -- who calls ----------------------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        if self._tokens is None:
            raise Blocked("no discovery document")
        return self._tokens

    @tokens.setter
    def tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def role(self, role: str) -> Token:
        """A token of a role that is no consumer."""
        kept: Token | None = self.memory.get(("role", role))
        if kept is None:
            kept = self.memory["role", role] = self.tokens.good(role, role)
        return kept

    def consumer(self, name: str) -> str:
        return f"kit-{self.run}-{name}"

    def access(
        self, catalog_id: str, kind: GrantKind = "good", consumer: str = "a", part: str = "", **grant: Any
    ) -> Access:
        """A grant of this kind for the entry, pushed when first asked for.

        Each probe has its own, and each `part` of a probe, since quotas count by grant. Raises Blocked
        when the target does not take it.
        """
        key = (self.probe, catalog_id, kind, f"{consumer} {part}")
        if key not in self._granted:
            self._granted[key] = self._given(catalog_id, kind) or self._pushed(catalog_id, kind, consumer, grant)
        return self._granted[key]

    def _given(self, catalog_id: str, kind: GrantKind) -> Access | None:
        for each in self.fixtures.entry(catalog_id).grants:
            if each.kind == kind:
                return Access(
                    self.tokens,
                    catalog_id,
                    kind,
                    each.grant_id,
                    each.consumer_id,
                    each.purpose_id,
                    self.once(catalog_id),
                )
        return None

    def _pushed(self, catalog_id: str, kind: GrantKind, consumer: str, grant: dict[str, Any]) -> Access:
        name = f"kit-{self.run}-{len(self._granted)}-{kind}"
        body = self.grant(catalog_id, kind, self.consumer(consumer)) | grant
        answer = self.put_grant(name, body, kind=kind, entry=catalog_id)
        if answer.status not in TAKEN:
            self.facts.setdefault("blocked", []).append(f"{self.probe}: {kind}")
            raise Blocked(f"PUT /grants answered {answer.status}")
        return Access(self.tokens, catalog_id, kind, name, body["consumerId"], body["purposeId"], self.once(catalog_id))

    def put_grant(self, grant_id: str, body: Mapping[str, Any], label: str = "grants.put", **tags: Tag) -> Seen:
        path = f"/grants/{quote(grant_id, safe='')}"
        return self.call("PUT", path, label, self.role("exchange"), tags, json={**body, "grantId": grant_id})

    def grant(self, catalog_id: str, kind: GrantKind, consumer_id: str) -> dict[str, Any]:
        """The body of a grant of this kind."""
        now = datetime.now(UTC).replace(microsecond=0)
        start, end = {"future": (1, 3), "past": (-3, -1)}.get(kind, (-0.01, 1))
        masked = kind == "masked"
        return {
            "consumerId": consumer_id,
            "providerId": self.tokens.provider,
            "catalogId": catalog_id,
            "purposeId": self.masked_purpose(catalog_id) if masked else self.purpose(catalog_id),
            "basis": "Order 809, Art. 20: conformance test",
            "scenario": "Conformance test of the standard interface",
            "scope": {},
            "method": ["verify"] if kind == "verify" else self.methods(catalog_id),
            "validFrom": (now + timedelta(days=start)).isoformat(),
            "validUntil": (now + timedelta(days=end)).isoformat(),
            "status": "active",
        }

    # -- what an entry declares ---------------------------------------------------------------------

    def entry(self, catalog_id: str) -> Entry:
        return self.entries.get(catalog_id, {})

    def given(self, catalog_id: str) -> EntryFixtures:
        return self.fixtures.entry(catalog_id)

    def items(self, catalog_id: str) -> dict[str, dict[str, Any]]:
        """Shared items by their wire names."""
        listed = self.entry(catalog_id).get("items")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        return {str(row.get("field")): row for row in rows if row.get("sharingType") != "notShared"}

    def methods(self, catalog_id: str) -> list[str]:
        entry = self.entry(catalog_id)
        named = [each for each in entry.get("sharingMethods") or [] if each in _METHODS]
        return [*named, *(["verify"] if entry.get("verify") else [])] or ["serviceInterface"]

    def purpose(self, catalog_id: str) -> str:
        """The given purpose, else the one that sees most items unmasked."""
        given = self.given(catalog_id).purpose
        if given:
            return given
        shown: list[str] = [
            purpose for item in self.items(catalog_id).values() for purpose in item.get("unmaskedFor") or ()
        ]
        return max(self.purposes(catalog_id), key=shown.count)

    def masked_purpose(self, catalog_id: str) -> str:
        """A purpose that sees fewest items unmasked."""
        given = self.given(catalog_id).masked_purpose
        if given:
            return given
        shown: list[str] = [
            purpose for item in self.items(catalog_id).values() for purpose in item.get("unmaskedFor") or ()
        ]
        return min(self.purposes(catalog_id), key=shown.count)

    def purposes(self, catalog_id: str) -> list[str]:
        conditions = self.entry(catalog_id).get("useConditions")
        named = conditions.get("purposes") if isinstance(conditions, dict) else None
        listed = [each for each in named or [] if isinstance(each, str) and each != "all"]
        return listed or [PLAIN_PURPOSE]

    def once(self, catalog_id: str) -> bool:
        """Whether a token for this entry is used up by one call."""
        classification = self.entry(catalog_id).get("classification")
        level = classification.get("level") if isinstance(classification, dict) else None
        return level in ("important", "core")

    def limits(self, catalog_id: str) -> tuple[int, int]:
        """Default and largest size of a page."""
        query = self.entry(catalog_id).get("query")
        declared = query if isinstance(query, dict) else {}
        default, most = declared.get("defaultLimit"), declared.get("maxLimit")
        return default if isinstance(default, int) else 100, most if isinstance(most, int) else 1000

    @property
    def published(self) -> list[str]:
        """Ids of the entries whose data can be asked for, those with fixtures and most to test first."""
        found = [
            name
            for name, entry in self.entries.items()
            if entry.get("sharingType") in ("unconditional", "conditional") and entry.get("status") == "published"
        ]
        return sorted(found, key=lambda name: (name not in self.fixtures.entries, -_richness(self.entries[name])))

    @property
    def tested(self) -> list[str]:
        """Entries whose records are tested."""
        offered = [name for name in self.published if self.offers(name, "serviceInterface")]
        return offered[: self.settings.entries]

    def offers(self, catalog_id: str, method: str) -> bool:
        return (
            method in (self.entry(catalog_id).get("sharingMethods") or ())
            and self.entry(catalog_id).get("kind") != "service"
        )

    @property
    def main(self) -> str:
        """The entry with most to test. Raises Blocked where none serves data."""
        if not self.published:
            raise Blocked("no entry serves data")
        return (self.tested or self.published)[0]

    # -- the source ---------------------------------------------------------------------------------

    def hook(self, action: str, **data: Any) -> dict[str, Any] | None:
        """What the hook of the fixtures answered; None without one, or where it does not know the action."""
        answer = call_hook(self.fixtures.hook, action, data) if self.fixtures.hook else None
        if answer is not None:
            self.facts.setdefault("hooked", []).append(action)
        return answer


_METHODS: Final = ("serviceInterface", "batchExchange", "fileDownload")


def _richness(entry: Mapping[str, Any]) -> float:
    items = [item for item in entry.get("items") or [] if isinstance(item, dict)]
    flags = ("filterable", "rangeable", "sortable", "sensitive", "masked")
    query = entry.get("query")
    region = isinstance(query, dict) and "region" in query
    return (
        sum(any(item.get(flag) for item in items) for flag in flags)
        + bool(entry.get("verify")) * 2
        + region
        + math.tanh(len(items) / 50)
    )


def records(catalog_id: str) -> str:
    return f"/datasets/{quote(catalog_id, safe='')}/records"


def with_query(path: str, params: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode({name: _text(value) for name, value in params.items()})}" if params else path


def as_body(params: Mapping[str, Any]) -> dict[str, Any]:
    """The body of `_search` that means what these parameters mean in an address."""
    reserved = {"limit", "cursor", "fields", "sort"}
    body: dict[str, Any] = {name: value for name, value in params.items() if name in reserved}
    for name in ("fields", "sort"):
        if isinstance(body.get(name), str):
            body[name] = body[name].split(",")
    filters = {name: value for name, value in params.items() if name not in reserved}
    return body | ({"filter": filters} if filters else {})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
