"""Both keep the contract that Vigie's own collectors keep: three lines each."""

from __future__ import annotations

from pathlib import Path

from vigie_extras.devto import DevTo
from vigie_extras.lobsters import Lobsters

from collectors.testing import CollectorContract

CASES = Path(__file__).parent / "cases"


class TestDevTo(CollectorContract):
    collector = DevTo
    cases = CASES / "devto"


class TestLobsters(CollectorContract):
    collector = Lobsters
    cases = CASES / "lobsters"
