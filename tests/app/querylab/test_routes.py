"""/queries over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import httpx

from app.ingest.service import Arrival, Incoming, Origin, PageWriter
from app.models import Source, WatchlistSource
from tests.conftest import NOW
from tests.support.pipeline import inline_brain, nothing, post
from tests.support.web import House

LONG = "x " * 400


async def furnished(house: House, writer: httpx.AsyncClient, texts: Sequence[str]) -> str:
    """A watchlist with the brand Acme and these posts, the first the newest; the brand's id."""
    watchlist = (await writer.post("/api/v1/watchlists", json={"name": "A"})).json()["id"]
    brand = await writer.post("/api/v1/brands", json={"name": "Acme", "query": "acme"})
    async with house.services.db.write() as session:
        source = Source(
            kind="jsonl", name="File", fingerprint="f", created_at=NOW, updated_at=NOW,
            next_poll_at=NOW,
        )  # fmt: skip
        session.add(source)
        await session.flush()
        session.add(WatchlistSource(watchlist_id=int(watchlist), source_id=source.id))
    cast("Any", inline_brain())._analyst._epoch = None  # another test's may bear the same number
    pages = PageWriter(
        house.services, Origin(source.id, "File", "jsonl", None), Arrival(now=NOW),
        brain=inline_brain(),
    )  # fmt: skip
    page = [
        post(n, text, title=f"T{n}", published_at=NOW - timedelta(hours=n + 1))
        for n, text in enumerate(texts)
    ]
    await pages.write(Incoming(items=page), guard=nothing, after=nothing)
    return str(brand.json()["id"])


async def test_a_preview_tells_that_the_brand_is_not_looked_for_by_its_own_handle(
    any_house: House,
) -> None:
    async with any_house.as_key("write") as writer:
        brand = await furnished(any_house, writer, ["Initech"])
        changed = await writer.patch(f"/api/v1/brands/{brand}", json={"handles": ["@acme_support"]})
        assert changed.status_code == 200, changed.text
        asked = {"query": "initech", "brand_id": brand}
        told = (await writer.post("/api/v1/queries/preview", json=asked)).json()
        notes = {note["code"]: note["suggestion"] for note in told["notes"]}
        # It has no site either; there is nothing to propose for that.
        assert notes == {"own_handle_missing": "@acme_support", "own_domain_missing": None}
        asked["query"] = "initech OR @acme_support"
        told = (await writer.post("/api/v1/queries/preview", json=asked)).json()
        assert [note["code"] for note in told["notes"]] == ["own_domain_missing"]


