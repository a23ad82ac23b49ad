"""One poll of YouTube: uploads of the chosen channels, searches when they are due, comments."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from collectors.api import Narrowing, Page
from collectors.errors import RateLimited
from collectors.youtube.comments import comment_pages
from collectors.youtube.run import Run
from collectors.youtube.searches import search_pages
from collectors.youtube.uploads import upload_pages


async def poll_pages(run: Run, narrowing: Narrowing) -> AsyncGenerator[Page, None]:
    """All of it, page by page, each with the state that is safe once it is stored.

    Searches have a quota of their own: while they must wait, comments are read as before. Only
    where there was nothing else to ask is the wait the poll's answer.
    """
    refused: RateLimited | None = None
    async with aclosing(upload_pages(run)) as uploads:
        async for page in uploads:
            yield page
    try:
        async with aclosing(search_pages(run, narrowing)) as searches:
            async for page in searches:
                yield page
    except RateLimited as error:
        refused = error
        yield run.page(refused=1, note=str(error))
    before = run.api.asked
    if run.config.comments:
        async with aclosing(comment_pages(run)) as comments:
            async for page in comments:
                yield page
    if refused and run.api.asked == before and not run.config.channels:
        raise refused
