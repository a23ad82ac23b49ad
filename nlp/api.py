"""The contract between Vigie and an analyzer. A third party needs this import only.

Analyzers are synchronous and pure: same documents, same answers, alone or in a batch, in any order.
*Abstaining is not neutral*: an analyzer that was not made for a text says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

Kind = Literal["language", "sentiment", "topics", "entities"]
Label = Literal["positive", "neutral", "negative"]
Reason = Literal[
    "unsupported_language", "unknown_language", "too_short", "no_target", "not_installed", "failed"
]


@dataclass(frozen=True, slots=True)
class Doc:
    """One text to judge. `target` (with optional code-point span) is the thing judged."""

    id: str
    text: str
    lang: str | None = None
    target: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model spoke: `name` ("vader.v1") is bumped by us, `build` is a digest of package
    version, weights and options, so that two builds never mix in one line of a chart."""

    name: str
    build: str

    def __str__(self) -> str:
        return f"{self.name}+{self.build}"


NOBODY = ModelRef("none", "0")
"""Stands where no analyzer was made for the text."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing in the text; `start` and `end` are code points."""

    text: str
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an analyzer says.

    label: the language code, the sentiment label, … ; "" for entities.
    score: P(positive) − P(negative) where the model has probabilities, else its own −1..1.
    unsure: the model gives a label but would not bet on it.
    """

    label: str
    score: float | None = None
    unsure: bool = False
    evidence: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstain:
    """No judgement, and why."""

    reason: Reason
    detail: str = ""


class Analyzer(Protocol):
    """Judges documents: same length out as in, same order."""

    kind: ClassVar[Kind]
    languages: ClassVar[frozenset[str] | None]
    """ISO 639-1 codes it was made for; None: any."""
    requires: ClassVar[frozenset[Kind]]

    @property
    def ref(self) -> ModelRef: ...

    def analyze(self, docs: Sequence[Doc]) -> Sequence[Verdict | Abstain]: ...
