"""The page that people see: what this adapter offers, how to call it, whom to ask."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from datong.interface._exchange import COMMON, Reply
from datong.model import Adapter, Dataset, Language
from datong.standard import (
    INTERFACE_VERSION,
    LEVELS,
    SHARING_TYPES,
    UPDATE_CYCLES,
    entry_level,
    item_sharing,
    offers_records,
    offers_verify,
)

_LANGUAGES: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}


class Landing:
    """Self-contained pages: no script, no address outside the adapter, one inline style named by its digest."""

    def __init__(self, adapter: Adapter) -> None:
        from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  only a browser needs it

        folder = files("datong.interface") / "pages"
        self._adapter = adapter
        self._style = (folder / "landing.css").read_text(encoding="utf-8")
        self._texts: dict[str, dict[Language, str]] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string((folder / "landing.html").read_text(encoding="utf-8"))
        digest = b64encode(sha256(self._style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        ).encode()
        self._pages: dict[tuple[str, Language], Reply] = {}

    def page(self, base: str, language: Language) -> Reply:
        found = self._pages.get((base, language))
        if found is None:
            headers = [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-language", _LANGUAGES[language].encode()),
                (b"content-security-policy", self._policy),
                *COMMON,
            ]
            found = Reply(self._rendered(base, language).encode(), headers)
            self._pages = {**self._pages, (base, language): found} if len(self._pages) < 8 else {}  # noqa: PLR2004
        return found

    def _rendered(self, base: str, language: Language) -> str:
        adapter = self._adapter
        published = {name: each for name, each in adapter.datasets.items() if each.catalog.status == "published"}
        return self._template.render(
            t={name: text[language] for name, text in self._texts.items()},
            lang=_LANGUAGES[language],
            other="en" if language == "zh" else "zh",
            other_lang=_LANGUAGES["en" if language == "zh" else "zh"],
            style=self._style,
            base=base,
            title=adapter.adapter.title.text.to(language),
            version=adapter.adapter.version,
            interface=INTERFACE_VERSION,
            provider=adapter.provider,
            audience=adapter.trust.audience,
            development=not adapter.trust.issuers,
            entries=[self._entry(name, each, language) for name, each in published.items()],
        )

    def _entry(self, name: str, dataset: Dataset, language: Language) -> dict[str, Any]:
        facts = dataset.catalog
        return {
            "id": name,
            "facts": facts,
            "sharing": SHARING_TYPES[facts.sharing_type].text.to(language),
            "type": facts.sharing_type,
            "cycle": UPDATE_CYCLES[facts.update_cycle].text.to(language),
            "level": LEVELS[entry_level(dataset)].to(language),
            "records": offers_records(dataset),
            "verify": offers_verify(dataset),
            "claims": list(dataset.verify.keys) if dataset.verify else [],
            "items": [
                {"field": field, "name": item.name, "type": item.type, "notes": self._notes(field, dataset, language)}
                for field, item in dataset.fields.items()
            ],
        }

    def _notes(self, field: str, dataset: Dataset, language: Language) -> list[str]:
        """What a caller should know of an item before asking for it."""
        item = dataset.fields[field]
        if item_sharing(item, dataset) == "notShared":
            return [self._texts["notShared"][language]]
        marks = {
            "filterable": item.filterable,
            "range": item.range,
            "sortable": item.sortable,
            "sensitive": item.sensitive,
            "masked": item.mask is not None,
        }
        return [self._texts[mark][language] for mark, holds in marks.items() if holds]
