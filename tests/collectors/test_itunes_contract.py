"""The contract, on the cases of itunes."""

from __future__ import annotations

from pathlib import Path

from collectors.itunes.collector import Itunes
from collectors.testing import CollectorContract


class TestItunes(CollectorContract):
    collector = Itunes
    cases = Path(__file__).parent / "cases" / "itunes"
