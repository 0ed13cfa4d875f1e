import itertools
import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.errors import LakeError
from pipeline.lake import Lake, Merged, _LocalTable
from pipeline.lake_seals import n_rows
from schemas.registry import ENTITIES, RECORDS, SEGMENTS, TABLES, Table
from tests.unit import lake as rows_of
from tests.unit.lake import at

ORDERS = ENTITIES["orders"]
CUSTOMERS = ENTITIES["customers"]
CUTS = SEGMENTS["rfm_cut_points"]
READS = RECORDS["lake_reads"]
IDENTITY = RECORDS["identity"]

JANUARY, FEBRUARY = "2026-01-15", "2026-02-15"
MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "it's a lake"))


def order(order_id: str, **changes: Any) -> dict[str, Any]:
    return {"order_id": order_id, "ordered_at": JANUARY, "gross_amount": 100, "net_amount": 100} | changes


def orders(*rows: dict[str, Any]) -> pl.LazyFrame:
    return rows_of.delivered("orders", list(rows)).lazy()


def stored(lake: Lake, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    return lake.scan(table).select(columns).sort(pl.all()).collect().rows()


def cuts(as_of: date, *bins: int, upper: float = 1.0) -> pl.DataFrame:
    row = {"as_of_date": as_of, "dimension": "recency", "lower": 0.0, "upper": upper, "n_customers": 1}
    return pl.DataFrame(
        [row | {"bin": number, "method": "rank", "is_degenerate": False} for number in bins], schema=CUTS.polars_schema
    )


# Tables


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_not_there_is_made_empty_with_the_columns_of_its_contract(lake: Lake, name: str) -> None:
    table = TABLES[name]
    assert_frame_equal(lake.scan(table).collect(), pl.DataFrame(schema=table.polars_schema))
    assert lake.version(table) == 0
    assert lake.active_files(table) == []


def test_a_table_whose_log_is_damaged_is_one_line_with_a_way_out(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("o1")))
    for entry in (Path(lake.root) / "orders" / "_delta_log").iterdir():
        entry.write_bytes(b"")
    with pytest.raises(LakeError) as raised:
        lake.scan(ORDERS)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(f"lake {lake.root}: ")
    assert "put back a copy" in str(raised.value)


