"""The job on the demo shop: what it publishes, run once, twice, out of order, and taken back."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.commands.run_summary import summary_lines
from pipeline.lake import Lake
from pipeline.warehouse.dbt import BUILD_FILE_VARIABLE, DBT_PROJECT, EDITION_FILE_VARIABLE
from pipeline.warehouse.editions import list_editions
from schemas.columns import warehouse_type
from schemas.registry import MARTS, RECORDS, SEGMENTS
from tests.scenario import Result, Shop, make_demo

MONDAY, TUESDAY = "2026-06-29", "2026-06-30"
CUSTOMERS = 900
PUBLISHED = {(mart.schema, mart.name) for mart in MARTS.values()}


@dataclass
class Week:
    """A shop on which Tuesday was run, then Tuesday again, then Monday; with what was seen on the way."""

    shop: Shop
    first: Result
    versions_after_first: dict[str, int]
    versions_after_second: dict[str, int]
    contents_after_first: dict[str, list[tuple[object, ...]]]
    contents_after_second: dict[str, list[tuple[object, ...]]]
    read_by_an_open_reader: list[tuple[object, ...]]


def contents(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Every published table but the run's own record, as sorted rows."""
    of_the_run = {("quality", "run_summary"), ("quality", "inputs_read")}
    tables = [f"{schema}.{name}" for schema, name in sorted(PUBLISHED - of_the_run)]
    return {table: shop.query(f"select * from {table} order by all") for table in tables}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    shop = make_demo(tmp_path_factory.mktemp("week"), customers=CUSTOMERS, end_date=TUESDAY)
    first = shop.run(TUESDAY)
    assert first.exit_code == 0, first.output
    versions_after_first, contents_after_first = shop.versions(), contents(shop)
    with duckdb.connect(str(shop.warehouse), read_only=True) as reader:
        before = reader.execute("select count(distinct run_id) from quality.run_summary").fetchall()
        assert shop.run(TUESDAY).exit_code == 0
        after = reader.execute("select count(distinct run_id) from quality.run_summary").fetchall()
    versions_after_second, contents_after_second = shop.versions(), contents(shop)
    assert shop.run(MONDAY).exit_code == 0
    return Week(
        shop,
        first,
        versions_after_first,
        versions_after_second,
        contents_after_first,
        contents_after_second,
        [*before, *after],
    )


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same shop with Monday computed first; nothing is published."""
    shop = make_demo(tmp_path_factory.mktemp("in_order"), customers=CUSTOMERS, end_date=TUESDAY)
    for day in (MONDAY, TUESDAY):
        shop.ingest(day)
        shop.compute(day, *SEGMENTS)
    return shop


def test_the_edition_holds_the_marts_and_quality_tables_and_no_view(week: Week) -> None:
    tables = week.shop.query("select schema_name, table_name from duckdb_tables()")
    assert set(tables) == PUBLISHED
    assert week.shop.query("select view_name from duckdb_views() where not internal") == []


def test_every_published_column_is_described(week: Week) -> None:
    silent = "select table_name, column_name from duckdb_columns() where not internal and comment is null"
    assert week.shop.query(silent) == []


def test_the_summary_names_rows_segments_and_the_warehouse(week: Week) -> None:
    for word in ("shop_orders", "rows in", "valid", "rejected", "RFM segments", "champions", "SCI classes", "secure"):
        assert word in week.first.output
    assert str(week.shop.warehouse) in week.first.output.replace("\n", "")


def test_a_chat_reads_the_summary_in_lines_without_what_brought_nothing(first_night: Shop) -> None:
    lake = Lake(str(first_night.home / "lake"))
    batch = lake.scan(RECORDS["batches"]).filter(pl.col("rows_mapped") > 0).collect().row(0, named=True)
    day = date.fromisoformat(TUESDAY)
    rows, segments, *_ = summary_lines(lake, day, batch["run_id"])
    assert rows == "Rows read: csv_orders/orders 100 (0 rejected)"
    assert sum(map(int, re.findall(r"\d+", segments))) == 50
    assert summary_lines(lake, day, "another run")[0] == "Rows read: none"


def test_rows_balance_for_every_batch(week: Week) -> None:
    off = """select * from quality.run_summary
    where rows_mapped <> rows_valid + rows_rejected + rows_excluded or lines_read <> lines_parsed + lines_broken"""
    assert week.shop.query(off) == []
    assert week.shop.query("select max(lines_broken + rows_rejected) from quality.run_summary where entity = 'orders'")[
        0
    ] > (0,)


def test_the_quarantine_holds_every_rejected_row_once(week: Week) -> None:
    # The first night reads everything, the others nothing new.
    counted = week.shop.query("select sum(rows_rejected + lines_broken) from quality.run_summary")
    assert week.shop.query("select count(*) from quality.rejected_rows") == [(int(counted[0][0]),)]


def test_running_the_same_night_twice_changes_only_the_record_of_the_runs(week: Week) -> None:
    changed = {
        name for name, version in week.versions_after_second.items() if version != week.versions_after_first[name]
    }
    assert changed == {"batches"}
    assert week.contents_after_second == week.contents_after_first


def test_a_reader_that_holds_the_old_edition_goes_on_with_it(week: Week) -> None:
    assert week.read_by_an_open_reader == [(1,), (1,)]
    assert week.shop.query("select count(distinct run_id) from quality.run_summary") == [(3,)]


def test_a_backfill_of_an_older_date_does_not_move_the_edition_back(week: Week) -> None:
    assert week.shop.query("select distinct as_of_date::varchar from marts.customer_rfm") == [(TUESDAY,)]
    days = week.shop.query("select distinct as_of_date::varchar from marts.rfm_cut_points order by 1")
    assert days == [(MONDAY,), (TUESDAY,)]


EMPTY = {
    "segment_migration": [MONDAY],  # From the first date nobody has come from anywhere.
    "customer_totals": [MONDAY, TUESDAY],  # No list of the shop's counts its customers' orders.
    "review_flags": [MONDAY, TUESDAY],  # Nobody bombs so small a shop.
    "churn_outcomes": [MONDAY, TUESDAY],  # No prediction is old enough to have one.
}


@pytest.mark.parametrize("table", SEGMENTS)
@pytest.mark.parametrize("day", [MONDAY, TUESDAY])
def test_dates_out_of_order_give_the_same_segments_as_in_order(
    week: Week, in_order: Shop, table: str, day: str
) -> None:
    expected = in_order.partition(table, day)
    assert (expected.height > 0) == (day not in EMPTY.get(table, ()))
    assert_frame_equal(week.shop.partition(table, day), expected)


def test_the_segments_of_two_days_differ(in_order: Shop) -> None:
    monday, tuesday = (in_order.partition("rfm", day).drop("as_of_date") for day in (MONDAY, TUESDAY))
    assert not monday.equals(tuesday)


def test_fct_orders_ends_at_the_date_of_the_edition(week: Week) -> None:
    assert week.shop.query("select max(local_date)::varchar from marts.fct_orders") == [(TUESDAY,)]


def test_a_local_time_is_of_the_local_date_and_the_calendar_has_every_date_of_the_file(week: Week) -> None:
    # Of two moments of fct_orders the same zone gives both: the facts the date, the warehouse the time.
    apart = "select count(*) from marts.fct_orders where ordered_at_local::date <> local_date"
    assert week.shop.query(apart) == [(0,)]
    in_utc = "select count(*) > 0 from marts.fct_orders where timezone('UTC', ordered_at)::date <> local_date"
    assert week.shop.query(in_utc) == [(True,)]
    for mart in MARTS.values():
        for name in (name for name, column in mart.columns.items() if warehouse_type(column) == "date"):
            days = "(select calendar_date from marts.dim_date)"
            missing = f"select count(*) from {mart.schema}.{mart.name} where {name} not in {days}"
            assert week.shop.query(missing) == [(0,)], f"{mart.name}.{name}"


def test_the_money_of_valid_orders_adds_up_without_a_filter(week: Week) -> None:
    for table, amount in (("fct_orders", "net_amount"), ("fct_order_lines", "line_amount")):
        ((summed, filtered, everything),) = week.shop.query(
            f"select sum(valid_{amount}), sum({amount}) filter (is_valid), sum({amount}) from marts.{table}"
        )
        assert summed == filtered != everything, table


def test_the_marts_add_up_to_the_lake(week: Week) -> None:
    cents = week.shop.entity("orders").select(pl.col("net_amount").sum()).item()
    assert week.shop.query("select cast(sum(net_amount) * 100 as bigint) from marts.fct_orders") == [(cents,)]


def test_rollback_puts_the_edition_before_back_and_stops_at_the_oldest(week: Week) -> None:
    runs = "select count(distinct run_id) from quality.run_summary"
    for runs_left in (2, 1):
        assert week.shop.loyalty("rollback").exit_code == 0
        assert week.shop.query(runs) == [(runs_left,)]
    refused = week.shop.loyalty("rollback")
    assert refused.exit_code == 1
    assert len(refused.error_lines) == 1
    assert "nothing to go back to" in refused.output
    assert week.shop.query(runs) == [(1,)]


def test_promise_impact_judges_every_order_as_fct_orders_does(week: Week) -> None:
    by_core = week.shop.query(
        """select month, promise_status, n_orders from marts.promise_impact_by_month
        where channel = 'all' and promise_status <> 'broken'"""
    )
    by_sql = week.shop.query(
        """select date_trunc('month', local_date)::date, promise_status, count(*) from marts.fct_orders
        where promise_status <> 'open' group by 1, 2"""
    )
    assert {status for _, status, _ in by_core} >= {"kept", "late", "unknown", "none"}
    assert sorted(by_core) == sorted(by_sql)


def test_broken_promises_are_followed_by_worse_reviews_and_scores(week: Week) -> None:
    rows = week.shop.query(
        """select promise_status, mean_pomp_low, mean_pomp_high from marts.promise_impact
        where channel = 'all' and promise_status in ('kept', 'broken') order by 1"""
    )
    (_, _, broken_high), (_, kept_low, _) = rows
    assert broken_high < kept_low


def test_review_care_counts_every_review_of_fct_reviews_in_every_dimension(week: Week) -> None:
    counted = week.shop.query("select dimension, sum(n_reviews), sum(n_replied) from marts.review_care group by 1")
    reviews = week.shop.query("select count(*), count(replied_at) from marts.fct_reviews")[0]
    assert len(counted) == 4
    assert {tuple(totals) for _, *totals in counted} == {reviews}


def test_every_asset_of_the_run_shows_its_row_count(week: Week) -> None:
    with week.shop.dagster() as instance:
        assets = instance.get_asset_keys()
        events = {key: instance.get_latest_materialization_event(key) for key in assets}
    built = {key.to_user_string(): event.asset_materialization for key, event in events.items() if event}
    assert {name.split("/")[0] for name in built} >= {"sources", "lake", "segments", "scores", "marts", "publish"}
    for name, materialization in built.items():
        assert materialization is not None
        assert "dagster/row_count" in materialization.metadata, name


def test_every_contract_of_a_mart_is_judged_in_a_night(week: Week) -> None:
    with week.shop.dagster() as instance:
        found = {}
        for name, mart in MARTS.items():
            key = dg.AssetCheckKey(dg.AssetKey([mart.schema, name]), f"contract_{name}")
            (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
            found[name] = record.status.value
    assert set(found.values()) == {"SUCCEEDED"}


def test_the_checks_of_rfm_show_their_figures(week: Week) -> None:
    with week.shop.dagster() as instance:
        shown = {}
        for name in ("segment_map", "size_and_history"):
            key = dg.AssetCheckKey(dg.AssetKey(["segments", "rfm"]), name)
            (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
            assert record.event is not None
            assert record.event.dagster_event is not None
            shown |= record.event.dagster_event.asset_check_evaluation_data.metadata
    assert shown["map"].value == "rfm11"
    assert shown["unreachable_rules"].value == []
    with_order = week.shop.partition("churn_risk", MONDAY).height
    assert shown["customers"].value == with_order > 0


def test_the_present_of_the_history_is_the_segments_of_the_edition(week: Week) -> None:
    present = "select customer_id, segment from marts.customer_segment_history where valid_to is null and kind ="
    for kind, mart, column in (
        ("rfm", "customer_rfm", "segment"),
        ("sci", "customer_sci", "sci_class"),
        ("churn", "customer_churn_risk", "churn_band"),
        ("tier", "customer_loyalty", "tier"),
    ):
        expected = week.shop.query(f"select customer_id, {column} from marts.{mart} order by 1")
        assert week.shop.query(f"{present} '{kind}' order by 1") == expected


def test_what_a_contract_says_is_never_missing_or_the_key_of_a_table_is_a_constraint_of_the_file(week: Week) -> None:
    found = week.shop.query(
        """select schema_name, table_name, constraint_type, constraint_column_names from duckdb_constraints()
        where constraint_type <> 'CHECK'"""
    )
    never_null = {(mart.schema, mart.name, "NOT NULL", (name,)) for mart in MARTS.values() for name in mart.never_null}
    keys = {(mart.schema, mart.name, "PRIMARY KEY", mart.key) for mart in MARTS.values() if mart.has_primary_key}
    assert {(schema, table, kind, tuple(columns)) for schema, table, kind, columns in found} == never_null | keys


def test_the_unit_tests_of_the_models_pass(week: Week, tmp_path: Path) -> None:
    edition = shutil.copyfile(list_editions(week.shop.home / "editions")[-1], tmp_path / "edition.duckdb")
    places = [
        "--project-dir",
        DBT_PROJECT,
        "--profiles-dir",
        DBT_PROJECT,
        "--target-path",
        tmp_path,
        "--log-path",
        tmp_path,
    ]
    done = subprocess.run(
        [Path(sys.executable).parent / "dbt", "test", "--select", "test_type:unit", *places],
        env={
            **os.environ,
            BUILD_FILE_VARIABLE: str(week.shop.home / "work" / "build.duckdb"),
            EDITION_FILE_VARIABLE: str(edition),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Nothing to do" not in done.stdout


def test_no_file_of_a_finished_run_is_left_half_written(week: Week) -> None:
    left = {
        path.name for path in Path(week.shop.home).rglob("*") if path.suffix in {".wal", ".new", ".building", ".tmp"}
    }
    assert left == set()
