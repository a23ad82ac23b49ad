"""The contract, on the cases of metaads."""

from __future__ import annotations

from pathlib import Path

from collectors.metaads.collector import MetaAds
from collectors.testing import CollectorContract


class TestMetaAds(CollectorContract):
    collector = MetaAds
    cases = Path(__file__).parent / "cases" / "metaads"
