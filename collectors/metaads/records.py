"""Ads of Meta's library. Pure. developers.facebook.com/docs/graph-api/reference/archived-ad"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from collectors.ads import Ad, Lang
from collectors.meta.values import count, identity, text_of
from collectors.text import one_line, plain_text, web_url

FIELDS: Final = (
    # Not ad_snapshot_url: it carries the token.
    "ad_creative_bodies,ad_creative_link_captions,ad_creative_link_descriptions,"
    "ad_creative_link_titles,ad_delivery_start_time,ad_delivery_stop_time,beneficiary_payers,"
    "eu_total_reach,id,languages,page_id,page_name,publisher_platforms"
)
_CARDS: Final = 10
_REACH: Final[Mapping[Lang, str]] = {
    "fr": "Personnes atteintes dans l'UE : {reach}",
    "en": "People reached in the EU: {reach}",
}


def address_of(number: str) -> str:
    """The ad's public page, which anybody may open."""
    return f"https://www.facebook.com/ads/library/?id={number}"


def reader(now: datetime, lang: Lang) -> Any:
    """Reads one record. Raises as collectors.meta.values.UNREADABLE."""

    def read(record: Mapping[str, Any]) -> Ad:
        number = identity(record["id"])
        stop = _day(record.get("ad_delivery_stop_time"))
        links = {link: None for one in _texts(record, "ad_creative_link_captions")
                 if (link := _link(one))}  # fmt: skip
        languages = [one for one in _listed(record.get("languages")) if one.isalpha()]
        return Ad(
            id=number,
            url=address_of(number),
            advertiser=one_line(text_of(record.get("page_name")))[:200],
            text=plain_text("\n".join(_lines(record, lang))),
            started=_day(record["ad_delivery_start_time"]),
            # A day given as the last one is over when the next one has begun.
            stopped=stop if stop and stop.date() < now.date() else None,
            lang=languages[0][:8].lower() if len(languages) == 1 else None,
            links=tuple(links),
        )

    return read


def _lines(record: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    said: dict[str, None] = {}
    for key in ("bodies", "link_titles", "link_descriptions", "link_captions"):
        said |= dict.fromkeys(_texts(record, f"ad_creative_{key}"))
    yield from said
    where = [one.replace("_", " ").title() for one in _listed(record.get("publisher_platforms"))]
    if where:
        yield ", ".join(islice(where, _CARDS))
    reach = count(record.get("eu_total_reach"))
    if reach is not None:
        yield _REACH[lang].format(reach=reach)


def _texts(record: Mapping[str, Any], key: str) -> Iterator[str]:
    for one in islice(_listed(record.get(key)), _CARDS):
        text = plain_text(one[:4_000])
        if text:
            yield text


def _listed(value: Any) -> Iterator[str]:
    if value is not None and not isinstance(value, list):
        raise TypeError("a list that is none")
    yield from (one for one in (value or ()) if isinstance(one, str))


def _day(value: Any) -> datetime | None:
    """`2026-11-20`, perhaps with a time behind it."""
    if value is None:
        return None
    return datetime.fromisoformat(value[:10]).replace(tzinfo=UTC)


def _link(caption: str) -> str:
    """A caption is mostly the name of a site: acme.example."""
    name = caption.strip().lower()
    if " " in name or "." not in name:
        return ""
    return web_url(name if name.startswith(("http://", "https://")) else f"https://{name}")
