"""Mastodon and software that speaks its API: tag timelines, and search where a token opens it;
tags also as a live stream."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    ProfileSnapshot,
    Proposal,
    Term,
    Wanted,
)
from collectors.errors import BadPayload, NeedsAttention, Transient
from collectors.fitting import count_bytes, fitting
from collectors.gathered import gathered
from collectors.jsontext import read_json
from collectors.mastodon.again import read_again
from collectors.mastodon.known import KnownIds
from collectors.mastodon.live import Heard, streaming_address
from collectors.mastodon.statuses import (
    newest_id,
    oldest_id,
    page_ids,
    read_profile,
    read_statuses,
)
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Event, Http, Response

LARGEST: Final = "https://mastodon.social"
"""Where tags are proposed to be followed: the instance that most posts reach."""
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
BATCH: Final = 20
"""Statuses that one call gives again: a limit of the API."""
CONNECTIONS: Final = 4
"""Tags that are listened to at once; the others are polled whenever the streams are opened."""
NEWS: Final = 2.0
"""Seconds between two pages of the streams while there is news."""
HANDFUL: Final = 200
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

    live: bool = Field(
        default=False,
        description="Listen to the tags as posts come, instead of asking now and then; needs a "
        "token. At most 4 tags; the others are still asked for.",
    )
    streaming: str = Field(
        default="",
        pattern=r"^(https?://[^/?#]+/?)?$",
        description="Address of the instance's streaming server; empty asks the instance for it.",
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
        history=timedelta(days=90),
        max_requests=STREAMS * PAGES + CONNECTIONS + 1,
        refresh_batch=BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, MastodonConfig)
        self._config = config
        self._base = config.instance.rstrip("/")
        self._host = urlsplit(config.instance).netloc

    @property
    def live(self) -> bool:
        return self._config.live

    async def check(self, http: Http) -> None:
        """Ask for one status of each kind of stream that will be read."""
        tags = [_tag(tag) for tag in self._config.hashtags] or ["news"]
        await self._page(Stream(tags[0], is_tag=True), {"limit": "1"}, http)
        if self._config.search:
            await self._page(Stream("news", is_tag=False), {"limit": "1"}, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages stream by stream; a status found by several comes once."""
        known = await KnownIds.load(self._host, http)
        wanted = self._wanted(narrowing)
        walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in wanted}
        async with aclosing(self._polled(wanted, walks, known, http)) as pages:
            async for page in pages:
                yield page
        note = "; ".join(_notes(narrowing, self._config))
        if note or known.is_new:
            keep = (known.document(),) if known.is_new else ()
            listening = Listening(asked=0, truncated=bool(note), note=note)
            yield Page(cursor=_cursor(walks), listening=listening, keep=keep)

    def _wanted(self, narrowing: Narrowing) -> list[Stream]:
        wanted = list(streams(narrowing, self._config))[:STREAMS]
        if not wanted:
            raise NeedsAttention("give the source hashtags, or switch its search on")
        return wanted

    async def _polled(
        self, wanted: Sequence[Stream], walks: dict[str, Walk], known: KnownIds, http: Http
    ) -> AsyncGenerator[Page]:
        """Follow each stream; `walks` is moved on."""
        seen: set[str] = set()
        for one in wanted:
            async with aclosing(self._follow(one, walks[one.key], known, http)) as followed:
                async for page, walk in followed:
                    walks[one.key] = walk
                    new = tuple(item for item in page.items if item.external_id not in seen)
                    seen.update(item.external_id for item in new)
                    yield replace(page, items=new, cursor=_cursor(walks))

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each stream down to `since`. Cursor: the id it came down to, "" at its end."""
        wanted = list(streams(narrowing, self._config))[:STREAMS]
        places = {one.key: cursor.get(one.key) for one in wanted}
        for one in wanted:
            for _ in range(PAGES):
                before = places[one.key]
                if before == "" or http.left == 0:
                    break
                params = {"limit": str(LIMIT)} | ({"max_id": str(before)} if before else {})
                statuses, response = await self._page(one, params, http)
                items, skipped = read_statuses(statuses, instance=self._host)
                older = page_ids(response.headers.get("link", "")).get("next")
                older = older or oldest_id(statuses)
                times = [item.published_at for item in items if item.published_at]
                deep_enough = bool(times) and min(times) < since
                over = not statuses or deep_enough or older == before
                places[one.key] = "" if over else older
                kept = [item for item in items if item.published_at and item.published_at >= since]
                stored = {key: place for key, place in places.items() if place is not None}
                yield Page(items=kept, skipped=skipped, cursor=stored)
                if _is_spent(response):
                    return

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Statuses as they are now, of those whose id on the instance is known."""
        known = await KnownIds.load(self._host, http)
        asked = http.asked
        local = known.ids_of(list(ids)[:BATCH])
        statuses, gone = await read_again(self._base, self._headers(), list(local.values()), http)
        items, skipped = read_statuses(statuses, instance=self._host)
        removed = [uri for uri, identity in local.items() if identity in gone]
        listening = Listening(asked=http.asked - asked)
        return Page(items=items, skipped=skipped, removed=removed, listening=listening)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Figures of an account that the instance knows: name, or name@instance."""
        name = account.strip().lstrip("@").removesuffix(f"@{self._host}")
        address = f"{self._base}/api/v1/accounts/lookup"
        response = await http.get(address, params={"acct": name}, headers=self._headers())
        assert response is not None  # None answers a conditional request, which this is not
        return read_profile(read_json(response.body), instance=self._host)

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The brand's name and aliases as tags, at the largest instance."""
        names = (wanted.name, *wanted.aliases)
        tags = [tag for tag in dict.fromkeys(_tag(name) for name in names) if tag][:3]
        if not tags:
            return ()
        config: dict[str, JsonValue] = {"instance": LARGEST, "hashtags": list(tags)}
        why = wanted.says(fr="publications avec son mot-dièse", en="posts with its tag")
        return [Proposal(name=f"Mastodon: #{tags[0]}", config=config, why=why)]

    async def listen(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield posts with the tags as they come. A stream has no past: once it is open, what was
        missed before is polled, and so are the streams that are not listened to."""
        known = await KnownIds.load(self._host, http)
        wanted = self._wanted(narrowing)
        walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in wanted}
        tags = [one for one in wanted if one.is_tag][:CONNECTIONS]
        if not tags:
            raise NeedsAttention("give the source hashtags to listen to, or switch live off")
        opened = await self._opened(tags, http)
        async with aclosing(gathered(opened, seconds=NEWS, most=HANDFUL)) as handfuls:
            handful = await anext(handfuls, None)  # by now the streams are open
            async with aclosing(self._polled(wanted, walks, known, http)) as pages:
                async for page in pages:
                    yield page
            while handful is not None:
                heard = Heard(self._host, known)
                heard.take(handful)
                for number, newest in heard.newest.items():
                    key = tags[number].key
                    walks[key] = _risen(walks[key], newest)
                if heard.has_news or known.is_new:
                    keep = (known.document(),) if known.is_new else ()
                    yield replace(heard.page(), cursor=_cursor(walks), keep=keep)
                handful = await anext(handfuls, None)
        raise Transient(f"{self._host}: the live streams were closed by the server")

    async def _opened(self, tags: Sequence[Stream], http: Http) -> list[AsyncGenerator[Event]]:
        """A connection a tag, made when it is first read."""
        address = self._config.streaming or await streaming_address(self._base, http)
        where = f"{address.rstrip('/')}/api/v1/streaming/hashtag"
        headers = self._headers()
        return [http.events(where, params={"tag": one.words}, headers=headers) for one in tags]

    async def _follow(
        self, stream: Stream, walk: Walk, known: KnownIds, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk]]:
        """A tag that was read before goes up from there; all else goes down from the newest."""
        for number in range(PAGES):
            if http.left == 0:
                return
            up = stream.is_tag and bool(walk.since) and not walk.before
            params = _params(walk, up=up, is_tag=stream.is_tag)
            statuses, response = await self._page(stream, params, http)
            known.learn(statuses)
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
        path = f"/api/v1/timelines/tag/{quote(stream.words, safe='')}"
        if not stream.is_tag:
            path = "/api/v2/search"
            params = {"q": stream.words, "type": "statuses", **params}
        response = await http.get(self._base + path, params=params, headers=self._headers())
        assert response is not None  # None answers a conditional request, which this is not
        found = read_json(response.body)
        if not stream.is_tag:
            found = found.get("statuses") if isinstance(found, dict) else None
        if not isinstance(found, list):
            raise BadPayload(f"{self._host}: the answer is no list of statuses")
        return found, response

    def _headers(self) -> dict[str, str]:
        token = self._config.token
        return {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}


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


def _risen(walk: Walk, newest: str) -> Walk:
    """After a status came by the stream: all before it is stored, unless a walk is under way."""
    if walk.before or (len(newest), newest) <= (len(walk.since), walk.since):
        return walk
    return Walk(since=newest)


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


def _notes(narrowing: Narrowing, config: MastodonConfig) -> Iterator[str]:
    """What is not asked for, and why."""
    wanted = len(list(streams(narrowing, config)))
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
