"""The replay server serves streams as the guarded door reads them."""

from __future__ import annotations

import json

from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer

LOOPBACK = Policy.parse("127.0.0.1/32")


async def test_recorded_events_come_as_a_stream_that_ends() -> None:
    events = [":thump", {"event": "update", "data": {"at": "{base}"}, "id": "3"}, {"data": "x"}]
    async with (
        ReplayServer([Exchange(path="/s", events=events)]) as server,
        Http(LOOPBACK) as http,
    ):
        got = [event async for event in http.events(f"{server.base}/s")]
        assert [(one.name, one.id) for one in got] == [("update", "3"), ("message", "3")]
        assert json.loads(got[0].data) == {"at": server.base}


async def test_recorded_frames_come_as_a_web_socket_that_ends() -> None:
    frames = ["short", {"long": "x" * 70_000}, {"middle": "y" * 200}]
    async with (
        ReplayServer([Exchange(path="/s", query={"cursor": "5"}, frames=frames)]) as server,
        Http(LOOPBACK) as http,
    ):
        address = server.base.replace("http", "ws", 1)
        async with http.socket(f"{address}/s", params={"cursor": 5}) as socket:
            got = [str(message) async for message in socket]
    assert got[0] == "short"
    assert [json.loads(text) for text in got[1:]] == frames[1:]
