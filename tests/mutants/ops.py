"""Mutants of the class ops: health, quota, announcements, statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mutants.mutant import LIST, answers, documents, entries, mutant, problems, refused
from mutants.world import Answer, Bench

from datong.guard import Quota
from datong.model import Problem

SCHEMA = "/catalog/offices/schema"


@mutant("OPS-01", "Being alive needs a token.", "存活检查须凭令牌访问。")
def live_guarded(work: Bench) -> None:
    @answers(work, "/health/live")
    def change(answer: Answer) -> None:
        if b"authorization" not in answer.exchange.headers:
            refused(answer, 401, "token-missing")


@mutant("OPS-01", "Being alive tells which database stands behind.", "存活检查暴露数据源信息。", entails="CORE-05")
def live_tells_source(work: Bench) -> None:
    @documents(work, "/health/live")
    def change(document: Any) -> None:
        document["source"] = "sqlite"


@mutant("OPS-01", "Being alive is said in a word of its own.", "存活状态使用自定的词。", entails="CORE-05")
def live_in_other_words(work: Bench) -> None:
    @documents(work, "/health/live")
    def change(document: Any) -> None:
        document["status"] = "UP"


@mutant(
    "OPS-01",
    "The adapter is not alive while its source is down.",
    "数据源停止时存活检查失败。",
    entails="CORE-05",
    during="query",
)
def live_follows_source(work: Bench) -> None:
    @answers(work, "/health/live")
    def change(answer: Answer) -> None:
        if not (work.folder / "legacy.db").exists():
            refused(answer, 503, "source-unavailable")


@mutant("OPS-02", "Readiness says nothing of the clock.", "就绪状态缺少时钟检查。", entails="CORE-05")
def ready_without_clock(work: Bench) -> None:
    @documents(work, "/health/ready")
    def change(document: Any) -> None:
        del document["checks"]["clock"]


@mutant("OPS-02", "Everybody reads the details of readiness.", "所有角色均可查看就绪检查详情。")
def ready_tells_everybody(work: Bench) -> None:
    @documents(work, "/health/ready")
    def change(document: Any) -> None:
        document["checks"]["source"]["detail"] = "3 connections"


@mutant("OPS-02", "A check fails, and all is well.", "检查失败而整体状态仍为正常。")
def ready_in_spite_of_failure(work: Bench) -> None:
    @documents(work, "/health/ready")
    def change(document: Any) -> None:
        document["checks"]["keys"]["status"] = "fail"


@mutant("OPS-02", "The adapter is ready while its source is down.", "数据源停止时仍报告就绪。", during="query")
def ready_without_source(work: Bench) -> None:
    @answers(work, "/health/ready", status=503)
    def change(answer: Answer) -> None:
        checks = {name: {**check, "status": "pass"} for name, check in answer.document["checks"].items()}
        answer.reply.status, answer.reply.code = 200, None
        answer.document = {"status": "pass", "checks": {n: {"status": c["status"]} for n, c in checks.items()}}
        answer.set_header("content-type", "application/json")


@mutant("OPS-03", "The declared quota is not enforced.", "声明的配额未被执行。")
def quota_unenforced(work: Bench) -> None:
    def take(original: Callable[..., str], quota: Quota) -> str:
        try:
            return original(quota)
        except Problem:
            return '"grant";r=0;t=1'

    work.wrap(Quota, "take", take)


@mutant("OPS-03", "Over-use is refused without saying when to come back.", "超出配额时缺少 Retry-After。")
def quota_without_retry(work: Bench) -> None:
    @problems(work, "rate-limited")
    def change(answer: Answer) -> None:
        answer.set_header("retry-after", None)


@mutant("OPS-03", "Over-use is answered as if the service were down.", "超出配额时返回 503。")
def quota_as_unavailable(work: Bench) -> None:
    @problems(work, "rate-limited")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "status": 503}
        answer.reply.status = 503


@mutant("OPS-04", "An item has another type than before, in the same version.", "同一主版本内数据项类型改变。")
def item_retyped(work: Bench) -> None:
    @documents(work, SCHEMA)
    def change(schema: Any) -> None:
        schema["properties"]["title"] = {"type": "integer"}


@mutant("OPS-04", "An item is required that was not before.", "同一主版本内新增必填数据项。")
def item_newly_required(work: Bench) -> None:
    @documents(work, SCHEMA)
    def change(schema: Any) -> None:
        schema["required"] = [*schema.get("required", []), "kitNew"]


@mutant("OPS-04", "An item has gone, in the same version.", "同一主版本内数据项被删除。", entails="CAT-10")
def item_gone(work: Bench) -> None:
    @documents(work, "/catalog/persons/schema")
    def change(schema: Any) -> None:
        del schema["properties"]["memo"]


def _unannounced(work: Bench, path: str, header: str) -> None:
    @answers(work, path)
    def change(answer: Answer) -> None:
        answer.set_header(header, None)


@mutant("OPS-04", "An entry that will change is sent without Deprecation.", "已公告变更的条目应答缺少 Deprecation。")
def entry_without_deprecation(work: Bench) -> None:
    _unannounced(work, "/catalog/offices", "deprecation")


@mutant("OPS-04", "Data that will change is sent without Sunset.", "已公告变更的数据应答缺少 Sunset。")
def data_without_sunset(work: Bench) -> None:
    _unannounced(work, LIST, "sunset")


@mutant("OPS-04", "A change is announced after it holds.", "变更公告时间晚于生效时间。")
def announced_afterwards(work: Bench) -> None:
    @entries(work, "offices")
    def change(entry: Any) -> None:
        notice = entry["changeNotice"]
        notice["announcedAt"], notice["effectiveAt"] = notice["effectiveAt"], notice["announcedAt"]


def _figures(work: Bench, **figures: int) -> None:
    @documents(work, "/stats")
    def change(document: Any) -> None:
        for row in document["items"]:
            row.update(figures)


@mutant("OPS-06", "Statistics know of no failure.", "统计不计失败调用。")
def failures_uncounted(work: Bench) -> None:
    _figures(work, failures=0)


@mutant("OPS-06", "Statistics know of no record served.", "统计不计返回的记录数。")
def records_uncounted(work: Bench) -> None:
    _figures(work, records=0)


@mutant("OPS-06", "Statistics do not give the median duration.", "统计缺少时长中位数。", entails="CORE-05")
def median_missing(work: Bench) -> None:
    @documents(work, "/stats")
    def change(document: Any) -> None:
        for row in document["items"]:
            del row["medianDurationMs"]
