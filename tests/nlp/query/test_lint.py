"""Remarks on queries: each with a query that earns it and a near miss that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Query, Text, parse
from nlp.query.lint import CODES, exclusions, lint, lint_brand, lint_measured
from nlp.query.lint.common import homonyms
from nlp.query.lint.limits import LIMITS
from nlp.query.values import Note
from tests.nlp.query.test_language import HOSTILE, attempt

REMARKS = {
    "lower_case_operator": (["montre or", "a et b", "not a"], ["montre OR a", '"or"', "Or a"]),
    "mixed_operators": (["a OR b c", "a b OU c"], ["a OR (b c)", "a b c", "(a OR b) c"]),
    "duplicate_term": (
        ["a OR A", "a a", "a (b OR a)", "a OR (b a)", "lang:fr a lang:FR", "a -b -b",
         "a -(b OR b)"],
        ["(a b) OR (a c)", "a OR title:a", "a -(b a)", 'a OR "a b"', "a OR case=A"],
    ),
    "address_as_words": (["www.decathlon.fr", "a@b.fr"], ["decathlon.fr", "url:www.decathlon.fr"]),
    "unknown_lemma": (["lemma:zorglub"], ["lemma:achetons", "lemma:bought", "zorglub"]),
    "long_term": (
        ["x" * 129, f'"{"mot " * 33}"', "é" * 257],
        ["x" * 128, f'"{"mot " * 32}"', " ".join("x" * n for n in range(1, 40))],
    ),
    "homonym": (
        ["Orange", "orange -fruit", "free OR sosh", "apple lang:fr", "Total", "Monday",
         '"la poste"', "title:target", "Gap", "Boulanger", "E.Leclerc OR leclerc", "carrefour",
         "martin"],
        ["orange (mobile OR box)", "case=Orange", "#orange", "@orange", "orange*", "canal+",
         "orange NEAR mobile", "la poste", "decathlon", "-orange a", "author:orange",
         "orange site:lefigaro.fr"],
    ),
    "ordinary_word": (
        ["maison", "decathlon OR chaussure", "shoes"],
        ["decathlon chaussure", "sncf", "xqzrtk", "a", '"maison bleue"'],
    ),
    "common_name": (["Nguyen", "Thompson OR acme"], ["Nguyen banque", "decathlonix"]),
    "never_matches": (
        ["a -a", "lang:fr lang:en", "likes>10 likes<5", "likes>10 -likes>5", "likes:10..5",
         "likes>5 likes<=5", "site:x.fr -site:x.fr", "site:a.x.fr -site:x.fr", "#x -x", "@x -x",
         "site:x.fr site:y.fr", "hashtag:x -x", "title:x -x", "snowman -snow*", "x -lemma:x",
         "(a OR b) -a -b", "a OR (b -b)", "a (b OR (c -a))", "country:FR country:DE",
         "published:2026-11-30..2026-11-01", "published:-7d.. published:..-2w",
         "a NEAR b -a", "case=Orange -orange", "is:reply -is:reply", "cluster:1 cluster:2"],
        ["a -b", "lang:fr lang:fr-ca",
         "lang:fr OR lang:en", "likes>10 likes<11",
         "likes>=5 likes<=5", "likes>5 -likes>10", "site:x.fr site:a.x.fr", "x -#x",
         "x -title:x", '"a b" -a',
         "snow* -snowman", "(a OR b) -(a b)", "source:a source:b", "is:reply is:repost",
         "published:2026-11-01 published:-7d..", "published:-12h.. published:..-2d",
         "orange -case=Orange", "list:a list:b", "lang:f* lang:fr"],
    ),
}  # fmt: skip


ELSEWHERE = {"useless_exclusion", "own_handle_missing", "own_domain_missing"}
"""They need more than the query; their tests are below."""


def test_every_code_has_queries_that_earn_it_and_near_misses() -> None:
    assert {*REMARKS, *ELSEWHERE} == set(CODES)
    assert all(earn and miss for earn, miss in REMARKS.values())


@pytest.mark.parametrize("code", CODES)
def test_the_reference_page_names_every_code(code: str) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "query-language.md"
    assert f"`{code}`" in page.read_text(encoding="utf-8").partition("## Lint")[2]


def codes(source: str) -> list[str]:
    return [note.code for note in lint(parse(source))]


@pytest.mark.parametrize(
    ("code", "source"), [(code, source) for code, (earn, _) in REMARKS.items() for source in earn]
)
def test_a_query_earns_its_remark(code: str, source: str) -> None:
    assert code in codes(source)


@pytest.mark.parametrize(
    ("code", "source"), [(code, source) for code, (_, miss) in REMARKS.items() for source in miss]
)
def test_a_near_miss_does_not(code: str, source: str) -> None:
    assert code not in codes(source)


def test_a_remark_stands_where_its_part_is_and_says_what_to_write() -> None:
    (note,) = lint(parse("#a OR orange"))
    assert (note.code, note.position, note.end) == ("homonym", 6, 12)
    assert note.suggestion == "case=Orange"
    assert "un fruit et une couleur" in note.fr
    assert "a fruit and a colour" in note.en
    (note,) = lint(parse("montre or"))
    assert note.suggestion == "OR"
    (note,) = lint(parse("#a OR (#b -#b)"))
    assert (note.position, note.end) == (6, 14)


def test_the_remarks_come_in_the_order_of_the_source() -> None:
    notes = lint(parse("orange OR a OR A OR martin"))
    assert [(note.code, note.position) for note in notes] == [
        ("homonym", 0), ("duplicate_term", 15), ("homonym", 20),
    ]  # fmt: skip


def test_homonyms_are_many_and_said_in_both_languages() -> None:
    table = homonyms()
    assert len(table) >= 150
    for one in table.values():
        assert one.brand
        assert one.fr
        assert one.en
        assert one.fr != one.en
    for name in ("orange", "free", "apple", "total", "monday", "la poste", "carrefour"):
        assert name in table


def test_each_limit_says_where_it_was_read() -> None:
    assert all(limit.source and limit.most for limit in LIMITS)


# Exclusions that take nothing away


def test_an_exclusion_is_counted_by_a_query_of_what_it_takes_away() -> None:
    query = parse("orange (mobile OR (box -jus)) -fruit")
    first, second = exclusions(query)
    assert query.source[first.position : first.end] == "-jus"
    assert query.source[second.position : second.end] == "-fruit"
    assert found(first.query, "orange box jus", "orange box", "orange mobile jus") == [
        "orange box jus"
    ]
    assert found(second.query, "orange box fruit", "orange box") == ["orange box fruit"]


def test_an_exclusion_that_took_nothing_is_remarked_on() -> None:
    query = parse("orange mobile -jus -fruit")
    counts = {
        one.position: len(found(one.query, "orange mobile fruit")) for one in exclusions(query)
    }
    (note,) = lint_measured(query, counts)
    assert (note.code, note.position, note.end) == ("useless_exclusion", 14, 18)
    assert lint_measured(query, {}) == []


def test_only_so_many_exclusions_are_counted() -> None:
    many = " ".join(f"-w{n}" for n in range(100))
    assert len(exclusions(parse(f"a {many}"))) == 20


def found(query: Query, *texts: str) -> list[str]:
    matcher = Matcher.compile({0: query})
    return [text for text in texts if matcher.match(Text(body=text))]


# The brand's own handle and domain


@pytest.mark.parametrize(
    ("source", "handles", "domains", "expected"),
    [
        ("decathlon", ["@decathlon"], ["decathlon.fr"], []),
        ("#vélo", ["@decathlon"], [], ["own_handle_missing", "own_domain_missing"]),
        ("#vélo OR @decathlon OR url:decathlon.fr", ["Decathlon"], ["www.decathlon.fr"], []),
        ("orange (mobile OR box)", ["orange_fr"], [], ["own_handle_missing", "own_domain_missing"]),
        ("@orange_fr OR site:orange.fr", ["orange_fr"], ["https://www.orange.fr/x"], []),
        ("@orange_fr OR site:orange.com", ["orange_fr"], ["orange.fr"], ["own_domain_missing"]),
        ("lang:fr (decathlon OR mention:x)", ["decathlon"], ["decathlon.fr"], []),
        ("likes>5", ["decathlon"], ["decathlon.fr"], []),
        ("mention:x OR a.fr", [], [], []),
        ("a OR b", [], [], ["own_handle_missing", "own_domain_missing"]),
        ("a", ["", "@"], ["", "https://"], ["own_handle_missing", "own_domain_missing"]),
    ],
)
def test_a_brand_is_told_what_of_its_own_the_query_misses(
    source: str, handles: list[str], domains: list[str], expected: list[str]
) -> None:
    assert [note.code for note in lint_brand(parse(source), handles, domains)] == expected


def test_what_to_add_for_the_brand_makes_the_remark_go_away() -> None:
    source = "orange (mobile OR box)"
    handles, domains = ["@orange_fr", "Orange"], ["orange.fr"]
    notes = lint_brand(parse(source), handles, domains)
    assert [note.suggestion for note in notes] == [
        "@orange_fr OR @Orange", "orange.fr OR url:orange.fr",
    ]  # fmt: skip
    assert "@orange_fr, @Orange" in notes[0].fr
    better = f"({source}) OR {' OR '.join(note.suggestion or '' for note in notes)}"
    assert lint_brand(parse(better), handles, domains) == []


# Whatever comes


@given(HOSTILE)
@example("\u0301+")
@settings(max_examples=500, deadline=None)
def test_a_remark_is_on_the_source_in_both_languages(source: str) -> None:
    query, _ = attempt(source)
    if query is None:
        return
    notes: list[Note] = [*lint(query), *lint_brand(query, [source], [source])]
    for note in notes:
        assert 0 <= note.position <= (note.end or 0) <= len(source)
        assert note.code in CODES
        assert note.fr != note.en
        assert (note.fr + note.en + (note.suggestion or "")).encode()
    assert len(exclusions(query)) <= 20


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LEAVES = (
    "a", "b", "ab", "#a", "@a", "#ab", "case=A", "lemma:porte", "porte", "portes", "port*", '"a b"',
    '"a b"~2', "a NEAR/1 b", "title:a", "body:b", "hashtag:a", "mention:a", "author:a", "lang:fr",
    "lang:fr-ca", "lang:en", "lang:f*", "country:fr", "site:x.fr", "site:a.x.fr", "site:a*",
    "source:rss", "likes>3", "likes<=3", "likes:2..4", "likes<5", "is:reply", "has:media",
    "published:-7d..", "published:..-3d", "published:2026-11-20..", "published:..2026-11-21",
)  # fmt: skip
QUERIES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' OR '.join(some)})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=8,
).map(lambda written: f"{written} (a OR NOT a OR b OR likes>=0)")
TEXTS = st.builds(
    Text,
    title=st.sampled_from(["", "a", "b", "A porte"]),
    body=st.lists(
        st.sampled_from(["a", "A", "b", "ab", "#a", "#A", "@a", "#ab", "#aB", "porte", "portes"])
    ).map(" ".join),
    author=st.sampled_from(["", "a"]),
    lang=st.sampled_from([None, "fr", "fr-CA", "en"]),
    country=st.sampled_from([None, "FR"]),
    url=st.sampled_from(["", "https://x.fr/1", "https://a.x.fr/1"]),
    source=st.sampled_from(["rss", "hn"]),
    metrics=st.sampled_from([{}, {"likes": 2.0}, {"likes": 3.0}, {"likes": 4.5}, {"likes": 6.0}]),
    flags=st.sampled_from([frozenset(), frozenset({"reply"}), frozenset({"reply", "media"})]),
    published_at=st.sampled_from([None, *(NOW - timedelta(days=n) for n in (0, 3, 5, 7, 20))]),
)


@given(QUERIES, st.lists(TEXTS, min_size=5, max_size=20))
@settings(max_examples=600, deadline=None)
def test_what_matches_is_never_said_to_match_never(source: str, texts: list[Text]) -> None:
    query, _ = attempt(source)
    if query is None:
        return
    dead = [note for note in lint(query) if note.code == "never_matches"]
    matcher = Matcher.compile({0: query}, zone=ZoneInfo("Europe/Paris"))
    hits = [hit for text in texts for hit in matcher.match(text, now=NOW)]
    for note in dead:
        whole = note.position == query.root.start and note.end == query.root.end
        assert not (whole and hits), note
