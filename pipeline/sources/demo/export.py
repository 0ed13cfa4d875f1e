"""The demo shop's exports: files as a real shop would hand them over. The shop itself is made by `simulate`, and
their faults by `faults`.

Times are local wall times without an offset, amounts have a decimal point and two decimals, names are the shop's own.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from pipeline.sources.demo.faults import (
    ORDER_FAULTS,
    REVIEW_FAULTS,
    ROW_FAULTS,
    SURVEY_FAULTS,
    TOUCHPOINT_FAULTS,
    spoil,
    spoil_orders,
    with_faults,
)
from pipeline.sources.demo.simulate import Shop
from pipeline.sources.demo.voices import SURVEY_ITEMS

STATES = {
    "pending": "nieuw",
    "paid": "betaald",
    "shipped": "verzonden",
    "delivered": "bezorgd",
    "cancelled": "geannuleerd",
    "returned": "retour",
}
"""Canonical status -> the word in the exports."""

KINDS = {
    "visit": "bezoek",
    "product_view": "product",
    "cart": "winkelmand",
    "checkout": "afrekenen",
    "order": "bestelling",
    "service_contact": "klantenservice",
    "social": "social media",
    "vote": "peiling",
    "share": "gedeeld",
    "store_visit": "winkelbezoek",
    "email_open": "mail geopend",
    "email_click": "mail geklikt",
}
"""Canonical kind of a touchpoint -> the word in the exports."""

EVENTS = {"earn": "sparen", "redeem": "inwisselen", "reverse": "terugboeken"}
"""Canonical kind of an event of the points programme -> the word in the exports."""


def write_exports(shop: Shop, folder: Path, *, dirt_rate: float, seed: int) -> list[Path]:
    """Write the files of a month, orders_YYYY-MM.csv, order_lines_YYYY-MM.csv and touchpoints_YYYY-MM.csv, and the files of
    everything: customers.csv, loyalty_events.csv, products.csv, referrals.csv, reviews.jsonl, survey_invitations.csv and
    survey_responses.csv.

    The same shop gives the same bytes. Each file is swapped in whole, a file with the same content is left alone, and files of
    months that the shop does not have are removed. Returns the files of the exports, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def dirty(rows: pl.DataFrame, name: str, faults: tuple[str, ...]) -> pl.DataFrame:
        return with_faults(rows, rate=dirt_rate, seed=seed, file=name, faults=faults)

    texts = {
        "customers.csv": _csv(spoil(dirty(_customers(shop), "customers", ROW_FAULTS), date="registered_at")),
        "survey_responses.csv": _csv(spoil(dirty(_surveys(shop), "surveys", SURVEY_FAULTS), date="submitted_at")),
        "survey_invitations.csv": _csv(
            spoil(dirty(_invitations(shop), "invitations", SURVEY_FAULTS), date="invited_at")
        ),
        "loyalty_events.csv": _csv(
            spoil(dirty(_loyalty_events(shop), "loyalty events", TOUCHPOINT_FAULTS), date="happened_at")
        ),
        "products.csv": _csv(spoil(dirty(_products(shop), "products", ROW_FAULTS), date="changed_on")),
        "referrals.csv": _csv(spoil(dirty(_referrals(shop), "referrals", TOUCHPOINT_FAULTS), date="referred_at")),
        "reviews.jsonl": spoil(dirty(_reviews(shop), "reviews", REVIEW_FAULTS), date="written_at")
        .drop("fault")
        .write_ndjson(),
    }
    for month, rows in _by_month(_orders(shop)).items():
        faulty = spoil_orders(
            spoil(dirty(rows, f"orders {month}", ORDER_FAULTS), date="placed_at"), first_state=STATES["pending"]
        )
        texts[f"orders_{month}.csv"] = _csv(pl.concat([_test_order(faulty, month), faulty]))
    for month, rows in _by_month(_order_lines(shop)).items():
        faulty = spoil(dirty(rows, f"lines {month}", ROW_FAULTS), date="placed_at")
        texts[f"order_lines_{month}.csv"] = _csv(pl.concat([_test_line(faulty, month), faulty]))
    for month, rows in _by_month(_touchpoints(shop)).items():
        texts[f"touchpoints_{month}.csv"] = _csv(
            spoil(dirty(rows, f"touchpoints {month}", TOUCHPOINT_FAULTS), date="happened_at")
        )
    for pattern in ("orders_????-??.csv", "order_lines_????-??.csv", "touchpoints_????-??.csv"):
        for file in folder.glob(pattern):
            if file.name not in texts:
                file.unlink()
    return [_write(folder / name, texts[name]) for name in sorted(texts)]


