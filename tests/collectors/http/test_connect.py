"""Who is contacted, and what is said of those who are not."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import pytest

from collectors.errors import CollectorError, NeedsAttention
from collectors.http import Http, NotSent, Policy, guarded_connect
from collectors.http.policy import Address
from tests.collectors.http.conftest import LOOPBACK
from tests.support.faultserver import FaultServer, reply, tls_pair

MakeHttp = Callable[..., Http]


class FakeResolver:
    """Answers each look-up with the next of its scripted answers; the last one repeats."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise socket.gaierror("no such name")
        return [ip_address(text) for text in answer]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def _failure(http: Http, url: str) -> CollectorError:
    with pytest.raises(CollectorError) as caught:
        await http.get(url)
    return caught.value


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "0x7f.1", "127.1", "0",
     "localhost", "[::ffff:127.0.0.1]", "[::1]", "[::]", "[::127.0.0.1]"],
)  # fmt: skip
async def test_loopback_in_any_disguise_is_refused_without_a_contact(
    host: str, server: FaultServer, make_http: MakeHttp
) -> None:
    server.on("/", reply(200))
    for policy in (Policy(), Policy().with_ports(server.port)):
        error = await _failure(make_http(policy), server.url(host=host))
        assert isinstance(error, NeedsAttention)
    assert server.contacts == 0


async def test_the_same_loopback_answers_where_the_administrator_allows_it(
    server: FaultServer, http: Http
) -> None:
    """The counterpart of the test above: its zero contacts are the guard's doing."""
    server.on("/", reply(200, b"here"))
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        response = await http.get(server.url(host=host))
        assert response is not None
        assert response.body == b"here"
    assert server.contacts >= 1


async def test_a_port_that_is_not_named_is_refused_without_a_contact(
    server: FaultServer, make_http: MakeHttp
) -> None:
    http = make_http(Policy.parse(f"127.0.0.1/32:{server.port - 1}"))
    assert isinstance(await _failure(http, server.url()), NeedsAttention)
    assert server.contacts == 0


async def test_a_name_that_points_inside_is_refused_without_a_contact(
    server: FaultServer, make_http: MakeHttp
) -> None:
    resolver = FakeResolver(["127.0.0.1", "::1", "10.0.0.1"])
    http = make_http(Policy().with_ports(server.port), resolver=resolver)
    assert isinstance(await _failure(http, server.url(host="inside.example")), NeedsAttention)
    assert resolver.asked == ["inside.example"]
    assert server.contacts == 0


async def test_of_a_name_with_many_addresses_only_the_allowed_one_is_tried(
    server: FaultServer, make_http: MakeHttp
) -> None:
    async with FaultServer() as other:
        server.on("/", reply(200))
        resolver = FakeResolver(["10.0.0.1", "127.0.0.2", "::1", "127.0.0.1"])
        http = make_http(resolver=resolver)
        assert await http.get(server.url(host="mixed.example")) is not None
        assert (server.contacts, other.contacts) == (1, 0)


async def test_a_name_that_changes_its_answer_is_judged_again_at_the_next_connect(
    server: FaultServer, make_http: MakeHttp
) -> None:
    server.on("/", reply(200, headers={"connection": "close"}))
    resolver = FakeResolver(["127.0.0.1"], ["127.0.0.2"])
    http = make_http(resolver=resolver)
    assert await http.get(server.url(host="rebind.example")) is not None
    assert isinstance(await _failure(http, server.url(host="rebind.example")), NeedsAttention)
    assert server.contacts == 1
    assert len(resolver.asked) == 2


async def test_the_judged_address_is_the_dialled_one(
    server: FaultServer, make_http: MakeHttp
) -> None:
    """One look-up for one connect: there is no second answer to be fooled by."""
    server.on("/", reply(200))
    resolver = FakeResolver(["127.0.0.1"], ["10.0.0.1"])
    assert await make_http(resolver=resolver).get(server.url(host="once.example")) is not None
    assert resolver.asked == ["once.example"]


async def test_a_redirect_to_a_denied_address_is_refused_without_a_contact(
    server: FaultServer, make_http: MakeHttp
) -> None:
    async with FaultServer() as inside:
        inside.on("/", reply(200))
        server.on("/", reply(302, headers={"location": inside.url()}))
        http = make_http(Policy.parse(f"127.0.0.1/32:{server.port}"))
        assert isinstance(await _failure(http, server.url()), NeedsAttention)
        assert (server.contacts, inside.contacts) == (1, 0)


