"""What an edition publishes: the contracts of the marts with SQL written by hand, and of those that show a lake table.

A column with the same meaning as in the lake comes from the lake's contract; only the others are described here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl

from schemas.actions import NextAction
from schemas.churn import ChurnRisk
from schemas.columns import closed_list, is_local_time, is_moment, is_money
from schemas.customers import Customers
from schemas.experience import ReviewFlags
from schemas.history import SegmentChanges
from schemas.loyalty import Loyalty
from schemas.nps import Nps, NpsIndex, NpsResponses
from schemas.order_lines import OrderLines
from schemas.orders import Orders
from schemas.pillars import CustomerPillars
from schemas.preferences import CustomerPreferences
from schemas.products import Products
from schemas.quarantine import InputsRead
from schemas.reviews import Reviews
from schemas.say_do import SayDo
from schemas.segments import AS_OF, Rfm, Sci
from schemas.surveys import SurveyAnswers, SurveyResponses
from schemas.touchpoints import Touchpoints
from schemas.types import PROMISE_STATUSES, Contract, Table

FORMER_NAME = "former_name"
"""In the metadata of a column: its `FormerName`."""


class FormerName(NamedTuple):
    """What a published column was called in the release before, and the release that no longer has that name."""

    name: str
    goes_with: str


@dataclass(frozen=True)
class Mart:
    """One published table. It `shows` a lake table as it is, or its SQL is written by hand.

    `known_as` names the file it shows: what was known at the edition's date, already judged by polars. A table that
    `has_earlier_nights` has rows that earlier nights wrote, perhaps with an older version: newer columns are null there.
    `slice_by` divides the rows of a large one for `publish.facts: lake`, by an expression of SQL over its columns that makes a name of
    letters, digits and hyphens: so that what a night changes is in few slices.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: dict[str, pa.Column]
    schema: str = "marts"
    shows: Table | None = None
    known_as: str | None = None
    has_earlier_nights: bool = False
    slice_by: str | None = None

    @property
    def never_null(self) -> set[str]:
        """The columns that hold a value in every row, whichever version wrote it."""
        sure = self.key if self.has_earlier_nights else self.columns
        return {name for name in sure if not self.columns[name].nullable}

    @property
    def has_primary_key(self) -> bool:
        """Whether its key is a constraint of the published file too; every table is tested for unique keys.

        An index costs 65 to 110 bytes a row, more than the row itself takes. So tables that grow with the shop or with
        the nights have none, except the two that others join to.
        """
        return self.name in JOINED_TO or not GROWING_KEYS.intersection(self.key)

    @property
    def former_names(self) -> dict[str, FormerName]:
        """Its renamed columns that can still be read by the name of the release before, as a column of that name."""
        return {
            name: found for name, column in self.columns.items() if (found := (column.metadata or {}).get(FORMER_NAME))
        }

    @property
    def moments(self) -> list[str]:
        """Its moments, each followed by its local time."""
        return [name for name, column in self.columns.items() if is_moment(column)]

    @property
    def judged(self) -> dict[str, pa.Column]:
        """The columns of the file `known_as`: all but local times, which SQL adds."""
        return {name: column for name, column in self.columns.items() if not is_local_time(column)}

    @property
    def origins(self) -> dict[str, tuple[str, str]]:
        """The columns that hold what a column of the lake, or of the file `known_as`, holds: that table and its column.

        A column that SQL computes has none. A local time or date comes from its moment.
        """
        found = {}
        moment_of_date = {date_name(moment): moment for moment in self.moments}
        for name, column in self.columns.items():
            name_there = name.removesuffix(LOCAL) if is_local_time(column) else moment_of_date.get(name, name)
            if self.known_as:
                found[name] = (self.known_as, name_there)
            elif self.shows:
                found[name] = (self.shows.name, "value" if column is MONTH_OF_VALUE else name_there)
            elif origin := (self.columns[name_there].metadata or {}).get(ORIGIN):
                found[name] = origin
        if self.shows:
            return {name: origin for name, origin in found.items() if origin[1] in self.shows.columns}
        return found


