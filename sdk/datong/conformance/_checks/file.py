"""Checks of the class file."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from urllib.parse import unquote, urlsplit

from datong.conformance._checks._shared import ABSENT, OK, UNKNOWN, grouped
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._registry import check
from datong.model import Text

PARTIAL = 206
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")
_NAME = re.compile(r"filename\*=(?:UTF-8|utf-8)''([^;]+)")
_BITS = 128
_BOM = "\ufeff"


def _whole(look: Look) -> list[Exchange]:
    return [each for each in look.need("file.whole") if look.status(each, OK)]


@check(
    "REQ-FIL-01",
    "Send exact Content-Length, the declared Content-Type, and a file name by RFC 8187 (filename*=UTF-8'').",
    "文件应带准确的 Content-Length、所声明的 Content-Type，以及 RFC 8187 形式的 UTF-8 文件名。",
)
def headers(look: Look) -> None:
    for each in _whole(look):
        size = each.response.size if each.response else 0
        look.expect(
            each.header("content-length") == str(size),
            f"Content-Length: {size}",
            str(each.header("content-length")),
            each,
        )
        declared = each.tags.get("media")
        right = "/" not in str(declared) or each.media_type == str(declared).partition(";")[0].strip().lower()
        look.expect(right, str(declared), each.media_type, each)
        disposition = each.header("content-disposition") or ""
        named = _NAME.search(disposition)
        look.expect(named, "filename*=UTF-8''…", disposition or "-", each)
        if named is not None and each.tags.get("name"):
            look.expect(unquote(named[1]) == each.tags["name"], str(each.tags["name"]), unquote(named[1]), each)


@check(
    "REQ-FIL-02",
    "Send Repr-Digest with the SHA-256 of the representation (RFC 9530).",
    "应带与内容一致的 Repr-Digest（RFC 9530）。",
)
def digests(look: Look) -> None:
    for each in _whole(look):
        stated = _DIGEST.search(each.header("repr-digest") or "")
        actual = each.response.sha256 if each.response else None
        look.expect(
            stated is not None and _hex(stated[1]) == actual, f"sha-256 {actual}", str(each.header("repr-digest")), each
        )


def _hex(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).hex()
    except Error:
        return None


@check(
    "REQ-FIL-03",
    "Answer ranges with 206 and Content-Range, a bad one with 416, and the whole where If-Range does not match.",
    "Range 请求应返回 206 与 Content-Range，越界返回 416，If-Range 不匹配时返回全文。",
)
def ranges(look: Look) -> None:
    for each in look.need("file.range"):
        if look.status(each, PARTIAL):
            start, end, size = (each.tags.get(name) for name in ("start", "end", "size"))
            expected = f"bytes {start}-{int(end or 0) - 1}/{size}"
            look.expect(each.header("content-range") == expected, expected, str(each.header("content-range")), each)
    joined = look.obs.facts.get("joined", {})
    for each in look.answered("file.whole"):
        digest = joined.get(str(each.tags.get("file")))
        actual = each.response.sha256 if each.response else None
        if digest is not None:
            look.expect(digest == actual, Text("the parts make the whole", "分段拼接等于全文"), str(digest), each)
    for each in look.at("file.badRange"):
        look.status(each, 416)
    for each in look.at("file.otherRange"):
        look.status(each, OK)


@check(
    "REQ-FIL-04",
    "Write text in UTF-8 without BOM, one record a line; offer the legacy file only as original, with its charset.",
    "文本文件应为不带 BOM 的 UTF-8；遗留原始文件只能以 original 形式提供并注明字符集。",
)
def texts(look: Look) -> None:
    for each in _whole(look):
        if each.tags.get("original") is True or each.response is None:
            continue
        fault = each.response.fault
        text = each.media_type.startswith("text/") or "json" in each.media_type
        if text:
            look.expect(fault not in ("notUtf8", "notJson"), "UTF-8", str(fault), each)
        if isinstance(each.body, str):
            look.expect(not each.body.startswith(_BOM), Text("no byte order mark", "不含 BOM"), "BOM", each)
            rows = each.body.splitlines()
            straight = "csv" not in each.media_type or (rows and "," in rows[0]) or len(rows) < 2  # noqa: PLR2004
            look.expect(straight, Text("a header row", "含表头行"), rows[0][:60] if rows else "-", each)
    for page in look.answered("file.list"):
        look.schema(page, "fileList")
        for row in page.document.get("items") or ():
            named = not row.get("original") or row.get("charset")
            look.expect(named, "charset", f"{row.get('name')}: original", page)


@check(
    "REQ-FIL-05",
    "Demand the token for a file, unless its address is unguessable (128 bits) and expires.",
    "文件须凭令牌访问；不需令牌时其地址须不可猜测（不少于 128 位）且有有效期。",
)
def tokens(look: Look) -> None:
    for each in look.need("file.unauthorised"):
        if each.tags.get("token") == "missing":
            free = each.tags.get("required") is False and each.status == OK
            if free:
                entropy = max(
                    (len(part) * 5 for part in re.split(r"[/.?=&]", urlsplit(each.request.url).path)), default=0
                )
                look.expect(entropy >= _BITS, f"≥ {_BITS} bit", f"{entropy} bit", each)
                look.expect(each.header("expires"), "Expires", "-", each)
            else:
                look.status(each, UNKNOWN)
        elif each.tags.get("required") is not False:
            look.status(each, ABSENT, 403)


@check(
    "REQ-FIL-06",
    "Answer 404 or 410 for a file after its expiry or the end of the grant.",
    "文件过期或授权终止后应返回 404 或 410。",
)
def ended(look: Look) -> None:
    found = look.at("file.ended")
    if not found:
        look.inconclusive()
    for each in found:
        look.status(each, ABSENT, 410, 403)


@check(
    "REQ-FIL-07",
    "Compress only when Accept-Encoding asks for it, and say so in Content-Encoding.",
    "仅在 Accept-Encoding 要求时压缩，并以 Content-Encoding 标明。",
)
def compression(look: Look) -> None:
    for found in grouped(look.need("file.encoded"), "file").values():
        digests_seen = {each.response.sha256 for each in found if each.response and each.status == OK}
        for each in found:
            if not look.status(each, OK):
                continue
            coded = each.header("content-encoding")
            allowed = ("gzip", "identity", None) if each.tags.get("gzip") else ("identity", None)
            look.expect(coded in allowed, " / ".join(map(str, allowed)), str(coded), each)
        look.expect(len(digests_seen) <= 1, Text("the same content", "内容一致"), shown(found[0]), *found)
