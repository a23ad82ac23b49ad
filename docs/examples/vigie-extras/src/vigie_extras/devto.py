"""DEV (dev.to), and every site that runs Forem: new articles, with as many texts as the budget
of a poll allows; a later refresh reads the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

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
    Skipped,
)
from collectors.errors import BadPayload
from collectors.http.outcomes import error_for
from collectors.jsontext import read_json
from collectors.text import markup_line, markup_text, plain_text, scrub, web_url
from vigie_extras.newest import counts, kept_time, moment, tried

if TYPE_CHECKING:
    from collectors.http import Http

PAGES = 10
TEXTS = 20
KNOWN = 200
OVERLAP = timedelta(hours=1)


class DevToConfig(CollectorConfig):
    """All new articles of one site, or those with one of some tags."""

    tags: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="Keep articles with one of these tags only; empty: all.",
    )
    first_days: int = Field(
        default=2, ge=1, le=30, description="Days that the first poll reaches back."
    )
    per_page: int = Field(
        default=100, ge=2, le=1_000, description="Articles of one page; Forem gives 1,000 at most."
    )
    pages: int = Field(default=PAGES, ge=1, le=PAGES, description="Pages that a poll reads.")
    texts: int = Field(
        default=TEXTS,
        ge=0,
        le=TEXTS,
        description="Articles whose whole text a poll reads, one request each.",
    )
    base_url: str = Field(
        default="https://dev.to/api",
        description="Address of the API: another site with the same software works too.",
        pattern=r"^https?://",
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What the polls before left: all up to `since` came, of the last hour these ids."""

    since: datetime
    ids: tuple[str, ...] = ()

    @classmethod
    def from_cursor(cls, cursor: Cursor, otherwise: datetime) -> Known:
        ids = cursor.get("ids")
        kept = tuple(str(one) for one in ids) if isinstance(ids, list) else ()
        return cls(kept_time(cursor.get("since"), otherwise), kept)

    def to_cursor(self) -> Cursor:
        return {"since": self.since.isoformat(), "ids": list(self.ids)}

    def after(self, times: Mapping[str, datetime]) -> Known:
        top = max([self.since, *times.values()])
        recent = [one for one, at in times.items() if at >= top - OVERLAP]
        return Known(top, tuple(recent[:KNOWN]))


class DevTo:
    """Reads new articles, all of them or by tag.

    An article comes once by a poll; what moves is the refresh's.
    """

    kind: ClassVar[str] = "devto"
    platform: ClassVar[str | None] = "devto"
    Config: ClassVar[type[CollectorConfig]] = DevToConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        history=timedelta(days=30),
        min_interval=timedelta(minutes=15),
        quota="none stated for reading; 429 tells when to wait",
        max_requests=PAGES + TEXTS,
        refresh_batch=PAGES + TEXTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, DevToConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Ask for the newest articles."""
        await self._latest(1, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page a page, newest first. Only the last page moves the cursor on."""
        known = Known.from_cursor(cursor, http.now - timedelta(days=self._config.first_days))
        floor = known.since - OVERLAP
        times: dict[str, datetime] = {}
        done = set(known.ids)
        texts = self._config.texts
        for number in range(1, self._config.pages + 1):
            records = await self._latest(number, http)
            times |= _times(records)
            ended = (
                len(records) < self._config.per_page or min(times.values(), default=floor) < floor
            )
            last = ended or number == self._config.pages
            read = [read_article(one) for one in records if self._is_wanted(one)]
            new = [one for one in read if isinstance(one, Item) and _is_new(one, floor, done)]
            done.update(one.external_id for one in new)
            whole = [await self._whole(one, http) for one in new[:texts]]
            yield Page(
                items=[*whole, *new[texts:]],
                skipped=[one for one in read if isinstance(one, Skipped)],
                cursor=known.after(times).to_cursor() if last else cursor,
                listening=Listening(asked=1 + len(whole), truncated=last and not ended),
            )
            texts -= len(whole)
            if last:
                return

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Articles as they are now, with their whole text; `removed` are those that are gone."""
        asked = [one for one in ids if one.isascii() and one.isdigit()][: http.left]
        found = {identity: await self._article(identity, http) for identity in asked}
        read = [read_article(record) for record in found.values() if record is not None]
        return Page(
            items=[one for one in read if isinstance(one, Item)],
            skipped=[one for one in read if isinstance(one, Skipped)],
            removed=[identity for identity, record in found.items() if record is None],
            listening=Listening(asked=len(asked)),
        )

    def _is_wanted(self, record: Any) -> bool:
        wanted = {tag.lower().lstrip("#") for tag in self._config.tags}
        tags = record.get("tag_list") if isinstance(record, dict) else None
        return not wanted or not isinstance(tags, list) or any(tag in wanted for tag in tags)

    async def _whole(self, item: Item, http: Http) -> Item:
        """The article with its text; as the list has it where it cannot be had."""
        record = await self._article(item.external_id, http) if http.left != 0 else None
        one = read_article(record)
        return replace(item, text=one.text, links=one.links) if isinstance(one, Item) else item

    async def _latest(self, number: int, http: Http) -> list[Any]:
        params = {"page": number, "per_page": self._config.per_page}
        response = await http.get(f"{self._config.base_url}/articles/latest", params=params)
        assert response is not None  # None answers a conditional request, which this is not
        found = read_json(response.body)
        if not isinstance(found, list):
            raise BadPayload("DEV: the answer is no list of articles")
        return found

    async def _article(self, identity: str, http: Http) -> Any:
        """One article; None where it was taken away."""
        url = f"{self._config.base_url}/articles/{identity}"
        response = await http.request("GET", url, raise_for_status=False)
        assert response is not None  # None answers a conditional request, which this is not
        if response.status in (404, 410):
            return None
        host = urlsplit(response.url).hostname or ""
        error = error_for(response.status, response.headers, host=host, now=http.now.timestamp())
        if error is not None:
            raise error
        return read_json(response.body)


def _times(records: Sequence[Any]) -> dict[str, datetime]:
    """When each article was published, by its id; without those that cannot be read."""
    read = (read_article(record) for record in records)
    return {one.external_id: one.published_at for one in read
            if isinstance(one, Item) and one.published_at}  # fmt: skip


def _is_new(item: Item, floor: datetime, done: set[str]) -> bool:
    in_reach = item.published_at is not None and item.published_at >= floor
    return in_reach and item.external_id not in done


def read_article(record: Any) -> Item | Skipped:
    """One article as an Item, or why it cannot be read."""
    return tried(_item, record, "article")


def _item(record: Mapping[str, Any]) -> Item:
    whole = record.get("body_html")
    described = plain_text(record.get("description") or "")
    url = web_url(record["url"])
    if "://" not in url:
        raise ValueError("no address")
    text, links = markup_text(whole, base=url) if isinstance(whole, str) else (described, ())
    user = record["user"]
    edited = record.get("edited_at")
    cover = web_url(record.get("cover_image") or "", base=url) if record.get("cover_image") else ""
    return Item(
        external_id=str(int(record["id"])),
        url=url,
        title=markup_line(record["title"]),
        text=text,
        author=Author(name=scrub(user["name"]), id=scrub(user["username"])),
        published_at=moment(record["published_timestamp"]),
        edited_at=moment(edited) if edited else None,
        kind="article",
        links=links,
        media=(cover,) if cover else (),
        metrics=counts(
            likes=record.get("public_reactions_count"), comments=record.get("comments_count")
        ),
    )
