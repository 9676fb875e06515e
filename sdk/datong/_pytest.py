"""pytest plugin: the requirements of the standard as test items, judged by the conformance kit.

Loaded at every start of pytest where Datong is installed, so it imports nothing but pytest. Nothing is
sent while items are collected: the one run of the kit starts in the setup of the first item.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datong._pytest_run import Judgement, Runner

FOLDER = "datong_folder"
"""Where workers of pytest-xdist find the run that one of them made."""
_RUNNER = pytest.StashKey["Runner"]()
_SHARED = pytest.StashKey[Path]()


class ConformanceWarning(UserWarning):
    """A SHOULD of the standard is not met."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("datong", "conformance to the Government Data Sharing Standard Interface")
    group.addoption("--datong-url", metavar="URL", help="test the adapter at this address, which ends with /v1")
    group.addoption("--datong-adapter", metavar="DIR", help="start the adapter of this folder on loopback and test it")
    group.addoption("--datong-fixtures", metavar="FILE", help="what is known of the source, YAML")
    group.addoption("--datong-key", metavar="FILE", help="private key of the kit that the adapter trusts, a JWK")
    group.addoption(
        "--datong-class", action="append", default=[], metavar="NAME", help="class to test; may be repeated"
    )
    group.addoption("--datong-lang", choices=["en", "zh"], help="language of failures")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "datong: requirements of the standard, judged by the conformance kit")
    if config.getoption("--datong-url") and config.getoption("--datong-adapter"):
        raise pytest.UsageError("--datong-url and --datong-adapter exclude each other")


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_SHARED, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """For each worker of pytest-xdist: the folder in which they share one run."""
    if _asked(node.config):
        if _SHARED not in node.config.stash:
            node.config.stash[_SHARED] = Path(tempfile.mkdtemp(prefix="datong-pytest-"))
        node.workerinput[FOLDER] = str(node.config.stash[_SHARED])


def pytest_report_header(config: pytest.Config) -> str | None:
    target = config.getoption("--datong-url") or config.getoption("--datong-adapter")
    return f"datong: {target}" if target else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add an item for each requirement; first, so that -k, -m and --deselect choose among them too."""
    if not _asked(config):
        return
    from datong._pytest_run import chosen  # noqa: PLC0415 - only where it is asked for

    for name, requirements in chosen(tuple(config.getoption("--datong-class"))).items():
        parent = ConformanceClass.from_parent(session, name=name, nodeid=f"gds.{name}", requirements=requirements)
        report = config.hook.pytest_make_collect_report(collector=parent)
        config.hook.pytest_collectreport(report=report)
        items.extend(report.result)


class ConformanceClass(pytest.Collector):
    """A conformance class; parent of its requirements."""

    def __init__(self, *, requirements: dict[str, str], **more: Any) -> None:
        super().__init__(**more)
        self.requirements = requirements

    def collect(self) -> list[RequirementItem]:
        return [RequirementItem.from_parent(self, name=id_, level=level) for id_, level in self.requirements.items()]


class RequirementItem(pytest.Item):
    """One requirement. The verdict of the kit decides: see `runtest`."""

    def __init__(self, *, level: str, **more: Any) -> None:
        super().__init__(**more)
        self.add_marker("datong")
        self.user_properties.append(("level", level))
        self.judgement: Judgement | None = None

    def setup(self) -> None:
        from datong._pytest_run import Impossible  # noqa: PLC0415 - only where it is asked for

        try:
            self.judgement = _runner(self.config).judgement(self.name)
        except Impossible as why:
            raise NotConformant(str(why)) from None
        self.user_properties.append(("verdict", self.judgement.status))
        if self.judgement.status == "error":
            raise NotConformant(self.judgement.text)

    def runtest(self) -> None:
        """pass → passed; fail → failed; warning → passed with a ConformanceWarning; waived → xfailed;
        notApplicable, inconclusive → skipped with the reason; error, and a run that is impossible → error."""
        judgement = self.judgement
        if judgement is None or judgement.status == "pass":
            return
        if judgement.status == "warning":
            warnings.warn(ConformanceWarning(judgement.text), stacklevel=1)
        elif judgement.status == "waived":
            pytest.xfail(judgement.reason)
        elif judgement.status in ("notApplicable", "inconclusive"):
            pytest.skip(judgement.reason)
        if judgement.status in ("fail", "waived"):
            raise NotConformant(judgement.text)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.config.rootpath / self.nodeid.partition("::")[0], None, self.name


class NotConformant(Exception):
    """A requirement is not met, or could not be judged by a fault of the kit; the text says all of it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Skips are told under the requirement's own name, errors in words: neither by lines of this file."""
    report: Any = yield
    if isinstance(item, RequirementItem):
        if report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (item.nodeid, None, report.longrepr[2].removeprefix("Skipped: "))
        elif call.excinfo is not None and isinstance(call.excinfo.value, NotConformant):
            report.longrepr = report.longrepr if hasattr(report, "wasxfail") else str(call.excinfo.value)
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Each class as a whole: one with a MUST that nothing could show is not passed, though nothing failed."""
    if not _asked(config) or hasattr(config, "workerinput"):
        return
    lines = _runner(config).summary()
    if lines:
        terminalreporter.section("conformance")
        for line in lines:
            terminalreporter.write_line(line)


def _asked(config: pytest.Config) -> bool:
    return bool(config.getoption("--datong-url") or config.getoption("--datong-adapter"))


def _runner(config: pytest.Config) -> Runner:
    if _RUNNER not in config.stash:
        from datong._pytest_run import Options, Runner  # noqa: PLC0415 - only where it is asked for

        shared = getattr(config, "workerinput", {}).get(FOLDER) or config.stash.get(_SHARED, None)
        url, adapter, fixtures, key, language = (
            config.getoption(f"--datong-{name}") for name in ("url", "adapter", "fixtures", "key", "lang")
        )
        classes = tuple(config.getoption("--datong-class"))
        options = Options(url, adapter, fixtures, key, classes, language)
        config.stash[_RUNNER] = Runner(options, Path(shared) if shared else None)
    return config.stash[_RUNNER]
