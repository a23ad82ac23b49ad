"""The contract, on the cases of newsapi."""

from __future__ import annotations

from pathlib import Path

from collectors.newsapi.collector import NewsApi
from collectors.testing import CollectorContract


class TestNewsApi(CollectorContract):
    collector = NewsApi
    cases = Path(__file__).parent / "cases" / "newsapi"
