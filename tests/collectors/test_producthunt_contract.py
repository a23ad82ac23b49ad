"""The contract, on the cases of producthunt."""

from __future__ import annotations

from pathlib import Path

from collectors.producthunt.collector import ProductHunt
from collectors.testing import CollectorContract


class TestProductHunt(CollectorContract):
    collector = ProductHunt
    cases = Path(__file__).parent / "cases" / "producthunt"
