"""The contract, for lemmy."""

from __future__ import annotations

from pathlib import Path

from collectors.lemmy.collector import Lemmy
from collectors.testing import CollectorContract


class TestLemmy(CollectorContract):
    collector = Lemmy
    cases = Path(__file__).parent / "cases" / "lemmy"
