"""What the configuration says of behaviour: RFM, journey, cohorts, preferences."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
)

from pipeline.core.behaviour.segment_maps import MAPS, CellMap, RuleMap, SegmentMap
from pipeline.core.facts.reviews import GOOD_RATING_POMP
from pipeline.core.options import MAX_DAYS, Days, Edges, Fault, Name, Section, not_one_of
from schemas.types import (
    ORDER_STATUSES,
)


def _form_of_map(tree: Any) -> str:
    has_rules = isinstance(tree, RuleMap) or (isinstance(tree, dict) and "rules" in tree)
    return "by rules" if has_rules else "by cells"


OwnMap = Annotated[
    Annotated[CellMap, Tag("by cells")] | Annotated[RuleMap, Tag("by rules")],
    Discriminator(_form_of_map),
]
"""A map of ordered rules when there is a key `rules`, else of cells."""

CAN_BE_VALID = ["paid", "shipped", "delivered"]
"""Statuses of an order that can count as a purchase. Definitions, section 1."""


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
    valid_statuses: list[Literal[ORDER_STATUSES]] = CAN_BE_VALID  # type: ignore[valid-type]
    freeze_cut_points: bool = False
    """Score by the stored cut points of the newest earlier date; by the method if none are stored, or with other bins."""
    map: str = "rfm11"
    maps: dict[Name, OwnMap] = {}
    """The user's own maps, beside the shipped ones."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers a segment needs for migration probabilities to be shown."""
    gate_min_customers: Annotated[int, Field(ge=0)] = 500
    """Customers with a valid order below which RFM means little: a warning."""
    gate_min_history_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 180
    """Days from the first valid order to as_of below which RFM means little."""
    gate_max_idle_days: Days = 30
    """Days without a valid order from which RFM means little."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        for status in self.valid_statuses:
            if status not in CAN_BE_VALID:
                allowed = ", ".join(CAN_BE_VALID)
                yield (
                    "valid_statuses",
                    f"an order that is {status} is not a purchase; leave it out, only {allowed} can count",
                )
        if self.method == "edges":
            given: dict[str, int] = {name: len(edges) for name, edges in self.edges.items()}
            if lacking := [name for name in ("recency", "frequency", "monetary") if given.get(name) != self.bins - 1]:
                yield "edges", f"method edges needs {self.bins - 1} edges for each of {', '.join(lacking)}"
        for name in self.maps:
            try:
                self.maps[name].prove_partition(name)
            except ValueError as error:
                yield f"maps.{name}", str(error)
        if self.map not in self.known_maps:
            yield "map", not_one_of(self.map, sorted(self.known_maps))
        elif self.segment_map.bins != self.bins:
            yield (
                "map",
                f"'{self.map}' is made for {self.segment_map.bins} bins, not {self.bins}; give bins or a map of yours",
            )
        if len(self.frequency_counts) != self.bins - 1:
            n_counts = len(self.frequency_counts)
            yield "frequency_counts", f"{self.bins} bins need {self.bins - 1} counts, not {n_counts}"

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
    """Local months of touchpoints counted at an as_of date, including its own month."""
    cart_hours: Annotated[int, Field(ge=1, le=24 * MAX_DAYS)] = 24
    """Hours without an order after which a cart is abandoned."""
    recovery_days: Days = 30
    """Days within which an order recovers an abandoned cart."""
    satisfied_days: Days = 60
    """Days after an order in which a promoter's answer or a good review shows satisfaction with it."""
    satisfied_min_rating_pomp: Annotated[float, Field(ge=0, le=100)] = GOOD_RATING_POMP
    """A good review: at least this much of its scale."""
    channel_days: Days = 365
    """Days up to as_of whose orders, reviews and answers are compared between channels."""
    min_n: Annotated[int, Field(ge=1)] = 30

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if self.recovery_days * 24 <= self.cart_hours:
            words = f"recovery_days ({self.recovery_days}) must be longer than cart_hours ({self.cart_hours}); raise it"
            yield "", words


class EngagementSettings(Section):
    """What customers do with the shop beside buying, and what comes before an order."""

    days: Days = 90
    """Local days up to as_of whose interactions and orders count; repurchase by engagement counts over as many."""
    top_share: Annotated[float, Field(gt=0, le=1)] = 1 / 3
    """Share of the customers with an interaction who count as engaged, at most."""
    influence_days: Days = 30
    """Days before an order in which a touchpoint may have led to it."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers a share needs to be published."""

    @property
    def months(self) -> int:
        """Local months of touchpoints that hold all counted days, the current month included."""
        return max(2 * self.days, self.days + self.influence_days, 2 * self.influence_days) // 28 + 2


class CohortSettings(Section):
    """Cohorts by the month of the first order."""

    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers a cohort needs for its shares, means and medians to be published."""


class PreferenceSettings(Section):
    """What counts as a customer's preference."""

    window_days: Days | None = 730
    """Orders and views count when their local date is in (as_of - window_days, as_of]; null = all history."""
    half_life_days: Annotated[float, Field(gt=0)] = 180
    """Days before the customer's newest order at which an order weighs half as much as that one."""
    min_orders: Annotated[int, Field(ge=1)] = 2
    """Orders (lines for the price level) needed to name a preference."""
    min_gaps: Annotated[int, Field(ge=1)] = 2
    """Gaps between purchases of a category needed for a repeat cycle."""
    min_views: Annotated[int, Field(ge=1)] = 2
    """Views of a category needed to call it an interest."""
