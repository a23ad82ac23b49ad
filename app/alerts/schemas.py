"""What the API says of rules and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.alerts.inputs import RuleInput
from app.alerts.service import Shown
from app.api import EXAMPLE_ID, Schema
from app.models import Alert, AlertRule

RuleIn = RuleInput


class RuleOut(Schema):
    """When to tell, whom, and how loud."""

    id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Pic d’une heure"])
    kind: str = Field(description="mention or count.", examples=["count"])
    filter: dict[str, Any] = Field(examples=[{"labels": ["negative"]}])
    params: dict[str, Any] = Field(examples=[{"threshold": 250, "window_s": 3600}])
    channel_ids: list[str] = Field(examples=[[EXAMPLE_ID]])
    severity: str = Field(examples=["warning"])
    cooldown_s: int = Field(examples=[0])
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class AlertOut(Schema):
    """An episode with a named reason that opens, grows, resolves."""

    id: str = Field(examples=[EXAMPLE_ID])
    rule_id: str = Field(examples=[EXAMPLE_ID])
    subject: str = Field(examples=["all"])
    window: str = Field(examples=["2026-11-23T08:00:00+00:00"])
    brand_id: str | None = Field(examples=[None])
    reason: str = Field(examples=["count_over_threshold"])
    facts: dict[str, Any] = Field(examples=[{"count": 277, "threshold": 250}])
    severity: str = Field(examples=["warning"])
    state: str = Field(description="open or resolved.", examples=["open"])
    count: int = Field(examples=[277])
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = Field(examples=[None])
    acknowledged_at: datetime | None = Field(examples=[None])


class AlertShown(AlertOut):
    """An alert with the mentions it is about (the newest hundred)."""

    mention_ids: list[str] = Field(examples=[[EXAMPLE_ID]])


def rule_out(row: AlertRule) -> RuleOut:
    return RuleOut(
        id=str(row.id), name=row.name, kind=row.kind, filter=row.filter, params=row.params,
        channel_ids=[str(each) for each in row.channel_ids], severity=row.severity,
        cooldown_s=row.cooldown_s, active=row.active, version=row.version,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _fields(row: Alert) -> dict[str, Any]:
    return {
        "id": str(row.id), "rule_id": str(row.rule_id), "subject": row.subject,
        "window": row.window, "brand_id": str(row.brand_id) if row.brand_id else None,
        "reason": row.reason, "facts": row.facts, "severity": row.severity, "state": row.state,
        "count": row.count, "opened_at": row.opened_at, "updated_at": row.updated_at,
        "resolved_at": row.resolved_at, "acknowledged_at": row.acknowledged_at,
    }  # fmt: skip


def alert_out(row: Alert) -> AlertOut:
    return AlertOut(**_fields(row))


def shown_out(shown: Shown) -> AlertShown:
    ids = [str(each) for each in shown.mention_ids]
    return AlertShown(**_fields(shown.alert), mention_ids=ids)