def test_opening_a_table_again_changes_nothing(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a")))
    version = lake.version(ORDERS)
    lake.ensure(ORDERS)
    assert lake.version(ORDERS) == version
    assert stored(lake, ORDERS, "order_id") == [("a",)]


def test_what_another_lake_has_written_or_made_anew_is_seen_at_once(lake: Lake) -> None:
    another = Lake(lake.root)
    lake.merge(ORDERS, orders(order("a")))
    assert stored(another, ORDERS, "order_id") == [("a",)]
    lake.merge(ORDERS, orders(order("b")))
    assert stored(another, ORDERS, "order_id") == [("a",), ("b",)]
    lake.drop(ORDERS)
    for order_id in ("c", "d"):
        lake.merge(ORDERS, orders(order(order_id)))
    assert lake.version(ORDERS) == another.version(ORDERS) == 2
    assert stored(another, ORDERS, "order_id") == [("c",), ("d",)]


def test_a_table_that_is_read_again_is_not_opened_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.merge(ORDERS, orders(order("a")))
    opened: list[str] = []
    whole = _LocalTable.__init__
    monkeypatch.setattr(_LocalTable, "__init__", lambda self, place: (opened.append(place), whole(self, place))[1])
    for _ in range(3):
        assert stored(lake, ORDERS, "order_id") == [("a",)]
        assert lake.version(ORDERS) == 1
    assert opened == []


def test_rows_come_back_as_they_were_merged(lake: Lake) -> None:
    rows = orders(
        order("a", customer_id="c1", delivered_at=FEBRUARY, updated_at=FEBRUARY), order("b", gross_amount=2**53 - 1)
    )
    lake.merge(ORDERS, rows)
    assert_frame_equal(lake.scan(ORDERS).sort("order_id").collect(), rows.collect())


# Merging


def test_new_keys_are_inserted(lake: Lake) -> None:
    assert lake.merge(ORDERS, orders(order("a"), order("b"))) == Merged(inserted=2, updated=0, unchanged=0)
    assert lake.merge(ORDERS, orders(order("c"))) == Merged(inserted=1, updated=0, unchanged=0)
    assert stored(lake, ORDERS, "order_id") == [("a",), ("b",), ("c",)]


def test_merging_nothing_adds_no_version(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a")))
    version = lake.version(ORDERS)
    assert lake.merge(ORDERS, orders()) == Merged(0, 0, 0)
    assert lake.version(ORDERS) == version


def test_equal_rows_add_no_version(lake: Lake) -> None:
    rows = orders(order("a", updated_at=JANUARY), order("b"))
    lake.merge(ORDERS, rows)
    version = lake.version(ORDERS)
    assert lake.merge(ORDERS, rows) == Merged(inserted=0, updated=0, unchanged=2)
    assert lake.version(ORDERS) == version


def test_a_row_from_another_batch_is_not_changed_by_that_alone(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a", batch_id="first")))
    version = lake.version(ORDERS)
    assert lake.merge(ORDERS, orders(order("a", batch_id="second"))) == Merged(0, 0, 1)
    assert lake.version(ORDERS) == version
    assert stored(lake, ORDERS, "batch_id") == [("first",)]


@pytest.mark.parametrize(
    ("before", "after", "winner"),
    [
        (JANUARY, FEBRUARY, "second"),
        (FEBRUARY, JANUARY, "first"),
        (JANUARY, JANUARY, "second"),
        (None, None, "second"),
        (None, JANUARY, "second"),
        (JANUARY, None, "first"),
    ],
)
def test_the_newer_version_wins_and_the_arriving_one_among_equals(
    lake: Lake, before: str | None, after: str | None, winner: str
) -> None:
    lake.merge(ORDERS, orders(order("a", channel="first", updated_at=before)))
    merged = lake.merge(ORDERS, orders(order("a", channel="second", updated_at=after)))
    assert stored(lake, ORDERS, "order_id", "channel") == [("a", winner)]
    assert merged == (Merged(0, 1, 0) if winner == "second" else Merged(0, 0, 1))


def test_an_older_version_alone_adds_no_version_to_the_table(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a", channel="first", updated_at=FEBRUARY)))
    version = lake.version(ORDERS)
    lake.merge(ORDERS, orders(order("a", channel="second", updated_at=JANUARY)))
    assert lake.version(ORDERS) == version


def test_new_changed_older_and_equal_rows_are_told_apart_in_one_merge(lake: Lake) -> None:
    lake.merge(
        ORDERS,
        orders(
            order("changed", channel="web"),
            order("equal", channel="web"),
            order("older", channel="web", updated_at=FEBRUARY),
            order("untouched", channel="web"),
        ),
    )
    merged = lake.merge(
        ORDERS,
        orders(
            order("changed", channel="app"),
            order("equal", channel="web", batch_id="second"),
            order("new", channel="app"),
            order("older", channel="app", updated_at=JANUARY),
        ),
    )
    assert merged == Merged(inserted=1, updated=1, unchanged=2)
    assert stored(lake, ORDERS, "order_id", "channel", "batch_id") == [
        ("changed", "app", "b1"),
        ("equal", "web", "b1"),
        ("new", "app", "b1"),
        ("older", "web", "b1"),
        ("untouched", "web", "b1"),
    ]


def test_an_order_whose_month_changes_is_moved_and_not_doubled(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a"), order("b"), order("c", ordered_at=FEBRUARY)))
    assert lake.merge(ORDERS, orders(order("a", ordered_at=FEBRUARY))) == Merged(0, 1, 0)
    assert stored(lake, ORDERS, "order_id", "ordered_at") == [
        ("a", at(FEBRUARY)),
        ("b", at(JANUARY)),
        ("c", at(FEBRUARY)),
    ]
    paths = lake.active_files(ORDERS)
    assert sum("order_month=2026-01" in path for path in paths) == 1


def test_an_unknown_value_that_becomes_known_is_a_change_and_back_again(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a", customer_id=None)))
    for customer in ("c1", None):
        assert lake.merge(ORDERS, orders(order("a", customer_id=customer))) == Merged(0, 1, 0)
        assert stored(lake, ORDERS, "customer_id") == [(customer,)]


def test_a_key_of_two_columns_is_one_key(lake: Lake) -> None:
    line = {"ordered_at": JANUARY, "quantity": 1, "currency": "EUR", "line_amount": 5}
    lines = ENTITIES["order_lines"]
    for order_id, number, quantity in (("a", 1, 1), ("a", 2, 1), ("b", 1, 1), ("a", 2, 7)):
        row = line | {"order_id": order_id, "line_number": number, "quantity": quantity}
        lake.merge(lines, rows_of.delivered("order_lines", [row]).lazy())
    assert stored(lake, lines, "order_id", "line_number", "quantity") == [("a", 1, 1), ("a", 2, 7), ("b", 1, 1)]


def test_a_table_without_versions_takes_the_arriving_row(lake: Lake) -> None:
    rejected = RECORDS["rejected_rows"]
    row = dict.fromkeys(rejected.polars_schema.names(), "x") | {
        "row_number": 1,
        "exported_at": None,
        "is_released": False,
    }
    frame = pl.LazyFrame([row], schema=rejected.polars_schema)
    lake.merge(rejected, frame)
    assert lake.merge(rejected, frame.with_columns(is_released=pl.lit(True))) == Merged(0, 1, 0)
    assert stored(lake, rejected, "rejected_id", "is_released") == [("x", True)]


def test_columns_may_arrive_in_any_order(lake: Lake) -> None:
    rows = orders(order("a"))
    lake.merge(ORDERS, rows.select(sorted(ORDERS.polars_schema)))
    assert lake.merge(ORDERS, rows) == Merged(0, 0, 1)


CONTENTS = st.fixed_dictionaries(
    {
        "ordered_at": st.sampled_from([at(JANUARY), at(FEBRUARY)]),
        "channel": st.sampled_from([None, "web", "app"]),
        "updated_at": st.sampled_from([None, at(JANUARY), at(FEBRUARY)]),
    }
)


def is_newer(arriving: datetime | None, before: datetime | None) -> bool:
    return before is None or (arriving is not None and arriving >= before)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), CONTENTS, max_size=3), min_size=1, max_size=4))
def test_any_sequence_of_merges_ends_as_a_plain_dictionary_does(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[str, dict[str, Any]]]
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    model: dict[str, dict[str, Any]] = {}
    for batch in batches:
        new = batch.keys() - model.keys()
        changed = {
            key
            for key, row in batch.items()
            if key in model and row != model[key] and is_newer(row["updated_at"], model[key]["updated_at"])
        }
        plain = [order(key) | row for key, row in batch.items()]
        defaults = rows_of.delivered("orders", [order("x")]).to_dicts()[0]
        frame = pl.LazyFrame([defaults | row for row in plain], schema=ORDERS.polars_schema)
        version = lake.version(ORDERS)
        assert lake.merge(ORDERS, frame) == Merged(len(new), len(changed), len(batch) - len(new) - len(changed))
        assert lake.version(ORDERS) == version + bool(new or changed)
        model |= {key: batch[key] for key in new | changed}
    expected = sorted((key, row["ordered_at"], row["channel"], row["updated_at"]) for key, row in model.items())
    found = lake.scan(ORDERS).select("order_id", "ordered_at", "channel", "updated_at").sort("order_id").collect()
    assert found.rows() == expected


def test_a_merge_in_parts_by_month_is_one_merge(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.lake.ROWS_PER_MERGE", 1)
    lake.merge(ORDERS, orders(order("a"), order("b"), order("c", ordered_at=FEBRUARY)))
    version = lake.version(ORDERS)
    changed = orders(
        order("a", ordered_at="2026-03-15"), order("b", channel="app"), order("c"), order("d", ordered_at=FEBRUARY)
    )
    assert lake.merge(ORDERS, changed) == Merged(inserted=1, updated=3, unchanged=0)
    assert lake.version(ORDERS) == version + 3
    assert stored(lake, ORDERS, "order_id", "channel") == [("a", None), ("b", "app"), ("c", None), ("d", None)]
    months = lake.scan(ORDERS).select("order_id", pl.col("ordered_at").dt.month()).sort("order_id").collect()
    assert months.rows() == [("a", 3), ("b", 1), ("c", 1), ("d", 2)]


def test_many_rows_of_a_month_are_in_several_files(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.lake.ROWS_PER_FILE", 2)
    rows = orders(*(order(each) for each in "abcde"), order("f", ordered_at=FEBRUARY))
    assert lake.merge(ORDERS, rows).inserted == 6
    assert {month: len(files) for month, files in lake.files_by_month(ORDERS).items()} == {"2026-01": 3, "2026-02": 1}
    assert lake.rows_by_month(ORDERS) == {"2026-01": 5, "2026-02": 1}
    assert "".join(lake.scan(ORDERS).collect()["order_id"].sort()) == "abcdef"
    # A table without months is one part.
    customers = rows_of.delivered("customers", [{"customer_id": each} for each in "abc"])
    assert lake.merge(CUSTOMERS, customers.lazy()).inserted == 3
    assert sorted(pl.read_parquet(file).height for file in lake.active_files(CUSTOMERS)) == [1, 2]
    assert stored(lake, CUSTOMERS, "customer_id") == [("a",), ("b",), ("c",)]


def test_rows_of_a_new_month_leave_the_files_of_others_as_they_are(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("a"), order("b", ordered_at=FEBRUARY)))
    before = set(lake.active_files(ORDERS))
    assert lake.merge(ORDERS, orders(order("a"), order("c", ordered_at="2026-03-15"))) == Merged(1, 0, 1)
    (new,) = set(lake.active_files(ORDERS)) - before
    assert Path(new).parent.name == "order_month=2026-03"
    assert before < set(lake.active_files(ORDERS))
    assert pl.read_parquet(new, hive_partitioning=False)["order_id"].to_list() == ["c"]


# Files that come late


def exported(day: str | None, *rows: dict[str, Any]) -> pl.LazyFrame:
    return orders(*rows).with_columns(pl.lit(at(day) if day else None, pl.Datetime("us", "UTC")).alias("exported_at"))


@pytest.mark.parametrize("updated_at", [None, JANUARY])
@pytest.mark.parametrize(
    "arrivals", list(itertools.permutations([("2026-03-01", "web"), ("2026-03-02", "app"), ("2026-03-03", "web")]))
)
def test_among_equal_versions_the_newest_file_has_the_last_word_in_whatever_order_they_come(
    lake: Lake, updated_at: str | None, arrivals: list[tuple[str, str]]
) -> None:
    for day, channel in arrivals:
        lake.merge(ORDERS, exported(day, order("a", channel=channel, updated_at=updated_at)))
    assert stored(lake, ORDERS, "channel") == [("web",)]


def test_the_sources_own_word_counts_more_than_the_age_of_the_file(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a", channel="web", updated_at=FEBRUARY)))
    lake.merge(ORDERS, exported("2026-03-02", order("a", channel="app", updated_at=JANUARY)))
    assert stored(lake, ORDERS, "channel") == [("web",)]


def test_a_row_without_a_file_loses_against_one_of_a_file(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a", channel="web")))
    lake.merge(ORDERS, exported(None, order("a", channel="app")))
    assert stored(lake, ORDERS, "channel") == [("web",)]


def test_the_same_file_again_adds_no_version(lake: Lake) -> None:
    rows = exported("2026-03-01", order("a"), order("b", updated_at=JANUARY))
    lake.merge(ORDERS, rows)
    version = lake.version(ORDERS)
    assert lake.merge(ORDERS, rows) == Merged(0, 0, 2)
    assert lake.version(ORDERS) == version


# Deleted rows


def gone(lake: Lake, day: str, *present: str, source: str = "test") -> list[str]:
    keys = pl.LazyFrame({"order_id": present}, schema={"order_id": pl.String})
    return lake.vanished(ORDERS, source, keys, exported_at=at(day))["order_id"].sort().to_list()


def delete(lake: Lake, day: str | None, *names: str) -> None:
    rows = lake.scan(ORDERS, with_deleted=True).filter(pl.col("order_id").is_in(names)).collect()
    months = rows["ordered_at"].dt.strftime("%Y-%m").alias("order_month")
    lake.mark_deleted(ORDERS, rows.select("order_id", pl.lit(at(day) if day else None).alias("deleted_at"), months))


def test_what_a_snapshot_no_longer_has_has_vanished(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a"), order("b"), order("c", source="other")))
    lake.merge(ORDERS, exported("2026-03-03", order("d")))
    assert gone(lake, "2026-03-02", "a") == ["b"]
    assert gone(lake, "2026-03-02", "a", source="other") == ["c"]
    assert gone(lake, "2026-03-01") == []
    assert gone(lake, "2026-03-04") == ["a", "b", "d"]


def test_a_deleted_row_is_not_read_and_comes_back_when_it_is_unmarked(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a"), order("b", ordered_at=FEBRUARY)))
    delete(lake, "2026-03-02", "b")
    assert stored(lake, ORDERS, "order_id") == [("a",)]
    assert lake.scan(ORDERS, with_deleted=True).collect()["order_id"].sort().to_list() == ["a", "b"]
    assert gone(lake, "2026-03-03") == ["a"]
    delete(lake, None, "b")
    assert stored(lake, ORDERS, "order_id") == [("a",), ("b",)]


def test_marking_nothing_adds_no_version(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a")))
    version = lake.version(ORDERS)
    delete(lake, "2026-03-02")
    assert lake.version(ORDERS) == version


@pytest.mark.parametrize("updated_at", [None, JANUARY])
def test_a_deleted_row_comes_back_with_a_later_file_and_not_with_an_earlier_one(
    lake: Lake, updated_at: str | None
) -> None:
    row = order("a", updated_at=updated_at)
    lake.merge(ORDERS, exported("2026-03-01", row))
    delete(lake, "2026-03-03", "a")
    lake.merge(ORDERS, exported("2026-03-02", row))
    assert stored(lake, ORDERS, "order_id") == []
    lake.merge(ORDERS, exported("2026-03-04", row))
    assert stored(lake, ORDERS, "order_id") == [("a",)]


def test_a_newer_version_from_before_the_deletion_stays_deleted(lake: Lake) -> None:
    lake.merge(ORDERS, exported("2026-03-01", order("a", updated_at=JANUARY)))
    delete(lake, "2026-03-03", "a")
    lake.merge(ORDERS, exported("2026-03-02", order("a", channel="app", updated_at=FEBRUARY)))
    assert stored(lake, ORDERS, "order_id") == []
    assert lake.scan(ORDERS, with_deleted=True).collect()["channel"].to_list() == ["app"]


def test_a_row_of_an_older_snapshot_can_arrive_deleted(lake: Lake) -> None:
    rows = exported("2026-03-01", order("a"), order("b")).with_columns(
        deleted_at=pl.when(pl.col("order_id") == "a").then(pl.lit(at("2026-03-02"), pl.Datetime("us", "UTC")))
    )
    assert lake.merge(ORDERS, rows) == Merged(2, 0, 0)
    assert stored(lake, ORDERS, "order_id") == [("b",)]


# Replacing all


def identity(*names: str) -> pl.DataFrame:
    rows = [(name, "account", "c1", "chain", 1) for name in names]
    return pl.DataFrame(rows, schema=IDENTITY.polars_schema, orient="row")


def test_all_rows_are_replaced_and_equal_ones_in_any_order_add_no_version(lake: Lake) -> None:
    assert lake.replace(IDENTITY, identity("a", "b"))
    version = lake.version(IDENTITY)
    assert not lake.replace(IDENTITY, identity("b", "a"))
    assert lake.version(IDENTITY) == version
    assert lake.replace(IDENTITY, identity("c"))
    assert stored(lake, IDENTITY, "identifier") == [("c",)]
    assert lake.replace(IDENTITY, identity())
    assert stored(lake, IDENTITY, "identifier") == []


# Partitions by date


def test_a_date_is_replaced_and_the_others_stay(lake: Lake) -> None:
    assert lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2))
    assert lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1, 2, 3))
    assert lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 4))
    assert stored(lake, CUTS, "as_of_date", "bin") == [(MONDAY, 4), (TUESDAY, 1), (TUESDAY, 2), (TUESDAY, 3)]
    assert lake.scan_as_of(CUTS, MONDAY).collect()["bin"].to_list() == [4]


def test_the_files_of_a_date_change_with_its_rows_alone(lake: Lake) -> None:
    lake.replace_dates(CUTS, {MONDAY: cuts(MONDAY, 1), TUESDAY: cuts(TUESDAY, 1)})
    version, before = lake.files_by_date(CUTS)
    assert sorted(before) == [MONDAY, TUESDAY]
    lake.replace_dates(CUTS, {MONDAY: cuts(MONDAY, 2), TUESDAY: cuts(TUESDAY, 1)})
    now, after = lake.files_by_date(CUTS)
    assert now == version + 1
    assert after[TUESDAY] == before[TUESDAY]
    assert after[MONDAY] != before[MONDAY]


def test_a_table_that_was_made_anew_has_another_state_at_the_same_version(lake: Lake) -> None:
    lake.ensure(ORDERS)
    version, state = lake.version(ORDERS), lake.state(ORDERS)
    assert lake.state(ORDERS) == state
    lake.drop(ORDERS)
    assert lake.version(ORDERS) == version
    assert lake.state(ORDERS) != state


def test_replacing_a_date_by_the_same_rows_in_any_order_adds_no_version(lake: Lake) -> None:
    lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2))
    version = lake.version(CUTS)
    assert not lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 2, 1))
    assert lake.version(CUTS) == version
    assert lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2, upper=2.0))
    assert lake.version(CUTS) == version + 1


