"""Survey responses: what their answers say, whatever the date. Which responses count belongs to the module of each index."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.core.frames import Frame, edges_reached, with_nearest
from pipeline.core.local_dates import with_local_dates
from schemas.types import ITEM_ROLES


def response_facts(
    responses: Frame, answers: Frame, orders: Frame, *, boxes: Mapping[str, Sequence[int]], time_zone: str
) -> Frame:
    """One row per response of the lake, with what its answers say. Key: `response_id`.

    The columns of the contract SurveyResponses. `orders` come from `order_facts`, `boxes` is the setting `sci.boxes`.
    Definitions, sections 2, 3. Adds the columns of `boxes_per_response`, null without an item of the index, and:

    - `submitted_date`, `updated_date`: the local dates of its moments.
    - `asks_sci`: whether an item of the Secure Customer Index was answered.
    - `nps_score`: the answer to the Net Promoter question, 0 to 10, the first by name of several; null without one.
      Only items with `nps: true` in the configuration count.
    - `channel`: of the order it is about, else of the customer's latest order by then; null without one that has a channel.
    """
    items = boxes_per_response(answers.filter(pl.col("role").is_in(ITEM_ROLES)), boxes)
    scores = answers.filter("is_nps").group_by("response_id").agg(pl.col("value").sort_by("item_id").first())
    # Read once; grouped by number instead of name, responses take half the time.
    sent = with_local_dates(responses, time_zone).with_row_index("response").collect(engine="streaming").lazy()
    return (
        sent.join(items.with_columns(asks_sci=True), on="response_id", how="left")
        .join(scores.rename({"value": "nps_score"}), on="response_id", how="left")
        .join(_channels(sent, orders), on="response", how="left")
        .with_columns(pl.col("asks_sci").fill_null(False))
        .drop("response")
    )


def without_strangers(responses: Frame, customers: Frame) -> Frame:
    """The responses of known `customers`, and those without a customer; one that names anybody else counts nowhere.

    Definitions, sections 2, 3, 4.
    """
    known = customers.select("customer_id", is_known=pl.lit(True))
    return (
        responses.join(known, on="customer_id", how="left")
        .filter(pl.col("customer_id").is_null() | pl.col("is_known"))
        .drop("is_known")
    )


def _channels(sent: Frame, orders: Frame) -> Frame:
    """The `channel` of each response: of the order it is about, else of the customer's latest order by then.

    Orders without a channel, orders after the response and cancellation invoices are skipped; the latest is by time, then by
    name.
    """
    placed = orders.filter(pl.col("channel").is_not_null(), ~pl.col("is_invoice"))
    named = (
        placed.select("order_id", "ordered_date", "channel")
        .join(sent.select("response", "order_id", "submitted_date"), on="order_id")
        .filter(pl.col("ordered_date") <= pl.col("submitted_date"))
        .select("response", "channel")
        .collect(engine="streaming")
        .lazy()
    )
    silent = sent.join(named, on="response", how="anti").select("response", "customer_id", "submitted_at")
    of_latest = (
        with_nearest(
            silent,
            placed.select("customer_id", "ordered_at", "order_id", "channel"),
            by=["customer_id"],
            at="submitted_at",
            other_at="ordered_at",
            order=["order_id"],
        )
        .filter(pl.col("channel").is_not_null())
        .select("response", "channel")
    )
    return pl.concat([named, of_latest])


def boxes_per_response(items: Frame, boxes: Mapping[str, Sequence[int]]) -> Frame:
    """One row per response with an item of the index, from answers to ITEM_ROLES. Key: `response_id`.

    Reversed items are flipped, an item asked twice counts with its lowest box, a scale without boxes gives none. Has
    only these columns:

    - `response_id`: the response.
    - `satisfaction_box`, `repurchase_box`, `recommend_box`: the box of the answer, 0 the lowest; null without one.
    - `top2`: 1 when all answers are among the top two of their scale, else 0.
    - `sci_box`: the lowest of the three boxes; null unless each has one.
    """
    of_roles = [pl.col(f"{role}_box") for role in ITEM_ROLES]
    is_missing = pl.any_horizontal(*(box.is_null() for box in of_roles))
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    given = pl.when(pl.col("is_reversed")).then(lowest + highest - pl.col("value")).otherwise(pl.col("value"))
    box: pl.Expr = pl.lit(None, pl.Int64)
    for scale, starts in boxes.items():
        low, high = (int(bound) for bound in scale.split("-"))
        box = pl.when((lowest == low) & (highest == high)).then(edges_reached(pl.col("given"), starts)).otherwise(box)
    return (
        items.with_columns(given=given)
        .with_columns(top2=(pl.col("given") >= highest - 1).cast(pl.Int64), box=box)
        .with_columns(**{f"{role}_box": pl.when(pl.col("role") == role).then(pl.col("box")) for role in ITEM_ROLES})
        .group_by("response_id")
        .agg(*(box.min() for box in of_roles), pl.col("top2").min())
        .with_columns(sci_box=pl.when(~is_missing).then(pl.min_horizontal(*of_roles)))
    )
