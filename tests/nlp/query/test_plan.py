"""The plan never loses an item: what the matcher accepts always satisfies it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, QueryError, Text, parse
from nlp.query.plan import (
    ANYTHING,
    EVERYTHING,
    MAX_LENGTH,
    MAX_TERMS,
    MAX_WORDS,
    AllOf,
    AnyOf,
    Plan,
    Prefix,
    Term,
    accepts,
    index_words,
    search_plan,
    size,
)
from tests.nlp.query.examples import EXAMPLES


def plan_of(source: str) -> Plan:
    return search_plan(parse(source))


@pytest.mark.parametrize(
    ("source", "plan"),
    [
        ("Décathlon", Term("decathlon")),
        ("#AirFrance", Term("#airfrance")),
        ("a b", AllOf((Term("a"), Term("b")))),
        ("a OR b", AnyOf((Term("a"), Term("b")))),
        ("a -b lang:fr likes>3 published:2026-11-01", Term("a")),
        ("a NEAR/3 b", AllOf((Term("a"), Term("b")))),
        ('"a b"', AnyOf((AllOf((Term("a"), Term("b"))), Term("ab")))),
        ('"prix * baisse"', AllOf((Term("prix"), Term("baisse")))),
        ("snow*", Prefix("snow")),
        ("#rent*", Prefix("#rent")),
        ("wom?n", Prefix("wom")),
        ("w?man", ANYTHING),
        ("lang:fr", ANYTHING),
        ("author:lea", ANYTHING),
        ("a OR author:lea", ANYTHING),
        ("NOT (NOT a)", Term("a")),
        ("case=Orange", Term("orange")),
        ("title:a", Term("a")),
        ("*️⃣", Term("*⃣")),
    ],
)
def test_a_query_asks_an_index_for(source: str, plan: Plan) -> None:
    assert plan_of(source) == plan


def test_inflected_forms_are_asked_for_one_by_one() -> None:
    query = parse("lemma:acheter")
    plan = search_plan(query, inflections=lambda form: frozenset((form, "achete")))
    assert plan == AnyOf((Term("achete"), Term("acheter")))


def test_an_item_is_found_by_its_tags_their_words_and_every_character_without_spaces() -> None:
    found = index_words("#AirFrance2024", "@bob@mast.social 東京 😀 http://hidden.fr l’Oréal")
    assert found == {
        "#airfrance2024", "airfrance2024", "air", "france", "2024", "@bob", "bob",
        "@bob@mast.social", "東", "京", "😀", "l", "oreal",
    }  # fmt: skip


def test_a_text_of_too_many_words_is_a_candidate_of_every_search() -> None:
    body = " ".join(f"w{number}" for number in range(MAX_WORDS + 1))
    assert index_words("", body) == {EVERYTHING}
    assert accepts(plan_of("anything"), index_words("", body))


def test_a_long_word_is_found_by_its_beginning() -> None:
    word = "x" * (MAX_LENGTH + 9)
    words = index_words("", word)
    assert max(map(len, words)) == MAX_LENGTH
    assert accepts(plan_of(word), words)
    assert accepts(plan_of(f"{word[:-2]}*"), words)


def test_a_formula_too_long_for_an_index_is_widened() -> None:
    source = " OR ".join(f"lemma:w{number}" for number in range(600))
    nine = [str(number) for number in range(9)]
    assert search_plan(parse(source), inflections=lambda form: [form + n for n in nine]) == ANYTHING
    both = search_plan(parse(f"({source}) rare"), inflections=lambda form: [form + n for n in nine])
    assert both == Term("rare")
    assert size(plan_of(source)) == 600 <= MAX_TERMS


# Inflected forms match once the words of French and English are there.
THERE = find_spec("nlp.query.lemma") is not None
ALL_EXAMPLES = [
    one
    for group in EXAMPLES.values()
    for one in group
    if one.matches and (THERE or "lemma:" not in one.query)
]


def test_every_example_that_matches_is_a_candidate() -> None:
    assert len(ALL_EXAMPLES) > 100
    lost = [
        one.query
        for one in ALL_EXAMPLES
        if not accepts(plan_of(one.query), index_words(one.text.title, one.text.body))
    ]
    assert lost == []


def test_the_examples_would_show_a_plan_that_asks_for_too_much() -> None:
    """The broken sample: a plan of a phrase without the joined spelling loses tags."""
    lost = [
        one.query
        for one in ALL_EXAMPLES
        if isinstance(plan := plan_of(one.query), AnyOf)
        and isinstance(plan.children[0], AllOf)
        and not accepts(plan.children[0], index_words(one.text.title, one.text.body))
    ]
    assert lost


WORDS = [
    "air", "France", "AIR", "été", "Ete", "東京", "京", "#AirFrance", "@air_france", "a", "😀",
    "coca-cola", "CocaCola", "#coca", "l'Oréal", "loreal", "C++", "50%", "x2", "#x2Été", "H&M",
    "@bob@mast.social", "Straße", "strasse", "ﬁn", "не́т", "นี้", "www.air.fr", "İstanbul", "3D",
    "#東京France", "\ud800air", "e\u0301te\u0301", "\u200bair", "#3DPrint",
]  # fmt: skip
UNITS = [
    *(word for word in WORDS if "\ud800" not in word), "air*", "fra*", "f?ance", "étés*", "#air*",
    "東京*", "case=AIR", "case=AirFrance", "lemma:air", "title:air", "hashtag:air", "mention:bob",
    "body:(air France)", "author:bob", "lang:fr", "is:reply", "likes>1", "site:air.fr",
]  # fmt: skip

texts = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), min_size=1, max_size=8
).flatmap(lambda words: st.sampled_from([" ", "-", "_", "\n", ""]).map(lambda gap: gap.join(words)))
phrases = st.lists(st.sampled_from([*WORDS, "*"]), min_size=1, max_size=3).map(
    lambda words: '"' + " ".join(words).replace("\ud800", "") + '"'
)
leaves = st.one_of(
    st.sampled_from(UNITS), phrases, phrases.map(lambda phrase: f"{phrase}~3"), st.text(max_size=5)
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} NEAR/4 {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} -{pair[1]})"),
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=600)
@given(queries, texts, texts)
def test_what_the_matcher_accepts_always_satisfies_the_plan(
    source: str, title: str, body: str
) -> None:
    try:
        query = parse(source)
    except QueryError:
        return
    text = Text(title=title, body=body, author="bob", lang="fr", url="https://air.fr/x")
    if Matcher.compile({0: query}).match(text):
        assert accepts(search_plan(query), index_words(title, body))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_query_made_of_the_text_itself_finds_it(data: st.DataObject) -> None:
    """Drawn so that nearly every pair matches, where the free draw above rarely does."""
    body = data.draw(texts)
    pieces = [piece for piece in body.split() if piece.strip('"()-*?\\')] or ["air"]
    first = data.draw(st.integers(0, len(pieces) - 1))
    piece = " ".join(pieces[first : first + data.draw(st.integers(1, 3))])
    form = data.draw(st.sampled_from(['"{}"', '"{}"~2', 'case="{}"', 'body:"{}"', 'lemma:"{}"']))
    try:
        query = parse(form.format(piece.replace('"', "").replace("\\", "")))
    except QueryError:
        return
    if Matcher.compile({0: query}).match(Text(body=body)):
        assert accepts(search_plan(query), index_words("", body))