def test_a_date_can_become_empty_and_an_empty_one_stays_so(lake: Lake) -> None:
    assert not lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY))
    lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1))
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
    assert lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY))
    assert stored(lake, CUTS, "as_of_date") == [(TUESDAY,)]


def test_a_date_without_rows_scans_as_none(lake: Lake) -> None:
    lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1))
    assert lake.scan_as_of(CUTS, TUESDAY).collect().is_empty()


def test_a_value_that_is_null_twice_is_no_change(lake: Lake) -> None:
    empty_bin = cuts(MONDAY, 1).with_columns(lower=pl.lit(None, pl.Float64), upper=pl.lit(None, pl.Float64))
    assert lake.replace_as_of(CUTS, MONDAY, empty_bin)
    assert not lake.replace_as_of(CUTS, MONDAY, empty_bin)


def test_a_record_of_a_dated_table_is_merged_by_its_key(lake: Lake) -> None:
    row = {"as_of_date": MONDAY, "segment_table": "rfm", "lake_table": "orders", "version": 1}
    for version in (1, 1, 2):
        lake.merge(READS, pl.LazyFrame([row | {"version": version}], schema=READS.polars_schema))
    assert stored(lake, READS, "as_of_date", "version") == [(MONDAY, 2)]
    assert lake.version(READS) == 2


