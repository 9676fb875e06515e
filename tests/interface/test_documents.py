from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from interface_world import World, bearer, code
from openapi_spec_validator import validate

from datong.standard import CLASSES, conformance_urn


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/"])
def test_landing_for_programs(world: World, path: str) -> None:
    """Title, version and links that all lead somewhere (REQ-CORE-01)."""
    document = world.request("GET", path).json()
    assert document["title"] == "参保登记"
    assert {"self", "service-desc", "conformance", "catalog"} <= {link["rel"] for link in document["links"]}
    headers = bearer(world.token(role="provider"))
    for link in document["links"]:
        headers["accept"] = link["type"]
        assert world.request("GET", link["href"], headers=headers).status_code == 200


class Page(HTMLParser):
    """What a checker of pages looks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.style = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-CN", ("数据目录", "数据项 <", "重要数据")), ("en-US,en;q=0.9", ("Catalog", "Items <", "important data"))],
)
def test_landing_for_people(world: World, language: str, said: tuple[str, ...]) -> None:
    """A browser gets a page in its language: the entries, their items, a curl line and the office."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    response = world.request("GET", "/", headers={"accept": accept, "accept-language": language})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    text = response.text
    assert "object at" not in text
    for part in (
        *said,
        "参保人员persons",
        "personId",
        "curl -H",
        "/v1/datasets/persons/records",
        "0571-00000000",
        "第二十八条",
    ):
        assert part in text
    assert "draft" not in text
    page = Page(text)
    assert page.open == []
    assert ("html", {"lang": language[:5] if language == "zh-CN" else "en"}) in page.tags
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert not {"script", "img", "iframe", "form", "link"} & set(names)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for label in (attrs.get("aria-labelledby"), (attrs.get("href") or "").removeprefix("#") or None):
            assert label is None or label in ids or not (attrs.get("href") or "#").startswith("#")


def test_landing_loads_nothing(world: World) -> None:
    """The page's policy forbids everything but its one style, named by digest."""
    response = world.request("GET", "/", headers={"accept": "text/html"})
    style = Page(response.text).style
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?://(?!…)", response.text)
    assert "url(" not in style


def test_switch_of_language(world: World) -> None:
    """The page links to itself in the other language."""
    chinese = world.request("GET", "/?lang=zh", headers={"accept": "text/html", "accept-language": "en"}).text
    assert 'href="?lang=en"' in chinese
    english = world.request("GET", "/?lang=en", headers={"accept": "text/html"}).text
    assert 'href="?lang=zh"' in english
    assert "Insurance register" in english
    assert code(world.request("GET", "/?lang=fr", headers={"accept": "text/html"})) == "parameter-invalid"


def test_conformance(world: World) -> None:
    """Exactly the classes that are served are claimed (REQ-CORE-02)."""
    assert world.request("GET", "/v1/conformance").json()["conformsTo"] == [conformance_urn(each) for each in CLASSES]


def test_openapi(world: World) -> None:
    """The published document is valid OpenAPI and names this version (REQ-CORE-04)."""
    document = world.request("GET", "/v1/openapi.json").json()
    validate(document)
    assert document["info"]["version"] == "1.0.0"


def test_every_described_get_answers(world: World) -> None:
    """Each described path is there for somebody (REQ-CORE-05)."""
    caller = world.grant(grantId="described")
    roles = {role: bearer(world.token(role=role)) for role in ("exchange", "provider", "operator")}
    places = {"{catalogId}": "persons", "{recordId}": "1", "{grantId}": "described"}
    tried = 0
    for path, item in world.contract.document["paths"].items():
        if "get" not in item or "/closed/" in path:
            continue
        for place, value in places.items():
            path = path.replace(place, value)  # noqa: PLW2901
        entry = re.search(r"/datasets/([^/]+)/", path)
        reader = world.grant(catalogId=entry[1]) if entry else caller
        roles_of = item["get"].get("x-gds-roles", ["consumer"])
        headers = bearer(reader.token) if "consumer" in roles_of else roles[roles_of[0]]
        assert world.request("GET", f"/v1{path}", headers=headers).status_code == 200, path
        tried += 1
    assert tried > 15


def test_live_says_nothing_else(world: World) -> None:
    """Liveness is a word (REQ-OPS-01)."""
    assert world.request("GET", "/v1/health/live").json() == {"status": "pass"}
