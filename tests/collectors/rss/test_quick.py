"""The short way reads what feedparser reads, or leaves the feed to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import BadPayload
from collectors.rss.feed import Feed
from collectors.rss.feedfile import read_feed
from collectors.rss.quick import read_plain_rss
from collectors.rss.xmlfeed import read_xml_feed

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "feeds"
URL = "https://site.example/dir/feed.xml"


def slow(data: bytes) -> Feed | None:
    try:
        return read_xml_feed(data, url=URL, content_type="", location="")
    except BadPayload:
        return None


def same(data: bytes) -> bool | None:
    """Whether both read the same; None where the short way was not taken."""
    quick = read_plain_rss(data, url=URL)
    if quick is None:
        return None
    assert quick == slow(data)
    return True


def rss(inner: str, version: str = "2.0") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<rss version="{version}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel>{inner}</channel></rss>"
    ).encode()


PLAIN = (
    "<title>Le Journal &amp;amp; Co</title><link>/accueil</link><description>d</description>"
    '<language>fr</language><atom:link rel="self" href="https://site.example/f"/><ttl>60</ttl>'
    "<generator>https://wordpress.org/?v=6</generator><sy:updatePeriod>daily</sy:updatePeriod>"
    "<image><title>I</title><url>/i.png</url><link>https://image.example/</link></image>"
    "<item><title>L&amp;#8217;usine &lt;b&gt;ferme&lt;/b&gt;</title><link>https://e.example/1?a=1"
    "&amp;b=2</link><guid isPermaLink='false'>n 1</guid><pubDate>Sun, 22 Nov 2026 09:00:00 +0100"
    "</pubDate><dc:creator>Zoé</dc:creator><description>short</description><category>x</category>"
    "<content:encoded><![CDATA[<p>One <a href='/two'>two</a></p><script>x</script>]]>"
    "</content:encoded><enclosure url='https://e.example/a.mp3' type='audio/mpeg' length='1'/>"
    "</item>"
    "<item><guid>https://e.example/2</guid><title>AT&amp;T</title></item><item/>"
)


def test_a_plain_feed_goes_the_short_way_and_gives_the_same() -> None:
    assert same(rss(PLAIN.replace("n 1", "n-1")))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("<title>Le", "<title type='html'>Le"),
        ("<item/>", "<item><title>a</title><title>b</title></item>"),
        ("<item/>", "<item rdf:about='x' xmlns:rdf='r'/>"),
        ("<item/>", "<item><title>a <b>b</b></title></item>"),
        ("<item/>", "<item><source url='https://e.example'>S</source></item>"),
        ("<item/>", "<item><author>ann@e.example (Ann)</author></item>"),
        ("<item/>", "<item><link>https://e.example/?a&amp;copy;</link></item>"),
        ("<item/>", "<item><link>http:///e.example</link></item>"),
        ("<item/>", "<item><link/><guid>https://e.example/</guid></item>"),
        (
            "<item/>",
            "<item><content:encoded>c</content:encoded><description>d</description></item>",
        ),
        ("<item/>", "<item><title>caf\u00c3\u00a9</title></item>"),
        ("<item/>", "<item><title>a \u0093quote\u0094</title></item>"),
        ("<item/>", "<item/><title>late</title>"),
        ("<item/>", "<item xml:lang='fr'><title>t</title></item>"),
        ("<item/>", "<item><dc:date>2026-11-22</dc:date></item>"),
        ("<ttl>", "<textInput><title>x</title></textInput><ttl>"),
    ],
)
def test_what_feedparser_treats_in_a_way_of_its_own_is_left_to_it(part: str, other: str) -> None:
    data = rss(PLAIN.replace("n 1", "n-1").replace(part, other, 1))
    assert read_plain_rss(data, url=URL) is None or same(data)
    assert read_feed(data, url=URL) == slow(data)


@pytest.mark.parametrize(
    "data",
    [
        rss(PLAIN, version="0.92"),
        rss(PLAIN).replace(b"utf-8", b"iso-8859-1"),
        rss(PLAIN).replace(b"?>", b"?><!DOCTYPE rss>", 1),
        rss(PLAIN)[:-20],
        b"\xef\xbb\xbf" + rss(PLAIN),
        b" " + rss(PLAIN),
        rss(PLAIN).replace("Zoé".encode(), "Zoé".encode("latin-1")),
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>',
        b"",
    ],
)
def test_what_is_not_plain_is_left_to_feedparser(data: bytes) -> None:
    assert read_plain_rss(data, url=URL) is None


@pytest.mark.parametrize("kind", ["text/html", "application/rss+xml; charset=iso-8859-1"])
def test_a_content_type_that_says_otherwise_is_a_doubt(kind: str) -> None:
    data = rss(PLAIN.replace("n 1", "n-1"))
    assert read_plain_rss(data, url=URL, content_type="application/rss+xml; charset=UTF-8")
    assert read_plain_rss(data, url=URL, content_type=kind) is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the feed corpus is not beside the project")
def test_the_corpus_is_read_alike_as_it_is_and_with_its_versions_made_plain() -> None:
    taken: Counter[bool | None] = Counter()
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            variants = {data, data[data.find(b"<rss") :], data.replace(b'"0.91"', b'"2.0"')}
            taken.update(same(one) for one in variants)
    assert taken[True] >= 10, taken


_TEXT = st.text(max_size=12) | st.sampled_from(
    ["", " ", "&lt;b&gt;x&lt;/b&gt;", "&amp;copy; &amp;lt;", "https://e.example/1", "/rel", "a\nb",
     "<![CDATA[<p>x</p>]]>", "Mon, 23 Nov 2026 09:00:00 GMT", "2026-11-23T09:00:00Z", "Ann", "é",
     "1 &lt; 2 &gt; 1", "javascript:alert(1)", "&#8217;", "caf\u00c3\u00a9", "&lt;/p&gt;"]
)  # fmt: skip
_ENTRY = ["title", "link", "guid", "description", "pubDate", "author", "dc:creator", "category",
          "content:encoded", "comments", "dc:date", "source", "media", "b"]  # fmt: skip
_HEAD = ["title", "link", "description", "language", "generator", "ttl", "sy:updatePeriod",
         "pubDate", "image", "webMaster", "managingEditor", "copyright", "category"]  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, names: list[str]) -> str:
    parts = []
    for name in draw(st.lists(st.sampled_from(names), max_size=6)):
        text = draw(_TEXT)
        if "&" not in text and "<" not in text:
            text = text.replace("&", "").replace("<", "")
        attributes = ""
        if name == "guid":
            attributes = draw(st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"']))
        inner = f"<title>{text}</title><link>{text}</link>" if name == "image" else text
        parts.append(f"<{name}{attributes}>{inner}</{name}>")
    return "".join(parts)


@settings(max_examples=300, deadline=None)
@given(elements(_HEAD), st.lists(elements(_ENTRY), max_size=3))
def test_generated_feeds_are_read_alike(head: str, entries: list[str]) -> None:
    inner = head + "".join(f"<item>{entry}</item>" for entry in entries)
    for data in (rss(inner), rss(f"<title>T</title>{inner}")):
        same(data.decode("utf-8", "replace").encode("utf-8", "replace"))


def test_a_difference_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = read_xml_feed(rss(PLAIN), url=URL, content_type="", location="")
    changed = replace(real, items=real.items[:-1])
    monkeypatch.setattr("tests.collectors.rss.test_quick.slow", lambda data: changed)
    with pytest.raises(AssertionError):
        same(rss(PLAIN.replace("n 1", "n-1")))
