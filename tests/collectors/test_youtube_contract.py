"""The contract, for youtube."""

from __future__ import annotations

from pathlib import Path

from collectors.testing import CollectorContract
from collectors.youtube.collector import YouTube


class TestYouTube(CollectorContract):
    collector = YouTube
    cases = Path(__file__).parent / "cases" / "youtube"
