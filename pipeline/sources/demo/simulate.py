"""The demo shop as it looks at the end of a day. Pure: the same settings and date give the same shop, without clock or files.

The shop's life depends on seed and start date only; a later end date adds to the same history. Who buys when is in
`life`, what customers say in `voices`; here are the orders themselves. How they are written to files belongs to `export`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from pipeline.errors import ConfigError
from pipeline.sources.demo.campaigns import contacts_of
from pipeline.sources.demo.life import Life, live
from pipeline.sources.demo.model import MODEL, ShopModel
from pipeline.sources.demo.orders import fill_orders, meet_people, place_orders
from pipeline.sources.demo.products import list_products
from pipeline.sources.demo.programme import recommend, record_points
from pipeline.sources.demo.visits import LONGEST_RECOVERY_DAYS, visit
from pipeline.sources.demo.voices import answer_surveys, invite_to_survey, write_reviews
from pipeline.sources.settings import DemoSettings


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
    products: one row per product: product_id, product_name, category, price, discounted (the price while it is discounted, or
        null), discount_from, discount_until, changed_on.
    contacts: one row per customer and action that the shop has carried out, or kept back for the control group (contract
        Contacts).
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
    products: pl.DataFrame
    contacts: pl.DataFrame
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
    people = meet_people(life, settings.seed, model)
    purchases = place_orders(life, people, time_zone, model)
    orders = _orders_as_seen(purchases, end)
    lines = fill_orders(life, purchases, model)
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
        products=list_products(seed=settings.seed, start_date=settings.start_date, end_date=end_date),
        contacts=contacts_of(life.mailings, people.height, model),
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
    people = meet_people(life, settings.seed, model)
    purchases = place_orders(life, people, time_zone, model)
    first_lines = (
        fill_orders(life, purchases, model)
        .filter(pl.col("line_number") == 1)
        .select("order_id", "product_id", "category")
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
