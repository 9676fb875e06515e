from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["en", "zh"]


class Text(NamedTuple):
    """One sentence for people, in both languages of the project."""

    en: str
    zh: str

    def to(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def fill(self, **params: object) -> Text:
        """Fill `{name}` places in both languages; params are values, already safe to show."""
        return Text(self.en.format(**params), self.zh.format(**params))
