"""What a tag's stream brings (docs.joinmastodon.org/methods/streaming): new, edited and deleted
statuses as Server-Sent Events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.api import Item, Listening, Page, Skipped
from collectors.errors import BadPayload
from collectors.jsontext import read_json
from collectors.mastodon.known import KnownIds
from collectors.mastodon.statuses import newest_id, read_statuses

if TYPE_CHECKING:
    from collectors.http import Event, Http


@dataclass(slots=True)
class Heard:
    """What a stretch of the streams brought. newest: the highest id, by the stream's number."""

    instance: str
    known: KnownIds
    items: dict[str, Item] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    newest: dict[int, str] = field(default_factory=dict)

    @property
    def has_news(self) -> bool:
        return bool(self.items or self.removed or self.skipped)

    def take(self, events: Sequence[tuple[int, Event]]) -> None:
        for number, event in events:
            if event.name in {"update", "status.update"}:
                self._take_status(number, event)
            elif event.name == "delete":
                self._take_deletion(event.data.strip().strip('"'))

    def page(self) -> Page:
        """Each status once, as it was last; a deletion of one that was never read is none."""
        return Page(
            items=tuple(self.items.values()),
            removed=tuple(self.removed),
            skipped=self.skipped,
            listening=Listening(asked=0),
        )

    def _take_status(self, number: int, event: Event) -> None:
        try:
            status: Any = read_json(event.data.encode())
        except BadPayload:
            self.skipped.append(Skipped("a status that is no JSON", raw=event.data[:2_000]))
            return
        self.known.learn([status])
        items, skipped = read_statuses([status], instance=self.instance)
        self.skipped += skipped
        for item in items:
            self.items[item.external_id] = item
            self.removed.pop(item.external_id, None)
        if event.name == "update":
            ids = [self.newest.get(number, ""), newest_id([status])]
            self.newest[number] = max(ids, key=lambda one: (len(one), one))

    def _take_deletion(self, identity: str) -> None:
        uri = self.known.uri_of(identity)
        if uri is not None:
            self.items.pop(uri, None)
            self.removed[uri] = None


async def streaming_address(base: str, http: Http) -> str:
    """Where the instance streams: often on a host of its own. The instance itself where it does not
    say so, or names an address less safe than its own."""
    response = await http.get(f"{base}/api/v2/instance")
    assert response is not None  # None answers a conditional request, which this is not
    told: Any = read_json(response.body)
    for key in ("configuration", "urls", "streaming"):
        told = told.get(key) if isinstance(told, dict) else None
    if not isinstance(told, str):
        return base
    parts = urlsplit(told)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    safe = scheme == "https" or (scheme == "http" and urlsplit(base).scheme == "http")
    return f"{scheme}://{parts.netloc}" if safe and parts.netloc else base
