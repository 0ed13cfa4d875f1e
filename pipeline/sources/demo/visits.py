"""What visitors of the demo shop do before they order, and when they do not: touchpoints. Orders themselves belong to `simulate`.

A session before an online order is on the local day of the order, so that the end of a day never cuts one in two; a
cart that is recovered stands some days before its order, so purchases of the days after the end must be known.
"""

from datetime import datetime

import numpy as np
import polars as pl

from pipeline.sources.demo.draws import DAY_SECONDS, Bools, Floats, Ints, Purchases, generator
from pipeline.sources.demo.life import Life
from pipeline.sources.demo.model import CLUB, ShopModel
from pipeline.sources.demo.products import CATEGORIES, PRODUCTS_PER_CATEGORY, product_id

LONGEST_RECOVERY_DAYS = 6
"""A recovered cart is at most this much older than its order."""
MAX_LOOKS = 3
"""Sessions without an order after a purchase, or after a prospect's registration."""
LOOK_DRAWS = ("wait", "hour", "span", "view", "cart", "size", "login", "app", "category", "product")
ORDERED, RECOVERED, CONTACT, LOOK, PROSPECT = range(0, 5)
"""Sorts of sessions; what is after LOOK counts on with the number of the look."""
SORTS = PROSPECT + 2 * MAX_LOOKS
IN_TOUCH = "abcdef"
"""The end of a touchpoint's number per way of CLUB."""
HEX_DIGITS = 12
MIXER = 0x9E3779B97F4B
"""An odd number, so that multiplying by it modulo 2^48 gives every session a number of its own that tells nothing."""

COLUMNS = (
    *("touchpoint_id", "customer_id", "session", "occurred_s", "channel", "kind"),
    *("order_id", "product_id", "category", "cart", "replied_s"),
)


def visit(
    life: Life, deliveries: pl.DataFrame, people: pl.DataFrame, *, end: datetime, model: ShopModel
) -> pl.DataFrame:
    """One row per touchpoint before `end`, by time: touchpoint_id, customer_id (null: not logged in), session, occurred_at,
    channel, kind, order_id, product_id, category, cart (minor units), replied_at (of a service contact by mail).

    `life` goes on for LONGEST_RECOVERY_DAYS after `end`, and `deliveries` has one row per element of its purchases:
    customer, customer_id, placed_s, local_s (since midnight), channel, is_store, is_late, gross, order_id, product_id,
    category, promised_s, arrives_s (null: never). `people` has the customer_id of everyone, by arrival.
    """
    end_s = int(end.timestamp())
    frames = [
        _steps(_ordered(life.purchases, deliveries, model)),
        _steps(_recovered(life.purchases, deliveries, model)),
        _contacts(life.purchases, deliveries, model),
        *(_steps(_looks_after(life, deliveries, number, model)) for number in range(MAX_LOOKS)),
        *(_steps(_prospect_looks(life, people, number, model)) for number in range(MAX_LOOKS)),
        *(_in_touch(life, deliveries, number, model) for number in range(len(CLUB))),
    ]
    return (
        pl.concat(frames)
        .filter(pl.col("occurred_s") < end_s)
        .with_columns(replied_s=pl.when(pl.col("replied_s") < end_s).then("replied_s"))
        .with_columns(
            pl.from_epoch(f"{moment}_s", time_unit="s")
            .dt.cast_time_unit("us")
            .dt.replace_time_zone("UTC")
            .alias(f"{moment}_at")
            for moment in ("occurred", "replied")
        )
        .sort("occurred_at", "touchpoint_id")
        .select(
            *("touchpoint_id", "customer_id", "session", "occurred_at", "channel", "kind"),
            *("order_id", "product_id", "category", "cart", "replied_at"),
        )
    )


def _ordered(purchases: Purchases, deliveries: pl.DataFrame, model: ShopModel) -> pl.DataFrame:
    """The session of every online order, from the visit to the order."""
    draws = purchases.uniforms("ordered", ("span", "view", "login"))
    span = np.minimum((180 + 2400 * draws["span"]).astype(np.int64), deliveries["local_s"].to_numpy())
    return deliveries.select(
        session=_numbers(purchases, ORDERED),
        customer_id="customer_id",
        # A first order makes the account.
        is_late_login=pl.Series((purchases.round == 0) | (draws["login"] < model.late_login_share)),
        channel="channel",
        start_s=pl.col("placed_s") - pl.Series(span),
        span_s=pl.Series(span),
        n_views=pl.Series(1 + (draws["view"] < model.second_view_share)),
        product_id="product_id",
        category="category",
        cart="gross",
        order_id="order_id",
        is_wanted=~pl.col("is_store"),
    )


