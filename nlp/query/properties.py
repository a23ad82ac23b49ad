"""Reading the values of fields: flags, properties, numbers and dates. Raises QueryError."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import cast, get_args

from nlp.query.ast import (
    HAS_FLAGS,
    IS_FLAGS,
    Ago,
    Bound,
    Dates,
    Flag,
    FlagField,
    Range,
    Value,
    ValueField,
)
from nlp.query.errors import QueryError
from nlp.query.lexer import METRICS, Token
from nlp.text import fold

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_SHORTHAND = re.compile(r"([+-]?\d{1,9})([kKmM])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AGO = re.compile(r"-(\d{1,4})([hdw])", re.ASCII)
_COMPARISON = re.compile(r">=|<=|=|>|<")
_SITE = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/?#@:]*)")
_FLAGS = {"is": IS_FLAGS, "has": HAS_FLAGS}
_VALUE_FIELDS = get_args(ValueField)

Property = Value | Flag | Range | Dates


def read_property(name: Token, value: Token, source: str, *, start: int) -> Property:
    """The leaf that `name` with `value` means; start: where it begins in the source."""
    written = value.text.strip()
    if not written:
        raise QueryError("field_without_value", start, source, what=name.text + name.sign)
    if name.text in _FLAGS:
        return _flag(name, value, source, start)
    if name.text in METRICS:
        return _range(name, value, source, start)
    if name.text == "published":
        return _dates(name, value, source, start)
    return _value(name, value, source, start)


def _flag(name: Token, value: Token, source: str, start: int) -> Flag:
    field = cast(FlagField, name.text)
    known = _FLAGS[field]
    written = fold(value.text.strip())
    if written not in known:
        near = difflib.get_close_matches(written, known, n=1, cutoff=0.5)
        hint = " ".join(f"{field}:{one}" for one in near or known)
        suggestion = f"{field}:{near[0]}" if near else None
        raise QueryError(
            "unknown_flag", value.start, source, what=f"{field}:{value.text}", hint=hint,
            suggestion=suggestion,
        )  # fmt: skip
    return Flag(field, written, start, value.end)


def _value(name: Token, value: Token, source: str, start: int) -> Value:
    field = cast(ValueField, name.text)
    assert field in _VALUE_FIELDS
    written = fold(value.text).strip()
    prefix = field != "url" and written.endswith("*")
    plain = _normalised(field, written.rstrip("*") if prefix else written)
    if not plain:
        raise QueryError("field_without_value", start, source, what=name.text + name.sign)
    return Value(field, plain, prefix, start, value.end)


def _normalised(field: ValueField, written: str) -> str:
    if field == "site":
        match = _SITE.match(written)
        return match[1].strip(".") if match else ""
    if field in ("lang", "country"):
        return written.replace("_", "-")
    return written.lstrip("@") if field == "list" else written


def _range(name: Token, value: Token, source: str, start: int) -> Range:
    sign, written = _comparison(name, value)
    low, gap, high = written.partition("..")
    if gap and sign not in (":", "="):
        raise _bad_number(name, value, source, written)
    if gap:
        bounds = [Bound(_number(name, value, source, end)) if end else None for end in (low, high)]
        if bounds == [None, None]:
            raise _bad_number(name, value, source, written)
        return Range(name.text, bounds[0], bounds[1], start, value.end)
    number = _number(name, value, source, written)
    one = Bound(number, open=sign in (">", "<"))
    lowest = one if sign in (">", ">=", ":", "=") else None
    highest = one if sign in ("<", "<=", ":", "=") else None
    return Range(name.text, lowest, highest, start, value.end)


def _comparison(name: Token, value: Token) -> tuple[str, str]:
    """The sign and what it compares with; `likes:>10` is read as `likes>10`."""
    written = value.text.strip()
    if name.sign == ":" and (match := _COMPARISON.match(written)):
        return match[0], written[match.end() :]
    return name.sign, written


def _number(name: Token, value: Token, source: str, written: str) -> float:
    if _NUMBER.fullmatch(written) is None:
        raise _bad_number(name, value, source, written)
    return float(written)


def _bad_number(name: Token, value: Token, source: str, written: str) -> QueryError:
    hint = f"{name.text}>=100"
    if match := _SHORTHAND.fullmatch(written):
        factor = 1_000 if match[2] in "kK" else 1_000_000
        sign = _comparison(name, value)[0]
        hint = f"{name.text}{sign}{int(match[1]) * factor}"
    return QueryError(
        "bad_number", value.start, source, what=written[:40] or "?", hint=hint, suggestion=hint
    )


def _dates(name: Token, value: Token, source: str, start: int) -> Dates:
    sign, written = _comparison(name, value)
    low, gap, high = written.partition("..")
    if gap:
        bounds = [_moment(value, source, end) if end else None for end in (low, high)]
        if sign not in (":", "=") or bounds == [None, None]:
            raise _bad_date(value, source, written)
        return Dates(bounds[0], bounds[1], start, value.end)
    moment = _moment(value, source, written)
    hours = isinstance(moment, Ago) and moment.unit == "h"
    if sign in (":", "="):
        if hours:
            raise _bad_date(value, source, written, hint=f"published:{written}..")
        return Dates(moment, moment, start, value.end)
    try:
        if sign in (">", ">="):
            return Dates(_later(moment, 1 if sign == ">" else 0), None, start, value.end)
        return Dates(None, _later(moment, -1 if sign == "<" else 0), start, value.end)
    except OverflowError as error:
        raise _bad_date(value, source, written) from error


def _moment(value: Token, source: str, written: str) -> date | Ago:
    if match := _AGO.fullmatch(written):
        return Ago(int(match[1]), match[2])  # type: ignore[arg-type]  # the pattern lets h, d, w through
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise _bad_date(value, source, written)


def _later(moment: date | Ago, days: int) -> date | Ago:
    """The whole day after or before; an hour is a moment, not a stretch."""
    if not isinstance(moment, Ago):
        return moment + timedelta(days=days)
    if moment.unit == "h" or not days:
        return moment
    number = moment.number * (7 if moment.unit == "w" else 1)
    return replace(moment, number=number - days, unit="d")


def _bad_date(value: Token, source: str, written: str, hint: str = "") -> QueryError:
    shown = hint or "published:2026-11-01..2026-11-30, published>=2026-11-01, published:-7d.."
    return QueryError(
        "bad_date", value.start, source, what=written[:40] or "?", hint=shown,
        suggestion=hint or None,
    )  # fmt: skip