ORIGIN = "origin"
"""In the metadata of a column that is another's: the table and the column of the lake."""
LOCAL = "_local"
MONTH_OF_DATE = "strftime(local_date, '%Y-%m')"
"""Slices by the month of the row."""
ROWS_OF_SLICE = 1_000_000
"""Of a file that rows come from."""
JOINED_TO = frozenset({"dim_customers", "customer_360"})
GROWING_KEYS = frozenset(
    {"customer_id", "identifier", "order_id", "review_id", "response_id", "touchpoint_id", "cart_id", "subject_id"}
    | {"rejected_id", "row_id"}
    | {"as_of_date", "run_id"}
)
"""Columns of keys with as many values as there are customers, orders, things that people wrote or did, or nights."""


def new(
    name: str,
    kind: Any,
    description: str,
    *,
    nullable: bool = False,
    isin: Iterable[str] | None = None,
    ge: float | None = None,
    le: float | None = None,
) -> pa.Column:
    """A column that no contract of the lake has."""
    checks = [
        *([pa.Check.isin(list(isin))] if isin is not None else []),
        *([pa.Check.ge(ge)] if ge is not None else []),
        *([pa.Check.le(le)] if le is not None else []),
    ]
    return pa.Column(kind, checks, nullable=nullable, name=name, description=description)


def of(
    contract: type[Contract], *names: str, nullable: bool | None = None, references: str | None = None
) -> tuple[pa.Column, ...]:
    """Columns of a contract, unchanged; `nullable` if a row may be missing there; `references` a mart with that key."""
    metadata = {"references": references} if references else {}
    return tuple(_copy(contract, name, nullable=nullable, metadata=metadata) for name in names)


def renamed(contract: type[Contract], name: str, to: str, *, nullable: bool | None = None) -> pa.Column:
    """A column of a contract under another name."""
    return _copy(contract, name, name=to, nullable=nullable)


def anew(
    contract: type[Contract], name: str, description: str, *, to: str | None = None, nullable: bool | None = None
) -> pa.Column:
    """A column with the type and closed list of the contract's, but another meaning."""
    return _copy(contract, name, name=to, description=description, nullable=nullable, metadata={ORIGIN: None})


def by_hand(
    name: str,
    description: str,
    *columns: pa.Column | tuple[pa.Column, ...],
    key: Iterable[str],
    schema: str = "marts",
    known_as: str | None = None,
    has_earlier_nights: bool = False,
    slice_by: str | None = None,
) -> Mart:
    """A mart of these columns. Its SQL is in the dbt project, unless it shows the file `known_as`."""
    flat = [one for column in columns for one in (column if isinstance(column, tuple) else (column,))]
    return Mart(
        *(name, description, tuple(key), _with_local_times(flat), schema, None, known_as, has_earlier_nights),
        slice_by=slice_by,
    )


def shown(table: Table) -> list[Mart]:
    """The marts that show a lake table as it is: one, or the whole and its parts.

    Amounts are in the currency of the shop, in a column before the first amount. Every moment is followed by its local time,
    in a segment table by its date in the shop's time zone too. Where a value of a dimension can be a month, that month is a
    date as well.
    """
    assert table.published_as is not None
    schema, name = table.published_as.split(".")
    columns: dict[str, pa.Column] = {}
    for column in table.columns.values():
        if is_money(column) and "currency" not in table.columns:
            columns.setdefault("currency", CURRENCY)
        columns[str(column.name)] = column
        if table.is_dated and is_moment(column):
            beside = date_of(table.model, str(column.name))
            columns.setdefault(str(beside.name), beside)
        if column.name == "value" and month_dimensions(table):
            columns["month"] = MONTH_OF_VALUE
    columns = _with_local_times(columns.values())
    key, grain = table.key, table.grain
    if table.shows_history:
        grain += " Every date up to the edition's."
    elif table.is_dated:
        grain, key = f"{grain} The edition's date only.", _without(key, "as_of_date")
    earlier = table.shows_history or not table.is_dated
    if (part := table.split_by) is None:
        return [Mart(name, grain, key, columns, schema, table, has_earlier_nights=earlier)]
    whole = {column: of_whole for column, of_whole in columns.items() if column != part}
    # In the table of the parts it is never null, and in that of the whole it is not there.
    described = f"{str(columns[part].description).partition('; null')[0].removesuffix('.')}."
    parts = columns | {part: _copy(table.model, part, nullable=False, description=described)}
    grain_of_whole = re.sub(f"(,| and) {part.replace('_', ' ')}", "", grain, count=1)
    return [
        Mart(
            name,
            f"{grain_of_whole} Over every {part.replace('_', ' ')}.",
            _without(key, part),
            whole,
            schema,
            table,
            has_earlier_nights=earlier,
        ),
        Mart(
            f"{name}_by_{part}",
            f"{grain} By {part.replace('_', ' ')}.",
            key,
            parts,
            schema,
            table,
            has_earlier_nights=earlier,
        ),
    ]


