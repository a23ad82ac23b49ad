"""Default deny, keys, sessions, limits: through the whole app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.access import service
from app.access.gate import COOKIE, CSRF_HEADER
from app.errors import StoreBusy, StoreFull
from app.main import create_app
from app.shell import SECURITY_HEADERS
from tests.support.web import BASE, House

PUBLIC = ["/healthz", "/readyz", "/static/vigie.css"]
CLOSED = ["/", "/metrics", "/openapi.json", "/docs", "/api/v1/me", "/api/v1/keys",
          "/api/v1/nothing", "/nothing", "/api", "/staticx", "/setup"]  # fmt: skip


async def test_without_a_key_the_probes_and_static_files_answer(house: House) -> None:
    async with house.caller() as nobody:
        for path in PUBLIC:
            assert (await nobody.get(path)).status_code == 200, path


async def test_without_a_key_everything_else_is_a_401_problem(house: House) -> None:
    async with house.caller() as nobody:
        for path in CLOSED:
            answer = await nobody.get(path)
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            body = answer.json()
            assert body["type"] == f"{BASE}/problems/unauthorized"
            assert body["request_id"] == answer.headers["x-request-id"]


async def test_a_browser_without_a_session_gets_a_page_that_says_how_to_get_the_link(
    house: House,
) -> None:
    async with house.caller({"Accept": "text/html", "Accept-Language": "fr"}) as nobody:
        answer = await nobody.get("/")
    assert answer.status_code == 401
    assert "vigie access link" in answer.text
    assert "Vous n’êtes pas connecté" in answer.text


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
async def test_a_key_works_in_either_header(any_house: House, header: str) -> None:
    made = await service.create_key(any_house.services, "grafana", "read", days=1)
    value = f"Bearer {made.secret}" if header == "Authorization" else made.secret
    async with any_house.caller({header: value}) as caller:
        answer = await caller.get("/api/v1/me")
    assert answer.json() == {"kind": "key", "name": "grafana", "scope": "read", "language": "fr"}


async def test_only_the_hash_of_a_key_is_stored(house: House) -> None:
    made = await service.create_key(house.services, "grafana", "read")
    assert made.secret.startswith("vgk_")
    assert len(made.secret) >= 4 + 43
    assert made.secret not in repr(vars(made.key))
    assert made.secret.startswith(made.key.prefix)


async def test_a_revoked_or_expired_key_is_answered_like_a_wrong_one(house: House) -> None:
    revoked = await service.create_key(house.services, "old", "read")
    await service.revoke_key(house.services, revoked.key.id)
    short = await service.create_key(house.services, "short", "read", days=1)
    house.clock.at += timedelta(days=1)
    answers = []
    for secret in (revoked.secret, short.secret, "vgk_wrong"):
        async with house.caller({"X-API-Key": secret}) as caller:
            answer = await caller.get("/api/v1/me")
            assert answer.status_code == 401
            answers.append(answer.json()["detail"])
    assert len(set(answers)) == 1


async def test_the_last_use_of_a_key_is_noted(any_house: House) -> None:
    async with any_house.as_key("admin") as admin:
        await admin.get("/api/v1/me")
        listed = (await admin.get("/api/v1/keys")).json()["data"]
    assert listed[0]["last_used_at"] == "2026-11-23T09:00:00Z"


async def test_wrong_keys_are_slowed_down_and_a_right_one_in_use_is_not(house: House) -> None:
    async with house.caller() as caller:
        right = {"X-API-Key": await house.key("read")}
        assert (await caller.get("/api/v1/me", headers=right)).status_code == 200
        codes = [
            (await caller.get("/api/v1/me", headers={"X-API-Key": f"vgk_{n}"})).status_code
            for n in range(7)
        ]
        assert codes == [401] * 5 + [429] * 2
        late = await caller.get("/api/v1/me", headers={"X-API-Key": "vgk_x"})
        assert 0 < int(late.headers["retry-after"]) <= 61
        assert late.json()["type"].endswith("/problems/too-many")
        assert (await caller.get("/api/v1/me", headers=right)).status_code == 200


async def test_a_reading_key_changes_nothing(house: House) -> None:
    async with house.as_key("read") as reader:
        answer = await reader.post("/api/v1/keys", json={"name": "x"})
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/problems/forbidden")


async def test_keys_are_made_by_admins_only(house: House) -> None:
    async with house.as_key("write") as writer:
        assert (await writer.get("/api/v1/keys")).status_code == 403
        assert (await writer.post("/api/v1/keys", json={"name": "x"})).status_code == 403


async def test_an_admin_makes_lists_and_revokes_keys_and_the_audit_tells(any_house: House) -> None:
    async with any_house.as_key("admin") as admin:
        made = (await admin.post("/api/v1/keys", json={"name": "ci", "scope": "write"})).json()
        async with any_house.caller({"X-API-Key": made["secret"]}) as ci:
            assert (await ci.get("/api/v1/me")).json()["scope"] == "write"
            gone = await admin.delete(f"/api/v1/keys/{made['id']}")
            assert gone.status_code == 204
            assert (await ci.get("/api/v1/me")).status_code == 401
        audit = (await admin.get("/api/v1/audit")).json()
    actions = [e["action"] for e in audit["data"] if e["subject_id"] == made["id"]]
    assert sorted(actions) == ["key.create", "key.revoke"]
    assert made["secret"] not in str(audit)


async def test_the_audit_is_paged_by_a_link_field(house: House) -> None:
    async with house.as_key("admin") as admin:
        for n in range(3):
            await admin.post("/api/v1/keys", json={"name": f"k{n}"})
            house.clock.at += timedelta(seconds=1)
        seen: list[str] = []
        url: str | None = "/api/v1/audit?limit=2"
        while url:
            answer = await admin.get(url)
            seen += [entry["id"] for entry in answer.json()["data"]]
            url = answer.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 4
    assert seen == sorted(seen, reverse=True)


async def test_security_fields_stand_on_every_answer(house: House) -> None:
    async with house.caller() as nobody:
        for path in [*PUBLIC, *CLOSED, "/static/none", "/setup/x"]:
            answer = await nobody.get(path)
            for name, value in SECURITY_HEADERS.items():
                assert answer.headers.get(name) == value, (path, name)


async def test_even_a_bug_is_answered_by_a_problem_with_the_security_fields(
    house: House,
) -> None:
    async def broken() -> None:
        raise RuntimeError("secret detail")

    house.app = create_app(house.services)  # one of its own: it is spoilt
    house.app.add_api_route("/api/v1/broken", broken)
    async with house.as_key("read") as reader:
        answer = await reader.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret detail" not in answer.text


async def test_a_busy_or_full_store_is_told_with_when_to_come_back(house: House) -> None:
    async def busy() -> None:
        raise StoreBusy("busy", fr="occupée")

    async def full() -> None:
        raise StoreFull("full")

    house.app = create_app(house.services)
    house.app.add_api_route("/api/v1/busy", busy)
    house.app.add_api_route("/api/v1/full", full)
    async with house.as_key("read") as reader:
        answer = await reader.get("/api/v1/busy", headers={"Accept-Language": "fr"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["detail"] == "occupée"
        assert answer.headers["content-language"] == "fr"
        assert (await reader.get("/api/v1/full")).status_code == 507


async def _in_parts(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 2**16):
        yield body[start : start + 2**16]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_one_mebibyte_is_refused(house: House, announced: bool) -> None:
    body = b'{"name":"' + b"x" * 2**20 + b'"}'
    async with house.as_key("admin") as admin:
        answer = await admin.post(
            "/api/v1/keys",
            content=body if announced else _in_parts(body),
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"{", 400, "unreadable"), (b'{"nome":"x"}', 422, "invalid"), (b"[]", 422, "invalid")],
)
async def test_a_body_that_cannot_be_used_is_a_problem_that_names_the_field(
    house: House, content: bytes, status: int, code: str
) -> None:
    async with house.as_key("admin") as admin:
        answer = await admin.post(
            "/api/v1/keys", content=content, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == status
    assert answer.json()["type"].endswith(f"/problems/{code}")
    assert answer.json()["errors"]


# Sessions


async def test_the_set_up_link_makes_the_first_admin_once(any_house: House) -> None:
    link = await service.setup_link(any_house.services)
    assert link is not None
    path = link.removeprefix(BASE)
    async with any_house.caller({"Accept-Language": "fr"}) as browser:
        for _ in range(2):  # looking uses nothing up
            page = await browser.get(path)
            assert page.status_code == 200
            assert COOKIE not in browser.cookies
        answer = await browser.post(path, data={"name": "Ada"})
        assert answer.status_code == 303
        me = (await browser.get("/api/v1/me")).json()
    assert me == {"kind": "session", "name": "Ada", "scope": "admin", "language": "fr"}
    async with any_house.caller() as second:
        assert (await second.get(path)).status_code == 404
        assert (await second.post(path)).status_code == 404
        assert COOKIE not in second.cookies
    assert await service.setup_link(any_house.services) is None


async def test_a_second_unused_set_up_link_dies_with_the_first_admin(house: House) -> None:
    first = await service.setup_link(house.services)
    second = await service.setup_link(house.services)
    assert first is not None
    assert second is not None
    async with house.caller() as browser:
        assert (await browser.post(first.removeprefix(BASE))).status_code == 303
        assert (await browser.get(second.removeprefix(BASE))).status_code == 404
        assert (await browser.post(second.removeprefix(BASE))).status_code == 404


async def test_a_set_up_link_lasts_a_day(house: House) -> None:
    link = await service.setup_link(house.services)
    assert link is not None
    house.clock.at += timedelta(hours=24)
    async with house.caller() as browser:
        assert (await browser.post(link.removeprefix(BASE))).status_code == 404


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    house: House,
) -> None:
    link = await service.setup_link(house.services)
    assert link is not None
    async with house.caller() as browser:
        answer = await browser.post(link.removeprefix(BASE))
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # http in this test


async def test_signing_in_again_ends_the_session_the_browser_had(house: House) -> None:
    async with house.as_admin_browser() as browser:
        old = browser.cookies[COOKIE]
        member = await service.find_member(house.services)
        link = await service.sign_in_link(house.services, member)
        await browser.post(link.removeprefix(BASE))
        assert browser.cookies[COOKIE] != old
        assert (await browser.get("/api/v1/me")).status_code == 200
    assert await service.principal_of_session(house.services, old) is None


async def test_a_session_ends_after_twelve_idle_hours_and_lives_while_it_is_used(
    any_house: House,
) -> None:
    async with any_house.as_admin_browser() as browser:
        for _ in range(3):
            any_house.clock.at += timedelta(hours=11)
            assert (await browser.get("/api/v1/me")).status_code == 200
        any_house.clock.at += timedelta(hours=12)
        assert (await browser.get("/api/v1/me")).status_code == 401


async def test_a_session_ends_after_thirty_days_however_busy(house: House) -> None:
    async with house.as_admin_browser() as browser:
        for _ in range(60):
            house.clock.at += timedelta(hours=11, minutes=55)
            await browser.get("/api/v1/me")
        house.clock.at += timedelta(hours=6)
        assert (await browser.get("/api/v1/me")).status_code == 401


async def test_a_browser_changes_nothing_without_the_pages_token(house: House) -> None:
    async with house.as_admin_browser() as browser:
        bare = await browser.post("/api/v1/keys", json={"name": "x"})
        assert bare.status_code == 403
        principal = await service.principal_of_session(house.services, browser.cookies[COOKIE])
        assert principal is not None
        right = {CSRF_HEADER: principal.csrf}
        assert (await browser.post("/api/v1/keys", json={"name": "x"}, headers=right)
                ).status_code == 201  # fmt: skip
        foreign = right | {"Origin": "https://evil.example"}
        assert (await browser.post("/api/v1/keys", json={"name": "x"}, headers=foreign)
                ).status_code == 403  # fmt: skip
        assert (await browser.post("/sign-out")).status_code == 403
        assert (await browser.post("/sign-out", data={"csrf": "wrong"})).status_code == 403
        assert (await browser.post("/sign-out", data={"csrf": principal.csrf})).status_code == 303
        assert (await browser.get("/api/v1/me")).status_code == 401


async def test_another_sites_page_cannot_use_a_set_up_link(house: House) -> None:
    link = await service.setup_link(house.services)
    assert link is not None
    async with house.caller() as browser:
        answer = await browser.post(
            link.removeprefix(BASE), headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code == 403
        assert (await browser.get(link.removeprefix(BASE))).status_code == 200
