"""Narrowing asks a platform for all that the query can match, and more only where it must."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, PlainTerm, Text, narrow, parse
from nlp.query.narrow import MAX_CLAUSES, MAX_TERMS
from nlp.text import fold, split
from tests.nlp.query.test_language import attempt


def asked(source: str) -> list[str]:
    """One line a clause: words bare, phrases quoted, tags and handles with their sign."""
    marks = {"word": "{}", "phrase": '"{}"', "hashtag": "#{}", "handle": "@{}"}
    return [
        " ".join(marks[term.kind].format(term.text) for term in clause)
        for clause in narrow(parse(source))
    ]


@pytest.mark.parametrize(
    ("source", "clauses"),
    [
        ("nike", ["nike"]),
        ("nike -shoes", ["nike"]),
        ("Canal+", ["Canal+"]),
        ("case=Orange mobile", ["Orange mobile"]),
        ("#rentree OR @sncf", ["#rentree", "@sncf"]),
        ("coca-cola", ['"coca-cola"', "cocacola", "#cocacola"]),
        ('"coca-cola zero"', [
            '"coca-cola zero"', '"cocacola zero"', "cocacolazero", "#cocacolazero",
        ]),
        ('"air france"~2', ["air france", "airfrance", "#airfrance"]),
        ('"prix * baisse"', ["prix baisse"]),
        ('lemma:"le cheval"', ["le cheval", "le chevaux", "les cheval", "les chevaux"]),
        ("prix NEAR/3 baisse", ["prix baisse"]),
        ("(prix OR tarif) ONEAR hausse NEAR/9 #sncf", ["prix hausse #sncf", "tarif hausse #sncf"]),
        ("nike (prix NEAR solde*)", ["nike prix"]),
        ("lemma:cheval", ["cheval", "chevaux"]),
        ("nike lemma:acheter", ["nike"]),
        ("title:nike body:solde", ["nike solde"]),
        ("title:(a OR b)", ["a", "b"]),
        ("hashtag:nike", ["nike"]),
        ('hashtag:"air france"', ['"air france"', "airfrance", "#airfrance"]),
        ("nike lang:fr likes>10 is:reply published:-7d.. site:x.fr", ["nike"]),
        ("nike -(a OR lang:fr)", ["nike"]),
        ("nike snow*", ["nike"]),
    ],
)  # fmt: skip
def test_what_is_asked_for(source: str, clauses: list[str]) -> None:
    assert asked(source) == clauses


@pytest.mark.parametrize(
    "source",
    [
        "snow*", "wom?n", "#rentree*", "lang:fr", "lang:fr -nike", "author:dupont", "mention:sncf",
        "site:x.fr", "url:promo", "likes>10", "nike OR lang:fr", "nike OR snow*", "lemma:acheter",
        "a NEAR (b OR snow*) OR sno*", '"air franc*"', "coca-col*", "a OR (lang:fr -b)",
    ],
)  # fmt: skip
def test_what_no_platform_can_be_asked_for_is_not_narrowed(source: str) -> None:
    assert narrow(parse(source)) == ()


def test_many_spellings_are_asked_for_word_by_word() -> None:
    clauses = asked('"a-b c-d e-f g-h"')
    assert '"a-b c-d e-f g-h"' not in clauses
    assert len(clauses) <= MAX_CLAUSES


# The superset, against a platform that finds words as they stand and tags by their words too.


def holds(text: str, term: PlainTerm) -> bool:
    wanted = words(term.text, tags_split=True) or words(term.text, tags_split=False)
    if term.kind in ("hashtag", "handle"):
        sign = {"hashtag": "#", "handle": "@"}[term.kind]
        return re.search(rf"{sign}{re.escape(fold(term.text))}(?!\w)", fold(text)) is not None
    return any(
        wanted == found[at : at + len(wanted)]
        for found in (words(text, tags_split=True), words(text, tags_split=False))
        for at in range(len(found))
    )


def words(text: str, *, tags_split: bool) -> list[str]:
    found: list[str] = []
    for piece in re.findall(r"[#@]?\w+", text):
        if piece[0] in "#@" and tags_split:
            found += [fold(one.form) for one in split(piece[1:])]
        else:
            found.append(fold(piece.lstrip("#@")))
    return found


LEAVES = (
    "air", "France", "coca-cola", '"air france"', '"coca-cola zero"', '"air france"~2', "zero",
    "air NEAR/2 france", "(air OR zero) ONEAR/1 coca-cola", "#airfrance", "@air", "title:air",
    "body:zero", "hashtag:france", 'hashtag:"air france"', "mention:air", "author:air", "lang:fr",
    "case=Air", 'case="Air France"', "lemma:cheval", '"lemma cheval"', '"air * zero"', "fran*",
    "zer?", "likes>1", "coca-col*", '"air franc*"', "l'air", '"coca cola"~0', '"air-france zero"~1',
)  # fmt: skip
QUERIES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda some: f"({' '.join(some)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda some: f"({' OR '.join(some)})"),
        inner.map(lambda one: f"(zero -({one}))"),
    ),
    max_leaves=10,
)
TEXTS = st.lists(
    st.sampled_from(
        ["air", "Air", "France", "l'air", "coca", "cola", "coca-cola", "cocacola", "zero", "le",
         "#AirFrance", "#airfrance", "#air_france", "@air", "@airfrance", "chevaux", "cheval",
         "#CocaColaZero", "cocacolazero", "airfrance", "AirFrance", "Air-France", "lemma"]
    ),
    max_size=8,
).map(" ".join)  # fmt: skip


@given(QUERIES, st.lists(st.tuples(TEXTS, TEXTS), min_size=5, max_size=15))
@settings(max_examples=500, deadline=None)
def test_what_matches_is_asked_for(source: str, texts: list[tuple[str, str]]) -> None:
    query, _ = attempt(source)
    if query is None:
        return
    clauses = narrow(query)
    assert len(clauses) <= MAX_CLAUSES
    assert all(0 < len(clause) <= MAX_TERMS for clause in clauses)
    matcher = Matcher.compile({0: query})
    for title, body in texts:
        item = Text(title, body, author="air", lang="fr", metrics={"likes": 2})
        if clauses and matcher.match(item):
            whole = f"{title}\n{body}"
            assert any(all(holds(whole, term) for term in clause) for clause in clauses)
