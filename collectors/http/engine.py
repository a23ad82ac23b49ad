"""One HTTP exchange over httpx's transport. The only file that knows httpx and httpcore.

The transport is used without httpx's client: no cookie jar shared between sources, no
environment proxies, no .netrc, no redirects of its own, no URL in its log lines.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import httpcore
import httpx

from collectors.errors import CollectorError, NeedsAttention
from collectors.http.backend import Resolver, dial, guarded_connect
from collectors.http.hops import Outgoing, Url
from collectors.http.outcomes import NotSent, Unanswered, unreachable
from collectors.http.policy import Policy

Param = str | int | float | bool | None
Params = Mapping[str, Param | Sequence[str | int]]
"""Query parameters. None leaves one out, a sequence repeats it, True is sent as "true"."""

_CONNECTIONS = 100
_STREAMS = 100
_IDLE_CONNECTIONS = 8
"""Few: httpcore looks at every idle connection, and at all others beside each, for every request.
Feeds are one request a host; what is asked in a row of one host still finds its connection."""
_IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An answer whose head has arrived; its body is read chunk by chunk, still encoded."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncGenerator[bytes]


class Engine:
    """A pool of guarded connections. One per process."""

    def __init__(
        self,
        policy: Policy,
        *,
        connect_timeout: float,
        read_timeout: float,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._context = ssl_context or httpx.create_ssl_context(trust_env=False)
        self._timeouts = {
            "connect": connect_timeout,
            "read": read_timeout,
            "write": read_timeout,
            "pool": read_timeout,
        }
        self._transport = self._pool(_CONNECTIONS)
        # Streams last for minutes: in a pool of their own they keep no poll waiting.
        self._streams = self._pool(_STREAMS)

    def _pool(self, most: int) -> httpx.AsyncHTTPTransport:
        transport = httpx.AsyncHTTPTransport(
            verify=self._context,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=most,
                max_keepalive_connections=_IDLE_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        )
        _spare_imports()
        seconds = self._timeouts["connect"]
        _guard(transport, _GuardedBackend(self._policy, seconds, self._resolver))
        return transport

    @asynccontextmanager
    async def exchange(self, outgoing: Outgoing, *, seconds: float) -> AsyncIterator[Incoming]:
        """Send a request and yield the answer; leaving closes or returns its connection.

        seconds: the time for all of it, the reading of the body included. httpx only knows
        a time-out per read, which a server that drips one byte at a time never meets.

        Raises NotSent, Unanswered or, for what may not be sent, NeedsAttention.
        """
        journey = _Journey(outgoing.url.host)
        with journey.named_errors():
            async with asyncio.timeout(seconds):
                request = _request(outgoing, timeouts=self._timeouts, trace=journey.trace)
                response = await self._transport.handle_async_request(request)
                try:
                    yield Incoming(
                        status=response.status_code,
                        headers=_joined(response.headers.raw),
                        chunks=_chunks(response),
                    )
                finally:
                    await response.aclose()

    @asynccontextmanager
    async def stream(
        self, outgoing: Outgoing, *, seconds: float, idle: float
    ) -> AsyncIterator[Incoming]:
        """Like `exchange`, for a body that does not end: `seconds` is for its head only.

        idle: seconds that one read waits. Raises as `exchange` does, while it is read too.
        """
        journey = _Journey(outgoing.url.host)
        with journey.named_errors():
            timeouts = {**self._timeouts, "read": idle}
            request = _request(outgoing, timeouts=timeouts, trace=journey.trace)
            async with asyncio.timeout(seconds):
                response = await self._streams.handle_async_request(request)
            chunks = _chunks(response)
            try:
                yield Incoming(
                    status=response.status_code,
                    headers=_joined(response.headers.raw),
                    chunks=chunks,
                )
            finally:
                await chunks.aclose()
                await response.aclose()

    async def connect(self, url: Url) -> tuple[StreamReader, StreamWriter]:
        """Open a guarded connection, with TLS where the scheme is https, for a WebSocket.

        Raises NeedsAttention or NotSent.
        """
        secure = url.scheme == "https"
        try:
            return await guarded_connect(
                url.host,
                url.port or (443 if secure else 80),
                self._policy,
                tls=secure,
                timeout=self._timeouts["connect"],
                resolver=self._resolver,
                ssl_context=self._context,
            )
        except NotSent as error:
            if _certificate_refused(error):
                raise _not_accepted(url.host) from error
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()
        await self._streams.aclose()


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, with the policy in front of each connect."""

    def __init__(self, policy: Policy, timeout: float, resolver: Resolver | None) -> None:
        self._policy = policy
        self._timeout = timeout
        self._resolver = resolver
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        async def connect(address: str, seconds: float) -> httpcore.AsyncNetworkStream:
            try:
                return await self._network.connect_tcp(
                    address,
                    port,
                    timeout=seconds,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise ConnectionError(str(error)) from error

        return await dial(
            host,
            port,
            policy=self._policy,
            seconds=self._timeout if timeout is None else timeout,
            connect=connect,
            resolver=self._resolver,
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("sockets on this machine are never contacted")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Journey:
    """One request on its way: whether it had begun to leave decides what its failure means."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._sent = False

    async def trace(self, event: str, _info: object) -> None:
        """Take note of httpcore's progress."""
        self._sent = self._sent or event.endswith("send_request_headers.started")

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, UnicodeEncodeError):
            # No cause is chained: these messages quote header values, tokens among them.
            raise NeedsAttention(
                f"{self._host}: this request cannot be sent (odd characters in a key or address)"
            ) from None
        except (TimeoutError, httpx.HTTPError, httpx.StreamError) as error:
            raise self._named(error) from error

    def _named(self, error: BaseException) -> CollectorError:
        if self._sent:
            return Unanswered(f"{self._host}: the connection broke or no whole answer came in time")
        if _certificate_refused(error):
            return _not_accepted(self._host)
        return unreachable(self._host)


def _not_accepted(host: str) -> NotSent:
    return NotSent(f"{host}: its certificate is not accepted")


def _certificate_refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def read_url(text: str, params: Params | None = None) -> Url:
    """Return `text` parsed, with `params` added to its query. Raises NeedsAttention."""
    try:
        url = httpx.URL(text.strip())
        if params:
            given = {key: value for key, value in params.items() if value is not None}
            url = url.copy_merge_params(given)
    except (httpx.InvalidURL, ValueError):
        # The message of the cause quotes the address, which may hold a secret.
        raise NeedsAttention("address: it cannot be read as a web address") from None
    return _plain(url)


def join_url(base: Url, location: str) -> Url:
    """Return where a Location header points from `base`. Raises NeedsAttention."""
    try:
        return _plain(httpx.URL(base.text).join(location.strip()))
    except (httpx.InvalidURL, ValueError):
        raise NeedsAttention(f"{base.host}: it redirects to an unreadable address") from None


def _plain(url: httpx.URL) -> Url:
    return Url(
        text=str(url.copy_with(fragment=None)),
        scheme=url.scheme,
        host=url.raw_host.decode("ascii"),
        port=url.port,
        has_userinfo=bool(url.userinfo),
    )


def _spare_imports() -> None:
    """Let httpcore know once and for all where there is no sniffio.

    It tries to import it for every lock it makes, some ten a request; a module that is not there is
    looked for in all of sys.path each time, which took a fifth of a request. Without it httpcore
    takes asyncio, which is what we run on.
    """
    if "sniffio" not in sys.modules and find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # documented: import fails at once


def _guard(transport: httpx.AsyncHTTPTransport, backend: _GuardedBackend) -> None:
    # httpx has no public way to hand a network backend to its pool; self_test() proves at
    # start-up that this still takes hold with the installed versions.
    pool = transport._pool
    pool._network_backend = backend


def _request(outgoing: Outgoing, *, timeouts: Mapping[str, float], trace: Any) -> httpx.Request:
    return httpx.Request(
        outgoing.method,
        outgoing.url.text,
        headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in outgoing.headers.items()],
        content=outgoing.content,
        extensions={"timeout": dict(timeouts), "trace": trace},
    )


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _chunks(response: httpx.Response) -> AsyncGenerator[bytes]:
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    async for chunk in stream:
        yield chunk
