"""Hubs and topics are found in the Link header, in feeds, and kept small."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.http import Response
from collectors.rss.feedfile import read_feed
from collectors.rss.links import header_links
from collectors.rss.remembered import Remembered, hub_of
from tests.conftest import NOW

BASE = "https://site.example/feed"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://hub.example/>; rel="hub", </f>; rel=self', {"hub": "https://hub.example/",
         "self": "https://site.example/f"}),
        ('<https://a.example/>;rel="x hub"; title="<b>"', {"x": "https://a.example/",
         "hub": "https://a.example/"}),
        ("<https://a.example/>; rel=hub, <https://b.example/>; rel=hub",
         {"hub": "https://a.example/"}),
        ("<javascript:alert(1)>; rel=hub", {}),
        ("https://a.example/; rel=hub", {}),
        ("<" * 5_000, {}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_link_header_gives_each_relations_first_web_address(
    header: str, found: dict[str, str]
) -> None:
    assert header_links(header, base=BASE) == found


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='<>;,=" relhub:/.', max_size=200))
def test_any_header_is_read(header: str) -> None:
    header_links(header, base=BASE)


def remembered(body: str, header: str = "", url: str = BASE) -> tuple[str, str]:
    response = Response(status=200, url=url, headers={"link": header}, body=body.encode())
    known = Remembered().after(response, read_feed(response.body, url=url), NOW)
    return hub_of(known.to_cursor())


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
    '<link rel="hub" href="/hub"/><link rel="self" href="https://topic.example/"/></feed>'
)
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [], "feed_url": '
    '"https://topic.example/", "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", '
    '"url": "/hub"}]}'
)


def test_the_header_goes_before_the_feed_and_the_feed_before_its_address() -> None:
    assert remembered(ATOM) == remembered(JSON) == (
        "https://site.example/hub", "https://topic.example/",
    )  # fmt: skip
    header = '<https://hub.example/>; rel="hub"'
    assert remembered(ATOM, header) == ("https://hub.example/", "https://topic.example/")
    assert remembered("<rss/>", header) == ("https://hub.example/", BASE)
    assert remembered("<rss/>") == ("", "")
    assert remembered(ATOM, url="https://site.example/" + "x" * 900) == (
        "https://site.example/hub", "https://topic.example/",
    )  # fmt: skip
    assert remembered("<rss/>", header, url="https://site.example/" + "x" * 900) == ("", "")
