"""The matcher against examples of the reference page, and against a slow evaluator."""

from __future__ import annotations

import json
import pickle
import re
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Query, QueryError, Span, Text, parse
from nlp.query.automata import Automata
from nlp.query.find import Probe
from nlp.query.keys import Filing, Key
from nlp.text import ReadText
from tests.nlp.query.naive import matches

REPLAY = Path(__file__).parents[4] / "shared" / "data" / "replay"


def found(query: str, body: str) -> list[str]:
    """The stretches of `body` that matched, in order."""
    hits = Matcher.compile({0: parse(query)}).match(Text(body=body))
    return [body[span.start : span.end] for hit in hits for span in hit.spans]


@pytest.mark.parametrize(
    ("query", "body", "spans"),
    [
        ("coca-cola", "Coca-Cola", ["Coca-Cola"]),
        ("coca-cola", "un Coca Cola", ["Coca Cola"]),
        ("coca-cola", "coca–cola", ["coca–cola"]),
        ("coca-cola", "cocacola #CocaCola @cocacola", ["cocacola", "CocaCola", "cocacola"]),
        ("coca-cola", "cocacolas", []),
        ("l'oréal", "L’Oréal et #loreal", ["L’Oréal", "loreal"]),
        ("Orange", "l'Orange", ["Orange"]),
        ("EDF", "d’EDF", ["EDF"]),
        ("apple", "qu'Apple", ["Apple"]),
        ("Canal+", "sur Canal+ ce soir", ["Canal+"]),
        ("Canal+", "le canal", []),
        ("canal", "Canal+", ["Canal"]),
        ("C++", "C++, C# et C", ["C++"]),
        ("C#", "C# et C++", ["C#"]),
        ("C+", "C++", []),
        ("50%", "à 50% et 50 %", ["50%", "50 %"]),
        ("50%", "150%", []),
        ("50%", "50", []),
        ("H&M", "chez H&M ou H & M", ["H&M", "H & M"]),
        ("H&M", "H M", []),
        ("ecole", "École ÉCOLE ecole", ["École", "ÉCOLE", "ecole"]),
        ("zero\u200bwidth", "zerowidth", ["zerowidth"]),
        ("zerowidth", "zero\u200bwidth", ["zero\u200bwidth"]),
        ("apple", "pineapple apples", []),
        ("東京", "今日は東京タワー", ["東京"]),
        ("東京", "東、京", []),
        ("東京", "#東京旅行", ["東京"]),
        ("#veille", "veille #Veille #veilleur", ["#Veille"]),
        ("@united", "united @United @united_x", ["@United"]),
        ("france", "#AirFrance @air_france", ["France", "france"]),
        ("france", "#airfrance", []),
        (
            '"air france"',
            "#AirFrance @air_france #airfrance",
            ["AirFrance", "air_france", "airfrance"],
        ),
        ('"air france"', "airfrance", []),
        ('"air france"', "#AirBnb #FranceInter", []),
        ("air france", "#AirFrance", ["Air", "France"]),
        ("decathlon", "https://www.decathlon.fr www.decathlon.fr a@decathlon.fr", []),
        ("booking.com", "sur booking.com", ["booking.com"]),
        ("case=Orange", "orange Orange #Orange #orange", ["Orange", "Orange"]),
        ('case="Le Monde"', "le monde Le Monde Le monde", ["Le Monde"]),
        ('"a b"', "a\nb", ["a\nb"]),
        ('"a b"', "a\n\nb", []),
        ('"a b"', "a, b", ["a, b"]),
        ('"a b"', "a @x b", []),
        ('"a b"', "a http://x.fr b", []),
        ("😀", "cool😀😀", ["😀", "😀"]),
        ("👩\u200d👧", "👩\u200d👧 👩", ["👩\u200d👧"]),
        ("❤", "❤️", ["❤️"]),
        ("montre or", "une montre en or", ["montre", "or"]),
        ('"OR"', "de l'or", ["or"]),
        ("apple -(pie OR tarte)", "apple pie", []),
        ("apple SAUF tarte", "apple pie", ["apple"]),
        ("a ET (b OU c)", "a c", ["a", "c"]),
        ("a OR b c", "a", ["a"]),
        ("porte-monnaie", "un porte-monnaie", ["porte-monnaie"]),
        ("“air france”", "air france", ["air france"]),
        ("« air france »", "air france", ["air france"]),
        ("NOT NOT apple", "apple", ["apple"]),
        ("H & M", "M et H", ["M", "H"]),
        (r'"say \"hi\""', 'say "hi"', ['say "hi']),
        ("united", "merci @united@mast.social", ["united"]),
    ],
)
def test_examples_of_the_reference_page(query: str, body: str, spans: list[str]) -> None:
    assert found(query, body) == spans


