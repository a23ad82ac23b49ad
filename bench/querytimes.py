"""What is measured of the matcher, each beside what it is compared with.

In seconds of the processor, not of the clock: all of it is one thread's work in memory, and what
else runs on the machine should not be measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Protocol

import ahocorasick_rs

from bench.querygen import Drawn
from nlp.query import Hit, Matcher, Query, Text, parse
from nlp.text import fold, forget_words

LONGEST = 150.0
"""Seconds after which no further round is begun."""


def spent(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


BATCH = 500
"""Texts asked at once, as the pipeline does."""


class Matching(Protocol):
    """What the bench asks of a matcher."""

    def match_many(self, texts: Sequence[Text]) -> list[list[Hit[int]]]: ...

    def which_many(self, texts: Sequence[Text]) -> list[list[int]]: ...


@dataclass(frozen=True, slots=True)
class Round:
    """One pass of each kind over the same texts, one after the other."""

    bare: float
    which: float
    spans: float


def rounds(matcher: Matching, drawn: Drawn, texts: Sequence[Text], times: int) -> list[Round]:
    """Passes of the bare automaton and of the matcher in turn, so that a slow moment of the
    machine weighs on both. Fewer than `times` where they take long."""
    plain = ["\n\n".join(part for part in (text.title, text.body) if part) for text in texts]
    automaton = ahocorasick_rs.AhoCorasick([_bare(term) for term in drawn.distinct])
    found: list[Round] = []
    while len(found) < times and sum(one.which + one.spans for one in found) < LONGEST:
        # What earlier passes remembered of words must not help: a real text is read once.
        forget_words()
        found.append(
            Round(
                spent(lambda: bare_pass(automaton, plain)),
                spent(lambda: which_queries(matcher, texts)),
                spent(lambda: with_spans(matcher, texts)),
            )
        )
    return found


def _bare(term: str) -> str:
    return fold(term.strip('"'))


def bare_pass(automaton: ahocorasick_rs.AhoCorasick, plain: Sequence[str]) -> None:
    """The least that any matcher of this kind does: fold, and find every term, inside words too."""
    for text in plain:
        automaton.find_matches_as_indexes(fold(text), overlapping=True)


def which_queries(matcher: Matching, texts: Sequence[Text]) -> int:
    """Only how many queries match each text."""
    return sum(len(keys) for batch in batches(texts) for keys in matcher.which_many(batch))


def with_spans(matcher: Matching, texts: Sequence[Text]) -> int:
    """Everything a hit says: its spans and the clause that decided."""
    return sum(
        len(hit.spans) + len(hit.clause)
        for batch in batches(texts)
        for hits in matcher.match_many(batch)
        for hit in hits
    )


def batches(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def candidates(matcher: Matcher[int], texts: Sequence[Text]) -> float:
    """Queries per text that are evaluated, their key alone not deciding; mean."""
    return fmean(matcher.candidates(text) for text in texts)


def hits(matcher: Matching, texts: Sequence[Text]) -> float:
    """Queries that match per text, mean."""
    return which_queries(matcher, texts) / len(texts)


def one_by_one(
    queries: Mapping[int, Query], matcher: Matching, texts: Sequence[Text]
) -> tuple[float, float]:
    """Seconds of a matcher per query asked in turn, and of the one matcher, on the same texts.

    Both must find the same, or what is compared is not the same work.
    """
    each = [(key, Matcher.compile({key: query})) for key, query in queries.items()]
    apart: list[list[int]] = [[] for _ in texts]
    together: list[list[int]] = []

    def one_each() -> None:
        for key, one in each:
            for keys, hits in zip(apart, one.which_many(texts), strict=True):
                if hits:
                    keys.append(key)

    slow = spent(one_each)
    fast = spent(lambda: together.extend(matcher.which_many(texts)))
    if apart != together:
        raise SystemExit("one matcher and a matcher per query disagree: nothing to compare")
    return slow, fast


def spacy_phrases(
    drawn: Drawn, matcher: Matching, texts: Sequence[Text]
) -> tuple[float, float, float]:
    """Seconds of spaCy's tokeniser, of its PhraseMatcher on the terms, and of the matcher."""
    import spacy
    from spacy.matcher import PhraseMatcher

    blank = spacy.blank("en")
    peer = PhraseMatcher(blank.vocab, attr="LOWER")
    peer.add("terms", [blank.make_doc(term.strip('"')) for term in drawn.distinct])
    plain = [f"{text.title}\n\n{text.body}".strip() for text in texts]
    docs = [blank.make_doc(text) for text in plain]  # Its tokeniser remembers words: warm.
    return (
        median_of(3, lambda: [blank.make_doc(text) for text in plain]),
        median_of(3, lambda: [peer(doc) for doc in docs]),
        median_of(3, lambda: which_queries(matcher, texts)),
    )


def median_of(times: int, work: Callable[[], Any]) -> float:
    return median(spent(work) for _ in range(times))


def add_one(matcher: Matcher[int], source: str, text: Text) -> float:
    """Parse one more query, put it, and ask the matcher again; taken out between the turns."""
    number = len(matcher)

    def turn() -> float:
        seconds = spent(lambda: (matcher.put(number, parse(source)), matcher.match(text)))
        matcher.drop(number)
        return seconds

    return median(turn() for _ in range(21))


def compiled_megabytes(sources: Mapping[int, str]) -> float:
    """Growth of a fresh process's memory by the compiled matcher, its parsed queries apart."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.querymemory"],
        input=json.dumps(list(sources.values())), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)
