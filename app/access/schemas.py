"""What the API says of keys, the caller and the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.access.rules import Principal, Scope
from app.api import EXAMPLE_ID, Schema
from app.models import ApiKey, AuditEntry


class Me(Schema):
    """Who is asking."""

    kind: Literal["key", "session"]
    name: str = Field(examples=["grafana"])
    scope: Scope
    language: str = Field(examples=["fr"])


class KeyIn(Schema):
    """A key to make."""

    name: str = Field(min_length=1, max_length=100, examples=["grafana"])
    scope: Scope = Field("read", description="read, write or admin; each includes the former.")
    days: int | None = Field(
        365, ge=1, le=3650, description="How long it lasts; null: until revoked."
    )


class KeyOut(Schema):
    """A key, without its secret."""

    id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["grafana"])
    prefix: str = Field(description="Its first characters.", examples=["vgk_3fKq81Zp"])
    scope: str = Field(examples=["read"])
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None = Field(examples=[None])


class KeyMade(KeyOut):
    """A key just made; `secret` is shown this once."""

    secret: str = Field(examples=["vgk_3fKq81Zp…"])


class AuditOut(Schema):
    """Who changed what."""

    id: str = Field(examples=[EXAMPLE_ID])
    at: datetime
    actor: str = Field(examples=["member:473911872905216001"])
    action: str = Field(examples=["key.create"])
    subject_kind: str = Field(examples=["key"])
    subject_id: str = Field(examples=[EXAMPLE_ID])


def me_out(principal: Principal, lang: str) -> Me:
    return Me(kind=principal.kind, name=principal.name, scope=principal.scope, language=lang)


def key_out(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=str(key.id), name=key.name, prefix=key.prefix, scope=key.scope,
        created_at=key.created_at, expires_at=key.expires_at, last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )  # fmt: skip


def key_made(key: ApiKey, secret: str) -> KeyMade:
    return KeyMade(**key_out(key).model_dump(), secret=secret)


def audit_out(entry: AuditEntry) -> AuditOut:
    return AuditOut(
        id=str(entry.id), at=entry.at, actor=entry.actor, action=entry.action,
        subject_kind=entry.subject_kind, subject_id=entry.subject_id,
    )  # fmt: skip
