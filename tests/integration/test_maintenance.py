"""The upkeep of the lake: which dates go, which files go, and that no reader and no history notices."""

import os
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.assets.history import record_history
from pipeline.commands.maintain import Upkeep, dates_to_drop, maintain
from pipeline.configuration import load_settings
from pipeline.core.behaviour.rfm import map_rows
from pipeline.core.behaviour.segment_maps import MAPS
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.definitions import build_defs
from pipeline.jobs import MAINTENANCE, maintenance_job, maintenance_schedule
from pipeline.lake import Lake
from pipeline.resources import HOME_TAG, Home
from pipeline.run_lock import POOL, hold_lock
from pipeline.settings import RetentionSettings, Settings
from schemas.registry import ENTITIES, SEGMENTS, TABLES
from tests.scenario import ROOT, make_shop
from tests.unit import lake as rows_of
from tests.unit.lake import at_once

JUNE_30 = date(2026, 6, 30)
RFM, SCI = SEGMENTS["rfm"], SEGMENTS["sci"]
CUTS, CHANGES, MIGRATION = (SEGMENTS[name] for name in ("rfm_cut_points", "segment_changes", "segment_migration"))
CUSTOMERS = ENTITIES["customers"]
TEN_DAYS = RetentionSettings(daily_days=10)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "it's a lake"))


def days_before(*numbers: int) -> list[date]:
    return [JUNE_30 - timedelta(days=number) for number in numbers]


def score(lake: Lake, day: date, segment: str) -> None:
    """RFM of one customer at a date, and the history of the date."""
    known = {"as_of_date": day, "customer_id": "ann", "state": "scored", "frequency": 1, "monetary": 100}
    values = {"recency_days": 1, "segment": segment, "segment_map": "rfm11"}
    row = dict.fromkeys(RFM.polars_schema) | known | values
    lake.replace_as_of(RFM, day, pl.DataFrame([row], schema=RFM.polars_schema))
    cut = {"as_of_date": day, "n_customers": 1, "method": "rank", "is_degenerate": False}
    cuts = [
        # Every value is in the best bin; the others lie before it, or beyond all values.
        cut
        | {"dimension": name, "bin": number}
        | ({} if name == "recency" and number < 5 else {"lower": 0.0})
        | ({"upper": 0.0} if name != "recency" and number < 5 else {})
        for name in ("recency", "frequency", "monetary")
        for number in range(1, 6)
    ]
    lake.replace_as_of(CUTS, day, pl.DataFrame(cuts, schema=CUTS.polars_schema))
    lake.replace_as_of(SEGMENTS["segment_map"], day, map_rows("rfm11", MAPS["rfm11"], as_of=day))
    record_history(at_once(lake), [day], RfmSettings(), "EUR")


def customer(lake: Lake, *names: str) -> None:
    lake.merge(CUSTOMERS, rows_of.customers(*names).lazy())


def content(lake: Lake) -> dict[str, pl.DataFrame]:
    return {name: lake.scan(table).collect().sort(pl.all()) for name, table in TABLES.items()}


def done(upkeeps: list[Upkeep], table: str) -> tuple[int, int, int]:
    (found,) = [upkeep for upkeep in upkeeps if upkeep.table == table]
    return found.dates_dropped, found.files_joined, found.files_deleted


# Which dates


def test_ninety_dates_are_kept_daily_and_before_them_the_last_of_each_month() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(181)]
    assert year[-1] == JUNE_30
    kept = set(year) - set(dates_to_drop(year, newest=JUNE_30, daily_days=90))
    # From 2 April to 30 June there are 90 dates.
    daily = [day for day in year if day >= date(2026, 4, 2)]
    assert len(daily) == 90
    assert kept == {date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), *daily}


def test_a_month_without_its_last_day_keeps_the_last_date_that_it_has() -> None:
    dates = [date(2026, 1, 5), date(2026, 1, 28), date(2026, 2, 1)]
    assert dates_to_drop(dates, newest=JUNE_30, daily_days=90) == [date(2026, 1, 5)]


def test_the_months_of_two_years_are_not_mixed_up() -> None:
    dates = [date(2025, 1, 31), date(2026, 1, 31)]
    assert dates_to_drop(dates, newest=JUNE_30, daily_days=90) == []


