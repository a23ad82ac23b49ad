"""What went wrong while reading a platform, named by what must be done about it.

    CollectorError
    ├── Transient          try again later, same cursor
    │   └── RateLimited    the platform named (or implied) a moment to come back
    ├── BadPayload         the answer could not be read; later polls may succeed
    └── NeedsAttention     a person must act; polling pauses and the owner is told once

Anything else that escapes a collector is a bug: it is logged, counted, and the source backs off.
Messages hold a host and a code, never a query string, a header or a token.
"""

from __future__ import annotations


class CollectorError(Exception):
    """Base of everything a collector may raise on purpose."""


class Transient(CollectorError):
    """A passing fault: time-out, connection lost, 5xx."""


class RateLimited(Transient):
    """The platform asked us to wait.

    retry_after: seconds to wait, or None where the platform did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadPayload(CollectorError):
    """The body is not what the platform documents."""


class NeedsAttention(CollectorError):
    """A person must act: wrong key, feed gone, address refused. Says what to do."""
