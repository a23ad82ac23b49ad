"""What goes into a match and what comes out: plain values, no behaviour of the language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

Lang = Literal["fr", "en"]
FieldName = Literal["title", "text", "author", "url"]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Text:
    """What an item offers to the match. A bare term searches `title` and `body` only.

    `source` and `source_kind` are its name and kind, either may answer `source:`; `flags` are the
    values of `is:` and `has:` ("reply", "repost", "media" …); `links` are those of the item beside
    the ones in its text; `lists` are the people lists its author is on; `published_at` is aware or
    None.
    """

    title: str = ""
    body: str = ""
    author: str = ""
    url: str = ""
    lang: str | None = None
    source: str = ""
    country: str | None = None
    published_at: datetime | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    source_kind: str = ""
    links: tuple[str, ...] = ()
    cluster: str | None = None
    lists: frozenset[str] = frozenset()


class Span(NamedTuple):
    """Where something matched: code points of the stored text; `text` is the item's body."""

    field: FieldName
    start: int
    end: int


class Evidence(Protocol):
    """A rule that can say what in a text satisfied it. key: the caller's name for it."""

    key: Any

    def spans(self, reading: Any) -> tuple[Span, ...]: ...

    def clause(self, reading: Any) -> str: ...


class Hit(Generic[K]):
    """A query that matched: its key, what satisfied it, and the smallest clause that decided.

    Most hits are only counted or keyed: spans and clause are worked out when they are read.
    """

    __slots__ = ("_reading", "_rule")

    def __init__(self, rule: Evidence, reading: Any) -> None:
        self._rule = rule
        self._reading = reading

    @property
    def key(self) -> K:
        key: K = self._rule.key
        return key

    @property
    def spans(self) -> tuple[Span, ...]:
        return self._rule.spans(self._reading)

    @property
    def clause(self) -> str:
        return self._rule.clause(self._reading)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Hit):
            return NotImplemented
        return (self.key, self.spans, self.clause) == (other.key, other.spans, other.clause)

    def __hash__(self) -> int:
        return hash((self.key, self.spans, self.clause))

    def __repr__(self) -> str:
        return f"Hit({self.key!r}, {self.spans!r}, {self.clause!r})"


@dataclass(frozen=True, slots=True)
class PlainTerm:
    """One thing a platform can be asked for; `text` has no sign in front."""

    text: str
    kind: Literal["word", "phrase", "hashtag", "handle"] = "word"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the linter: it never blocks. `position` and `end` are code points of the source.

    suggestion: text of the query language that answers the remark: what to write in place of the
    stretch, or, for `own_handle_missing` and `own_domain_missing`, behind the query.
    """

    code: str
    position: int
    fr: str
    en: str
    end: int | None = None
    suggestion: str | None = None

    def message(self, lang: Lang) -> str:
        return self.fr if lang == "fr" else self.en
