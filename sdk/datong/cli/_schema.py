from __future__ import annotations

from datong.cli._command import command, option


@command(
    "schema",
    says=("Print the JSON Schema of adapter.yaml.", "输出 adapter.yaml 的 JSON Schema。"),
    more=(
        (
            "With the options of every source kind and transform that is installed here. Editors use it for "
            "completion: put `# yaml-language-server: $schema=adapter.schema.json` in the first line."
        ),
        (
            "包含本机已安装的全部数据源类型和转换的选项。编辑器可据此自动补全："
            "在首行写 `# yaml-language-server: $schema=adapter.schema.json`。"
        ),
    ),
)
@option(
    "--json",
    "as_json",
    is_flag=True,
    expose_value=False,
    says=("Accepted for uniformity; it is JSON anyway.", "为统一而保留；输出本就是 JSON。"),
)
def COMMAND() -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._output import echo_json
    from datong.config import json_schema

    echo_json(json_schema())
    return 0
