"""Reading the documentation as a stranger does: its links, commands, routes and settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_FENCE = re.compile(
    r"^(?P<pad>[ ]*)```(?P<kind>\w*)\n(?P<body>.*?)^(?P=pad)```", re.MULTILINE | re.DOTALL
)
_INLINE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)
_NAMED = re.compile(r"`(?:\S*/)?vigie((?: [a-z]+)+)")
_ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=")
_PUNCTUATION = "();<>|&\n"
_ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/api/v1/[\w/-]+)")
_SETTING = re.compile(r"\bVIGIE_[A-Z0-9_]*[A-Z0-9]\b")


def pages() -> list[Path]:
    """Every page that a stranger may read."""
    return [Path("README.md"), Path("SECURITY.md"), Path("CONTRIBUTING.md"),
            *sorted(Path("docs").rglob("*.md"))]  # fmt: skip


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Relative links, of pictures too, that lead nowhere."""
    for target in _LINK.findall(_INLINE.sub("", _FENCE.sub("", text))):
        if not _ELSEWHERE.match(target) and not (page.parent / target.partition("#")[0]).exists():
            yield f"{page}: {target}"


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `vigie …` in the blocks of shell commands."""
    for block in _FENCE.finditer(text):
        if block["kind"] == "sh":
            yield from _commands_of(block["body"])


def _commands_of(script: str) -> Iterator[list[str]]:
    script = re.sub(r"\s#\s.*$", "", script.replace("\\\n", " "), flags=re.MULTILINE)
    lexer = shlex.shlex(script, posix=True, punctuation_chars=_PUNCTUATION)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    into_file = False
    for token in [*lexer, "\n"]:
        if set(token) <= set(_PUNCTUATION) and token:
            into_file = token[-1] in "<>"
            if not into_file:
                yield from _ours(words)
                words = []
        elif into_file:
            into_file = False
        else:
            words.append(token)


def _ours(words: Sequence[str]) -> Iterator[list[str]]:
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if words and words[0].rpartition("/")[2] == "vigie":
        yield list(words[1:])


def fault_of(root: Any, arguments: Sequence[str]) -> str:
    """What the command line says against these arguments, "" for nothing. Runs no command."""
    command, rest, context = root, list(arguments), None
    name = "vigie"
    try:
        while True:
            context = command.make_context(name, rest, parent=context)
            if not hasattr(command, "resolve_command"):
                return ""
            rest = [*getattr(context, "_protected_args", ()), *context.args]
            name, command, rest = command.resolve_command(context, rest)
    except Exception as error:  # the vendored parser has a base class of its own
        if not hasattr(error, "format_message"):
            raise
        return f"vigie {shlex.join(arguments)}: {error.format_message()}"


def unknown_names(root: Any, text: str) -> Iterator[str]:
    """Commands named in running text (`vigie doctor`) that do not exist."""
    for words in _NAMED.findall(text):
        command = root
        for word in words.split():
            below = getattr(command, "commands", None)
            if below is None:
                break
            command = below.get(word)
            if command is None:
                yield f"vigie{words}"
                break


def routes_named(text: str) -> Iterator[tuple[str, str]]:
    """(method, path) of every API call that is named; an id is written ID."""
    yield from _ROUTE.findall(text)


def settings_named(text: str) -> set[str]:
    """The VIGIE_… variables that are named, without prefix, in lower case."""
    return {name.removeprefix("VIGIE_").lower() for name in _SETTING.findall(text)}