async def test_denied_targets_read_alike_whether_open_closed_unknown_or_silent(
    server: FaultServer, closed_port: int, make_http: MakeHttp
) -> None:
    host, url = "127.0.0.1", "http://127.0.0.1:{}/"
    denied_open = await _failure(make_http(Policy()), url.format(server.port))
    denied_closed = await _failure(make_http(Policy()), url.format(closed_port))
    allowed_closed = await _failure(make_http(), url.format(closed_port))
    with socket.create_server((host, 0), backlog=0) as deaf:
        port = deaf.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:  # A full backlog leaves the next connect unanswered.
                filler.setblocking(False)
                filler.connect_ex((host, port))
            impatient = make_http(connect_timeout=0.1)
            allowed_silent = await _failure(impatient, url.format(port))
        finally:
            for filler in fillers:
                filler.close()
    texts = {str(e) for e in (denied_open, denied_closed, allowed_closed, allowed_silent)}
    assert len(texts) == 1
    assert type(denied_open) is type(denied_closed) is NeedsAttention
    assert type(allowed_closed) is type(allowed_silent) is NotSent
    assert server.contacts == 0


async def test_an_open_and_a_closed_denied_port_take_equally_long(
    server: FaultServer, closed_port: int, make_http: MakeHttp
) -> None:
    http = make_http(Policy())

    async def fastest(port: int) -> float:
        """Of five tries, so that a busy machine does not decide."""
        times = []
        for _ in range(5):
            started = time.perf_counter()
            await _failure(http, f"http://127.0.0.1:{port}/")
            times.append(time.perf_counter() - started)
        return min(times)

    assert abs(await fastest(server.port) - await fastest(closed_port)) < 0.05
    assert server.contacts == 0


async def test_an_unknown_name_reads_like_a_denied_one(
    server: FaultServer, make_http: MakeHttp
) -> None:
    url = server.url(host="x.example")
    unknown = await _failure(make_http(resolver=FakeResolver([])), url)
    denied = await _failure(make_http(resolver=FakeResolver(["10.0.0.1"])), url)
    assert str(unknown) == str(denied)
    assert type(unknown) is NotSent


async def test_a_resolver_that_hangs_is_bounded_by_the_connect_time(make_http: MakeHttp) -> None:
    async def hang(_host: str, _port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    error = await _failure(make_http(resolver=hang, connect_timeout=0.05), "http://slow.example/")
    assert type(error) is NotSent


async def test_a_certificate_that_is_not_trusted_is_named_as_the_reason(
    make_http: MakeHttp,
) -> None:
    tls, _ = tls_pair()
    async with FaultServer(tls=tls) as server:
        error = await _failure(make_http(), server.url())
        assert "certificate" in str(error)
        assert server.requests == []


async def test_https_works_with_a_trusted_certificate_and_its_name(make_http: MakeHttp) -> None:
    tls, trust = tls_pair(["site.example"])
    async with FaultServer(tls=tls) as server:
        server.on("/", reply(200, b"safe"))
        http = make_http(resolver=FakeResolver(["127.0.0.1"]), ssl_context=trust)
        response = await http.get(server.url(host="site.example"))
        assert response is not None
        assert response.body == b"safe"
        assert "certificate" in str(await _failure(http, server.url(host="other.example")))


async def test_environment_proxies_are_ignored(
    server: FaultServer, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        server.on("/", reply(200))
        assert await http.get(server.url()) is not None
        assert (server.contacts, proxy.contacts) == (1, 0)


@pytest.mark.parametrize("tls", [False, True])
async def test_other_protocols_get_a_guarded_stream(tls: bool) -> None:
    serve, trust = tls_pair(["mail.example"])
    async with FaultServer(tls=serve if tls else None) as server:
        reader, writer = await guarded_connect(
            "mail.example",
            server.port,
            LOOPBACK,
            tls=tls,
            resolver=FakeResolver(["127.0.0.1"]),
            ssl_context=trust,
        )
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 404")
        writer.close()
        await writer.wait_closed()


async def test_a_stream_to_a_denied_address_is_never_opened(
    server: FaultServer, closed_port: int
) -> None:
    with pytest.raises(NeedsAttention) as denied:
        await guarded_connect("127.0.0.1", server.port, Policy().with_ports(server.port))
    with pytest.raises(NotSent) as closed:
        await guarded_connect("127.0.0.1", closed_port, LOOPBACK)
    assert str(denied.value) == str(closed.value)
    assert server.contacts == 0
