"""The contract, for feeds."""

from __future__ import annotations

from pathlib import Path

from collectors.rss.collector import Rss
from collectors.testing import CollectorContract


class TestRss(CollectorContract):
    collector = Rss
    cases = Path(__file__).parent / "cases" / "rss"
