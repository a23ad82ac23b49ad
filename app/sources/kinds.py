"""The kinds of collectors that are installed, as the service and its forms see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid
from collectors import registry
from collectors.about import about
from collectors.api import Collector
from collectors.errors import NeedsAttention


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source: what it can do and the form it needs."""

    kind: str
    summary: str
    """In English; `summary_fr` in French."""
    summary_fr: str
    level: str
    """experimental, supported, proven; "" where a third party does not say."""
    platform: str | None
    auth: str
    server_side_query: bool
    conditional_requests: bool
    history_days: float | None
    min_interval_s: int
    quota: str
    cost: str
    max_requests: int
    config_schema: dict[str, Any]
    """JSON Schema of `config`; secrets carry `format: password` and `writeOnly`."""


def collector_class(kind: str) -> type[Collector]:
    """Raises Invalid where no installed collector is of that kind."""
    try:
        return registry.load(kind)
    except NeedsAttention as error:
        raise Invalid(str(error), fr=f"Type de source inutilisable : {error}", field="kind") from (
            error
        )


def kinds() -> Sequence[Kind]:
    """Every usable kind, sorted. Broken plugins are left to `vigie doctor`."""
    return [_kind(found) for found in registry.catalogue().collectors.values()]


def _kind(found: type[Collector]) -> Kind:
    able, told = found.capabilities, about(found)
    return Kind(
        kind=found.kind,
        summary=told.en,
        summary_fr=told.fr,
        level=told.level,
        platform=found.platform,
        auth=able.auth,
        server_side_query=able.server_side_query,
        conditional_requests=able.conditional_requests,
        history_days=able.history.total_seconds() / 86_400 if able.history else None,
        min_interval_s=int(able.min_interval.total_seconds()),
        quota=able.quota,
        cost=able.cost,
        max_requests=able.max_requests,
        config_schema=found.Config.model_json_schema(),
    )
