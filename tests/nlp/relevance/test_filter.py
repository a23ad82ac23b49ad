"""The filter learns from few marks, keeps its word, and is small."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Text, parse
from nlp.relevance import (
    Features,
    HashedWords,
    NotAFilter,
    Sample,
    TooFewMarks,
    from_bytes,
    learn,
    mark_next,
    train,
)
from nlp.relevance.measure import rate
from nlp.relevance.model import MAX_BYTES, digest_of
from nlp.relevance.settings import Settings

WORDS = HashedWords()
SHOP = [f"Mes courses au magasin Carrefour {n}, caisse fermée" for n in range(8)]
ROAD = [f"Accident au carrefour de la rue {n}, un vélo blessé" for n in range(8)]


def features(text: str, name: str = "carrefour") -> Features:
    hits = Matcher.compile({0: parse(name)}).match(Text(body=text))
    spans = [(span.field, span.start, span.end) for hit in hits for span in hit.spans]
    return WORDS.features(Sample(body=text, spans=spans))


def marks() -> tuple[list[Features], list[bool]]:
    return [features(text) for text in SHOP + ROAD], [True] * len(SHOP) + [False] * len(ROAD)


def test_a_filter_tells_the_two_senses_apart_on_texts_it_never_saw() -> None:
    made = train(*marks()).filter
    assert made.keeps(features("Le magasin Carrefour ferme sa caisse"))
    assert not made.keeps(features("Accident au carrefour de la gare"))


def test_probabilities_follow_the_scores_and_are_never_certain() -> None:
    made = train(*marks()).filter
    good, bad = (features(text) for text in (SHOP[0], ROAD[0]))
    assert 0.0 < made.probability(bad) < 0.5 < made.probability(good) < 1.0


def test_the_figures_come_with_sample_sizes_and_intervals() -> None:
    found = train(*marks()).figures
    assert found is not None
    assert (found.relevant, found.noise, found.baseline) == (8, 8, 0.5)
    assert found.recall.n == 8
    assert found.precision.low < found.precision.value <= found.precision.high <= 1.0


def test_marks_that_are_noise_are_not_sold_as_a_good_filter() -> None:
    texts = [features(f"carrefour {word}") for word in "abcdefghijklmnopqrst"]
    found = train(texts, [n % 2 == 0 for n in range(20)]).figures
    assert found is not None
    assert found.precision.low < 0.5


def test_a_few_marks_on_one_side_are_no_filter() -> None:
    with pytest.raises(TooFewMarks):
        train([features(text) for text in SHOP + ROAD[:2]], [True] * 8 + [False] * 2)


def test_the_same_marks_make_the_same_bytes() -> None:
    assert train(*marks()).filter.to_bytes() == train(*marks()).filter.to_bytes()


def test_what_is_read_back_says_the_same() -> None:
    made = train(*marks(), neighbours=learn(SHOP * 30 + ROAD * 30)).filter
    again = from_bytes(made.to_bytes())
    for text in SHOP + ROAD:
        one = features(text)
        assert math.isclose(made.score(one), again.score(one), abs_tol=0.05)


def test_a_filter_of_many_long_texts_stays_small_and_holds_no_word() -> None:
    long = [" ".join(f"mot{n}{k}" for k in range(300)) + " carrefour" for n in range(60)]
    made = train([features(text) for text in long], [n % 2 == 0 for n in range(60)], measured=False)
    stored = made.filter.to_bytes()
    assert len(stored) <= MAX_BYTES
    assert b"mot1" not in stored


@pytest.mark.parametrize("stored", [b"", b"{}", b"[]", b"\xff", b'{"digest":"x","format":1}'])
def test_bytes_that_are_no_filter_are_refused(stored: bytes) -> None:
    with pytest.raises(NotAFilter):
        from_bytes(stored)


def test_a_changed_filter_is_refused() -> None:
    body = json.loads(train(*marks()).filter.to_bytes())
    body["threshold"] = -99.0
    with pytest.raises(NotAFilter):
        from_bytes(json.dumps(body).encode())
    body["format"] = 2
    body["digest"] = digest_of({k: v for k, v in body.items() if k != "digest"})
    with pytest.raises(NotAFilter):
        from_bytes(json.dumps(body).encode())


def test_the_least_sure_text_is_asked_for_first_where_doubt_alone_counts() -> None:
    made = train(*marks()).filter
    texts = [features(SHOP[0]), features("carrefour"), features(ROAD[0])]
    doubts = [abs(made.score(one) - made.threshold) for one in texts]
    asked = mark_next(made, texts, count=2, settings=Settings(middle=0.0))
    assert list(asked) == sorted(range(3), key=doubts.__getitem__)[:2]


def test_a_text_like_many_others_is_asked_for_before_a_lone_one_and_not_twice() -> None:
    made = train(*marks()).filter
    crowd = [features("magasin carrefour accident")] * 5
    texts = [features("carrefour zzz"), *crowd]
    first, second = mark_next(made, texts, count=2, settings=Settings(middle=5.0))
    assert first > 0
    assert second != first
    assert list(mark_next(made, [], count=2)) == []


def test_more_are_asked_for_than_there_are_and_each_comes_once() -> None:
    made = train(*marks()).filter
    texts = [features(SHOP[0]), features("carrefour"), features(ROAD[0])]
    assert sorted(mark_next(made, texts, count=9)) == [0, 1, 2]


def test_unmarked_texts_teach_words_that_no_mark_has() -> None:
    unmarked = [features(f"magasin Carrefour drive {n}") for n in range(10)]
    unmarked += [features(f"accident au carrefour giratoire {n}") for n in range(10)]
    given_ = marks()
    alone = train(*given_, unlabelled=unmarked, settings=Settings(echoes=0.0)).filter
    taught = train(*given_, unlabelled=unmarked, settings=Settings(echoes=0.9)).filter
    drive, ring = features("drive carrefour"), features("giratoire carrefour")
    apart = alone.score(drive) - alone.score(ring)
    assert taught.score(drive) - taught.score(ring) > apart


def test_guesses_of_one_side_only_are_no_trouble() -> None:
    unmarked = [features(f"magasin Carrefour drive {n}") for n in range(10)]
    made = train(*marks(), unlabelled=unmarked, settings=Settings(echoes=1.0)).filter
    assert made.keeps(features("Le magasin Carrefour ferme sa caisse"))
    assert not made.keeps(features("Accident au carrefour de la gare"))


def test_a_word_of_the_same_company_gets_its_share_of_a_mark() -> None:
    stored = [f"{a} {b} {c}" for a in ("compile", "build", "link") for b in ("golang", "rust")
              for c in ("library", "module", "package", "binary")] * 8  # fmt: skip
    stored += [f"{a} {b} {c}" for a in ("peel", "eat", "cook") for b in ("banana", "apple")
               for c in ("dessert", "salad", "breakfast", "juice")] * 8  # fmt: skip
    stored += [f"filler{n} other{n} thing{n}" for n in range(40) for _ in range(5)]
    neighbours = learn(stored)
    texts = [f"orange golang {n}" for n in range(5)] + [f"orange banana {n}" for n in range(5)]
    made = train(
        [features(text, "orange") for text in texts], [True] * 5 + [False] * 5,
        neighbours=neighbours,
    ).filter  # fmt: skip
    unseen = made.score(features("orange rust", "orange"))
    assert unseen > made.score(features("orange apple", "orange"))


def test_an_interval_of_nothing_says_nothing() -> None:
    assert (rate(0, 0).low, rate(0, 0).high) == (0.0, 1.0)
    assert rate(10, 10).low == pytest.approx(0.722, abs=0.001)


@given(st.text(max_size=300), st.lists(st.tuples(st.integers(-3, 400), st.integers(-3, 400))))
@settings(deadline=None)
def test_no_text_and_no_span_breaks_the_features(text: str, spans: list[tuple[int, int]]) -> None:
    given_ = [("text", start, end) for start, end in spans]
    found = WORDS.features(Sample(title=text, body=text, spans=given_, url=f"https://{text}"))
    assert set(found) == {"near", "edge", "sign", "pair", "host", "before", "after"}


def test_half_a_surrogate_and_a_long_text_are_read() -> None:
    assert WORDS.features(Sample(body="\ud800 carrefour " + "mot " * 20_000))["near"]
