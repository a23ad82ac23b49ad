"""A review as Google's Business Profile API gives it, made an Item. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import one_line, plain_text, web_url

STARS: Final = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_TRANSLATED: Final = "(Translated by Google)"
_ORIGINAL: Final = "(Original)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One page. further: the token of the next, "" at the end."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    further: str = ""


def read_reviews(answer: Any, url: str) -> Reviews:
    """url: what reviews link to. A place without reviews answers {}."""
    told = answer.get("reviews", []) if isinstance(answer, dict) else None
    if not isinstance(told, list):
        raise BadPayload("Google Business: the answer has no list of reviews")
    read = [read_review(one, url) for one in told]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    further = answer.get("nextPageToken")
    return Reviews(
        items=tuple(items.values()),
        skipped=tuple(one for one in read if isinstance(one, Skipped)),
        further=further if isinstance(further, str) and len(further) <= 500 else "",
    )


def read_review(review: Any, url: str) -> Item | Skipped:
    """One review as an Item, or why it cannot be read."""
    try:
        return _item(review, url)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        name = review.get("name") if isinstance(review, dict) else None
        reason = f"unreadable review: {type(error).__name__} {error}"[:300]
        identity = one_line(name)[:300] if isinstance(name, str) else ""
        return Skipped(reason, identity or None, repr(review)[:2_000])


def _item(review: Mapping[str, Any], url: str) -> Item:
    # The whole name, since it is what a single review is asked for with.
    name = one_line(review["name"])
    if not is_name(name):
        raise ValueError("no name of a review")
    written, changed = _moment(review["createTime"]), review.get("updateTime")
    edited = _moment(changed) if changed else written
    media = review.get("reviewMediaItems")
    return Item(
        external_id=name,
        url=web_url(url),
        text=original(review.get("comment") or ""),
        author=_author(review.get("reviewer")),
        published_at=written,
        edited_at=edited if edited > written else None,
        kind="review",
        media=tuple(_pictures(media if isinstance(media, list) else [])),
        metrics={
            "stars": STARS[review["starRating"]],
            "replies": int(isinstance(review.get("reviewReply"), dict)),
        },
    )


def is_name(name: str) -> bool:
    """accounts/…/locations/…/reviews/…, safe to stand in an address."""
    match name.split("/"):
        case ["accounts", account, "locations", location, "reviews", review]:
            numbers = (account + location).isascii() and (account + location).isdigit()
            word = review.replace("-", "").replace("_", "").replace("=", "")
            return numbers and word.isascii() and word.isalnum() and len(name) <= 500
        case _:
            return False


def original(comment: str) -> str:
    """The words as written, where Google puts its translation before or behind them."""
    before, sign, behind = comment.partition(_ORIGINAL)
    if sign and before.lstrip().startswith(_TRANSLATED):
        return plain_text(behind)
    return plain_text(comment.partition(_TRANSLATED)[0] or comment)


def _author(reviewer: Any) -> Author | None:
    if not isinstance(reviewer, dict) or reviewer.get("isAnonymous") is True:
        return None
    name = reviewer.get("displayName")
    line = one_line(name)[:200] if isinstance(name, str) else ""
    return Author(name=line) if line else None


def _pictures(media: list[Any]) -> list[str]:
    told = [one.get("thumbnailUrl") for one in media[:20] if isinstance(one, dict)]
    return [link for one in told if isinstance(one, str) and (link := web_url(one))]


def _moment(value: str) -> datetime:
    """RFC 3339 with up to nine digits of a second, of which Python takes six."""
    head, dot, rest = value.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    shorter = f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}" if dot else value
    moment = datetime.fromisoformat(shorter)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
