"""Bluesky's posts (lexicons app.bsky.feed.*) → Item, as search, feeds and the stream give them.

Every field may hold anything: a record is written by its author's software and checked by no one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.text import LINKS_LIMIT, one_line, plain_text, scrub, web_url

POST: Final = "app.bsky.feed.post"
_PROFILE: Final = "https://bsky.app/profile/"
_PICTURES: Final = "cdn.bsky.app/img/feed_fullsize/plain"
"""Where the platform shows a post's pictures. A link for people: nothing is fetched from it."""
_METRICS: Final = {
    "likes": "likeCount",
    "reposts": "repostCount",
    "replies": "replyCount",
    "quotes": "quoteCount",
}
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What a record of an unexpected shape makes the readers below raise."""


@dataclass(frozen=True, slots=True)
class Read:
    """A listing, read. times: by which the platform sorts, an item each."""

    items: list[Item]
    skipped: list[Skipped]
    times: list[datetime]

    def down_to(self, bottom: datetime) -> list[Item]:
        """The items that are not older."""
        return [one for one, at in zip(self.items, self.times, strict=True) if at >= bottom]


def read_listing(records: list[Any], reader: Callable[[Any], tuple[Item, datetime]]) -> Read:
    """Items and unreadable records of a listing."""
    found = Read([], [], [])
    for record in records:
        try:
            item, sorted_by = reader(record)
        except UNREADABLE as error:
            found.skipped.append(unreadable(record, error))
        else:
            found.items.append(item)
            found.times.append(sorted_by)
    return found


def unreadable(record: Any, error: Exception) -> Skipped:
    """Why a record could not be read."""
    post = record.get("post", record) if isinstance(record, dict) else {}
    uri = post.get("uri") if isinstance(post, dict) else None
    reason = f"unreadable post: {type(error).__name__} {error}"[:300]
    identity = scrub(uri)[:1_000] if isinstance(uri, str) else None
    return Skipped(scrub(reason), identity or None, repr(record)[:2_000])


def read_view(view: Mapping[str, Any]) -> tuple[Item, datetime]:
    """A postView, and the time it is sorted by: its own or that of its indexing, the earlier."""
    indexed = moment(view["indexedAt"])
    uri = view["uri"]
    did, _, _ = parts_of(uri)
    item = item_of(uri, view["record"], indexed=indexed, author=author_of(view["author"], did))
    media = tuple(dict.fromkeys(_viewed_media(view.get("embed"))))
    metrics = {name: view[key] for name, key in _METRICS.items() if _is_count(view.get(key))}
    return replace(item, media=media or item.media, metrics=metrics), item.published_at or indexed


def read_feed_view(entry: Mapping[str, Any]) -> tuple[Item, datetime]:
    """An entry of an author's feed: a post of theirs, or one that they reposted."""
    item, at = read_view(entry["post"])
    reason = entry.get("reason")
    if not isinstance(reason, dict) or not str(reason.get("$type", "")).endswith("reasonRepost"):
        return item, at
    by = reason["by"]
    reposted = moment(reason["indexedAt"])
    repost = replace(
        item,
        # Older servers do not tell the repost's own address.
        external_id=scrub(reason.get("uri") or f"{item.external_id}#{by['did']}"),
        author=author_of(by, by["did"]),
        published_at=reposted,
        kind="repost",
        in_reply_to=item.external_id,
        metrics={},  # they are those of the post, which is counted once
    )
    return repost, reposted


def item_of(uri: str, record: Mapping[str, Any], *, indexed: datetime, author: Author) -> Item:
    """A post from its record. Raises one of UNREADABLE where a needed part is missing."""
    did, collection, rkey = parts_of(uri)
    if collection != POST:
        raise ValueError("not a post")
    embed = record.get("embed")
    quoted = next(_quoted(embed), None)
    parent = _at(record, "reply", "parent", "uri")
    links = [*_facet_links(record.get("facets")), *_cards(embed)]
    if quoted:
        links.append(page_of(quoted))
    return Item(
        external_id=scrub(uri),
        url=web_url(f"{_PROFILE}{did}/post/{rkey}"),
        text=_text(record),
        author=author,
        published_at=_published(record.get("createdAt"), indexed),
        lang=_language(record.get("langs")),
        kind="quote" if quoted else "reply" if isinstance(parent, str) else "post",
        in_reply_to=scrub(parent) if isinstance(parent, str) else None,
        links=tuple(dict.fromkeys(link for link in links if link))[:LINKS_LIMIT],
        media=tuple(dict.fromkeys(_recorded_media(embed, did))),
    )


