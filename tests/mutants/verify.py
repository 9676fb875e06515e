"""Mutants of the class verify."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutants.mutant import VERIFY, answers, documents, entries, mutant, problems
from mutants.world import Answer, Bench

from datong.guard import ProbingLimit, _access
from datong.interface import _verify
from datong.interface._core import Core
from datong.interface._exchange import Exchange
from datong.mapping import Plan
from datong.model import Compare


@mutant(
    "VER-01",
    "A claim that cannot be decided is answered with a word of its own.",
    "无法判定的核验返回自定的结果词。",
    entails="CORE-05",
)
def outcome_invented(work: Bench) -> None:
    @documents(work, VERIFY, method="POST")
    def change(document: Any) -> None:
        for result in document["results"]:
            if result["outcome"] == "indeterminate":
                result["outcome"] = "unknown"


@mutant("VER-01", "A claim that cannot be decided is answered as not matching.", "无法判定的核验返回不一致。")
def doubt_is_no(work: Bench) -> None:
    @documents(work, VERIFY, method="POST")
    def change(document: Any) -> None:
        for result in document["results"]:
            if result["outcome"] == "indeterminate":
                result["outcome"] = "noMatch"


@mutant("VER-01", "Answers come in the reverse order of the claims.", "核验结果的顺序与请求相反。")
def results_reversed(work: Bench) -> None:
    @documents(work, VERIFY, method="POST")
    def change(document: Any) -> None:
        document["results"].reverse()


@mutant(
    "VER-01",
    "Only the keys are compared: a wrong value matches.",
    "只比对主键，其他取值不符也返回一致。",
    entails="VER-03",
)
def values_uncompared(work: Bench) -> None:
    def outcome(original: Callable[..., Any], claim: Any, *given: Any) -> str:
        return original(replace(claim, equals=()), *given)

    work.wrap(_verify, "_outcome", outcome)


@mutant("VER-01", "A claim about an item that the entry does not declare is passed over.", "忽略未声明可核验的数据项。")
def undeclared_claim_ignored(work: Bench) -> None:
    def claim(original: Callable[..., Any], given: Any, place: str, declared: Any, *more: Any) -> Any:
        if isinstance(given, dict):
            given = {name: value for name, value in given.items() if not name.startswith("zz")}
        return original(given, place, declared, *more)

    work.wrap(_verify, "_claim", claim)


def _results(work: Bench, name: str, value: Any) -> None:
    @documents(work, VERIFY, method="POST")
    def change(document: Any) -> None:
        for result in document["results"]:
            result[name] = value


@mutant("VER-02", "An answer names the item that differs.", "核验结果指明不一致的数据项。", entails="VER-01 CORE-05")
def differing_item_named(work: Bench) -> None:
    _results(work, "differing", ["status"])


@mutant(
    "VER-02", "An answer counts the records that were looked at.", "核验结果包含记录数量。", entails="VER-01 CORE-05"
)
def records_counted(work: Bench) -> None:
    _results(work, "records", 1)


@mutant("VER-02", "A header of a match holds the stored date of birth.", "一致时的响应头包含所存出生日期。")
def value_in_header(work: Bench) -> None:
    @answers(work, VERIFY, method="POST")
    def change(answer: Answer) -> None:
        if b'"match"' in answer.reply.body:
            answer.set_header("x-born", "1949-10-01")


@mutant("VER-02", "A refused claim is told with the value that is stored.", "拒绝核验时暴露所存的值。")
def value_in_refusal(work: Bench) -> None:
    @problems(work, "claim-too-few-keys")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "detail": "账户余额应为 12345678901234567890.123456"}


def _absent(work: Bench, change: Callable[[Answer], None]) -> None:
    """Change answers about somebody who is not there."""
    seen: list[bool] = []

    def outcome(original: Callable[..., Any], claim: Any, subjects: Any, *given: Any) -> str:
        seen.append(claim.subject not in subjects)
        return original(claim, subjects, *given)

    work.wrap(_verify, "_outcome", outcome)

    @answers(work, VERIFY, method="POST")
    def changed(answer: Answer) -> None:
        if seen and all(seen):
            change(answer)
        seen.clear()


@mutant("VER-03", "A header tells that nobody was found.", "响应头暴露主体不存在。")
def absence_in_header(work: Bench) -> None:
    _absent(work, lambda answer: answer.set_header("x-lookup", "miss"))


@mutant("VER-03", "The answer about an absent person is longer.", "主体不存在时应答更长。")
def absence_in_length(work: Bench) -> None:
    def change(answer: Answer) -> None:
        answer.reply.body += b" "

    _absent(work, change)


@mutant("VER-03", "An absent person cannot be decided about.", "主体不存在时返回无法判定。", entails="VER-01 QRY-08")
def absence_in_outcome(work: Bench) -> None:
    def change(answer: Answer) -> None:
        answer.reply.body = answer.reply.body.replace(b"noMatch", b"indeterminate")

    _absent(work, change)


@mutant("VER-04", "A wrong value takes longer than an absent person.", "取值不符的处理时间长于主体不存在。")
def absence_in_time(work: Bench) -> None:
    def outcome(original: Callable[..., Any], claim: Any, subjects: Any, *given: Any) -> str:
        if claim.subject in subjects:
            time.sleep(0.03)
        return original(claim, subjects, *given)

    work.wrap(_verify, "_outcome", outcome)


@mutant("VER-05", "A claim that names nobody is answered.", "未指明主体的核验仍被答复。")
def keys_not_needed(work: Bench) -> None:
    @answers(work, VERIFY, method="POST", status=400)
    def change(answer: Answer) -> None:
        points = {point["code"] for point in answer.document.get("errors", ())}
        if points == {"claim-too-few-keys"}:
            answer.reply.body, answer.reply.status, answer.reply.code = (
                b'{"results":[{"outcome":"noMatch"}]}',
                200,
                None,
            )
            answer.set_header("content-type", "application/json")


@mutant("VER-06", "As many claims as one likes go into one request.", "单次核验条数不受限制。")
def batch_unlimited(work: Bench) -> None:
    def claims(original: Callable[..., Any], body: Any, declared: Any, *given: Any) -> Any:
        return original(body, declared.model_copy(update={"batch": 1000}), *given)

    work.wrap(_verify, "_claims", claims)


@mutant("VER-06", "One person may be asked about for ever.", "对同一主体的试探不受限制。")
def probing_unlimited(work: Bench) -> None:
    work.patch(ProbingLimit, "take", lambda limit, consumer, subject: None)


@mutant(
    "VER-06", "One person may be asked about twice as often as declared.", "对同一主体的试探次数上限为声明值的两倍。"
)
def probing_limit_doubled(work: Bench) -> None:
    def made(original: Callable[..., Any], limit: ProbingLimit, attempts: Any, *given: Any) -> None:
        original(limit, attempts.model_copy(update={"count": attempts.count * 2}), *given)

    work.wrap(ProbingLimit, "__init__", made)


@mutant(
    "VER-06", "Who asks too often is not told when to come back.", "试探被限制时缺少 Retry-After。", entails="OPS-03"
)
def probing_without_retry(work: Bench) -> None:
    @problems(work, "probing-limited")
    def change(answer: Answer) -> None:
        answer.set_header("retry-after", None)


@mutant("VER-06", "The most claims of one request are not declared.", "未声明单次核验条数上限。", entails="CORE-05")
def batch_undeclared(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        del entry["verify"]["maxClaims"]


def _strict(work: Bench, **rules: bool) -> None:
    def comparable(original: Callable[..., Any], plan: Plan, field: str, value: Any, compare: Any = None) -> Any:
        return original(plan, field, value, (compare or Compare()).model_copy(update=rules))

    work.wrap(Plan, "comparable", comparable)


@mutant("VER-07", "Identity numbers differ by the case of their x.", "身份证号末位 x 区分大小写，与声明不符。")
def case_matters(work: Bench) -> None:
    _strict(work, case=True)


@mutant("VER-07", "A blank at the end of a number makes another number of it.", "末尾空格导致比对不一致，与声明不符。")
def blanks_matter(work: Bench) -> None:
    _strict(work, trim=False)


@mutant("VER-07", "Full-width digits are other digits.", "全角数字导致比对不一致，与声明不符。")
def width_matters(work: Bench) -> None:
    _strict(work, width=False)


@mutant("VER-07", "How values are compared is declared nowhere.", "未声明比对规则。")
def comparison_undeclared(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        del entry["verify"]["compare"]


@mutant("VER-08", "A grant for verification searches records.", "仅授权核验的授权可查询记录。")
def verify_grant_searches(work: Bench) -> None:
    async def admit(original: Callable[..., Any], core: Core, exchange: Exchange, name: str, method: Any) -> Any:
        return await original(core, exchange, name, "verify" if exchange.path.endswith("_search") else method)

    work.wrap(Core, "admit", admit)


@mutant("VER-08", "A grant for verification does not verify.", "仅授权核验的授权无法核验。")
def verify_grant_useless(work: Bench) -> None:
    def covered(original: Callable[..., Any], grant: Any, dataset: Any) -> frozenset[str]:
        found: frozenset[str] = original(grant, dataset)
        return found if "serviceInterface" in grant.method else found - {"verify"}

    work.wrap(_access, "covered", covered)