def month_dimensions(table: Table) -> list[str]:
    """The dimensions of a table whose values are months, as text."""
    dimensions = closed_list(table.columns["dimension"]) if "dimension" in table.columns else None
    return [name for name in dimensions or () if name.endswith("month")]


def local_time_name(moment: str) -> str:
    """The name of the local time of a moment."""
    return f"{moment}{LOCAL}"


def date_name(moment: str) -> str:
    """The name of the local date of a moment."""
    return f"{moment.removesuffix('_at')}_date"


def date_of(contract: type[Contract], moment: str, *, nullable: bool | None = None) -> pa.Column:
    """The local date of a contract's moment, named after it: `responded_date` for `responded_at`."""
    of_lake = contract.__table__.columns[moment]
    return new(
        date_name(moment),
        pl.Date,
        f"The date of {moment} in the shop's time zone.",
        nullable=of_lake.nullable if nullable is None else nullable,
    )


def _with_local_times(columns: Iterable[pa.Column]) -> dict[str, pa.Column]:
    """The columns by name, every moment followed by its local time, which old drivers and tools without zones can read."""
    found: dict[str, pa.Column] = {}
    for column in columns:
        name = str(column.name)
        found[name] = column
        if is_moment(column):
            words = f"{name} on the shop's clock, without a zone."
            found[local_time_name(name)] = new(
                local_time_name(name), pl.Datetime("us"), words, nullable=column.nullable
            )
    return found


def _without(key: tuple[str, ...], column: str) -> tuple[str, ...]:
    return tuple(name for name in key if name != column)


def _copy(
    contract: type[Contract], column: str, *, metadata: dict[str, Any] | None = None, **changes: Any
) -> pa.Column:
    of_lake = contract.__table__.columns[column]
    kept = {"name": column, "nullable": of_lake.nullable, "description": of_lake.description}
    given = {name: value for name, value in changes.items() if value is not None}
    origin = {ORIGIN: (contract.__table__.name, column)}
    more = (of_lake.metadata or {}) | origin | (metadata or {})
    return pa.Column(of_lake.dtype, of_lake.checks, **(kept | given), metadata=more)


MONTH_OF_VALUE = new(
    "month", pl.Date, "First day of the month that value names; null where it names none.", nullable=True
)
CURRENCY = new("currency", str, "ISO 4217 code of the amounts: the currency of the shop.")
PERSON = "The customer: the first account id or, without an account, the pseudonym of an e-mail address."
CUSTOMER = (
    anew(Customers, "customer_id", PERSON),
    anew(Customers, "registered_at", "When the first account was created, where a source says so."),
    date_of(Customers, "registered_at"),
    *of(Customers, "country"),
    anew(
        Customers,
        "accepts_marketing",
        "Whether the customer agreed to marketing mail: the newest statement of any account; a no without a date stands.",
    ),
)
HISTORY_OF_ORDERS = (
    *of(Rfm, "first_order_date", "last_order_date"),
    new(
        "n_orders",
        int,
        "Orders placed up to the edition's date, invalid ones included; a cancellation invoice is none.",
        ge=0,
    ),
    new("n_valid_orders", int, "Of these, valid orders.", ge=0),
)
IS_REFERENCE_UNKNOWN = new(
    "is_reference_unknown",
    bool,
    "Whether the source names a customer or order that is not in the lake; that reference is then null.",
)