@given(st.lists(st.integers(0, 900), max_size=60, unique=True), st.integers(1, 200))
def test_the_newest_date_stays_every_month_stays_and_a_second_time_drops_nothing(
    numbers: list[int], daily_days: int
) -> None:
    dates = days_before(*numbers)
    dropped = dates_to_drop(dates, newest=JUNE_30, daily_days=daily_days)
    kept = [day for day in dates if day not in dropped]
    assert {(day.year, day.month) for day in kept} == {(day.year, day.month) for day in dates}
    assert all((JUNE_30 - day).days >= daily_days for day in dropped)
    assert dates_to_drop(kept, newest=JUNE_30, daily_days=daily_days) == []
    assert dates_to_drop(sorted(dates), newest=JUNE_30, daily_days=daily_days) == dropped


# What is done to the lake


def test_only_tables_with_one_row_per_customer_lose_dates() -> None:
    thinned_out = {name for name, table in TABLES.items() if table.is_thinned_out}
    assert thinned_out >= {"rfm", "sci", "churn_risk", "loyalty"}
    assert not thinned_out & {"rfm_cut_points", "sci_index", "segment_changes", "segment_migration"}
    assert all(TABLES[name].is_dated for name in thinned_out)


def test_old_dates_go_and_cut_points_changes_and_migration_stay_as_they_are(lake: Lake) -> None:
    days = days_before(40, 39, 12, 9, 0)
    for day, segment in zip(days, ("loyal", "lost", "loyal", "lost", "recent"), strict=True):
        score(lake, day, segment)
    before = content(lake)
    upkeeps = maintain(lake, TEN_DAYS)
    # Ten dates up to the 30th: the 21st stays, the 18th goes; of May the last date stays.
    assert lake.dates(RFM) == days_before(39, 9, 0)
    assert done(upkeeps, "rfm") == (2, 0, 0)
    after = content(lake)
    for name in TABLES:
        rows = before[name]
        expected = rows.filter(pl.col("as_of_date").is_in(days_before(39, 9, 0))) if name == "rfm" else rows
        assert after[name].equals(expected), name


def test_a_date_recomputed_after_its_neighbours_are_gone_gives_the_same_history(lake: Lake) -> None:
    days = days_before(40, 39, 12, 9, 0)
    for day, segment in zip(days, ("champions", "lost", "champions", "lost", "recent"), strict=True):
        score(lake, day, segment)
    before = content(lake)
    maintain(lake, TEN_DAYS)
    for day, segment in ((days[3], "lost"), (days[4], "recent")):
        score(lake, day, segment)
    assert lake.scan(CHANGES).collect().sort(pl.all()).equals(before["segment_changes"])
    # Cut points and maps are kept for every date, so the causes stay too.
    assert content(lake)["segment_migration"].equals(before["segment_migration"])
    # Ann's values are in the best bins of all dates: under those cut points she would have stayed among the champions.
    assert before["segment_migration"]["cause"].to_list() == ["threshold", "customer", "threshold", "customer"]


def test_a_second_time_there_is_nothing_to_do(lake: Lake) -> None:
    for day in days_before(40, 39, 12, 0):
        score(lake, day, "loyal")
    customer(lake, "ann")
    customer(lake, "bob")
    maintain(lake, TEN_DAYS)
    versions = {name: lake.version(table) for name, table in TABLES.items()}
    assert not any(any(done([upkeep], upkeep.table)) for upkeep in maintain(lake, TEN_DAYS))
    assert {name: lake.version(table) for name, table in TABLES.items()} == versions


def test_small_files_are_joined_and_the_rows_stay(lake: Lake) -> None:
    for number in range(4):
        customer(lake, f"c{number}")
    assert len(lake.active_files(CUSTOMERS)) == 4
    before = content(lake)
    assert done(maintain(lake, TEN_DAYS), "customers") == (0, 4, 0)
    assert len(lake.active_files(CUSTOMERS)) == 1
    assert Path(lake.root, "customers", "_delta_log", "_last_checkpoint").is_file()
    assert content(lake)["customers"].equals(before["customers"])
    assert lake.merge(CUSTOMERS, rows_of.customers("c1").lazy()).unchanged == 1


def test_the_files_of_a_date_stay_as_they_are_so_that_nothing_is_computed_again(lake: Lake) -> None:
    rows = map_rows("rfm11", MAPS["rfm11"], as_of=JUNE_30)
    table, half = SEGMENTS["segment_map"], rows.height // 2
    lake.replace_dates(table, {JUNE_30: [lake.store(table, part) for part in (rows.head(half), rows.tail(-half))]})
    before = lake.files_by_date(table)
    assert len(before[1][JUNE_30]) == 2
    assert done(maintain(lake, TEN_DAYS), table.name) == (0, 0, 0)
    assert lake.files_by_date(table) == before


