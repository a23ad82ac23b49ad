"""What a source is to ask its platform for: derived from the queries it serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Invalid
from app.models import Source
from app.sources import queries
from app.sources.kinds import collector_class
from app.sources.narrowing import Clause, union
from app.watchlists.service import query_clauses, query_texts, require_watchlist
from collectors.api import Narrowing, Term

if TYPE_CHECKING:
    from app.services import Services


async def narrowing_of_watchlist(
    services: Services, watchlist_id: int, query: str | None = None
) -> Narrowing:
    """What to ask for one query text, or for all queries of a watchlist. Raises NotFound."""
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        texts = [query] if query is not None else await query_texts(session, [watchlist_id])
    return union([_terms(query_clauses(text)) for text in texts])


async def narrowing_of(session: AsyncSession, source: Source) -> Narrowing:
    """What to ask for; "everything" where the kind cannot be asked for less."""
    try:
        able = collector_class(source.kind).capabilities
    except Invalid:  # told when the collector is built
        return Narrowing()
    return await _of_all(session, source.id) if able.server_side_query else Narrowing()


async def _of_all(session: AsyncSession, source_id: int) -> Narrowing:
    """What to ask the platform for: a superset of the queries of every linked watchlist.

    Empty ("everything") also where a query cannot be narrowed or none is there yet.
    """
    linked = await queries.linked_watchlists(session, source_id)
    texts = await query_texts(session, linked)
    return union([_terms(query_clauses(text)) for text in texts])


def _terms(clauses: Any) -> Sequence[Clause]:
    return [tuple(Term(term.text, term.kind) for term in clause) for clause in clauses]
