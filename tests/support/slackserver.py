"""A scripted Slack: takes incoming-webhook posts on loopback and answers as requirements §4 says.

    async with SlackServer() as slack:
        slack.script("rate_limited", "ok")        # rows of ANSWERS; the last one repeats
        ... post to slack.url() ...
        assert [m["text"] for m in slack.messages] == [...]

An unscripted post is judged as Slack judges: JSON, text or blocks, the limits of Block Kit.
`python -m tests.support.slackserver --port 18080 --log FILE` runs one by itself, for `make e2e`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.faultserver import Answer, FaultServer, Seen, reply, reset, silence

PATH = "/services/T000/B000/very-secret-token"

ANSWERS: Mapping[str, Answer] = {
    "ok": reply(200, b"ok"),
    "not_ok": reply(200, b"<html>log in to the proxy</html>"),
    "rate_limited": reply(429, b"rate_limited", {"retry-after": "7"}),
    "rate_limited_silently": reply(429, b"rate_limited"),
    "server_error": reply(500, b"internal error"),
    "bad_gateway": reply(502, b"bad gateway"),
    "rollup_error": reply(500, b"rollup_error"),
    "rollup_error_400": reply(400, b"rollup_error"),
    "invalid_payload": reply(400, b"invalid_payload"),
    "invalid_blocks": reply(400, b"invalid_blocks"),
    "no_text": reply(400, b"no_text"),
    "too_many_attachments": reply(400, b"too_many_attachments"),
    "user_not_found": reply(400, b"user_not_found"),
    "invalid_token": reply(400, b"invalid_token"),
    "action_prohibited": reply(403, b"action_prohibited"),
    "no_service": reply(404, b"no_service"),
    "channel_not_found": reply(404, b"channel_not_found"),
    "channel_is_archived": reply(410, b"channel_is_archived"),
    "redirect": reply(302, b"", {"location": "https://example.com/"}),
    "silent": silence(),
    "reset": reset(b"HTTP/1.1 200 OK\r\ncontent-le"),
}


@dataclass
class SlackServer(FaultServer):
    """Listens at `url()`; `messages` holds every body that was JSON, accepted or not."""

    accepted: list[dict[str, Any]] = field(default_factory=list)
    log: Path | None = None

    def script(self, *names: str) -> None:
        """Answer the next posts with these rows of ANSWERS, the last one from then on."""
        self.on(PATH, *(self._judge if name == "judge" else ANSWERS[name] for name in names))

    async def __aenter__(self) -> SlackServer:
        await super().__aenter__()
        self.script("judge")
        return self

    @property
    def address(self) -> str:
        """What a person pastes into the channel's settings."""
        return self.url(PATH)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(seen.body) for seen in self.requests]

    async def _judge(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        fault = fault_of(seen)
        if fault is None:
            self._keep(json.loads(seen.body))
        writer.write(reply(200, b"ok") if fault is None else reply(400, fault.encode()))
        await writer.drain()

    def _keep(self, message: dict[str, Any]) -> None:
        self.accepted.append(message)
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(json.dumps(message) + "\n")


def fault_of(seen: Seen) -> str | None:
    """What Slack would say against a post; None where it takes it."""
    if "webhook-id" in seen.headers:
        return None  # not for Slack: a signed webhook that a test sends here
    try:
        message = json.loads(seen.body)
    except ValueError:
        return "invalid_payload"
    if not isinstance(message, dict) or seen.method != "POST":
        return "invalid_payload"
    blocks = message.get("blocks") or []
    if not message.get("text") and not blocks:
        return "no_text"
    if len(message.get("text", "")) > 40_000 or len(blocks) > 50:
        return "invalid_blocks"
    return "invalid_blocks" if any(_bad(block) for block in blocks) else None


def _bad(block: Mapping[str, Any]) -> bool:
    kind, text = block.get("type"), block.get("text") or {}
    if kind == "header":
        return text.get("type") != "plain_text" or not 1 <= len(text.get("text", "")) <= 150
    if kind == "section":
        fields = block.get("fields") or []
        too_long = any(not 1 <= len(f.get("text", "")) <= 2_000 for f in fields)
        bad_text = bool(text) and not 1 <= len(text.get("text", "")) <= 3_000
        return too_long or bad_text or len(fields) > 10 or not (text or fields)
    if kind == "context":
        return not 1 <= len(block.get("elements") or []) <= 10
    return kind != "divider"


async def _serve(port: int, log: Path) -> None:
    server = SlackServer(log=log)
    server.script("judge")
    listening = await asyncio.start_server(server._accept, "127.0.0.1", port)
    sys.stdout.write(f"http://127.0.0.1:{port}{PATH}\n")
    sys.stdout.flush()
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.log))
