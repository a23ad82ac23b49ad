"""Reading lists of videos and comments; shared by polls, refreshes and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from collectors.api import Item, Narrowing, Skipped
from collectors.youtube import rules
from collectors.youtube.calls import BATCH, SEARCHES, THREADS, Absent, Answer, Api
from collectors.youtube.config import YouTubeConfig
from collectors.youtube.records import (
    Channel,
    Read,
    Thread,
    channel,
    found_video,
    is_video,
    read_all,
    thread,
    video,
    whole,
)

WHOLE: Final = "snippet,statistics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Videos:
    """Videos as videos.list tells them. gone: asked for and not told."""

    items: Mapping[str, Item]
    skipped: tuple[Skipped, ...] = ()
    gone: tuple[str, ...] = ()


async def read_videos(api: Api, ids: Sequence[str]) -> Videos:
    """At most 50 videos, with their figures: one unit."""
    if not ids:
        return Videos(items={})
    answer = await api.list("videos", part=WHOLE, id=",".join(ids[:BATCH]), maxResults=BATCH)
    read = read_all(answer.records, video)
    items = {item.external_id: item for item in read.found}
    unread = {one.external_id for one in read.skipped}
    gone = tuple(one for one in ids if one not in items and one not in unread)
    return Videos(items=items, skipped=read.skipped, gone=gone)


async def search(
    api: Api,
    config: YouTubeConfig,
    query: str,
    narrowing: Narrowing,
    *,
    after: datetime,
    before: datetime | None,
) -> Answer:
    """A page of a search, newest first: one search."""
    return await api.list(
        "search",
        SEARCHES,
        part="snippet",
        type="video",
        order="date",
        safeSearch="none",
        maxResults=BATCH,
        q=query,
        publishedAfter=rules.stamp(after),
        publishedBefore=rules.stamp(before) if before else "",
        relevanceLanguage=rules.language(narrowing, config.language),
        regionCode=config.region,
    )


def read_hits(answer: Answer) -> Read[Item]:
    """Its videos, as the search tells them."""
    return read_all([hit for hit in answer.records if is_video(hit)], found_video)


async def count_comments(api: Api, ids: Sequence[str]) -> dict[str, int]:
    """How many comments each of at most 50 videos has; without those that are gone.

    -1 where a video takes no comments.
    """
    answer = await api.list("videos", part="statistics", id=",".join(ids), maxResults=BATCH)
    found: dict[str, int] = {}
    for record in answer.records:
        if isinstance(record, dict) and isinstance(record.get("id"), str):
            statistics = record.get("statistics")
            count = whole(statistics.get("commentCount")) if isinstance(statistics, dict) else None
            found[record["id"]] = -1 if count is None else count
    return found


async def list_threads(api: Api, where: Mapping[str, str], token: str = "") -> Answer:
    """A page of threads with some of their replies, newest first: one unit."""
    return await api.list(
        "commentThreads",
        part="snippet,replies",
        order="time",
        maxResults=THREADS,
        textFormat="plainText",
        pageToken=token,
        **where,
    )


async def list_replies(api: Api, parent: str, token: str = "") -> Answer:
    """A page of the replies to a comment: one unit."""
    return await api.list(
        "comments",
        part="snippet",
        parentId=parent,
        maxResults=THREADS,
        textFormat="plainText",
        pageToken=token,
    )


async def list_by_id(api: Api, resource: str, ids: Sequence[str]) -> list[Any]:
    """Comments or threads by id: one unit. Where one of them makes YouTube refuse all, each half
    is asked for alone, so that the others are still told."""
    if not ids:
        return []
    try:
        answer = await api.list(resource, part="snippet", id=",".join(ids), textFormat="plainText")
    except Absent:
        if len(ids) == 1:
            return []
        half = len(ids) // 2
        first = await list_by_id(api, resource, ids[:half])
        return [*first, *await list_by_id(api, resource, ids[half:])]
    return answer.records


def items_of(threads: Read[Thread]) -> list[Item]:
    """Comments and the replies that came along."""
    return [item for one in threads.found for item in (one.comment, *one.replies)]


def read_threads(answer: Answer) -> Read[Thread]:
    return read_all(answer.records, thread)


async def find_channel(api: Api, account: str) -> Channel | None:
    """A channel by handle or id: one unit; None where there is none."""
    name = account.strip()
    is_id = name.startswith("UC") and len(name) == 24
    by = {"id": name} if is_id else {"forHandle": f"@{name.lstrip('@')}"}
    answer = await api.list("channels", part="snippet,statistics,contentDetails", **by)
    return next(iter(read_all(answer.records, channel).found), None)
