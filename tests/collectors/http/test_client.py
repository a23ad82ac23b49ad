from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import orjson
import pytest

from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from collectors.http import Http, NotSent, OverBudget, Validators
from tests.support.faultserver import FaultServer, Seen, etagged, head, reply, reset, tls_pair

MakeHttp = Callable[..., Http]


async def test_an_answer_comes_whole_with_its_address_and_headers(
    server: FaultServer, http: Http
) -> None:
    server.on("/a", reply(200, b'{"n": 1}', {"Link": "<x>", "LINK": "<y>", "X-B": "1"}))
    response = await http.get(server.url("/a"), params={"q": "é"}, accept="application/json")
    assert response is not None
    assert response.json() == {"n": 1}
    assert response.url == server.url("/a?q=%C3%A9")
    assert response.headers["link"] == "<x>, <y>"
    seen = server.requests[0]
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["accept-encoding"] == "gzip"
    assert seen.headers["user-agent"].startswith("Vigie/")
    assert seen.headers["host"] == f"127.0.0.1:{server.port}"


async def test_gzip_is_undone(server: FaultServer, http: Http) -> None:
    server.on("/", reply(200, gzip.compress(b"text" * 999), {"content-encoding": "gzip"}))
    response = await http.get(server.url())
    assert response is not None
    assert response.body == b"text" * 999


async def test_an_unchanged_answer_is_none_and_costs_no_second_connection(
    server: FaultServer, http: Http
) -> None:
    server.on("/", etagged(b"v1", '"1"', {"last-modified": "Mon, 23 Nov 2026 01:02:00 GMT"}))
    first = await http.get(server.url())
    assert first is not None
    assert await http.get(server.url(), validators=first.validators) is None
    assert server.requests[1].headers["if-none-match"] == '"1"'
    assert server.requests[1].headers["if-modified-since"] == "Mon, 23 Nov 2026 01:02:00 GMT"
    changed = await http.get(server.url(), validators=Validators(etag='"0"'))
    assert changed is not None
    assert changed.body == b"v1"
    assert server.contacts == 1


async def test_not_modified_without_a_condition_is_a_bad_payload(
    server: FaultServer, http: Http
) -> None:
    server.on("/", head(304, {}))
    for validators in (None, Validators()):
        with pytest.raises(BadPayload):
            await http.get(server.url(), validators=validators)


@pytest.mark.parametrize("wait", ["60", "Mon, 23 Nov 2026 01:01:00 GMT"])
async def test_too_many_requests_pass_the_wait_on_and_are_not_repeated(
    wait: str, server: FaultServer, http: Http, naps: list[float]
) -> None:
    server.on("/", reply(429, headers={"retry-after": wait}))
    with pytest.raises(RateLimited) as caught:
        await http.get(server.url())
    assert caught.value.retry_after == 60
    assert len(server.requests) == 1
    assert naps == []


async def test_a_passing_fault_is_retried_twice_after_short_pauses(
    server: FaultServer, http: Http, naps: list[float]
) -> None:
    server.on("/", reply(500), reset(), reply(200, b"well"))
    response = await http.get(server.url())
    assert response is not None
    assert response.body == b"well"
    assert len(server.requests) == 3
    assert len(naps) == 2
    assert all(0 < nap <= 5 for nap in naps)


async def test_a_lasting_fault_is_given_up_after_two_retries(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(502))
    with pytest.raises(Transient, match="502"):
        await http.get(server.url())
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 410])
async def test_what_a_person_must_mend_is_not_retried(
    status: int, server: FaultServer, http: Http
) -> None:
    server.on("/", reply(status))
    with pytest.raises(NeedsAttention, match=str(status)):
        await http.get(server.url())
    assert len(server.requests) == 1


async def test_a_post_is_sent_once_with_its_json(server: FaultServer, http: Http) -> None:
    server.on("/", reply(500))
    with pytest.raises(Transient):
        await http.post(server.url(), json={"é": 1}, headers={"X-Id": "7"})
    assert len(server.requests) == 1
    seen = server.requests[0]
    assert orjson.loads(seen.body) == {"é": 1}
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-id"] == "7"