# Several dates


WEDNESDAY = date(2026, 1, 7)


def test_several_dates_are_replaced_in_one_version_and_the_others_stay(lake: Lake) -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        lake.replace_as_of(CUTS, day, cuts(day, 1))
    version = lake.version(CUTS)
    assert lake.replace_dates(CUTS, {MONDAY: cuts(MONDAY, 2, 3), WEDNESDAY: cuts(WEDNESDAY)})
    assert stored(lake, CUTS, "as_of_date", "bin") == [(MONDAY, 2), (MONDAY, 3), (TUESDAY, 1)]
    assert lake.version(CUTS) == version + 1


def test_of_several_dates_only_changed_ones_are_written_and_equal_ones_add_no_version(lake: Lake) -> None:
    both = {day: cuts(day, 1) for day in (MONDAY, TUESDAY)}
    assert lake.replace_dates(CUTS, both)
    files, version = set(lake.active_files(CUTS)), lake.version(CUTS)
    assert not lake.replace_dates(CUTS, both)
    assert lake.version(CUTS) == version
    assert lake.replace_dates(CUTS, both | {TUESDAY: cuts(TUESDAY, 2)})
    assert len(files & set(lake.active_files(CUTS))) == 1


def test_stored_rows_are_in_no_table_until_they_replace_a_date_and_equal_ones_add_no_version(lake: Lake) -> None:
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
    parts = [lake.store(CUTS, cuts(MONDAY, 2, 1)), lake.store(CUTS, cuts(MONDAY, 4, 3))]
    assert stored(lake, CUTS, "as_of_date") == [(TUESDAY,)]
    assert lake.replace_dates(CUTS, {MONDAY: parts})
    files, version = {*lake.active_files(CUTS)}, lake.version(CUTS)
    assert not lake.replace_dates(CUTS, {MONDAY: [lake.store(CUTS, cuts(MONDAY, 3, 4)), parts[0]]})
    assert lake.version(CUTS) == version
    # One part is another, and one is no longer there.
    for second, bins in ((cuts(MONDAY, 3, 5), (1, 2, 3, 5)), (None, (1, 2))):
        more = [] if second is None else [lake.store(CUTS, second)]
        assert lake.replace_dates(CUTS, {MONDAY: [parts[0], *more], TUESDAY: cuts(TUESDAY, 1)})
        assert stored(lake, CUTS, "as_of_date", "bin") == [*((MONDAY, number) for number in bins), (TUESDAY, 1)]
        assert n_rows(lake.ensure(CUTS)) == len(bins) + 1
        assert len(files & {*lake.active_files(CUTS)}) == 2


