"""A Reddit post (t3) or comment (t1) → Item, read from the API's JSON or from a feed's entry.

Both ways give one post the same id (`t3_abc`), address, author and time, so that a source which
gets a key later, or loses it, knows its items again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.api import Author, Item, Skipped
from collectors.text import LINKS_LIMIT, markup_text, one_line, plain_text, scrub, web_url

SITE: Final = "https://www.reddit.com"
"""Where people read it, whatever address it was asked at."""
_NAME: Final = re.compile(r"t[13]_[0-9a-z]{1,20}")
_GONE: Final = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
_NOBODY: Final = "[deleted]"
_TAIL: Final = "submitted by"
_TAIL_LENGTH: Final = 200
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What an answer holds. times: seconds since 1970, in the answer's order."""

    items: tuple[Item, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    times: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


def is_name(text: str) -> bool:
    """Whether text names a post or a comment."""
    return _NAME.fullmatch(text) is not None


def read_things(children: Iterable[Any]) -> Things:
    """The posts and comments of a listing; one that cannot be read does not stop the rest."""
    items, removed, skipped = dict[str, Item](), list[str](), list[Skipped]()
    times, names = list[int](), list[str]()
    for child in children:
        try:
            data, name = child["data"], _name_of(child)
            names.append(name)
            at = int(data["created_utc"])
            if is_gone(data):
                removed.append(name)
            else:
                items.setdefault(name, item_of(data, name))
            times.append(at)
        except _UNREADABLE as error:
            reason = f"unreadable record: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(reason, _id_in(child), repr(child)[:2_000]))
    return Things(
        items=tuple(items.values()),
        removed=tuple(removed),
        skipped=tuple(skipped),
        times=tuple(times),
        names=tuple(names),
    )


def _name_of(child: Mapping[str, Any]) -> str:
    name = child["data"].get("name") or f"{child['kind']}_{child['data']['id']}"
    if not is_name(name):
        raise ValueError(f"{scrub(str(name))[:60]!r} is neither a post nor a comment")
    return str(name)


def _id_in(child: Any) -> str | None:
    data = child.get("data") if isinstance(child, dict) else None
    name = data.get("name") if isinstance(data, dict) else None
    return scrub(name)[:100] if isinstance(name, str) else None


def is_gone(data: Mapping[str, Any]) -> bool:
    """Whether its author deleted it, or somebody with the power removed it.

    A deleted account takes its name off what it wrote and leaves the words: that is not gone.
    """
    if data.get("removed_by_category"):
        return True
    if "body" in data:
        return data["body"] in _GONE and data.get("author") == _NOBODY
    return data.get("selftext") in _GONE or data.get("title") == "[deleted by user]"


def item_of(data: Mapping[str, Any], name: str) -> Item:
    """Raises KeyError, TypeError, ValueError or AttributeError where a needed part is missing."""
    is_comment = "body" in data
    said = _original(data)
    markup = said.get("body_html" if is_comment else "selftext_html") or ""
    text, links = markup_text(markup, base=SITE)
    if not text:  # the markdown, where the answer has no markup
        text = plain_text(said.get("body" if is_comment else "selftext") or "")
    url = web_url(data.get("permalink") or _permalink(data), base=SITE)
    media = tuple(dict.fromkeys(islice(_media(said), LINKS_LIMIT)))
    outside = () if is_comment else (web_url(said.get("url") or "", base=SITE),)
    return Item(
        external_id=name,
        url=url,
        title="" if is_comment else one_line(data["title"]),
        text=text,
        author=author_of(data["author"]),
        published_at=datetime.fromtimestamp(int(data["created_utc"]), UTC),
        edited_at=_edited(data),
        kind=_kind(data, is_comment=is_comment),
        in_reply_to=_parent(data),
        links=outward((*outside, *links), own=url, media=media),
        media=media,
        metrics=_metrics(data),
    )


def author_of(name: str) -> Author | None:
    """Names are unique and cannot be changed, so they are ids too; None for a deleted account."""
    name = one_line(name)
    return Author(name=name, id=name) if name and name != _NOBODY else None


def outward(links: Iterable[str], *, own: str, media: Iterable[str] = ()) -> tuple[str, ...]:
    """The links that lead elsewhere: not to the post itself, and not to what it shows."""
    inner = {_bare(own), *map(_bare, media)}
    return tuple(dict.fromkeys(link for link in links if link and _bare(link) not in inner))


def _bare(url: str) -> str:
    return url.rstrip("/")


def _original(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a crosspost shows: the post that it passes on."""
    parents = data.get("crosspost_parent_list")
    first = parents[0] if isinstance(parents, list) and parents else data
    return first if isinstance(first, dict) else data


def _kind(data: Mapping[str, Any], *, is_comment: bool) -> str:
    if is_comment:
        return "comment"
    return "repost" if data.get("crosspost_parent") else "post"


def _permalink(data: Mapping[str, Any]) -> str:
    """Old answers have none for a comment."""
    thread = str(data["link_id"]).removeprefix("t3_")
    return f"/r/{data['subreddit']}/comments/{thread}/_/{data['id']}/"


def _parent(data: Mapping[str, Any]) -> str | None:
    parent = data.get("parent_id")
    return parent if isinstance(parent, str) and is_name(parent) else None


def _edited(data: Mapping[str, Any]) -> datetime | None:
    """The time of the last edit. Very old records say only that there was one."""
    edited = data.get("edited")
    known = isinstance(edited, int | float) and not isinstance(edited, bool) and edited > 0
    return datetime.fromtimestamp(int(edited), UTC) if known else None  # type: ignore[arg-type]


def _metrics(data: Mapping[str, Any]) -> dict[str, int]:
    hidden = data.get("score_hidden") or data.get("hide_score")
    found = {
        "score": None if hidden else data.get("score"),
        "comments": data.get("num_comments"),
        "reposts": data.get("num_crossposts"),
    }
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _media(data: Mapping[str, Any]) -> Iterator[str]:
    """The pictures and the video of a post; not the previews of what it links to."""
    address = web_url(data.get("url") or "", base=SITE)
    if address and (data.get("post_hint") == "image" or urlsplit(address).hostname == "i.redd.it"):
        yield address
    pictures = data.get("media_metadata")
    for one in pictures.values() if isinstance(pictures, dict) else ():
        source = one.get("s") if isinstance(one, dict) else None
        found = web_url(str(source.get("u") or "")) if isinstance(source, dict) else ""
        if found:
            yield found
    media = data.get("media")
    video = media.get("reddit_video") if isinstance(media, dict) else None
    found = web_url(str(video.get("fallback_url") or "")) if isinstance(video, dict) else ""
    if found:
        yield found


def read_entries(entries: Iterable[Item]) -> Things:
    """The posts and comments of a feed that collectors/rss has read."""
    items, skipped = list[Item](), list[Skipped]()
    for entry in entries:
        if entry.external_id.startswith("t5_"):
            continue  # a search's feed may name a subreddit too
        if is_name(entry.external_id) and entry.published_at and entry.url:
            items.append(item_of_entry(entry))
        else:
            reason = "an entry without the id, time or address of a post"
            skipped.append(Skipped(reason, entry.external_id[:100], repr(entry)[:2_000]))
    kept = [item for item in items if item.text not in _GONE]
    return Things(
        items=tuple(kept),
        removed=tuple(item.external_id for item in items if item.text in _GONE),
        skipped=tuple(skipped),
        times=tuple(int(item.published_at.timestamp()) for item in items if item.published_at),
        names=tuple(item.external_id for item in items),
    )


def item_of_entry(entry: Item) -> Item:
    """An entry of a feed in the shape that the API's JSON gives."""
    is_comment = entry.external_id.startswith("t1_")
    path = urlsplit(entry.url).path
    url = web_url(path, base=SITE)
    name = entry.author.name.removeprefix("/u/") if entry.author else ""
    steps = path.strip("/").split("/")
    inner = (f"{SITE}/user/{name}", f"{SITE}/r/{steps[1] if len(steps) > 1 else ''}", entry.url)
    thread = steps[3] if steps[2:3] == ["comments"] and len(steps) > 3 else ""
    return replace(
        entry,
        url=url,
        title="" if is_comment else entry.title,
        text=_without_tail(entry.text),
        author=author_of(name),
        kind="comment" if is_comment else "post",
        # A feed tells the thread, not which comment of it was answered.
        in_reply_to=f"t3_{thread}" if is_comment and is_name(f"t3_{thread}") else None,
        links=outward(entry.links, own=url, media=inner),
    )


def _without_tail(text: str) -> str:
    """The text without the line "submitted by … [link] [comments]" that feeds add."""
    head, sign, tail = text.rpartition(_TAIL)
    return head.strip() if sign and "[link]" in tail and len(tail) < _TAIL_LENGTH else text
