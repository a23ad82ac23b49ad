"""Many queries over the replay texts, beside one bare automaton pass and other ways to do it.

    python -m bench.queries [--quick] [--floors] [--profile 10000]

One core; texts are asked in batches, as the pipeline does, and each pass begins without memory of
the words met before. The queries are drawn by `bench.querygen`. No figure here decides pass or
fail; `--floors` ends with 1 where a floor is missed, for whoever wants to check.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench import querytimes as times
from bench.corpus import Counts, count, replay_texts
from bench.querygen import SIZES, draw_queries, long_query, told
from nlp.query import Matcher, Text, parse

MOST_TIMES_BARE = 3.0
AIM_TEXTS = 50_000
MOST_MS_LONG = 20.0
MOST_MS_ADD = 100.0
LONG = 500


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: texts of the passes, passes, and (query, text) pairs of the slow ways.

    spacy: texts that spaCy reads.
    """

    texts: int
    passes: int
    pairs: int
    spacy: int


FULL = Scale(texts=1_000_000, passes=5, pairs=2_000_000, spacy=5_000)
QUICK = Scale(texts=5_000, passes=3, pairs=300_000, spacy=1_000)


@dataclass(slots=True)
class Report:
    """Lines as they come, and which floors were missed."""

    say: Callable[[str], Any]
    missed: list[str] = field(default_factory=list)

    def floor(self, name: str, value: float, most: float) -> str:
        """The verdict on a figure that may be at most so much."""
        if value <= most:
            return f"floor {most:g}: PASS"
        self.missed.append(name)
        return f"floor {most:g}: below"


def spread_over(texts: Sequence[Text], number: int) -> list[Text]:
    """About `number` texts, taken evenly from all."""
    return list(texts[:: max(1, len(texts) // number)])


def measure_size(
    size: int, texts: Sequence[Text], counts: Counts, scale: Scale, out: Report
) -> None:
    """One table: `size` queries."""
    drawn = draw_queries(size, counts, texts)
    queries = {number: parse(source) for number, source in drawn.queries.items()}
    matcher = Matcher.compile(queries)
    asked = spread_over(texts, scale.texts)
    out.say(f"\n{size:,} queries over {len(asked):,} texts: {told(drawn, counts)}")
    say_passes(times.rounds(matcher, drawn, asked, scale.passes), size, len(asked), out)
    sample = spread_over(texts, scale.spacy)
    hits, looked_at = times.hits(matcher, sample), times.candidates(matcher, sample)
    out.say(f"  hits, candidates     {hits:9.2f} {looked_at:9.2f} a text")
    slow, fast = times.one_by_one(queries, matcher, few := spread_over(texts, scale.pairs // size))
    out.say(f"  query by query       {len(few) / slow:9,.0f} texts/s; one matcher is "
            f"{slow / fast:.1f} x as fast ({len(few):,} texts)")  # fmt: skip
    reading, finding, ours = times.spacy_phrases(drawn, matcher, sample)
    peer = reading + finding
    out.say(f"  spaCy PhraseMatcher  {len(sample) / peer:9,.0f} texts/s; one matcher is "
            f"{peer / ours:.1f} x as fast, {finding / ours:.2f} x without its tokeniser "
            f"({len(sample):,} texts)")  # fmt: skip


def say_passes(found: Sequence[times.Round], size: int, texts: int, out: Report) -> None:
    """Texts a second of each pass, and the ratios to the bare one of the same round."""
    bare = median(one.bare for one in found)
    out.say(f"  bare automaton pass  {texts / bare:9,.0f} texts/s  median of {len(found)}")
    for name, label in (("which", "which queries"), ("spans", "spans and clause")):
        seconds = median(getattr(one, name) for one in found)
        ratio = median(getattr(one, name) / one.bare for one in found)
        verdict = out.floor(f"{label}, {size:,} queries", ratio, MOST_TIMES_BARE)
        aim = "reached" if texts / seconds >= AIM_TEXTS else "not reached"
        out.say(f"  {label:<20} {texts / seconds:9,.0f} texts/s  {ratio:6.2f} x bare "
                f"({verdict}; aim {AIM_TEXTS:,}: {aim})")  # fmt: skip


def measure_changes(texts: Sequence[Text], counts: Counts, out: Report) -> None:
    """What a change costs: one long query, one more query, all of them."""
    source = long_query(LONG, counts, texts)
    long_ms = 1e3 * times.median_of(21, lambda: Matcher.compile({0: parse(source)}))
    verdict = out.floor(f"{LONG} terms", long_ms, MOST_MS_LONG)
    out.say(f"\nparse + compile of {LONG} terms ({len(source):,} characters)"
            f"  {long_ms:8.1f} ms ({verdict})")  # fmt: skip
    sources = draw_queries(SIZES[-1], counts, texts).queries
    queries = {number: parse(one) for number, one in sources.items()}
    matcher = Matcher.compile(queries)
    add_ms = 1e3 * times.add_one(matcher, sources[0], texts[0])
    verdict = out.floor("adding one query", add_ms, MOST_MS_ADD)
    out.say(f"adding one query to {len(queries):,}  {add_ms:8.1f} ms ({verdict})")
    parsed_s = times.spent(lambda: Matcher.compile(queries))
    all_s = times.spent(lambda: Matcher.compile({key: parse(one) for key, one in sources.items()}))
    out.say(f"compile of {len(queries):,}  {parsed_s:.2f} s parsed, {all_s:.2f} s from sources, "
            f"{times.compiled_megabytes(sources):.0f} MB")  # fmt: skip


def report(say: Callable[[str], Any], scale: Scale = FULL, sizes: Sequence[int] = SIZES) -> Report:
    """Measure and print all."""
    out = Report(say)
    texts = replay_texts()
    if not texts:
        say("queries        the replay texts are not here: nothing measured")
        return out
    counts = count(texts)
    long = sum(len(text.title) + len(text.body) for text in texts) / len(texts)
    say(
        f"queries        {len(texts):,} replay texts of {long:.0f} characters in the mean, one core"
    )
    for size in sizes:
        measure_size(size, texts, counts, scale, out)
    measure_changes(texts, counts, out)
    return out


def profile(size: int, scale: Scale) -> None:
    """Where the time of a pass goes."""
    texts = replay_texts()
    drawn = draw_queries(size, count(texts), texts)
    matcher = Matcher.compile({key: parse(source) for key, source in drawn.queries.items()})
    asked = spread_over(texts, scale.texts)
    watch = cProfile.Profile()
    watch.runcall(times.which_queries, matcher, asked)
    pstats.Stats(watch).sort_stats("tottime").print_stats(25)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(given: Sequence[str] | None = None) -> int:
    """Pin to one core, measure, print."""
    asked = argparse.ArgumentParser(prog="python -m bench.queries")
    asked.add_argument("--quick", action="store_true", help="a tenth of the texts")
    asked.add_argument("--floors", action="store_true", help="end with 1 where a floor is missed")
    asked.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    asked.add_argument("--profile", type=int, metavar="QUERIES", help="profile one pass instead")
    options = asked.parse_args(given)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    scale = QUICK if options.quick else FULL
    if options.profile:
        profile(options.profile, scale)
        return 0
    missed = report(_line, scale, options.sizes).missed
    if options.floors and missed:
        _line("floors missed: " + "; ".join(missed))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
