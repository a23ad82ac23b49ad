"""The contract, on the cases of googlebusiness."""

from __future__ import annotations

from pathlib import Path

from collectors.googlebusiness.collector import GoogleBusiness
from collectors.testing import CollectorContract


class TestGoogleBusiness(CollectorContract):
    collector = GoogleBusiness
    cases = Path(__file__).parent / "cases" / "googlebusiness"
