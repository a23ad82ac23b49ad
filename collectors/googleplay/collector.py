"""Google Play: reviews of one's own app, by the Google Play Developer API (androidpublisher v3).

The API shows what was written or changed within the last week, so it has to be asked that often.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, JsonValue, SecretStr

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.googleaccess import Gone, GoogleAccess, service_grant
from collectors.googleplay.reviews import Reviews, read_reviews
from collectors.newest import after_page
from collectors.walk import Walk

if TYPE_CHECKING:
    from datetime import datetime

    from collectors.http import Http

PAGE: Final = 100
PAGES: Final = 20
OVERLAP: Final = 6 * 3_600
"""Seconds before the newest known review that are read again."""
WEEK: Final = timedelta(days=7)
"""What the API shows."""
SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"
QUOTA: Final = "reads"


class GooglePlayConfig(CollectorConfig):
    """One's own app, and the access to it."""

    package: str = Field(
        description="Package name of the app, as behind id= in its address at play.google.com.",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$",
        max_length=150,
        examples=["com.example.app"],
    )
    service_account: SecretStr = Field(
        description="JSON key file of a service account that may reply to reviews, whole."
    )
    translation_language: str = Field(
        default="",
        description="Language to have reviews translated into by Google; empty: as written.",
        pattern=r"^([a-z]{2}(_[A-Z]{2})?)?$",
    )
    reads_an_hour: int = Field(
        default=200, ge=1, le=1_000_000, description="Reads an hour that Google allows an app."
    )
    base_url: str = Field(
        default="https://androidpublisher.googleapis.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    auth_url: str = Field(
        default="https://oauth2.googleapis.com/token",
        description="Address that gives access tokens; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    site_url: str = Field(
        default="https://play.google.com",
        description="Address that links to reviews begin with.",
        pattern=r"^https?://",
    )


class GooglePlay:
    """Cursor: a Walk (in seconds of the last change), and `asked`: when the last poll was."""

    kind: ClassVar[str] = "googleplay"
    platform: ClassVar[str | None] = "googleplay"
    Config: ClassVar[type[CollectorConfig]] = GooglePlayConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        history=WEEK,
        min_interval=timedelta(minutes=15),
        quota="200 reads an hour and app (developers.google.com/android-publisher)",
        max_requests=PAGES + 2,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, GooglePlayConfig)
        self._config = config
        key_file = config.service_account.get_secret_value()
        self._access = GoogleAccess(
            name="Google Play",
            token_url=config.auth_url,
            grant=lambda now: service_grant(key_file, SCOPE, now),
            quota=QUOTA,
            advice="check the key file, and that the Play Console invites the service account to "
            "this app with the permission to reply to reviews",
        )

    async def check(self, http: Http) -> None:
        """Read one review."""
        await self._page("", http, size=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """From what changed last down to what is known, or to the end of the week."""
        walk = Walk.from_json(cursor.get("walk"))
        asked, missed = int(http.now.timestamp()), _slept(cursor.get("asked"), http.now)
        first = http.now - WEEK - timedelta(days=1)
        for _ in range(PAGES):
            page, walk = await self._step(walk, first, http)
            heard = Listening(missed=missed, note="no read for over a week" if missed else "")
            place: dict[str, JsonValue] = {"walk": walk.to_json(), "asked": asked}
            yield replace(page, cursor=place, listening=heard)
            missed = False
            if not walk.before or http.left == 0 or not await http.desk.ledger.left(QUOTA):
                return

    def quotas(self) -> Sequence[Quota]:
        return (
            Quota(
                name=QUOTA,
                limit=self._config.reads_an_hour,
                per=timedelta(hours=1),
                source="developers.google.com/android-publisher/reply-to-reviews",
            ),
        )

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """One page."""
        return {QUOTA: 1.0}

    async def _step(self, walk: Walk, first: datetime, http: Http) -> tuple[Page, Walk]:
        try:
            found = await self._page(walk.before, http)
        except NeedsAttention as error:
            if not walk.before or isinstance(error, Gone):
                raise
            # A token of the next page does not keep for ever: begin again from the top.
            walk = Walk(since=walk.since)
            found = await self._page("", http)
        walk = after_page(
            walk, found.items, found.further, overlap=OVERLAP, first=first, now=http.now
        )
        return Page(items=found.items, skipped=found.skipped), walk

    async def _page(self, token: str, http: Http, *, size: int = PAGE) -> Reviews:
        config = self._config
        params = {"maxResults": str(size)}
        params |= {"token": token} if token else {}
        language = config.translation_language
        params |= {"translationLanguage": language} if language else {}
        path = f"/androidpublisher/v3/applications/{config.package}/reviews"
        found = await self._access.ask(config.base_url.rstrip("/") + path, params, http)
        page = f"{config.site_url.rstrip('/')}/store/apps/details?id={config.package}"
        return read_reviews(found, page)


def _slept(asked: JsonValue, now: datetime) -> bool:
    """Whether more time went by since the last poll than the API shows."""
    return isinstance(asked, int) and now.timestamp() - asked > WEEK.total_seconds()
