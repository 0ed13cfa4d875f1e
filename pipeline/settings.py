"""The configuration: one YAML file plus the environment, validated before anything runs. Defaults of every number live here."""

import os
import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from pipeline.core.attitude.themes import Theme
from pipeline.core.behaviour.segment_maps import MAPS, CellMap, RuleMap, SegmentMap
from pipeline.errors import ConfigError
from pipeline.sources.preset import PRESETS, list_presets
from schemas.actions import ACTIONS
from schemas.registry import ENTITIES
from schemas.types import (
    CHURN_BANDS,
    CURRENCY_PATTERN,
    ITEM_ROLES,
    NPS_CLASSES,
    ORDER_STATUSES,
    SCI_CLASSES,
    SURVEY_TYPES,
)

SCI_ITEMS = "sci_items"
"""The measure that all items with a role of the Secure Customer Index make together."""
MAIL_PATTERN = r"(^|_)e?mail(_|$)"
"""What the name of an action by e-mail has in it."""
MAX_DAYS = 36_500
"""A century: what is longer is a slip, and leads out of the calendar."""
MAX_PREDICTORS = 12
"""The Shapley values look at every subset of the predictors: 4,096 of them."""
OF_SURVEYS = ("survey_responses", "survey_answers")
"""What a source of surveys delivers, both from one wide row per response."""
SOURCE_ENTITIES = (*(name for name in ENTITIES if name not in OF_SURVEYS), "surveys")
ABOUT_A_SURVEY = ("surveys", "survey_invitations")
"""What a source delivers of one survey, which it names."""

SHIPPED_THEMES = TypeAdapter(dict[str, Theme]).validate_python(
    yaml.safe_load((Path(__file__).parent / "core/attitude/themes.yaml").read_text(encoding="utf-8"))
)


def _refuse_twice(key: str, names: list[str]) -> None:
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{key}: name '{doubled[0]}' is used twice")


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"'{name}' is not an IANA time zone such as Europe/Amsterdam")
    return name


def _known_store(place: str) -> str:
    if "://" in place and not place.startswith(("s3://", "gs://", "az://")):
        raise ValueError(f"'{place}' is neither a folder nor an address on s3://, gs:// or az://")
    return place


def _ascending(edges: list[float]) -> list[float]:
    if edges != sorted(set(edges)):
        raise ValueError("must be strictly ascending")
    return edges


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Edges = Annotated[list[float], AfterValidator(_ascending)]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _form_of_map(tree: Any) -> str:
    has_rules = isinstance(tree, RuleMap) or (isinstance(tree, dict) and "rules" in tree)
    return "rules" if has_rules else "cells"


OwnMap = Annotated[
    Annotated[CellMap, Tag("cells")] | Annotated[RuleMap, Tag("rules")],
    Discriminator(_form_of_map),
]
"""A map of ordered rules when there is a key `rules`, else of cells."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def as_number(text: str) -> float | None:
    """The number that a text is, if it is one."""
    try:
        return float(text)
    except ValueError:
        return None


class ShopSettings(_Section):
    """Whose customers these are."""

    name: str
    time_zone: TimeZone
    currency: Annotated[str, Field(pattern=CURRENCY_PATTERN)]
    first_date: date = date(2010, 1, 1)
    """The first date that can be an as_of date."""


class ScheduleSettings(_Section):
    """When the nightly job starts."""

    at: time = time(2, 0)
    """Start of the nightly job, in the shop's time zone."""


class DatabaseInput(_Section):
    """A table or query of a database as an input."""

    database: Annotated[str, Field(pattern=r"^(postgresql|mysql|sqlite|duckdb)://")]
    """Address; sqlite:///file and duckdb:///file are relative to the configuration file, with four slashes absolute."""
    table: str | None = None
    query: str | None = None
    cursor: str | None = None
    """A column that only grows: each run reads the rows from its last value on, that value included."""

    @model_validator(mode="after")
    def _table_or_query(self) -> "DatabaseInput":
        if (self.table is None) == (self.query is None):
            raise ValueError("needs either table or query")
        return self


