from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SPECIAL_CASES, SentimentIntensityAnalyzer

from nlp.api import Abstain, Doc, Verdict
from nlp.sentiment.compound import Compound
from nlp.sentiment.vader import Vader
from nlp.testing import AnalyzerContract

DATA = Path(__file__).parents[4] / "shared" / "data" / "text"
OURS = Compound()
PACKAGE = SentimentIntensityAnalyzer()


class TestVader(AnalyzerContract):
    lang = "en"
    options = ({}, {"threshold": 0.2})

    def make(self, **options: Any) -> Vader:
        return Vader(**options)


def judge(text: str) -> Verdict | Abstain:
    return Vader().analyze([Doc("1", text, "en")])[0]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this shop", "positive"),
        ("The worst parcel service ever", "negative"),
        ("The shop opens on Monday", "neutral"),
    ],
)
def test_it_labels_by_the_usual_thresholds(text: str, label: str) -> None:
    said = judge(text)
    assert isinstance(said, Verdict)
    assert said.label == label


@pytest.mark.parametrize("lang", ["fr", "de", None])
def test_it_judges_english_only(lang: str | None) -> None:
    (said,) = Vader().analyze([Doc("1", "love love love", lang)])
    assert isinstance(said, Abstain)


def test_a_regional_code_is_english_too() -> None:
    (said,) = Vader().analyze([Doc("1", "love it", "en-GB")])
    assert isinstance(said, Verdict)


WORDS = st.sampled_from(
    [
        *("good", "bad", "LOVE", "hate", "not", "never", "no", "nor", "or", "so", "this", "least"),
        *("at", "very", "VERY", "without", "doubt", "but", "BUT", "kind", "of", "isn't", "shop"),
        *(
            "hardly",
            "great!",
            "awful???",
            ":)",
            ":(",
            "❤",
            "😀",
            "the",
            "sort",
            "lol",
            "(ugh)",
            "n't",
        ),
        *(word for phrase in SPECIAL_CASES for word in phrase.split()),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_compound_is_the_packages_own_on_rule_words(text: str) -> None:
    assert OURS(text) == PACKAGE.polarity_scores(text)["compound"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_compound_is_the_packages_own_on_any_text(text: str) -> None:
    assert OURS(text) == PACKAGE.polarity_scores(text)["compound"]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent")
def test_compound_is_the_packages_own_on_real_tweets() -> None:
    wrong = []
    for path in (DATA / "semeval_en" / "val.jsonl", *sorted((DATA / "umsab").glob("*.val.jsonl"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["text"]
            if OURS(text) != PACKAGE.polarity_scores(text)["compound"]:
                wrong.append(text)
    assert not wrong
