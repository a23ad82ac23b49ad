"""`vigie doctor` finds each planted fault: the fault is real, the line names it, the code is 1."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from app.db.scheduler_lock import scheduler_lock
from tests.support.cli import VIGIE, Done, Vigie, clean_env

Plant = Callable[[Vigie], None]


@pytest.fixture(scope="module")
def orderly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("orderly") / "var"


@pytest.fixture
def well(vigie: Vigie, orderly: Path) -> Vigie:
    """A house in order: a key, a service's lines of a moment ago, a source, a fresh backup."""
    if not orderly.exists():
        assert vigie("key", "create", "robot").code == 0
        assert vigie("backup").code == 0
        shutil.copytree(vigie.home / "var", orderly)
    shutil.copytree(orderly, vigie.home / "var", dirs_exist_ok=True)
    sql(
        vigie,
        "INSERT INTO job_runs VALUES ('poll_sources', ?, ?, 0, 0, '')", moment(), moment(),
    )  # fmt: skip
    insert_source(vigie, "active", "")
    return vigie


def moment(age: timedelta = timedelta(0)) -> str:
    return f"{datetime.now(UTC) - age:%Y-%m-%d %H:%M:%S.%f}"


def sql(vigie: Vigie, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(vigie.home / "var" / "vigie.db")) as db:
        db.execute(statement, values)
        db.commit()


def insert_source(vigie: Vigie, state: str, error: str) -> None:
    sql(
        vigie,
        "INSERT INTO sources (id, kind, name, config, fingerprint, state, cursor, interval_s,"
        " next_poll_at, attempt, failures, last_error, version, created_at, updated_at)"
        " VALUES (?, 'rss', ?, '{}', ?, ?, '{}', 900, ?, 0, 0, ?, 1, ?, ?)",
        abs(hash(state)) % 10**6 + 5, f"News {state}", state, state, moment(), error, moment(),
        moment(),
    )  # fmt: skip


def insert_channel(vigie: Vigie, state: str) -> None:
    sql(
        vigie, "INSERT INTO watchlists (id, name, zone, language, owner, purpose, is_demo,"
        " pseudonymous, rollups_stale, version, created_at, updated_at)"
        " VALUES (1, 'Acme', 'UTC', 'fr', '', '', 0, 0, 0, 1, ?, ?)", moment(), moment(),
    )  # fmt: skip
    assert vigie("channel", "add", "console", "--name", "Team").code == 0
    sql(vigie, "UPDATE channels SET state = ?, last_error = '404 no_team'", state)


def bad_lines(done: Done) -> list[str]:
    return [line for line in done.out.splitlines() if line.startswith("bad")]


def test_a_house_in_order_has_nothing_bad(well: Vigie) -> None:
    done = well("doctor")
    assert (done.code, bad_lines(done)) == (0, [])
    told = well("doctor", "--json").json
    assert {one["check"] for one in told} >= {
        "python", "packages", "data_dir", "disk", "key_file", "database", "clock", "jobs",
        "sources", "channels", "outbox", "search", "plugins", "models", "smtp", "guard", "backups",
    }  # fmt: skip


def open_key(vigie: Vigie) -> None:
    (vigie.home / "var" / "key").chmod(0o644)


def broken_key(vigie: Vigie) -> None:
    (vigie.home / "var" / "key").write_text("not a key\n")


def empty_key(vigie: Vigie) -> None:
    (vigie.home / "var" / "key").write_text("")


def folder_is_file(vigie: Vigie) -> None:
    shutil.rmtree(vigie.home / "var")
    (vigie.home / "var").write_text("in the way")


def damaged_database(vigie: Vigie) -> None:
    path = vigie.home / "var" / "vigie.db"
    body = bytearray(path.read_bytes())
    body[8192:16384] = b"\xaa" * 8192
    path.write_bytes(bytes(body))


def no_database(vigie: Vigie) -> None:
    (vigie.home / "var" / "vigie.db").write_bytes(b"something else entirely" * 50)


