"""The core of `vigie query test`: JSON Lines in, the matching ones out, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from nlp.query.ast import Query
from nlp.query.matcher import Matcher
from nlp.query.values import Hit, Text


def filter_lines(
    lines: Iterable[str],
    query: Query,
    *,
    all_lines: bool = False,
    tz: tzinfo | None = None,
    on_bad_line: Callable[[int, str], None] | None = None,
) -> Iterator[str]:
    """One JSON line for each matching item, with `spans`, in the order read.

    all_lines: write every item, with `match`. tz: the zone of times without one.
    on_bad_line: told the line's number (from 1) and the reason of each line that is no JSON
    object; such a line is not written. Unknown keys pass through.
    """
    matcher = Matcher.compile({0: query})
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = _object(line)
        except (ValueError, RecursionError) as error:
            if on_bad_line is not None:
                on_bad_line(number, str(error))
            continue
        hits = matcher.match(_text(item, tz))
        if hits or all_lines:
            yield _line(item, hits, all_lines=all_lines)


def _object(line: str) -> dict[str, Any]:
    item = json.loads(line)
    if not isinstance(item, dict):
        raise ValueError(f"not a JSON object but {type(item).__name__}")  # noqa: TRY004  a bad line, like bad JSON
    return item


def _line(item: dict[str, Any], hits: list[Hit[int]], *, all_lines: bool) -> str:
    spans = [
        {"field": span.field, "start": span.start, "end": span.end}
        for hit in hits
        for span in hit.spans
    ]
    answer = {**item, "match": bool(hits)} if all_lines else dict(item)
    answer["spans"] = spans
    written = json.dumps(answer, ensure_ascii=False)
    # Half a surrogate pair is legal in JSON as an escape, but cannot be written as UTF-8.
    return written if written.isprintable() or _encodes(written) else json.dumps(answer)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(item: Mapping[str, Any], tz: tzinfo | None) -> Text:
    return Text(
        title=_string(item.get("title")),
        body=_string(item.get("text")),
        author=_author(item.get("author")),
        url=_string(item.get("url")),
        lang=_string(item.get("lang")) or None,
        source=_string(item.get("source")),
        country=_string(item.get("country")) or None,
        published_at=_time(item.get("published_at"), tz),
        metrics=_metrics(item.get("metrics")),
        flags=_flags(item),
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _author(value: object) -> str:
    return _string(value.get("name")) if isinstance(value, dict) else _string(value)


def _time(value: object, tz: tzinfo | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_string(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=tz) if moment.tzinfo is None and tz else moment


def _metrics(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    return {k: v for k, v in value.items() if isinstance(v, int) and not isinstance(v, bool)}


def _flags(item: Mapping[str, Any]) -> frozenset[str]:
    given = item.get("is")
    flags = {flag for flag in given if isinstance(flag, str)} if isinstance(given, list) else set()
    return frozenset(flags | {"media"} if item.get("media") else flags)
