from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import Command, argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.conformance import Fixtures, Issuer, Listener, Report, Settings, SigningKey, Waiver

BAD_CONFIGURATION = 3
"""What the standard lays down for it; 2 says that the kit or its fixtures failed during the run."""
_POSITIVE = click.FloatRange(0, min_open=True)


class _Conform(Command):
    """A command whose wrong options are bad configuration too, so that 2 keeps its meaning."""

    usage_code = BAD_CONFIGURATION


@command(
    "conform",
    kind=_Conform,
    says=("Prove an adapter from outside.", "从外部检测适配器的一致性。"),
    more=(
        (
            "Sends requests, records every answer and judges each requirement of the standard. URL is the address of "
            "an adapter and ends with /v1; it must trust the key of the kit. With --adapter the adapter of a folder is "
            "started on loopback for the run. Exit codes, as the standard lays down: 0 no failure, 1 at least one, "
            "2 the kit or its fixtures failed or the run ended early, 3 bad configuration, 4 a bug of Datong."
        ),
        (
            "发送请求、记录全部应答，并对标准的各项要求作出判定。URL 为适配器地址，以 /v1 结尾，"
            "且该适配器须信任检测工具的公钥。使用 --adapter 时，在本机启动指定文件夹中的适配器进行检测。"
            "退出码依照标准：0 无不符合项，1 有不符合项，2 检测工具或测试数据出错或检测提前结束，"
            "3 配置有误，4 打通程序自身缺陷。"
        ),
    ),
)
@argument(
    "url",
    metavar="[URL]",
    required=False,
    says=("Address of an adapter; that of the fixtures if left out.", "适配器地址；未给出时取测试数据中的地址。"),
)
@option("--adapter", metavar="DIR", says=("Folder of an adapter to start and test.", "待启动并检测的适配器文件夹。"))
@option("--fixtures", metavar="FILE", says=("What is known of the source, YAML.", "数据源的已知情况（YAML）。"))
@option("--key", metavar="FILE", says=("Private key of the kit, a JWK.", "检测工具的私钥（JWK）。"))
@option(
    "--make-key",
    metavar="FILE",
    says=(
        "Write a new key, show what an adapter must trust, and end.",
        "生成新密钥并显示适配器应信任的内容，然后退出。",
    ),
)
@option("--ca", metavar="FILE", says=("Certificate authority of the target, PEM.", "被测系统证书的签发机构（PEM）。"))
@option(
    "--class",
    "classes",
    multiple=True,
    metavar="NAME[,…]",
    says=("Classes to test; may be repeated.", "待检测的一致性类；可重复给出。"),
)
@option(
    "--only",
    multiple=True,
    metavar="REQ-…[,…]",
    says=("Requirements to judge; may be repeated.", "待判定的要求；可重复给出。"),
)
@option(
    "--waive",
    multiple=True,
    metavar="REQ-…:DAY:REASON",
    says=("Accept a failure until a day (YYYY-MM-DD).", "在指定日期（YYYY-MM-DD）前豁免一项不符合。"),
)
@option(
    "--report",
    "formats",
    multiple=True,
    metavar="FORMAT[,…]",
    says=("Reports to write: html, junit, json.", "待写入的报告：html、junit、json。"),
)
@option(
    "--out", metavar="DIR", default="conformance", says=("Folder that reports are written to.", "报告写入的文件夹。")
)
@option(
    "--bundle",
    metavar="FILE",
    says=("Evidence to write, for `datong verify`.", "待写入的证据包，供 `datong verify` 核验。"),
)
@option(
    "--sign-key",
    metavar="FILE",
    says=(
        "Private key that signs the evidence, made if missing; else one for this bundle.",
        "签署证据包的私钥，文件不存在时生成；未给出时使用一次性密钥。",
    ),
)
@option(
    "--nonce",
    metavar="TEXT",
    says=("Nonce that was given out for this run.", "为本次检测下发的随机数。"),
)
@option(
    "--rate",
    type=_POSITIVE,
    metavar="N",
    says=("Requests a second; else 5, and no limit on loopback.", "每秒请求数；未给出时为 5，本机回环地址不限。"),
)
@option(
    "--timeout",
    type=_POSITIVE,
    metavar="SECONDS",
    says=("For one request; else 10.", "单次请求时限；未给出时为 10。"),
)
@option(
    "--budget",
    type=_POSITIVE,
    metavar="SECONDS",
    says=("For the whole run; else 300.", "总时限；未给出时为 300。"),
)
@option("--seed", type=click.IntRange(0), says=("Seed of the generated cases.", "生成用例的随机种子。"))
@option("--dry-run", is_flag=True, says=("Print the plan; send nothing.", "仅输出计划，不发送请求。"))
@option("--json", "as_json", is_flag=True, says=("Print the report as JSON.", "以 JSON 输出报告。"))
def COMMAND(url: str | None, **asked: Any) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._errors import DEFECT, tell
    from datong.model import DatongError, Problem

    try:
        return _conform(url, asked)
    except BrokenPipeError:
        raise
    except (DatongError, Problem, OSError) as error:
        return DEFECT if tell(error) == DEFECT else BAD_CONFIGURATION


