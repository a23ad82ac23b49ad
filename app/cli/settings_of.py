"""`--config`: `key=value` pairs or one JSON object, as sources and channels want it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from app.errors import Invalid


def parsed(given: Sequence[str]) -> dict[str, Any]:
    """The configuration. A value that is JSON (a list, a number, true) is taken as such; a key
    given twice makes a list. Raises Invalid."""
    values: dict[str, Any] = {}
    for text in given:
        if text.lstrip().startswith("{"):
            values |= _object(text)
            continue
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise Invalid(
                f"--config {text}: write key=value or a JSON object",
                fr=f"--config {text} : écrivez clé=valeur ou un objet JSON",
            )
        _add(values, key.strip(), _value(value))
    return values


def _object(text: str) -> dict[str, Any]:
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            f"--config: this is not JSON ({error}); write key=value or a JSON object",
            fr=f"--config : ce n’est pas du JSON ({error}) ; écrivez clé=valeur ou un objet JSON",
        ) from error
    return dict(loaded)


def _value(text: str) -> Any:
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    # A number may be an account name or a password: the form decides, and wants text for those.
    return loaded if isinstance(loaded, list | dict | bool) else text


def _add(values: dict[str, Any], key: str, value: Any) -> None:
    if key not in values:
        values[key] = value
    elif isinstance(values[key], list):
        values[key].append(value)
    else:
        values[key] = [values[key], value]


def shaped(values: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same where one value was given for a field that holds several.

    schema: JSON Schema of the form. Raises Invalid for a key that it does not know, naming the
    nearest.
    """
    fields = schema.get("properties", {})
    for key in values if fields else ():
        if key not in fields:
            raise _unknown(key, list(fields))
    return {
        key: [value] if isinstance(value, str) and _takes_list(fields.get(key, {})) else value
        for key, value in values.items()
    }


def _unknown(key: str, known: Sequence[str]) -> Invalid:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    told = ", ".join(known)
    return Invalid(
        f"--config {key}: there is no such setting; "
        + (f"did you mean {near[0]}?" if near else f"there are: {told}"),
        fr=f"--config {key} : réglage inconnu ; "
        + (f"vouliez-vous dire {near[0]} ?" if near else f"il y a : {told}"),
        field=f"config.{key}",
    )


def _takes_list(field: Mapping[str, Any]) -> bool:
    kinds = {field.get("type"), *(one.get("type") for one in field.get("anyOf", ()))}
    return "array" in kinds and "string" not in kinds
