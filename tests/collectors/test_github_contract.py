"""The contract, for github."""

from __future__ import annotations

from pathlib import Path

from collectors.github.collector import GitHub
from collectors.testing import CollectorContract


class TestGitHub(CollectorContract):
    collector = GitHub
    cases = Path(__file__).parent / "cases" / "github"
