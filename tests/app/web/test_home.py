"""The front page: the one form, the state of the house, and hostile text on it."""

from __future__ import annotations

import asyncio
import re
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from importlib.machinery import ModuleSpec

import httpx
import pytest
from sqlalchemy import update

from app.access.gate import COOKIE
from app.access.service import principal_of_session
from app.models import QueryVersion, Source
from app.web.home import read_notes, split_names, write_notes
from app.web.pages import with_code
from tests.support.furnish import Furnished, furnish, mention, settle
from tests.support.web import House

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% include 'x' %}",
    "</title></textarea><script src=//evil.example></script>",
    "<!--<script>",
    "javascript:alert(1)",
    "\u202ertl\u2066",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="java&#10;script:alert(1)">x</a>',
]
BAD_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example",
    "http:",
    "file:///etc/passwd",
    "http://[::1",
]


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def attributes(self, tag: str, name: str) -> list[str]:
        return [str(found[name]) for each, found in self.tags if each == tag and name in found]


def assert_inert(html: str) -> Page:
    """Nothing on the page runs but our own files."""
    page = Page(html)
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        assert "style" not in attrs, (tag, attrs)
        assert tag not in ("iframe", "object", "embed", "base", "style", "img")
        for name in ("href", "src", "action"):
            target = attrs.get(name)
            assert target is None or re.match(r"^(/|#|\?|https?://)", target), (tag, target)
    assert all(src.startswith("/static/") for src in page.attributes("script", "src"))
    assert html.count("<script") == len(page.attributes("script", "src"))
    return page


def test_the_check_of_inert_pages_bites() -> None:
    for broken in ("<p onclick=x>", "<script>1</script>", "<a href='javascript:x'>", "<p style=x>"):
        with pytest.raises(AssertionError):
            assert_inert(broken)


async def csrf_of(house: House, browser: httpx.AsyncClient) -> str:
    principal = await principal_of_session(house.services, browser.cookies[COOKIE])
    assert principal is not None
    return principal.csrf


async def test_an_empty_house_shows_one_form_in_the_readers_language(house: House) -> None:
    async with house.as_admin_browser() as browser:
        english = await browser.get("/", headers={"Accept-Language": "en"})
        french = await browser.get("/", headers={"Accept-Language": "fr-CH, en;q=0.5"})
        asked = await browser.get("/?lang=fr")
        kept = await browser.get("/")
    assert "Whom do we watch?" in english.text
    assert english.text.count('action="/watch"') == 1
    assert english.headers["content-language"] == "en"
    # The member signed in in English; ?lang= wins and is kept.
    assert "Qui surveille-t-on" in asked.text
    assert "Qui surveille-t-on" in kept.text
    assert french.status_code == 200
    assert_inert(english.text)


async def test_the_demo_is_offered_only_where_it_is_installed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.home.DEMO_MODULE", "app.no_such_demo.service")
    async with house.as_admin_browser() as browser:
        assert 'action="/demo"' not in (await browser.get("/")).text
        token = await csrf_of(house, browser)
        assert (await browser.post("/demo", data={"csrf": token})).status_code == 404


async def test_the_demo_is_loaded_beside_the_page_which_shows_how_far_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo's own tests load the real one; here a small one that waits to be let go."""
    go = asyncio.Event()

    async def load_demo(_services: object, *, progress: Callable[[int, int], None]) -> None:
        progress(3, 10)
        await go.wait()
        raise RuntimeError("planted")

    module = types.ModuleType("planted_demo")
    module.load_demo = load_demo  # type: ignore[attr-defined]  # a module made here
    module.__spec__ = ModuleSpec("planted_demo", None)
    monkeypatch.setitem(sys.modules, "planted_demo", module)
    monkeypatch.setattr("app.web.home.DEMO_MODULE", "planted_demo")
    house.services = replace(
        house.services, settings=house.services.settings.model_copy(update={"demo": True})
    )
    house.app.state.services = house.services
    async with house.as_admin_browser() as browser:
        assert 'action="/demo"' in (await browser.get("/")).text
        token = await csrf_of(house, browser)
        assert (await browser.post("/demo", data={"csrf": token})).status_code == 303
        await asyncio.sleep(0)
        loading = (await browser.get("/")).text
        assert '<progress value="3" max="10">' in loading
        assert 'http-equiv="refresh"' in loading
        go.set()
        await asyncio.wait([house.app.state.demo_task])
        failed = (await browser.get("/")).text
        assert "could not be loaded" in failed
        assert 'action="/demo"' in failed


