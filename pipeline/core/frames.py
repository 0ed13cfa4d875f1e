"""What all table functions share: small expressions. No business rule belongs here."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import polars as pl

Frame: TypeAlias = pl.LazyFrame

_ROW = "row of the frame"

MINOR_UNITS = 100
"""Minor units in a whole currency unit; amounts in the lake are hundredths whatever the currency."""


def day_start(day: date, time_zone: str) -> datetime:
    """The UTC moment at which a local date begins; where clocks skip midnight, the moment of the jump."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_end(day: date, time_zone: str) -> datetime:
    """The UTC moment at which a local date is over, exclusive.

    Comparing moments with it is the same as comparing local dates with `day`, without converting every row.
    """
    return day_start(day + timedelta(days=1), time_zone)


def day_number(column: str) -> pl.Expr:
    """Days from 0001-01-01 (day 1) to a date, Int64, as `datetime.date.toordinal` counts them."""
    return pl.col(column).to_physical().cast(pl.Int64) + date(1970, 1, 1).toordinal()


def clock_hours(start: str, end: str, time_zone: str) -> pl.Expr:
    """Hours on the shop's clock from `{start}_at` to the later `{end}_at`, whose local dates are `{start}_date`, `{end}_date`.

    Not below 0, as in the hour that the clock shows twice. The difference of the moments themselves would count an hour
    more or less over a change of clocks.
    """
    return (_clock(end, time_zone) - _clock(start, time_zone)).clip(0.0)


def _clock(moment: str, time_zone: str) -> pl.Expr:
    """Hours on the shop's clock since 0001-01-01."""
    clock = pl.col(f"{moment}_at").dt.convert_time_zone(time_zone).dt
    hour, minute, second = (part.cast(pl.Int64) for part in (clock.hour(), clock.minute(), clock.second()))
    return 24 * day_number(f"{moment}_date") + hour + (60 * minute + second) / 3600


def days_before(as_of: date, column: str) -> pl.Expr:
    """Whole days from a date to as_of, Int64."""
    return as_of.toordinal() - day_number(column)


def edges_reached(value: pl.Expr, edges: Sequence[float | pl.Expr]) -> pl.Expr:
    """How many of the edges a value has reached, Int64: 0 below the first; intervals are [low, high)."""
    return sum(((value >= edge).cast(pl.Int64) for edge in edges), start=0 * value.cast(pl.Int64))


def nth(index: pl.Expr, values: Sequence[str | float | None], dtype: Any = pl.String) -> pl.Expr:
    """The value at a position of a list, from 0; null where the index is null."""
    named = pl.lit(None, dtype)
    for position, value in enumerate(values):
        named = pl.when(index == position).then(pl.lit(value, dtype)).otherwise(named)
    return named


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole, to ten decimals.

    polars divides by a column of one value through its reciprocal, so the last digit of a plain division depends on how
    the rows happen to be batched; a rerun of the same input must give the same table.
    """
    return (part / whole).round(10)


def first_of(frame: Frame, by: str | Sequence[str], *, order: Sequence[str]) -> Frame:
    """The row of each group that comes first in `order`, which must end in a unique key; nulls come first."""
    return _of_each(frame, by, pl.col(_ROW).min_by(pl.struct(order)))


def last_of(frame: Frame, by: str | Sequence[str], *, order: Sequence[str]) -> Frame:
    """The row of each group that comes last in `order`, which must end in a unique key; nulls come first."""
    return _of_each(frame, by, pl.col(_ROW).max_by(pl.struct(order)))


def _of_each(frame: Frame, by: str | Sequence[str], chosen: pl.Expr) -> Frame:
    """The rows that are chosen by number, in a third of the time of sorting all."""
    numbered = frame.with_row_index(_ROW).cache()
    return numbered.join(numbered.group_by(by).agg(chosen), on=_ROW, how="semi").drop(_ROW)


def with_nearest(
    rows: Frame,
    others: Frame,
    *,
    by: Sequence[str],
    at: str,
    other_at: str,
    order: Sequence[str] = (),
    strategy: Literal["backward", "forward"] = "backward",
    counts_same_moment: bool = True,
) -> Frame:
    """The rows, in any order, with the columns of the row of `others` with the same `by` that is nearest in time; null without one.

    That is the last one up to the moment `at`, or with `forward` the first one from it on, by `other_at` and then `order`. The
    two must share no column but `by`. A join of all rows of a customer would make a pair of every two, and the account of a
    till can have as many of both as a shop.
    """
    keys = list(by)
    # Those of nobody are of the same nobody: a semi join leaves them out.
    asked = others.join(rows.select(keys).unique(), on=keys, how="semi")
    return rows.sort(at).join_asof(
        asked.sort(other_at, *order),
        left_on=at,
        right_on=other_at,
        by=keys,
        strategy=strategy,
        allow_exact_matches=counts_same_moment,
        coalesce=False,
        # It cannot be checked per group, and both are sorted above.
        check_sortedness=False,
    )


def minor_units(amount: float) -> int:
    """An amount of the configuration, in whole currency units, as minor units."""
    return round(amount * MINOR_UNITS)


def add_up(parts: Iterable[pl.DataFrame], *, by: Sequence[str]) -> pl.DataFrame:
    """One row per group of the rows of all parts, in the order in which they come, with the sums of all other columns."""
    return pl.concat(parts).group_by(by, maintain_order=True).agg(pl.all().sum())
