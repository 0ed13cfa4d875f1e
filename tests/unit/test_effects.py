"""Control groups, and what actions bring."""

from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from pipeline.core.facts.names import number_customers, with_numbers
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.local_dates import with_local_dates
from pipeline.core.loyalty.action_settings import ActionsSettings, Draw
from pipeline.core.loyalty.controls import draw_controls, is_control
from pipeline.core.loyalty.effects import action_effects, add_effects, count_effects
from schemas.registry import RECORDS
from tests.unit.buckets import assert_buckets_agree
from tests.unit.lake import AMSTERDAM, assert_rows_in_any_order_agree, at, orders, segment

AS_OF = date(2026, 6, 30)
BY = ActionsSettings(min_n=1, effect_days=60)
TENTH = Draw(0.1, "")
Row = dict[str, Any]


NO_CONTACTS = pl.LazyFrame(schema=RECORDS["contacts"].polars_schema)


# Who is in the control group


def test_an_arm_is_the_hash_that_any_other_program_finds() -> None:
    # printf '10%%\nwin_back\nc1' | sha256sum begins with 4f, 79 of 256, above a tenth; that of c26 with 10, 16 of 256.
    assert is_control(["c1", "c26"], "win_back", TENTH) == [False, True]


def test_the_share_of_controls_is_the_configured_one() -> None:
    names = [f"K{number}" for number in range(1_000_000, 1_010_000)]
    for action in ("win_back", "welcome_series"):
        # 1,000 are expected; chi-square of one degree of freedom is above 10.83 once in a thousand: sqrt(10.83 * 900) = 98.7.
        assert abs(sum(is_control(names, action, TENTH)) - 1000) < 98.7


def test_another_action_or_salt_or_share_draws_independently() -> None:
    names = [f"K{number}" for number in range(10_000)]
    first = np.array(is_control(names, "win_back", TENTH))
    for action, draw in (("tier_nudge", TENTH), ("win_back", Draw(0.1, "2027")), ("win_back", Draw(0.11, ""))):
        both = (first & np.array(is_control(names, action, draw))).sum()
        # A hundred (or 110) are expected in both, with a standard deviation of 10.
        assert 50 < both < 160


