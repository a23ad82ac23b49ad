"""Making sure that what was deleted is gone from the file too.

SQLite leaves deleted bytes in its pages until something overwrites them, and the write-ahead log
keeps older images of a page. So a purge overwrites what it frees (secure_delete) and cuts the log
(checkpoint TRUNCATE), which costs little; an erasure, which is rare and must hold against
somebody who reads the file, rewrites it whole (VACUUM). PostgreSQL: VACUUM makes the old row
versions unreachable and reusable at once; its files are overwritten as they are reused.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import BUSY_TIMEOUT_MS, Database, sync_url


async def overwrite_freed(session: AsyncSession) -> None:
    """What this connection frees from now on is overwritten with zeros (SQLite)."""
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("PRAGMA secure_delete=ON"))


async def scrub(db: Database, *, whole: bool) -> bool:
    """Cut the write-ahead log; whole: rewrite the file first, which takes its size again.

    False where another connection was in the way and old bytes may remain: try again later.
    """
    return await asyncio.to_thread(_scrub, db.url, whole=whole)


def _scrub(url: str, *, whole: bool) -> bool:
    engine = create_engine(sync_url(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                if whole:
                    connection.exec_driver_sql("VACUUM")
                return True
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            if whole:
                connection.exec_driver_sql("VACUUM")
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return bool(row[0] == 0)
    except OperationalError:
        return False
    finally:
        engine.dispose()