def local_date(moment: str) -> pa.Column:
    """The date of a moment on the shop's clock."""
    return new("local_date", pl.Date, f"The date of {moment} in the shop's time zone.")


joined = partial(of, nullable=True)
"""Columns of a table that lacks some customers of the mart."""

FCT_ORDERS = by_hand(
    "fct_orders",
    "One row per order placed up to the edition's date, anonymous and invalid ones included, as known on that date; "
    "only the status is the newest known. Not additive: order_number; original_net_amount over currencies.",
    of(Orders, "order_id"),
    of(Orders, "customer_id", references="dim_customers"),
    of(Orders, "ordered_at"),
    local_date("ordered_at"),
    of(Orders, "status", "channel"),
    anew(Orders, "currency", "ISO 4217 code of the amounts: the currency of the shop."),
    of(Orders, "gross_amount", "discount_amount"),
    anew(
        Orders,
        "refund_amount",
        "Money given back by the edition's date, for this order or by a cancellation invoice.",
    ),
    of(Orders, "net_amount"),
    anew(
        Orders,
        "net_amount",
        "net_amount of a valid order, null otherwise: a sum needs no filter. It leaves out cancellation invoices.",
        to="valid_net_amount",
        nullable=True,
    ),
    new(
        "original_currency",
        str,
        "ISO 4217 code of the currency paid in; null when it is the shop's.",
        nullable=True,
    ),
    anew(
        Orders,
        "net_amount",
        "net_amount in original_currency; null when paid in the shop's currency.",
        to="original_net_amount",
        nullable=True,
    ),
    new(
        "exchange_rate",
        float,
        "Units of the shop's currency for one of original_currency on local_date, by which the amounts were converted; null "
        "when paid in the shop's currency, or without a rate: then the amounts are 0.",
        nullable=True,
    ),
    of(Orders, "promised_at"),
    date_of(Orders, "promised_at"),
    of(Orders, "redelivery_at"),
    date_of(Orders, "redelivery_at"),
    anew(
        Orders,
        "delivered_at",
        "When the customer received it; null when not delivered by the edition's date, or when the source does not say when.",
    ),
    date_of(Orders, "delivered_at"),
    new(
        "promise_status",
        str,
        "By local date, at the edition's date: kept; late; overdue (undelivered, the promised date has passed); open "
        "(undelivered, the date has not passed); unknown (delivered, without a date); none (no promise, or void as the "
        "order is cancelled or returned). Broken = late or overdue.",
        isin=PROMISE_STATUSES,
    ),
    new(
        "is_valid",
        bool,
        "Whether the order counts in segmentation: its status is valid, it is neither free nor fully refunded, and "
        "it has a value in the shop's currency. An anonymous order can be valid.",
    ),
    new(
        "invalid_reason",
        str,
        "Why the order is not valid: status_ and the status, free (nothing was to be paid, nothing was given back), no_rate (in another "
        "currency, without a rate of its date) or fully_refunded; null when valid.",
        nullable=True,
    ),
    new(
        "order_number",
        int,
        "Position among the customer's valid orders by time, from 1; null for an invalid or anonymous order.",
        nullable=True,
        ge=1,
    ),
    of(Orders, "extra"),
    key=["order_id"],
    known_as="orders_known",
    slice_by=MONTH_OF_DATE,
)

