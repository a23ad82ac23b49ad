"""A source's configuration between its form, the database and the collector.

Secrets leave the configuration here and come back only when a collector is built. Local paths are
resolved below the operator's drop folder, at the time of adding and again at each use, because
a link may have been put there since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import orjson
from pydantic import SecretStr, ValidationError

from app.errors import Invalid
from collectors.api import CollectorConfig, LocalPathMarker


@dataclass(frozen=True, slots=True)
class Parts:
    """A configuration taken apart: what may be shown, and what may not."""

    shown: Mapping[str, Any]
    secrets: Mapping[str, str]


def read(form: type[CollectorConfig], values: Mapping[str, Any]) -> CollectorConfig:
    """Validate what a person chose. Raises Invalid naming the field; never repeats a value."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        # `input` may be a secret, so only the place and the reason are told.
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        known = ", ".join(form.model_fields)
        raise Invalid(
            f"{field or 'config'}: {reason} (known fields: {known})",
            fr=f"{field or 'config'} : {reason} (champs connus : {known})",
            field=f"config.{field}" if field else "config",
        ) from None


def take_apart(config: CollectorConfig) -> Parts:
    """Split off the secrets; the rest is JSON."""
    secrets = {
        name: value.get_secret_value()
        for name, value in config
        if isinstance(value, SecretStr) and value.get_secret_value()
    }
    hidden = {name for name, value in config if isinstance(value, SecretStr)}
    return Parts(shown=config.model_dump(mode="json", exclude=hidden), secrets=secrets)


_HOSTS = frozenset({"domain", "host", "instance", "server"})
"""Names of fields that say whom to ask without being whole addresses."""


def keep_secrets(before: Parts, after: Parts, *, given: Collection[str]) -> None:
    """Let a changed configuration keep the secrets that were not entered again (not `given`).

    Not at another address: who may edit a source could send its secret to a place of their own.
    Raises Invalid.
    """
    kept = sorted(name for name in before.secrets if name not in given)
    if kept and _asked(after.shown) - _asked(before.shown):
        raise Invalid(
            f"The address changes: enter '{kept[0]}' again, it was given for the one before.",
            fr=f"L’adresse change : redonnez « {kept[0]} », il était donné pour la précédente.",
            field=f"config.{kept[0]}",
        )


def _asked(shown: Mapping[str, Any]) -> set[str]:
    """Whom a configuration may contact: origins of its addresses, and named hosts."""
    found = set()
    for name, value in shown.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str) and "://" in one:
                # Not urlsplit: it raises for what it cannot read, which counts as another address.
                found.add("/".join(one.strip().lower().split("/")[:3]))
            elif isinstance(one, str) and name in _HOSTS:
                found.add(one.strip().lower())
    return found


_RHYTHM = "interval"
"""Name of the option that says whether a source is asked at its own interval ("fixed")."""


def at_interval(form: type[CollectorConfig], values: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration once a person has named an interval: then no rhythm is guessed."""
    option = form.model_fields.get(_RHYTHM)
    has_rhythm = option is not None and "fixed" in get_args(option.annotation)
    return {_RHYTHM: "fixed", **values} if has_rhythm else dict(values)


def fingerprint(kind: str, parts: Parts, *, secrets_hash: str) -> str:
    """The same for the same kind and configuration; secrets count by their keyed hash.

    How often a source is asked does not make it another one.
    """
    shown = {name: value for name, value in parts.shown.items() if name != _RHYTHM}
    told = orjson.dumps([shown, secrets_hash], option=orjson.OPT_SORT_KEYS)
    return f"{kind}:{hashlib.sha256(told).hexdigest()[:40]}"


def confined(config: CollectorConfig, drop: Path) -> CollectorConfig:
    """The configuration with its local paths made absolute. Raises Invalid outside `drop`."""
    resolved = {
        name: _resolve(value, drop, field=name)
        for name, value in config
        if name in set(local_path_fields(type(config))) and value is not None
    }
    return config.model_copy(update=resolved) if resolved else config


def local_path_fields(form: type[CollectorConfig]) -> Iterator[str]:
    """The fields that name something on this machine's disk."""
    for name, field in form.model_fields.items():
        if _marks_path(field.metadata) or _within(field.annotation):
            yield name


def _within(annotation: Any) -> bool:
    return any(
        _marks_path(getattr(part, "__metadata__", ())) or _within(part)
        for part in get_args(annotation)
    )


def _marks_path(metadata: Any) -> bool:
    return any(isinstance(mark, LocalPathMarker) for mark in metadata)


def _resolve(value: Any, drop: Path, *, field: str) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_resolve(one, drop, field=field) for one in value)
    root = drop.resolve()
    try:
        path = (root / Path(value).expanduser()).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name with NUL
        path = Path("/")
    if not path.is_relative_to(root):
        raise Invalid(
            "The path must lie below the drop folder (VIGIE_DROP_DIR): give it relative to it.",
            fr="Le chemin doit se trouver sous le dossier de dépôt (VIGIE_DROP_DIR) : "
            "donnez-le par rapport à ce dossier.",
            field=f"config.{field}",
        )
    return path
