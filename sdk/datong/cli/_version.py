from __future__ import annotations

from datong.cli._command import command, option

_PARTS = ("pydantic", "starlette", "uvicorn", "sqlalchemy", "psycopg", "pymysql", "oracledb", "pymssql", "joserfc")


@command(
    "version",
    says=("Print versions of Datong and of what it runs on.", "显示打通及其运行环境的版本。"),
)
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(*, as_json: bool) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._output import echo_json, raw

    versions = _versions()
    if as_json:
        echo_json(versions)
        return 0
    width = max(map(len, versions)) + 2
    for name, version in versions.items():
        raw(name.ljust(width) + version)
    return 0


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from datong import __version__
    from datong.standard import INTERFACE_VERSION

    out = {"datong": __version__, "interface": INTERFACE_VERSION, "python": platform.python_version()}
    for part in _PARTS:
        try:
            out[part] = version(part)
        except PackageNotFoundError:
            continue
    return out
