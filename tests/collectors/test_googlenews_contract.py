"""The contract, for googlenews."""

from __future__ import annotations

from pathlib import Path

from collectors.googlenews.collector import GoogleNews
from collectors.testing import CollectorContract


class TestGoogleNews(CollectorContract):
    collector = GoogleNews
    cases = Path(__file__).parent / "cases" / "googlenews"
