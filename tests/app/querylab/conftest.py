"""A house with one brand on each database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from app.db.engine import Database
from tests.support.pipeline import House, make_services


@pytest.fixture
async def stocked(db: Database, now: datetime, tmp_path: Path) -> House:
    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": "acme"})
    return house
