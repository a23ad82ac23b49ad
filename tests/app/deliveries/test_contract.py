"""Every transport of ours meets the contract, and every rule of the contract bites."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import ConfigDict, Field, SecretStr

from app.deliveries.testing import TransportContract
from app.deliveries.transports.base import Answer, Capabilities, ChannelConfig, Outgoing, Retry, Way
from app.deliveries.transports.console import Console
from app.deliveries.transports.email import Email
from app.deliveries.transports.registry import kinds, transport_class
from app.deliveries.transports.slack import Slack
from app.deliveries.transports.webhook import Webhook
from tests.support.outputs import SECRET


class TestSlack(TransportContract):
    transport = Slack
    config: ClassVar = {"url": "https://hooks.example/services/canary-7f3a"}


class TestWebhook(TransportContract):
    transport = Webhook
    config: ClassVar = {"url": "https://hooks.example/canary-7f3a", "secret": SECRET}


class TestEmail(TransportContract):
    transport = Email
    config: ClassVar = {"recipients": ("ana@example.com",)}
    speaks_http = False


class TestConsole(TransportContract):
    transport = Console
    config: ClassVar = {}
    speaks_http = False


def test_every_installed_transport_is_held_to_the_contract() -> None:
    tried = {cls.transport for cls in TransportContract.__subclasses__() if "Test" in cls.__name__}
    assert {transport_class(kind) for kind in kinds()} <= tried


class GoodConfig(ChannelConfig):
    url: SecretStr = Field(description="where")


class Broken:
    """A transport that does one thing wrong at a time."""

    kind: ClassVar[str] = "broken"
    Config: ClassVar[Any] = GoodConfig
    capabilities = Capabilities(idempotent=True)

    def __init__(self, config: Any) -> None:
        self._url = config.url

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        response = await way.http.post(self._url.get_secret_value(), content=b"{}", raw=True)
        if response.status < 300:
            return Answer(status=response.status)
        raise Retry("no")


class Undescribed(Broken):
    class Config(ChannelConfig):
        url: SecretStr


class OpenAddress(Broken):
    class Config(ChannelConfig):
        url: str = Field(description="where")


class Lenient(Broken):
    class Config(ChannelConfig):
        model_config = ConfigDict(extra="ignore")
        url: SecretStr = Field(description="where")


class Echoing(Broken):
    class Config(ChannelConfig):
        model_config = ConfigDict(hide_input_in_errors=False)
        url: SecretStr = Field(description="where")


class Dialling(Broken):
    def __init__(self, config: Any) -> None:
        import socket

        socket.getaddrinfo("localhost", 80)


class Showing(Broken):
    def __init__(self, config: Any) -> None:
        self._url = config.url
        self.address = config.url.get_secret_value()


class Stumbling(Broken):
    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        outgoing.message.title.encode("ascii")
        return await super().send(outgoing, way)


class Restless(Broken):
    count = 0

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        Restless.count += 1
        content = str(Restless.count).encode()
        await way.http.post(self._url.get_secret_value(), content=content, raw=True)
        return Answer()


class Telling(Broken):
    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        content = self._url.get_secret_value().encode()
        await way.http.post("https://a.example", content=content, raw=True)
        return Answer()


class Leaking(Broken):
    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        raise Retry(f"{self._url.get_secret_value()}: 500")


class Content(Broken):
    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        await way.http.post(self._url.get_secret_value(), content=b"{}", raw=True)
        return Answer()


class Certain(Broken):
    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        try:
            return await super().send(outgoing, way)
        except Retry:
            raise
        except Exception as error:
            raise Retry("not sent") from error


RULES = [
    (Undescribed, "test_every_setting_is_described"),
    (OpenAddress, "test_what_opens_the_door_is_a_secret"),
    (Lenient, "test_unknown_settings_are_refused_and_known_ones_frozen"),
    (Echoing, "test_a_refused_secret_is_not_repeated"),
    (Dialling, "test_construction_touches_no_network"),
    (Showing, "test_nothing_shows_a_secret"),
    (Stumbling, "test_hostile_text_does_not_break_it"),
    (Restless, "test_the_same_message_is_the_same_bytes"),
    (Telling, "test_no_secret_is_sent_in_the_message"),
    (Leaking, "test_every_failure_has_a_name_and_leaks_nothing"),
    (Content, "test_a_server_error_is_tried_again"),
    (Broken, "test_a_rate_limit_holds_the_channel_as_long_as_asked"),
    (Certain, "test_silence_after_sending_is_the_unknown"),
]


def contract_of(broken: type[Broken]) -> TransportContract:
    made = type("Sample", (TransportContract,), {
        "transport": broken, "config": {"url": "https://a.example/canary-9"},
    })  # fmt: skip
    return made()


@pytest.mark.parametrize(("broken", "rule"), RULES, ids=[rule for _, rule in RULES])
async def test_a_transport_that_breaks_a_rule_is_caught(broken: type[Broken], rule: str) -> None:
    check = getattr(contract_of(broken), rule)
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        found = check()
        if found is not None:
            await found
