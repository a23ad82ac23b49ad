"""The contract, for reddit."""

from __future__ import annotations

from pathlib import Path

from collectors.reddit.collector import Reddit
from collectors.testing import CollectorContract


class TestReddit(CollectorContract):
    collector = Reddit
    cases = Path(__file__).parent / "cases" / "reddit"
