"""Mutants of the class core."""

from __future__ import annotations

from typing import Any

from mutants.mutant import answers, documents, mutant
from mutants.world import Answer, Bench


@mutant("CORE-01", "The landing document has no link to the catalog.", "入口文档缺少目录链接。", entails="CORE-05")
def landing_without_catalog(work: Bench) -> None:
    @documents(work, "/")
    def change(document: Any) -> None:
        document["links"] = [link for link in document["links"] if link["rel"] != "catalog"]


@mutant("CORE-01", "A link of the landing document leads nowhere.", "入口文档中有一个链接失效。")
def landing_link_dead(work: Bench) -> None:
    @documents(work, "/")
    def change(document: Any) -> None:
        document["links"][-1]["href"] = "/v1/kit-gone"


@mutant("CORE-02", "A mandatory class is served and not claimed.", "已提供必选的一致性类，但未作声明。")
def conformance_without_audit(work: Bench) -> None:
    @documents(work, "/conformance")
    def change(document: Any) -> None:
        document["conformsTo"].remove("urn:gds:1.0:conf:audit")


@mutant("CORE-06", "Refusals lack API-Version.", "错误应答未带 API-Version。")
def version_missing_on_errors(work: Bench) -> None:
    @answers(work, ".*", status=(400, 401, 403, 404))
    def change(answer: Answer) -> None:
        answer.set_header("api-version", None)