def test_spans_count_code_points_of_the_stored_text_and_name_the_field() -> None:
    text = Text(title="Œuf 👍🏽 Orange", body="e\u0301 œ ORANGE")
    (hit,) = Matcher.compile({"k": parse("orange")}).match(text)
    assert hit.key == "k"
    assert hit.spans == (Span("title", 7, 13), Span("text", 5, 11))


def test_the_smallest_clause_that_decided_is_named() -> None:
    matcher = Matcher.compile({0: parse("(x y) OR (apple -pie) OR z")})
    assert matcher.match(Text(body="z"))[0].clause == "z"
    assert matcher.match(Text(body="apple"))[0].clause == "(apple -pie)"


def test_of_a_phrase_with_distance_the_smallest_spans_are_shown() -> None:
    assert found('"a b"~5', "a x a b x b") == ["a b"]
    assert found('"a b"~5', "a b\n\nb x a") == ["a b", "b x a"]


def test_a_matcher_survives_pickling() -> None:
    matcher = Matcher.compile({"a": parse("x -y"), "b": parse("#t")})
    again = pickle.loads(pickle.dumps(matcher))
    texts = [Text(body="x"), Text(body="x y #T"), Text()]
    assert again.match_many(texts) == matcher.match_many(texts)


WORDS = [
    *[
        "a",
        "Air",
        "France",
        "coca-cola",
        "cocacola",
        "l'été",
        "ete",
        "C+",
        "H&M",
        "50%",
        "東京",
        "京",
    ],
    *[
        "#Air",
        "#AirFrance",
        "@air",
        "京",
        "😀",
        "é",
        "c",
        "case=Air",
        "case=été",
        "zero\u200bwidth",
    ],
    *['"air france"', '"a été"', '"coca-cola a"', '"東京 a"', '"#Air a"', 'case="Air France"'],
]
BITS = [
    *["a", "A", "Air", "air", "France", "Coca", "cola", "coca-cola", "CocaCola", "L’été", "Été"],
    *[
        "E\u0301te\u0301",
        "C+",
        "C++",
        "C",
        "H & M",
        "H&M",
        "50%",
        "50 %",
        "東",
        "京",
        "東京",
        "#",
        "@",
    ],
    *[
        "#AirFrance",
        "@air_france",
        "#air",
        "東京",
        "_",
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "😀",
        "👩\u200d👧",
    ],
    *["http://a.fr/air ", "zerowidth", "zero\u200b", "width", "’", "-", "1", "+", "&"],
]


def queries() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(WORDS)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from([" ", " OR ", " AND "]), inner).map("".join),
            inner.map(lambda q: f"({q})"),
            inner.map(lambda q: f"-({q})"),
        ),
        max_leaves=4,
    )


@given(st.lists(queries(), min_size=1, max_size=4), st.lists(st.sampled_from(BITS), max_size=10))
@example(["C+"], ["#", "C", "+"])
@settings(max_examples=1500, deadline=None)
def test_the_fast_matcher_equals_the_slow_one(sources: list[str], bits: list[str]) -> None:
    known = {}
    for source in sources:
        try:
            known[source] = parse(source)
        except QueryError as error:
            assert error.code == "only_negative"  # noqa: PT017  the one fault the grammar above can make
    text = Text(title="".join(bits[:3]), body="".join(bits[3:]))
    fast = {hit.key for hit in Matcher.compile(known).match(text)}
    assert fast == {source for source, query in known.items() if matches(query.root, text)}


@given(
    st.lists(queries(), min_size=1, max_size=4),
    st.lists(st.lists(st.sampled_from(BITS), max_size=5).map("".join), max_size=4),
)
@settings(max_examples=500, deadline=None)
def test_many_texts_at_once_match_as_each_alone(sources: list[str], bodies: list[str]) -> None:
    known = {source: query for source in sources if (query := parsed(source))}
    matcher = Matcher.compile(known)
    texts = [Text(title=body[:3], body=body) for body in bodies]
    together = matcher.match_many(texts)
    assert together == [matcher.match(text) for text in texts]
    assert matcher.which_many(texts) == [[hit.key for hit in hits] for hits in together]


def parsed(source: str) -> Query | None:
    try:
        return parse(source)
    except QueryError:
        return None  # Only negative: the one fault the grammar above can make.


