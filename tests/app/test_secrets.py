"""The key file and what it seals."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.config import load_settings
from app.errors import SetupError
from app.secrets import Cipher, load_cipher


def test_the_key_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key"
    token = load_cipher(path).seal({"url": "secret"})
    assert load_cipher(path).open(token) == {"url": "secret"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ciphers = list(pool.map(lambda _: load_cipher(tmp_path / "key"), range(16)))
    token = ciphers[0].seal({"a": "b"})
    assert all(cipher.open(token) == {"a": "b"} for cipher in ciphers)


def test_a_key_put_in_front_seals_and_the_old_one_still_opens() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    token = Cipher([old]).seal({"a": "b"})
    rotated = Cipher([new, old])
    assert rotated.open(token) == {"a": "b"}
    assert rotated.keyed_hash("x") == Cipher([old]).keyed_hash("x")


@pytest.mark.parametrize("content", [b"", b"not a key\n"])
def test_a_spoilt_key_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SetupError, match="key file"):
        load_cipher(tmp_path / "key")


def test_a_secret_sealed_with_another_key_says_what_to_do(tmp_path: Path) -> None:
    token = Cipher([Fernet.generate_key()]).seal({"a": "b"})
    with pytest.raises(SetupError, match="put back the key file"):
        load_cipher(tmp_path / "key").open(token)


def test_the_database_password_does_not_show_in_the_settings() -> None:
    settings = load_settings({"VIGIE_DATABASE": "postgresql://vigie:hunter2@host/db"})
    assert "hunter2" not in repr(settings)
    assert "hunter2" in settings.database_url
