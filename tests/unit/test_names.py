import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.facts.names import (
    LAST,
    UNKNOWN,
    far_apart,
    fingerprint,
    names_by_number,
    number_customers,
    number_orders,
    numbers_between,
    with_names,
    with_numbers,
)
from schemas.registry import RECORDS

NAMES = st.text("ab1", min_size=1, max_size=3)


def identities(**person_of: str) -> pl.LazyFrame:
    """The identity of names that belong to a person of another name."""
    rows = [
        {"identifier": name, "kind": "account", "customer_id": person, "rule": "same_row", "n_rows": 1}
        for name, person in person_of.items()
    ]
    return pl.LazyFrame(rows, schema=RECORDS["identity"].polars_schema)


def customers(*names: str, **person_of: str) -> pl.LazyFrame:
    return number_customers(pl.LazyFrame({"name": names}, schema={"name": pl.String}), identities(**person_of))


def orders(*names: str, elsewhere: tuple[str | None, ...] = ()) -> pl.LazyFrame:
    references = pl.LazyFrame({"name": elsewhere}, schema={"name": pl.String})
    return number_orders(pl.LazyFrame({"order_id": names}, schema={"order_id": pl.String}), references).names


def numbers(names: pl.LazyFrame) -> dict[str, int]:
    return dict(names.select("name", "number").collect().rows())


def test_numbers_go_by_the_names_of_the_customers() -> None:
    assert numbers(customers("cas", "ann", "bob", "ann")) == {"ann": 0, "bob": 1, "cas": 2}


def test_all_accounts_of_a_person_have_the_number_of_the_person() -> None:
    # zoe's second account comes before ann by name, but the person is zoe.
    assert numbers(customers("account7", "ann", account7="zoe")) == {"ann": 0, "account7": 1, "zoe": 1}


def test_orders_that_only_reviews_name_have_a_number_and_none_has_two() -> None:
    assert numbers(orders("o1", "o3", elsewhere=("o2", "o3", None, "o2"))) == {"o1": 0, "o2": 1, "o3": 2}


def test_orders_are_numbered_in_the_order_of_their_rows() -> None:
    placed = pl.LazyFrame({"order_id": ["o4", "o1", "o3"]})
    numbered = number_orders(placed, pl.LazyFrame({"name": ["o2", "o3"]}))
    assert numbered.of_orders.to_list() == [3, 0, 2]


