"""Services, a small watchlist and a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.services import Services
from tests.support.mailserver import MailServer
from tests.support.outputs import Ground, make_ground, output_services


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


@pytest.fixture
async def services(db: Database, clock: ManualClock, mail: MailServer) -> AsyncIterator[Services]:
    async with output_services(
        db, clock, smtp_host=mail.host, smtp_port=mail.port, smtp_tls="none",
        mail_from="Vigie <vigie@example.com>",
    ) as made:  # fmt: skip
        yield made


@pytest.fixture
async def ground(db: Database, now: datetime) -> Ground:
    return await make_ground(db, now)
