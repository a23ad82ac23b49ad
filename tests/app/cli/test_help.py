"""Every command explains itself with an example that is really of that command."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import console, reference
from app.config import settings_page
from tests.support.cli import Vigie

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = dict(reference.commands())


def faults(name: str, command: Any) -> list[str]:
    """What is wrong with a command's help."""
    found = []
    if len((command.help or "").split()) < 3:
        found.append("no help")
    words = shlex.split(reference.example(command).split("#")[0].replace("|", " | "))
    if name.split() != [word for word in words if word in name.split()][: len(name.split())]:
        found.append("its example shows another command")
    found += [
        f"{parameter.name} is not explained"
        for parameter in command.params
        if parameter.name not in ("help", "context") and not parameter.help
    ]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_an_example_and_explained_parameters(name: str) -> None:
    assert faults(name, COMMANDS[name]) == []


def test_the_help_check_bites_on_a_command_that_lacks_them() -> None:
    group = console.subgroup("Broken.")

    @console.command(group, "mute", example="vigie other --thing")
    def mute(thing: str = "") -> None:
        """Mute."""

    @console.command(group, "second", example="vigie second")
    def second() -> None:
        """One more, so that this is a group."""

    found = dict(reference.commands(typer.main.get_command(group)))
    assert faults("vigie mute", found["vigie mute"]) == [
        "no help", "its example shows another command", "thing is not explained",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["vigie watch new", "vigie import", "vigie feed"])
def test_help_ends_with_the_example(vigie: Vigie, name: str) -> None:
    done = vigie(*name.split()[1:], "--help")
    assert done.code == 0
    assert done.out.strip().splitlines()[-1].strip().startswith("Example: ")


def test_the_design_s_commands_are_there() -> None:
    promised = (
        "serve", "worker", "migrate", "doctor", "score", "feed", "import", "backup", "restore",
        "watch new", "watch list", "source add", "source list", "source check", "source poll",
        "channel add", "channel list", "channel test", "key create", "key list", "key revoke",
        "access link", "query explain", "query test", "query lint", "check rollups",
        "privacy export", "privacy erase", "privacy notice", "digest preview", "digest send",
        "demo load", "demo clear", "rule add", "rule list", "rule remove", "alert list",
        "source remove", "channel remove", "digest unsubscribe", "watch remove", "query set",
        "query show", "query translate",
    )  # fmt: skip
    assert {f"vigie {name}" for name in promised} <= set(COMMANDS)


@pytest.mark.parametrize(
    ("page", "made", "how"),
    [
        ("commands.md", reference.page, "python -m app.cli.reference"),
        ("settings.md", settings_page, "python -m app.config"),
    ],
)
def test_a_reference_page_is_what_the_code_says(page: str, made: Any, how: str) -> None:
    stored = (ROOT / "docs" / "reference" / page).read_text("utf-8")
    assert stored == made(), f"write it anew: {how} > docs/reference/{page}"
