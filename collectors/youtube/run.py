"""The state of one poll, and the making of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from collectors.api import Item, Listening, Page, Skipped
from collectors.desk import Document
from collectors.youtube.calls import Api
from collectors.youtube.config import YouTubeConfig
from collectors.youtube.following import Following, Known


@dataclass(slots=True, kw_only=True)
class Run:
    """What the parts of a poll share. `rounds` goes into the cursor, `following` on the shelf."""

    config: YouTubeConfig
    api: Api
    following: Following
    rounds: dict[str, JsonValue]
    counts: dict[str, int] = field(default_factory=dict)
    """Comments of videos, as told in this poll."""
    _kept: Document | None = field(default=None, init=False)
    _shown: set[str] = field(default_factory=set, init=False)
    _told: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._kept = self.following.to_document()

    def page(
        self,
        items: Iterable[Item] = (),
        skipped: Sequence[Skipped] = (),
        *,
        removed: Sequence[str] = (),
        refused: int = 0,
        truncated: bool = False,
        missed: bool = False,
        note: str = "",
    ) -> Page:
        """Items that this poll has not shown yet, with the state that is safe behind them."""
        new = {item.external_id: item for item in items if item.external_id not in self._shown}
        self._shown.update(new)
        document = self.following.to_document()
        keep = () if document == self._kept else (document,)
        self._kept = document
        asked, self._told = self.api.asked - self._told, self.api.asked
        return Page(
            items=tuple(new.values()),
            skipped=tuple(skipped),
            removed=tuple(removed),
            cursor={"searches": dict(self.rounds)} if self.rounds else {},
            keep=keep,
            listening=Listening(
                asked=asked, refused=refused, truncated=truncated, missed=missed, note=note
            ),
        )

    def videos(
        self,
        items: Iterable[Item],
        skipped: Sequence[Skipped],
        *,
        truncated: bool = False,
        missed: bool = False,
        note: str = "",
    ) -> Page:
        """A page of videos, whose comments are followed from now on."""
        found = list(items)
        self.counts |= {one.external_id: one.metrics.get("comments", -1) for one in found}
        left_out = self._follow(found)
        if left_out:
            note = "; ".join(filter(None, [note, f"the comments of {left_out} videos: no room"]))
        truncated = truncated or bool(left_out)
        return self.page(found, skipped, truncated=truncated, missed=missed, note=note)

    def _follow(self, items: Iterable[Item]) -> int:
        """Follow the comments of videos; how many there was no room for."""
        if not self.config.comments:
            return 0
        found = [(one.external_id, one.published_at) for one in items if one.published_at]
        days = self.config.comment_days
        self.following.follow(found, now=self.api.now, days=days)
        return self.following.trim(now=self.api.now, days=days, most=self.config.max_videos)

    def set_channel(self, name: str, known: Known) -> None:
        self.following.channels[name] = known