def test_a_file_of_stored_rows_that_was_damaged_is_written_again(lake: Lake) -> None:
    lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2))
    (file,) = map(Path, lake.active_files(CUTS))
    whole = file.read_bytes()
    file.write_bytes(whole[:-100] + bytes(96) + whole[-4:])
    assert not lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2))
    assert file.read_bytes() == whole


def test_stored_rows_survive_a_power_cut(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, fsync = set[int](), os.fsync

    def noted(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr("os.fsync", noted)
    file = Path(lake.root, CUTS.name, lake.store(CUTS, cuts(MONDAY, 1)).name)
    assert {file.stat().st_ino, file.parent.stat().st_ino} <= synced


def test_rows_that_come_back_are_there_and_stay(lake: Lake) -> None:
    for bins in ((1, 2), (3,), (1, 2)):
        assert lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, *bins))
    assert lake.vacuum(CUTS) == 1
    assert stored(lake, CUTS, "as_of_date", "bin") == [(MONDAY, 1), (MONDAY, 2)]


def test_stored_rows_that_were_never_committed_go_with_the_vacuum(lake: Lake) -> None:
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
    name = lake.store(CUTS, cuts(MONDAY, 1)).name
    assert Path(lake.root, CUTS.name, name).is_file()
    lake.vacuum(CUTS)
    assert not Path(lake.root, CUTS.name, name).exists()
    assert stored(lake, CUTS, "as_of_date") == [(TUESDAY,)]


