"""Churn bands by rule: silence after an only order, or silence against the rhythm of purchases. Models do not belong here."""

from datetime import date

import polars as pl

from pipeline.core.frames import Frame, day_number, edges_reached, nth, ratio
from pipeline.core.outlook.purchases import ShopRhythm
from pipeline.core.outlook.settings import ChurnSettings
from schemas.types import CHURN_BANDS

RULE = "rule_by_days"
"""What stands in for a model where there is too little to learn from."""

OWN_RHYTHM_GAPS = 3
"""From this many gaps between purchase days the rhythm is called the customer's own (definitions, section 5)."""


COOLING_DOWN = CHURN_BANDS.index("cooling_down")


def band_customers(orders: Frame, *, as_of: date, settings: ChurnSettings, rhythm: ShopRhythm | None = None) -> Frame:
    """One row per customer with a valid order, over all history (contract ChurnRisk); `orders` are those of `orders_as_of`.

    Orders of one local date are one purchase day. With one purchase day the days since set the band (one_time_rule),
    with more `overdue_ratio`, days since the last purchase day / typical gap (rhythm_rule); edges are [low, high). The
    typical gap in days is the customer's median gap shrunk to the median of all gaps in the shop: (gaps * own + prior *
    shop) / (gaps + prior). So customers with one or two gaps are mostly compared with the shop's rhythm: that of `rhythm`, where
    the orders are those of some customers, else of all of them. Probabilities and values are null: a rule gives none.
    Definitions, section 5.
    """
    days = _purchase_days(orders).cache()
    gaps = _gaps(days).cache()
    own = gaps.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("n_gaps"), pl.col("gap_days").median().alias("own_gap_days")
    )
    last = days.group_by("customer_id").agg(pl.col("day").max().alias("last_day"))
    n_gaps, prior = pl.col("n_gaps"), settings.rhythm_prior_gaps
    shrunk = ratio(n_gaps * pl.col("own_gap_days") + prior * pl.col("shop_gap_days"), n_gaps + prior)
    return _banded(
        last.join(own, on="customer_id", how="left")
        .join(_rhythm(gaps) if rhythm is None else _as_row(rhythm), how="cross")
        .with_columns(days_since=as_of.toordinal() - pl.col("last_day"), typical_gap_days=shrunk)
        .with_columns(
            overdue_ratio=ratio(pl.col("days_since"), pl.col("typical_gap_days")),
            overdue_after_days=pl.coalesce("typical_gap_days", "second_order_days"),
        ),
        as_of,
        settings,
    )


def band_columns(level: pl.Expr) -> list[pl.Expr]:
    """Band and whether the rhythm holds it: nobody is worse than cooling_down before `overdue_after_days`.

    `level` is the number of the band by probability or rule, from 0.
    """
    is_early = (pl.col("days_since") < pl.col("overdue_after_days")).fill_null(False)
    is_held = is_early & (level > COOLING_DOWN)
    return [
        nth(pl.when(is_held).then(COOLING_DOWN).otherwise(level), CHURN_BANDS).alias("churn_band"),
        is_held.alias("is_held_by_rhythm"),
    ]


def rule_level(settings: ChurnSettings) -> pl.Expr:
    """The number of the band by silence: by days after an only order, else by the overdue ratio."""
    by_days = edges_reached(pl.col("days_since"), settings.one_time_days)
    return (
        pl.when(_is_one_time()).then(by_days).otherwise(edges_reached(pl.col("overdue_ratio"), settings.rhythm_ratios))
    )


def rule_method() -> pl.Expr:
    """Which of the two rules it is."""
    return _either(_is_one_time(), "one_time_rule", "rhythm_rule")


