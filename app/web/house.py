"""The state of the house: everything the front page shows, read through the slices' services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from app.alerts.service import list_alerts, list_rules
from app.mentions.service import MentionFilter, MentionView, list_mentions
from app.models import Alert, Source, Watchlist
from app.services import Services
from app.sources.service import list_sources
from app.trends import rules
from app.trends.rules import Counts
from app.trends.service import Gap, Line, Share, Trend, series, share_of_voice
from app.watchlists.service import list_watchlists, search_of_version, searches_under_way
from app.web.charts import LineChart, Part, line_chart, spark, stacked
from app.web.excerpt import Piece, excerpt
from app.web.formats import Formats, host_of, safe_link
from app.web.words import count, say

DAYS = 30
WEEK = 7
MENTIONS = 20
MOST_ALERTS = 20
SENTIMENTS = ("positive", "neutral", "negative", "none")
HEALTH = ("needs_attention", "failing", "waiting", "paused", "active")
"""Worst first: what a person should look at stands on top."""


@dataclass(frozen=True, slots=True)
class BrandCard:
    """A brand today: so many, against yesterday at the same hour."""

    name: str
    kind: str
    place: int
    today: int
    yesterday: int
    yesterday_whole: int
    week: int
    line: LineChart

    @property
    def direction(self) -> Literal["up", "down", "same"]:
        if self.today == self.yesterday:
            return "same"
        return "up" if self.today > self.yesterday else "down"


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers behind a chart: the heads, and a row per slot (None: nobody listened)."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | None]]]


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A brand's share of voice, and how it moved in points."""

    name: str
    place: int
    share: float | None
    moved: float | None
    bar: Sequence[Part]


@dataclass(frozen=True, slots=True)
class MoodRow:
    """How a brand was spoken of; what was not judged is apart."""

    name: str
    counts: Counts
    bar: Sequence[Part]

    def of(self, kind: str) -> int:
        return self.counts.not_judged if kind == "none" else self.counts.label(kind)


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention as the list shows it: foreign text in pieces, links only http(s)."""

    brand: str
    place: int
    title: Sequence[Piece]
    text: Sequence[Piece]
    link: str
    host: str
    author: str
    source: str
    at: datetime
    lang: str
    label: str
    unsure: bool
    backfill: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source and how it is."""

    id: int
    name: str
    kind: str
    health: str
    last_error: str
    last_ok_at: datetime | None
    blind: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in the reader's words."""

    id: int
    title: str
    line: str
    severity: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A brand whose new query is being searched for in what is stored."""

    brand: str
    percent: int
    added: int


@dataclass(frozen=True, slots=True)
class House:
    """One watchlist's front page."""

    watchlist: Watchlist
    watchlists: Sequence[Watchlist]
    now: datetime
    today: date
    brands: Sequence[BrandCard]
    wide: LineChart
    slim: LineChart
    table: Table
    trend: Trend
    share: Share
    shares: Sequence[ShareRow]
    moods: Sequence[MoodRow]
    mentions: Sequence[MentionRow]
    alerts: Sequence[AlertRow]
    sources: Sequence[SourceRow]
    searches: Sequence[SearchRow]

    @property
    def waiting(self) -> bool:
        """Whether a source is still being read for the first time."""
        return any(source.health == "waiting" for source in self.sources)

    @property
    def unheard(self) -> Sequence[SourceRow]:
        """Sources that were asked and never answered: what a machine without a network sees."""
        return [
            source
            for source in self.sources
            if source.last_ok_at is None and source.health in ("failing", "needs_attention")
        ]

    @property
    def has_figures(self) -> bool:
        """Whether the chart has anything but gaps."""
        return any(not column.blind for column in self.wide.columns)

    @property
    def wants_demo(self) -> bool:
        """Nothing was heard yet and the demo is not here: looking at it may help."""
        return not self.mentions and not any(each.is_demo for each in self.watchlists)

    @property
    def today_total(self) -> int:
        return sum(card.today for card in self.brands if card.kind == "own")

    @property
    def yesterday_total(self) -> int:
        return sum(card.yesterday for card in self.brands if card.kind == "own")

    @property
    def silent(self) -> int:
        """Sources that do not hear just now."""
        return sum(source.health in ("failing", "needs_attention") for source in self.sources)


