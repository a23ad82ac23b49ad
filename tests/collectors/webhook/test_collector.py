"""The form of a source that is pushed into."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from collectors.api import Narrowing
from collectors.errors import NeedsAttention
from collectors.http import Http, Policy
from collectors.testing import CollectorContract
from collectors.webhook.collector import Webhook, WebhookConfig

GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_every_option_is_described_and_secrets_are_secret() -> None:
    suite = type("Suite", (CollectorContract,), {"collector": Webhook, "cases": "none"})()
    suite.test_01_every_option_is_described_and_secrets_are_secret()


@pytest.mark.parametrize("secret", ["short", "whsec_", "whsec_!!!!", "whsec_" + "A" * 200])
def test_a_secret_that_protects_nothing_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError, match="24 to 64 bytes"):
        WebhookConfig.model_validate({"secret": secret})


async def test_nobody_is_asked() -> None:
    async with Http(Policy()) as http:
        one = Webhook(WebhookConfig.model_validate({"secret": GOOD}))
        await one.check(http)
        assert [page async for page in one.poll(Narrowing(), {}, http)] == []
        with pytest.raises(NeedsAttention, match="no signing secret"):
            await Webhook(WebhookConfig()).check(http)
        assert http.asked == 0