def _conform(url: str | None, asked: dict[str, Any]) -> int:
    if asked["make_key"]:
        return _make_key(Path(asked["make_key"]))
    fixtures, settings = _fixtures(asked), _settings(asked)
    formats = _formats(asked["formats"])
    if asked["dry_run"]:
        from datong.cli._conform_plan import show_plan

        return show_plan(url or asked["adapter"] or fixtures.base, settings, as_json=asked["as_json"])
    signing = _signing(asked)
    with target(url, asked, fixtures) as (base, known, issuer):
        report = _run(base, known, settings, issuer, asked["nonce"])
    code = _tell(report, formats, asked)
    if signing is not None:
        _evidence(report, Path(asked["bundle"]), signing)
    return code


def _run(base: str, fixtures: Fixtures, settings: Settings, issuer: Issuer, nonce: str | None) -> Report:
    from datong.cli._output import console
    from datong.conformance import Progressing, run

    if session().json:
        return run(base, fixtures, settings, issuer=issuer, nonce=nonce)
    with Progressing(console(err=True), session().language) as progress:
        listener: Listener = progress
        return run(base, fixtures, settings, issuer=issuer, listener=listener, nonce=nonce)


def _tell(report: Report, formats: list[str], asked: dict[str, Any]) -> int:
    from datong.cli._output import console, raw
    from datong.conformance import print_report, report_document, report_json, write_reports

    document = report_document(report)
    written = write_reports(document, formats, Path(asked["out"]), session().language)
    if asked["as_json"]:
        sys.stdout.write(report_json(document))
        return report.exit_code
    print_report(document, console(), session().language)
    for path in written:
        raw(session().say("Report: ", "报告：") + str(path))
    return report.exit_code


def _signing(asked: dict[str, Any]) -> SigningKey | None:
    """The key of the evidence, if any is wanted: known to be usable before the run."""
    from datong.conformance import SigningKey
    from datong.model import Text, UsageError

    if asked["bundle"]:
        if not Path(asked["bundle"]).absolute().parent.is_dir():
            title = Text(f"There is no folder for {asked['bundle']}.", f"{asked['bundle']} 所在文件夹不存在。")
            raise UsageError(title, Text("Make it first.", "请先创建该文件夹。"), code="folder-missing")
        return SigningKey.from_file(Path(asked["sign_key"])) if asked["sign_key"] else SigningKey.generate()
    if asked["sign_key"]:
        title = Text("--sign-key signs nothing without --bundle.", "--sign-key 须与 --bundle 一起使用。")
        raise UsageError(title, Text("Add --bundle FILE.", "请加 --bundle FILE。"), code="bundle-missing")
    return None


def _evidence(report: Report, path: Path, key: SigningKey) -> None:
    from datong.cli._output import console
    from datong.conformance import write_bundle

    write_bundle(report, path, key)
    told = session().say(
        f"Evidence: {path}, signed by {key.thumbprint}", f"证据包：{path}，签名密钥指纹 {key.thumbprint}"
    )
    console(err=session().json).print(told, soft_wrap=True)


# -- what was asked for -----------------------------------------------------------------------------------


def _fixtures(asked: dict[str, Any]) -> Fixtures:
    from datong.conformance import Fixtures, load_fixtures

    return load_fixtures(Path(asked["fixtures"])) if asked["fixtures"] else Fixtures()


def _settings(asked: dict[str, Any]) -> Settings:
    from datong.conformance import Settings, requirement_id

    chosen = {name: asked[name] for name in ("timeout", "budget", "rate", "seed", "ca") if asked[name] is not None}
    return Settings(
        classes=tuple(_class(name) for name in _parts(asked["classes"])),
        requirements=tuple(requirement_id(name) for name in _parts(asked["only"])),
        waivers=tuple(_waiver(text) for text in asked["waive"]),
        **chosen,
    )


def _parts(given: tuple[str, ...]) -> list[str]:
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def _class(name: str) -> str:
    from datong.config import choices
    from datong.model import Text, UsageError
    from datong.standard import CLASS_PREFIXES

    if name.lower() in CLASS_PREFIXES:
        return name.lower()
    title = Text(f"There is no conformance class {name}.", f"没有一致性类 {name}。")
    raise UsageError(title, choices(name, list(CLASS_PREFIXES)), code="class-unknown")


def _formats(given: tuple[str, ...]) -> list[str]:
    from datong.config import choices
    from datong.conformance import FORMATS
    from datong.model import Text, UsageError

    for name in (formats := _parts(given)):
        if name not in FORMATS:
            title = Text(f"There is no report {name}.", f"没有报告格式 {name}。")
            raise UsageError(title, choices(name, list(FORMATS)), code="report-unknown")
    return formats


