"""Cohorts by the month of the first order: who came back, what they spent, and how long the second order took.

The probability that one customer comes back belongs to `pipeline.core.outlook`.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.core.behaviour.settings import CohortSettings
from pipeline.core.facts.money import in_minor_units
from pipeline.core.frames import Frame, add_up
from pipeline.core.numbers import sort_rows
from pipeline.core.statistics import Z_95, wilson_interval

KEYS_OF_COUNTS = (["cohort_month", "month"], ["cohort_month", "days"])
"""Of both frames of CohortCounts, in their order."""
HALF = 0.5 + 1e-12
"""A product of shares that is a half on paper can lie a hair above it."""


class CohortCounts(NamedTuple):
    """What customers add up to, by the local month of their first valid order, `cohort_month`.

    `bought`: one row per cohort and `month` with an order or a cancellation invoice: `n_active` customers with a valid order,
    `n_orders`, `net_value`. `times`: one row per cohort and `days` from the first date of an order to the second, or to as_of:
    `n_customers`, and of these `n_repeat` with a second order and `n_events` with a second date.
    """

    bought: pl.DataFrame
    times: pl.DataFrame


class Cohorts(NamedTuple):
    """The two tables of `follow_cohorts`."""

    retention: pl.DataFrame
    repeat: pl.DataFrame


class Median(NamedTuple):
    """A median with its 95% interval, each null where the curve does not come down to it."""

    estimate: int | None
    low: int | None
    high: int | None


def purchase_months(orders: Frame) -> pl.DataFrame:
    """One row per customer and local month with a valid order or a cancellation invoice, in this order.

    `orders` are those of `orders_as_of`. Columns: `customer_id`, `month` (its first day), `n_orders` valid orders, `net_value`
    of valid orders and of cancellation invoices in minor units, and of valid orders `first_date`, and `second_date`: the
    first local date of the month after it, null without one.
    """
    is_valid, valid_date = pl.col("is_valid"), pl.col("valid_date")
    counted: pl.DataFrame = (
        orders.filter(pl.col("customer_id").is_not_null() & (is_valid | pl.col("is_invoice")))
        .select("customer_id", "ordered_date", "is_valid", "net_amount")
        .collect(engine="streaming")
    )
    rows = sort_rows(counted, "customer_id", "ordered_date").with_columns(
        month=pl.col("ordered_date").dt.month_start(), valid_date=pl.when(is_valid).then(pl.col("ordered_date"))
    )
    is_next = pl.any_horizontal(pl.col(name) != pl.col(name).shift() for name in ("customer_id", "month"))
    rows = rows.with_columns(place=(is_next.fill_null(True).cum_sum() - 1).set_sorted())
    firsts = rows.group_by("place", maintain_order=True).agg(valid_date.min())["valid_date"]
    is_later = valid_date > pl.lit(firsts).gather(pl.col("place"))
    months = (
        rows.with_columns(second_date=pl.when(is_later).then(valid_date))
        .group_by("place", maintain_order=True)
        .agg(
            pl.col("customer_id", "month").first(),
            is_valid.sum().cast(pl.Int64).alias("n_orders"),
            pl.col("net_amount").sum().alias("net_value"),
            valid_date.min().alias("first_date"),
            pl.col("second_date").min(),
        )
    )
    return months.drop("place").with_columns(pl.col("customer_id").set_sorted())


def count_cohorts(months: pl.DataFrame, *, as_of: date) -> CohortCounts:
    """What the customers of `purchase_months`, in their order, add up to. Counts of different customers can be added."""
    has_order = pl.col("n_orders") > 0
    firsts = months.group_by("customer_id", maintain_order=True).agg(
        pl.when(has_order).then(pl.col("month")).min().alias("cohort_month"),
        pl.col("first_date").min().alias("first_bought"),
    )
    joined = months.join(firsts, on="customer_id", how="left", maintain_order="left").drop_nulls("cohort_month")
    bought = joined.group_by("cohort_month", "month").agg(
        (pl.col("n_orders") > 0).sum().cast(pl.Int64).alias("n_active"),
        pl.col("n_orders").sum(),
        pl.col("net_value").sum(),
    )
    return CohortCounts(bought, _times(joined, as_of))


def follow_cohorts(counts: Iterable[CohortCounts], *, as_of: date, settings: CohortSettings) -> Cohorts:
    """Retention per cohort and month, and repeat purchase per cohort (contracts CohortRetention, RepeatPurchase).

    `counts` are those of all customers, in any number of parts. Right-censored: a month that is not over at as_of is null,
    never zero, in all cohorts. A cancellation invoice dated before the month of the customer's first valid order has no
    row. Shares with their Wilson 95% interval. Time to the second order: the Kaplan-Meier median over customers, orders
    of one local date counted as one, a customer without a second date censored at as_of. Definitions, section 6.
    """
    bought, times = (
        add_up(parts, by=keys) for parts, keys in zip(zip(*counts, strict=True), KEYS_OF_COUNTS, strict=True)
    )
    sizes = times.group_by("cohort_month").agg(pl.col("n_customers").sum())
    return Cohorts(_retention(sizes, bought, as_of, settings.min_n), _repeat(times, as_of, settings.min_n))


def median_survival(days: np.ndarray, n_events: np.ndarray, n_censored: np.ndarray) -> Median:
    """The Kaplan-Meier median of a time with its 95% interval, from counts per distinct time, ascending.

    Kaplan & Meier (1958), JASA 53, 457-481. The interval holds the times at which the log-log interval of the curve, with
    Greenwood's variance, contains one half: Brookmeyer & Crowley (1982), Biometrics 38, 29-41. A customer censored at a
    time was still at risk then.
    """
    n_left = np.cumsum(n_events + n_censored) - (n_events + n_censored)
    n_at_risk = n_left[-1] + n_events[-1] + n_censored[-1] - n_left
    is_event = n_events > 0
    days, n_events, n_at_risk = days[is_event], n_events[is_event], n_at_risk[is_event]
    curve = np.cumprod(1 - n_events / n_at_risk)
    # Where all at risk had the event the curve is 0 and has no interval.
    is_inside = curve > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(n_events / (n_at_risk * (n_at_risk - n_events)))
        spread = np.exp(Z_95 * np.sqrt(variance) / np.abs(np.log(curve)))
        low = np.where(is_inside, curve**spread, np.nan)
        high = np.where(is_inside, curve ** (1 / spread), np.nan)
    return Median(_first_at_half(days, curve), _first_at_half(days, low), _first_at_half(days, high))


def _first_at_half(days: np.ndarray, curve: np.ndarray) -> int | None:
    reached = np.flatnonzero(curve <= HALF)
    return int(days[reached[0]]) if reached.size else None


def _retention(sizes: pl.DataFrame, bought: pl.DataFrame, as_of: date, min_n: int) -> pl.DataFrame:
    """One row per cohort and month up to as_of's."""
    # The day after a month must have come for the month to be over.
    is_over = pl.col("month").dt.offset_by("1mo") <= as_of + timedelta(days=1)
    counts = ("n_active", "n_orders", "net_value")
    cells = (
        sizes.with_columns(month=pl.date_ranges("cohort_month", as_of.replace(day=1), "1mo"))
        .explode("month", empty_as_null=False)
        .join(bought, on=["cohort_month", "month"], how="left")
        .sort("cohort_month", "month")
        .with_columns(pl.when(is_over).then(pl.col(counts).fill_null(0)))
    )
    share, total = pl.col("n_active") / pl.col("n_customers"), pl.col("net_value").cum_sum().over("cohort_month")
    low, high = wilson_interval(pl.col("n_active"), pl.col("n_customers"))
    bounds = cells.with_columns(low=100 * low, high=100 * high)
    is_shown = is_over & (pl.col("n_customers") >= min_n)
    year, number = pl.col("month").dt.year(), pl.col("month").dt.month().cast(pl.Int32)
    first_year, first_number = pl.col("cohort_month").dt.year(), pl.col("cohort_month").dt.month().cast(pl.Int32)
    return bounds.select(
        pl.lit(as_of).alias("as_of_date"),
        "cohort_month",
        (12 * (year - first_year) + number - first_number).cast(pl.Int64).alias("months_since"),
        "n_customers",
        "n_active",
        pl.when(is_shown).then(100 * share).alias("pct_active"),
        pl.when(is_shown).then("low").alias("pct_active_low"),
        pl.when(is_shown).then("high").alias("pct_active_high"),
        "n_orders",
        "net_value",
        pl.when(is_over).then(total).alias("cumulative_net_value"),
        pl.when(is_shown).then(in_minor_units(total / pl.col("n_customers"))).alias("cumulative_value_per_customer"),
        (~is_over).alias("is_censored"),
        (pl.col("n_customers") < min_n).alias("is_suppressed"),
    )


