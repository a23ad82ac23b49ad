"""account add, list, remove: the profiles of brands, and their followers day by day."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

group = console.subgroup("Accounts: profiles of brands, and their figures day by day.")


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="account")


@console.command(group, "add", example="vigie account add Decathlon bluesky decathlon.fr")
def add(
    brand: Annotated[str, typer.Argument(help="Name or id of the brand.")],
    platform: Annotated[str, typer.Argument(help="Kind of a source that reads profiles.")],
    handle: Annotated[str, typer.Argument(help="The account's handle.")],
    url: Annotated[str, typer.Option(help="Its page.")] = "",
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Follow an account of a brand; it is read at once, then each day."""
    from app.accounts.service import Followed, add_account
    from app.cli.pick import pick
    from app.cli.pick import watchlist as chosen
    from app.cli.running import ACTOR, with_services
    from app.services import Services
    from app.watchlists.service import list_brands

    async def work(services: Services) -> Followed:
        where = (await chosen(services, watchlist)).id
        row = pick(await list_brands(services, where), brand, fr="marque", en="brand")
        account = await add_account(
            services, where, brand_id=row.id, platform=platform, handle=handle, url=url,
            actor=ACTOR,
        )  # fmt: skip
        return Followed(account, ())

    console.show(_record(with_services(work)), as_json=as_json)


@console.command(group, "list", example="vigie account list --json")
def list_(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """List the accounts with their latest figures."""
    from collections.abc import Sequence

    from app.accounts.service import Followed, list_accounts
    from app.cli.pick import watchlist as chosen
    from app.cli.running import with_services
    from app.services import Services

    async def work(services: Services) -> Sequence[Followed]:
        return await list_accounts(services, (await chosen(services, watchlist)).id)

    columns = ["id", "platform", "handle", "followers", "growth", "day", "last_error"]
    rows = with_services(work)
    console.show_all(columns, [_record(row) for row in rows], as_json=as_json)


@console.command(group, "remove", example="vigie account remove 473911872905216001")
def remove(
    account: Annotated[str, typer.Argument(help="Its handle or id.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Follow an account no longer; its days are deleted."""
    from app.accounts.service import list_accounts, remove_account
    from app.cli.pick import pick
    from app.cli.pick import watchlist as chosen
    from app.cli.running import ACTOR, with_services
    from app.services import Services

    async def work(services: Services) -> Any:
        where = (await chosen(services, watchlist)).id
        rows = [_Named(one.account.id, one.account.handle) for one in
                await list_accounts(services, where)]  # fmt: skip
        row = pick(rows, account, fr="compte", en="account")
        await remove_account(services, where, row.id, actor=ACTOR)
        return row

    console.removed(with_services(work), as_json=as_json, fr="compte retiré", en="account removed")


class _Named:
    """An account as `pick` knows rows: by id and name."""

    def __init__(self, identity: int, name: str) -> None:
        self.id, self.name = identity, name


def _record(row: Any) -> dict[str, Any]:
    last = row.snapshots[-1] if row.snapshots else None
    return {
        "id": str(row.account.id), "platform": row.account.platform,
        "handle": row.account.handle, "name": row.account.name, "url": row.account.url,
        "followers": last.followers if last else None, "posts": last.posts if last else None,
        "growth": row.growth, "day": last.day if last else None,
        "last_error": row.account.last_error,
    }  # fmt: skip
