from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from pipeline.core.attitude.review_flags import count_reviews, find_suspects, find_suspicion, review_flags
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame
from tests.unit.lake import assert_rows_in_any_order_agree, orders, segment, table

AS_OF = date(2026, 6, 30)
BY = ExperienceSettings(duplicate_min_words=3)
Row = dict[str, Any]


def review(review_id: str, body: str | None = None, on: str = "2026-06-01", **more: Any) -> Row:
    return {"review_id": review_id, "body": body, "created_at": on, "rating": 5} | more


def flags(by: ExperienceSettings = BY, as_of: date = AS_OF) -> Callable[[Frame, Frame], Frame]:
    def compute(all_reviews: Frame, all_orders: Frame) -> Frame:
        written = reviews_as_of(all_reviews, orders_as_of(all_orders, as_of=as_of), as_of=as_of)
        return flagged(written, as_of=as_of, by=by)

    return compute


def flagged(*parts: Frame, as_of: date = AS_OF, by: ExperienceSettings = BY) -> Frame:
    """The flags of reviews in parts."""
    suspicion = find_suspicion([count_reviews(part, settings=by) for part in parts], settings=by)
    suspects = pl.concat([find_suspects(part, suspicion, settings=by) for part in parts])
    return review_flags(suspects, as_of=as_of)


ORDERS = orders(*({"order_id": name, "customer_id": None, "ordered_at": "2026-05-01"} for name in ("o1", "o2")))


def found(*reviews: Row, by: ExperienceSettings = BY, as_of: date = AS_OF) -> pl.DataFrame:
    return segment("review_flags", flags(by, as_of), table("reviews", list(reviews)), ORDERS)


def duplicates(*reviews: Row, **more: Any) -> dict[str, str | None]:
    return dict(found(*reviews, **more).filter("is_duplicate_text").select("review_id", "duplicate_of").iter_rows())


def test_the_same_text_of_another_customer_is_a_duplicate_of_the_first_by_time() -> None:
    frame = found(
        review("r2", "Snel geleverd, top!", on="2026-06-02", customer_id="ann"),
        review("r1", "snel  geleverd - TOP", on="2026-06-03", customer_id="bob"),
        review("r3", "Snel geleverd. Matig", on="2026-06-01", customer_id="cid"),
    )
    assert frame.select("review_id", "customer_id", "is_duplicate_text", "n_copies", "duplicate_of").rows() == [
        ("r1", "bob", True, 2, "r2"),
        ("r2", "ann", True, 2, None),
    ]
    assert frame["is_bombing"].to_list() == [False, False]


def test_title_and_body_are_one_text_and_letters_of_every_language_count() -> None:
    one = review("r1", "très  RÁPIDO", customer_id="ann", title="Ótimo")
    other = review("r2", "Ótimo très rápido!", customer_id="bob")
    assert duplicates(one, other) == {"r1": None, "r2": "r1"}
    assert duplicates(one, review("r2", "Otimo tres rapido", customer_id="bob")) == {}


def test_a_text_of_fewer_words_than_the_minimum_is_no_duplicate() -> None:
    short = [review("r1", "heel mooi!", customer_id="ann"), review("r2", "Heel mooi", customer_id="bob")]
    assert duplicates(*short) == {}
    assert duplicates(*short, by=ExperienceSettings(duplicate_min_words=2)) == {"r1": None, "r2": "r1"}


def test_one_customer_copies_on_different_orders_only_and_nobody_always() -> None:
    def both(**more: Any) -> dict[str, str | None]:
        return duplicates(review("r1", "dit is goed", **more), review("r2", "dit is goed", **more))

    assert both(customer_id="ann") == {}
    assert both(customer_id="ann", order_id="o1") == {}
    assert both(order_id="o1") == {}
    assert both() == {"r1": None, "r2": "r1"}
    assert duplicates(review("r1", "dit is goed")) == {}
    by_ann = review("r1", "dit is goed", customer_id="ann")
    assert duplicates(by_ann, review("r2", "dit is goed")) == {"r1": None, "r2": "r1"}
    one, other = review("r1", "dit is goed", order_id="o1"), review("r2", "dit is goed", order_id="o2")
    assert duplicates(one, other) == {"r1": None, "r2": "r1"}