def test_dates_are_those_with_rows_in_order(lake: Lake) -> None:
    assert lake.dates(CUTS) == []
    for day in (WEDNESDAY, MONDAY, TUESDAY):
        lake.replace_as_of(CUTS, day, cuts(day, 1))
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY))
    assert lake.dates(CUTS) == [MONDAY, WEDNESDAY]


def test_dropped_dates_are_gone_from_the_newest_version_only(lake: Lake) -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        lake.replace_as_of(CUTS, day, cuts(day, 1))
    before = lake.scan(CUTS)
    lake.drop_dates(CUTS, [MONDAY, WEDNESDAY])
    assert stored(lake, CUTS, "as_of_date") == [(TUESDAY,)]
    assert before.collect().height == 3
    version = lake.version(CUTS)
    lake.drop_dates(CUTS, [])
    assert lake.version(CUTS) == version


# Tables of an older version of the program


def test_a_renamed_column_keeps_its_values_in_older_rows_also_where_it_is_part_of_the_key(lake: Lake) -> None:
    table = SEGMENTS["churn_outcomes"]
    row = {"as_of_date": MONDAY, "prediction_date": MONDAY, "churn_band": "lost", "n": 7}
    rows = pl.DataFrame([dict.fromkeys(table.polars_schema) | row], schema=table.polars_schema)
    lake.replace_as_of(table, MONDAY, rows)
    before = pl.read_delta(lake.ensure(table)).rename({"churn_band": "band"})
    shutil.rmtree(f"{lake.root}/{table.name}")
    write_deltalake(f"{lake.root}/{table.name}", before, partition_by=["as_of_date"])
    assert stored(lake, table, "as_of_date", "churn_band", "n") == [(MONDAY, "lost", 7)]


