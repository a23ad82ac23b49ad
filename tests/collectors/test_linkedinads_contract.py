"""The contract, on the cases of linkedinads."""

from __future__ import annotations

from pathlib import Path

from collectors.linkedinads.collector import LinkedInAds
from collectors.testing import CollectorContract


class TestLinkedInAds(CollectorContract):
    collector = LinkedInAds
    cases = Path(__file__).parent / "cases" / "linkedinads"
