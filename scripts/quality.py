"""How well each collector is known to work: read from its cases, tests and README, never claimed.

experimental   the contract holds on at least three cases, one of them with trouble
supported      besides, its answers are recorded, or a real server's, or written by hand after
               documents that the README names; and the README says what it cannot see, its
               limits and its identity
proven         besides, the README says since when it has been watched in use (`proven_since`)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MIN_CASES = 3
SAID = ("cannot see", "**limits**", "**identity**")
"""What a README has to say, whatever the case of its letters."""
ABILITIES = {"refresh.json": "refresh", "history.json": "history", "profile.json": "profile"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the tests and pages of one kind show."""

    kind: str
    cases: int
    trouble: bool
    contract: bool
    abilities: Sequence[str]
    recorded: bool
    real_server: bool
    answers: str
    pushed: bool
    unsaid: Sequence[str]
    proven_since: str = ""

    @property
    def level(self) -> str:
        if not self.pushed and not (self.contract and self.trouble and self.cases >= MIN_CASES):
            return "untested"
        by_hand = self.answers.startswith("by hand after ")
        if self.unsaid or not (self.recorded or self.real_server or by_hand):
            return "experimental"
        return "proven" if self.proven_since else "supported"

    @property
    def shown_by(self) -> str:
        """In a word or two, for the table."""
        told = [f"{self.cases} cases"] if self.cases else []
        told += ["recorded answers"] if self.recorded else []
        told += ["a real server"] if self.real_server else []
        if not (self.recorded or self.real_server):
            told.append(self.answers)
        return ", ".join(told)


def evidence(kind: str, head: Mapping[str, str], body: str, root: Path = Path()) -> Evidence:
    """What is known of a kind. head, body: its README."""
    cases = sorted((root / "tests/collectors/cases" / kind).glob("*/config.json"))
    tests = root / "tests/collectors" / kind
    platforms = root / "tests/e2e_platforms"
    return Evidence(
        kind=kind, cases=len(cases), trouble=any(_has_trouble(case.parent) for case in cases),
        contract=(root / f"tests/collectors/test_{kind}_contract.py").is_file(),
        abilities=sorted(
            {word for case in cases for file, word in ABILITIES.items()
             if (case.parent / file).is_file()}
        ),
        recorded=(tests / "test_recorded.py").is_file(),
        real_server=any(tests.glob("test_*server*.py"))
        or any(_names(path, kind) for path in platforms.glob("*.py")),
        answers=head.get("answers", ""),
        # A kind that is called has nothing to be polled for: a running service is called instead.
        pushed=head.get("polled") == "false" and (root / "tests/app/intake").is_dir(),
        unsaid=[w for w in SAID if w not in body.lower()],
        proven_since=head.get("proven_since", ""),
    )  # fmt: skip


def _has_trouble(case: Path) -> bool:
    path = case / "expected.json"
    pages = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return any(page.get("skipped") for page in pages)


def _names(path: Path, kind: str) -> bool:
    """A platform test says which kind it runs: `KIND = "bluesky"`."""
    return f'KIND = "{kind}"' in path.read_text("utf-8")
