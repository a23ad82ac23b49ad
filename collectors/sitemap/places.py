"""Where a site's sitemaps are: as its robots.txt says, else at the usual places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from collectors.errors import CollectorError, NeedsAttention
from collectors.http.outcomes import error_for
from collectors.sitemap.read import sitemaps_in_robots

if TYPE_CHECKING:
    from collectors.http import Http

_USUAL: Final = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/wp-sitemap.xml")
_ROBOTS: Final = 600_000
"""Bytes; crawlers read 500 KiB of it (RFC 9309 section 2.5)."""
_GONE: Final = frozenset({404, 410})


async def announced(site: str, http: Http) -> tuple[str, ...]:
    """The sitemaps that robots.txt gives; none where there is no such file."""
    response = await http.request(
        "GET", f"{site}/robots.txt", raise_for_status=False, max_bytes=600_000
    )
    assert response is not None  # None comes only where statuses are raised
    if response.status in _GONE:
        return ()
    host = urlsplit(site).hostname or ""
    error = error_for(response.status, response.headers, host=host, now=http.now.timestamp())
    if error is not None:
        raise error
    return sitemaps_in_robots(response.text(), base=site)


async def usual(site: str, http: Http) -> str:
    """The first of the usual places that answers. Raises NeedsAttention where none does."""
    for path in _USUAL:
        response = await http.request("HEAD", f"{site}{path}", raise_for_status=False)
        assert response is not None  # None comes only where statuses are raised
        if response.status == 200:
            return path
    raise NeedsAttention(
        f"{urlsplit(site).hostname}: no sitemap in robots.txt nor at the usual places; "
        "give its address"
    )


async def has_sitemap(site: str, http: Http) -> bool:
    base = f"{urlsplit(site).scheme}://{urlsplit(site).netloc}"
    try:
        return bool(await announced(base, http)) or bool(await usual(base, http))
    except CollectorError:  # no answer: no proposal
        return False
