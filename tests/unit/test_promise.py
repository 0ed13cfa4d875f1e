from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.attitude.promise import PromiseCounts, count_promises, promise_impact
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.attitude.statements import statements_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame
from tests.unit.lake import (
    answered,
    assert_rows_in_any_order_agree,
    customers,
    numbered,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
FEW = ExperienceSettings(min_n=2)
Row = dict[str, Any]


def order(order_id: str, customer: str | None = "ann", on: str = "2026-05-01", **more: Any) -> Row:
    """An order kept by default: promised on the 10th of May, delivered on the 5th."""
    delivery = {"status": "delivered", "promised_at": "2026-05-10", "delivered_at": "2026-05-05", "channel": "web"}
    return delivery | {"order_id": order_id, "customer_id": customer, "ordered_at": on} | more


LATE: Row = {"delivered_at": "2026-05-12"}
OVERDUE: Row = {"status": "shipped", "delivered_at": None}


def review(review_id: str, on: str, rating: float = 5, **more: Any) -> Row:
    return {"review_id": review_id, "created_at": on, "rating": rating, "customer_id": "ann"} | more


def response(response_id: str, on: str, *given: float, nps: float | None = None, **more: Any) -> tuple[Row, list[Row]]:
    """A survey response with answers to satisfaction, repurchase and recommend, and to the Net Promoter question."""
    survey = {"response_id": response_id, "survey_type": more.get("survey_type", "relational")}
    roles = zip(("satisfaction", "repurchase", "recommend"), given, strict=False)
    items: list[Row] = [
        {"response_id": response_id, "item_id": role, "role": role, "value": value} for role, value in roles
    ]
    if nps is not None:
        scale = {"scale_min": 0, "scale_max": 10, "is_nps": True}
        items.append({"response_id": response_id, "item_id": "nps", "value": nps} | scale)
    return survey | {"customer_id": "ann", "submitted_at": on} | more, items


def impact(as_of: date = AS_OF, by: ExperienceSettings = FEW) -> Callable[..., Frame]:
    def compute(all_orders: Frame, all_reviews: Frame, responses: Frame, customers: Frame) -> Frame:
        placed, reviewed, sent, customers = numbered(all_orders, all_reviews, responses, customers)
        known = orders_as_of(placed, as_of=as_of)
        nothing_shared = known.clear().collect()
        counts = told(known, reviewed, sent, customers, nothing_shared, as_of=as_of, by=by)
        return promise_impact([counts], nothing_shared, as_of=as_of, settings=by).lazy()

    return compute


def told(
    known: Frame,
    reviewed: Frame,
    sent: Frame,
    customers: Frame,
    shared: pl.DataFrame,
    *,
    as_of: date = AS_OF,
    by: ExperienceSettings = FEW,
) -> PromiseCounts:
    """What these customers have bought and said, and `shared`: the orders that others than the buyer have reviewed."""
    others = known.join(shared.lazy(), on="order_id", how="anti")
    written = reviews_as_of(reviewed, pl.concat([others, shared.lazy()]), as_of=as_of)
    said = statements_as_of(written, sent, customers, as_of=as_of)
    return count_promises(known, said, shared, as_of=as_of, settings=by)


def tables(
    placed: list[Row], reviews: list[Row] | None = None, responses: list[tuple[Row, list[Row]]] | None = None
) -> tuple[pl.DataFrame, ...]:
    """The tables of a shop that knows who has ordered."""
    responses = responses or []
    buyers = {row["customer_id"] for row in placed} - {None}
    sent = table("survey_responses", [sent for sent, _ in responses])
    answers = table("survey_answers", [item for _, items in responses for item in items])
    return orders(*placed), table("reviews", reviews or []), answered(sent, answers), customers(*sorted(buyers))


def found(*args: Any, by: ExperienceSettings = FEW, as_of: date = AS_OF) -> pl.DataFrame:
    return segment("promise_impact", impact(as_of, by), *tables(*args))


def row(frame: pl.DataFrame, status: str = "kept", month: date | None = None, channel: str = "all") -> Row:
    return frame.row(
        by_predicate=(pl.col("promise_status") == status)
        & pl.col("month").eq_missing(month)
        & (pl.col("channel") == channel),
        named=True,
    )


def statuses(*placed: Row, as_of: date) -> dict[str, str]:
    known = on_polars(lambda all_orders: orders_as_of(all_orders, as_of=as_of), orders(*placed))
    return dict(known.select("order_id", "promise_status").iter_rows())


@pytest.mark.parametrize(
    ("status", "promised_at", "delivered_at", "expected"),
    # as_of 2026-03-10; Amsterdam is one hour ahead of UTC.
    [
        ("delivered", "2026-03-05 08:00", "2026-03-05 22:59:59", "kept"),
        ("delivered", "2026-03-05 08:00", "2026-03-05 23:00:00", "late"),
        ("delivered", "2026-03-10 08:00", "2026-03-10 22:59:59", "kept"),
        ("delivered", "2026-03-09 08:00", "2026-03-11 08:00", "overdue"),
        ("delivered", "2026-03-11 08:00", "2026-03-11 08:00", "open"),
        ("shipped", "2026-03-09 08:00", None, "overdue"),
        ("shipped", "2026-03-10 08:00", None, "open"),
        ("delivered", "2026-03-09 08:00", None, "unknown"),
        ("delivered", None, "2026-03-09 08:00", "none"),
        ("cancelled", "2026-03-05 08:00", None, "none"),
        ("returned", "2026-03-05 08:00", "2026-03-06 08:00", "none"),
    ],
)
def test_a_promise_is_judged_by_date_at_as_of(
    status: str, promised_at: str | None, delivered_at: str | None, expected: str
) -> None:
    placed = order("a", on="2026-03-01", status=status, promised_at=promised_at, delivered_at=delivered_at)
    assert statuses(placed, as_of=date(2026, 3, 10)) == {"a": expected}


def test_every_order_with_an_outcome_counts_once_and_broken_is_late_and_overdue() -> None:
    frame = found([
        order("k"), order("l1", **LATE), order("l2", None, **LATE), order("o", **OVERDUE),
        order("u", delivered_at=None), order("n", promised_at=None), order("open", **OVERDUE | {"promised_at": "2026-07-01"}),
    ])  # fmt: skip
    counts = frame.filter(pl.col("month").is_null(), channel="all").select("promise_status", "n_orders")
    assert dict(counts.iter_rows()) == {"kept": 1, "late": 2, "overdue": 1, "broken": 3, "unknown": 1, "none": 1}


def test_month_and_channel_are_those_of_the_order_and_all_is_their_sum() -> None:
    # 22:30 UTC on the last of May is the first of June in Amsterdam.
    frame = found([
        order("a"), order("b", channel=None), order("c", on="2026-05-31 22:30", promised_at="2026-06-10", delivered_at="2026-06-05"),
    ])  # fmt: skip
    assert frame.filter(promise_status="kept").select("month", "channel", "n_orders").rows() == [
        (None, "all", 3), (None, "unknown", 1), (None, "web", 2),
        (MAY, "all", 2), (MAY, "unknown", 1), (MAY, "web", 1),
        (JUNE, "all", 1), (JUNE, "web", 1),
    ]  # fmt: skip


def test_a_review_counts_from_the_day_of_delivery_on() -> None:
    placed = [order("a", "ann"), order("b", "bob"), order("c", "cid")]
    reviews = [
        review("before", "2026-05-04", 1, customer_id="ann"),
        review("same day", "2026-05-05 00:00", 5, customer_id="bob"),
        review("later", "2026-05-06", 3, customer_id="cid"),
    ]
    kept = row(found(placed, reviews))
    assert (kept["n_reviews"], kept["mean_pomp"]) == (2, 75.0)


def test_a_review_counts_from_the_day_after_a_promise_was_broken_even_before_delivery() -> None:
    placed = [order("a", "ann", **LATE), order("b", "bob", **OVERDUE), order("c", "cid", **LATE)]
    reviews = [
        review("still in time", "2026-05-10", 5, customer_id="ann"),
        review("no parcel", "2026-05-11", 1, customer_id="bob"),
        review("too late", "2026-05-11", 2, customer_id="cid"),
    ]
    frame = found(placed, reviews)
    assert row(frame, "broken")["n_reviews"] == 2
    assert row(frame, "broken")["mean_pomp"] == 12.5
    assert (row(frame, "late")["n_reviews"], row(frame, "overdue")["n_reviews"]) == (1, 1)


def test_a_review_of_a_named_order_is_that_orders_and_one_that_names_none_the_latest_orders() -> None:
    placed = [
        order("old", delivered_at="2026-05-03"),
        order("new", on="2026-05-02", delivered_at="2026-05-12"),
        order("other", "bob", **OVERDUE),
    ]
    named = review("of the old", "2026-06-01", 5, order_id="old")
    free = review("of the shop", "2026-06-02", 2)
    of_unknown = review("of an unknown order", "2026-06-03", 3, customer_id="bob", order_id="x9")
    frame = found(placed, [named, free, of_unknown], by=FEW)
    counts = {status: row(frame, status)["n_reviews"] for status in ("kept", "late", "overdue")}
    assert counts == {"kept": 1, "late": 1, "overdue": 1}
    assert row(frame, "broken")["mean_pomp"] == 37.5  # 2 and 3 of 5 stars: 25 and 50


def test_what_was_said_before_a_later_order_had_its_outcome_is_of_the_order_before() -> None:
    placed = [order("old", delivered_at="2026-05-03"), order("new", on="2026-05-02", **LATE)]
    frame = found(placed, [review("in between", "2026-05-05")])
    assert (row(frame, "kept")["n_reviews"], row(frame, "late")["n_reviews"]) == (1, 0)


def test_of_orders_whose_outcome_was_known_on_one_day_the_last_by_number_takes_the_review() -> None:
    placed = [order("o2", **LATE), order("o1", delivered_at="2026-05-11", promised_at="2026-05-20")]
    # The promise of o2 was broken on the 11th, the day on which o1 arrived in time.
    frame = found(placed, [review("a", "2026-06-01"), review("b", "2026-06-02", customer_id="ann")])
    assert {status: row(frame, status)["n_reviews"] for status in ("late", "kept")} == {"late": 1, "kept": 0}


def test_a_cancellation_invoice_is_no_order_and_takes_no_review() -> None:
    invoice = order("b", on="2026-05-20", status="returned", gross_amount=0, refund_amount=500, promised_at=None)
    frame = found([order("a", **LATE), invoice], [review("angry", "2026-06-01", 1)])
    assert {status: row(frame, status)["n_reviews"] for status in ("late", "broken")} == {"late": 1, "broken": 1}
    assert frame.filter(promise_status="none").is_empty()


def test_a_delivery_without_a_date_counts_on_the_promised_date() -> None:
    placed = [order("o1", delivered_at=None), order("o2", "bob", delivered_at=None)]
    before, after = review("a", "2026-05-09"), review("b", "2026-05-10", customer_id="bob")
    assert row(found(placed, [before, after]), "unknown")["n_reviews"] == 1


def test_only_the_first_review_after_an_order_counts() -> None:
    placed = [order("a"), order("b", "bob")]
    reviews = [
        review("second", "2026-06-02", 1),
        review("first", "2026-06-01", 5),
        review("of bob", "2026-06-01", 3, customer_id=None, order_id="b"),
    ]
    kept = row(found(placed, reviews))
    assert (kept["n_reviews"], kept["mean_pomp"]) == (2, 75.0)


def test_an_open_order_takes_no_answer_and_none_about_it_counts_elsewhere() -> None:
    placed = [order("a"), order("open", on="2026-06-01", **OVERDUE | {"promised_at": "2026-07-05"})]
    said = [response("free", "2026-06-02", nps=9), response("about it", "2026-06-01", nps=0, order_id="open")]
    kept = row(found(placed, [review("about it", "2026-06-03", 1, order_id="open")], said))
    assert (kept["n_reviews"], kept["n_nps_relational"]) == (0, 1)


def test_the_score_after_a_kept_promise_has_its_interval_and_relational_and_transactional_stay_apart() -> None:
    placed = [order(name, name) for name in "abcdef"]
    said = [
        response(name, "2026-06-01", nps=value, customer_id=name)
        for name, value in zip("abcde", (9, 10, 8, 6, 7), strict=True)
    ]
    said.append(response("t", "2026-06-01", nps=0, customer_id="f", survey_type="transactional"))
    kept = row(found(placed, [], said))
    # Two promoters and one detractor of five: 20. With three answers more: p' = 2.75/8, d' = 1.75/8, centre 0.125,
    # variance 0.5625 - 0.015625 = 0.546875, error sqrt(0.546875 / 8) = 0.261456, times 1.959964 = 0.512444.
    assert (kept["n_nps_relational"], kept["nps_relational"]) == (5, 20.0)
    assert (kept["nps_relational_low"], kept["nps_relational_high"]) == pytest.approx((-38.7444, 63.7444), abs=1e-3)
    assert (kept["n_nps_transactional"], kept["nps_transactional"], kept["is_nps_transactional_suppressed"]) == (
        1,
        None,
        True,
    )


def test_an_answer_about_an_order_counts_unless_a_stranger_gave_it_and_a_review_whoever_wrote_it() -> None:
    placed = [order("a", "ann"), order("b", "bob"), order("c", None)]
    said = [
        response("of ann", "2026-06-01", 5, 5, 5, nps=10, order_id="a"),
        response("of nobody", "2026-06-01", 5, 5, 4, nps=9, customer_id=None, order_id="c"),
        response("of a stranger", "2026-06-01", 1, 1, 1, nps=0, customer_id="eve", order_id="b"),
    ]
    reviews = [review("r1", "2026-06-01", 5), review("r2", "2026-06-01", 1, customer_id="eve", order_id="b")]
    kept = row(found(placed, reviews, said))
    # Two promoters, of whom one is secure; 100 and 0 percent of the stars.
    assert (kept["n_nps_relational"], kept["nps_relational"]) == (2, 100.0)
    assert (kept["n_classified"], kept["n_secure"], kept["pct_secure"]) == (2, 1, 50.0)
    assert (kept["n_reviews"], kept["mean_pomp"]) == (2, 50.0)


def test_a_response_that_gives_two_scores_counts_by_the_first_item_in_the_order_of_names() -> None:
    placed = [order(name, name) for name in "ab"]
    said = [response(name, "2026-06-01", nps=9, customer_id=name) for name in "ab"]
    for sent, items in said:
        items.append(items[0] | {"item_id": "nps again", "value": 0, "response_id": sent["response_id"]})
    kept = row(found(placed, [], said))
    assert (kept["n_nps_relational"], kept["nps_relational"]) == (2, 100.0)


def test_the_class_of_the_first_classified_response_counts_and_unclassified_is_left_out() -> None:
    placed = [order(name, name) for name in "abc"]
    said = [
        response("a1", "2026-05-20", 5, 5, customer_id="a"),
        response("a2", "2026-05-21", 5, 5, 5, customer_id="a"),
        response("a3", "2026-05-22", 1, 1, 1, customer_id="a"),
        response("b1", "2026-05-21", 5, 5, 4, customer_id="b"),
        response("c1", "2026-05-04", 5, 5, 5, customer_id="c"),
    ]
    kept = row(found(placed, [], said))
    assert (kept["n_classified"], kept["n_secure"], kept["pct_secure"]) == (2, 1, 50.0)
    # Wilson for 1 of 2: centre 0.5, half width z * sqrt(1/8 + z^2/16) / (1 + z^2/2) = 0.405469.
    assert (kept["pct_secure_low"], kept["pct_secure_high"]) == pytest.approx((9.4531, 90.5469), abs=1e-3)


def bought(*placed: Row, by: ExperienceSettings = FEW, as_of: date = AS_OF) -> tuple[int, int]:
    kept = row(found(list(placed), by=by, as_of=as_of))
    return kept["n_observable"], kept["n_repurchased"]


def test_a_purchase_on_the_last_day_of_the_window_is_a_repurchase_and_a_day_later_is_none() -> None:
    # 90 days after the 1st of January is the 1st of April.
    first = order("a", on="2026-01-01", promised_at="2026-01-10", delivered_at="2026-01-05")
    again = {"promised_at": None, "status": "paid", "delivered_at": None}
    assert bought(first, order("b", on="2026-04-01", **again)) == (1, 1)
    assert bought(first, order("b", on="2026-04-02", **again)) == (1, 0)
    assert bought(first, order("b", on="2026-04-01", **again), by=ExperienceSettings(min_n=2, repurchase_days=89)) == (
        1,
        0,
    )


def test_a_second_order_on_the_same_day_a_cancelled_one_or_another_customers_is_no_repurchase() -> None:
    first = order("a", on="2026-01-01", promised_at="2026-01-10", delivered_at="2026-01-05")
    again = {"promised_at": None, "delivered_at": None}
    assert bought(first, order("b", on="2026-01-01 18:00", **again)) == (1, 0)
    assert bought(first, order("b", on="2026-02-01", **again | {"status": "cancelled"})) == (1, 0)
    assert bought(first, order("b", "bob", on="2026-02-01", **again)) == (1, 0)
    cancelled = order("b", on="2026-02-01", **again | {"status": "cancelled"})
    assert bought(first, cancelled, order("c", on="2026-02-02", **again)) == (1, 1)


def test_an_order_is_observable_from_the_day_its_window_is_over() -> None:
    first = order("a", on="2026-01-01", promised_at="2026-01-10", delivered_at="2026-01-05")
    again = order("b", on="2026-01-20", promised_at=None)
    assert bought(first, again, as_of=date(2026, 3, 31)) == (0, 0)
    assert bought(first, again, as_of=date(2026, 4, 1)) == (1, 1)
    anonymous = order("n", None, on="2026-01-01", promised_at="2026-01-10", delivered_at="2026-01-05")
    assert bought(first, anonymous, as_of=date(2026, 4, 1)) == (1, 0)


def test_an_open_order_is_a_repurchase() -> None:
    first = order("a", on="2026-01-01", promised_at="2026-01-10", delivered_at="2026-01-05")
    again = order("b", on="2026-03-30", status="paid", promised_at="2026-04-10", delivered_at=None)
    assert bought(first, again, as_of=date(2026, 4, 1)) == (1, 1)


JANUARY: Row = {"on": "2026-01-01", "promised_at": "2026-01-10"}
NO_PROMISE: Row = {"promised_at": None, "delivered_at": None, "status": "paid"}


def test_money_is_that_of_valid_orders_and_repurchase_that_of_all_which_followed_in_time() -> None:
    placed = [
        order("a1", gross_amount=5000, **JANUARY, delivered_at="2026-01-05"),
        order("a2", on="2026-02-01", gross_amount=2000, refund_amount=500, **NO_PROMISE),
        order("a3", on="2026-04-01", gross_amount=100, **NO_PROMISE),
        order("a4", on="2026-04-02", gross_amount=70000, **NO_PROMISE),
        order("a5", on="2026-02-02", gross_amount=80000, **NO_PROMISE | {"status": "cancelled"}),
        order("b1", "bob", gross_amount=3000, **JANUARY, delivered_at="2026-01-05"),
        order("n1", None, gross_amount=700, **JANUARY, delivered_at="2026-01-05"),
        order("c1", "cid", gross_amount=900, refund_amount=900, **JANUARY, delivered_at="2026-01-05"),
    ]
    kept = row(found(placed))
    # 50.00 of ann, 30.00 of bob and 7.00 of nobody; cid's came back.
    assert (kept["n_orders"], kept["net_value"]) == (4, 8700)
    # Ann 15.00 and 1.00, bob and cid nothing.
    assert (kept["n_observable"], kept["n_repurchased"], kept["repurchase_value"]) == (3, 1, 1600)
    assert kept["mean_repurchase_value"] == 533.33
    assert (kept["diff_repurchase_value"], kept["is_diff_suppressed"]) == (None, False)


def test_repurchase_after_broken_promises_is_held_against_that_after_kept_ones_of_the_same_channel() -> None:
    placed = []
    for n, (spent, channel) in enumerate([(1000, "web"), (3000, "web"), (0, "app"), (500, "app")]):
        for status, delivered_at, again in (("kept", "2026-01-05", spent), ("late", "2026-01-12", spent // 2)):
            who = f"{status}{n}"
            placed.append(order(who, who, **JANUARY | {"channel": channel}, delivered_at=delivered_at))
            if again:
                placed.append(order(f"{who}x", who, on="2026-02-01", gross_amount=again, **NO_PROMISE))
    late = row(found(placed), "broken", channel="web")
    # After late ones 5.00 and 15.00, after kept ones 10.00 and 30.00.
    assert (late["mean_repurchase_value"], late["diff_repurchase_value"], late["n_observable_kept"]) == (1000, -1000, 2)
    assert late["diff_repurchase_value_low"] + late["diff_repurchase_value_high"] == pytest.approx(-2000)
    # Over all channels 22.50 / 4 after late ones, 45.00 / 4 after kept ones.
    assert row(found(placed), "broken")["diff_repurchase_value"] == -562.5
    few = row(found(placed, by=ExperienceSettings(min_n=3)), "late", channel="web")
    assert (few["diff_repurchase_value"], few["is_diff_suppressed"]) == (None, True)


def test_what_is_not_observable_is_null_and_never_zero() -> None:
    kept = row(found([order("a"), order("b", "bob")]))
    assert (kept["n_observable"], kept["pct_repurchased"], kept["is_repurchased_suppressed"]) == (0, None, True)


def test_below_the_minimum_a_mean_is_null_with_its_n() -> None:
    placed = [order("a"), order("b", "bob")]
    reviews = [review("r1", "2026-06-01"), review("r2", "2026-06-01", 4, customer_id="bob")]
    kept = row(found(placed, reviews))
    assert (kept["n_reviews"], kept["mean_pomp"], kept["is_pomp_suppressed"]) == (2, 87.5, False)
    kept = row(found(placed, reviews, by=ExperienceSettings(min_n=3)))
    assert (kept["n_reviews"], kept["mean_pomp"], kept["is_pomp_suppressed"]) == (2, None, True)
    assert (kept["mean_pomp_low"], kept["mean_pomp_high"]) == (None, None)


def test_nothing_after_as_of_counts() -> None:
    # 22:00 UTC on the last of June is the first of July in Amsterdam.
    placed = [order("a"), order("b", "bob"), order("tomorrow", on="2026-06-30 22:00", promised_at=None)]
    reviews = [review("today", "2026-06-30 21:59"), review("tomorrow", "2026-06-30 22:00", 1, customer_id="bob")]
    said = [
        response("today", "2026-06-30 21:59", nps=9),
        response("tomorrow", "2026-06-30 22:00", nps=0, customer_id="bob"),
    ]
    frame = found(placed, reviews, said)
    assert frame.filter(pl.col("month").is_null(), channel="all").height == 1
    assert (row(frame)["n_reviews"], row(frame)["n_nps_relational"]) == (1, 1)


def test_without_orders_there_is_nothing() -> None:
    assert found([]).height == 0


def test_promise_impact_do_not_depend_on_the_order_of_rows() -> None:
    placed = [
        order("a", on="2026-01-01"), order("b", "bob", **LATE), order("c", "cid", **OVERDUE), order("d", None, channel=None),
        order("e", on="2026-02-01", promised_at=None), order("f", "bob", on="2026-05-02", channel="app"),
    ]  # fmt: skip
    reviews = [
        review("r1", "2026-06-01", 4), review("r2", "2026-06-01", 1, customer_id="bob"),
        review("r3", "2026-06-01", 2, customer_id=None, order_id="d"), review("r4", "2026-05-12", 3, customer_id="cid"),
    ]  # fmt: skip
    said = [
        response("s1", "2026-06-01", 5, 5, 5, nps=10), response("s2", "2026-06-02", 5, 5, 3, nps=3, customer_id="bob"),
        response("s3", "2026-06-02", nps=8, order_id="c", survey_type="transactional"),
    ]  # fmt: skip
    assert_rows_in_any_order_agree("promise_impact", impact(), *tables(placed, reviews, said))


WHEN_KNOWN = {"kept": 3, "late": 6, "overdue": 6, "none": 0}
"""Days from an order to its outcome, where delivery is promised on the fifth day, and comes on the third or seventh."""
PURCHASE = st.tuples(st.sampled_from("abc"), st.integers(0, 120), st.sampled_from(sorted(WHEN_KNOWN)))
RATING = st.tuples(st.sampled_from("abc"), st.integers(0, 150), st.integers(1, 5), st.integers(0, 12))
Purchases = list[tuple[str, int, str]]
Ratings = list[tuple[str, int, int, int]]


def day(number: int) -> str:
    return str(date(2026, 1, 1) + timedelta(number))


def purchase(number: int, customer: str, on: int, status: str) -> Row:
    delivered = {"kept": on + 3, "late": on + 7}.get(status)
    return order(f"o{number:02}", customer, day(on)) | {
        "status": "delivered" if delivered else "shipped",
        "promised_at": None if status == "none" else day(on + 5),
        "delivered_at": day(delivered) if delivered else None,
    }


def counted(placed: Purchases, said: Ratings) -> Counter[tuple[str, str]]:
    """The same in plain Python: per status the orders, the first rating of each, and the repurchases of 90 days."""
    known = [on + WHEN_KNOWN[status] for _, on, status in placed]
    first: dict[int, int] = {}
    for customer, on, stars, about in sorted(said, key=lambda rating: rating[1]):
        latest = max(
            ((known[n], n) for n, row in enumerate(placed) if row[0] == customer and known[n] <= on), default=(0, -1)
        )
        n = about if about < len(placed) else latest[1]
        if n >= 0 and known[n] <= on:
            first.setdefault(n, stars)
    found: Counter[tuple[str, str]] = Counter()
    for n, (customer, on, status) in enumerate(placed):
        is_old = date(2026, 1, 1) + timedelta(on + 90) <= AS_OF
        again = any(name == customer and on < later <= on + 90 for name, later, _ in placed)
        found[status, "n_orders"] += 1
        found[status, "n_reviews"] += n in first
        found[status, "stars"] += first.get(n, 0)
        found[status, "n_observable"] += is_old
        found[status, "n_repurchased"] += is_old and again
        followed = sum(name == customer and on < later <= on + 90 for name, later, _ in placed)
        found[status, "repurchase_value"] += 1000 * is_old * followed
        found[status, "net_value"] += 1000
    return found


@settings(max_examples=12)
@given(st.lists(PURCHASE, min_size=1, max_size=12), st.lists(RATING, max_size=12))
def test_what_follows_promises_is_what_a_count_order_by_order_finds(placed: Purchases, said: Ratings) -> None:
    rows = [purchase(n, *row) for n, row in enumerate(placed)]
    reviews = [
        review(f"r{n:02}", day(on), stars, customer_id=customer, order_id=f"o{about:02}")
        for n, (customer, on, stars, about) in enumerate(said)
    ]
    frame = found(rows, reviews).filter(pl.col("promise_status") != "broken", pl.col("month").is_null(), channel="all")
    expected = counted(placed, said)
    for shown in frame.iter_rows(named=True):
        status = shown["promise_status"]
        for name in ("n_orders", "n_reviews", "n_observable", "n_repurchased", "repurchase_value", "net_value"):
            assert shown[name] == expected[status, name], (status, name)
        if shown["mean_pomp"] is not None:
            mean_stars = expected[status, "stars"] / shown["n_reviews"]
            assert shown["mean_pomp"] == pytest.approx(25 * (mean_stars - 1))
    assert set(frame["promise_status"]) == {status for _, _, status in placed}


@settings(max_examples=12)
@given(st.lists(PURCHASE, min_size=1, max_size=12), st.lists(RATING, max_size=12))
def test_what_follows_promises_is_the_same_in_one_and_in_many_buckets(placed: Purchases, said: Ratings) -> None:
    # Many a review names the order of another customer.
    reviews = [
        review(f"r{n:02}", day(on), stars, customer_id=customer, order_id=f"o{about:02}")
        for n, (customer, on, stars, about) in enumerate(said)
    ]
    given_tables = tables([purchase(n, *row) for n, row in enumerate(placed)], reviews)
    bought, *others = (rows.collect() for rows in numbered(*(rows.lazy() for rows in given_tables)))
    known = orders_as_of(bought.lazy(), as_of=AS_OF).collect()
    buyers = known.select("order_id", buyer="customer_id")
    named = others[0].join(buyers, on="order_id").filter(pl.col("buyer") != pl.col("customer_id"))
    shared = known.join(named, on="order_id", how="semi")
    parts = [
        told(*(rows.filter(pl.col("customer_id") == name).lazy() for rows in (known, *others)), shared)
        for name in pl.concat([known["customer_id"], others[0]["customer_id"]]).unique()
    ]
    found = promise_impact(parts, shared, as_of=AS_OF, settings=FEW)
    at_once = on_polars(impact(), *given_tables)
    assert_frame_equal(found, at_once, rel_tol=1e-12, check_row_order=False)


PLACED = st.tuples(st.sampled_from("abc"), st.integers(1, 28), st.sampled_from([{}, LATE, OVERDUE]))
SAID = st.tuples(st.sampled_from("abc"), st.integers(1, 28), st.integers(1, 5))


@settings(max_examples=5)
@given(st.lists(PLACED, min_size=1, max_size=8), st.lists(SAID, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_no_answer_counts_twice(
    placed: list[tuple[str, int, Row]], said: list[tuple[str, int, int]], random: Any
) -> None:
    rows = [order(f"o{n}", name, f"2026-04-{day:02}", **more) for n, (name, day, more) in enumerate(placed)]
    reviews = [
        review(f"r{n}", f"2026-05-{day:02}", stars, customer_id=name) for n, (name, day, stars) in enumerate(said)
    ]
    frame = found(rows, reviews)
    assert found(random.sample(rows, len(rows)), random.sample(reviews, len(reviews))).equals(frame)
    total = frame.filter(
        pl.col("month").is_null() & (pl.col("channel") == "all") & (pl.col("promise_status") != "broken")
    )
    assert total["n_orders"].sum() == len(rows)
    assert total["n_reviews"].sum() <= len(reviews)
    for shown in frame.filter(pl.col("mean_pomp").is_not_null()).iter_rows(named=True):
        assert 0 <= shown["mean_pomp_low"] <= shown["mean_pomp"] <= shown["mean_pomp_high"] <= 100
