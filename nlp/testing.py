"""The contract every analyzer keeps. Subclass it, name the class, and pytest does the rest:

    class TestMine(AnalyzerContract):
        def make(self, **options):
            return Mine(**options)
        lang = "en"
        options = ({}, {"threshold": 0.2})

That each rule bites is proved by a broken sample in `tests/nlp/test_contract_catches.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, get_args
from zlib import crc32

from nlp.api import Abstain, Analyzer, Doc, Kind, ModelRef, Reason, Verdict

HARD_TEXTS: Mapping[str, str] = {
    "empty": "",
    "blank": " \t\n\u00a0",
    "emoji": "😀🔥👍🏽🇫🇷👩‍👩‍👧",
    "long": "Ce produit est vraiment excellent, this is not bad at all! " * 850,
    "one long word": "a" * 50_000,
    "right to left": "هذا المنتج رائع جدا \u202e לא טוב בכלל \u202c",
    "binary": "\x00\x01\x7f\ufffe PNG\r\n\x1a\x00",
    "lone surrogate": "caf\ud83d bad \udc80 news",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" * 20,
    "combining": "e\u0301" * 200 + "\u200d\u200d",
    "markup": "<script>alert(1)</script> &amp; {{ x }} %s \\u0000",
}

TEXTS: Mapping[str, Sequence[str]] = {
    "en": (
        "I love this, it works really well.",
        "Worst service ever, I want a refund!",
        "The shop in London opens on Monday.",
        "Not bad, but Apple could do better in Paris.",
    ),
    "fr": (
        "J’adore, ça marche vraiment très bien.",
        "Service client nul, je veux être remboursé !",
        "Le magasin de Lyon ouvre lundi.",
        "Pas mal, mais Decathlon peut mieux faire à Paris.",
    ),
}


class AnalyzerContract:
    """Rules for any analyzer. `options`: argument sets that must each have a build of their own."""

    lang: ClassVar[str | None] = None
    """The language given with the documents; None where the analyzer finds it itself."""
    options: ClassVar[Sequence[Mapping[str, Any]]] = ({},)

    def make(self, **options: Any) -> Analyzer:
        raise NotImplementedError("say in the test class how to build the analyzer")

    def docs(self) -> list[Doc]:
        """Plain texts and hard ones; never two with the same id."""
        texts = [text for group in TEXTS.values() for text in group] + list(HARD_TEXTS.values())
        return [Doc(f"d{number}", text, self.lang) for number, text in enumerate(texts)]

    def test_it_says_what_it_is(self) -> None:
        analyzer = self.make()
        assert analyzer.kind in get_args(Kind)
        assert analyzer.languages is None or all(
            code.isascii() and code.islower() and 2 <= len(code) <= 3 for code in analyzer.languages
        )
        assert set(analyzer.requires) <= set(get_args(Kind)) - {analyzer.kind}

    def test_there_are_as_many_answers_as_documents(self) -> None:
        analyzer, docs = self.make(), self.docs()
        assert len(analyzer.analyze([])) == 0
        assert len(analyzer.analyze(docs)) == len(docs)

    def test_answers_come_in_the_order_of_the_documents(self) -> None:
        docs = self.docs()
        straight = list(self.make().analyze(docs))
        backward = list(self.make().analyze(docs[::-1]))
        assert backward[::-1] == straight

    def test_a_document_gets_the_same_answer_alone_and_in_any_batch(self) -> None:
        analyzer, docs = self.make(), self.docs()
        together = dict(zip((doc.id for doc in docs), analyzer.analyze(docs), strict=True))
        alone = {doc.id: analyzer.analyze([doc])[0] for doc in docs}
        assert alone == together
        shuffled = list(docs)
        shuffled.sort(key=lambda doc: crc32(doc.id.encode()))
        half = shuffled[: len(docs) // 2]
        for doc, answer in zip(half, analyzer.analyze(half), strict=True):
            assert answer == together[doc.id], doc.text[:60]

    def test_it_keeps_nothing_from_one_call_to_the_next(self) -> None:
        analyzer, docs = self.make(), self.docs()
        first = list(analyzer.analyze(docs))
        assert list(analyzer.analyze(docs)) == first
        assert list(self.make().analyze(docs)) == first

    def test_its_build_is_stable(self) -> None:
        first, second = self.make(), self.make()
        assert isinstance(first.ref, ModelRef)
        assert first.ref.name
        assert first.ref.build
        assert first.ref == second.ref
        first.analyze(self.docs())
        assert first.ref == second.ref

    def test_its_build_changes_with_its_options(self) -> None:
        builds = [self.make(**options).ref.build for options in self.options]
        assert len(set(builds)) == len(builds)

    def test_hard_texts_get_a_well_formed_answer(self) -> None:
        analyzer = self.make()
        for name, text in HARD_TEXTS.items():
            for lang in {self.lang, "en", "fr", "ar", None}:
                (answer,) = analyzer.analyze([Doc(name, text, lang)])
                assert_well_formed(answer, text)

    def test_nothing_to_read_is_an_abstention(self) -> None:
        for answer in self.make().analyze([Doc("a", "", self.lang), Doc("b", " \n", self.lang)]):
            assert isinstance(answer, Abstain)

    def test_it_abstains_outside_its_languages(self) -> None:
        analyzer = self.make()
        if analyzer.languages is None:
            return
        other = next(code for code in ("ja", "fr", "en") if code not in analyzer.languages)
        for text in TEXTS["en"]:
            (answer,) = analyzer.analyze([Doc("x", text, other)])
            assert isinstance(answer, Abstain), "an answer in a language it was not made for"


def assert_well_formed(answer: object, text: str) -> None:
    """A Verdict with a score in −1..1 and true spans; or an Abstain with a known reason."""
    assert isinstance(answer, Verdict | Abstain)
    if isinstance(answer, Abstain):
        assert answer.reason in get_args(Reason)
        return
    assert answer.score is None or -1 <= answer.score <= 1
    for entity in answer.entities:
        assert 0 <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.text
