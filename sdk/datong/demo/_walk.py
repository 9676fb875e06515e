"""The walk: from a legacy register to guarded, audited answers, every step the real thing."""

from __future__ import annotations

import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from datong.demo import _adapter, _calls, _words
from datong.demo._caller import ENTRY, Caller
from datong.demo._damage import KINDS
from datong.demo._register import Register, build
from datong.demo._screen import Screen
from datong.model import Defect, Language, Text, UsageError
from datong.standard import BASE_PATH

NAME = "pension"
TABLES = {
    "DWXX": Text("employers", "单位信息"),
    "CBRY": Text("insured persons", "参保人员"),
    "JFJL": Text("contributions paid", "缴费记录"),
    "DYFF": Text("benefits paid out", "待遇发放"),
}


def run(
    *,
    once: bool = False,
    language: Language = "en",
    folder: Path | None = None,
    persons: int = 100_000,
    port: int | None = None,
) -> int:
    """Walk the whole main job and print it; the exit code, 0 only if every answer was as expected.

    The register and the adapter are made in `folder`, by default one that is gone afterwards; an
    earlier demonstration there is replaced. Without `once` the adapter stays open until Ctrl-C.
    Raises UsageError where the folder holds something else.
    """
    screen = Screen(language)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="datong-demo-")))
        folder = _prepared(folder)
        _welcome(screen, folder)
        register = _register(screen, folder, persons)
        ran = _make(screen, folder, language)
        seconds = stack.enter_context(_adapter.served(folder / NAME, port := port or _adapter.free_port()))
        origin = f"http://127.0.0.1:{port}"
        caller = Caller(screen, folder / NAME, origin)
        stack.callback(caller.close)
        caller.expect(Text("every command ended well", "各条命令均执行成功"), good=ran)
        _calls.serve(caller, f"{origin}{BASE_PATH}", seconds)
        _calls.everything(caller, register)
        code = _end(caller, register)
        if not once:
            _stay(caller, f"{origin}{BASE_PATH}", folder)
        return code


def _prepared(folder: Path) -> Path:
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    strange = [path.name for path in folder.iterdir() if path.name not in {NAME, "register.db"}]
    if strange:
        raise UsageError(
            Text(
                f"{folder} is no folder of a demonstration: it holds {strange[0]}.",
                f"{folder} 不是演示目录：其中有 {strange[0]}。",
            ),
            Text("Name an empty or a new folder.", "请指定空目录或新目录。"),
        )
    return folder


def _welcome(screen: Screen, folder: Path) -> None:
    screen.title(
        Text("Datong 打通: the main job, end to end", "打通 Datong：主流程演示"),
        Text(f"Everything below really happens, in {folder}", f"以下步骤均为真实执行，工作目录 {folder}"),
    )


def _register(screen: Screen, folder: Path, persons: int) -> Register:
    screen.step(*_words.REGISTER)
    with screen.progress(Text("people", "人员"), persons) as tell:
        register = build(folder / "register.db", persons=persons, tell=tell)
    screen.table(
        _words.TABLES, [(name, TABLES[name].to(screen.language), f"{rows:,}") for name, rows in register.rows.items()]
    )
    damaged = sum(register.damage.values())
    text = Text(
        f"{damaged} rows of CBRY are damaged, in {len(KINDS)} ways; {register.faulty} of them beyond repair.",
        f"CBRY 中有 {damaged} 行损坏，共 {len(KINDS)} 种；其中 {register.faulty} 行无法修复。",
    )
    screen.say(text)
    return register


def _make(screen: Screen, folder: Path, language: Language) -> bool:
    """new, review, check; whether all of it ended well."""
    screen.step(*_words.NEW)
    new = _adapter.datong("new", NAME, "--from", "sqlite:///register.db", "--yes", folder=folder, language=language)
    screen.command(new.shown, new.output, 16)
    if new.status:
        raise Defect(Text("The adapter could not be generated.", "未能生成适配器。"))
    screen.step(*_words.REVIEW)
    review = _adapter.put_review(folder / NAME)
    text = Text(
        f"adapters/pension/adapter.yaml: {review.kept} lines as generated, {review.added} written or changed by hand.",
        f"adapters/pension/adapter.yaml：{review.kept} 行与生成结果相同，{review.added} 行由人工编写或修改。",
    )
    screen.say(text)
    check = _adapter.datong("check", NAME, folder=folder, language=language)
    screen.command(check.shown, check.output, 16)
    return check.status == 0


def _end(caller: Caller, register: Register) -> int:
    total = caller.met + caller.missed
    rows = f"{register.rows['CBRY']:,}"
    whole = Text(
        f"{rows} rows in the register, each served or reported", f"登记库共 {rows} 行，每一行或已提供，或已报告"
    )
    failed = Text("Look for ✗ above.", "请查看上文标有 ✗ 之处。")
    caller.screen.title(
        Text(f"{caller.met} of {total} expectations were met", f"{total} 项预期中有 {caller.met} 项符合"),
        failed if caller.missed else whole,
    )
    return 1 if caller.missed else 0


def _stay(caller: Caller, base: str, folder: Path) -> None:
    """Keep serving until Ctrl-C or a request to end."""
    caller.screen.step(*_words.STAY)
    caller.screen.raw(f"{base}/")
    caller.screen.raw(f"curl -H 'Authorization: Bearer {caller.token()}' '{base}/datasets/{ENTRY}/records?limit=2'")
    more = f"datong token {folder / NAME} {ENTRY} --base {base.removesuffix(BASE_PATH)}"
    caller.screen.say(Text("A token lasts ten minutes. For a new one:", "令牌有效期为十分钟。获取新令牌："))
    caller.screen.raw(more)
    ended = Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: ended.set())
    ended.wait()
