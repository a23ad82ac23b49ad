from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.api import Abstain, Doc, Verdict
from nlp.sentiment import features, french, train
from nlp.sentiment.french import FrenchHead, WrongWeights, read_weights, shipped_weights
from nlp.testing import AnalyzerContract

TEXTS = Path(__file__).parents[4] / "shared" / "data" / "text"
SHARED = FrenchHead()


class TestFrenchHead(AnalyzerContract):
    lang = "fr"
    options = ({}, {"unsure_margin": 0.3})

    def make(self, **options: Any) -> FrenchHead:
        return FrenchHead(**options)


@pytest.fixture(scope="module")
def head() -> FrenchHead:
    return FrenchHead()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("J’adore cette boutique, merci pour votre accueil, c’est génial !", "positive"),
        ("C’est honteux, ce scandale me met en colère, quelle catastrophe", "negative"),
    ],
)
def test_plain_feelings_are_read(head: FrenchHead, text: str, label: str) -> None:
    (said,) = head.analyze([Doc("1", text, "fr-CA")])
    assert isinstance(said, Verdict)
    assert said.label == label


def test_score_is_the_difference_of_the_two_poles(head: FrenchHead) -> None:
    text = "Le magasin de Lyon ouvre lundi"
    chances = head.probabilities(text)
    (said,) = head.analyze([Doc("1", text, "fr")])
    assert chances is not None
    assert isinstance(said, Verdict)
    assert sum(chances) == pytest.approx(1)
    assert said.score == pytest.approx(chances[2] - chances[0], abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["merci", "pas", "n'aime", "Genial", "nul", "!", "😡", "@x", "zzyx", "c'est"]
        )
    )
)
def test_the_head_adds_up_the_features_that_training_counts(words: list[str]) -> None:
    text = " ".join(words)
    weights = SHARED._weights
    known = weights.share | {features.PIECE + name: one for name, one in weights.pieces.items()}
    found = [known[name] for name in features.of_text(text) if name in known]
    chances = SHARED.probabilities(text)
    if not found:
        assert chances is None
        return
    length = math.sqrt(sum(share[3] for share in found))
    raw = [math.exp(b + sum(s[k] for s in found) / length) for k, b in enumerate(weights.bias)]
    assert chances == pytest.approx([value / sum(raw) for value in raw], abs=1e-9)


def test_a_narrow_verdict_keeps_its_label_and_is_unsure() -> None:
    (said,) = FrenchHead(unsure_margin=1.0).analyze([Doc("1", "Le magasin ouvre lundi", "fr")])
    assert isinstance(said, Verdict)
    assert said.label
    assert said.unsure


@pytest.mark.parametrize("lang", ["en", "de", None])
def test_it_judges_french_only(head: FrenchHead, lang: str | None) -> None:
    assert isinstance(head.analyze([Doc("1", "merci beaucoup", lang)])[0], Abstain)


def test_forgetting_words_changes_no_answer(
    head: FrenchHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [Doc(str(n), f"merci bravo {word} nul", "fr") for n, word in enumerate("abcdef")]
    expected = head.analyze(docs)
    monkeypatch.setattr(french, "MEMORY", 2)
    assert FrenchHead().analyze(docs) == expected


def test_the_shipped_weights_are_the_released_ones() -> None:
    assert len(shipped_weights()) < 5_000_000


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(french, "SHA256", "0" * 64)
    with pytest.raises(WrongWeights, match="reinstall"):
        shipped_weights()


def test_damaged_weights_are_named() -> None:
    for data in (b"", b"not a zip", shipped_weights()[:5_000]):
        with pytest.raises(WrongWeights):
            read_weights(data)


def test_negation_is_seen_as_a_pair_of_words() -> None:
    words = features.tokens("Je n’aime PAS du tout !!!!! 😡 https://t.co/x @Marie")
    assert words == ["je", "n'", "aime", "pas", "du", "tout", "!!!", "😡", "http", "@"]
    assert "paime pas" in features.of_pairs(words)


def test_training_then_packing_gives_what_the_model_says() -> None:
    pytest.importorskip("sklearn")
    texts = [("super génial", 2), ("nul honteux", 0), ("ouvre lundi", 1)] * 8
    counts, labels = train.count(texts), [label for _, label in texts]
    head = FrenchHead(weights=train.packed(train.fit(counts, labels, [], [])))
    assert [train.guess(head, text) for text, _ in texts] == labels
    assert train.macro_f1(labels, labels) == 100


def test_macro_f1_counts_each_label_alike() -> None:
    assert train.macro_f1([0, 1, 2, 2], [0, 1, 1, 1]) == pytest.approx(100 * (1 + 0.5 + 0) / 3)


@pytest.mark.skipif(not TEXTS.is_dir(), reason="../shared/data is absent")
def test_the_figure_on_the_validation_file_holds(head: FrenchHead) -> None:
    rows = train.read(TEXTS / "umsab" / "fr.val.jsonl")
    figure = train.macro_f1([label for _, label in rows], [train.guess(head, t) for t, _ in rows])
    assert figure >= 62
