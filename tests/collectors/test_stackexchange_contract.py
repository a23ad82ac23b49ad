"""The contract, for stackexchange."""

from __future__ import annotations

from pathlib import Path

from collectors.stackexchange.collector import StackExchange
from collectors.testing import CollectorContract


class TestStackExchange(CollectorContract):
    collector = StackExchange
    cases = Path(__file__).parent / "cases" / "stackexchange"
