"""Mastodon and software that speaks its API: tag timelines, and search where a token opens it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from pydantic import Field, JsonValue, SecretStr, field_validator

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    Term,
)
from collectors.errors import BadPayload, NeedsAttention
from collectors.fitting import count_bytes, fitting
from collectors.jsontext import read_json
from collectors.mastodon.statuses import newest_id, oldest_id, page_ids, read_statuses
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http, Response

LIMIT: Final = 40
"""Statuses a page: the most that the API gives."""
STREAMS: Final = 12
"""Tags and searches of one source at most; each has its place in the cursor (4 KB)."""
PAGES: Final = 4
"""Pages a poll reads of one stream; the rest is read at the next poll."""
TAG: Final = 100
"""Characters of a hashtag; a longer one is none, and its beginning is another."""
BYTES: Final = 600
"""Of one search: percent-encoded they may be three times that, in an address that servers in front
of an instance still take."""
_TAG: Final = re.compile(r"\w+")


class MastodonConfig(CollectorConfig):
    """One instance."""

    instance: str = Field(
        description="Address of the instance.",
        pattern=r"^https?://[^/?#]+/?$",
        examples=["https://mastodon.social"],
    )
    hashtags: tuple[str, ...] = Field(
        default=(), description="Hashtags to follow, besides those in the queries.", max_length=10
    )
    search: bool = Field(
        default=False,
        description="Also search all posts for the words of the queries; needs a token, and an "
        "instance with full-text search.",
    )
    token: SecretStr | None = Field(
        default=None, description="Access token of an account there, with the scope read."
    )

    @field_validator("instance")
    @classmethod
    def _readable(cls, value: str) -> str:
        urlsplit(value)  # raises ValueError: an address such as https://[ passes the pattern
        return value


@dataclass(frozen=True, slots=True)
class Stream:
    """One listing to follow: a tag's timeline, or a search."""

    words: str
    is_tag: bool

    @property
    def key(self) -> str:
        """Its name in the cursor: short, whatever the words."""
        return hashlib.sha256(f"{self.is_tag}{self.words}".encode()).hexdigest()[:10]


