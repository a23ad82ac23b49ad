"""Hashtags: which to ask for, within the thirty that Instagram allows in seven days."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from collectors.api import Item, Listening, Narrowing, Page, Term
from collectors.desk import Document
from collectors.errors import BadPayload, RateLimited
from collectors.instagram.media import HASHTAG_FIELDS, read_media
from collectors.jsontext import UNREADABLE, read_json
from collectors.meta.errors import Missing, Spent
from collectors.meta.graph import Graph
from collectors.meta.values import identity, read_all

if TYPE_CHECKING:
    from collectors.http import Http
    from collectors.instagram.config import InstagramConfig

HASHTAGS: Final = "hashtags"
"""The quota's name, and that of the document of the hashtags asked for."""
WEEK: Final = timedelta(days=7)
NEEDS: Final = "instagram_basic with Instagram Public Content Access"


@dataclass(frozen=True, slots=True)
class Known:
    """A hashtag's number, and when its seven days began to count."""

    id: str
    asked: datetime


def wanted(narrowing: Narrowing, config: InstagramConfig) -> list[str]:
    """Names without #, the chosen ones first; of a clause its most telling term."""
    chosen = [_name(one) for one in config.hashtags]
    asked = []
    if config.query_hashtags:
        asked = [name for clause in narrowing.any_of if (name := _of_clause(clause))]
    return [name for name in dict.fromkeys([*chosen, *asked]) if name]


def _of_clause(clause: Sequence[Term]) -> str:
    """One term finds all that two would. A hashtag before a word, the longest before others."""
    names = [(term.kind == "hashtag", len(name), name) for term in clause if (name := _of(term))]
    return max(names)[2] if names else ""


def _of(term: Term) -> str:
    """A phrase is a hashtag when it is written in one; an address or a handle is none."""
    if term.kind == "handle":
        return ""
    return _name("".join(term.text.split()) if term.kind == "phrase" else term.text)


def _name(text: str) -> str:
    name = text.strip().lstrip("#").lower()
    plain = name.replace("_", "")
    return name if plain.isalnum() and not plain.isdigit() and len(name) <= 100 else ""


async def known_hashtags(http: Http) -> dict[str, Known]:
    kept = await http.desk.shelf.latest(HASHTAGS)
    try:
        found = read_json(kept.text.encode()) if kept else {}
        return {
            str(name): Known(identity(number), datetime.fromisoformat(asked))
            for name, (number, asked) in found.items()
        }
    except (BadPayload, *UNREADABLE):
        return {}


def as_document(known: Mapping[str, Known]) -> Document:
    kept = {name: [one.id, one.asked.isoformat()] for name, one in sorted(known.items())}
    return Document(name=HASHTAGS, text=json.dumps(kept), kind="state")


class Hashtags:
    """Reads the newest posts of hashtags. They are not in order, and a day old at most: each
    poll reads all pages, so that nothing between two polls is lost."""

    def __init__(self, config: InstagramConfig, graph: Graph) -> None:
        self._config = config
        self._graph = graph

    async def read(self, narrowing: Narrowing, http: Http) -> AsyncGenerator[Page]:
        known = await known_hashtags(http)
        refused = ""
        for name in wanted(narrowing, self._config):
            if http.left is not None and http.left < 2:
                return
            try:
                one = await self._allowed(name, known.get(name), http)
            except Missing:
                continue  # nobody has used this hashtag yet
            if one is None:
                refused = name
                continue
            keep = [] if known.get(name) == one else [as_document({**known, name: one})]
            known = {**known, name: one}
            for edge in ("recent_media", *(["top_media"] if self._config.top_media else [])):
                async for page in self._pages(one.id, edge, http):
                    yield replace(page, keep=keep)
        if refused:
            note = (
                f"hashtags are left out: {self._config.unique_hashtags} in seven days are allowed"
            )
            yield Page(listening=Listening(asked=0, truncated=True, note=note))

    async def _allowed(self, name: str, known: Known | None, http: Http) -> Known | None:
        """The hashtag, counted where its seven days begin; None where no more are allowed."""
        if known is not None and http.now - known.asked < WEEK:
            return known
        if await http.desk.ledger.left(HASHTAGS) < 1:
            return None
        await http.desk.ledger.spend(HASHTAGS)
        if known is not None:
            return Known(known.id, http.now)
        params = {"user_id": self._config.user_id, "q": name}
        try:
            found = await self._graph.page("/ig_hashtag_search", params, http, needs=NEEDS)
        except Spent:
            return None  # another program asks for this account too
        except RateLimited:
            await http.desk.ledger.owe(HASHTAGS, -1)  # asked again when there is room
            raise
        first = found.records[0] if found.records else None
        if not isinstance(first, dict):
            raise Missing("Instagram: no such hashtag")
        try:
            return Known(identity(first.get("id")), http.now)
        except ValueError as error:
            raise BadPayload("Instagram: a hashtag without an id") from error

    async def _pages(self, number: str, edge: str, http: Http) -> AsyncGenerator[Page]:
        params = {"user_id": self._config.user_id, "fields": HASHTAG_FIELDS, "limit": "50"}
        further = ""
        known: set[str] = set()
        for count in range(1, self._config.hashtag_pages + 1):
            if http.left == 0:
                return
            asked = params | dict(parse_qsl(further))
            found = await self._graph.page(f"/{number}/{edge}", asked, http, needs=NEEDS)
            items, skipped = read_all(found.records, read_media)
            new: list[Item] = [one for one in items if one.external_id not in known]
            known.update(one.external_id for one in new)
            # The cursor is the same on each page, so only the end of the listing ends it.
            further = found.further
            cut = bool(further) and count == self._config.hashtag_pages
            note = "a hashtag had more posts than were read" if cut else ""
            yield Page(items=new, skipped=skipped, listening=Listening(truncated=cut, note=note))
            if not further:
                return