@pytest.mark.parametrize("status", [200, 302, 304, 404, 410, 429, 500])
async def test_a_raw_post_returns_any_status_with_its_body(
    status: int, server: FaultServer, http: Http
) -> None:
    headers = {"location": "/elsewhere", "retry-after": "9"}
    body = b"" if status == 304 else b"no_service"
    server.on("/", reply(status, body, headers))
    response = await http.post(server.url(), content=b"x", raw=True)
    assert response.status == status
    assert response.headers["retry-after"] == "9"
    assert response.body == (b"" if status in {302, 304} else b"no_service")
    assert len(server.requests) == 1


async def test_a_post_does_not_follow_redirects_unless_told(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(307, headers={"location": "/b"}))
    server.on("/b", reply(200, b"there"))
    with pytest.raises(NeedsAttention, match="elsewhere"):
        await http.post(server.url(), content=b"x")
    response = await http.post(server.url(), content=b"x", redirects=True)
    assert response.body == b"there"
    assert server.requests[-1].body == b"x"


async def test_five_redirects_are_followed_and_a_sixth_is_not(
    server: FaultServer, http: Http
) -> None:
    for n in range(6):
        server.on(f"/{n}", reply(302, b"x" * 100, {"location": f"/{n + 1}"}))
    server.on("/6", reply(200, b"end"))
    response = await http.get(server.url("/1"))
    assert response is not None
    assert (response.body, response.url) == (b"end", server.url("/6"))
    with pytest.raises(NeedsAttention, match="more than 5 redirects"):
        await http.get(server.url("/0"))


async def test_a_redirect_loop_ends(server: FaultServer, http: Http) -> None:
    server.on("/", reply(301, headers={"location": "/"}))
    with pytest.raises(NeedsAttention):
        await http.get(server.url())
    assert len(server.requests) == 6


async def test_the_body_of_a_redirect_is_not_read(server: FaultServer, http: Http) -> None:
    server.on("/", head(302, {"location": "/b", "content-length": "999999999"}))
    server.on("/b", reply(200))
    assert await http.get(server.url()) is not None


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "http://["])
async def test_a_redirect_to_something_odd_is_refused(
    location: str, server: FaultServer, http: Http
) -> None:
    server.on("/", reply(302, headers={"location": location}))
    with pytest.raises(NeedsAttention):
        await http.get(server.url())
    assert len(server.requests) == 1


async def test_a_redirect_from_https_to_http_is_refused(
    server: FaultServer, make_http: MakeHttp
) -> None:
    tls, trust = tls_pair()
    async with FaultServer(tls=tls) as safe:
        safe.on("/", reply(302, headers={"location": server.url()}))
        with pytest.raises(NeedsAttention, match="https to http"):
            await make_http(ssl_context=trust).get(safe.url())
    assert server.contacts == 0


async def test_a_token_is_not_carried_to_another_origin(server: FaultServer, http: Http) -> None:
    async with FaultServer() as other:
        server.on("/", reply(302, headers={"location": other.url()}))
        other.on("/", reply(200))
        await http.get(server.url(), headers={"Authorization": "Bearer s", "X-Api-Key": "s"})
        assert server.requests[0].headers["authorization"] == "Bearer s"
        assert {"authorization", "x-api-key"}.isdisjoint(other.requests[0].headers)


