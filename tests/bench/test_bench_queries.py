"""The bench of many queries: what it draws keeps its promises, and a slow matcher shows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from bench import queries, querytimes
from bench.corpus import Counts, count, text_of
from bench.querygen import COMMON, MOST_TEXTS, Drawn, draw_queries, long_query, usable
from nlp.query import Hit, Matcher, Text, parse

WORDS = [f"{head}{tail}" for head in ("Lume", "Vasto", "kiri", "bon") for tail in "abcdefghijklmn"]
TAGS = ("@Orlande", "@orlande_fr", "#KiriaBona", "#lumeavastoa", "@vastoc", "#Lumeb2024")


def invented() -> list[Text]:
    """Texts of made-up words, some frequent and many rare, with tags that hold them."""
    draw = random.Random(7)
    weights = [1 / (1 + place) for place in range(len(WORDS))]
    texts = []
    for number in range(900):
        words = draw.choices(WORDS, weights, k=8) + [draw.choice(TAGS)] * (number % 3 == 0)
        draw.shuffle(words)
        title = " ".join(words[:3]) if number % 5 == 0 else ""
        texts.append(Text(title, f"the {' '.join(words)} w{number}ord"))
    return texts


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return invented()


@pytest.fixture(scope="module")
def counts(texts: list[Text]) -> Counts:
    return count(texts)


@pytest.fixture(scope="module")
def drawn(texts: list[Text], counts: Counts) -> Drawn:
    return draw_queries(200, counts, texts)


def test_every_term_stands_in_as_many_texts_as_the_matcher_finds(
    texts: list[Text], counts: Counts, drawn: Drawn
) -> None:
    matcher = Matcher.compile({term: parse(term) for term in drawn.distinct})
    found = Counter(hit.key for text in texts for hit in matcher.match(text))
    assert {term: counts.texts[term] for term in drawn.distinct} == dict(found)
    assert all(1 <= texts <= MOST_TEXTS for texts in found.values())


def test_half_of_the_terms_are_common(counts: Counts, drawn: Drawn) -> None:
    common = [term for term in drawn.terms if counts.texts[term] >= COMMON]
    assert 2 * len(common) >= len(drawn.terms)
    assert len(common) < len(drawn.terms)


def test_a_word_in_more_than_500_texts_is_never_asked_for(counts: Counts, drawn: Drawn) -> None:
    assert counts.texts["the"] == 900
    assert not usable(counts.texts["the"])
    assert "the" not in drawn.terms


def test_no_phrase_is_drawn_that_only_stands_there_by_a_handle(
    counts: Counts, drawn: Drawn
) -> None:
    assert counts.texts['"kiria bona"'] > 0
    assert counts.prose['"kiria bona"'] == 0
    assert not [term for term in drawn.terms if term[0] == '"' and not counts.prose[term]]


def test_the_mix_is_as_promised(drawn: Drawn) -> None:
    assert Counter(drawn.shapes.values()) == {
        "name": 60, "handle": 20, "phrase": 40, "or": 50, "andnot": 30,
    }  # fmt: skip
    for number, shape in drawn.shapes.items():
        source = drawn.queries[number]
        assert (shape == "phrase") == (source[0] == '"' and source.count(" ") == 1)
        if shape == "or":
            assert 2 <= source.count(" OR ") + 1 <= 5


def test_the_terms_said_to_be_used_are_those_of_the_queries(drawn: Drawn) -> None:
    words = Counter(word for one in drawn.queries.values() for word in _bare_words(one))
    assert words == Counter(word for term in drawn.terms for word in _bare_words(term))


def _bare_words(source: str) -> list[str]:
    plain = source.translate(str.maketrans("", "", '()"-'))
    return [word for word in plain.split() if word not in {"OR", "NOT"}]


def test_the_same_seed_draws_the_same_and_another_draws_others(
    texts: list[Text], counts: Counts, drawn: Drawn
) -> None:
    assert draw_queries(200, count(texts), texts) == drawn
    assert draw_queries(200, counts, texts, seed=1).queries != drawn.queries


def test_and_finds_and_not_removes_something(texts: list[Text], drawn: Drawn) -> None:
    chosen = {number for number, shape in drawn.shapes.items() if shape == "andnot"}
    with_not = {number: drawn.queries[number] for number in chosen}
    without = {number: one.replace("NOT ", "").replace("-", "") for number, one in with_not.items()}
    for given in (without, {n: one for n, one in with_not.items() if one == without[n]}):
        matcher = Matcher.compile({number: parse(one) for number, one in given.items()})
        found = {hit.key for text in texts for hit in matcher.match(text)}
        assert found == set(given)


def test_the_long_query_is_read(texts: list[Text], counts: Counts) -> None:
    source = long_query(500, counts, texts)
    assert len(_terms_of(source)) == 500
    assert parse(source).source == source


def _terms_of(source: str) -> list[str]:
    return source.replace(" NOT ", " OR ").split(" OR ")


def test_a_reddit_comment_and_a_post_keep_their_words() -> None:
    assert text_of({"kind": "t1", "body": "said so"}).body == "said so"
    post = text_of({"title": " A \n title", "selftext": "more"})
    assert (post.title, post.body) == ("A title", "more")


class Slow:
    """A matcher that answers right and wastes time."""

    def __init__(self, matcher: Matcher[int]) -> None:
        self._matcher = matcher

    def match(self, text: Text) -> list[Hit[int]]:
        for _ in range(200):
            self._matcher.match(text)
        return self._matcher.match(text)

    def match_many(self, texts: Sequence[Text]) -> list[list[Hit[int]]]:
        return [self.match(text) for text in texts]

    def which_many(self, texts: Sequence[Text]) -> list[list[int]]:
        return [[hit.key for hit in hits] for hits in self.match_many(texts)]


def test_a_slow_matcher_is_told_to_be_below_the_floor(texts: list[Text], drawn: Drawn) -> None:
    matcher = Matcher.compile({number: parse(one) for number, one in drawn.queries.items()})
    lines: list[str] = []
    out = queries.Report(lines.append)
    queries.say_passes(querytimes.rounds(Slow(matcher), drawn, texts[:40], 1), 200, 40, out)
    assert out.missed == ["which queries, 200 queries", "spans and clause, 200 queries"]
    assert sum("below" in line for line in lines) == 2


def test_each_row_is_held_against_the_bare_pass_of_its_own_round() -> None:
    lines: list[str] = []
    out = queries.Report(lines.append)
    found = [querytimes.Round(1.0, 2.9, 3.1), querytimes.Round(2.0, 5.8, 6.2)]
    queries.say_passes(found, 10, 1_000, out)
    assert out.missed == ["spans and clause, 10 queries"]
    assert "PASS" in lines[1]
    assert "3.10 x bare" in lines[2]


@pytest.mark.parametrize(("flags", "code"), [(["--floors"], 1), ([], 0)])
def test_a_missed_floor_ends_with_1_only_where_asked(
    flags: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.os, "sched_setaffinity", lambda *_: None)
    monkeypatch.setattr(queries, "report", lambda say, *_: queries.Report(say, ["add"]))
    assert queries.main(flags) == code


def test_without_the_replay_texts_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "replay_texts", list)
    lines: list[str] = []
    assert queries.report(lines.append).missed == []
    assert lines == ["queries        the replay texts are not here: nothing measured"]


def test_queries_one_by_one_that_find_something_else_are_not_compared(
    texts: list[Text], drawn: Drawn
) -> None:
    few = {number: parse(one) for number, one in list(drawn.queries.items())[:20]}
    querytimes.one_by_one(few, Matcher.compile(few), texts[:50])
    with pytest.raises(SystemExit, match="disagree"):
        querytimes.one_by_one(few, Matcher.compile({0: parse("w3ord")}), texts[:50])
