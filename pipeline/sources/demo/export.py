"""The demo shop's exports: files as a real shop would hand them over, with the faults of real files. The shop itself is made by `simulate`.

Times are local wall times without an offset, amounts have a decimal point and two decimals, names are the shop's own.
One row in every 1 / dirt_rate of a file has a fault, in the last half of its block of rows: a file that has only just
begun holds no fault, so at the default rate of 0.01 no file ever has more than 2.5% of faulty rows. Faults depend on
seed, file and place in the file, and rows are only ever added at the end: they stay where they are at a later end date.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.sources.demo.draws import generator
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
}
"""Canonical kind of a touchpoint -> the word in the exports."""

EVENTS = {"earn": "sparen", "redeem": "inwisselen", "reverse": "terugboeken"}
"""Canonical kind of an event of the points programme -> the word in the exports."""

UNKNOWN_CUSTOMER = "K0000000"
UNKNOWN_ORDER = "B0000000"
"""Numbers that the shop never gives."""

BROKEN_LINES = ("column_too_many", "column_too_few")
ORDER_FAULTS = (
    *("duplicate", "impossible_date", "delivered_before_placed", "negative_amount", "late_change"),
    *BROKEN_LINES,
)
ROW_FAULTS = ("duplicate", "impossible_date", *BROKEN_LINES)
TOUCHPOINT_FAULTS = (*ROW_FAULTS, "unknown_customer")
SURVEY_FAULTS = (*ROW_FAULTS, "unknown_customer", "unknown_order")
REVIEW_FAULTS = ("duplicate", "impossible_date", "unknown_customer", "unknown_order")


def write_exports(shop: Shop, folder: Path, *, dirt_rate: float, seed: int) -> list[Path]:
    """Write the files of a month, orders_YYYY-MM.csv, order_lines_YYYY-MM.csv and touchpoints_YYYY-MM.csv, and the files of
    everything: customers.csv, loyalty_events.csv, referrals.csv, reviews.jsonl, survey_invitations.csv and
    survey_responses.csv.

    The same shop gives the same bytes. Each file is swapped in whole, a file with the same content is left alone, and files of
    months that the shop does not have are removed. Returns the files of the exports, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def dirty(rows: pl.DataFrame, name: str, faults: tuple[str, ...]) -> pl.DataFrame:
        return with_faults(rows, rate=dirt_rate, seed=seed, file=name, faults=faults)

    texts = {
        "customers.csv": _csv(_spoil(dirty(_customers(shop), "customers", ROW_FAULTS), date="registered_at")),
        "survey_responses.csv": _csv(_spoil(dirty(_surveys(shop), "surveys", SURVEY_FAULTS), date="submitted_at")),
        "survey_invitations.csv": _csv(
            _spoil(dirty(_invitations(shop), "invitations", SURVEY_FAULTS), date="invited_at")
        ),
        "loyalty_events.csv": _csv(
            _spoil(dirty(_loyalty_events(shop), "loyalty events", TOUCHPOINT_FAULTS), date="happened_at")
        ),
        "referrals.csv": _csv(_spoil(dirty(_referrals(shop), "referrals", TOUCHPOINT_FAULTS), date="referred_at")),
        "reviews.jsonl": _spoil(dirty(_reviews(shop), "reviews", REVIEW_FAULTS), date="written_at")
        .drop("fault")
        .write_ndjson(),
    }
    for month, rows in _by_month(_orders(shop)).items():
        faulty = _spoil_orders(_spoil(dirty(rows, f"orders {month}", ORDER_FAULTS), date="placed_at"))
        texts[f"orders_{month}.csv"] = _csv(pl.concat([_test_order(faulty, month), faulty]))
    for month, rows in _by_month(_order_lines(shop)).items():
        faulty = _spoil(dirty(rows, f"lines {month}", ROW_FAULTS), date="placed_at")
        texts[f"order_lines_{month}.csv"] = _csv(pl.concat([_test_line(faulty, month), faulty]))
    for month, rows in _by_month(_touchpoints(shop)).items():
        texts[f"touchpoints_{month}.csv"] = _csv(
            _spoil(dirty(rows, f"touchpoints {month}", TOUCHPOINT_FAULTS), date="happened_at")
        )
    for pattern in ("orders_????-??.csv", "order_lines_????-??.csv", "touchpoints_????-??.csv"):
        for file in folder.glob(pattern):
            if file.name not in texts:
                file.unlink()
    return [_write(folder / name, texts[name]) for name in sorted(texts)]