def test_the_log_is_summed_up_and_loses_what_is_older_than_a_month_and_the_table_goes_on(lake: Lake) -> None:
    log = Path(lake.root, "customers", "_delta_log")
    for number in range(3):
        customer(lake, f"c{number}")
    for entry in log.iterdir():
        os.utime(entry, (0, 0))
    newest = lake.version(CUSTOMERS)
    lake.shorten_log(CUSTOMERS)
    assert [entry.stem for entry in log.glob("*.json")] == [f"{newest:020}"]
    customer(lake, "c3")
    assert sorted(Lake(lake.root).scan(CUSTOMERS).collect()["customer_id"]) == ["c0", "c1", "c2", "c3"]
    assert lake.merge(CUSTOMERS, rows_of.customers("c1").lazy()).unchanged == 1


def test_who_began_to_read_before_can_read_on(lake: Lake) -> None:
    for day in days_before(40, 39, 0):
        score(lake, day, "loyal")
    customer(lake, "ann")
    customer(lake, "bob")
    # The list of files is made when a scan begins, the files are opened when it is collected.
    begun = lake.scan(RFM), lake.scan(CUSTOMERS)
    maintain(lake, TEN_DAYS)
    assert [rows.collect().height for rows in begun] == [3, 2]


def test_a_file_that_a_write_left_unfinished_goes_once_it_is_old(lake: Lake) -> None:
    customer(lake, "ann")
    fresh, old = (Path(lake.root) / "customers" / f"{name}.parquet" for name in ("fresh", "old"))
    for file in (fresh, old):
        file.write_text("half")
    age = RetentionSettings().unread_file_hours * 3600
    now = fresh.stat().st_mtime
    os.utime(old, (now - age - 60, now - age - 60))
    os.utime(fresh, (now - age + 600, now - age + 600))
    assert done(maintain(lake, TEN_DAYS), "customers") == (0, 0, 1)
    assert fresh.exists()
    assert not old.exists()


def test_an_empty_lake_has_nothing_to_do(lake: Lake) -> None:
    assert not any(any(done([upkeep], upkeep.table)) for upkeep in maintain(lake, TEN_DAYS))


# The command and the job


def settings_with_dates(folder: Path) -> Settings:
    shop = make_shop(folder, [], retention={"daily_days": 10, "maintain_at": "03:30"})
    for day in days_before(40, 39, 0):
        score(shop.lake, day, "loyal")
    return load_settings(shop.config, home=shop.home)


def test_the_command_says_what_it_did_and_then_that_there_is_nothing_left(tmp_path: Path) -> None:
    settings_with_dates(tmp_path)
    shop = make_shop(tmp_path, [], retention={"daily_days": 10})
    first, second = shop.loyalty("maintain"), shop.loyalty("maintain")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "rfm                      1 dates dropped,     0 files joined,     0 deleted" in first.output
    assert second.output == "nothing to drop, join or delete\n"


def test_the_command_is_refused_while_another_writes(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, [])
    with hold_lock(shop.home, "loyalty run"):
        refused = shop.loyalty("maintain")
    assert (refused.exit_code, len(refused.error_lines)) == (1, 1)
    assert "is in use by loyalty run" in refused.output


def test_the_job_does_the_same_under_the_lock(tmp_path: Path) -> None:
    settings = settings_with_dates(tmp_path)
    home = Home.of(settings)
    job = maintenance_job(settings.retention)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(resources={"home": home}, instance=instance)
        assert result.success
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.tags[HOME_TAG] == home.root
    assert home.lake.dates(RFM) == days_before(39, 0)
    assert {node.definition.pool for node in job.nodes if isinstance(node.definition, dg.OpDefinition)} == {POOL}


def test_the_job_is_weekly_in_the_shops_time_zone_unless_it_is_switched_off(tmp_path: Path) -> None:
    settings = settings_with_dates(tmp_path)
    schedule = maintenance_schedule(settings.retention, settings.shop.time_zone, maintenance_job(settings.retention))
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 3 * * 0", "Europe/Amsterdam")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    off = RetentionSettings(maintain=False)
    stopped = maintenance_schedule(off, settings.shop.time_zone, maintenance_job(off)).default_status
    assert stopped == dg.DefaultScheduleStatus.STOPPED


def test_the_definitions_hold_the_job_and_its_schedule() -> None:
    defs = build_defs(load_settings(ROOT / "loyalty.yaml"))
    assert defs.resolve_job_def(MAINTENANCE).executor_def.name == "in_process"
    assert defs.resolve_schedule_def(MAINTENANCE).job_name == MAINTENANCE
