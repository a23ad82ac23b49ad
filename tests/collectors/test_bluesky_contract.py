"""The contract, for bluesky."""

from __future__ import annotations

from pathlib import Path

from collectors.bluesky.collector import Bluesky
from collectors.testing import CollectorContract


class TestBluesky(CollectorContract):
    collector = Bluesky
    cases = Path(__file__).parent / "cases" / "bluesky"
