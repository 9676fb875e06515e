"""A small exchange-side and adapter-side server of the optional classes, as the specification has them.

It serves one dataset and two service operations from memory, so that probes and checks of classes that
no adapter serves yet have something to pass on. Nothing is verified here: tokens are read, not checked.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from datong.conformance import Fixtures
from datong.conformance._calendar import working_days_later
from datong.standard import CLASS_PREFIXES, conformance_urn

BASE = "http://127.0.0.1:9/v1"
PROVIDER = "91350100M000100Y43"
DUE = {"unconditional": 1, "conditional": 10}
ORDER = {
    "submitted": ("accepted",),
    "accepted": ("investigating",),
    "investigating": ("resolved", "rejected"),
    "resolved": ("closed",),
    "rejected": ("closed",),
    "closed": (),
}
NDJSON = "application/x-ndjson"
ZONE = ZoneInfo("Asia/Shanghai")
REQUEST_SCHEMA = {
    "type": "object",
    "properties": {"number": {"type": "string"}, "amount": {"type": "integer"}},
    "required": ["number", "amount"],
}
RESPONSE_SCHEMA = {"type": "object", "properties": {"receipt": {"type": "string"}}, "required": ["receipt"]}


class Refused(Exception):
    def __init__(self, status: int, code: str, origin: str = "adapter", **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.origin, self.more = status, code, origin, more


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime | None = None) -> str:
    return (moment or now()).isoformat(timespec="milliseconds")


def item(name: str, **more: Any) -> dict[str, Any]:
    declared = {"name": "数据项", "field": name, "dataType": "C", "wireType": "string", "length": 20, "nullable": True}
    declared |= {"primaryKey": name == "number", "filterable": True, "rangeable": False, "sortable": False}
    return declared | {"sensitive": False, "masked": False, "level": "general", "sharingType": "conditional"} | more


def entry(name: str, kind: str, **more: Any) -> dict[str, Any]:
    methods = ["serviceInterface", "batchExchange", "fileDownload"] if kind == "dataset" else ["serviceInterface"]
    return {
        "catalogId": name,
        "catalogCode": "301001/000001",
        "kind": kind,
        "name": "参保登记",
        "provider": {"name": "某中心", "code": PROVIDER, "office": {"name": "数据共享办公室", "phone": "010-12345678"}},
        "format": "数据库",
        "items": [item("number"), item("region"), item("note")],
        "sharingType": "conditional",
        "sharingTypeCode": "2",
        "sharingMethods": methods,
        "useConditions": {"scope": "社会保险业务", "purposes": ["benefit-check"]},
        "classification": {"level": "general"},
        "updateCycle": "realtime",
        "dataAsOf": stamp(),
        "version": "1.0.0",
        "status": "published",
        "publishedAt": "2026-01-01",
        "updatedAt": "2026-01-01",
    } | more


class Fake:
    def __init__(self) -> None:
        query = {"defaultLimit": 5, "maxLimit": 10, "count": True, "region": "region"}
        people = entry(
            "people", "dataset", query=query, changes={"maxLag": "PT30S", "retention": "P7D"}, exports={"since": True}
        )
        self.entries = {
            "people": people,
            "pay": entry("pay", "service", safe=False),
            "ask": entry("ask", "service", safe=True),
        }
        self.records = {
            f"r{number}": {"number": f"N{number:03d}", "region": "330102" if number % 2 else "440305", "note": "备注"}
            for number in range(12)
        }
        self.grants: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[str, httpx.Response]] = {}
        self.cases: dict[str, dict[str, Any]] = {}
        self.changes: list[dict[str, Any]] = []
        self.calls = 0
        self.hanging = False
        for name in list(self.records)[:3]:
            self.change("created", name)
            self.changes[-1]["time"] = stamp(now() - timedelta(hours=1))

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    # -- the source ---------------------------------------------------------------------------------

    def change(self, kind: str, name: str) -> None:
        row = {"id": f"c{len(self.changes)}", "type": kind, "time": stamp(), "subject": name}
        row |= {"dataVersion": f"v{len(self.changes)}"}
        if kind != "deleted":
            row["data"] = dict(self.records[name])
        self.changes.append(row)

    def hook(self, _: Any, action: str, data: dict[str, Any]) -> dict[str, Any] | None:
        names = list(self.records)
        if action == "count-calls":
            return {"done": True, "calls": self.calls}
        if action in ("hang-source", "start-source"):
            self.hanging = action == "hang-source"
            return {"done": True}
        if action == "insert":
            self.records["r90"] = {"number": "N090", "region": "330102", "note": "新增"}
            self.change("created", "r90")
            return {"done": True, "recordId": "r90"}
        if action in ("update", "correct"):
            self.records[names[1]]["note"] = f"{action} {len(self.changes)}"
            self.change("updated" if action == "update" else "corrected", names[1])
            return {"done": True, "recordId": names[1], "item": "note", "value": self.records[names[1]]["note"]}
        if action == "delete":
            del self.records[names[2]]
            self.change("deleted", names[2])
            return {"done": True, "recordId": names[2]}
        return None

    # -- HTTP ---------------------------------------------------------------------------------------

    def answer(self, request: httpx.Request) -> httpx.Response:
        identity = str(uuid4())
        try:
            response = self.route(request)
        except Refused as refused:
            problem = {"type": f"urn:gds:problem:{refused.code}", "title": refused.code, "status": refused.status}
            problem |= {"detail": refused.code, "code": refused.code, "origin": refused.origin, "requestId": identity}
            body = json.dumps(problem | refused.more).encode()
            kind = {"content-type": "application/problem+json", "www-authenticate": "Bearer"}
            response = httpx.Response(refused.status, headers=kind, content=body)
        response.headers["api-version"] = "1.0.0"
        response.headers["gds-request-id"] = identity
        return response

    def route(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1")
        parts = [part for part in path.split("/") if part]
        public: dict[str, Callable[[], Any]] = {
            "/": self.landing,
            "/conformance": lambda: {"conformsTo": [conformance_urn(name) for name in CLASS_PREFIXES]},
            "/openapi.json": lambda: {"openapi": "3.1.0", "info": {"title": "fake", "version": "1.0.0"}, "paths": {}},
            "/.well-known/gds-adapter": self.discovery,
        }
        if path in public:
            return httpx.Response(200, json=public[path]())
        claims = self.claims(request)
        first = parts[0] if parts else ""
        handlers = {"catalog": self.catalog, "grants": self.granted, "datasets": self.datasets, "jobs": self.job}
        handlers |= {"files": self.file, "corrections": self.correction, "services": self.service}
        handlers |= {"applications": self.application, "adapters": self.adapter}
        if first not in handlers:
            raise Refused(404, "path-unknown")
        return handlers[first](request, parts[1:], claims)

    def landing(self) -> dict[str, Any]:
        names = {"self": "", "service-desc": "openapi.json", "conformance": "conformance", "catalog": "catalog"}
        links = [{"rel": rel, "href": f"{BASE}/{path}"} for rel, path in names.items()]
        return {"title": "fake", "version": "1.0.0", "links": links}

    def discovery(self) -> dict[str, Any]:
        return {"providerId": PROVIDER, "audience": "urn:fake", "algorithms": ["ES256"], "clockSkew": 60} | {
            "maxTokenLifetime": 600,
            "links": [],
        }

    def claims(self, request: httpx.Request) -> dict[str, Any]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            body = token.split(".")[1]
            claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (IndexError, ValueError):
            raise Refused(401, "token-missing") from None
        grant = self.grants.get(claims.get("grantId", ""))
        if claims["role"] == "consumer" and grant is not None and grant["status"] != "active":
            raise Refused(403, f"grant-{grant['status']}")
        return claims

    def scope(self, claims: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (self.grants.get(claims.get("grantId", "")) or {}).get("scope") or {}
        return found

    def seen(self, claims: dict[str, Any]) -> list[dict[str, Any]]:
        scope = self.scope(claims)
        rows = [
            (name, row) for name, row in self.records.items() if row["region"].startswith(scope.get("region") or "")
        ]
        items = scope.get("items")
        return [
            {"recordId": name} | {k: v for k, v in row.items() if items is None or k in items} for name, row in rows
        ]

    # -- catalog, grants, records --------------------------------------------------------------------

    def catalog(self, _: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        if not parts:
            return httpx.Response(200, json=page(list(self.entries.values())))
        if parts[0] not in self.entries:
            raise Refused(404, "entry-unknown")
        if parts[1:] == ["schema"]:
            schema: dict[str, Any] = {"request": REQUEST_SCHEMA, "response": RESPONSE_SCHEMA}
            return httpx.Response(200, json=schema if parts[0] != "people" else {"type": "object"})
        return httpx.Response(200, json=self.entries[parts[0]])

    def granted(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        if request.method == "PUT":
            new = parts[0] not in self.grants
            self.grants[parts[0]] = json.loads(request.content)
            return httpx.Response(201 if new else 200, json=self.grants[parts[0]])
        if parts and parts[0] in self.grants:
            return httpx.Response(200, json=self.grants[parts[0]])
        raise Refused(404, "grant-not-found")

    def datasets(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        what = parts[1] if len(parts) > 1 else ""
        if what == "exports" and request.method == "POST":
            return self.export(request, claims)
        if what == "changes":
            return self.feed(request, claims)
        if what == "files":
            return self.listed(claims)
        if what == "records" and len(parts) == 2:
            params = dict(request.url.params)
            start, limit = int(params.get("cursor", 0)), min(int(params.get("limit", 5)), 10)
            rows = self.seen(claims)
            following = f"{BASE}/datasets/people/records?cursor={start + limit}&limit={limit}"
            more = [{"rel": "next", "href": following}] if start + limit < len(rows) else []
            return httpx.Response(200, json=page(rows[start : start + limit], more) | {"numberMatched": len(rows)})
        if what == "records" and request.method == "POST":
            wanted = json.loads(request.content).get("filter") or {}
            rows = [row for row in self.seen(claims) if all(row.get(k) == v for k, v in wanted.items())]
            return httpx.Response(200, json=page(rows[:10]))
        found = [row for row in self.seen(claims) if row["recordId"] == parts[-1]]
        if what == "records" and found:
            return httpx.Response(200, json=found[0])
        raise Refused(404, "record-unknown")

    # -- batch and file ------------------------------------------------------------------------------

    def once(self, request: httpx.Request, make: Callable[[], httpx.Response]) -> httpx.Response:
        key = request.headers.get("idempotency-key")
        digest = sha256(request.content).hexdigest()
        if key is None:
            return make()
        if key not in self.keys:
            self.keys[key] = digest, make()
        elif self.keys[key][0] != digest:
            raise Refused(422, "idempotency-key-reused")
        kept = self.keys[key][1]
        return httpx.Response(kept.status_code, headers=kept.headers, content=kept.content)

    def export(self, request: httpx.Request, claims: dict[str, Any]) -> httpx.Response:
        def make() -> httpx.Response:
            asked = json.loads(request.content)
            job = f"j{len(self.jobs)}"
            self.jobs[job] = {"owner": claims["consumerId"], "looks": 0, "files": self.written(asked, claims)}
            place = {"content-location": f"{BASE}/jobs/{job}", "preference-applied": "respond-async"}
            return httpx.Response(202, headers=place)

        return self.once(request, make)

    def written(self, asked: dict[str, Any], claims: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        rows, gone = self.seen(claims), []
        if "since" in asked:
            since = datetime.fromisoformat(asked["since"])
            late = [row for row in self.changes if datetime.fromisoformat(row["time"]) >= since]
            gone = [{"recordId": row["subject"]} for row in late if row["type"] == "deleted"]
            touched = {row["subject"] for row in late} - {row["recordId"] for row in gone}
            rows = [row for row in rows if row["recordId"] in touched]
        bad = [] if "since" in asked else [{"rowRef": "13", "field": "note", "code": "unreadable"}]
        form = asked.get("format", "ndjson")
        return {
            "output": [self.stored(rows, claims, form)],
            "deleted": [self.stored(gone, claims, "ndjson")] if gone else [],
            "outcome": [self.stored(bad, claims, "ndjson")] if bad else [],
        }

    def stored(self, rows: list[dict[str, Any]], claims: dict[str, Any], form: str) -> dict[str, Any]:
        if form == "csv":
            names = list(rows[0]) if rows else ["recordId"]
            text = "\r\n".join([",".join(names), *(",".join(row[name] for name in names) for row in rows)])
        else:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        name, content = uuid4().hex, text.encode()
        kind = "text/csv; charset=utf-8" if form == "csv" else NDJSON
        self.files[name] = {"owner": claims["consumerId"], "content": content, "type": kind, "grant": claims["grantId"]}
        digest = sha256(content).hexdigest()
        sizes = {"count": len(rows), "fileSize": len(content), "sha256": digest}
        return {"url": f"{BASE}/files/{name}", "format": form} | sizes

    def job(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        job = self.jobs.get(parts[0])
        if job is None or job["owner"] != claims.get("consumerId"):
            raise Refused(404, "job-unknown")
        if request.method == "DELETE":
            for row in [row for rows in job["files"].values() for row in rows]:
                self.files.pop(row["url"].rsplit("/", 1)[1], None)
            del self.jobs[parts[0]]
            return httpx.Response(202)
        job["looks"] += 1
        if job["looks"] == 1:
            return httpx.Response(202, headers={"retry-after": "0"})
        ends = format_datetime(now() + timedelta(hours=1), usegmt=True)
        manifest = {"transactionTime": stamp(), "requiresAccessToken": True, "consistency": "snapshot"} | job["files"]
        return httpx.Response(200, headers={"expires": ends}, json=manifest)

    def listed(self, claims: dict[str, Any]) -> httpx.Response:
        row = self.stored(self.seen(claims), claims, "csv")
        name = row["url"].rsplit("/", 1)[1]
        self.files[name]["name"] = "参保登记.csv"
        file = {"fileId": name, "name": "参保登记.csv", "mediaType": "text/csv", "size": row["fileSize"]}
        file |= {"sha256": row["sha256"], "publishedAt": stamp(), "href": f"/v1/files/{name}"}
        return httpx.Response(200, json=page([file]))

    def file(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        file = self.files.get(parts[0])
        if file is None or file["owner"] != claims.get("consumerId"):
            raise Refused(404, "file-unknown")
        content: bytes = file["content"]
        tag = f'"{sha256(content).hexdigest()[:16]}"'
        name = quote(file.get("name", "export"))
        digest = b64encode(sha256(content).digest()).decode()
        headers = {"content-type": file["type"], "etag": tag, "repr-digest": f"sha-256=:{digest}:"}
        headers |= {"content-disposition": f"attachment; filename=\"export\"; filename*=UTF-8''{name}"}
        asked = request.headers.get("range")
        if asked and request.headers.get("if-range", tag) == tag:
            start, end = (int(part) for part in asked.removeprefix("bytes=").split("-"))
            if start >= len(content):
                raise Refused(416, "range-invalid")
            part = content[start : end + 1]
            headers["content-range"] = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
            return httpx.Response(206, headers=headers, content=part)
        if "gzip" in request.headers.get("accept-encoding", "") and request.method == "GET":
            return httpx.Response(200, headers=headers | {"content-encoding": "gzip"}, content=gzip.compress(content))
        headers["content-length"] = str(len(content))
        return httpx.Response(200, headers=headers, content=b"" if request.method == "HEAD" else content)

    # -- changes -------------------------------------------------------------------------------------

    def feed(self, request: httpx.Request, claims: dict[str, Any]) -> httpx.Response:
        params = dict(request.url.params)
        cursor = params.get("cursor", "0")
        if cursor == "aged":
            links = [{"rel": "start", "href": f"{BASE}/datasets/people/exports"}]
            raise Refused(410, "cursor-expired", links=links)
        if not cursor.isdecimal():
            raise Refused(400, "cursor-invalid")
        start, limit = int(cursor), int(params.get("limit", 20))
        scope = self.scope(claims)
        rows = []
        for row in self.changes[start : start + limit]:
            data = row.get("data")
            if data is not None and not data["region"].startswith(scope.get("region") or ""):
                continue
            items = scope.get("items")
            kept = {} if data is None else {"data": {k: v for k, v in data.items() if items is None or k in items}}
            rows.append({k: v for k, v in row.items() if k != "data"} | kept)
        following = min(start + limit, len(self.changes))
        more = following < len(self.changes)
        return httpx.Response(200, json={"changes": rows, "nextCursor": str(following), "hasMore": more})

    # -- corrections ---------------------------------------------------------------------------------

    def correction(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        if not parts:
            return self.filed(json.loads(request.content), claims)
        case = self.cases.get(parts[0])
        if case is None or (claims["role"] == "consumer" and case["owner"] != claims["consumerId"]):
            raise Refused(404, "correction-unknown")
        if parts[1:] == ["transitions"]:
            if claims["role"] != "provider":
                raise Refused(403, "role-required")
            self.moved(case["case"], json.loads(request.content))
        return httpx.Response(200, json=case["case"])

    def filed(self, body: dict[str, Any], claims: dict[str, Any]) -> httpx.Response:
        missing = [name for name in ("catalogId", "kind", "description") if name not in body]
        if missing or body["kind"] not in ("quality", "catalog", "service"):
            raise Refused(
                400, "body-invalid", errors=[{"pointer": f"/{n}", "code": "missing"} for n in missing or ["kind"]]
            )
        name = f"k{len(self.cases)}"
        received = now()
        due = working_days_later(received.astimezone(ZONE).date(), 10, calendar().calendar)
        kept = {k: v for k, v in body.items() if k != "locator"}
        case = {"correctionId": name, **kept, "status": "submitted", "receivedAt": stamp(received), "overdue": False}
        case |= {"dueAt": f"{due}T12:00:00+08:00"}
        case["steps"] = [{"status": "submitted", "time": stamp(), "office": "数据共享办公室"}]
        self.cases[name] = {"owner": claims["consumerId"], "case": case}
        return httpx.Response(201, headers={"location": f"{BASE}/corrections/{name}"}, json=case)

    def moved(self, case: dict[str, Any], body: dict[str, Any]) -> None:
        status = body["status"]
        if status not in ORDER[case["status"]]:
            raise Refused(409, "step-illegal")
        if (status == "resolved" and "result" not in body) or (status == "rejected" and "reason" not in body):
            raise Refused(400, "body-invalid")
        case |= {name: body[name] for name in ("result", "explanation", "reason") if name in body} | {"status": status}
        case["steps"].append({"status": status, "time": stamp(), "office": body["office"]})

    # -- services ------------------------------------------------------------------------------------

    def service(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        safe = self.entries[parts[0]]["safe"]
        if not safe and "idempotency-key" not in request.headers:
            raise Refused(400, "idempotency-key-missing")

        def make() -> httpx.Response:
            body = json.loads(request.content)
            wrong = not isinstance(body, dict) or not isinstance(body.get("number"), str)
            if wrong or not isinstance(body.get("amount"), int):
                raise Refused(400, "body-invalid", errors=[{"pointer": "/", "code": "value-invalid"}])
            if self.hanging:
                raise Refused(504, "outcome-unknown", "source")
            if body["number"] == "fault":
                raise Refused(422, "account-closed", "source")
            self.calls += 1
            return httpx.Response(200, json={"receipt": f"OK {body['number']}"})

        return self.once(request, make)

    # -- the exchange --------------------------------------------------------------------------------

    def application(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        if not parts:
            return self.applied(json.loads(request.content))
        case = self.cases.get(parts[0])
        if case is None:
            raise Refused(404, "application-unknown")
        if parts[1:] == ["transitions"]:
            self.stepped(case["case"], json.loads(request.content))
        return httpx.Response(200, json=case["case"])

    def applied(self, body: dict[str, Any]) -> httpx.Response:
        needed = ("catalogId", "basis", "scenario", "scope", "method", "timeLimit", "officeApproval")
        if any(name not in body for name in needed):
            raise Refused(400, "body-invalid")
        name, received = f"a{len(self.cases)}", now()
        days = DUE[self.entries[body["catalogId"]]["sharingType"]]
        due = working_days_later(received.astimezone(ZONE).date(), days, calendar().calendar)
        case = {"applicationId": name, **body, "receivedAt": stamp(received), "replyDueAt": f"{due}T12:00:00+08:00"}
        self.cases[name] = {"case": case | {"extensions": [], "status": "submitted"}}
        return httpx.Response(201, headers={"location": f"/v1/applications/{name}"}, json=self.cases[name]["case"])

    def stepped(self, case: dict[str, Any], body: dict[str, Any]) -> None:
        if "extendBy" in body:
            total = sum(each["extendBy"] for each in case["extensions"]) + body["extendBy"]
            if "approvedBy" not in body or total > 10:
                raise Refused(409, "extension-refused")
            case["extensions"].append(body)
            return
        if body["status"] == "refused" and (not body.get("reasons") or body["reasons"] == ["incomplete"]):
            raise Refused(400 if not body.get("reasons") else 409, "reasons-missing")
        if body["status"] == case["status"]:
            raise Refused(409, "asked-before")
        case["status"] = body["status"]
        if body["status"] == "approved":
            case |= {"grantId": f"g-{case['applicationId']}", "repliedAt": stamp()}
            due = working_days_later(now().astimezone(ZONE).date(), 20, calendar().calendar)
            case["deliverDueAt"] = f"{due}T12:00:00+08:00"
            names = ("catalogId", "basis", "scenario", "scope", "method")
            self.grants[case["grantId"]] = {name: case[name] for name in names} | {"status": "active"}

    def adapter(self, request: httpx.Request, parts: list[str], claims: dict[str, Any]) -> httpx.Response:
        body = json.loads(request.content)
        needed = ("landing", "conformance", "openapi", "catalog", "reportDigest", "reportedAt")
        if any(name not in body for name in needed) or body["reportedAt"].startswith("2020"):
            raise Refused(400, "body-invalid")
        return httpx.Response(201, json={"adapterId": "x"})


def page(rows: list[dict[str, Any]], links: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"items": rows, "numberReturned": len(rows), "timeStamp": stamp(), "links": links or []}


def calendar() -> Fixtures:
    """A work calendar around today, with a holiday and a moved working day."""
    today = now().astimezone(ZONE).date()
    years = [today.year, today.year + 1]
    free = [today + timedelta(days=3)]
    return Fixtures.model_validate({"calendar": {"years": years, "holidays": [str(day) for day in free]}})


def known() -> Fixtures:
    call = {"request": {"number": "N1", "amount": 1}, "response": {"receipt": "OK N1"}}
    call |= {"fault": {"number": "fault", "amount": 1}, "faultCode": "account-closed"}
    people = {"count": 13, "agedCursor": "aged", "region": "33"}
    document = {"entries": {"people": people, "pay": {"service": call}, "ask": {"service": call}}}
    document |= {"hook": {"command": ["none"]}}
    document |= {"calendar": calendar().calendar.model_dump(mode="json")}
    return Fixtures.model_validate(document)
