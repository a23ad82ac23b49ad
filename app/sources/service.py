"""Adding, checking and tending sources; building their collectors.

A source is polled once, whoever watches it: adding the same one in a second watchlist links the
first. Secrets go into `Source.secrets`, encrypted, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.db.upsert import insert_ignore
from app.errors import Conflict, Invalid, Stale
from app.models import ListeningLog, Source, WatchlistSource
from app.sources import config as configs
from app.sources import queries
from app.sources.asking import narrowing_of, narrowing_of_watchlist
from app.sources.budget import Forecast, Spent, forecast_for, spent
from app.sources.desk import desk_for, shelve
from app.sources.history import begin_history, histories, share_done, start_history, stop_history
from app.sources.kinds import Kind, collector_class, kinds
from app.sources.proposals import Proposals, Proposed, propose_for
from app.sources.queries import gaps, heard_hours, source_ids
from app.sources.rules import Gap, poll_interval
from app.sources.silence import tell_silent
from app.sources.versions import Compared, Version, version, versions
from app.sources.websub import note_hubs, safety_rest, subscribe_due
from app.watchlists.service import (
    bump_queries_epoch,
    request_rematch,
    require_watchlist,
)
from collectors.api import Collector, CollectorConfig, Streams
from collectors.errors import CollectorError, NeedsAttention

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "Checked", "Compared", "Forecast", "Gap", "Kind", "Proposals", "Proposed", "Spent", "Version",
    "add_source", "build_collector", "check_config", "check_source", "desk_for", "edit_source",
    "forecast_for", "gaps", "get_source", "heard_hours", "histories", "kinds", "list_sources",
    "listening_hours", "narrowing_of", "narrowing_of_watchlist", "note_hubs", "pause_source",
    "propose_for", "remove_source", "resume_source", "safety_rest", "share_done", "shelve",
    "source_ids", "spent", "start_history", "stop_history", "subscribe_due", "tell_silent",
    "unstored_source", "version", "versions",
]  # fmt: skip

NAME_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Checked:
    """What one cheap call to a source said."""

    ok: bool
    message: str = ""


async def add_source(
    services: Services,
    *,
    kind: str,
    name: str,
    config: Mapping[str, Any],
    watchlist_id: int,
    actor: str = "system",
    interval_s: int | None = None,
    history_days: int | None = None,
) -> Source:
    """Add a source to a watchlist, due at once; the same one again gives the first.

    history_days: how far back to read what was before, where the kind can; None: the setting,
        0: nothing.
    Raises Invalid (unknown kind, wrong field, a path outside the drop folder) and NotFound.
    """
    found = collector_class(kind)
    if interval_s is not None:
        config = configs.at_interval(found.Config, config)
    read = configs.read(found.Config, config)
    confined = configs.confined(read, services.settings.drop_path)
    parts = configs.take_apart(read)
    now = services.clock.now()
    row = {
        "kind": kind, "name": _name(name), "config": dict(parts.shown),
        "secrets": services.cipher.seal(parts.secrets),
        "fingerprint": _fingerprint(services, kind, parts),
        "interval_s": _interval(found, interval_s), "live": _is_live(found(confined)),
        "next_poll_at": now, "created_at": now, "updated_at": now,
    }  # fmt: skip
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        await require_watchlist(session, watchlist_id)
        stored = await _stored(session, row)
        await _link(session, stored, watchlist_id, now=now)
        days = services.settings.history_days if history_days is None else history_days
        await begin_history(session, stored, days=days, now=now)
        audit.record(
            session, now=now, actor=actor, action="source.add", subject="source",
            subject_id=stored.id, detail={"kind": kind, "watchlist_id": str(watchlist_id)},
        )  # fmt: skip
    return stored


async def _stored(session: AsyncSession, row: Mapping[str, Any]) -> Source:
    """The row under its fingerprint: this one, or the one that was there."""
    # Two people may add the same source at the same moment: one of them inserts.
    await insert_ignore(session, Source, [row], on=["fingerprint"])
    stored = await queries.by_fingerprint(session, row["fingerprint"])
    assert stored is not None
    if stored.removed_at is not None:
        stored.removed_at, stored.state = None, "active"
        stored.failures, stored.last_error = 0, ""
        stored.next_poll_at, stored.updated_at = row["created_at"], row["created_at"]
        stored.version += 1
    return stored


async def _link(session: AsyncSession, row: Source, watchlist_id: int, *, now: datetime) -> None:
    """Feed a watchlist; what the source brought before is searched for it too."""
    linked = watchlist_id in await queries.linked_watchlists(session, row.id)
    if linked:
        return
    await insert_ignore(
        session, WatchlistSource, [{"watchlist_id": watchlist_id, "source_id": row.id}]
    )
    if row.created_at != now:
        await request_rematch(session, watchlist_id)


async def listening_hours(
    services: Services, watchlist_id: int, *, hours: int, source_id: int | None = None
) -> Sequence[ListeningLog]:
    """What the sources of a watchlist asked and got, hour by hour. Raises NotFound."""
    now = services.clock.now()
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        ids = await queries.source_ids(session, watchlist_id)
        if source_id is not None:
            ids = [(await queries.source(session, watchlist_id, source_id)).id]
        return await queries.hours_heard(session, ids, now - timedelta(hours=hours), now)


async def list_sources(services: Services, watchlist_id: int) -> Sequence[Source]:
    """The sources of a watchlist. Raises NotFound."""
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        return await queries.sources(session, watchlist_id)


async def get_source(services: Services, watchlist_id: int, source_id: int) -> Source:
    """Raises NotFound."""
    async with services.db.read() as session:
        return await queries.source(session, watchlist_id, source_id)


async def edit_source(
    services: Services,
    watchlist_id: int,
    source_id: int,
    *,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    interval_s: int | None = None,
    version: int | None = None,
    actor: str = "system",
) -> Source:
    """Change a source. A new configuration starts from an empty cursor and is due at once.

    config: the whole configuration; a secret left out keeps its stored value, where the
        address stays the same.
    Raises NotFound, Invalid, Stale, and Conflict where the same source exists already.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        row = await queries.source(session, watchlist_id, source_id, to_change=True)
        _fresh(row, version)
        if config is not None:
            await _reconfigure(services, session, row, config)
            row.next_poll_at = now
        if name is not None:
            row.name = _name(name)
        if interval_s is not None:
            found = collector_class(row.kind)
            row.interval_s = _interval(found, interval_s)
            row.config = {**row.config, **configs.at_interval(found.Config, {})}
        _touch(row, now)
        audit.record(
            session, now=now, actor=actor, action="source.edit", subject="source",
            subject_id=row.id, detail={"config": config is not None, "name": name or ""},
        )  # fmt: skip
    return row


