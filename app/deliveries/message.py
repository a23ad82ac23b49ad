"""What is to be told, in no channel's language: each transport renders it in its own.

A message is stored as JSON in its outbox row and read back when it is sent, perhaps by a newer
version of this code: unknown keys are dropped, absent ones take their default.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

Kind = Literal["alert", "digest", "test", "notice"]
Severity = Literal["info", "warning", "critical"]

_SHORT = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not taken for one another when read aloud."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value to show: "Mentions", "273"."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page of ours, or a post, with the words to show for it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionLine:
    """One post that the message is about. Everything in it is foreign text."""

    mention_id: str
    text: str
    author: str
    url: str
    source: str
    brand: str
    published_at: datetime
    first_seen_at: datetime
    label: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing to tell."""

    kind: Kind
    title: str
    lang: str = "en"
    zone: str = "UTC"
    """IANA zone in which its times are shown."""
    severity: Severity = "info"
    ref: str = ""
    """The short id that people quote; the same on every copy and every channel."""
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    mentions: tuple[MentionLine, ...] = ()
    links: tuple[Link, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same for machines: ids as strings, numbers, ISO times."""
    html: str = ""
    text: str = ""
    """`html` and `text`: a ready body (the digest); empty: the transport makes one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Mail headers beyond the usual (List-Id, List-Unsubscribe …)."""


def to_payload(message: Message) -> dict[str, Any]:
    """The message as JSON values."""
    payload = asdict(message)
    for line in payload["mentions"]:
        line["published_at"] = line["published_at"].isoformat()
        line["first_seen_at"] = line["first_seen_at"].isoformat()
    return payload


def from_payload(payload: Mapping[str, Any]) -> Message:
    """The message that `to_payload` was given."""
    values = _known(Message, payload)
    values["lines"] = tuple(values.get("lines", ()))
    values["facts"] = tuple(Fact(**_known(Fact, fact)) for fact in values.get("facts", ()))
    values["links"] = tuple(Link(**_known(Link, link)) for link in values.get("links", ()))
    values["mentions"] = tuple(_mention_line(line) for line in values.get("mentions", ()))
    return Message(**values)


def short_ref(subject: str) -> str:
    """Six characters that name `subject` to people: 30⁶ ≈ 7 × 10⁸ of them."""
    number = int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=8).digest(), "big")
    letters = []
    for _ in range(6):
        number, rest = divmod(number, len(_SHORT))
        letters.append(_SHORT[rest])
    return "".join(letters)


def _known(model: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(model)}
    return {key: value for key, value in values.items() if key in names}


def _mention_line(values: Mapping[str, Any]) -> MentionLine:
    known = _known(MentionLine, values)
    for key in ("published_at", "first_seen_at"):
        known[key] = datetime.fromisoformat(known[key])
    return MentionLine(**known)
