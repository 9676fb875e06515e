"""Reads an OpenAPI document as a list of what may happen, and holds exchanges to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from datong.conformance._exchange import Exchange
from datong.conformance._look import judged

URI: Final = "urn:kit:openapi"
MOST_FAULTS: Final = 10
FAILURE: Final = 400


class OpenApi:
    """`document` is an OpenAPI 3 document, whatever is wrong with it."""

    def __init__(self, document: Mapping[str, Any], base: str) -> None:
        self.document = document
        self._base = urlsplit(base).path.rstrip("/")

    def faults(self) -> list[str]:
        """Why it is no valid OpenAPI 3 document."""
        version = str(self.document.get("openapi"))
        if not version.startswith("3."):
            return [f"openapi: {version}"]
        kind = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
        found = [f"$ref {target}" for target in self._dangling()]
        if not found:
            errors = kind(self.document).iter_errors()
            found = [
                f"{'/'.join(map(str, error.absolute_path))}: {str(error.message)[:120]}"
                for _, error in zip(range(MOST_FAULTS), errors, strict=False)
            ]
        return found[:MOST_FAULTS]

    def _dangling(self) -> Iterator[str]:
        for target in _references(self.document):
            if not target.startswith("#") or self.at(target[1:]) is None:
                yield target

    def at(self, pointer: str) -> Any:
        """What stands at a JSON pointer; None where nothing does."""
        value: Any = self.document
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            elif isinstance(value, Mapping) and name in value:
                value = value[name]
            else:
                return None
        return value

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str, list[str]]]:
        """Paths as patterns, those with fewest places first, as OpenAPI has concrete ones go before.

        The third is where the path may begin: at the base, or at servers of its own.
        """
        listed = self.document.get("paths")
        paths: Mapping[str, Any] = listed if isinstance(listed, Mapping) else {}
        names = sorted(paths, key=lambda path: (path.count("{"), path))
        forms = (re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))) for path in names)
        roots = (own_servers(paths[path], self._base) for path in names)
        starts = ([urlsplit(root).path.rstrip("/") for root in own] or [self._base] for own in roots)
        return list(zip(forms, names, starts, strict=True))

    def template(self, path: str) -> str | None:
        """The described path that an address behind the base, or at a server's root, belongs to."""
        place = urlsplit(path).path
        whole = place if "://" in path else f"{self._base}{place}"
        for pattern, name, starts in self._templates:
            for start in starts:
                if whole.startswith(start) and pattern.fullmatch(whole.removeprefix(start) or "/"):
                    return name
        return None

    def operation(self, exchange: Exchange) -> tuple[str | None, str | None]:
        """Template and JSON pointer of the operation, as far as they are described."""
        template = self.template(exchange.path)
        if template is None:
            return None, None
        item = self._resolved(f"/paths/{_escaped(template)}")
        method = exchange.request.method.lower()
        return template, f"{item}/{method}" if isinstance(self.at(f"{item}/{method}"), Mapping) else None

    def response(self, operation: str, status: int) -> str | None:
        """Pointer of the described response."""
        for name in (str(status), f"{status // 100}XX", "default"):
            pointer = f"{operation}/responses/{name}"
            if self.at(pointer) is not None:
                return self._resolved(pointer)
        return None

    def media(self, response: str, media_type: str) -> str | None:
        """Pointer of the described media type, ranges included; empty where the response describes none."""
        content = self.at(f"{response}/content")
        if not isinstance(content, Mapping):
            return ""
        for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            found = next((each for each in content if each.partition(";")[0].strip().lower() == name), None)
            if found is not None:
                return f"{response}/content/{_escaped(found)}"
        return None

    def violations(self, media: str, body: Any) -> list[str]:
        """Where a body is not as the media type's schema says."""
        if self.at(f"{media}/schema") is None:
            return []
        kind: Any = OAS30Validator if str(self.document.get("openapi")).startswith("3.0") else Draft202012Validator
        validator = kind({"$ref": f"{URI}#{media}/schema"}, registry=self._registry)
        return [f"{place or '/'}: {text}" for error in validator.iter_errors(body) for place, text in judged(error)][:3]

    @cached_property
    def _registry(self) -> Registry[Any]:
        registry: Registry[Any] = Registry()
        filled: Registry[Any] = registry.with_resource(URI, DRAFT202012.create_resource(dict(self.document)))
        return filled

    def _resolved(self, pointer: str) -> str:
        for _ in range(10):
            target = self.at(pointer)
            reference = target.get("$ref") if isinstance(target, Mapping) else None
            if not isinstance(reference, str) or not reference.startswith("#"):
                return pointer
            pointer = reference[1:]
        return pointer


def own_servers(item: Any, base: str) -> list[str]:
    """The addresses before a path that has servers of its own, beside those of the document; empty for others."""
    servers = item.get("servers") if isinstance(item, Mapping) else None
    named = [each.get("url") for each in servers if isinstance(each, Mapping)] if isinstance(servers, list) else []
    return [urljoin(f"{base}/", url).rstrip("/") for url in named if isinstance(url, str)]


def undescribed(api: OpenApi, exchange: Exchange) -> str | None:
    """What of an exchange the document does not describe; None where all is."""
    status = exchange.status or 0
    template, operation = api.operation(exchange)
    if template is None:
        return None if status >= FAILURE else f"path {exchange.path}"
    if operation is None:
        return None if status in (400, 401, 404, 405, 501) else f"{exchange.request.method} {template}"
    response = api.response(operation, status)
    if response is None:
        return f"{exchange.request.method} {template}: {status}"
    bare = exchange.request.method == "HEAD" or (exchange.response is not None and exchange.response.size == 0)
    media = None if bare else api.media(response, exchange.media_type)
    return None if bare or media else f"{exchange.request.method} {template}: {status} {exchange.media_type}"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _references(part)
    elif isinstance(value, Mapping):
        target = value.get("$ref")
        if isinstance(target, str):
            yield target
        for name, part in value.items():
            if name not in ("example", "examples", "const", "enum", "default"):
                yield from _references(part)
