"""What `watch new` does: plan, make, read once, tell; and what `watch remove` may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli import console
from app.cli.pick import pick
from app.cli.polling import Polled, poll_all
from app.cli.running import ACTOR
from app.errors import Invalid
from app.sources.service import list_sources
from app.watchlists.service import list_watchlists, new_watch

if TYPE_CHECKING:
    from app.models import Watchlist
    from app.services import Services
    from app.watchlists.onboarding import WatchPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed."""

    name: str
    lang: str
    competitors: tuple[str, ...]
    markets: tuple[str, ...]
    site: str | None
    zone: str | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What was made, and what the first polls brought."""

    plan: WatchPlan
    polls: tuple[Polled, ...]

    @property
    def is_bad(self) -> bool:
        return bool(self.plan.unreached) or not all(poll.answered for poll in self.polls)

    @property
    def is_deaf(self) -> bool:
        """Nothing at all could be reached."""
        return not any(poll.answered for poll in self.polls)


async def begin(services: Services, wanted: Wanted) -> Begun:
    """Make the watchlist and read its sources once, with a bar. Raises Invalid."""
    with console.progress(wanted.name) as bar:
        plan = await new_watch(
            services, name=wanted.name, lang=wanted.lang, competitors=wanted.competitors,
            site=wanted.site, markets=wanted.markets, zone=wanted.zone, purpose=wanted.purpose,
            progress=bar.step, actor=ACTOR,
        )  # fmt: skip
    assert plan.watchlist_id is not None
    sources = await list_sources(services, plan.watchlist_id)
    polls: list[Polled] = []
    label = console.t(fr="première lecture", en="first reading")
    with console.progress(label, total=len(sources)) as bar:
        async for polled in poll_all(services, sources):
            polls.append(polled)
            bar.step(polled.name)
            console.say(f"  {polled.line()}")
    return Begun(plan, tuple(sorted(polls, key=lambda poll: poll.id)))


def tell(begun: Begun, *, as_json: bool) -> None:
    """The result, and what to do next."""
    plan = begun.plan
    for missing in plan.unreached:
        console.say(f"  {missing.text(console.language())}")
    if begun.is_deaf:
        console.say(_deaf())
    if as_json:
        console.write_json(_record(begun))
        return
    mentions = sum(poll.mentions for poll in begun.polls)
    items = sum(poll.new for poll in begun.polls)
    answered = sum(poll.answered for poll in begun.polls)
    name = plan.watchlist.name
    console.write(
        console.t(
            fr=f"{name} : {len(plan.brands)} marques, {answered} sources sur {len(begun.polls)} "
            f"ont répondu, {items} publications, {mentions} mentions",
            en=f"{name}: {len(plan.brands)} brands, {answered} of {len(begun.polls)} sources "
            f"answered, {items} posts, {mentions} mentions",
        )
    )
    console.say(
        console.t(
            fr="d’autres sources qui conviendraient : `vigie source propose`",
            en="more sources that would fit: `vigie source propose`",
        )
    )


def _deaf() -> str:
    return console.t(
        fr="Aucune source n’a pu être jointe : vérifiez l’accès au réseau ; les sources seront "
        "relues par `vigie serve`. Pour voir Vigie à l’œuvre sans réseau : `vigie demo load`",
        en="No source could be reached: check the network; `vigie serve` will try them again. "
        "To see Vigie at work without a network: `vigie demo load`",
    )


def _record(begun: Begun) -> dict[str, object]:
    plan = begun.plan
    return {
        "watchlist": {"id": str(plan.watchlist_id), "name": plan.watchlist.name,
                      "language": plan.watchlist.language, "zone": plan.watchlist.zone},
        "brands": [{"name": b.name, "kind": b.kind, "query": b.query} for b in plan.brands],
        "sources": [poll.record() for poll in begun.polls],
        "unreached": [{"what": one.what, "why": one.text("en")} for one in plan.unreached],
        "posts": sum(poll.new for poll in begun.polls),
        "mentions": sum(poll.mentions for poll in begun.polls),
    }  # fmt: skip


async def removable(services: Services, wanted: str) -> Watchlist:
    """Raises NotFound, and Invalid for the demo, which has posts of its own to take along."""
    row = pick(await list_watchlists(services), wanted, fr="veille", en="watchlist")
    if row.is_demo:
        raise Invalid(
            f"{row.name} is the demo: `vigie demo clear` removes it",
            fr=f"{row.name} est la démo : `vigie demo clear` la retire",
        )
    return row
