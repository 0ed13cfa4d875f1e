"""What became of customers' segments from date to date: the changes, and how many went where. Segments are made elsewhere.

The changes alone tell every state: what a customer is on a date is the last change up to it. So a date can be computed
again, or put between two others, without the rows of any other date. They name customers as on their date; migration follows
the person behind a name.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.core.facts.customers import one_per_person, with_persons
from pipeline.core.frames import Frame, last_of, ratio
from schemas.history import GONE, JOINED


@dataclass(frozen=True)
class Neighbours:
    """The recorded dates before and after a date; either can be missing."""

    earlier: date | None
    later: date | None


WAY = ("kind", "from_segment", "to_segment", "cause")
"""What a way of `Comparison` is told by."""


@dataclass(frozen=True)
class Comparison:
    """Two neighbouring dates compared: `changes` (contract SegmentChanges), and the `ways` that customers went.

    `ways` has a row per WAY, with its customers as `n_customers`; counts of different persons can be added. Both rest on the
    same pass: collect them together (`polars.collect_all`) to make it once.
    """

    changes: Frame
    ways: Frame


def neighbours_of(as_of: date, recorded: Iterable[date]) -> Neighbours:
    """The last recorded date before a date, and the first after it."""
    dates = set(recorded)
    return Neighbours(
        earlier=max((day for day in dates if day < as_of), default=None),
        later=min((day for day in dates if day > as_of), default=None),
    )


def segments_of(tables: Mapping[str, tuple[Frame, str]]) -> Frame:
    """One row per kind and customer: `kind`, `customer_id`, `segment`.

    `tables` maps a kind to a table of one date with one row per customer, and the column with the segment.
    """
    return pl.concat(
        [
            table.select(pl.lit(kind).alias("kind"), "customer_id", pl.col(column).alias("segment"))
            for kind, (table, column) in tables.items()
        ]
    )


def segments_known(changes: Frame, *, by: date) -> Frame:
    """The same as `segments_of`, from the changes: the last one of each customer and kind up to a date."""
    return (
        changes.filter(pl.col("as_of_date") <= pl.lit(by))
        .pipe(last_of, ["kind", "customer_id"], order=["as_of_date"])
        .filter(~pl.col("segment").is_null())
        .select("kind", "customer_id", "segment")
    )


def compare_segments(
    previous: Frame,
    current: Frame,
    rescored: Frame | None,
    remodelled: Frame | None = None,
    *,
    identity: Frame,
    as_of: date,
) -> Comparison:
    """Compare the segments of two neighbouring dates, both as `segments_of` gives them, the later one as_of.

    They can be of some customers, with all names of each. `rescored` holds the RFM segment that each customer's values of as_of
    would have had under the cut points and map of the date before (`customer_id`, `segment`): a customer who changes segment under
    those too has moved, any other was moved by the threshold. `remodelled` holds the customers whose churn band of as_of came from
    another model than that of the date before, or by the rule of days at just one of the two (`customer_id`): whether the customer
    or the model moved it is not told apart. Any other change is the customer's doing, as thresholds are fixed.

    Ways are of customers with a segment at the date before: those without one at as_of are `gone`, those new at as_of are not in
    them. Who has another name at as_of, by `identity` (contract Identity), stays the same customer; whoever is one with another
    customer by then leaves as `joined`. Definitions, section 1.
    """
    keys = ["kind", "customer_id"]
    pairs = (
        previous.join(current, on=keys, how="full")
        .select(
            *(pl.coalesce(key, f"{key}_right").alias(key) for key in keys),
            pl.col("segment").alias("previous_segment"),
            pl.col("segment_right").alias("segment"),
        )
        .cache()
    )
    people = _same_people(pairs, previous, current, identity)
    if rescored is None:
        people = people.with_columns(rescored=pl.lit(None, pl.String))
    else:
        under_earlier = rescored.select("customer_id", pl.lit("rfm").alias("kind"), pl.col("segment").alias("rescored"))
        people = people.join(under_earlier, on=keys, how="left")
    if remodelled is None:
        people = people.with_columns(is_remodelled=pl.lit(False))
    else:
        by_another = remodelled.select("customer_id", kind=pl.lit("churn"), is_remodelled=pl.lit(True))
        people = people.join(by_another, on=keys, how="left").with_columns(pl.col("is_remodelled").fill_null(False))
    return Comparison(
        changes=pairs.filter(_differs()).select(
            pl.lit(as_of).alias("as_of_date"), "kind", "customer_id", "segment", "previous_segment"
        ),
        ways=_ways(people),
    )


def _same_people(pairs: Frame, previous: Frame, current: Frame, identity: Frame) -> Frame:
    """The pairs of two dates, in which a person under another name is one pair, and with `is_joined`: no longer there under any
    name, as one with another customer."""
    keys, of_person = ["kind", "customer_id"], ["kind", "person"]
    # Collected, as they are few from the second date on and used twice.
    left = with_persons(previous.join(current, on=keys, how="anti"), identity).collect(engine="streaming").lazy()
    came = current.join(previous, on=keys, how="anti").collect(engine="streaming").lazy()
    renamed = (
        one_per_person(left.drop("person"), identity, by=["kind"])
        .join(one_per_person(came, identity, by=["kind"]), on=of_person, suffix="_now")
        .collect(engine="streaming")
        .lazy()
    )
    there = with_persons(current, identity).select(of_person).unique()
    stays = renamed.select(keys)
    joined = left.join(stays, on=keys, how="anti").join(there, on=of_person, how="semi")
    same = renamed.select("kind", "customer_id_now", previous_segment="segment", segment="segment_now").rename(
        {"customer_id_now": "customer_id"}
    )
    others = pairs.join(stays, on=keys, how="anti").join(same, on=keys, how="anti")
    return (
        pl.concat([others, same.select(pairs.collect_schema().names())])
        .join(joined.select(*keys, is_joined=pl.lit(True)), on=keys, how="left")
        .with_columns(pl.col("is_joined").fill_null(False))
    )


def migration_of(ways: Frame, *, from_date: date | None, as_of: date, min_n: int) -> Frame:
    """One row per way that customers went from the date before to as_of (contract SegmentMigration).

    `ways` are those of `compare_segments` of all customers. The denominator is all customers of a segment at from_date, those who
    are gone included, so its probabilities add up to 1. Without an earlier date nobody came from anywhere. Definitions, section 1.
    """
    n, n_from = pl.col("n_customers"), pl.col("n_from")
    return ways.with_columns(n_from=n.sum().over("kind", "from_segment").cast(pl.Int64)).select(
        pl.lit(as_of).alias("as_of_date"),
        pl.lit(from_date, pl.Date).alias("from_date"),
        "kind",
        "from_segment",
        "to_segment",
        "cause",
        "n_customers",
        "n_from",
        pl.when(n_from >= min_n).then(ratio(n, n_from)).alias("probability"),
        (n_from < min_n).alias("is_suppressed"),
    )


def with_recorded_causes(migration: pl.DataFrame, recorded: pl.DataFrame, *, untold: Collection[str]) -> pl.DataFrame:
    """A migration in which the causes of the kinds `untold` cannot be told any more, as segments per customer are dropped.

    Their causes are those of `recorded`, the migration of the same date as it stands, where as many went the same way from
    the same date; else they are unknown.
    """
    way = ["from_date", "kind", "from_segment", "to_segment"]
    before, after = pl.col("from_segment"), pl.col("to_segment")
    is_untold = pl.col("kind").is_in([*untold]) & (before != after) & ~after.is_in([GONE, JOINED])
    ways = migration.filter(is_untold).drop("cause", "probability").group_by(pl.exclude("n_customers")).sum()
    splits = recorded.select(*way, "cause", part="n_customers").with_columns(n_recorded=pl.col("part").sum().over(way))
    is_same = pl.col("n_recorded") == pl.col("n_customers")
    told = ways.join(splits, on=way).filter(is_same).with_columns(n_customers="part").drop("part", "n_recorded")
    others = ways.join(told, on=way, how="anti").with_columns(cause=pl.lit("unknown"))
    share = pl.when(~pl.col("is_suppressed")).then(ratio(pl.col("n_customers"), pl.col("n_from")))
    found = pl.concat([told, others]).with_columns(probability=share)
    return pl.concat([migration.filter(~is_untold), found.select(migration.columns)])


def _differs() -> pl.Expr:
    """Whether a customer's segment has changed; having none counts as another one."""
    before, after = pl.col("previous_segment"), pl.col("segment")
    return (before.is_null() != after.is_null()) | (before != after).fill_null(False)


def _ways(pairs: Frame) -> Frame:
    before, after, rescored = pl.col("previous_segment"), pl.col("segment"), pl.col("rescored")
    may_be_threshold = (pl.col("kind") == "rfm") & ~after.is_null()
    cause = (
        pl.when("is_joined")
        .then(pl.lit(JOINED))
        .when(~_differs())
        .then(pl.lit("none"))
        .when(pl.col("is_remodelled"))
        .then(pl.lit("model"))
        .when(~may_be_threshold)
        .then(pl.lit("customer"))
        .when(rescored.is_null())
        .then(pl.lit("unknown"))
        .when(rescored == before)
        .then(pl.lit("threshold"))
        .otherwise(pl.lit("customer"))
    )
    there = after.fill_null(pl.when("is_joined").then(pl.lit(JOINED)).otherwise(pl.lit(GONE)))
    return (
        pairs.filter(~before.is_null())
        .group_by("kind", before.alias("from_segment"), there.alias("to_segment"), cause.alias("cause"))
        .agg(pl.len().cast(pl.Int64).alias("n_customers"))
    )
