"""Churn bands by rule: silence after an only order, or silence against the rhythm of purchases. Models do not belong here."""

from datetime import date

import polars as pl

from pipeline.core.frames import Frame, day_number, edges_reached, nth, ratio
from pipeline.core.outlook.settings import ChurnSettings
from schemas.types import CHURN_BANDS

REASONS = (
    "first_order_recent",
    "second_order_overdue",
    "long_silence",
    "bought_once",
    "within_own_rhythm",
    "overdue_against_own_rhythm",
    "within_shop_rhythm",
    "overdue_against_shop_rhythm",
)
"""Every reason that a rule gives. `long_silence`: as long as a one-time buyer is silent when counted as lost."""

RULE = "rule_by_days"
"""What stands in the place of a model where there is too little to learn from."""

OWN_RHYTHM_GAPS = 3
"""From this many gaps between purchase days the rhythm is called the customer's own (definitions, section 5)."""


def band_customers(orders: Frame, *, as_of: date, settings: ChurnSettings) -> Frame:
    """One row per customer with a valid order, over all history (contract ChurnRisk); `orders` are those of `orders_as_of`.

    Orders of one local date are one purchase day. With one purchase day the band is that of the days since (one_time_rule),
    with more that of `overdue_ratio`, days since the last purchase day / typical gap (rhythm_rule); edges are [low, high).
    The typical gap in days is the customer's median gap shrunk to the median of all gaps in the shop:
    (gaps * own + prior * shop) / (gaps + prior). So customers with one or two gaps are held mostly against the shop's rhythm.
    Probabilities and values are null: a rule gives none. Reasons: what decided the band first, then the long silence or the
    single order. Definitions, section 5.
    """
    days = _purchase_days(orders).cache()
    gaps = _gaps(days).cache()
    own = gaps.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("n_gaps"), pl.col("gap_days").median().alias("own_gap_days")
    )
    shop = gaps.select(shop_gap_days=pl.col("gap_days").median())
    last = days.group_by("customer_id").agg(pl.col("day").max().alias("last_day"))
    n_gaps, prior = pl.col("n_gaps"), settings.rhythm_prior_gaps
    shrunk = ratio(n_gaps * pl.col("own_gap_days") + prior * pl.col("shop_gap_days"), n_gaps + prior)
    return _banded(
        last.join(own, on="customer_id", how="left")
        .join(shop, how="cross")
        .with_columns(days_since=as_of.toordinal() - pl.col("last_day"), typical_gap_days=shrunk)
        .with_columns(overdue_ratio=ratio(pl.col("days_since"), pl.col("typical_gap_days"))),
        as_of,
        settings,
    )


def _purchase_days(orders: Frame) -> Frame:
    """One row per customer and purchase day; `day` counts from 0001-01-01."""
    bought = orders.filter(pl.col("is_valid") & pl.col("customer_id").is_not_null())
    return bought.select("customer_id", day=day_number("ordered_date")).unique()


def _gaps(days: Frame) -> Frame:
    """One row per customer and pair of purchase days in a row, with the days between them."""
    before = pl.col("day").shift(1).over("customer_id", order_by="day")
    return days.with_columns(gap_days=pl.col("day") - before).filter(~pl.col("gap_days").is_null())


def _banded(customers: Frame, as_of: date, settings: ChurnSettings) -> Frame:
    """Give every customer band, method and reasons, in the columns of the contract."""
    days_since, ratio = pl.col("days_since"), pl.col("overdue_ratio")
    is_one_time = pl.col("n_gaps").is_null()
    is_long_silent = days_since >= settings.one_time_days[-1]
    level = (
        pl.when(is_one_time)
        .then(edges_reached(days_since, settings.one_time_days))
        .otherwise(edges_reached(ratio, settings.rhythm_ratios))
    )
    is_overdue, is_own = pl.col("level") > 0, pl.col("n_gaps") >= OWN_RHYTHM_GAPS
    first_of_one = _either(
        is_long_silent, "long_silence", _either(is_overdue, "second_order_overdue", "first_order_recent")
    )
    own_rhythm = _either(is_overdue, "overdue_against_own_rhythm", "within_own_rhythm")
    shop_rhythm = _either(is_overdue, "overdue_against_shop_rhythm", "within_shop_rhythm")
    first_of_many = pl.when(is_own).then(own_rhythm).otherwise(shop_rhythm)
    return customers.with_columns(level=level).select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        pl.lit(None, pl.Float64).alias("churn_probability"),
        pl.lit(None, pl.Float64).alias("p_buy_h"),
        nth(pl.col("level"), CHURN_BANDS).alias("band"),
        _either(is_one_time, "one_time_rule", "rhythm_rule").alias("method"),
        pl.lit(RULE).alias("model_id"),
        *(pl.lit(None, pl.Int64).alias(name) for name in ("expected_spend_h", "value_at_risk", "expected_value_365d")),
        pl.lit(None, pl.String).alias("value_basis"),
        days_since.alias("days_since_last_order"),
        "typical_gap_days",
        "overdue_ratio",
        pl.when(is_one_time).then(first_of_one).otherwise(first_of_many).alias("reason_1"),
        pl.when(is_one_time)
        .then(pl.lit("bought_once"))
        .otherwise(pl.when(is_long_silent).then(pl.lit("long_silence")))
        .alias("reason_2"),
        pl.lit(None, pl.String).alias("reason_3"),
    )


def _either(condition: pl.Expr, name: str, otherwise: str | pl.Expr) -> pl.Expr:
    return (
        pl.when(condition).then(pl.lit(name)).otherwise(pl.lit(otherwise) if isinstance(otherwise, str) else otherwise)
    )
