"""Settings: environment `VIGIE_*` (each secret also `VIGIE_*_FILE`), optional `vigie.toml`.

An unknown key stops the start and names the nearest known one. Without any setting everything
lives under ./var. `python -m app.config` prints docs/reference/settings.md.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from app.errors import SetupError

PREFIX = "VIGIE_"
# Read by other parts of Vigie or its tools, not settings of the service.
_OUTSIDE = frozenset({"VIGIE_CONFIG", "VIGIE_LANG", "VIGIE_TEST_POSTGRES", "VIGIE_CRASH_AT"})


class Settings(BaseModel):
    """What the operator may choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path = Field(
        Path("var"), description="Where the database, the key file, drops and backups live."
    )
    database: str = Field(
        "",
        repr=False,
        description="Database address; empty: SQLite in the data directory. postgresql://… for PostgreSQL.",
    )
    mode: Literal["embedded", "scale-out"] = Field(
        "embedded",
        description="embedded: `vigie serve` runs the jobs too. scale-out: `vigie worker` does (PostgreSQL).",
    )
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the service listens on.")
    base_url: str = Field(
        "", description="Address people reach it by, used in links; empty: http://HOST:PORT."
    )
    language: Literal["fr", "en"] = Field(
        "fr", description="Default language of interface, digests and alerts."
    )
    zone: str = Field("Europe/Paris", description="Default IANA time zone of new watchlists.")
    languages: str = Field(
        "fr,en,de,es,it,pt",
        description="Languages that identification may answer with, comma-separated ISO 639-1 codes.",
    )
    allow_private: str = Field(
        "",
        description="Private networks that outgoing requests may reach, comma-separated CIDRs, each optionally with ports (see the security page).",
    )
    user_agent: str = Field(
        "Vigie/0.1 (self-hosted social listening)",
        description="User-Agent of outgoing requests; add a contact address.",
    )
    http_timeout_s: float = Field(
        30.0, gt=0, description="Total deadline of one outgoing request, seconds."
    )
    smtp_host: str = Field(
        "", description="SMTP server for digests and e-mail alerts; empty: mail is off."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="SMTP port.")
    smtp_user: str = Field("", description="SMTP user; empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="SMTP password.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the SMTP connection is protected."
    )
    mail_from: str = Field("Vigie <vigie@localhost>", description="Sender of digests and alerts.")
    key_file: Path | None = Field(
        None,
        description="File with the encryption key; default: DATA_DIR/key, made at first start (0600).",
    )
    drop_dir: Path | None = Field(
        None, description="Folder below which file-drop sources may read; default: DATA_DIR/drop."
    )
    retention_days: int = Field(400, ge=1, description="Days that content is kept; counts stay.")
    history_days: int = Field(
        90,
        ge=0,
        le=365,
        description="Days that a new source reads back, where its kind can; 0: none.",
    )
    raw_retention_days: int = Field(
        30, ge=1, description="Days that unreadable records are kept in quarantine."
    )
    tick_s: float = Field(
        5.0, gt=0, le=60, description="How often due work is looked for, seconds."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Log level."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="console for people, json for machines."
    )
    clock_file: Path | None = Field(
        None, description="Replay only: a file that holds the current instant (ISO 8601)."
    )
    demo: bool = Field(True, description="Offer the demo watchlist on an empty front page.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            near = difflib.get_close_matches(value, available_timezones(), n=1)
            raise ValueError(
                f"unknown time zone '{value}'" + (f"; did you mean {near[0]}?" if near else "")
            )
        return value

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{(self.data_dir / 'vigie.db').absolute()}"

    @property
    def key_path(self) -> Path:
        return self.key_file or self.data_dir / "key"

    @property
    def drop_path(self) -> Path:
        return (self.drop_dir or self.data_dir / "drop").absolute()

    @property
    def public_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def language_codes(self) -> tuple[str, ...]:
        return tuple(code.strip() for code in self.languages.split(",") if code.strip())


def load_settings(env: Mapping[str, str] | None = None, config: Path | None = None) -> Settings:
    """Settings from a TOML file, overridden by the environment. Raises SetupError."""
    env = os.environ if env is None else env
    path = config or (Path(env["VIGIE_CONFIG"]) if env.get("VIGIE_CONFIG") else Path("vigie.toml"))
    values = {**_from_toml(path, must_exist=config is not None or "VIGIE_CONFIG" in env)}
    values |= _from_env(env)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise SetupError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error


def _from_toml(path: Path, *, must_exist: bool) -> dict[str, Any]:
    if not path.is_file():
        if must_exist:
            raise SetupError(f"{path}: no such configuration file")
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SetupError(f"{path}: {error}") from error
    for key in values:
        _check_known(key, shown=f"{path}: '{key}'", as_env=False)
    return values


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith(PREFIX) or name in _OUTSIDE:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key not in Settings.model_fields:
            key = key.removesuffix("_file")
            _check_known(key, shown=name, as_env=True)
            value = _read_secret(name, value)
        _check_known(key, shown=name, as_env=True)
        values[key] = value
    return values


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{name}: {error}") from error


def _check_known(key: str, *, shown: str, as_env: bool) -> None:
    if key in Settings.model_fields:
        return
    near = difflib.get_close_matches(key, Settings.model_fields, n=1, cutoff=0.5)
    hint = (PREFIX + near[0].upper() if as_env else near[0]) if near else ""
    raise SetupError(f"{shown} is not a setting" + (f"; did you mean {hint}?" if hint else ""))


def settings_page() -> str:
    """The reference page of all settings, in Markdown."""
    lines = [
        "# Settings\n",
        "<!-- made by `python -m app.config`; a test keeps it true -->\n",
        "Environment variables, or the same names without prefix in lower case in `vigie.toml`",
        "(or the file named by `VIGIE_CONFIG`). Every variable can also be given as `NAME_FILE`,",
        "the path of a file that holds the value. A name that is not in this list stops the start.\n",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, "") or isinstance(default, SecretStr) else f"`{default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(settings_page())