def newer_database(vigie: Vigie) -> None:
    sql(vigie, "UPDATE alembic_version SET version_num = 'f00'")


def far_away_database(vigie: Vigie) -> None:
    vigie.env["VIGIE_DATABASE"] = "postgresql://nobody:hidden@127.0.0.1:1/nothing"


def unknown_database(vigie: Vigie) -> None:
    vigie.env["VIGIE_DATABASE"] = "oracle://x"


def silent_clock(vigie: Vigie) -> None:
    (vigie.home / "clock").write_text("half past nine")
    vigie.env["VIGIE_CLOCK_FILE"] = str(vigie.home / "clock")


def late_clock(vigie: Vigie) -> None:
    sql(vigie, "UPDATE job_runs SET started_at = ?", moment(-timedelta(days=3)))


def dead_scheduler(vigie: Vigie) -> None:
    sql(vigie, "UPDATE job_runs SET started_at = ?", moment(timedelta(hours=5)))


def failing_job(vigie: Vigie) -> None:
    sql(vigie, "UPDATE job_runs SET last_error = 'KeyError: zone'")


def gone_source(vigie: Vigie) -> None:
    insert_source(vigie, "needs_attention", "example.org: 410, the feed is gone")


def dead_channel(vigie: Vigie) -> None:
    insert_channel(vigie, "needs_attention")


def late_message(vigie: Vigie) -> None:
    insert_channel(vigie, "active")
    sql(
        vigie, "INSERT INTO deliveries (id, channel_id, dedup, message_id, kind, payload, state,"
        " attempt, due_at, tries, last_error, created_at)"
        " SELECT 1, id, 'd', 'm', 'test', '{}', 'pending', 0, ?, 0, '', ? FROM channels",
        moment(timedelta(hours=2)), moment(timedelta(hours=2)),
    )  # fmt: skip


def broken_collector(vigie: Vigie) -> None:
    plug(vigie, "vigie.collectors", "tumblr")


def broken_analyzer(vigie: Vigie) -> None:
    plug(vigie, "vigie.analyzers", "sarcasm")


def broken_transport(vigie: Vigie) -> None:
    plug(vigie, "vigie.transports", "pager")


def plug(vigie: Vigie, group: str, name: str) -> None:
    """Install, really, a package whose plug-in cannot be imported."""
    info = vigie.home / "plugins" / f"vigie_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vigie-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = vigie_{name}:Plugin\n")
    vigie.env["PYTHONPATH"] = str(vigie.home / "plugins")


def no_mail_server(vigie: Vigie) -> None:
    vigie.env |= {"VIGIE_SMTP_HOST": "127.0.0.1", "VIGIE_SMTP_PORT": str(free_port())}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def wrong_setting(vigie: Vigie) -> None:
    vigie.env["VIGIE_PROT"] = "80"


@pytest.mark.parametrize(
    ("plant", "check", "told"),
    [
        (open_key, "key_file", "chmod 600"),
        (broken_key, "key_file", "put back the one"),
        (empty_key, "key_file", "put back the one"),
        (folder_is_file, "data_dir", "not a folder"),
        (damaged_database, "database", "vigie restore"),
        (no_database, "database", "not a database"),
        (newer_database, "database", "f00"),
        (far_away_database, "database", "127.0.0.1:1"),
        (unknown_database, "database", "oracle"),
        (silent_clock, "clock", "does not tell the time"),
        (late_clock, "clock", "set it right"),
        (dead_scheduler, "jobs", "start `vigie serve`"),
        (failing_job, "jobs", "poll_sources fails: KeyError: zone"),
        (gone_source, "sources", "410, the feed is gone"),
        (dead_channel, "channels", "404 no_team"),
        (late_message, "outbox", "120 min"),
        (no_mail_server, "smtp", "127.0.0.1"),
        (wrong_setting, "settings", "VIGIE_PORT"),
    ],
)
def test_a_planted_fault_is_found(well: Vigie, plant: Plant, check: str, told: str) -> None:
    plant(well)
    done = well("doctor")
    found = [line for line in bad_lines(done) if line.split()[1] == check]
    assert done.code == 1
    assert len(found) == 1, done.out
    assert told in found[0]
    assert "hidden" not in done.out  # a password of the database's address


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (broken_collector, "vigie.collectors 'tumblr': ModuleNotFoundError"),
        (broken_analyzer, "vigie.analyzers 'sarcasm': ModuleNotFoundError"),
        (broken_transport, "vigie.transports 'pager': "),
    ],
)
def test_a_broken_plug_in_is_found_and_the_rest_works(well: Vigie, plant: Plant, told: str) -> None:
    plant(well)  # entry points are read once a process, so this one is asked in its own
    ended = subprocess.run(
        [str(VIGIE), "doctor"], capture_output=True, text=True, env=clean_env(well.env),
        cwd=well.home, timeout=60, check=False,
    )  # fmt: skip
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("bad")]
    assert told in line
    assert ended.returncode == 1


