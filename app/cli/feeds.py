"""What `feed` does: read, parse where a hostile body cannot stall us, write."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import orjson

from app.cli import console
from app.config import load_settings
from collectors.bounded import bounded, close_workers
from collectors.errors import CollectorError
from collectors.http import Http, Policy
from collectors.rss.feed import Feed
from collectors.rss.feedfile import feed_lines, read_feed


async def write_all(places: Sequence[str], *, as_json: bool) -> int:
    """Write the items of each place in turn; how many places were no feed."""
    bad = 0
    try:
        for place in places:
            try:
                parsed = await _read(place)
            except (OSError, CollectorError) as error:
                reason = getattr(error, "strerror", None) or error
                console.say(f"vigie: {place}: {reason}")
                bad += 1
            else:
                _write(place, parsed, as_json=as_json)
    finally:
        close_workers()
    return bad


async def _read(place: str) -> Feed:
    """Raises OSError, CollectorError."""
    is_url = place.startswith(("http://", "https://"))
    data = await _fetch(place) if is_url else await asyncio.to_thread(Path(place).read_bytes)
    return await bounded(partial(read_feed, url=place if is_url else ""), data)


async def _fetch(url: str) -> bytes:
    """One guarded GET, without a database. Raises CollectorError."""
    settings = load_settings()
    http = Http(Policy.parse(settings.allow_private), user_agent=settings.user_agent)
    try:
        answer = await http.get(url)
    finally:
        await http.aclose()
    return answer.body if answer else b""


def _write(place: str, parsed: Feed, *, as_json: bool) -> None:
    count = 0
    for line in feed_lines(parsed):
        count += 1
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(line, default=str) + b"\n")
        else:
            console.write(f"{line.get('published_at') or '':<26} {line['title']}  {line['url']}")
    sys.stdout.flush()
    console.say(
        console.t(
            fr=f"{place} : {parsed.format}, {count} éléments",
            en=f"{place}: {parsed.format}, {count} items",
        )
    )
