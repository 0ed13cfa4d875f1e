"""The demo shop as it looks at the end of a day. Pure: the same settings and date give the same shop, without clock or files.

The shop's life depends on seed and start date only; a later end date adds to the same history. Who buys when is in
`life`, what customers say in `voices`; here are the orders themselves. How they are written to files belongs to `export`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pipeline.errors import ConfigError
from pipeline.sources.demo.draws import Floats, generator
from pipeline.sources.demo.life import DAY_SECONDS, NEVER, Life, live
from pipeline.sources.demo.model import MODEL, ShopModel
from pipeline.sources.demo.products import CATEGORIES, PRODUCTS_PER_CATEGORY, product_id
from pipeline.sources.demo.programme import recommend, record_points
from pipeline.sources.demo.visits import LONGEST_RECOVERY_DAYS, visit
from pipeline.sources.demo.voices import answer_surveys, invite_to_survey, write_reviews
from pipeline.sources.settings import DemoSettings

MAX_LINES = 4


@dataclass(frozen=True)
class Shop:
    """The shop at the end of `end_date`. Times are UTC, whole seconds; amounts integer minor units of euros.

    orders: one row per order, by order_id: customer_id, placed_at, state (canonical status), channel, gross, discount,
        refunded, total (gross - discount - refunded), promised_on, redelivery_on (the day asked for instead, or null),
        delivered_at, refunded_at, changed_at.
    order_lines: one row per line, amounts summing to the order's gross: order_id, line_number, placed_at, product_id,
        category, quantity, quantity_delivered (null: not yet), amount, changed_at.
    reviews: one row per review: review_id, order_id, customer_id, product_id, stars (1-5), title, body, language,
        is_verified, written_at, replied_at, changed_at.
    surveys: one row per response, wide: response_id, customer_id, order_id, submitted_at, an answer per item, comment.
    invitations: one row per invitation to the survey: invitation_id, customer_id, order_id, invited_at.
    customers: one row per registered person, buyer or prospect: customer_id, registered_at, country, accepts_marketing,
        preferred_category (null: not stated).
    touchpoints: one row per touchpoint: touchpoint_id, customer_id (null: not logged in), session, occurred_at, channel, kind
        (as in the lake's contract), order_id, product_id, category, cart (minor units), replied_at.
    loyalty_events: one row per event of the points programme, by time: event_id, customer_id, order_id, kind and points (as in
        the lake's contract), reverses_event_id, expires_at, occurred_at.
    referrals: one row per recommendation: referral_id, customer_id (who recommended), referred_customer_id, referred_at.
    truth: one row per buyer, what no export shows: customer_id, arrived_at (the first order), purchase_rate (a day),
        dropout_p, spend_mean (minor units), attitude_at_start, attitude (at the end), is_alive (has not left for good),
        n_orders (placed, whatever became of them).
    """

    time_zone: str
    end_date: date
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    reviews: pl.DataFrame
    surveys: pl.DataFrame
    invitations: pl.DataFrame
    customers: pl.DataFrame
    touchpoints: pl.DataFrame
    loyalty_events: pl.DataFrame
    referrals: pl.DataFrame
    truth: pl.DataFrame


def simulate(settings: DemoSettings, *, end_date: date, time_zone: str, model: ShopModel = MODEL) -> Shop:
    """Simulate the shop from `settings.start_date` to the end of `end_date`, both local dates of `time_zone`.

    `settings.end_date` and `settings.dirt_rate` play no part: the caller chooses the date, the exports are made dirty.

    Raises:
        ConfigError: the end date is before the start date.
    """
    if end_date < settings.start_date:
        raise ConfigError(f"demo: end date {end_date} is before start_date {settings.start_date}")
    end = _midnight(end_date + timedelta(days=1), time_zone)
    life = _live(settings, end, time_zone, model)
    people = _people(life, settings.seed, model)
    purchases = _purchases(life, people, time_zone, model)
    orders = _orders_as_seen(purchases, end)
    lines = _lines(life, purchases, model)
    deliveries = purchases.join(
        lines.filter(pl.col("line_number") == 1).select("order_id", "product_id"),
        on="order_id",
        how="left",
        maintain_order="left",
    )
    return Shop(
        time_zone=time_zone,
        end_date=end_date,
        orders=orders,
        order_lines=_lines_as_seen(lines, purchases, end),
        reviews=write_reviews(life.purchases, deliveries, end=end, model=model),
        surveys=answer_surveys(life.purchases, deliveries, end=end, model=model),
        invitations=invite_to_survey(life.purchases, deliveries, end=end, model=model),
        customers=people.select("customer_id", "registered_at", "country", "accepts_marketing", "preferred_category"),
        touchpoints=_touchpoints(settings, end, time_zone, model),
        loyalty_events=record_points(orders, seed=settings.seed),
        referrals=recommend(people, seed=settings.seed),
        truth=_truth(people, purchases, end),
    )


def _live(settings: DemoSettings, end: datetime, time_zone: str, model: ShopModel) -> Life:
    """The life of the shop before `end`."""
    return live(
        seed=settings.seed,
        buyers=settings.customers,
        attitude_effect=settings.attitude_effect,
        origin_s=int(_midnight(settings.start_date, time_zone).timestamp()),
        end_s=int(end.timestamp()),
        model=model,
    )


def _touchpoints(settings: DemoSettings, end: datetime, time_zone: str, model: ShopModel) -> pl.DataFrame:
    """What visitors did before `end`, some of them on the way to a purchase after it."""
    life = _live(settings, end + timedelta(days=LONGEST_RECOVERY_DAYS), time_zone, model)
    people = _people(life, settings.seed, model)
    purchases = _purchases(life, people, time_zone, model)
    first_lines = (
        _lines(life, purchases, model).filter(pl.col("line_number") == 1).select("order_id", "product_id", "category")
    )
    local = pl.col("placed_at").dt.convert_time_zone(time_zone)
    deliveries = purchases.join(first_lines, on="order_id", how="left", maintain_order="left").with_columns(
        local_s=(local - local.dt.truncate("1d")).dt.total_seconds(),
        promised_s=pl.col("promised_on").cast(pl.Datetime("us")).dt.epoch("s"),
        arrives_s=pl.col("arrives_at").dt.epoch("s"),
    )
    return visit(life, deliveries, people, end=end, model=model)


def _midnight(day: date, time_zone: str) -> datetime:
    """The first moment of a local date, in UTC."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def _utc(seconds: str) -> pl.Expr:
    """A column of seconds since 1970 as a time."""
    return pl.from_epoch(pl.col(seconds), time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")


def _people(life: Life, seed: int, model: ShopModel) -> pl.DataFrame:
    """One row per registered person, by arrival."""
    people = life.people
    draws = generator(seed, "person").random((people.arrived_s.size, 3))
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
            "accepts_marketing": draws[:, 2] < 0.6,
            "states_taste": tastes[:, 0] < model.stated_share,
            "taste": categories,
        }
    ).with_columns(
        customer_id=pl.format("K{}", pl.int_range(pl.len()) + 1_000_001),
        registered_at=_utc("arrived_s"),
        preferred_category=pl.when("states_taste").then("taste"),
        country=pl.when(pl.col("country_draw") < 0.83)
        .then(pl.lit("NL"))
        .when(pl.col("country_draw") < 0.96)
        .then(pl.lit("BE"))
        .otherwise(pl.lit("DE")),
    )


def _purchases(life: Life, people: pl.DataFrame, time_zone: str, model: ShopModel) -> pl.DataFrame:
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
    moves = life.purchases.uniforms("moved delivery", ("moved", "honoured"))
    customer = life.purchases.customer
    spend = life.purchases.gammas("spend", model.spend_shape) / life.people.spend_rate[customer]
    gross = np.maximum(np.rint(spend), model.smallest_order).astype(np.int64)
    percent = np.where(draws["discount"] < model.discount_share, 5 + 5 * np.floor(4 * draws["discount_level"]), 0)
    discount = (gross * percent / 100).astype(np.int64)
    paid = gross - discount
    is_delivered = ~(life.is_cancelled | life.is_unpaid)
    has_promise = is_delivered & ~life.is_store
    return_share = np.where(life.is_late, model.return_share_when_late, model.return_share)
    is_return = is_delivered & (draws["refund"] < return_share)
    is_part = is_delivered & ~is_return & (draws["refund"] < return_share + model.partial_refund_share)
    refund = np.where(is_return, paid, np.where(is_part, (paid * (0.2 + 0.4 * draws["refund_part"])).astype(int), 0))
    promise_days = 1 + (5 * draws["promise"]).astype(np.int64)
    delay = 1 - np.floor(model.late_mean_days * np.log1p(-draws["delay"]))
    is_early = (promise_days > 1) & (draws["early"] < 0.3)
    shift = np.where(life.is_late, np.minimum(delay, model.longest_delay_days), -1 * is_early).astype(np.int64)
    is_slow = ~life.is_store & (draws["slow_payment"] < model.slow_payment_share)
    # On shipping the customer asked for the day on which the parcel comes, or for one when it has been or will be there.
    is_honoured = moves["honoured"] < model.honoured_share
    missed = np.where(shift > 1, -1, 2)
    placed_s = life.placed_s
    frame = pl.DataFrame(
        {
            "purchase": np.arange(customer.size),
            "customer": customer,
            "placed_s": placed_s,
            "channel": np.where(life.is_store, "store", np.where(life.is_app, "app", "web")),
            "gross": gross,
            "discount": discount,
            "refund": refund,
            "is_cancelled": life.is_cancelled,
            "is_unpaid": life.is_unpaid,
            "is_store": life.is_store,
            "is_late": life.is_late,
            "is_delivered": is_delivered,
            "has_promise": has_promise,
            "is_promised": ~life.is_store,
            "is_return": is_return,
            "is_reported": draws["unreported"] >= model.unreported_share,
            "attitude": life.attitude,
            "attitude_step": life.attitude_step,
            "promise_days": promise_days,
            "shift_days": shift,
            "is_moved": has_promise & (shift != 0) & (moves["moved"] < model.moved_share),
            "asked_shift_days": shift + np.where(is_honoured, 0, missed),
            # Parcels arrive from 9 to 21 o'clock: after they are shipped, and never at an hour that the clock skips.
            "hour_s": (9 * 3600 + 12 * 3600 * draws["hour"]).astype(np.int64),
            "paid_s": placed_s + (is_slow * 2 * 3600 * draws["payment_wait"]).astype(np.int64),
            "shipped_s": placed_s + ((3 + 5 * draws["shipping"]) * 3600).astype(np.int64),
            "cancelled_s": placed_s + ((2 + 28 * draws["cancel_wait"]) * 3600).astype(np.int64),
            "refund_wait_s": ((3 + 17 * draws["refund_wait"]) * DAY_SECONDS).astype(np.int64),
        }
    )
    return (
        frame.join(
            people.select("customer_id", "is_english").with_row_index("customer").cast({"customer": pl.Int64}),
            on="customer",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            placed_at=_utc("placed_s"),
            paid_at=pl.when(~pl.col("is_unpaid")).then(_utc("paid_s")),
            shipped_at=pl.when("has_promise").then(_utc("shipped_s")),
            cancelled_at=pl.when("is_cancelled").then(_utc("cancelled_s")),
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
            .then(
                (
                    (pl.col("promised_on") + pl.duration(days="shift_days")).cast(pl.Datetime("us"))
                    + pl.duration(seconds="hour_s")
                )
                .dt.replace_time_zone(time_zone)
                .dt.convert_time_zone("UTC")
            ),
        )
        .with_columns(
            refunded_at=pl.when(pl.col("refund") > 0).then(pl.col("arrives_at") + pl.duration(seconds="refund_wait_s"))
        )
        .with_columns(
            # Numbers follow time, so that later orders never change those of earlier ones.
            order_id=pl.format("B{}", pl.struct("placed_at", "customer", "purchase").rank("ordinal") + 1_000_000)
        )
    )


def _orders_as_seen(purchases: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """One row per order, with what has happened before `end`."""

    def happened(moment: str) -> pl.Expr:
        return (pl.col(moment) < end).fill_null(False)

    seen = purchases.with_columns(
        **{
            moment: pl.when(pl.col(moment) < end).then(moment)
            for moment in ("paid_at", "shipped_at", "cancelled_at", "arrives_at", "refunded_at")
        }
    )
    return (
        seen.with_columns(
            state=pl.when(happened("cancelled_at"))
            .then(pl.lit("cancelled"))
            .when(pl.col("is_return") & happened("refunded_at"))
            .then(pl.lit("returned"))
            .when(happened("arrives_at"))
            .then(pl.lit("delivered"))
            .when(happened("shipped_at"))
            .then(pl.lit("shipped"))
            .when(happened("paid_at"))
            .then(pl.lit("paid"))
            .otherwise(pl.lit("pending")),
            # The promise is made on payment.
            promised_on=pl.when(happened("paid_at")).then("promised_on"),
            redelivery_on=pl.when(happened("shipped_at")).then("redelivery_on"),
            refunded=pl.when(happened("refunded_at")).then("refund").otherwise(0),
            delivered_at=pl.when("is_reported").then("arrives_at"),
            changed_at=pl.max_horizontal(
                "placed_at", "paid_at", "shipped_at", "cancelled_at", "arrives_at", "refunded_at"
            ),
        )
        .sort("order_id")
        .select(
            "order_id",
            "customer_id",
            "placed_at",
            "state",
            "channel",
            "gross",
            "discount",
            "refunded",
            (pl.col("gross") - pl.col("discount") - pl.col("refunded")).alias("total"),
            "promised_on",
            "redelivery_on",
            "delivered_at",
            "refunded_at",
            "changed_at",
        )
    )


def _lines(life: Life, purchases: pl.DataFrame, model: ShopModel) -> pl.DataFrame:
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


def _lines_as_seen(lines: pl.DataFrame, purchases: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """The lines with the pieces that had come before `end`."""
    arrived = purchases.filter(pl.col("arrives_at") < end).select("order_id", "arrives_at")
    return lines.join(arrived, on="order_id", how="left", maintain_order="left").select(
        *("order_id", "line_number", "placed_at", "product_id", "category", "quantity"),
        quantity_delivered=pl.when(pl.col("arrives_at").is_not_null()).then(
            pl.col("quantity") - pl.col("is_short").cast(pl.Int64)
        ),
        amount="amount",
        changed_at=pl.coalesce("arrives_at", "placed_at"),
    )


def _truth(people: pl.DataFrame, purchases: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """One row per buyer; attitude counts the deliveries before `end`."""
    experience = purchases.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        pl.col("attitude_step").filter(pl.col("arrives_at") < end).sum().alias("change"),
    )
    return (
        people.filter(~pl.col("is_prospect"))
        .join(experience, on="customer_id", how="left", maintain_order="left")
        .select(
            "customer_id",
            pl.col("registered_at").alias("arrived_at"),
            "purchase_rate",
            "dropout_p",
            "spend_mean",
            "attitude_at_start",
            (pl.col("attitude_at_start") + pl.col("change")).alias("attitude"),
            (~pl.col("has_left")).alias("is_alive"),
            "n_orders",
        )
    )
