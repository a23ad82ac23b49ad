"""Every rule of the analyzer contract is shown to bite: one broken analyzer per rule."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from nlp.api import Abstain, Doc, Entity, Kind, ModelRef, Verdict
from nlp.testing import AnalyzerContract


class Sound:
    kind: ClassVar[Kind] = "sentiment"
    languages: ClassVar[frozenset[str] | None] = frozenset({"en"})
    requires: ClassVar[frozenset[Kind]] = frozenset({"language"})

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    @property
    def ref(self) -> ModelRef:
        return ModelRef("sound.v1", f"t{self.threshold}")

    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        return [self.judge(doc) for doc in docs]

    def judge(self, doc: Doc) -> Verdict | Abstain:
        if doc.lang != "en":
            return Abstain("unsupported_language")
        if not doc.text.strip():
            return Abstain("too_short")
        return Verdict("positive" if "love" in doc.text else "neutral", len(doc.text) % 7 / 7)


class UnknownKind(Sound):
    kind = "horoscope"  # type: ignore[assignment]  # the fault under test


class SkipsWhatItCannotRead(Sound):
    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        return [self.judge(doc) for doc in docs if doc.text.strip()]


class SortsByLength(Sound):
    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        return [self.judge(doc) for doc in sorted(docs, key=lambda doc: len(doc.text))]


class ScalesByTheBatch(Sound):
    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        share = 1 / max(1, len(docs))
        said = [self.judge(doc) for doc in docs]
        return [Verdict(a.label, share) if isinstance(a, Verdict) else a for a in said]


class RemembersCalls(Sound):
    calls: ClassVar[itertools.count[int]] = itertools.count()

    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]:
        score = next(self.calls) % 50 / 50
        said = [self.judge(doc) for doc in docs]
        return [Verdict(a.label, score) if isinstance(a, Verdict) else a for a in said]


class BuildOfTheMoment(Sound):
    @property
    def ref(self) -> ModelRef:
        return ModelRef("sound.v1", str(id(self)))


class BuildIgnoresOptions(Sound):
    @property
    def ref(self) -> ModelRef:
        return ModelRef("sound.v1", "same")


class ChokesOnSurrogates(Sound):
    def judge(self, doc: Doc) -> Verdict | Abstain:
        doc.text.encode()
        return super().judge(doc)


class WrongSpans(Sound):
    def judge(self, doc: Doc) -> Verdict | Abstain:
        size = len(doc.text.encode("utf-8", "replace"))
        return Verdict("", entities=(Entity(doc.text, "ORG", 0, size),))


class JudgesNothing(Sound):
    def judge(self, doc: Doc) -> Verdict | Abstain:
        return Verdict("neutral", 0.0) if doc.lang == "en" else Abstain("unsupported_language")


class JudgesAnyLanguage(Sound):
    def judge(self, doc: Doc) -> Verdict | Abstain:
        return Verdict("neutral", 0.0) if doc.text.strip() else Abstain("too_short")


def contract_of(analyzer: type[Sound]) -> AnalyzerContract:
    class Contract(AnalyzerContract):
        lang = "en"
        options = ({}, {"threshold": 0.5})

        def make(self, **options: Any) -> Sound:
            return analyzer(**options)

    return Contract()


RULES = [name for name in dir(AnalyzerContract) if name.startswith("test_")]
BROKEN = [
    (UnknownKind, "test_it_says_what_it_is"),
    (SkipsWhatItCannotRead, "test_there_are_as_many_answers_as_documents"),
    (SortsByLength, "test_answers_come_in_the_order_of_the_documents"),
    (ScalesByTheBatch, "test_a_document_gets_the_same_answer_alone_and_in_any_batch"),
    (RemembersCalls, "test_it_keeps_nothing_from_one_call_to_the_next"),
    (BuildOfTheMoment, "test_its_build_is_stable"),
    (BuildIgnoresOptions, "test_its_build_changes_with_its_options"),
    (ChokesOnSurrogates, "test_hard_texts_get_a_well_formed_answer"),
    (WrongSpans, "test_hard_texts_get_a_well_formed_answer"),
    (JudgesNothing, "test_nothing_to_read_is_an_abstention"),
    (JudgesAnyLanguage, "test_it_abstains_outside_its_languages"),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_sound_analyzer_passes(rule: str) -> None:
    getattr(contract_of(Sound), rule)()


@pytest.mark.parametrize(("broken", "rule"), BROKEN, ids=[broken.__name__ for broken, _ in BROKEN])
def test_the_rule_catches(broken: type[Sound], rule: str) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError, ValueError)):
        getattr(contract_of(broken), rule)()


def test_every_rule_has_its_broken_sample() -> None:
    assert {rule for _, rule in BROKEN} == set(RULES)
