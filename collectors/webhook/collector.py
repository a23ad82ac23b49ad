"""Push-in: something else sends posts to us. The form of such a source; there is nobody to poll."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, SecretStr, field_validator

from collectors.api import Capabilities, CollectorConfig, Cursor, Narrowing, Page
from collectors.errors import NeedsAttention

if TYPE_CHECKING:
    from collectors.http import Http

PREFIX = "whsec_"
_HOW = "'whsec_' and 24 to 64 bytes in base64"


class WebhookConfig(CollectorConfig):
    """How the calls are signed, and how many may come."""

    secret: SecretStr | None = Field(
        default=None,
        description=f"Signing secret ({_HOW}). Left out, one is made and shown once.",
    )
    previous_secret: SecretStr | None = Field(
        default=None,
        description="The secret before, which is accepted too while the sender changes over.",
    )
    calls_per_minute: int = Field(
        default=120, ge=1, le=6_000, description="Calls accepted in a minute; more get a 429."
    )

    @field_validator("secret", "previous_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        text = value.get_secret_value().strip()
        encoded = text.removeprefix(PREFIX).rstrip("=")
        try:
            size = len(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if not 24 <= size <= 64:
            raise ValueError(f"give {_HOW}")
        return SecretStr(text)


class Webhook:
    """Accepts posts that are pushed in, signed after Standard Webhooks; never polled."""

    kind: ClassVar[str] = "webhook"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = WebhookConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key", min_interval=timedelta(minutes=15), quota="yours to set", max_requests=0
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, WebhookConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Look whether calls can be verified at all. Asks nobody."""
        if self._config.secret is None:
            raise NeedsAttention("no signing secret yet: adding the source makes one")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Nothing: what there is was sent to us."""
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page
