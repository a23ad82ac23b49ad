"""Every example of the pages "Write a query" does what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from nlp.query import Matcher, QueryError, Text, parse
from nlp.query.lexer import EXACT_FIELDS, METRICS, WORD_FIELDS
from nlp.query.values import Lang

PAGES: dict[Lang, Path] = {
    "en": Path("docs/how-to/write-a-query.md"),
    "fr": Path("docs/how-to/write-a-query.fr.md"),
}
ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPERATORS = (
    *("AND", "ET", "OR", "OU", "NOT", "SAUF", "NEAR", "NEAR/3", "ONEAR/3"),
    *("PRES/3", "PRÈS/3"),
)
_REFUSED_HEADERS = ("| refused |", "| refusé |")


class Row(NamedTuple):
    """refused: whether the cells are a code and a message, not what is found and what is not."""

    section: int
    query: str
    cells: tuple[str, str]
    refused: bool


def rows(page: str) -> Iterator[Row]:
    section, refused = 0, False
    for line in page.splitlines():
        section += line.startswith("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and not line.startswith("| `"):
            refused = line.startswith(_REFUSED_HEADERS)
        elif line.startswith("| `"):
            assert len(cells) == 3, line
            yield Row(section, _shown(cells[0]), (cells[1], cells[2]), refused)


def _shown(cell: str) -> str:
    assert re.fullmatch("`[^`]+`", cell), cell
    return cell[1:-1]


def _text(shown: str) -> Text:
    if not shown.startswith("{"):
        return Text(body=shown)
    item: dict[str, Any] = json.loads(shown)
    text = Text(
        title=item.pop("title", ""),
        body=item.pop("text", ""),
        flags=frozenset(item.pop("is", ())),
        lists=frozenset(item.pop("lists", ())),
        published_at=_moment(item.pop("published_at", None)),
        **{name: item.pop(name, "") for name in ("author", "url", "source")},
        **{name: item.pop(name, None) for name in ("lang", "country", "cluster")},
        metrics=item.pop("metrics", {}),
    )
    assert not item, f"no such part of an item: {item}"
    return text


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def fault_of(row: Row, lang: Lang) -> str | None:
    """What the row says that is not so."""
    if row.refused:
        return _wrongly_refused(row, lang)
    matcher = Matcher.compile({0: parse(row.query)}, zone=ZONE)
    for cell, expected in zip(row.cells, (True, False), strict=True):
        if cell != "–" and bool(matcher.match(_text(_shown(cell)), now=NOW)) != expected:
            return f"{row.query}: {cell} is {'not ' if expected else ''}found"
    return None


def _wrongly_refused(row: Row, lang: Lang) -> str | None:
    try:
        parse(row.query)
    except QueryError as error:
        said = (f"`{error.code}`", error.message(lang))
        return None if said == row.cells else f"{row.query}: {said}"
    return f"{row.query}: accepted"


@pytest.mark.parametrize("lang", PAGES)
def test_every_example_does_what_the_page_says(lang: Lang) -> None:
    found = list(rows(PAGES[lang].read_text("utf-8")))
    assert len(found) >= 60
    assert not [fault for row in found if (fault := fault_of(row, lang))]


def test_both_pages_have_the_same_examples_section_by_section() -> None:
    english, french = (
        [(row.section, row.query, row.refused) for row in rows(page.read_text("utf-8"))]
        for page in PAGES.values()
    )
    assert english == french


@pytest.mark.parametrize("lang", PAGES)
def test_every_operator_and_field_is_in_an_example_that_is_accepted(lang: Lang) -> None:
    queries = [row.query for row in rows(PAGES[lang].read_text("utf-8")) if not row.refused]
    words = {word.strip("()") for query in queries for word in query.split()}
    named = {name for query in queries for name in re.findall(r"(\w+)[:=<>]", query)}
    assert not set(OPERATORS) - words
    assert not {*WORD_FIELDS, *EXACT_FIELDS, *METRICS, "published"} - named


@pytest.mark.parametrize(
    "sample",
    [
        "| query | finds | does not find |\n|---|---|---|\n| `nike` | `adidas` | – |",
        "| query | finds | does not find |\n|---|---|---|\n| `nike` | `nike` | `Nike` |",
        "| refused | code | says |\n|---|---|---|\n| `nike` | `empty` | no |",
        "| refused | code | says |\n|---|---|---|\n| `-nike` | `empty` | no |",
    ],
)
def test_the_check_bites_on_a_broken_row(sample: str) -> None:
    (row,) = rows(sample)
    assert fault_of(row, "en")