async def load_house(services: Services, watchlist: Watchlist, *, lang: str) -> House:
    """Read and arrange everything; cost follows the period and the page, not the table."""
    now, zone = services.clock.now(), ZoneInfo(watchlist.zone)
    today = rules.local_day(now, zone)
    midnight = rules.day_start(today, zone)
    yesterday = rules.day_start(today - timedelta(days=1), zone)
    first = rules.day_start(today - timedelta(days=DAYS - 1), zone)
    week = rules.day_start(today - timedelta(days=WEEK - 1), zone)
    hours = await series(services, watchlist.id, bucket="hour", start=yesterday, end=now)
    trend = await series(services, watchlist.id, bucket="day", start=first, end=now)
    share = await share_of_voice(services, watchlist.id, bucket="day", start=week, end=now)
    lines = _ordered(trend.lines)
    places = {line.brand_id: place for place, line in enumerate(lines)}
    by_brand = {line.brand_id: line for line in hours.lines}
    fmt = Formats(lang)
    return House(
        watchlist=watchlist, watchlists=await list_watchlists(services), now=now, today=today,
        brands=[
            _card(line, by_brand[line.brand_id], place, hours, midnight=midnight, now=now)
            for place, line in enumerate(lines)
        ],
        wide=_chart(trend, lines, fmt, width=760, height=250, every=3),
        slim=_chart(trend, lines, fmt, width=340, height=220, every=7),
        table=_table(trend, lines, fmt),
        trend=trend, share=share,
        shares=_shares(share, places),
        moods=[_mood(line) for line in lines if line.kind != "market"],
        mentions=await _mentions(services, watchlist.id, places),
        alerts=await _alerts(services, watchlist.id, lang),
        sources=_sources(
            await list_sources(services, watchlist.id), hours.frame.gaps,
            since=now - timedelta(days=1),
        ),
        searches=[
            SearchRow(brand.name, search_of_version(version).percent, version.rematch_added)
            for brand, version in await searches_under_way(services, watchlist.id)
        ],
    )  # fmt: skip


def _ordered(lines: Sequence[Line]) -> Sequence[Line]:
    """Own brands first, then competitors, then markets: colours follow this order."""
    order = ("own", "competitor", "market")
    return sorted(lines, key=lambda line: order.index(line.kind) if line.kind in order else 3)


def _card(
    days: Line, hours: Line, place: int, of: Trend, *, midnight: datetime, now: datetime
) -> BrandCard:
    def count(low: datetime, high: datetime) -> int:
        return sum(
            point.n
            for slot, point in zip(of.frame.slots, hours.points, strict=True)
            if point is not None and low <= slot.start < high
        )

    day_before = of.frame.start
    return BrandCard(
        name=days.name, kind=days.kind, place=place,
        today=count(midnight, of.frame.end),
        yesterday=count(day_before, now - (midnight - day_before)),
        yesterday_whole=count(day_before, midnight),
        week=_week(days).n,
        line=spark([None if p is None else p.n for p in days.points[-14:]]),
    )  # fmt: skip


def _week(line: Line) -> Counts:
    return rules.total(point for point in line.points[-WEEK:] if point is not None)


def _chart(
    trend: Trend, lines: Sequence[Line], fmt: Formats, *, width: int, height: int, every: int
) -> LineChart:
    days = [fmt.day(slot.key) for slot in trend.frame.slots]
    spoken = [line for line in lines if line.kind != "market"]
    columns = [
        f"{day} – "
        + ", ".join(
            f"{line.name} {'?' if line.points[i] is None else _n(line.points[i])}"
            for line in spoken
        )
        for i, day in enumerate(days)
    ]
    values = [[None if p is None else p.n for p in line.points] for line in spoken]
    return line_chart(values, days, columns, width=width, height=height, every=every)


def _n(point: Counts | None) -> int:
    return point.n if point else 0


