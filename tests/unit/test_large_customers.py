"""One customer with as many of everything as a shop: a reseller, the account of a till or of guests. What is right is reasoned
beside each case; and four times the rows may not take the square of the time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.core.attitude.nps import count_invited
from pipeline.core.attitude.reviews import count_care, review_care
from pipeline.core.attitude.settings import ExperienceSettings, NpsSettings
from pipeline.core.behaviour.influence import count_influence, count_touched
from pipeline.core.behaviour.journey import find_abandoned_carts, follow_customers
from pipeline.core.behaviour.settings import EngagementSettings, JourneySettings
from pipeline.core.facts.responses import response_facts
from pipeline.core.frames import Frame
from pipeline.core.loyalty.recognition import count_referred
from schemas.registry import ENTITIES
from tests.unit.growth import assert_grows_in_step

AS_OF, ZONE = date(2026, 6, 30), "Europe/Amsterdam"
START = datetime(2026, 4, 10, tzinfo=UTC)
"""Rows are 200 seconds apart, so all are within three months of as_of, in every window."""


def each(n: int, *, seconds: int = 0, **columns: Any) -> Frame:
    """`n` rows of customer 1, the first so many seconds after START: `number`, `at`, `day`."""
    at = pl.lit(START) + pl.duration(seconds=200 * pl.col("number") + seconds)
    rows = pl.LazyFrame({"number": range(n)}).with_columns(
        at=at.cast(pl.Datetime("us", "UTC")), customer_id=pl.lit(1, pl.Int64)
    )
    made = {name: value if isinstance(value, pl.Expr) else pl.lit(value) for name, value in columns.items()}
    return rows.with_columns(day=pl.col("at").dt.convert_time_zone(ZONE).dt.date(), **made)


def named(prefix: str) -> pl.Expr:
    return pl.format(prefix + "{}", pl.col("number"))


def orders(n: int) -> Frame:
    return each(
        n, is_valid=True, is_invoice=False, is_free=False, is_unpriced=False, has_valid_status=True, net_amount=100
    ).rename({"number": "order_id", "at": "ordered_at", "day": "ordered_date"})


def with_channels(n: int) -> Frame:
    """Orders by turns of the web and of the app."""
    return orders(n).with_columns(
        channel=pl.when(pl.col("order_id") % 2 == 0).then(pl.lit("web")).otherwise(pl.lit("app"))
    )


def channels_of_responses(n: int) -> dict[str, int]:
    # Each response comes 100 seconds after an order: half of the orders are of the web.
    sent = each(n, seconds=100, response_id=named("r")).select("response_id", "customer_id", submitted_at="at")
    numbers = {"customer_id": pl.Int64(), "order_id": pl.Int64()}
    schema = dict(ENTITIES["survey_responses"].polars_schema) | numbers
    rows = pl.concat([pl.LazyFrame(schema=schema), sent], how="diagonal")
    answers = pl.LazyFrame(schema=ENTITIES["survey_answers"].polars_schema)
    facts = response_facts(rows, answers, with_channels(n), boxes={"1-5": [3, 4, 5]}, time_zone=ZONE)
    return dict(facts.collect()["channel"].value_counts().iter_rows())


def abandoned_carts(n: int) -> dict[float | None, int]:
    # Each cart is left 40 seconds before the next order, so none is abandoned but the last, which no order follows.
    carts = each(
        n, seconds=160, touchpoint_id=named("t"), session_id=named("s"), kind="cart", channel="web", cart_amount=1
    )
    rows = carts.rename({"at": "occurred_at", "day": "occurred_date"})
    found = find_abandoned_carts(rows, orders(n), as_of=AS_OF, time_zone=ZONE, settings=JourneySettings(cart_hours=1))
    return dict(found.collect()["hours_to_recovery"].value_counts().iter_rows())


def stages(n: int) -> list[str]:
    # A good word an hour after each order: satisfied in every month.
    praised = each(n, seconds=3600, order_id=pl.lit(None, pl.Int64)).select("customer_id", "order_id", said_at="at")
    months = [date(2026, month, 1) for month in (4, 5, 6)]
    found = follow_customers(
        pl.LazyFrame(schema=SEEN), with_channels(n), praised, months=months, as_of=AS_OF, settings=JourneySettings()
    )
    return sorted(found.collect()["stage"].unique())


SEEN = {
    "touchpoint_id": pl.String(),
    "customer_id": pl.Int64(),
    "occurred_at": pl.Datetime("us", "UTC"),
    "month": pl.Date(),
    "channel": pl.String(),
    "kind": pl.String(),
}


def influence(n: int) -> list[tuple[Any, ...]]:
    # A visit 100 seconds before each order: before every order there is one, the last of them is a visit, and so is the first.
    seen = each(n, seconds=-100, touchpoint_id=named("t"), kind="visit", channel="web")
    given = (seen.rename({"at": "occurred_at", "day": "occurred_date"}), orders(n))
    by = EngagementSettings()
    (of_orders,) = count_touched(*given, as_of=AS_OF, settings=by).select("n_orders").collect().rows()
    found = count_influence(*given, as_of=AS_OF, settings=by)
    return [of_orders + row for row in found.select("n_orders_with", "n_first", "n_last").collect().rows()]


def pairs_of_ratings(n: int) -> list[tuple[int, float]]:
    # Each reply comes before the next review: every review but the last has a later one, a star better.
    written = each(
        n,
        review_id=named("r"),
        source="shop",
        channel="web",
        is_verified=True,
        product_id=pl.lit(None, pl.String),
        order_id=pl.lit(None, pl.String),
        pomp=25.0 + pl.col("number") % 2 * 25,
    ).rename({"at": "created_at", "day": "created_date"})
    replied = written.with_columns(
        replied_at=pl.col("created_at") + pl.duration(minutes=1), replied_date="created_date"
    )
    lines = pl.LazyFrame(
        schema={"order_id": pl.String, "line_number": pl.Int64, "category": pl.String, "line_amount": pl.Int64}
        | {"product_id": pl.String, "ordered_date": pl.Date}
    )
    products = pl.DataFrame(schema={"product_id": pl.String, "product_category": pl.String})
    answering = pl.DataFrame({"source": ["shop"]})
    counts = count_care(replied, lines, products, answering=answering, as_of=AS_OF, time_zone=ZONE)
    found = review_care([counts], as_of=AS_OF, settings=ExperienceSettings())
    return found.filter(dimension="all").select("n_pairs", pl.col("mean_pomp_change").round(2)).rows()


def invited(n: int) -> list[tuple[Any, ...]]:
    # One customer, who answered within 100 seconds of each invitation.
    asked = each(n, invitation_id=named("i"), survey_id="care", survey_type="relational")
    answered = each(n, seconds=100, survey_id="care").select(
        "survey_id", "customer_id", submitted_at="at", submitted_date="day"
    )
    found = count_invited(
        asked.rename({"at": "invited_at", "day": "invited_date"}),
        answered,
        pl.LazyFrame({"customer_id": [1]}),
        as_of=AS_OF,
        settings=NpsSettings(),
    )
    return found.filter(dimension="all").select("n_invited", "n_responded").collect().rows()


def referred_orders(n: int) -> list[tuple[int, int]]:
    # Customer 2 refers the customer before each order: each referral has an order of its own.
    given = each(n, seconds=-100, referral_id=named("f"), order_id=pl.lit(None, pl.Int64)).select(
        "referral_id",
        "order_id",
        customer_id=pl.lit(2, pl.Int64),
        referred_customer_id="customer_id",
        referred_at="at",
        referred_date="day",
    )
    found = count_referred(given, orders(n), as_of=AS_OF).collect()
    return found.filter(customer_id=2).select("n_referred_orders", "referred_net_value").rows()


FEW, MANY = 750, 6_000


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (channels_of_responses, lambda n: {"web": n // 2, "app": n // 2}),
        (abandoned_carts, lambda _: {None: 1}),
        (stages, lambda _: ["satisfaction"]),
        (influence, lambda n: [(n, n, n, n)]),
        # The changes alternate, +25 and -25, and begin with +25: one more of these, as n - 1 is odd.
        (pairs_of_ratings, lambda n: [(n - 1, round(25 / (n - 1), 2))]),
        (invited, lambda _: [(1, 1)]),
        (referred_orders, lambda n: [(n, 100 * n)]),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_customer_with_as_many_rows_as_a_shop_is_counted_without_a_pair_of_every_two(
    function: Callable[[int], Any], expected: Callable[[int], Any]
) -> None:
    assert function(FEW) == expected(FEW)
    assert function(MANY) == expected(MANY)
    assert_grows_in_step(function, few=FEW, many=MANY)


HISTORY = Path(__file__).parents[2] / "dbt_project/models/marts/customer_segment_history.sql"


def periods_of_accounts_joined(n: int) -> list[tuple[Any, ...]]:
    """`n` accounts, each loyal on 1 June; on 2 June one address stands with all of them, and account 0 is the person."""
    query = HISTORY.read_text().replace("{{ up_to_edition('segment_changes') }}", "select * from changes")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            f"""create table changes as
            select 'rfm' as kind, 'a' || number as customer_id, date '2026-06-01' as as_of_date, 'loyal' as segment
            from range({n}) as t (number)
            union all
            select 'rfm', 'a' || number, date '2026-06-02', if(number = 0, 'champions', null) from range({n}) as t (number)"""
        )
        connection.execute(
            f"""create table identity as
            select 'a' || number as identifier, 'account' as kind, 'a0' as customer_id from range(1, {n}) as t (number)
            union all
            select 'the address', 'email', 'a0'"""
        )
        return connection.execute(
            f"""select segment, valid_from, valid_to, count(*), count(distinct customer_id)
            from ({query.replace("{{ source('lake', 'identity') }}", "identity")}) group by all order by all"""
        ).fetchall()


def test_an_address_that_many_accounts_share_makes_no_pair_of_every_two_of_them() -> None:
    june = [date(2026, 6, day) for day in (1, 2)]
    few, many = 1_000, 8_000
    for n in (few, many):
        # Each was a customer of its own for a day, and only the one whose name stayed goes on.
        assert periods_of_accounts_joined(n) == [("champions", june[1], None, 1, 1), ("loyal", *june, n, n)]
    assert_grows_in_step(periods_of_accounts_joined, few=few, many=many)
