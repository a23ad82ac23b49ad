"""The contract, for x."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.x.collector import X


class TestX(CollectorContract):
    collector = X
    cases = Path(__file__).parent / "cases" / "x"
