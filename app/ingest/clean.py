"""Text as it may be stored: no NUL, no lone surrogate, not endless (R-17). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MAX_TEXT = 64 * 1024
"""Code points kept of one text."""
MAX_SHORT = 2_000
"""Code points kept of a title, a name, an address."""
MAX_COUNT = 10**12
"""A platform that says more is wrong, and sums must stay in 64 bits."""
_MAX_LIST = 50
_METRICS = frozenset(
    {
        "likes", "reposts", "replies", "quotes", "comments", "views", "score", "followers", "stars",
    }
)  # fmt: skip
_ENGAGEMENT = ("likes", "reposts", "replies", "quotes", "comments")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """The text without what PostgreSQL or UTF-8 cannot hold, cut at `limit` code points."""
    if len(text) > limit:
        text = text[:limit]
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def short(text: str) -> str:
    """A one-field text: title, name, address, id."""
    return clean(text, MAX_SHORT)


def clean_list(values: Sequence[str]) -> list[str]:
    return [short(value) for value in values[:_MAX_LIST]]


def clean_metrics(metrics: Mapping[str, int]) -> dict[str, int]:
    """Known counters only, whole, never negative."""
    return {
        name: count_of(value)
        for name, value in metrics.items()
        if name in _METRICS and type(value) is int
    }


def count_of(value: int) -> int:
    return min(max(value, 0), MAX_COUNT)


def engagement(metrics: Mapping[str, int]) -> int:
    """likes + reposts + replies + quotes + comments."""
    return sum([metrics.get(name, 0) for name in _ENGAGEMENT]) if metrics else 0
