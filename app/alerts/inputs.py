"""What a person may ask of a rule, checked at the edge."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.alerts.rules import HOUR_S, WINDOWS_S, Filter


def _id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63):
        raise ValueError("not an id")
    return text


Ids = Annotated[
    tuple[Annotated[str, AfterValidator(_id)], ...],
    BeforeValidator(lambda values: tuple(str(v) for v in values)),
]
"""Ids are strings in JSON; numbers are taken too."""
Label = Literal["positive", "neutral", "negative", "none"]


class RuleFilter(BaseModel):
    """What the rule cares about; what is left out means anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brands: Ids = Field((), description="Brand ids; empty: all brands of the watchlist.")
    labels: tuple[Label, ...] = Field(
        (), description="Sentiment labels; 'none' is what was not judged."
    )
    langs: tuple[str, ...] = Field((), description="ISO 639-1 codes.")
    sources: Ids = Field((), description="Source ids.")
    min_followers: int = Field(0, ge=0, description="Followers of the author, at least.")
    min_engagement: int = Field(0, ge=0, description="Likes, replies and the like, at least.")
    owned: bool | None = Field(
        None, description="true: only the brands' own posts; false: none of them."
    )
    syndicated: bool | None = Field(
        None, description="true: only copies of a text; false: none of them."
    )

    def plain(self) -> Filter:
        """The same for the pure rules."""
        return Filter(
            brands=frozenset(int(i) for i in self.brands if i.isdigit()),
            labels=frozenset(self.labels),
            langs=frozenset(self.langs),
            sources=frozenset(int(i) for i in self.sources if i.isdigit()),
            min_followers=self.min_followers,
            min_engagement=self.min_engagement,
            owned=self.owned,
            syndicated=self.syndicated,
        )


class RuleParams(BaseModel):
    """Numbers of a count rule; a mention rule has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: int | None = Field(
        None, ge=0, description="Alert when a window holds more distinct items than this."
    )
    window_s: int = Field(
        HOUR_S, description="Length of a window in seconds, aligned to the watchlist's clock."
    )

    @model_validator(mode="after")
    def _on_the_clock(self) -> RuleParams:
        if self.window_s not in WINDOWS_S:
            allowed = ", ".join(str(value) for value in WINDOWS_S)
            raise ValueError(f"window_s is one of {allowed}")
        return self


class RuleInput(BaseModel):
    """A rule as a person writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100, description="What people call it.")
    kind: Literal["mention", "count"] = Field(
        description="mention: each new one that passes. count: too many in a window."
    )
    filter: RuleFilter = Field(RuleFilter(), description="Which mentions it looks at.")
    params: RuleParams = Field(RuleParams(), description="threshold and window_s of a count rule.")
    channel_ids: Ids = Field((), description="Channels that are told.")
    severity: Literal["info", "warning", "critical"] = Field("info", description="How loud.")
    cooldown_s: int = Field(
        0, ge=0, le=7 * 86_400, description="Seconds before the same subject is told again."
    )
    active: bool = Field(True, description="false: it rests.")

    @model_validator(mode="after")
    def _whole(self) -> RuleInput:
        if self.kind == "count" and self.params.threshold is None:
            raise ValueError("a count rule needs params.threshold")
        return self

    def stored(self) -> dict[str, Any]:
        """Column values."""
        values = self.model_dump(mode="json")
        if self.kind == "mention":
            values["params"] = {}
        return values
