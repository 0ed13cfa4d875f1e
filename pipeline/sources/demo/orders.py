"""Who there is in the demo shop, what they order, and all that ever becomes of an order. What of it is known by a day belongs to
`simulate`.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.sources.demo.draws import (
    DAY_SECONDS,
    Bools,
    Floats,
    accepts_marketing,
    customer_ids,
    generator,
    person_draws,
)
from pipeline.sources.demo.life import NEVER, Life
from pipeline.sources.demo.model import ShopModel
from pipeline.sources.demo.products import CATEGORIES, PRODUCTS_PER_CATEGORY, product_id

MAX_LINES = 4


def utc(seconds: str) -> pl.Expr:
    """A column of seconds since 1970 as a time."""
    return pl.from_epoch(pl.col(seconds), time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")


def meet_people(life: Life, seed: int, model: ShopModel) -> pl.DataFrame:
    """One row per registered person, by arrival."""
    people = life.people
    n = people.arrived_s.size
    draws = person_draws(seed, n)
    tastes = generator(seed, "taste").random((people.arrived_s.size, 2))
    categories = np.array(CATEGORIES)[(tastes[:, 1] * len(CATEGORIES)).astype(np.int64)]
    return pl.DataFrame(
        {
            "arrived_s": people.arrived_s,
            "is_prospect": people.is_prospect,
            "has_left": life.left_s < NEVER,
            "purchase_rate": people.purchase_rate,
            "dropout_p": people.dropout_p,
            "spend_mean": model.spend_shape / people.spend_rate,
            "attitude_at_start": people.attitude,
            "is_english": draws[:, 0] < 0.15,
            "country_draw": draws[:, 1],
            "accepts_marketing": accepts_marketing(seed, n),
            "states_taste": tastes[:, 0] < model.stated_share,
            "taste": categories,
            "customer_id": pl.Series(customer_ids(n), dtype=pl.String),
        }
    ).with_columns(
        registered_at=utc("arrived_s"),
        preferred_category=pl.when("states_taste").then("taste"),
        country=pl.when(pl.col("country_draw") < 0.83)
        .then(pl.lit("NL"))
        .when(pl.col("country_draw") < 0.96)
        .then(pl.lit("BE"))
        .otherwise(pl.lit("DE")),
    )


def place_orders(life: Life, people: pl.DataFrame, time_zone: str, model: ShopModel) -> pl.DataFrame:
    """One row per element of `life.purchases`, in its order, with everything that ever becomes of the order.

    Times of what never happens are null: cancelled_at, paid_at, shipped_at, arrives_at, refunded_at.
    """
    draws = life.purchases.uniforms(
        "order",
        (
            *("discount", "discount_level", "slow_payment", "payment_wait", "cancel_wait", "promise", "early"),
            *("delay", "hour", "shipping", "unreported", "refund", "refund_part", "refund_wait"),
        ),
    )
    customer = life.purchases.customer
    is_delivered = ~(life.is_cancelled | life.is_unpaid)
    is_slow = ~life.is_store & (draws["slow_payment"] < model.slow_payment_share)
    placed_s = life.placed_s
    frame = pl.DataFrame(
        {
            "purchase": np.arange(customer.size),
            "customer": customer,
            "placed_s": placed_s,
            "channel": np.where(life.is_store, "store", np.where(life.is_app, "app", "web")),
            "is_cancelled": life.is_cancelled,
            "is_unpaid": life.is_unpaid,
            "is_store": life.is_store,
            "is_late": life.is_late,
            "is_delivered": is_delivered,
            "is_reported": draws["unreported"] >= model.unreported_share,
            "attitude": life.attitude,
            "attitude_step": life.attitude_step,
            "paid_s": placed_s + (is_slow * 2 * 3600 * draws["payment_wait"]).astype(np.int64),
            "shipped_s": placed_s + ((3 + 5 * draws["shipping"]) * 3600).astype(np.int64),
            "cancelled_s": placed_s + ((2 + 28 * draws["cancel_wait"]) * 3600).astype(np.int64),
            "refund_wait_s": ((3 + 17 * draws["refund_wait"]) * DAY_SECONDS).astype(np.int64),
        }
        | _amounts(life, is_delivered, draws, model)
        | _promises(life, is_delivered & ~life.is_store, draws, model)
    )
    buyers = people.select("customer_id", "is_english").with_row_index("customer").cast({"customer": pl.Int64})
    frame = _with_times(frame.join(buyers, on="customer", how="left", maintain_order="left"), time_zone)
    # Numbers follow time, so that later orders never change those of earlier ones.
    number = pl.struct("placed_at", "customer", "purchase").rank("ordinal") + 1_000_000
    return frame.with_columns(order_id=pl.format("B{}", number))


def _amounts(life: Life, is_delivered: Bools, draws: dict[str, Floats], model: ShopModel) -> dict[str, NDArray[Any]]:
    """What an order costs, and what of it is given back: all of it, or a part."""
    spend = life.purchases.gammas("spend", model.spend_shape) / life.people.spend_rate[life.purchases.customer]
    gross = np.maximum(np.rint(spend), model.smallest_order).astype(np.int64)
    percent = np.where(draws["discount"] < model.discount_share, 5 + 5 * np.floor(4 * draws["discount_level"]), 0)
    discount = (gross * percent / 100).astype(np.int64)
    paid = gross - discount
    return_share = np.where(life.is_late, model.return_share_when_late, model.return_share)
    is_return = is_delivered & (draws["refund"] < return_share)
    is_part = is_delivered & ~is_return & (draws["refund"] < return_share + model.partial_refund_share)
    refund = np.where(is_return, paid, np.where(is_part, (paid * (0.2 + 0.4 * draws["refund_part"])).astype(int), 0))
    return {"gross": gross, "discount": discount, "refund": refund, "is_return": is_return}


def _promises(life: Life, has_promise: Bools, draws: dict[str, Floats], model: ShopModel) -> dict[str, NDArray[Any]]:
    """The day that is promised, by how many days the parcel misses it, and the day that a customer asks for instead."""
    moves = life.purchases.uniforms("moved delivery", ("moved", "honoured"))
    promise_days = 1 + (5 * draws["promise"]).astype(np.int64)
    delay = 1 - np.floor(model.late_mean_days * np.log1p(-draws["delay"]))
    is_early = (promise_days > 1) & (draws["early"] < 0.3)
    shift = np.where(life.is_late, np.minimum(delay, model.longest_delay_days), -1 * is_early).astype(np.int64)
    # On shipping the customer asked for the day on which the parcel comes, or for one when it has been or will be there.
    is_honoured = moves["honoured"] < model.honoured_share
    missed = np.where(shift > 1, -1, 2)
    return {
        "has_promise": has_promise,
        "is_promised": ~life.is_store,
        "promise_days": promise_days,
        "shift_days": shift,
        "is_moved": has_promise & (shift != 0) & (moves["moved"] < model.moved_share),
        "asked_shift_days": shift + np.where(is_honoured, 0, missed),
        # Parcels arrive from 9 to 21 o'clock: after they are shipped, and never at an hour that the clock skips.
        "hour_s": (9 * 3600 + 12 * 3600 * draws["hour"]).astype(np.int64),
    }


def _with_times(orders: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """The times of all that becomes of an order, in UTC, and the days that are promised and asked for, in the shop's zone."""
    arrives = (pl.col("promised_on") + pl.duration(days="shift_days")).cast(pl.Datetime("us")) + pl.duration(
        seconds="hour_s"
    )
    return (
        orders.with_columns(
            placed_at=utc("placed_s"),
            paid_at=pl.when(~pl.col("is_unpaid")).then(utc("paid_s")),
            shipped_at=pl.when("has_promise").then(utc("shipped_s")),
            cancelled_at=pl.when("is_cancelled").then(utc("cancelled_s")),
        )
        .with_columns(
            promised_on=pl.when("is_promised").then(
                pl.col("placed_at").dt.convert_time_zone(time_zone).dt.date() + pl.duration(days="promise_days")
            )
        )
        .with_columns(
            redelivery_on=pl.when("is_moved").then(pl.col("promised_on") + pl.duration(days="asked_shift_days")),
            arrives_at=pl.when(pl.col("is_store"))
            .then("placed_at")
            .when("has_promise")
            .then(arrives.dt.replace_time_zone(time_zone).dt.convert_time_zone("UTC")),
        )
        .with_columns(
            refunded_at=pl.when(pl.col("refund") > 0).then(pl.col("arrives_at") + pl.duration(seconds="refund_wait_s"))
        )
    )


