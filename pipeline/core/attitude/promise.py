"""What followed a kept or broken delivery promise: review, Net Promoter Score, SCI class, repurchase.

How each of these is measured belongs to its own module.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from pipeline.core.attitude.dimensions import ALL, UNKNOWN
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.attitude.statements import MEASURES
from pipeline.core.facts.promises import BROKEN
from pipeline.core.frames import Frame, add_up, day_number, ratio
from pipeline.core.numbers import places, sort_rows
from pipeline.core.statistics import mean_difference_interval, mean_interval, nps_interval, percentage
from schemas.types import SURVEY_TYPES

CELL = ("ordered_date", "channel", "promise_status")
"""What is summed by first: days are few, and the month is then found once per cell instead of once per order."""
GROUP = ("month", "channel", "promise_status")
SUMMED = ("orders", *MEASURES, "repurchased", "later")
"""All that is summed per group."""
KEY_OF_SAID = (*GROUP, "measure", "value")
ABOUT = ("order_id", "said_at", "statement_id", *MEASURES)

PER_CUSTOMER = 2**22
"""More than the days from 0001-01-01 to 9999-12-31: customer and day make one integer, which sorts cheaply."""


class PromiseCounts(NamedTuple):
    """What orders and what was said about them add up to, by `month` and `channel` of the order and `promise_status`.

    `said`: `n` orders per `measure` and its `value`. `bought`: `n_orders` and their `net_value`; `n_observable` of a customer,
    `n_repurchased` of these, and `later_value` and `later_square` as in `_purchases`, in minor units. `shared`: the
    statements about orders that several customers may have spoken about, one row each: only all of them tell the first.
    """

    said: pl.DataFrame
    bought: pl.DataFrame
    shared: pl.DataFrame


def count_promises(
    orders: Frame, statements: Frame, shared: pl.DataFrame, *, as_of: date, settings: ExperienceSettings
) -> PromiseCounts:
    """What follows the promises of some customers, as `promise_impact` tells. Counts of different customers can be added.

    `orders` are those of `orders_as_of` with customers by number, anonymous and invalid ones included, `statements`
    those of `statements_as_of`. `shared`: the orders of `orders_as_of` that a statement of anybody but the buyer names,
    whosever they are.
    """
    known = _compact(orders)
    # One after the other, so that the memory of the first is free for the second.
    said = _with_latest_order(statements.collect(engine="streaming"), known)
    told = _named(said, known, shared.lazy())
    about, names = _attributed(said, told), shared.lazy().select("order_id")
    own = about.join(names, on="order_id", how="anti")
    return PromiseCounts(
        _values(own, told),
        _bought(known, as_of, settings.repurchase_days),
        about.join(names, on="order_id", how="semi").collect(),
    )


def promise_impact(
    counts: Iterable[PromiseCounts], shared: pl.DataFrame, *, as_of: date, settings: ExperienceSettings
) -> pl.DataFrame:
    """One row per month (null: all) and channel (or `all`) of the order, and promise status (contract PromiseImpact).

    `counts` are those of `count_promises` of all customers, in any number of parts, and `shared` the orders given to it.
    An open promise is neither kept nor broken yet, and left out; `broken` counts late and overdue orders again,
    together. A review or survey response dated `outcome_date` or later belongs to the order that
    it names or, naming none, to the customer's latest order with a known outcome (of several on one day, the last by
    number), so none is counted twice. The first answer about each order counts. Repurchase: a valid order of the
    customer on a later local date, at most `settings.repurchase_days` after the order's; more recent orders are not
    observable and left out. Its value is the net value of all such orders, 0 without one; the mean per observable order
    is compared with that after kept promises. Amounts in minor units. Means, shares and differences with their 95%
    intervals (Student, adjusted Wald, Wilson, Welch), null below `settings.min_n`. Definitions, sections 2, 3, 4, 6.
    """
    said, bought, about = zip(*counts, strict=True)
    of_shared = _values(pl.concat(about).lazy(), _cells(shared.lazy()))
    values = add_up([*said, of_shared], by=KEY_OF_SAID).sort(KEY_OF_SAID)
    purchases = add_up(bought, by=GROUP)
    sums = [
        _summed(values),
        _counted(purchases, "orders", "n_orders", "net_value"),
        _counted(purchases, "repurchased", "n_observable", "n_repurchased"),
        _counted(purchases, "later", "n_observable", "later_value", "later_square"),
    ]
    # In one order, so that the sums have the same last digit in every run.
    of_groups = pl.concat(sums).sort(*GROUP, "measure")
    return _published(_beside_kept(_rolled_up(of_groups)), as_of, settings.min_n)


def _compact(orders: Frame) -> Frame:
    """The columns of orders that are needed here, texts as codes: read once, and small. A cancellation invoice is no order."""
    columns = ("order_id", "customer_id", "ordered_date", "outcome_date", "is_valid", "net_amount", "promise_status")
    return orders.filter(~pl.col("is_invoice")).select(*columns, _channel()).collect(engine="streaming").lazy()


def _channel() -> pl.Expr:
    return pl.col("channel").fill_null(UNKNOWN).cast(pl.Categorical)


def _cells(orders: Frame) -> Frame:
    """The orders with `outcome_date` and cell."""
    columns = ("order_id", "outcome_date", "ordered_date", "promise_status")
    return orders.filter(~pl.col("is_invoice")).select(*columns, _channel())


def _with_month(cells: Frame) -> Frame:
    """The cells by month instead of date, with texts for codes, which mean something else in every process."""
    return cells.with_columns(
        month=pl.col("ordered_date").dt.month_start(),
        channel=pl.col("channel").cast(pl.String),
        promise_status=pl.col("promise_status").cast(pl.String),
    )


def _is_judged() -> pl.Expr:
    return pl.col("promise_status") != "open"


def _of_customer(day: str) -> pl.Expr:
    """One integer for the `place` of a customer among others and a date, in the order of both; null without a customer.

    The numbers of customers themselves can be too large to be packed with a date.
    """
    return pl.col("place").cast(pl.Int64) * PER_CUSTOMER + day_number(day)


def _values(about: Frame, orders: Frame) -> pl.DataFrame:
    """One row per group, measure and value: for how many orders the first statement, of those about it, says so."""
    first = _first_of_each_order(about).join(orders, on="order_id", how="inner")
    counts = first.group_by(*CELL, "measure", "value").agg(pl.len().cast(pl.Int64).alias("n"))
    return add_up([_with_month(counts).select(*KEY_OF_SAID, "n").collect(engine="streaming")], by=KEY_OF_SAID)


def _with_latest_order(said: pl.DataFrame, orders: Frame) -> Frame:
    """The statements with `latest_id`: the customer's latest order with an outcome by then."""
    customers = said["customer_id"].unique().drop_nulls().sort()
    spoken = said.with_columns(place=places(said["customer_id"], customers))
    judged = orders.filter(_is_judged() & pl.col("customer_id").is_not_null())
    outcomes = judged.select("order_id", "customer_id", "outcome_date").collect(engine="streaming")
    outcomes = outcomes.select("order_id", "outcome_date", place=places(outcomes["customer_id"], customers))
    outcomes = sort_rows(outcomes.drop_nulls(), "place", "outcome_date")
    days = spoken.lazy().with_columns(said=_of_customer("said_date")).drop("place")
    latest = _latest_orders(days, outcomes.lazy())
    return days.join(latest, on="said", how="left").drop("said").collect(engine="streaming").lazy()


