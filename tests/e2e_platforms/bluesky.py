"""The bluesky collector against the network's own servers.

60 posts are found once each by search, half of them after a restart; one is deleted; a cursor
that the servers cannot read is not asked for again; a followed account and the stream give the
same posts.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from collectors.api import Cursor, Narrowing, Page, Term
from collectors.bluesky.collector import Bluesky, BlueskyConfig
from collectors.desk import Desk, MemoryLedger, MemoryTokens
from collectors.errors import CollectorError
from collectors.http import Http, Policy
from tests.e2e_platforms.network import Network, Person, start_network
from tests.e2e_platforms.outcome import Outcome
from tests.e2e_platforms.vigie import Vigie

KIND = "bluesky"
"""The kind of collector that it shows (scripts/quality.py)."""

BRAND = "Orbito"
POSTS = 60
NARROWING = Narrowing(((Term(BRAND),),))
LOOPBACK = "127.0.0.1/32"


def run(outcome: Outcome, *, bounded: bool) -> None:
    """bounded: fewer posts, as the servers need most of the time."""
    count = 20 if bounded else POSTS
    started = time.monotonic()
    with start_network() as network:
        print(f"bluesky: the network answers after {time.monotonic() - started:.1f} s")
        writers = [Person(network, name) for name in ("lucie", "marc", "nina")]
        reader = Person(network, "veille")
        password = reader.app_password()
        posted = _search(outcome, network, writers, reader.handle, password, count)
        asyncio.run(_collector(outcome, network, writers, reader.handle, password, posted))
    print(f"bluesky: {time.monotonic() - started:.0f} s")


def _search(
    outcome: Outcome, network: Network, writers: list[Person], handle: str, password: str,
    count: int,
) -> list[str]:  # fmt: skip
    """By the service: `vigie source poll`, a process each."""
    posted = _write(writers, 0, count // 2)
    with tempfile.TemporaryDirectory(prefix="vigie-e2e-bluesky-") as folder:
        vigie = Vigie(Path(folder))
        vigie.watch(BRAND)
        login = {"identifier": handle, "app_password": password, "pds": network.pds}
        source = vigie.add("bluesky", {**login, "appview": network.appview})
        _await_indexed(network, len(posted))
        vigie.poll(source)
        outcome.line("posts stored by the first poll", len(posted), len(vigie.stored("bluesky")))
        posted += _write(writers, count // 2, count)
        _await_indexed(network, len(posted))
        vigie.poll(source)
        vigie.poll(source)
        stored = vigie.stored("bluesky")
        outcome.same("posts stored after restarts, once each", posted, stored)
        garbage = {key: ["", *walk[1:2], "garbage", ""] for key, walk in _walks(vigie, source)}
        vigie.set_cursor(source, garbage)
        vigie.poll(source)
        outcome.line("after a garbage cursor, stored", len(posted), len(vigie.stored("bluesky")))
        left = json.dumps(vigie.cursor(source))
        outcome.line("the garbage is gone from the cursor", False, "garbage" in left)
    return posted


def _walks(vigie: Vigie, source: str) -> list[tuple[str, list[Any]]]:
    return [(key, walk) for key, walk in vigie.cursor(source).items() if isinstance(walk, list)]


async def _collector(
    outcome: Outcome, network: Network, writers: list[Person], handle: str, password: str,
    posted: list[str],
) -> None:  # fmt: skip
    """What the service does not show by a command: logins, deletions, feeds, the stream."""
    config = BlueskyConfig(
        identifier=handle, app_password=SecretStr(password), pds=network.pds,
        appview=network.appview, jetstream=(network.jetstream,),
    )  # fmt: skip
    one = Bluesky(config)
    ledger = MemoryLedger(one.quotas())
    async with Http(Policy.parse(LOOPBACK)) as http:
        desk = Desk(tokens=MemoryTokens(), ledger=ledger)
        for _ in range(5):
            await _pages(one.poll(NARROWING, {}, http.budget(50, desk=desk)))
        outcome.line("logins of five polls", 1, ledger.spent.get("logins"))
        key = next(iter((await _pages(one.poll(NARROWING, {}, http)))[-1].cursor))
        clean, child = http.budget(50, desk=desk), http.budget(50, desk=desk)
        await _pages(one.poll(NARROWING, {}, clean))
        walk = ["", "2026-01-01T00:00:00.000Z", "garbage", "2026-01-01T00:00:00.000Z"]
        await _pages(one.poll(NARROWING, {key: walk}, child))
        outcome.line("requests, with one for a garbage cursor", clean.asked + 1, child.asked)
        feed = Bluesky(config.model_copy(update={"handles": (writers[0].handle,)}))
        told = await _pages(feed.poll(Narrowing(), {}, http))
        mine = [uri for uri in posted if writers[0].did in uri]
        outcome.same(
            "posts of a followed account",
            mine,
            [i.external_id for page in told for i in page.items],
        )
        snapshot = await one.profile(writers[0].handle, http)
        outcome.line("posts that its profile counts", len(mine), snapshot.posts)
        await _stream(outcome, one, http, writers, posted)
        gone = posted[0]
        removed = await _refreshed(one, posted, http, until=gone)
        outcome.same("found removed when read again", [gone], removed)


async def _stream(
    outcome: Outcome, one: Bluesky, http: Http, writers: list[Person], posted: list[str]
) -> None:
    """From before the first post, closed in the middle and opened again with the stored cursor."""
    start: Cursor = {"live": [6_000_000, 0]}
    first, cursor = await _heard(one, start, http, until=lambda got, _: bool(got))
    await asyncio.to_thread(writers[0].delete, posted[0])
    more, _ = await _heard(one, cursor, http, until=lambda _, removed: posted[0] in removed)
    got = {*first[0], *more[0]}
    outcome.same("posts heard on the stream", posted, got)
    outcome.line("the deletion is heard", True, posted[0] in more[1])


async def _heard(
    one: Bluesky, cursor: Cursor, http: Http, *, until: Any
) -> tuple[tuple[list[str], list[str]], Cursor]:
    items: list[str] = []
    removed: list[str] = []
    async with asyncio.timeout(90):
        pages: Any = one.listen(NARROWING, cursor, http.budget(50))
        async with aclosing(pages):
            async for page in pages:
                items += [item.external_id for item in page.items]
                removed += page.removed
                cursor = json.loads(json.dumps(page.cursor))
                if until(items, removed):
                    break
    return (items, removed), cursor


async def _refreshed(one: Bluesky, posted: list[str], http: Http, *, until: str) -> list[str]:
    """What the servers no longer have, once they have taken notice of the deletion."""
    removed: list[str] = []
    for _ in range(50):
        removed = []
        for start in range(0, len(posted), 25):
            removed += (await one.refresh(posted[start : start + 25], http)).removed
        if until in removed:
            break
        await asyncio.sleep(0.2)
    return removed


async def _pages(pages: Any) -> list[Page]:
    return [page async for page in pages]


def _write(writers: Sequence[Person], start: int, end: int) -> list[str]:
    return [
        writers[n % len(writers)].post(f"{BRAND} a changé ses prix, avis numéro {n}")
        for n in range(start, end)
    ]


def _await_indexed(network: Network, count: int) -> None:
    """The AppView reads the PDS's stream: posts are found a moment later."""
    app = Network(pds=network.appview, appview="", jetstream="")
    for _ in range(150):
        found = app.call("app.bsky.feed.searchPosts", q=BRAND, limit=100)["posts"]
        if len(found) >= count:
            return
        time.sleep(0.2)
    raise CollectorError(f"the AppView does not show {count} posts")
