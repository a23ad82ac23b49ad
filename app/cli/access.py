"""key create, list, revoke; access link: who may use this Vigie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.console import AsJson

if TYPE_CHECKING:
    from app.models import ApiKey
    from app.services import Services

keys = console.subgroup("API keys: scoped, expiring, shown once.")
access = console.subgroup("People: ways to sign in.")


def register(root: typer.Typer) -> None:
    root.add_typer(keys, name="key")
    root.add_typer(access, name="access")


@console.command(keys, "create", example="vigie key create dashboard --scope read --days 90")
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[str, typer.Option(help="read, write or admin.")] = "read",
    days: Annotated[int, typer.Option(help="Days until it ends.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its secret is printed once, on standard output, and kept nowhere."""
    from app.access.service import create_key
    from app.cli.running import ACTOR, with_services

    made = with_services(
        lambda services: create_key(services, name, scope, days=days, actor=ACTOR), make=True
    )
    if as_json:
        console.write_json({**_record(made.key), "secret": made.secret})
        return
    console.say(
        console.t(
            fr=f"clé « {made.key.name} » ({scope}), valable {days} jours ; notez-la, elle n’est "
            "montrée qu’une fois :",
            en=f"key '{made.key.name}' ({scope}), good for {days} days; note it, it is shown "
            "only once:",
        )
    )
    console.write(made.secret)


@console.command(keys, "list", example="vigie key list")
def list_(as_json: AsJson = False) -> None:
    """List the keys; of each secret only its beginning is known."""
    from app.access.service import list_keys
    from app.cli.running import with_services

    records = [_record(key) for key in with_services(list_keys)]
    columns = ["id", "name", "prefix", "scope", "expires_at", "last_used_at", "revoked_at"]
    console.show_all(columns, records, as_json=as_json)


@console.command(keys, "revoke", example="vigie key revoke dashboard")
def revoke(
    key: Annotated[str, typer.Argument(help="Name or id.")], as_json: AsJson = False
) -> None:
    """End a key at once."""
    from app.cli.running import with_services

    console.show(_record(with_services(lambda services: _revoke(services, key))), as_json=as_json)


async def _revoke(services: Services, wanted: str) -> ApiKey:
    from app.access.service import list_keys, revoke_key
    from app.cli.pick import pick
    from app.cli.running import ACTOR

    found = pick(await list_keys(services), wanted, fr="clé", en="key")
    return await revoke_key(services, found.id, actor=ACTOR)


@console.command(access, "link", example="vigie access link --member Admin")
def link(
    member: Annotated[str, typer.Option(help="Whom it signs in; default: the first admin.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print a link that signs a browser in, once, within 24 hours. Where nobody has set this
    Vigie up yet it is the set-up link."""
    from app.cli.running import with_services

    url = with_services(lambda services: _link(services, member))
    if as_json:
        console.write_json({"url": url})
    else:
        console.write(url)


async def _link(services: Services, member: str) -> str:
    from app.access.service import find_member, setup_link, sign_in_link

    if not member and (first := await setup_link(services)):
        return first
    return await sign_in_link(services, await find_member(services, member))


def _record(key: ApiKey) -> dict[str, Any]:
    return {
        "id": str(key.id), "name": key.name, "prefix": key.prefix, "scope": key.scope,
        "created_at": key.created_at, "expires_at": key.expires_at,
        "last_used_at": key.last_used_at, "revoked_at": key.revoked_at,
    }  # fmt: skip
