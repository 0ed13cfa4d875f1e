from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.attitude.reviews import (
    KEYS_OF_CARE,
    CareCounts,
    answering_sources,
    category_of_products,
    count_care,
    count_categories,
    review_care,
)
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame
from tests.unit.buckets import assert_counts_add_up
from tests.unit.lake import AMSTERDAM, assert_rows_in_any_order_agree, on_polars, orders, segment, table

AS_OF = date(2026, 6, 30)
FEW = ExperienceSettings(min_n=2)
Row = dict[str, Any]


def review(review_id: str, rating: float = 5, on: str = "2026-06-01", customer: str | None = "ann", **more: Any) -> Row:
    return {"review_id": review_id, "created_at": on, "rating": rating, "customer_id": customer} | more


def order(order_id: str, customer: str | None = "ann", channel: str | None = "web") -> Row:
    return {"order_id": order_id, "customer_id": customer, "ordered_at": "2026-05-01", "channel": channel}


def line(order_id: str, number: int, product: str | None, category: str | None, amount: int = 100) -> Row:
    what = {"product_id": product, "category": category, "quantity": 1, "currency": "EUR", "line_amount": amount}
    return {"order_id": order_id, "line_number": number, "ordered_at": "2026-05-01"} | what


def known(all_reviews: Frame, all_orders: Frame) -> Frame:
    return reviews_as_of(all_reviews, orders_as_of(all_orders, as_of=AS_OF), as_of=AS_OF)


def categories(all_reviews: Frame, lines: Frame) -> pl.DataFrame:
    return count_categories(lines, all_reviews.select("product_id").unique().collect(), as_of=AS_OF)


def cared(
    all_reviews: Frame, all_orders: Frame, lines: Frame, products: pl.DataFrame, answering: pl.DataFrame
) -> CareCounts:
    written = known(all_reviews, all_orders)
    return count_care(written, lines, products, answering=answering, as_of=AS_OF, time_zone=AMSTERDAM)


def care(by: ExperienceSettings = FEW) -> Callable[[Frame, Frame, Frame], Frame]:
    def compute(all_reviews: Frame, all_orders: Frame, lines: Frame) -> Frame:
        products = category_of_products([categories(all_reviews, lines)])
        answering = answering_sources(all_reviews, as_of=AS_OF)
        counts = cared(all_reviews, all_orders, lines, products, answering)
        return review_care([counts], as_of=AS_OF, settings=by).lazy()

    return compute


def tables(reviews: list[Row], placed: list[Row] | None = None, lines: list[Row] | None = None) -> list[pl.DataFrame]:
    return [table("reviews", reviews), orders(*(placed or [])), table("order_lines", lines or [])]


def found(*args: Any, by: ExperienceSettings = FEW) -> pl.DataFrame:
    return segment("review_care", care(by), *tables(*args))


def total(*args: Any, by: ExperienceSettings = FEW) -> Row:
    return found(*args, by=by).row(by_predicate=pl.col("dimension") == "all", named=True)


def counts(dimension: str, *args: Any) -> dict[str, int]:
    return dict(found(*args).filter(dimension=dimension).select("value", "n_reviews").iter_rows())


def test_a_review_is_known_with_its_order_its_customer_and_its_rating_in_percent() -> None:
    given_reviews = [
        review("of an order", 4, customer=None, order_id="a"),
        review("of an unknown order", 7, order_id="x9", rating_min=0, rating_max=10),
        review("tomorrow", on="2026-06-30 22:00"),
        review("answered tomorrow", 1, replied_at="2026-06-30 22:00"),
        review("answered today", 1, replied_at="2026-06-30 21:59"),
    ]
    rows = on_polars(known, table("reviews", given_reviews), orders(order("a", "bob"))).sort("review_id")
    assert rows.select("review_id", "customer_id", "order_id", "channel", "pomp").rows() == [
        ("answered today", "ann", None, None, 0.0),
        ("answered tomorrow", "ann", None, None, 0.0),
        ("of an order", "bob", "a", "web", 75.0),
        ("of an unknown order", "ann", None, None, 70.0),
    ]
    assert rows["replied_at"].is_not_null().to_list() == [True, False, False, False]


