from typing import Any

import polars as pl
import pytest

from pipeline.core.facts.customers import latest_consent, may_market
from pipeline.core.frames import Frame
from tests.unit.lake import on_polars, orders, people, table


@pytest.mark.parametrize(
    ("words", "accepts"),
    [
        ([(True, "2026-01-01"), (False, "2026-02-01")], False),
        ([(False, "2026-01-01"), (True, "2026-02-01")], True),
        ([(True, "2026-01-01"), (False, "2026-01-01")], False),
        ([(True, "2026-01-01"), (False, None)], False),
        ([(False, "2026-01-01"), (True, None)], False),
        ([(True, None), (None, "2026-01-01")], True),
    ],
)
def test_of_several_accounts_the_newest_word_counts_and_a_no_without_a_date_stands(
    words: list[tuple[bool | None, str | None]], accepts: bool
) -> None:
    rows = [{"customer_id": "a", "accepts_marketing": word, "updated_at": day} for word, day in words]
    for ordered in (rows, rows[::-1]):
        assert on_polars(latest_consent, table("customers", ordered)).rows() == [("a", accepts)]


def may(words: dict[str, bool | None], *names: str, without_flag: bool) -> dict[str, bool]:
    accounts = table("customers", [{"customer_id": name, "accepts_marketing": word} for name, word in words.items()])
    asked = pl.DataFrame({"customer_id": names}, schema={"customer_id": pl.String})

    def found(rows: Frame, customers: Frame) -> Frame:
        return may_market(rows, customers, without_flag=without_flag)

    return dict(on_polars(found, asked, people(accounts, orders())).select("customer_id", "may_market").iter_rows())


@pytest.mark.parametrize("without_flag", [True, False])
def test_where_a_source_tells_of_anybody_only_who_agreed_gets_marketing(without_flag: bool) -> None:
    words = {"a": True, "b": False, "c": None}
    assert may(words, *"abcd", without_flag=without_flag) == {"a": True, "b": False, "c": False, "d": False}
    # It is asked of all customers, not only of those that a table has.
    assert may({"a": None, "b": False}, "a", without_flag=without_flag) == {"a": False}


@pytest.mark.parametrize("without_flag", [True, False])
@pytest.mark.parametrize("words", [{"a": None}, {}])
def test_where_no_source_tells_of_anybody_the_configuration_decides(words: dict[str, Any], without_flag: bool) -> None:
    assert may(words, *"ab", without_flag=without_flag) == {"a": without_flag, "b": without_flag}
