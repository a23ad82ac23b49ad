"""The contract, on the cases of googleplay."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collectors.api import CollectorConfig
from collectors.googleplay.collector import GooglePlay
from collectors.testing import CollectorContract


@cache
def private_key() -> str:
    """Made anew for each run: no key, not even one for tests, lies in the repository."""
    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class TestGooglePlay(CollectorContract):
    collector = GooglePlay
    cases = Path(__file__).parent / "cases" / "googleplay"

    def _config(self, case: Path, *, base: str, secret: str = "") -> CollectorConfig:
        """A key file that signs; the planted secret stands in it, as no other text would sign."""
        config = super()._config(case, base=base)
        told: dict[str, Any] = {
            "type": "service_account",
            "client_email": "reviews@project.example",
            "private_key": private_key(),
            "private_key_id": secret or "k1",
        }
        options = config.model_dump() | {"service_account": json.dumps(told)}
        return type(config).model_validate(options)
