"""Whether an action works: contacted customers against the control group. Which group a customer is in is found elsewhere."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.contacts import first_contacts
from pipeline.core.statistics import difference_interval, mean_difference_interval, percentage

OF = ["action", "control_draw"]


def count_effects(contacts: Frame, orders: Frame, *, as_of: date, settings: ActionsSettings) -> Frame:
    """One row per action and draw of its control group: counts and sums by arm, and the first and last date that they are of.

    `contacts` have the local date of each export, `orders` are those of `orders_as_of`. A customer counts once per action and
    draw, from the first export on and in its arm, whatever came later, as that can depend on what the first brought.
    Outcomes are the valid orders from that moment to `effect_days` later. `sum_` and `squares_` are of what each customer spent, in
    minor units. `add_effects` adds those of several sets of customers.
    """
    first = first_contacts(contacts.filter(pl.col("exported_date") <= as_of))
    is_over = pl.col("exported_date") <= as_of - timedelta(days=settings.effect_days)
    counted = _with_outcomes(first.filter(is_over), orders, settings)
    spend, n_orders = pl.col("spend"), pl.col("n_orders")
    in_arm = {"treated": ~pl.col("is_control"), "control": pl.col("is_control")}
    counts = counted.group_by(OF).agg(
        first_date=pl.col("exported_date").min(),
        last_date=pl.col("exported_date").max(),
        **{f"n_{arm}": is_in.sum().cast(pl.Int64) for arm, is_in in in_arm.items()},
        **{f"n_{arm}_repurchased": (is_in & (n_orders > 0)).sum().cast(pl.Int64) for arm, is_in in in_arm.items()},
        **{f"sum_{arm}": spend.filter(is_in).sum() for arm, is_in in in_arm.items()},
        **{f"squares_{arm}": (spend.cast(pl.Float64) ** 2).filter(is_in).sum() for arm, is_in in in_arm.items()},
    )
    running = first.group_by(OF).agg(n_running=(~is_over).sum().cast(pl.Int64))
    return running.join(counts, on=OF, how="left").with_columns(pl.col("^(n|sum|squares)_.*$").fill_null(0))


def add_effects(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The counts and sums of `count_effects` of all parts, in their order."""
    of_all = pl.concat(parts).group_by(OF, maintain_order=True)
    return of_all.agg(pl.col("first_date").min(), pl.col("last_date").max(), pl.col("^(n|sum|squares)_.*$").sum())


def action_effects(counts: Frame, *, as_of: date, settings: ActionsSettings) -> Frame:
    """One row per action and draw of its control group (contract ActionEffects), from `count_effects` of everybody.

    Definitions, section 6.
    """
    return counts.select(*_effects(as_of, settings))


def _with_outcomes(first: Frame, orders: Frame, settings: ActionsSettings) -> Frame:
    """The contacts with `n_orders` and `spend` of what was ordered after each."""
    unit = ["customer_id", *OF]
    bought = orders.filter("is_valid").select("customer_id", "ordered_at", "ordered_date", "net_amount")
    last_day = pl.col("exported_date") + timedelta(days=settings.effect_days)
    outcomes = (
        first.select(*unit, "exported_at", "exported_date")
        .join(bought, on="customer_id")
        .filter(pl.col("ordered_at") > pl.col("exported_at"), pl.col("ordered_date") <= last_day)
        .group_by(unit)
        .agg(n_orders=pl.len().cast(pl.Int64), spend=pl.col("net_amount").sum())
    )
    return first.join(outcomes, on=unit, how="left").with_columns(pl.col("n_orders", "spend").fill_null(0))


def _effects(as_of: date, settings: ActionsSettings) -> list[pl.Expr | str]:
    """The columns of the contract, from counts and sums by arm."""
    arms = ("treated", "control")
    n_treated, n_control = pl.col("n_treated"), pl.col("n_control")
    is_shown = (n_treated >= settings.min_n) & (n_control >= settings.min_n)
    treated, control = (percentage(pl.col(f"n_{arm}_repurchased"), pl.col(f"n_{arm}")) for arm in arms)
    low, high = difference_interval(treated, control)
    means = [pl.col(f"sum_{arm}") / pl.col(f"n_{arm}") for arm in arms]
    spends = [(pl.col(f"sum_{arm}"), pl.col(f"squares_{arm}"), pl.col(f"n_{arm}")) for arm in arms]
    by_spend = (means[0] - means[1], *mean_difference_interval(*spends))
    shares = {
        "pct_treated_repurchased": treated[0],
        "pct_control_repurchased": control[0],
        "difference": treated[0] - control[0],
        "difference_low": low,
        "difference_high": high,
    }
    money = {
        "mean_treated_spend": means[0],
        "mean_control_spend": means[1],
        **{f"spend_difference{end}": value for end, value in zip(("", "_low", "_high"), by_spend, strict=True)},
        **{
            f"incremental_value{end}": value * n_treated
            for end, value in zip(("", "_low", "_high"), by_spend, strict=True)
        },
    }
    return [
        pl.lit(as_of).alias("as_of_date"),
        *OF,
        *("first_date", "last_date", "n_treated", "n_control", "n_running"),
        *("n_treated_repurchased", "n_control_repurchased"),
        *(pl.when(is_shown).then(value).alias(name) for name, value in shares.items()),
        *(pl.when(is_shown).then(value).round(0).cast(pl.Int64).alias(name) for name, value in money.items()),
        (~is_shown).alias("is_suppressed"),
    ]
