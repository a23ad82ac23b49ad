"""The contract, on the cases of threads."""

from __future__ import annotations

from pathlib import Path

from collectors.threads.collector import Threads
from collectors.testing import CollectorContract


class TestThreads(CollectorContract):
    collector = Threads
    cases = Path(__file__).parent / "cases" / "threads"
