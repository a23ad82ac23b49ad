"""Accepting what is pushed in: verify, read, store once; making and changing signing secrets."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from standardwebhooks import Webhook as Signer

from app.errors import Conflict, Invalid, Unauthorized
from app.ingest.rules import INTAKE_KIND
from app.intake import queries
from app.intake.rules import MOST_ITEMS, Call, is_signed, is_timely, records_of, sent_at
from app.intake.storing import store_pushed
from app.models import Source
from app.sources.service import edit_source, get_source
from collectors.api import Item, Skipped
from collectors.errors import BadPayload
from collectors.jsonl.records import item_from_record

if TYPE_CHECKING:
    from app.services import Services

PREFIX = "whsec_"
_RAW = 2_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used: its place in the call, from 0, and why."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a call. duplicates: records that were there already, or twice in it.

    repeated: the call itself had come before, and nothing was done.
    """

    accepted: int = 0
    duplicates: int = 0
    rejected: Sequence[Rejected] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """A source whose call was verified, and how many calls it may get in a minute."""

    source: Source
    most: int


async def verify(services: Services, source_id: int, call: Call) -> Keyed:
    """The source that a call is for. Raises Unauthorized; one text for all that can be wrong."""
    async with services.db.read() as session:
        source = await queries.pushed_source(session, source_id)
    if source is None or not call.complete:
        raise _unsigned()
    stored = services.cipher.open(source.secrets)
    keys = [stored[name] for name in ("secret", "previous_secret") if stored.get(name)]
    now = services.clock.now()
    if not is_timely(call.timestamp, now=now):
        raise _unsigned()
    if not is_signed(call.signatures, await asyncio.to_thread(_signatures, keys, call)):
        raise _unsigned()
    return Keyed(source, int(source.config.get("calls_per_minute", 120)))


def _signatures(keys: Sequence[str], call: Call) -> list[str]:
    """What the header has to hold, by each of the secrets that are valid."""
    try:
        text = call.body.decode()
    except UnicodeDecodeError:
        return []  # JSON is UTF-8; nobody signs anything else
    at = datetime.fromtimestamp(sent_at(call.timestamp) or 0, UTC)
    return [Signer(key).sign(call.id, at, text) for key in keys]


async def accept(services: Services, source: Source, call: Call) -> Receipt:
    """Store the posts of a verified call, once.

    Raises Conflict (paused), Invalid (no JSON, too many), StoreBusy, StoreFull.
    """
    if source.state == "paused":
        raise Conflict(
            "This source is paused: resume it, then send again.",
            fr="Cette source est en pause : reprenez-la, puis renvoyez.",
        )
    records = await asyncio.to_thread(_records, call.body)
    items, rejected, skipped = await asyncio.to_thread(_read, records)
    stored = await store_pushed(services, source, call_id=call.id, items=items, skipped=skipped)
    if stored is None:
        return Receipt(duplicates=len(records) - len(rejected), rejected=rejected, repeated=True)
    return Receipt(
        accepted=stored.new,
        duplicates=len(items) - stored.new - stored.blocked,
        rejected=rejected,
    )


def _records(body: bytes) -> list[object]:
    try:
        found = records_of(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "The body is not JSON.", fr="Le corps n’est pas du JSON.", field="body"
        ) from error
    if found is None or len(found) > MOST_ITEMS:
        raise Invalid(
            f"Send one post, or a list of at most {MOST_ITEMS}.",
            fr=f"Envoyez une publication, ou une liste de {MOST_ITEMS} au plus.",
            field="body",
        )
    return found


def _read(records: Sequence[object]) -> tuple[list[Item], list[Rejected], list[Skipped]]:
    items: list[Item] = []
    rejected: list[Rejected] = []
    skipped: list[Skipped] = []
    for index, record in enumerate(records):
        try:
            items.append(_item(record))
        except BadPayload as error:
            rejected.append(Rejected(index, str(error)))
            raw = orjson.dumps(record).decode()[:_RAW]
            skipped.append(Skipped(f"record {index}: {error}", raw=raw))
    return items, rejected, skipped


def _item(record: object) -> Item:
    if not isinstance(record, Mapping):
        raise BadPayload("not a JSON object")
    return item_from_record(record)


def _unsigned() -> Unauthorized:
    return Unauthorized(
        "The call is not signed for this source, or more than five minutes old: sign id, timestamp "
        "and body with its secret (Standard Webhooks), and look at the address and the clock.",
        fr="L’appel n’est pas signé pour cette source, ou date de plus de cinq minutes : signez "
        "identifiant, horodatage et corps avec son secret (Standard Webhooks), et vérifiez "
        "l’adresse et l’horloge.",
    )


def new_secret() -> str:
    """A signing secret: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def with_secret(kind: str, config: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The configuration to add, and the secret that was made for it: it is shown only now."""
    if kind != INTAKE_KIND or config.get("secret"):
        return dict(config), None
    made = new_secret()
    return {**config, "secret": made}, made


async def rotate(
    services: Services, watchlist_id: int, source_id: int, *, actor: str = "system"
) -> tuple[Source, str]:
    """A new secret beside the present one, which is accepted until the next change.

    Raises NotFound, and Invalid for a source of another kind.
    """
    row = await get_source(services, watchlist_id, source_id)
    if row.kind != INTAKE_KIND:
        raise Invalid(
            "Only sources of kind webhook have a signing secret.",
            fr="Seules les sources de type webhook ont un secret de signature.",
        )
    stored, made = services.cipher.open(row.secrets), new_secret()
    config = {**row.config, "secret": made, "previous_secret": stored.get("secret")}
    row = await edit_source(services, watchlist_id, source_id, config=config, actor=actor)
    return row, made


def address_of(services: Services, source_id: int) -> str:
    """Where the posts of a source are sent to."""
    return f"{services.settings.public_url}/api/v1/intake/{source_id}"