class SourceSettings(_Section):
    """One source: what it delivers, from where, and the SELECT that maps it."""

    name: Name
    entity: Literal[SOURCE_ENTITIES]  # type: ignore[valid-type]
    inputs: Annotated[dict[Name, str | DatabaseInput], Field(min_length=1)]
    """Input name as the mapping uses it -> file, folder or glob, also on s3://, gs:// or az://; or a database."""
    preset: str | None = None
    mapping: Path | None = None
    survey: str | None = None
    """The survey that responses or invitations are of."""
    time_zone: TimeZone | None = None
    """Zone of times without an offset; the shop's when left out."""
    full_snapshot: bool = False
    """Whether every delivery holds all rows there are: rows that are no longer in it are marked as deleted."""
    personal: list[str] = []
    """Input columns with personal data beside those that a preset or their name tells: pseudonyms in quarantine."""

    @model_validator(mode="after")
    def _one_mapping(self) -> "SourceSettings":
        if (self.preset is None) == (self.mapping is None):
            raise ValueError("needs either preset or mapping")
        if (self.survey is not None) != (self.entity in ABOUT_A_SURVEY):
            raise ValueError(f"needs survey with entity {' or '.join(ABOUT_A_SURVEY)}, and only there")
        if self.name == "all":
            raise ValueError("name 'all' stands for all sources together; take another")
        if self.preset is not None and not self.mapping_file.is_file():
            known = [name for name, entities in list_presets().items() if self.entity in entities]
            raise ValueError(f"preset '{self.preset}' has no {self.entity}; presets with it: {', '.join(known)}")
        if self.full_snapshot and any(
            isinstance(place, DatabaseInput) and place.cursor for place in self.inputs.values()
        ):
            raise ValueError("full_snapshot reads everything; leave out the cursor of its inputs")
        return self

    @property
    def mapping_file(self) -> Path:
        """The SQL file with the mapping SELECT."""
        return self.mapping or PRESETS / str(self.preset) / f"{self.entity}.sql"


class ItemSettings(_Section):
    """One item of a survey."""

    role: Literal[ITEM_ROLES] | None = None  # type: ignore[valid-type]
    scale: tuple[int, int]
    construct_name: Annotated[str | None, Field(alias="construct")] = None
    reversed: bool = False
    nps: bool = False
    """Whether this is the Net Promoter question; a 0-10 item is not one by itself."""

    @model_validator(mode="after")
    def _scale_fits(self) -> "ItemSettings":
        if self.scale[0] >= self.scale[1]:
            raise ValueError("scale must be [lowest, highest]")
        if self.nps and self.scale != (0, 10):
            raise ValueError("nps needs scale [0, 10]")
        return self


class SurveySettings(_Section):
    """One survey and what its items measure."""

    type: Literal[SURVEY_TYPES]  # type: ignore[valid-type]
    items: Annotated[dict[str, ItemSettings], Field(min_length=1)]
    missing_codes: list[Annotated[str, Field(coerce_numbers_to_str=True)]] = []
    """What stands for no answer beside an empty cell, as the source writes it, such as -99 or N/A."""

    @model_validator(mode="after")
    def _items_are_apart(self) -> "SurveySettings":
        for item_id in self.items:
            if item_id in ENTITIES["survey_responses"].polars_schema or item_id.startswith("_"):
                raise ValueError(
                    f"item '{item_id}' has the name of a column of responses; call it otherwise in the mapping"
                )
        return self

    @model_validator(mode="after")
    def _missing_codes_are_no_answers(self) -> "SurveySettings":
        for code in self.missing_codes:
            for item_id, item in self.items.items():
                if (number := as_number(code)) is not None and item.scale[0] <= number <= item.scale[1]:
                    raise ValueError(f"missing code '{code}' is an answer on the scale of item {item_id}")
        return self

    @property
    def constructs(self) -> dict[str, list[str]]:
        """Construct -> its items, in the order of the configuration."""
        found: dict[str, list[str]] = {}
        for item_id, item in self.items.items():
            if item.construct_name is not None:
                found.setdefault(item.construct_name, []).append(item_id)
        return found

    def items_of(self, measure: str) -> list[str]:
        """The items of a construct, of a role, or of all roles together under SCI_ITEMS; none for any other name."""
        if measure in self.constructs:
            return self.constructs[measure]
        roles = ITEM_ROLES if measure == SCI_ITEMS else (measure,)
        return [item_id for item_id, item in self.items.items() if item.role in roles]


class RfmSettings(_Section):
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


class SciSettings(_Section):
    """The boxes of the Secure Customer Index."""

    boxes: dict[str, list[int]] = {
        "1-4": [3, 3, 4],
        "1-5": [3, 4, 5],
        "1-7": [4, 6, 7],
        "0-10": [5, 7, 9],
        "1-10": [5, 7, 9],
    }
    """Scale -> lowest answer of vulnerable, favorable and secure; a box can be empty, as vulnerable on 1-4."""
    min_n: Annotated[int, Field(ge=1)] = 30

    @model_validator(mode="after")
    def _boxes_are_ordered(self) -> "SciSettings":
        for scale, starts in self.boxes.items():
            if len(starts) != 3 or starts != sorted(starts):
                raise ValueError(f"boxes of scale {scale} must be three ascending answers")
        return self


