"""Reading, faults, narrowing, lint, brand queries and the line filter."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import (
    Matcher,
    PlainTerm,
    Query,
    QueryError,
    Text,
    brand_query,
    explain,
    filter_lines,
    lint,
    narrow,
    parse,
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        ("", "empty", 0),
        (" !! ", "empty", 0),
        ("()", "empty", 1),
        ("(a", "unbalanced_parenthesis", 0),
        ("a)", "unbalanced_parenthesis", 1),
        ('a "b', "unbalanced_quote", 2),
        ("a »", "unbalanced_quote", 2),
        ("a OR", "missing_operand", 2),
        ("AND a", "missing_operand", 0),
        ("a NOT", "missing_operand", 2),
        ("titel:a", "unknown_field", 0),
        ("a https://x.fr/b", "unknown_field", 2),
        ("re:invent", "unknown_field", 0),
        ("lang:", "field_without_value", 0),
        ("a NEAR/x b", "near_distance", 7),
        ("a NEAR/21 b", "near_distance", 7),
        ('"a b"~21', "near_distance", 5),
        ("s*now", "wildcard_place", 1),
        ("*now", "wildcard_place", 0),
        ("sn*", "short_prefix", 2),
        ('"\n\n"', "empty", 0),
        ('"*"', "wildcard_place", 1),
        ("sn*w*", "wildcard_place", 2),
        ("case=sn*", "wildcard_place", 7),
        ("NEAR/ a", "near_distance", 5),
        ("a NEAR b c NEAR/2 (d e)", "near_operand", 18),
        ("a NEAR/2 -b", "near_operand", 9),
        ("a NEAR/2 lang:fr", "near_operand", 9),
        (" NEAR ".join("abcdefg"), "too_many_near", 37),
        ("title:(a lang:fr)", "field_in_field", 9),
        ("lang:(fr title:a)", "field_in_field", 9),
        ("followers>ten", "bad_number", 10),
        ("likes:..", "bad_number", 6),
        ("published:2026-13-01", "bad_date", 10),
        ("published>yesterday", "bad_date", 10),
        ("is:repli", "unknown_flag", 3),
        ("titre:a", "unknown_field", 0),
        ("at_mentions:a", "unknown_field", 0),
        ("-nike", "only_negative", 0),
        ("-lang:fr", "only_negative", 0),
        ("nike OR -adidas", "only_negative", 8),
        ("NOT (a -b)", "only_negative", 5),
        ("(" * 51 + "a" + ")" * 51, "too_deep", 50),
        ("a" * 10_001, "too_long", 10_000),
        ("a " * 2_001, "too_many_terms", 4_000),
    ],
)
def test_a_fault_says_where_and_what_in_two_languages(
    source: str, code: str, position: int
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(source)
    error = caught.value
    assert (error.code, error.position) == (code, position)
    assert error.message("fr") != error.message("en")
    assert "{" not in error.message("fr") + error.message("en")
    assert pickle.loads(pickle.dumps(error)).caret("fr") == error.caret("fr")


def test_the_caret_stands_under_the_spot() -> None:
    with pytest.raises(QueryError) as caught:
        parse("apple\nbanane OR")
    line, caret, message = caught.value.caret("en").split("\n")
    assert line == "banane OR"
    assert caret == " " * 7 + "^"
    assert message.startswith("The operator OR")


@pytest.mark.parametrize(
    "source", ["(" * 50 + "a" + ")" * 50, "a " * 2_000, "a" * 10_000, "-" * 9_998 + " a"]
)
def test_limits_are_included(source: str) -> None:
    assert parse(source).source == source


HOSTILE = st.lists(
    st.sampled_from(
        [*'aéOR ()"“»«-~/:#@*?+&%\\\n\u200b\u0301😀京=>\ud800', "AND ", "NEAR/3 ", "case=", " OR "]
    ),
    max_size=40,
).map("".join)


def attempt(source: str) -> tuple[Query | None, QueryError | None]:
    try:
        return parse(source), None
    except QueryError as error:
        return None, error


@given(HOSTILE)
@settings(max_examples=1000, deadline=None)
def test_any_text_is_a_query_or_a_query_error(source: str) -> None:
    query, fault = attempt(source)
    if fault is not None:
        assert 0 <= fault.position <= len(source)
        assert fault.caret("fr").count("\n") == 2
    if query is None:
        return
    Matcher.compile({0: query}).match(Text(body=source))
    assert explain(query, "fr") != explain(query, "en")
    lint(query)
    assert len(narrow(query)) <= 20


def test_narrowing_is_a_superset_in_plain_terms() -> None:
    assert narrow(parse("@united -late")) == ((PlainTerm("united", "handle"),),)
    assert narrow(parse('"air france"')) == (
        (PlainTerm("air france", "phrase"),),
        (PlainTerm("airfrance", "word"),),
        (PlainTerm("airfrance", "hashtag"),),
    )
    assert narrow(parse("École (a OR #B)")) == (
        (PlainTerm("École"), PlainTerm("a")),
        (PlainTerm("École"), PlainTerm("B", "hashtag")),
    )


def test_narrowing_widens_where_it_would_grow_too_large() -> None:
    many = "(" + " OR ".join(f"w{n}" for n in range(10)) + ")"
    assert narrow(parse(f"{many} (x OR y OR z)")) == tuple((PlainTerm(w),) for w in "xyz")
    assert narrow(parse(" OR ".join(f"w{n}" for n in range(21)))) == ()
    assert len(narrow(parse("a b c d e f g"))[0]) == 5


def test_lint_remarks_but_does_not_block() -> None:
    assert [n.code for n in lint(parse("montre or"))] == ["lower_case_operator"]
    assert [n.code for n in lint(parse("a OR b c"))] == ["mixed_operators"]
    assert lint(parse("a OR (b c)")) == []
    assert [(n.code, n.position) for n in lint(parse("a OR A"))] == [("duplicate_term", 5)]
    assert [n.code for n in lint(parse("www.decathlon.fr"))] == ["address_as_words"]


def test_the_explanation_is_plain_speech() -> None:
    query = parse('Orange ET ("air france" OU #x) -fruit')
    assert explain(query, "fr") == (
        "Trouve les publications qui contiennent le mot « Orange » et (l'expression "
        "« air france » ou le hashtag #x) et pas le mot « fruit »."
    )
    assert "the phrase “air france” or the hashtag #x" in explain(query, "en")


def test_a_brand_query_is_what_a_person_would_write() -> None:
    text = brand_query("Decathlon", domains=["https://www.decathlon.fr/"])
    assert text == "Decathlon OR @decathlon OR decathlon.fr"
    assert brand_query("Air France", handles=["@AirFranceFR"]) == '"Air France" OR @AirFranceFR'
    assert brand_query("OR") == '"OR"'
    with pytest.raises(ValueError, match="a brand needs"):
        brand_query("!!")


@given(
    st.text(min_size=1, max_size=40), st.lists(st.text(max_size=20)), st.lists(st.text(max_size=20))
)
@settings(max_examples=500, deadline=None)
def test_a_brand_query_is_always_valid(name: str, handles: list[str], domains: list[str]) -> None:
    parse(brand_query("x", aliases=[name], handles=handles, domains=domains))


def test_the_filter_writes_what_matches_with_spans_and_passes_the_rest_through() -> None:
    lines = ['{"id": 7, "text": "l’Orange", "odd": [1]}\n', "\n", '{"id": "b", "title": "x"}']
    (line,) = filter_lines(lines, parse("orange"))
    assert json.loads(line) == {
        "id": 7, "text": "l’Orange", "odd": [1], "spans": [{"field": "text", "start": 2, "end": 8}],
    }  # fmt: skip
    every = [json.loads(line) for line in filter_lines(lines, parse("orange"), all_lines=True)]
    assert [(line["id"], line["match"]) for line in every] == [(7, True), ("b", False)]


def test_the_filter_reports_bad_lines_and_goes_on() -> None:
    bad: list[int] = []
    lines = ["{", "[1]", "[" * 100_000, '{"text": "a \\ud800"}', '{"text": 3, "metrics": 1}']
    out = list(filter_lines(lines, parse("a"), on_bad_line=lambda number, _: bad.append(number)))
    assert bad == [1, 2, 3]
    assert json.loads(out[0])["text"] == "a \ud800"
    assert out[0].isascii()
