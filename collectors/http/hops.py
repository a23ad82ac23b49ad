"""What may be asked for, and what a redirect may turn it into. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collectors.errors import NeedsAttention

_KEPT_ACROSS_ORIGINS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "if-modified-since",
        "if-none-match",
        "user-agent",
    }
)
"""All else (keys, tokens, cookies, whatever their header is called) stays with its origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A parsed absolute URL. `host` is ASCII, without brackets."""

    text: str
    scheme: str
    host: str
    port: int | None
    """None where the scheme's own port is meant."""
    has_userinfo: bool = False

    @property
    def origin(self) -> tuple[str, str, int | None]:
        return self.scheme, self.host, self.port


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request, for one hop. Header names are in lower case."""

    method: str
    url: Url
    headers: Mapping[str, str]
    content: bytes | None = None


def checked(url: Url) -> Url:
    """Return `url` if it may be asked for at all. Raises NeedsAttention."""
    if url.scheme not in {"http", "https"}:
        raise NeedsAttention(f"{url.host or 'address'}: only http and https addresses are read")
    if not url.host or "%" in url.host:
        # A "%" is what is left of characters that no host name holds, or an IPv6 zone.
        raise NeedsAttention("address: it names no readable host")
    if url.port is not None and not 0 < url.port < 65536:
        raise NeedsAttention(f"{url.host}: its port is not between 1 and 65535")
    if url.has_userinfo:
        raise NeedsAttention(f"{url.host}: leave user name and password out of the address")
    return url


def web_scheme(url: Url) -> Url:
    """Return a WebSocket's address with the scheme of the HTTP request that opens it."""
    scheme = {"ws": "http", "wss": "https"}.get(url.scheme)
    if scheme is None:
        raise NeedsAttention(f"{url.host or 'address'}: a stream has a ws or wss address")
    return replace(url, scheme=scheme, text=scheme + url.text[len(url.scheme) :])


def redirected(hop: Outgoing, status: int, target: Url) -> Outgoing:
    """Return the request that follows a redirect to `target`. Raises NeedsAttention.

    Methods change as browsers change them (RFC 9110 §15.4). Credentials and bodies never
    cross to another origin, and https never falls back to http.
    """
    target = checked(target)
    if hop.url.scheme == "https" and target.scheme == "http":
        raise NeedsAttention(f"{hop.url.host}: it redirects from https to http, which is refused")
    followed = _as_get(hop) if _becomes_get(hop.method, status) else hop
    if target.origin == hop.url.origin:
        return replace(followed, url=target)
    if followed.content is not None:
        raise NeedsAttention(f"{hop.url.host}: it redirects what is sent to another site")
    kept = {k: v for k, v in followed.headers.items() if k in _KEPT_ACROSS_ORIGINS}
    return replace(followed, url=target, headers=kept)


def _becomes_get(method: str, status: int) -> bool:
    if status == 303:
        return method != "HEAD"
    return method == "POST" and status in {301, 302}


def _as_get(hop: Outgoing) -> Outgoing:
    headers = {k: v for k, v in hop.headers.items() if k != "content-type"}
    return replace(hop, method="GET", headers=headers, content=None)
