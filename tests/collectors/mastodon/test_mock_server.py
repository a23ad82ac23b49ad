"""Against mastodon-mock, a real stateful server with faults on demand, and recorded answers."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Cursor, Item, Narrowing, Term
from collectors.desk import MemoryShelf
from collectors.errors import BadPayload, RateLimited
from collectors.http import Http, Policy
from collectors.mastodon.collector import LIMIT, PAGES, Mastodon, MastodonConfig
from collectors.mastodon.statuses import page_ids, read_statuses

CASSETTES = Path(__file__).parents[4] / "shared" / "data" / "api" / "mastodon-cassettes"


class Mock:
    def __init__(self, base: str) -> None:
        self.base = base

    def call(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.base + path,
            data=json.dumps(body).encode(),
            headers={"authorization": "Bearer mock_token", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"{}")

    def delete(self, path: str) -> None:
        headers = {"authorization": "Bearer mock_token"}
        request = urllib.request.Request(self.base + path, headers=headers, method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()

    def post(self, count: int, tag: str) -> list[str]:
        texts = (f"post {n} #{tag}" for n in range(count))
        return [self.call("/api/v1/statuses", {"status": text})["uri"] for text in texts]

    def fault(self, path: str, kind: str) -> None:
        rule = {"match": {"path": path}, "effect": {"type": kind}, "count": 1}
        self.call("/api/v1/_mock/faults", rule)


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = Path(sys.executable).with_name("mastodon_mock")
    if not command.exists():
        pytest.skip("mastodon-mock is not installed")
    server = subprocess.Popen(
        [command, "serve", "--in-memory", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _await_answer(f"{base}/api/v1/instance")
        yield Mock(base)
    finally:
        server.terminate()
        server.wait()


def _await_answer(url: str) -> None:
    for _ in range(400):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)  # another program is starting; there is nothing else to wait on
        else:
            return
    pytest.fail("mastodon-mock did not start")


async def poll(mock: Mock, cursor: Cursor, **options: Any) -> tuple[list[Item], Cursor]:
    narrowing = options.pop("narrowing", Narrowing())
    config = MastodonConfig(instance=mock.base, token=SecretStr("mock_token"), **options)
    async with Http(Policy.parse("127.0.0.1/32")) as http:
        budget = http.budget(Mastodon.capabilities.max_requests)
        pages = [page async for page in Mastodon(config).poll(narrowing, cursor, budget)]
    items = [item for page in pages for item in page.items]
    return items, json.loads(json.dumps(pages[-1].cursor if pages else cursor))


async def test_a_tag_is_followed_from_poll_to_poll(mock: Mock) -> None:
    old = mock.post(LIMIT + 5, "follow")
    items, cursor = await poll(mock, {}, hashtags=("follow",))
    assert {item.external_id for item in items} == set(old)
    assert (await poll(mock, cursor, hashtags=("follow",)))[0] == []
    new = mock.post(LIMIT + 7, "follow")
    items, cursor = await poll(mock, cursor, hashtags=("follow",))
    assert {item.external_id for item in items} == set(new)


async def test_more_than_a_poll_reads_comes_with_the_next(mock: Mock) -> None:
    mock.post(1, "busy")
    _, cursor = await poll(mock, {}, hashtags=("busy",))
    new = mock.post(LIMIT * PAGES + 9, "busy")
    first, cursor = await poll(mock, cursor, hashtags=("busy",))
    second, _ = await poll(mock, cursor, hashtags=("busy",))
    assert {item.external_id for item in (*first, *second)} == set(new)


async def test_a_search_is_followed_too(mock: Mock) -> None:
    posted = mock.post(3, "searched")
    words = Narrowing(((Term("searched"),),))
    items, cursor = await poll(mock, {}, search=True, narrowing=words)
    assert set(posted) <= {item.external_id for item in items}
    more = mock.post(2, "searched")
    items, _ = await poll(mock, cursor, search=True, narrowing=words)
    assert set(more) <= {item.external_id for item in items}


async def test_the_platforms_faults_become_ours(mock: Mock) -> None:
    path = "/api/v1/timelines/tag/faulty"
    mock.fault(path, "ratelimit")
    with pytest.raises(RateLimited) as caught:
        await poll(mock, {}, hashtags=("faulty",))
    assert caught.value.retry_after
    mock.fault(path, "malformed")
    with pytest.raises(BadPayload):
        await poll(mock, {}, hashtags=("faulty",))


async def test_history_goes_down_to_its_day_and_ends(mock: Mock) -> None:
    old = mock.post(LIMIT + 5, "past")
    config = MastodonConfig(instance=mock.base, token=SecretStr("mock_token"), hashtags=("past",))
    since = datetime(2020, 1, 1, tzinfo=UTC)
    found: list[str] = []
    cursor: Cursor = {}
    async with Http(Policy.parse("127.0.0.1/32")) as http:
        while True:
            walk = Mastodon(config).backfill(Narrowing(), since, cursor, http.budget(1))
            pages = [page async for page in walk]
            if not pages:
                break
            found += [item.external_id for page in pages for item in page.items]
            cursor = json.loads(json.dumps(pages[-1].cursor))
    assert sorted(found) == sorted(old)


async def test_statuses_are_read_again_and_those_that_are_gone_are_told(mock: Mock) -> None:
    uris = mock.post(3, "again")
    config = MastodonConfig(instance=mock.base, token=SecretStr("mock_token"), hashtags=("again",))
    async with Http(Policy.parse("127.0.0.1/32")) as http:
        shelf = http.desk.shelf
        assert isinstance(shelf, MemoryShelf)
        async for page in Mastodon(config).poll(Narrowing(), {}, http):
            shelf.store(page.keep)
        kept = json.loads((await shelf.latest("ids")).text)  # type: ignore[union-attr]
        gone = next(identity for identity, uri in kept.items() if uri == uris[0])
        mock.delete(f"/api/v1/statuses/{gone}")
        again = await Mastodon(config).refresh(uris, http)
    assert list(again.removed) == uris[:1]
    assert {item.external_id for item in again.items} == set(uris[1:])


async def test_a_tag_is_listened_to_while_it_is_posted_edited_and_deleted(mock: Mock) -> None:
    config = MastodonConfig(
        instance=mock.base, token=SecretStr("mock_token"), hashtags=("heard",), live=True,
        streaming=mock.base,
    )  # fmt: skip
    before = mock.post(1, "heard")
    got: dict[str, str] = {}
    removed: list[str] = []
    posted: list[str] = []
    async with (
        Http(Policy.parse("127.0.0.1/32")) as http,
        asyncio.timeout(60),
        aclosing(Mastodon(config).listen(Narrowing(), {}, http)) as pages,
    ):
        async for page in pages:
            got |= {item.external_id: item.text for item in page.items}
            removed += page.removed
            if not posted:
                posted = await asyncio.to_thread(mock.post, 2, "heard")
                identity = posted[1].rsplit("/", 1)[1]
                await asyncio.to_thread(mock.delete, f"/api/v1/statuses/{identity}")
            if removed:
                break
    assert set(before) | {posted[0]} <= got.keys()
    assert removed == posted[1:]


@pytest.mark.skipif(not CASSETTES.is_dir(), reason="the recorded answers are not beside us")
@pytest.mark.parametrize("name", ["test_hashtag_tl", "test_public_tl_anonymous"])
def test_recorded_timelines_are_read_whole(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    loaded = yaml.safe_load((CASSETTES / f"{name}.yaml").read_text())
    seen = 0
    for exchange in loaded["interactions"]:
        if "/timelines/" not in exchange["request"]["uri"]:
            continue
        statuses = json.loads(exchange["response"]["body"]["string"])
        items, skipped = read_statuses(statuses, instance="localhost:3000")
        assert not skipped
        assert all(item.external_id.startswith("http") and item.url for item in items)
        assert not any("<" in item.text for item in items)
        link = exchange["response"]["headers"].get("link", [""])[0]
        assert set(page_ids(link)) == ({"next", "prev"} if items else set())
        seen += len(items)
    assert seen
