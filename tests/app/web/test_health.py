"""Probes and metrics."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db.keys import key_at
from app.errors import StoreFull
from app.health import JOBS_WITHIN, jobs_check
from app.main import create_app
from app.models import Delivery, JobRun
from tests.support.furnish import furnish, mention, settle
from tests.support.web import House


async def probe(house: House, path: str) -> tuple[int, dict[str, Any]]:
    async with house.caller() as nobody:
        answer = await nobody.get(path)
    return answer.status_code, answer.json()["checks"]


async def test_a_service_that_has_just_started_is_ready(any_house: House) -> None:
    status, checks = await probe(any_house, "/readyz")
    assert status == 200
    assert checks["jobs"]["detail"] == "starting"
    assert checks["version"]["ok"]


async def test_jobs_that_stand_still_make_it_unready_and_one_run_makes_it_ready_again(
    any_house: House,
) -> None:
    any_house.clock.at += JOBS_WITHIN + timedelta(seconds=1)
    assert (await probe(any_house, "/readyz"))[0] == 503
    async with any_house.services.db.write() as session:
        session.add(JobRun(name="poll_sources", started_at=any_house.clock.now(), handled=3))
    assert (await probe(any_house, "/readyz"))[0] == 200


async def test_a_database_of_another_version_makes_it_unready(any_house: House) -> None:
    async with any_house.services.db.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    status, checks = await probe(any_house, "/readyz")
    assert status == 503
    assert "migrate" in checks["version"]["detail"]


async def test_a_database_that_is_gone_makes_it_unready_and_not_dead(
    house: House, tmp_path: Path
) -> None:
    async with house.services.db.write() as session:
        await session.execute(text("DROP TABLE job_runs"))
    status, checks = await probe(house, "/readyz")
    assert status == 503
    assert not checks["database"]["ok"]
    assert (await probe(house, "/healthz"))[0] == 200


async def test_a_full_disk_is_red_until_something_can_be_written_again(house: House) -> None:
    assert (await probe(house, "/healthz"))[0] == 200
    with pytest.raises(StoreFull):
        async with house.services.db.write() as session:
            page_count = await session.scalar(text("PRAGMA page_count"))
            await session.execute(text(f"PRAGMA max_page_count={page_count}"))
            session.add(JobRun(name="x" * 200_000, started_at=house.clock.now()))
            await session.flush()
    status, checks = await probe(house, "/healthz")
    assert status == 503
    assert "full" in checks["disk"]["detail"]
    async with house.services.db.write() as session:
        await session.execute(text("PRAGMA max_page_count=1000000"))
    async with house.services.db.write() as session:
        session.add(JobRun(name="x", started_at=house.clock.now()))
    assert (await probe(house, "/healthz"))[0] == 200


def test_the_age_of_the_last_job_is_told(now: Any) -> None:
    old = now - timedelta(hours=1)
    check = jobs_check(last=old, started=old, now=now)
    assert not check.ok
    assert check.detail == "last run 3600 s ago"


async def test_metrics_tell_of_every_stage(any_house: House) -> None:
    services, now = any_house.services, any_house.clock.now()
    any_house.app = create_app(services)
    made = await furnish(services)
    for label in ("positive", "none", "none"):
        await mention(services, made, label=label)
    await settle(services, made)
    async with any_house.as_key("admin") as admin:
        channel = (
            await admin.post("/api/v1/channels", json={"kind": "console", "name": "c"})
        ).json()["id"]
        async with services.db.write() as session:
            for n, state in enumerate(("pending", "pending", "sent", "dead")):
                at = now - timedelta(minutes=10 * n)
                session.add(
                    Delivery(
                        id=key_at(at), channel_id=int(channel), dedup=str(n), message_id=str(n),
                        kind="alert", state=state, due_at=at, created_at=at,
                    )
                )  # fmt: skip
            session.add(JobRun(name="poll_sources", started_at=now, handled=7, failures=2))
            await session.execute(text("UPDATE mentions SET entities_pending = true"))
        answer = await admin.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'vigie_mentions{label="none"} 2.0',
        'vigie_mentions{label="positive"} 1.0',
        'vigie_deliveries{state="pending"} 2.0',
        'vigie_deliveries{state="dead"} 1.0',
        "vigie_delivery_oldest_pending_seconds 600.0",
        'vigie_sources{state="active"} 2.0',
        'vigie_queue_depth{queue="entities"} 3.0',
        'vigie_queue_depth{queue="rematch"} 1.0',
        "vigie_items_new_24h 25.0",
        f'vigie_job_last_run_timestamp_seconds{{job="poll_sources"}} {now.timestamp()!r}',
        'vigie_job_failures{job="poll_sources"} 2.0',
        'vigie_http_requests_total{method="POST",status="201"} 1.0',
    ):
        assert any(_same(line, each) for each in lines), (line, answer.text)


def _same(wanted: str, line: str) -> bool:
    name, _, value = wanted.rpartition(" ")
    found, _, number = line.rpartition(" ")
    return found == name and float(number) == float(value)


async def test_metrics_of_two_apps_do_not_mix(house: House) -> None:
    async with house.as_key("read") as reader:
        await reader.get("/api/v1/me")
    house.app = create_app(house.services)
    async with house.as_key("read") as reader:
        assert "vigie_http_requests_total{" not in (await reader.get("/metrics")).text


async def test_metrics_need_a_key(house: House) -> None:
    async with house.caller() as nobody:
        assert (await nobody.get("/metrics")).status_code == 401