class NpsSettings(_Section):
    """Which Net Promoter responses count, and how many a published score needs."""

    window_days: Days = 90
    """Of a customer's responses of one survey type, the latest counts in any so many days; also the trailing window."""
    min_n: Annotated[int, Field(ge=1)] = 30


class ThemesSettings(_Section):
    """The lexicon that finds what customers write about."""

    window_days: Days = 365
    """Comments count when their local date is in (as_of - window_days, as_of]."""
    min_n: Annotated[int, Field(ge=1)] = 30
    use_shipped: bool = True
    """Whether the shipped themes are searched for, beside the user's own."""
    lexicon: dict[Name, Theme] = {}
    """The user's own themes; one with the name of a shipped theme takes its place."""

    @model_validator(mode="after")
    def _can_be_searched_for(self) -> "ThemesSettings":
        if not self.known_themes:
            raise ValueError("without the shipped themes, lexicon needs at least one theme")
        for name, theme in self.lexicon.items():
            theme.prove(name)
        return self

    @property
    def known_themes(self) -> dict[str, Theme]:
        """Shipped and own themes by name."""
        return (SHIPPED_THEMES if self.use_shipped else {}) | self.lexicon


class ChurnSettings(_Section):
    """Churn risk: what is predicted, how models prove themselves, and the bands."""

    horizon_days: Annotated[int, Field(ge=7, le=3_650)] = 90
    """A customer churns who has no valid order in so many days after the as_of date; also the length of a backtest window."""
    backtest_cuts: Annotated[int, Field(ge=1, le=24)] = 3
    """Cut dates of the rolling backtest, a horizon apart; fewer where the history is shorter."""
    training_windows: Annotated[int, Field(ge=1, le=24)] = 2
    """How many windows before a cut models learn from."""
    min_customers: Annotated[int, Field(ge=1)] = 500
    """Below so many customers with an order the rule of days gives the bands and there is no probability."""
    min_window_customers: Annotated[int, Field(ge=1)] = 100
    """A window of the backtest counts from so many customers at its start on."""
    max_training_customers: Annotated[int, Field(ge=1)] = 50_000
    """Models learn from, and are judged on, a random sample of so many customers where there are more."""
    train_every_days: Days = 7
    """Days between trainings, counted from a Monday: the model of a date does not depend on the order of runs."""
    max_drift: Annotated[float, Field(gt=0)] = 0.2
    """Population stability index of the probabilities against a week before, above which a warning is given and a model trained."""
    max_calibration_error: Annotated[float, Field(gt=0)] = 0.05
    min_calibration_n: Annotated[int, Field(ge=1)] = 1000
    """The calibration error is checked from so many customers in the backtest on: below, chance alone exceeds the limit."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Observed shares of fewer customers are suppressed."""
    seed: Annotated[int, Field(ge=0)] = 1
    repeat_p_buy: Edges = [0.2, 0.35, 0.5, 0.6]
    """Probability to buy in the horizon at which the band of a repeat customer changes: lost, highly_at_risk, at_risk, cooling_down, active."""
    one_time_days: Edges = [60, 120, 180, 240]
    """Days since the only order at which the band changes, [low, high): active, cooling_down, at_risk, highly_at_risk, lost."""
    rhythm_ratios: Edges = [1.0, 1.5, 2.0, 3.0]
    """Days since the last order over the customer's typical gap, at which the band of a repeat customer changes while no model does."""
    rhythm_prior_gaps: Annotated[float, Field(ge=0)] = 3
    """How many gaps of the shop's median the customer's own gaps are shrunk with."""

    @model_validator(mode="after")
    def _five_bands(self) -> "ChurnSettings":
        for name in ("repeat_p_buy", "one_time_days", "rhythm_ratios"):
            if len(getattr(self, name)) != 4:
                raise ValueError(f"{name} needs 4 edges for 5 bands")
        return self


class ConstructSettings(_Section):
    """Scores and reliability of the constructs that a survey measures."""

    min_answered: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Share of a construct's items that a response must answer to have a score."""
    low_alpha: Annotated[float, Field(ge=0, le=1)] = 0.7
    """Cronbach's alpha below this is flagged as low."""
    min_n: Annotated[int, Field(ge=2)] = 30
    """Complete cases below which alpha is suppressed."""


class OutcomeSettings(_Section):
    """What the drivers of one survey drive."""

    outcome: str = SCI_ITEMS
    """A construct of the survey, else a role of its items, or sci_items: the mean of the items of all three roles."""
    predictors: list[str] = []
    """The constructs that may drive it; when left out all that share no item with the outcome."""


