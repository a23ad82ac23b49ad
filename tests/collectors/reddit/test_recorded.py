"""Every post and comment of the recorded answers comes out whole, and each recording is read
through the collector's own reading of a listing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from collectors.api import Item
from collectors.reddit.things import read_things

CASSETTES = Path(__file__).parents[4] / "shared" / "data" / "api" / "reddit-cassettes"
FILES = sorted(CASSETTES.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded answers are not beside us")


def listings(path: Path) -> Iterator[list[Any]]:
    """The children of each listing in a recording, as they are there."""
    for exchange in json.loads(path.read_text("utf-8"))["interactions"]:
        body = exchange["response"]["body"].get("string") or "null"
        answer = json.loads(body) if body.lstrip().startswith(("{", "[")) else None
        for part in answer if isinstance(answer, list) else [answer]:
            if isinstance(part, dict) and part.get("kind") == "Listing":
                yield part["data"]["children"]


def assert_whole(item: Item, data: dict[str, Any]) -> None:
    assert item.url.startswith("https://www.reddit.com/r/"), item.url
    assert f"/comments/{(data.get('link_id') or data['name'])[3:]}/" in urlsplit(item.url).path
    assert item.published_at == datetime.fromtimestamp(int(data["created_utc"]), UTC)
    assert (item.author is None) == (data["author"] == "[deleted]")
    assert item.author is None or item.author.name == data["author"]
    assert "<p>" not in item.text
    assert "&amp;" not in item.text
    if data["name"].startswith("t1_"):
        assert item.kind == "comment"
        assert item.in_reply_to == data["parent_id"]
        assert item.text
    else:
        assert item.title == " ".join(data["title"].split())
        assert bool(item.text) == bool(data["selftext"].strip()) or data.get("crosspost_parent")
        assert item.metrics["comments"] == data["num_comments"]
    hidden = data.get("score_hidden") or data.get("hide_score")
    assert hidden or item.metrics["score"] == data["score"]
    edited = data["edited"]
    assert (item.edited_at is not None) == (isinstance(edited, float) and edited > 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_post_comes_out_whole(path: Path) -> None:
    there, read = 0, 0
    for children in listings(path):
        wanted = {c["data"]["name"]: c["data"] for c in children if c["kind"] in ("t1", "t3")}
        found = read_things(children)
        for item in found.items:
            assert_whole(item, wanted[item.external_id])
        assert not [one for one in found.skipped if one.external_id in wanted]
        there += len(wanted)
        read += len({*(item.external_id for item in found.items), *found.removed})
    print(f"{path.name}: {there} posts and comments recorded, {read} read")
    assert read == there
    assert there or "empty" in path.stem.lower()
