"""The contract, for sitemap."""

from __future__ import annotations

from pathlib import Path

from collectors.sitemap.collector import Sitemap
from collectors.testing import CollectorContract


class TestSitemap(CollectorContract):
    collector = Sitemap
    cases = Path(__file__).parent / "cases" / "sitemap"