async def _reconfigure(
    services: Services, session: AsyncSession, row: Source, config: Mapping[str, Any]
) -> None:
    found = collector_class(row.kind)
    stored = services.cipher.open(row.secrets)
    read = configs.read(found.Config, {**stored, **config})
    confined = configs.confined(read, services.settings.drop_path)
    parts = configs.take_apart(read)
    configs.keep_secrets(configs.Parts(row.config, stored), parts, given=config)
    fingerprint = _fingerprint(services, row.kind, parts)
    same = await queries.by_fingerprint(session, fingerprint)
    if same is not None and same.id != row.id:
        raise Conflict(
            "A source with this configuration exists already: add that one to the watchlist.",
            fr="Une source avec cette configuration existe déjà : ajoutez-la à la veille.",
            field="config",
        )
    row.config, row.secrets = dict(parts.shown), services.cipher.seal(parts.secrets)
    if row.fingerprint != fingerprint:
        row.fingerprint, row.cursor = fingerprint, {}
    row.live = _is_live(found(confined))
    row.state, row.failures, row.last_error = "active", 0, ""
    _stop_poll(row)


async def pause_source(
    services: Services, watchlist_id: int, source_id: int, *, actor: str = "system"
) -> Source:
    """Stop asking, for every watchlist that it feeds, until somebody resumes it."""
    return await _set_state(services, watchlist_id, source_id, state="paused", actor=actor)


async def resume_source(
    services: Services, watchlist_id: int, source_id: int, *, actor: str = "system"
) -> Source:
    """Ask again, at once: after a pause, or after a person saw to what was wrong."""
    return await _set_state(services, watchlist_id, source_id, state="active", actor=actor)


async def _set_state(
    services: Services, watchlist_id: int, source_id: int, *, state: str, actor: str
) -> Source:
    now = services.clock.now()
    async with services.db.write() as session:
        row = await queries.source(session, watchlist_id, source_id, to_change=True)
        row.state = state
        _stop_poll(row)
        if state == "active":
            row.failures, row.last_error, row.next_poll_at = 0, "", now
        _touch(row, now)
        audit.record(
            session, now=now, actor=actor, action=f"source.{state}", subject="source",
            subject_id=row.id,
        )  # fmt: skip
    return row


