"""What the `rule` and `alert` commands do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.alerts import service as alerts
from app.alerts.rules import DAY_S, HOUR_S, WINDOWS_S
from app.cli.pick import known, pick, the_watchlist
from app.deliveries.service import list_channels
from app.errors import Conflict, Invalid
from app.models import Alert, AlertRule, Channel, Watchlist
from app.services import Services
from app.sources.service import list_sources
from app.watchlists.service import list_brands, list_watchlists

KINDS = ("mention", "count")
LABELS = ("positive", "neutral", "negative", "none")
SEVERITIES = ("info", "warning", "critical")
STATES = ("open", "resolved")
COOLDOWN_LIMIT_S = 7 * DAY_S

_UNITS: Mapping[str, int] = {
    "s": 1, "m": 60, "min": 60, "h": HOUR_S, "d": DAY_S, "j": DAY_S,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed."""

    name: str
    kind: str
    over: int | None
    window: str | None
    brands: Sequence[str]
    labels: Sequence[str]
    langs: Sequence[str]
    sources: Sequence[str]
    min_followers: int
    min_engagement: int
    owned: bool | None
    channels: Sequence[str]
    cooldown: str
    severity: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule, and the names of the channels it tells."""

    rule: AlertRule
    channels: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        row = self.rule
        return {
            "id": str(row.id), "watchlist_id": str(row.watchlist_id), "name": row.name,
            "kind": row.kind, "when": _when(row), "filter": _given(row.filter),
            "params": row.params, "channels": list(self.channels),
            "channel_ids": list(row.channel_ids), "severity": row.severity,
            "cooldown_s": row.cooldown_s, "active": row.active,
        }  # fmt: skip


def seconds(text: str, *, option: str) -> int:
    """ "90s", "15m", "1h", "2d" (or "2j") in seconds. Raises Invalid."""
    found = re.fullmatch(r"(\d{1,7}) ?([a-z]*)", text.strip().lower())
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        raise Invalid(
            f"{option} {text}: write a number and its unit: 30m, 2h, 1d",
            fr=f"{option} {text} : écrivez un nombre et son unité : 30m, 2h, 1j",
        )
    return int(found[1]) * unit


def short(length_s: int) -> str:
    """A length as `seconds` reads it."""
    for unit in ("d", "h", "m"):
        if length_s and length_s % _UNITS[unit] == 0:
            return f"{length_s // _UNITS[unit]}{unit}"
    return f"{length_s}s"


def _when(row: AlertRule) -> str:
    if row.kind != "count":
        return ""
    return f"> {row.params['threshold']} / {short(int(row.params['window_s']))}"


def _given(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The filter without what means "anything"; False (none of the brands' own) means something."""
    return {key: value for key, value in stored.items() if value is False or value}


def _params(wanted: Wanted) -> dict[str, int]:
    if wanted.kind == "mention":
        if wanted.over is not None or wanted.window is not None:
            raise Invalid(
                "--over and --window are of a rule that counts: add --kind count",
                fr="--over et --window sont d’une règle qui compte : ajoutez --kind count",
            )
        return {}
    if wanted.over is None:
        raise Invalid(
            "a rule that counts needs its threshold: --over 250",
            fr="une règle qui compte a besoin de son seuil : --over 250",
        )
    window = seconds(wanted.window or "1h", option="--window")
    if window not in WINDOWS_S:
        allowed = ", ".join(short(one) for one in WINDOWS_S)
        raise Invalid(
            f"--window {wanted.window}: a window is one of {allowed}",
            fr=f"--window {wanted.window} : une plage est parmi {allowed}",
        )
    return {"threshold": wanted.over, "window_s": window}


def _cooldown(text: str) -> int:
    length = seconds(text, option="--cooldown")
    if length > COOLDOWN_LIMIT_S:
        raise Invalid(f"--cooldown {text}: 7d at most", fr=f"--cooldown {text} : 7j au plus")
    return length


