"""Commands do what they say, on a real database."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.cli import Vigie, make_watchlist

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<link>http://127.0.0.1/</link><description>d</description>
<item><title>Acme is a delight</title><link>http://127.0.0.1/a</link><guid>a</guid>
<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate></item>
<item><title>Nothing of note</title><link>http://127.0.0.1/b</link><guid>b</guid>
<pubDate>Mon, 23 Nov 2026 08:30:00 GMT</pubDate></item></channel></rss>"""


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, status: list[int], *rest: object) -> None:
        self.status = status
        super().__init__(*rest)  # type: ignore[arg-type]  # request, address, server

    def do_GET(self) -> None:
        self.send_response(self.status[0])
        self.send_header("content-type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(FEED if self.status[0] == 200 else b"")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def feed(watched: Vigie) -> Iterator[tuple[str, list[int]]]:
    """A feed on loopback, allowed by its port; the list holds the status it answers with."""
    status = [200]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, status)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        port = server.server_address[1]
        watched.env["VIGIE_ALLOW_PRIVATE"] = f"127.0.0.1/32:{port}"
        yield f"http://127.0.0.1:{port}/feed.xml", status
        server.shutdown()


def test_a_source_is_added_checked_read_paused_and_resumed(
    watched: Vigie, feed: tuple[str, list[int]]
) -> None:
    url, status = feed
    added = watched("source", "add", "rss", "-c", f"url={url}", "--name", "News", "--json")
    assert (added.code, added.json["state"]) == (0, "active")
    assert watched("source", "check", "news").code == 0
    read = watched("source", "poll", "--all", "--json")
    assert (read.code, [(r["new"], r["mentions"]) for r in read.json]) == (0, [(2, 1)])
    assert watched("check", "rollups").code == 0
    status[0] = 404
    assert watched("source", "check", "--kind", "rss", "-c", f"url={url}").code == 1
    failed = watched("source", "poll", "News")
    assert (failed.code, "News" in failed.err) == (1, True)
    assert watched("source", "pause", "News", "--json").json["state"] == "paused"
    assert watched("source", "resume", added.json["id"], "--json").json["state"] == "active"
    assert "News" in watched("source", "list").out


def test_a_source_that_the_service_is_reading_is_waited_for(
    watched: Vigie, feed: tuple[str, list[int]]
) -> None:
    added = watched("source", "add", "rss", "-c", f"url={feed[0]}", "--json").json
    with closing(sqlite3.connect(watched.home / "var" / "vigie.db")) as db:
        db.execute("UPDATE sources SET leased_until = '2999-01-01 00:00:00.000000'")
        db.commit()
        done = threading.Timer(1.0, partial(_give_back, watched.home / "var" / "vigie.db"))
        done.start()
        read = watched("source", "poll", added["id"], "--json")
        done.join()
    assert (read.code, read.json[0]["outcome"]) == (0, "by_service")


