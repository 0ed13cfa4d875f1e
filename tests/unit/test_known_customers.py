from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.customers import customers_known
from pipeline.core.facts.orders import orders_as_of
from tests.unit.lake import orders, people, table

AS_OF = date(2026, 6, 30)


def facts(accounts: list[dict[str, Any]], *placed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Customer -> what is true of them, of accounts with the keys of a lake table."""
    rows = people(table("customers", accounts), orders(*placed))
    return {row["customer_id"]: row for row in rows.to_dicts()}


def test_of_several_accounts_the_first_date_and_the_newest_country_count() -> None:
    accounts = [
        {"registered_at": "2024-03-01", "country": "BE", "updated_at": "2026-01-01"},
        {"registered_at": "2025-03-01", "country": "NL", "updated_at": "2026-02-01"},
        {"registered_at": None, "country": None, "updated_at": "2026-03-01"},
        {"registered_at": None, "country": "DE", "updated_at": None},
    ]
    (ann,) = facts([{"customer_id": "ann"} | account for account in accounts]).values()
    assert (ann["registered_date"], ann["country"]) == (date(2024, 3, 1), "NL")


DAY = st.none() | st.integers(-2, 2)
PLACED = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(-2, 2), st.sampled_from(["paid", "cancelled"])), max_size=5
)


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from("abc"), DAY, min_size=1), PLACED)
def test_who_is_known_at_a_date_is_who_a_plain_loop_finds(
    registered: dict[str, int | None], placed: list[tuple[str, int, str]]
) -> None:
    def moment(day: int) -> str:
        return str(date.fromordinal(AS_OF.toordinal() + day))

    accounts = registered | {name: None for name, _, _ in placed if name not in registered}
    bought = orders(
        *({"customer_id": name, "ordered_at": moment(day), "status": status} for name, day, status in placed)
    )
    given_accounts = [
        {"customer_id": name, "registered_at": None if day is None else moment(day)} for name, day in accounts.items()
    ]
    everyone = people(table("customers", given_accounts), bought).lazy()
    found = customers_known(everyone, orders_as_of(bought.lazy(), as_of=AS_OF), as_of=AS_OF).collect()
    expected = {}
    for name, day in accounts.items():
        days = [(on, status) for who, on, status in placed if who == name]
        ordered = [on for on, _ in days if on <= 0]
        has_later = any(on > 0 for on, _ in days)
        if ordered or (day is None and not has_later) or (day is not None and day <= 0):
            expected[name] = (len(ordered), sum(on <= 0 and status == "paid" for on, status in days))
    rows = found.select("customer_id", pl.struct("n_orders", "n_valid_orders")).rows()
    assert {name: tuple(counts.values()) for name, counts in rows} == expected
