"""What a person at a terminal sees: progress while the kit works, and the outcome after it."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text as Styled

from datong.conformance._events import Event, ExchangeRecorded, Finished, Judged, Planned, ProbeStarted
from datong.conformance._reports._document import ReportDocument, Result
from datong.conformance._reports._evidence import Shown, excerpt
from datong.conformance._reports._told import Told
from datong.conformance._reports._words import CLASS_STATUSES, STATUSES, TEST_PROFILE
from datong.conformance._reports._wrap import wrapped
from datong.conformance._verdict import Finding, Status
from datong.model import Language, Text

STYLES: Final[dict[Status, str]] = {
    "fail": "bold red",
    "error": "bold magenta",
    "warning": "yellow",
    "inconclusive": "yellow",
    "waived": "cyan",
    "pass": "green",
    "notApplicable": "dim",
}
_CLASS_STYLES: Final = {"passed": "green", "failed": "bold red", "notFullyTested": "yellow", "notTested": "dim"}
_LABEL: Final = 10
_BODY_LINES: Final = 12
_FINDINGS: Final = 5
_DETAILED: Final = ("fail", "error", "warning", "waived")


class Progressing:
    """A listener that shows how far the kit is; silent where `console` is no terminal. Used as a context."""

    def __init__(self, console: Console, language: Language) -> None:
        self._language: Language = language
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.fields[requests]}", style="dim"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._requests = 0
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        start = Text("Reading what the target declares", "正在读取被测系统的声明").to(self._language)
        self._task = self._bar.add_task(start, total=None, requests="")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        if self._task is None:
            return
        match event:
            case Planned():
                self._bar.update(self._task, total=len(event.probes), completed=0)
            case ProbeStarted():
                self._bar.update(self._task, description=event.name, completed=event.number - 1)
            case ExchangeRecorded():
                self._requests += 1
                count = Text(f"{self._requests} requests", f"{self._requests} 次请求").to(self._language)
                self._bar.update(self._task, requests=count)
            case Judged():
                self._bar.update(self._task, description=event.verdict.requirement)
            case Finished():
                self._bar.stop()


def print_report(document: ReportDocument, console: Console, language: Language) -> None:
    """The outcome: head, classes with counts, what needs somebody, and a summary that hides nothing."""
    _Page(document, console, language).print()


class _Page:
    def __init__(self, document: ReportDocument, console: Console, language: Language) -> None:
        self.document = document
        self.console = console
        self.language: Language = language
        self.told = Told(document, language)

    def print(self) -> None:
        self._head()
        self._classes()
        for status in _DETAILED:
            for result in self.document.results:
                if result.status == status:
                    self._result(result)
        self._silent()
        self._summary()

    # -- lines --------------------------------------------------------------------------------------

    def say(self, text: str | Styled = "", style: str = "") -> None:
        line = text if isinstance(text, Styled) else Styled(text, style)
        self.console.print(line, soft_wrap=True)

    def paragraph(self, text: str, indent: str = "", style: str = "") -> None:
        for line in wrapped(text, self.console.width - len(indent)):
            self.say(Styled(indent).append(line, style))

    def labelled(self, label: Text, text: str, style: str = "") -> None:
        """A label in a column of its own, and the text beside it."""
        name = label.to(self.language)
        head = "  " + name + " " * max(1, _LABEL - cell_len(name))
        for line in wrapped(text, self.console.width - _LABEL - 2):
            self.say(Styled(head, "dim").append(line, style))
            head = " " * (_LABEL + 2)

    # -- parts --------------------------------------------------------------------------------------

    def _head(self) -> None:
        self.say(self.told.title, "bold")
        self.paragraph(" · ".join(self.told.facts), style="dim")
        if self.document.target.test_profile:
            self.paragraph(TEST_PROFILE.to(self.language), style="dim")
        if self.document.stopped:
            self.paragraph(self.document.stopped.to(self.language), style="bold red")
        self.say()

    def _classes(self) -> None:
        shown = [each for each in self.document.classes if each.claimed or each.status != "notTested"]
        names = [each.title.to(self.language) for each in shown]
        states = [CLASS_STATUSES[each.status].to(self.language) for each in shown]
        widths = [max(map(cell_len, column), default=0) + 2 for column in (names, states)]
        for each, name, state in zip(shown, names, states, strict=True):
            line = Styled("  ").append(_padded(name, widths[0]))
            line.append(_padded(state, widths[1]), _CLASS_STYLES[each.status])
            for status, count in each.counts.items():
                told = self.told.count(status, count)
                if line.cell_len + cell_len(told) > self.console.width:
                    line.rstrip()
                    self.say(line)
                    line = Styled("    ")
                line.append(told, STYLES[status]).append("  ")
            line.rstrip()
            self.say(line)
        rest = [each.title.to(self.language) for each in self.document.classes if each not in shown]
        if rest:
            text = Text("Not claimed, not tested: ", "未声明，未检测：").to(self.language)
            self.paragraph(text + self.told.listed(rest), "  ", "dim")
        self.say()

    def _result(self, result: Result) -> None:
        head = Styled(STATUSES[result.status].to(self.language), STYLES[result.status])
        head.append(f"  {result.requirement}", "bold").append(f"  {self.told.level(result)}", "dim")
        self.say(head)
        self.paragraph(result.text.to(self.language), "  ")
        self.paragraph(self.told.sources(result), "  ", "dim")
        for finding in result.findings[:_FINDINGS]:
            self._finding(finding)
        if len(result.findings) > _FINDINGS:
            more = len(result.findings) - _FINDINGS
            self.paragraph(Text(f"{more} more in the report", f"其余 {more} 项见报告").to(self.language), "  ", "dim")
        for text in self.told.remarks(result):
            self.paragraph(text, "  ")
        first = next((each for each in self.told.evidence(result)), None)
        if first:
            self._exchange(first)
        if result.hint:
            self.labelled(Text("remedy", "处理建议"), result.hint.to(self.language))
        if first:
            name = Text("again", "重现").to(self.language)
            self.say(Styled(f"  {_padded(name, _LABEL)}", "dim").append(first.curl))
        self.say()

    def _finding(self, finding: Finding) -> None:
        self.labelled(Text("expected", "应为"), finding.expected.to(self.language), "green")
        self.labelled(Text("found", "实为"), finding.found.to(self.language), "red")

    def _exchange(self, shown: Shown) -> None:
        self.labelled(Text("request", "请求"), shown.request)
        if shown.request_body:
            self._excerpt(shown.request_body)
        self.labelled(Text("answer", "应答"), f"{shown.outcome}  {shown.duration_ms:.0f} ms")
        if shown.response_body:
            self._excerpt(shown.response_body)

    def _excerpt(self, text: str) -> None:
        indent = " " * (_LABEL + 2)
        for line in excerpt(text, _BODY_LINES, max(20, self.console.width - len(indent))):
            self.say(Styled(indent).append(line, "dim"))

    def _silent(self) -> None:
        """What is neither passed nor failed, by its reason."""
        reasons: dict[str, list[str]] = {}
        for result in self.document.results:
            if result.status == "inconclusive":
                reason = result.reason.to(self.language) if result.reason else ""
                reasons.setdefault(reason, []).append(result.requirement)
        if not reasons:
            return
        self.say(Text("Inconclusive, which is no pass:", "无法判定（不等于符合）：").to(self.language), "yellow")
        for reason, ids in reasons.items():
            self.paragraph(reason, "  ")
            self.paragraph(self.told.listed(ids), "    ", "dim")
        self.say()

    def _summary(self) -> None:
        style = STYLES[("pass", "fail", "error")[self.document.exit_code]]
        for number, text in enumerate(self.told.summary):
            self.paragraph(text, style=style if number == 0 else "")


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))
