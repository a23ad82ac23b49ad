"""The contract, for discourse."""

from __future__ import annotations

from pathlib import Path

from collectors.discourse.collector import Discourse
from collectors.testing import CollectorContract


class TestDiscourse(CollectorContract):
    collector = Discourse
    cases = Path(__file__).parent / "cases" / "discourse"