def chosen(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": names, "action": ["win_back", "vip_care"] * (len(names) // 2)})


def test_service_has_no_control_group_unless_it_is_given_one_of_its_own() -> None:
    rows = chosen([f"c{number}" for number in range(1000)])
    plain = draw_controls(rows, NO_CONTACTS, lambda names: names, ActionsSettings(control_share=0.5))
    assert set(plain.filter("is_control")["action"]) == {"win_back"}
    assert plain.filter(action="vip_care")["control_draw"].null_count() == 500
    of_vips = ActionsSettings.model_validate({"vip_care": {"control_share": 0.5}})
    assert set(draw_controls(rows, NO_CONTACTS, lambda names: names, of_vips).filter("is_control")["action"]) == {
        "vip_care"
    }
    assert not draw_controls(rows, NO_CONTACTS, lambda names: names, ActionsSettings())["is_control"].any()


def test_an_arm_depends_on_nobody_else_and_on_no_order_of_rows() -> None:
    rows = chosen([f"c{number}" for number in range(1000)])
    by = ActionsSettings(control_share=0.1)

    def drawn(rows: pl.DataFrame) -> pl.DataFrame:
        return draw_controls(rows, NO_CONTACTS, lambda names: names, by)

    assert_buckets_agree(drawn, rows, by=["customer_id"])
    shuffled = drawn(rows.sample(fraction=1, shuffle=True, seed=1))
    assert shuffled.sort("customer_id").equals(drawn(rows).sort("customer_id"))


def test_whoever_was_exported_stays_in_the_arm_of_the_first_export_also_under_a_name_that_hashes_otherwise() -> None:
    # By their names c1 is treated and c26 a control (above); the contacts are theirs, from under a former name.
    rows = pl.DataFrame({"customer_id": ["c1", "c26", "c1"], "action": ["win_back", "win_back", "tier_nudge"]})
    by = ActionsSettings(control_share=0.1)

    def arms(*exported: Row) -> list[bool]:
        contacts = pl.LazyFrame(exported, schema=RECORDS["contacts"].polars_schema)
        return draw_controls(rows, contacts, lambda names: names, by)["is_control"].to_list()

    *of_names, of_nudge = arms()
    assert of_names == [False, True]
    assert arms(contact("c1", True), contact("c26", False)) == [True, False, of_nudge]
    # Of two names that are one person now, the first export counts.
    assert arms(contact("c1", False, "2026-04-02"), contact("c1", True, "2026-04-01")) == [True, True, of_nudge]
    # Another draw, and exports without one, say nothing.
    assert arms(contact("c1", True, control_draw="20%"), contact("c26", None)) == [False, True, of_nudge]


# What an action brings


def contact(name: str, is_control: bool | None, day: str = "2026-04-01", **changes: Any) -> Row:
    draw = None if is_control is None else "10%"
    row = {"customer_id": name, "action": "win_back", "is_control": is_control, "control_draw": draw}
    return row | {"as_of_date": date.fromisoformat(day[:10]), "exported_at": at(day)} | changes


def bought(name: str, day: str, amount: int = 1000, **changes: Any) -> Row:
    return {"customer_id": name, "ordered_at": day, "gross_amount": amount} | changes


def given(contacts: list[Row], placed: list[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = pl.DataFrame(contacts, schema=RECORDS["contacts"].polars_schema)
    return with_local_dates(rows.lazy(), AMSTERDAM).collect(), orders(*placed)


def computed(by: ActionsSettings = BY) -> Any:
    def compute(contacts: Frame, placed: Frame) -> Frame:
        counts = count_effects(contacts, orders_as_of(placed, as_of=AS_OF), as_of=AS_OF, settings=by)
        return action_effects(counts, as_of=AS_OF, settings=by)

    return compute


def effects(contacts: list[Row], *placed: Row, by: ActionsSettings = BY) -> list[Row]:
    return segment("action_effects", computed(by), *given(contacts, list(placed))).to_dicts()


def test_counts_of_parts_of_the_customers_are_added() -> None:
    contacts = [
        contact(name, number % 3 == 0, f"2026-0{3 + number % 4}-0{1 + number}") for number, name in enumerate("abcdefg")
    ]
    placed = [bought(name, "2026-05-20", 1000 + 7 * number) for number, name in enumerate("abcdefg")]

    def count(*tables: pl.DataFrame) -> pl.DataFrame:
        rows, ordered = (frame.lazy() for frame in tables)
        return count_effects(rows, orders_as_of(ordered, as_of=AS_OF), as_of=AS_OF, settings=BY).collect()

    tables = given(contacts, placed)
    parts = [
        count(*(rows.filter(pl.col("customer_id").is_in(list(names))) for rows in tables))
        for names in ("ab", "", "cd", "efg")
    ]
    assert_frame_equal(add_effects(parts), count(*tables), check_column_order=False, check_row_order=False)


ARMS = [*(contact(name, False) for name in "abcd"), *(contact(name, True) for name in "ef")]
PLACED = [
    *(bought("a", "2026-04-10", 3000), bought("b", "2026-04-02", 4000), bought("b", "2026-05-31", 1000)),
    *(bought("c", "2026-05-01", 1000), bought("e", "2026-05-02", 2000)),
]


def test_the_effect_is_treated_against_control_with_its_intervals_and_its_worth() -> None:
    (row,) = effects(ARMS, *PLACED)
    assert (row["n_treated"], row["n_control"], row["n_running"]) == (4, 2, 0)
    assert (row["n_treated_repurchased"], row["n_control_repurchased"]) == (3, 1)
    assert (row["pct_treated_repurchased"], row["pct_control_repurchased"], row["difference"]) == (75, 50, 25)
    # Wilson of 3 of 4: 30.0643 to 95.4411; of 1 of 2: 9.4533 to 90.5467. Newcombe:
    # 25 - sqrt(44.9357^2 + 40.5467^2) = -35.525, 25 + sqrt(20.4411^2 + 40.5467^2) = 70.408.
    assert row["difference_low"] == pytest.approx(-35.525, abs=0.001)
    assert row["difference_high"] == pytest.approx(70.408, abs=0.001)
    # 30, 50, 10 and 0 are 22.50 a treated customer, 20 and 0 are 10 a control.
    assert (row["mean_treated_spend"], row["mean_control_spend"], row["spend_difference"]) == (2250, 1000, 1250)
    assert row["incremental_value"] == 5000
    welch = stats.ttest_ind([3000, 5000, 1000, 0], [2000, 0], equal_var=False).confidence_interval(0.95)
    # The point of t is an expansion, rough below 4 degrees of freedom: here 3.3.
    assert row["spend_difference_low"] == pytest.approx(welch.low, rel=0.01)
    assert row["spend_difference_high"] == pytest.approx(welch.high, rel=0.01)
    assert abs(row["incremental_value_low"] - 4 * row["spend_difference_low"]) <= 2
    assert (row["first_date"], row["last_date"]) == (date(2026, 4, 1), date(2026, 4, 1))
    assert not row["is_suppressed"]


def test_contacted_customers_whose_name_is_in_no_row_any_more_count_one_by_one() -> None:
    # c, d and f got other numbers: nothing tells what they bought since, but that they were contacted stays.
    known = number_customers(
        pl.LazyFrame({"name": ["a", "b", "e"]}), pl.LazyFrame(schema=RECORDS["identity"].polars_schema)
    )

    def compute(contacts: Frame, placed: Frame) -> Frame:
        return computed()(with_numbers(contacts, known, None), with_numbers(placed, known, None))

    (row,) = segment("action_effects", compute, *given(ARMS, PLACED[:3])).to_dicts()
    assert (row["n_treated"], row["n_control"]) == (4, 2)
    assert (row["n_treated_repurchased"], row["n_control_repurchased"]) == (2, 0)


def test_below_the_minimum_in_either_arm_counts_are_shown_and_nothing_else() -> None:
    (row,) = effects(ARMS, *PLACED, by=ActionsSettings(min_n=3))
    assert row["is_suppressed"]
    assert (row["n_treated"], row["n_control"], row["n_treated_repurchased"]) == (4, 2, 3)
    values = ("pct_treated_repurchased", "difference", "difference_low", "mean_control_spend", "incremental_value_high")
    assert [row[name] for name in values] == [None] * 5


@pytest.mark.parametrize(("day", "n_treated"), [("2026-05-01", 1), ("2026-05-02", 0)])
def test_a_contact_counts_when_its_days_have_passed(day: str, n_treated: int) -> None:
    # 1 May and 60 days is 30 June.
    (row,) = effects([contact("a", False, day)])
    assert (row["n_treated"], row["n_running"]) == (n_treated, 1 - n_treated)


@pytest.mark.parametrize(
    ("order", "counts"),
    [
        ({"ordered_at": "2026-04-01 11:59"}, False),
        ({"ordered_at": "2026-04-01 12:01"}, True),
        ({"ordered_at": "2026-05-31 20:00"}, True),
        ({"ordered_at": "2026-05-31 23:00"}, False),
        ({"ordered_at": "2026-04-10", "status": "cancelled"}, False),
        ({"ordered_at": "2026-04-10", "customer_id": "b"}, False),
    ],
)
def test_what_followed_are_valid_orders_from_the_contact_to_the_end_of_its_days(order: Row, counts: bool) -> None:
    # Noon in UTC; 23:00 on 31 May is 1 June in Amsterdam, the 61st day.
    (row,) = effects([contact("a", False)], bought("a", "2026-04-10") | order)
    assert row["n_treated_repurchased"] == int(counts)


def test_a_customer_counts_once_in_the_arm_of_the_first_contact() -> None:
    later = [contact("a", True, "2026-04-20"), contact("b", True, "2026-03-01"), contact("c", None, "2026-02-01")]
    (row,) = effects([*ARMS, *later])
    assert (row["n_treated"], row["n_control"], row["first_date"]) == (3, 3, date(2026, 3, 1))


def test_contacts_without_a_control_group_and_those_to_come_are_not_seen() -> None:
    assert effects([contact("a", None), contact("b", False, "2026-07-01")]) == []


def test_another_action_or_draw_has_a_row_of_its_own() -> None:
    others = [contact("a", False, action="welcome_series"), contact("a", True, control_draw="10% new")]
    found = effects([*ARMS, *others])
    assert [(row["action"], row["control_draw"], row["n_treated"], row["n_control"]) for row in found] == [
        ("welcome_series", "10%", 1, 0),
        ("win_back", "10%", 4, 2),
        ("win_back", "10% new", 0, 1),
    ]


def test_the_order_of_rows_changes_nothing_of_effects() -> None:
    assert_rows_in_any_order_agree(
        "action_effects", computed(), *given([*ARMS, contact("a", True, "2026-05-20")], PLACED)
    )


def test_95_of_100_intervals_hold_the_truth() -> None:
    runs, n_treated, n_control = 500, 900, 100
    per_run = n_treated + n_control
    draws = np.random.default_rng(16)
    is_treated = np.tile(np.arange(per_run) < n_treated, runs)
    # Of controls 20% buy again and of treated customers 30%, for 60.00 on average: 10 points, and 6.00 a customer.
    buys = draws.random(runs * per_run) < np.where(is_treated, 0.3, 0.2)
    amount = np.rint(draws.gamma(2.0, 3000.0, runs * per_run)).astype(np.int64)
    customer = np.arange(runs * per_run)
    moment, day = datetime(2026, 4, 1, 12), date(2026, 4, 1)
    contacts = pl.LazyFrame({"customer_id": customer, "is_control": ~is_treated}).with_columns(
        action=pl.lit("win_back"),
        control_draw=(pl.col("customer_id") // per_run).cast(pl.String),
        as_of_date=pl.lit(day),
        exported_at=pl.lit(moment),
        exported_date=pl.lit(day),
    )
    placed = pl.LazyFrame({"customer_id": customer[buys], "net_amount": amount[buys]}).with_columns(
        is_valid=True, ordered_at=pl.lit(datetime(2026, 4, 9)), ordered_date=pl.lit(date(2026, 4, 9))
    )
    counts = count_effects(contacts, placed, as_of=AS_OF, settings=BY)
    found = action_effects(counts, as_of=AS_OF, settings=BY).collect()
    assert found.height == runs
    for name, truth in (("difference", 10), ("spend_difference", 600)):
        held = found.select(pl.lit(truth).is_between(f"{name}_low", f"{name}_high").sum()).item()
        # 475 are expected with a standard deviation of sqrt(500 * 0.95 * 0.05) = 4.87; three of them are 14.6.
        assert abs(held - 475) <= 14.6
