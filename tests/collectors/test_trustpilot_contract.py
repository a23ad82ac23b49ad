"""The contract, on the cases of trustpilot."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.trustpilot.collector import Trustpilot


class TestTrustpilot(CollectorContract):
    collector = Trustpilot
    cases = Path(__file__).parent / "cases" / "trustpilot"
