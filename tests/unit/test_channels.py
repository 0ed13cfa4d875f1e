from collections.abc import Callable
from datetime import date
from math import sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.attitude.nps import count_nps_responses
from pipeline.core.attitude.settings import NpsSettings
from pipeline.core.behaviour.channels import OF_CHANNELS, compare_channels, count_channels
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.statistics import difference_interval, nps_interval, wilson_interval
from tests.unit.buckets import assert_counts_add_up
from tests.unit.lake import (
    answered,
    assert_rows_in_any_order_agree,
    customers,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
FEW = JourneySettings(min_n=1, channel_days=30)
Row = dict[str, Any]


def count(placed: Frame, responses: Frame, reviews: Frame, people: Frame, by: JourneySettings = FEW) -> Frame:
    said = count_nps_responses(responses, people, as_of=AS_OF, settings=NpsSettings())
    return count_channels(orders_as_of(placed, as_of=AS_OF), said, responses, reviews, as_of=AS_OF, settings=by)


def compare(by: JourneySettings = FEW) -> Callable[..., Frame]:
    return lambda *frames: compare_channels(count(*frames, by=by), as_of=AS_OF, settings=by)


def tables(
    placed: list[Row], answers: list[Row] | None = None, reviews: list[Row] | None = None
) -> tuple[pl.DataFrame, ...]:
    """Orders, responses with their Net Promoter answers, reviews and customers."""
    sent = [{"response_id": f"r{number}"} | row for number, row in enumerate(answers or [])]
    items = [
        {"response_id": row["response_id"], "item_id": "recommend", "is_nps": True, "scale_min": 0, "scale_max": 10}
        | {"value": row["value"]}
        for row in sent
    ]
    bought = orders(*({"ordered_at": "2026-06-10", "customer_id": "a", "channel": "web"} | row for row in placed))
    responses = table("survey_responses", [{key: row[key] for key in row if key != "value"} for row in sent])
    return (
        bought,
        answered(responses, table("survey_answers", items), bought),
        table("reviews", [{"review_id": f"v{number}"} | row for number, row in enumerate(reviews or [])]),
        customers("a", "b", "c"),
    )


def found(*given: Any, by: JourneySettings = FEW, **more: Any) -> pl.DataFrame:
    return segment("channel_consistency", compare(by), *tables(*given, **more))


def values(*given: Any, metric: str, **more: Any) -> dict[str, tuple[int, float]]:
    """Channel -> n and value of a metric."""
    rows = found(*given, **more).filter(metric=metric, measure="value")
    return {channel: (n, value) for channel, n, value in rows.select("channel", "n", "value").iter_rows()}


def promise(promised: str | None, delivered: str | None, **more: Any) -> Row:
    return {
        "promised_at": promised,
        "delivered_at": delivered,
        "status": "delivered" if delivered else "shipped",
    } | more


# Intervals


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_the_difference_of_two_proportions_has_the_published_interval(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    frame = pl.LazyFrame({"a": [first[0]], "m": [first[1]], "b": [second[0]], "n": [second[1]]})
    shares = [
        (pl.col(part) / pl.col(whole), *wilson_interval(pl.col(part), pl.col(whole))) for part, whole in ("am", "bn")
    ]
    bounds = difference_interval(shares[0], shares[1])
    (row,) = frame.select(low=bounds[0], high=bounds[1]).collect().rows()
    assert row == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_an_nps_adds_three_answers() -> None:
    # 6 promoters and 2 detractors of 12: p = 6.75/15, d = 2.75/15, p - d = 4/15, variance 9.5/15 - (4/15)^2 = 0.562222,
    # standard error sqrt(0.562222 / 15) = 0.193602, times 1.959964 = 0.379454.
    frame = pl.LazyFrame({"p": [6, 40], "d": [2, 0], "n": [12, 40]})
    low, high = nps_interval(pl.col("p"), pl.col("d"), pl.col("n"))
    rows = frame.select(low=low, high=high).collect().rows()
    assert rows[0] == pytest.approx((-11.2787, 64.6121), abs=1e-3)
    # Never beyond the scale.
    assert rows[1][1] == 100.0


# Metrics


def test_kept_promises_are_counted_of_those_kept_late_or_overdue() -> None:
    placed = [
        promise("2026-06-12", "2026-06-12 21:59"),  # kept: still the 12th in Amsterdam
        promise("2026-06-12", "2026-06-12 22:00"),  # late: the 13th there
        promise("2026-06-29", None),  # overdue
        promise("2026-06-30", None),  # open
        promise("2026-06-12", None, status="delivered"),  # unknown
        promise(None, "2026-06-12"),  # none
        promise("2026-06-12", "2026-06-12", status="cancelled"),
        promise("2026-06-12", "2026-06-12", status="returned"),
        promise("2026-06-12", "2026-07-02"),  # delivered after the date: overdue on it
        promise("2026-06-12", "2026-06-11", channel="app"),
        promise("2026-06-12", "2026-06-11", channel=None),
        promise("2026-06-12", "2026-06-11", ordered_at="2026-05-31 21:59"),  # before the 30 days
        promise("2026-07-12", "2026-07-11", ordered_at="2026-06-30 22:00"),  # after the date
    ]
    assert values(placed, metric="on_time") == {"web": (4, 25.0), "app": (1, 100.0)}


def test_ratings_of_any_scale_are_means_in_percent_of_it_by_the_channel_of_the_order() -> None:
    placed = [{"order_id": "w", "channel": "web"}, {"order_id": "s", "channel": "store"}]
    reviews: list[Row] = [
        {"order_id": "w", "rating": 5, "created_at": "2026-06-12"},
        {"order_id": "w", "rating": 2, "rating_min": 0, "rating_max": 10, "created_at": "2026-06-12"},
        {"order_id": "s", "rating": 3, "created_at": "2026-06-12"},
        {"order_id": None, "rating": 1, "created_at": "2026-06-12"},
        {"order_id": "w", "rating": 1, "created_at": "2026-06-30 22:00"},
    ]
    assert values(placed, reviews=reviews, metric="rating") == {"web": (2, 60.0), "store": (1, 50.0)}
    (row,) = found(placed, reviews=reviews).filter(metric="rating", channel="web").rows(named=True)
    # 100 and 20: standard deviation sqrt(3200), standard error 40.
    assert (row["value_low"], row["value_high"]) == (0.0, 100.0)


def test_the_interval_of_a_mean_rating_is_that_of_student() -> None:
    reviews = [{"order_id": "w", "rating": stars, "created_at": "2026-06-12"} for stars in (3, 4) * 8]
    (row,) = found([{"order_id": "w"}], reviews=reviews).filter(metric="rating", measure="value").rows(named=True)
    # 16 ratings of 50 or 75: mean 62.5, variance 16 * 12.5^2 / 15; the point of t with 15 degrees of freedom is 2.1314.
    half = 2.1314 * sqrt(16 * 12.5**2 / 15 / 16)
    assert row["value"] == 62.5
    assert (row["value_low"], row["value_high"]) == pytest.approx((62.5 - half, 62.5 + half), abs=1e-3)


def test_the_latest_answer_of_a_customer_counts_in_the_channel_of_its_order() -> None:
    placed = [
        {"order_id": "old", "channel": "store", "ordered_at": "2026-01-10"},
        {"order_id": "new", "channel": "app", "ordered_at": "2026-06-10"},
        {"order_id": "later", "channel": "web", "ordered_at": "2026-06-20"},
        {"order_id": "b1", "customer_id": "b", "channel": "app"},
    ]
    answers = [
        {"customer_id": "a", "submitted_at": "2026-06-11", "value": 0},
        {"customer_id": "a", "submitted_at": "2026-06-12", "value": 9},
        {"customer_id": "b", "submitted_at": "2026-06-12", "value": 6},
        {"customer_id": "c", "submitted_at": "2026-06-12", "value": 6},
        {"customer_id": "x9", "submitted_at": "2026-06-12", "value": 6, "order_id": "new"},
        {"customer_id": None, "submitted_at": "2026-06-12", "value": 6, "order_id": "new"},
        {
            "customer_id": "a",
            "submitted_at": "2026-06-12",
            "value": 7,
            "survey_type": "transactional",
            "order_id": "old",
        },
    ]
    # One promoter and two detractors in the app, of whom one is nobody; c has never ordered, and x9 is a stranger.
    assert values(placed, answers, metric="nps_relational") == {"app": (3, pytest.approx(-100 / 3))}
    assert values(placed, answers, metric="nps_transactional") == {"store": (1, 0.0)}


# The spread


def kept(n: int, of: int, channel: str) -> list[Row]:
    return [promise("2026-06-12", "2026-06-12" if i < n else "2026-06-14", channel=channel) for i in range(of)]


def test_the_spread_is_the_highest_less_the_lowest_channel_with_the_interval_of_a_difference() -> None:
    placed = kept(56, 70, "web") + kept(48, 80, "app") + kept(7, 10, "store")
    (row,) = found(placed).filter(metric="on_time", measure="spread").rows(named=True)
    assert (row["highest_channel"], row["lowest_channel"], row["n"], row["value"]) == ("web", "app", 150, 20.0)
    # Newcombe, as above: 0.0524 to 0.3339.
    assert (row["value_low"], row["value_high"]) == pytest.approx((5.24, 33.39), abs=0.005)


def test_a_suppressed_channel_is_left_out_of_the_spread() -> None:
    placed = kept(56, 70, "web") + kept(48, 80, "app") + kept(0, 29, "store")
    rows = found(placed, by=JourneySettings(min_n=30)).filter(metric="on_time")
    (store,) = rows.filter(channel="store").rows(named=True)
    assert (store["n"], store["value"], store["value_low"], store["is_suppressed"]) == (29, None, None, True)
    (spread,) = rows.filter(measure="spread").rows(named=True)
    assert (spread["lowest_channel"], spread["value"]) == ("app", 20.0)
    shown = found(placed, by=JourneySettings(min_n=29)).filter(measure="spread")
    assert shown["lowest_channel"].to_list() == ["store"]


def test_one_channel_has_no_spread() -> None:
    (row,) = found(kept(3, 4, "web")).filter(measure="spread").rows(named=True)
    assert (row["n"], row["value"], row["highest_channel"], row["is_suppressed"]) == (0, None, None, True)


def test_a_shop_without_channels_promises_reviews_or_answers_has_no_rows() -> None:
    assert found([{"channel": None}]).height == 0
    assert found([]).height == 0


def test_channels_do_not_depend_on_the_order_of_rows() -> None:
    placed = [*kept(5, 7, "web"), *kept(3, 8, "app"), {"order_id": "w", "channel": "web", "customer_id": "b"}]
    answers = [{"customer_id": name, "submitted_at": "2026-06-12", "value": 9} for name in "ab"]
    reviews = [{"order_id": "w", "rating": stars, "created_at": "2026-06-12"} for stars in (3, 4, 5)]
    assert_rows_in_any_order_agree("channel_consistency", compare(), *tables(placed, answers, reviews))


def test_counts_of_parts_of_the_customers_are_added() -> None:
    names = "abcdefg"
    bought = {name: {"customer_id": name, "channel": "app" if name in "bd" else "web"} for name in names}
    placed = [promise("2026-06-12", "2026-06-1" + str(2 + n % 3), **bought[name]) for n, name in enumerate(names)]
    placed = [row | {"order_id": row["customer_id"]} for row in placed]
    answers = [{"customer_id": name, "submitted_at": "2026-06-12", "value": 4 + n} for n, name in enumerate(names)]
    reviews = [
        {"customer_id": name, "order_id": name, "rating": 2 + n % 3, "created_at": "2026-06-12"}
        for n, name in enumerate(names)
    ]
    given_tables = (*tables(placed, answers, reviews)[:3], customers(*names))
    counts = on_polars(count, *given_tables)
    assert set(counts["metric"]) == {"on_time", "rating", "nps_relational"}
    assert_counts_add_up(lambda *frames: on_polars(count, *frames), *given_tables, by=OF_CHANNELS)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["web", "app", "store"]), st.booleans(), st.integers(1, 5)), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_nothing_and_every_interval_holds_its_value(
    given: list[tuple[str, bool, int]], random: Any
) -> None:
    placed = [
        promise("2026-06-12", "2026-06-12" if is_kept else "2026-06-14", channel=channel, order_id=f"o{number}")
        for number, (channel, is_kept, _) in enumerate(given)
    ]
    reviews = [
        {"review_id": f"v{number}", "order_id": f"o{number}", "rating": stars, "created_at": "2026-06-12"}
        for number, (_, _, stars) in enumerate(given)
    ]
    result = found(placed, reviews=reviews)
    shuffled = found(random.sample(placed, len(placed)), reviews=random.sample(reviews, len(reviews)))
    assert result.equals(shuffled)
    shown = result.drop_nulls("value_low")
    holds = (pl.col("value_low") <= pl.col("value") + 1e-6) & (pl.col("value") <= pl.col("value_high") + 1e-6)
    assert shown.filter(~holds).height == 0
    assert shown.filter(measure="spread").filter(pl.col("value") < 0).height == 0
