"""Revisions of an article as items of kind "change". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload, CollectorError, RateLimited
from collectors.text import one_line, plain_text, scrub
from collectors.wikipedia.articles import Article
from collectors.wikipedia.views import Language, thousands

LAG: float = 5.0
"""Seconds to wait where MediaWiki says that its databases lag and names no time."""


@dataclass(frozen=True, slots=True)
class Last:
    """The newest revision that is known. number and size are 0 before the first."""

    at: str
    number: int = 0
    size: int = 0

    @classmethod
    def from_json(cls, value: JsonValue) -> Last | None:
        match value:
            case [str(at), int(number), int(size)] if _moment(at) is not None:
                return cls(at, number, size)
            case _:
                return None

    def to_json(self) -> list[JsonValue]:
        return [self.at, self.number, self.size]


@dataclass(frozen=True, slots=True)
class Edits:
    """One answer, read, oldest first. missing: there is no such article."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    last: Last | None = None
    missing: bool = False


def read_edits(found: Any, article: Article, last: Last, language: Language) -> Edits:
    """What an answer of prop=revisions tells beyond the revision `last`."""
    page = _page(found)
    if page.get("missing") or page.get("invalid"):
        return Edits(missing=True)
    items: list[Item] = []
    skipped: list[Skipped] = []
    revisions = page.get("revisions", [])
    for revision in revisions if isinstance(revisions, list) else [revisions]:
        try:
            now = _last(revision)
            if now.number > last.number:
                grown = now.size - last.size if last.number else None
                items.append(_item(article, revision, now, grown, language))
                last = now
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"unreadable revision: {type(error).__name__}"
            skipped.append(Skipped(reason, raw=repr(revision)[:2_000]))
    return Edits(tuple(items), tuple(skipped), last)


def complaint(found: Any, wait: float | None) -> CollectorError | None:
    """The error that MediaWiki's answer is, which comes with a 200; None where it is none."""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return None
    code = one_line(str(error.get("code", "")))[:60]
    if code in ("maxlag", "ratelimited", "readonly"):
        return RateLimited(f"Wikipedia: asked to wait ({code})", wait or LAG)
    return BadPayload(f"Wikipedia: {code}")


def _page(found: Any) -> Mapping[str, Any]:
    query = found.get("query") if isinstance(found, dict) else None
    pages = query.get("pages") if isinstance(query, dict) else None
    if not isinstance(pages, list) or not pages or not isinstance(pages[0], dict):
        raise BadPayload("Wikipedia: the answer has no page")
    return pages[0]


def _last(revision: Any) -> Last:
    at, number, size = revision["timestamp"], revision["revid"], revision["size"]
    if _moment(at) is None or not isinstance(number, int) or not isinstance(size, int):
        raise ValueError("no time, number or size")
    return Last(at, number, size)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _item(
    article: Article, revision: Any, now: Last, grown: int | None, language: Language
) -> Item:
    # Of who has no account Wikipedia may show the address of their line, which is nobody's
    # business; names and comments that it hides are not there.
    user = "" if revision.get("anon") else scrub(str(revision.get("user") or ""))[:200]
    comment = revision.get("comment")
    return Item(
        external_id=f"edit:{article.project}:{now.number}",
        url=f"https://{article.language}.wikipedia.org/w/index.php?diff={now.number}",
        title=_title(article.title, user, grown, language),
        text=plain_text(comment) if isinstance(comment, str) else "",
        author=Author(name=user, id=user) if user else None,
        published_at=_moment(now.at),
        lang=article.language if len(article.language) == 2 else None,
        kind="change",
    )


def _title(article: str, user: str, grown: int | None, language: Language) -> str:
    size = "" if grown is None else _size(grown, language)
    if language == "fr":
        return f"« {article} » modifié sur Wikipédia{f' par {user}' if user else ''}{size}"
    return f"“{article}” edited on Wikipedia{f' by {user}' if user else ''}{size}"


def _size(grown: int, language: Language) -> str:
    sign = "+" if grown > 0 else "−" if grown < 0 else "±"
    unit = {"fr": "octets", "en": "bytes"}[language]
    return f" ({sign}{thousands(abs(grown), language)} {unit})"


def newest_of(items: Sequence[Item]) -> tuple[Item, ...]:
    """Newest first, as every page has them."""
    return tuple(reversed(items))
