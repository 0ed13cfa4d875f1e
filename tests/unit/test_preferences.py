from collections import Counter
from datetime import date
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.behaviour import preferences
from pipeline.core.behaviour.evidence import Evidence, HabitCounts, count_habits, find_evidence
from pipeline.core.behaviour.preferences import Preferences, find_preferences, shop_habits
from pipeline.core.behaviour.settings import PreferenceSettings
from pipeline.core.facts.orders import orders_as_of
from schemas.registry import SEGMENTS
from tests.unit.contracts import follows
from tests.unit.lake import AMSTERDAM, orders, table
from tests.unit.subsets import Tables, assert_customers_stand_alone, subsets

AS_OF = date(2026, 6, 30)
ANY = PreferenceSettings(min_orders=1, min_gaps=1, min_views=1)
Row = dict[str, Any]


def order(number: str, on: str = "2026-06-30", customer: str | None = "ann", **more: Any) -> Row:
    return {"order_id": number, "ordered_at": on, "customer_id": customer} | more


def line(order_id: str, category: str | None, amount: int = 1000, quantity: int = 1, number: int = 1) -> Row:
    row = {"order_id": order_id, "category": category, "line_amount": amount, "quantity": quantity}
    return row | {"line_number": number, "ordered_at": "2026-06-30", "currency": "EUR"}


def view(category: str | None, on: str = "2026-06-30", customer: str | None = "ann", **more: Any) -> Row:
    return {"kind": "product_view", "category": category, "occurred_at": on, "customer_id": customer} | more


def found(
    placed: list[Row],
    lines: list[Row] | None = None,
    seen: list[Row] | None = None,
    by: PreferenceSettings = ANY,
    accounts: list[Row] | None = None,
) -> Preferences:
    """Both tables, checked against their contracts."""
    known = orders_as_of(orders(*placed).lazy(), as_of=AS_OF)
    touchpoints = [{"touchpoint_id": f"t{number}"} | row for number, row in enumerate(seen or [])]
    of_orders = table("order_lines", lines or []).lazy()
    evidence = find_evidence(
        known,
        of_orders,
        table("touchpoints", touchpoints).lazy(),
        table("customers", [*({"customer_id": name} for name in ("ann", "bob")), *(accounts or [])]).lazy(),
        as_of=AS_OF,
        time_zone=AMSTERDAM,
        window_days=by.window_days,
    )
    habits = shop_habits([count_habits(known, of_orders, as_of=AS_OF, window_days=by.window_days)])
    result = find_preferences(evidence, habits, as_of=AS_OF, settings=by)
    for name, rows in zip(("customer_preferences", "customer_categories"), result, strict=True):
        follows(SEGMENTS[name], rows)
    return result


def customer(result: Preferences, name: str = "ann") -> Row:
    return result.customers.row(by_predicate=pl.col("customer_id") == name, named=True)


def category(result: Preferences, name: str, of: str = "ann") -> Row:
    is_it = (pl.col("category") == name) & (pl.col("customer_id") == of)
    return result.categories.row(by_predicate=is_it, named=True)


def test_an_order_of_one_half_life_ago_weighs_half() -> None:
    # Tea: 1/2 + 1/2 from two old orders, books 1 from one of today: half each, and books first by name.
    result = found(
        [order("1", "2026-01-01"), order("2", "2026-01-01 13:00"), order("3")],
        [line("1", "tea"), line("2", "tea"), line("3", "books")],
    )
    ann = customer(result)
    assert (ann["category_1"], ann["pct_recent_1"], ann["category_2"], ann["category_3"]) == ("books", 50, "tea", None)
    assert category(result, "tea")["pct_orders"] == pytest.approx(200 / 3)
    assert (category(result, "tea")["n_orders"], ann["n_orders_known"], ann["n_categories"]) == (2, 3, 2)
    assert ann["effective_categories"] == pytest.approx(exp(-(2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3))))


@pytest.mark.parametrize("half_life", [1.0, 1e-300])
def test_orders_so_old_that_they_weigh_nothing_today_still_weigh_against_each_other(half_life: float) -> None:
    # Twelve hundred half-lives ago ½^1200 is 0 as a number; two days apart the older of two orders weighs a quarter.
    placed = [order("1", "2023-03-01"), order("2", "2023-03-03")]
    by = PreferenceSettings(window_days=None, half_life_days=half_life, min_orders=1)
    ann = customer(found(placed, [line("1", "books"), line("2", "tea")], by=by))
    shares = (80.0, 20.0) if half_life == 1 else (100.0, 0.0)
    assert [ann[f"category_{place}"] for place in (1, 2)] == ["tea", "books"]
    assert tuple(ann[f"pct_recent_{place}"] for place in (1, 2)) == shares