def rule_reasons(settings: ChurnSettings) -> list[pl.Expr]:
    """The columns of the contract ChurnRisk from `risk_reason_1` to `churn_score`, by silence alone.

    The score is what the rule looks at, its base the first edge: the one reason is how far the silence is from it, where the
    customer is overdue with more risk, or not yet with less. Where the edge says otherwise it is no reason, but all else.
    """
    is_one_time = _is_one_time()
    score = (
        pl.when(is_one_time).then(pl.col("days_since").cast(pl.Float64)).otherwise(pl.col("overdue_ratio").round(10))
    )
    base = pl.when(is_one_time).then(float(settings.one_time_days[0])).otherwise(float(settings.rhythm_ratios[0]))
    moved = score - base
    is_long_silent = pl.col("days_since") >= settings.one_time_days[-1]
    # Where nobody has ordered twice it is not known when the second order is due: the edge alone tells, and is what is usual.
    is_late = (pl.col("days_since") >= pl.col("overdue_after_days")).fill_null(moved > 0)
    is_unknown = pl.col("overdue_after_days").is_null()
    is_own = pl.col("n_gaps") >= OWN_RHYTHM_GAPS
    silent = _either(is_long_silent | is_unknown, "long_silence", "second_order_overdue")
    early = _either(is_unknown, "bought_recently", "first_order_recent")
    overdue = _either(is_own, "overdue_against_own_rhythm", "overdue_against_shop_rhythm")
    within = _either(is_own, "within_own_rhythm", "within_shop_rhythm")
    texts, numbers = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    raises, lowers = (moved > 0) & is_late, (moved < 0) & ~is_late
    return [
        pl.when(raises).then(pl.when(is_one_time).then(silent).otherwise(overdue)).alias("risk_reason_1"),
        *(texts.alias(f"risk_reason_{place}") for place in (2, 3)),
        pl.when(raises).then(moved).alias("risk_contribution_1"),
        *(numbers.alias(f"risk_contribution_{place}") for place in (2, 3)),
        pl.when(lowers).then(pl.when(is_one_time).then(early).otherwise(within)).alias("holding_reason_1"),
        texts.alias("holding_reason_2"),
        pl.when(lowers).then(moved).alias("holding_contribution_1"),
        numbers.alias("holding_contribution_2"),
        pl.when(raises | lowers).then(0.0).otherwise(moved).alias("other_contribution"),
        base.alias("score_base"),
        score.alias("churn_score"),
    ]


def _is_one_time() -> pl.Expr:
    return pl.col("n_gaps").fill_null(0) == 0


def _purchase_days(orders: Frame) -> Frame:
    """One row per customer and purchase day; `day` counts from 0001-01-01."""
    bought = orders.filter(pl.col("is_valid") & pl.col("customer_id").is_not_null())
    return bought.select("customer_id", day=day_number("ordered_date")).unique()


def _gaps(days: Frame) -> Frame:
    """One row per customer and pair of purchase days in a row, with the days between them."""
    before = pl.col("day").shift(1).over("customer_id", order_by="day")
    return days.with_columns(gap_days=pl.col("day") - before).filter(~pl.col("gap_days").is_null())


def _rhythm(gaps: Frame) -> Frame:
    """One row: the median of all gaps, and that of the first of each customer."""
    is_first = pl.col("day") == pl.col("day").min().over("customer_id")
    return gaps.select(
        shop_gap_days=pl.col("gap_days").median(), second_order_days=pl.col("gap_days").filter(is_first).median()
    )


def _as_row(rhythm: ShopRhythm) -> Frame:
    """The same, as it was found in all customers."""
    row = {"shop_gap_days": rhythm.gap_days, "second_order_days": rhythm.second_order_days}
    return pl.LazyFrame([row], schema=dict.fromkeys(row, pl.Float64))


def _banded(customers: Frame, as_of: date, settings: ChurnSettings) -> Frame:
    """Give every customer band, method and reasons, in the columns of the contract."""
    return customers.select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        pl.lit(None, pl.Float64).alias("churn_probability"),
        pl.lit(None, pl.Float64).alias("p_buy_h"),
        *band_columns(rule_level(settings)),
        rule_method().alias("method"),
        pl.lit(RULE).alias("model_id"),
        *(pl.lit(None, pl.Int64).alias(name) for name in ("expected_spend_h", "value_at_risk", "expected_value_365d")),
        pl.lit(None, pl.String).alias("value_basis"),
        pl.col("days_since").alias("days_since_last_order"),
        "typical_gap_days",
        "overdue_ratio",
        "overdue_after_days",
        *rule_reasons(settings),
    )


def _either(condition: pl.Expr, name: str, otherwise: str | pl.Expr) -> pl.Expr:
    return (
        pl.when(condition).then(pl.lit(name)).otherwise(pl.lit(otherwise) if isinstance(otherwise, str) else otherwise)
    )
