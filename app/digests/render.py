"""Facts as a mail: subject, HTML, and plain text with the same facts. Pure but for its templates.

E-mail clients know tables and inline styles; charts are table cells. Light is the base, dark a
media query. Everything foreign goes through Jinja's autoescape and `app.deliveries.text`'s rule
that every character is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.deliveries.service import cut, one_line, safe_url
from app.digests.facts import LABELS, AlertLine, BrandLine, Facts, GapLine, PostLine, at
from app.digests.rules import DAY, change, scaled
from app.digests.words import counted, word
from app.typography import (
    clock_time,
    colon,
    known,
    long_date,
    number,
    percent,
    short_date,
    signed_percent,
    weekday,
)

MOST_BYTES = 102 * 1024
"""Gmail clips a message beyond it."""
MOST_VOICES = 12
_BAR_PX = 56
_POST_CHARS = 220
_COLOURS = {"positive": "#2f8f5b", "neutral": "#9aa5b1", "negative": "#c8413b", "none": "#dfe4ea"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest as it is read."""

    subject: str
    html: str
    text: str


def render(facts: Facts, *, lang: str, public_url: str, unsubscribe_url: str = "") -> Rendered:
    """The mail of a digest. Long texts are cut so that the HTML stays under `MOST_BYTES`."""
    lang = known(lang)
    for kept in (_POST_CHARS, 120, 60):
        view = _view(facts, lang, public_url, unsubscribe_url, kept)
        html = _inlined(_templates().get_template("digest.html.j2").render(view))
        if len(html.encode()) < MOST_BYTES:
            break
    text = _templates().get_template("digest.txt.j2").render(view)
    return Rendered(subject=subject(facts, lang), html=html, text=_tidy(text))


def subject(facts: Facts, lang: str) -> str:
    """What the reader sees in the list of mails."""
    day = short_date(facts.date, lang)
    name = cut(one_line(facts.watchlist), 60)
    if facts.is_quiet:
        return word("subject_quiet", lang, watchlist=name, day=day)
    moved = facts.change
    shown = f" ({signed_percent(moved, lang)})" if moved is not None else ""
    return word("subject", lang, watchlist=name, n=_mentions(facts.n, lang), day=day, change=shown)


def lines(facts: Facts, lang: str) -> tuple[str, ...]:
    """The digest in a few lines, for channels that show no mail."""
    if facts.is_quiet:
        return (word("quiet_blind" if facts.gaps else "quiet_line", lang),)
    voices = " · ".join(
        f"{one_line(b.name)} {_share(facts, b, lang)} ({number(b.n, lang)})" for b in facts.voices
    )
    labels = facts.labels
    sentiment = ", ".join(f"{number(labels[k], lang)} {word(k, lang)}" for k in LABELS)
    joint, gaps_title = colon(lang), word("gaps_title", lang)
    moved = " · ".join(change["text"] for change in _changes(facts, lang))
    told = [
        f"{_mentions(facts.n, lang)}{joint}{moved}",
        f"{word('voice_title', lang)}{joint}{voices}" if len(facts.voices) > 1 else "",
        f"{word('sentiment_title', lang)}{joint}{sentiment}",
        *(f"{a['rule']} – {a['text']}" for a in _alerts(facts, lang, "")),
        *(f"{gaps_title}{joint}{g['source']}, {g['text']}" for g in _gaps(facts, lang)),
    ]
    return tuple(line for line in told if line)


