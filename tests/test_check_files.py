"""`scripts/check_files.py` bites: each rule finds its broken sample and passes the real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_files import compose_faults, dockerfile_faults, faults_in, pin_faults

DOCKERFILE = Path("Dockerfile").read_text()
COMPOSE = Path("compose.yaml").read_text()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("index = 'https://" + "pypi" + ".org/simple'", "registry"),
        ("open('" + "/work" + "/main/x')", "machine"),
        ("<script src='https://cdn.example/x.js'>", "CDN"),
    ],
)
def test_a_line_that_may_not_be_committed_is_found(line: str, fault: str) -> None:
    assert any(fault in found for found in faults_in("app/x.py", line))


def test_a_module_that_grew_too_long_is_found() -> None:
    assert list(faults_in("app/x.py", "x = 1\n" * 501))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("USER vigie", "USER root"),
        ("HEALTHCHECK ", "# "),
        ("VOLUME /data", "VOLUME /data\nVOLUME /more"),
        ("--require-hashes", ""),
    ],
)
def test_a_spoilt_dockerfile_is_found_and_ours_is_not(old: str, new: str) -> None:
    assert not list(dockerfile_faults(DOCKERFILE))
    assert list(dockerfile_faults(DOCKERFILE.replace(old, new)))


def test_compose_without_versions_or_with_a_secret_is_found() -> None:
    assert not list(compose_faults(COMPOSE))
    assert list(compose_faults(COMPOSE.replace("postgres:16.14-bookworm", "postgres")))
    assert list(compose_faults(COMPOSE + "\n      POSTGRES_PASSWORD: hunter2\n"))


def test_a_package_without_hash_is_found() -> None:
    assert list(pin_faults("constraints/run.txt", "# head\nfastapi==1.0\n"))
    assert not list(pin_faults("x", "fastapi==1.0 \\\n    --hash=sha256:00\n"))
