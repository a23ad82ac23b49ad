"""Bad input through the installed command: one clear line, an exit code, nothing good lost.

Networks, disks and locks are real: a namespace without any network, a file system of a megabyte,
a transaction that somebody else holds.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cli import VIGIE, Done, Vigie, clean_env, make_watchlist

POST = {"text": "Acme again", "published_at": "2026-11-01T10:00:00Z"}


def can_unshare() -> bool:
    """Whether this machine lets us have a namespace of our own."""
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-rmn", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


needs_namespace = pytest.mark.skipif(
    not can_unshare(), reason="no namespaces here: a full disk and a dead network need one"
)


def in_namespace(vigie: Vigie, script: str, **env: str) -> Done:
    """Run a shell script with no network and mounts of its own."""
    ended = subprocess.run(
        ["unshare", "-rmn", "sh", "-c", script], capture_output=True, text=True, timeout=90,
        env=clean_env(vigie.env, {"VIGIE": str(VIGIE), "PYTHON": sys.executable}, env),
        cwd=vigie.home, check=False,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr, ended.stderr
    return Done(ended.returncode, ended.stdout, ended.stderr)


def one_line(done: Done) -> str:
    """The only line on standard error."""
    (line,) = done.err.strip().splitlines()
    assert line.startswith("vigie: ")
    return line


def test_an_unreadable_feed_is_named(vigie: Vigie) -> None:
    (vigie.home / "cut.xml").write_text("<rss><channel><item><title>x")
    (vigie.home / "page.html").write_text("<!doctype html><p>no feed")
    done = vigie.installed("feed", "cut.xml", "page.html", "--json")
    assert done.code == 1
    assert "page.html: not a feed" in done.err


def test_a_wrong_config_key_adds_nothing(watched: Vigie) -> None:
    done = watched.installed("source", "add", "rss", "--config", "urll=https://example.org/f")
    assert done.code == 2
    assert one_line(done).endswith("there is no such setting; did you mean url?")
    assert watched("source", "list", "--json").json == []


def test_an_unknown_watchlist_names_the_nearest(watched: Vigie) -> None:
    done = watched.installed("import", "posts.jsonl", "--watchlist", "Acne")
    assert (done.code, one_line(done)) == (2, "vigie: no watchlist 'Acne'; did you mean 'Acme'?")


def test_broken_lines_are_set_aside_and_the_good_ones_kept(watched: Vigie) -> None:
    lines = [json.dumps({**POST, "id": n}) for n in range(3)]
    (watched.home / "p.jsonl").write_text("\n".join([lines[0], "{oops", *lines[1:], '"text"']))
    done = watched.installed("import", "p.jsonl", "--json")
    told = done.json
    assert (done.code, told["stored"], told["rejected"]) == (1, 3, 2)
    assert len(Path(watched.home / "p.jsonl.rejected.jsonl").read_text().splitlines()) == 2


def test_a_locked_database_is_waited_for_then_told(watched: Vigie) -> None:
    with closing(sqlite3.connect(watched.home / "var" / "vigie.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        done = watched.installed("key", "create", "robot")
        waited = time.monotonic() - started
        listed = watched("watch", "list")
        other.execute("ROLLBACK")
    assert (done.code, done.out) == (1, "")
    assert "locked by another writer: try again" in one_line(done)
    assert waited >= 4.5  # five seconds of patience before giving up
    assert (listed.code, "Acme" in listed.out) == (0, True)  # reading goes on


@pytest.mark.slow
@needs_namespace
def test_a_full_disk_is_told_and_what_was_stored_stays(vigie: Vigie) -> None:
    make_watchlist(vigie, "Acme")
    lines = [json.dumps(POST | {"id": n, "text": f"Acme {n} " + "x" * 900}) for n in range(5_000)]
    (vigie.home / "many.jsonl").write_text("\n".join(lines))
    script = """
        mkdir small && mount -t tmpfs -o size=3m none small && cp -r var/. small/ &&
        VIGIE_DATA_DIR=small "$VIGIE" import many.jsonl; echo "import $?"
        VIGIE_DATA_DIR=small "$VIGIE" backup small/copy.db; echo "backup $?"
        ls small
        VIGIE_DATA_DIR=small "$VIGIE" watch list; echo "list $?"
        VIGIE_DATA_DIR=small "$VIGIE" doctor; echo "doctor $?"
    """
    done = in_namespace(vigie, script)
    assert "import 1" in done.out
    assert "backup 1" in done.out
    assert "copy.db" not in done.out
    assert "The disk is full" in done.err
    assert "list 0" in done.out
    assert "Acme" in done.out
    assert "bad   disk" in done.out
    assert "doctor 1" in done.out


SITE = '''
import fcntl, socket, struct, threading, subprocess, sys, os
from http.server import BaseHTTPRequestHandler, HTTPServer
with socket.socket() as s:  # bring loopback up: a new namespace has nothing else
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x49))
class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        feed = self.path == "/feed"
        self.send_header("content-type", "application/rss+xml" if feed else "text/html")
        self.end_headers()
        self.wfile.write(FEED if feed else PAGE)
    def log_message(self, *_): pass
PAGE = b"""<html><head><title>Acme</title><link rel="alternate" type="application/rss+xml"
 title="Acme news" href="/feed"></head><body>x</body></html>"""
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Acme news</title>
<link>http://acme.example/</link><description>d</description><item><title>Acme opens</title>
<link>http://acme.example/1</link><guid>1</guid></item></channel></rss>"""
server = HTTPServer(("127.0.0.1", 80), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
ended = subprocess.run([os.environ["VIGIE"], *sys.argv[1:]])
server.shutdown()
sys.exit(ended.returncode)
'''


@pytest.mark.slow
@needs_namespace
def test_a_first_watch_says_which_sources_answered_and_which_did_not(bare: Vigie) -> None:
    (bare.home / "site.py").write_text(SITE)
    (bare.home / "hosts").write_text("127.0.0.1 localhost acme.example\n")
    script = """mount --bind hosts /etc/hosts && exec "$PYTHON" site.py watch new Acme --lang en \
        --competitor Globex --site http://acme.example --json"""
    done = in_namespace(bare, script, VIGIE_ALLOW_PRIVATE="127.0.0.1/32:80")
    assert done.code == 1, done.err
    told = done.json
    assert [brand["name"] for brand in told["brands"]] == ["Acme", "Globex"]
    answered = {one["name"]: one["outcome"] for one in told["sources"]}
    assert answered.pop("Acme news") == "ok"
    assert answered
    assert set(answered.values()) == {"transient"}
    assert (told["posts"], told["mentions"]) == (1, 1)
    assert "Acme news: answered, 1 read, 1 new, 1 mentions" in done.err
    assert "demo load" not in done.err


@pytest.mark.slow
@needs_namespace
def test_without_a_network_the_first_watch_says_so_and_offers_the_demo(bare: Vigie) -> None:
    done = in_namespace(bare, '"$VIGIE" --lang fr watch new Acme --site acme.example')
    assert done.code == 1
    assert "vigie demo load" in done.err
    assert "acme.example : flux introuvables" in done.err
    assert "0 sources sur" in done.out
    assert [row["name"] for row in bare("watch", "list", "--json").json] == ["Acme"]


def test_start_up_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = ("sqlalchemy", "pydantic", "fastapi", "httpx", "rich", "numpy", "spacy", "feedparser")
    code = f"""
import sys
from app.cli.root import build
build()
print([name for name in {heavy!r} if name in sys.modules])
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean_env()
    )
    assert ended.stdout.strip() == "[]"
