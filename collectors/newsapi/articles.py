"""An answer of NewsAPI as Items, and what its refusals mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import markup_line, markup_text, one_line, scrub, web_url

GONE: Final = "[Removed]"
"""What NewsAPI writes for an article that its outlet took back."""
_CUT: Final = 40
"""Characters that the mark of a cut text has at most: "… [+1234 chars]"."""


@dataclass(frozen=True, slots=True)
class Articles:
    """One answer, read. times: of all its articles, also of those that cannot be kept.

    count: of all; standing: of those that no outlet took back.
    """

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    times: tuple[datetime, ...]
    count: int
    standing: int


def read_answer(answer: Any, *, lang: str | None) -> Articles:
    """Raises BadPayload where it is no answer of the search."""
    records = answer.get("articles") if isinstance(answer, dict) else None
    if not isinstance(records, list):
        raise BadPayload("NewsAPI: the answer has no list of articles")
    read = [read_article(record, lang=lang) for record in records]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    return Articles(
        items=tuple(items.values()),
        skipped=tuple(one for one in read if isinstance(one, Skipped)),
        times=tuple(at for record in records if (at := _when(record)) is not None),
        count=len(records),
        standing=sum(not _is_gone(record) for record in records),
    )


def read_article(record: Any, *, lang: str | None) -> Item | Skipped:
    """One article as an Item, or why it cannot be kept."""
    try:
        return _item(record, lang)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"unreadable article: {type(error).__name__} {error}"[:300]
        return Skipped(reason, raw=repr(record)[:2_000])


def _item(record: Mapping[str, Any], lang: str | None) -> Item:
    url = _absolute(record["url"])
    if record["title"] == GONE or not url:
        raise ValueError("taken back by its outlet" if url else "no address")
    source = record["source"]
    name = one_line(source["name"][:300])
    picture = _absolute(record.get("urlToImage") or "")
    text, links = _text(record, url)
    return Item(
        external_id=url,
        url=url,
        title=markup_line(record["title"]),
        text=text,
        author=Author(name=name, id=scrub(source.get("id") or "") or None) if name else None,
        published_at=_moment(record["publishedAt"]),
        lang=lang,
        kind="article",
        links=links,
        media=(picture,) if picture else (),
    )


def _text(record: Mapping[str, Any], url: str) -> tuple[str, tuple[str, ...]]:
    """The description, and the beginning of the text where it says something else."""
    description, links = markup_text(record.get("description") or "", base=url)
    content, more = markup_text(_uncut(record.get("content") or ""), base=url)
    if not content or content[:60] == description[:60]:
        longer = max(description, content, key=len)
        return longer, tuple(dict.fromkeys((*links, *more)))
    parts = [part for part in (description, content) if part]
    return "\n\n".join(parts), tuple(dict.fromkeys((*links, *more)))


def _absolute(value: str) -> str:
    """A whole address, or "": there is no site that a relative one would belong to."""
    url = web_url(value)
    return url if "://" in url else ""


def _uncut(content: str) -> str:
    """Without the mark that tells how much was cut off."""
    at = content.rfind("[+", max(len(content) - _CUT, 0))
    return content[:at].rstrip(" …") + "…" if at >= 0 and content.endswith("chars]") else content


def _is_gone(record: Any) -> bool:
    return isinstance(record, dict) and record.get("title") == GONE


def _when(record: Any) -> datetime | None:
    try:
        return _moment(record["publishedAt"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError("publishedAt is no time")
    return datetime.fromisoformat(value).astimezone(UTC)


def code_of(answer: Any) -> str:
    """The short name of a refusal."""
    code = answer.get("code") if isinstance(answer, dict) else None
    return one_line(code)[:60] if isinstance(code, str) else "no reason"