def _orders(shop: Shop) -> pl.DataFrame:
    """All orders as text, by number, with the month of placement."""
    local = _local(shop)
    return shop.orders.select(
        month=_month(shop, "placed_at"),
        order_number="order_id",
        customer_number="customer_id",
        placed_at=local("placed_at"),
        state=pl.col("state").replace_strict(STATES, return_dtype=pl.String),
        channel="channel",
        currency=pl.lit("EUR"),
        subtotal=_money("gross"),
        discount=_money("discount"),
        refunded=_money("refunded"),
        total=_money("total"),
        promised_on=pl.col("promised_on").cast(pl.String),
        moved_to=pl.col("redelivery_on").cast(pl.String),
        delivered_at=local("delivered_at"),
        refunded_at=local("refunded_at"),
        changed_at=local("changed_at"),
    )


def _order_lines(shop: Shop) -> pl.DataFrame:
    """All order lines as text, by order and line, with the month of placement."""
    return shop.order_lines.select(
        month=_month(shop, "placed_at"),
        order_number="order_id",
        line_number=pl.col("line_number").cast(pl.String),
        placed_at=_local(shop)("placed_at"),
        sku="product_id",
        category="category",
        quantity=pl.col("quantity").cast(pl.String),
        delivered=pl.col("quantity_delivered").cast(pl.String),
        currency=pl.lit("EUR"),
        line_total=_money("amount"),
        changed_at=_local(shop)("changed_at"),
    )


def _touchpoints(shop: Shop) -> pl.DataFrame:
    """All touchpoints as text, by time, with their month."""
    has_cart = pl.col("cart").is_not_null()
    return shop.touchpoints.select(
        month=_month(shop, "occurred_at"),
        touchpoint_number="touchpoint_id",
        customer_number="customer_id",
        session="session",
        channel="channel",
        what=pl.col("kind").replace_strict(KINDS, return_dtype=pl.String),
        order_number="order_id",
        sku="product_id",
        category="category",
        cart_total=pl.when(has_cart).then(_money("cart")),
        currency=pl.when(has_cart).then(pl.lit("EUR")),
        answered_at=_local(shop)("replied_at"),
        happened_at=_local(shop)("occurred_at"),
    )


def _reviews(shop: Shop) -> pl.DataFrame:
    local = _local(shop)
    return shop.reviews.select(
        review_id="review_id",
        order_number="order_id",
        customer_number="customer_id",
        sku="product_id",
        stars="stars",
        title="title",
        review="body",
        language="language",
        verified="is_verified",
        written_at=local("written_at"),
        replied_at=local("replied_at"),
        changed_at=local("changed_at"),
    )


def _surveys(shop: Shop) -> pl.DataFrame:
    return shop.surveys.select(
        "response_id",
        pl.col("customer_id").alias("customer_number"),
        pl.col("order_id").alias("order_number"),
        *(pl.col(item).cast(pl.String) for item in SURVEY_ITEMS),
        pl.col("comment").alias("toelichting"),
        _local(shop)("submitted_at"),
    )


def _invitations(shop: Shop) -> pl.DataFrame:
    return shop.invitations.select(
        invitation_number="invitation_id",
        customer_number="customer_id",
        order_number="order_id",
        invited_at=_local(shop)("invited_at"),
    )


