"""Feeds of a site are found where its page announces them, else at the usual places."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import NeedsAttention
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.rss.collector import Rss, RssConfig
from collectors.rss.discover import discover, feed_links

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "feeds" / "feedfinder"
FEED = '<rss version="2.0"><channel><title>Found</title></channel></rss>'
PAGE = """<html><head><base href="/blog/"><link rel=stylesheet href=x.css>
<LINK REL="Alternate Home" TYPE="application/rss+xml; charset=utf-8" TITLE="All &amp; more"
HREF=feed>
<link rel="alternate" type="application/atom+xml" href="javascript:alert(1)">
<link rel="alternate" hreflang="fr" href="/fr/"><link rel="alternate" type="application/feed+json"
href="https://other.example/f.json"><link rel="alternate" type="application/rss+xml" href="feed">
</head><body>"""


def test_announced_feeds_are_found_once_and_made_absolute() -> None:
    links = feed_links(PAGE.encode(), base="https://s.example/")
    assert [(link.url, link.title, link.format) for link in links] == [
        ("https://s.example/blog/feed", "All & more", "rss"),
        ("https://other.example/f.json", "", "json"),
    ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the feed corpus is not beside the project")
def test_the_corpus_pages_announce_what_they_should_and_no_trap() -> None:
    for path in CORPUS.glob("*.html"):
        links = feed_links(path.read_bytes(), base="http://diveintomark.org/tests/")
        assert len(links) == 1, path.name
        assert links[0].url.endswith(path.with_suffix(".xml").name), path.name


async def _discover(exchanges: list[Exchange], path: str = "/") -> list[str]:
    async with ReplayServer(exchanges) as server, Http(Policy.parse("127.0.0.1/32")) as http:
        found = await discover(server.base + path, http)
        return [link.url.removeprefix(server.base) for link in found]


async def test_a_feed_is_its_own_discovery() -> None:
    assert await _discover([Exchange(path="/f", body=FEED)], "/f") == ["/f"]


async def test_the_usual_places_are_tried_when_a_page_announces_none() -> None:
    exchanges = [Exchange(path="/", body="<p>hi"), Exchange(path="/rss.xml", body=FEED)]
    assert await _discover(exchanges) == ["/rss.xml"]


async def test_a_site_without_a_feed_gives_none() -> None:
    assert await _discover([Exchange(path="/", body="<p>hi")]) == []


async def test_checking_a_web_page_names_its_feed() -> None:
    page = Exchange(path="/", body=PAGE)
    async with ReplayServer([page]) as server, Http(Policy.parse("127.0.0.1/32")) as http:
        with pytest.raises(NeedsAttention, match=r"its feed is http://127.0.0.1:.*/blog/feed"):
            await Rss(RssConfig(url=server.base)).check(http)