async def test_a_preview_says_what_the_query_says_and_shows_its_hits(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        brand = await furnished(any_house, writer, ["Initech and more", LONG + "initech " + LONG])
        asked = {"query": "initech or", "brand_id": brand}
        answer = await writer.post(
            "/api/v1/queries/preview", json=asked, headers={"Accept-Language": "fr"}
        )
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["explanation"].startswith("Trouve les publications")
        note, *of_the_brand = told["notes"]
        assert (note["code"], note["position"]) == ("lower_case_operator", 8)
        assert {one["code"] for one in of_the_brand} == {"own_handle_missing", "own_domain_missing"}
        assert "OR" in note["message"]
        assert (told["count"], told["hits"]) == (0, [])
        assert told["noise"] == {"share": None, "judged": 0, "noise": 0}
        found = (await writer.post("/api/v1/queries/preview", json={"query": "initech"})).json()
        assert found["asks"] == [[{"text": "initech", "kind": "word"}]]
        assert (found["count"], found["at_least"], found["noise"]) == (2, False, None)
        assert found["days"] == [{"day": "2026-11-23", "n": 2}]
        assert found["searched"] == {
            "posts": 2, "complete": True, "down_to": "2026-11-23T07:00:00Z",
        }  # fmt: skip
        first, second = found["hits"]
        assert (first["title"], first["source"], first["clause"]) == ("T0", "File", "initech")
        assert first["spans"] == [{"field": "text", "start": 0, "end": 7}]
        [span] = second["spans"]
        assert span["start"] == len(LONG)
        low = second["text_from"]
        assert second["text"][span["start"] - low : span["end"] - low] == "initech"
        assert len(second["text"]) < len(LONG)


async def test_a_back_test_tells_counts_examples_and_what_saving_would_do(
    any_house: House,
) -> None:
    async with any_house.as_key("write") as writer:
        texts = ["Acme", "Acme Initech", "Initech", "none"]
        brand = await furnished(any_house, writer, texts)
        asked = {"brand_id": brand, "query": "initech", "since": "2026-11-23T00:00:00Z"}
        answer = await writer.post("/api/v1/queries/backtest", json=asked)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        counts = {"caught": 2, "newly_caught": 1, "lost": 1, "kept": 1}
        assert told["before"] == {"number": 1, "text": "acme"}
        assert told["counts"] == counts
        assert told["days"] == [{"day": "2026-11-23", **counts}]
        [source] = told["sources"]
        assert source == {"source_id": source["source_id"], "source": "File", **counts}
        assert told["effect"] == {"added": 1, "removed": 1, "stays": 0}
        shown = {what: [one["text"] for one in hits] for what, hits in told["examples"].items()}
        assert shown == {"newly_caught": ["Initech"], "lost": ["Acme"], "kept": ["Acme Initech"]}
        assert (told["at_least"], told["searched"]["complete"]) == (False, True)


async def test_a_wrong_query_is_a_problem_with_its_spot_in_the_reader_s_language(
    house: House,
) -> None:
    async with house.as_key("write") as writer:
        brand = await furnished(house, writer, [])
        for path, body in (("preview", {}), ("backtest", {"brand_id": brand})):
            for lang, word in (("fr", "Parenthèse"), ("en", "Parenthesis")):
                answer = await writer.post(
                    f"/api/v1/queries/{path}", json={"query": "a (b", **body},
                    headers={"Accept-Language": lang},
                )  # fmt: skip
                told = answer.json()
                assert (answer.status_code, told["code"], told["position"]) == (
                    422, "unbalanced_parenthesis", 2,
                )  # fmt: skip
                assert told["message"].startswith(word)
                assert told["errors"][0]["field"] == "query"


async def test_odd_input_is_refused_and_no_fault_of_ours(house: House) -> None:
    odd: list[dict[str, Any]] = [
        {"query": "a", "since": "2026-11-23T00:00:00"},
        {"query": "a", "since": "0001-01-01T00:00:00Z"},
        {"query": "a", "since": "2026-11-23T00:00:00Z", "until": "2026-11-22T00:00:00Z"},
        {"query": "a", "examples": 51},
        {"query": "a" * 20_001},
        {"query": "a", "unknown": 1},
        {"query": ["a"]},
    ]
    async with house.as_key("write") as writer:
        brand = await furnished(house, writer, [])
        for body in odd:
            answer = await writer.post("/api/v1/queries/backtest", json={"brand_id": brand, **body})
            assert answer.status_code == 422, body
        raw = f'{{"brand_id":"{brand}","query":"\\ud800"}}'
        answer = await writer.post(
            "/api/v1/queries/backtest", content=raw, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422)
        nobody = await writer.post("/api/v1/queries/backtest", json={"brand_id": "1", "query": "a"})
        assert nobody.status_code == 404


async def test_another_watchlist_s_brand_is_not_there(house: House) -> None:
    async with house.as_key("write") as writer:
        brand = await furnished(house, writer, [])
        other = (await writer.post("/api/v1/watchlists", json={"name": "B"})).json()["id"]
        for path in ("preview", "backtest"):
            answer = await writer.post(
                f"/api/v1/queries/{path}?watchlist={other}",
                json={"query": "a", "brand_id": brand},
            )
            assert answer.status_code == 404, path


async def test_a_query_of_another_tool_is_carried_over_and_what_is_not_is_named(
    house: House,
) -> None:
    pasted = 'title:acme NEAR/5f "prix cassés" AND gender:female'
    async with house.as_key("write") as writer:
        answer = await writer.post(
            "/api/v1/queries/translate", json={"query": pasted, "from": "brandwatch"},
            headers={"Accept-Language": "fr"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["dialect"], told["readable"], told["exact"]) == ("brandwatch", True, False)
        [gender] = [part for part in told["parts"] if "gender" in part["text"]]
        assert pasted[gender["start"] : gender["end"]] == gender["text"]
        assert gender["message"]
        assert "acme" in told["query"]
        assert told["explanation"].startswith("Trouve")
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        tried = await writer.post("/api/v1/queries/preview", json={"query": told["query"]})
        assert tried.status_code == 200, "what comes out can be tried at once"


async def test_a_broken_or_empty_query_of_another_tool_is_answered_and_not_refused(
    house: House,
) -> None:
    async with house.as_key("write") as writer:
        for pasted in ('(acme OR "', "", "(" * 5_000, "NOT NOT NOT", "\u202e\x00👩‍👩‍👧"):
            answer = await writer.post("/api/v1/queries/translate", json={"query": pasted})
            assert answer.status_code == 200, pasted
            told = answer.json()
            assert (told["explanation"] is None) == (not told["query"])
        odd = {"query": "a", "from": "nobody"}
        assert (await writer.post("/api/v1/queries/translate", json=odd)).status_code == 422


async def test_a_preview_proposes_terms_of_the_marks_with_the_query_to_take(
    any_house: House,
) -> None:
    async with any_house.as_key("write") as writer:
        texts = ["Acme pie is baked"] * 3 + ["Acme tools are sold"] * 3
        brand = await furnished(any_house, writer, texts)
        asked = {"query": "acme", "brand_id": brand}
        told = (await writer.post("/api/v1/queries/preview", json=asked)).json()
        assert told["suggestions"] is None
        rows = (await writer.get("/api/v1/mentions")).json()["data"]
        for one in rows:
            said = {"relevant": "tools" in one["item"]["text"]}
            answer = await writer.post(f"/api/v1/mentions/{one['id']}/relevance", json=said)
            assert answer.status_code == 200, answer.text
        told = (await writer.post("/api/v1/queries/preview", json=asked)).json()
        found = told["suggestions"]
        assert (found["noise"], found["relevant"], found["noise_removed"]) == (3, 3, 3)
        first = found["exclusions"][0]
        assert first["query"] == f"(acme) NOT {first['term']}"
        asked["query"] = first["query"]
        assert (await writer.post("/api/v1/queries/preview", json=asked)).json()["count"] == 3
