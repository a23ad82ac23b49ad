"""What can go wrong in the service, named by what must be done.

    AppError                (status, code: the last part of the problem's `type`)
    ├── NotFound            404  there is no such thing, or it is in another watchlist
    ├── Invalid             422  the input cannot be used; `field` says where
    ├── Conflict            409  it exists already, or somebody changed it meanwhile
    │   └── Stale           412  If-Match does not match
    ├── Unauthorized        401  no key, wrong key, expired
    ├── Forbidden           403  the key's scope does not reach
    ├── TooMany             429  too many wrong keys; wait `retry_after` seconds
    ├── StoreBusy           503  the database is locked; try again in `retry_after` seconds
    ├── StoreFull           507  the disk is full; reading goes on, collecting waits
    └── SetupError          –    the operator must change something before the start (exit 2)

A message is one sentence that says what to do next. `fr` holds it in French.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """Base of everything the service raises on purpose."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, fr: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fr = fr or message
        self.field = field

    def text(self, lang: str) -> str:
        return self.fr if lang == "fr" else self.message

    def members(self, lang: str) -> Mapping[str, Any]:
        """What the problem says beside its sentence (RFC 9457, extension members)."""
        return {}


class NotFound(AppError):
    status, code = 404, "not-found"


class Invalid(AppError):
    status, code = 422, "invalid"


class Conflict(AppError):
    status, code = 409, "conflict"


class Stale(Conflict):
    status, code = 412, "stale"


class Unauthorized(AppError):
    status, code = 401, "unauthorized"


class Forbidden(AppError):
    status, code = 403, "forbidden"


class TooMany(AppError):
    status, code = 429, "too-many"

    def __init__(self, message: str, *, fr: str = "", retry_after: int = 60) -> None:
        super().__init__(message, fr=fr)
        self.retry_after = retry_after


class StoreBusy(AppError):
    status, code = 503, "store-busy"
    retry_after: ClassVar[int] = 5


class StoreFull(AppError):
    status, code = 507, "store-full"


class SetupError(AppError):
    status, code = 500, "setup"