def test_a_review_without_text_is_never_a_duplicate() -> None:
    nothing = [review("r1", customer_id="ann"), review("r2", customer_id="bob")]
    blank = [review("r3", " ?! ", customer_id="ann"), review("r4", "…", customer_id="bob")]
    assert duplicates(*nothing, *blank, by=ExperienceSettings(duplicate_min_words=1)) == {}


def test_a_copy_after_as_of_does_not_exist() -> None:
    reviews = [
        review("r1", "dit is goed", customer_id="ann"),
        review("r2", "dit is goed", "2026-06-30 22:00", customer_id="bob"),
    ]
    assert duplicates(*reviews) == {}
    assert duplicates(*reviews, as_of=date(2026, 7, 1)) == {"r1": None, "r2": "r1"}


def ratings(day: date, n: int, rating: int = 1, **more: Any) -> list[Row]:
    subject = more.get("product_id", "shop")
    return [review(f"{subject} {day} {rating} {number}", on=str(day), rating=rating, **more) for number in range(n)]


DAY = date(2026, 6, 20)


def history(days: int = 90, every: int = 10, **more: Any) -> list[Row]:
    """A good review `days` days before DAY, and one lowest rating every tenth day from then on."""
    first = DAY - timedelta(days)
    lows = [row for ago in range(every, days, every) for row in ratings(DAY - timedelta(ago), 1, **more)]
    return ratings(first, 1, 5, **more) + lows


def bombed(*reviews: Row, **more: Any) -> pl.DataFrame:
    return found(*reviews, **more).filter("is_bombing")


def test_a_day_with_far_more_lowest_ratings_than_usual_is_bombing_and_only_the_lowest_are_flagged() -> None:
    # 8 lowest ratings in 90 days before: (8 + 0.5) / 90 = 0.0944 a day, so 5 on one day have a chance of 6e-8.
    usual = (8 + 0.5) / 90
    assert poisson.sf(5 - 1, usual) < 1e-7
    frame = bombed(*history(product_id="p1"), *ratings(DAY, 5, product_id="p1"), *ratings(DAY, 3, 5, product_id="p1"))
    assert set(frame["review_id"]) == {f"p1 {DAY} 1 {number}" for number in range(5)}
    assert set(frame["bombing_subject"]) == {"product"}
    assert set(frame["n_lowest_on_day"]) == {5}
    assert set(frame["n_lowest_expected"]) == {round(usual, 10)}


def test_a_review_that_names_no_product_is_held_against_the_shop() -> None:
    frame = bombed(*history(), *ratings(DAY, 5))
    assert (frame.height, set(frame["bombing_subject"])) == (5, {"shop"})


def test_bombing_spread_over_products_is_seen_in_the_shop() -> None:
    spread = [row for product in "abcdef" for row in ratings(DAY, 1, product_id=product)]
    frame = bombed(*history(), *spread)
    assert (frame.height, set(frame["bombing_subject"]), set(frame["n_lowest_on_day"])) == (6, {"shop"}, {6})


def test_below_the_minimum_count_the_ratio_or_the_surprise_nothing_is_bombing() -> None:
    assert bombed(*history(), *ratings(DAY, 4)).height == 0
    four = ExperienceSettings(bombing_min_reviews=4, bombing_max_probability=1e-5)
    assert bombed(*history(), *ratings(DAY, 4), by=four).height == 4
    # One a day in 89 of 90 days: 0.994 expected; 6 is six times as many and has a chance of 6e-4.
    often = history(every=1)
    assert bombed(*often, *ratings(DAY, 6)).height == 0
    assert bombed(*often, *ratings(DAY, 6), by=ExperienceSettings(bombing_max_probability=1e-3)).height == 6
    assert (
        bombed(
            *often, *ratings(DAY, 6), by=ExperienceSettings(bombing_max_probability=1e-3, bombing_min_ratio=6.1)
        ).height
        == 0
    )


