"""What the database refuses is told without the values."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.engine import Database


async def test_the_error_of_a_statement_does_not_repeat_its_values(db: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with db.read() as session:
            await session.execute(text("SELECT :value FROM nowhere"), {"value": "canary-7f"})
    assert "canary-7f" not in str(caught.value)