def test_more_texts_than_are_looked_through_at_once_keep_their_places() -> None:
    queries: dict[int | str, Query] = {number: parse(f"w{number}") for number in range(200)}
    matcher = Matcher.compile(queries)
    matcher.put("late", parse("w7 -other"))
    texts = [Text(body=f"w{number} #tag") for number in range(1_000)]
    expected: list[list[int | str]] = [[number] if number < 200 else [] for number in range(1_000)]
    expected[7] = [7, "late"]
    assert matcher.which_many(texts) == expected
    assert [[hit.key for hit in hits] for hits in matcher.match_many(iter(texts))] == expected


def test_an_automaton_gives_back_the_very_keys_it_was_given() -> None:
    filing = Filing(inflections=lambda form: frozenset({form}), rarity=lambda form: 1.0)
    (key,) = filing.made([" air "])
    automata = Automata(filing.keys[0])
    automata.renew(filing.keys, filing.plain)
    (found,) = automata.found(["Air!", ""])[0]
    assert found is key


def test_the_slow_evaluator_would_notice_a_missed_candidate() -> None:
    class Deaf(Matcher[int]):
        def _brought_to_mind(self, found: Iterable[Key]) -> tuple[list[int], Collection[int]]:
            return [], ()

    query = parse("air nord")
    assert matches(query.root, Text(body="nord air"))
    assert Deaf.compile({0: query}).match(Text(body="nord air")) == []


def test_work_grows_with_the_text_not_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Counter[int]()
    real = Probe.holds

    def counting(probe: Probe, text: ReadText, at: int) -> int:
        steps[len(text.forms)] += 1
        return real(probe, text, at)

    monkeypatch.setattr(Probe, "holds", counting)
    matcher = Matcher.compile({0: parse('"' + "a-a " * 20 + 'b"')})
    for size in (1_000, 2_000, 4_000):
        assert matcher.match(Text(body="a " * size)) == []
        # Starts × parts × the two spellings of a unit, and the set of positions never exceeds 21.
        assert steps[size] <= size * 21 * 21 * 3
    assert steps[4_000] <= 2.1 * steps[2_000]


replay = pytest.mark.skipif(
    not REPLAY.exists(), reason="the replay data is not beside this checkout"
)


@replay
@pytest.mark.parametrize(
    ("word", "titles"),
    [("google", 413), ("apple", 270), ("facebook", 238), ("microsoft", 174), ("amazon", 157),
     ("twitter", 131), ("github", 113), ("uber", 102), ("docker", 74)],
)  # fmt: skip
def test_words_of_titles_are_counted_as_the_data_says(word: str, titles: int) -> None:
    lines = (REPLAY / "hackernews-posts-2015-2016.jsonl").read_text().splitlines()
    matcher = Matcher.compile({word: parse(word)})
    # A first look for the letters keeps the reading of 20,100 lines cheap.
    rows = (json.loads(line) for line in lines if word in line.lower())
    assert sum(bool(matcher.match(Text(title=row["title"]))) for row in rows) == titles


@replay
def test_handles_are_counted_as_a_plain_regular_expression_counts_them() -> None:
    texts: dict[str, str] = {}
    for line in (REPLAY / "airline-tweets-2015.jsonl").read_text().splitlines():
        row = json.loads(line)
        texts.setdefault(row["id"], row["text"])
    names = ["united", "usairways", "americanair", "southwestair", "jetblue", "virginamerica"]
    matcher = Matcher.compile({name: parse(f"@{name}") for name in names})
    ours = Counter(hit.key for text in texts.values() for hit in matcher.match(Text(body=text)))
    plain = Counter(
        name
        for text in texts.values()
        for name in {handle.lower() for handle in re.findall(r"(?<!\w)@(\w+)", text)} & {*names}
    )
    assert ours == plain
    assert ours["united"] == 3866


def test_each_query_counts_the_days_of_its_own_zone_also_after_pickling() -> None:
    query = parse("published:2026-06-01")
    zones = {"paris": ZoneInfo("Europe/Paris")}
    matcher = Matcher.compile({"utc": query, "paris": query}, zones=zones)
    matcher.put("tokyo", query, ZoneInfo("Asia/Tokyo"))
    times = [datetime(2026, 5, 31, hour, 30, tzinfo=UTC) for hour in (14, 15, 22)]
    times.append(datetime(2026, 6, 1, 0, 30, tzinfo=UTC))
    texts = [Text(body="x", published_at=at) for at in times]
    for one in (matcher, pickle.loads(pickle.dumps(matcher))):
        assert [[hit.key for hit in hits] for hits in one.match_many(texts)] == [
            [], ["tokyo"], ["paris", "tokyo"], ["utc", "paris", "tokyo"],
        ]  # fmt: skip
