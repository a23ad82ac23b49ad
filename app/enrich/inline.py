"""The brain without children. Importing this loads the model code: only where one is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.enrich.analysis import Analyst, compiled, match
from app.enrich.child import settle
from app.enrich.values import Analysed, Match, QuerySet, TextIn
from nlp.api import Abstain, Doc, ModelRef, Verdict
from nlp.registry import Registry
from nlp.router import Router


class InlineBrain:
    """What `Brain` does, in our own process: for one-core runs (bench, import on a small machine).

    It holds up the event loop while it thinks, and a text that kills it kills us.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._analyst = Analyst(languages)
        self._entities: Router | None = None
        self._settled = False

    async def analyse(self, texts: Sequence[TextIn], queries: QuerySet) -> Sequence[Analysed]:
        found = self._analyst.analyse(texts, queries)
        if not self._settled:
            self._settled = True
            settle()
        return found

    async def match(
        self,
        texts: Sequence[TextIn],
        sources: Mapping[int, str],
        *,
        now: datetime | None = None,
        zone: str = "UTC",
    ) -> Sequence[tuple[Match, ...]]:
        langs = [text.lang for text in texts]
        return match(compiled(sources, zone=ZoneInfo(zone)), texts, langs, now=now)

    async def entities(self, docs: Sequence[Doc]) -> Sequence[tuple[Verdict | Abstain, ModelRef]]:
        if self._entities is None:
            self._entities = Router(Registry().table("entities"))
        return [(answer, ref) for answer, ref in self._entities.analyze(docs)]

    async def close(self) -> None:
        return None
