"""Language identification: py3langid, held to the languages that the operator configured.

Abstains on too little text and when unsure. It also abstains where a text reads rather like one of
some twenty other languages (`RIVALS`): a model that must choose among six calls Dutch German.
Close relatives of the usual six (Catalan, Galician, Occitan …) are no rivals: on tweets they take
more right answers than wrong ones.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar

import numpy as np

from nlp.api import Abstain, Doc, Kind, ModelRef, Verdict
from nlp.language.automaton import Automaton

RIVALS = (
    *("nl", "sv", "da", "no", "pl", "tr", "id", "ro", "cs", "fi", "hu", "vi", "tl"),
    *("ru", "uk", "el", "ar", "fa", "he", "hi", "ja", "zh", "ko", "th"),
)
MIN_LETTERS = 6
"""Fewer letters say too little: of texts with 4–7 letters a third is judged wrong."""
MIN_PROBABILITY = 0.5
SURE_PROBABILITY = 0.7
MAX_CHARS = 1_000
"""The head of a long text is enough; a 50 KB page costs no more than a long post."""
ANOTHER_LANGUAGE = "reads like another language"
UNSURE = "no language stands out"

_NOISE = re.compile(r"https?(?:://\S*|\b)|www\.\S+|[@＠]\w+|#")
_TOO_SHORT = Abstain("too_short")
_ANOTHER = Abstain("unknown_language", ANOTHER_LANGUAGE)
_UNSURE = Abstain("unknown_language", UNSURE)


class LangId:
    """Says the ISO 639-1 code of a text; score: P(language) among the configured ones, 0..1.

    languages: the codes to choose from. Raises ValueError (at first use) for one that py3langid
    does not know. The document's own `lang` is not looked at: a hint is the caller's to weigh.
    """

    kind: ClassVar[Kind] = "language"
    languages: ClassVar[frozenset[str] | None] = None
    requires: ClassVar[frozenset[Kind]] = frozenset()

    def __init__(self, languages: Sequence[str] = ("fr", "en", "de", "es", "it", "pt")) -> None:
        self._codes = tuple(dict.fromkeys(languages))
        self._rivals = tuple(code for code in RIVALS if code not in self._codes)

    @cached_property
    def ref(self) -> ModelRef:
        options = (self._codes, self._rivals, MIN_LETTERS, MIN_PROBABILITY, MAX_CHARS)
        told = f"{version('py3langid')} {options} {_NOISE.pattern}"
        return ModelRef("langid.v1", hashlib.sha256(told.encode()).hexdigest()[:12])

    @cached_property
    def _automaton(self) -> Automaton:
        return Automaton(self._codes + self._rivals)

    def analyze(self, docs: Sequence[Doc]) -> list[Verdict | Abstain]:
        return self.judge_texts([doc.text for doc in docs])

    def judge_texts(self, texts: Sequence[str]) -> list[Verdict | Abstain]:
        """As `analyze`, for bare texts."""
        answers: list[Verdict | Abstain] = [_TOO_SHORT] * len(texts)
        kept, data = [], []
        for index, text in enumerate(texts):
            clean = _clean(text)
            if sum(map(str.isalpha, clean)) >= MIN_LETTERS:
                kept.append(index)
                data.append(_encoded(clean))
        if kept:
            for index, answer in zip(kept, self._decide(data), strict=True):
                answers[index] = answer
        return answers

    def _decide(self, data: Sequence[bytes]) -> list[Verdict | Abstain]:
        scores, known = self._automaton.scores(data)
        ours = scores[:, : len(self._codes)]
        best = ours.argmax(axis=1)
        top = ours[np.arange(len(data)), best]
        probability = 1.0 / np.exp(ours - top[:, None]).sum(axis=1)
        rival = scores[:, len(self._codes) :].max(axis=1, initial=-np.inf)
        return [
            self._answer(*row)
            for row in zip(
                best.tolist(),
                probability.tolist(),
                (known & (rival <= top)).tolist(),
                known.tolist(),
                strict=True,
            )
        ]

    def _answer(self, best: int, probability: float, ours: bool, known: bool) -> Verdict | Abstain:
        if not ours:
            return _ANOTHER if known else _UNSURE
        if probability < MIN_PROBABILITY:
            return _UNSURE
        return Verdict(self._codes[best], round(probability, 4), probability < SURE_PROBABILITY)


def _clean(text: str) -> str:
    """Without handles, links and the mark of hashtags: they are in no language."""
    text = text[:MAX_CHARS]
    if "@" in text or "#" in text or "http" in text or "www." in text or "＠" in text:
        return _NOISE.sub(" ", text)
    return text


def _encoded(text: str) -> bytes:
    # As py3langid does: shouting is read as speech, and lone surrogates do not stop anything.
    if text.isupper():
        text = text.lower()
    return unicodedata.normalize("NFC", text).encode("utf8", errors="surrogatepass")