def _named(said: Frame, orders: Frame, shared: Frame) -> Frame:
    """The orders that statements can be about, with `outcome_date` and cell."""
    ids = pl.concat([said.select("order_id"), said.select(order_id="latest_id")]).unique()
    cells = orders.select("order_id", "outcome_date", "ordered_date", "promise_status", "channel")
    own = cells.join(ids, on="order_id", how="semi").join(shared, on="order_id", how="anti")
    return pl.concat([own, _cells(shared)]).collect(engine="streaming").lazy()


def _attributed(said: Frame, orders: Frame) -> Frame:
    """Statements with the order that they are about, from the day on which its outcome was known."""
    outcomes = orders.select("order_id", "outcome_date", is_judged=_is_judged())
    naming = said.join(outcomes, on="order_id", how="inner")
    of_named = naming.filter("is_judged", pl.col("outcome_date") <= pl.col("said_date"))
    others = said.join(outcomes, on="order_id", how="anti").filter(pl.col("latest_id").is_not_null())
    of_latest = others.with_columns(order_id="latest_id")
    about = pl.concat([of_named.select(ABOUT), of_latest.select(ABOUT)])
    return about.collect(engine="streaming").lazy()


def _latest_orders(said: Frame, outcomes: Frame) -> Frame:
    """For each customer and day in `said` the customer's latest order with an outcome by then: `said`, `latest_id`."""
    outcome = pl.col("outcome")
    outcomes = outcomes.select("order_id", outcome=_of_customer("outcome_date").set_sorted())
    # Few orders share customer and day: sorting all by number as well would take three times as long.
    on_one_day = outcomes.filter((outcome == outcome.shift(1)) | (outcome == outcome.shift(-1)))
    last_of_day = on_one_day.group_by("outcome").agg(last_id=pl.col("order_id").max())
    return (
        said.select("said")
        .drop_nulls()
        .unique()
        .sort("said")
        .join_asof(outcomes, left_on="said", right_on="outcome", coalesce=False)
        .filter(outcome // PER_CUSTOMER == pl.col("said") // PER_CUSTOMER)
        .join(last_of_day, on="outcome", how="left")
        .select("said", latest_id=pl.coalesce("last_id", "order_id"))
    )


def _first_of_each_order(said: Frame) -> Frame:
    """The value of the first statement about each order, per measure."""
    when = pl.struct("said_at", "statement_id")
    per_measure = [
        said.select("order_id", "said_at", "statement_id", value=measure)
        .filter(pl.col("value").is_not_null())
        .group_by("order_id")
        .agg(pl.col("value").min_by(when))
        .select("order_id", "value", measure=pl.lit(measure))
        for measure in MEASURES
    ]
    return pl.concat(per_measure)


def _purchases(orders: Frame, window_days: int) -> Frame:
    """One row per cell of judged orders: `n_orders`, `net_value` of the valid ones; `n_named`, those of a customer.

    And the later valid orders of these customers in the window, whatever their promise: `n_repurchased` orders that one
    followed, `later_value` of all of them, `later_square` its sum of squares over the orders.
    """
    bought, net = pl.col("bought"), pl.when("is_valid").then("net_amount").otherwise(0)
    placed = orders.select(*CELL, "is_valid", "customer_id", net=net).collect(engine="streaming")
    # Once sorted, sums up to the end of each day need no grouping and no join of all orders.
    placed = sort_rows(placed, "customer_id", "ordered_date")
    place = pl.when(pl.col("customer_id").is_not_null()).then(pl.col("customer_id").rle_id())
    placed = placed.select(pl.exclude("customer_id"), place=place).with_columns(bought=_of_customer("ordered_date"))
    placed = placed.drop("place").with_columns(day=bought.rle_id())
    ends_day = (pl.col("day") != pl.col("day").shift(-1)).fill_null(True)
    days = (
        placed.with_columns(n=pl.col("is_valid").cum_sum(), net=pl.col("net").cum_sum())
        .filter(ends_day)
        .select("bought", "n", "net", until=bought + window_days)
    )
    # Customers lie further apart than any window, so the last day up to its end is the same customer's.
    ends = days.select(until="bought", n_until="n", net_until="net").drop_nulls("until")
    until = days.join_asof(ends, on="until")
    later = until.select(has_later=pl.col("n_until") > pl.col("n"), later=pl.col("net_until") - pl.col("net"))
    of_day = [pl.lit(later[name]).gather(pl.col("day")).alias(name) for name in later.columns]
    value = pl.col("later").cast(pl.Float64)
    return (
        placed.lazy()
        .with_columns(of_day)
        .filter(_is_judged())
        .group_by(CELL)
        .agg(
            pl.len().cast(pl.Int64).alias("n_orders"),
            pl.col("net").sum().alias("net_value"),
            bought.count().cast(pl.Int64).alias("n_named"),
            pl.col("has_later").sum().cast(pl.Int64).alias("n_repurchased"),
            pl.col("later").sum().alias("later_value"),
            (value * value).sum().alias("later_square"),
        )
        .collect(engine="streaming")
        .lazy()
    )


def _bought(orders: Frame, as_of: date, window_days: int) -> pl.DataFrame:
    """One row per group of `_purchases`, with later orders only of those orders whose whole window is over."""
    is_observable = pl.col("ordered_date") <= as_of - timedelta(days=window_days)
    counts = _with_month(_purchases(orders, window_days)).select(
        *GROUP,
        "n_orders",
        "net_value",
        pl.when(is_observable).then("n_named").otherwise(0).alias("n_observable"),
        *(
            pl.when(is_observable).then(name).otherwise(0).alias(name)
            for name in ("n_repurchased", "later_value", "later_square")
        ),
    )
    return add_up([counts.collect()], by=GROUP)


def _counted(groups: pl.DataFrame, measure: str, n: str, total: str, square: str | None = None) -> pl.DataFrame:
    """As `_summed`; without `square` of a measure that is 0 or 1, which is its own square."""
    sums = {"total": pl.col(total).cast(pl.Float64), "square": pl.col(square or total).cast(pl.Float64)}
    return groups.select(*GROUP, pl.lit(measure).alias("measure"), n=pl.col(n), **sums)


def _summed(values: pl.DataFrame) -> pl.DataFrame:
    """One row per group and measure: number, sum and sum of squares of the values."""
    n, value = pl.col("n"), pl.col("value")
    weighed = values.select(*GROUP, "measure", n, total=n * value, square=n * value * value)
    return add_up([weighed], by=[*GROUP, "measure"])


def _rolled_up(sums: pl.DataFrame) -> pl.DataFrame:
    """One row per group, with all months, all channels and broken promises as groups of their own: the sums of each measure."""
    status = pl.col("promise_status")
    broken = pl.when(status.is_in(BROKEN)).then(pl.lit("broken"))
    parts = {"n": "n", "total": "total", "squares": "square"}
    return (
        sums.with_columns(month=pl.concat_list("month", pl.lit(None, pl.Date)))
        .explode("month")
        .with_columns(channel=pl.concat_list("channel", pl.lit(ALL)))
        .explode("channel")
        .with_columns(promise_status=pl.concat_list(status, broken).list.drop_nulls())
        .explode("promise_status")
        .group_by(GROUP, maintain_order=True)
        .agg(
            pl.col(column).filter(pl.col("measure") == measure).sum().alias(f"{measure}_{part}")
            for measure in SUMMED
            for part, column in parts.items()
        )
    )


def _beside_kept(sums: pl.DataFrame) -> pl.DataFrame:
    """The sums, each with those of later purchases after kept promises of the same month and channel."""
    parts = [f"later_{part}" for part in ("n", "total", "squares")]
    kept = sums.filter(promise_status="kept").select("month", "channel", pl.col(parts).name.prefix("kept_"))
    return sums.join(kept, on=["month", "channel"], how="left", nulls_equal=True).with_columns(
        pl.col("^kept_later_.*$").fill_null(0)
    )


def _published(sums: pl.DataFrame, as_of: date, min_n: int) -> pl.DataFrame:
    """Means, shares, scores and intervals in the columns of the contract, null below `min_n`."""
    n_rated, total = pl.col("pomp_n"), pl.col("pomp_total")
    low, high = mean_interval(total, pl.col("pomp_squares"), n_rated)
    means = {
        "mean_pomp": ratio(total, n_rated),
        "mean_pomp_low": low.clip(0.0, 100.0),
        "mean_pomp_high": high.clip(0.0, 100.0),
    }
    return sums.select(
        pl.lit(as_of).alias("as_of_date"),
        *GROUP,
        pl.col("orders_n").cast(pl.Int64).alias("n_orders"),
        pl.col("orders_total").cast(pl.Int64).alias("net_value"),
        n_rated.cast(pl.Int64).alias("n_reviews"),
        *_shown(n_rated >= min_n, "pomp", means),
        *(column for survey_type in SURVEY_TYPES for column in _score(f"nps_{survey_type}", min_n)),
        *_share("secure", "n_classified", min_n),
        *_share("repurchased", "n_observable", min_n),
        *_later_value(min_n),
    )


def _shown(is_shown: pl.Expr, name: str, values: dict[str, pl.Expr]) -> list[pl.Expr]:
    """Values that are null unless shown, and whether they are suppressed."""
    columns = [pl.when(is_shown).then(value).alias(column) for column, value in values.items()]
    return [*columns, (~is_shown).alias(f"is_{name}_suppressed")]


def _score(measure: str, min_n: int) -> list[pl.Expr]:
    """Number of answers and Net Promoter Score with its interval."""
    n, balance, extremes = (pl.col(f"{measure}_{part}") for part in ("n", "total", "squares"))
    low, high = nps_interval((extremes + balance) / 2, (extremes - balance) / 2, n)
    values = {measure: 100.0 * balance / n, f"{measure}_low": low, f"{measure}_high": high}
    return [n.cast(pl.Int64).alias(f"n_{measure}"), *_shown(n >= min_n, measure, values)]


def _share(measure: str, n_name: str, min_n: int) -> list[pl.Expr]:
    """Denominator, count and percentage with its Wilson interval."""
    n, successes = pl.col(f"{measure}_n"), pl.col(f"{measure}_total")
    share, low, high = percentage(successes, n)
    values = {f"pct_{measure}": share, f"pct_{measure}_low": low, f"pct_{measure}_high": high}
    return [
        n.cast(pl.Int64).alias(n_name),
        successes.cast(pl.Int64).alias(f"n_{measure}"),
        *_shown(n >= min_n, measure, values),
    ]


def _later_value(min_n: int) -> list[pl.Expr]:
    """The value of later purchases per observable order, and its difference to that after kept promises."""
    own, kept = ([pl.col(f"{of}later_{part}") for part in ("total", "squares", "n")] for of in ("", "kept_"))
    (total, squares, n), (kept_total, kept_squares, n_kept) = own, kept
    low, high = mean_interval(total, squares, n)
    apart = mean_difference_interval((total, squares, n), (kept_total, kept_squares, n_kept))
    # To a hundredth of a minor unit: sums of squares are not exact to the last digit, whatever the order of rows.
    means = {"mean_repurchase_value": total / n, "mean_repurchase_value_low": low, "mean_repurchase_value_high": high}
    differences = {
        "diff_repurchase_value": total / n - kept_total / n_kept,
        "diff_repurchase_value_low": apart[0],
        "diff_repurchase_value_high": apart[1],
    }
    is_kept, is_few = pl.col("promise_status") == "kept", (n < min_n) | (n_kept < min_n)
    return [
        total.cast(pl.Int64).alias("repurchase_value"),
        *(pl.when(n >= min_n).then(value.round(2)).alias(name) for name, value in means.items()),
        n_kept.cast(pl.Int64).alias("n_observable_kept"),
        *(pl.when(~is_few & ~is_kept).then(value.round(2)).alias(name) for name, value in differences.items()),
        (is_few & ~is_kept).alias("is_diff_suppressed"),
    ]
