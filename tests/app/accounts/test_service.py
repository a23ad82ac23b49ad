"""Accounts are read once a local day by the collector of their platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import service
from app.accounts.service import (
    add_account,
    get_account,
    list_accounts,
    read_accounts,
    remove_account,
)
from app.errors import Invalid, NotFound
from app.models import Account, Watchlist
from collectors.api import CollectorConfig, ProfileSnapshot
from collectors.errors import NeedsAttention
from collectors.http import Http
from tests.support.pipeline import House, Scripted


class Profiled(Scripted):
    """Tells the next figure of a list each time."""

    told: list[Any] = []  # noqa: RUF012 - shared on purpose: a reader is built anew each time
    asked: list[str] = []  # noqa: RUF012

    def __init__(self, config: CollectorConfig | None = None) -> None:
        super().__init__()

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        self.asked.append(account)
        answer = self.told.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return ProfileSnapshot(
            handle=account, name="Acme", url="https://social.example/@acme", followers=answer
        )


@pytest.fixture
def tells(monkeypatch: pytest.MonkeyPatch) -> Any:
    def tell(*figures: Any, kind: type = Profiled) -> type[Profiled]:
        Profiled.told, Profiled.asked = list(figures), []
        monkeypatch.setattr(service, "collector_class", lambda name: kind)
        monkeypatch.setattr(service, "build_collector", lambda services, source: kind())
        return Profiled

    return tell


async def followed(house: House) -> Account:
    await house.watch({"Acme": "acme"})
    return await add_account(
        house.services, house.watchlist_id, brand_id=house.brands["Acme"], platform="scripted",
        handle="@acme",
    )  # fmt: skip


async def test_an_account_is_read_at_once_and_then_once_a_local_day(
    house: House, tells: Any
) -> None:
    reader = tells(100, 130)
    account = await followed(house)
    assert await read_accounts(house.services) == 1
    assert await read_accounts(house.services) == 0
    house.later(timedelta(days=1, hours=1))
    assert await read_accounts(house.services) == 1
    found = await get_account(house.services, house.watchlist_id, account.id)
    assert [one.followers for one in found.snapshots] == [100, 130]
    assert (found.growth, found.account.name) == (30, "Acme")
    assert reader.asked == ["acme", "acme"]


async def test_a_failure_is_told_and_tried_again_the_same_day(house: House, tells: Any) -> None:
    tells(NeedsAttention("no such account"), 100)
    account = await followed(house)
    await read_accounts(house.services)
    [shown] = await list_accounts(house.services, house.watchlist_id)
    assert shown.account.last_error == "no such account"
    house.later(timedelta(hours=7))
    await read_accounts(house.services)
    found = await get_account(house.services, house.watchlist_id, account.id)
    assert ([one.followers for one in found.snapshots], found.account.last_error) == ([100], "")


async def test_a_bug_in_one_collector_stops_no_other(house: House, tells: Any) -> None:
    tells(ValueError("secret"), 7)
    await followed(house)
    await add_account(
        house.services, house.watchlist_id, brand_id=house.brands["Acme"], platform="scripted",
        handle="other",
    )  # fmt: skip
    assert await read_accounts(house.services) == 2
    errors = sorted(
        one.account.last_error for one in await list_accounts(house.services, house.watchlist_id)
    )
    assert errors == ["", "ValueError in the collector"]


async def test_the_same_account_twice_is_one(house: House, tells: Any) -> None:
    tells()
    first = await followed(house)
    again = await add_account(
        house.services, house.watchlist_id, brand_id=house.brands["Acme"], platform="scripted",
        handle="acme",
    )  # fmt: skip
    assert again.id == first.id


async def test_a_kind_that_reads_no_profiles_is_refused(house: House, tells: Any) -> None:
    tells(kind=Scripted)
    with pytest.raises(Invalid, match="cannot read"):
        await followed(house)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.example/"])
async def test_an_address_that_is_no_web_page_is_refused(
    house: House, tells: Any, url: str
) -> None:
    tells()
    await house.watch({"Acme": "acme"})
    with pytest.raises(Invalid):
        await add_account(
            house.services, house.watchlist_id, brand_id=house.brands["Acme"],
            platform="scripted", handle="acme", url=url,
        )  # fmt: skip


async def test_an_account_of_another_watchlist_is_not_there(house: House, tells: Any) -> None:
    tells()
    account = await followed(house)
    async with house.services.db.write() as session:
        other = Watchlist(name="other", created_at=house.now, updated_at=house.now)
        session.add(other)
        await session.flush()
        other_id = other.id
    with pytest.raises(NotFound):
        await remove_account(house.services, other_id, account.id)
    await remove_account(house.services, house.watchlist_id, account.id)
    async with house.services.db.read() as session:
        assert (await session.scalars(select(Account))).all() == []
