"""Who may do what, as pure decisions."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
"""Each includes the one before."""

ROLE_SCOPES: dict[str, Scope] = {"admin": "admin", "editor": "write", "reader": "read"}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SETUP_LASTS = timedelta(hours=24)
SESSION_IDLE = timedelta(hours=12)
SESSION_LONGEST = timedelta(days=30)
"""However busy: after that the person signs in again."""
TOUCH_EVERY = timedelta(minutes=5)
"""`seen_at` and `last_used_at` are written at most this often: reading must stay reading."""

PUBLIC = ("/healthz", "/readyz", "/favicon.ico")
PUBLIC_BELOW = ("/static/", "/setup/", "/unsubscribe/", "/api/v1/intake/", "/websub/")
"""Of the intake every call is signed by itself (app.intake)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a key or a signed-in browser."""

    kind: Literal["key", "session"]
    name: str
    scope: Scope
    member_id: int | None = None
    prefix: str = ""
    csrf: str = ""
    lang: str = ""

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"key:{self.prefix}" if self.kind == "key" else f"member:{self.member_id}"


def covers(have: Scope, need: Scope) -> bool:
    return SCOPES.index(have) >= SCOPES.index(need)


def scope_for(method: str) -> Scope:
    """What a method needs at least; a route may ask for more."""
    return "read" if method in SAFE_METHODS else "write"


def is_public(path: str) -> bool:
    """What answers without a key, also on loopback."""
    return path in PUBLIC or path.startswith(PUBLIC_BELOW)


def presented_key(*, authorization: str, x_api_key: str) -> str | None:
    """The key of a request, from either header."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return x_api_key.strip() or None


def is_same_origin(*, origin: str, host: str, fetch_site: str, public_url: str) -> bool:
    """May this browser request change something? (R-41)

    An Origin must be ours. Browsers leave it out on nothing that changes things nowadays; where
    it is missing, Sec-Fetch-Site decides, and without either the token of the form does.
    """
    if origin:
        # Cut by hand: urlsplit raises for what it cannot read.
        return origin.partition("://")[2] == host or origin.rstrip("/") == _origin_of(public_url)
    return fetch_site in ("", "same-origin", "none")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def session_ends(*, created_at: datetime, now: datetime) -> datetime:
    """Twelve idle hours from now, thirty days in all."""
    return min(now + SESSION_IDLE, created_at + SESSION_LONGEST)


def key_state(
    *, revoked_at: datetime | None, expires_at: datetime | None, now: datetime
) -> Literal["active", "revoked", "expired"]:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= now else "active"


@dataclass(slots=True)
class Limiter:
    """Counts wrong keys per address; kept in memory, so each process counts its own.

    A key that was right from an address stays welcome there: one program with a wrong key behind
    a proxy does not lock the others out.
    """

    most: int = 5
    window_s: float = 60.0
    addresses: int = 10_000
    _wrong: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _welcome: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def wait(self, address: str, *, key_hash: str = "", at: float) -> int:
        """Seconds until this address may try a key again; 0: now. `at` is monotonic."""
        tries = self._wrong.get(address)
        if tries is None or (address, key_hash) in self._welcome:
            return 0
        while tries and tries[0] <= at - self.window_s:
            tries.popleft()
        return int(tries[0] + self.window_s - at) + 1 if len(tries) >= self.most else 0

    def failed(self, address: str, *, at: float) -> None:
        tries = self._wrong.setdefault(address, deque(maxlen=self.most))
        tries.append(at)
        self._wrong.move_to_end(address)
        if len(self._wrong) > self.addresses:
            self._wrong.popitem(last=False)

    def welcome(self, address: str, key_hash: str) -> None:
        self._welcome[address, key_hash] = None
        if len(self._welcome) > self.addresses:
            self._welcome.popitem(last=False)
