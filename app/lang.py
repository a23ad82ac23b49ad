"""Which of Vigie's two languages a reader gets."""

from __future__ import annotations

LANGUAGES = ("fr", "en")


def accepted(header: str) -> str | None:
    """The best of our languages in an Accept-Language header (RFC 9110 §12.5.4); None: none."""
    best, best_weight = None, 0.0
    for part in header.split(","):
        tag, _, options = part.strip().partition(";")
        code = tag.strip().lower().split("-")[0]
        weight = _weight(options)
        if code in LANGUAGES and weight > best_weight:
            best, best_weight = code, weight
    return best


def _weight(options: str) -> float:
    name, _, value = options.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def choose(*, asked: str = "", member: str = "", header: str = "", default: str = "fr") -> str:
    """?lang= first, then what the member chose, then the browser, then the setting."""
    for candidate in (asked, member):
        if candidate in LANGUAGES:
            return candidate
    return accepted(header) or default
