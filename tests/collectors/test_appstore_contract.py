"""The contract, on the cases of appstore."""

from __future__ import annotations

from pathlib import Path

from collectors.appstore.collector import AppStore
from collectors.testing import CollectorContract


class TestAppStore(CollectorContract):
    collector = AppStore
    cases = Path(__file__).parent / "cases" / "appstore"
