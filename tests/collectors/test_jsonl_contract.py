"""The contract, for jsonl."""

from __future__ import annotations

from pathlib import Path

from collectors.jsonl.collector import Jsonl
from collectors.testing import CollectorContract


class TestJsonl(CollectorContract):
    collector = Jsonl
    cases = Path(__file__).parent / "cases" / "jsonl"
    cursors_are_golden = False