def test_the_mean_rating_has_its_interval() -> None:
    # 100, 100, 75, 50 and 50: mean 75, deviations 25, 25, 0, -25, -25, variance 2500 / 4 = 625, error 25 / sqrt(5) = 11.1803,
    # and the 97.5% point of Student with 4 degrees of freedom is 2.776: half width 31.04, so the upper bound is cut at 100.
    row = total([review(str(n), stars) for n, stars in enumerate((5, 5, 4, 3, 3))])
    assert (row["n_reviews"], row["mean_pomp"], row["mean_pomp_high"]) == (5, 75.0, 100.0)
    assert row["mean_pomp_low"] == pytest.approx(75 - 31.04, abs=0.05)


def test_the_category_is_that_of_the_product_or_else_of_the_largest_line_of_the_order() -> None:
    lines = [
        line("a", 1, "p1", "toys", 100),
        line("a", 2, "p2", "books", 300),
        line("a", 3, "p3", "garden", 300),
        line("b", 1, "p1", "games"),
        line("c", 1, "p1", "toys"),
    ]
    reviews = [
        review("of a product", product_id="p1"),
        review("of a product in an order", product_id="p1", order_id="a"),
        review("of an order", order_id="a"),
        review("of a product that nobody bought", product_id="p9", order_id="b"),
        review("of the shop"),
    ]
    expected = {"toys": 2, "books": 1, "games": 1, "unknown": 1}
    assert counts("category", reviews, [order("a"), order("b")], lines) == expected


def test_what_is_bought_after_as_of_changes_no_category() -> None:
    after = {"ordered_at": "2026-06-30 22:00"}
    lines = [line("a", 1, "p1", "toys"), line("b", 1, "p1", "games") | after, line("c", 1, "p1", "games") | after]
    assert counts("category", [review("r", product_id="p1")], [order("a")], lines) == {"toys": 1}


def test_channel_is_the_orders_and_month_that_of_writing_in_the_shops_time_zone() -> None:
    reviews = [
        review("a", order_id="a"), review("b", order_id="b"), review("n", on="2026-05-31 22:00"), review("m", on="2026-05-31 21:59"),
    ]  # fmt: skip
    placed = [order("a"), order("b", channel=None)]
    assert counts("channel", reviews, placed) == {"web": 1, "unknown": 3}
    assert counts("month", reviews, placed) == {"2026-05": 1, "2026-06": 3}
    assert counts("all", reviews, placed) == {"all": 4}


def test_the_verified_share_is_over_reviews_of_which_it_is_known() -> None:
    row = total([review("a", is_verified=True), review("b", is_verified=False), review("c")])
    assert (row["n_reviews"], row["n_verified_known"], row["n_verified"], row["pct_verified"]) == (3, 2, 1, 50.0)
    # Wilson for 1 of 2: centre 0.5, half width z * sqrt(1/8 + z^2/16) / (1 + z^2/2) = 0.405469.
    assert (row["pct_verified_low"], row["pct_verified_high"]) == pytest.approx((9.4531, 90.5469), abs=1e-3)


def test_the_reply_rate_is_over_sources_that_show_replies() -> None:
    replied = review("a", replied_at="2026-06-02")
    row = total([replied, review("b"), review("c", source="silent"), review("d", source="silent")])
    assert (row["n_reply_known"], row["n_replied"], row["pct_replied"]) == (2, 1, 50.0)
    row = total([review("c", source="silent"), review("d", source="silent")])
    assert (row["n_reply_known"], row["pct_replied"], row["is_replied_suppressed"]) == (0, None, True)


def test_reply_hours_are_a_median_and_a_reply_before_its_review_has_none() -> None:
    row = total([
        review("a", on="2026-06-01 23:30", replied_at="2026-06-02 01:00:36"),
        review("b", on="2026-06-01 12:00", replied_at="2026-06-03 12:00"),
        review("c", on="2026-06-02 12:00", replied_at="2026-06-01 12:00"),
    ])  # fmt: skip
    # 1.51 and 48 hours.
    assert (row["n_replied"], row["n_reply_hours"]) == (3, 2)
    assert row["median_reply_hours"] == pytest.approx((1.51 + 48) / 2)