def fill_orders(life: Life, purchases: pl.DataFrame, model: ShopModel) -> pl.DataFrame:
    """One row per order line, one to four an order; the cuts between lines are rounded, so that lines sum to the order."""
    places = range(MAX_LINES)
    draws = life.purchases.uniforms(
        "lines",
        (
            "count",
            "category",
            *(f"{what}{place}" for what in ("weight", "other", "product", "pieces") for place in places),
        ),
    )
    short = life.purchases.uniforms("short", tuple(f"short{place}" for place in places))
    count = 1 + np.searchsorted([0.45, 0.75, 0.90], draws["count"], side="right")
    weights = np.stack([(0.3 + draws[f"weight{place}"]) * (place < count) for place in places], axis=1)
    cuts = np.cumsum(weights, axis=1)
    gross = purchases["gross"].to_numpy()
    upto = np.rint(gross[:, None] * cuts / cuts[:, -1:]).astype(np.int64)
    amounts = np.diff(upto, axis=1, prepend=0)
    main = (draws["category"] * len(CATEGORIES)).astype(np.int64)
    order, place = np.nonzero(np.arange(MAX_LINES) < count[:, None])

    def of_line(what: str, draws: dict[str, Floats] = draws) -> Floats:
        return np.asarray(np.stack([draws[f"{what}{number}"] for number in places], axis=1)[order, place])

    # Six of ten further lines are of the order's own category; any of the others with an equal chance.
    other = of_line("other")
    shift = np.where((place == 0) | (other < 0.6), 0, 1 + (other - 0.6) / 0.4 * (len(CATEGORIES) - 1)).astype(np.int64)
    category = (main[order] + shift) % len(CATEGORIES)
    product = 1 + (PRODUCTS_PER_CATEGORY * of_line("product") ** 2).astype(np.int64)
    names = np.array(CATEGORIES)
    return (
        pl.DataFrame(
            {
                "purchase": order,
                "line_number": place + 1,
                "category": names[category],
                "product": product,
                "quantity": 1 + np.searchsorted([0.8, 0.95], of_line("pieces"), side="right"),
                "is_short": of_line("short", short) < model.short_share,
                "amount": amounts[order, place],
            }
        )
        .join(purchases.select("purchase", "order_id", "placed_at"), on="purchase", how="left")
        .with_columns(product_id=product_id())
        .sort("order_id", "line_number")
        .select("order_id", "line_number", "placed_at", "product_id", "category", "quantity", "is_short", "amount")
    )
