"""Lint what no other tool reads: committed paths, addresses, the Dockerfile, compose, pins.

Each rule is shown to bite in tests/test_check_files.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 500
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|deb\.debian)\.(?:org|com)", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.~$}])/(?:work|farm|root|home)/\w+")
CDN = re.compile(r"https?://(?:cdn|unpkg|[\w.]*jsdelivr|fonts\.g)[\w./-]*", re.IGNORECASE)
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".html", ".css", ".js", ".j2", ".sh", ""}
OURS = {"scripts/check_files.py", "tests/test_check_files.py"}


def committed() -> list[Path]:
    """Files git tracks or would track."""
    shown = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [Path(line) for line in shown.stdout.splitlines() if Path(line).is_file()]


def faults_in(path: str, text: str) -> Iterator[str]:
    """Faults of one text file."""
    for number, line in enumerate(text.splitlines(), 1):
        if REGISTRY.search(line):
            yield f"{path}:{number}: names a package registry"
        if MACHINE.search(line):
            yield f"{path}:{number}: names a path of one machine"
        if CDN.search(line) and not path.endswith(".md"):
            yield f"{path}:{number}: fetches from a CDN"
    lines = text.count("\n")
    if (
        path.endswith(".py")
        and path.startswith(("app/", "collectors/", "nlp/"))
        and (lines > MAX_LINES)
    ):
        yield f"{path}: {lines} lines; split past {MAX_LINES}"


def dockerfile_faults(text: str) -> Iterator[str]:
    """The image: several stages, nobody is root, one volume, a health check, pinned installs."""
    if len(re.findall(r"^FROM ", text, re.MULTILINE)) < 2:
        yield "Dockerfile: one stage only"
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    if not users or users[-1].split(":")[0] in {"root", "0"}:
        yield "Dockerfile: runs as root"
    for word, count in (("HEALTHCHECK", 1), ("VOLUME", 1)):
        if len(re.findall(rf"^{word} ", text, re.MULTILINE)) != count:
            yield f"Dockerfile: wants exactly {count} {word}"
    if re.search(r"^FROM [^:\s]+(?:\s|$)", text.replace("FROM build", ""), re.MULTILINE):
        yield "Dockerfile: base image without a version"
    if "--require-hashes" not in text:
        yield "Dockerfile: installs without hashes"


def compose_faults(text: str) -> Iterator[str]:
    """Compose: every image has a version, no secret is written down."""
    for image in re.findall(r"^\s*image:\s*(\S+)", text, re.MULTILINE):
        if ":" not in image or image.endswith(":latest"):
            yield f"compose.yaml: {image} has no version"
    for name, value in re.findall(r"(\w*PASSWORD\w*):\s*(\S+)", text):
        if not value.startswith(("${", "/run/secrets/")):
            yield f"compose.yaml: {name} holds a secret"


def pin_faults(path: str, text: str) -> Iterator[str]:
    """Constraints: every package by version and hash."""
    for block in re.split(r"\n(?=[a-zA-Z])", text):
        if re.match(r"[a-zA-Z]", block) and ("==" not in block or "--hash=sha256:" not in block):
            yield f"{path}: {block.splitlines()[0]} is not pinned by hash"


def all_faults() -> Iterator[str]:
    for path in committed():
        name = path.as_posix()
        if name.startswith("constraints/"):
            yield from pin_faults(name, path.read_text())
        if path.suffix in TEXT and name not in OURS:
            yield from faults_in(name, path.read_text(errors="replace"))
    yield from dockerfile_faults(Path("Dockerfile").read_text())
    yield from compose_faults(Path("compose.yaml").read_text())


if __name__ == "__main__":
    found = list(all_faults())
    sys.stdout.write("".join(f"{fault}\n" for fault in found) or "files: nothing to object to\n")
    sys.exit(bool(found))