def _table(trend: Trend, lines: Sequence[Line], fmt: Formats) -> Table:
    return Table(
        heads=[line.name for line in lines],
        rows=[
            (
                fmt.day(slot.key),
                [None if line.points[i] is None else _n(line.points[i]) for line in lines],
            )
            for i, slot in reversed(list(enumerate(trend.frame.slots)))
        ],
    )


def _shares(share: Share, places: dict[int, int]) -> Sequence[ShareRow]:
    rows = [
        ShareRow(
            name=line.name,
            place=places[line.brand_id],
            share=line.total,
            moved=None
            if line.total is None or line.previous is None
            else line.total - line.previous,
            bar=stacked([("share", line.total), ("rest", 1 - line.total)])
            if line.total is not None
            else (),
        )
        for line in share.lines
    ]
    return sorted(rows, key=lambda row: -(row.share or 0))


def _mood(line: Line) -> MoodRow:
    counts = _week(line)
    parts = [(kind, counts.label(kind)) for kind in SENTIMENTS[:3]]
    return MoodRow(line.name, counts, stacked([*parts, ("none", counts.not_judged)]))


async def _mentions(
    services: Services, watchlist_id: int, places: dict[int, int]
) -> Sequence[MentionRow]:
    page = await list_mentions(services, watchlist_id, MentionFilter(relevant=True), limit=MENTIONS)
    return [mention_row(view, places.get(view.mention.brand_id, 0)) for view in page.rows]


def mention_row(view: MentionView, place: int) -> MentionRow:
    """A mention made ready to be shown."""
    item, mention = view.item, view.mention
    return MentionRow(
        brand=view.brand, place=place,
        title=excerpt(item.title, mention.spans, field="title", limit=160),
        text=excerpt(item.text, mention.spans, field="text"),
        link=safe_link(item.url), host=host_of(item.url), author=view.author,
        source=view.source, at=mention.published_at, lang=_lang_tag(item.lang),
        label=mention.label, unsure=mention.unsure, backfill=mention.backfill,
    )  # fmt: skip


def _lang_tag(lang: str | None) -> str:
    """A code fit for the `lang` attribute; what a platform made up is left out."""
    return lang if lang and lang.isascii() and lang.replace("-", "").isalnum() else ""


async def _alerts(services: Services, watchlist_id: int, lang: str) -> Sequence[AlertRow]:
    found = await list_alerts(services, watchlist_id, state="open", limit=MOST_ALERTS)
    if not found:
        return ()
    rules_by_id = {rule.id: rule.name for rule in await list_rules(services, watchlist_id)}
    return [alert_row(alert, rules_by_id.get(alert.rule_id, ""), lang) for alert in found]


def alert_row(alert: Alert, rule: str, lang: str) -> AlertRow:
    """An alert in the reader's words: the rule's name, and the numbers behind it."""
    fmt = Formats(lang)
    threshold = alert.facts.get("threshold")
    line = count(lang, "alert_count", alert.count, fmt.number(alert.count))
    if isinstance(threshold, int):
        line = f"{line} ({say(lang, 'alert_threshold', n=fmt.number(threshold))})"
    return AlertRow(
        id=alert.id, title=rule, line=line, severity=alert.severity, at=alert.opened_at,
        state=alert.state,
    )  # fmt: skip


def _sources(
    rows: Sequence[Source], gaps: Sequence[Gap], *, since: datetime
) -> Sequence[SourceRow]:
    shown = [
        SourceRow(
            id=row.id, name=row.name, kind=row.kind, health=health_of(row),
            last_error=row.last_error, last_ok_at=row.last_ok_at,
            blind=[gap for gap in gaps if gap.source_id == row.id and gap.end > since],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(shown, key=lambda row: (HEALTH.index(row.health), row.name.casefold()))


def health_of(row: Source) -> str:
    """One of HEALTH; "waiting": it has not been read yet."""
    if row.state == "active" and row.first_poll_done_at is None and not row.failures:
        return "waiting"
    return row.state if row.state in HEALTH else "failing"
