"""News search by Google News' RSS: the best free door to the press, undocumented and capped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import Field

from collectors.api import (
    Author,
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Proposal,
    Term,
    Wanted,
)
from collectors.errors import NeedsAttention
from collectors.fitting import count_bytes, count_words, fitting
from collectors.googlenews.slices import Slice, search_key
from collectors.rss.collector import ACCEPT
from collectors.rss.window import parse

if TYPE_CHECKING:
    from collectors.http import Http

CAP: Final = 100
"""Items that one search gives at most."""
MAX_REQUESTS: Final = 8
_WORDS: Final = 24
"""Words of one search; Google drops those beyond 32 in silence."""
_BYTES: Final = 600
"""Bytes of one search; percent-encoded they may be three times that, and addresses beyond some
2,000 characters are refused on the way."""
_EDITIONS: Final = {
    "fr": {"hl": "fr", "gl": "FR", "ceid": "FR:fr"},
    "fr-BE": {"hl": "fr", "gl": "BE", "ceid": "BE:fr"},
    "fr-CA": {"hl": "fr-CA", "gl": "CA", "ceid": "CA:fr"},
    "fr-CH": {"hl": "fr", "gl": "CH", "ceid": "CH:fr"},
    "en": {"hl": "en-US", "gl": "US", "ceid": "US:en"},
    "en-CA": {"hl": "en-CA", "gl": "CA", "ceid": "CA:en"},
    "en-GB": {"hl": "en-GB", "gl": "GB", "ceid": "GB:en"},
}
_TAIL: Final = re.compile(r"^(?P<title>.+?)\s+-\s+(?P<source>[^-].{0,80}?)\s*$")


class GoogleNewsConfig(CollectorConfig):
    """One edition of Google News."""

    edition: Literal["fr", "fr-BE", "fr-CA", "fr-CH", "en", "en-CA", "en-GB"] = Field(
        default="fr",
        description="Edition to search: fr (France), en (United States), or another country's.",
    )
    query: str = Field(
        default="",
        description="Own search in Google's syntax, instead of the words of the queries.",
        max_length=500,
    )
    when: Literal["1h", "1d", "7d", "1y"] = Field(
        default="7d", description="How far back to search; short keeps below the cap of 100."
    )
    slice_days: int = Field(
        default=7, ge=1, le=31, description="Days of the past that one search of history covers."
    )
    base_url: str = Field(
        default="https://news.google.com/rss/search",
        description="Address of the search; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class GoogleNews:
    """Asks one search a clause, alternatives joined by OR. The cursor is empty: all is re-read.

    Cursor of the history: a Slice a search, the one to read next.
    """

    kind: ClassVar[str] = "googlenews"
    platform: ClassVar[str | None] = "googlenews"
    Config: ClassVar[type[CollectorConfig]] = GoogleNewsConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True,
        history=timedelta(days=365),
        min_interval=timedelta(minutes=30),
        quota="undocumented; about 100 items a search",
        max_requests=2 * MAX_REQUESTS,  # redirects and quick retries count too
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, GoogleNewsConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Search for something that the press always speaks of."""
        await self._search(self._recent(self._config.query or "Paris"), http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield one page a search; articles found by several come once."""
        searches = self._searches(narrowing)
        known: set[str] = set()
        left_out = len(searches) > MAX_REQUESTS or _leaves_out(narrowing)
        for words in searches[:MAX_REQUESTS]:
            page = await self._search(self._recent(words), http, left_out=left_out)
            new = tuple(item for item in page.items if item.external_id not in known)
            known.update(item.external_id for item in new)
            yield replace(page, items=new)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield the past slice by slice, newest first; a slice that is full is cut in two."""
        state = dict(cursor)
        left = MAX_REQUESTS
        for words in self._searches(narrowing)[:MAX_REQUESTS]:
            key = search_key(words)
            first = Slice(end=http.now.date() + timedelta(days=1), days=self._config.slice_days)
            part = Slice.from_json(state.get(key)) or first
            while part.end > since.date():
                if left == 0 or http.left == 0:
                    return
                left -= 1
                page = await self._search(part.asked(words, since=since.date()), http)
                full = len(page.items) >= CAP
                if full and part.days > 1:  # read again in halves: nothing is lost yet
                    page = replace(page, listening=Listening())
                part = part.after(full=full, most=self._config.slice_days)
                state[key] = part.to_json()
                new = tuple(one for one in page.items if not _is_before(one, since))
                yield replace(page, items=new, cursor=dict(state))

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The edition of the language; the words come from the queries of the brand."""
        edition = wanted.says(fr="fr", en="en")
        why = wanted.says(
            fr="articles de presse qui nomment la marque", en="press articles that name the brand"
        )
        return (Proposal(name=f"Google News: {wanted.name}", config={"edition": edition}, why=why),)

    def _searches(self, narrowing: Narrowing) -> list[str]:
        own = self._config.query
        searches = [own] if own else render(narrowing)
        if not searches:
            raise NeedsAttention("a news search needs words: give the source a query")
        return searches

    def _recent(self, words: str) -> str:
        return f"{words} when:{self._config.when}"

    async def _search(self, asked: str, http: Http, *, left_out: bool = False) -> Page:
        params = {"q": asked, **_EDITIONS[self._config.edition]}
        response = await http.get(self._config.base_url, params=params, accept=ACCEPT)
        assert response is not None  # None answers a conditional request, which this is not
        feed = await parse(response.body, url=response.url)
        full = len(feed.items) >= CAP
        return Page(
            items=tuple(article(item) for item in feed.items),
            skipped=feed.skipped,
            listening=Listening(
                truncated=full or left_out or not feed.complete,
                note="; ".join(_notes(len(feed.items), left_out=left_out)),
            ),
        )


def _notes(articles: int, *, left_out: bool) -> Iterator[str]:
    if articles >= CAP:
        yield f"the search gave {articles} articles, its most"
    if left_out:
        yield f"more words than {MAX_REQUESTS} searches can ask for"


def _is_before(item: Item, moment: datetime) -> bool:
    return item.published_at is not None and item.published_at < moment


def article(item: Item) -> Item:
    """The item with "Title - Source" taken apart and the description, which repeats it, dropped."""
    source = item.author.name if item.author else ""
    if source and item.title.endswith(f" - {source}"):
        return replace(item, title=item.title.removesuffix(f" - {source}"), text="", links=())
    found = None if source else _TAIL.match(item.title)
    if found:
        author = Author(name=found["source"])
        return replace(item, title=found["title"], author=author, text="", links=())
    return replace(item, text="", links=())


def askable(narrowing: Narrowing) -> tuple[tuple[Term, ...], ...]:
    """The clauses, none too long for one search; without those of which no term is short enough."""
    clauses = (
        fitting(fitting(clause, _WORDS, count_words, around=0), _BYTES, count_bytes)
        for clause in narrowing.any_of
    )
    return tuple(clause for clause in clauses if clause)


def _leaves_out(narrowing: Narrowing) -> bool:
    """Whether a clause is nothing but a word too long for any search."""
    return len(askable(narrowing)) < sum(map(bool, narrowing.any_of))


def render(narrowing: Narrowing) -> list[str]:
    """The narrowing as searches, together a superset of it.

    Google binds OR tighter than the blank, so clauses of several terms get a search each and
    those of one term share. Where that makes too many, the clauses are widened to one term;
    only beyond some hundred words are there still more than MAX_REQUESTS.
    """
    clauses = [tuple(dict.fromkeys(map(_quoted, clause))) for clause in askable(narrowing)]
    several = [clause for clause in clauses if len(clause) > 1]
    single = [clause for clause in clauses if len(clause) == 1]
    searches = [" ".join(clause) for clause in several] + list(_joined(single))
    if len(searches) > MAX_REQUESTS:
        searches = list(_joined([(max(clause, key=len),) for clause in clauses]))
    return list(dict.fromkeys(searches))


def _joined(clauses: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """`a OR b OR c`, in as few searches as Google's limit of words allows."""
    group: list[str] = []
    for (word,) in dict.fromkeys(clauses):
        if group and not _fits([*group, word]):
            yield " OR ".join(group)
            group = []
        group.append(word)
    if group:
        yield " OR ".join(group)


def _fits(alternatives: Sequence[str]) -> bool:
    together = " OR ".join(alternatives)
    return count_words(together) < _WORDS and count_bytes(together) <= _BYTES


def _quoted(term: Term) -> str:
    text = " ".join(term.text.replace('"', " ").split())
    return text if term.kind == "word" and text.isalnum() else f'"{text}"'