def pairs(*reviews: Row) -> tuple[int, float | None, float | None]:
    row = total(list(reviews))
    return row["n_pairs"], row["mean_pomp_before_reply"], row["mean_pomp_after_reply"]


def test_a_replied_review_is_compared_with_the_customers_first_review_after_the_reply() -> None:
    reviews = [
        review("a1", 1, on="2026-06-01", replied_at="2026-06-05"),
        review("a2", 1, on="2026-06-04"),
        review("a3", 3, on="2026-06-06"),
        review("a4", 5, on="2026-06-07"),
        review("b1", 2, on="2026-06-01", customer="bob", replied_at="2026-06-02"),
        review("b2", 4, on="2026-06-03", customer="bob"),
        review("c1", 1, on="2026-06-01", customer="cid", replied_at="2026-06-02"),
    ]
    row = total(reviews)
    # From 0 to 50 and from 25 to 75.
    assert (row["n_pairs"], row["mean_pomp_before_reply"], row["mean_pomp_after_reply"]) == (2, 12.5, 62.5)
    assert (row["mean_pomp_change"], row["mean_pomp_change_low"], row["mean_pomp_change_high"]) == (50.0, 50.0, 50.0)


def test_a_later_review_belongs_to_one_pair_with_its_latest_replied_review() -> None:
    first = review("a1", 1, on="2026-06-01", replied_at="2026-06-02")
    second = review("a2", 3, on="2026-06-01", replied_at="2026-06-03")
    other = [review("b1", 3, customer="bob", replied_at="2026-06-02"), review("b2", 5, "2026-06-09", "bob")]
    assert pairs(first, second, review("a3", 5, on="2026-06-04"), *other) == (2, 50.0, 100.0)


def test_a_review_of_nobody_or_at_the_moment_of_the_reply_makes_no_pair() -> None:
    answered = review("a1", 1, on="2026-06-01", replied_at="2026-06-02")
    assert pairs(answered, review("a2", 5, on="2026-06-02"))[0] == 0
    nobody = [review("n1", 1, customer=None, replied_at="2026-06-02"), review("n2", 5, "2026-06-09", None)]
    assert pairs(*nobody)[0] == 0


def test_below_the_minimum_everything_is_null_with_its_n() -> None:
    reviews = [
        review("a1", 1, replied_at="2026-06-02", is_verified=True), review("a2", 5, on="2026-06-03", replied_at="2026-06-04", is_verified=True),
        review("a3", 5, on="2026-06-05", is_verified=True),
    ]  # fmt: skip
    shown, hidden = total(reviews, by=FEW), total(reviews, by=ExperienceSettings(min_n=4))
    measures = [name for name in shown if name.startswith(("mean_", "pct_", "median_"))]
    assert all(shown[name] is not None for name in measures)
    assert all(hidden[name] is None for name in measures)
    assert all(hidden[name] and not shown[name] for name in shown if name.endswith("suppressed"))
    assert all(hidden[name] == shown[name] for name in shown if name.startswith("n_"))


def test_without_reviews_there_is_nothing() -> None:
    assert found([]).height == 0


def test_review_care_do_not_depend_on_the_order_of_rows() -> None:
    reviews = [
        review("a1", 1, replied_at="2026-06-02 09:17:31", order_id="a", is_verified=True),
        review("a2", 4, on="2026-06-09", order_id="b", is_verified=False, replied_at="2026-06-10"),
        review("a3", 5, on="2026-06-11", product_id="p1"),
        review("b1", 3, customer=None, on="2026-05-31 22:30", source="silent"),
    ]
    lines = [line("a", 1, "p1", "toys"), line("a", 2, "p2", "books", 200), line("b", 1, "p3", None)]
    assert_rows_in_any_order_agree(
        "review_care", care(), *tables(reviews, [order("a"), order("b", channel="app")], lines)
    )


ANSWERED = st.tuples(st.sampled_from("ab"), st.integers(1, 20), st.integers(1, 5), st.none() | st.integers(0, 5))


