from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from conformance.pages import Page, colours, contrast
from conformance.reporting import every_verdict, hostile, report, same, verdict

from datong.conformance import Report, report_document, report_html
from datong.model import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def html(made: Report, language: Language = "en") -> str:
    return report_html(report_document(made), language)


def whole(made: Report) -> Report:
    """The same target with a verdict on a requirement of every class."""
    return report([*made.verdicts, verdict("REQ-SEC-06", "pass"), verdict("REQ-FID-01", "notApplicable")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_page(language: Language) -> None:
    """The whole page but for its style and script."""
    text = re.sub(
        r"(<style>|<script>).*?(</style>|</script>)", r"\1…\2", html(every_verdict(), language), flags=re.DOTALL
    )
    same(f"report-{language}.html", re.sub(r"sha256-[\w+/=]+", "sha256-…", text))


@pytest.mark.parametrize("made", [every_verdict(), whole(every_verdict()), hostile(), report([])])
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_well_formed(made: Report, language: Language) -> None:
    """Every element closes as it opened, ids are unique, references lead somewhere, headings skip no level."""
    page = Page(html(made, language))
    assert page.faults == []
    assert page.one("html").attributes["lang"] == ("zh-CN" if language == "zh" else "en")
    assert page.one("title").text.strip()
    assert len(page.all("h1")) == len(page.all("main")) == 1
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    levels = [int(each.name[1]) for each in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for each in page.elements:
        for name in ("aria-labelledby", "for"):
            assert set(each.attributes.get(name, "").split()) <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_accessible(language: Language) -> None:
    """Controls have labels, tables have headers, what scrolls can be reached by keyboard, colour is never alone."""
    page = Page(html(whole(every_verdict()), language))
    labelled = {each.attributes.get("for") for each in page.all("label")}
    for each in page.all("input", "select"):
        assert each.attributes.get("id") in labelled or "label" in each.parents
    assert all(each.attributes.get("scope") for each in page.all("th"))
    assert all(each.text.strip() for each in page.all("button", "summary", "label", "legend", "th"))
    regions = [each for each in page.elements if each.attributes.get("class") == "scroll"]
    assert all(each.attributes.get("tabindex") == "0" and each.attributes.get("role") == "region" for each in regions)
    assert all(each.text.strip() for each in page.elements if "badge" in each.attributes.get("class", ""))
    assert all(each.attributes.get("aria-hidden") == "true" for each in page.all("svg"))


def test_colours_can_be_told_apart() -> None:
    """Text has at least 4.5:1 contrast on what it stands on, in the light and in the dark scheme."""
    style = Page(html(every_verdict())).one("style").text
    grounds = [("ink", "page"), ("ink", "card"), ("ink", "code"), ("soft", "page"), ("soft", "card"), ("soft", "code")]
    grounds += [("brand", "page"), ("brand", "card")]
    grounds += [(name, f"{name}-back") for name in ("ok", "mid", "no", "kit", "way", "none")]
    for scheme in colours(style):
        for text, ground in grounds:
            assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground, scheme[text], scheme[ground])
        assert contrast("#fff", scheme["head"]) >= 4.5


@pytest.mark.parametrize("made", [every_verdict(), hostile()])
def test_page_needs_nothing_else(made: Report) -> None:
    """No address outside the page, no inline handler or style, and only the named style and script may run."""
    page = Page(html(made))
    for each in page.elements:
        assert not [name for name in each.attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        assert each.attributes.get("href", "#").startswith("#")
    assert {each.name for each in page.elements} & {"img", "link", "iframe", "object", "embed", "base"} == set()
    policy = next(each for each in page.all("meta") if each.attributes.get("http-equiv") == "Content-Security-Policy")
    named = {
        kind: f"'sha256-{b64encode(sha256(page.one(kind).text.encode()).digest()).decode()}'"
        for kind in ("style", "script")
    }
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src {named['style']}; script-src {named['script']}; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_target_stays_text(language: Language) -> None:
    """What a target sends is shown as text in every place, and makes no element."""
    shape = [each.name for each in Page(html(hostile(), language)).elements]
    assert shape.count("script") == 1
    assert shape.count("a") == len(re.findall(r"<a ", html(hostile(), language)))
    text = html(hostile(), language)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 12
    assert "{{7*7}}" in text


def test_each_failure_has_all_that_is_needed() -> None:
    """Sentence, article, expected against found, request and answer, remedy and the line that repeats it."""
    page = Page(html(every_verdict()))
    failed = next(each for each in page.all("details") if each.attributes.get("id") == "REQ-QRY-02")
    assert "open" in failed.attributes
    for part in (
        "yields each record exactly once",
        "Order 809, Art. 24",
        "38 records",
        "31 records",
        "POST https://adapter.example/v1/datasets/persons/records/_search",
        "Bearer <token:good>",
        "<id:0a1b2c3d4e5f>",
        "application/problem+json",
        "Sort by key, a total order.",
        "curl -sS -i",
        "How it is tested",
    ):
        assert part in failed.text
    links = [each.attributes["href"] for each in page.all("a") if "REQ" in each.attributes["href"]]
    assert links == ["#REQ-QRY-02"]


def test_page_says_what_it_does_not_prove() -> None:
    """A class with an inconclusive MUST is said to be not fully tested, and derived values are said to be derived."""
    text = Page(html(every_verdict())).one("main").text
    assert "Not fully tested, so not passed: Audit log." in text
    assert "Passed only because of a waiver: Core." in text
    assert "they prove that it agrees with itself" in text
    stopped = Page(html(hostile(), "zh")).one("main").text
    assert "alert(1)" in stopped


def browsed(path: Path, folder: Path) -> str:
    """The page after its script has run."""
    command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={folder}", "--dump-dom", path.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_script_runs_under_its_policy(tmp_path: Path) -> None:
    """A browser runs our script and no other: the filters appear, and the number of requirements is told."""
    path = tmp_path / "report.html"
    path.write_text(html(hostile()), encoding="utf-8")
    page = Page(re.sub(r"<!DOCTYPE[^>]*>", "", browsed(path, tmp_path / "profile")))
    form = page.one("form")
    assert "hidden" not in form.attributes
    assert page.one("output").text == "5 of 5 shown"
    assert page.all("img") == []


def test_filters_are_hidden_without_scripts() -> None:
    """With scripts switched off nothing is offered that would not work, and everything can be read."""
    page = Page(html(every_verdict()))
    assert "hidden" in page.one("form").attributes
    assert len([each for each in page.all("details") if each.attributes.get("class") == "result"]) == 9
    assert not [each for each in page.all("details") if "hidden" in each.attributes]