async def test_a_name_alone_makes_a_whole_watch(house: House) -> None:
    async with house.as_admin_browser() as browser:
        form = {
            "csrf": await csrf_of(house, browser), "name": "Decathlon", "site": "",
            "competitors": "Intersport, Go Sport\nSport 2000", "language": "fr",
        }  # fmt: skip
        answer = await browser.post("/watch", data=form)
        assert answer.status_code == 303, answer.text
        page = await browser.get(answer.headers["location"])
        brands = (await browser.get("/api/v1/brands")).json()["data"]
        sources = (await browser.get("/api/v1/sources")).json()["data"]
    assert brands[0]["name"] == "Decathlon"
    assert len(brands) == 4
    assert sources
    assert "First reading under way" in page.text
    assert 'http-equiv="refresh"' in page.text  # works without a script
    assert_inert(page.text)


async def test_a_name_that_cannot_be_used_is_told_at_its_field_and_nothing_typed_is_lost(
    house: House,
) -> None:
    async with house.as_admin_browser() as browser:
        form = {
            "csrf": await csrf_of(house, browser), "name": "Decathlon",
            "site": "not a site<script>", "competitors": "Intersport", "language": "fr",
        }  # fmt: skip
        answer = await browser.post("/watch", data=form)
    assert answer.status_code == 422
    assert 'id="oops-site"' in answer.text
    assert "Intersport" in answer.text
    assert_inert(answer.text)


async def test_no_form_works_without_its_token(house: House) -> None:
    async with house.as_admin_browser() as browser:
        for path in ("/watch", "/demo", "/sources/1/resume", "/sign-out"):
            answer = await browser.post(path, data={"name": "x", "watchlist": "1"})
            assert answer.status_code == 403, path
        assert "Whom do we watch?" in (await browser.get("/")).text


async def furnished(house: House) -> Furnished:
    made = await furnish(house.services, brand_names=("Decathlon", "Intersport"))
    now = house.clock.now()
    for minutes, label in ((10, "positive"), (20, "negative"), (30, "none")):
        await mention(house.services, made, label=label, at=now - timedelta(minutes=minutes),
                      text="Chez Decathlon tout va", spans=[("text", 5, 14)])  # fmt: skip
    await mention(house.services, made, at=now - timedelta(days=1, minutes=5))
    await settle(house.services, made)
    return made


async def test_the_page_shows_the_state_of_the_house(any_house: House) -> None:
    await furnished(any_house)
    async with any_house.as_admin_browser() as browser:
        page = (await browser.get("/")).text
    assert "3 mentions of Decathlon today" in page
    assert "1 yesterday at the same hour" in page
    assert "<mark>Decathlon</mark>" in page
    assert "not judged" in page
    assert "No open alert" in page
    assert "Share of voice" in page
    assert page.count('class="mention"') == 4
    assert "<table>" in page  # each chart has its numbers
    assert_inert(page)


async def test_a_failing_source_is_named_with_its_reason_and_can_be_tried_again(
    house: House,
) -> None:
    made = await furnished(house)
    async with house.services.db.write() as session:
        row = await session.get_one(Source, made.sources[1].id)
        row.state, row.last_error, row.failures = "needs_attention", "401: enter a new key", 3
    async with house.as_admin_browser() as browser:
        page = (await browser.get("/")).text
        assert "needs you" in page
        assert "401: enter a new key" in page
        assert "1 source does not hear" in page
        form = {"csrf": await csrf_of(house, browser), "watchlist": str(made.watchlist.id)}
        answer = await browser.post(f"/sources/{row.id}/resume", data=form)
        assert answer.status_code == 303
        assert "needs you" not in (await browser.get("/")).text


async def test_without_a_network_the_page_names_what_could_not_be_reached(house: House) -> None:
    made = await furnish(house.services)
    async with house.services.db.write() as session:
        for source in made.sources:
            row = await session.get_one(Source, source.id)
            row.state, row.failures, row.last_error = "failing", 1, "no route to feed.example"
    async with house.as_admin_browser() as browser:
        page = (await browser.get("/")).text
    assert "Could not be reached" in page
    assert page.count("no route to feed.example") == 4  # on top, and at each source
    assert "No figure yet" in page
    assert "First reading under way" not in page
    assert_inert(page)


def test_only_our_own_back_ticks_become_code() -> None:
    shown = with_code("type `vigie <x>` & wait")
    assert shown == "type <code>vigie &lt;x&gt;</code> &amp; wait"


