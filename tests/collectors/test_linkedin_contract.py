"""The contract, on the cases of linkedin."""

from __future__ import annotations

from pathlib import Path

from collectors.linkedin.collector import LinkedIn
from collectors.testing import CollectorContract


class TestLinkedIn(CollectorContract):
    collector = LinkedIn
    cases = Path(__file__).parent / "cases" / "linkedin"
