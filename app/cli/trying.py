"""What `query preview` and `query backtest` do and tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from app.cli import console
from app.cli.pick import pick
from app.cli.pick import watchlist as the_only
from app.models import Watchlist
from app.querylab import service
from app.querylab.schemas import BacktestOut, CountsOut, HitOut, backtest_out, preview_out
from app.querylab.service import COMMAND, Backtest, Preview, Searched
from app.services import Services
from app.trends.rules import day_start
from app.watchlists.service import list_brands
from nlp.query.values import Lang

_SHOWN = 90
"""Code points of a post in a line."""


async def preview(
    services: Services, text: str, *, brand: str | None, watchlist: str | None
) -> Preview:
    """Raises NotFound, Invalid."""
    where = await the_only(services, watchlist)
    brand_id = await _brand_id(services, where, brand) if brand is not None else None
    return await service.preview(services, where.id, text, brand_id=brand_id, limits=COMMAND)


async def backtest(
    services: Services,
    brand: str,
    text: str,
    *,
    period: tuple[date | None, date | None],
    examples: int,
    watchlist: str | None,
) -> Backtest:
    """period: local days, both in it. Raises NotFound, Invalid."""
    where = await the_only(services, watchlist)
    zone, (first, last) = ZoneInfo(where.zone), period
    with console.progress(console.t(fr="publications lues", en="posts read")) as bar:
        return await service.backtest(
            services, where.id, await _brand_id(services, where, brand), text,
            since=None if first is None else day_start(first, zone),
            until=None if last is None else day_start(last + timedelta(days=1), zone),
            examples=examples, limits=COMMAND, progress=bar.to,
        )  # fmt: skip


async def _brand_id(services: Services, where: Watchlist, wanted: str) -> int:
    return pick(await list_brands(services, where.id), wanted, fr="marque", en="brand").id


def tell_preview(found: Preview, lang: Lang, *, as_json: bool) -> None:
    """The posts on standard output, the words about them on standard error."""
    told = preview_out(found, lang)
    if as_json:
        console.write_json(told.model_dump(mode="json"))
        return
    console.say(told.explanation)
    for note in told.notes:
        console.say(note.message)
    console.write_table(("published_at", "source", "text"), [_line(hit) for hit in told.hits])
    console.say(
        console.t(
            fr=f"{_least(found.searched)}{told.count} trouvées, {_looked(found.searched)}",
            en=f"{_least(found.searched)}{told.count} found, {_looked(found.searched)}",
        )
    )
    if told.noise is not None and told.noise.share is not None:
        noise, judged, share = told.noise.noise, told.noise.judged, f"{told.noise.share:.0%}"
        console.say(
            console.t(
                fr=f"bruit : {share.replace('%', ' %')} ({noise} sur {judged} jugées)",
                en=f"noise: {share} ({noise} of {judged} judged)",
            )
        )

    if told.suggestions is not None and told.suggestions.exclusions:
        console.say(told.suggestions.sentence)
        console.say(told.suggestions.query)


def tell_suggestions(found: Preview, lang: Lang) -> None:
    """Terms to add, each with the query that has it; nothing where the brand has no marks."""
    told = preview_out(found, lang).suggestions
    if told is None:
        return
    rows = [("NOT", one) for one in told.exclusions] + [("AND", one) for one in told.context]
    if rows:
        console.write_table(
            ("use", "noise", "relevant", "unmarked", "query"),
            [(use, one.noise, one.relevant, one.unmarked, one.query) for use, one in rows],
        )
    console.say(told.sentence)


def write_lint(found: Preview, lang: Lang) -> None:
    """The notes and the terms to add, as JSON."""
    told = preview_out(found, lang).model_dump(mode="json")
    console.write_json({name: told[name] for name in ("notes", "suggestions", "searched")})


def tell_backtest(found: Backtest, *, as_json: bool) -> None:
    """Counts and posts on standard output, the words about them on standard error."""
    told = backtest_out(found)
    if as_json:
        console.write_json(told.model_dump(mode="json"))
        return
    console.write_table(("by", "name", "caught", "newly_caught", "lost", "kept"), list(_rows(told)))
    shown = [
        (what, *_line(hit))
        for what in ("newly_caught", "lost", "kept")
        for hit in getattr(told.examples, what)
    ]
    if shown:
        console.write("")
        console.write_table(("what", "published_at", "source", "text"), shown)
    effect, looked = told.effect, _looked(found.searched)
    change = f"{_least(found.searched)}+{effect.added} −{effect.removed}"
    console.say(
        console.t(
            fr=f"{looked} ; si vous l’enregistrez : mentions {change} ; sans correspondance "
            f"mais gardées, car quelqu’un y a travaillé : {effect.stays}",
            en=f"{looked}; if you save it: mentions {change}; no match any more, but kept because "
            f"somebody worked on them: {effect.stays}",
        )
    )


def _rows(told: BacktestOut) -> Iterator[Sequence[object]]:
    yield ("total", "", *_numbers(told.counts))
    for source in told.sources:
        yield ("source", source.source, *_numbers(source))
    for day in told.days:
        yield ("day", day.day, *_numbers(day))


def _numbers(counts: CountsOut) -> Sequence[int]:
    return counts.caught, counts.newly_caught, counts.lost, counts.kept


def _line(hit: HitOut) -> Sequence[object]:
    text = f"{hit.title} – {hit.text}" if hit.title and hit.text else hit.title or hit.text
    return hit.published_at, hit.source, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _least(searched: Searched) -> str:
    return "" if searched.complete else console.t(fr="au moins ", en="at least ")


def _looked(searched: Searched) -> str:
    back = f"{searched.down_to:%Y-%m-%d}" if searched.down_to is not None else "–"
    return console.t(
        fr=f"{searched.posts} publications lues, jusqu’au {back}",
        en=f"{searched.posts} posts read, back to {back}",
    )