class Mastodon:
    """Follows each stream from where its last poll ended. Cursor: a Walk a stream."""

    kind: ClassVar[str] = "mastodon"
    platform: ClassVar[str | None] = "mastodon"
    Config: ClassVar[type[CollectorConfig]] = MastodonConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        min_interval=timedelta(minutes=5),
        quota="300 requests in 5 minutes per account and address (docs.joinmastodon.org)",
        max_requests=STREAMS * PAGES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, MastodonConfig)
        self._config = config
        self._base = config.instance.rstrip("/")
        self._host = urlsplit(config.instance).netloc

    async def check(self, http: Http) -> None:
        """Ask for one status of each kind of stream that will be read."""
        tags = [_tag(tag) for tag in self._config.hashtags] or ["news"]
        await self._page(Stream(tags[0], is_tag=True), {"limit": "1"}, http)
        if self._config.search:
            await self._page(Stream("news", is_tag=False), {"limit": "1"}, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages stream by stream; a status found by several comes once."""
        wanted = list(streams(narrowing, self._config))
        if not wanted:
            raise NeedsAttention("give the source hashtags, or switch its search on")
        walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in wanted[:STREAMS]}
        known: set[str] = set()
        for one in wanted[:STREAMS]:
            async with aclosing(self._follow(one, walks[one.key], http)) as followed:
                async for page, walk in followed:
                    walks[one.key] = walk
                    new = tuple(item for item in page.items if item.external_id not in known)
                    known.update(item.external_id for item in new)
                    yield replace(page, items=new, cursor=_cursor(walks))
        note = "; ".join(_notes(narrowing, self._config, len(wanted)))
        if note:
            yield Page(
                cursor=_cursor(walks), listening=Listening(asked=0, truncated=True, note=note)
            )

    async def _follow(
        self, stream: Stream, walk: Walk, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk], None]:
        """A tag that was read before goes up from there; all else goes down from the newest."""
        for number in range(PAGES):
            if http.left == 0:
                return
            up = stream.is_tag and bool(walk.since) and not walk.before
            params = _params(walk, up=up, is_tag=stream.is_tag)
            statuses, response = await self._page(stream, params, http)
            items, skipped = read_statuses(statuses, instance=self._host)
            after, more = _after(walk, statuses, response, up=up)
            last = number == PAGES - 1
            if last and more and not walk.since:  # a first poll goes so deep and no deeper
                after, more = after.ended(), False
            listening = Listening(note=f"{stream.words}: more at the next poll" * (more and last))
            if items or skipped or after != walk:
                yield Page(items=items, skipped=skipped, listening=listening), after
            walk = after
            if not more or _is_spent(response):
                return

    async def _page(
        self, stream: Stream, params: dict[str, str], http: Http
    ) -> tuple[list[Any], Response]:
        token = self._config.token
        headers = {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        path = f"/api/v1/timelines/tag/{quote(stream.words, safe='')}"
        if not stream.is_tag:
            path = "/api/v2/search"
            params = {"q": stream.words, "type": "statuses", **params}
        response = await http.get(self._base + path, params=params, headers=headers)
        assert response is not None  # None answers a conditional request, which this is not
        found = read_json(response.body)
        if not stream.is_tag:
            found = found.get("statuses") if isinstance(found, dict) else None
        if not isinstance(found, list):
            raise BadPayload(f"{self._host}: the answer is no list of statuses")
        return found, response


def _params(walk: Walk, *, up: bool, is_tag: bool) -> dict[str, str]:
    """min_id means "the next above" to a timeline, and a lower bound to the search."""
    params = {"limit": str(LIMIT)}
    if up:
        return params | {"min_id": walk.since}
    if walk.since:
        params["since_id" if is_tag else "min_id"] = walk.since
    return params | ({"max_id": walk.before} if walk.before else {})


def _after(walk: Walk, statuses: list[Any], response: Response, *, up: bool) -> tuple[Walk, bool]:
    """Where a page leaves the walk, and whether there is more."""
    links = page_ids(response.headers.get("link", ""))
    newest = newest_id(statuses)
    if up:
        return (Walk(since=newest or walk.since), len(statuses) >= LIMIT)
    older = links.get("next") or oldest_id(statuses)
    # The API may hold back statuses (blocks, deletions), so a short page is no sign of the end;
    # an empty one is.
    if not statuses or not older or older == walk.before:
        return walk.ended(top=newest), False
    return walk.down_to(older, top=newest), True


def _is_spent(response: Response) -> bool:
    """Whether the platform says that the next request would be one too many."""
    return response.headers.get("x-ratelimit-remaining", "").strip() == "0"


def _cursor(walks: dict[str, Walk]) -> dict[str, JsonValue]:
    return {key: walk.to_json() for key, walk in walks.items() if walk != Walk()}


def streams(narrowing: Narrowing, config: MastodonConfig) -> Iterator[Stream]:
    """What to follow: the tags of the config and of the queries, and the searches if wanted.

    A timeline cannot ask for two tags at once, so a clause gives its first tag: a superset.
    """
    tags = [*config.hashtags, *(_clause_tag(clause) for clause in narrowing.any_of)]
    for tag in dict.fromkeys(_tag(tag) for tag in tags):
        if tag:
            yield Stream(tag, is_tag=True)
    if config.search:
        for words in dict.fromkeys(_search(clause) for clause in narrowing.any_of):
            if words:
                yield Stream(words, is_tag=False)


def _notes(narrowing: Narrowing, config: MastodonConfig, wanted: int) -> Iterator[str]:
    """What is not asked for, and why."""
    if wanted > STREAMS:
        yield f"only {STREAMS} of {wanted} tags and searches are asked for"
    if config.search and any(clause and not _search(clause) for clause in narrowing.any_of):
        yield f"a word of more than {BYTES} bytes cannot be searched for"


def _clause_tag(clause: Sequence[Term]) -> str:
    """The hashtag of a clause; without one, its only word or phrase as people would tag it."""
    marked = [term.text for term in clause if term.kind == "hashtag"]
    if marked:
        return marked[0]
    return clause[0].text if len(clause) == 1 and clause[0].kind != "handle" else ""


def _tag(text: str) -> str:
    tag = "".join(_TAG.findall(text)).lower()
    return tag if len(tag) <= TAG else ""


def _search(clause: Sequence[Term]) -> str:
    # Fewer words find more; a word that no search can hold asks for nothing.
    return " ".join(_asked(term) for term in fitting(clause[:8], BYTES, count_bytes))


def _asked(term: Term) -> str:
    text = " ".join(term.text.replace('"', " ").split())
    mark = {"hashtag": "#", "handle": "@"}.get(term.kind, "")
    return f'"{text}"' if " " in text else f"{mark}{text.lstrip('#@')}"