def _view(
    facts: Facts, lang: str, public_url: str, unsubscribe_url: str, kept: int
) -> dict[str, Any]:
    """Everything the templates show, already in words: no rule lives in a template."""
    changes = _changes(facts, lang)
    alerts = len(facts.alerts) + facts.alerts_more
    return {
        "lang": lang, "colon": colon(lang), "facts": facts,
        "w": lambda key, **values: word(key, lang, **values),
        "date": long_date(facts.date, lang), "watchlist": one_line(facts.watchlist),
        "subject": subject(facts, lang), "open_url": public_url,
        "unsubscribe_url": unsubscribe_url, "quiet": facts.is_quiet,
        "quiet_line": word("quiet_blind" if facts.gaps else "quiet_line", lang),
        "headline": word("headline", lang, brands=_names(facts, lang)),
        "total": number(facts.n, lang),
        "total_words": _mentions(facts.n, lang).removeprefix(number(facts.n, lang)).strip(),
        "changes": changes, "days": _days(facts, lang), "voices": _voices(facts, lang),
        "voices_more": _more(len(facts.voices) - MOST_VOICES, lang),
        "markets": [_brand(facts, b, lang) for b in facts.of_kind("market")[:MOST_VOICES]],
        "markets_more": _more(len(facts.of_kind("market")) - MOST_VOICES, lang),
        "sentiment": _sentiment(facts, lang), "colours": _COLOURS,
        "posts": [_post(post, facts, lang, kept) for post in facts.posts],
        "alerts": _alerts(facts, lang, public_url),
        "alerts_more": _more(facts.alerts_more, lang),
        "gaps": _gaps(facts, lang),
        "gaps_more": _more(facts.gaps_more, lang),
        "preheader": word(
            "preheader", lang, n=_mentions(facts.n, lang).capitalize(),
            change=changes[0]["text"], alerts=counted("alerts", alerts, number(alerts, lang), lang),
        ),
    }  # fmt: skip


def _changes(facts: Facts, lang: str) -> list[dict[str, str]]:
    """The day against the one before and the same weekday of the week before."""
    same_weekday = weekday(facts.date - 7 * DAY, lang)
    return [
        _change(facts.n, before, words, lang)
        for before, words in (
            (facts.day_before, word("against_before", lang)),
            (facts.week_before, word("against_week", lang, weekday=same_weekday)),
        )
    ]


def _change(now: int, before: int, against: str, lang: str) -> dict[str, str]:
    moved = change(now, before)
    if moved is None:
        shown = word("nothing_before" if now else "no_change", lang)
    else:
        shown = word("no_change", lang) if now == before else signed_percent(moved, lang)
    kind = "flat" if now == before else "up" if now > before else "down"
    arrow = {"up": "▲", "down": "▼", "flat": "="}[kind]
    was = number(before, lang)
    return {"kind": kind, "arrow": arrow, "shown": shown, "against": f"{against}{colon(lang)}{was}",
            "text": f"{shown} / {against} ({was})"}  # fmt: skip


def _days(facts: Facts, lang: str) -> list[dict[str, Any]]:
    heights = scaled([day.n for day in facts.days], height=_BAR_PX)
    dates = [at(day.day).date() for day in facts.days]
    return [
        {
            "n": number(day.n, lang), "height": height, "rest": _BAR_PX - height,
            "weekday": weekday(date, lang)[:3], "date": short_date(date, lang),
            "told": day is facts.days[-1],
        }
        for day, height, date in zip(facts.days, heights, dates, strict=True)
    ]  # fmt: skip


def _voices(facts: Facts, lang: str) -> list[dict[str, Any]]:
    if len(facts.voices) < 2:
        return []
    # Never without the own brands, however quiet they were.
    own = [brand for brand in facts.voices if brand.kind == "own"]
    loudest = [*own, *(brand for brand in facts.voices if brand.kind != "own")][:MOST_VOICES]
    voices = [brand for brand in facts.voices if brand in loudest]
    widths = scaled([brand.n - brand.owned for brand in voices], height=100)
    return [
        {**_brand(facts, brand, lang), "width": width, "own": brand.kind == "own"}
        for brand, width in zip(voices, widths, strict=True)
    ]


def _brand(facts: Facts, brand: BrandLine, lang: str) -> dict[str, Any]:
    moved = _change(brand.n, brand.day_before, word("against_before", lang), lang)
    return {
        "name": one_line(brand.name), "share": _share(facts, brand, lang),
        "n": number(brand.n, lang), "mentions": _mentions(brand.n, lang), "change": moved,
    }  # fmt: skip


def _share(facts: Facts, brand: BrandLine, lang: str) -> str:
    share = facts.share_of(brand)
    return "–" if share is None else percent(share, lang)


