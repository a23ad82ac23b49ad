"""Finding and blanking what is held of people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import first_key_at, hash64
from app.models import (
    Alert,
    Author,
    Delivery,
    DeliveryAttempt,
    Digest,
    Incident,
    Item,
    Mention,
    Note,
    PeopleListMember,
    Quarantine,
    Report,
    Session,
    Sighting,
    SignInLink,
    Verdict,
)
from app.privacy.rules import hidden_identity, spellings
from app.search import service as search

BATCH = 500
_QUIET = {"synchronize_session": False}

WITH_CONTENT: Sequence[tuple[Any, str]] = (
    (Alert, "facts"), (Delivery, "payload"), (Digest, "facts"), (Report, "facts"),
    (Incident, "timeline"), (Note, "text"),
)  # fmt: skip
"""Where posts may be quoted and people named."""


async def authors_called(session: AsyncSession, who: str) -> Sequence[Author]:
    """The authors of that name, native id, or `platform:id`; erased ones are nobody's."""
    names = spellings(who)
    lowered = [name.lower() for name in names]
    return (
        await session.scalars(
            select(Author)
            .where(
                Author.erased_at.is_(None),
                or_(
                    Author.dedup_key == hash64(who.strip().lower()),
                    Author.name.in_(names),
                    func.lower(Author.name).in_(lowered),
                    func.lower(Author.native_id).in_(lowered),
                ),
            )
            .order_by(Author.id)
        )
    ).all()


async def items_by(session: AsyncSession, author_ids: Sequence[int]) -> Sequence[Item]:
    """Everything that authors wrote, newest first."""
    return (
        await session.scalars(
            select(Item).where(Item.author_id.in_(author_ids)).order_by(Item.id.desc())
        )
    ).all()


async def mentions_of(session: AsyncSession, item_ids: Sequence[int]) -> Sequence[Mention]:
    """The mentions that items are, in every watchlist."""
    return await _in_parts(session, Mention, Mention.item_id, item_ids)


async def sightings_of(session: AsyncSession, item_ids: Sequence[int]) -> Sequence[Sighting]:
    """Where items were seen."""
    return await _in_parts(session, Sighting, Sighting.item_id, item_ids)


async def verdicts_of(session: AsyncSession, item_ids: Sequence[int]) -> Sequence[Verdict]:
    """What analyzers said of items."""
    return await _in_parts(session, Verdict, Verdict.item_id, item_ids)


