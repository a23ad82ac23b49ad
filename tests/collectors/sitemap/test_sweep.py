"""Pages over several polls: new once, removed at the second look, never by one bad answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Cursor, Narrowing, Page, Wanted
from collectors.desk import Desk, MemoryShelf
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.sitemap.collector import FILES, Sitemap, SitemapConfig
from collectors.sitemap.known import File, Known, front_coded, front_decoded
from collectors.sitemap.read import Listing
from collectors.sitemap.sweep import Visit, swept
from collectors.sitemap.telling import moment

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
XML = {"content-type": "application/xml"}


async def at_once(seconds: float) -> None:
    """Quick retries do not wait here."""


class Bench:
    """A site with sitemaps, and a source that is polled as the service polls it."""

    def __init__(self, server: ReplayServer, http: Http) -> None:
        self.server = server
        self.shelf = MemoryShelf()
        self.http = http.budget(2_000, desk=Desk(shelf=self.shelf))
        self.cursor: Cursor = {}

    def answers(self, path: str, body: str, *, status: int = 200, **headers: str) -> None:
        self.server.exchanges = [one for one in self.server.exchanges if one.path != path]
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        self.server.exchanges.append(
            Exchange(path=path, body=body, status=status, headers={**XML, **more})
        )

    def lists(self, path: str, pages: Sequence[str], **headers: str) -> None:
        rows = "".join(f"<url><loc>{{base}}{page}</loc></url>" for page in pages)
        self.answers(path, f"<urlset>{rows}</urlset>", **headers)

    def indexes(self, path: str, files: Sequence[str]) -> None:
        rows = "".join(f"<sitemap><loc>{{base}}{file}</loc></sitemap>" for file in files)
        self.answers(path, f"<sitemapindex>{rows}</sitemapindex>")

    async def poll(self, path: str = "/sitemap.xml", **options: object) -> list[Page]:
        url = f"{self.server.base}{path}"
        config = SitemapConfig.model_validate({"url": url, "about": "Acme", **options})
        pages = []
        async for page in Sitemap(config).poll(Narrowing(), self.cursor, self.http):
            self.shelf.store(page.keep)
            self.cursor = json.loads(json.dumps(page.cursor))
            pages.append(page)
        return pages

    async def titles(self, path: str = "/sitemap.xml", **options: object) -> list[str]:
        pages = await self.poll(path, **options)
        titles = [item.title for page in pages for item in page.items]
        return [title.replace("\u00a0", " ").replace("\u202f", " ") for title in titles]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with (
        ReplayServer() as server,
        Http(Policy.parse("127.0.0.1/32"), sleep=at_once, now=NOW.timestamp) as http,
    ):
        yield Bench(server, http)


async def test_a_page_is_new_once_and_removed_at_the_second_look(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/", "/a", "/b"])
    assert await bench.titles() == []
    bench.lists("/sitemap.xml", ["/", "/a", "/nos-offres"])
    assert await bench.titles() == ["Acme, nouvelle page : Nos offres"]
    assert await bench.titles() == ["Acme, page retirée : /b"]
    assert await bench.poll() == []
    bench.lists("/sitemap.xml", ["/", "/a", "/nos-offres", "/b"])
    assert await bench.titles(language="en") == ["Acme, new page: B"]


async def test_a_page_that_is_missing_for_one_poll_is_neither_removed_nor_new(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/", "/a", "/b"])
    await bench.poll()
    bench.lists("/sitemap.xml", ["/", "/a"])
    assert await bench.titles() == []
    bench.lists("/sitemap.xml", ["/", "/a", "/b"])
    assert await bench.titles() == []
    assert await bench.titles() == []


async def test_nothing_new_costs_conditional_requests_and_stores_nothing(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/", "/a"], etag='"1"')
    await bench.poll()
    assert await bench.poll() == []
    assert bench.server.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_sitemap_that_is_suddenly_empty_is_doubted_once(bench: Bench) -> None:
    pages = [f"/{n}" for n in range(8)]
    bench.lists("/sitemap.xml", pages)
    await bench.poll()
    bench.lists("/sitemap.xml", [])
    (page,) = await bench.poll()
    assert "doubted once" in page.listening.note
    assert await bench.titles() == []
    assert await bench.titles() == ["Acme, 8 pages retirées : /0, /1, /2, …"]
    bench.lists("/sitemap.xml", pages)
    assert len(await bench.titles()) == 8


async def test_a_sitemap_that_recovers_from_a_doubt_tells_nothing(bench: Bench) -> None:
    pages = [f"/{n}" for n in range(8)]
    for listed in (pages, pages[:2], pages, pages):
        bench.lists("/sitemap.xml", listed)
        assert await bench.titles() == []


async def test_many_new_pages_are_summed_up(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/"])
    await bench.poll()
    bench.lists("/sitemap.xml", ["/", *(f"/blog/{n}" for n in range(70)), "/offres"])
    (page,) = await bench.poll()
    assert len(page.items) == 51
    last = page.items[-1]
    assert last.title.endswith("21 autres nouvelles pages\u00a0: /blog/ (20), / (1)")
    assert len({item.external_id for item in page.items}) == 51


async def test_a_page_that_moves_between_files_is_no_news(bench: Bench) -> None:
    bench.indexes("/sitemap.xml", ["/1.xml", "/2.xml"])
    bench.lists("/1.xml", ["/a", "/b", "/c"])
    bench.lists("/2.xml", ["/d"])
    await bench.poll()
    bench.lists("/1.xml", ["/a", "/b"])
    bench.lists("/2.xml", ["/d", "/c"])
    assert [await bench.titles() for _ in range(3)] == [[], [], []]


async def test_a_new_file_of_an_index_brings_new_pages_and_a_lost_one_removes_them(
    bench: Bench,
) -> None:
    bench.indexes("/sitemap.xml", ["/1.xml"])
    bench.lists("/1.xml", ["/a"])
    await bench.poll()
    bench.indexes("/sitemap.xml", ["/1.xml", "/2.xml"])
    bench.lists("/2.xml", ["/b"])
    assert await bench.titles() == ["Acme, nouvelle page : B"]
    bench.indexes("/sitemap.xml", ["/1.xml"])
    assert await bench.titles() == []
    assert await bench.titles() == ["Acme, page retirée : /b"]


async def test_a_file_that_could_not_be_read_at_first_is_stock_later(bench: Bench) -> None:
    bench.indexes("/sitemap.xml", ["/1.xml", "/2.xml"])
    bench.lists("/1.xml", ["/a"])
    bench.answers("/2.xml", "", status=500)
    (page,) = await bench.poll()
    assert page.listening.refused == 1
    bench.lists("/2.xml", [f"/{n}" for n in range(30)])
    assert await bench.titles() == []


async def test_the_files_of_a_large_site_take_turns_and_none_is_forgotten(bench: Bench) -> None:
    files = [f"/f{n:03}.xml" for n in range(FILES * 2 + 20)]
    bench.indexes("/sitemap.xml", files)
    for number, file in enumerate(files):
        bench.lists(file, [f"/page-{number}"])
    for _ in range(3):
        before = len(bench.server.asked)
        assert await bench.titles() == []
        assert len(bench.server.asked) - before <= FILES
    bench.lists(files[-1], ["/page-119", "/derniere"])
    told = [title for _ in range(3) for title in await bench.titles()]
    assert told == ["Acme, nouvelle page : Derniere"]
    bench.lists(files[0], [])
    told = [title for _ in range(9) for title in await bench.titles()]
    assert told == ["Acme, page retirée : /page-0"]


async def test_a_nested_index_is_followed(bench: Bench) -> None:
    bench.indexes("/sitemap.xml", ["/in.xml"])
    bench.indexes("/in.xml", ["/1.xml", "/in.xml", "/sitemap.xml"])
    bench.lists("/1.xml", ["/a"])
    await bench.poll()
    bench.lists("/1.xml", ["/a", "/b"])
    assert await bench.titles() == ["Acme, nouvelle page : B"]


async def test_a_limit_in_the_middle_keeps_what_was_read(bench: Bench) -> None:
    bench.indexes("/sitemap.xml", ["/1.xml", "/2.xml"])
    bench.lists("/1.xml", ["/a"])
    bench.answers("/2.xml", "", status=429, retry_after="60")
    with pytest.raises(RateLimited):
        await bench.poll()
    assert bench.cursor["sweep"] == [0, f"{bench.server.base}/2.xml"]
    bench.lists("/2.xml", ["/b"])
    assert [await bench.titles() for _ in range(3)] == [[], [], []]
    bench.lists("/2.xml", ["/b", "/c"])
    assert await bench.titles() == ["Acme, nouvelle page : C"]


async def test_a_site_alone_is_asked_where_its_sitemap_is(bench: Bench) -> None:
    bench.answers("/robots.txt", "Sitemap: {base}/s.xml")
    bench.lists("/s.xml", ["/a"])
    await bench.poll("")
    bench.lists("/s.xml", ["/a", "/b"])
    assert await bench.titles("/") == ["Acme, nouvelle page : B"]
    assert [asked.path for asked in bench.server.asked].count("/robots.txt") == 1


async def test_a_site_that_moves_its_sitemap_is_asked_where_it_is_now(bench: Bench) -> None:
    bench.answers("/robots.txt", "Sitemap: {base}/s.xml")
    bench.lists("/s.xml", ["/a", "/b"])
    await bench.poll("")
    bench.answers("/s.xml", "", status=404)
    with pytest.raises(NeedsAttention, match="404"):
        await bench.poll("")
    bench.answers("/robots.txt", "Sitemap: {base}/new.xml")
    bench.lists("/new.xml", ["/a", "/c"])
    assert await bench.titles("") == ["Acme, nouvelle page : C"]
    assert await bench.titles("") == ["Acme, page retirée : /b"]


async def test_other_settings_take_stock_anew(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/a", "/blog/b"])
    await bench.poll(include=["/blog/"])
    assert await bench.titles() == []
    bench.lists("/sitemap.xml", ["/a", "/blog/b", "/c"])
    assert await bench.titles() == ["Acme, nouvelle page : C"]


async def test_a_doubted_file_that_says_unchanged_is_no_longer_doubted(bench: Bench) -> None:
    pages = [f"/{n}" for n in range(8)]
    bench.lists("/sitemap.xml", pages, etag='"1"')
    await bench.poll()
    bench.lists("/sitemap.xml", [], etag='"2"')
    assert await bench.titles() == []
    bench.lists("/sitemap.xml", pages, etag='"1"')
    assert await bench.titles() == []
    assert await bench.poll() == []


async def test_without_robots_the_usual_places_are_asked(bench: Bench) -> None:
    bench.lists("/sitemap_index.xml", ["/a"])
    (page,) = await bench.poll("")
    assert "/sitemap_index.xml" in page.keep[0].text
    bench.shelf = MemoryShelf()
    bench.server.exchanges.clear()
    bench.http = bench.http.budget(50, desk=Desk(shelf=bench.shelf))
    with pytest.raises(NeedsAttention, match="no sitemap"):
        await bench.poll("")


async def test_a_lost_document_means_a_new_stock_and_no_news(bench: Bench) -> None:
    bench.lists("/sitemap.xml", ["/a"])
    await bench.poll()
    for text in ("", "{", '{"form":"paths","roots":[1],"files":[]}', "[" * 50_000):
        (lost,) = await bench.shelf.names()
        kept = await bench.shelf.latest(lost)
        assert kept is not None
        bench.shelf.store([type(kept)(name=lost, text=text, kind="state")])
        assert await bench.titles() == []


async def test_a_sitemap_is_proposed_where_there_is_one(bench: Bench) -> None:
    wanted = Wanted(name="Acme", domains=(bench.server.base,))
    assert await Sitemap.propose(wanted, bench.http) == []
    bench.answers("/robots.txt", "Sitemap: {base}/s.xml")
    (found,) = await Sitemap.propose(wanted, bench.http)
    assert SitemapConfig.model_validate(dict(found.config)).url.startswith(bench.server.base)
    assert len(bench.server.asked) <= 8


keys = st.text(alphabet="abc/é1", max_size=8).map(lambda text: f"a.example/{text}")


@given(st.frozensets(keys, max_size=40))
@settings(deadline=None)
def test_what_is_known_survives_its_document(pages: frozenset[str]) -> None:
    assert front_decoded(front_coded(pages)) == pages
    known = Known(roots=("r",), files={"r": File(pages=pages, etag='"1"', stock=True)})
    assert Known.from_text(known.to_text()) == known


@given(st.lists(st.sets(st.integers(0, 12)), min_size=2, max_size=9))
@settings(deadline=None)
def test_what_is_told_adds_up_to_what_is_there(history: list[set[int]]) -> None:
    """Whatever comes and goes: stock + told as new - told as removed = there at the end."""
    text = Known(roots=("r",), files={"r": File(stock=True)}).to_text()
    told = set(history[0])
    for round_, pages in enumerate([*history, history[-1], history[-1], history[-1]]):
        rows = "\n".join(f"a/{n}\thttps://a/{n}\t" for n in sorted(pages))
        visit = Visit(address="r", outcome="read", listing=Listing(pages=rows))
        found = swept(text, [visit], round_=round_, ended=True)
        text = found.known
        came = {int(address.rpartition("/")[2]) for address, _ in found.came}
        went = {int(key.rpartition("/")[2]) for key in found.went}
        assert came.isdisjoint(told)
        assert went <= told
        told = (told | came) - went
    assert told == history[-1]


def document_of(pages: Sequence[str]) -> tuple[str, Known]:
    rows = "\n".join(f"{page}\thttps://{page}\t" for page in pages)
    text = Known(roots=("r",), files={"r": File(stock=True)}).to_text()
    visit = Visit(address="r", outcome="read", listing=Listing(pages=rows))
    found = swept(text, [visit], round_=0, ended=True)
    return found.known, Known.from_text(found.known)


@pytest.mark.parametrize(
    ("tail", "digested"), [("produit-{:08d}", False), ("{:08d}" + "x" * 190, True)]
)
def test_fifty_thousand_pages_fit_two_megabytes(tail: str, *, digested: bool) -> None:
    # The worst tails differ at their beginning, so that nothing is shared.
    pages = [f"acme.example/{tail.format((n * 7_919) % 100_000_000)}" for n in range(50_000)]
    text, known = document_of(pages)
    assert len(text.encode()) < 2_000_000
    assert known.digested is digested
    assert known.count == 50_000


def test_pages_known_by_digest_are_found_new_and_counted_when_they_go() -> None:
    pages = [f"acme.example/{n:08d}" + "x" * 190 for n in range(8_000)]
    text, known = document_of(pages)
    assert known.digested
    later = [*pages[5:], "acme.example/nouveau"]
    rows = "\n".join(f"{page}\thttps://{page}\t" for page in later)
    visit = Visit(address="r", outcome="read", listing=Listing(pages=rows))
    first = swept(text, [visit], round_=1, ended=True)
    assert [address for address, _ in first.came] == ["https://acme.example/nouveau"]
    second = swept(first.known, [visit], round_=2, ended=True)
    assert (second.came_count, second.went_count, second.went) == (0, 5, ())


def test_more_pages_than_can_be_known_are_left_out_and_said() -> None:
    text = Known(roots=("r",), files={"r": File(), "s": File(), "t": File()}).to_text()
    visits = []
    for name in ("r", "s", "t"):
        rows = "\n".join(f"{name}/{n}\thttps://{name}/{n}\t" for n in range(40_000))
        visits.append(Visit(address=name, outcome="read", listing=Listing(pages=rows)))
    found = swept(text, visits, round_=0, ended=True)
    assert found.full
    assert Known.from_text(found.known).count == 100_000
    assert len(found.known.encode()) < 2_000_000


@pytest.mark.parametrize(
    ("lastmod", "published"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T16:30:00+01:00", datetime(2026, 11, 24, 15, 30, tzinfo=UTC)),
        ("2026-11-25T12:05:00Z", NOW),
        ("2019-01-01", NOW),
        ("2999-01-01", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_lastmod_is_believed_where_it_can_be_true(lastmod: str, published: datetime) -> None:
    assert moment(lastmod, NOW) == published


@pytest.mark.parametrize(
    "wrong",
    [{"url": "ftp://a.example"}, {"url": "https://["}, {"url": "https://"}, {"include": ["blog"]}],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SitemapConfig.model_validate({"url": "https://a.example", **wrong})
