"""Amounts in other currencies: what they are in the shop's, by the rate of their day. Where rates come from does not belong here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl

from pipeline.core.frames import Frame

RATES = pl.Schema({"currency": pl.String, "date": pl.Date, "rate": pl.Float64})
"""Columns of rates: units of the shop's currency for one unit of a currency, from a date on."""


def in_minor_units(amount: pl.Expr) -> pl.Expr:
    """An amount in whole minor units, a half away from zero, as SQL rounds that of a line; polars by itself rounds to the even one."""
    # To six decimals first: 1,250 * 1.146 is a little below 1,432.5 in floating point.
    return amount.round(6).round(mode="half_away_from_zero").cast(pl.Int64)


@dataclass(frozen=True)
class Money:
    """The shop's currency, and the rate of every other one on every day that has one (`currency`, `day`, `exchange_rate`)."""

    currency: str
    by_day: pl.DataFrame

    @classmethod
    def of(cls, rates: pl.DataFrame, *, currency: str, max_age_days: int) -> Self:
        """A rate holds from its date until the next one, at most `max_age_days` after its date."""
        since, following = pl.col("date"), pl.col("date").shift(-1).over("currency")
        last = pl.min_horizontal(following - pl.duration(days=1), since + pl.duration(days=max_age_days))
        days = rates.sort("currency", "date").with_columns(day=pl.date_ranges("date", last)).explode("day")
        return cls(currency, days.select("currency", "day", exchange_rate="rate"))

    def convert(self, rows: Frame, *amounts: str, day: str) -> Frame:
        """The rows, as many as before, with amounts in the shop's currency, in whole minor units; null where the day has no rate.

        Adds `original_currency`, null where it is the shop's, and `exchange_rate`, the shop's units for one of the original.
        """
        is_foreign, rate = pl.col("original_currency").is_not_null(), pl.col("exchange_rate")
        by_day = self.by_day.lazy().rename({"currency": "original_currency", "day": day})
        return (
            rows.with_columns(original_currency=pl.when(pl.col("currency") != self.currency).then("currency"))
            .join(by_day, on=["original_currency", day], how="left")
            .with_columns(
                pl.when(is_foreign).then(in_minor_units(pl.col(name) * rate)).otherwise(name).alias(name)
                for name in amounts
            )
            .with_columns(currency=pl.when(is_foreign).then(pl.lit(self.currency)).otherwise("currency"))
        )


def paid_in_shop_currency(orders: Frame, money: Money | None) -> Frame:
    """The orders with their amounts in the shop's currency, by the rate of their local date, also for a later refund. Key: `order_id`.

    Without `money` every order is in the shop's currency. Adds:

    - `original_currency`: what it was paid in; null where that is the shop's currency.
    - `exchange_rate`: units of the shop's currency for one of the original; null where there is no original or no rate.
    - `original_net_amount`, `original_refund_amount`: minor units of the original currency; null where there is none.
    - `is_unpriced`: in another currency and without a rate, so that all amounts are 0.
    """
    if money is None:
        return orders.with_columns(
            original_currency=pl.lit(None, pl.String),
            exchange_rate=pl.lit(None, pl.Float64),
            original_net_amount=pl.lit(None, pl.Int64),
            original_refund_amount=pl.lit(None, pl.Int64),
            is_unpriced=pl.lit(False),
        )
    gross, discount, refund = (pl.col(f"{name}_amount") for name in ("gross", "discount", "refund"))
    is_foreign = pl.col("currency") != money.currency
    known = orders.with_columns(
        original_net_amount=pl.when(is_foreign).then("net_amount"),
        original_refund_amount=pl.when(is_foreign).then(refund),
        is_all_refunded=refund == gross - discount,
    )
    return (
        money.convert(known, "gross_amount", "discount_amount", "refund_amount", day="ordered_date")
        .with_columns(
            pl.col("gross_amount", "discount_amount", "refund_amount").fill_null(0),
            is_unpriced=pl.col("original_currency").is_not_null() & pl.col("exchange_rate").is_null(),
        )
        # Rounded separately, the amounts could leave a cent of a fully refunded order.
        .with_columns(refund_amount=pl.when("is_all_refunded").then(gross - discount).otherwise(refund))
        .with_columns(net_amount=gross - discount - refund)
        .drop("is_all_refunded")
    )


def currencies_of(rows: Frame) -> list[str]:
    """The currencies of amounts, by name."""
    return (
        rows.select(pl.col("currency").drop_nulls().unique()).collect(engine="streaming").to_series().sort().to_list()
    )


def convert_amounts(rows: Frame, money: Money | None, amounts: Sequence[str], *, day: str) -> Frame:
    """The rows, as many as before and with their key and columns, with `amounts` in minor units of the shop's currency.

    An amount without a rate on its `day` (a column of local dates) is null.
    """
    if money is None:
        return rows
    return money.convert(rows, *amounts, day=day).drop("original_currency", "exchange_rate")
