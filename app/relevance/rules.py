"""When a filter may be switched on, and what is proposed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENOUGH = 5
"""Marks that each side needs before a precision can be shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class State:
    """What a switch is decided on. relevant, noise: people's marks."""

    relevant: int
    noise: int
    pending: bool
    trained: bool
    figures: Mapping[str, Any]


def refusal(state: State) -> Said | None:
    """Why the filter cannot be switched on now; None where it can."""
    if min(state.relevant, state.noise) < ENOUGH:
        return Said(
            f"Mark at least {ENOUGH} mentions as about the brand and {ENOUGH} as not about it "
            f"first; there are {state.relevant} and {state.noise}.",
            f"Marquez d’abord au moins {ENOUGH} mentions qui parlent de la marque et {ENOUGH} qui "
            f"n’en parlent pas ; il y en a {state.relevant} et {state.noise}.",
        )
    if state.pending or not state.trained:
        return Said(
            "The filter is learning the last marks; try again in a minute.",
            "Le filtre apprend les dernières marques ; réessayez dans une minute.",
        )
    precision = state.figures.get("precision", {})
    if not precision.get("n"):
        return Said(
            "No precision can be shown with these marks; mark a few more.",
            "Aucune précision ne peut être montrée avec ces marques ; marquez-en quelques-unes.",
        )
    if precision["value"] <= state.figures["baseline"]:
        return Said(
            "On your own marks the filter is no better than without it; mark more first.",
            "Sur vos propres marques, le filtre ne fait pas mieux que rien ; marquez-en davantage.",
        )
    return None


def own_words(name: str, aliases: list[str]) -> list[str]:
    """The words of a brand's names, which no suggestion may be by itself."""
    return [word for text in (name, *aliases) for word in text.split()]