def test_the_usual_number_is_that_of_the_window_before_the_day() -> None:
    lots = [row for ago in range(91, 95) for row in ratings(DAY - timedelta(ago), 50)]
    begin = ratings(DAY - timedelta(120), 1, 5)
    frame = bombed(*begin, *lots, *ratings(DAY, 5)).filter(pl.col("review_id").str.contains(str(DAY)))
    assert set(frame["n_lowest_expected"]) == {round(0.5 / 90, 10)}
    inside = bombed(*begin, *ratings(DAY - timedelta(90), 50), *ratings(DAY, 5))
    assert not inside["review_id"].str.contains(str(DAY)).any()


def test_a_short_history_counts_by_its_own_days_and_without_one_there_is_no_usual_number() -> None:
    frame = bombed(*ratings(DAY - timedelta(10), 1, 5), *ratings(DAY, 6))
    assert set(frame["n_lowest_expected"]) == {0.05}
    assert bombed(*ratings(DAY, 50)).height == 0


def test_what_comes_later_never_changes_whether_a_day_was_bombing() -> None:
    before = [*history(), *ratings(DAY, 5)]
    after = [*before, *ratings(DAY + timedelta(1), 40)]
    on_the_day = set(bombed(*before)["review_id"])
    assert on_the_day <= set(bombed(*after)["review_id"])
    assert len(on_the_day) == 5


def test_without_reviews_there_is_nothing() -> None:
    assert found().height == 0


def test_review_flags_do_not_depend_on_the_order_of_rows() -> None:
    reviews = [
        *history(product_id="p1"), *ratings(DAY, 6, product_id="p1"), *ratings(DAY, 6),
        review("d1", "Très bien, merci!", customer_id="ann", order_id="o1"),
        review("d2", "très bien MERCI", customer_id="bob", title=None, order_id="x9"),
        review("d3", "bien merci", customer_id="cid", title="Très", on="2026-06-02"),
    ]  # fmt: skip
    assert_rows_in_any_order_agree("review_flags", flags(), table("reviews", reviews), ORDERS)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x y z", "X, y: z!", "u v w"])), max_size=8),
    st.integers(5, 12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_no_flag(texts: list[tuple[str, str]], n_lowest: int, random: Any) -> None:
    reviews = [review(f"t{n}", text, customer_id=name) for n, (name, text) in enumerate(texts)]
    reviews += history() + ratings(DAY, n_lowest)
    assert found(*random.sample(reviews, len(reviews))).equals(found(*reviews))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x y z", "X, y: z!", "u v w"])), max_size=8),
    st.integers(3, 12),
)
def test_flags_are_the_same_in_one_and_in_many_buckets(texts: list[tuple[str, str]], n_lowest: int) -> None:
    reviews = [review(f"t{n}", text, customer_id=name) for n, (name, text) in enumerate(texts)]
    lowest = [*ratings(DAY, n_lowest, product_id="p1"), *ratings(DAY, n_lowest)]
    reviews += [row | {"customer_id": "abc"[n % 3]} for n, row in enumerate([*history(product_id="p1"), *lowest])]
    written = reviews_as_of(table("reviews", reviews).lazy(), orders_as_of(ORDERS.lazy(), as_of=AS_OF), as_of=AS_OF)
    parts = [written.filter(customer_id=name) for name in "abc"]
    found_in_parts = flagged(*parts).collect().sort("review_id")
    assert found_in_parts.equals(flagged(written).collect().sort("review_id"))


def test_settings_refuse_a_probability_of_one() -> None:
    with pytest.raises(ValueError, match="less than 1"):
        ExperienceSettings(bombing_max_probability=1)
