"""A page watched over several polls: told once, never by mistake, never for ever."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Page, Wanted
from collectors.desk import Desk, MemoryShelf
from collectors.errors import NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.webpage.collector import WebPage, WebPageConfig

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HTML = {"content-type": "text/html; charset=utf-8"}
TEXT = "Le logiciel de planning pensé pour les artisans du bâtiment et pour leurs équipes."


async def at_once(seconds: float) -> None:
    """Quick retries do not wait here."""


class Bench:
    """A server with pages, and a source that is polled as the service polls it."""

    def __init__(self, server: ReplayServer, http: Http) -> None:
        self.server = server
        self.shelf = MemoryShelf()
        self.http = http.budget(200, desk=Desk(shelf=self.shelf))
        self.cursor: Cursor = {}

    def shows(self, path: str, body: str, *, status: int = 200, **headers: str) -> None:
        page = f"<html><head><title>Acme</title></head><body><main>{body}</main></body></html>"
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        self.server.exchanges = [one for one in self.server.exchanges if one.path != path]
        self.server.exchanges.append(
            Exchange(path=path, status=status, headers={**HTML, **more}, body=page)
        )

    async def poll(self, *paths: str, **options: Any) -> list[Page]:
        urls = [f"{self.server.base}{path}" for path in paths or ("/p",)]
        config = WebPageConfig(urls=tuple(urls), **{"about": "Acme", **options})
        pages = []
        async for page in WebPage(config).poll(Narrowing(), self.cursor, self.http):
            self.shelf.store(page.keep)
            self.cursor = json.loads(json.dumps(page.cursor))
            pages.append(page)
        return pages

    async def titles(self, *paths: str, **options: Any) -> list[str]:
        pages = await self.poll(*paths, **options)
        titles = [item.title for page in pages for item in page.items]
        return [title.replace("\u00a0", " ").replace("\u202f", " ") for title in titles]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with (
        ReplayServer() as server,
        Http(Policy.parse("127.0.0.1/32"), sleep=at_once, now=NOW.timestamp) as http,
    ):
        yield Bench(server, http)


async def test_each_change_is_told_once_also_one_back_to_an_old_price(bench: Bench) -> None:
    told, ids = [], set()
    for price in (29, 39, 39, 29, 39):
        bench.shows("/p", f"<h2>Pro</h2><p>{price} €</p><p>{TEXT}</p>")
        for page in await bench.poll(role="price"):
            told += [item.title for item in page.items]
            ids |= {item.external_id for item in page.items}
    assert len(told) == len(ids) == 3


async def test_an_unchanged_page_costs_one_conditional_request_and_no_page(bench: Bench) -> None:
    bench.shows("/p", f"<p>{TEXT}</p>", etag='"1"')
    await bench.poll()
    assert await bench.poll() == []
    assert bench.server.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_lost_version_is_read_whole_again_and_is_no_news(bench: Bench) -> None:
    bench.shows("/p", f"<p>{TEXT}</p>", etag='"1"')
    await bench.poll()
    bench.shelf = MemoryShelf()
    bench.http = bench.http.budget(50, desk=Desk(shelf=bench.shelf))
    (page,) = await bench.poll()
    assert not page.items
    assert len(page.keep) == 2


async def test_a_page_that_goes_is_told_once_and_once_when_it_is_back(bench: Bench) -> None:
    bench.shows("/p", f"<h2>Pro</h2><p>29 €</p><p>{TEXT}</p>")
    await bench.poll(role="price")
    bench.shows("/p", "no", status=404)
    assert await bench.titles(role="price") == ["Acme, tarifs : page retirée (404)"]
    assert await bench.poll(role="price") == []
    bench.shows("/p", f"<h2>Pro</h2><p>39 €</p><p>{TEXT}</p>")
    assert await bench.titles(role="price") == [
        "Acme, tarifs : page de retour, Pro 29 € → 39 € (+34 %)"
    ]
    bench.shows("/p", "no", status=410)
    assert len(await bench.titles(role="price")) == 1
    bench.shows("/p", f"<h2>Pro</h2><p>39 €</p><p>{TEXT}</p>")
    assert await bench.titles(role="price") == ["Acme, tarifs : page de retour"]


async def test_a_page_that_was_never_there_asks_for_attention(bench: Bench) -> None:
    with pytest.raises(NeedsAttention, match="404"):
        await bench.poll()


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<p>Checking your browser</p>"),
        ("Connexion", "<form><p>Connectez-vous</p><p>Mot de passe oublié ?</p></form>"),
        ("Oops", "<p>An error happened here, please come back later</p>"),
        ("", ""),
    ],
)
async def test_a_wall_is_not_a_change_and_keeps_the_version(
    bench: Bench, title: str, body: str
) -> None:
    long = "".join(f"<p>{TEXT} {n}</p>" for n in range(20))
    bench.shows("/p", long, etag='"1"')
    await bench.poll()
    kept = await bench.shelf.latest(f"{bench.server.base}/p")
    bench.shows("/p", f"<h1>{title}</h1>{body}", etag='"2"')
    (page,) = await bench.poll()
    assert not page.items
    assert page.skipped
    assert page.listening.refused == 1
    assert await bench.shelf.latest(f"{bench.server.base}/p") == kept
    bench.shows("/p", long, etag='"1"')
    assert all(not page.items for page in await bench.poll())


async def test_a_page_that_stays_short_is_believed_at_the_third_reading(bench: Bench) -> None:
    bench.shows("/p", "".join(f"<p>{TEXT} {n}</p>" for n in range(20)))
    await bench.poll()
    bench.shows("/p", "<p>Nous changeons de nom et de site : à bientôt chez Borea.</p>")
    assert [await bench.titles() for _ in range(2)] == [[], []]
    assert len(await bench.titles()) == 1
    assert await bench.poll() == []


async def test_a_page_that_leads_home_is_gone_at_the_third_reading(bench: Bench) -> None:
    bench.shows("/p", f"<p>{TEXT}</p>")
    await bench.poll()
    bench.shows("/p", "", status=302, location="/")
    for price in (1, 2):
        bench.shows("/", f"<p>{TEXT} {price}</p>")
        (page,) = await bench.poll()
        assert "home page" in page.listening.note
    assert await bench.titles() == ["Acme, page : page retirée (renvoi vers l’accueil)"]
    assert await bench.poll() == []


async def test_a_page_without_text_asks_for_attention(bench: Bench) -> None:
    bench.shows("/p", '<div id="app"></div><noscript>Activez JavaScript</noscript>')
    with pytest.raises(NeedsAttention, match="no text"):
        await bench.poll()


async def test_a_selector_that_finds_nothing_asks_for_attention(bench: Bench) -> None:
    bench.shows("/p", f"<p>{TEXT}</p>")
    with pytest.raises(NeedsAttention, match="selector"):
        await bench.poll(selector=".plans")


async def test_a_selector_that_finds_nothing_any_more_asks_for_attention(bench: Bench) -> None:
    bench.shows("/p", f"<p class='x'>{TEXT}</p>")
    await bench.poll(selector=".x")
    bench.shows("/p", f"<p class='y'>{TEXT}</p>")
    assert [page.skipped[0].reason for _ in range(2) for page in await bench.poll(selector=".x")]
    with pytest.raises(NeedsAttention, match="selector"):
        await bench.poll(selector=".x")


async def test_an_address_that_leads_home_from_the_start_is_refused(bench: Bench) -> None:
    bench.shows("/p", "", status=301, location="/")
    bench.shows("/", f"<p>{TEXT}</p>")
    with pytest.raises(NeedsAttention, match="home page"):
        await bench.poll()
    bench.shows("/p", "<h1>Page introuvable</h1><p>Elle a peut-être changé de nom.</p>")
    with pytest.raises(NeedsAttention, match="check it"):
        await bench.poll()


async def test_a_selector_may_choose_a_single_price(bench: Bench) -> None:
    for price in ("1 299,00 €", "9 €"):
        bench.shows("/p", f"<h1>Pro</h1><p class='x'>{price}</p><p>{TEXT}</p>")
        told = await bench.titles(selector=".x", role="price")
    assert told == ["Acme, tarifs : 1 299 € → 9 € (−99 %)"]
    bench.shows("/p", f"<h1>Pro</h1><p class='x'></p><p>{TEXT}</p>")
    for _ in range(4):
        (page,) = await bench.poll(selector=".x", role="price")
        assert page.skipped


async def test_a_short_page_that_speaks_of_signing_in_is_read(bench: Bench) -> None:
    bench.shows("/p", f"<p>Log in to see your plan.</p>{f'<p>{TEXT}</p>' * 10}")
    assert len(await bench.poll()) == 1


async def test_a_new_selector_begins_a_new_version_and_is_no_news(bench: Bench) -> None:
    bench.shows("/p", f"<p>{TEXT}</p><div class='x'><p>{TEXT} Encore.</p></div>")
    await bench.poll()
    (page,) = await bench.poll(selector=".x")
    assert not page.items
    assert page.keep[0].text == f"{TEXT} Encore."


async def test_lines_that_come_and_go_are_told_twice_at_most(bench: Bench) -> None:
    told = []
    for number in (1, 2, 1, 2, 1, 2, 1):
        quote = ("Ada aime beaucoup cet outil", "Tom ne saurait plus s'en passer")[number - 1]
        bench.shows("/p", f"<p>{TEXT}</p><h2>On en parle</h2><p>{quote}</p>")
        told += await bench.titles(role="product")
    assert 1 <= len(told) <= 2


async def test_one_page_in_trouble_does_not_hide_the_others(bench: Bench) -> None:
    bench.shows("/p", f"<h2>Pro</h2><p>29 €</p><p>{TEXT}</p>")
    await bench.poll("/p", "/q", role="price")
    bench.shows("/p", f"<h2>Pro</h2><p>39 €</p><p>{TEXT}</p>")
    bench.shows("/q", "", status=500)
    pages = await bench.poll("/q", "/p", role="price")
    assert sum(len(page.items) for page in pages) == 1
    assert pages[-1].listening.refused == 1


async def test_errors_are_raised_where_nothing_could_be_read(bench: Bench) -> None:
    bench.shows("/p", "", status=503)
    with pytest.raises(Transient):
        await bench.poll()
    bench.shows("/p", "", status=429, retry_after="60")
    with pytest.raises(RateLimited):
        await bench.poll()
    bench.shows("/p", "%PDF", content_type="application/pdf")
    with pytest.raises(NeedsAttention, match="application/pdf"):
        await bench.poll()


async def test_ten_pages_with_long_tags_fit_the_cursor(bench: Bench) -> None:
    paths = [f"/{n}" for n in range(10)]
    for at, path in enumerate(paths):
        tag = '"' + "é" * (30 if at % 2 else 900) + '"'
        bench.shows(path, f"<p>{TEXT}</p>", etag=tag, last_modified="Mon, 23 Nov 2026 08:00:00 GMT")
    await bench.poll(*paths)
    assert len(json.dumps(bench.cursor)) < 4_096
    assert len(bench.cursor) == 10


async def test_usual_pages_are_proposed_where_they_answer(bench: Bench) -> None:
    bench.shows("/pricing", "x")
    bench.shows("/recrutement", "x")
    wanted = Wanted(name="Acme", domains=(bench.server.base,))
    found = await WebPage.propose(wanted, bench.http)
    assert [one.config["role"] for one in found] == ["price", "careers"]
    assert len(bench.server.asked) <= 8
    assert all(WebPageConfig.model_validate(dict(one.config)) for one in found)


async def test_a_site_that_answers_everywhere_gets_no_proposal(bench: Bench) -> None:
    bench.server.instead = Exchange(path="", body="hello")
    assert await WebPage.propose(Wanted(name="A", domains=(bench.server.base,)), bench.http) == []
    assert len(bench.server.asked) == 1


async def test_without_a_site_nothing_is_asked(bench: Bench) -> None:
    for domains in ((), ("",), ("not a domain [",)):
        assert await WebPage.propose(Wanted(name="A", domains=domains), bench.http) == []
    assert not bench.server.asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"urls": []},
        {"urls": ["ftp://acme.example/"]},
        {"urls": ["https://["]},
        {"urls": [f"https://acme.example/{n}" for n in range(11)]},
        {"urls": ["https://acme.example"], "selector": "p["},
        {"urls": ["https://acme.example"], "ignore": ["p", ">>"]},
        {"urls": ["https://acme.example"], "role": "prices"},
    ],
)
def test_a_wrong_setting_is_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        WebPageConfig.model_validate(wrong)


def test_one_address_needs_no_list() -> None:
    urls: Sequence[str] = WebPageConfig.model_validate({"urls": "https://acme.example"}).urls
    assert urls == ("https://acme.example",)
