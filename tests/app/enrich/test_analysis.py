"""Queries in force, compiled one by one as they change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.enrich.analysis import MOST_SPANS, Analyst
from app.enrich.values import QuerySet, TextIn
from nlp.query import matcher as module
from nlp.query.rule import Rule

LATE = TextIn(body="acme", published_at=datetime(2026, 5, 31, 22, 30, tzinfo=UTC))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of the rules compiled so far."""
    sources: list[str] = []

    class Counted(Rule):
        __slots__ = ()

        def __init__(self, key, query, makings, *, zone):  # type: ignore[no-untyped-def]  # as Rule's
            super().__init__(key, query, makings, zone=zone)
            sources.append(query.source)

    monkeypatch.setattr(module, "Rule", Counted)
    return sources


def found(analyst: Analyst, queries: QuerySet, text: TextIn) -> list[int]:
    return [match.brand_id for match in analyst.analyse([text], queries)[0].matches]


def test_a_new_epoch_compiles_the_changed_queries_only(made: list[str]) -> None:
    analyst = Analyst(("fr", "en"))
    text = TextIn(body="acme globex initech")
    assert found(analyst, QuerySet(1, {1: "acme", 2: "globex", 3: "initech"}), text) == [1, 2, 3]
    made.clear()
    changed = QuerySet(2, {1: "acme", 2: "hooli", 4: "globex"})
    assert found(analyst, changed, text) == [1, 4]
    assert made == ["hooli", "globex"]
    made.clear()
    assert found(analyst, QuerySet(3, {1: "((", 2: "globex", 4: "globex"}), text) == [2, 4]
    assert made == ["globex"]
    assert found(analyst, QuerySet(4, {1: "acme"}), text) == [1]


def test_a_query_is_compiled_anew_when_its_zone_changes(made: list[str]) -> None:
    analyst = Analyst(("fr", "en"))
    sources = {1: "acme published:2026-06-01", 2: "acme"}
    assert found(analyst, QuerySet(1, sources), LATE) == [2]
    made.clear()
    assert found(analyst, QuerySet(2, sources, {1: "Europe/Paris"}), LATE) == [1, 2]
    assert made == [sources[1]]


def test_the_present_moves_on_without_a_new_epoch() -> None:
    analyst = Analyst(("fr", "en"))
    for day, matched in ((1, [1]), (20, [])):
        now = datetime(2026, 6, day, tzinfo=UTC)
        assert found(analyst, QuerySet(1, {1: "published:-7d.."}, now=now), LATE) == matched


def test_a_word_said_without_end_is_stored_with_a_bounded_number_of_places() -> None:
    asked = QuerySet(1, {1: "acme"})
    [match] = Analyst(("fr", "en")).analyse([TextIn(body="acme " * 5_000)], asked)[0].matches
    assert len(match.spans) == MOST_SPANS
    assert match.spans[-1] == ("text", (MOST_SPANS - 1) * 5, (MOST_SPANS - 1) * 5 + 4)
