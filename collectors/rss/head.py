"""What the head of a feed says beside its title: older pages, a hub, how often to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from collectors.rss.stated import Stated


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Addresses are absolute; "" where the feed names none.

    archive: the next older page of an archived feed (RFC 5005 `prev-archive`).
    next: the next page of a paged one (RFC 5005 and Atom `next`, JSON Feed `next_url`).
    wordpress: whether WordPress made it, which gives older pages without naming them.
    topic: what the feed calls itself (`self`); never asked, as many name a wrong one. A hub
        wants to be told it.
    """

    archive: str = ""
    next: str = ""
    wordpress: bool = False
    hub: str = ""
    topic: str = ""
    stated: Stated = field(default_factory=Stated)

    @property
    def older(self) -> str:
        """The page that the feed itself names as the next older one."""
        return self.archive or self.next


def made_by_wordpress(generator: str) -> bool:
    return "wordpress.org/" in generator


def paged(address: str, number: int) -> str:
    """The address of a WordPress feed with the number of one of its older pages."""
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("paged", str(number))])))
