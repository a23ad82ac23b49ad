"""Debian's dovecot as a process of ours on loopback: one user, a certificate, its own folders."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "veille@example.fr", 'tr1cky "pass\\word'


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server. port: STARTTLS or nothing; tls_port: TLS from the start."""

    port: int
    tls_port: int
    home: Path
    process: subprocess.Popen[bytes]

    def deliver(self, raw: bytes, *, folder: str = "") -> None:
        """Put a mail into the Maildir, as a delivery agent would."""
        box = self.home / (f".{folder}" if folder else "")
        for part in ("tmp", "new", "cur"):
            _owned(box / part)
        number = len(list((box / "new").iterdir())) + len(list((box / "cur").iterdir()))
        path = box / "new" / f"{1_790_000_000 + number}.M{number}P1.test"
        path.write_bytes(raw)
        os.chown(path, *_ids())

    def is_unread(self, *, folder: str = "") -> bool:
        """Whether no mail was marked as seen. A server may move mails, flags are in their name."""
        box = self.home / (f".{folder}" if folder else "")
        names = [path.name for part in ("new", "cur") for path in (box / part).iterdir()]
        return bool(names) and not any("S" in name.partition(":2,")[2] for name in names)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def missing() -> str:
    """Why there is no server to test with; "" where there is one."""
    return "" if shutil.which("dovecot") else "Debian's dovecot-imapd is not installed"


def start(folder: Path, *, certificate: Path, key: Path, plaintext: bool = True) -> Dovecot:
    """Start it and wait until it greets. `folder` must be readable for the mail user."""
    port, tls_port = _free_port(), _free_port()
    home = folder / "mail"
    _owned(home)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    uid, gid = _ids()
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder, home=home, port=port, tls_port=tls_port, certificate=certificate,
            key=key, uid=uid, gid=gid, mail_user=pwd.getpwuid(uid).pw_name,
            mail_group=grp.getgrgid(gid).gr_name, plaintext="no" if plaintext else "yes",
        )
    )  # fmt: skip
    process = subprocess.Popen(
        [shutil.which("dovecot") or "dovecot", "-F", "-c", str(config)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _wait(port, process, folder / "log")
    return Dovecot(port, tls_port, home, process)


def _ids() -> tuple[int, int]:
    """Who owns the mails: never root, which dovecot refuses."""
    one = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")
    return one.pw_uid, one.pw_gid


def _owned(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, *_ids())
    if path.name in ("tmp", "new", "cur"):
        os.chown(path.parent, *_ids())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as one:
                if one.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")


_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {mail_user}
default_login_user = {mail_user}
default_internal_group = {mail_group}
first_valid_uid = 1
mail_location = maildir:{home}
disable_plaintext_auth = {plaintext}
auth_mechanisms = plain
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
"""
