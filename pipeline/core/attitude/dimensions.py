"""What a survey figure can be broken down by: the channel, acquisition month and RFM segment behind each response.

The figures themselves belong to the module of each index.
"""

import polars as pl

from pipeline.core.frames import Frame

ALL = "all"
"""The value that stands for all values of a dimension together."""
NOT_ALL = "all_"
"""How a channel that a source calls `all` is read: it is one channel, and not all of them together."""
UNKNOWN = "unknown"
"""The value of a dimension where the shop does not know it."""

CUSTOMER_DIMENSIONS = ("channel", "acquisition_month", "rfm_segment")
"""Dimensions that every response of a known customer has a value of."""


def with_dimensions(responses: Frame, rfm: Frame) -> Frame:
    """The responses with a value of each of CUSTOMER_DIMENSIONS, never null.

    `responses` has one row per response: customer_id, `channel` of the facts of responses, and whatever else; `rfm` is the
    table of the as_of date. Acquisition month: of the first valid order, such as 2026-03. Segment: at as_of.
    """
    segments = rfm.select(
        "customer_id",
        acquisition_month=pl.col("first_order_date").dt.to_string("%Y-%m"),
        rfm_segment=pl.col("segment"),
    )
    return responses.join(segments, on="customer_id", how="left").with_columns(
        pl.col(*CUSTOMER_DIMENSIONS).fill_null(UNKNOWN)
    )
