"""The contract, on the cases of threads."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.threads.collector import Threads


class TestThreads(CollectorContract):
    collector = Threads
    cases = Path(__file__).parent / "cases" / "threads"
