"""Compare the fast matcher with the naive evaluator on generated pairs; see the package."""

from __future__ import annotations

import argparse
import sys
import time

from tests.nlp.query.fuzz.compare import Report, compare, shrunk
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.inflected import inflections, small_table
from tests.nlp.query.fuzz.summary import lines, missed

SHOWN = 40


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.nlp.query.fuzz", description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draws = Draws(options.seed)
    start = time.perf_counter()
    with small_table():
        report = compare(draws, options.pairs, inflections=inflections)
        took = time.perf_counter() - start
        print("\n".join(lines(report, draws.counts)))
        print(f"seed {options.seed}, {took:.0f} s")
        rare = missed(draws.counts, report.pairs)
        for line in [*differences(report), *(f"drawn too rarely: {name}" for name in rare)]:
            print(line)
    return 1 if report.mismatches or report.faults or rare else 0


def differences(report: Report) -> list[str]:
    """Each mismatch made small and written as a row for the table of examples, each once."""
    cases = (shrunk(mismatch, inflections).as_case() for mismatch in report.mismatches[:SHOWN])
    return [*dict.fromkeys(cases), *report.faults[:SHOWN]]


if __name__ == "__main__":
    sys.exit(main())