def _sentiment(facts: Facts, lang: str) -> list[dict[str, Any]]:
    labels, whole = facts.labels, max(1, sum(facts.labels.values()))
    return [
        {
            "label": label, "word": word(label, lang), "n": number(labels[label], lang),
            "share": percent(labels[label] / whole, lang),
            "width": round(labels[label] / whole * 1000) / 10, "colour": _COLOURS[label],
        }
        for label in LABELS
    ]  # fmt: skip


def _post(post: PostLine, facts: Facts, lang: str, kept: int) -> dict[str, Any]:
    parts = [
        one_line(post.author),
        one_line(post.source),
        clock_time(at(post.published_at), facts.zone),
    ]
    marks = []
    if post.engagement:
        marks.append(counted("engagement", post.engagement, number(post.engagement, lang), lang))
    if post.copies > 1:
        copies = post.copies - 1
        marks.append(counted("copies", copies, number(copies, lang), lang))
    return {
        "text": cut(one_line(post.text), kept), "url": safe_url(post.url),
        "brand": one_line(post.brand), "label": word(post.label, lang),
        "colour": _COLOURS.get(post.label, _COLOURS["none"]),
        # An outlet's feed often bears the name of the outlet.
        "by": " · ".join(dict.fromkeys(part for part in parts if part)), "marks": " · ".join(marks),
    }  # fmt: skip


def _alerts(facts: Facts, lang: str, public_url: str) -> list[dict[str, str]]:
    return [
        {
            "rule": one_line(alert.rule), "text": _alert(alert, facts, lang),
            "url": f"{public_url}/alerts/{alert.id}" if public_url else "",
        }
        for alert in facts.alerts
    ]  # fmt: skip


def _alert(alert: AlertLine, facts: Facts, lang: str) -> str:
    brand = f"{one_line(alert.brand)}, " if alert.brand else ""
    n = number(alert.count, lang)
    if alert.window_start and alert.window_end:
        return word(
            "alert_count", lang, brand=brand, n=n, threshold=number(alert.threshold, lang),
            start=clock_time(at(alert.window_start), facts.zone),
            end=clock_time(at(alert.window_end), facts.zone),
        )  # fmt: skip
    form = "alert_mentions_1" if alert.count == 1 else "alert_mentions_n"
    opened = clock_time(at(alert.opened_at), facts.zone)
    return word(form, lang, brand=brand, n=n, at=opened)


def _gaps(facts: Facts, lang: str) -> list[dict[str, str]]:
    return [{"source": one_line(gap.source), "text": _gap(gap, facts, lang)} for gap in facts.gaps]


def _gap(gap: GapLine, facts: Facts, lang: str) -> str:
    why = gap.fr if lang == "fr" else gap.en
    start, end = at(gap.start), at(gap.end)
    if (end - start).total_seconds() >= 23 * 3_600:
        return word("gap_all_day", lang, why=why)
    return word(
        "gap", lang, start=clock_time(start, facts.zone), end=clock_time(end, facts.zone), why=why
    )


def _more(count: int, lang: str) -> str:
    return word("more", lang, n=number(count, lang)) if count > 0 else ""


def _names(facts: Facts, lang: str) -> str:
    names: Sequence[str] = [one_line(brand.name) for brand in facts.own]
    if len(names) > 3:
        return ", ".join(names[:3]) + "…"
    return ", ".join(names) or one_line(facts.watchlist)


def _mentions(count: int, lang: str) -> str:
    return counted("mentions", count, number(count, lang), lang)


def _tidy(text: str) -> str:
    rows = [row.rstrip() for row in text.splitlines()]
    kept = [row for place, row in enumerate(rows) if row or (place and rows[place - 1])]
    return "\n".join(kept).strip() + "\n"


def _inlined(html: str) -> str:
    # Without the option css-inline reads file:// and remote style sheets that a page names.
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    inlined: str = inliner.inline(html)
    return inlined


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("app.digests"), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, autoescape=select_autoescape(("html.j2",)),
    )  # fmt: skip
