"""Legal but odd: variants of the reference adapter that the kit must not flag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mutants.mutant import Apply, answers, documents
from mutants.world import Answer, Bench

from datong.model import Text


@dataclass(frozen=True)
class Variant:
    id: str
    text: Text
    apply: Apply


VARIANTS: Final[dict[str, Variant]] = {}


def variant(en: str, zh: str) -> Callable[[Apply], Apply]:
    """Register a variant; its id is that of the function."""

    def register(function: Apply) -> Apply:
        name = function.__name__.replace("_", "-")
        VARIANTS[name] = Variant(name, Text(en, zh), function)
        return function

    return register


@variant("Members of every document stand in reverse order.", "所有文档的成员按相反顺序排列。")
def members_reversed(work: Bench) -> None:
    @documents(work, "(?!/openapi).*")
    def change(document: Any) -> Any:
        return reverse(document)


def reverse(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reverse(value[name]) for name in reversed(value)}
    return [reverse(each) for each in value] if isinstance(value, list) else value


@variant("Answers carry headers nobody asked for.", "应答带有额外的响应头。")
def headers_added(work: Bench) -> None:
    @answers(work, ".*", status=0)
    def change(answer: Answer) -> None:
        answer.set_header("x-served-by", "node-7")
        answer.set_header("via", "1.1 gateway")