def _lang(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", code.lower()):
        raise Invalid(
            f"--text-lang {code}: two letters, such as fr",
            fr=f"--text-lang {code} : deux lettres, comme fr",
        )
    return code.lower()


async def add(services: Services, wanted: Wanted, *, watchlist: str | None) -> Ruled:
    """Raises Invalid, NotFound, and Conflict where a rule of that name is there."""
    known(wanted.kind, KINDS, option="--kind")
    known(wanted.severity, SEVERITIES, option="--severity")
    params, cooldown = _params(wanted), _cooldown(wanted.cooldown)
    where = the_watchlist(await list_watchlists(services), watchlist)
    await _must_be_new(services, where, wanted.name)
    told = _told(await list_channels(services, where.id), wanted.channels)
    made = await alerts.add_rule(
        services, where.id,
        {"name": wanted.name, "kind": wanted.kind, "params": params, "cooldown_s": cooldown,
         "severity": wanted.severity, "channel_ids": [row.id for row in told],
         "filter": await _filter(services, where, wanted)},
    )  # fmt: skip
    return Ruled(made, tuple(row.name for row in told))


async def _must_be_new(services: Services, where: Watchlist, name: str) -> None:
    """The same command typed twice would tell everything twice."""
    if any(row.name.casefold() == name.casefold() for row in await _rules(services, where)):
        raise Conflict(
            f"{where.name} has a rule '{name}' already: choose another name, or "
            "`vigie rule remove` first",
            fr=f"{where.name} a déjà une règle « {name} » : choisissez un autre nom, ou d’abord "
            "`vigie rule remove`",
        )


def _told(rows: Sequence[Channel], wanted: Sequence[str]) -> Sequence[Channel]:
    """The named channels; without a name the only one, or none where there is none."""
    if wanted:
        return [pick(rows, name, fr="canal", en="channel") for name in dict.fromkeys(wanted)]
    if len(rows) > 1:
        names = ", ".join(sorted(row.name for row in rows))
        raise Invalid(
            f"say which channels, with --channel: {names}",
            fr=f"dites quels canaux, avec --channel : {names}",
        )
    return rows


async def _filter(services: Services, where: Watchlist, wanted: Wanted) -> dict[str, Any]:
    brands = await list_brands(services, where.id) if wanted.brands else ()
    sources = await list_sources(services, where.id) if wanted.sources else ()
    return {
        "brands": [pick(brands, name, fr="marque", en="brand").id for name in wanted.brands],
        "sources": [pick(sources, name, fr="source", en="source").id for name in wanted.sources],
        "labels": [known(label, LABELS, option="--label") for label in wanted.labels],
        "langs": [_lang(code) for code in wanted.langs],
        "min_followers": wanted.min_followers, "min_engagement": wanted.min_engagement,
        "owned": wanted.owned,
    }  # fmt: skip


async def _rules(services: Services, where: Watchlist) -> Sequence[AlertRule]:
    return await alerts.list_rules(services, where.id)


async def all_rules(services: Services, watchlist: str | None) -> Sequence[Ruled]:
    """The rules of a watchlist, or of all. Raises NotFound."""
    lists = await list_watchlists(services)
    if watchlist is not None:
        lists = [the_watchlist(lists, watchlist)]
    found = []
    for one in lists:
        names = {str(row.id): row.name for row in await list_channels(services, one.id)}
        for row in await _rules(services, one):
            told = (names[str(each)] for each in row.channel_ids if str(each) in names)
            found.append(Ruled(row, tuple(told)))
    return found


async def remove(services: Services, wanted: str, *, watchlist: str | None) -> AlertRule:
    """Raises NotFound, Invalid."""
    rows = [one.rule for one in await all_rules(services, watchlist)]
    row = pick(rows, wanted, fr="règle", en="rule")
    await alerts.remove_rule(services, row.id, watchlist_id=row.watchlist_id)
    return row


@dataclass(frozen=True, slots=True)
class Rung:
    """An alert with the names of its rule and brand. brand: None where it is about several."""

    alert: Alert
    rule: str
    brand: str | None

    def record(self) -> dict[str, Any]:
        row = self.alert
        return {
            "id": str(row.id), "watchlist_id": str(row.watchlist_id), "rule": self.rule,
            "rule_id": str(row.rule_id), "brand": self.brand, "severity": row.severity,
            "state": row.state, "reason": row.reason, "count": row.count, "facts": row.facts,
            "opened_at": row.opened_at, "resolved_at": row.resolved_at,
            "acknowledged_at": row.acknowledged_at,
        }  # fmt: skip


async def list_alerts(
    services: Services, *, watchlist: str | None, state: str | None, limit: int
) -> Sequence[Rung]:
    """A watchlist's alerts, newest first. Raises NotFound, Invalid."""
    if state is not None:
        known(state, STATES, option="--state")
    where = the_watchlist(await list_watchlists(services), watchlist)
    rules = {row.id: row.name for row in await _rules(services, where)}
    brands = {row.id: row.name for row in await list_brands(services, where.id)}
    rows = await alerts.list_alerts(services, where.id, state=state, limit=limit)
    return [Rung(row, rules.get(row.rule_id, ""), brands.get(row.brand_id or 0)) for row in rows]