FCT_ORDER_LINES = by_hand(
    "fct_order_lines",
    "One row per line of an order in fct_orders; lines of other orders are left out. Date, customer and validity are "
    "the order's.",
    of(OrderLines, "order_id", "line_number"),
    of(Orders, "customer_id", "ordered_at"),
    local_date("ordered_at"),
    of(OrderLines, "product_id", "category", "quantity", "quantity_delivered", "extra"),
    anew(OrderLines, "currency", "ISO 4217 code of the amount: the currency of the shop."),
    anew(
        OrderLines,
        "line_amount",
        "Price paid for the line; converted by the exchange_rate of the order, 0 where that has none.",
    ),
    anew(
        OrderLines,
        "line_amount",
        "line_amount of a valid order, null otherwise.",
        to="valid_line_amount",
        nullable=True,
    ),
    new("is_valid", bool, "Whether the order counts in segmentation; see fct_orders."),
    key=["order_id", "line_number"],
    slice_by=MONTH_OF_DATE,
)

FCT_REVIEWS = by_hand(
    "fct_reviews",
    "One row per review written up to the edition's date. Not additive: rating; average rating_pomp instead, as scales "
    "differ.",
    of(Reviews, "review_id"),
    anew(Reviews, "order_id", "The order reviewed; null when the source names none or one that is not in the lake."),
    anew(
        Reviews,
        "customer_id",
        "Who wrote it, else who placed the order; null when the source names someone who is not in the lake.",
    ),
    of(Reviews, "product_id"),
    IS_REFERENCE_UNKNOWN,
    of(Reviews, "created_at"),
    local_date("created_at"),
    of(Reviews, "rating", "rating_min", "rating_max"),
    new(
        "rating_pomp",
        float,
        "The rating as percent of scale: 100 * (rating - rating_min) / (rating_max - rating_min).",
        nullable=True,
        ge=0,
        le=100,
    ),
    of(Reviews, "title", "body"),
    anew(Reviews, "replied_at", "When the shop replied; null without a reply by the edition's date."),
    date_of(Reviews, "replied_at"),
    of(Reviews, "is_verified", "helpful_votes", "extra", "source"),
    of(ReviewFlags, "is_duplicate_text", "duplicate_of", "is_bombing"),
    key=["review_id"],
)

FCT_SURVEY_RESPONSES = by_hand(
    "fct_survey_responses",
    "One row per survey response sent up to the edition's date. Not additive: nps_score; relational and transactional "
    "surveys are separate series.",
    of(SurveyResponses, "response_id", "survey_id", "survey_type"),
    anew(
        SurveyResponses,
        "customer_id",
        "Who answered; null when the source names nobody or someone who is not in the lake.",
    ),
    anew(
        SurveyResponses,
        "order_id",
        "The order asked about; null when the source names none or one that is not in the lake.",
    ),
    IS_REFERENCE_UNKNOWN,
    of(SurveyResponses, "submitted_at"),
    of(NpsResponses, "local_date"),
    new("n_answers", int, "Answered items of the response.", ge=0),
    anew(
        NpsResponses,
        "nps_score",
        "Answer to the Net Promoter question, 0 to 10; null without one. Promoter 9-10, passive 7-8, detractor 0-6.",
        nullable=True,
    ),
    anew(
        NpsResponses,
        "nps_class",
        "promoter (9-10), passive (7-8) or detractor (0-6); null without a Net Promoter answer.",
        nullable=True,
    ),
    anew(
        NpsResponses,
        "is_counted",
        "Whether the Net Promoter answer counts: a known customer's latest in its survey type and window, or one without a customer; "
        "null without an answer.",
        nullable=True,
    ),
    anew(
        NpsResponses,
        "not_counted_reason",
        "Why the Net Promoter answer does not count: unknown_customer or later_response_in_window; null when "
        "it counts, and without an answer.",
    ),
    of(SurveyResponses, "comment", "extra", "source"),
    key=["response_id"],
)

FCT_SURVEY_ANSWERS = by_hand(
    "fct_survey_answers",
    "One row per answered item of a response in fct_survey_responses, as given, before reverse coding. Not additive: value.",
    of(SurveyAnswers, "response_id", "item_id"),
    local_date("submitted_at"),
    of(SurveyAnswers, "survey_id", "role", "is_nps", "construct", "value"),
    of(SurveyAnswers, "scale_min", "scale_max", "is_reversed"),
    key=["response_id", "item_id"],
    slice_by=MONTH_OF_DATE,
)

