"""The sentences that reports share: what is said of a run, and of one result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from datong.conformance._reports._document import ReportDocument, Result
from datong.conformance._reports._evidence import Shown
from datong.conformance._reports._words import LEVELS, STATUSES
from datong.conformance._verdict import Status
from datong.model import Language, Text


class Told:
    """One document in one language."""

    def __init__(self, document: ReportDocument, language: Language) -> None:
        self.document = document
        self.language: Language = language

    def say(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en

    def listed(self, names: Iterable[str]) -> str:
        return self.say(", ", "、").join(names)

    @property
    def title(self) -> str:
        target = self.document.target
        name = " ".join(each for each in (target.title, target.version) if each) or target.base
        return self.say(f"Conformance of {name}", f"{name} 一致性检测")

    @property
    def facts(self) -> list[str]:
        document = self.document
        kit, settings = document.kit, document.settings
        return [
            document.target.base,
            self.say(f"kit {kit.version}", f"检测工具 {kit.version}"),
            self.say(f"interface {kit.interface}", f"接口版本 {kit.interface}"),
            self.when,
            self.say(f"{document.requests} requests", f"{document.requests} 次请求"),
            self.say(f"{document.seconds:.1f} s", f"{document.seconds:.1f} 秒"),
            self.say(f"seed {settings.seed}", f"随机种子 {settings.seed}"),
        ]

    @property
    def when(self) -> str:
        try:
            return datetime.fromisoformat(self.document.started_at).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
        except ValueError:
            return self.document.started_at

    @property
    def counted(self) -> str:
        """`3 failed, 40 passed`"""
        return self.listed(self.count(status, count) for status, count in self.document.counts.items())

    def count(self, status: Status, count: int) -> str:
        name = STATUSES[status]
        return self.say(f"{count} {name.en}", f"{name.zh} {count}")

    @property
    def outcome(self) -> str:
        """The first sentence: it never says more than was seen."""
        counts, untested = self.document.counts, self.document.untested
        if self.document.exit_code == 2:  # noqa: PLR2004 - the code itself
            if not counts.get("error"):
                return self.say("The run ended early: this is no proof.", "检测提前结束，不能作为证明。")
            return self.say(
                "The kit or its fixtures failed: this is no proof.", "检测工具或测试数据出错，不能作为证明。"
            )
        failed = counts.get("fail", 0)
        if failed:
            return self.say(
                f"Not conformant: {failed} {'requirement' if failed == 1 else 'requirements'} failed.",
                f"不符合：{failed} 项要求未满足。",
            )
        if not counts.get("pass"):
            return self.say("Nothing was proven.", "未证明任何一项要求。")
        if untested:
            return self.say("No failure, but not everything was tested.", "未发现不符合项，但检测不完整。")
        return self.say("No failure: what was tested conforms.", "未发现不符合项：所检测的内容均符合。")

    @property
    def summary(self) -> list[str]:
        """The outcome, the counts, and everything that keeps them from meaning more."""
        told = [self.outcome, self.counted]
        if self.document.untested:
            names = self.listed(each.title.to(self.language) for each in self.document.untested)
            told.append(self.say(f"Not fully tested, so not passed: {names}.", f"未完整检测，不能视为符合：{names}。"))
        if self.document.excused:
            names = self.listed(each.title.to(self.language) for each in self.document.excused)
            told.append(self.say(f"Passed only because of a waiver: {names}.", f"因豁免而视为符合：{names}。"))
        if self.document.derived:
            told.append(self.consistency)
        return told

    @property
    def consistency(self) -> str:
        return self.say(
            "Some known values were taken from the target's own answers: they prove that it agrees with itself, "
            "not that it agrees with its source.",
            "部分比对值取自被测系统自身的应答，只能证明其前后一致，不能证明与数据源一致。",
        )

    def level(self, result: Result) -> str:
        return LEVELS[result.level].to(self.language)

    def sources(self, result: Result) -> str:
        return self.say("; ", "；").join(each.to(self.language) for each in result.sources)

    def remarks(self, result: Result) -> list[str]:
        """Reason, waiver, figures and what stays unproven, each as a sentence."""
        told = [result.reason.to(self.language)] if result.reason else []
        if result.waiver:
            day, why = result.waiver.until.isoformat(), result.waiver.reason
            told.append(self.say(f"Waived until {day}: {why}", f"豁免至 {day}：{why}"))
        if result.figures:
            figures = self.listed(f"{name} {value:g}" for name, value in result.figures.items())
            told.append(self.say(f"Measured: {figures}.", f"测得：{figures}。"))
        if result.unproven:
            told.append(result.unproven.to(self.language))
        return told

    def evidence(self, result: Result) -> list[Shown]:
        """The exchanges of its findings that the document holds, each once."""
        ids = dict.fromkeys(id_ for finding in result.findings for id_ in finding.exchanges)
        return [self.document.evidence[id_] for id_ in ids if id_ in self.document.evidence]

    def both(self, text: Text | None) -> str:
        return text.to(self.language) if text else ""
