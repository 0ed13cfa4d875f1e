"""What is known of every customer at a cut date, as numbers that churn models learn from. Models do not belong here.

One function makes the features for training, for the backtest and for scoring, from data at or before the cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from pipeline.core.attitude.nps import PASSIVE_FROM, PROMOTER_FROM
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.promises import BROKEN, judge_promises
from pipeline.core.frames import Frame, day_end
from pipeline.core.outlook.buy_till_you_die import Floats, Histories
from pipeline.core.outlook.churn_rule import OWN_RHYTHM_GAPS
from pipeline.core.outlook.settings import ChurnSettings
from schemas.types import ITEM_ROLES

DAYS_PER_WEEK = 7.0
LOOKS = ("visit", "product_view", "cart", "checkout")
"""Kinds of touchpoints in which a customer comes to look."""
VISIT_OF_ORDER_HOURS = 6
"""A look that is not later than so many hours after the last order belongs to that order."""

GROUPS = {
    "recency": ("log_recency", "log_recency_of_repeat"),
    "rhythm": ("log_overdue",),
    "frequency": ("log_frequency", "is_repeat", "log_rate"),
    "tenure": ("log_tenure",),
    "trend": ("log_recent", "log_previous"),
    "money": ("log_order_value", "log_last_value"),
    "discounts": ("discount_share",),
    "refunds": ("refund_share",),
    "channel": ("main_channel_share",),
    "breadth": ("log_categories",),
    "promises": ("log_broken", "is_last_broken"),
    "stars": ("has_stars", "stars", "stars_age"),
    "survey": ("has_sci", "sci", "sci_age", "has_nps", "nps", "nps_age"),
    "contacts": ("log_contacts",),
    "visits": ("has_visits", "is_seen", "seen_age", "unseen_age"),
}
"""What a reason speaks of -> its features; all features, in the order of the columns of the matrix."""

FEATURES = tuple(feature for features in GROUPS.values() for feature in features)
RAW = (
    "days_since",
    "tenure_days",
    "last_day_of_first",
    "n_days",
    "n_gaps",
    "typical_gap_days",
    "overdue_ratio",
    "net_total",
    "repeat_spend",
)
"""Columns beside the features that bands, baselines and purchase processes need, in days and minor units."""


@dataclass(frozen=True)
class Sources:
    """The lake tables that features are made from, of any dates; `order_lines` to `touchpoints` may have no row."""

    orders: Frame
    order_lines: Frame
    reviews: Frame
    responses: Frame
    answers: Frame
    touchpoints: Frame


def churn_features(
    sources: Sources,
    *,
    cut: date,
    time_zone: str,
    valid_statuses: Sequence[str],
    settings: ChurnSettings,
    sci: SciSettings,
) -> pl.DataFrame:
    """One row per customer with a valid order by the cut (local date), sorted by customer: `customer_id`, RAW, FEATURES.

    Orders of one local date are one purchase day. Only rows at or before the cut count, and refunds and deliveries as known
    then; what has no date of its own (the status of an order) is as the lake has it now. What a customer spent is net of
    cancellation invoices, which name no order: each purchase bears its share of them. Amounts are in minor units;
    features are logarithms, shares, or flags. An answer that was not given is no value: its flag `has_…` is 0, and so are
    the terms that exist only with it, which are measured from the middle of their scale; so is a visit of who is known from
    none. The rhythm is the customer's median
    gap shrunk to the shop's, for one purchase day the shop's alone. Definitions, section 5.
    """
    end = pl.lit(day_end(cut, time_zone))
    start = day_end(cut - timedelta(days=settings.horizon_days), time_zone)
    known = orders_as_of(sources.orders, as_of=cut, time_zone=time_zone, valid_statuses=valid_statuses).filter(
        ~pl.col("customer_id").is_null()
    )
    bought, invoiced, promises = pl.collect_all(
        [_purchase_days(known), _invoiced(known), _promises(known, cut, time_zone)],
        engine="streaming",
    )
    base = _net_of_invoices(_totals(bought, cut, settings), invoiced)
    buyers = base.lazy().select("customer_id")
    parts = pl.collect_all(
        [
            _breadth(sources.order_lines.filter(pl.col("ordered_at") < end), known),
            _stars(sources.reviews.filter(pl.col("created_at") < end), buyers, cut, time_zone),
            *_said(sources, end, buyers, cut, time_zone, sci),
            _contacts(sources.touchpoints.filter(pl.col("occurred_at") < end), buyers, start),
            _looks(sources.touchpoints.filter(pl.col("occurred_at") < end), cut, time_zone),
        ],
        engine="streaming",
    )
    for part in (promises, *parts):
        base = base.join(part, on="customer_id", how="left")
    return _as_features(base).sort("customer_id").select("customer_id", *RAW, *FEATURES)


def of_customers(sources: Sources, customers: pl.Series) -> Sources:
    """What is known of some customers, read now and once."""
    wanted = pl.LazyFrame({"customer_id": customers})

    def kept(frame: Frame, named: Frame, key: str) -> Frame:
        own: pl.LazyFrame = frame.join(named.select(key), on=key, how="semi")
        return own.collect(engine="streaming").lazy()

    # One after the other: together they would hold the keys of several large tables in memory at once.
    orders = kept(sources.orders, wanted, "customer_id")
    responses = kept(sources.responses, wanted, "customer_id")
    return Sources(
        orders=orders,
        order_lines=kept(sources.order_lines, orders, "order_id"),
        reviews=kept(sources.reviews, wanted, "customer_id"),
        responses=responses,
        answers=kept(sources.answers, responses, "response_id"),
        touchpoints=kept(
            sources.touchpoints.filter(pl.col("kind").is_in(("service_contact", *LOOKS))), wanted, "customer_id"
        ),
    )


def matrix(features: pl.DataFrame) -> Floats:
    """The features as one row per customer and one column per name in FEATURES."""
    return features.select(FEATURES).to_numpy().astype(np.float64, copy=False)


def histories(features: pl.DataFrame) -> Histories:
    """The features as purchase processes take them: purchase days after the first, and weeks."""
    raw = features.select(
        repeats=(pl.col("n_days") - 1).cast(pl.Float64),
        last_week=pl.col("last_day_of_first") / DAYS_PER_WEEK,
        weeks=pl.col("tenure_days") / DAYS_PER_WEEK,
    )
    return Histories(*(raw[name].to_numpy() for name in raw.columns))


def _purchase_days(known: pl.LazyFrame) -> pl.LazyFrame:
    """One row per customer and local date with a valid order."""
    return (
        known.filter("is_valid")
        .group_by("customer_id", pl.col("local_date").alias("day"))
        .agg(
            pl.len().alias("n_orders"),
            pl.col("net_amount").sum(),
            pl.col("gross_amount").sum(),
            pl.col("discount_amount").sum(),
            pl.col("refund_amount").sum(),
            pl.col("channel").max(),
            pl.col("ordered_at").max(),
        )
    )


def _invoiced(known: pl.LazyFrame) -> pl.LazyFrame:
    """One row per customer with a cancellation invoice: what they gave back, 0 or more."""
    return known.filter("is_invoice").group_by("customer_id").agg(-pl.col("net_amount").sum().alias("invoiced"))


def _net_of_invoices(totals: pl.DataFrame, invoiced: pl.DataFrame) -> pl.DataFrame:
    """The totals of the purchase days, with invoices taken from what was spent, at most all of it, and counted as refunds."""
    spent, left = pl.col("net_total"), pl.max_horizontal(pl.col("net_total") - pl.col("invoiced"), 0)
    kept = pl.when(pl.col("invoiced") > 0).then(left / spent).otherwise(1.0)
    return (
        totals.join(invoiced, on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col("invoiced").fill_null(0))
        .with_columns(
            net_total=left,
            repeat_spend=pl.when(spent > 0).then((pl.col("repeat_spend") * kept).round().cast(pl.Int64)).otherwise(0),
            refund_amount=pl.col("refund_amount") + pl.col("invoiced"),
        )
        .drop("invoiced")
    )


def _totals(bought: pl.DataFrame, cut: date, settings: ChurnSettings) -> pl.DataFrame:
    """One row per customer: everything that follows from the purchase days."""
    day = pl.col("day").cast(pl.Int32)
    is_same = pl.col("customer_id") == pl.col("customer_id").shift(1)
    days = bought.sort("customer_id", "day").with_columns(
        gap_days=pl.when(is_same).then(day - day.shift(1)), day_number=day
    )
    counts = days.group_by("channel").len().drop_nulls().sort("len", "channel", descending=[True, False])
    is_main = (pl.col("channel") == counts["channel"][0]) if counts.height else pl.lit(0.0)
    at = (cut - date(1970, 1, 1)).days
    horizon = settings.horizon_days
    age = at - pl.col("day_number")
    shop_gap = days["gap_days"].median()
    totals = days.group_by("customer_id", maintain_order=True).agg(
        pl.col("day_number").first().alias("first_day"),
        pl.col("day_number").last().alias("last_day"),
        pl.len().cast(pl.Int64).alias("n_days"),
        pl.col("gap_days").count().cast(pl.Int64).alias("n_gaps"),
        pl.col("gap_days").median().alias("own_gap_days"),
        pl.col("net_amount").sum().alias("net_total"),
        pl.col("net_amount").filter(pl.col("gap_days").is_not_null()).sum().alias("repeat_spend"),
        pl.col("net_amount").last().alias("last_value"),
        pl.col("ordered_at").last().alias("last_ordered_at"),
        pl.col("gross_amount").sum(),
        pl.col("discount_amount").sum(),
        pl.col("refund_amount").sum(),
        (age < horizon).sum().cast(pl.Int64).alias("n_recent"),
        ((age >= horizon) & (age < 2 * horizon)).sum().cast(pl.Int64).alias("n_previous"),
        is_main.mean().alias("main_channel_share"),
    )
    n_gaps, prior = pl.col("n_gaps"), settings.rhythm_prior_gaps
    shop = pl.lit(shop_gap, pl.Float64)
    own = pl.col("own_gap_days").fill_null(0)
    # Without a prior the rhythm of one who never came back would be 0 / 0.
    weight = pl.max_horizontal(n_gaps + prior, pl.when(n_gaps == 0).then(1).otherwise(0))
    shrunk = (n_gaps * own + pl.when(n_gaps == 0).then(weight).otherwise(prior) * shop) / weight
    return totals.with_columns(
        days_since=(at - pl.col("last_day")).cast(pl.Int64),
        tenure_days=(at - pl.col("first_day")).cast(pl.Int64),
        last_day_of_first=(pl.col("last_day") - pl.col("first_day")).cast(pl.Int64),
        typical_gap_days=shrunk,
    ).with_columns(overdue_ratio=pl.col("days_since") / pl.col("typical_gap_days"))


def _promises(known: Frame, cut: date, time_zone: str) -> pl.LazyFrame:
    """One row per customer with a broken promise: how many, and the day of the last order that had one."""
    judged: pl.LazyFrame = judge_promises(known, as_of=cut, time_zone=time_zone)
    return (
        judged.filter(pl.col("promise_status").is_in(BROKEN))
        .group_by("customer_id")
        .agg(pl.len().alias("n_broken"), pl.col("day").max().alias("last_broken_day"))
    )


def _breadth(lines: pl.LazyFrame, known: pl.LazyFrame) -> pl.LazyFrame:
    """One row per customer with a known category: how many."""
    owners = known.filter("is_valid").select("order_id", "customer_id")
    named = lines.filter(pl.col("category").is_not_null()).select("order_id", "category")
    owned = named.join(owners, on="order_id", how="inner").select("customer_id", "category").unique()
    return owned.group_by("customer_id").agg(pl.len().alias("n_categories"))


def _stars(reviews: pl.LazyFrame, buyers: pl.LazyFrame, cut: date, time_zone: str) -> pl.LazyFrame:
    """One row per customer with a rated review: the last, as a share of its scale, and its age."""
    width = pl.col("rating_max") - pl.col("rating_min")
    return (
        reviews.filter(width > 0)
        .join(buyers, on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(pl.all().sort_by("created_at", "review_id").last())
        .select(
            "customer_id",
            stars_level=(pl.col("rating") - pl.col("rating_min")) / width,
            stars_days=_age("created_at", cut, time_zone),
        )
    )


def _said(
    sources: Sources, end: pl.Expr, buyers: pl.LazyFrame, cut: date, time_zone: str, sci: SciSettings
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The last complete SCI answer and the last Net Promoter answer per customer, with their ages.

    The box is the lowest of the three items, as in the Secure Customer Index (definitions, section 2), from 0 to 3.
    """
    sent = sources.responses.filter(pl.col("submitted_at") < end).join(buyers, on="customer_id", how="semi")
    sent = sent.select("customer_id", "response_id", "submitted_at")
    answers: pl.LazyFrame = sources.answers
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    given = pl.when("is_reversed").then(lowest + highest - pl.col("value")).otherwise("value")
    box = pl.lit(None, pl.Int64)
    for name, starts in sci.boxes.items():
        reached = pl.sum_horizontal((given >= start).cast(pl.Int64) for start in starts)
        low, high = (int(bound) for bound in name.split("-"))
        box = pl.when((lowest == low) & (highest == high)).then(reached).otherwise(box)
    boxes = (
        answers.filter(pl.col("role").is_in(ITEM_ROLES))
        .select("response_id", "role", box=box)
        .group_by("response_id")
        .agg(pl.col("role").filter(pl.col("box").is_not_null()).n_unique().alias("n_roles"), pl.col("box").min())
        .filter(pl.col("n_roles") == len(ITEM_ROLES))
    )
    score = (pl.col("value") >= PROMOTER_FROM).cast(pl.Int64) - (pl.col("value") < PASSIVE_FROM).cast(pl.Int64)
    scores = answers.filter("is_nps").group_by("response_id").agg(score.sort_by("item_id").first().alias("score"))

    def last(values: pl.LazyFrame, value: str, prefix: str) -> pl.LazyFrame:
        latest: pl.LazyFrame = (
            sent.join(values, on="response_id", how="inner")
            .group_by("customer_id")
            .agg(pl.col(value, "submitted_at").sort_by("submitted_at", "response_id").last())
        )
        return latest.select(
            "customer_id",
            pl.col(value).alias(f"{prefix}_level"),
            _age("submitted_at", cut, time_zone).alias(f"{prefix}_days"),
        )

    return last(boxes, "box", "sci"), last(scores, "score", "nps")