FCT_TOUCHPOINTS = by_hand(
    "fct_touchpoints",
    "One row per touchpoint up to the edition's date. Not additive: cart_amount, the value of the whole cart at that "
    "moment.",
    of(Touchpoints, "touchpoint_id"),
    anew(
        Touchpoints,
        "customer_id",
        "Who it was, else who placed the order; null when the source names nobody or someone who is not in the lake.",
    ),
    IS_REFERENCE_UNKNOWN,
    of(Touchpoints, "session_id", "occurred_at"),
    local_date("occurred_at"),
    anew(
        Touchpoints,
        "replied_at",
        "When the shop replied to a service contact; null without a reply by the edition's date.",
    ),
    date_of(Touchpoints, "replied_at"),
    of(Touchpoints, "channel", "kind"),
    anew(
        Touchpoints,
        "order_id",
        "The order it concerns; null when the source names none or one that is not in the lake.",
    ),
    of(Touchpoints, "product_id", "category", "cart_amount", "currency", "extra", "source"),
    key=["touchpoint_id"],
    slice_by=MONTH_OF_DATE,
)

DIM_CUSTOMERS = by_hand(
    "dim_customers",
    "One row per customer known at the edition's date, prospects included: everyone who has ordered or registered by "
    "then. Without a registration date a customer is known too, unless they have ordered only later.",
    CUSTOMER,
    new(
        "n_identifiers",
        int,
        "Account ids and e-mail addresses that belong to this customer, at least 1; marts.identity says why.",
        ge=1,
    ),
    HISTORY_OF_ORDERS,
    new(
        "may_market",
        bool,
        "Whether the customer may get marketing: only with consent; in a shop whose sources record no consent, "
        "actions.consent_without_flag decides for everyone.",
    ),
    key=["customer_id"],
    known_as="customers_known",
)

DIM_PRODUCTS = by_hand(
    "dim_products",
    "One row per product that a source lists, by its newest statement whatever the edition's date, or that an order line, a review "
    "or a touchpoint names. Not additive: amounts, which are prices of one piece.",
    of(Products, "product_id", "product_name"),
    anew(
        Products,
        "category",
        "Product category as the shop names it; of a product that no source lists, the newest that an order line or a touchpoint says.",
    ),
    new("is_listed", bool, "Whether a source lists the product; all but its id and category is null otherwise."),
    of(Products, "currency", "price_amount", "discounted_amount"),
    of(Products, "discount_starts_at"),
    date_of(Products, "discount_starts_at"),
    of(Products, "discount_ends_at"),
    date_of(Products, "discount_ends_at"),
    of(Products, "extra", "source", nullable=True),
    key=["product_id"],
)

DIM_DATE = by_hand(
    "dim_date",
    "One row per day of the years in which this file has a date, from 1 January of the first to 31 December of the last; but "
    "no year more than 50 before the edition's date, or 10 after it. Names of months and days are left to the tool.",
    new("calendar_date", pl.Date, "The day. Every date column of the file can be joined to it."),
    new("calendar_year", int, "Year of the day."),
    new("quarter_number", int, "Quarter of the year, 1 to 4.", ge=1, le=4),
    new("month", pl.Date, "First day of the month."),
    new("month_number", int, "Month of the year, 1 to 12.", ge=1, le=12),
    new("day_number", int, "Day of the month, 1 to 31.", ge=1, le=31),
    new("iso_year", int, "Year that the ISO 8601 week belongs to."),
    new("iso_week", int, "ISO 8601 week of iso_year, 1 to 53.", ge=1, le=53),
    new("week_start", pl.Date, "Monday of the ISO 8601 week."),
    new("weekday_number", int, "1 (Monday) to 7 (Sunday).", ge=1, le=7),
    key=["calendar_date"],
)

