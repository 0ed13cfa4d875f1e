"""What the configuration says of behaviour: RFM, journey, cohorts, preferences."""

from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from pipeline.core.behaviour.segment_maps import MAPS, CellMap, RuleMap, SegmentMap
from pipeline.core.options import MAX_DAYS, Days, Edges, Name, Section
from schemas.types import (
    ORDER_STATUSES,
)


def _form_of_map(tree: Any) -> str:
    has_rules = isinstance(tree, RuleMap) or (isinstance(tree, dict) and "rules" in tree)
    return "rules" if has_rules else "cells"


OwnMap = Annotated[
    Annotated[CellMap, Tag("cells")] | Annotated[RuleMap, Tag("rules")],
    Discriminator(_form_of_map),
]
"""A map of ordered rules when there is a key `rules`, else of cells."""


class RfmSettings(Section):
    """How recency, frequency and monetary value become scores and segments."""

    window_days: Days | None = 365
    """Orders count when their local date is in (as_of - window_days, as_of]; null = all history."""
    bins: Annotated[int, Field(ge=3, le=10)] = 5
    method: Literal["rank", "edges", "quantile"] = "rank"
    r_compatible: bool = False
    """With quantile: add 1 to every inner cut point, as the R package rfm does."""
    edges: dict[Literal["recency", "frequency", "monetary"], Edges] = {}
    """With edges: per dimension the bins - 1 inner cut points, ascending; money in whole currency units."""
    frequency_counts: Edges = [2, 3, 4, 5]
    """Inner cut points of frequency when it is degenerate."""
    valid_statuses: list[Literal[ORDER_STATUSES]] = ["paid", "shipped", "delivered"]  # type: ignore[valid-type]
    freeze_cut_points: bool = False
    """Score by the stored cut points of the newest earlier date; by the method where there are none, or of other bins."""
    map: str = "rfm11"
    maps: dict[Name, OwnMap] = {}
    """The user's own maps, beside the shipped ones."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers in a segment from which the share that goes elsewhere is shown."""
    gate_min_customers: Annotated[int, Field(ge=0)] = 500
    """Customers with a valid order below which RFM means little: a warning."""
    gate_min_history_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 180
    """Days from the first valid order to as_of below which it does."""
    gate_max_idle_days: Days = 30
    """Days without a valid order from which it does."""

    @model_validator(mode="after")
    def _complete(self) -> "RfmSettings":
        if self.method == "edges":
            for dimension in ("recency", "frequency", "monetary"):
                if len(self.edges.get(dimension, [])) != self.bins - 1:
                    raise ValueError(f"method edges needs {self.bins - 1} edges for {dimension}")
        for name in self.maps:
            self.maps[name].prove_partition(name)
        if self.map not in self.known_maps:
            raise ValueError(f"map '{self.map}' is not one of {', '.join(sorted(self.known_maps))}")
        if self.segment_map.bins != self.bins:
            raise ValueError(f"map '{self.map}' is made for {self.segment_map.bins} bins, not {self.bins}")
        if len(self.frequency_counts) != self.bins - 1:
            raise ValueError(f"frequency_counts needs {self.bins - 1} values for {self.bins} bins")
        return self

    @property
    def known_maps(self) -> dict[str, SegmentMap]:
        """Shipped and own maps by name."""
        return MAPS | self.maps

    @property
    def segment_map(self) -> SegmentMap:
        """The map in use."""
        return self.known_maps[self.map]


class JourneySettings(Section):
    """Carts, the stages of the customer journey, and how alike a shop's channels are."""

    months: Annotated[int, Field(ge=1, le=1_200)] = 6
    """Local months of touchpoints that an as_of date looks back on, its own month included."""
    cart_hours: Annotated[int, Field(ge=1, le=24 * MAX_DAYS)] = 24
    """Hours without an order after which a cart is abandoned."""
    recovery_days: Days = 30
    """Days within which an order recovers an abandoned cart."""
    satisfied_days: Days = 60
    """Days after an order in which a promoter's answer or a good review shows satisfaction with it."""
    satisfied_min_rating_pomp: Annotated[float, Field(ge=0, le=100)] = 75
    """A good review: at least this much of its scale; 75 = 4 of 5 stars."""
    channel_days: Days = 365
    """Days of orders, reviews and answers that the channels are compared over, up to as_of."""
    min_n: Annotated[int, Field(ge=1)] = 30

    @model_validator(mode="after")
    def _recovery_follows(self) -> "JourneySettings":
        if self.recovery_days * 24 <= self.cart_hours:
            raise ValueError(
                f"recovery_days ({self.recovery_days}) must be longer than cart_hours ({self.cart_hours}); raise it"
            )
        return self


class CohortSettings(Section):
    """Cohorts by the month of the first order."""

    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers of a cohort below which no share, mean or median of it is published."""


class PreferenceSettings(Section):
    """What is taken for a customer's preference."""

    window_days: Days | None = 730
    """Orders and views count when their local date is in (as_of - window_days, as_of]; null = all history."""
    half_life_days: Annotated[float, Field(gt=0)] = 180
    """Age at which an order weighs half as much as one of as_of."""
    min_orders: Annotated[int, Field(ge=1)] = 2
    """Orders, and lines for the price level, below which a preference is not named."""
    min_gaps: Annotated[int, Field(ge=1)] = 2
    """Gaps between purchases of a category below which it has no repeat cycle."""
    min_views: Annotated[int, Field(ge=1)] = 2
    """Views of a category below which they are not called interest."""
