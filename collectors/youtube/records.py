"""Resources of the YouTube Data API as Items. Pure.

Shapes: developers.google.com/youtube/v3/docs (videos, search, playlistItems, commentThreads,
comments, channels).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from collectors.api import Author, Item, ProfileSnapshot, Skipped
from collectors.text import (
    LINKS_LIMIT,
    looks_like_markup,
    markup_line,
    markup_text,
    one_line,
    plain_text,
    scrub,
    web_url,
)

T = TypeVar("T")

SITE: Final = "https://www.youtube.com"
_LINK: Final = re.compile(r"https?://[^\s<>\"]{1,2000}")
_SIZES: Final = ("maxres", "standard", "high", "medium", "default")
_COUNTS: Final = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A comment with the replies that came along. total: how many replies YouTube counts."""

    id: str
    comment: Item
    replies: tuple[Item, ...] = ()
    total: int = 0

    @property
    def newest(self) -> datetime:
        """When it was last written in, as far as this answer shows."""
        times = (one.published_at for one in (self.comment, *self.replies))
        return max(time for time in times if time is not None)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What could be read of an answer's list, and what could not."""

    found: tuple[T, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An entry of a channel's list of uploads."""

    video: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel, with the playlist of all its videos."""

    id: str
    uploads: str = ""
    snapshot: ProfileSnapshot = field(default_factory=lambda: ProfileSnapshot(handle=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a comment stands; replies and comments asked for by id do not say it themselves."""

    video: str = ""
    channel: str = ""


NOWHERE: Final = Place()


def read_all(records: Sequence[Any], read: Callable[[Any], T]) -> Read[T]:
    """Each record read, those apart that cannot be."""
    found: list[T] = []
    skipped: list[Skipped] = []
    for record in records:
        try:
            found.append(read(record))
        except _UNREADABLE as error:
            what = record.get("kind", "record") if isinstance(record, dict) else "record"
            reason = f"unreadable {what}: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), _id_of(record), scrub(repr(record))[:2_000]))
    return Read(tuple(found), tuple(skipped))


def video(record: Mapping[str, Any]) -> Item:
    """A resource of videos.list."""
    return _video(record, _text(record["id"]), text=plain_text(_given(record, "description")))


def found_video(record: Mapping[str, Any]) -> Item:
    """A hit of search.list: the text is cut by YouTube, title and text are escaped as HTML."""
    title, (text, _) = _given(record, "title"), markup_text(_given(record, "description"))
    return _video(record, _text(record["id"]["videoId"]), text=text, title=markup_line(title))


def _video(record: Mapping[str, Any], identity: str, *, text: str, title: str = "") -> Item:
    said = record["snippet"]
    counts = record.get("statistics") or {}
    return Item(
        external_id=identity,
        url=f"{SITE}/watch?v={identity}",
        title=title or one_line(said["title"]),
        text=text,
        author=Author(name=one_line(said["channelTitle"]), id=_text(said["channelId"])),
        published_at=moment(said["publishedAt"]),
        lang=_language(said),
        kind="video",
        links=tuple(_links(text)),
        media=tuple(_pictures(said.get("thumbnails") or {})),
        metrics={
            name: count
            for name, key in _COUNTS.items()
            if (count := whole(counts.get(key))) is not None
        },
    )


def upload(record: Mapping[str, Any]) -> Upload:
    """An entry of playlistItems.list."""
    said, details = record["snippet"], record.get("contentDetails") or {}
    # The list's own time is when the video was added to it; the video's is the one to go by.
    at = details.get("videoPublishedAt") or said["publishedAt"]
    identity = details.get("videoId") or said["resourceId"]["videoId"]
    return Upload(video=_text(identity), at=moment(at))


def thread(record: Mapping[str, Any]) -> Thread:
    """A resource of commentThreads.list."""
    said = record["snippet"]
    place = Place(video=said.get("videoId") or "", channel=said.get("channelId") or "")
    total = whole(said.get("totalReplyCount")) or 0
    replies = (record.get("replies") or {}).get("comments") or []
    return Thread(
        id=_text(record["id"]),
        comment=comment(said["topLevelComment"], place, replies=total),
        replies=tuple(comment(reply, place) for reply in replies),
        total=total,
    )


def comment(
    record: Mapping[str, Any], place: Place = NOWHERE, *, replies: int | None = None
) -> Item:
    """A resource of comments.list, or one within a thread."""
    said, identity = record["snippet"], _text(record["id"])
    parent = said.get("parentId") or ""
    where = Place(
        video=said.get("videoId") or place.video, channel=said.get("channelId") or place.channel
    )
    text, links = _said(said)
    published, changed = moment(said["publishedAt"]), said.get("updatedAt")
    edited = moment(changed) if changed else published
    counts = {"likes": whole(said.get("likeCount")), "replies": replies}
    return Item(
        external_id=identity,
        url=_comment_url(where, identity),
        text=text,
        author=Author(
            name=one_line(said.get("authorDisplayName") or ""),
            id=_text((said.get("authorChannelId") or {}).get("value") or "") or None,
        ),
        published_at=published,
        edited_at=edited if edited > published else None,
        kind="comment",
        in_reply_to=_text(parent or where.video) or None,
        links=links,
        media=tuple(url for url in [web_url(said.get("imageUrl") or "")] if url),
        metrics={name: count for name, count in counts.items() if count is not None},
    )


def channel(record: Mapping[str, Any]) -> Channel:
    """A resource of channels.list."""
    said, counts = record.get("snippet") or {}, record.get("statistics") or {}
    lists = (record.get("contentDetails") or {}).get("relatedPlaylists") or {}
    identity = _text(record["id"])
    hidden = counts.get("hiddenSubscriberCount") is True
    return Channel(
        id=identity,
        uploads=_text(lists.get("uploads") or ""),
        snapshot=ProfileSnapshot(
            handle=_text(said.get("customUrl") or identity),
            name=one_line(said.get("title") or ""),
            url=f"{SITE}/channel/{identity}",
            followers=None if hidden else whole(counts.get("subscriberCount")),
            posts=whole(counts.get("videoCount")),
        ),
    )


def is_video(hit: Any) -> bool:
    """False for channels and playlists, which a relay may send although videos are asked for."""
    identity = hit.get("id") if isinstance(hit, dict) else None
    kind = identity.get("kind") if isinstance(identity, dict) else None
    return kind is None or kind == "youtube#video"


def is_video_id(identity: str) -> bool:
    """Whether an id is a video's: those have 11 characters, comments have many more."""
    return len(identity) == 11


def moment(text: str) -> datetime:
    """A time of the API, which always names its zone. Raises ValueError where it does not."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time.astimezone(UTC)


def whole(value: object) -> int | None:
    """A count: the API sends most of them as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if is_count and isinstance(value, int) else None


def _said(said: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Text and links. We ask for plain text; a relay may still send YouTube's HTML."""
    text = said.get("textOriginal") or said["textDisplay"]
    if not said.get("textOriginal") and looks_like_markup(text):
        return markup_text(text)
    plain = plain_text(text)
    return plain, tuple(_links(plain))


def _comment_url(place: Place, identity: str) -> str:
    if place.video:
        return f"{SITE}/watch?v={_text(place.video)}&lc={identity}"
    return f"{SITE}/channel/{_text(place.channel)}/community?lc={identity}" if place.channel else ""


def _links(text: str) -> Iterator[str]:
    found = (web_url(link.rstrip(".,;:!?)]}'»")) for link in _LINK.findall(text))
    yield from list(dict.fromkeys(link for link in found if link))[:LINKS_LIMIT]


def _pictures(thumbnails: Mapping[str, Any]) -> Iterator[str]:
    """The largest one."""
    for size in _SIZES:
        address = web_url((thumbnails.get(size) or {}).get("url") or "")
        if address:
            yield address
            return


def _language(said: Mapping[str, Any]) -> str | None:
    """Spoken, else written; "zxx" says that nobody speaks."""
    for key in ("defaultAudioLanguage", "defaultLanguage"):
        tag = scrub(said.get(key) or "")[:35]
        if tag and not tag.lower().startswith(("zxx", "und")):
            return tag
    return None


def _given(record: Mapping[str, Any], key: str) -> str:
    return record["snippet"].get(key) or ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text is documented")
    return scrub(value)


def _id_of(record: Any) -> str | None:
    identity = record.get("id") if isinstance(record, dict) else None
    if isinstance(identity, dict):
        identity = identity.get("videoId")
    return scrub(identity) if isinstance(identity, str) else None
