"""The contract, for webpage."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.webpage.collector import WebPage


class TestWebPage(CollectorContract):
    collector = WebPage
    cases = Path(__file__).parent / "cases" / "webpage"
