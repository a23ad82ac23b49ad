"""The contract, for gdelt."""

from __future__ import annotations

from pathlib import Path

from collectors.gdelt.collector import Gdelt
from collectors.testing import CollectorContract


class TestGdelt(CollectorContract):
    collector = Gdelt
    cases = Path(__file__).parent / "cases" / "gdelt"