def test_a_package_that_hides_ours_stops_every_command(well: Vigie) -> None:
    hiding = well.home / "plugins" / "nlp"
    hiding.mkdir(parents=True)
    (hiding / "__init__.py").write_text("")
    ended = subprocess.run(
        [str(VIGIE), "doctor"], capture_output=True, text=True, check=False, cwd=well.home,
        env=clean_env(well.env, {"PYTHONPATH": str(well.home / "plugins")}),
    )  # fmt: skip
    assert ended.returncode == 2
    assert "hides Vigie's" in ended.stderr


def test_a_locked_database_is_found(well: Vigie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.db.inspect.LOCK_WAIT_S", 0.1)
    with closing(sqlite3.connect(well.home / "var" / "vigie.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = well("doctor")
        other.execute("ROLLBACK")
    assert "locked by another writer" in bad_lines(done)[0]


def test_a_service_whose_jobs_stand_still_is_found(well: Vigie) -> None:
    dead_scheduler(well)
    with scheduler_lock(f"sqlite:///{well.home / 'var' / 'vigie.db'}"):
        done = well("doctor")
    assert "restart `vigie serve`" in bad_lines(done)[0]


def test_a_guard_that_lets_loopback_through_is_found(
    well: Vigie, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collectors.http import Policy

    # The fault itself: a client whose policy allows what it must deny.
    monkeypatch.setattr("collectors.http.proof.Policy", lambda: Policy.parse("127.0.0.0/8"))
    done = well("doctor")
    assert "network guard is not in force" in bad_lines(done)[0]


def test_a_mail_server_that_answers_is_well(well: Vigie) -> None:
    port = free_port()
    server = Controller(Sink(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        well.env |= {"VIGIE_SMTP_HOST": "127.0.0.1", "VIGIE_SMTP_PORT": str(port)}
        done = well("doctor")
    finally:
        server.stop()
    assert "ok    smtp      127.0.0.1 answers" in done.out


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (lambda v: shutil.rmtree(v.home / "var"), "database"),
        (lambda v: shutil.rmtree(v.home / "var"), "key_file"),
        (lambda v: shutil.rmtree(v.home / "var" / "backups"), "backups"),
        (lambda v: os.utime(next((v.home / "var" / "backups").iterdir()), (0, 0)), "backups"),
        (lambda v: sql(v, "DELETE FROM job_runs"), "jobs"),
        (lambda v: sql(v, "DELETE FROM sources"), "sources"),
        (lambda v: sql(v, "UPDATE sources SET state = 'failing'"), "sources"),
    ],
)
def test_what_is_only_to_be_known_is_a_warning(well: Vigie, plant: Plant, check: str) -> None:
    plant(well)
    done = well("doctor")
    assert done.code == 0
    assert [x for x in done.out.splitlines() if x.startswith("warn") and x.split()[1] == check]


def test_a_first_look_changes_nothing(bare: Vigie) -> None:
    assert bare("doctor").code == 0
    assert not (bare.home / "var").exists()
    assert sys.version_info >= (3, 11)
    assert not list(Path(bare.home).iterdir())