def parts_of(uri: Any) -> tuple[str, str, str]:
    """An at:// address: whose, which collection, which record. Raises ValueError."""
    if not isinstance(uri, str) or len(uri) > 1_000 or not uri.startswith("at://"):
        raise ValueError("no at:// address")
    did, collection, rkey = uri.removeprefix("at://").split("/")
    if not (did and rkey):
        raise ValueError("no at:// address of a record")
    return did, collection, rkey


def page_of(uri: str) -> str:
    """The web page of a post, "" where the address is none of a post."""
    try:
        did, collection, rkey = parts_of(uri)
    except ValueError:
        return ""
    return web_url(f"{_PROFILE}{did}/post/{rkey}") if collection == POST else ""


def author_of(profile: Mapping[str, Any], did: str) -> Author:
    """Who, by a profile of any of its views. The id is the DID, which outlives the handle."""
    followers = profile.get("followersCount")
    name = one_line(str(profile.get("displayName") or ""))
    return Author(
        name=(name or scrub(str(profile.get("handle") or did)))[:640],
        id=scrub(did),
        followers=followers if _is_count(followers) else None,
    )


def moment(text: str) -> datetime:
    """A time of the API. Raises ValueError, TypeError or OverflowError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at.astimezone(UTC)


def _published(created: Any, indexed: datetime) -> datetime:
    """When its author says, but never later than the network knew of it."""
    try:
        return min(moment(created), indexed)
    except UNREADABLE:
        return indexed


def _text(record: Mapping[str, Any]) -> str:
    """What the author wrote: the text, then what their pictures are said to show, further tags."""
    text = record["text"]
    if not isinstance(text, str):
        raise TypeError("the text is no text")
    said = (alt for alt in _alts(record.get("embed")) if alt.strip())
    tags = record.get("tags")
    marks = [f"#{tag}" for tag in _list(tags)[:8] if isinstance(tag, str)]
    return plain_text("\n\n".join(part for part in (text, *said, " ".join(marks)) if part))


def _language(langs: Any) -> str | None:
    first = next(iter(_list(langs)), None)
    return scrub(first)[:35] or None if isinstance(first, str) else None


def _facet_links(facets: Any) -> Iterator[str]:
    for facet in _list(facets)[:200]:
        for feature in _list(_at(facet, "features"))[:10]:
            uri = _at(feature, "uri")
            if isinstance(uri, str):
                yield web_url(uri)


def _media_of(embed: Any) -> Any:
    """The pictures, video or card of an embed, also where they stand beside a quoted post."""
    return embed.get("media", embed) if isinstance(embed, dict) else {}


def _cards(embed: Any) -> Iterator[str]:
    uri = _at(_media_of(embed), "external", "uri")
    if isinstance(uri, str):
        yield web_url(uri)


def _quoted(embed: Any) -> Iterator[str]:
    """The quoted post's address: a record's embed has it one level higher beside media."""
    for path in (("record", "record", "uri"), ("record", "uri")):
        uri = _at(embed, *path)
        if isinstance(uri, str) and page_of(uri):
            yield uri


def _pictures(embed: Any) -> Iterator[Mapping[str, Any]]:
    media = _media_of(embed)
    for name in ("images", "items"):
        for picture in _list(_at(media, name))[:20]:
            if isinstance(picture, dict):
                yield picture


def _alts(embed: Any) -> Iterator[str]:
    for one in (*_pictures(embed), _media_of(embed)):
        alt = _at(one, "alt")
        if isinstance(alt, str):
            yield alt


def _recorded_media(embed: Any, did: str) -> Iterator[str]:
    for picture in _pictures(embed):
        reference = _at(picture, "image", "ref", "$link")
        if isinstance(reference, str) and reference.isalnum():
            yield web_url(f"https://{_PICTURES}/{did}/{reference}@jpeg")


def _viewed_media(embed: Any) -> Iterator[str]:
    found = [_at(picture, "fullsize") for picture in _pictures(embed)]
    found.append(_at(_media_of(embed), "playlist"))
    for address in found:
        if isinstance(address, str) and web_url(address):
            yield web_url(address)


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