def forget(lake: Lake, table: Table, column: str, partition: str) -> None:
    """Write the table as it was before its contract had this column."""
    rows = pl.read_delta(lake.ensure(table)).drop(column)
    if "row_hash" in rows.columns:
        rows = rows.with_columns(pl.col("row_hash") + 1)  # The hash of a row without the column is another one.
    shutil.rmtree(f"{lake.root}/{table.name}")
    write_deltalake(f"{lake.root}/{table.name}", rows, partition_by=[partition])


def test_a_column_that_the_contract_has_gained_is_null_in_older_rows_and_can_be_filled(lake: Lake) -> None:
    lake.merge(ORDERS, orders(order("1", channel="web"), order("2", channel="app")))
    forget(lake, ORDERS, "channel", "order_month")
    assert stored(lake, ORDERS, "order_id", "channel") == [("1", None), ("2", None)]
    lake.merge(ORDERS, orders(order("2", channel="app")))
    assert stored(lake, ORDERS, "order_id", "channel") == [("1", None), ("2", "app")]
    version = lake.version(ORDERS)
    assert lake.version(ORDERS) == version


def test_every_file_of_a_table_has_the_column_that_the_contract_has_gained(lake: Lake) -> None:
    for day in (MONDAY, TUESDAY):
        lake.replace_as_of(CUTS, day, cuts(day, 1, 2))
    forget(lake, CUTS, "method", "as_of_date")
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
    assert stored(lake, CUTS, "as_of_date", "bin", "method") == [
        (MONDAY, 1, None),
        (MONDAY, 2, None),
        (TUESDAY, 1, "rank"),
    ]
    # DuckDB reads the files themselves, and takes the columns of the first one for those of all.
    files = lake.active_files(CUTS)
    assert len(files) == 2
    assert all("method" in pl.read_parquet_schema(file) for file in files)


