"""What ends a run early, by code."""

from __future__ import annotations

from typing import Final

from datong.model import Text

STOPS: Final = {
    "connect": Text(
        "Nothing answers at this address: check host and port, and that the adapter runs.",
        "该地址无应答：请检查主机与端口，并确认适配器已启动。",
    ),
    "tls": Text(
        "The TLS connection failed: the certificate is not trusted, or not for this host.",
        "TLS 连接失败：证书不受信任，或与主机名不符。",
    ),
    "timeout": Text(
        "The target took the request and did not answer in time.", "被测系统接收了请求，但未在时限内应答。"
    ),
    "tooLarge": Text(
        "The target sent more than the kit takes from one answer.", "被测系统的单个应答超过测试工具允许的大小。"
    ),
    "elsewhere": Text(
        "The target redirects to another host: give the address of the adapter itself.",
        "被测系统重定向到其他主机：请直接给出适配器自身的地址。",
    ),
    "protocol": Text("What answers does not speak HTTP as it should.", "应答方未按 HTTP 规范通信。"),
    "notAnAdapter": Text(
        "What answers is no adapter: the landing document is not JSON. The address ends with /v1.",
        "应答方不是适配器：入口文档不是 JSON。地址应以 /v1 结尾。",
    ),
    "undeclared": Text(
        "The target does not say what it conforms to: /conformance cannot be read.",
        "被测系统未说明其符合的一致性类：无法读取 /conformance。",
    ),
    "budget": Text("The time of the run was over before everything was tried.", "测试总时限已到，部分内容未能测试。"),
    "untrusted": Text(
        "The target does not accept the kit as issuer: trust the kit's key, or give the issuer's key in the fixtures.",
        "被测系统不信任测试工具签发的令牌：请登记测试工具的公钥，或在测试数据中给出签发方私钥。",
    ),
}