def _recovered(purchases: Purchases, deliveries: pl.DataFrame, model: ShopModel) -> pl.DataFrame:
    """The session some days before an order in which its cart was left; never before the customer's order before it."""
    draws = purchases.uniforms("recovered", ("recovered", "lead", "span"))
    lead = ((1.1 + (LONGEST_RECOVERY_DAYS - 1.2) * draws["lead"]) * DAY_SECONDS).astype(np.int64)
    start = deliveries["placed_s"].to_numpy() - lead
    before = deliveries.select(pl.col("placed_s").shift(1).over("customer", order_by="placed_s")).to_series()
    is_wanted = (draws["recovered"] < model.recovered_share) & (start > before.fill_null(2**62).to_numpy())
    return deliveries.select(
        session=_numbers(purchases, RECOVERED),
        customer_id="customer_id",
        is_late_login=pl.lit(False),
        channel="channel",
        start_s=pl.Series(start),
        span_s=pl.Series((120 + 1200 * draws["span"]).astype(np.int64)),
        n_views=pl.lit(1),
        product_id="product_id",
        category="category",
        cart="gross",
        order_id=pl.lit(None, pl.String),
        is_wanted=~pl.col("is_store") & pl.Series(is_wanted),
    )


def _looks_after(life: Life, deliveries: pl.DataFrame, number: int, model: ShopModel) -> pl.DataFrame:
    """The look of this number after each purchase, where there is one; after the customer has left it is rare."""
    purchases = life.purchases
    draws = purchases.uniforms(f"look {number}", ("looks", *LOOK_DRAWS))
    start = _after(deliveries["placed_s"].to_numpy(), draws, model.look_wait_days)
    share = np.where(start > life.left_s[purchases.customer], model.look_share_when_gone, model.look_share)
    is_wanted = draws["looks"] < share / 2**number
    return _looks(_numbers(purchases, LOOK + 2 * number), deliveries["customer_id"], start, draws, is_wanted, model)


def _prospect_looks(life: Life, people: pl.DataFrame, number: int, model: ShopModel) -> pl.DataFrame:
    """The look of this number of each prospect, where there is one."""
    n = life.people.arrived_s.size
    table = generator(life.purchases.seed, "prospect_look", number).random((n, len(LOOK_DRAWS)))
    draws = {name: table[:, column] for column, name in enumerate(LOOK_DRAWS)}
    everyone = Purchases(life.purchases.seed, np.arange(n), np.zeros(n, dtype=np.int64))
    sessions = _numbers(everyone, PROSPECT + 2 * number)
    is_prospect = life.people.is_prospect
    start = _after(life.people.arrived_s, draws, model.look_wait_days)
    return _looks(sessions, people["customer_id"], start, draws, is_prospect, model)


def _after(since_s: Ints, draws: dict[str, Floats], mean_days: float) -> Ints:
    """Whole days after the moment since which it is counted, at about the hour of that moment."""
    days = np.ceil(-mean_days * np.log1p(-draws["wait"]))
    return np.asarray(since_s + (days * DAY_SECONDS + 7200 * (draws["hour"] - 0.5)).astype(np.int64))


def _looks(
    sessions: pl.Series,
    customers: pl.Series,
    start: Ints,
    draws: dict[str, Floats],
    is_wanted: Bools,
    model: ShopModel,
) -> pl.DataFrame:
    """Sessions without an order; some with a cart."""
    has_cart = draws["cart"] < model.look_cart_share
    cart = (1000 + 12_000 * draws["size"] ** 2).astype(np.int64)
    category = (draws["category"] * len(CATEGORIES)).astype(np.int64)
    return pl.DataFrame(
        {
            "session": sessions,
            "customer_id": customers,
            "is_anonymous": draws["login"] < model.anonymous_share,
            "channel": np.where(draws["app"] < model.app_share, "app", "web"),
            "start_s": start,
            "span_s": (60 + 1800 * draws["span"]).astype(np.int64),
            "n_views": np.where(has_cart | (draws["view"] < model.look_view_share), 1, 0),
            "category": np.array(CATEGORIES)[category],
            "product": 1 + (PRODUCTS_PER_CATEGORY * draws["product"] ** 2).astype(np.int64),
            "cart": np.where(has_cart, cart, -1),
            "is_wanted": is_wanted,
        }
    ).with_columns(
        customer_id=pl.when(~pl.col("is_anonymous")).then("customer_id"),
        product_id=product_id(),
        cart=pl.when(pl.col("cart") >= 0).then("cart"),
        order_id=pl.lit(None, pl.String),
        is_late_login=pl.lit(False),
    )


