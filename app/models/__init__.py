"""The entities of DESIGN §2, one file per aggregate, columns only."""

from __future__ import annotations

from app.models.access import (
    ApiKey,
    AuditEntry,
    JobRun,
    Member,
    Session,
    Setting,
    SignInLink,
)
from app.models.alert import Alert, AlertMention, AlertRule
from app.models.base import Base
from app.models.delivery import (
    Channel,
    Delivery,
    DeliveryAttempt,
    Digest,
    DigestSubscription,
    Report,
)
from app.models.desk import (
    HistoryRun,
    ItemRefresh,
    QuotaLevel,
    SourceDocument,
    SourceToken,
    Spending,
)
from app.models.item import Author, Cluster, ErasureBlock, Item, SearchPending, Sighting
from app.models.mention import (
    AuthorDayRollup,
    Correction,
    DayRollup,
    HourRollup,
    Mention,
    MentionTag,
    MentionTopic,
    ModelVersion,
    Note,
    Tag,
    Theme,
    Topic,
    Verdict,
    WideDayRollup,
)
from app.models.people import Campaign, Incident, PeopleList, PeopleListMember, SavedView
from app.models.push import PushSubscription
from app.models.relevance import RelevanceFilter
from app.models.source import ImportRun, ListeningLog, Quarantine, Source, WatchlistSource
from app.models.watchlist import (
    Account,
    AccountSnapshot,
    Brand,
    Epoch,
    Query,
    QueryVersion,
    Watchlist,
)

__all__ = [
    "Account", "AccountSnapshot", "Alert", "AlertMention", "AlertRule", "ApiKey", "AuditEntry",
    "Author", "AuthorDayRollup", "Base", "Brand", "Campaign", "Channel", "Cluster", "Correction",
    "DayRollup", "Delivery", "DeliveryAttempt", "Digest", "DigestSubscription", "Epoch",
    "ErasureBlock", "HistoryRun", "HourRollup", "ImportRun", "Incident", "Item", "ItemRefresh",
    "JobRun", "ListeningLog", "Member", "Mention", "MentionTag", "MentionTopic", "ModelVersion",
    "Note", "PeopleList", "PeopleListMember", "PushSubscription", "Quarantine", "Query",
    "QueryVersion", "QuotaLevel", "RelevanceFilter", "Report", "SavedView", "SearchPending",
    "Session", "Setting", "Sighting", "SignInLink", "Source", "SourceDocument", "SourceToken",
    "Spending", "Tag", "Theme", "Topic", "Verdict", "Watchlist", "WatchlistSource",
    "WideDayRollup",
]  # fmt: skip
