"""The tool is told by what only some of them have, and why is said."""

from __future__ import annotations

import pytest

from nlp.query.translate import translate


@pytest.mark.parametrize(
    ("pasted", "dialect", "sign"),
    [
        ("apple NEAR/2f juice", "brandwatch", "NEAR/2f"),
        ("{BT} OR telecom", "brandwatch", "{B"),
        ("apple <<<fruit>>>", "brandwatch", "<<<"),
        ("sncf AND authorFollowers:[1 TO 2]", "brandwatch", "authorFollowers:"),
        ("((a OR b) AND c)~5", "brandwatch", ")~5"),
        ("language:fr AND sncf", "brandwatch", "language:"),
        ("sncf AND source_country:FR", "mention", "source_country:"),
        ("body:sncf", "mention", "body:"),
        ("obama ONEAR/3 merkel", "talkwalker", "ONEAR/3"),
        ("obama SENTENCE merkel", "talkwalker", "SENTENCE"),
        ('++"BMW" AND bike', "talkwalker", '++"'),
        ("domainurl:reddit.com OR bike", "talkwalker", "domainurl:"),
        ("engagement:>100 AND bike", "talkwalker", "engagement:"),
    ],
)
def test_a_telltale_names_the_tool(pasted: str, dialect: str, sign: str) -> None:
    made = translate(pasted)
    assert made.dialect == dialect
    assert sign in made.because.fr
    assert sign in made.because.en


def test_where_nothing_tells_it_is_read_as_brandwatch_and_that_is_said() -> None:
    made = translate("apple AND juice")
    assert made.dialect == "brandwatch"
    assert made.because.en == "Nothing tells the tools apart: read as Brandwatch."
    assert made.because.fr == "Rien ne distingue l'outil : lu comme Brandwatch."


def test_what_stands_in_quotes_tells_nothing() -> None:
    assert translate('"body: a" AND language:fr').dialect == "brandwatch"


def test_the_tool_that_is_asked_for_is_used() -> None:
    made = translate("apple NEAR/2f juice", "talkwalker")
    assert (made.dialect, made.because.en) == ("talkwalker", "Talkwalker, as asked.")
    assert [part.kind for part in made.parts] == ["unsupported"]