async def test_a_readers_page_offers_no_change(house: House) -> None:
    made = await furnished(house)
    async with house.services.db.write() as session:
        (await session.get_one(Source, made.sources[1].id)).state = "paused"
    async with house.caller(
        {"X-API-Key": await house.key("read"), "Accept": "text/html"}
    ) as reader:
        page = await reader.get("/")
    assert page.status_code == 200
    assert "/resume" not in page.text


async def test_hostile_text_is_shown_and_never_runs(house: House) -> None:
    made = await furnish(house.services, name="".join(HOSTILE)[:120], brand_names=HOSTILE)
    for place, text in enumerate(HOSTILE):
        await mention(
            house.services, made, brand=place, text=f"a {text} b", title=text, author_name=text,
            lang=text[:20], at=house.clock.now() - timedelta(minutes=place),
            spans=[("text", 2, 2 + len(text)), ("title", 0, len(text)), ("text", -5, 99), ("x",)],
        )  # fmt: skip
    async with house.services.db.write() as session:
        row = await session.get_one(Source, made.sources[0].id)
        row.name, row.last_error, row.state = HOSTILE[0], HOSTILE[2], "failing"
    await settle(house.services, made)
    async with house.as_admin_browser() as browser:
        page = await browser.get("/")
    assert page.status_code == 200
    assert page.text.count('class="mention"') == len(HOSTILE)
    assert_inert(page.text)
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in page.text
    assert "<mark>{{ 7*7 }}" in page.text


async def test_a_link_that_is_not_http_is_dropped(house: House) -> None:
    made = await furnish(house.services)
    for place, link in enumerate(BAD_LINKS):
        at = house.clock.now() - timedelta(minutes=place)
        await mention(house.services, made, url=link, at=at)
    await settle(house.services, made)
    async with house.as_admin_browser() as browser:
        page = await browser.get("/")
    assert page.text.count('class="mention"') == len(BAD_LINKS)
    assert "Open the post" not in page.text
    assert_inert(page.text)


async def test_another_watchlists_figures_stay_there(house: House) -> None:
    await furnished(house)
    other = await furnish(house.services, name="Other", brand_names=("Lidl",))
    await settle(house.services, other)
    async with house.as_admin_browser() as browser:
        page = (await browser.get(f"/?watchlist={other.watchlist.id}")).text
        assert (await browser.get("/?watchlist=1")).status_code == 404
        assert (await browser.get("/?watchlist=x")).status_code == 404
    assert "0 mentions of Lidl today" in page
    assert "No mention yet" in page


async def test_a_missing_page_is_a_page_for_people(house: House) -> None:
    async with house.as_admin_browser() as browser:
        answer = await browser.get("/nothing<script>")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in answer.text
    assert_inert(answer.text)


async def test_the_reference_and_the_problems_are_pages_of_ours(house: House) -> None:
    async with house.as_admin_browser() as browser:
        docs = await browser.get("/docs")
        problem = await browser.get("/problems/stale")
        unknown = await browser.get("/problems/nothing")
    assert 'id="list_mentions"' in docs.text
    assert_inert(docs.text)
    assert "412" in problem.text
    assert unknown.status_code == 404


def test_what_could_not_be_reached_travels_signed(house: House) -> None:
    cookie = write_notes(house.services, ["decathlon.fr: no feed", "x" * 999])
    assert len(cookie) < 3_000
    assert read_notes(house.services, cookie)[0] == "decathlon.fr: no feed"
    assert read_notes(house.services, cookie[:-2] + "xx") == []
    assert read_notes(house.services, "") == []


def test_names_may_stand_on_lines_or_between_commas() -> None:
    assert split_names("A, B\n\n C ,\r\nD") == ["A", "B", "C", "D"]


async def test_a_search_of_the_past_is_told_while_it_lasts(house: House) -> None:
    made = await furnish(house.services)
    await settle(house.services, made)

    async def mark(**values: object) -> None:
        async with house.services.db.write() as session:
            await session.execute(update(QueryVersion).values(**values))

    await mark(rematch_key=1, rematch_searched=43, rematch_total=100, rematch_added=12)
    async with house.as_admin_browser() as browser:
        english = (await browser.get("/?lang=en")).text
        french = (await browser.get("/?lang=fr")).text.replace("\u202f", " ").replace("\xa0", " ")
        assert "Re-reading the past for Decathlon: 43%, 12 new mentions so far" in english
        assert "Relecture du passé pour Decathlon : 43 %, 12 nouvelles mentions" in french
        await mark(rematched_at=house.services.clock.now())
        assert "Re-reading the past" not in (await browser.get("/?lang=en")).text
