"""The contract, on the cases of instagram."""

from __future__ import annotations

from pathlib import Path

from collectors.instagram.collector import Instagram
from collectors.testing import CollectorContract


class TestInstagram(CollectorContract):
    collector = Instagram
    cases = Path(__file__).parent / "cases" / "instagram"
