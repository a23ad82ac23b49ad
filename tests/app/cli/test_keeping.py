"""Copies: made beside writers, checked before they are put back, nothing lost on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.db.scheduler_lock import scheduler_lock
from tests.support.cli import Vigie, make_watchlist


def names(vigie: Vigie) -> list[str]:
    return [row["name"] for row in vigie("watch", "list", "--json").json]


def database(vigie: Vigie) -> Path:
    return vigie.home / "var" / "vigie.db"


def test_a_copy_is_put_back_and_what_it_replaced_is_kept(watched: Vigie) -> None:
    copy = Path(watched("backup", "--json").json["file"])
    assert copy.stat().st_mode & 0o777 == 0o600
    make_watchlist(watched, "Later")
    done = watched("restore", str(copy), "--json")
    assert done.code == 0
    assert names(watched) == ["Acme"]
    kept = Path(done.json["kept"])
    assert watched("restore", str(kept)).code == 0
    assert names(watched) == ["Acme", "Later"]


def test_a_copy_is_made_while_somebody_writes(watched: Vigie) -> None:
    with closing(sqlite3.connect(database(watched), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE watchlists SET name = 'Half'")
        copy = watched("backup", str(watched.home / "copy.db"))
        writer.execute("ROLLBACK")
    assert copy.code == 0
    with closing(sqlite3.connect(watched.home / "copy.db")) as read:
        assert read.execute("SELECT name FROM watchlists").fetchall() == [("Acme",)]


def test_a_copy_never_overwrites(watched: Vigie) -> None:
    (watched.home / "copy.db").write_text("precious")
    done = watched("backup", str(watched.home / "copy.db"))
    assert (done.code, "exists already" in done.err) == (2, True)
    assert (watched.home / "copy.db").read_text() == "precious"


def test_nothing_is_put_back_while_a_service_runs(watched: Vigie) -> None:
    copy = watched("backup").out.strip()
    with scheduler_lock(f"sqlite:///{database(watched)}"):
        done = watched("restore", copy)
    assert (done.code, "scheduler already runs" in done.err) == (2, True)
    assert names(watched) == ["Acme"]


def test_nothing_is_put_back_while_somebody_writes(
    watched: Vigie, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = watched("backup").out.strip()
    monkeypatch.setattr("app.db.backup.BUSY_TIMEOUT_MS", 100)
    with closing(sqlite3.connect(database(watched), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        done = watched("restore", copy)
        writer.execute("ROLLBACK")
    assert (done.code, "another process writes" in done.err) == (2, True)
    assert names(watched) == ["Acme"]


def test_a_broken_database_can_be_replaced(watched: Vigie) -> None:
    copy = watched("backup").out.strip()
    database(watched).write_bytes(b"this was a database once" * 100)
    assert watched("restore", copy).code == 0
    assert names(watched) == ["Acme"]


@pytest.mark.parametrize("fault", ["text", "cut", "foreign", "newer"])
def test_what_is_no_copy_of_ours_is_refused(watched: Vigie, fault: str) -> None:
    copy = Path(watched("backup").out.strip())
    if fault == "text":
        copy.write_text("not a database")
    elif fault == "cut":
        copy.write_bytes(copy.read_bytes()[:20_000])
    else:
        with closing(sqlite3.connect(copy)) as db:
            db.execute(
                "DROP TABLE alembic_version" if fault == "foreign"
                else "UPDATE alembic_version SET version_num = 'f00'"
            )  # fmt: skip
            db.commit()
    done = watched("restore", str(copy))
    assert (done.code, str(copy) in done.err) == (2, True)
    assert names(watched) == ["Acme"]


def test_on_postgresql_its_own_tools_are_named(bare: Vigie) -> None:
    bare.env["VIGIE_DATABASE"] = "postgresql://nobody@127.0.0.1:1/nothing"
    done = bare("backup")
    assert (done.code, "pg_dump" in done.err) == (2, True)


def test_the_search_index_is_checked_and_made_anew(watched: Vigie) -> None:
    posts = watched.home / "posts.jsonl"
    posts.write_text(
        "".join(f'{{"id":"{n}","text":"Acme {n}","published_at":"2026-11-20T10:00:00Z"}}\n'
                for n in range(3))
    )  # fmt: skip
    assert watched("import", str(posts)).code == 0
    found = watched("check", "search", "--json")
    assert (found.code, found.json["items"], found.json["waiting"]) == (0, 3, 3)
    assert watched("check", "search", "--rebuild", "--json").json["waiting"] == 0
    copy = watched("backup").out.strip()
    with closing(sqlite3.connect(database(watched))) as db:
        db.execute("DELETE FROM item_words")
        db.commit()
    found = watched("check", "search", "--json")
    assert (found.code, len(found.json["missing"])) == (1, 3)
    assert "--rebuild" in watched("check", "search").err
    assert watched("restore", copy).code == 0
    assert watched("check", "search").code == 0


def test_a_damaged_search_index_is_named_and_made_anew(watched: Vigie) -> None:
    with closing(sqlite3.connect(database(watched))) as db:
        db.execute("INSERT INTO item_words_content VALUES (7, 'word')")
        db.commit()
    found = watched("check", "search", "--json")
    assert (found.code, found.json["broken"]) == (1, "malformed")
    assert watched("check", "search", "--rebuild").code == 0
