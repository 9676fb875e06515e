"""What a failure looks like: one sentence, the remedy, and an exit code; a traceback only with --debug."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import click

from datong.cli._command import Command, UnknownCommandError
from datong.cli._output import echo_json, error_line, hint_line, show_findings
from datong.cli._session import session
from datong.config import finding_document
from datong.model import ConfigError, DatongError, Problem, SourceProblem, Text
from datong.standard import problem_type

USAGE, ENVIRONMENT, DEFECT = 2, 3, 4
_CLIENT_ERRORS = range(400, 500)
_UNAVAILABLE = range(502, 600)


def tell(error: BaseException) -> int:
    """Say what failed, on stderr or as JSON on stdout, and return the exit code."""
    if session().debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        title, hint = _usage(error)
        return _say("usage", title, hint, _usage_code(error))
    if isinstance(error, ConfigError):
        return _config(error)
    if isinstance(error, DatongError):
        return _say(error.code, error.title, error.hint, error.exit_code)
    if isinstance(error, Problem):
        return _problem(error)
    if isinstance(
        error, PermissionError | FileNotFoundError | FileExistsError | IsADirectoryError | NotADirectoryError
    ):
        return _file(error)
    return _defect(error)


def _say(code: str, title: Text, hint: Text | None, exit_code: int) -> int:
    language = session().language
    if session().json:
        failure = {"code": code, "title": title.to(language), "hint": hint.to(language) if hint else None}
        echo_json({"ok": False, "error": failure})
        return exit_code
    error_line(title.to(language))
    if hint:
        hint_line(hint.to(language))
    return exit_code


def _config(error: ConfigError) -> int:
    language = session().language
    if session().json:
        failure = {
            "code": error.code,
            "title": error.title.to(language),
            "hint": error.hint.to(language) if error.hint else None,
            "findings": [finding_document(each, language) for each in error.findings],
        }
        echo_json({"ok": False, "error": failure})
        return error.exit_code
    show_findings(error.findings, err=True)
    return _say(error.code, error.title, error.hint, error.exit_code)


def _problem(problem: Problem) -> int:
    kind = problem_type(problem.code)
    code = DEFECT
    if kind.status in _CLIENT_ERRORS:
        code = USAGE
    elif kind.status in _UNAVAILABLE:
        code = ENVIRONMENT
    if isinstance(problem, SourceProblem):
        return _say(problem.code, problem.cause or kind.title, problem.hint, code)
    return _say(problem.code, kind.title, None, code)


def _file(error: OSError) -> int:
    reasons: dict[type[OSError], Text] = {
        PermissionError: Text("permission is missing", "没有权限"),
        FileNotFoundError: Text("there is no such file", "文件不存在"),
        FileExistsError: Text("it exists already", "已存在"),
        IsADirectoryError: Text("it is a folder", "它是文件夹"),
        NotADirectoryError: Text("it is no folder", "它不是文件夹"),
    }
    why = next(text for kind, text in reasons.items() if isinstance(error, kind))
    name = error.filename or ""
    title = Text(f"{name}: {why.en}.", f"{name}:{why.zh}。")
    return _say("file", title, None, ENVIRONMENT)


def _defect(error: BaseException) -> int:
    title = Text(
        f"Datong met a defect of its own: {type(error).__name__} at {_place(error)}.",
        f"打通程序自身出现缺陷：{type(error).__name__}，位于 {_place(error)}。",
    )
    hint = Text(
        "Run the command again with --debug for the details, and report them without the data they may hold.",
        "请加 --debug 重新运行以查看详情，并在去除其中数据后反馈。",
    )
    return _say("defect", title, hint, DEFECT)


def _place(error: BaseException) -> str:
    """Our own innermost line; never the message, which may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "datong" in Path(frame.filename).parts] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"


def _usage_code(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    return context.command.usage_code if context and isinstance(context.command, Command) else USAGE


def _usage(error: click.ClickException) -> tuple[Text, Text]:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "datong"
    tries = Text(f"Try: {command} --help", f"请查看：{command} --help")
    title, near = _what(error)
    if near:
        return title, Text(f"Did you mean {near}? {tries.en}", f"是否想用 {near}？{tries.zh}")
    return title, tries


def _what(error: click.ClickException) -> tuple[Text, str | None]:
    if isinstance(error, UnknownCommandError):
        name = error.name
        near = f"`datong {error.near[0]}`" if error.near else None
        return Text(f"There is no command `{name}`.", f"没有 `{name}` 命令。"), near
    if isinstance(error, click.NoSuchOption):
        near = f"`{min(error.possibilities, key=len)}`" if error.possibilities else None
        name = error.option_name
        return Text(f"There is no option `{name}` here.", f"此命令没有 `{name}` 选项。"), near
    if isinstance(error, click.MissingParameter):
        name = _name(error)
        return Text(f"{name} is missing.", f"缺少 {name}。"), None
    if isinstance(error, click.BadParameter):
        name, wanted = _name(error), _wanted(error)
        return Text(f"{name} is wrong: {wanted.en}.", f"{name} 无效：{wanted.zh}。"), None
    message = error.format_message().rstrip(".")
    extra = message.partition("unexpected extra argument")[2].strip(" s()")
    if extra:
        return Text(f"One argument too many: {extra}.", f"参数过多：{extra}。"), None
    return Text(f"{message}.", f"{message}。"), None


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[-1] if len(parameter.opts) == 1 else max(parameter.opts, key=len)
    return parameter.make_metavar(error.ctx) if parameter is not None and error.ctx else "?"


def _wanted(error: click.BadParameter) -> Text:
    kind: Any = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        names = ", ".join(map(str, kind.choices))
        return Text(f"one of {names} is wanted", f"应为以下之一：{names}")
    if isinstance(kind, click.IntRange):
        return Text(f"a whole number from {kind.min} to {kind.max} is wanted", f"应为 {kind.min} 至 {kind.max} 的整数")
    if isinstance(kind, click.FloatRange):
        return Text(f"a number above {kind.min:g} is wanted", f"应为大于 {kind.min:g} 的数")
    if isinstance(kind, click.types.IntParamType):
        return Text("a whole number is wanted", "应为整数")
    message = error.message.rstrip(".")
    return Text(message, message)