class DriverSettings(_Section):
    """How the drivers of an outcome are found."""

    surveys: dict[Name, OutcomeSettings] = {}
    """Survey -> its outcome; a survey that is not named has the default outcome where it asks those items."""
    min_n: Annotated[int, Field(ge=3)] = 100
    """Responses with outcome and all predictors below which everything is suppressed."""
    resamples: Annotated[int, Field(ge=50)] = 200
    """Bootstrap resamples behind the intervals."""
    seed: Annotated[int, Field(ge=0)] = 8
    """Seed of the bootstrap: the same responses always give the same intervals."""


class SayDoRule(_Section):
    """Which customers are in a cell of what they say against what they do; an empty list is any."""

    cell: Name
    says: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = []  # type: ignore[valid-type]
    """Classes of the SCI, and of the NPS for who has none of the SCI."""
    does: list[str] = []
    """Groups of segments."""
    bands: list[Literal[CHURN_BANDS]] = []  # type: ignore[valid-type]
    action: Name
    action_without_email: Name | None = None
    """For an action by e-mail, which has mail or email in its name: what is done instead without consent to it."""

    @model_validator(mode="after")
    def _mail_has_another_way(self) -> "SayDoRule":
        if re.search(MAIL_PATTERN, self.action_without_email or self.action):
            raise ValueError(
                f"rule {self.cell}: '{self.action_without_email or self.action}' is an action by e-mail; "
                "give another as action_without_email"
            )
        return self


class SayDoSettings(_Section):
    """What customers say against what they do, and what to do next."""

    segment_groups: dict[Name, list[str]] = {
        "buying": [
            "champions",
            "loyal",
            "loyal_customers",
            "potential_loyalist",
            "recent",
            "promising",
            "new",
            "new_customers",
        ],
        "slipping": ["needs_attention", "need_attention", "about_to_sleep", "at_risk", "cant_lose", "cant_lose_them"],
        "gone": ["hibernating", "lost", "lapsed"],
        "prospect": ["prospect"],
    }
    """Group -> RFM segments; a segment in none is in group other."""
    rules: list[SayDoRule] = [
        SayDoRule(
            cell="secure_but_lapsing",
            says=["secure", "favorable", "promoter", "passive"],
            does=["slipping", "gone"],
            action="invite_back_by_email",
            action_without_email="invite_back_by_post",
        ),
        SayDoRule(
            cell="secure_but_overdue",
            says=["secure", "favorable", "promoter", "passive"],
            does=["buying"],
            bands=["at_risk", "highly_at_risk", "lost"],
            action="remind_by_email",
            action_without_email="remind_in_shop",
        ),
        SayDoRule(
            cell="secure_and_buying",
            says=["secure", "favorable", "promoter", "passive"],
            does=["buying"],
            action="ask_for_referral_by_email",
            action_without_email="ask_for_referral_in_parcel",
        ),
        SayDoRule(
            cell="at_risk_but_still_buying",
            says=["vulnerable", "at_risk", "detractor"],
            does=["buying"],
            action="call_to_put_right",
        ),
        SayDoRule(
            cell="at_risk_and_lapsing",
            says=["vulnerable", "at_risk", "detractor"],
            does=["slipping", "gone"],
            action="call_to_learn_why",
        ),
        SayDoRule(cell="no_order_yet", does=["prospect"], action="none"),
        SayDoRule(cell="answer_unclear", says=["unclassified"], action="none"),
    ]
    """The first that fits names the cell."""
    default_cell: Name = "unnamed"
    default_action: Name = "none"

    @model_validator(mode="after")
    def _default_needs_no_mail(self) -> "SayDoSettings":
        if re.search(MAIL_PATTERN, self.default_action):
            raise ValueError(
                f"default_action '{self.default_action}' is an action by e-mail; make it a rule of its own"
            )
        return self

    @model_validator(mode="after")
    def _groups_are_known(self) -> "SayDoSettings":
        grouped = [segment for segments in self.segment_groups.values() for segment in segments]
        if doubled := sorted({segment for segment in grouped if grouped.count(segment) > 1}):
            raise ValueError(f"segment '{doubled[0]}' is in two segment_groups")
        known = [*self.segment_groups, "other"]
        for rule in self.rules:
            if unknown := [group for group in rule.does if group not in known]:
                raise ValueError(f"rule {rule.cell}: group '{unknown[0]}' is not one of {', '.join(known)}")
        return self


class TierSettings(_Section):
    """One loyalty tier."""

    name: str
    from_amount: Annotated[float, Field(ge=0, le=1e12)]
    """Value of the metric in the window from which the tier holds: whole currency units, points or orders."""


class RewardSettings(_Section):
    """Something that points can be exchanged for."""

    name: str
    points: Annotated[int, Field(ge=1)]


