"""A review as the Google Play Developer API gives it, made an Item. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import one_line, plain_text, scrub


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One page. further: the token of the next, "" at the end."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    further: str = ""


def read_reviews(answer: Any, app: str) -> Reviews:
    """app: address of the app's page. An app without recent reviews answers {}."""
    told = answer.get("reviews", []) if isinstance(answer, dict) else None
    if not isinstance(told, list):
        raise BadPayload("Google Play: the answer has no list of reviews")
    read = [read_review(one, app) for one in told]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    pages = answer.get("tokenPagination")
    further = pages.get("nextPageToken") if isinstance(pages, dict) else None
    return Reviews(
        items=tuple(items.values()),
        skipped=tuple(one for one in read if isinstance(one, Skipped)),
        further=further if isinstance(further, str) and len(further) <= 1_000 else "",
    )


def read_review(review: Any, app: str) -> Item | Skipped:
    """One review as an Item, or why it cannot be read."""
    try:
        return _item(review, app)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        told = review.get("reviewId") if isinstance(review, dict) else None
        identity = one_line(told)[:100] if isinstance(told, str) else ""
        reason = f"unreadable review: {type(error).__name__} {error}"[:300]
        return Skipped(reason, identity or None, repr(review)[:2_000])


def _item(review: Mapping[str, Any], app: str) -> Item:
    identity = scrub(review["reviewId"]).strip()
    comment = _comment(review, "userComment")
    if not identity or len(identity) > 200 or comment is None:
        raise ValueError("no id, or no words of a person")
    stars = comment["starRating"]
    if type(stars) is not int or not 1 <= stars <= 5:
        raise ValueError("no stars of 1 to 5")
    title, words = _words(comment.get("text") or "")
    name = one_line(review.get("authorName") or "")[:200]
    about = _about(comment)
    return Item(
        external_id=identity,
        url=f"{app}&reviewId={quote(identity, safe='')}",
        title=title,
        text=f"{words}\n\n{about}".strip() if about else words,
        author=Author(name=name) if name else None,
        published_at=_moment(comment["lastModified"]),
        lang=_language(comment.get("reviewerLanguage")),
        kind="review",
        metrics={"stars": stars, "replies": int(_comment(review, "developerComment") is not None)}
        | _likes(comment.get("thumbsUpCount")),
    )


def _comment(review: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The last one of its kind."""
    told = [one.get(kind) for one in review["comments"] if isinstance(one, dict)]
    found = [one for one in told if isinstance(one, dict)]
    return found[-1] if found else None


def _words(text: str) -> tuple[str, str]:
    """Title and text: Google joins them by a tab, where there ever was a title."""
    title, tab, rest = text.partition("\t")
    return (one_line(title)[:2_000], plain_text(rest)) if tab else ("", plain_text(text))


def _about(comment: Mapping[str, Any]) -> str:
    """Version of the app and device, as a last line of the text."""
    version = comment.get("appVersionName")
    metadata = comment.get("deviceMetadata")
    product = metadata.get("productName") if isinstance(metadata, dict) else None
    device = product or comment.get("device")
    told = [f"v{one_line(version)[:50]}"] if isinstance(version, str) and version else []
    told += [one_line(device)[:100]] if isinstance(device, str) and device else []
    return ", ".join(told)


def _moment(stamp: Mapping[str, Any]) -> datetime:
    """Google writes 64-bit numbers as text."""
    return datetime.fromtimestamp(int(stamp["seconds"]), UTC)


def _likes(count: Any) -> dict[str, int]:
    return {"likes": count} if isinstance(count, int) and not isinstance(count, bool) else {}


def _language(code: Any) -> str | None:
    """`fr`, or `en` of `en_US`."""
    head = code.replace("-", "_").partition("_")[0] if isinstance(code, str) else ""
    return head.lower() if 2 <= len(head) <= 3 and head.isascii() and head.isalpha() else None
