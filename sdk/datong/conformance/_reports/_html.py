"""One HTML file that needs nothing else: no address outside itself, readable with scripts switched off."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

from datong.conformance._reports._document import ClassResult, ReportDocument, Result
from datong.conformance._reports._told import Told
from datong.conformance._reports._words import CLASS_STATUSES, MEANINGS, PURPOSES, STATUSES, TEST_PROFILE
from datong.conformance._settings import Settings
from datong.conformance._verdict import Status
from datong.model import Language, Text

_LANGUAGES: Final[Mapping[Language, str]] = {"zh": "zh-CN", "en": "en"}
_OPEN: Final = frozenset({"fail", "error", "warning"})
_SETTINGS: Final[dict[str, Text]] = {
    "timeout": Text("Seconds for one request", "单次请求时限（秒）"),
    "budget": Text("Seconds for the whole run", "总时限（秒）"),
    "rate": Text("Requests a second", "每秒请求数"),
    "concurrency": Text("Requests at once", "并发请求数"),
    "body": Text("Most bytes of an answer", "单个应答的最大字节数"),
    "seed": Text("Seed of the generated cases", "生成用例的随机种子"),
    "cases": Text("Generated cases of each kind", "每类生成用例数"),
    "entries": Text("Most entries whose data is tested", "检测数据的条目数上限"),
    "population": Text("Most records walked one by one", "逐条遍历的记录数上限"),
    "samples": Text("Samples of the timing of verification", "核验计时采样数"),
    "burst": Text("Most requests to reach a quota", "达到配额的请求数上限"),
    "wait": Text("Most seconds to wait for an effect", "等待生效的最长时间（秒）"),
}


def report_html(document: ReportDocument, language: Language) -> str:
    """The report for people, in one language; whatever a target sent stands in it as text."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only this report needs it

    page = files("datong.conformance") / "_reports" / "page"
    style, script, template = ((page / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js", "html"))
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    parts = _Page(document, language).parts()
    return environment.from_string(template).render(
        parts,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    def named(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {named(style)}; script-src {named(script)}; base-uri 'none'; form-action 'none'"
    )


def _code(text: str) -> Markup:
    """Text in which `…` marks code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(text.split("`"))
    )


class _Page:
    def __init__(self, document: ReportDocument, language: Language) -> None:
        self.document = document
        self.language: Language = language
        self.told = Told(document, language)

    def parts(self) -> dict[str, Any]:
        document, target = self.document, self.document.target
        tested = [each for each in document.classes if each.claimed or each.status != "notTested"]
        unclaimed = [each.title.to(self.language) for each in document.classes if each not in tested]
        return {
            "d": document,
            "told": self.told,
            "say": self.told.say,
            "code": _code,
            "lang": _LANGUAGES[self.language],
            "name": " ".join(each for each in (target.title, target.version) if each) or target.base,
            "facts": self._facts(),
            "tone": self._tone(),
            "notes": self._notes(),
            "first": [each.requirement for each in document.results if each.status == "fail"],
            "statuses": self._texts(STATUSES),
            "meanings": self._texts(MEANINGS),
            "classes": [self._class(each) for each in tested],
            "unclaimed": self.told.listed(unclaimed),
            "groups": [self._group(each) for each in document.classes],
            "settings": self._settings(document.settings),
            "waits": document.waits,
        }

    def _texts(self, texts: Mapping[Status, Text]) -> dict[str, str]:
        return {name: text.to(self.language) for name, text in texts.items()}

    def _facts(self) -> list[tuple[str, str]]:
        document, target, say = self.document, self.document.target, self.told.say
        rows = [
            (say("Provider", "提供部门"), target.provider),
            (say("Adapter", "适配器"), target.adapter_id),
            (say("Tested", "检测时间"), self.told.when),
            (say("Duration", "用时"), say(f"{document.seconds:.1f} s", f"{document.seconds:.1f} 秒")),
            (say("Requests", "请求次数"), str(document.requests)),
            (say("Interface", "接口版本"), document.kit.interface),
            (say("Kit", "检测工具"), document.kit.version),
        ]
        return [(label, value) for label, value in rows if value]

    def _tone(self) -> str:
        document = self.document
        if document.exit_code:
            return "bad" if document.exit_code == 1 else "kit"
        return "open" if document.untested or not document.counts.get("pass") else "good"

    def _notes(self) -> list[str]:
        notes = [self.document.stopped.to(self.language)] if self.document.stopped else []
        notes += self.told.summary[2:]
        if self.document.target.test_profile:
            notes.append(TEST_PROFILE.to(self.language))
        return notes

    def _class(self, each: ClassResult) -> dict[str, Any]:
        total, at, bars = sum(each.counts.values()) or 1, 0.0, []
        for status, count in each.counts.items():
            width = 100 * count / total
            bars.append({"status": status, "x": f"{at:.2f}", "width": f"{width:.2f}"})
            at += width
        tally = self.told.listed(self.told.count(status, count) for status, count in each.counts.items())
        return {**self._named(each), "bars": bars, "tally": tally}

    def _named(self, each: ClassResult) -> dict[str, Any]:
        return {
            "name": each.conformance,
            "title": each.title.to(self.language),
            "status": each.status,
            "told": CLASS_STATUSES[each.status].to(self.language),
        }

    def _group(self, each: ClassResult) -> dict[str, Any]:
        results = [result for result in self.document.results if result.conformance == each.conformance]
        purpose = PURPOSES[each.conformance].to(self.language)
        return {**self._named(each), "purpose": purpose, "results": [self._result(result) for result in results]}

    def _result(self, result: Result) -> dict[str, Any]:
        language = self.language
        return {
            "requirement": result.requirement,
            "status": result.status,
            "level": result.level,
            "level_told": self.told.level(result),
            "open": result.status in _OPEN,
            "text": result.text.to(language),
            "sources": self.told.sources(result),
            "tested": result.tested.to(language),
            "cited": result.cited,
            "remarks": self.told.remarks(result),
            "findings": [
                {"expected": each.expected.to(language), "found": each.found.to(language)} for each in result.findings
            ],
            "hint": self.told.both(result.hint),
            "evidence": self.told.evidence(result),
        }

    def _settings(self, settings: Settings) -> list[tuple[str, str]]:
        held = settings.model_dump()
        standard = self.told.say("standard: 5, unlimited on loopback", "默认：5，本机回环地址不限")
        rows = [
            (label.to(self.language), standard if held[name] is None else f"{held[name]:g}")
            for name, label in _SETTINGS.items()
        ]
        target, kit = self.document.target, self.document.kit
        rows += [
            (label, value)
            for label, value in (
                (self.told.say("SHA-256 of the certificate", "证书 SHA-256"), target.fingerprint),
                (self.told.say("SHA-256 of its OpenAPI document", "OpenAPI 文档 SHA-256"), target.openapi_digest),
                (self.told.say("SHA-256 of the register of requirements", "要求登记表 SHA-256"), kit.register_digest),
            )
            if value
        ]
        return rows
