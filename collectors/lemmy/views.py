"""Views of posts and comments, of both APIs → Item. Pure.

A view of API v3 keeps its figures in `counts`, names its times `published` and `updated` and its
people's addresses `actor_id`; v4 has the figures in the post itself, `published_at`, `updated_at`
and `ap_id`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.api import Author, Item, Skipped
from collectors.text import one_line, plain_text, scrub, web_url

LONGEST_ID: Final = 500
"""Characters of an address that names a post; a longer one names none."""
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What an answer holds. times: of all records that tell one, in seconds since 1970."""

    items: tuple[Item, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    times: tuple[int, ...] = ()


def read_views(views: Iterable[Any]) -> Views:
    """One view that cannot be read does not stop the rest."""
    items, removed, skipped, times = dict[str, Item](), list[str](), list[Skipped](), list[int]()
    for view in views:
        try:
            said = _said(view)
            times.append(int(_published(said).timestamp()))
            if is_gone(said):
                removed.append(identity_of(said))
            else:
                items.setdefault(identity_of(said), item_of(view))
        except _UNREADABLE as error:
            reason = f"unreadable record: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), None, repr(view)[:2_000]))
    return Views(
        items=tuple(items.values()),
        removed=tuple(removed),
        skipped=tuple(skipped),
        times=tuple(times),
    )


def identity_of(said: Mapping[str, Any]) -> str:
    """The address that names a post or comment on every instance. Raises where there is none."""
    address = _web(said["ap_id"])
    if not is_identity(address):
        raise ValueError("no address that names it")
    return address


def is_identity(text: str) -> bool:
    """Whether text is an address that may name a post or comment."""
    return 0 < len(text) <= LONGEST_ID and _web(text) == text


def is_gone(said: Mapping[str, Any]) -> bool:
    """Whether its author deleted it or a moderator removed it."""
    return said.get("deleted") is True or said.get("removed") is True


def item_of(view: Mapping[str, Any]) -> Item:
    """Raises one of _UNREADABLE where a needed part is missing."""
    said, post = _said(view), view["post"]
    is_comment = "comment" in view
    address = identity_of(said)
    shown = "" if is_comment else _web(said.get("url"))
    is_picture = str(said.get("url_content_type") or "").startswith("image/")
    outside = () if is_picture else (shown,)
    links = (*outside, _web(_actor(view.get("community"))))
    return Item(
        external_id=address,
        url=address,
        title="" if is_comment else one_line(said["name"]),
        text=plain_text(said["content"] if is_comment else said.get("body") or ""),
        author=_author(view.get("creator")),
        published_at=_published(said),
        edited_at=_edited(said),
        kind="comment" if is_comment else "post",
        # Which comment it answers is told by numbers of this one instance only.
        in_reply_to=identity_of(post) if is_comment else None,
        links=tuple(dict.fromkeys(link for link in links if link)),
        media=(shown,) if is_picture and shown else (),
        metrics=_metrics(view, said, is_comment=is_comment),
    )


def _said(view: Mapping[str, Any]) -> Mapping[str, Any]:
    said = view["comment"] if "comment" in view else view["post"]
    if not isinstance(said, dict):
        raise TypeError("neither a post nor a comment")
    return said


def _published(said: Mapping[str, Any]) -> datetime:
    return _moment(said.get("published_at") or said["published"])


def _edited(said: Mapping[str, Any]) -> datetime | None:
    told = said.get("updated_at") or said.get("updated")
    return _moment(told) if told else None


def _moment(text: Any) -> datetime:
    """Lemmy before 0.19 names no zone and means UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _actor(one: Any) -> str:
    """The address of a person or a community."""
    told = one.get("ap_id") or one.get("actor_id") if isinstance(one, dict) else None
    return told if isinstance(told, str) else ""


def _author(creator: Any) -> Author | None:
    name = creator.get("name") if isinstance(creator, dict) else None
    if not isinstance(name, str) or not name:
        return None
    shown = creator.get("display_name")
    try:
        host = urlsplit(_actor(creator)).netloc
    except ValueError:
        host = ""
    return Author(
        name=(one_line(shown) if isinstance(shown, str) else "") or one_line(name),
        id=scrub(f"{name}@{host}") if host else None,
    )


def _metrics(
    view: Mapping[str, Any], said: Mapping[str, Any], *, is_comment: bool
) -> dict[str, int]:
    counts = view.get("counts")
    told = counts if isinstance(counts, dict) else said
    found = {"score": told.get("score"), "likes": told.get("upvotes")}
    if is_comment:
        found["replies"] = told.get("child_count")
    else:
        found["comments"] = told.get("comments")
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _web(value: Any) -> str:
    absolute = isinstance(value, str) and value.startswith(("http://", "https://"))
    return web_url(value) if absolute else ""
