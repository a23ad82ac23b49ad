"""Versions of the schema: what a database has, what this code brings.

Read without Alembic, which takes longer to import than everything else that a start does with the
database: it is needed only where there is something to migrate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

import migrations

FOLDER = Path(migrations.__file__).parent / "versions"
_TABLE = "alembic_version"
_SAYS = re.compile(
    r"""^(revision|down_revision)\b[^=\n]*= *(?:["'](\w+)["']|None)$""", re.MULTILINE
)


@cache
def newest_version() -> str:
    """This code's version of the schema, without asking any database."""
    return newest_of(_known())


def is_known(version: str) -> bool:
    """Whether this code has the migration that leads to a version."""
    return version in _known()


def stored_version(connection: Connection) -> str | None:
    """The database's version; None where it has no schema yet."""
    if not inspect(connection).has_table(_TABLE):
        return None
    version: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608 - a constant
    return version


def versions_in(folder: Path) -> Mapping[str, str | None]:
    """Each migration's version → the one it builds on. Raises RuntimeError where a file does not
    say both."""
    found: dict[str, str | None] = {}
    for file in sorted(folder.glob("[0-9]*.py")):
        said = dict(_SAYS.findall(file.read_text(encoding="utf-8")))
        if not said.get("revision") or "down_revision" not in said:
            raise RuntimeError(f"{file.name}: give `revision` and `down_revision` a plain string")
        found[said["revision"]] = said["down_revision"] or None
    return found


def newest_of(versions: Mapping[str, str | None]) -> str:
    """The one that none builds on. Raises RuntimeError where there are several, or none."""
    ends = sorted(versions.keys() - set(versions.values()))
    if len(ends) != 1:
        raise RuntimeError(f"the migrations end in {ends or 'nothing'}: they must be one chain")
    return ends[0]


@cache
def _known() -> Mapping[str, str | None]:
    return versions_in(FOLDER)