class PointsSettings(_Section):
    """The points programme: the rule by which orders earn points where no source delivers loyalty_events, and rewards."""

    per_currency_unit: Annotated[float, Field(ge=0)] = 0
    """Points earned by rule per whole currency unit paid; 0: orders earn none. Part of a point is not earned."""
    excluded_channels: list[str] = []
    """Channels whose orders earn nothing by rule."""
    expiry_days: Days | None = None
    """Days after which points expire that come without a date of their own; none: never."""
    rewards: list[RewardSettings] = []
    """In the order of their points."""

    @model_validator(mode="after")
    def _rewards_ascend(self) -> "PointsSettings":
        points = [reward.points for reward in self.rewards]
        if points != sorted(set(points)):
            raise ValueError("rewards must ascend strictly by points")
        _refuse_twice("rewards", [reward.name for reward in self.rewards])
        return self


class LoyaltySettings(_Section):
    """Tiers, points, VIPs and ambassadors."""

    metric: Literal["net_spend", "points", "orders"] = "net_spend"
    """What tiers are made by: net spend, points earned, or valid orders, in the window."""
    window_days: Days | None = 365
    grace_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 30
    """Days for which a tier is kept after the last day on which its threshold was met."""
    pace_days: Days = 90
    """Days whose gains tell a customer's pace towards the next tier."""
    pace_min_days: Days = 2
    """Days with a gain in them from which on there is a pace."""
    points: PointsSettings = PointsSettings()
    tiers: Annotated[list[TierSettings], Field(min_length=1)] = [
        TierSettings(name="member", from_amount=0),
        TierSettings(name="bronze", from_amount=100),
        TierSettings(name="silver", from_amount=250),
        TierSettings(name="gold", from_amount=500),
    ]
    vip_share: Annotated[float, Field(gt=0, lt=1)] = 0.05
    ambassador_min_rating_pomp: Annotated[float, Field(ge=0, le=100)] = 75
    """A good review: at least this much of its scale; 75 = 4 of 5 stars."""

    @model_validator(mode="after")
    def _tiers_ascend(self) -> "LoyaltySettings":
        amounts = [tier.from_amount for tier in self.tiers]
        if amounts[0] != 0 or amounts != sorted(set(amounts)):
            raise ValueError("tiers must begin at 0 and ascend strictly")
        _refuse_twice("tiers", [tier.name for tier in self.tiers])
        return self


class JourneySettings(_Section):
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


class ExperienceSettings(_Section):
    """What customers went through: promises kept or broken, reviews cared for, reviews to doubt."""

    min_n: Annotated[int, Field(ge=2)] = 30
    """Answers, reviews or orders below which a mean or a share is not published."""
    repurchase_days: Days = 90
    """Days after the date of an order in which a purchase counts as repurchase."""
    duplicate_min_words: Annotated[int, Field(ge=1)] = 8
    """Words from which two reviews with the same text are called duplicates: short praise is alike by itself."""
    bombing_window_days: Days = 90
    """Days before a day that tell its usual number of lowest ratings."""
    bombing_min_reviews: Annotated[int, Field(ge=1)] = 5
    """Lowest ratings on one day below which nothing is called bombing."""
    bombing_min_ratio: Annotated[float, Field(ge=1)] = 3
    """How many times the expected number there must be: real days vary more than chance alone."""
    bombing_max_probability: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    """Chance of so many lowest ratings at the usual rate up to which a day is called bombing."""


class ActionSettings(_Section):
    """What every action of the playbook has; each has its own conditions beside it."""

    enabled: bool = True
    priority: Annotated[int, Field(ge=1)]
    """Of all actions that are due and allowed, the one with the lowest number is taken; of equal ones that of most value."""
    channel: Name = "email"
    needs_consent: bool = True
    """Whether it is marketing; a service message, such as an apology, needs no consent and heeds no contact_days."""
    expires_days: Days = 7
    """Days after as_of for which it still makes sense."""
    repeat_days: Days = 30
    """Days from the export of the action in which it is not due again for the same customer."""


class MendSettings(ActionSettings):
    """An apology for a promise that was broken."""

    priority: Annotated[int, Field(ge=1)] = 1
    needs_consent: bool = False
    within_days: Days = 30
    """Days from the broken promise in which an apology is due."""


class VipCareSettings(ActionSettings):
    """Personal care of a VIP who is unhappy or slipping."""

    priority: Annotated[int, Field(ge=1)] = 2
    channel: Name = "phone"
    needs_consent: bool = False
    says: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = ["vulnerable", "at_risk", "detractor"]  # type: ignore[valid-type]
    """Classes of an unhappy customer."""
    bands: list[Literal[CHURN_BANDS]] = ["cooling_down", "at_risk"]  # type: ignore[valid-type]
    """Churn bands of a slipping customer."""


