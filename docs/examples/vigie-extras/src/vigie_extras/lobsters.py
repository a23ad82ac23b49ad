"""Lobsters, and every site that runs its software: new stories, all of them or by tag."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

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
from collectors.jsontext import read_json
from collectors.text import markup_line, markup_text, scrub, web_url
from vigie_extras.newest import counts, kept_time, moment, tried

if TYPE_CHECKING:
    from collectors.http import Http

TAGS = 10
PAGES = 5


class LobstersConfig(CollectorConfig):
    """All new stories of one site, or those of some tags."""

    tags: tuple[str, ...] = Field(
        default=(), max_length=TAGS, description="Tags to follow; empty: all new stories."
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    again_hours: int = Field(
        default=24,
        ge=1,
        le=168,
        description="Hours that each poll reads again, as scores and comments move.",
    )
    pages: int = Field(
        default=PAGES,
        ge=1,
        le=PAGES,
        description="Pages of 25 stories that a poll reads of a list.",
    )
    base_url: str = Field(
        default="https://lobste.rs",
        description="Address of the site: another one with the same software works too.",
        pattern=r"^https?://",
    )


class Lobsters:
    """Reads new stories, all of them or by tag.

    Walks each list from the newest story down to what is known.
    Cursor: per list the time of its newest story, moved on only when a walk came down to its end,
    so that one that was cut begins again.
    """

    kind: ClassVar[str] = "lobsters"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = LobstersConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        history=timedelta(days=90),
        min_interval=timedelta(minutes=15),
        quota="none stated; asked slowly, one request at a time",
        max_requests=TAGS * PAGES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, LobstersConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Read the newest page of the first list."""
        await self._stories(self._lists()[0], 1, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page a page. The lists cannot be asked for words: all is matched by Vigie."""
        known = dict(cursor)
        shown: set[str] = set()
        for name in self._lists():
            since = kept_time(known.get(name), http.now - timedelta(days=self._config.first_days))
            floor = since - timedelta(hours=self._config.again_hours) if name in known else since
            top, number, ended = since, 1, False
            while not ended and number <= self._config.pages and http.left != 0:
                stories = await self._stories(name, number, http)
                read = [read_story(story) for story in stories]
                items = [one for one in read if isinstance(one, Item)]
                times = [one.published_at for one in items if one.published_at]
                top = max([top, *times])
                ended = not stories or (bool(times) and min(times) < floor)
                if ended or number == self._config.pages:
                    known[name] = top.isoformat()
                new = [one for one in items if _is_new(one, floor, shown)]
                shown.update(one.external_id for one in new)
                yield Page(
                    items=new,
                    skipped=[one for one in read if isinstance(one, Skipped)],
                    cursor=dict(known),
                    listening=Listening(truncated=number == self._config.pages and not ended),
                )
                number += 1

    def _lists(self) -> list[str]:
        return [f"t/{quote(tag, safe='')}" for tag in self._config.tags] or ["newest"]

    async def _stories(self, name: str, number: int, http: Http) -> list[Any]:
        path = f"{name}.json" if number == 1 else f"{name}/page/{number}.json"
        response = await http.get(f"{self._config.base_url.rstrip('/')}/{path}")
        assert response is not None  # None answers a conditional request, which this is not
        found = read_json(response.body)
        if not isinstance(found, list):
            raise BadPayload("Lobsters: the answer is no list of stories")
        return found


def _is_new(item: Item, floor: datetime, shown: set[str]) -> bool:
    in_reach = item.published_at is not None and item.published_at >= floor
    return in_reach and item.external_id not in shown


def read_story(story: Any) -> Item | Skipped:
    """One story as an Item, or why it cannot be read."""
    return tried(_item, story, "story")


def _item(story: Mapping[str, Any]) -> Item:
    address = web_url(story["short_id_url"])
    if "://" not in address:
        raise ValueError("no address")
    text, links = markup_text(story.get("description") or "", base=address)
    user = story["submitter_user"]
    name = scrub(user["username"] if isinstance(user, dict) else user)
    outside = web_url(story.get("url") or "", base=address) if story.get("url") else ""
    return Item(
        external_id=address,
        url=web_url(story["comments_url"], base=address),
        title=markup_line(story["title"]),
        text=text,
        author=Author(name=name, id=name),
        published_at=moment(story["created_at"]),
        links=tuple(dict.fromkeys(link for link in (outside, *links) if link)),
        metrics=counts(score=story.get("score"), comments=story.get("comment_count")),
    )
