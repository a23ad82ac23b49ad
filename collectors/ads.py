"""Advertisements of a public library: which are new, which have stopped. Pure.

A library is read in rounds. What a round does not list any more twice over is gone: one empty
answer is no proof.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from pydantic import JsonValue

from collectors.api import Author, Item, Page, Skipped
from collectors.desk import Document
from collectors.errors import BadPayload
from collectors.jsontext import UNREADABLE, read_json
from collectors.text import scrub

Lang = Literal["fr", "en"]
STATE: Final = "ads"
MISSED: Final = 2
"""Rounds in a row that have to miss an ad before it is told as gone."""
_FORGOTTEN: Final = timedelta(days=400)
_SNIPPET: Final = 80
_WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "fr": {
        "started": "{who} a commencé une annonce",
        "stopped": "{who} a arrêté une annonce",
        "gone": "une annonce de {who} n'est plus dans la bibliothèque",
        "again": "{who} a repris une annonce",
        "from": "du {start} au {end}",
        "colon": " : ",
    },
    "en": {
        "started": "{who} started an ad",
        "stopped": "{who} stopped an ad",
        "gone": "an ad of {who} is no longer in the library",
        "again": "{who} runs an ad again",
        "from": "from {start} to {end}",
        "colon": ": ",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ad:
    """One advertisement as the library shows it. stopped: None while it runs."""

    id: str
    url: str
    advertiser: str
    text: str
    started: datetime | None = None
    stopped: datetime | None = None
    lang: str | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept of an ad. round: the last that listed it; stopped: "" while it runs."""

    round: str
    url: str
    who: str
    said: str = ""
    started: str = ""
    stopped: str = ""
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """complete: whether a whole round was ever read; doubt: whether this one could not be read
    whole, so that it proves nothing about what it does not list."""

    ads: Mapping[str, Seen] = field(default_factory=dict)
    complete: bool = False
    doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """How things are said. about: what leads each title, so that the queries find it."""

    about: str
    lang: Lang

    def title(self, what: str, who: str) -> str:
        said = _WORDS[self.lang][what].format(who=who or self.about)
        lead = self.about and self.about.lower() not in said.lower()
        line = f"{self.about}{_WORDS[self.lang]['colon']}{said}" if lead else said
        return (line[:1].upper() + line[1:])[:300]

    def change(self, number: str, one: Seen, what: str, at: datetime) -> Item:
        sign = "+" if what == "again" else "−"
        start, end = one.started[:10] or "?", at.date().isoformat()
        lasted = "" if what == "again" else _WORDS[self.lang]["from"].format(start=start, end=end)
        said = " — ".join(part for part in (one.said, lasted) if part)
        return Item(
            external_id=f"{number}:{what}:{end}",
            url=one.url,
            title=self.title(what, one.who),
            text=f"{sign} {said or number}",
            published_at=at,
            author=Author(name=one.who) if one.who else None,
            kind="change",
            lang=self.lang,
        )

    def ad(self, ad: Ad) -> Item:
        return Item(
            external_id=ad.id,
            url=ad.url,
            title=self.title("started", ad.advertiser),
            text=ad.text,
            published_at=ad.started,
            author=Author(name=ad.advertiser) if ad.advertiser else None,
            kind="ad",
            lang=ad.lang,
            links=ad.links,
        )


def read_ads(
    records: Sequence[Any],
    read: Callable[[Any], Ad],
    id_in: Callable[[Any], str],
    raw: Callable[[Any], str],
) -> tuple[list[Ad], list[Skipped], list[str]]:
    """Ads, each once; what could not be read; and the ids of that ("" where not even the id could).

    raw: a record as it may be shown.
    """
    ads: dict[str, Ad] = {}
    skipped, unread = [], []
    for record in records:
        try:
            ad = read(record)
            ads.setdefault(ad.id, ad)
        except UNREADABLE as error:
            unread.append(number := _id_in(record, id_in))
            reason = f"unreadable ad: {type(error).__name__}"
            skipped.append(Skipped(reason, number or None, scrub(raw(record)[:2_000])))
    return list(ads.values()), skipped, unread


def _id_in(record: Any, id_in: Callable[[Any], str]) -> str:
    try:
        return id_in(record)
    except UNREADABLE:
        return ""


def listed(
    state: State, ads: Sequence[Ad], round_: str, now: datetime, teller: Teller
) -> tuple[list[Item], State]:
    """What a page of the library tells. The first round tells what runs, not what ran."""
    known = dict(state.ads)
    items: list[Item] = []
    for ad in ads:
        before = known.get(ad.id)
        one = _kept(ad, round_)
        known[ad.id] = one
        if before is None:
            items.append(teller.ad(ad))
        if ad.stopped and (not before.stopped if before else state.complete):
            items.append(teller.change(ad.id, one, "stopped", ad.stopped))
        if before and before.stopped and not ad.stopped:
            items.append(teller.change(ad.id, one, "again", now))
    return items, replace(state, ads=known)


