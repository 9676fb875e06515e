from __future__ import annotations

from datong.cli._command import command, option
from datong.cli._session import session


@command(
    "demo",
    says=("Walk the whole path on a register made up for it.", "用虚构的登记库演示完整流程。"),
    more=(
        (
            "Builds an invented pension register of 100,000 persons, generates its adapter, serves it on loopback, "
            "grants access, and shows catalog, search, record, verification, a refused call and the audit record."
        ),
        (
            "构造一个含 10 万人的虚构养老保险登记库，生成并在本机启动其适配器，登记授权，"
            "然后依次展示目录、检索、单条记录、核验、被拒绝的调用和审计记录。"
        ),
    ),
)
@option("--once", is_flag=True, says=("Walk once and exit; do not keep serving.", "演示一遍后退出，不再继续提供服务。"))
def COMMAND(*, once: bool) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.demo import run

    return run(once=once, language=session().language)