def _contacts(touchpoints: pl.LazyFrame, buyers: pl.LazyFrame, start: datetime) -> pl.LazyFrame:
    """One row per customer who has turned to the shop's people in the days of the horizon before the cut: how often."""
    is_recent = pl.col("occurred_at") >= start
    contacts: pl.LazyFrame = (
        touchpoints.filter((pl.col("kind") == "service_contact") & is_recent)
        .join(buyers, on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(pl.len().alias("n_contacts"))
    )
    return contacts


def _looks(touchpoints: pl.LazyFrame, cut: date, time_zone: str) -> pl.LazyFrame:
    """One row per customer known from a visit: the last look and its age."""
    return (
        touchpoints.filter(pl.col("kind").is_in(LOOKS) & pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(pl.col("occurred_at").max().alias("seen_at"))
        .with_columns(seen_days=_age("seen_at", cut, time_zone))
    )


def _age(moment: str, cut: date, time_zone: str) -> pl.Expr:
    """Whole local days from a moment to the cut."""
    day = pl.col(moment).dt.convert_time_zone(time_zone).dt.date()
    return (pl.lit(cut) - day).dt.total_days()


def _as_features(base: pl.DataFrame) -> pl.DataFrame:
    """The columns of FEATURES from counts, amounts and days."""
    repeats = pl.col("n_days") > 1
    paid = pl.col("gross_amount") - pl.col("discount_amount")
    recency = (pl.col("days_since") + 1).log()
    day_of_last = pl.col("last_day") + date(1970, 1, 1).toordinal()
    has_visits = pl.col("seen_at").is_not_null()
    is_seen = (pl.col("seen_at") > pl.col("last_ordered_at") + pl.duration(hours=VISIT_OF_ORDER_HOURS)).fill_null(False)
    has = {name: pl.col(f"{name}_level").is_not_null().cast(pl.Float64) for name in ("stars", "sci", "nps")}
    middle = {"stars": 0.5, "sci": 1.5, "nps": 0.0}

    def with_answer(value: pl.Expr) -> pl.Expr:
        return value.fill_null(0.0)

    said = {
        feature: value
        for name in has
        for feature, value in {
            f"has_{name}": has[name],
            name: with_answer(pl.col(f"{name}_level") - middle[name]),
            f"{name}_age": with_answer((pl.col(f"{name}_days") + 1).log()),
        }.items()
    }
    return base.with_columns(
        log_recency=recency,
        log_recency_of_repeat=pl.when(repeats).then(recency).otherwise(0.0),
        log_overdue=((pl.col("days_since") + 1) / (pl.col("typical_gap_days") + 1)).log().fill_null(0.0),
        log_frequency=pl.col("n_days").log(),
        is_repeat=repeats.cast(pl.Float64),
        log_rate=(pl.col("n_gaps") / (pl.col("tenure_days") + 30)).log1p(),
        log_tenure=(pl.col("tenure_days") + 1).log(),
        log_recent=pl.col("n_recent").log1p(),
        log_previous=pl.col("n_previous").log1p(),
        log_order_value=(pl.col("net_total").clip(0) / pl.col("n_days")).log1p(),
        log_last_value=pl.col("last_value").clip(0).log1p(),
        discount_share=_share(pl.col("discount_amount"), pl.col("gross_amount")),
        refund_share=_share(pl.col("refund_amount"), paid),
        main_channel_share=pl.col("main_channel_share").fill_null(0.0),
        log_categories=pl.col("n_categories").fill_null(0).log1p(),
        log_broken=pl.col("n_broken").fill_null(0).log1p(),
        is_last_broken=(pl.col("last_broken_day") >= day_of_last).fill_null(False).cast(pl.Float64),
        log_contacts=pl.col("n_contacts").fill_null(0).log1p(),
        has_visits=has_visits.cast(pl.Float64),
        is_seen=is_seen.cast(pl.Float64),
        seen_age=pl.when(is_seen).then((pl.col("seen_days") + 1).log()).otherwise(0.0),
        unseen_age=pl.when(has_visits & ~is_seen).then(recency).otherwise(0.0),
        **said,
    )


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then((part / whole).clip(0, 1)).otherwise(0.0)


def is_own_rhythm(features: pl.DataFrame) -> pl.Series:
    """Whether the customer has gaps enough that the rhythm is called the customer's own."""
    return features["n_gaps"] >= OWN_RHYTHM_GAPS