def _give_back(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE sources SET leased_until = NULL")
        db.commit()


def test_secrets_of_a_channel_are_stored_encrypted_and_never_shown(watched: Vigie) -> None:
    secret = "https://hooks.slack.com/services/T0/B0/verysecrettoken"
    form = watched("channel", "add", "slack", "--name", "Team", "-c", f"url={secret}", "--json")
    if form.code == 2:
        form = watched("channel", "add", "slack", "--name", "Team", "-c", f"webhook_url={secret}",
                       "--json")  # fmt: skip
    assert form.code == 0, form.err
    listed = watched("channel", "list", "--json")
    assert [row["name"] for row in listed.json] == ["Team"]
    assert "verysecrettoken" not in form.out + form.err + listed.out
    assert b"verysecrettoken" not in (watched.home / "var" / "vigie.db").read_bytes()


def test_a_console_channel_takes_a_test_message(watched: Vigie) -> None:
    watched("channel", "add", "console", "--name", "Here")
    tried = watched("channel", "test", "--json")
    assert (tried.code, tried.json["ok"], tried.json["channel"]["name"]) == (0, True, "Here")


def test_the_demo_s_channel_is_tested_and_the_demo_is_never_the_default(watched: Vigie) -> None:
    make_watchlist(watched, "Demo", is_demo=True)
    assert watched("channel", "add", "console", "-w", "Demo").code == 0
    tried = watched("channel", "test", "--demo")
    assert (tried.code, "console" in tried.out) == (0, True)
    assert "Acme" in watched("privacy", "notice").out


def test_a_channel_that_cannot_be_reached_ends_with_1_and_the_reason(watched: Vigie) -> None:
    watched("channel", "add", "email", "--name", "Post", "-c", "recipients=a@example.org")
    tried = watched("channel", "test", "Post")
    assert (tried.code, "VIGIE_SMTP_HOST" in tried.err) == (1, True)


def test_a_key_is_shown_once_and_can_be_revoked(vigie: Vigie) -> None:
    made = vigie("key", "create", "robot", "--scope", "write", "--days", "3", "--json").json
    assert made["secret"].startswith(made["prefix"])
    assert vigie("key", "create", "plain").out.strip().startswith("vgk_")
    listed = vigie("key", "list", "--json")
    assert made["secret"] not in listed.out
    assert [row["name"] for row in listed.json] == ["robot", "plain"] or len(listed.json) == 2
    assert vigie("key", "revoke", "robot", "--json").json["revoked_at"]


def test_a_key_may_be_the_first_thing_ever_made(bare: Vigie) -> None:
    assert bare("key", "create", "first").code == 0
    assert bare("key", "list").code == 0


def test_the_first_link_sets_up_and_later_ones_sign_in(vigie: Vigie) -> None:
    assert "/setup/" in vigie("access", "link").out
    done = vigie("access", "link", "--member", "nobody")
    assert (done.code, "nobody" in done.err) == (2, True)


def test_an_import_counts_and_names_what_it_rejected(watched: Vigie) -> None:
    file = watched.home / "posts.jsonl"
    good = [
        {"id": str(n), "text": f"Acme number {n}", "created_at": "2026-11-01T10:00:00Z"}
        for n in range(3)
    ]
    lines = [json.dumps(one) for one in good]
    file.write_text("\n".join([*lines, "{broken", ""]))
    done = watched("import", str(file), "--map", "created_at=published_at", "--json")
    assert done.code == 1
    told = {name: done.json[name] for name in ("records", "stored", "rejected", "mentions")}
    assert told == {"records": 4, "stored": 3, "rejected": 1, "mentions": 3}
    rejected = Path(done.json["rejected_file"]).read_text()
    assert json.loads(rejected)["line"] == 4
    assert watched("check", "rollups").code == 0
    again = watched("import", str(file), "--map", "created_at=published_at")
    assert (again.code, "3 known" in again.out, "rejected" in again.err) == (1, True, True)


def test_a_count_that_was_tampered_with_is_named(watched: Vigie) -> None:
    file = watched.home / "posts.jsonl"
    file.write_text(json.dumps({"id": "1", "text": "Acme", "published_at": "2026-11-01T10:00Z"}))
    assert watched("import", str(file)).code == 0
    with closing(sqlite3.connect(watched.home / "var" / "vigie.db")) as db:
        db.execute("UPDATE rollup_days SET n = n + 1")
        db.commit()
    done = watched("check", "rollups")
    assert (done.code, "rollup_days" in done.err) == (1, True)


def test_an_author_is_exported_to_a_private_file_and_erased(watched: Vigie) -> None:
    file = watched.home / "posts.jsonl"
    file.write_text(
        json.dumps({"id": "1", "text": "Acme!", "author": "jane", "published_at": "2026-11-01"})
    )
    assert watched("import", str(file)).code == 0
    out = watched.home / "jane.json"
    assert watched("privacy", "export", "@jane", "--out", str(out)).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert json.loads(out.read_text())["items"][0]["text"] == "Acme!"
    assert watched("privacy", "export", "@jane", "--out", str(out)).code == 1
    erased = watched("privacy", "erase", "@jane", "--yes", "--json")
    assert (erased.code, erased.json["items"]) == (0, 1)
    assert watched("privacy", "export", "@jane").code == 2
    assert watched("check", "rollups").code == 0


def test_filters_pass_good_lines_and_name_bad_ones(vigie: Vigie) -> None:
    stdin = b'{"id": 1, "text": "Terrible service, I hate it"}\n{broken\n\xff\n'
    judged = vigie("score", "--tier", "fast", stdin=stdin)
    assert (judged.code, len(judged.out.splitlines())) == (1, 1)
    assert "line 2" in judged.err
    items = '{"id": 1, "text": "the acme"}\n{"id": 2, "text": "none"}\n'
    (found,) = vigie("query", "test", "--", "acme", stdin=items).out.splitlines()
    assert json.loads(found)["id"] == 1
    every = vigie("query", "test", "--all", "--", "acme", stdin=items).out.splitlines()
    assert [json.loads(line)["match"] for line in every] == [True, False]
    assert vigie("query", "lint", "--json", "--", "acme").json == []
    assert "acme" in vigie("query", "explain", "--", "acme").out


def test_a_remark_on_a_query_is_shown_under_its_spot(vigie: Vigie) -> None:
    lines = vigie("query", "lint", "--", "acme OR orange").out.splitlines()
    assert lines[:2] == ["acme OR orange", "        ^^^^^^"]
    assert "a fruit and a colour" in lines[2]
    (note,) = vigie("query", "lint", "--json", "--", "acme OR orange").json
    assert note["suggestion"] == "case=Orange"
    assert (note["code"], note["position"], note["end"]) == ("homonym", 8, 14)


def test_feed_goes_on_after_a_file_that_is_not_a_feed(vigie: Vigie) -> None:
    (vigie.home / "good.xml").write_bytes(FEED)
    (vigie.home / "bad.xml").write_bytes(b"hello")
    done = vigie("feed", "bad.xml", "missing.xml", "good.xml", "--json")
    assert done.code == 1
    assert [json.loads(line)["title"] for line in done.out.splitlines()] == [
        "Acme is a delight", "Nothing of note",
    ]  # fmt: skip
    assert "bad.xml" in done.err
    assert "missing.xml: No such file" in done.err


def test_kinds_of_sources_are_listed_with_their_settings(vigie: Vigie) -> None:
    done = vigie("source", "kinds")
    assert "rss" in done.out
    assert "url" in done.out


def test_a_digest_is_subscribed_to_looked_at_and_sent(watched: Vigie) -> None:
    nothing = watched("digest", "send")
    assert (nothing.code, "vigie digest subscribe" in nothing.err) == (2, True)
    assert watched("channel", "add", "console", "--name", "Team").code == 0
    made = watched("digest", "subscribe", "--at", "07:30", "--json").json
    assert watched("digest", "list", "--json").json == [made]
    page = watched.home / "digest.html"
    assert watched("digest", "preview", "--out", str(page)).code == 0
    assert "<html" in page.read_text()
    french = watched("digest", "preview", "--lang", "fr", "--date", "2026-11-02", "--json").json
    english = watched("digest", "preview", "--lang", "en", "--text", "--date", "2026-11-02")
    assert french["text"] != english.out
    assert watched("digest", "preview", "--subscription", made["id"], "--text").code == 0
    sent = watched("digest", "send", "--json")
    assert (sent.code, [one["state"] for one in sent.json]) == (0, ["sent"])
    assert watched("digest", "preview", "--date", "tomorrow").code == 2
    assert watched("digest", "preview", "--subscription", "7").code == 2


def test_a_digest_that_cannot_leave_ends_with_1_and_the_reason(watched: Vigie) -> None:
    watched("channel", "add", "email", "-c", "recipients=a@example.org")
    assert watched("digest", "subscribe").code == 0
    sent = watched("digest", "send")
    assert (sent.code, "VIGIE_SMTP_HOST" in sent.err) == (1, True)


def test_clearing_a_demo_that_is_not_there_changes_nothing(watched: Vigie) -> None:
    assert watched("demo", "clear", "--json").json == {"items": 0}
    assert watched("watch", "list", "--json").json[0]["name"] == "Acme"
