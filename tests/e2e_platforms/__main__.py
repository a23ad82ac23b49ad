"""Collectors against the platforms' real servers, on loopback: `python -m tests.e2e_platforms`."""

from __future__ import annotations

import sys

from tests.e2e_platforms import mediawiki, wordpress
from tests.e2e_platforms.php import Missing

RUNS = {"wordpress": wordpress.run, "mediawiki": mediawiki.run}


class Outcome:
    """What was wanted and what was found, a line each."""

    wrong = 0

    def line(self, what: str, wanted: object, found: object) -> None:
        self.wrong += wanted != found
        print(
            f"  {'ok ' if wanted == found else 'BAD'} {what:<46} wanted {wanted!s:<8} found {found}"
        )


def main() -> int:
    outcome, missing = Outcome(), 0
    for name in sys.argv[1:] or RUNS:
        try:
            RUNS[name](outcome, bounded=False)
        except Missing as error:
            missing += 1
            print(f"{name}: not run: {error}")
    print(f"e2e-platforms: {f'{outcome.wrong} WRONG' if outcome.wrong else 'all numbers agree'}")
    return 1 if outcome.wrong else 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
