"""Checks of the class batch."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from datong.conformance._checks._shared import (
    ABSENT,
    OK,
    REFUSED,
    grouped,
    identities,
    population,
    population_pages,
    short,
)
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._registry import check
from datong.model import Text

ACCEPTED = 202
_HOOK = Text("No hook of the fixtures changes the source.", "测试数据未提供可变更数据源的钩子。")
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


def lines(each: Exchange) -> list[dict[str, Any]]:
    """Records of an NDJSON file."""
    return [row for row in each.body if isinstance(row, dict)] if isinstance(each.body, list) else []


def manifests(look: Look, label: str = "batch.manifest") -> list[Exchange]:
    return [each for each in look.at(label) if each.status == OK]


def location(each: Exchange) -> str | None:
    return each.header("content-location") or each.header("location")


@check(
    "REQ-BAT-01",
    "Answer an export with 202, Content-Location with the absolute address of the job, and Preference-Applied.",
    "导出请求应返回 202，以 Content-Location 给出任务的绝对地址，并带 Preference-Applied。",
)
def starts(look: Look) -> None:
    base = urlsplit(look.obs.base)
    for each in look.need("batch.start"):
        if look.status(each, ACCEPTED):
            place = each.header("content-location") or ""
            parts = urlsplit(place)
            same = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
            look.expect(same, "Content-Location: https://…", f"Content-Location: {place or '-'}", each)
            applied = each.header("preference-applied") or ""
            look.expect("respond-async" in applied, "Preference-Applied: respond-async", applied or "-", each)


@check(
    "REQ-BAT-02",
    "Answer 202 with Retry-After while the job runs; polling faster than told may give 429 with Retry-After.",
    "任务运行中应返回 202 并带 Retry-After；轮询过频可返回 429 并带 Retry-After。",
)
def polling(look: Look) -> None:
    for each in look.need("batch.poll"):
        if look.status(each, ACCEPTED, OK, 429) and each.status != OK:
            look.expect(each.header("retry-after"), "Retry-After", "-", each)


@check(
    "REQ-BAT-03",
    "Answer a finished job with 200, the manifest and an Expires in the future.",
    "任务完成后应返回 200、清单及未来时刻的 Expires。",
)
def manifest(look: Look) -> None:
    for each in look.need("batch.manifest"):
        if look.status(each, OK) and look.schema(each, "exportManifest"):
            ends, now = _date(each.header("expires")), datetime.fromisoformat(each.started_at)
            future = ends is not None and ends > now
            look.expect(future, Text("Expires in the future", "Expires 为未来时刻"), str(each.header("expires")), each)


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@check(
    "REQ-BAT-04",
    "State format, count, size and SHA-256 of every file as its bytes are.",
    "清单中每个文件的格式、条数、大小与 SHA-256 须与实际字节一致。",
)
def files(look: Look) -> None:
    found = manifests(look)
    if not found:
        look.inconclusive()
    for each in found:
        for kind in ("output", "deleted", "outcome"):
            listed = each.document.get(kind)
            for number, row in enumerate(listed if isinstance(listed, list) else ()):
                tags = {"entry": each.tags.get("entry"), "kind": kind, "number": number}
                for file in look.at("batch.file", **tags):
                    _file(look, row, file)


def _file(look: Look, row: dict[str, Any], file: Exchange) -> None:
    if not look.status(file, OK) or file.response is None:
        return
    size, digest = file.response.size, file.response.sha256
    look.expect(row.get("fileSize") == size, f"fileSize {size}", f"fileSize {row.get('fileSize')}", file)
    look.expect(row.get("sha256") == digest, f"sha256 {digest}", f"sha256 {row.get('sha256')}", file)
    if file.media_type in LINES:
        count = len(lines(file))
        look.expect(row.get("count") == count, f"count {count}", f"count {row.get('count')}", file)


@check(
    "REQ-BAT-05",
    "Export every record that the grant covers and none outside it.",
    "导出须包含授权范围内的全部记录，且不含范围外的记录。",
)
def coverage(look: Look) -> None:
    compared = 0
    for (entry,), found in grouped(look.at("batch.file", kind="output"), "entry").items():
        records, closed = population(look.obs, str(entry))
        facts = look.obs.facts.get("populations", {}).get(entry) or {}
        rows = [row for file in found if file.media_type in LINES for row in lines(file)]
        if not closed or facts.get("params") or not any(file.media_type in LINES for file in found):
            continue
        compared += 1
        known, sent = set(identities(records)), set(identities(rows))
        told = f"{entry}: −{len(known - sent)} +{len(sent - known)}"
        look.expect(known == sent, f"{len(records)}", told, *found)
    for each in look.at("batch.narrowFile", kind="output", scope="items"):
        granted = set(str(each.tags.get("granted")).split(",")) | {"recordId"}
        more = sorted({name for row in lines(each) for name in row} - granted)
        look.expect(not more, short(sorted(granted), 9), short(more), each)
    for (entry,), found in grouped(look.at("batch.narrowFile", kind="output", scope="region"), "entry").items():
        _region(look, str(entry), found)
    if not compared and not look.findings:
        look.inconclusive()


def _region(look: Look, entry: str, found: list[Exchange]) -> None:
    query = look.obs.entries.get(entry, {}).get("query") or {}
    code = look.obs.fixtures.entry(entry).region or "-"
    name = str(query.get("region"))
    outside = [row for file in found for row in lines(file) if not str(row.get(name)).startswith(code)]
    look.expect(not outside, f"region {code}…", f"{entry}: +{len(outside)}", *found)


@check(
    "REQ-BAT-06",
    "With since, export what changed after it alone, and list deletions in deleted[] and nowhere else.",
    "带 since 的导出只含其后的变更，删除的记录只列于 deleted[]。",
)
def since(look: Look) -> None:
    done = look.obs.facts.get("since")
    found = look.at("batch.sinceFile")
    if not isinstance(done, dict) or not found:
        look.inconclusive(_HOOK)
    kinds = {
        kind: [_named(row) for file in found if file.tags.get("kind") == kind for row in lines(file)]
        for kind in ("output", "deleted")
    }
    for action in ("insert", "update"):
        there = done[action] in kinds["output"]
        look.expect(there, f"output: {done[action]}", f"{action}: {short(kinds['output'])}", *found)
    gone = done["delete"] in kinds["deleted"] and done["delete"] not in kinds["output"]
    look.expect(gone, f"deleted: {done['delete']}", short(kinds["deleted"]), *found)
    only = set(kinds["output"]) <= {done["insert"], done["update"]}
    look.expect(only, Text("changes alone", "仅含变更"), short(kinds["output"]), *found)


def _named(row: dict[str, Any]) -> str:
    return str(row.get("recordId") or row.get("subject") or row.get("id"))


@check(
    "REQ-BAT-07",
    "Refuse since with 400 since-unsupported where the source cannot date changes, and say so in the entry.",
    "数据源无法标注变更时间时，应以 400 since-unsupported 拒绝 since，并在目录条目中说明。",
)
def undated(look: Look) -> None:
    for each in look.need("batch.sinceStart"):
        entry = look.obs.entries.get(str(each.tags.get("entry")), {})
        exports = entry.get("exports")
        dated = exports.get("since") if isinstance(exports, dict) else None
        look.expect(isinstance(dated, bool), "exports.since", f"exports.since: {dated}", each)
        if dated is False:
            look.refused(each, REFUSED, "since-unsupported")
        elif dated is True:
            look.status(each, ACCEPTED)


@check(
    "REQ-BAT-08",
    "Answer DELETE of a job with 202; job and files are 404 afterwards.",
    "DELETE 任务应返回 202；之后任务与文件均返回 404。",
)
def deletion(look: Look) -> None:
    for each in look.need("batch.delete"):
        look.expect(each.status == ACCEPTED, "HTTP 202", f"{each.tags.get('when')}: {shown(each)}", each)
    for each in look.at("batch.deleted"):
        look.status(each, ABSENT)


@check(
    "REQ-BAT-09",
    "Start one job for one Idempotency-Key and body; answer 422 to the same key with another body.",
    "相同的 Idempotency-Key 与请求体只启动一个任务；相同键不同请求体应返回 422。",
)
def idempotent(look: Look) -> None:
    found = {str(each.tags.get("turn")): each for each in look.need("batch.idempotent")}
    first, same, other = (found.get(turn) for turn in ("first", "same", "other"))
    if first is None or same is None or other is None or not look.status(first, ACCEPTED):
        return
    one = same.status == 409 or (same.status == ACCEPTED and location(same) == location(first))  # noqa: PLR2004
    look.expect(one, Text("the same job", "同一任务"), f"{shown(same)} {location(same)}", first, same)
    look.status(other, 422)


@check(
    "REQ-BAT-10",
    "Answer 404 to another consumer that asks for a job or its files.",
    "其他使用部门访问任务或文件应返回 404。",
)
def ownership(look: Look) -> None:
    for each in look.need("batch.foreign"):
        look.status(each, ABSENT)


@check(
    "REQ-BAT-11",
    "Report rows that could not be converted in outcome[]: reference and code, no value; output and outcome add up.",
    "无法转换的行应列于 outcome[]，只含行引用与原因代码；导出条数与错误条数之和应等于数据源行数。",
)
def outcome(look: Look) -> None:
    compared = 0
    for (entry,), found in grouped(look.at("batch.file"), "entry").items():
        count = look.obs.fixtures.entry(str(entry)).count
        rows = {kind: [file for file in found if file.tags.get("kind") == kind] for kind in ("output", "outcome")}
        for file in rows["outcome"]:
            for row in lines(file):
                look.schema(file, "faulty", row)
        if count is None:
            continue
        compared += 1
        sums = [sum(len(lines(file)) for file in rows[kind]) for kind in ("output", "outcome")]
        look.expect(sum(sums) == count, f"{count}", f"{entry}: {sums[0]} + {sums[1]}", *found)
    for entry in look.obs.entries:
        population_pages(look, entry)
    if not compared and not look.findings:
        look.inconclusive(Text("The rows of the source are not known.", "未知数据源的行数。"))
