"""Texts per CPU second of the analyzers, one thread, on the labelled tweets (or made-up texts).

.venv/bin/python scripts/speed_nlp.py
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Before numpy is imported: its threads would be counted against one core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from nlp.api import Doc
from nlp.entities.analyzer import SpacyEntities
from nlp.language.analyzer import LangId
from nlp.registry import Registry
from nlp.router import FastJudge
from nlp.sentiment.french import FrenchHead
from nlp.sentiment.vader import Vader

TWEETS = Path(__file__).parents[2] / "shared" / "data" / "text" / "umsab"
BATCH = 256
MADE_UP = {
    "en": ["I love this shop, but the parcel from @acme came late :( https://t.co/x #late"] * 1_000,
    "fr": ["J’adore cette boutique, mais le colis de @acme est en retard :( #retard"] * 1_000,
}


def texts(lang: str) -> list[str]:
    path = TWEETS / f"{lang}.train.jsonl"
    if not path.is_file():
        return MADE_UP[lang]
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def show(name: str, judge: Callable[[Sequence[str]], object], sample: list[str]) -> None:
    judge(sample[:BATCH])
    started = time.process_time()
    for at in range(0, len(sample), BATCH):
        judge(sample[at : at + BATCH])
    spent = time.process_time() - started
    print(f"{name:<34}{len(sample) / spent:>10,.0f} texts/s")


def named(entities: SpacyEntities, lang: str) -> Callable[[Sequence[str]], object]:
    return lambda some: entities.analyze([Doc("", text, lang) for text in some])


def main() -> int:
    english, french = texts("en"), texts("fr")
    mixed = [text for pair in zip(english, french, strict=False) for text in pair]
    bare, entities, fast = SentimentIntensityAnalyzer(), SpacyEntities(), FastJudge()
    show("language", LangId().judge_texts, mixed)
    show("vaderSentiment itself", lambda some: [bare.polarity_scores(t) for t in some], english)
    show("vader.v1", Vader().judge_texts, english)
    head = FrenchHead()
    show("french.v1, words met anew", head.judge_texts, french)
    show("french.v1, words met before", head.judge_texts, french)
    for name in ("fast path, words met anew", "fast path, words met before"):
        show(name, lambda some: fast.judge(some, [None] * len(some)), mixed)
    for lang, sample in (("en", english), ("fr", french)):
        if lang in entities.pipelines:
            show(
                f"entities {lang} ({entities.pipelines[lang]})", named(entities, lang), sample[:512]
            )
    broken = Registry().broken()
    print("\n".join(f"broken: {found.name}: {found.reason}" for found in broken), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
