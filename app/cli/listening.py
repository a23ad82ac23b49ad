"""What the `source` commands do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.cli import console, settings_of
from app.cli.pick import pick, the_watchlist, watchlist
from app.cli.polling import Polled, poll_all
from app.cli.running import ACTOR
from app.errors import Invalid, NotFound
from app.ingest.rules import INTAKE_KIND
from app.ingest.service import NOT_POLLED
from app.intake import service as intake
from app.models import Source
from app.services import Services
from app.sources import service as sources
from app.sources.kinds import collector_class
from app.sources.service import Checked
from app.watchlists.service import list_watchlists


def record(row: Source) -> dict[str, Any]:
    """What may be shown of a source: no secret is in it."""
    return {
        "id": str(row.id), "kind": row.kind, "name": row.name, "state": row.state,
        "config": row.config, "interval_s": row.interval_s, "failures": row.failures,
        "live": row.live, "last_ok_at": row.last_ok_at, "next_poll_at": row.next_poll_at,
        "last_error": row.last_error,
    }  # fmt: skip


def made_record(services: Services, row: Source, secret: str | None) -> dict[str, Any]:
    """A source just made; of a `webhook` with what its sender needs, which is shown this once."""
    if row.kind != INTAKE_KIND:
        return record(row)
    push_to = intake.address_of(services, row.id)
    return {**record(row), "push_to": push_to, "signing_secret": secret}


async def add(
    services: Services, *, kind: str, name: str | None, given: Sequence[str], watchlist: str | None
) -> dict[str, Any]:
    """Raises Invalid, NotFound."""
    form = collector_class(kind).Config.model_json_schema()
    config = settings_of.shaped(settings_of.parsed(given), form)
    where = await _watchlist(services, watchlist)
    config, made = intake.with_secret(kind, config)
    row = await sources.add_source(
        services, kind=kind, name=name or _name(kind, config), config=config,
        watchlist_id=where, actor=ACTOR,
    )  # fmt: skip
    return made_record(services, row, made)


async def _watchlist(services: Services, wanted: str | None) -> int:
    return (await watchlist(services, wanted)).id


def _name(kind: str, config: Mapping[str, Any]) -> str:
    """Kind and the first thing that tells it from others; never a field that may be secret."""
    telling = [config[key] for key in ("url", "server", "edition", "path", "host") if key in config]
    return f"{kind} {telling[0]}"[: sources.NAME_LIMIT] if telling else kind


async def all_sources(services: Services, wanted: str | None) -> Sequence[Source]:
    """The sources of a watchlist, or of all, each once. Raises NotFound."""
    found: dict[int, Source] = {}
    for one in await list_watchlists(services):
        if wanted is None or one.id == await _watchlist(services, wanted):
            found |= {row.id: row for row in await sources.list_sources(services, one.id)}
    if wanted is not None and not found:
        await _watchlist(services, wanted)
    return list(found.values())


async def located(services: Services, wanted: str) -> tuple[int, Source]:
    """A source by name or id, with a watchlist that it feeds. Raises NotFound, Invalid."""
    where: dict[int, int] = {}
    found: dict[int, Source] = {}
    for one in await list_watchlists(services):
        for row in await sources.list_sources(services, one.id):
            where.setdefault(row.id, one.id)
            found.setdefault(row.id, row)
    row = pick(list(found.values()), wanted, fr="source", en="source")
    return where[row.id], row


async def check(
    services: Services, *, source: str | None, kind: str | None, given: Sequence[str]
) -> Checked:
    """Raises Invalid, NotFound."""
    if kind is not None:
        form = collector_class(kind).Config.model_json_schema()
        config = settings_of.shaped(settings_of.parsed(given), form)
        return await sources.check_config(services, kind=kind, config=config)
    assert source is not None
    where, row = await located(services, source)
    return await sources.check_source(services, where, row.id)


async def poll(
    services: Services, *, source: str | None, watchlist: str | None
) -> Sequence[Polled]:
    """One source, or all (of a watchlist). Raises NotFound."""
    if source is not None:
        rows: Sequence[Source] = [(await located(services, source))[1]]
    else:
        rows = [row for row in await all_sources(services, watchlist) if row.kind not in NOT_POLLED]
    if not rows:
        raise NotFound(
            "there is no source yet: `vigie source add`",
            fr="il n’y a pas encore de source : `vigie source add`",
        )
    done: list[Polled] = []
    with console.progress(console.t(fr="lecture", en="reading"), total=len(rows)) as bar:
        async for polled in poll_all(services, rows):
            done.append(polled)
            bar.step(polled.name)
    return sorted(done, key=lambda one: one.id)


async def set_state(services: Services, wanted: str, *, resume: bool) -> Source:
    """Raises NotFound."""
    where, row = await located(services, wanted)
    change = sources.resume_source if resume else sources.pause_source
    return await change(services, where, row.id, actor=ACTOR)


async def remove(services: Services, wanted: str, *, watchlist: str | None) -> Source:
    """Out of the watchlist it feeds. Raises NotFound, Invalid where it feeds several."""
    row = pick(await all_sources(services, watchlist), wanted, fr="source", en="source")
    fed = [
        one for one in await list_watchlists(services)
        if row.id in {each.id for each in await sources.list_sources(services, one.id)}
    ]  # fmt: skip
    if watchlist is not None or len(fed) == 1:
        where = the_watchlist(fed, watchlist)
        await sources.remove_source(services, where.id, row.id, actor=ACTOR)
        return row
    names = ", ".join(one.name for one in fed)
    raise Invalid(
        f"{row.name} feeds several: say which, with --watchlist: {names}",
        fr=f"{row.name} en alimente plusieurs : dites laquelle, avec --watchlist : {names}",
    )
