"""The value of a vendor's field, as Vigie's fields say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from nlp.query.translate import wording
from nlp.query.translate.countries import country
from nlp.query.translate.dialect import Rule
from nlp.query.translate.values import Effect, Said

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")
_DOTS = re.compile(r"([^.]*(?:\.\d+)?)\.\.(.*)")
_COMPARED = re.compile(r"(>=|<=|>|<|=)\s*(\S+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?")
_SCHEME = re.compile(r"(?i)^https?://")
_TWO_NAMES = {"twitter.com": ("twitter.com", "x.com"), "x.com": ("twitter.com", "x.com")}


@dataclass(frozen=True, slots=True)
class Value:
    """pairs: Vigie's field and value, any of which will do; said and effect: beyond the rule's."""

    pairs: tuple[tuple[str, str], ...]
    effect: Effect = ""
    said: Said | None = None


def value(rule: Rule, text: str) -> Value | None:
    """None where the value cannot be read."""
    return _READERS[rule.reader](rule, text.strip())


def quoted(text: str) -> str:
    """A value as Vigie writes it behind a field."""
    plain = " ".join(text.replace("\\", " ").replace('"', " ").split())
    return f'"{plain}"' if re.search(r"[\s()“”„«»]", plain) else plain


def _host(rule: Rule, text: str) -> Value | None:
    host, slash, path = _SCHEME.sub("", text).removeprefix("www.").partition("/")
    if not re.fullmatch(r"[\w.*-]+", host):
        return None
    if slash and path:
        return Value((("url:", quoted(f"{host}/{path}")),), "more", wording.SITE_PATH)
    names = _TWO_NAMES.get(host.lower(), (host,))
    said = wording.X_SITE if len(names) > 1 else None
    return Value(tuple((rule.to, name) for name in names), said=said)


def _url(rule: Rule, text: str) -> Value | None:
    address = _SCHEME.sub("", text).removeprefix("www.").rstrip("/")
    return Value(((rule.to, quoted(address)),)) if address else None


def _lang(rule: Rule, text: str) -> Value | None:
    if not _LANG.fullmatch(text):
        return None
    return Value(((rule.to, text.replace("_", "-").lower()),))


def _country(rule: Rule, text: str) -> Value | None:
    code = country(text)
    return Value(((rule.to, code),)) if code else None


def _place(rule: Rule, text: str) -> Value | None:
    """`usa.fl`, `deu.berlin.berlin`: the country of it."""
    return _country(rule, text.partition(".")[0])


def _span(text: str, one: Callable[[str], str | None], to: str) -> Value | None:
    """A comparison or range of `one`, written as Vigie does."""
    if match := _RANGE.fullmatch(text) or _DOTS.fullmatch(text):
        low, high = ("" if end in ("*", "") else one(end) for end in match.groups())
        if low is None or high is None or not (low or high):
            return None
        return Value(((f"{to}:", f"{low}..{high}"),))
    if match := _COMPARED.fullmatch(text):
        number = one(match[2])
        return Value(((f"{to}{match[1]}", number),)) if number else None
    number = one(text)
    return Value(((f"{to}:", number),)) if number else None


def _number(rule: Rule, text: str) -> Value | None:
    return _span(text, lambda x: x if _NUMBER.fullmatch(x) else None, rule.to)


def _date(rule: Rule, text: str) -> Value | None:
    return _span(text, _day, rule.to)


def _day(text: str) -> str | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _choice(rule: Rule, text: str) -> Value | None:
    pairs, effect = rule.choices.get(text.lower(), ((), ""))
    return Value(pairs, effect) if pairs else None


def _signed(sign: str) -> Callable[[Rule, str], Value | None]:
    def read(_: Rule, text: str) -> Value | None:
        name = text.lstrip("@#")
        return Value((("", sign + name),)) if re.fullmatch(r"[\w.-]+\*?", name) else None

    return read


def _none(_: Rule, __: str) -> Value | None:
    return None


_READERS: dict[str, Callable[[Rule, str], Value | None]] = {
    "site": _host,
    "url": _url,
    "lang": _lang,
    "country": _country,
    "place": _place,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "handle": _signed("@"),
    "tag": _signed("#"),
    "none": _none,
}
