"""The token of an unsubscribe link: signed, 60 days, no login (RFC 8058, R-30)."""

from __future__ import annotations

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from app.secrets import Cipher

VALID_FOR = timedelta(days=60)
_PURPOSE = "unsubscribe"


def make_token(cipher: Cipher, subscription_id: int, *, now: datetime) -> str:
    """A token that names the subscription. It outlives a rotation of the key file's first key."""
    expires = int((now + VALID_FOR).timestamp())
    return str(_serializer(cipher).dumps([subscription_id, expires]))


def read_token(cipher: Cipher, token: str, *, now: datetime) -> int | None:
    """The subscription's id, or None where the token is forged, broken or too old."""
    try:
        subscription_id, expires = _serializer(cipher).loads(token)
        fresh = now.timestamp() <= int(expires)
        return int(subscription_id) if fresh else None
    except (BadSignature, ValueError, TypeError):
        return None


def _serializer(cipher: Cipher) -> URLSafeSerializer:
    # Our own clock decides on the age, so the serializer that reads the machine's is not used.
    return URLSafeSerializer(cipher.signing_key(_PURPOSE), salt=_PURPOSE)
