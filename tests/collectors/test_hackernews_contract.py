"""The contract, for hackernews."""

from __future__ import annotations

from pathlib import Path

from collectors.hackernews.collector import HackerNews
from collectors.testing import CollectorContract


class TestHackerNews(CollectorContract):
    collector = HackerNews
    cases = Path(__file__).parent / "cases" / "hackernews"
