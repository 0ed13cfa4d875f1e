"""How large segments are: customers, their share, and what they spent. Which segment a customer is in is decided elsewhere."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from pipeline.core.frames import Frame, add_up, ratio


def count_sizes(segments: Frame, scores: Frame) -> Frame:
    """One row per kind and segment: `kind`, `segment`, its customers as `n_customers`, and their `net_value` in minor units.

    `segments` has a row per kind and customer, as `segments_of` makes them; a customer without a segment of a kind is
    outside it. `scores` follows contract Rfm. Counts of different customers can be added.
    """
    return (
        segments.filter(pl.col("segment").is_not_null())
        .join(scores.select("customer_id", "monetary"), on="customer_id", how="left")
        .group_by("kind", "segment")
        .agg(n_customers=pl.len().cast(pl.Int64), net_value=pl.col("monetary").sum())
    )


def segment_sizes(counts: Iterable[pl.DataFrame], *, as_of: date) -> Frame:
    """One row per kind and segment (contract SegmentSizes), from `count_sizes` of some customers after those of others."""
    n = pl.col("n_customers")
    return (
        add_up(counts, by=["kind", "segment"])
        .lazy()
        .with_columns(n_total=n.sum().over("kind"))
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "kind",
            "segment",
            "n_customers",
            "n_total",
            pct_customers=100 * ratio(n, pl.col("n_total")),
            net_value="net_value",
        )
    )
