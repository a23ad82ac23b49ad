"""What the brain is asked and what it answers: plain values, so that whoever only passes them on
loads no model code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from nlp.api import NOBODY, ModelRef
from nlp.query import Text


@dataclass(frozen=True, slots=True)
class QuerySet:
    """The queries in force (brand → text), dated by their epoch.

    zones: brand → IANA zone of its days, UTC where none is given; now: the present, which no epoch
    dates; watchlists: brand → watchlist, whose lists of people it asks for.
    """

    epoch: int
    sources: Mapping[int, str]
    zones: Mapping[int, str] = field(default_factory=dict)
    now: datetime | None = None
    watchlists: Mapping[int, int] = field(default_factory=dict)


def of_watchlist(watchlist_id: int, name: str) -> str:
    """What a list of people is called among those of all watchlists."""
    return f"{watchlist_id}:{name}"


class TextIn(NamedTuple):
    """One text to analyse. `lang` is what the platform says; see `nlp.query.Text` for the rest.

    lists: that its author is on, by name where one watchlist asks, else as `of_watchlist` says.
    """

    title: str = ""
    body: str = ""
    author: str = ""
    url: str = ""
    lang: str | None = None
    source: str = ""
    country: str | None = None
    published_at: datetime | None = None
    metrics: Mapping[str, int] | None = None
    flags: frozenset[str] = frozenset()
    source_kind: str = ""
    links: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()

    @property
    def spoken(self) -> str:
        """What is judged: title and body together."""
        return f"{self.title}\n{self.body}" if self.title and self.body else self.title or self.body

    def asked(self, lang: str | None) -> Text:
        """What a query is asked of. lang: as detected."""
        return Text(
            self.title, self.body, self.author, self.url, lang, self.source, self.country,
            self.published_at, self.metrics or {}, self.flags, self.source_kind, self.links,
            lists=self.lists,
        )  # fmt: skip


class Match(NamedTuple):
    """A brand whose query matched, and why. spans: (field, start, end), code points."""

    brand_id: int
    spans: tuple[tuple[str, int, int], ...]
    clause: str


class Judgement(NamedTuple):
    """A tone with its maker; `label` None where the model abstained, for the reason `abstain`."""

    label: str | None
    score: float | None
    unsure: bool
    abstain: str
    model: ModelRef


class Analysed(NamedTuple):
    """The fast analysis of one text."""

    lang: str | None
    tone: Judgement
    matches: tuple[Match, ...]


def failed(lang: str | None) -> Analysed:
    """What stands for a text that no process survived."""
    return Analysed(lang, Judgement(None, None, False, "failed", NOBODY), ())
