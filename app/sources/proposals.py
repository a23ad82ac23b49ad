"""Sources that would fit a brand, found by the collectors themselves, ready to be accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from app.errors import Invalid
from app.models import Brand
from app.sources import config as configs
from app.sources import queries
from app.sources.kinds import collector_class
from app.watchlists.service import get_brand, get_watchlist
from collectors import registry
from collectors.api import Collector, Proposal, Proposes, Wanted
from collectors.errors import CollectorError

if TYPE_CHECKING:
    from app.services import Services

REQUESTS = 10
"""That one kind may make to find its proposals."""
SECONDS = 20.0
PER_KIND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A source to accept as it is. there: the watchlist has it already."""

    kind: str
    name: str
    config: Mapping[str, Any]
    why: str = ""
    needs_key: bool = False
    there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What was found, and which kinds could not look."""

    found: Sequence[Proposed]
    failed: Mapping[str, str]


async def propose_for(services: Services, watchlist_id: int, brand_id: int) -> Proposals:
    """Ask every kind that can what would fit a brand. Raises NotFound."""
    watchlist = await get_watchlist(services, watchlist_id)
    brand = await get_brand(services, watchlist_id, brand_id)
    wanted = wanted_of(brand, watchlist.language)
    able = [one for one in registry.catalogue().collectors.values() if issubclass(one, Proposes)]
    answers = await asyncio.gather(*(_ask(services, one, wanted) for one in able))
    async with services.db.read() as session:
        known = {one.fingerprint for one in await queries.sources(session, watchlist_id)}
    found: list[Proposed] = []
    failed: dict[str, str] = {}
    for kind, answer in zip(able, answers, strict=True):
        if isinstance(answer, str):
            failed[kind.kind] = answer
        else:
            found += _proposed(kind.kind, answer, known)
    return Proposals(found=found, failed=failed)


def wanted_of(brand: Brand, language: str) -> Wanted:
    return Wanted(
        name=brand.name, aliases=tuple(brand.aliases), domains=tuple(brand.domains),
        handles=tuple(brand.handles), language=language,
    )  # fmt: skip


async def _ask(
    services: Services, kind: type[Collector], wanted: Wanted
) -> Sequence[Proposal] | str:
    """What one kind proposes, or why it could not look."""
    assert issubclass(kind, Proposes)
    try:
        async with asyncio.timeout(SECONDS):
            found = await kind.propose(wanted, services.http.budget(REQUESTS))
            return list(found)[:PER_KIND]
    except (CollectorError, TimeoutError) as error:
        return str(error) or "no answer in time"
    except Exception as bug:  # foreign code: one must not stop the others
        structlog.get_logger().exception("proposal.bug", kind=kind.kind)
        return f"{type(bug).__name__} in the collector"


def _proposed(kind: str, found: Sequence[Proposal], known: Collection[str]) -> list[Proposed]:
    proposed = []
    for one in found:
        try:
            parts = configs.take_apart(configs.read(collector_class(kind).Config, one.config))
        except Invalid:
            structlog.get_logger().warning("proposal.unfit", kind=kind)
            continue
        there = configs.fingerprint(kind, parts, secrets_hash="") in known
        proposed.append(
            Proposed(
                kind=kind,
                name=one.name,
                config=one.config,
                why=one.why,
                needs_key=one.needs_key,
                there=there,
            )
        )
    return proposed
