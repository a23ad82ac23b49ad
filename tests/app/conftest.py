"""The whole app, for the tests of routes and pages."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.clock import ManualClock
from tests.support.web import House, open_house


@pytest.fixture
async def house(sqlite_template: Path, tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    """On SQLite: what is tested with it is HTTP."""
    path = tmp_path / "vigie.db"
    shutil.copy(sqlite_template, path)
    async with open_house(f"sqlite:///{path}", tmp_path, clock, demo=False) as opened:
        yield opened


@pytest.fixture
async def any_house(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    """On each database."""
    async with open_house(database_url, tmp_path, clock) as opened:
        yield opened
