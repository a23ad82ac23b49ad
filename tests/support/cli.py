"""`vigie` as a person types it: in this process for speed, and as the installed command."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.cli import main

VIGIE = Path(sys.executable).with_name("vigie")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Vigie:
    """Runs commands on a data folder of its own."""

    home: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, stdin: str | bytes = b"") -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self.capture.readouterr()
        with self.patch.context() as patch:
            patch.setattr(sys, "argv", ["vigie", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
            for name, value in self.env.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as stop:
                main()
        told = self.capture.readouterr()
        code = stop.value.code
        assert isinstance(code, int)
        assert "Traceback" not in told.err
        return Done(code, told.out, told.err)

    def installed(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Done:
        """The real command in a process of its own."""
        ended = subprocess.run(
            [str(VIGIE), *arguments], input=stdin, capture_output=True, text=True, timeout=60,
            env=clean_env(self.env, env or {}), cwd=self.home, check=False,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return Done(ended.returncode, ended.stdout, ended.stderr)


def clean_env(*more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any setting of Vigie, plus `more`."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    for one in more:
        env |= one
    return env


@pytest.fixture
def bare(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Vigie]:
    """An empty data folder: nothing was ever started here."""
    for name in [name for name in os.environ if name.startswith("VIGIE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield Vigie(
        tmp_path, capfd, monkeypatch,
        {"VIGIE_DATA_DIR": str(tmp_path / "var"), "VIGIE_LANG": "en", "VIGIE_SMTP_TLS": "none"},
    )  # fmt: skip
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def vigie(bare: Vigie, sqlite_template: Path) -> Vigie:
    """A data folder with an empty, migrated database."""
    (bare.home / "var").mkdir()
    shutil.copy(sqlite_template, bare.home / "var" / "vigie.db")
    return bare


@pytest.fixture
def watched(vigie: Vigie) -> Vigie:
    """The same with a watchlist called Acme that watches Acme and Globex."""
    make_watchlist(vigie, "Acme", "Globex")
    return vigie


def make_watchlist(vigie: Vigie, name: str, *others: str, is_demo: bool = False) -> int:
    """A watchlist without any source: nothing is asked of anybody."""
    from app.cli.running import with_services
    from app.services import Services
    from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist

    async def work(services: Services) -> int:
        made = await create_watchlist(services, NewWatchlist(name=name, is_demo=is_demo))
        for brand in (name, *others):
            await add_brand(services, made.id, NewBrand(name=brand))
        return made.id

    made: int = vigie_do(vigie, lambda: with_services(work))
    return made


def vigie_do(vigie: Vigie, work: Any) -> Any:
    """Run something under the settings of this `vigie`."""
    with vigie.patch.context() as patch:
        for name, value in vigie.env.items():
            patch.setenv(name, value)
        return work()
