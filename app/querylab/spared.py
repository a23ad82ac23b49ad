"""What the exclusions of a query take away of the stored posts, counted along a trial."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from app.ingest.service import Heard
from nlp.query import Matcher, Query
from nlp.query.lint import exclusions


@dataclass(slots=True)
class Spared:
    """counts: by the position of an exclusion, the posts that it alone keeps out."""

    matcher: Matcher[int]
    now: datetime
    counts: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, query: Query, *, now: datetime, zone: tzinfo) -> Spared:
        wanted = {one.position: one.query for one in exclusions(query)}
        return cls(Matcher.compile(wanted, zone=zone), now, Counter(dict.fromkeys(wanted, 0)))

    async def look(self, missed: Sequence[Heard]) -> None:
        """Count among posts that the query does not find."""
        if self.counts and missed:
            self.counts.update(await asyncio.to_thread(self._kept_out, missed))

    def _kept_out(self, missed: Sequence[Heard]) -> Counter[int]:
        texts = [one.text_in().asked(one.item.lang) for one in missed]
        return Counter(
            hit.key for hits in self.matcher.match_many(texts, now=self.now) for hit in hits
        )
