"""Random tokens. Only their SHA-256 is stored: 256 random bits need no slow hash."""

from __future__ import annotations

import hashlib
import secrets

KEY_PREFIX = "vgk_"
SHOWN = 12
"""Characters of a key that lists show."""


def new_token() -> str:
    """32 random bytes, base64url."""
    return secrets.token_urlsafe(32)


def new_key() -> str:
    return KEY_PREFIX + new_token()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