def _times(joined: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The `times` of CohortCounts."""
    # The second date is in the first month, or it is the first date of a later one.
    later = pl.when(pl.col("first_date") > pl.col("first_bought")).then(pl.col("first_date"))
    customers = (
        joined.with_columns(pl.col("customer_id").set_sorted(), second=pl.min_horizontal("second_date", later))
        .group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("cohort_month", "first_bought").first(),
            pl.col("n_orders").sum() >= 2,
            pl.col("second").min(),
        )
    )
    is_event = pl.col("second").is_not_null()
    days = (pl.coalesce("second", pl.lit(as_of)) - pl.col("first_bought")).dt.total_days()
    return customers.group_by("cohort_month", days.alias("days")).agg(
        pl.len().cast(pl.Int64).alias("n_customers"),
        pl.col("n_orders").sum().cast(pl.Int64).alias("n_repeat"),
        is_event.sum().cast(pl.Int64).alias("n_events"),
    )


def _repeat(times: pl.DataFrame, as_of: date, min_n: int) -> pl.DataFrame:
    """One row per cohort, and one without a month for all."""
    total = times.group_by("days").agg(pl.col("n_customers", "n_repeat", "n_events").sum())
    both = pl.concat([times, total.select(pl.lit(None, pl.Date).alias("cohort_month"), *times.columns[1:])]).sort(
        "cohort_month", "days"
    )
    rows = []
    for (cohort,), part in both.group_by("cohort_month", maintain_order=True):
        n_customers = int(part["n_customers"].sum())
        events = part["n_events"].to_numpy()
        found = median_survival(part["days"].to_numpy(), events, part["n_customers"].to_numpy() - events)
        median = found if n_customers >= min_n else Median(None, None, None)
        rows.append((as_of, cohort, n_customers, int(part["n_repeat"].sum()), int(events.sum()), *median))
    schema = {
        "as_of_date": pl.Date,
        "cohort_month": pl.Date,
        "n_customers": pl.Int64,
        "n_repeat": pl.Int64,
        "n_second_days": pl.Int64,
        "median_days_to_second": pl.Int64,
        "median_days_low": pl.Int64,
        "median_days_high": pl.Int64,
    }
    low, high = wilson_interval(pl.col("n_repeat"), pl.col("n_customers"))
    counted = pl.DataFrame(rows, schema=schema, orient="row")
    bounds: pl.DataFrame = counted.with_columns(low=100 * low, high=100 * high)
    is_shown = pl.col("n_customers") >= min_n
    return bounds.select(
        "as_of_date",
        "cohort_month",
        "n_customers",
        "n_repeat",
        pl.when(is_shown).then(100 * pl.col("n_repeat") / pl.col("n_customers")).alias("pct_repeat"),
        pl.when(is_shown).then("low").alias("pct_repeat_low"),
        pl.when(is_shown).then("high").alias("pct_repeat_high"),
        "n_second_days",
        "median_days_to_second",
        "median_days_low",
        "median_days_high",
        (~is_shown).alias("is_suppressed"),
    )