def _loyalty_events(shop: Shop) -> pl.DataFrame:
    local = _local(shop)
    return shop.loyalty_events.select(
        event_number="event_id",
        customer_number="customer_id",
        order_number="order_id",
        what=pl.col("kind").replace_strict(EVENTS, return_dtype=pl.String),
        points=pl.col("points").cast(pl.String),
        reverses="reverses_event_id",
        expires_at=local("expires_at"),
        happened_at=local("occurred_at"),
    )


def _referrals(shop: Shop) -> pl.DataFrame:
    return shop.referrals.select(
        referral_number="referral_id",
        customer_number="customer_id",
        referred_number="referred_customer_id",
        referred_at=_local(shop)("referred_at"),
    )


def _products(shop: Shop) -> pl.DataFrame:
    is_discounted = pl.col("discounted").is_not_null()
    return shop.products.select(
        sku="product_id",
        product_name="product_name",
        category="category",
        currency=pl.lit("EUR"),
        price=_money("price"),
        sale_price=pl.when(is_discounted).then(_money("discounted")),
        sale_from=pl.col("discount_from").cast(pl.String),
        sale_until=pl.col("discount_until").cast(pl.String),
        changed_on=pl.col("changed_on").cast(pl.String),
    )


def _customers(shop: Shop) -> pl.DataFrame:
    local = _local(shop)
    return shop.customers.select(
        customer_number="customer_id",
        country="country",
        newsletter=pl.when("accepts_marketing").then(pl.lit("ja")).otherwise(pl.lit("nee")),
        favourite="preferred_category",
        registered_at=local("registered_at"),
        changed_at=local("registered_at"),
    )


def _test_order(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """The order with which the shop tests its checkout each month, in the shape of `rows`."""
    return _shaped(
        rows,
        order_number=f"TEST-{month}",
        placed_at=f"{month}-01 00:00:00",
        state="betaald",
        channel="test",
        currency="EUR",
        subtotal="1.00",
        discount="0.00",
        refunded="0.00",
        total="1.00",
        changed_at=f"{month}-01 00:00:00",
    )


def _test_line(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """The line of the test order, in the shape of `rows`."""
    return _shaped(
        rows,
        order_number=f"TEST-{month}",
        line_number="1",
        placed_at=f"{month}-01 00:00:00",
        sku="TEST",
        quantity="1",
        currency="EUR",
        line_total="1.00",
        changed_at=f"{month}-01 00:00:00",
    )


def _shaped(rows: pl.DataFrame, **values: str) -> pl.DataFrame:
    return pl.DataFrame({name: [values.get(name)] for name in rows.columns}, schema=rows.schema)


def _csv(rows: pl.DataFrame) -> str:
    """CSV text of all columns but `fault`; lines with the fault of a column too many or too few are broken."""
    lines = rows.drop("fault").write_csv().splitlines()
    for number, fault in enumerate(rows["fault"].to_list(), start=1):
        if fault == "column_too_many":
            lines[number] += ",?"
        elif fault == "column_too_few":
            # The last column of every file is a time or an amount: never quoted.
            lines[number] = lines[number].rpartition(",")[0]
    return "\n".join(lines) + "\n"


def _by_month(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = rows.partition_by("month", maintain_order=True)
    return {part["month"][0]: part.drop("month") for part in parts}


def _local(shop: Shop) -> Callable[[str], pl.Expr]:
    """What makes a column of UTC times a local wall time as text."""
    return lambda column: pl.col(column).dt.convert_time_zone(shop.time_zone).dt.strftime("%Y-%m-%d %H:%M:%S")


def _month(shop: Shop, column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(shop.time_zone).dt.strftime("%Y-%m")


def _money(column: str) -> pl.Expr:
    """Minor units as text in whole units: 4995 -> 49.95; never below zero in the shop."""
    cents = pl.col(column)
    return pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2))


def _write(file: Path, text: str) -> Path:
    content = text.encode()
    if not file.is_file() or file.read_bytes() != content:
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(content)
        part.replace(file)
    return file
