"""Uploads of the chosen channels: a unit a channel, one more where something is new."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Final

from collectors.api import Page
from collectors.instants import seconds
from collectors.youtube.calls import BATCH, Absent, StalePage
from collectors.youtube.following import Known
from collectors.youtube.reading import find_channel, read_videos
from collectors.youtube.records import read_all, upload
from collectors.youtube.run import Run

PAGES: Final = 2
"""Pages of a channel's uploads that one poll reads; the rest is read at the next."""


async def upload_pages(run: Run) -> AsyncGenerator[Page, None]:
    """Each channel down to what is known of it."""
    following, wanted = run.following, dict.fromkeys(run.config.channels)
    following.channels = {
        name: following.channels[name] for name in wanted if name in following.channels
    }
    for name in wanted:
        if name not in following.channels and run.api.room(1):
            found = await find_channel(run.api, name)
            if found is None or not found.uploads:
                yield run.page(refused=1, note=f"{name}: there is no such channel")
                continue
            following.channels[name] = Known(id=found.id, uploads=found.uploads)
        for _ in range(PAGES):
            if name not in following.channels or not run.api.room(2):
                break
            yield await _page(run, name, following.channels[name])
            if not following.channels[name].videos.token:
                break


async def _page(run: Run, name: str, known: Known) -> Page:
    walk = known.videos
    try:
        answer = await run.api.list(
            "playlistItems",
            part="snippet,contentDetails",
            playlistId=known.uploads,
            maxResults=BATCH,
            pageToken=walk.token,
        )
    except (Absent, StalePage) as error:  # a channel without a video has no such list
        run.set_channel(name, replace(known, videos=walk.again()))
        return run.page(note=f"{name}: {error}")
    read = read_all(answer.records, upload)
    first = seconds(run.api.now) - run.config.first_days * 86_400
    floor = walk.floor if walk.since else first
    wanted = [one.video for one in read.found if seconds(one.at) >= floor]
    videos = await read_videos(run.api, wanted)
    after = walk.after([one.at for one in read.found], answer.next, first_floor=first)
    run.set_channel(name, replace(known, videos=after))
    return run.videos(videos.items.values(), (*read.skipped, *videos.skipped))
