"""Recorded answers of the real API: all that is in them comes out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.api import Item
from collectors.youtube.calls import Answer, read_answer
from collectors.youtube.reading import items_of, read_hits, read_threads
from collectors.youtube.records import channel, comment, read_all, upload, video

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "api" / "youtube"
FILES = sorted(RECORDED.rglob("*.json")) if RECORDED.is_dir() else []
"""Whichever lie there: each is judged by what it says it is."""

KINDS = {"video", "search", "playlistItem", "commentThread", "comment", "channel"}
"""What the collector asks for."""

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded answers are not beside us")


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in FILES:
        found = json.loads(file.read_bytes())
        if "items" in found and kind_of(found) in KINDS:
            yield file.relative_to(RECORDED).as_posix(), found


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in records]


def expected(kind: str, records: list[dict[str, Any]]) -> list[str]:
    """The plain count: every id that stands in the JSON, without the collector's help."""
    if kind == "search":
        return [one["id"]["videoId"] for one in records if one["id"]["kind"] == "youtube#video"]
    if kind == "playlistItem":
        return [one["snippet"]["resourceId"]["videoId"] for one in records]
    if kind == "commentThread":
        replies = [ids(one.get("replies", {}).get("comments", [])) for one in records]
        return [*ids(records), *(one for some in replies for one in some)]
    return ids(records)


def read(kind: str, answer: Answer) -> tuple[list[str], list[Item]]:
    """Ids and posts as the collector reads them; nothing may be skipped."""
    if kind == "channel":
        channels = read_all(answer.records, channel)
        assert not channels.skipped
        assert all(one.snapshot.url and one.snapshot.handle for one in channels.found)
        return [one.id for one in channels.found], []
    if kind == "playlistItem":
        uploads = read_all(answer.records, upload)
        assert not uploads.skipped
        return [one.video for one in uploads.found], []
    if kind == "commentThread":
        threads = read_threads(answer)
        assert not threads.skipped
        items = items_of(threads)
        return [item.external_id for item in items], items
    if kind == "search":
        hits = read_hits(answer)
    else:
        hits = read_all(answer.records, {"video": video, "comment": comment}[kind])
    assert not hits.skipped
    return [item.external_id for item in hits.found], list(hits.found)


def kind_of(answer: dict[str, Any]) -> str:
    return str(answer["kind"]).removeprefix("youtube#").removesuffix("ListResponse")


def test_every_video_comment_and_channel_of_the_recordings_comes_out() -> None:
    counted: Counter[str] = Counter()
    for name, found in answers():
        kind = kind_of(found)
        got, items = read(kind, read_answer(json.dumps(found).encode(), kind))
        wanted = expected(kind, found["items"])
        assert sorted(got) == sorted(wanted), name
        for item in items:
            assert item.published_at, name
            assert item.author, name
            assert item.author.name, name
            assert item.title or item.text, name
        counted[kind] += len(wanted)
        print(f"{name}: {kind}, {len(wanted)} in the JSON, {len(got)} read")
    print("together:", dict(counted))
    assert counted["video"]
    assert counted["search"]
    assert counted["commentThread"]


def test_videos_have_their_address_and_the_figures_of_the_recording() -> None:
    for name, found in answers():
        kind = kind_of(found)
        if kind not in {"video", "search"}:
            continue
        _, items = read(kind, Answer(found["items"]))
        assert all(item.url.startswith("https://www.youtube.com/watch?v=") for item in items)
        records = [one for one in found["items"] if kind == "video"]
        figures = [_figures(one.get("statistics") or {}) for one in records]
        assert kind == "search" or [dict(item.metrics) for item in items] == figures, name


def _figures(statistics: dict[str, str]) -> dict[str, int]:
    keys = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}
    return {name: int(statistics[key]) for name, key in keys.items() if key in statistics}


def test_comments_have_their_address_place_and_figures() -> None:
    for name, found in answers():
        if kind_of(found) != "commentThread":
            continue
        for record, thread in zip(
            found["items"], read_threads(Answer(found["items"])).found, strict=True
        ):
            said, post = record["snippet"]["topLevelComment"]["snippet"], thread.comment
            assert post.metrics["likes"] == said["likeCount"], name
            assert post.metrics["replies"] == record["snippet"]["totalReplyCount"], name
            assert post.author, name
            assert post.author.id == said["authorChannelId"]["value"], name
            assert post.url.endswith(f"lc={record['id']}"), name
            assert post.in_reply_to == record["snippet"].get("videoId"), name
