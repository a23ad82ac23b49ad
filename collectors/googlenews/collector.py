"""News search by Google News' RSS: the best free door to the press, undocumented and capped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
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
    Term,
)
from collectors.errors import NeedsAttention
from collectors.fitting import count_bytes, count_words, fitting
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
    "en": {"hl": "en-US", "gl": "US", "ceid": "US:en"},
}
_TAIL: Final = re.compile(r"^(?P<title>.+?)\s+-\s+(?P<source>[^-].{0,80}?)\s*$")


class GoogleNewsConfig(CollectorConfig):
    """One edition of Google News."""

    edition: Literal["fr", "en"] = Field(
        default="fr", description="Edition to search: fr (France) or en (United States)."
    )
    query: str = Field(
        default="",
        description="Own search in Google's syntax, instead of the words of the queries.",
        max_length=500,
    )
    when: Literal["1h", "1d", "7d", "1y"] = Field(
        default="7d", description="How far back to search; short keeps below the cap of 100."
    )
    base_url: str = Field(
        default="https://news.google.com/rss/search",
        description="Address of the search; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class GoogleNews:
    """Asks one search a clause, alternatives joined by OR. The cursor is empty: all is re-read."""

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
        await self._search(self._config.query or "Paris", http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield one page a search; articles found by several come once."""
        own = self._config.query
        searches = [own] if own else render(narrowing)
        if not searches:
            raise NeedsAttention("a news search needs words: give the source a query")
        known: set[str] = set()
        left_out = len(searches) > MAX_REQUESTS or _leaves_out(narrowing)
        for words in searches[:MAX_REQUESTS]:
            page = await self._search(words, http, left_out=left_out)
            new = tuple(item for item in page.items if item.external_id not in known)
            known.update(item.external_id for item in new)
            yield replace(page, items=new)

    async def _search(self, words: str, http: Http, *, left_out: bool = False) -> Page:
        params = {"q": f"{words} when:{self._config.when}", **_EDITIONS[self._config.edition]}
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
