"""What the configuration says of loyalty: tiers, points, pillars. The playbook of actions belongs to `action_settings`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    Field,
)

from pipeline.core.attitude.dimensions import ALL, NOT_ALL
from pipeline.core.facts.reviews import GOOD_RATING_POMP
from pipeline.core.options import MAX_DAYS, Days, Fault, Section, used_twice


class TierSettings(Section):
    """One loyalty tier."""

    name: str
    from_amount: Annotated[float, Field(ge=0, le=1e12)]
    """Value of the metric in the window from which the tier holds: whole currency units, points or orders."""


class RewardSettings(Section):
    """Something that points can be exchanged for."""

    name: str
    points: Annotated[int, Field(ge=1)]


class PointsSettings(Section):
    """The points programme: its rewards, and the rule by which orders earn points if no source delivers loyalty_events."""

    per_currency_unit: Annotated[float, Field(ge=0)] = 0
    """Points earned by rule per whole currency unit paid, rounded down; 0: orders earn none."""
    excluded_channels: list[str] = []
    """Channels whose orders earn nothing by rule."""
    expiry_days: Days | None = None
    """Days after which points without a date of their own expire; none: never."""
    rewards: list[RewardSettings] = []
    """In the order of their points."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        points = [reward.points for reward in self.rewards]
        if points != sorted(set(points)):
            yield "rewards", f"must ascend strictly by points, not {', '.join(map(str, points))}"
        if ALL in self.excluded_channels:
            yield "excluded_channels", f"a channel that is called '{ALL}' is read as '{NOT_ALL}'; write that"
        for words in used_twice([reward.name for reward in self.rewards]):
            yield "rewards", words


class LoyaltySettings(Section):
    """Tiers, points, VIPs and ambassadors."""

    metric: Literal["net_spend", "points", "orders"] = "net_spend"
    """What tiers are based on: net spend, points earned or valid orders in the window."""
    window_days: Days | None = 365
    grace_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 30
    """Days a tier is kept after the last day its threshold was met."""
    pace_days: Days = 90
    """Days whose gains set a customer's pace towards the next tier."""
    pace_min_days: Days = 2
    """Days with a gain needed for a pace."""
    points: PointsSettings = PointsSettings()
    tiers: Annotated[list[TierSettings], Field(min_length=1)] = [
        TierSettings(name="member", from_amount=0),
        TierSettings(name="bronze", from_amount=100),
        TierSettings(name="silver", from_amount=250),
        TierSettings(name="gold", from_amount=500),
    ]
    vip_share: Annotated[float, Field(gt=0, lt=1)] = 0.05
    ambassador_min_rating_pomp: Annotated[float, Field(ge=0, le=100)] = GOOD_RATING_POMP
    """A good review: at least this much of its scale."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        amounts = [tier.from_amount for tier in self.tiers]
        if amounts[0] != 0 or amounts != sorted(set(amounts)):
            yield (
                "tiers",
                f"amounts {', '.join(f'{amount:g}' for amount in amounts)} must begin at 0 and ascend strictly",
            )
        for words in used_twice([tier.name for tier in self.tiers]):
            yield "tiers", words


class PillarSettings(Section):
    """The pillars of convenience."""

    min_n: Annotated[int, Field(ge=1)] = 30
    """Orders or replies needed to publish a share or median of the shop."""
