"""Daily page views as a line of interest: one item an article and a day that is complete. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

from collectors.api import Item, Skipped
from collectors.wikipedia.articles import Article

Language = Literal["fr", "en"]

ENOUGH: Final = 7
"""Days before, at least, of which an average is told."""
_MONTHS_FR: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Days:
    """Views by day, as one answer tells them; days without a view are not in it."""

    views: Mapping[date, int]
    skipped: tuple[Skipped, ...] = ()

    def average(self, day: date, before: int) -> int | None:
        """Of the days before `day`; None where too few are known."""
        known = [
            views
            for other, views in self.views.items()
            if day - timedelta(days=before) <= other < day
        ]
        return round(sum(known) / len(known)) if len(known) >= ENOUGH else None


def read_days(records: Sequence[Any]) -> Days:
    """The days of an answer, and what in it cannot be read."""
    views: dict[date, int] = {}
    skipped = []
    for record in records:
        try:
            day, count = _day(record)
            views[day] = count
        except (KeyError, TypeError, ValueError) as error:
            reason = f"unreadable day: {type(error).__name__}"
            skipped.append(Skipped(reason, raw=repr(record)[:2_000]))
    return Days(dict(sorted(views.items())), tuple(skipped))


def _day(record: Any) -> tuple[date, int]:
    stamp, count = record["timestamp"], record["views"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError("views is no count")
    if not isinstance(stamp, str) or not stamp[:8].isdecimal() or len(stamp) < 8:
        raise ValueError("timestamp is no day")
    return datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC).date(), count


def stamp(day: date) -> str:
    """A day as the interface of page views writes it."""
    return f"{day:%Y%m%d}00"


def items_of(
    article: Article, days: Days, *, first: date, last: date, before: int, language: Language
) -> tuple[Item, ...]:
    """An item a day from `first` to `last`, newest first."""
    wanted = sorted((day for day in days.views if first <= day <= last), reverse=True)
    return tuple(
        _item(article, day, days.views[day], days.average(day, before), before, language)
        for day in wanted
    )


def _item(
    article: Article, day: date, views: int, average: int | None, before: int, language: Language
) -> Item:
    title = _title(article.title, day, views, language)
    return Item(
        external_id=f"views:{article.project}:{article.known_as}:{day.isoformat()}",
        url=article.url,
        title=title,
        text=f"{title}{_average(average, before, language)}.",
        # The last second of the day, so that it counts for that day wherever it is shown.
        published_at=datetime.combine(day, time(23, 59, 59), UTC),
        lang=language,
        kind="interest",
        metrics={"views": views},
    )


def _title(article: str, day: date, views: int, language: Language) -> str:
    if language == "fr":
        many = "vues" if views > 1 else "vue"
        number = "1er" if day.day == 1 else str(day.day)
        when = f"{number} {_MONTHS_FR[day.month - 1]} {day.year}"
        return f"« {article} » : {thousands(views, language)} {many} sur Wikipédia le {when}"
    many = "views" if views != 1 else "view"
    when = f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"“{article}”: {thousands(views, language)} {many} on Wikipedia on {when}"


def _average(average: int | None, before: int, language: Language) -> str:
    if average is None:
        return ""
    number = thousands(average, language)
    if language == "fr":
        return f" (moyenne des {before} jours précédents : {number})"
    return f" (average of the {before} days before: {number})"


def thousands(number: int, language: Language) -> str:
    """A count with its thousands set apart, as the language does it."""
    return f"{number:,}".replace(",", "\u202f" if language == "fr" else ",")
