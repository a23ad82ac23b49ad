"""/rules and /alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from app.access.service import note_change
from app.alerts import service
from app.alerts.schemas import (
    AlertOut,
    AlertShown,
    RuleIn,
    RuleOut,
    alert_out,
    rule_out,
    shown_out,
)
from app.api import (
    Cursor,
    IdPath,
    IfMatch,
    IfNoneMatch,
    Limit,
    Listed,
    Paged,
    ServicesDep,
    WatchlistId,
    Who,
    api_router,
    as_id,
    expected_version,
    link_next,
    optional_id,
    tag_version,
    versioned,
)

rules_router = api_router("/rules", "rules")
alerts_router = api_router("/alerts", "alerts")


@rules_router.get("", summary="List the rules of a watchlist")
async def list_rules(services: ServicesDep, watchlist: WatchlistId) -> Listed[RuleOut]:
    rows = await service.list_rules(services, watchlist)
    return Listed(data=[rule_out(row) for row in rows])


@rules_router.post("", status_code=201, summary="Make a rule")
async def add_rule(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    body: RuleIn,
) -> RuleOut:
    row = await service.add_rule(services, watchlist, body)
    await note_change(services, principal.actor, "rule.add", subject="rule", subject_id=row.id)
    tag_version(response, row.version)
    return rule_out(row)


@rules_router.get("/{rule_id}", summary="Read a rule", response_model=RuleOut)
async def get_rule(
    services: ServicesDep,
    response: Response,
    watchlist: WatchlistId,
    rule_id: IdPath,
    if_none_match: IfNoneMatch = None,
) -> RuleOut | Response:
    row = await service.get_rule(services, as_id(rule_id), watchlist_id=watchlist)
    return versioned(response, row.version, if_none_match, lambda: rule_out(row))


@rules_router.put("/{rule_id}", summary="Replace a rule")
async def edit_rule(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    rule_id: IdPath,
    body: RuleIn,
    if_match: IfMatch = None,
) -> RuleOut:
    asked = expected_version(if_match)
    if asked is None:
        seen = await service.get_rule(services, as_id(rule_id), watchlist_id=watchlist)
        asked = seen.version
    row = await service.edit_rule(
        services, as_id(rule_id), body, watchlist_id=watchlist, version=asked
    )
    await note_change(services, principal.actor, "rule.edit", subject="rule", subject_id=row.id)
    tag_version(response, row.version)
    return rule_out(row)


@rules_router.delete("/{rule_id}", status_code=204, summary="Remove a rule with its alerts")
async def remove_rule(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, rule_id: IdPath
) -> Response:
    await service.remove_rule(services, as_id(rule_id), watchlist_id=watchlist)
    await note_change(services, principal.actor, "rule.remove", subject="rule", subject_id=rule_id)
    return Response(status_code=204)


@alerts_router.get("", summary="List alerts, newest first")
async def list_alerts(
    services: ServicesDep,
    request: Request,
    response: Response,
    watchlist: WatchlistId,
    state: Annotated[Literal["open", "resolved"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Paged[AlertOut]:
    rows = await service.list_alerts(
        services, watchlist, before=optional_id(cursor, "cursor"), limit=limit, state=state
    )
    following = str(rows[-1].id) if len(rows) == limit else None
    link_next(request, response, following)
    return Paged(data=[alert_out(row) for row in rows], next=following)


@alerts_router.get("/{alert_id}", summary="Read an alert and what it is about")
async def get_alert(services: ServicesDep, watchlist: WatchlistId, alert_id: IdPath) -> AlertShown:
    return shown_out(await service.get_alert(services, as_id(alert_id), watchlist_id=watchlist))


@alerts_router.post("/{alert_id}/acknowledge", summary="Say that somebody has taken note")
async def acknowledge_alert(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, alert_id: IdPath
) -> AlertOut:
    row = await service.acknowledge(services, as_id(alert_id), watchlist_id=watchlist)
    await note_change(
        services, principal.actor, "alert.acknowledge", subject="alert", subject_id=row.id
    )
    return alert_out(row)
