"""Holds every exchange of the tests to the OpenAPI document that the adapter itself publishes."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from datong.standard import validator

UNDESCRIBED = {"path-unknown", "method-not-allowed"}
"""Codes of answers to what the document does not describe."""

OPTIONAL = {"Deprecation", "Sunset"}
"""Headers of a path that only some of its entries send."""


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.base = document["servers"][0]["url"]
        self.paths = [(self._pattern(path), item) for path, item in document["paths"].items()]
        resource = Resource.from_contents({"$schema": document["jsonSchemaDialect"], **document})
        self.registry: Registry[Any] = Registry().with_resource("urn:openapi", resource)

    def _pattern(self, path: str) -> re.Pattern[str]:
        parts = re.split(r"\{[a-zA-Z]+\}", path)
        return re.compile("[^/]+".join(re.escape(part) for part in parts))

    @cached_property
    def problem(self) -> Draft202012Validator:
        return validator("problem")

    def check(self, response: httpx.Response) -> None:
        """Path, method, status, media type, headers and body of one exchange (REQ-CORE-05 to 07)."""
        assert response.headers["api-version"] == self.document["info"]["version"]
        assert response.headers["gds-request-id"]
        if response.status_code >= 400 and response.request.method != "HEAD":
            self.problem.validate(response.json())
            if response.json()["code"] in UNDESCRIBED:
                return
        operation = self.operation(response.request)
        if operation is None:
            return
        described = operation["responses"].get(str(response.status_code))
        assert described is not None, f"{response.request.method} {response.url}: {response.status_code} not described"
        self._check_answer(response, self.followed(described))

    def _check_answer(self, response: httpx.Response, described: dict[str, Any]) -> None:
        for name in described.get("headers", {}).keys() - OPTIONAL:
            assert name in response.headers, f"{response.url}: no {name}"
        if not response.content:
            return
        media = response.headers["content-type"].partition(";")[0]
        assert media in described.get("content", {}), f"{response.url}: {media} not described"
        if media == "text/html":
            return
        schema = absolute(described["content"][media]["schema"])
        Draft202012Validator(schema, registry=self.registry).validate(response.json())

    def followed(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def operation(self, request: httpx.Request) -> dict[str, Any] | None:
        path = request.url.path.removeprefix(self.base)
        if path == request.url.path:
            return None
        matching = [item for pattern, item in self.paths if pattern.fullmatch(path or "/")]
        for item in matching:
            found = item.get(request.method.lower())
            if found is not None:
                return dict(found)
        assert not matching or request.method == "TRACE", f"{request.method} {path} is not described"
        return None


def absolute(part: Any) -> Any:
    """A schema whose references name the document they point into."""
    if isinstance(part, list):
        return [absolute(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: f"urn:openapi{value}" if key == "$ref" else absolute(value) for key, value in part.items()}