CUSTOMER_SEGMENT_HISTORY = by_hand(
    "customer_segment_history",
    "One row per kind, customer and valid_from, up to the edition's date: a segment and the dates it lasted, from the "
    "changes between computed as_of dates, those under a former name of the customer included. Not additive: counts over "
    "valid_from.",
    of(SegmentChanges, "kind", "customer_id"),
    anew(SegmentChanges, "segment", "Segment, class, band or tier from valid_from on.", nullable=False),
    new(
        "valid_from",
        pl.Date,
        "The first as_of date with this segment; in a customer's first row perhaps just the first date computed.",
    ),
    new(
        "valid_to", pl.Date, "The first as_of date without it (exclusive); null for the present segment.", nullable=True
    ),
    key=["kind", "customer_id", "valid_from"],
    has_earlier_nights=True,
)

NPS_TREND = by_hand(
    "nps_trend",
    "One row per as_of date and survey type with a counted response in the trailing window, for every date up to the "
    "edition's. Not additive: every score, z, p and pct; counts over dates, as windows overlap; relational and "
    "transactional are separate series.",
    of(NpsIndex, "as_of_date", "survey_type", "n", "n_promoters", "n_passives", "n_detractors", "n_anonymous"),
    of(NpsIndex, "nps", "nps_low", "nps_high", "is_suppressed"),
    of(NpsIndex, "n_previous", "nps_previous", "z_previous", "p_previous"),
    of(NpsIndex, "n_invited", "n_responded", "pct_responded", "pct_responded_low", "pct_responded_high"),
    key=["as_of_date", "survey_type"],
    has_earlier_nights=True,
)

CUSTOMER_360 = by_hand(
    "customer_360",
    "One row per customer: the latest of everything known at the edition's date, null where nothing is known. Not "
    "additive: days, hours, scores, probabilities, shares, ratios and ratings. Amounts add up over customers, value_at_risk too.",
    CUSTOMER[0],
    new("as_of_date", pl.Date, AS_OF),
    CUSTOMER[1:],
    HISTORY_OF_ORDERS,
    renamed(Rfm, "state", to="rfm_state", nullable=True),
    renamed(Rfm, "segment", to="rfm_segment", nullable=True),
    joined(Rfm, "recency_days", "frequency", "monetary"),
    CURRENCY,
    joined(Rfm, "r_score", "f_score", "m_score"),
    joined(Sci, "sci_class", "sci_missing_items", "is_secure_top_box", "is_secure_top2"),
    renamed(Sci, "responded_at", to="sci_responded_at", nullable=True),
    new("sci_responded_date", pl.Date, "The local date of sci_responded_at.", nullable=True),
    renamed(Sci, "age_days", to="sci_age_days", nullable=True),
    joined(Nps, "nps_class"),
    new(
        "relational_nps_score",
        float,
        "Latest Net Promoter answer to a relational survey, 0 to 10, counted or not.",
        nullable=True,
    ),
    new(
        "transactional_nps_score",
        float,
        "Latest Net Promoter answer to a transactional survey, 0 to 10, counted or not.",
        nullable=True,
    ),
    new("n_reviews", int, "Reviews written.", ge=0),
    new("last_rating_pomp", float, "Rating of the latest review as percent of scale.", nullable=True, ge=0, le=100),
    new("n_broken_promises", int, "Orders delivered late or overdue.", ge=0),
    joined(CustomerPillars, "n_otif_known", "pct_otif", "n_in_full_known", "pct_in_full"),
    joined(CustomerPillars, "n_honoured_known", "pct_honoured", "n_replies", "median_reply_hours"),
    renamed(CustomerPreferences, "category_1", to="favourite_category"),
    renamed(CustomerPreferences, "pct_recent_1", to="favourite_category_pct"),
    joined(CustomerPreferences, "favourite_channel", "favourite_hour", "discount_affinity", "interest_category"),
    joined(CustomerPreferences, "stated_category", "stated_channel"),
    joined(ChurnRisk, "churn_probability", "p_buy_h"),
    renamed(ChurnRisk, "model_id", to="churn_model_id", nullable=True),
    joined(ChurnRisk, "overdue_ratio", "expected_spend_h", "value_at_risk", "expected_value_365d", "value_basis"),
    joined(ChurnRisk, "churn_band", "is_held_by_rhythm", "risk_reason_1", "risk_reason_2", "risk_reason_3"),
    joined(ChurnRisk, "holding_reason_1", "holding_reason_2"),
    joined(Loyalty, "tier", "tier_since", "tier_until", "is_in_grace", "next_tier", "next_tier_on", "net_spend"),
    joined(Loyalty, "amount_to_next_tier", "pct_to_next_tier", "points_balance", "points_expiring_30d", "next_reward"),
    joined(Loyalty, "pct_to_next_reward", "is_vip", "vip_reason", "is_ambassador", "ambassador_reason"),
    joined(Loyalty, "n_referred_orders", "referred_net_value"),
    renamed(SayDo, "cell", to="say_do_cell", nullable=True),
    anew(
        NextAction,
        "action",
        "What to do next, as in customer_next_action; null when nothing is both due and allowed.",
        to="next_action",
        nullable=True,
    ),
    renamed(NextAction, "reason", to="next_action_reason", nullable=True),
    renamed(NextAction, "expected_value", to="next_action_expected_value", nullable=True),
    renamed(NextAction, "expires_on", to="next_action_expires_on", nullable=True),
    key=["customer_id"],
)

