"""One run: a house on one database, the replay driven through it in lockstep, killed on the way.

Each step moves the replay's clock, lets new posts appear (even rows in the feed, odd rows in the
drop folder), and waits until the service has no work left for that instant. Nothing in the
service knows that it is watched: the observer reads its database and asks its API.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from app.db.engine import Database
from app.models import Delivery, Digest, DigestSubscription, Item, Mention, Sighting, Source
from tests.e2e.feedserver import FeedServer
from tests.e2e.house import Api, House
from tests.e2e.mastodon import Mastodon
from tests.e2e.replay import BRANDS, THRESHOLD, Expected, Post, expected
from tests.support.mailserver import MailServer
from tests.support.slackserver import PATH, SlackServer

STEP = timedelta(minutes=30)
ZONE = ZoneInfo("Europe/Paris")
SETTLE_WITHIN_S = 120.0
TOOTS = 12


@dataclass
class Outcome:
    """What was wanted and what was found, line by line."""

    lines: list[tuple[str, object, object]] = field(default_factory=list)

    def compare(self, what: str, wanted: object, found: object) -> None:
        self.lines.append((what, wanted, found))

    @property
    def wrong(self) -> list[tuple[str, object, object]]:
        return [line for line in self.lines if line[1] != line[2]]


class Run:
    """A house, the world round it, and the posts that happen in it."""

    def __init__(self, house: House, posts: Sequence[Post], *, kills: int, seed: int = 7) -> None:
        self.house = house
        self.posts = sorted(posts, key=lambda post: (post.at, post.row))
        self.expected: Expected = expected(posts)
        self.db = Database(house.database)
        self.dice = random.Random(seed)
        self.kills_left = kills
        self.killed: Counter[str] = Counter()
        self._dropped = 0

    async def play(self) -> Outcome:
        """Everything from first start to last check."""
        start = self.posts[0].at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        self.house.set_clock(start)
        async with (
            FeedServer([p for p in self.posts if p.row % 2 == 0], self.house.now) as feed,
            SlackServer() as slack,
            MailServer(port=self.house.smtp_port) as mail,
            Mastodon() as mastodon,
        ):
            slack.on(PATH, self._murderous(slack))
            await self.house.start()
            try:
                api = Api(self.house.url, self._key())
                await self._set_up(api, feed, slack, mastodon)
                await self._settle()
                await mastodon.post(TOOTS)
                await self._drive(start)
                outcome = await self._check(api, slack, mail)
                await api.close()
            finally:
                codes = await self.house.stop()
                await self.db.close()
        outcome.compare("exit codes after SIGTERM", dict.fromkeys(codes, 0), codes)
        if self.house.workers:
            polled = {n: '"poll_sources"' in self.house.log(n) for n in codes if n != "serve"}
            outcome.compare("workers that polled", dict.fromkeys(polled, True), polled)
        outcome.lines.append(("feed answers", dict(feed.answers), dict(feed.answers)))
        return outcome

    def _key(self) -> str:
        done = self.house.command("key", "create", "e2e", "--scope", "admin", "--json")
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        secret: str = json.loads(done.stdout)["secret"]
        return secret

    async def _set_up(
        self, api: Api, feed: FeedServer, slack: SlackServer, mastodon: Mastodon
    ) -> None:
        """What a person would click: watchlist, brands, sources, channels, rule, digest."""
        made = await api.post("/watchlists", {"name": "Airlines", "zone": str(ZONE)})
        self.watchlist = made["id"]
        here = {"watchlist": self.watchlist}
        self.brands: dict[str, str] = {}
        for number, (handle, name) in enumerate(BRANDS.items()):
            kind = "competitor" if number else "own"
            body = {"name": name, "kind": kind, "query": f"@{handle}", "handles": [handle]}
            self.brands[handle] = (await api.post("/brands", body, **here))["id"]
        self.drop = self.house.folder / "drop" / "posts"
        self.drop.mkdir(parents=True)
        await self._add_sources(api, here, feed, mastodon)
        await self._add_outputs(api, here, slack)

    async def _add_sources(
        self, api: Api, here: dict[str, str], feed: FeedServer, mastodon: Mastodon
    ) -> None:
        for kind, name, config in (
            ("rss", "Feed", {"url": f"{feed.url}/posts.xml"}),
            ("jsonl", "Drop", {"path": "posts"}),
            ("mastodon", "Mastodon", mastodon.config),
            ("rss", "Broken", {"url": f"{feed.url}/broken.xml"}),
        ):
            await api.post("/sources", {"kind": kind, "name": name, "config": config}, **here)

    async def _add_outputs(self, api: Api, here: dict[str, str], slack: SlackServer) -> None:
        channel = await api.post(
            "/channels",
            {"kind": "slack", "name": "Slack", "config": {"url": slack.address}},
            **here,
        )
        mailbox = await api.post(
            "/channels",
            {"kind": "email", "name": "Mail", "config": {"recipients": ["reader@example.com"]}},
            **here,
        )
        rule = {
            "name": "Busy hour", "kind": "count", "channel_ids": [channel["id"]],
            "params": {"threshold": THRESHOLD, "window_s": 3600},
        }  # fmt: skip
        await api.post("/rules", rule, **here)
        digest = {
            "channel_id": mailbox["id"], "language": "fr", "zone": str(ZONE), "send_at": "08:00"
        }  # fmt: skip
        await api.post("/digests/subscriptions", digest, **here)

    def _murderous(self, slack: SlackServer) -> Callable[..., Awaitable[None]]:
        """A Slack that kills the sender once, after taking the message and before saying so."""
        judge = slack._judge

        async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
            if self.kills_left and not self.killed["delivering"]:
                slack.accepted.append(json.loads(seen.body))
                self.killed["delivering"] += 1
                for name in list(self.house.processes):
                    if name != "serve" or not self.house.workers:
                        self.house.kill(name)
                return
            await judge(seen, writer)

        return answer

    async def _drive(self, start: datetime) -> None:
        """Move the clock to the morning after the last post, step by step."""
        at = start
        last = self.posts[-1].at
        end = (last.astimezone(ZONE) + timedelta(days=1)).replace(hour=9, minute=0, second=0)
        kill_at = self._kill_steps(int((last - start) / STEP))
        step = 0
        while at < end:
            at, step = at + STEP, step + 1
            self._drop_until(at)
            self.house.set_clock(at)
            if step in kill_at:
                await self._kill_while_polling()
            await self._settle()

    def _kill_steps(self, steps: int) -> frozenset[int]:
        chosen = self.dice.sample(range(2, max(3, steps)), k=min(self.kills_left, steps - 2))
        return frozenset(chosen)

    async def _kill_while_polling(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.0, 0.4))
        names = [n for n in self.house.processes if n != "serve" or not self.house.workers]
        self.house.kill(self.dice.choice(names))
        self.killed["polling"] += 1
        await self.house.start()
        # Rows that the dead process held come back when its lease ends.
        self.house.set_clock(self.house.now() + timedelta(minutes=6))

    def _drop_until(self, at: datetime) -> None:
        """Append the odd rows that have happened, some days to a new file."""
        lines: dict[str, list[str]] = {}
        odd = [post for post in self.posts if post.row % 2]
        while self._dropped < len(odd) and odd[self._dropped].at <= at:
            post = odd[self._dropped]
            self._dropped += 1
            record = {
                "id": post.id, "text": post.text, "author": post.author, "url": post.url,
                "published_at": post.at.isoformat(),
            }  # fmt: skip
            lines.setdefault(f"{post.at:%Y-%m-%d}.jsonl", []).append(json.dumps(record) + "\n")
        for name, fresh in lines.items():
            with (self.drop / name).open("a", encoding="utf-8") as file:
                file.write("".join(fresh))

    async def _settle(self) -> None:
        """Wait until nothing is due at this instant; restart what was killed."""
        deadline = time.monotonic() + SETTLE_WITHIN_S
        while (why := await self._unfinished()) is not None:
            if any(p.poll() is not None for p in self.house.processes.values()):
                await self.house.start()
                self.house.set_clock(self.house.now() + timedelta(minutes=6))
            if time.monotonic() > deadline:
                raise RuntimeError(f"not settled: {why}\n{self._logs()}")
            await asyncio.sleep(0.05)

    async def _unfinished(self) -> str | None:
        now = self.house.now()
        async with self.db.read() as session:

            async def count(statement: Any) -> int:
                return int((await session.execute(statement)).scalar_one())

            active = Source.state.in_(["active", "failing"])
            due = or_(Source.next_poll_at <= now, Source.leased_until > now)
            if n := await count(select(func.count()).select_from(Source).where(active, due)):
                return f"{n} sources due"
            if n := await count(
                select(func.count()).select_from(Mention).where(Mention.rules_pending)
            ):
                return f"{n} mentions before the rules"
            late = DigestSubscription.next_due_at <= now
            if n := await count(select(func.count()).select_from(DigestSubscription).where(late)):
                return f"{n} digests due"
            waiting = (Delivery.state == "pending") & (Delivery.due_at <= now)
            if n := await count(select(func.count()).select_from(Delivery).where(waiting)):
                return f"{n} deliveries due"
        return None

    def _logs(self) -> str:
        return "\n".join(f"--- {n}\n{self.house.log(n)[-2500:]}" for n in self.house.processes)

    async def _check(self, api: Api, slack: SlackServer, mail: MailServer) -> Outcome:
        """Every number against the independent count."""
        outcome = Outcome()
        await self._check_store(outcome)
        await self._check_api(outcome, api)
        rollups = self.house.command("check", "rollups")
        outcome.compare("vigie check rollups", 0, rollups.returncode)
        await self._check_slack(outcome, slack)
        await self._check_mail(outcome, mail)
        outcome.lines.append(("kills", dict(self.killed), dict(self.killed)))
        return outcome

    async def _check_store(self, outcome: Outcome) -> None:
        async with self.db.read() as session:
            items = select(func.count()).select_from(Item).where(Item.url.like("%posts.example%"))
            outcome.compare(
                "items stored", self.expected.items, (await session.execute(items)).scalar_one()
            )
            found = await session.execute(
                select(Mention.brand_id, func.count()).group_by(Mention.brand_id)
            )
            by_brand = {str(brand): n for brand, n in found}
            for handle, brand in self.brands.items():
                outcome.compare(
                    f"mentions @{handle}", self.expected.mentions[handle], by_brand.get(brand, 0)
                )
            late = await session.execute(
                select(func.count()).select_from(Mention).where(Mention.backfill)
            )
            outcome.compare("mentions taken for history", 0, late.scalar_one())
            toots = select(func.count()).select_from(Item).where(Item.platform == "mastodon")
            outcome.compare("mastodon posts", TOOTS, (await session.execute(toots)).scalar_one())
            twice = select(func.count()).select_from(
                select(Sighting.item_id)
                .group_by(Sighting.item_id)
                .having(func.count() > 1)
                .subquery()
            )
            both = _in_both(self.posts)
            outcome.compare(
                "items seen by two sources", both, (await session.execute(twice)).scalar_one()
            )

    async def _check_api(self, outcome: Outcome, api: Api) -> None:
        answer = await api.get(
            "/trends/volume", watchlist=self.watchlist, bucket="day",
            start=(self.posts[0].at - timedelta(days=2)).isoformat(),
            end=(self.posts[-1].at + timedelta(days=2)).isoformat(),
        )  # fmt: skip
        outcome.compare("mentions in /trends/volume", self.expected.total, _total(answer))
        alerts = await api.get("/alerts", watchlist=self.watchlist)
        told = sorted(datetime.fromisoformat(alert["window"]) for alert in alerts["data"])
        wanted = sorted(self.expected.busy_hours)
        outcome.compare("hours alerted", _hours(wanted), _hours(told))

    async def _check_slack(self, outcome: Outcome, slack: SlackServer) -> None:
        """One alert per busy hour; a copy after a kill carries the same short id.

        Beside them there are only notices of sources that fell silent or came back.
        """
        told = await self._references()
        texts = Counter(_reference(message) for message in slack.accepted)
        alerts = texts.keys() & told["alert"]
        outcome.compare("alerts in Slack", len(self.expected.busy_hours), len(alerts))
        stray = texts.keys() - told["alert"] - told["notice"]
        outcome.compare("messages of another kind", set(), stray)
        extra = sum(texts.values()) - len(texts)
        outcome.compare("copies in Slack", True, extra <= self.killed["delivering"])

    async def _references(self) -> dict[str, set[str]]:
        """The short ids that people quote, by the kind of message."""
        found: dict[str, set[str]] = defaultdict(set)
        async with self.db.read() as session:
            for row in await session.execute(select(Delivery.kind, Delivery.payload)):
                found[row.kind].add(row.payload["ref"])
        return found

    async def _check_mail(self, outcome: Outcome, mail: MailServer) -> None:
        # A notice that a source fell silent or came back goes to every channel and is no digest.
        digests = [one.message for one in mail.mails if one.message["List-Id"]]
        ids = Counter(str(one["Message-ID"]) for one in digests)
        first, end = (
            self.posts[0].at.astimezone(ZONE).date(),
            self.house.now().astimezone(ZONE).date(),
        )
        wanted = (end - first).days + _first_day(self.posts[0].at)
        outcome.compare("digests in the mailbox", wanted, len(ids))
        async with self.db.read() as session:
            sent = select(func.count()).select_from(Digest).where(Digest.state == "sent")
            outcome.compare("digests sent", wanted, (await session.execute(sent)).scalar_one())


def _first_day(first: datetime) -> int:
    """1 where the subscription began before that day's eight o'clock, else 0."""
    return int((first - timedelta(hours=1)).astimezone(ZONE).hour < 8)


def _in_both(posts: Sequence[Post]) -> int:
    even = {post.id for post in posts if post.row % 2 == 0}
    return len(even & {post.id for post in posts if post.row % 2})


def _hours(instants: Sequence[datetime]) -> list[str]:
    return [f"{at:%d %b %Hh}" for at in instants]


def _total(answer: Any) -> int:
    return sum(int(line["total"]["n"]) for line in answer["lines"])


_REF = re.compile(r"r[eé]f\. (\w{6})")


def _reference(message: dict[str, Any]) -> str:
    """The short alert id, which is all that tells a copy from a second alert."""
    found = _REF.search(json.dumps(message, ensure_ascii=False))
    return found[1] if found else "without a reference"