def _kept(ad: Ad, round_: str) -> Seen:
    return Seen(
        round=round_,
        url=ad.url,
        who=ad.advertiser,
        said=" ".join(ad.text.split())[:_SNIPPET],
        started=ad.started.isoformat() if ad.started else "",
        stopped=ad.stopped.isoformat() if ad.stopped else "",
    )


def noticed(state: State, ids: Sequence[str], round_: str) -> State:
    """Ads that could not be read are there none the less. An unknown one leaves a doubt."""
    known = dict(state.ads)
    for number in ids:
        if number in known:
            known[number] = replace(known[number], round=round_, missed=0)
    return replace(state, ads=known, doubt=state.doubt or any(not one for one in ids))


def rounded(
    state: State, round_: str, now: datetime, teller: Teller
) -> tuple[list[Item], State]:  # fmt: skip
    """What the end of a round tells: which ads are gone without having stopped."""
    items: list[Item] = []
    known: dict[str, Seen] = {}
    for number, one in state.ads.items():
        if one.stopped and now - datetime.fromisoformat(one.stopped) > _FORGOTTEN:
            continue
        if one.round != round_ and not one.stopped and not state.doubt:
            one = replace(one, missed=one.missed + 1)
            if one.missed >= MISSED:
                items.append(teller.change(number, one, "gone", now))
                one = replace(one, stopped=now.isoformat())
        known[number] = one
    return items, State(ads=known, complete=True)


def page_of(
    found: tuple[list[Ad], list[Skipped], list[str]],
    state: State,
    place: Place,
    after: Place | None,
    now: datetime,
    teller: Teller,
) -> tuple[Page, State]:
    """What one answer tells, with the state to keep.

    after: where the round goes on; None where it is over, which tells the ads that are gone.
    """
    ads, skipped, unread = found
    items, state = listed(state, ads, place.round, now, teller)
    state = noticed(state, unread, place.round)
    if after is None:
        gone, state = rounded(state, place.round, now, teller)
        items += gone
    cursor = after.cursor() if after else {}
    return Page(items=items, skipped=skipped, cursor=cursor, keep=[as_document(state)]), state


def as_document(state: State) -> Document:
    ads = {
        number: [one.round, one.url, one.who, one.said, one.started, one.stopped, one.missed]
        for number, one in state.ads.items()
    }
    kept = {"complete": state.complete, "doubt": state.doubt, "ads": ads}
    return Document(name=STATE, text=json.dumps(kept, ensure_ascii=False), kind="state")


def state_of(document: Document | None) -> State:
    """As last kept; empty where that cannot be read."""
    try:
        found = read_json(document.text.encode()) if document else {"ads": {}}
        ads = {str(number): _seen(*one) for number, one in found["ads"].items()}
        return State(
            ads=ads, complete=found.get("complete") is True, doubt=found.get("doubt") is True
        )
    except (BadPayload, AttributeError, KeyError, TypeError, ValueError):
        return State()


def _seen(
    round_: str, url: str, who: str, said: str, started: str, stopped: str, missed: int
) -> Seen:
    if stopped:
        stopped = datetime.fromisoformat(stopped).astimezone(UTC).isoformat()
    return Seen(
        round=str(round_),
        url=str(url),
        who=str(who),
        said=str(said),
        started=str(started),
        stopped=stopped,
        missed=int(missed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a round is: which question, and what its next page is asked with."""

    asks: str
    round: str
    ask: int = 0
    further: str = ""

    @classmethod
    def of(cls, cursor: Mapping[str, JsonValue], asks: Sequence[object], now: datetime) -> Place:
        """As kept; a new round where there is none, or where other things are asked now."""
        key = hashlib.sha256(repr(asks).encode("utf-8", "replace")).hexdigest()[:10]
        match cursor.get("place"):
            case [str(kept), str(round_), int(ask), str(further)] if kept == key:
                return cls(asks=key, round=round_, ask=max(ask, 0), further=further)
        return cls(asks=key, round=now.isoformat())

    def after(self, further: str) -> Place:
        """Behind a page; further: what its question's next page is asked with, "" for none."""
        return replace(self, ask=self.ask if further else self.ask + 1, further=further)

    def cursor(self) -> dict[str, JsonValue]:
        return {"place": [self.asks, self.round, self.ask, self.further]}