def with_faults(rows: pl.DataFrame, *, rate: float, seed: int, file: str, faults: tuple[str, ...]) -> pl.DataFrame:
    """Add a column `fault`: the fault of the row, or null.

    One row in each block of 1 / rate rows, somewhere in the block's last half. `rate` is at most 0.5.
    """
    chosen: list[str | None] = [None] * rows.height
    if rate > 0:
        draws = generator(seed, f"faults {file}").random((int(rows.height * rate) + 1, 2))
        places = ((np.arange(len(draws)) + 0.5 + 0.5 * draws[:, 0]) / rate).astype(int)
        for place, kind in zip(places.tolist(), (draws[:, 1] * len(faults)).astype(int).tolist(), strict=True):
            if place < rows.height:
                chosen[place] = faults[kind]
    return rows.with_columns(pl.Series("fault", chosen, dtype=pl.String))


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


def _spoil(rows: pl.DataFrame, *, date: str) -> pl.DataFrame:
    """Carry out the faults that every file can have, but for broken lines."""
    spoilt = {date: ("impossible_date", pl.format("31/02/{}", pl.col(date).str.slice(0, 4)))}
    if "customer_number" in rows.columns:
        spoilt["customer_number"] = ("unknown_customer", pl.lit(UNKNOWN_CUSTOMER))
    if "order_number" in rows.columns:
        spoilt["order_number"] = ("unknown_order", pl.lit(UNKNOWN_ORDER))
    spoilt_rows = rows.with_columns(
        **{
            column: pl.when(pl.col("fault") == fault).then(value).otherwise(column)
            for column, (fault, value) in spoilt.items()
        }
    )
    copies = np.where(rows["fault"].eq_missing("duplicate"), 2, 1)
    return spoilt_rows[np.repeat(np.arange(rows.height), copies)]


def _spoil_orders(rows: pl.DataFrame) -> pl.DataFrame:
    """Carry out the faults of orders: impossible amounts and deliveries, and a change that arrives after the order itself.

    A late change is two rows of one order: as it was just after it was placed, and as it is now.
    """

    def has(fault: str) -> pl.Expr:
        return pl.col("fault") == fault

    placed_on = pl.col("placed_at").str.slice(0, 10).str.to_date(strict=False)
    spoilt = rows.with_columns(
        subtotal=pl.when(has("negative_amount")).then(pl.format("-{}", "subtotal")).otherwise("subtotal"),
        delivered_at=pl.when(has("delivered_before_placed"))
        .then(placed_on.dt.offset_by("-3d").dt.strftime("%Y-%m-%d 12:00:00"))
        .otherwise("delivered_at"),
    ).with_row_index("place")
    before = spoilt.filter(has("late_change") & (pl.col("changed_at") > pl.col("placed_at"))).with_columns(
        state=pl.lit(STATES["pending"]),
        refunded=pl.lit("0.00"),
        total=(pl.col("subtotal").cast(pl.Decimal(12, 2)) - pl.col("discount").cast(pl.Decimal(12, 2))).cast(pl.String),
        promised_on=pl.lit(None, dtype=pl.String),
        moved_to=pl.lit(None, dtype=pl.String),
        delivered_at=pl.lit(None, dtype=pl.String),
        refunded_at=pl.lit(None, dtype=pl.String),
        changed_at="placed_at",
    )
    return pl.concat([before, spoilt]).sort("place", maintain_order=True).drop("place")


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
