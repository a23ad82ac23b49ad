"""Records of the API (api.stackexchange.com/docs/types) → Item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from collectors.api import Author, Item, Skipped
from collectors.text import markup_line, markup_text, scrub, web_url

Kind = Literal["q", "a"]
_OWN_HOST: Final = frozenset(
    {"stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps"}
)
_NAME: Final = re.compile(r"([a-z0-9][a-z0-9.-]{0,60})/([qa])([1-9][0-9]{0,17})")
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)
_KEYS: Final[Mapping[Kind, str]] = {"q": "question_id", "a": "answer_id"}


@dataclass(frozen=True, slots=True)
class Name:
    """What a post is called: ids are a site's own, and questions and answers share their numbers
    with no other site."""

    site: str
    kind: Kind
    number: int

    @classmethod
    def read(cls, text: str) -> Name | None:
        match = _NAME.fullmatch(text)
        if match is None:
            return None
        return cls(match[1], "q" if match[2] == "q" else "a", int(match[3]))

    def __str__(self) -> str:
        return f"{self.site}/{self.kind}{self.number}"


def name_of(record: Mapping[str, Any], site: str) -> Name:
    """Raises KeyError or TypeError where the record has no id. An answer has its question's too."""
    kind: Kind = "a" if record.get("answer_id") is not None else "q"
    number = record[_KEYS[kind]]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise TypeError(f"{_KEYS[kind]} is no id")
    return Name(site, kind, number)


def created(record: Any) -> int | None:
    """Seconds since 1970, where the record tells them in a way that can be believed."""
    value = record.get("creation_date") if isinstance(record, dict) else None
    return value if _is_time(value) else None


def read_records(records: Iterable[Any], site: str) -> tuple[list[Item], list[Skipped]]:
    """Items, and the records that cannot be read; one does not stop the rest."""
    items: dict[str, Item] = {}
    skipped = []
    for record in records:
        try:
            item = item_of(record, site)
            items.setdefault(item.external_id, item)
        except _UNREADABLE as error:
            reason = f"unreadable record: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), None, repr(record)[:2_000]))
    return list(items.values()), skipped


def item_of(record: Mapping[str, Any], site: str) -> Item:
    """A question, an answer, or a search's excerpt of one. Raises one of _UNREADABLE."""
    name = name_of(record, site)
    is_answer = name.kind == "a"
    base = f"https://{host_of(site)}"
    markup = record.get("body") if "excerpt" not in record else record["excerpt"]
    text, links = markup_text(markup or "", base=base)
    at, link = created(record), record.get("link")
    absolute = isinstance(link, str) and link.startswith(("http://", "https://"))
    told = web_url(link) if absolute and link else ""
    if at is None:
        raise ValueError("no time that can be read")
    return Item(
        external_id=str(name),
        url=told or f"{base}/{name.kind}/{name.number}",
        title="" if is_answer else markup_line(record["title"]),
        text=text,
        author=_author(record.get("owner"), site),
        published_at=datetime.fromtimestamp(at, UTC),
        edited_at=_moment(record.get("last_edit_date")),
        kind="comment" if is_answer else "post",
        in_reply_to=_question(record, site) if is_answer else None,
        links=links,
        metrics=_metrics(record),
    )


def host_of(site: str) -> str:
    """The sites began with names of their own; the later ones are parts of stackexchange.com."""
    if site.endswith(".net"):
        return site
    return f"{site}.com" if site.rsplit(".", 1)[-1] in _OWN_HOST else f"{site}.stackexchange.com"


def _author(owner: Any, site: str) -> Author | None:
    """None for a deleted account that left no name."""
    if not isinstance(owner, dict) or not isinstance(owner.get("display_name"), str):
        return None
    number = owner.get("user_id")
    known = isinstance(number, int) and not isinstance(number, bool)
    name = markup_line(owner["display_name"])
    return Author(name=name, id=f"{site}/{number}" if known else None) if name else None


def _question(record: Mapping[str, Any], site: str) -> str | None:
    number = record.get("question_id")
    known = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return str(Name(site, "q", int(number))) if known and number else None


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if _is_time(value) else None


def _is_time(value: Any) -> bool:
    """Whether value can be believed to be seconds since 1970."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**11


def _metrics(record: Mapping[str, Any]) -> dict[str, int]:
    found = {
        "score": record.get("score"),
        "views": record.get("view_count"),
        "replies": record.get("answer_count"),
        "comments": record.get("comment_count"),
    }
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
