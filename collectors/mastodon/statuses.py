"""A Mastodon status (https://docs.joinmastodon.org/entities/Status/) → Item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from collectors.api import Author, Item, ProfileSnapshot, Skipped
from collectors.errors import BadPayload
from collectors.text import markup_text, one_line, scrub, web_url

_LINK: Final = re.compile(r'<([^<>]{1,4000})>\s*;[^,<]*\brel="?(\w+)"?')
_METRICS: Final = {
    "likes": "favourites_count",
    "reposts": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",
}


def read_statuses(statuses: list[Any], *, instance: str) -> tuple[list[Item], list[Skipped]]:
    """Items and unreadable records of a listing."""
    items: list[Item] = []
    skipped: list[Skipped] = []
    for status in statuses:
        try:
            items.append(item_of(status, instance=instance))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            identity = scrub(str(status.get("id", ""))) if isinstance(status, dict) else ""
            reason = f"unreadable status: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(reason, identity or None, repr(status)[:2_000]))
    return items, skipped


def item_of(status: Mapping[str, Any], *, instance: str) -> Item:
    """Raises KeyError, TypeError, ValueError or AttributeError where a needed part is missing."""
    boosted = status.get("reblog")
    said = boosted or status
    text, links = markup_text(said["content"])
    identity = str(status["id"])
    reply = status.get("in_reply_to_id")
    return Item(
        external_id=scrub(status.get("uri") or f"{identity}@{instance}"),
        url=web_url(said.get("url") or said.get("uri") or ""),
        title=one_line(said.get("spoiler_text") or ""),
        text=text,
        author=_author(status["account"], instance=instance),
        published_at=_moment(status["created_at"]),
        edited_at=_moment(status["edited_at"]) if status.get("edited_at") else None,
        lang=scrub(str(said.get("language") or ""))[:35] or None,
        kind=_kind(status),
        in_reply_to=f"{reply}@{instance}" if reply else None,
        links=_outward(links, said),
        media=tuple(_media(said)),
        metrics={name: said[key] for name, key in _METRICS.items() if _is_count(said.get(key))},
    )


def read_profile(account: Any, *, instance: str) -> ProfileSnapshot:
    """An account's figures. Raises BadPayload."""
    if not isinstance(account, dict) or not isinstance(account.get("acct"), str):
        raise BadPayload(f"{instance}: the answer is no account")
    acct = scrub(account["acct"])
    counts = {name: account.get(f"{name}_count") for name in ("followers", "following", "statuses")}
    read = {name: count if _is_count(count) else None for name, count in counts.items()}
    return ProfileSnapshot(
        handle=acct if "@" in acct else f"{acct}@{instance}",
        name=one_line(str(account.get("display_name") or "")),
        url=web_url(str(account.get("url") or "")),
        followers=read["followers"],
        following=read["following"],
        posts=read["statuses"],
    )


def _kind(status: Mapping[str, Any]) -> str:
    if status.get("reblog"):
        return "repost"
    if status.get("quote"):
        return "quote"
    return "reply" if status.get("in_reply_to_id") else "post"


def _author(account: Mapping[str, Any], *, instance: str) -> Author:
    handle = account["acct"] if "@" in account["acct"] else f"{account['acct']}@{instance}"
    followers = account.get("followers_count")
    return Author(
        name=one_line(account.get("display_name") or "") or scrub(account["acct"]),
        id=scrub(handle),
        followers=followers if _is_count(followers) else None,
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _outward(links: tuple[str, ...], status: Mapping[str, Any]) -> tuple[str, ...]:
    """The links but those to hashtags and to people, which every mention and tag carries."""
    named = [*(status.get("tags") or []), *(status.get("mentions") or [])]
    inner = {one.get("url", "").lower() for one in named}
    tags = tuple(f"/tags/{one.get('name', '')}".lower() for one in status.get("tags") or [])
    return tuple(
        link
        for link in links
        if link.lower() not in inner and not (tags and link.lower().endswith(tags))
    )


def _media(status: Mapping[str, Any]) -> Iterator[str]:
    for one in status.get("media_attachments") or []:
        address = web_url(one.get("url") or one.get("remote_url") or "")
        if address:
            yield address


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def page_ids(header: str) -> dict[str, str]:
    """From a Link header: the id to go on with, by direction (`next`: older, `prev`: newer).

    Only the ids are taken, never the addresses: behind a proxy they name another host.
    """
    found: dict[str, str] = {}
    for target, relation in _LINK.findall(header[:10_000]):
        query = parse_qs(urlsplit(target).query)
        for key in {"next": ("max_id",), "prev": ("min_id", "since_id")}.get(relation, ()):
            if query.get(key):
                found.setdefault(relation, query[key][0])
    return found


def newest_id(statuses: list[Any]) -> str:
    """The highest id. Ids are numbers of growing length, or sort as text on other software."""
    ids = [str(one["id"]) for one in statuses if isinstance(one, dict) and one.get("id")]
    return max(ids, key=lambda one: (len(one), one), default="")


def oldest_id(statuses: list[Any]) -> str:
    """The lowest id, or "" where there is none."""
    ids = [str(one["id"]) for one in statuses if isinstance(one, dict) and one.get("id")]
    return min(ids, key=lambda one: (len(one), one), default="")
