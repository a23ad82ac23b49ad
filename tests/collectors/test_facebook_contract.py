"""The contract, on the cases of facebook."""

from __future__ import annotations

from pathlib import Path

from collectors.facebook.collector import Facebook
from collectors.testing import CollectorContract


class TestFacebook(CollectorContract):
    collector = Facebook
    cases = Path(__file__).parent / "cases" / "facebook"
