"""Wikipedia: how many people read an article, day by day, and who changes it.

No mention of anybody, but a line of interest: when something happens to a brand, people look it up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field, JsonValue

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.errors import BadPayload, NeedsAttention
from collectors.http.outcomes import error_for
from collectors.http.retry_after import retry_after
from collectors.jsontext import read_json
from collectors.wikipedia.articles import PATTERN, Article
from collectors.wikipedia.edits import Last, complaint, newest_of, read_edits
from collectors.wikipedia.views import Days, Language, items_of, read_days, stamp

if TYPE_CHECKING:
    from collectors.http import Http, Response

ARTICLES: Final = 20
MAX_REQUESTS: Final = 60
_POLICY: Final = "foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy"


class WikipediaConfig(CollectorConfig):
    """Some articles, in one or several languages."""

    articles: tuple[Annotated[str, Field(pattern=PATTERN)], ...] = Field(
        min_length=1,
        max_length=ARTICLES,
        description="Articles, each with the language of its Wikipedia before it.",
        examples=[["fr:Tour Eiffel", "en:Eiffel Tower"]],
    )
    contact: str = Field(
        min_length=5,
        max_length=200,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="Mail address or web page of who runs this Vigie: Wikimedia asks it of every "
        "program and blocks those that do not tell.",
    )
    views: bool = Field(default=True, description="Read the daily page views.")
    edits: bool = Field(default=False, description="Read the changes of the articles too.")
    language: Language = Field(default="fr", description="Language of what the items say.")
    first_days: int = Field(
        default=30, ge=1, le=90, description="Days that the first poll reaches back."
    )
    average_days: int = Field(
        default=28, ge=7, le=90, description="Days before a day that its average is made of."
    )
    edits_limit: int = Field(
        default=100, ge=2, le=500, description="Changes of one answer; MediaWiki gives 500 at most."
    )
    views_url: str = Field(
        default="https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article",
        description="Address of the page views; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    wiki_url: str = Field(
        default="https://{language}.wikipedia.org",
        description="Address of a Wikipedia; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class Wikipedia:
    """Reads how many people look at articles, day by day, and who changes them.

    One article after the other. Cursor: per article its last day and its last change.
    """

    kind: ClassVar[str] = "wikipedia"
    platform: ClassVar[str | None] = "wikipedia"
    Config: ClassVar[type[CollectorConfig]] = WikipediaConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        history=timedelta(days=90),
        min_interval=timedelta(minutes=15),
        quota=f"one request at a time, with a contact ({_POLICY})",
        max_requests=MAX_REQUESTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, WikipediaConfig)
        self._config = config
        self._articles = [Article.named(name) for name in dict.fromkeys(config.articles)]

    async def check(self, http: Http) -> None:
        """Ask whether the first article is there."""
        article = self._articles[0]
        found = read_edits(
            await self._revisions(article, Last(_iso(http.now)), http),
            article, Last(""), self._config.language,
        )  # fmt: skip
        if found.missing:
            raise NeedsAttention(f"Wikipedia has no article {article.language}:{article.title}")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page an article and kind; nothing is asked for days that are known."""
        kept = {key: dict(_table(cursor, key)) for key in ("days", "edits")}
        start = http.now - timedelta(days=self._config.first_days)
        for article in self._articles:
            if self._config.views and http.left != 0:
                first = _day(kept["days"].get(article.key), start.date())
                page, last = await self._views(article, first, http)
                kept["days"][article.key] = last.isoformat()
                if page:
                    yield _with(page, kept)
            known = Last.from_json(kept["edits"].get(article.key)) or Last(_iso(start))
            while self._config.edits and http.left != 0:
                page, further, more = await self._edits(article, known, http)
                kept["edits"][article.key] = further.to_json()
                known = further
                if page:
                    yield _with(page, kept)
                if not more:
                    break

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was since `since`, article by article. Cursor: those done, and the place."""
        kept: dict[str, dict[str, JsonValue]] = {"done": dict(_table(cursor, "done"))}
        place = Last.from_json(cursor.get("place"))
        for article in self._articles:
            done = kept["done"].get(article.key)
            if self._config.views and not done and http.left != 0:
                page, _ = await self._views(article, since.date() - timedelta(days=1), http)
                kept["done"][article.key] = done = "views"
                yield _with(page or Page(), kept)
            known = place or Last(_iso(since))
            while self._config.edits and done != "all" and http.left != 0:
                page, known, more = await self._edits(article, known, http)
                place = known if more else None
                kept["done"][article.key] = done = (done or "views") if more else "all"
                further = {"place": place.to_json()} if place else {}
                yield _with(page or Page(), {**kept, **further})
            if http.left == 0:
                return

    async def _views(self, article: Article, known: date, http: Http) -> tuple[Page | None, date]:
        """What is told of the days after `known`, and the last day that is known then."""
        yesterday = http.now.date() - timedelta(days=1)
        if known >= yesterday:
            return None, known
        first = known + timedelta(days=1)
        before = self._config.average_days
        days = await self._days(article, first - timedelta(days=before), yesterday, http)
        if days is None:
            note = f"no page views of {article.language}:{article.title}: is it named so?"
            return Page(listening=Listening(note=note)), known
        items = items_of(
            article, days, first=first, last=yesterday, before=before,
            language=self._config.language,
        )  # fmt: skip
        # The days before are in the answer for the average only.
        last = max((day for day in days.views if day <= yesterday), default=known)
        # What is unreadable is told once, with the new day that it came with.
        page = Page(items=items, skipped=days.skipped) if items else None
        return page, max(last, known)

    async def _days(self, article: Article, first: date, last: date, http: Http) -> Days | None:
        """The days of an article; None where none is known."""
        where = f"{article.project}/all-access/user/{article.path}/daily"
        url = f"{self._config.views_url}/{where}/{stamp(first)}/{stamp(last)}"
        response = await self._ask(url, {}, http, may_be_absent=True)
        if response.status == 404:
            return None
        found = read_json(response.body)
        records = found.get("items") if isinstance(found, dict) else None
        if not isinstance(records, list):
            raise BadPayload("Wikimedia: the answer has no list of days")
        return read_days(records)

    async def _edits(
        self, article: Article, last: Last, http: Http
    ) -> tuple[Page | None, Last, bool]:
        """Changes after the last known one, where the walk is then, and whether it goes on."""
        found = await self._revisions(article, last, http)
        edits = read_edits(found, article, last, self._config.language)
        if edits.missing:
            note = f"Wikipedia has no article {article.language}:{article.title}"
            return Page(listening=Listening(note=note)), last, False
        further = edits.last or last
        more = isinstance(found, dict) and "continue" in found and further != last
        if not edits.items and not edits.skipped:
            return None, further, more
        return Page(items=newest_of(edits.items), skipped=edits.skipped), further, more

    async def _revisions(self, article: Article, last: Last, http: Http) -> Any:
        """Revisions from the last known one on, that one included: its size is compared with."""
        params = {
            "action": "query", "prop": "revisions", "titles": article.title,
            "rvprop": "ids|timestamp|user|comment|size", "rvdir": "newer", "rvstart": last.at,
            "rvlimit": str(self._config.edits_limit), "redirects": "1", "maxlag": "5",
            "format": "json", "formatversion": "2",
        }  # fmt: skip
        base = self._config.wiki_url.replace("{language}", article.language)
        response = await self._ask(f"{base}/w/api.php", params, http)
        found = read_json(response.body)
        error = complaint(found, retry_after(response.headers, now=http.now.timestamp()))
        if error is not None:
            raise error
        return found

    async def _ask(
        self, url: str, params: Mapping[str, str], http: Http, *, may_be_absent: bool = False
    ) -> Response:
        """One request that says who asks.

        may_be_absent: a 404 is an answer: nothing is known of the article.
        """
        agent = f"Vigie/0.1 (self-hosted social listening; {self._config.contact})"
        response = await http.request(
            "GET", url, params=params, headers={"user-agent": agent}, raise_for_status=False
        )
        assert response is not None  # None answers a conditional request, which this is not
        host, now = urlsplit(response.url).hostname or "", http.now.timestamp()
        error = error_for(response.status, response.headers, host=host, now=now)
        if error is not None and not (may_be_absent and response.status == 404):
            raise error
        return response


def _with(page: Page, cursor: Mapping[str, Any]) -> Page:
    """The page with a cursor of its own."""
    kept = {key: dict(one) if isinstance(one, dict) else one for key, one in cursor.items()}
    return Page(items=page.items, skipped=page.skipped, listening=page.listening, cursor=kept)


def _table(cursor: Cursor, key: str) -> Mapping[str, JsonValue]:
    kept = cursor.get(key)
    return kept if isinstance(kept, dict) else {}


def _day(value: JsonValue, otherwise: date) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else otherwise
    except ValueError:
        return otherwise


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
