"""Answers recorded from a real Mastodon (Mastodon.py's cassettes): every status comes out whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.mastodon.collector import BATCH
from collectors.mastodon.known import KnownIds
from collectors.mastodon.statuses import read_statuses

CASSETTES = Path(__file__).parents[4] / "shared" / "data" / "api" / "mastodon-cassettes"


def statuses_of(path: Path) -> Iterator[dict[str, Any]]:
    """All statuses in a cassette's answers, whatever was asked."""
    yaml = pytest.importorskip("yaml")
    for exchange in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        try:
            answer = json.loads(exchange["response"]["body"]["string"])
        except ValueError:
            continue
        if isinstance(answer, dict) and "statuses" in answer:
            answer = answer["statuses"]
        for one in answer if isinstance(answer, list) else [answer]:
            if isinstance(one, dict) and {"content", "account", "created_at"} <= one.keys():
                yield one


@pytest.mark.skipif(not CASSETTES.is_dir(), reason="the recorded answers are not beside us")
def test_every_recorded_status_comes_out_whole() -> None:
    total = 0
    for path in sorted(CASSETTES.glob("*.yaml")):
        statuses = list(statuses_of(path))
        items, skipped = read_statuses(statuses, instance="localhost:3000")
        print(f"{path.stem}: {len(statuses)} statuses, {len(items)} items")
        assert not skipped
        for status, item in zip(statuses, items, strict=True):
            said = status.get("reblog") or status
            assert item.external_id == status["uri"]
            assert item.url == (said["url"] or said["uri"])
            assert item.published_at is not None
            assert item.author is not None
            assert (item.author.id or "").startswith(status["account"]["acct"])
            assert item.metrics["likes"] == said["favourites_count"]
            assert item.metrics["reposts"] == said["reblogs_count"]
            assert item.metrics["replies"] == said["replies_count"]
            assert bool(item.text) == bool(said["content"])
        known = KnownIds("localhost:3000")
        known.learn(statuses)
        uris = [one["uri"] for one in statuses][-BATCH:]
        assert set(known.ids_of(uris).values()) == {one["id"] for one in statuses[-BATCH:]}
        total += len(items)
    assert total
