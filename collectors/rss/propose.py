"""Sources to propose for a brand: the feeds of its own sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from collectors.api import Proposal, Wanted
from collectors.errors import CollectorError, NeedsAttention, Transient
from collectors.rss.discover import FeedLink, discover

if TYPE_CHECKING:
    from collectors.http import Http

SITES: Final = 3
MOST: Final = 5


async def proposals(wanted: Wanted, http: Http) -> Sequence[Proposal]:
    """At most MOST feeds, of the first SITES domains. A site that cannot be read offers none."""
    found: dict[str, Proposal] = {}
    for domain in wanted.domains[:SITES]:
        for link in await _links(domain, http):
            proposal = Proposal(
                name=(link.title or domain)[:120],
                config={"url": link.url},
                why=wanted.says(fr=f"un flux de {domain}", en=f"a feed of {domain}"),
            )
            found.setdefault(link.url, proposal)
    return tuple(found.values())[:MOST]


async def _links(domain: str, http: Http) -> Sequence[FeedLink]:
    """Over https, else over http: a small site may have no certificate."""
    for scheme in ("https", "http"):
        if http.left == 0:
            return ()
        try:
            return await discover(f"{scheme}://{domain}/", http)
        except (Transient, NeedsAttention):
            continue
        except CollectorError:
            return ()
    return ()
