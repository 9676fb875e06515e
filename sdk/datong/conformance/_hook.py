"""Asks the hook of the fixtures to change the source."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import httpx

from datong.conformance._fixtures import Hook
from datong.model import EnvironmentProblem, Text


def call_hook(hook: Hook, action: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """The hook's answer, None for an action that it does not know.

    Raises EnvironmentProblem (`hook-failed`) when it fails: what it did to the source is unknown then.
    """
    body = json.dumps({"action": action, **data}, ensure_ascii=False)
    try:
        answer = json.loads(_command(hook, body) if hook.command else _posted(hook, body))
    except (OSError, ValueError, subprocess.SubprocessError, httpx.HTTPError) as error:
        raise EnvironmentProblem(
            Text(
                f"The hook failed at the action {action}: {type(error).__name__}.",
                f"钩子执行 {action} 失败：{type(error).__name__}。",
            ),
            Text("Run it by hand with this action, and correct it.", "请以该动作手工运行钩子并加以修正。"),
            code="hook-failed",
        ) from None
    return answer if isinstance(answer, dict) and answer.get("done") is True else None


def _command(hook: Hook, body: str) -> str:
    done = subprocess.run(  # noqa: S603 - the command of the person who wrote the fixtures
        hook.command, input=body, capture_output=True, text=True, timeout=hook.timeout, check=True
    )
    return done.stdout


def _posted(hook: Hook, body: str) -> str:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(hook.url or "", content=body.encode(), headers=headers, timeout=hook.timeout, trust_env=False)
    return answer.raise_for_status().text
