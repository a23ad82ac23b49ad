"""The contract, on the cases of wikipedia."""

from __future__ import annotations

from pathlib import Path

from collectors.wikipedia.collector import Wikipedia
from collectors.testing import CollectorContract


class TestWikipedia(CollectorContract):
    collector = Wikipedia
    cases = Path(__file__).parent / "cases" / "wikipedia"