async def _in_parts(
    session: AsyncSession, model: Any, column: Any, ids: Sequence[int]
) -> Sequence[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        found += (await session.scalars(select(model).where(column.in_(part)))).all()
    return found


async def old_items(
    session: AsyncSession, *, before: datetime, limit: int
) -> Sequence[tuple[int, str]]:
    """(id, identity) of items with content that were published and stored before."""
    rows = await session.execute(
        select(Item.id, Item.identity)
        .where(
            Item.id < first_key_at(before),
            Item.first_seen_at < before,
            Item.purged_at.is_(None),
        )
        .order_by(Item.id)
        .limit(limit)
    )
    return [(item_id, identity) for item_id, identity in rows]


async def blank_items(
    session: AsyncSession, items: Sequence[tuple[int, str]], *, now: datetime
) -> None:
    """Take out what people wrote and where; counts, dates, languages and figures stay.

    The identity stays as a hash, so that an item which its feed still shows is recognised.
    """
    ids = [item_id for item_id, _ in items]
    gone = {
        "text": "", "title": "", "url": "", "author_name": "", "external_id": "",
        "in_reply_to": "", "published_raw": "", "links": [], "media": [], "text_hash": 0,
        "purged_at": now,
    }  # fmt: skip
    await session.execute(
        update(Item).execution_options(**_QUIET),
        [
            {"id": item_id, "identity": hidden_identity(identity), **gone}
            for item_id, identity in items
        ],
    )
    for model, key, values in (
        (Mention, Mention.item_id, {"spans": [], "entities_pending": False}),
        (Verdict, Verdict.item_id, {"detail": {}}),
        (Sighting, Sighting.item_id, {"external_id": ""}),
    ):
        await session.execute(
            update(model).where(key.in_(ids)).values(**values).execution_options(**_QUIET)
        )
    await search.forget(session, ids)


async def blank_idle_authors(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Blank the names of authors of whom no content is held any more; how many."""
    held = exists().where(Item.author_id == Author.id, Item.purged_at.is_(None))
    ids = (
        await session.scalars(
            select(Author.id)
            .where(Author.last_seen_at < before, Author.name != "", ~held)
            .order_by(Author.id)
            .limit(limit)
        )
    ).all()
    await session.execute(
        update(Author)
        .where(Author.id.in_(ids))
        .values(name="", native_id="")
        .execution_options(**_QUIET)
    )
    return len(ids)


async def delete_quarantine(session: AsyncSession, *, before: datetime) -> int:
    """Forget unreadable records; how many."""
    return await _delete(session, delete(Quarantine).where(Quarantine.created_at < before))


async def delete_expired(session: AsyncSession, *, now: datetime) -> int:
    """Forget sessions and links that no longer open anything; how many."""
    links = await _delete(session, delete(SignInLink).where(SignInLink.expires_at < now))
    return links + await _delete(session, delete(Session).where(Session.expires_at < now))


async def blank_old_messages(session: AsyncSession, *, before: datetime) -> int:
    """Empty the messages that were dealt with long ago, and what was answered; how many."""
    old = select(Delivery.id).where(Delivery.created_at < before, Delivery.state != "pending")
    await session.execute(
        update(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id.in_(old), DeliveryAttempt.answer != "")
        .values(answer="")
        .execution_options(**_QUIET)
    )
    found = [
        row.id
        for row in await session.execute(
            select(Delivery.id, Delivery.payload).where(
                Delivery.created_at < before, Delivery.state != "pending"
            )
        )
        if row.payload
    ]
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(found))
        .values(payload={})
        .execution_options(**_QUIET)
    )
    return len(found)


async def rewrite(
    session: AsyncSession,
    model: Any,
    column: str,
    change: Callable[[Any], Any],
    *,
    before: datetime | None = None,
) -> int:
    """Put `change` of a JSON column in its place where it differs; how many rows."""
    changed = 0
    async for rows in _batches(session, model, column, before=before):
        moved = {row_id: change(value) for row_id, value in rows.items()}
        moved = {row_id: value for row_id, value in moved.items() if value != rows[row_id]}
        if moved:
            await session.execute(
                update(model).execution_options(**_QUIET),
                [{"id": row_id, column: value} for row_id, value in moved.items()],
            )
        changed += len(moved)
    return changed


async def _batches(
    session: AsyncSession, model: Any, column: str, *, before: datetime | None
) -> AsyncIterator[Mapping[int, Any]]:
    last = -1
    born = getattr(model, "created_at", None) if model is not Alert else Alert.updated_at
    while True:
        statement = select(model.id, getattr(model, column)).where(model.id > last)
        if before is not None and born is not None:
            statement = statement.where(born < before)
        rows = (await session.execute(statement.order_by(model.id).limit(BATCH))).all()
        if not rows:
            return
        yield {row[0]: row[1] for row in rows}
        last = rows[-1][0]


async def erase_authors(session: AsyncSession, rows: Mapping[int, str], *, now: datetime) -> None:
    """Blank authors for good. rows: id → keyed hash, which takes the place of the old key."""
    await session.execute(
        update(Author).execution_options(**_QUIET),
        [
            {
                "id": author_id, "name": "", "native_id": "", "followers": None,
                "dedup_key": hash64(keyed), "erased_at": now,
            }
            for author_id, keyed in rows.items()
        ],
    )  # fmt: skip


async def delete_relations(session: AsyncSession, author_ids: Sequence[int]) -> None:
    """Take authors out of lists, and what was noted about them."""
    for statement in (
        delete(PeopleListMember).where(PeopleListMember.author_id.in_(author_ids)),
        delete(Note).where(Note.subject_kind == "author", Note.subject_id.in_(author_ids)),
    ):
        await session.execute(statement.execution_options(**_QUIET))


async def delete_sightings(session: AsyncSession, item_ids: Sequence[int]) -> int:
    """Forget where items were seen; how many sightings."""
    gone = 0
    for start in range(0, len(item_ids), BATCH):
        part = item_ids[start : start + BATCH]
        gone += await _delete(session, delete(Sighting).where(Sighting.item_id.in_(part)))
    return gone


async def quarantine_rows(session: AsyncSession) -> Sequence[Quarantine]:
    """All unreadable records (kept for a month at most)."""
    return (await session.scalars(select(Quarantine).order_by(Quarantine.id))).all()


async def answers(session: AsyncSession) -> Sequence[DeliveryAttempt]:
    """All attempts whose answer was kept."""
    return (
        await session.scalars(select(DeliveryAttempt).where(DeliveryAttempt.answer != ""))
    ).all()


async def _delete(session: AsyncSession, statement: Any) -> int:
    result = await session.execute(statement.execution_options(**_QUIET))
    assert isinstance(result, CursorResult)
    return result.rowcount