def test_the_category_of_the_newer_order_comes_first() -> None:
    result = found([order("1", "2026-05-01"), order("2", "2026-06-01")], [line("1", "books"), line("2", "tea")])
    assert (customer(result)["category_1"], customer(result)["category_2"]) == ("tea", "books")


def test_a_line_without_category_is_unknown_and_a_return_is_no_purchase() -> None:
    lines = [line("1", "tea"), line("1", None, number=2), line("1", "books", -500, -1, number=3)]
    result = found([order("1")], [*lines, line("1", "tea", number=4)])
    ann = customer(result)
    assert (ann["n_lines"], ann["n_lines_unknown"], ann["n_categories"]) == (3, 1, 1)
    assert (ann["category_1"], ann["pct_recent_1"]) == ("tea", 100)
    assert result.categories["category"].to_list() == ["tea"]
    assert category(result, "tea")["n_orders"] == 1


def test_only_valid_orders_of_known_customers_in_the_window_count() -> None:
    unknown = [view("x", customer=None), view("x", customer="nobody that the shop knows")]
    result = found(
        [
            order("1", "2026-06-29"),
            order("2", "2026-06-29", status="cancelled"),
            order("3", "2026-06-29", customer=None),
            order("4", "2026-06-20"),
            order("5", "2026-06-21"),
            order("6", "2026-07-01"),
        ],
        [line(number, f"c{number}") for number in "123456"],
        [view("seen", "2026-06-20"), view("seen", "2026-06-21"), view("seen", "2026-07-01"), *unknown],
        by=ANY.model_copy(update={"window_days": 10}),
    )
    assert result.categories["category"].to_list() == ["c1", "c5", "seen"]
    assert category(result, "seen")["n_views_since"] == 1
    assert customer(result)["n_orders"] == 2


def test_the_cycle_is_the_median_gap_between_dates_and_tells_the_next() -> None:
    days = ["2026-04-01", "2026-04-01 15:00", "2026-04-11", "2026-05-02"]
    result = found([order(str(n), day) for n, day in enumerate(days)], [line(str(n), "tea") for n in range(4)])
    tea = category(result, "tea")
    # Gaps of 10 and 21 days: 15.5, and half a day is rounded up.
    assert (tea["n_gaps"], tea["cycle_days"], tea["next_due_date"]) == (2, 15.5, date(2026, 5, 18))


def test_a_gap_never_spans_two_categories_or_customers() -> None:
    placed = [order("1", "2026-04-01"), order("2", "2026-04-05"), order("3", "2026-04-09", customer="bob")]
    result = found(placed, [line("1", "books"), line("2", "tea"), line("3", "tea")])
    assert result.categories["n_gaps"].to_list() == [0, 0, 0]
    assert result.categories["cycle_days"].to_list() == [None] * 3


def test_below_its_minimum_of_evidence_a_preference_is_null_and_its_evidence_is_shown() -> None:
    placed = [order("1", "2026-06-01", channel="web", discount_amount=1), order("2", "2026-06-05", channel="web")]
    lines, seen = [line("1", "tea"), line("2", "tea")], [view("books"), view("books")]
    named = [
        *("category_1", "pct_recent_1", "effective_categories", "favourite_channel", "favourite_hour"),
        *("price_level", "pct_discounted", "discount_affinity", "interest_category"),
    ]
    for minimum, is_null in ((2, False), (3, True)):
        by = PreferenceSettings(min_orders=minimum, min_gaps=minimum - 1, min_views=minimum)
        result = found(placed, lines, seen, by)
        ann, tea = customer(result), category(result, "tea")
        assert [ann[name] is None for name in named] == [is_null] * len(named)
        assert (tea["pct_orders"] is None, tea["pct_recent"] is None) == (is_null, is_null)
        evidence = ("n_orders", "n_lines", "n_orders_known", "n_orders_channel", "n_lines_priced", "n_interest_views")
        assert [ann[name] for name in evidence] == [2] * len(evidence)
    for minimum, is_null in ((1, False), (2, True)):
        tea = category(found(placed, lines, by=ANY.model_copy(update={"min_gaps": minimum})), "tea")
        assert (tea["cycle_days"] is None, tea["next_due_date"] is None, tea["n_gaps"]) == (is_null, is_null, 1)


def test_channel_and_local_hour_of_most_orders_and_of_equals_the_first() -> None:
    # 12:30 UTC in summer is hour 14 in Amsterdam.
    placed = [
        order("1", "2026-06-01 12:30", channel="web"),
        order("2", "2026-06-02 12:40", channel="app"),
        order("3", "2026-06-03 05:00", channel=None),
    ]
    ann = customer(found(placed))
    assert (ann["favourite_channel"], ann["n_orders_channel"], ann["favourite_hour"]) == ("app", 2, 14)


