"""The client that collectors, webhooks and Slack are given."""

from __future__ import annotations

import asyncio
import copy
import random
import ssl
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import orjson

from collectors.desk import Desk
from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from collectors.http.backend import Resolver
from collectors.http.decode import Body
from collectors.http.engine import Engine, Incoming, Params, join_url, read_url
from collectors.http.events import Event, EventReader
from collectors.http.hops import Outgoing, checked, redirected, web_scheme
from collectors.http.messages import Response, Validators
from collectors.http.outcomes import LASTING, REDIRECTS, OverBudget, error_for
from collectors.http.policy import Policy
from collectors.http.retry_after import freshness
from collectors.http.socket import Socket, opened
from collectors.http.tally import Slots, Tally
from collectors.http.wire import Wire, open_wire

USER_AGENT = "Vigie/0.1 (self-hosted social listening)"

IDLE = 60.0
"""Seconds without a sign of life after which a stream counts as broken."""
MESSAGE = 2**20
"""Bytes of one event or message of a stream."""

_QUICK_RETRIES = 2
_FIRST_PAUSE = 0.3  # Seconds, doubled for the second retry, and jittered by half.

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class _Call:
    """How one call is to be carried out, and the seconds that it has left."""

    left: float
    max_bytes: int
    raises: bool
    follow: int


