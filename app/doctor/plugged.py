"""Collectors, analyzers, transports and models: which are there, which do not load."""

from __future__ import annotations

from collections.abc import Sequence

from app.deliveries.service import broken_transports, channel_kinds
from app.doctor import rules
from app.doctor.rules import Finding
from collectors import registry as collectors
from collectors.errors import NeedsAttention
from nlp.api import Analyzer, Doc, Verdict
from nlp.entities.analyzer import installed
from nlp.registry import Registry

# One that says something in each language a shipped model may judge.
_SAMPLE = {"fr": "Service client lamentable, je suis très déçu.", "en": "Terrible, I hate it."}


def plugins() -> list[Finding]:
    """Every plug-in, loaded."""
    broken: list[tuple[str, str, str]] = []
    total = len(channel_kinds())
    try:
        catalogue = collectors.catalogue()
        total += len(catalogue.collectors)
        broken += [("vigie.collectors", one.kind, one.error) for one in catalogue.broken]
    except NeedsAttention as error:
        broken.append(("vigie.collectors", "*", str(error)))
    analyzers = Registry()
    faulty = analyzers.broken()
    total += len(analyzers.names()) - len(faulty)
    broken += [("vigie.analyzers", one.name, one.reason) for one in faulty]
    broken += [("vigie.transports", one.kind, one.reason) for one in broken_transports()]
    return rules.plugins(broken, total)


def models(languages: Sequence[str]) -> list[Finding]:
    """Which languages are judged, each tried on a sentence, and which name entities."""
    table = Registry().table("sentiment")
    judged = [lang for lang in table if lang != "*" and _works(table[lang], lang)]
    return rules.models(judged, installed(), languages)


def _works(analyzer: Analyzer, lang: str) -> bool:
    doc = Doc(id="doctor", text=_SAMPLE.get(lang, "ok"), lang=lang)
    try:
        (said,) = analyzer.analyze([doc])
    except Exception:  # weights may be missing or cut short in any way
        return False
    return isinstance(said, Verdict) or lang not in _SAMPLE
