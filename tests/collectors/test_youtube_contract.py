"""The contract, for youtube."""

from __future__ import annotations

from pathlib import Path

from collectors.youtube.collector import YouTube
from collectors.testing import CollectorContract


class TestYouTube(CollectorContract):
    collector = YouTube
    cases = Path(__file__).parent / "cases" / "youtube"
