"""What the API answers to a call that pushes posts in."""

from __future__ import annotations

from pydantic import Field

from app.api import Schema
from app.intake.service import Receipt


class RejectedOut(Schema):
    """A record that cannot be used."""

    index: int = Field(description="Its place in the call, from 0.", examples=[3])
    reason: str = Field(examples=["neither text nor title"])


class ReceiptOut(Schema):
    """What became of the posts."""

    accepted: int = Field(description="New posts.", examples=[2])
    duplicates: int = Field(description="Known already, or twice in the call.", examples=[1])
    rejected: list[RejectedOut]
    repeated: bool = Field(
        description="This very call (webhook-id) had come before; nothing was done.",
        examples=[False],
    )


def receipt_out(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut(
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        rejected=[RejectedOut(index=one.index, reason=one.reason) for one in receipt.rejected],
        repeated=receipt.repeated,
    )
