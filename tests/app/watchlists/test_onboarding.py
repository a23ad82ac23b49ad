from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Invalid
from app.models import Source, Watchlist, WatchlistSource
from app.services import Services
from app.sources.service import kinds, list_sources
from app.watchlists import onboarding
from app.watchlists.onboarding import plan_watch, tag_of
from app.watchlists.service import list_brands, new_watch
from collectors.rss.discover import FeedLink
from tests.support.faultserver import FaultServer, reply
from tests.support.watch import count, watch_services

ALL = frozenset({"googlenews", "rss", "mastodon", "gdelt", "reddit", "hackernews", "jsonl"})
PAGE = b"""<html><head><link rel="alternate" type="application/rss+xml" title="Le blog"
 href="/blog.xml"></head></html>"""


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


def test_a_plan_lists_brands_and_every_keyless_source_that_fits() -> None:
    plan = plan_watch(
        name=" Decathlon ", lang="fr", competitors=["Intersport", "decathlon", "Go Sport"],
        markets=["vélo électrique"], site="https://www.decathlon.fr/", zone="Europe/Paris",
        feeds=[FeedLink(url="https://decathlon.fr/feed", title="Blog")], available=ALL,
    )  # fmt: skip
    assert [(brand.name, brand.kind) for brand in plan.brands] == [
        ("Decathlon", "own"), ("Intersport", "competitor"), ("Go Sport", "competitor"),
        ("vélo électrique", "market"),
    ]  # fmt: skip
    assert plan.brands[0].domains == ("decathlon.fr",)
    assert [source.kind for source in plan.sources] == [
        "googlenews", "googlenews", "rss", "mastodon", "gdelt", "reddit", "hackernews",
    ]  # fmt: skip


def test_a_plan_leaves_out_kinds_that_are_not_installed() -> None:
    plan = plan_watch(name="A1", lang="en", zone="UTC", available=frozenset({"googlenews"}))
    assert {source.kind for source in plan.sources} == {"googlenews"}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}),
        ("lang", {"lang": "de"}),
        ("zone", {"zone": "Paris/Europe"}),
        ("site", {"site": "not a site"}),
        ("name", {"name": "!!"}),
        ("competitors", {"competitors": [f"c{n}" for n in range(21)]}),
    ],
)
def test_what_cannot_be_watched_is_refused_by_name(field: str, values: dict[str, object]) -> None:
    given = {"name": "A1", "lang": "fr", "zone": "UTC", "available": ALL, **values}
    with pytest.raises(Invalid) as caught:
        plan_watch(**given)  # type: ignore[arg-type]  # a table of wrong values
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "tag"), [("L'Oréal Paris", "lorealparis"), ("Décathlon", "decathlon"), ("!", "")]
)
def test_a_tag_is_the_name_without_accents_and_spaces(name: str, tag: str) -> None:
    assert tag_of(name) == tag


def test_planned_configurations_fit_the_collectors_that_are_installed() -> None:
    plan = plan_watch(name="A1", lang="fr", zone="UTC", competitors=["B1"], available=ALL)
    installed = {kind.kind for kind in kinds()}
    assert installed >= {source.kind for source in plan.sources}


async def test_one_name_makes_a_watchlist_with_brands_and_sources(services: Services) -> None:
    told: list[str] = []
    async with FaultServer() as server:
        server.on("/", reply(200, PAGE, {"content-type": "text/html"}))
        site = server.url("/")
        feeds, unreached = await onboarding.feeds_of(services, site)
    assert ([feed.title for feed in feeds], unreached) == (["Le blog"], ())
    done = await new_watch(
        services, name="Decathlon", lang="fr", competitors=["Intersport"], progress=told.append,
        purpose="Notoriété", actor="me",
    )  # fmt: skip
    assert done.watchlist_id is not None
    assert done.unreached == ()
    brands = await list_brands(services, done.watchlist_id)
    assert [(brand.name, brand.kind) for brand in brands] == [
        ("Decathlon", "own"), ("Intersport", "competitor"),
    ]  # fmt: skip
    sources = await list_sources(services, done.watchlist_id)
    assert {one.id for one in sources} == set(done.source_ids)
    assert {one.kind for one in sources} == {
        "googlenews", "mastodon", "gdelt", "reddit", "hackernews",
    }  # fmt: skip
    assert told


async def test_an_unreachable_site_is_reported_in_both_languages_and_stops_nothing(
    services: Services,
) -> None:
    done = await new_watch(services, name="A1", lang="fr", site="nowhere.example")
    assert done.watchlist_id is not None
    (one,) = done.unreached
    assert "flux introuvables" in one.text("fr")
    assert "no feed could be found" in one.text("en")
    assert done.source_ids


async def test_a_refused_name_leaves_nothing_behind(services: Services) -> None:
    with pytest.raises(Invalid):
        await new_watch(services, name="", lang="fr")
    assert await count(services, Watchlist) == 0


async def test_two_watchlists_share_the_sources_that_both_want(services: Services) -> None:
    first = await new_watch(services, name="A1", lang="fr")
    second = await new_watch(services, name="B1", lang="fr")
    shared = set(first.source_ids) & set(second.source_ids)
    assert len(shared) == 5  # two editions of the news, the world's news, Reddit, Hacker News
    assert await count(services, WatchlistSource) == 12
    assert await count(services, Source) == 7
