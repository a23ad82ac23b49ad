"""The contract, on the cases of telegram."""

from __future__ import annotations

from pathlib import Path

from collectors.telegram.collector import Telegram
from collectors.testing import CollectorContract


class TestTelegram(CollectorContract):
    collector = Telegram
    cases = Path(__file__).parent / "cases" / "telegram"
