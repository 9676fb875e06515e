from __future__ import annotations

import os
import sys
from typing import Any

import click

from datong.cli._command import Group
from datong.cli._session import begin, session

COMMANDS = {
    "new": ("Make an adapter from a legacy system.", "由旧系统生成适配器。"),
    "introspect": ("Show what a legacy system holds.", "查看旧系统中有什么。"),
    "check": ("Check an adapter, stage by stage.", "逐阶段检查适配器。"),
    "try": ("Show rows as they are and as they are served.", "对照查看原始数据行与对外提供的记录。"),
    "serve": ("Serve an adapter.", "启动适配器服务。"),
    "token": ("Make a development token and a call to try.", "签发开发令牌并给出调用示例。"),
    "conform": ("Prove an adapter from outside.", "从外部检测适配器的一致性。"),
    "explain": ("Explain a requirement and how to meet it.", "说明一项要求及其满足方法。"),
    "demo": ("Walk the whole path on a register made up for it.", "用虚构的登记库演示完整流程。"),
    "verify": ("Verify an evidence bundle of the conformance kit.", "核验一致性检测证据包。"),
    "debug-token": ("Say offline which check a token fails, and why.", "离线诊断令牌未通过哪一项检查及其原因。"),
    "verify-audit": ("Recompute the chain of an adapter's audit records.", "重新计算适配器审计记录链。"),
    "schema": ("Print the JSON Schema of adapter.yaml.", "输出 adapter.yaml 的 JSON Schema。"),
    "version": ("Print versions of Datong and of what it runs on.", "显示 Datong 及其运行环境的版本。"),
}
GROUP = Group(
    COMMANDS,
    says=(
        "Datong puts a legacy system behind the Government Data Sharing Standard Interface.",
        "打通（Datong）把旧系统接到政务数据共享标准接口之后。",
    ),
)


def run(arguments: list[str]) -> int:
    """One run of the command, whatever happens in it: an exit code, never a traceback unasked."""
    begin(arguments)
    try:
        code = _invoked(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output left (`datong … | head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _interrupted()
    except click.exceptions.Abort:
        return _interrupted()
    except Exception as error:  # noqa: BLE001 - the outermost place, where a failure becomes words and a code
        return _failed(error)
    return code if isinstance(code, int) else 0


def _invoked(arguments: list[str]) -> Any:
    """As click's own `main`, which would make an exit code of 1 of a reader that left."""
    if "_DATONG_COMPLETE" in os.environ:
        return GROUP.main(arguments, prog_name="datong")
    try:
        with GROUP.make_context("datong", list(arguments)) as ctx:
            return GROUP.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code


def _interrupted() -> int:
    click.echo(session().say("Stopped.", "已中止。"), err=True)
    return 130


def _failed(error: BaseException) -> int:
    from datong.cli._errors import tell

    return tell(error)