async def remove_source(
    services: Services, watchlist_id: int, source_id: int, *, actor: str = "system"
) -> None:
    """Take it out of the watchlist; asked no more once it feeds none. What it brought stays."""
    now = services.clock.now()
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        row = await queries.source(session, watchlist_id, source_id, to_change=True)
        await queries.unlink(session, watchlist_id, source_id)
        if not await queries.linked_watchlists(session, source_id):
            row.removed_at, row.state = now, "paused"
            _stop_poll(row)
        _touch(row, now)
        audit.record(
            session, now=now, actor=actor, action="source.remove", subject="source",
            subject_id=row.id, detail={"watchlist_id": str(watchlist_id)},
        )  # fmt: skip


async def check_source(services: Services, watchlist_id: int, source_id: int) -> Checked:
    """Make one cheap call with a stored source. Raises NotFound; a failing source is a value."""
    row = await get_source(services, watchlist_id, source_id)
    try:
        collector = build_collector(services, row)
    except NeedsAttention as error:
        return Checked(False, str(error))
    return await _check(services, collector)


async def check_config(services: Services, *, kind: str, config: Mapping[str, Any]) -> Checked:
    """The same before anything is stored. Raises Invalid."""
    found = collector_class(kind)
    read = configs.confined(configs.read(found.Config, config), services.settings.drop_path)
    return await _check(services, found(read))


async def _check(services: Services, collector: Collector) -> Checked:
    http = services.http.budget(collector.capabilities.max_requests)
    try:
        await collector.check(http)
    except CollectorError as error:
        return Checked(False, str(error))
    return Checked(True)


def unstored_source(services: Services, kind: str, config: Mapping[str, Any]) -> Source:
    """A source that is not stored and never will be, to try a configuration. Raises Invalid."""
    parts = configs.take_apart(configs.read(collector_class(kind).Config, config))
    return Source(
        id=0, kind=kind, name=kind, config=dict(parts.shown),
        secrets=services.cipher.seal(parts.secrets), cursor={},
    )  # fmt: skip


def build_collector(services: Services, source: Source) -> Collector:
    """The collector of a stored source, its secrets opened; no I/O but the paths' resolution.

    Raises NeedsAttention where the kind is gone, the stored configuration no longer fits, or a
    path now leads out of the drop folder; SetupError where the key file is not the right one.
    """
    try:
        found = collector_class(source.kind)
        read = _read_stored(found.Config, source, services.cipher.open(source.secrets))
        return found(configs.confined(read, services.settings.drop_path))
    except Invalid as error:
        raise NeedsAttention(error.message) from error


def _read_stored(
    form: type[CollectorConfig], source: Source, secrets: Mapping[str, str]
) -> CollectorConfig:
    try:
        return form.model_validate({**source.config, **secrets})
    except ValidationError:
        raise NeedsAttention(
            "the stored configuration does not fit this version of the collector; edit the source"
        ) from None  # the error repeats its input, which may hold a secret


def _fingerprint(services: Services, kind: str, parts: configs.Parts) -> str:
    told = "\n".join(f"{name}={value}" for name, value in sorted(parts.secrets.items()))
    hashed = services.cipher.keyed_hash(told) if told else ""
    return configs.fingerprint(kind, parts, secrets_hash=hashed)


def _is_live(collector: Collector) -> bool:
    return isinstance(collector, Streams) and collector.live


def _interval(found: type[Collector], wanted_s: int | None) -> int:
    wanted = timedelta(seconds=wanted_s) if wanted_s else None
    return int(poll_interval(wanted=wanted, least=found.capabilities.min_interval).total_seconds())


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME_LIMIT:
        raise Invalid(
            f"Give the source a name of 1 to {NAME_LIMIT} characters.",
            fr=f"Donnez à la source un nom de 1 à {NAME_LIMIT} caractères.",
            field="name",
        )
    return clean


def _fresh(row: Source, version: int | None) -> None:
    if version is not None and row.version != version:
        raise Stale(
            "Somebody changed this source meanwhile: load it again.",
            fr="Quelqu’un a modifié cette source entre-temps : rechargez-la.",
        )


def _stop_poll(row: Source) -> None:
    """A poll under way finds its lease gone: it must not write back what was."""
    row.attempt += 1
    row.leased_until = None


def _touch(row: Source, now: datetime) -> None:
    row.version += 1
    row.updated_at = now