@given(st.lists(NAMES, unique=True), st.lists(NAMES | st.none()), st.integers(1, 9))
def test_however_many_names_are_sorted_together_the_numbers_are_the_same(
    names: list[str], elsewhere: list[str | None], at_once: int
) -> None:
    placed, references = (
        pl.LazyFrame({column: told}, schema={column: pl.String})
        for column, told in (("order_id", names), ("name", elsewhere))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.core.facts.names.NAMES_AT_ONCE", at_once)
        patch.setattr("pipeline.core.facts.names.SAMPLE", 4)
        found = number_orders(placed, references)
    expected = sorted({*names, *filter(None, elsewhere)})
    assert found.names.collect().rows() == [(name, number) for number, name in enumerate(expected)]
    assert found.of_orders.to_list() == [expected.index(name) for name in names]


def test_a_new_name_is_numbered_between_its_neighbours_close_to_the_one_before() -> None:
    known = pl.DataFrame({"name": ["b", "d"], "number": [1_000_000, 2_000_000]})
    new = numbers_between(pl.Series(["e", "c1", "a", "c2"]), known)
    assert new is not None
    assert new.rows() == [("a", 4096), ("c1", 1_004_096), ("c2", 1_008_192), ("e", 2_004_096)]


def test_where_there_is_no_room_between_two_names_nothing_is_numbered() -> None:
    known = pl.DataFrame({"name": ["b", "d"], "number": [10, 12]})
    placed = numbers_between(pl.Series(["c"]), known)
    assert placed is not None
    assert placed.rows() == [("c", 11)]
    assert numbers_between(pl.Series(["c1", "c2"]), known) is None


@settings(max_examples=50)
@given(st.lists(st.sets(NAMES, max_size=6), min_size=1, max_size=6))
def test_numbers_always_go_by_the_names_however_late_they_come(nights: list[set[str]]) -> None:
    known = pl.DataFrame(schema={"name": pl.String, "number": pl.Int64})
    for told in nights:
        new = numbers_between(pl.Series(sorted(told - set(known["name"])), dtype=pl.String), known)
        if new is None:
            known = known.with_columns(far_apart(pl.int_range(known.height, eager=True), count=known.height))
            continue
        known = pl.concat([known, new]).sort("name")
        assert known["number"].is_sorted()
        assert known["number"].is_unique().all()
        assert known["number"].is_between(1, LAST - 1).all()


def test_nobody_stays_nobody_and_a_name_without_a_number_is_unknown() -> None:
    rows = pl.LazyFrame({"customer_id": ["ann", None, "eve"], "order_id": ["o1", "o9", None]})
    found = with_numbers(rows.with_row_index(), customers("ann"), orders("o1")).collect().sort("index")
    assert found["order_id"].to_list() == [0, UNKNOWN, None]
    ann, nobody, eve = found["customer_id"]
    assert (ann, nobody) == (0, None)
    assert -LAST < eve < UNKNOWN


def test_names_that_no_customer_has_are_as_many_strangers_as_there_are_names() -> None:
    names = [f"k{number}" for number in range(1000)]
    rows = pl.LazyFrame({"customer_id": names * 2, "referred_customer_id": [None, *names[1:]] * 2})
    found = with_numbers(rows.with_row_index(), customers("ann"), None).collect().sort("index")
    assert found["customer_id"].n_unique() == 1000
    assert found["customer_id"].head(1000).equals(found["customer_id"].tail(1000))
    # The same in any column, and without a name to put back.
    assert found["customer_id"][1:1000].to_list() == found["referred_customer_id"][1:1000].to_list()
    named = with_names(found.lazy(), names_by_number(customers("ann")), names_by_number(orders())).collect()
    assert named["customer_id"].null_count() == 2000


@settings(max_examples=25)
@given(
    st.lists(st.tuples(*[st.none() | NAMES] * 4), max_size=8),
    st.dictionaries(st.sampled_from(["a", "b", "1"]), st.sampled_from(["aa", "bb"]), max_size=3),
)
def test_names_come_back_as_those_of_the_persons(rows: list[tuple[str | None, ...]], person_of: dict[str, str]) -> None:
    schema = dict.fromkeys(("customer_id", "referred_customer_id", "order_id", "recovered_order_id"), pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index()
    seen = [name for row in rows for name in row[:2] if name is not None]
    known = customers(*seen, **person_of)
    placed = orders(elsewhere=tuple(name for row in rows for name in row[2:]))
    numbered = with_numbers(frame.lazy(), known, placed)
    assert set(numbered.select(*schema).collect().dtypes) == {pl.Int64()}
    people = [tuple(name and person_of.get(name, name) for name in row[:2]) + row[2:] for row in rows]
    expected = pl.DataFrame(people, schema=schema, orient="row").with_row_index()
    found = with_names(numbered, names_by_number(known, name="customer_id"), names_by_number(placed)).collect()
    assert_frame_equal(found.sort("index"), expected)


def test_the_two_halves_of_a_fingerprint_are_hashes_of_their_own() -> None:
    names = pl.DataFrame({"name": [f"order {number}" for number in range(100_000)]})
    prints = names.select(high=fingerprint("name") // 2**62, low=fingerprint("name") % 2**62)
    assert prints.select((pl.col("high") % 2**16 == pl.col("low") % 2**16).mean()).item() < 0.001
    assert prints.n_unique(subset="high") == prints.n_unique(subset="low") == 100_000
