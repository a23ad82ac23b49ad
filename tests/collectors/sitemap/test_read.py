"""Sitemap files as they are found: any XML, gzip, text, broken and hostile ones."""

from __future__ import annotations

import gzip
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import BadPayload, CollectorError, NeedsAttention
from collectors.sitemap.read import (
    Listing,
    key_of,
    read_listing,
    sitemaps_in_robots,
    title_of,
)

BASE = "https://acme.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(body: str | bytes, **more: tuple[str, ...]) -> Listing:
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    return read_listing(data, BASE, more.get("include", ()), more.get("exclude", ()))


def keys(listing: Listing) -> list[str]:
    return [line.split("\t")[0] for line in listing.pages.split("\n") if line]


def urlset(*paths: str) -> str:
    rows = "".join(f"<url><loc>https://acme.example{path}</loc></url>" for path in paths)
    return f"<urlset {NS}>{rows}</urlset>"


def test_pages_are_read_once_with_their_time() -> None:
    body = (
        f"<?xml version='1.0'?><urlset {NS}><url><loc>\n https://www.Acme.example/a/ </loc>"
        "<lastmod>2026-11-20</lastmod></url><url><loc>http://acme.example/a</loc></url></urlset>"
    )
    assert read(body).pages == "acme.example/a\thttps://www.Acme.example/a/\t2026-11-20"


@pytest.mark.parametrize(
    "body",
    [
        "<urlset><url><loc>https://acme.example/a</loc></url></urlset>",
        "\ufeff \n" + urlset("/a"),
        "<x:set xmlns:x='urn:x'><x:url><x:loc>https://acme.example/a</x:loc></x:url></x:set>",
        "<urlset><url><loc>https://acme.example/a</loc><i:loc>x</i:loc></url></urlset>",
        urlset("/a").replace("</url>", "<!-- x --><priority>1</priority></url>"),
        "https://acme.example/a\r\n\r\n",
        gzip.compress(urlset("/a").encode()),
        urlset("/a").encode("utf-16"),
        f"<!DOCTYPE urlset SYSTEM 'x.dtd'>{urlset('/a')}",
    ],
)
def test_every_usual_form_is_read(body: str | bytes) -> None:
    assert keys(read(body)) == ["acme.example/a"]


def test_other_languages_and_images_are_no_pages() -> None:
    body = (
        f"<urlset {NS} xmlns:x='http://www.w3.org/1999/xhtml' xmlns:i='urn:i'><url>"
        "<i:image><i:loc>https://acme.example/i.png</i:loc></i:image>"
        "<x:link rel='alternate' hreflang='en' href='https://acme.example/en'/>"
        "<loc>https://acme.example/a</loc></url></urlset>"
    )
    assert keys(read(body)) == ["acme.example/a"]


def test_an_index_names_further_files() -> None:
    row = "<sitemap><loc>https://acme.example/1.xml.gz</loc></sitemap>"
    body = f"<sitemapindex {NS}>{row}</sitemapindex>"
    listing = read(body)
    assert listing.is_index
    assert listing.sitemaps == ("https://acme.example/1.xml.gz",)


def test_only_the_paths_that_are_wanted_are_read() -> None:
    body = urlset("/", "/blog/a", "/blog/tag/x", "/shop")
    found = read(body, include=("/blog/",), exclude=("/blog/tag/",))
    assert keys(found) == ["acme.example/blog/a"]


def test_a_broken_file_gives_what_can_be_read_and_is_not_complete() -> None:
    found = read(urlset("/a", "/b")[:-20])
    assert keys(found)[0] == "acme.example/a"
    assert not found.complete
    assert keys(read(urlset("/a?x=1&y=2"))) == ["acme.example/a?x=1&y=2"]


def test_entries_that_are_no_addresses_are_told() -> None:
    found = read(
        f"<urlset {NS}><url><loc>/a</loc></url><url/><url><loc>javascript://x</loc></url></urlset>"
    )
    assert found.pages == ""
    assert len(found.bad) == 3


@pytest.mark.parametrize("body", ["<!doctype html><p>x", " <HTML><body>"])
def test_a_web_page_asks_for_attention(body: str) -> None:
    with pytest.raises(NeedsAttention, match=r"acme\.example: this is a web page"):
        read(body)


BOMB = (
    "<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    "<urlset><url><loc>https://acme.example/&b;</loc></url></urlset>"
)
OUTSIDE = "<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><u><url><loc>&x;</loc></url></u>"


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, "hello", b"\x1f\x8b\x08broken"])
def test_bombs_and_other_files_are_refused(body: str | bytes) -> None:
    with pytest.raises(BadPayload):
        read(body)


def test_a_bomb_of_gzip_is_cut_where_the_protocol_ends() -> None:
    bomb = gzip.compress(b"https://acme.example/a\n" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    found = read(bomb)
    assert keys(found) == ["acme.example/a"]
    assert not found.complete


@pytest.mark.parametrize(
    "body",
    [
        "<urlset>" + "<url>" * 100_000,
        "<urlset>" + "<loc>" * 200_000,
        "<urlset>" + "<url><loc>https://a.example/" + "x" * 3_000_000,
        "<urlset><!--" * 100_000,
        "<urlset><url><loc>https://a.example/&amp;" + "&amp;" * 300_000 + "</loc></url></urlset>",
        "https://a.example/\n" * 100_000,
    ],
)
def test_hostile_files_take_bounded_time(body: str) -> None:
    started = time.process_time()
    with suppress(CollectorError):
        read(body)
    assert time.process_time() - started < 10


@given(
    st.binary(max_size=200) | st.text(alphabet="<>/urlsetocx &;:\n", max_size=200).map(str.encode)
)
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        found = read(body)
    except CollectorError:
        return
    assert all(line.count("\t") == 2 for line in found.pages.split("\n") if line)


def test_more_pages_than_the_protocol_allows_are_cut() -> None:
    found = read("\n".join(f"https://acme.example/{n}" for n in range(50_100)))
    assert len(keys(found)) == 50_000
    assert not found.complete


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.acme.example/a/", "acme.example/a"),
        ("http://ACME.example:8080/a#x", "acme.example/a"),
        ("https://acme.example", "acme.example/"),
        ("https://acme.example/a?p=1", "acme.example/a?p=1"),
    ],
)
def test_addresses_of_one_page_share_a_key(address: str, key: str) -> None:
    assert key_of(address) == key


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://a.example/blog/comment-choisir-son-crm", "Comment choisir son crm"),
        ("https://a.example/blog/10_conseils.html", "10 conseils"),
        ("https://a.example/p/98765-lampe-de-bureau-12345/", "Lampe de bureau"),
        ("https://a.example/%C3%A9t%C3%A9-2026", "Été 2026"),
        ("https://a.example/offre%20pro.php", "Offre pro"),
        ("https://a.example/p/12345", "/p/12345"),
        ("https://a.example/", "/"),
        ("https://a.example/%ff%fe", "/��"),
    ],
)
def test_a_title_is_made_of_the_slug(address: str, title: str) -> None:
    assert title_of(address) == title


def test_robots_names_sitemaps_in_any_spelling() -> None:
    text = "User-agent: *\nSITEMAP : https://a.example/1.xml # one\nSitemap: /2.xml\nsitemap:\nx"
    found = sitemaps_in_robots(text, base="https://a.example")
    assert found == ("https://a.example/1.xml", "https://a.example/2.xml")
