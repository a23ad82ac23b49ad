"""Services and a small watchlist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.services import Services
from tests.support.outputs import Ground, make_ground, output_services


@pytest.fixture
async def services(db: Database, clock: ManualClock) -> AsyncIterator[Services]:
    async with output_services(db, clock) as made:
        yield made


@pytest.fixture
async def ground(db: Database, now: datetime) -> Ground:
    return await make_ground(db, now)