def test_price_level_is_the_unit_price_against_the_median_of_its_category() -> None:
    placed = [order("1"), order("2", customer="bob"), order("3", customer="cid")]
    lines = [line("1", "tea", 600, 2), line("2", "tea", 200), line("3", "tea", 100), line("1", None, 9000, number=2)]
    result = found(placed, [*lines, line("1", "tea", 0, number=3)])
    # Median of 300, 200 and 100 is 200.
    assert [customer(result, name)["price_level"] for name in ("ann", "bob", "cid")] == [1.5, 1, 0.5]
    assert customer(result)["n_lines_priced"] == 1


def test_discount_affinity_is_against_the_share_of_the_shop() -> None:
    # Shop: 2 of 4 orders with a discount; ann 1 of 1, bob 1 of 3.
    placed = [order("1", discount_amount=5), order("2", customer="bob", discount_amount=5)]
    result = found([*placed, order("3", customer="bob"), order("4", customer="bob")])
    assert (customer(result)["pct_discounted"], customer(result)["discount_affinity"]) == (100, 2)
    assert customer(result, "bob")["discount_affinity"] == pytest.approx(2 / 3)
    assert customer(found([order("1")]))["discount_affinity"] is None


def test_interest_is_the_category_most_viewed_and_not_bought() -> None:
    seen = [
        view("tea", "2026-06-12"),
        view("tea", "2026-06-13"),
        view("tea", "2026-06-10"),
        view("tea", "2026-06-11 20:00"),
    ]
    others = [view("books"), view("games"), view("games"), view("games", kind="cart"), view(None)]
    result = found([order("1", "2026-06-11")], [line("1", "tea")], [*seen, *others, view("toys", customer="bob")])
    assert (customer(result)["interest_category"], customer(result)["n_interest_views"]) == ("games", 2)
    assert category(result, "tea")["n_views_since"] == 2
    assert category(result, "games")["pct_orders"] is None
    bob = customer(result, "bob")
    assert (bob["n_orders"], bob["interest_category"], bob["category_1"]) == (0, "toys", None)


def test_a_view_that_names_an_order_alone_is_the_buyers() -> None:
    placed = [order("1", customer="bob"), order("2", customer=None), order("3", "2026-07-01")]
    seen = [view(name, customer=None, order_id=of) for name, of in (("toys", "1"), ("tea", "2"), ("books", "3"))]
    result = found(placed, [], seen)
    assert result.categories.select("customer_id", "category").rows() == [("bob", "toys")]


def test_the_newest_word_of_any_account_is_what_a_customer_says_to_prefer() -> None:
    accounts = [
        {"customer_id": "ann", "preferred_category": "tea", "updated_at": "2026-05-01"},
        {"customer_id": "ann", "preferred_category": None, "preferred_channel": "app", "updated_at": "2026-05-02"},
        {"customer_id": "ann", "preferred_category": "toys", "preferred_channel": "web", "updated_at": None},
        {"customer_id": "ann", "preferred_category": "books", "updated_at": "2026-06-30 22:00"},
        {"customer_id": "bob", "preferred_category": "games", "updated_at": "2026-06-30 22:00"},
        {"customer_id": "cat", "preferred_channel": "store", "updated_at": "2026-06-30 21:59"},
    ]
    result = found([order("1")], [line("1", "tea")], accounts=accounts)
    stated = result.customers.select("customer_id", "n_orders", "stated_category", "stated_channel")
    # Ten o'clock in London is midnight in Amsterdam: tomorrow.
    assert stated.rows() == [("ann", 1, "tea", "app"), ("cat", 0, None, "store")]


purchases = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(1, 60), st.sampled_from(["tea", "books", "toys", None])),
    min_size=1,
    max_size=15,
)


@given(purchases, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_rows_changes_nothing_and_shares_add_up(drawn: Any, random: Any) -> None:
    placed = [
        order(str(n), str(date.fromordinal(AS_OF.toordinal() - age)), who) for n, (who, age, _) in enumerate(drawn)
    ]
    lines = [line(str(n), name) for n, (_, _, name) in enumerate(drawn)]
    result = found(placed, lines)
    random.shuffle(placed)
    random.shuffle(lines)
    again = found(placed, lines)
    assert_frame_equal(result.customers, again.customers)
    assert_frame_equal(result.categories, again.categories)
    for total in result.categories.group_by("customer_id").agg(pl.col("pct_orders", "pct_recent").sum()).to_dicts():
        assert (total["pct_orders"], total["pct_recent"]) == (pytest.approx(100), pytest.approx(100))
    for row in result.customers.drop_nulls("effective_categories").to_dicts():
        assert 1 <= row["effective_categories"] <= row["n_categories"] + 1e-9


choices = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(0, 60),
        st.sampled_from(["tea", "books", None]),
        st.sampled_from(["web", "app", None]),
        st.sampled_from(["tea", "toys", None]),
    ),
    min_size=1,
    max_size=12,
)