class Http:
    """The guarded door out. One per process; `budget()` gives each poll its own cheap child.

    policy: who may be contacted; judged at each connect of each hop.
    total_timeout: seconds for one call: redirects, quick retries and body included. Waiting
        for one of a host's two slots is not counted.
    max_bytes: cap on a body, both as sent and as decoded.
    resolver, ssl_context, now (epoch seconds), sleep: the system's own unless given.

    Calls raise the errors of `collectors.errors`: NeedsAttention, Transient (more exactly
    NotSent, Unanswered, OverBudget), RateLimited, BadPayload. Their messages hold a host and
    a code, never a path, a query or a header.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        user_agent: str = USER_AGENT,
        total_timeout: float = 30.0,
        connect_timeout: float = 5.0,
        max_bytes: int = 15 * 2**20,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = Engine(
            policy,
            connect_timeout=connect_timeout,
            read_timeout=total_timeout,
            resolver=resolver,
            ssl_context=ssl_context,
        )
        self._policy = policy
        self._connect_timeout = connect_timeout
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._user_agent = user_agent
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self._now = now
        self._sleep = sleep
        self._slots = Slots()
        self._tally = Tally()
        self._owns_engine = True
        self.desk = Desk()
        """Sessions, quotas and documents that are kept between polls."""

    def budget(
        self,
        max_requests: int,
        hosts: Collection[str] | None = None,
        *,
        desk: Desk | None = None,
    ) -> Http:
        """Return a child on the same connections that may make `max_requests` requests.

        Redirects and quick retries count. Beyond the budget calls raise OverBudget; a host
        outside `hosts` (None: any) raises NeedsAttention. desk: another one than the parent's.
        """
        child = copy.copy(self)
        child.desk = desk or self.desk
        child._tally = Tally(max_requests=max_requests, hosts=hosts, parent=self._tally)
        child._owns_engine = False
        return child

    @property
    def asked(self) -> int:
        """Requests made so far, redirects and retries included."""
        return self._tally.asked

    @property
    def left(self) -> int | None:
        """Requests that the budget still allows; None without a budget."""
        return self._tally.left

    @property
    def now(self) -> datetime:
        """The instant, aware, UTC: a collector asks no other clock."""
        return datetime.fromtimestamp(self._now(), UTC)

    @property
    def freshness(self) -> float | None:
        """The shortest freshness, in seconds, that an answer has stated; a hint when to return."""
        return self._tally.freshness

    async def get(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        accept: str | None = None,
        max_bytes: int | None = None,
    ) -> Response | None:
        """Return the answer, or None where it has not changed since `validators` (304)."""
        return await self.request(
            "GET",
            url,
            params=params,
            headers=headers,
            validators=validators,
            accept=accept,
            max_bytes=max_bytes,
        )

    async def post(
        self,
        url: str,
        *,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        redirects: bool = False,
        raw: bool = False,
    ) -> Response:
        """Send a body once: a POST is never retried here.

        raw: True returns every answer as it is, so that a transport can read its status.
        """
        response = await self.request(
            "POST",
            url,
            json=json,
            content=content,
            headers=headers,
            raise_for_status=not raw,
            follow=5 if redirects else 0,
        )
        assert response is not None  # None is for 304 to validators, which a POST never sends.
        return response

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        validators: Validators | None = None,
        accept: str | None = None,
        max_bytes: int | None = None,
        raise_for_status: bool = True,
        follow: int = 5,
    ) -> Response | None:
        """Make one call; GET and HEAD are retried quickly at most twice on a passing fault.

        follow: redirects to follow; one more raises NeedsAttention, or is returned as it is
            where `raise_for_status` is False.
        raise_for_status: False returns every answer as it is, whatever its status.

        Returns None for a 304 to `validators`.
        """
        given = {name.lower(): value for name, value in (headers or {}).items()}
        if json is not None:
            content = orjson.dumps(json)
            given.setdefault("content-type", "application/json")
        outgoing = Outgoing(
            method=method.upper(),
            url=checked(read_url(url, params)),
            headers=self._headers(given, accept=accept, validators=validators),
            content=content,
        )
        call = _Call(
            left=self._total_timeout,
            max_bytes=self._max_bytes if max_bytes is None else max_bytes,
            raises=raise_for_status,
            follow=follow,
        )
        response = await self._with_retries(outgoing, call)
        return _unless_unchanged(response, validators) if raise_for_status else response

    @asynccontextmanager
    async def connect(
        self, host: str, port: int, *, tls: bool, opens: Collection[int] = ()
    ) -> AsyncIterator[Wire]:
        """Open a guarded connection for a protocol beside HTTP; it is closed with the block.

        opens: the protocol's own ports, which may be contacted on public addresses beside those
            of the policy; any other stays closed there.

        Counts as one request and holds one of the host's two slots while it is open.
        """
        async with self._slots.of(host):
            self._tally.count(host)
            wire = await open_wire(
                host,
                port,
                self._policy.with_ports(*opens),
                tls=tls,
                seconds=self._connect_timeout,
                resolver=self._resolver,
                ssl_context=self._ssl_context,
            )
            try:
                yield wire
            finally:
                await wire.close()

    async def events(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idle: float = IDLE,
        max_bytes: int = MESSAGE,
    ) -> AsyncGenerator[Event]:
        """Yield the Server-Sent Events of `url` until the server ends them.

        It counts as one request, and holds none of the host's slots once the answer begins. No
        redirect is followed, nothing is retried. Close it (`aclosing`) to leave it early.

        idle: seconds without a whole line, comments included, that raise Unanswered.
        max_bytes: of one event; a longer one raises BadPayload.
        """
        given = {name.lower(): value for name, value in (headers or {}).items()}
        outgoing = Outgoing(
            method="GET",
            url=checked(read_url(url, params)),
            headers=self._headers(given, accept="text/event-stream", validators=None)
            | {"accept-encoding": "identity", "cache-control": "no-store"},
        )
        host = outgoing.url.host
        async with AsyncExitStack() as stack:
            stream = self._engine.stream(outgoing, seconds=self._total_timeout, idle=idle)
            incoming = await self._opened(stack, host, stream)
            self._check_event_stream(incoming, host)
            reader = EventReader(host=host, max_bytes=max_bytes)
            chunks = await stack.enter_async_context(
                aclosing(_in_time(incoming, reader, idle=idle))
            )
            async for chunk in chunks:
                for event in reader.feed(chunk):
                    yield event

    @asynccontextmanager
    async def socket(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idle: float = IDLE,
        max_bytes: int = MESSAGE,
    ) -> AsyncIterator[Socket]:
        """Open a WebSocket at `url` (wss:// or ws://); leaving closes it.

        It counts as one request, and holds none of the host's slots once it is open. No redirect
        is followed, nothing is retried or compressed.

        idle: seconds without a whole message or a pong that raise Unanswered.
        max_bytes: of one message; a longer one raises BadPayload.
        """
        given = {name.lower(): value for name, value in (headers or {}).items()}
        target = checked(web_scheme(read_url(url, params)))
        async with AsyncExitStack() as stack:
            connection = opened(
                self._engine,
                target,
                {"user-agent": self._user_agent, **given},
                seconds=self._total_timeout,
                idle=idle,
                max_bytes=max_bytes,
                now=self._now(),
            )
            yield await self._opened(stack, target.host, connection)

    async def _opened(
        self, stack: AsyncExitStack, host: str, stream: AbstractAsyncContextManager[T]
    ) -> T:
        async with self._slots.of(host):
            self._tally.count(host)
            return await stack.enter_async_context(stream)

    def _check_event_stream(self, incoming: Incoming, host: str) -> None:
        error = error_for(incoming.status, incoming.headers, host=host, now=self._now())
        if error is not None:
            raise error
        kind = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = incoming.headers.get("content-encoding", "identity").strip().lower()
        if kind != "text/event-stream" or coding != "identity":
            raise BadPayload(f"{host}: the answer is no stream of events")

    async def aclose(self) -> None:
        """Close the connections. A child leaves its parent's alone."""
        if self._owns_engine:
            await self._engine.aclose()

    async def __aenter__(self) -> Http:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _headers(
        self, given: Mapping[str, str], *, accept: str | None, validators: Validators | None
    ) -> dict[str, str]:
        return {
            "user-agent": self._user_agent,
            "accept": accept or "*/*",
            **given,
            **(validators.as_headers() if validators else {}),
            # Not the caller's to choose: the decoder knows gzip and nothing else.
            "accept-encoding": "gzip",
        }

    async def _with_retries(self, outgoing: Outgoing, call: _Call) -> Response:
        pause = _FIRST_PAUSE
        for _ in range(_QUICK_RETRIES):
            try:
                return await self._follow(outgoing, call)
            except Transient as error:
                wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 (jitter, not a secret)
                if not self._worth_retrying(error, outgoing, call, wait=wait):
                    raise
            await self._sleep(wait)
            call.left -= wait
            pause *= 2
        return await self._follow(outgoing, call)

    def _worth_retrying(
        self, error: Transient, outgoing: Outgoing, call: _Call, *, wait: float
    ) -> bool:
        if isinstance(error, RateLimited | OverBudget) or self._tally.left == 0:
            return False
        return outgoing.method in {"GET", "HEAD"} and call.left > wait

    async def _follow(self, outgoing: Outgoing, call: _Call) -> Response:
        hop, lasting, moved_to = outgoing, True, ""
        for _ in range(call.follow):
            response = await self._hop(hop, call)
            location = response.headers.get("location")
            if response.status not in REDIRECTS or location is None:
                return self._judged(replace(response, moved_to=moved_to), hop, call)
            hop = redirected(hop, response.status, join_url(hop.url, location))
            lasting = lasting and response.status in LASTING
            moved_to = hop.url.text if lasting else moved_to
        response = await self._hop(hop, call)
        if call.follow and call.raises and response.status in REDIRECTS:
            raise NeedsAttention(f"{hop.url.host}: more than {call.follow} redirects")
        return self._judged(response, hop, call)

    async def _hop(self, hop: Outgoing, call: _Call) -> Response:
        async with self._slots.of(hop.url.host):
            self._tally.count(hop.url.host)
            clock = asyncio.get_running_loop().time
            started = clock()
            try:
                async with self._engine.exchange(hop, seconds=call.left) as incoming:
                    body = await _body(incoming, hop, call)
            finally:
                call.left -= clock() - started
        return Response(
            status=incoming.status,
            url=hop.url.text,
            headers=incoming.headers,
            body=body,
            freshness=freshness(incoming.headers, now=self._now()),
        )

    def _judged(self, response: Response, hop: Outgoing, call: _Call) -> Response:
        self._tally.note(response.freshness)
        if call.raises and response.status != 304:
            error = error_for(response.status, response.headers, host=hop.url.host, now=self._now())
            if error is not None:
                raise error
        return response


async def _in_time(
    incoming: Incoming, reader: EventReader, *, idle: float
) -> AsyncGenerator[bytes]:
    """The chunks, each whole line within `idle`: dripped bytes that make no line gain no time."""
    clock = asyncio.get_running_loop().time
    while True:
        lines, deadline = reader.lines, clock() + idle
        while reader.lines == lines:
            async with asyncio.timeout_at(deadline):
                chunk = await anext(incoming.chunks, None)
            if chunk is None:
                return
            yield chunk


def _unless_unchanged(response: Response, validators: Validators | None) -> Response | None:
    if response.status != 304:
        return response
    if validators is None or not validators.as_headers():
        host = read_url(response.url).host
        raise BadPayload(f"{host}: 304 to a question that was not conditional")
    return None


async def _body(incoming: Incoming, hop: Outgoing, call: _Call) -> bytes:
    if incoming.status in REDIRECTS or (call.raises and _is_error(incoming.status)):
        return b""  # Nobody will look at it: closing is cheaper than reading.
    coding = incoming.headers.get("content-encoding", "")
    body = Body(host=hop.url.host, coding=coding, max_bytes=call.max_bytes)
    async for chunk in incoming.chunks:
        body.feed(chunk)
    return body.whole()


def _is_error(status: int) -> bool:
    return status >= 400