class CartSettings(ActionSettings):
    """A reminder of an abandoned cart."""

    priority: Annotated[int, Field(ge=1)] = 3
    expires_days: Days = 3
    within_days: Days = 7
    """Days from the day of the cart in which a reminder is due."""


class WinBackSettings(ActionSettings):
    """An offer to a customer who is about to leave."""

    priority: Annotated[int, Field(ge=1)] = 4
    expires_days: Days = 14
    repeat_days: Days = 60
    bands: list[Literal[CHURN_BANDS]] = ["at_risk", "highly_at_risk"]  # type: ignore[valid-type]
    """Churn bands in which it is due."""


class WelcomeSettings(ActionSettings):
    """The welcome of a customer with a first order."""

    priority: Annotated[int, Field(ge=1)] = 5
    repeat_days: Days = 365
    within_days: Days = 14
    """Days from the day of the first order in which a welcome is due."""


class TierNudgeSettings(ActionSettings):
    """A word to a customer who is close to the next tier."""

    priority: Annotated[int, Field(ge=1)] = 6
    min_pct: Annotated[float, Field(gt=0, lt=100)] = 80.0
    """Percent of the way to the next tier from which it is due."""


class AskReviewSettings(ActionSettings):
    """Thanks for an order, and the question for a review of it."""

    priority: Annotated[int, Field(ge=1)] = 7
    repeat_days: Days = 90
    from_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 3
    """Days from delivery before which the customer can hardly judge."""
    within_days: Days = 30
    """Days from delivery in which it is due."""
    not_for: list[Literal[*SCI_CLASSES, *NPS_CLASSES]] = ["vulnerable", "at_risk", "detractor"]  # type: ignore[valid-type]
    """Classes of an unhappy customer, who is not asked."""

    @model_validator(mode="after")
    def _days_follow(self) -> "AskReviewSettings":
        if self.from_days >= self.within_days:
            raise ValueError(
                f"from_days ({self.from_days}) must be less than within_days ({self.within_days}); raise within_days"
            )
        return self


class AskSurveySettings(ActionSettings):
    """The question to answer a survey."""

    priority: Annotated[int, Field(ge=1)] = 8
    expires_days: Days = 14
    repeat_days: Days = 90
    within_days: Days = 180
    """Days from the last order in which a customer is asked."""
    pause_days: Days = 90
    """Days from an invitation or an answer in which a customer is not asked again."""


class ActionsSettings(_Section):
    """The playbook of next actions, and how often a customer may be written to."""

    contact_days: Days = 7
    """Days from any exported action in which a customer gets no marketing."""
    consent_without_flag: bool = False
    """Whether customers may get marketing in a shop of which no source tells who agreed to it."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Abandoned carts below which the share that was recovered is not used."""
    mend_a_broken_promise: MendSettings = MendSettings()
    vip_care: VipCareSettings = VipCareSettings()
    abandoned_cart: CartSettings = CartSettings()
    win_back: WinBackSettings = WinBackSettings()
    welcome_series: WelcomeSettings = WelcomeSettings()
    tier_nudge: TierNudgeSettings = TierNudgeSettings()
    thank_and_ask_for_a_review: AskReviewSettings = AskReviewSettings()
    ask_for_a_survey: AskSurveySettings = AskSurveySettings()

    @property
    def playbook(self) -> dict[str, ActionSettings]:
        """Action -> its settings, in the order of the closed list."""
        return {action: getattr(self, action) for action in ACTIONS}


class CohortSettings(_Section):
    """Cohorts by the month of the first order."""

    min_n: Annotated[int, Field(ge=1)] = 30
    """Customers of a cohort below which no share, mean or median of it is published."""


class PreferenceSettings(_Section):
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


class PillarSettings(_Section):
    """The pillars of convenience."""

    min_n: Annotated[int, Field(ge=1)] = 30
    """Orders, or answers, below which no share or median of the shop is published."""


class QualitySettings(_Section):
    """How much rejection a batch may have."""

    max_reject_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Share of rejected and broken rows in a batch above which nothing of it is merged."""
    max_vanish_rate: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of a source's rows that a full snapshot may lack before it is taken for a cut-off file and refused."""


class RetentionSettings(_Section):
    """How long things are kept."""

    editions: Annotated[int, Field(ge=1)] = 7
    daily_days: Days = 90
    """As_of dates for which segments per customer are kept day by day; of older months the last date is kept."""
    unread_file_hours: Annotated[int, Field(ge=1, le=24 * MAX_DAYS)] = 24
    """Hours after which a file of the lake that a newer version has replaced is deleted; no reader may take longer."""
    maintain_at: time = time(4, 0)
    """Start of the weekly maintenance, on Sundays, in the shop's time zone."""