def _contacts(purchases: Purchases, deliveries: pl.DataFrame, model: ShopModel) -> pl.DataFrame:
    """Contacts with the service desk: the day after a broken promise, or some days after a delivery."""
    draws = purchases.uniforms("contact", ("contacts", "wait", "channel"))
    is_late = deliveries["is_late"].to_numpy()
    share = np.where(is_late, model.contact_share_when_late, model.contact_share)
    hours = pl.Series((8 + 12 * draws["wait"]) * 3600).cast(pl.Int64)
    is_answered = purchases.uniforms("answered", ("answered",))["answered"] < model.answer_share
    takes_hours = model.answer_median_hours * np.exp(model.answer_spread * purchases.normals("answer", 1)[:, 0])
    return (
        deliveries.with_columns(
            touchpoint_id=pl.format("{}-1", _numbers(purchases, CONTACT)),
            occurred_s=pl.when("is_late")
            .then(pl.col("promised_s") + DAY_SECONDS + hours)
            .otherwise(pl.col("arrives_s") + 6 * hours),
            channel=pl.Series(np.where(draws["channel"] < 0.6, "telephone", "email")),
            session=pl.lit(None, pl.String),
            kind=pl.lit("service_contact"),
            cart=pl.lit(None, pl.Int64),
        )
        .with_columns(
            replied_s=pl.when(pl.Series(is_answered) & (pl.col("channel") == "email")).then(
                pl.col("occurred_s") + pl.Series((takes_hours * 3600).astype(np.int64))
            )
        )
        .filter(pl.Series(draws["contacts"] < share) & pl.col("arrives_s").is_not_null() & ~pl.col("is_store"))
        .select(COLUMNS)
    )


def _in_touch(life: Life, deliveries: pl.DataFrame, way: int, model: ShopModel) -> pl.DataFrame:
    """The contact of one way of CLUB after each purchase, where there is one."""
    purchases = life.purchases
    kind, channel = list(CLUB.items())[way]
    draws = purchases.uniforms(f"club {kind}", ("wanted", "wait", "hour"))
    start = _after(deliveries["placed_s"].to_numpy(), draws, model.club_wait_days)
    share = np.where(start > life.left_s[purchases.customer], model.club_share_when_gone, 1.0) * model.club_shares[way]
    return (
        deliveries.with_columns(
            touchpoint_id=pl.format("{}-{}", _numbers(purchases, CONTACT), pl.lit(IN_TOUCH[way])),
            occurred_s=pl.Series(start),
            channel=pl.lit(channel),
            session=pl.lit(None, pl.String),
            kind=pl.lit(kind),
            cart=pl.lit(None, pl.Int64),
            replied_s=pl.lit(None, pl.Int64),
            **{name: pl.lit(None, pl.String) for name in ("order_id", "product_id", "category")},
        )
        .filter(pl.Series(draws["wanted"] < share))
        .select(COLUMNS)
    )


def _steps(sessions: pl.DataFrame) -> pl.DataFrame:
    """The touchpoints of sessions: the visit, up to two product views, the cart, the checkout and the order."""
    ordered, has_cart = pl.col("order_id").is_not_null(), pl.col("cart").is_not_null()
    wanted = sessions.filter("is_wanted")
    kinds = (
        ("visit", 0.0, pl.lit(True)),
        ("product_view", 0.2, pl.col("n_views") >= 1),
        ("product_view", 0.4, pl.col("n_views") >= 2),
        ("cart", 0.6, has_cart),
        ("checkout", 0.8, ordered),
        ("order", 1.0, ordered),
    )
    steps = []
    for number, (kind, share, is_taken) in enumerate(kinds, start=1):
        is_logged_in = pl.lit(kind in ("checkout", "order")) | ~pl.col("is_late_login")
        about_product = pl.lit(kind in ("product_view", "cart"))
        step = wanted.filter(is_taken).select(
            touchpoint_id=pl.format("{}-{}", "session", pl.lit(number)),
            customer_id=pl.when(is_logged_in).then("customer_id"),
            session="session",
            occurred_s=pl.col("start_s") + (pl.col("span_s") * share).cast(pl.Int64),
            channel="channel",
            kind=pl.lit(kind),
            order_id=pl.when(pl.lit(kind == "order")).then("order_id"),
            product_id=pl.when(about_product).then("product_id"),
            category=pl.when(about_product).then("category"),
            cart=pl.when(pl.lit(kind in ("cart", "checkout"))).then("cart"),
            replied_s=pl.lit(None, pl.Int64),
        )
        steps.append(step)
    return pl.concat(steps)


def _numbers(purchases: Purchases, sort: int) -> pl.Series:
    """The number of a session of this sort for each purchase, in hexadecimal."""
    key = (purchases.customer.astype(np.uint64) * np.uint64(4096) + purchases.round.astype(np.uint64)) * np.uint64(
        SORTS
    )
    mixed = ((key + np.uint64(sort + 1)) * np.uint64(MIXER)) & np.uint64(2 ** (4 * HEX_DIGITS) - 1)
    return pl.Series("session", [f"{number:0{HEX_DIGITS}x}" for number in mixed.tolist()], dtype=pl.String)
