"""`make e2e-platforms`: collectors against the platforms' real servers, on loopback.

    python -m tests.e2e_platforms [bluesky|mastodon|wordpress|mediawiki ...] [--bounded]

Prints a line per number: what an independent count wants, what was found. Exit 1 where any differs,
2 where this machine lacks a server (it says which). Nothing outside of the machine is contacted
but the registries of npm and Debian, at the first run.
"""

from __future__ import annotations

import argparse
import sys

from tests.e2e_platforms import bluesky, mastodon, mediawiki, wordpress
from tests.e2e_platforms.network import Missing
from tests.e2e_platforms.outcome import Outcome

RUNS = {
    "bluesky": bluesky.run, "mastodon": mastodon.run, "wordpress": wordpress.run,
    "mediawiki": mediawiki.run,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platforms", nargs="*", help=f"of {', '.join(RUNS)}; default: all")
    parser.add_argument("--bounded", action="store_true", help="fewer posts")
    given = parser.parse_args()
    unknown = set(given.platforms) - RUNS.keys()
    if unknown:
        parser.error(f"no such platform: {', '.join(sorted(unknown))}")
    outcome, missing = Outcome(), 0
    for name in given.platforms or RUNS:
        try:
            RUNS[name](outcome, bounded=given.bounded)
        except Missing as error:
            missing += 1
            print(f"{name}: not run: {error}")
    print(f"e2e-platforms: {f'{outcome.wrong} WRONG' if outcome.wrong else 'all numbers agree'}")
    return 1 if outcome.wrong else 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
