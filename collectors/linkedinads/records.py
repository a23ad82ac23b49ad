"""Ads of LinkedIn's library. Pure. linkedin.com/ad-library/api/ads"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from collectors.ads import Ad, Lang
from collectors.text import one_line, web_url

_NUMBER: Final = re.compile(r"/ad-library/detail/([0-9]{1,32})")
_COUNTRIES: Final = 5
_WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "fr": {"payer": "Payée par : {}", "shown": "Impressions : {} à {}", "where": "Pays : {}",
           "restricted": "LinkedIn a retiré le contenu de cette annonce"},
    "en": {"payer": "Paid by: {}", "shown": "Impressions: {} to {}", "where": "Countries: {}",
           "restricted": "LinkedIn took the content of this ad away"},
}  # fmt: skip


def number_in(record: Any) -> str:
    """The ad's number, which only its address tells. Raises ValueError where it holds none."""
    address = record.get("adUrl") if isinstance(record, dict) else None
    found = _NUMBER.search(address[:500]) if isinstance(address, str) else None
    if found is None:
        raise ValueError("an ad without an address")
    return found[1]


def reader(now: datetime, lang: Lang, quiet: timedelta) -> Callable[[Any], Ad]:
    """Reads one record. An ad that nobody was shown for `quiet` has stopped: LinkedIn names no
    last day."""

    def read(record: Any) -> Ad:
        number = number_in(record)
        details = _object(record.get("details"))
        by, figures = _object(details.get("advertiser")), _object(details.get("adStatistics"))
        last = _moment(figures.get("latestImpressionAt"))
        return Ad(
            id=number,
            url=f"https://www.linkedin.com/ad-library/detail/{number}",
            advertiser=_text(by.get("advertiserName")),
            text="\n".join(filter(None, _lines(record, details, by, figures, _WORDS[lang]))),
            started=_moment(figures.get("firstImpressionAt")),
            stopped=last if last and now - last > quiet else None,
            links=tuple(link for link in [web_url(_text(by.get("advertiserUrl")))] if link),
        )

    return read


def _lines(
    record: Mapping[str, Any],
    details: Mapping[str, Any],
    by: Mapping[str, Any],
    figures: Mapping[str, Any],
    words: Mapping[str, str],
) -> Iterator[str]:
    yield " · ".join(
        part for part in (_text(by.get("advertiserName")), _kind(details.get("type"))) if part
    )
    payer = _text(by.get("adPayer"))
    if payer and payer != _text(by.get("advertiserName")):
        yield words["payer"].format(payer)
    total = _object(figures.get("totalImpressions"))
    if _is_count(total.get("from")) and _is_count(total.get("to")):
        yield words["shown"].format(total["from"], total["to"])
    where = list(islice(_countries(figures.get("impressionsDistributionByCountry")), _COUNTRIES))
    if where:
        yield words["where"].format(", ".join(where))
    if record.get("isRestricted") is True:
        yield words["restricted"]


def _countries(value: Any) -> Iterator[str]:
    """`FR 71 %`, the greatest share first."""
    shares = []
    for one in value if isinstance(value, list) else ():
        country = one.get("country") if isinstance(one, dict) else None
        share: Any = one.get("impressionPercentage") if isinstance(one, dict) else None
        if isinstance(country, str) and isinstance(share, int | float) and 0 <= share <= 1_000:
            shares.append((float(share), country.rpartition(":")[2][:2].upper()))
    yield from (f"{name} {share:.0f} %" for share, name in sorted(shares, reverse=True))


def _kind(value: Any) -> str:
    """`SPONSORED_UPDATE_VIDEO` as words."""
    return _text(value).replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return one_line(value[:1_000])[:200]


def _object(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("an object that is none")
    return value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a time that is no number")
    return datetime.fromtimestamp(value / 1_000, UTC)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
