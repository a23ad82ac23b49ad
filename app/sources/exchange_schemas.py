"""What the API says of lists of feeds."""

from __future__ import annotations

from pydantic import Field

from app.api import Schema
from app.sources.exchange import OpmlReport


class RefusedOut(Schema):
    """An outline that gave no source."""

    number: int = Field(description="Of the feeds in the file, from 1.", examples=[3])
    name: str = Field(examples=["Presse / Le blog"])
    reason: str = Field(examples=["no address of a feed (xmlUrl)"])


class OpmlOut(Schema):
    """What became of the feeds of an OPML file."""

    added: int = Field(examples=[12])
    duplicates: int = Field(
        description="In the watchlist already, or twice in the file.", examples=[1]
    )
    refused: list[RefusedOut]


def opml_out(report: OpmlReport, lang: str) -> OpmlOut:
    refused = [
        RefusedOut(number=one.number, name=one.name, reason=one.reason.text(lang))
        for one in report.refused
    ]
    return OpmlOut(added=report.added, duplicates=report.duplicates, refused=refused)
