"""Real events of Jetstream, as recorded by its makers: every post comes out."""

from __future__ import annotations

import json
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from collectors.api import Narrowing
from collectors.bluesky.collector import Bluesky, BlueskyConfig
from collectors.errors import Transient
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer

EVENTS = Path(__file__).parents[4] / "shared/data/api/bluesky-jetstream/golden_v1.jsonl"
POST = "app.bsky.feed.post"


@pytest.mark.skipif(not EVENTS.is_file(), reason="the recorded events are not beside us")
async def test_every_recorded_post_comes_out_whole() -> None:
    lines = EVENTS.read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    commits = [(one, one["commit"]) for one in events if one["kind"] == "commit"]
    posts = {
        f"at://{event['did']}/{POST}/{commit['rkey']}": commit["record"]
        for event, commit in commits
        if commit["collection"] == POST and commit["operation"] != "delete"
    }
    pages = []
    async with (
        ReplayServer([Exchange(path="/subscribe", frames=lines)]) as server,
        Http(Policy.parse("127.0.0.1/32")) as http,
    ):
        stream = server.base.replace("http", "ws", 1)
        config = BlueskyConfig(live=True, jetstream=(stream,), appview=server.base)
        async with aclosing(Bluesky(config).listen(Narrowing(), {}, http)) as heard:
            with suppress(Transient):  # the recording ends
                async for page in heard:
                    pages.append(page)  # noqa: PERF401 (an error may follow)
    items = {item.external_id: item for page in pages for item in page.items}
    print(f"jetstream: {len(events)} events, {len(posts)} posts, {len(items)} items")
    assert items.keys() == posts.keys()
    assert not [skipped for page in pages for skipped in page.skipped]
    for identity, item in items.items():
        record = posts[identity]
        assert item.text.startswith(record["text"].strip())
        assert item.url
        assert item.author is not None
        assert item.published_at is not None
        assert item.lang == record.get("langs", [None])[0]
        assert item.in_reply_to == record.get("reply", {}).get("parent", {}).get("uri")
    assert pages[-1].cursor == {"live": [max(one["time_us"] for one in events), 0]}
