"""Content negotiation (RFC 9110, 12): media types and languages, remembered by header value."""

from __future__ import annotations

from functools import lru_cache

from datong.model import Language

JSON = "application/json"
JSON_LD = "application/ld+json"
HTML = "text/html"


def _weighted(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(","):
        name, *params = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for param in params:
            if param.lower().startswith("q="):
                try:
                    weight = float(param[2:])
                except ValueError:
                    weight = 0.0
        if name:
            found.append((name.lower(), weight))
    return found


def _weight(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers the offer; 0 where none does."""
    kind = offer.partition("/")[0]
    for wanted in (offer, f"{kind}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == wanted]
        if weights:
            return max(weights)
    return 0.0


@lru_cache(maxsize=512)
def media_type(accept: str, offers: tuple[str, ...]) -> str | None:
    """The best of `offers`, the first among equals; None where the caller accepts none of them."""
    if not accept.strip():
        return offers[0]
    ranges = _weighted(accept)
    best = max(offers, key=lambda offer: _weight(offer, ranges))
    return best if _weight(best, ranges) > 0 else None


@lru_cache(maxsize=512)
def language(accept_language: str) -> Language:
    """Chinese unless English is preferred."""
    best: Language = "zh"
    highest = 0.0
    for name, weight in _weighted(accept_language):
        primary = name.partition("-")[0]
        if weight > highest and primary in ("zh", "en"):
            best = "en" if primary == "en" else "zh"
            highest = weight
    return best
