"""What every table shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.db.keys import fresh_key
from app.db.types import Json, Key, UtcTime


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: UtcTime(),
        int: BigInteger(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class Keyed:
    """A noun with a time-following integer key."""

    id: Mapped[int] = mapped_column(
        Key, primary_key=True, default=fresh_key, autoincrement=False, sort_order=-1
    )