def test_computed_rows_without_a_column_of_todays_key_are_of_another_grain_and_go(lake: Lake) -> None:
    lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1, 2))
    forget(lake, CUTS, "bin", "as_of_date")
    assert stored(lake, CUTS, "as_of_date", "bin") == []
    lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
    assert stored(lake, CUTS, "as_of_date", "bin") == [(TUESDAY, 1)]


def test_computed_rows_whose_key_was_of_another_type_go_and_any_other_column_becomes_null(lake: Lake) -> None:
    for column, left in (("method", [(MONDAY, 1, None), (TUESDAY, 1, "rank")]), ("bin", [(TUESDAY, 1, "rank")])):
        lake.replace_as_of(CUTS, MONDAY, cuts(MONDAY, 1))
        rows = pl.read_delta(lake.ensure(CUTS))
        other = pl.Int64 if rows.schema[column] == pl.String else pl.String
        shutil.rmtree(f"{lake.root}/{CUTS.name}")
        rows = rows.with_columns(pl.lit("7").cast(other).alias(column))
        write_deltalake(f"{lake.root}/{CUTS.name}", rows, partition_by=["as_of_date"])
        lake.replace_as_of(CUTS, TUESDAY, cuts(TUESDAY, 1))
        assert stored(lake, CUTS, "as_of_date", "bin", "method") == left
        lake.drop_dates(CUTS, [MONDAY, TUESDAY])
