"""Quality of the judgement on labelled tweets: runs the real `vigie score` on each language's file.

    .venv/bin/python scripts/eval.py [another command that filters as `vigie score` does]

Macro-F1 over negative, neutral, positive; an abstention counts as neutral and its share is printed.
English must be no worse than VADER on the same file, French at least 55; other languages abstain
(a language without a head has no floor). Exit 1 where a floor is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from nlp.sentiment.train import macro_f1

ROOT = Path(__file__).parents[1]
TWEETS = ROOT.parent / "shared" / "data" / "text" / "umsab"
VIGIE = (str(Path(sys.executable).parent / "vigie"), "score")
LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "ar", "hi")
FRENCH_FLOOR = 55.0
NUMBERS = {"negative": 0, "neutral": 1, "positive": 2}


@dataclass(frozen=True, slots=True)
class Figure:
    """One language's result. abstained: share of the texts, 0..1."""

    lang: str
    f1: float
    abstained: float
    models: tuple[str, ...]
    floor: float | None


def main() -> int:
    if not TWEETS.is_dir():
        print(f"data absent: {TWEETS} is not there; nothing was measured")
        return 0
    figures = [measure(lang) for lang in LANGUAGES]
    for figure in figures:
        print(told(figure))
    return 1 if any(missed(figure) for figure in figures) else 0


def measure(lang: str) -> Figure:
    rows = [json.loads(row) for row in (TWEETS / f"{lang}.val.jsonl").open(encoding="utf-8")]
    truth = [row["label"] for row in rows]
    said = [answer["sentiment"] for answer in score([row["text"] for row in rows], lang)]
    guesses = [NUMBERS.get(one["label"], 1) for one in said]
    return Figure(
        lang,
        macro_f1(truth, guesses),
        sum(one["label"] is None for one in said) / len(said),
        tuple(sorted({one["model"] for one in said if one["model"]})),
        floor(lang, [row["text"] for row in rows], truth),
    )


def score(texts: list[str], lang: str) -> list[dict[str, dict[str, str]]]:
    """What the command answers. Raises where it fails or loses a line."""
    lines = (json.dumps({"id": n, "text": text, "lang": lang}) for n, text in enumerate(texts))
    command = sys.argv[1:] or VIGIE
    done = subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SystemExit(f"{' '.join(command)} failed ({done.returncode}): {last}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if [answer["id"] for answer in answers] != list(range(len(texts))):
        raise SystemExit("vigie score lost or moved a line")
    return answers


def floor(lang: str, texts: list[str], truth: list[int]) -> float | None:
    if lang == "fr":
        return FRENCH_FLOOR
    if lang != "en":
        return None
    vader = SentimentIntensityAnalyzer()
    compounds = [vader.polarity_scores(text)["compound"] for text in texts]
    return macro_f1(truth, [2 if c >= 0.05 else 0 if c <= -0.05 else 1 for c in compounds])


def missed(figure: Figure) -> bool:
    return figure.floor is not None and figure.f1 < figure.floor


def told(figure: Figure) -> str:
    share = f"abstains on {figure.abstained:.0%}"
    if figure.abstained == 1:
        return f"{figure.lang}  abstains                (counted as neutral: {figure.f1:.1f})"
    verdict = (
        ""
        if figure.floor is None
        else f"floor {figure.floor:.1f}: " + ("below" if missed(figure) else "PASS")
    )
    return (
        f"{figure.lang}  macro-F1 {figure.f1:.1f}  {share}  {verdict}  {', '.join(figure.models)}"
    )


if __name__ == "__main__":
    sys.exit(main())