class DemoSettings(_Section):
    """The simulated shop."""

    seed: int = 8
    start_date: date = date(2024, 11, 1)
    """The shop's first day. Its life only depends on this and the seed, so a later end date adds to the same history."""
    end_date: date | None = None
    """The last day in the exports; null = yesterday in the shop's time zone."""
    customers: Annotated[int, Field(ge=1)] = 5000
    """Customers won in the first two years; the shop goes on winning them at that pace."""
    dirt_rate: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    """Share of rows with a fault of a real export."""
    attitude_effect: Annotated[float, Field(ge=0)] = 1.0
    """How strongly attitude moves drop-out; 0 makes the shop a pure BG/NBD process."""


class Settings(_Section):
    """The whole configuration. Relative paths are relative to the configuration file; amounts are in whole currency units."""

    shop: ShopSettings
    sources: Annotated[list[SourceSettings], Field(min_length=1)]
    surveys: dict[Name, SurveySettings] = {}
    demo: DemoSettings | None = None
    schedule: ScheduleSettings = ScheduleSettings()
    rfm: RfmSettings = RfmSettings()
    sci: SciSettings = SciSettings()
    nps: NpsSettings = NpsSettings()
    themes: ThemesSettings = ThemesSettings()
    churn: ChurnSettings = ChurnSettings()
    constructs: ConstructSettings = ConstructSettings()
    drivers: DriverSettings = DriverSettings()
    say_do: SayDoSettings = SayDoSettings()
    loyalty: LoyaltySettings = LoyaltySettings()
    journey: JourneySettings = JourneySettings()
    experience: ExperienceSettings = ExperienceSettings()
    actions: ActionsSettings = ActionsSettings()
    cohorts: CohortSettings = CohortSettings()
    preferences: PreferenceSettings = PreferenceSettings()
    pillars: PillarSettings = PillarSettings()
    quality: QualitySettings = QualitySettings()
    retention: RetentionSettings = RetentionSettings()
    lake: Annotated[str, AfterValidator(_known_store)] | None = None
    """Where the lake is: a folder or an address on s3://, gs:// or az://; the folder `lake` of the home when left out."""
    home: Path
    """Everything the pipeline writes; from LOYALTY_HOME."""
    pii_key: SecretStr | None = None
    """The key of all pseudonyms; from LOYALTY_PII_KEY."""

    @property
    def lake_root(self) -> str:
        """The folder or address of the lake."""
        return self.lake or str(self.home / "lake")

    @property
    def pseudonym_key(self) -> bytes | None:
        """The key of all pseudonyms; the demo shop's people are invented and need no secret."""
        if self.pii_key is not None:
            return self.pii_key.get_secret_value().encode()
        return b"demo" if self.demo else None

    @model_validator(mode="after")
    def _sources_agree(self) -> "Settings":
        _refuse_twice("sources", [source.name for source in self.sources])
        if all(source.entity != "orders" for source in self.sources):
            raise ValueError("sources: at least one source of entity orders is needed")
        for source in self.sources:
            if source.survey is not None and source.survey not in self.surveys:
                raise ValueError(f"sources: survey '{source.survey}' of source '{source.name}' is not in surveys")
        for survey_id, survey in self.surveys.items():
            for item_id, item in survey.items.items():
                scale = f"{item.scale[0]}-{item.scale[1]}"
                if item.role in ("satisfaction", "repurchase", "recommend") and scale not in self.sci.boxes:
                    raise ValueError(f"surveys.{survey_id}.items.{item_id}: scale {scale} has no boxes in sci.boxes")
        return self

    @model_validator(mode="after")
    def _drivers_are_measured(self) -> "Settings":
        for survey_id, chosen in self.drivers.surveys.items():
            key = f"drivers.surveys.{survey_id}"
            if survey_id not in self.surveys:
                raise ValueError(f"{key}: survey '{survey_id}' is not in surveys")
            survey = self.surveys[survey_id]
            outcome = set(survey.items_of(chosen.outcome))
            if not outcome:
                raise ValueError(f"{key}.outcome: no item of the survey has construct or role '{chosen.outcome}'")
            for name in chosen.predictors:
                if name not in survey.constructs:
                    raise ValueError(f"{key}.predictors: '{name}' is not one of {', '.join(survey.constructs)}")
                if shared := outcome.intersection(survey.constructs[name]):
                    raise ValueError(f"{key}.predictors: '{name}' shares item {min(shared)} with the outcome")
        for survey_id, plan in self.driver_plans.items():
            if len(plan.predictors) > MAX_PREDICTORS:
                raise ValueError(
                    f"drivers.surveys.{survey_id}.predictors: {len(plan.predictors)} constructs are more than "
                    f"{MAX_PREDICTORS}; name those that count"
                )
        return self

    @property
    def driver_plans(self) -> dict[str, OutcomeSettings]:
        """Survey -> its outcome with the predictors named; a survey without either has none."""
        plans = {}
        for survey_id, survey in self.surveys.items():
            chosen = self.drivers.surveys.get(survey_id, OutcomeSettings())
            outcome = set(survey.items_of(chosen.outcome))
            apart = [name for name, items in survey.constructs.items() if not outcome.intersection(items)]
            predictors = list(dict.fromkeys(chosen.predictors)) or apart
            if outcome and predictors:
                plans[survey_id] = OutcomeSettings(outcome=chosen.outcome, predictors=predictors)
        return plans

    @property
    def measures(self) -> dict[str, dict[str, list[str]]]:
        """Survey -> construct -> its items; the outcome of its drivers is a construct too."""
        found = {survey_id: dict(survey.constructs) for survey_id, survey in self.surveys.items()}
        for survey_id, plan in self.driver_plans.items():
            found[survey_id].setdefault(plan.outcome, self.surveys[survey_id].items_of(plan.outcome))
        return found


