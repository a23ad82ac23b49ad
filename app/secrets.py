"""Secrets at rest: encrypted with a key that lives outside the database.

The key file is made at first start (mode 0600). Rotation: put a new key on the first line; old
lines still decrypt (MultiFernet).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import SetupError


class Cipher:
    """Encrypts small JSON objects and makes keyed hashes."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys:
            raise ValueError("it is empty; put back the key that was in use")
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        # Keyed hashes must outlive rotation: they hang on the oldest key.
        self._hash_key = hashlib.sha256(b"vigie-hash:" + keys[-1]).digest()

    def seal(self, values: Mapping[str, str]) -> bytes | None:
        """None for nothing, else an encrypted token."""
        return self._fernet.encrypt(orjson.dumps(dict(values))) if values else None

    def open(self, token: bytes | None) -> dict[str, str]:
        """Raises SetupError where the key is not the one that sealed it."""
        if not token:
            return {}
        try:
            opened: dict[str, str] = orjson.loads(self._fernet.decrypt(token))
        except InvalidToken as error:
            raise SetupError(
                "a stored secret cannot be opened: put back the key file that was in use "
                "(VIGIE_KEY_FILE), or enter the secret again"
            ) from error
        return opened

    def keyed_hash(self, text: str) -> str:
        """A hash that nobody without the key can try names against (R-49, R-50)."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()

    def signing_key(self, purpose: str) -> str:
        """A key for itsdangerous tokens of one purpose."""
        return hmac.new(self._hash_key, f"sign:{purpose}".encode(), hashlib.sha256).hexdigest()


def load_cipher(path: Path) -> Cipher:
    """Read the key file, making it (0600) where there is none. Raises SetupError."""
    try:
        if not path.exists():
            _make_key(path)
        keys = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
        return Cipher(keys)
    except (OSError, ValueError) as error:
        raise SetupError(
            f"key file {path}: {error}; make it readable and writable for this user"
        ) from error


def _make_key(path: Path) -> None:
    """A whole key or none: written aside and linked into place, so that processes that start
    together agree on one and nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
        # FileExistsError: another process was first; its key is the key.
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