def _waiver(text: str) -> Waiver:
    from datong.conformance import Waiver, requirement_id
    from datong.model import Text, UsageError

    name, _, rest = text.partition(":")
    day, _, reason = rest.partition(":")
    try:
        until = date.fromisoformat(day)
    except ValueError:
        until = None
    if until is None or not reason.strip():
        raise UsageError(
            Text(f"--waive is wrong: {text}.", f"--waive 无效：{text}。"),
            Text("Write REQ-CORE-02:2027-06-30:why.", "请按 REQ-CORE-02:2027-06-30:理由 的形式填写。"),
            code="waiver-invalid",
        )
    return Waiver(requirement=requirement_id(name), reason=reason.strip(), until=until)


# -- the target -------------------------------------------------------------------------------------------


@contextmanager
def target(url: str | None, asked: dict[str, Any], fixtures: Fixtures) -> Iterator[tuple[str, Fixtures, Issuer]]:
    """Its address, what is known of its source, and the issuer that it trusts."""
    from datong.conformance import Issuer
    from datong.model import Text, UsageError

    if url and asked["adapter"]:
        title = Text("URL and --adapter exclude each other.", "URL 与 --adapter 不能同时给出。")
        raise UsageError(title, Text("Name one of them.", "请只给出其中之一。"), code="target-ambiguous")
    if asked["adapter"]:
        with _started(Path(asked["adapter"]), fixtures, Issuer.generate()) as started:
            yield started
        return
    yield _address(url or fixtures.base), fixtures, _issuer(asked, fixtures)


@contextmanager
def _started(folder: Path, fixtures: Fixtures, issuer: Issuer) -> Iterator[tuple[str, Fixtures, Issuer]]:
    from datong.cli._hosted import hosted
    from datong.cli._known import known_of
    from datong.config import load
    from datong.conformance import Hook

    loaded = load(folder)
    known = known_of(loaded, fixtures)
    with hosted(loaded, issuer) as adapter:
        if known.hook is None:
            known = known.model_copy(update={"hook": Hook(url=adapter.hook)})
        yield adapter.base, known, issuer


def _address(url: str | None) -> str:
    from datong.model import Text, UsageError

    if url and url.startswith(("http://", "https://")):
        return url.rstrip("/")
    title = Text("No adapter is named.", "未指定适配器。")
    if url:
        title = Text(f"{url} is no address of an adapter.", f"{url} 不是适配器地址。")
    raise UsageError(
        title,
        Text(
            "Give an address such as https://host/v1, or a folder: --adapter DIR.",
            "请给出形如 https://host/v1 的地址，或用 --adapter 指定文件夹。",
        ),
        code="target-missing",
    )


def _issuer(asked: dict[str, Any], fixtures: Fixtures) -> Issuer:
    from datong.config import resolve
    from datong.conformance import Issuer
    from datong.model import SecretRef, Text, UsageError

    ref, folder = fixtures.issuer.key, Path(asked["fixtures"] or ".").parent
    if asked["key"]:
        ref, folder = SecretRef(file=asked["key"]), Path()
    if ref is None:
        raise UsageError(
            Text("The kit has no key that the adapter trusts.", "检测工具没有该适配器所信任的密钥。"),
            Text(
                "Make one and have the adapter trust it: datong conform --make-key kit.json; then give --key kit.json.",
                "请生成密钥并在适配器中登记：datong conform --make-key kit.json；然后给出 --key kit.json。",
            ),
            code="key-missing",
        )
    try:
        return Issuer.from_jwk(resolve(ref, folder), fixtures.issuer.name)
    except (ValueError, TypeError, KeyError):
        raise UsageError(
            Text("The key of the kit is no private JWK.", "检测工具的密钥不是私有 JWK。"),
            Text("Make one: datong conform --make-key kit.json", "请生成：datong conform --make-key kit.json"),
            code="key-invalid",
        ) from None


def _make_key(path: Path) -> int:
    """The private key in a file that its owner alone reads; what an adapter must trust on the terminal."""
    import json
    import os

    from datong.cli._output import echo_json, line, raw
    from datong.conformance import Issuer

    issuer = Issuer.generate()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(issuer.private()) + "\n")
    trusted = {
        "issuer": issuer.issuer,
        "jwks": issuer.jwks(),
        "roles": ["consumer", "exchange", "provider", "operator"],
    }
    if session().json:
        echo_json(trusted)
        return 0
    told = session().say(
        "What the adapter must have under trust: for the time of the test:", "检测期间，适配器的 trust: 之下须有："
    )
    line(told, err=True)
    raw("  issuers:")
    raw(f"    - {json.dumps(trusted)}")
    return 0
