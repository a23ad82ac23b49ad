"""What `source history`, `forecast`, `spending`, `propose` and `poll --dry-run` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.cli import console, listening, settings_of
from app.cli.pick import pick, watchlist
from app.cli.running import ACTOR
from app.errors import Invalid
from app.ingest.service import DryRun, dry_run_config, dry_run_source
from app.models import Brand, HistoryRun
from app.services import Services
from app.sources import service as sources
from app.sources.kinds import collector_class
from app.sources.service import Forecast, Proposals, Spent
from app.watchlists.service import list_brands


async def history(
    services: Services, wanted: str, *, days: int | None, stop: bool
) -> HistoryRun | None:
    """Begin, stop or look at a source's walk into its past. Raises NotFound, Invalid."""
    where, row = await listening.located(services, wanted)
    if stop:
        return await sources.stop_history(services, where, row.id, actor=ACTOR)
    if days is not None:
        return await sources.start_history(services, where, row.id, days=days, actor=ACTOR)
    return (await sources.histories(services, [row.id])).get(row.id)


def history_record(run: HistoryRun) -> dict[str, Any]:
    return {
        "state": run.state, "since": run.since, "reached": run.reached,
        "progress": round(sources.share_done(run), 3), "got": run.got, "new": run.new,
        "mentions": run.mentions, "next_at": run.next_at, "last_error": run.last_error,
    }  # fmt: skip


async def forecast(
    services: Services, *, kind: str, given: Sequence[str], wanted: str | None,
    query: str | None, every: int | None, ask: bool,
) -> Forecast:  # fmt: skip
    """Raises Invalid, NotFound."""
    config = _config(kind, given)
    where = (await watchlist(services, wanted)).id
    narrowing = await sources.narrowing_of_watchlist(services, where, query)
    return await sources.forecast_for(
        services, kind=kind, config=config, narrowing=narrowing, interval_s=every, ask=ask
    )


async def spending(services: Services, wanted: str | None) -> Sequence[Spent]:
    """Raises NotFound, Invalid."""
    return await sources.spent(services, (await watchlist(services, wanted)).id)


@dataclass(frozen=True, slots=True)
class Offer:
    """Proposals for a brand. added: the names of those that were accepted."""

    brand: Brand
    proposals: Proposals
    added: Sequence[str] = ()


async def propose(
    services: Services, brand: str | None, *, wanted: str | None, accept: bool
) -> Offer:
    """Raises NotFound, Invalid."""
    where = (await watchlist(services, wanted)).id
    brands = await list_brands(services, where)
    if brand is None and len(brands) != 1:
        names = ", ".join(one.name for one in brands)
        raise Invalid(f"name a brand: {names}", fr=f"nommez une marque : {names}")
    chosen = brands[0] if brand is None else pick(brands, brand, fr="marque", en="brand")
    found = await sources.propose_for(services, where, chosen.id)
    added = []
    for one in found.found if accept else ():
        if not one.there and not one.needs_key:
            row = await sources.add_source(
                services, kind=one.kind, name=one.name, config=one.config, watchlist_id=where,
                actor=ACTOR,
            )  # fmt: skip
            added.append(row.name)
    return Offer(chosen, found, added)


async def dry_run(
    services: Services, *, source: str | None, kind: str | None, given: Sequence[str],
    wanted: str | None,
) -> DryRun:  # fmt: skip
    """Raises Invalid, NotFound, CollectorError."""
    if source is not None:
        where, row = await listening.located(services, source)
        return await dry_run_source(services, where, row.id)
    assert kind is not None
    where = (await watchlist(services, wanted)).id
    return await dry_run_config(services, where, kind=kind, config=_config(kind, given))


def dry_run_records(run: DryRun) -> list[dict[str, Any]]:
    """One record an item, as `poll --dry-run` shows it."""
    return [
        {
            "new": not one.known, "published_at": one.item.published_at,
            "author": one.item.author.name if one.item.author else "",
            "title": one.item.title or one.item.text[:120], "url": one.item.url,
            "brands": ", ".join(run.brands[b] for b in one.brands if b in run.brands),
        }
        for one in run.found
    ]  # fmt: skip


async def versions(services: Services, wanted: str) -> list[dict[str, Any]]:
    """Raises NotFound."""
    where, row = await listening.located(services, wanted)
    return [
        {"id": str(one.id), "at": one.at, "size": one.size, "name": one.name}
        for one in await sources.versions(services, where, row.id)
    ]


async def version(services: Services, wanted: str, version_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    where, row = await listening.located(services, wanted)
    number = int(version_id) if version_id.isdigit() else 0
    found = await sources.version(services, where, row.id, number)
    return {
        "id": version_id, "name": found.version.name, "at": found.version.at,
        "before": found.before, "changes": list(found.changes), "text": found.text,
    }  # fmt: skip


def _config(kind: str, given: Sequence[str]) -> dict[str, Any]:
    form = collector_class(kind).Config.model_json_schema()
    return settings_of.shaped(settings_of.parsed(given), form)


def ask_config(kind: str, given: Sequence[str]) -> list[str]:
    """The settings that a person still has to give, asked for one by one on a terminal.

    Required ones are asked until they are there; a secret is not echoed. Returns `key=value`s.
    """
    import typer

    schema = collector_class(kind).Config.model_json_schema()
    there = settings_of.parsed(given)
    required = [name for name in schema.get("required", ()) if name not in there]
    secret = [
        name for name, field in schema["properties"].items()
        if name not in there and name not in required and _is_secret(field)
    ]  # fmt: skip
    answers = list(given)
    for name in [*required, *secret]:
        field = schema["properties"][name]
        optional = name not in required
        told = f"{name} ({field.get('description', '')})"
        value = typer.prompt(
            told, hide_input=_is_secret(field), default="" if optional else None,
            show_default=False, err=True,
        )  # fmt: skip
        if value:
            answers.append(f"{name}={value}")
    return answers


def _is_secret(field: dict[str, Any]) -> bool:
    return any(one.get("writeOnly") for one in (field, *field.get("anyOf", ())))


def forecast_words(found: Forecast) -> list[str]:
    """For people: what fits, what does not, and what it costs."""
    t = console.t
    lines = [
        t(
            fr=f"{found.polls_per_day:g} lectures par jour",
            en=f"{found.polls_per_day:g} polls a day",
        )
    ]
    if not found.lines:
        lines.append(t(fr="aucun quota déclaré, gratuit", en="no quota declared, free"))
    for line in found.lines:
        cost = f", {line.cost_per_month:.2f} {line.currency}/30 d" if line.cost_per_month else ""
        lines.append(
            f"{line.name}: {line.per_day:g} / {line.limit_per_day:g} "
            + t(fr="par jour", en="a day") + f" ({line.share:.0%}){cost}"
            + ("" if line.fits else t(fr=" : trop", en=": too much"))
        )  # fmt: skip
    if found.counted is not None:
        lines.append(
            t(
                fr=f"la plateforme compte {found.counted.items} publications sur "
                f"{found.counted.days:g} jours",
                en=f"the platform counts {found.counted.items} posts in "
                f"{found.counted.days:g} days",
            )
        )
    if found.message:
        lines.append(found.message)
    return lines
