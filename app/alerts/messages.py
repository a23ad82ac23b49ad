"""An alert as a message, in the watchlist's language. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.alerts.rules import CountOverThreshold, NewMentions, Reason
from app.alerts.words import duration, word
from app.deliveries.service import Fact, Link, MentionLine, Message, short_ref
from app.models import AlertRule, Watchlist
from app.typography import clock_time, number, short_date

SHOWN_MENTIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an alert's message is made of."""

    alert_id: int
    rule: AlertRule
    watchlist: Watchlist
    brands: Mapping[int, str]
    public_url: str
    lines: Sequence[MentionLine]
    opened_at: datetime


def alert_message(reason: Reason, scene: Scene) -> Message:
    """What is told when an alert opens."""
    lang = scene.watchlist.language
    title, why, facts = (
        _count_words(reason, scene)
        if isinstance(reason, CountOverThreshold)
        else _mention_words(reason, scene)
    )
    return Message(
        kind="alert", title=title, lang=lang, zone=scene.watchlist.zone,
        severity=scene.rule.severity,  # type: ignore[arg-type]  # checked when the rule was written
        ref=short_ref(f"alert:{scene.alert_id}"), lines=(why,), facts=facts,
        mentions=tuple(scene.lines[:SHOWN_MENTIONS]),
        links=(Link(word("open_alert", lang), alert_url(scene.public_url, scene.alert_id)),),
        data=_data(reason, scene),
    )  # fmt: skip


def alert_url(public_url: str, alert_id: int) -> str:
    """Where an alert is shown."""
    return f"{public_url}/alerts/{alert_id}"


def _mention_words(reason: NewMentions, scene: Scene) -> tuple[str, str, tuple[Fact, ...]]:
    lang, rule = scene.watchlist.language, scene.rule
    found = reason.candidates
    brand = scene.brands.get(found[0].brand_id, "")
    why = word("why_one", lang, rule=rule.name)
    if rule.cooldown_s:
        cooldown = duration(rule.cooldown_s, lang)
        why = word("why_joined", lang, rule=rule.name, cooldown=cooldown)
    if len(found) == 1:
        return word("one", lang, brand=brand, label=word(found[0].label, lang)), why, ()
    labels = Counter(candidate.label for candidate in found)
    shown = ", ".join(
        word(f"n_{label}", lang, n=number(labels[label], lang))
        for label in ("negative", "neutral", "positive", "none")
        if labels[label]
    )
    title = word("many", lang, brand=brand, n=number(len(found), lang))
    return title, why, (Fact(word("fact_labels", lang), shown),)


def _count_words(reason: CountOverThreshold, scene: Scene) -> tuple[str, str, tuple[Fact, ...]]:
    lang, zone = scene.watchlist.language, scene.watchlist.zone
    window, names = reason.window, _brand_names(scene)
    subject = names if len(names) <= 60 else word("all_brands", lang)
    day = short_date(window.start.astimezone(ZoneInfo(zone)).date(), lang)
    start, end = clock_time(window.start, zone), clock_time(window.end, zone)
    count, threshold = number(reason.count, lang), number(reason.threshold, lang)
    title = word("count", lang, subject=subject, n=count, day=day, start=start, end=end)
    facts = (
        Fact(word("fact_count", lang), count),
        Fact(word("fact_threshold", lang), threshold),
        Fact(word("fact_window", lang), f"{day}, {start} – {end}"),
        Fact(word("fact_brands", lang), names),
    )
    return title, word("why_count", lang, threshold=threshold, rule=scene.rule.name), facts


def _brand_names(scene: Scene) -> str:
    wanted = (scene.rule.filter or {}).get("brands") or []
    names = [scene.brands[int(i)] for i in wanted if int(i) in scene.brands]
    return ", ".join(names) or word("all_brands", scene.watchlist.language)


def _data(reason: Reason, scene: Scene) -> dict[str, Any]:
    return {
        "alert_id": str(scene.alert_id),
        "watchlist_id": str(scene.watchlist.id),
        "rule_id": str(scene.rule.id),
        "rule": scene.rule.name,
        "reason": reason.name,
        "opened_at": scene.opened_at.isoformat(),
        **facts_of(reason),
    }


def facts_of(reason: Reason) -> dict[str, Any]:
    """The numbers behind a reason, as they are stored with the alert."""
    if isinstance(reason, CountOverThreshold):
        return {
            "count": reason.count,
            "threshold": reason.threshold,
            "window_start": reason.window.start.isoformat(),
            "window_end": reason.window.end.isoformat(),
        }
    labels = Counter(candidate.label for candidate in reason.candidates)
    return {"count": len(reason.candidates), "labels": dict(sorted(labels.items()))}
