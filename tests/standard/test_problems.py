from __future__ import annotations

from string import Formatter

import pytest

from datong.model import Language, Problem, SourceProblem, Text, Violation
from datong.standard import PROBLEMS, problem_document, problem_type

REQUEST = "6f1d3f7e-3a60-4a0e-9d53-0d3b2f3a7c11"


def document(problem: Problem, language: Language = "en") -> dict[str, object]:
    return problem_document(problem, language=language, request_id=REQUEST, instance="/v1/x")


@pytest.mark.parametrize("code", PROBLEMS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_renders(code: str, language: Language) -> None:
    """With the params that its template names, a detail has no open place left."""
    params = {place: f"<{place}>" for place in problem_type(code).places}
    detail = document(Problem(code, **params), language)["detail"]
    assert isinstance(detail, str)
    assert all(f"<{place}>" in detail for place in params)
    assert "{" not in detail


@pytest.mark.parametrize("code", PROBLEMS)
def test_missing_params_never_raise(code: str) -> None:
    """A forgotten param costs an ellipsis, not an internal error on the wire."""
    assert ("…" in str(document(Problem(code))["detail"]).replace("Bearer …", "").replace("POST …", "")) == bool(
        problem_type(code).places
    )


@pytest.mark.parametrize("code", PROBLEMS)
def test_languages_name_the_same_places(code: str) -> None:
    """Both languages of a detail say the same, so they name the same places."""
    detail = PROBLEMS[code].detail
    found = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in detail]
    assert found[0] == found[1]


def test_chinese_is_chinese() -> None:
    """Every title and detail has Chinese characters in Chinese and none in English."""
    for kind in PROBLEMS.values():
        for text in (kind.title, kind.detail):
            assert any("\u4e00" <= char <= "\u9fff" for char in text.zh)
            assert text.en.isascii() or set(text.en) - set(map(chr, range(128))) <= {"…"}


def test_codes_of_a_status_family_are_distinct() -> None:
    """REQ-SEC-13: each refusal has its own code, and no two share their words."""
    assert len({kind.title for kind in PROBLEMS.values()}) >= len(PROBLEMS) - 1
    assert len({kind.detail for kind in PROBLEMS.values()}) == len(PROBLEMS)


def test_members() -> None:
    """A document has the members of RFC 9457 and those that REQ-CORE-07 adds."""
    assert document(Problem("wrong-provider", expected="91350100M000100Y43")) == {
        "type": "urn:gds:problem:wrong-provider",
        "title": "The token is for another provider",
        "status": 403,
        "detail": "`providerId` must be `91350100M000100Y43`, the provider of this adapter.",
        "instance": "/v1/x",
        "code": "wrong-provider",
        "origin": "adapter",
        "requestId": REQUEST,
    }


def test_errors_list_every_point() -> None:
    """Each violation is rendered by its own code, in the caller's language, and named in the detail."""
    problem = Problem(
        "parameter-invalid",
        errors=[Violation("limit", "parameter-invalid", {"expected": "1–500"}), Violation("zz", "parameter-unknown")],
    )
    rendered = document(problem, "zh")
    assert rendered["detail"] == "limit、zz 的值无效，应为：1–500。"
    assert rendered["errors"] == [
        {"pointer": "limit", "code": "parameter-invalid", "detail": "limit 的值无效，应为：1–500。"},
        {
            "pointer": "zz",
            "code": "parameter-unknown",
            "detail": "该路径未定义参数：zz。可用参数见 OpenAPI 文档。",
        },
    ]


def test_lists_and_texts_as_params() -> None:
    """Several values are joined as each language joins them; a text is shown in the caller's."""
    problem = Problem("item-not-granted", item=["idNumber", "name"])
    assert "idNumber, name" in str(document(problem)["detail"])
    assert "idNumber、name" in str(document(problem, "zh")["detail"])
    told = Problem("value-invalid", name="birthDate", expected=Text("a date", "日期"))
    assert "按 日期 解析" in str(document(told, "zh")["detail"])


def test_braces_in_a_value_stay_text() -> None:
    """A value that looks like a template is shown as it came."""
    assert "{maximum}" in str(document(Problem("claim-missing", claim="{maximum}"))["detail"])


def test_unregistered_code_reads_as_internal() -> None:
    """A code that the table lacks is our own bug; the caller gets a registered problem."""
    rendered = document(Problem("no-such-code", errors=[Violation("x", "nor-this")]))
    assert (rendered["code"], rendered["status"]) == ("internal", 500)


def test_origin() -> None:
    """What the legacy system did is told as the source's, however it was raised."""
    assert document(SourceProblem("source-timeout"))["origin"] == "source"
    assert document(Problem("source-timeout"))["origin"] == "source"
    assert document(Problem("token-expired"))["origin"] == "adapter"
