"""The contract, for imap."""

from __future__ import annotations

from pathlib import Path

from collectors.imap.collector import Imap
from collectors.testing import CollectorContract


class TestImap(CollectorContract):
    collector = Imap
    cases = Path(__file__).parent / "cases" / "imap"
