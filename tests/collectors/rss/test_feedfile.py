"""What a feed says is read rightly, and what hostile or broken ones say does no harm."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import BadPayload
from collectors.rss.feedfile import feed_lines, read_feed
from collectors.rss.window import INLINE_LIMIT, WINDOW, Seen, parse, read_window

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "data" / "feeds"


def rss(items: str, head: str = "<title>T</title>") -> bytes:
    return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def item(number: int, extra: str = "") -> str:
    return f"<item><title>t{number}</title><guid isPermaLink='false'>g{number}</guid>{extra}</item>"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;b&gt;bold&lt;/b&gt; move", "bold move"),
        ("<![CDATA[<i>slanted</i>&nbsp;&eacute;t&eacute;]]>", "slanted été"),
        ("  two\n   lines ", "two lines"),
        ("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;safe", "safe"),
        ("&amp;lt;b&amp;gt;", "<b>"),
    ],
)
def test_titles_are_plain_text_decoded_once(written: str, title: str) -> None:
    feed = read_feed(rss(f"<item><title>{written}</title></item>"))
    assert feed.items[0].title == title


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/a", "https://site.example/a"),
        ("b?x=1&amp;y=2", "https://site.example/dir/b?x=1&y=2"),
        ("//other.example/c", "https://other.example/c"),
        ("https://e.example/d e", "https://e.example/d%20e"),
        ("javascript:alert(1)", ""),
        ("java&#10;script:alert(1)", ""),
        (" javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("http://[::1", ""),
        ("https://", ""),
    ],
)
def test_links_are_web_addresses_or_nothing(href: str, url: str) -> None:
    data = rss(f"<item><title>x</title><link>{href}</link></item>")
    assert read_feed(data, url="https://site.example/dir/feed.xml").items[0].url == url


def test_relative_links_follow_xml_base_before_the_feeds_address() -> None:
    data = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><entry><id>x</id>'
        b'<link href="one"/></entry></feed>'
    )
    assert read_feed(data, url="https://s.example/f").items[0].url == "https://s.example/blog/one"


def test_a_relative_guid_stays_as_it_is_whatever_the_address_of_the_feed() -> None:
    data = rss("<item><guid>abc</guid><title>x</title></item>")
    assert {read_feed(data, url=url).items[0].external_id for url in ("http://a/", "")} == {"abc"}


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n\x00", b"\xef\xbb\xbf", b"<html><title>x</title></html>", b"{}", b"[]", b"{",
     b"<opml><body/></opml>", b"\x00" * 100, b"no markup", b'{"version": "2", "items": []}',
     b"[" * 100_000, b'{"a":' * 100_000],
)  # fmt: skip
def test_what_is_no_feed_is_a_bad_payload(data: bytes) -> None:
    with pytest.raises(BadPayload):
        read_feed(data)


def test_a_valid_feed_without_items_is_fine() -> None:
    feed = read_feed(rss(""))
    assert (feed.title, feed.items, feed.format) == ("T", (), "rss-2.0")


def test_a_cut_body_keeps_its_first_items_and_says_so() -> None:
    feed = read_feed(rss(item(1) + item(2))[:-40])
    assert [one.external_id for one in feed.items][:1] == ["g1"]
    assert not feed.complete
    assert feed.warnings


def test_a_feed_that_is_only_ill_formed_is_complete() -> None:
    feed = read_feed(rss(item(1, "<description>a & b</description>")))
    assert feed.warnings
    assert feed.complete


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 23 Nov 2026 09:00:00 +0100", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("Tue, 01 Jan 2999 00:00:00 GMT", datetime(2999, 1, 1, tzinfo=UTC)),
        ("hier", None),
        ("99999999-99-99", None),
        ("", None),
    ],
)
def test_times_are_utc_and_unreadable_ones_are_none(written: str, moment: datetime | None) -> None:
    feed = read_feed(rss(item(1, f"<pubDate>{written}</pubDate>")))
    published = feed.items[0].published_at
    assert published == moment or (moment is None and published and published.year > 9000)


def test_oddities_of_text_survive() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": "1", "title": "a\ud800b\x00c \u202eevil", "content_text": "w" * 100_000}],
    }
    one = read_feed(json.dumps(document).encode()).items[0]
    assert one.title == "a\ufffdb\ufffdc \u202eevil"
    assert len(one.text) == 65_536
    one.text.encode()


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        + b"".join(
            f'<!ENTITY e{n} "{(f"&e{n - 1};" if n else "&b;") * 10}">'.encode()
            for n in range(12)
        )
        + b"]>" + rss("<item><title>&e11;</title></item>"),
        b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        + rss("<item><title>x&f;</title></item>"),
        rss("<item><description>" + "&lt;div&gt;" * 100_000 + "</description></item>"),
        b'<rss version="2.0"><channel><item><title>' + b"<!--" * 100_000,
        rss("<item>" + "<a>" * 50_000),
    ],
)  # fmt: skip
async def test_bombs_end_in_time_and_expand_nothing(bomb: bytes) -> None:
    try:
        feed = await parse(bomb, url="")
    except BadPayload:
        return
    assert all(len(one.title) < 3_000 for one in feed.items)
    hostname = Path("/etc/hostname")
    if hostname.exists():
        assert not any(hostname.read_text().strip() in one.title for one in feed.items)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_a_bad_payload(noise: bytes) -> None:
    for data in (noise, rss("<item><title>x</title>") + noise, b'{"version":' + noise):
        try:
            list(feed_lines(read_feed(data, url="https://e.example/")))
        except BadPayload:
            continue


async def test_small_and_large_bodies_are_read_alike() -> None:
    small, large = rss(item(1)), rss(item(1)) + b"<!--" + b" " * INLINE_LIMIT + b"-->"
    assert (await parse(small, url="")).items == (await parse(large, url="")).items


def test_a_window_is_the_newest_thousand_newest_first() -> None:
    days = [(number * 7) % 28 + 1 for number in range(WINDOW + 5)]
    dated = "".join(
        item(number, f"<pubDate>{day:02} Nov 2026 00:00:00 GMT</pubDate>")
        for number, day in enumerate(days)
    )
    feed = read_window(rss(dated), url="")
    times = [one.published_at for one in feed.items if one.published_at]
    assert len(times) == WINDOW
    assert times == sorted(times, reverse=True)
    assert "5 older items left out" in feed.warnings


def window(*numbers: int) -> tuple[object, ...]:
    return read_window(rss("".join(item(number) for number in numbers)), url="").items


@pytest.mark.parametrize(
    ("now_there", "missed"),
    [((5, 4, 3), False), ((6, 5, 4), False), ((9, 8, 7), True), ((9, 8), False), ((), False)],
)
def test_a_gap_is_seen_when_all_of_the_newest_slid_out(
    now_there: tuple[int, ...], missed: bool
) -> None:
    before = Seen.of(window(5, 4, 3))  # type: ignore[arg-type]  # the items of a feed
    seen = Seen.from_cursor(json.loads(json.dumps(before.to_cursor())))
    assert seen.missed(window(*now_there)) is missed  # type: ignore[arg-type]  # as above


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the feed corpus is not beside the project")
def test_the_corpus_is_read_as_it_states() -> None:
    done = _corpus(CORPUS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CRASH" not in done.stdout


def _corpus(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/feed_corpus.py", str(folder)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("title", ["T", "other"])
@pytest.mark.parametrize("oracle", ["feedparser", "gofeed", "rss-bridge"])
def test_the_comparison_with_a_corpus_bites(tmp_path: Path, oracle: str, title: str) -> None:
    folder = tmp_path / oracle
    folder.mkdir()
    data = rss("<item><title>T</title><link>http://e.example/</link></item>")
    name = "x__expectedMrssFormat__feed.a.xml" if oracle == "rss-bridge" else "feed.a.xml"
    expect = f"<!--\nExpect: not bozo and entries[0].title == '{title}'\n-->".encode()
    (folder / name).write_bytes(expect + data if oracle == "feedparser" else data)
    if oracle != "feedparser":
        answer = {"items": [{"title": title, "link": "http://e.example/"}]}
        (folder / "feed.a.json").write_text(json.dumps(answer))
    done = _corpus(tmp_path)
    assert done.returncode == (0 if title == "T" else 1), done.stdout + done.stderr
