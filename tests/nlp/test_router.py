from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.api import NOBODY, Abstain, Doc, Kind, ModelRef, Verdict
from nlp.registry import Registry
from nlp.router import FastJudge, Router, base_language, guarded

FRENCH = "Le service client n’a jamais répondu à mon message, c’est honteux."
ENGLISH = "I love this shop, the people there are wonderful."
GERMAN = "Die Lieferung kam zwei Tage zu spät und niemand ging ans Telefon."
JAPANESE = "このお店のサービスは本当に素晴らしかったです"


class Says:
    kind: ClassVar[Kind] = "sentiment"
    languages: ClassVar[frozenset[str] | None] = None
    requires: ClassVar[frozenset[Kind]] = frozenset()

    def __init__(self, name: str) -> None:
        self.ref = ModelRef(name, "1")

    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        if any(doc.text == "poison" for doc in docs):
            raise RuntimeError("poison")
        return [Verdict("neutral", evidence=(doc.text,)) for doc in docs]


@pytest.fixture(scope="module")
def fast() -> FastJudge:
    return FastJudge()


def test_each_language_goes_to_its_analyzer_and_the_order_is_kept() -> None:
    router = Router({"en": Says("en"), "fr": Says("fr"), "de": None})
    docs = [Doc(str(n), f"t{n}", lang) for n, lang in enumerate(["fr", "en-GB", "de", None, "FR"])]
    judged = router.analyze(docs)
    assert [ref.name for _, ref in judged] == ["fr", "en", "none", "none", "fr"]
    assert judged[2].answer == Abstain("unsupported_language")
    assert judged[3].answer == Abstain("unknown_language")
    assert judged[4].answer == Verdict("neutral", evidence=("t4",))


def test_a_star_takes_what_nobody_else_does() -> None:
    router = Router({"*": Says("any"), "en": None})
    judged = router.analyze([Doc("1", "a", "ja"), Doc("2", "b"), Doc("3", "c", "en")])
    assert [ref.name for _, ref in judged] == ["any", "any", "none"]


@given(st.lists(st.sampled_from(["fine", "poison"]), max_size=40))
def test_only_the_culprits_of_a_failing_batch_abstain(texts: list[str]) -> None:
    docs = [Doc(str(n), text) for n, text in enumerate(texts)]
    expected = [
        Abstain("failed", "RuntimeError")
        if text == "poison"
        else Verdict("neutral", evidence=("fine",))
        for text in texts
    ]
    assert guarded(Says("x").analyze, docs) == expected


def test_a_wrong_number_of_answers_is_a_failure() -> None:
    assert guarded(lambda docs: [], ["a", "b"]) == [Abstain("failed", "ValueError")] * 2


@pytest.mark.parametrize(
    ("code", "base"),
    [
        ("en-GB", "en"),
        ("FR_ca", "fr"),
        ("und", None),
        ("zxx", None),
        ("", None),
        ("x", None),
        (None, None),
    ],
)
def test_base_language(code: str | None, base: str | None) -> None:
    assert base_language(code) == base


def test_fast_judges_language_then_sentiment(fast: FastJudge) -> None:
    told = fast.judge([FRENCH, ENGLISH, GERMAN, "ok", JAPANESE], [None] * 5)
    assert [one.lang for one in told] == ["fr", "en", "de", None, None]
    assert [one.ref.name for one in told] == ["french.v1", "vader.v1", "none", "none", "none"]
    assert told[2].sentiment == Abstain("unsupported_language")
    assert told[3].sentiment == Abstain("too_short")
    assert isinstance(told[4].sentiment, Abstain)
    assert told[4].ref is NOBODY


@pytest.mark.parametrize(
    ("text", "hint", "lang"),
    [
        (ENGLISH, "fr", "en"),
        ("Merci", "fr-FR", "fr"),
        ("Merci", "und", None),
        (JAPANESE, "fr", None),
        (JAPANESE, "ja", "ja"),
    ],
)
def test_a_hint_counts_only_where_detection_abstains_and_nothing_speaks_against_it(
    fast: FastJudge, text: str, hint: str, lang: str | None
) -> None:
    assert fast.judge([text], [hint])[0].lang == lang


def test_fast_answers_are_those_of_the_analyzers_themselves(fast: FastJudge) -> None:
    texts = [FRENCH, ENGLISH] * 3
    router = Router(Registry().table("sentiment"))
    docs = [Doc("", text, lang) for text, lang in zip(texts, ["fr", "en"] * 3, strict=True)]
    told = [(one.sentiment, one.ref) for one in fast.judge(texts, [None] * 6)]
    assert told == [tuple(one) for one in router.analyze(docs)]
