"""OPML in and out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.sources.exchange import export_opml, import_opml
from app.sources.opml import NotOpml, read_opml, write_opml
from app.watchlists.service import NewWatchlist, create_watchlist
from tests.support.web import House

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "feeds" / "opml"

NESTED = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>x</title></head><body>
<outline text="Presse"><outline text="Régions"><outline title="Le Courrier"
 type="rss" xmlUrl="https://courrier.example/feed?a=1&amp;b=2"/></outline>
<outline text="Nu" xmlurl=" https://nu.example/f "/></outline>
<outline text="Le même" xmlUrl="https://nu.example/f"/>
<outline text="Sans adresse"/><outline text="Mauvais" xmlUrl="ftp://x.example/f"/>
<outline text="Trop" xmlUrl="javascript:alert(1)"/>
</body></opml>""".encode("iso-8859-1")


def test_folders_stand_before_the_names_of_their_feeds() -> None:
    found = [(one.number, one.name, one.url) for one in read_opml(NESTED)]
    assert found[:3] == [
        (1, "Presse / Régions / Le Courrier", "https://courrier.example/feed?a=1&b=2"),
        (2, "Presse / Nu", "https://nu.example/f"),
        (3, "Le même", "https://nu.example/f"),
    ]
    assert found[3] == (4, "Sans adresse", "")


@pytest.mark.parametrize(
    "raw",
    [b"", b"no", b"<opml>", b"<rss/>", b"<opml><body><outline></opml>", b"\xff\xfe\x00",
     b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><opml><body>&b;</body></opml>',
     b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml><head>&e;</head></opml>',
     b'<?xml version="1.0" encoding="no-such"?><opml/>',
     b"<opml><body>" + b'<outline xmlUrl="u"/>' * 5_001 + b"</body></opml>",
     b" " * 5_000_001],
)  # fmt: skip
def test_what_is_no_opml_or_an_attack_is_refused(raw: bytes) -> None:
    with pytest.raises(NotOpml):
        read_opml(raw)


def test_deep_nesting_is_read_without_falling() -> None:
    deep = b'<outline text="a">' * 50_000 + b'<outline text="f" xmlUrl="https://f.example/"/>'
    [one] = read_opml(b"<opml><body>" + deep + b"</outline>" * 50_000 + b"</body></opml>")
    assert one.url == "https://f.example/"
    assert len(one.name) <= 120


@given(st.lists(st.tuples(st.text(min_size=1, max_size=50), st.text(max_size=50)), max_size=5))
def test_what_we_write_reads_again(feeds: list[tuple[str, str]]) -> None:
    text = write_opml("t <&\"'>", [(name, f"https://x.example/{url}") for name, url in feeds])
    found = read_opml(text.encode("utf-8", "replace"))
    assert len(found) == len(feeds)
    assert write_opml("t <&\"'>", [(o.name, o.url) for o in found]) == write_opml(
        "t <&\"'>", [(o.name, o.url) for o in read_opml(text.encode("utf-8", "replace"))]
    )


def test_a_file_with_raw_quotes_and_tags_is_read_by_the_look_of_it() -> None:
    raw = b"""<?xml version="1.0"?><opml version="1.0"><body><outline text="F &amp; G">
    <outline text="One" description="He said "no" & <p>left</p>" xmlUrl="https://o.example/?a&amp;b"/>
    <outline title='Two' xmlUrl='https://t.example/' ></outline></outline>
    <outline text="Three" xmlUrl="https://3.example/"/></body></opml>"""
    assert [(one.number, one.name, one.url) for one in read_opml(raw)] == [
        (1, "F & G / One", "https://o.example/?a&b"),
        (2, "F & G / Two", "https://t.example/"),
        (3, "Three", "https://3.example/"),
    ]


async def test_a_list_comes_in_once_and_goes_out_the_same(any_house: House) -> None:
    services = any_house.services
    first = await create_watchlist(services, NewWatchlist(name="A"))
    second = await create_watchlist(services, NewWatchlist(name="B"))
    report = await import_opml(services, first.id, NESTED)
    assert (report.added, report.duplicates) == (2, 1)
    assert [(one.number, one.name) for one in report.refused] == [
        (4, "Sans adresse"), (5, "Mauvais"), (6, "Trop"),
    ]  # fmt: skip
    assert "alert" not in str(report.refused[2].reason)

    out = await export_opml(services, first.id)
    again = await import_opml(services, first.id, out.encode())
    assert (again.added, again.duplicates, again.refused) == (0, 2, [])
    other = await import_opml(services, second.id, out.encode())
    assert (other.added, other.duplicates) == (2, 0)
    assert (await export_opml(services, second.id)).replace("Vigie: B", "Vigie: A") == out


async def test_over_http_with_problems_in_ones_language(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        french = {"accept-language": "fr"}
        made = await writer.post("/api/v1/sources/opml", content=NESTED, headers=french)
        assert made.status_code == 200, made.text
        assert (made.json()["added"], made.json()["duplicates"]) == (2, 1)
        assert made.json()["refused"][0]["reason"] == "pas d’adresse de flux (xmlUrl)"
        out = await writer.get("/api/v1/sources/opml")
        assert out.headers["content-type"].startswith("text/x-opml")
        assert [one.name for one in read_opml(out.content)] == [
            "Presse / Nu", "Presse / Régions / Le Courrier",
        ]  # fmt: skip
        bad = await writer.post("/api/v1/sources/opml", content=b"<html/>", headers=french)
        assert bad.status_code == 422
        assert bad.json()["errors"][0]["detail"] == "OPML : ce n’est pas de l’OPML."


@pytest.mark.skipif(not CORPUS.exists(), reason="shared/data/feeds/opml is not here")
async def test_every_feed_of_the_corpus_comes_in(house: House) -> None:
    one = await create_watchlist(house.services, NewWatchlist(name="A"))
    addresses: set[str] = set()
    added = 0
    files = sorted(CORPUS.glob("*.opml"))
    assert files
    for path in files:
        raw = path.read_bytes()
        plain = re.findall(rb'xmlUrl="([^"]+)"', raw)
        found = read_opml(raw)
        assert len([o for o in found if o.url]) == len(plain) > 0, path.name
        report = await import_opml(house.services, one.id, raw)
        assert report.added + report.duplicates + len(report.refused) == len(found)
        assert [o for o in report.refused if "xmlUrl" not in str(o.reason)] == []
        added += report.added
        addresses |= {o.url for o in found if o.url}
    assert added == len(addresses)
    assert len(read_opml((await export_opml(house.services, one.id)).encode())) == added


async def test_a_file_that_is_no_list_adds_nothing(house: House) -> None:
    one = await create_watchlist(house.services, NewWatchlist(name="A"))
    with pytest.raises(Invalid):
        await import_opml(house.services, one.id, b"<rss/>")
