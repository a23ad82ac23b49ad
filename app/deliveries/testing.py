"""The contract that every transport meets. Subclass in a pytest module:

    class TestSlack(TransportContract):
        transport = Slack
        config = {"url": "https://hooks.example/services/canary-7f3a"}

`secrets` are looked for in everything the transport shows. A transport that does not speak HTTP
sets `speaks_http = False`, and the rules about answers are left out.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, cast
from unittest.mock import patch

from pydantic import BaseModel, ValidationError

from app.deliveries.message import Fact, Link, MentionLine, Message
from app.deliveries.transports.base import (
    Answer,
    Hold,
    Outgoing,
    Transport,
    TransportError,
    Way,
)
from collectors.http import Http, Response, Unanswered

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOSTILE = (
    "<!channel> <@U123> <https://evil.example|click> *b* _i_ `c` ~s~ @here\r\nBcc: a@b.c\r\n"
    "\x00\x1b[31m\u202egnp.exe\u2066\u200b & <script>alert(1)</script> {{7*7}} 👩\u200d🚒"
)
_SECRET_NAMES = ("url", "secret", "token", "password", "key")
_FAILURES = (300, 302, 400, 401, 403, 404, 408, 410, 413, 429, 500, 502, 503, 504)


@dataclass
class ScriptedHttp:
    """Stands where Http stands: one answer to every post, and a record."""

    answer: Response | Exception
    posts: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

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
        self.posts.append((url, content or b"", dict(headers or {})))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def outgoing(text: str = HOSTILE, *, plain: bool = False) -> Outgoing:
    """A message with `text` wherever text can stand."""
    line = MentionLine(
        mention_id="1", text=text, author=text, url="https://news.example/1", source=text,
        brand=text, published_at=NOW, first_seen_at=NOW,
    )  # fmt: skip
    message = Message(
        kind="alert", title=text, ref="A1B2C3", lines=(text,), facts=(Fact(text, text),),
        mentions=(line,), links=(Link(text, "https://vigie.example/alerts/1"),),
    )  # fmt: skip
    return Outgoing(message=message, message_id="msg_1", now=NOW, created_at=NOW, plain=plain)


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    """An answer of a receiver."""
    return Response(
        status=status, url="https://receiver.example/x", body=body,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )  # fmt: skip


class TransportContract:
    """The rules; each is one test."""

    transport: ClassVar[Any]
    config: ClassVar[Mapping[str, Any]]
    speaks_http: ClassVar[bool] = True

    @property
    def _secret_names(self) -> list[str]:
        options = self.transport.Config.model_fields.items()
        return [name for name, option in options if "SecretStr" in str(option.annotation)]

    @property
    def secrets(self) -> list[str]:
        return [str(self.config[name]) for name in self._secret_names if name in self.config]

    def made(self) -> Transport:
        return cast(Transport, self.transport(self.transport.Config(**self.config)))

    def test_every_setting_is_described(self) -> None:
        for name, option in self.transport.Config.model_fields.items():
            assert option.description, f"{name} has no description"

    def test_what_opens_the_door_is_a_secret(self) -> None:
        for name, option in self.transport.Config.model_fields.items():
            if any(part in name.lower() for part in _SECRET_NAMES):
                assert "SecretStr" in str(option.annotation), f"{name} is no SecretStr"

    def test_unknown_settings_are_refused_and_known_ones_frozen(self) -> None:
        model: type[BaseModel] = self.transport.Config
        assert model.model_config.get("frozen"), "the config is not frozen"
        try:
            model(**{**self.config, "no_such_setting": 1})
        except ValidationError:
            return
        raise AssertionError("an unknown setting is taken")

    def test_a_refused_secret_is_not_repeated(self) -> None:
        for name in self._secret_names:
            for wrong in ("canary in the mine", ["canary in the mine"]):
                said = self._refusal({**self.config, name: wrong})
                assert "canary in the mine" not in said, f"{name} is repeated"

    def test_construction_touches_no_network(self) -> None:
        with _no_network():
            self.made()

    def test_nothing_shows_a_secret(self) -> None:
        made = self.made()
        config = self.transport.Config(**self.config)
        shown = f"{made!r} {made} {config!r} {config} {config.model_dump_json()} {vars(made)!r}"
        for secret in self.secrets:
            assert secret not in shown, "a secret is shown"

    async def test_hostile_text_does_not_break_it(self) -> None:
        if not self.speaks_http:
            return
        for plain in (False, True):
            http = ScriptedHttp(response(200, b"ok"))
            await self.made().send(outgoing(plain=plain), _way(http))
            assert len(http.posts) == 1, "one send is one request"

    async def test_the_same_message_is_the_same_bytes(self) -> None:
        if not self.speaks_http:
            return
        sent = []
        for _ in range(2):
            http = ScriptedHttp(response(200, b"ok"))
            await self.made().send(outgoing(), _way(http))
            sent.append(http.posts)
        assert sent[0] == sent[1], "two tries differ"

    async def test_no_secret_is_sent_in_the_message(self) -> None:
        if not self.speaks_http:
            return
        http = ScriptedHttp(response(200, b"ok"))
        await self.made().send(outgoing(), _way(http))
        for _, content, headers in http.posts:
            for secret in self.secrets:
                assert secret.encode() not in content, "the body holds a secret"
                assert secret not in str(headers), "a header holds a secret"

    async def test_every_failure_has_a_name_and_leaks_nothing(self) -> None:
        if not self.speaks_http:
            return
        for status in _FAILURES:
            error = await self._error(response(status, " ".join(self.secrets).encode()))
            self._unleaky(error)

    async def test_a_server_error_is_tried_again(self) -> None:
        if not self.speaks_http:
            return
        for status in (500, 502, 504):
            error = await self._error(response(status))
            assert error.outcome == "retry", f"{status} is not tried again"

    async def test_a_rate_limit_holds_the_channel_as_long_as_asked(self) -> None:
        if not self.speaks_http:
            return
        error = await self._error(response(429, retry_after="42"))
        assert isinstance(error, Hold), "429 does not hold"
        assert error.after == 42, "Retry-After is lost"

    async def test_silence_after_sending_is_the_unknown(self) -> None:
        if not self.speaks_http:
            return
        error = await self._error(Unanswered("receiver.example: no answer"))
        assert error.outcome == "unknown", "silence is taken for something known"
        self._unleaky(error)

    async def _error(self, answer: Response | Exception) -> TransportError:
        try:
            taken: Answer = await self.made().send(outgoing(), _way(ScriptedHttp(answer)))
        except TransportError as error:
            return error
        raise AssertionError(f"{answer!r} is taken for a success: {taken}")

    def _refusal(self, config: Mapping[str, Any]) -> str:
        try:
            self.transport.Config(**config)
        except ValidationError as error:
            return str(error)
        return ""

    def _unleaky(self, error: TransportError) -> None:
        for secret in self.secrets:
            assert secret not in f"{error} {error!r} {error.message}", "an error shows a secret"


def _way(http: ScriptedHttp) -> Way:
    return Way(http=cast(Http, http))


@contextmanager
def _no_network() -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is touched")

    with (
        patch.object(socket.socket, "connect", refuse),
        patch.object(socket, "getaddrinfo", refuse),
    ):
        yield
