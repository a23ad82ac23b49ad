"""The contract, on the cases of wikipedia."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.wikipedia.collector import Wikipedia


class TestWikipedia(CollectorContract):
    collector = Wikipedia
    cases = Path(__file__).parent / "cases" / "wikipedia"
