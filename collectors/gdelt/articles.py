"""An answer of GDELT's DOC API as Items. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload, CollectorError, RateLimited
from collectors.gdelt.places import country_code, language_code
from collectors.jsontext import read_json
from collectors.text import markup_line, one_line, scrub, web_url

SPACING: Final = 60.0
"""Seconds to wait where GDELT says "too many requests" and names no time."""
_BAD_ESCAPE: Final = re.compile(r'\\(?!["\\/bfnrtu])')


class Refused(BadPayload):
    """GDELT would not take the query; its own words tell why."""


@dataclass(frozen=True, slots=True)
class Articles:
    """One answer, read. total: with those that could not be."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    total: int


def read_answer(body: bytes) -> Articles:
    """Raises Refused, RateLimited or BadPayload: GDELT sends its errors as text with a 200."""
    start = body[:2_000].decode("utf-8-sig", "replace").strip()
    if not start.startswith("{"):
        raise complaint(start)
    found = _json(body)
    records = found.get("articles", []) if isinstance(found, dict) else None
    if not isinstance(records, list):
        raise BadPayload("GDELT: the answer has no list of articles")
    return read_articles(records)


def complaint(text: str) -> CollectorError:
    """The error that GDELT's text means."""
    said = one_line(text)[:150]
    if "limit requests" in said.lower():
        return RateLimited("GDELT: asked to wait", SPACING)
    if not said or said.startswith("<"):
        return BadPayload("GDELT: the answer is not JSON")
    return Refused(f"GDELT: {said}")


def _json(body: bytes) -> Any:
    """Titles reach us with backslashes and control signs that JSON does not know."""
    try:
        return read_json(body)
    except BadPayload:
        pass
    text = _BAD_ESCAPE.sub(r"\\\\", body.decode("utf-8-sig", "replace"))
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise BadPayload("GDELT: the answer is not JSON") from error


def read_articles(records: Sequence[Any]) -> Articles:
    items: dict[str, Item] = {}
    skipped: list[Skipped] = []
    for record in records:
        try:
            item = article(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"unreadable article: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), raw=scrub(repr(record))[:2_000]))
        else:
            items.setdefault(item.external_id, item)
    return Articles(tuple(items.values()), tuple(skipped), len(records))


def article(record: Mapping[str, Any]) -> Item:
    """Raises KeyError, TypeError, ValueError or AttributeError where a needed part is missing."""
    url = web_url(record["url"])
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("an article without an address")
    title = markup_line(record["title"])
    if not title:
        raise ValueError("an article without a title")
    return Item(
        external_id=_identity(url),
        url=url,
        title=title,
        text="",
        author=Author(name=one_line(record.get("domain") or "") or parts.hostname),
        published_at=_seen(record["seendate"]),
        lang=language_code(record.get("language") or ""),
        country=country_code(record.get("sourcecountry") or ""),
        kind="article",
        media=tuple(one for one in [web_url(record.get("socialimage") or "")] if one),
    )


def _identity(url: str) -> str:
    """A short name of the address, host included: papers of one group share paths and titles.

    GDELT has no ids. Beyond this source the canonical address says which article it is.
    """
    parts = urlsplit(url)
    named = f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:24]


def _seen(text: str) -> datetime:
    """`20261125T114500Z`: when GDELT saw the article first, in steps of a quarter of an hour."""
    digits = text.replace("T", "").removesuffix("Z")
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("an unreadable time")
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
