"""What must not change the answer, and what may change it in one direction only: on generated
queries and texts, by the real matcher."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from nlp.query import Matcher, Text, parse
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.inflected import small_table
from tests.nlp.query.fuzz.properties import NOW
from tests.nlp.query.fuzz.queries import Plan, any_word, draw_query, near, words_leaf
from tests.nlp.query.fuzz.texts import draw_text
from tests.nlp.query.naive import only_negative
from tests.nlp.query.naive.reading import dropped, is_emoji, is_tone

QUERIES = 40
TEXTS = 6


@pytest.fixture(autouse=True)
def _small_table() -> Iterator[None]:
    with small_table():
        yield


def answers(source: str, texts: list[Text]) -> list[bool]:
    matcher = Matcher.compile({0: parse(source)})
    return [bool(matcher.match(text, now=NOW)) for text in texts]


def drawn(
    draws: Draws, draw: Callable[[Draws], Plan] = draw_query, count: int = QUERIES
) -> Iterator[tuple[Plan, list[Text]]]:
    """Queries that are accepted, each with texts of its own."""
    while count:
        plan = draw(draws)
        if not only_negative(plan.node):
            count -= 1
            yield plan, [draw_text(draws, plan) for _ in range(TEXTS)]


def plain(text: Text) -> bool:
    """Whether it has no tag and no handle: they split by their capitals, and hold joined words."""
    return not re.search("[#@＃＠]", text.title + text.body + text.author)


# What is written around a query, or in the place of it, that says the same.
SAME: dict[str, tuple[str, str]] = {
    "in parentheses": ("{0}", "({0})"),
    "NOT NOT": ("{0}", "NOT NOT ({0})"),
    "minus minus": ("{0}", "--({0})"),
    "SAUF NOT": ("{0}", "SAUF (NOT ({0}))"),
    "AND itself": ("{0}", "({0}) AND ({0})"),
    "OR itself": ("{0}", "({0}) OR ({0})"),
    "AND the other way round": ("({0}) ({1})", "({1}) AND ({0})"),
    "OR the other way round": ("({0}) OR ({1})", "({1}) OU ({0})"),
    "De Morgan, no OR": ("{2} -(({0}) OR ({1}))", "{2} -({0}) -({1})"),
    "De Morgan, no AND": ("{2} -(({0}) ({1}))", "{2} (-({0}) OR -({1}))"),
    "AND over OR": ("({0}) (({1}) OR {2})", "({0}) ({1}) OR ({0}) {2}"),
    "OR over AND": ("({0}) OR ({1}) {2}", "(({0}) OR ({1})) (({0}) OR {2})"),
    "OR takes in": ("{0}", "({0}) OR ({0}) ({1})"),
    "AND takes in": ("{0}", "({0}) (({0}) OR ({1}))"),
    "AND binds tighter": ("({0}) OR ({1}) {2}", "({0}) OR (({1}) ET {2})"),
    "NOT binds tighter": ("NOT ({0}) {2}", "{2} SAUF ({0})"),
}


@pytest.mark.parametrize("name", SAME)
def test_another_way_to_write_a_query_finds_the_same(name: str) -> None:
    draws = Draws(7)
    left, right = SAME[name]
    seen = set()
    for plan, texts in drawn(draws):
        other, more = next(drawn(draws, count=1))
        word = draws.choice(v.LATIN[:6])
        texts += [replace(text, body=f"{text.body} {word}") for text in [*texts, *more]]
        sources = (plan.source, other.source, word)
        one, two = (answers(way.format(*sources), texts) for way in (left, right))
        assert one == two, (left.format(*sources), texts)
        seen.update(one)
    assert seen == {True, False}


def test_a_word_in_quotes_is_the_word() -> None:
    draws = Draws(8)

    def word(draws: Draws) -> Plan:
        source = any_word(draws)
        return Plan("leaf", source, parse(source).root, words=(source,))

    for plan, texts in drawn(draws, word, count=80):
        assert answers(plan.source, texts) == answers(f'"{plan.source}"', texts), plan.source


def test_near_reads_the_same_from_both_sides() -> None:
    for plan, texts in drawn(Draws(9), lambda draws: near(draws, 2), count=80):
        left, right = (f"({child.source})" for child in plan.children)
        one = answers(f"{left} NEAR/{plan.slop} {right}", texts)
        assert one == answers(f"{right} NEAR/{plan.slop} {left}", texts), plan.source
        ordered = answers(f"{left} ONEAR/{plan.slop} {right}", texts)
        turned = answers(f"{right} ONEAR/{plan.slop} {left}", texts)
        assert one == [a or b for a, b in zip(ordered, turned, strict=True)], plan.source


def test_a_greater_distance_finds_more() -> None:
    for plan, texts in drawn(Draws(10), lambda draws: near(draws, 2)):
        left, right = (f"({child.source})" for child in plan.children)
        for operator in ("NEAR", "ONEAR"):
            ways = [f"{left} {operator}/{n} {right}" for n in (0, 1, 2, 5, 19, 20)]
            grows([answers(way, texts) for way in ways], plan.source)


def grows(found: list[list[bool]], said: object) -> None:
    """Each of the queries finds what the one before it found."""
    for fewer, more in itertools.pairwise(found):
        assert all(b or not a for a, b in zip(fewer, more, strict=True)), said


def two_words(draws: Draws) -> Plan:
    first, second = draws.choices([*v.LATIN, *v.ACCENTED, *v.CYRILLIC, *v.KOREAN], k=2)
    source = f'"{first} {second}"'
    return Plan("leaf", source, parse(source).root, words=(first, second), slop=draws.randint(0, 3))


def test_a_phrase_is_found_by_its_looser_forms() -> None:
    for plan, texts in drawn(Draws(11), two_words, count=80):
        phrase, (a, b) = plan.source, plan.words
        looser = [answers(way, texts) for way in (phrase, f"{phrase}~0", f"{phrase}~1")]
        grows(looser, plan.source)
        # A tag that holds the words joined, as #airfrance, is found by the phrase and by neither
        # word; and a phrase with slop steps over no handle, as NEAR does. Elsewhere:
        prose = [text for text in texts if plain(text)]
        grows([answers(way, prose) for way in (phrase, f"{a} NEAR/0 {b}", f"{a} {b}")], plan.source)
        for n in (0, 1, 3):
            assert answers(f"{phrase}~{n}", prose) == answers(f"{a} NEAR/{n} {b}", prose), plan
        assert answers(phrase, prose) == answers(f"{a} ONEAR/0 {b}", prose), plan


def test_a_bare_term_is_the_title_or_the_text() -> None:
    for plan, texts in drawn(Draws(12), words_leaf, count=80):
        if plan.source.startswith(("case=", "lemma:")):
            continue
        one = answers(plan.source, texts)
        assert one == answers(f"title:{plan.source} OR body:{plan.source}", texts), plan.source
        turned = [replace(text, title=text.body, body=text.title) for text in texts]
        assert one == answers(plan.source, turned), plan.source


def between_letters(text: str, piece: str) -> str:
    """`piece` after each character that is no part of an emoji."""
    out = ""
    for at, c in enumerate(text):
        after = text[at + 1 : at + 2]
        near_emoji = any(is_emoji(x) or is_tone(x) or dropped(x) for x in (c, after or " "))
        out += c if near_emoji else c + piece
    return out


# What is done to a text, and whether a text with tags is left alone.
FOLDINGS: dict[str, tuple[Callable[[str], str], bool]] = {
    "upper case": (str.upper, True),
    "lower case": (str.lower, True),
    "composed": (lambda text: unicodedata.normalize("NFC", text), False),
    "decomposed": (lambda text: unicodedata.normalize("NFD", text), False),
    "typographic apostrophes": (lambda text: text.replace("'", "’"), False),
    "typographic dashes": (lambda text: text.replace("-", "–"), False),
    "a zero-width space everywhere": (lambda text: between_letters(text, "\u200b"), False),
    "a soft hyphen everywhere": (lambda text: between_letters(text, "\u00ad"), False),
    "accents on Latin letters": (
        lambda text: re.sub("(?<=[a-zA-Z])(?![a-zA-Z]*\u20e3)", "\u0301", text),
        False,
    ),
    "ligatures spelled out": (
        lambda text: text.replace("œ", "oe").replace("ß", "ss").replace("æ", "ae"),
        False,
    ),
}


@pytest.mark.parametrize("name", list(FOLDINGS))
def test_what_folding_removes_changes_no_answer(name: str) -> None:
    bend, prose_only = FOLDINGS[name]
    seen = set()
    for plan, texts in drawn(Draws(13), count=60):
        if "case=" in plan.source:
            continue
        kept = [text for text in texts if plain(text) or not prose_only]
        bent = [
            replace(text, title=bend(text.title), body=bend(text.body), author=bend(text.author))
            for text in kept
        ]
        right = answers(plan.source, kept)
        assert answers(plan.source, bent) == right, (plan.source, kept)
        seen.update(right)
    assert seen == {True, False}


def test_text_after_an_empty_line_takes_no_match_away() -> None:
    draws = Draws(14)
    for plan, texts in drawn(draws, lambda draws: near(draws, 2), count=60):
        longer = [
            replace(text, body=f"{text.body}\n\n{draw_text(draws, plan).body}") for text in texts
        ]
        grows([answers(plan.source, texts), answers(plan.source, longer)], plan.source)


def test_a_query_among_500_finds_what_it_finds_alone() -> None:
    draws = Draws(15)
    pairs = list(drawn(draws, count=500))
    together = Matcher.compile({at: parse(plan.source) for at, (plan, _) in enumerate(pairs)})
    texts = [own[0] for _, own in pairs[::3]]
    found = [{hit.key for hit in hits} for hits in together.match_many(texts, now=NOW)]
    for at in range(0, 500, 20):
        alone = answers(pairs[at][0].source, texts)
        assert [at in keys for keys in found] == alone, pairs[at][0].source


def test_a_batch_finds_what_each_text_finds_alone() -> None:
    pairs = list(drawn(Draws(16), count=100))
    matcher = Matcher.compile({plan.source: parse(plan.source) for plan, _ in pairs})
    texts = [text for _, own in pairs for text in own]
    assert matcher.match_many(texts, now=NOW) == [matcher.match(text, now=NOW) for text in texts]
