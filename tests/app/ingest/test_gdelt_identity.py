"""GDELT has no ids of its own: beside a feed, the address says which article it is."""

from __future__ import annotations

from app.ingest.identity import canonical_url, identity_of
from collectors.gdelt.articles import read_articles

SEEN = {
    "url": "https://www.gazette.example/eco/lune?id=3&utm_source=x",
    "title": "Maison Lune, la suite",
    "seendate": "20261125T101500Z",
}


def test_an_article_that_a_feed_shows_too_is_one_item() -> None:
    (item,) = read_articles([SEEN]).items
    ours = identity_of(
        platform=None, source_id=1, external_id=item.external_id,
        permalink=canonical_url(item.url), title=item.title, text_key=0, date=item.published_at,
    )  # fmt: skip
    feeds = identity_of(
        platform=None, source_id=2, external_id="https://www.gazette.example/?p=77",
        permalink=canonical_url("http://www.gazette.example/eco/lune/?id=3#top"), title="Lune",
        text_key=1, date=None,
    )  # fmt: skip
    assert ours == feeds