class _Loader(yaml.SafeLoader):
    """YAML in which no mapping has a key twice: the last would count and the first be lost."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """As the base class does.

        Raises:
            yaml.YAMLError: a key is there twice.
        """
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.YAMLError(f"key '{key.value}' is there twice, again in line {key.start_mark.line + 1}")
            seen.add(str(key.value))
        return node


def load_settings(config: Path | str | None = None, *, home: Path | str | None = None) -> Settings:
    """Read and validate the configuration.

    `config` defaults to LOYALTY_CONFIG or `loyalty.yaml`, `home` to LOYALTY_HOME or `.loyalty`.

    Raises:
        ConfigError: the file is missing or not YAML, a `${NAME}` is not set, or a key is unknown or wrong; names the key.
    """
    path = Path(config or os.environ.get("LOYALTY_CONFIG") or "loyalty.yaml").resolve()
    home_path = Path(home or os.environ.get("LOYALTY_HOME") or ".loyalty").resolve()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"configuration {path} cannot be read ({type(error).__name__}); give --config or set LOYALTY_CONFIG"
        ) from None
    try:
        tree = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"configuration {path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {path} is empty or not a mapping of keys")
    for key, variable in (("home", "LOYALTY_HOME"), ("pii_key", "LOYALTY_PII_KEY")):
        if key in tree:
            raise ConfigError(f"configuration {path}: {key}: unknown key; set {variable}")
    tree = _substitute(tree, {**os.environ, "LOYALTY_HOME": str(home_path)}, where="")
    _resolve_paths(tree, path.parent)
    try:
        return Settings.model_validate(
            {**tree, "home": home_path, "pii_key": os.environ.get("LOYALTY_PII_KEY") or None}
        )
    except ValidationError as error:
        raise ConfigError(f"configuration {path}: {_first_fault(error)}") from None


def _substitute(value: Any, environment: dict[str, str], where: str) -> Any:
    """Put environment variables in place of `${NAME}` in every text of the tree."""
    if isinstance(value, dict):
        return {key: _substitute(item, environment, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, environment, f"{where}.{index}") for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ConfigError(f"configuration key {where}: environment variable {match[1]} is not set")
        return environment[match[1]]

    return re.sub(r"\$\{(\w+)\}", replacement, value)


def _resolve_paths(tree: dict[str, Any], folder: Path) -> None:
    if isinstance(tree.get("lake"), str):
        tree["lake"] = _resolve(tree["lake"], folder)
    sources = tree.get("sources")
    for source in sources if isinstance(sources, list) else []:
        if not isinstance(source, dict):
            continue
        if isinstance(source.get("mapping"), str):
            source["mapping"] = folder / source["mapping"]
        if isinstance(source.get("inputs"), dict):
            for name, place in source["inputs"].items():
                if isinstance(place, dict) and isinstance(place.get("database"), str):
                    place["database"] = _resolve_database(place["database"], folder)
                elif isinstance(place, str):
                    source["inputs"][name] = _resolve(place, folder)


def _resolve(place: str, folder: Path) -> str:
    return place if "://" in place else str(folder / place)


def _resolve_database(address: str, folder: Path) -> str:
    scheme, _, path = address.partition(":///")
    return f"{scheme}:///{folder / path}" if scheme in ("sqlite", "duckdb") else address


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    fault = faults[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        message = "unknown key"
    elif fault["type"] == "missing":
        message = "is missing"
    else:
        message = fault["msg"].removeprefix("Value error, ")
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"
