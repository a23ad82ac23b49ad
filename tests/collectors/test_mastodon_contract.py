"""The contract, for mastodon."""

from __future__ import annotations

from pathlib import Path

from collectors.mastodon.collector import Mastodon
from collectors.testing import CollectorContract


class TestMastodon(CollectorContract):
    collector = Mastodon
    cases = Path(__file__).parent / "cases" / "mastodon"