async def test_cookies_are_never_kept(server: FaultServer, http: Http) -> None:
    server.on("/", reply(200, headers={"set-cookie": "a=1"}))
    await http.get(server.url())
    await http.get(server.url())
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_messages_hold_the_host_and_the_code_and_no_secret(
    status: int, server: FaultServer, http: Http
) -> None:
    server.on("/hook-s3cret", reply(status, b"s3cret", {"x-echo": "s3cret"}))
    with pytest.raises((NeedsAttention, Transient)) as caught:
        await http.get(
            server.url("/hook-s3cret"), params={"key": "s3cret"}, headers={"X-Key": "s3cret"}
        )
    assert str(caught.value).startswith(f"127.0.0.1: {status}")
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("key", ["s3cret\n", "s3cret\r\nx: y", "s3cret\u2019", "s3cret\0"])
async def test_a_key_that_cannot_be_sent_is_not_quoted(
    key: str, server: FaultServer, http: Http
) -> None:
    with pytest.raises(NeedsAttention) as caught:
        await http.get(server.url(), headers={"X-Key": key})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert server.requests == []


async def test_a_budget_counts_redirects_and_retries_and_then_stops(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(302, headers={"location": "/b"}))
    server.on("/b", reply(500), reply(200))
    poll = http.budget(3)
    with pytest.raises(OverBudget):
        await poll.get(server.url())
    assert poll.asked == 3
    assert poll.left == 0
    with pytest.raises(OverBudget):
        await poll.get(server.url("/b"))
    assert len(server.requests) == 3
    assert http.budget(1).left == 1
    assert (http.asked, http.left) == (3, None)


async def test_a_retry_that_the_budget_forbids_leaves_the_first_error(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(500))
    with pytest.raises(Transient, match="500"):
        await http.budget(1).get(server.url())


async def test_a_child_of_a_child_cannot_ask_more_than_its_parent(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(200))
    poll = http.budget(1)
    await poll.budget(9).get(server.url())
    with pytest.raises(OverBudget):
        await poll.budget(9).get(server.url())


async def test_hosts_beyond_those_declared_are_not_asked_also_by_redirect(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(302, headers={"location": server.url(host="localhost")}))
    poll = http.budget(9, hosts={"127.0.0.1"})
    with pytest.raises(NeedsAttention, match="not among the hosts"):
        await poll.get(server.url())
    assert poll.asked == 1


async def test_the_shortest_freshness_is_remembered_per_poll(
    server: FaultServer, http: Http
) -> None:
    server.on("/a", reply(200, headers={"cache-control": "max-age=600"}))
    server.on("/b", reply(200, headers={"cache-control": "max-age=60"}))
    server.on("/c", reply(200))
    poll = http.budget(9)
    assert poll.freshness is None
    for path, freshness in (("/c", None), ("/a", 600), ("/b", 60), ("/a", 60)):
        await poll.get(server.url(path))
        assert poll.freshness == freshness
    assert http.budget(1).freshness is None


async def test_an_unchanged_answer_states_its_freshness_too(
    server: FaultServer, http: Http
) -> None:
    server.on("/", head(304, {"cache-control": "max-age=900"}))
    poll = http.budget(1)
    assert await poll.get(server.url(), validators=Validators(etag='"1"')) is None
    assert poll.freshness == 900


async def test_one_host_is_asked_by_at_most_two_at_once(server: FaultServer, http: Http) -> None:
    gate = asyncio.Event()

    async def hold(_: Seen, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 2:
            # Give those that might break the rule many turns to do so.
            for _turn in range(50):
                await asyncio.sleep(0)
            gate.set()
        await gate.wait()
        writer.write(reply(200))

    server.on("/", hold)
    await asyncio.gather(*(http.budget(1).get(server.url()) for _ in range(10)))
    assert server.most_busy == 2
    assert len(server.requests) == 10


async def test_closing_a_child_leaves_the_connections_of_its_parent(
    server: FaultServer, http: Http
) -> None:
    server.on("/", reply(200))
    async with http.budget(1) as poll:
        await poll.get(server.url())
    await http.get(server.url())
    assert server.contacts == 1


async def test_nothing_listening_is_a_fault_that_sent_nothing(
    server: FaultServer, http: Http
) -> None:
    url = server.url()
    await server.__aexit__()
    with pytest.raises(NotSent):
        await http.post(url, content=b"x")
