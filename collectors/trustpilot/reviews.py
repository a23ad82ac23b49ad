"""A review as Trustpilot's Business Units API gives it, made an Item. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import one_line, plain_text, scrub

_HIDDEN: Final = ("hidden", "temporarilyhidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One page. found: reviews that stand there, readable or not."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    removed: tuple[str, ...] = ()
    found: int = 0


def read_reviews(answer: Any, site: str) -> Reviews:
    """Raises BadPayload where the answer is no list of reviews."""
    told = answer.get("reviews") if isinstance(answer, dict) else None
    if not isinstance(told, list):
        raise BadPayload("Trustpilot: the answer has no list of reviews")
    hidden = [identity for one in told if is_hidden(one) and (identity := _id(one))]
    read = [read_review(one, site) for one in told if not is_hidden(one)]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    return Reviews(
        items=tuple(items.values()),
        skipped=tuple(one for one in read if isinstance(one, Skipped)),
        removed=tuple(dict.fromkeys(hidden)),
        found=len(told),
    )


def is_hidden(review: Any) -> bool:
    """Whether nobody may read it now: it was reported and is being looked into."""
    report = review.get("reportData") if isinstance(review, dict) else None
    shown = report.get("reviewVisibility") if isinstance(report, dict) else None
    return isinstance(shown, str) and shown.lower() in _HIDDEN


def read_review(review: Any, site: str) -> Item | Skipped:
    """One review as an Item, or why it cannot be read."""
    try:
        return _item(review, site)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"unreadable review: {type(error).__name__} {error}"[:300]
        return Skipped(reason, _id(review) or None, repr(review)[:2_000])


def _item(review: Mapping[str, Any], site: str) -> Item:
    identity = _id(review)
    stars = review["stars"]
    if not identity or type(stars) is not int or not 1 <= stars <= 5:
        raise ValueError("no id, or no stars of 1 to 5")
    return Item(
        external_id=identity,
        url=f"{site}/reviews/{identity}",
        title=one_line(_text(review, "title"))[:2_000],
        text=plain_text(_text(review, "text")),
        author=_author(review.get("consumer")),
        published_at=_moment(review["createdAt"]),
        edited_at=_moment(review["updatedAt"]) if review.get("updatedAt") else None,
        lang=_text(review, "language")[:10].lower() or None,
        country=_country(review.get("consumer")),
        kind="review",
        metrics={"stars": stars, "replies": int(isinstance(review.get("companyReply"), dict))}
        | _likes(review.get("numberOfLikes")),
    )


def _likes(count: Any) -> dict[str, int]:
    return {"likes": count} if isinstance(count, int) and not isinstance(count, bool) else {}


def _author(consumer: Any) -> Author | None:
    if not isinstance(consumer, dict):
        return None
    name, identity = one_line(_text(consumer, "displayName")), _text(consumer, "id")
    return Author(name=name, id=scrub(identity)[:100] or None) if name else None


def _country(consumer: Any) -> str | None:
    """`Frederiksberg, DK`, or the country by itself where Trustpilot tells it."""
    if not isinstance(consumer, dict):
        return None
    told = _text(consumer, "countryCode") or _text(consumer, "displayLocation").rpartition(",")[2]
    code = told.strip()
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code.isupper() else None


def _id(review: Any) -> str:
    identity = review.get("id") if isinstance(review, dict) else None
    fine = isinstance(identity, str) and identity.isascii() and identity.isalnum()
    return identity if fine and isinstance(identity, str) and len(identity) <= 64 else ""


def _moment(value: Any) -> datetime:
    """Trustpilot's times are UTC, with or without the Z."""
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""
