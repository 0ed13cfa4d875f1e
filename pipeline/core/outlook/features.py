"""What is known of every customer at a cut date, as numbers that churn models learn from. Models do not belong here.

One function makes the features for training, for the backtest and for scoring, from data at or before the cut.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipeline.core.facts.orders import orders_as_of, with_buyers
from pipeline.core.frames import Frame
from pipeline.core.outlook import signals
from pipeline.core.outlook.buy_till_you_die import Floats, Histories
from pipeline.core.outlook.churn_rule import OWN_RHYTHM_GAPS
from pipeline.core.outlook.purchases import ShopRhythm, purchase_totals
from pipeline.core.outlook.settings import ChurnSettings

DAYS_PER_WEEK = 7.0
VISIT_OF_ORDER_HOURS = 6
"""A visit up to this many hours after the last order belongs to that order."""
MIDDLE = {"stars": 0.5, "sci": 1.5, "nps": 0.0}
"""What customers say -> the middle of its scale."""

GROUPS = {
    "recency": ("log_recency", "log_recency_of_repeat", "log_overdue"),
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
    "overdue_after_days",
    "net_total",
    "repeat_spend",
    "is_refunded",
    "mood",
)
"""Columns beside the features that bands, baselines, purchase processes and reasons need, in days and minor units."""


@dataclass(frozen=True)
class Sources:
    """The facts that features are made from, of any dates; `order_lines` to `touchpoints` may have no row."""

    orders: Frame
    order_lines: Frame
    reviews: Frame
    responses: Frame
    touchpoints: Frame


def churn_features(
    sources: Sources, *, cut: date, settings: ChurnSettings, rhythm: ShopRhythm | None = None
) -> pl.DataFrame:
    """One row per customer with a valid order by the cut (local date), sorted by customer: `customer_id`, RAW, FEATURES.

    Orders of one local date are one purchase day. Only rows at or before the cut count, and refunds and deliveries as
    known then; what has no date of its own (the status of an order) is as the lake has it now. What a customer spent is
    net of cancellation invoices, which name no order: each purchase bears its share of them. Amounts are in minor
    units; features are logarithms, shares, or flags. An answer that was not given is no value: its flag `has_…` is 0,
    and so are the terms that exist only with it, which are measured from the middle of their scale; the same goes for
    visits. The rhythm is the customer's median gap shrunk to the shop's, with one purchase day the shop's alone: that of
    `rhythm`, where the sources are of some customers, else of all of them. Definitions, section 5.
    """
    known = _known_orders(sources.orders, cut)
    said = sources.responses
    touchpoints = _named(sources.touchpoints.filter(_is_signal()), known)
    parts = (
        signals.money_back(orders_as_of(sources.orders, as_of=cut), cut=cut),
        signals.broken_promises(known),
        signals.breadth(sources.order_lines, known, cut=cut),
        signals.stars(_named(sources.reviews, known), cut=cut),
        signals.secure_answers(said, cut=cut),
        signals.promoter_answers(said, cut=cut),
        signals.last_mood(said, cut=cut),
        signals.contacts(touchpoints, cut=cut, first=cut - timedelta(days=settings.horizon_days - 1)),
        signals.looks(touchpoints, cut=cut),
    )
    base = purchase_totals(known, cut=cut, settings=settings, rhythm=rhythm)
    # One after the other, so that the memory of one is freed before the next.
    for part in parts:
        found = part.collect(engine="streaming")
        base = base.join(found, on="customer_id", how="left", maintain_order="left")
    return _as_features(base).select("customer_id", *RAW, *FEATURES)


def _known_orders(orders: Frame, cut: date) -> Frame:
    """The orders of customers by the cut, read once: the columns that features need."""
    known = orders_as_of(orders, as_of=cut).filter(pl.col("customer_id").is_not_null())
    read: pl.DataFrame = known.select(
        *("order_id", "customer_id", "ordered_at", "ordered_date", "is_valid", "is_invoice"),
        *("net_amount", "discount_amount", "refund_amount", "promise_status"),
        pl.col("channel").cast(pl.Categorical),
    ).collect(engine="streaming")
    return read.lazy()


def _named(rows: Frame, known: Frame) -> Frame:
    """The touchpoints or reviews of customers. An order that comes after the cut names nobody, as it would tell who is going to buy."""
    return with_buyers(rows, known).filter(pl.col("customer_id").is_not_null())


def of_customers(sources: Sources, customers: pl.Series) -> Sources:
    """What is known of some customers, read now and once."""
    wanted = pl.LazyFrame({"customer_id": customers})

    def kept(frame: Frame, named: Frame, key: str) -> Frame:
        own: pl.LazyFrame = frame.join(named.select(key), on=key, how="semi")
        return own.collect(engine="streaming").lazy()

    # One after the other: together they would hold the keys of several large tables in memory at once.
    orders = kept(sources.orders, wanted, "customer_id")
    responses = kept(sources.responses, wanted, "customer_id")

    def kept_of_owners(frame: Frame) -> Frame:
        is_named = pl.col("customer_id").is_not_null()
        named = kept(frame.filter(is_named), wanted, "customer_id")
        return pl.concat([named, kept(frame.filter(~is_named), orders, "order_id")])

    return Sources(
        orders=orders,
        order_lines=kept(sources.order_lines, orders, "order_id"),
        reviews=kept_of_owners(sources.reviews),
        responses=responses,
        touchpoints=kept_of_owners(sources.touchpoints.filter(_is_signal())),
    )


def _is_signal() -> pl.Expr:
    return pl.col("kind").is_in((signals.CONTACT, *signals.LOOKS))


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


def _as_features(base: pl.DataFrame) -> pl.DataFrame:
    """The columns of FEATURES from counts, amounts and days."""
    repeats = pl.col("n_days") > 1
    paid, discount = pl.col("paid_amount"), pl.col("discount_amount")
    returned = pl.col("returned_amount").fill_null(0)
    recency = (pl.col("days_since") + 1).log()
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
        discount_share=_share(discount, paid + discount),
        is_refunded=pl.col("is_refunded").fill_null(False),
        mood=pl.col("mood_level").fill_null(0),
        # What was given back for an order that no longer counts was paid for it before.
        refund_share=_share(pl.col("refund_amount") + returned, paid + returned),
        main_channel_share=pl.col("main_channel_share").fill_null(0.0),
        log_categories=pl.col("n_categories").fill_null(0).log1p(),
        log_broken=pl.col("n_broken").fill_null(0).log1p(),
        is_last_broken=(pl.col("last_broken_day") >= pl.col("last_day")).fill_null(False).cast(pl.Float64),
        log_contacts=pl.col("n_contacts").fill_null(0).log1p(),
        **_said(),
        **_visits(recency),
    )


def _said() -> dict[str, pl.Expr]:
    """Per kind of answer whether there is one, its level from the middle of the scale, and its age."""
    features = {}
    for name, middle in MIDDLE.items():
        features[f"has_{name}"] = pl.col(f"{name}_level").is_not_null().cast(pl.Float64)
        features[name] = (pl.col(f"{name}_level") - middle).fill_null(0.0)
        features[f"{name}_age"] = (pl.col(f"{name}_days") + 1).log().fill_null(0.0)
    return features


def _visits(recency: pl.Expr) -> dict[str, pl.Expr]:
    """Whether the customer is known from visits, has come to look since the last order, and how long ago that was."""
    has_visits = pl.col("seen_at").is_not_null()
    end_of_order = pl.col("last_ordered_at") + pl.duration(hours=VISIT_OF_ORDER_HOURS)
    is_seen = (pl.col("seen_at") > end_of_order).fill_null(False)
    return {
        "has_visits": has_visits.cast(pl.Float64),
        "is_seen": is_seen.cast(pl.Float64),
        "seen_age": pl.when(is_seen).then((pl.col("seen_days") + 1).log()).otherwise(0.0),
        "unseen_age": pl.when(has_visits & ~is_seen).then(recency).otherwise(0.0),
    }


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then((part / whole).clip(0, 1)).otherwise(0.0)


def is_own_rhythm(features: pl.DataFrame) -> pl.Series:
    """Whether the customer has enough gaps for the rhythm to be called the customer's own."""
    return features["n_gaps"] >= OWN_RHYTHM_GAPS