def changes(drawn: list[tuple[str, int, int, int | None]]) -> list[int]:
    """The same in plain Python: of each replied review the stars of the first that followed less its own."""
    followed: dict[int, int] = {}
    for customer, day, stars, _ in sorted(drawn, key=lambda row: row[1]):
        replies = [
            (on + delay, n)
            for n, (name, on, _, delay) in enumerate(drawn)
            if delay is not None and name == customer and on + delay < day
        ]
        if replies:
            followed.setdefault(max(replies)[1], stars)
    return [stars - drawn[n][2] for n, stars in followed.items()]


@settings(max_examples=12)
@given(st.lists(ANSWERED, min_size=1, max_size=10))
def test_pairs_around_replies_are_those_found_review_by_review(drawn: list[tuple[str, int, int, int | None]]) -> None:
    reviews = [
        review(
            f"r{n:02}",
            stars,
            f"2026-06-{day:02}",
            name,
            replied_at=None if delay is None else f"2026-06-{day + delay:02}",
        )
        for n, (name, day, stars, delay) in enumerate(drawn)
    ]
    row, expected = total(reviews), changes(drawn)
    assert row["n_pairs"] == len(expected)
    if len(expected) > 1:
        assert row["mean_pomp_change"] == pytest.approx(25 * sum(expected) / len(expected))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 20), st.integers(1, 5), st.booleans()), min_size=1, max_size=9
    ),
    st.randoms(use_true_random=False),
)
def test_every_dimension_counts_every_review_once_whatever_the_order_of_rows(
    drawn: list[tuple[str, int, int, bool]], random: Any
) -> None:
    reviews = [
        review(f"r{n}", stars, f"2026-06-{day:02}", name, replied_at=f"2026-06-{day + 2:02}" if is_replied else None)
        for n, (name, day, stars, is_replied) in enumerate(drawn)
    ]
    frame = found(reviews)
    assert found(random.sample(reviews, len(reviews))).equals(frame)
    assert set(frame.group_by("dimension").agg(pl.col("n_reviews").sum())["n_reviews"]) == {len(reviews)}
    for row in frame.filter(pl.col("mean_pomp").is_not_null()).iter_rows(named=True):
        assert 0 <= row["mean_pomp_low"] <= row["mean_pomp"] <= row["mean_pomp_high"] <= 100


REVIEWED = st.tuples(
    st.sampled_from("abc"), st.integers(1, 20), st.integers(1, 5), st.sampled_from(["p1", "p2", None]), st.booleans()
)


@settings(max_examples=6, deadline=None)
@given(st.lists(REVIEWED, min_size=1, max_size=9))
def test_what_reviews_add_up_to_is_the_same_in_one_and_in_many_buckets(
    drawn: list[tuple[str, int, int, str | None, bool]],
) -> None:
    reviews = [
        review(f"r{n}", stars, f"2026-06-{day:02}", name, product_id=product, order_id=name if has_order else None)
        | {"source": "shop" if n % 2 else "site", "replied_at": f"2026-06-{day + 2:02}" if n % 4 == 1 else None}
        for n, (name, day, stars, product, has_order) in enumerate(drawn)
    ]
    placed = [order(name, name, channel) for name, channel in (("a", "web"), ("b", "app"), ("c", None))]
    sold = (("a", "p1", "toys"), ("b", "p1", "games"), ("c", "p1", "games"), ("c", "p3", "books"), ("a", "p2", None))
    lines = [line(name, n, product, category, n) for n, (name, product, category) in enumerate(sold)]
    written, bought, sold_lines = tables(reviews, placed, lines)
    of_products = [categories(written.lazy(), part.lazy()) for part in (sold_lines[:1], sold_lines[1:])]
    products = category_of_products(of_products)
    assert dict(products.iter_rows()) == ({"p1": "games"} if any(row[3] == "p1" for row in drawn) else {})
    answering = answering_sources(written.lazy(), as_of=AS_OF)
    assert answering["source"].to_list() == (["shop"] if len(drawn) > 1 else [])
    for place, key in enumerate(KEYS_OF_CARE):
        assert_counts_add_up(
            lambda some, orders, place=place: cared(some.lazy(), orders.lazy(), sold_lines.lazy(), products, answering)[
                place
            ],
            *(written, bought),
            by=[*key],
        )