MATCH_RATES = by_hand(
    "match_rates",
    "One row per metric and source: the share of reviews and of survey responses up to the edition's date that match a "
    "known customer. Not additive: match_rate; counts over source, as all contains the others.",
    new(
        "metric",
        str,
        "review_match_rate (reviews) or survey_match_rate (survey responses).",
        isin=["review_match_rate", "survey_match_rate"],
    ),
    new(
        "source",
        str,
        "Name of the configured source; all: every source together, a row that always exists.",
    ),
    new("n", int, "Reviews or survey responses.", ge=0),
    new(
        "n_matched",
        int,
        "Of these, with a known customer: named by account or address, or by the order of a review that names nobody.",
        ge=0,
    ),
    new(
        "match_rate",
        float,
        "n_matched / n, 0 to 1; null when n is 0. Of all rows, so no estimate: it has no minimum n.",
        nullable=True,
        ge=0,
        le=1,
    ),
    key=["metric", "source"],
    schema="quality",
)

INPUTS_READ = by_hand(
    "inputs_read",
    InputsRead.__table__.grain,
    of(InputsRead, "source", "input", "file", "digest", "exported_at", "watermark", "batch_id"),
    key=["source", "input", "file"],
    schema="quality",
    has_earlier_nights=True,
)

ROW_ORIGINS = by_hand(
    "row_origins",
    "One row per row that counts of the tables that sources deliver: the line of an export that its newest version came from.",
    new(
        "row_id",
        str,
        "The table of the row and its key in it, with blanks between: orders o1, order_lines o1 2, survey_answers r1 q1.",
    ),
    new("entity", str, "The table of the row."),
    new("source", str, "Name of the configured source."),
    new(
        "file",
        str,
        "The file it came from, or the address of the database, as in inputs_read, without addresses and numbers of people in "
        "its name; null where the mapping does not pass on _file, or the row was merged before origins were kept.",
        nullable=True,
    ),
    new(
        "row_number",
        int,
        "Position among the parsed rows of the file, from 1, the header not counted; the first where the row was made of several.",
        nullable=True,
    ),
    new(
        "more_rows",
        str,
        "The others of several rows, such as 5-7, 9; null where there are none.",
        nullable=True,
    ),
    key=["row_id"],
    schema="quality",
    slice_by=f"entity || '-' || coalesce(hash(file) % 16, 0) || '-' || coalesce(row_number // {ROWS_OF_SLICE}, 0)",
)

BY_HAND = (
    *(FCT_ORDERS, FCT_ORDER_LINES, FCT_REVIEWS, FCT_SURVEY_RESPONSES, FCT_SURVEY_ANSWERS, FCT_TOUCHPOINTS),
    *(DIM_CUSTOMERS, DIM_PRODUCTS, DIM_DATE, CUSTOMER_SEGMENT_HISTORY, NPS_TREND, CUSTOMER_360),
    *(MATCH_RATES, INPUTS_READ, ROW_ORIGINS),
)