def choose(drawn: Any) -> tuple[list[Row], list[Row], list[Row]]:
    """One order of one line each, with the view of a category on the same day."""
    days = [str(date.fromordinal(AS_OF.toordinal() - age)) for _, age, *_ in drawn]
    hours = [f"{day} {age % 20:02}:00" for day, (_, age, *_) in zip(days, drawn, strict=True)]
    placed = [order(str(n), hours[n], who, channel=channel) for n, (who, _, _, channel, _) in enumerate(drawn)]
    lines = [line(str(n), name) for n, (_, _, name, *_) in enumerate(drawn)]
    return placed, lines, [view(name, days[n], who) for n, (who, *_, name) in enumerate(drawn)]


@given(choices, st.sampled_from([1, preferences.CELLS_AT_ONCE]))
@settings(max_examples=12, deadline=None)
def test_preferences_are_those_of_a_count_by_hand(drawn: Any, cells_at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preferences, "CELLS_AT_ONCE", cells_at_once)
        result = found(*choose(drawn), accounts=[{"customer_id": name} for name in "ab"])
    for who in {who for who, *_ in drawn}:
        own = [row[1:] for row in drawn if row[0] == who]
        hours = Counter((age % 20 + 2) % 24 for age, *_ in own)
        channels = Counter(channel for _, _, channel, _ in own if channel)
        seen = Counter(view for *_, view in own if view and view not in {name for _, name, *_ in own})
        favourite, spoken, interest = (
            min(counter, key=lambda value: (-counter[value], value), default=None)
            for counter in (hours, channels, seen)
        )
        row = customer(result, who)
        assert (row["favourite_hour"], row["favourite_channel"], row["interest_category"]) == (
            favourite,
            spoken,
            interest,
        )
        for name in {name for _, name, *_ in own if name}:
            ages = sorted({age for age, category, *_ in own if category == name})
            orders_of = [age for age, category, *_ in own if category == name]
            found_row = category(result, name, who)
            gaps = [after - before for before, after in pairwise(ages)]
            weights = {c: sum(0.5 ** (age / 180) for age, x, *_ in own if x == c) for c in {x for _, x, *_ in own if x}}
            assert (found_row["n_orders"], found_row["n_gaps"]) == (len(orders_of), len(gaps))
            assert found_row["cycle_days"] == (median(gaps) if gaps else None)
            assert found_row["pct_recent"] == pytest.approx(100 * weights[name] / sum(weights.values()))
            assert found_row["n_views_since"] == sum(age < ages[0] and seen == name for age, *_, seen in own)


@given(choices)
@settings(max_examples=6, deadline=None)
def test_what_a_customer_prefers_depends_on_no_other(drawn: Any) -> None:
    placed, lines, seen = choose(drawn)
    views = table("touchpoints", [{"touchpoint_id": f"t{number}"} | row for number, row in enumerate(seen)])
    tables = {
        "orders": orders(*placed),
        "order_lines": table("order_lines", lines),
        "touchpoints": views,
        "accounts": table("customers", [{"customer_id": name} for name in ("a", "b")]),
    }

    def evidence(part: Tables) -> Evidence:
        return find_evidence(
            orders_as_of(part["orders"].lazy(), as_of=AS_OF),
            *(part[name].lazy() for name in ("order_lines", "touchpoints", "accounts")),
            as_of=AS_OF,
            time_zone=AMSTERDAM,
            window_days=ANY.window_days,
        )

    def counts(part: Tables) -> HabitCounts:
        known = orders_as_of(part["orders"].lazy(), as_of=AS_OF)
        return count_habits(known, part["order_lines"].lazy(), as_of=AS_OF, window_days=ANY.window_days)

    habits = shop_habits([counts(tables)])
    of_parts = shop_habits(counts(part) for part in (tables | {"orders": orders()}, *subsets(tables, 7)))
    assert_frame_equal(of_parts.usual_prices, habits.usual_prices)
    assert of_parts.discount_share == habits.discount_share

    def both(part: Tables) -> Preferences:
        return find_preferences(evidence(part), habits, as_of=AS_OF, settings=ANY)

    assert_customers_stand_alone(lambda part: both(part).customers, tables, "customer_id")
    assert_customers_stand_alone(lambda part: both(part).categories, tables, "customer_id", "category")
