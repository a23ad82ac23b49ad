"""From one name to a working watchlist: what to watch, where to listen, what cannot be reached.

Planning is separate from doing: `plan` asks the brand's site for its feeds and writes nothing;
`apply` makes what the plan lists. Whatever fails is told in the plan and stops nothing.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.errors import AppError, Invalid
from app.sources.service import add_source, kinds
from app.watchlists import rules
from app.watchlists.fields import invalid
from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist
from app.watchlists.wording import checked_query, first_query
from collectors.errors import CollectorError
from collectors.rss.discover import FeedLink, discover

if TYPE_CHECKING:
    from app.services import Services

Progress = Callable[[str], None]

DISCOVERY_DEADLINE_S = 15.0
"""The person is waiting: a site that has not answered by then is reported."""
DISCOVERY_REQUESTS = 12
MAX_FEEDS = 5
MAX_COMPETITORS = 20
MAX_TAGS = 10
MASTODON_SERVER = "https://mastodon.social"


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A source to add. `config` is what its collector is given."""

    kind: str
    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unreached:
    """Something that could not be had, and what that means, in both languages."""

    what: str
    fr: str
    en: str

    def text(self, lang: str) -> str:
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """What `new_watch` makes (and, once applied, made: `watchlist_id`, `source_ids`)."""

    watchlist: NewWatchlist
    brands: tuple[NewBrand, ...]
    sources: tuple[PlannedSource, ...]
    unreached: tuple[Unreached, ...] = ()
    watchlist_id: int | None = None
    source_ids: tuple[int, ...] = ()


def plan_watch(
    *,
    name: str,
    lang: str,
    competitors: Sequence[str] = (),
    site: str | None = None,
    markets: Sequence[str] = (),
    zone: str,
    purpose: str = "",
    feeds: Sequence[FeedLink] = (),
    available: frozenset[str],
) -> WatchPlan:
    """The plan, decided from what was typed and what was found. Pure.

    available: the collector kinds that are installed. Raises Invalid.
    """
    _judge(name, lang, zone, [*competitors, *markets], site)
    domain = rules.clean_domain(site) if site else ""
    rivals = {one.casefold() for one in _distinct(competitors)}
    first, *others = _distinct([name, *competitors, *markets])
    brands = (
        _brand(first, "own", domain),
        *(_brand(one, "competitor" if one.casefold() in rivals else "market") for one in others),
    )
    sources = [one for one in _sources(brands, lang, feeds) if one.kind in available]
    return WatchPlan(
        watchlist=NewWatchlist(
            name=rules.clean_name(name), zone=zone, language=lang, purpose=purpose
        ),
        brands=brands,
        sources=tuple(sources),
    )


def _judge(name: str, lang: str, zone: str, others: Sequence[str], site: str | None) -> None:
    problems = [
        *(rules.name_problem(rules.clean_name(one)) for one in [name, *others]),
        rules.choice_problem("lang", lang, rules.LANGUAGES),
        rules.zone_problem(zone),
        rules.domain_problem(rules.clean_domain(site)) if site else None,
    ]
    for problem in problems:
        if problem is not None:
            raise invalid(
                replace(problem, field="site" if problem.field == "domains" else problem.field)
            )
    if len(others) > MAX_COMPETITORS:
        raise Invalid(
            f"At most {MAX_COMPETITORS} competitors and markets to begin with.",
            fr=f"Au plus {MAX_COMPETITORS} concurrents et marchés pour commencer.",
            field="competitors",
        )


