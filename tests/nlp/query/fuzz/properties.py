"""Fields, flags, numbers and dates: source, tree put together by hand, and an item's properties
that satisfy it, mostly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from nlp.query.ast import Ago, Bound, Dates, Flag, Node, Or, Range, Value, ValueField
from nlp.text import fold
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.draws import Draws

Drawn = tuple[str, Node, dict[str, object]]
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
IS = ["reply", "repost", "quote", "own"]
HAS = ["link", "media", "geo"]
NUMBER_FORMS = [">", ">=", "<", "<=", "=", ":", "a..b", "a..", "..b"]
DATE_FORMS = [*NUMBER_FORMS, "ago..", "..ago"]


def property_leaf(draws: Draws) -> Drawn:
    makers: dict[str, Callable[[Draws], Drawn]] = {
        "value": value,
        "flag": flag,
        "number": number,
        "date": published,
    }
    return makers[draws.choices(list(makers), [4, 2, 3, 3])[0]](draws)


def value(draws: Draws) -> Drawn:
    name = draws.named("field", dict.fromkeys(get_args(ValueField), 1))
    first, node, settings = one_value(draws, name)
    if draws.chance(0.2):
        draws.note("inside field:( OR )")
        second, other, more = one_value(draws, name)
        source = f"{name}:({first}{draws.choice([' OR ', ' OU '])}{second})"
        return source, Or((node, other), 0, 0), draws.choice([settings, more])
    return f"{name}:{first}", node, settings


def one_value(draws: Draws, name: str) -> Drawn:
    written, settings = {
        "url": url,
        "site": site,
        "source": source,
        "lang": lambda d: coded(d, "lang", v.LANGS),
        "country": lambda d: coded(d, "country", v.COUNTRIES),
        "cluster": lambda d: coded(d, "cluster", v.CLUSTERS),
        "list": lists,
    }[name](draws)
    prefix = name in ("source", "list", "cluster") and draws.chance(0.2)
    said = written
    if prefix:
        draws.note("inside value*")
        said = written[:3].strip()
        written = said + "*"
    elif " " in written or draws.chance(0.1):
        written = f'"{written}"'
    return written, Value(name, fold(said), prefix, 0, 0), settings  # type: ignore[arg-type]  # name is a ValueField


def coded(draws: Draws, name: str, codes: list[str]) -> tuple[str, dict[str, object]]:
    code = draws.choice(codes)
    return code, {name: draws.choice([code, code.upper(), draws.choice(codes)])}


def url(draws: Draws) -> tuple[str, dict[str, object]]:
    part = draws.choice(["lemonde.fr", "nike", "LEMONDE", "x.fr/a", "/été"])
    address = f"https://www.{part}/a" if "." in part else f"http://x.fr/{part}/b"
    where = draws.choice(["url", "links", "body"])
    settings: dict[str, object] = {"links": (address,)} if where == "links" else {where: address}
    return part, settings


def site(draws: Draws) -> tuple[str, dict[str, object]]:
    host = draws.choice(v.HOSTS)
    address = draws.choice(["https://{}/a", "HTTP://{}", "https://bob@{}:8080/x?y", "https://{}?q"])
    return draws.choice(v.SITES), {"url": address.format(host)}


def source(draws: Draws) -> tuple[str, dict[str, object]]:
    name, kind = draws.choice(v.SOURCES)
    return draws.choice([name, kind, name.upper()]), {"source": name, "source_kind": kind}


def lists(draws: Draws) -> tuple[str, dict[str, object]]:
    name = draws.choice(v.LISTS)
    return name, {"lists": frozenset({name, draws.choice(v.LISTS)})}


def flag(draws: Draws) -> Drawn:
    name = draws.choice(["is", "has"])
    said = draws.named("flag", dict.fromkeys(IS if name == "is" else HAS, 1))
    node = Flag(name, said, 0, 0)  # type: ignore[arg-type]  # one of the two
    if said == "link" and draws.chance(0.7):
        link = draws.choice(["https://x.fr/a", "www.x.fr", "bob@x.fr"])
        return f"{name}:{said}", node, {"body": link}
    return f"{name}:{said}", node, {"flags": frozenset({said, draws.choice(IS + HAS)})}


def number(draws: Draws) -> Drawn:
    name = draws.named("metric", dict.fromkeys(v.METRICS, 1))
    sign = draws.named("number", dict.fromkeys(NUMBER_FORMS, 1))
    low: float = draws.choice([0, 1, 5, 10, 100] if name != "score" else [-5, -1, 0, 5])
    written = str(low)
    if name == "stars" and draws.chance(0.5):
        low, written = low + 0.5, f"{low}.5"
    high = low + draws.choice([0, 1, 10])
    forms: dict[str, tuple[str, Bound | None, Bound | None]] = {
        ">": (f">{written}", Bound(low, open=True), None),
        ">=": (f">={written}", Bound(low), None),
        "<": (f"<{written}", None, Bound(low, open=True)),
        "<=": (f"<={written}", None, Bound(low)),
        "=": (f"={written}", Bound(low), Bound(low)),
        ":": (f":{written}", Bound(low), Bound(low)),
        "a..b": (f":{written}..{high}", Bound(low), Bound(high)),
        "a..": (f":{written}..", Bound(low), None),
        "..b": (f":..{written}", None, Bound(low)),
    }
    tail, lowest, highest = forms[sign]
    step = draws.choice([-1, 0, 0, 1]) * (0.5 if name == "stars" else 1)
    said = draws.choice([low, high]) + step
    where = draws.choice(["likes", "reposts", "comments", name]) if name == "engagement" else name
    return name + tail, Range(name, lowest, highest, 0, 0), {"metrics": {where: said}}


def published(draws: Draws) -> Drawn:
    sign = draws.named("date", dict.fromkeys(DATE_FORMS, 1))
    day = date(2026, 11, draws.randint(1, 28))
    later = day + timedelta(days=draws.choice([0, 1, 7]))
    one = timedelta(days=1)
    ago = Ago(draws.choice([0, 1, 2, 7]), draws.choice(["h", "d", "w"]))
    said = f"-{ago.number}{ago.unit}"
    if "ago" in sign:
        draws.note(f"date -n{ago.unit}")
    forms: dict[str, tuple[str, date | Ago | None, date | Ago | None]] = {
        ":": (f":{day}", day, day),
        "=": (f"={day}", day, day),
        ">": (f">{day}", day + one, None),
        ">=": (f">={day}", day, None),
        "<": (f"<{day}", None, day - one),
        "<=": (f"<={day}", None, day),
        "a..b": (f":{day}..{later}", day, later),
        "a..": (f":{day}..", day, None),
        "..b": (f":..{day}", None, day),
        "ago..": (f":{said}..", ago, None),
        "..ago": (f":..{said}", None, ago),
    }
    tail, low, high = forms[sign]
    return "published" + tail, Dates(low, high, 0, 0), {"published_at": moment(draws, day, ago)}


def moment(draws: Draws, day: date, ago: Ago) -> datetime:
    """Close to where a day begins or ends in one of the zones, or to so long ago."""
    if draws.chance(0.3):
        hours = ago.number * {"h": 1, "d": 24, "w": 168}[ago.unit]
        near = NOW - timedelta(hours=hours)
    else:
        near = datetime(day.year, day.month, day.day, tzinfo=UTC)
    near += timedelta(hours=draws.randint(-14, 38), seconds=draws.choice([-1, 0, 0]))
    if draws.chance(0.1):
        draws.note("text naive time")
        return near.replace(tzinfo=None)
    return near
