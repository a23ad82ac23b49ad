"""The analysis itself: language, tone, the brands a text speaks of. Pure.

Runs wherever the caller is: in the brain's child process, or in ours for a one-core run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from app.enrich.values import Analysed, Judgement, Match, QuerySet, TextIn, of_watchlist
from nlp.api import Abstain
from nlp.query import Matcher, Query, QueryError, parse
from nlp.query.ast import And, Node, Not, Or, Value
from nlp.router import Fast, FastJudge

log = logging.getLogger(__name__)

MOST_SPANS = 500
"""Kept of one match: a text of one word over and over must not be stored many times its size."""

_UTC = "UTC"


class Analyst:
    """Judges and matches texts. Holds the models and the compiled queries."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._judge = FastJudge(tuple(languages))
        self._epoch: int | None = None
        self._matcher: Matcher[int] = Matcher.compile({})
        self._wordings: dict[int, tuple[str, str, int]] = {}

    def analyse(self, texts: Sequence[TextIn], queries: QuerySet) -> list[Analysed]:
        """One answer a text, in order."""
        matcher = self._compiled(queries)
        verdicts = self._judge.judge([t.spoken for t in texts], [t.lang for t in texts])
        langs = [verdict.lang for verdict in verdicts]
        matches = match(matcher, texts, langs, now=queries.now)
        return [
            Analysed(verdict.lang, judgement_of(verdict), found)
            for verdict, found in zip(verdicts, matches, strict=True)
        ]

    def _compiled(self, queries: QuerySet) -> Matcher[int]:
        """The matcher over the queries in force: what a new epoch left as it was stays compiled."""
        if self._epoch != queries.epoch:
            wanted = {
                brand: (source, queries.zones.get(brand, _UTC), queries.watchlists.get(brand, 0))
                for brand, source in queries.sources.items()
            }
            changed = {
                brand: wording
                for brand, wording in wanted.items()
                if self._wordings.get(brand) != wording
            }
            trees = readable({brand: source for brand, (source, _, _) in changed.items()})
            trees = {brand: asking(tree, changed[brand][2]) for brand, tree in trees.items()}
            for brand in (self._wordings.keys() - wanted.keys()) | (changed.keys() - trees.keys()):
                self._matcher.drop(brand)
            zones = {brand: ZoneInfo(zone) for brand, (_, zone, _) in changed.items()}
            self._matcher.put_all(trees, zones=zones)
            self._wordings, self._epoch = wanted, queries.epoch
        return self._matcher


def asking(query: Query, watchlist_id: int) -> Query:
    """The query with its lists of people called as they are among those of all watchlists."""

    def told(node: Node) -> Node:
        match node:
            case And(children) | Or(children):
                return replace(node, children=tuple(told(child) for child in children))
            case Not(child):
                return replace(node, child=told(child))
            case Value(field="list", value=name):
                return replace(node, value=of_watchlist(watchlist_id, name))
            case _:
                return node

    return Query(query.source, told(query.root))


def compiled(sources: Mapping[int, str], *, zone: tzinfo) -> Matcher[int]:
    """One matcher over all queries that can be read. zone: of their days."""
    return Matcher.compile(readable(sources), zone=zone)


def readable(sources: Mapping[int, str]) -> dict[int, Query]:
    """The queries as trees. One that cannot be read any more is left out and named in the log: it
    must not take the others with it."""
    trees: dict[int, Query] = {}
    for brand_id, source in sources.items():
        try:
            trees[brand_id] = parse(source)
        except QueryError as error:
            log.error("query of brand %s cannot be read: %s", brand_id, error)  # noqa: TRY400 - no trace needed
    return trees


def match(
    matcher: Matcher[int],
    texts: Sequence[TextIn],
    langs: Sequence[str | None],
    *,
    now: datetime | None,
) -> list[tuple[Match, ...]]:
    """The brands that each text speaks of. langs: as detected."""
    asked = [text.asked(lang) for text, lang in zip(texts, langs, strict=True)]
    return [
        tuple(
            Match(
                hit.key,
                tuple((s.field, s.start, s.end) for s in hit.spans[:MOST_SPANS]),
                hit.clause,
            )
            for hit in hits
        )
        for hits in matcher.match_many(asked, now=now)
    ]


def judgement_of(verdict: Fast) -> Judgement:
    said = verdict.sentiment
    if isinstance(said, Abstain):
        return Judgement(None, None, False, said.reason, verdict.ref)
    return Judgement(said.label, said.score, said.unsure, "", verdict.ref)
