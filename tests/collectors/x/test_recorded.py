"""Every post and count of the recorded answers comes out whole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from collectors.x.api import total_of
from collectors.x.posts import read_answer

CASSETTES = Path(__file__).parents[4] / "shared" / "data" / "api" / "x-cassettes"
FILES = sorted(CASSETTES.glob("*.yaml"))
READ = ("/2/tweets/search/recent", "/2/tweets/search/all", "/2/tweets")

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded answers are not beside us")


def answers(path: Path) -> Iterator[tuple[str, Any]]:
    """Path asked and object answered, for each exchange of a recording."""
    yaml = pytest.importorskip("yaml")
    for exchange in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        body = exchange["response"]["body"]["string"]
        data = body if isinstance(body, bytes) else body.encode()
        text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        if text.startswith(b"{"):
            yield urlsplit(exchange["request"]["uri"]).path, json.loads(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_post_comes_out_whole(path: Path) -> None:
    there, read, counted = 0, 0, 0
    for asked, found in answers(path):
        if asked == "/2/tweets/counts/recent":
            assert total_of(found) == sum(one["tweet_count"] for one in found["data"])
            counted += 1
        if asked not in READ:
            continue
        wanted = {one["id"]: one for one in found.get("data", [])}
        answer = read_answer(found)
        assert not answer.skipped
        assert answer.further == found["meta"].get("next_token", "")
        for item in answer.items:
            record = wanted[item.external_id]
            assert item.url.endswith(f"/status/{record['id']}")
            assert item.text
            assert "https://t.co/" not in item.text or "entities" not in record
            assert item.published_at
            if "created_at" in record:
                assert item.published_at == datetime.fromisoformat(record["created_at"])
            elif record["text"][:19].replace(" ", "T").startswith("2022-10-07T"):
                # The recorded posts say when they were written, and X gave no other time.
                said = datetime.fromisoformat(record["text"][:26] + "+00:00")
                assert abs((item.published_at - said).total_seconds()) < 5
            assert (item.author is not None) == ("author_id" in record)
            figures = record.get("public_metrics", {})
            assert item.metrics.get("likes") == figures.get("like_count")
        there += len(wanted)
        read += len(answer.items)
    print(f"{path.name}: {there} posts recorded, {read} read; {counted} counts read")
    assert read == there
    assert there or counted
