"""When two things read are one item (DESIGN §2, R-12). Pure.

In this order: the platform's native id; the canonical address; the source's own id; title and
date. An item that a source shows again under another address is still known by the id that the
source gives it (`alias_of`), and one whose id changed is known by its address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

_PORTS = {"http": ":80", "https": ":443"}
_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "at_medium", "at_campaign", "xtor")
_MAX_URL = 2_000


def canonical_url(url: str) -> str:
    """The address that all ways to write it share; "" where it names no single post.

    Dropped: fragment (unless it is a route, `#!…`), tracking parameters, default port, user
    name, trailing slash, and the difference between http and https.
    """
    if not url or len(url) > _MAX_URL:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not host:
        return ""
    host = host.removesuffix(_PORTS[parts.scheme])
    path = parts.path.rstrip("/")
    query = _without_tracking(parts.query) if parts.query else ""
    route = f"#{parts.fragment}" if parts.fragment.startswith("!") else ""
    if not (path or query or route):
        return ""
    return f"https://{host}{path}{'?' if query else ''}{query}{route}"


def _without_tracking(query: str) -> str:
    kept = [pair for pair in query.split("&") if pair and not pair.lower().startswith(_TRACKING)]
    return "&".join(kept)


def host_of(canonical: str) -> str:
    """The host of a canonical address, "" for none."""
    return canonical[8:].partition("/")[0].partition("?")[0] if canonical else ""


def alias_of(external_id: str) -> str:
    """What a source calls an item, without the host where the id is an address: a site that
    moves to another host or to https keeps its items (R-12)."""
    scheme, sign, rest = external_id.partition("://")
    if not sign or scheme.lower() not in _PORTS:
        return external_id
    path = rest.partition("/")[2]
    return f"/{path}" if path else external_id


def permalinks(urls: Sequence[str], external_ids: Sequence[str]) -> list[str]:
    """Canonical addresses of one page; "" where two ids share the address: it names a list."""
    links = [canonical_url(url) for url in urls]
    pairs = {(link, own) for link, own in zip(links, external_ids, strict=True) if link and own}
    shared = Counter(link for link, _ in pairs)
    return ["" if shared[link] > 1 else link for link in links]


def identity_of(
    *,
    platform: str | None,
    source_id: int,
    external_id: str,
    permalink: str,
    title: str,
    text_key: int,
    date: datetime | None,
) -> str:
    """The full identity, compared where two dedup keys are equal.

    date: as the platform gave it, before any clamping, so that it is the same at each poll.
    """
    if platform and external_id:
        return f"p:{platform}:{external_id}"
    if permalink:
        return f"u:{permalink}"
    if external_id:
        return f"s:{source_id}:{external_id}"
    when = date.isoformat() if date else ""
    return f"t:{title or text_key}:{when}"


def is_same_post(*, known: tuple[datetime, int], seen: tuple[datetime | None, int]) -> bool:
    """Whether a known id under a new address is the same post: (date, text key) of each.

    Ids are reused by careless feeds; where both date and text differ it is another post.
    """
    date, text_key = seen
    return text_key == known[1] or date is None or date == known[0]
