"""How the parts of a query are said: one module a language, one Speech in each."""

from __future__ import annotations

from nlp.query.speech.base import Said, Speech
from nlp.query.speech.english import English
from nlp.query.speech.french import French
from nlp.query.values import Lang

__all__ = ["Said", "Speech", "speech"]


def speech(lang: Lang) -> Speech:
    """The words and phrases of a language."""
    return French() if lang == "fr" else English()
