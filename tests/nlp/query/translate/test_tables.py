"""Each tool's queries in Vigie's language, and each of its operators in at least one of them."""

from __future__ import annotations

import re
from typing import cast

import pytest

from nlp.query import parse
from nlp.query.translate import DialectName, Operator, dialects, translate
from nlp.query.translate.countries import country, two_letters
from tests.nlp.query.translate.tables import TABLES, Row

ROWS = [(name, row) for name, rows in TABLES.items() for row in rows]
OPERATORS = [(each.name, operator) for each in dialects() for operator in each.operators]
# How an operator that is no field is met in a query.
SEEN = {
    "( )": r"\(", '" "': r'"[^"]+"', '"a b"~n': r'"~\d', "NEAR/n": r"\bNEAR/\d+(?!f)",
    "NEAR/nf": r"NEAR/\d+f", "ONEAR/n": r"ONEAR/\d", "( )~n": r"\)~\d", "*": r"\w\*", "?": r"\w\?",
    "{ }": r"\{\w+\}", "<<< >>>": "<<<.*>>>", "é": "[éè]", "+ &": r"\w\+", "#": r"#\w", "@": r"@\w",
    "-": r"(?:^|\s)-\w", "space": r"\w site:", "a b": r"^\w+ \w+$", "ABC": r"^[A-Z]+$",
    "++": r"\+\+", "+": r"(?:^|[ (])\+[\w\"]", "word~n": r"\w~\d",
}  # fmt: skip


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} {row[0]}" for name, row in ROWS])
def test_a_query_is_carried_over_by_its_meaning(name: str, row: Row) -> None:
    pasted, expected, parts = row
    made = translate(pasted, cast("DialectName", name))
    assert made.query == expected
    assert tuple((part.kind, pasted[part.start : part.end]) for part in made.parts) == parts
    assert made.exact == (bool(expected) and all(kind == "changed" for kind, _ in parts))


@pytest.mark.parametrize("name", TABLES)
def test_there_are_enough_queries_of_each_tool(name: str) -> None:
    assert len(TABLES[name]) >= 25


@pytest.mark.parametrize(("name", "operator"), OPERATORS, ids=str)
def test_the_example_of_an_operator_becomes_what_its_row_says(
    name: DialectName, operator: Operator
) -> None:
    made = translate(operator.example, name)
    assert made.query == operator.becomes
    if made.query:
        parse(made.query)


def _untested(name: str, operators: list[Operator]) -> list[str]:
    queries = [row[0] for row in TABLES[name]]
    missing = []
    for each in operators:
        field = rf"(?i)(?<![\w]){re.escape(each.written)}"
        word = rf"\b{re.escape(each.written)}\b"
        seen = field if each.rule else SEEN.get(each.written, word)
        if not any(re.search(seen, query) for query in queries):
            missing.append(each.written)
    return missing


@pytest.mark.parametrize("dialect", dialects(), ids=lambda each: each.name)
def test_every_operator_of_a_tool_is_in_a_query_here(dialect: object) -> None:
    found = next(each for each in dialects() if each is dialect)
    assert _untested(found.name, list(found.operators)) == []


def test_that_check_bites_on_an_operator_without_a_query() -> None:
    added = [Operator("WITHIN", "a WITHIN b", "a AND b"), Operator("AND", "a AND b", "a AND b")]
    assert _untested("mention", added) == ["WITHIN"]


def test_what_differs_is_said_in_both_languages_on_every_row() -> None:
    assert not [
        operator.written for _, operator in OPERATORS if bool(operator.fr) != bool(operator.en)
    ]


def test_country_codes_of_three_letters_have_two() -> None:
    codes = two_letters()
    assert (len(codes), len(set(codes.values()))) == (249, 249)
    assert (country("gbr"), country("DEU"), country("fr"), country("xyz")) == (
        "GB", "DE", "FR", None,
    )  # fmt: skip
