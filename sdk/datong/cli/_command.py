"""Commands, options and help in two languages, on click.

click alone, not typer: typer brings rich and pydantic-sized start-up with it and `datong --help`
has 0.15 s; and its help cannot be switched between languages at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from datong.cli._session import Both, session
from datong.cli._width import cells, pad, terminal_width, wrap

_INDENT = "  "
_GAP = 2
_FIRST_COLUMN = 30


class Option(click.Option):
    def __init__(self, *args: Any, says: Both = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.says = says

    def told(self) -> str:
        """The help sentence with its default, in the session's language."""
        text = session().pick(self.says)
        if self.is_flag or not isinstance(self.default, str | int):
            return text
        return text + session().say(f" [default: {self.default}]", f" [默认：{self.default}]")


class Argument(click.Argument):
    def __init__(self, *args: Any, says: Both = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.says = says


def option(*names: str, says: Both, **kwargs: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=Option, says=says, **kwargs)


def argument(name: str, says: Both, **kwargs: Any) -> Callable[[Any], Any]:
    return click.argument(name, cls=Argument, says=says, **kwargs)


class Command(click.Command):
    """A command whose help is laid out by us: by cells, and in the session's language."""

    usage_code = 2
    """Exit code of a wrong option or argument."""

    def __init__(self, *args: Any, says: Both = ("", ""), more: Both = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.says = says
        self.more = more

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:  # noqa: ARG002 - click's signature
        return [*self.params, *_shared()]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:  # noqa: ARG002 - click's signature
        return None  # it is one of the shared options, so that its sentence has two languages

    def get_help(self, ctx: click.Context) -> str:
        return "\n".join(_help(self, ctx))


def command(
    name: str, *, says: Both, more: Both = ("", ""), kind: type[Command] = Command
) -> Callable[[Callable[..., Any]], Command]:
    """`says` is one sentence, `more` what a person must know before using it."""
    return click.command(name, cls=kind, says=says, more=more)


class Group(click.Group):
    """Names, modules and one line of help for each command; the module is imported when it is asked for."""

    def __init__(self, table: Mapping[str, Both], *, says: Both) -> None:
        super().__init__(name="datong", invoke_without_command=True)
        self.table = table
        self.says = says

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:  # noqa: ARG002 - click's signature
        return [*self.params, *_shared(), _version_option()]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:  # noqa: ARG002 - click's signature
        return None

    def invoke(self, ctx: click.Context) -> Any:
        if not ctx._protected_args and not ctx.args:  # noqa: SLF001 - click has no public name for the command that was named
            click.echo(ctx.get_help())
            return 0
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in self.table:
            return None
        module = import_module("datong.cli._" + cmd_name.replace("-", "_"))
        found: click.Command = module.COMMAND
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.table:
            raise UnknownCommandError(args[0], get_close_matches(args[0], self.table, n=1), ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        say = session().say
        width = terminal_width()
        lines = [say("Usage: datong COMMAND …", "用法：datong 命令 …"), ""]
        lines += [*wrap(session().pick(self.says), width), "", say("Commands:", "命令：")]
        lines += _table([(name, session().pick(both)) for name, both in self.table.items()], width)
        lines += ["", say("Options:", "选项："), *_table(_option_rows(self, ctx), width), ""]
        lines += wrap(say("More about a command: datong COMMAND --help", "查看命令详情：datong 命令 --help"), width)
        return "\n".join(lines)


class UnknownCommandError(click.UsageError):
    def __init__(self, name: str, near: list[str], ctx: click.Context) -> None:
        super().__init__(name, ctx)
        self.name = name
        self.near = near


def _show_help(ctx: click.Context, _: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's signature
    if given and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


def _show_version(ctx: click.Context, _: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's signature
    if given and not ctx.resilient_parsing:
        from datong import __version__

        click.echo(f"datong {__version__}")
        ctx.exit()


def _shared() -> Iterator[click.Parameter]:
    """Read before parsing by the session; stand here to be accepted, checked and shown."""
    quiet: dict[str, Any] = {"expose_value": False}
    says = ("Language of everything printed.", "输出语言。")
    yield Option(["--lang"], type=click.Choice(["zh", "en"]), says=says, **quiet)
    yield Option(
        ["--debug"],
        is_flag=True,
        says=("Show the traceback of an unexpected failure.", "出现意外故障时显示堆栈。"),
        **quiet,
    )
    says = ("Show this help.", "显示本帮助。")
    yield Option(["--help", "-h"], is_flag=True, is_eager=True, callback=_show_help, says=says, **quiet)


def _version_option() -> Option:
    says = ("Print the version.", "显示版本号。")
    return Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, says=says)


def _help(command: Command, ctx: click.Context) -> Iterator[str]:
    say = session().say
    width = terminal_width()
    arguments = [each for each in command.params if isinstance(each, Argument)]
    usage = " ".join([ctx.command_path, *(each.make_metavar(ctx) for each in arguments), say("[OPTIONS]", "[选项]")])
    yield from wrap(say("Usage: ", "用法：") + usage, width)
    yield ""
    yield from wrap(session().pick(command.says), width)
    if command.more[0]:
        yield ""
        yield from wrap(session().pick(command.more), width)
    if arguments:
        yield from ("", say("Arguments:", "参数："))
        yield from _table([(each.make_metavar(ctx), session().pick(each.says)) for each in arguments], width)
    yield from ("", say("Options:", "选项："))
    yield from _table(_option_rows(command, ctx), width)


def _option_rows(command: click.Command, ctx: click.Context) -> list[tuple[str, str]]:
    options = [each for each in command.get_params(ctx) if isinstance(each, Option)]
    return [(_names(each, ctx), each.told()) for each in options]


def _names(each: Option, ctx: click.Context) -> str:
    names = ", ".join(each.opts)
    if each.secondary_opts:
        names += " / " + ", ".join(each.secondary_opts)
    if each.is_flag:
        return names
    number = isinstance(each.type, click.IntRange) and each.metavar is None
    return f"{names} {'N' if number else each.make_metavar(ctx)}"


def _table(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    first = min(_FIRST_COLUMN, width // 2, max(cells(name) for name, _ in rows)) + _GAP
    for name, text in rows:
        lines = wrap(text, width - len(_INDENT) - first) or [""]
        if cells(name) > first - _GAP:
            yield _INDENT + name
        else:
            yield (_INDENT + pad(name, first) + lines.pop(0)).rstrip()
        for line in lines:
            yield _INDENT + " " * first + line
