"""Whatever is pasted: a translation whose query Vigie reads, or none and the reason; in linear
time; and what is said of a dropped part is true."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Text, parse
from nlp.query.translate import DIALECTS, AskedDialect, dialects, translate, underlined

FRAGMENTS = sorted(
    {word for each in dialects() for row in each.operators for word in row.example.split()}
    | {
        "AND", "OR", "NOT", "NEAR/5", "NEAR/2f", "NEAR/", "ONEAR/99", "SENTENCE", "(", ")", '"',
        "«", "»", "{", "}", "<<<", ">>>", "~3", "~", ")~5", "-", "--", "+", "++", "*", "?", "a*b",
        "title:", "site:(", "foo:bar", "[1 TO", "TO 2]", "\\", "\n", "\ud800", "👩‍👩‍👧", "مرحبا",
        "日本", "\u202e", "OU", "PRÈS/3", "a=b", "https://x.fr", "éà", "|", "&&", "ET",
        "x\0", "x\ud800y",
    }
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join),
)


@given(text=TEXTS, dialect=st.sampled_from(DIALECTS))
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_a_query_that_vigie_reads_or_none_with_a_reason(
    text: str, dialect: AskedDialect
) -> None:
    made = translate(text, dialect)
    if made.query:
        parse(made.query)
        # It can be stored and sent.
        assert b"\0" not in made.query.encode("utf-8")
    else:
        assert made.parts
        assert not made.exact
    for part in made.parts:
        assert 0 <= part.start <= part.end <= len(text)
        assert (part.fr[-1], part.en[-1]) == (".", ".")
        assert "\n" not in part.fr + part.en
    for lang in ("fr", "en"):
        shown = underlined(text, made, lang)  # type: ignore[arg-type]  # both are a Lang
        assert all(c == "\n" or c == "\u200d" or c.isprintable() for c in shown)


def _calls(work: Callable[[], object]) -> int:
    """How many calls it makes: the steps of our code, since no single call here does more than
    look at its text once."""
    count = 0

    def step(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        "a AND ", "a OR ", "a NEAR/2 ", "NOT NOT ", "- ", "é ", '"a b"~3 OR ', "(a OR b) AND ",
        "site:x.fr OR ", "authorGender:F AND ", "authorGender:F OR ", "[1 TO ", "a~ ", "+a ",
        "a* OR ", "rating:[ ", "a<<<b>>> ", "foo:", "(" * 10 + "a" + ")" * 10 + " OR ", "NEAR/",
        "NOT a OR ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["brandwatch", "mention", "talkwalker"])
def test_twice_the_text_takes_at_most_twice_the_steps(unit: str, dialect: AskedDialect) -> None:
    translate("a", dialect)  # The tables are made once.
    small, large = (unit * (size // len(unit)) + "a" for size in (500, 2_000))
    steps = [_calls(lambda text=text: translate(text, dialect)) for text in (small, large)]  # type: ignore[misc]
    assert steps[1] <= 4.6 * steps[0] + 500


@pytest.mark.parametrize("size", [20_000, 20_001, 200_000])
def test_a_text_that_is_too_long_is_refused_at_once(size: int) -> None:
    made = translate("a" * size, "mention")
    assert made.readable == (size <= 20_000)
    assert made.query == ""
    assert _calls(lambda: translate("a OR " * 40_000, "mention")) < 100


def test_fifty_parentheses_are_read_and_more_are_not() -> None:
    assert translate("(" * 50 + "a" + ")" * 50, "brandwatch").query == "a"
    deep = translate("(" * 51 + "a" + ")" * 51, "brandwatch")
    assert (deep.readable, deep.parts[0].start) == (False, 50)


# Boolean trees over words, with parts that Vigie knows nothing of.
WORDS = ("alpha", "beta", "gamma")
Tree = Any  # A word, "LOST", ("not", tree) or ("and" | "or", tree, tree).
TREES = st.recursive(
    st.sampled_from((*WORDS, "LOST")),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(("and", "or")), inner, inner),
    ),
    max_leaves=7,
)


def _pasted(tree: Tree) -> str:
    if isinstance(tree, str):
        return "authorGender:F" if tree == "LOST" else tree
    if tree[0] == "not":
        return f"(NOT {_pasted(tree[1])})"
    return f"({_pasted(tree[1])} {tree[0].upper()} {_pasted(tree[2])})"


def _holds(tree: Tree, facts: Mapping[str, bool]) -> bool:
    if isinstance(tree, str):
        return facts[tree]
    if tree[0] == "not":
        return not _holds(tree[1], facts)
    both = (_holds(tree[1], facts), _holds(tree[2], facts))
    return all(both) if tree[0] == "and" else any(both)


@given(tree=TREES)
@settings(deadline=None, max_examples=400)
def test_a_dropped_part_widens_or_narrows_as_is_said(tree: Tree) -> None:
    made = translate(_pasted(tree), "brandwatch")
    if not made.query:
        return
    said = {"more" if "more" in part.en.rpartition(";")[2] else "less" for part in made.parts}
    matcher = Matcher.compile({1: parse(made.query)})
    for number in range(16):
        facts = {name: bool(number >> at & 1) for at, name in enumerate((*WORDS, "LOST"))}
        text = " ".join(word for word in WORDS if facts[word])
        meant, found = _holds(tree, facts), bool(matcher.match(Text(body=text)))
        if "more" not in said:
            assert meant or not found
        if "less" not in said:
            assert found or not meant


def test_the_count_of_steps_sees_work_that_grows_with_the_square() -> None:
    def square(size: int) -> Callable[[], object]:
        return lambda: [abs(i) for _ in range(size) for i in range(size)]

    assert _calls(square(80)) > 4.6 * _calls(square(20)) + 500