def _distinct(names: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(rules.clean_name(name).casefold(), rules.clean_name(name))
    return list(kept.values())


def _brand(name: str, kind: str, domain: str = "") -> NewBrand:
    domains = (domain,) if domain else ()
    query = checked_query(first_query(name, domains=domains))
    return NewBrand(name=name, kind=kind, domains=domains, query=query)


def _sources(
    brands: Sequence[NewBrand], lang: str, feeds: Sequence[FeedLink]
) -> Iterable[PlannedSource]:
    """Every keyless source that fits: the news in both editions and of the world, feeds, tags,
    Reddit's feeds, Hacker News. What needs a look or a key is proposed later (`source propose`)."""
    own = brands[0].name
    for edition in dict.fromkeys([lang, "fr", "en"]):
        yield PlannedSource("googlenews", f"Google News ({edition})", news_config(edition))
    for feed in feeds[:MAX_FEEDS]:
        title = rules.clean_name(feed.title)[:80] or feed.url
        yield PlannedSource("rss", title[: rules.NAME_LIMIT], {"url": feed.url})
    tags = list(dict.fromkeys(filter(None, (tag_of(brand.name) for brand in brands))))
    yield PlannedSource("mastodon", f"Mastodon – {own}", mastodon_config(tags))
    yield PlannedSource("gdelt", "GDELT", {})
    yield PlannedSource("reddit", "Reddit", {})
    yield PlannedSource("hackernews", "Hacker News", {})


def news_config(edition: str) -> Mapping[str, Any]:
    return {"edition": edition}


def mastodon_config(tags: Sequence[str]) -> Mapping[str, Any]:
    return {"instance": MASTODON_SERVER, "hashtags": list(tags)[:MAX_TAGS]}


def tag_of(name: str) -> str:
    """`L'Oréal Paris` → `lorealparis`: how people write a name as a hashtag."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return "".join(c for c in bare.casefold() if c.isalnum())


async def plan(
    services: Services,
    *,
    name: str,
    lang: str,
    competitors: Sequence[str] = (),
    site: str | None = None,
    markets: Sequence[str] = (),
    zone: str | None = None,
    purpose: str = "",
    progress: Progress | None = None,
) -> WatchPlan:
    """plan_watch with the feeds that the site offers. Raises Invalid."""

    def decide(feeds: Sequence[FeedLink]) -> WatchPlan:
        return plan_watch(
            name=name, lang=lang, competitors=competitors, site=site, markets=markets,
            zone=zone or services.settings.zone, purpose=purpose, feeds=feeds,
            available=frozenset(kind.kind for kind in kinds()),
        )  # fmt: skip

    first = decide(())  # refuses what cannot be accepted before anybody is asked
    if not site:
        return first
    _tell(progress, f"{site} …")
    feeds, unreached = await feeds_of(services, site)
    return replace(decide(feeds), unreached=unreached)


async def feeds_of(
    services: Services, site: str
) -> tuple[Sequence[FeedLink], tuple[Unreached, ...]]:
    """The feeds of a site, found within a short deadline; else why there are none."""
    address = site if "://" in site else f"https://{site}"
    try:
        async with asyncio.timeout(DISCOVERY_DEADLINE_S):
            feeds = await discover(address, services.http.budget(DISCOVERY_REQUESTS))
    except TimeoutError:
        return (), (_unreached(site, "pas de réponse à temps", "no answer in time"),)
    except CollectorError as error:
        return (), (_unreached(site, str(error), str(error)),)
    if not feeds:
        return (), (_unreached(site, "aucun flux annoncé", "no feed announced"),)
    return feeds, ()


def _unreached(what: str, why_fr: str, why_en: str) -> Unreached:
    return Unreached(
        what,
        f"{what} : flux introuvables ({why_fr}) ; ajoutez-les plus tard dans Sources.",
        f"{what}: no feed could be found ({why_en}); add it later under Sources.",
    )


async def apply(
    services: Services,
    plan: WatchPlan,
    *,
    actor: str = "system",
    progress: Progress | None = None,
) -> WatchPlan:
    """Make what the plan lists; a source that cannot be added is told and left out."""
    made = await create_watchlist(services, plan.watchlist, actor=actor)
    for brand in plan.brands:
        await add_brand(services, made.id, brand, actor=actor)
        _tell(progress, brand.name)
    added: list[int] = []
    unreached = list(plan.unreached)
    for planned in plan.sources:
        try:
            source = await add_source(
                services, kind=planned.kind, name=planned.name, config=planned.config,
                watchlist_id=made.id, actor=actor,
            )  # fmt: skip
        except Invalid as error:
            unreached.append(_left_out(planned, error))
            continue
        added.append(source.id)
        _tell(progress, planned.name)
    return replace(plan, watchlist_id=made.id, source_ids=tuple(added), unreached=tuple(unreached))


def _left_out(planned: PlannedSource, error: AppError) -> Unreached:
    return Unreached(
        planned.name,
        f"{planned.name} : source non ajoutée ({error.fr})",
        f"{planned.name}: source not added ({error.message})",
    )


def _tell(progress: Progress | None, text: str) -> None:
    if progress is not None:
        progress(text)
