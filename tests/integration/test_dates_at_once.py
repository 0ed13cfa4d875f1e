"""Several as_of dates in one run: the same tables as one run a date, continued after a stop, published once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from pipeline import parts
from pipeline.asset_keys import RUN_CONTEXT
from pipeline.asset_keys import table as table_key
from pipeline.assets import loyalty
from pipeline.assets.common import is_night
from pipeline.errors import ConfigError
from pipeline.run_records import NIGHTLY
from schemas.registry import SEGMENTS, TABLES
from tests.scenario import Shop, make_shop, order_lines
from tests.two_nights import ENVIRONMENT, Copy, write_night, write_shop

SUNDAY, MONDAY = "2026-06-28", "2026-06-29"
DAYS = [date.fromisoformat(day) for day in (SUNDAY, MONDAY)]
COMPUTED = [
    *("rfm", "rfm_cut_points", "segment_map", "sci", "sci_index", "loyalty", "points_ledger"),
    *("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes"),
    *("segment_changes", "segment_migration", "segment_sizes"),
]
"""The tables of the steps that look at other dates or at each other; all others are computed by the same function."""


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A shop with a source of every entity and a model of churn that is trained on Mondays, after a run for each date."""
    folder = tmp_path_factory.mktemp("dates")
    shop = write_shop(folder)
    write_night(shop, 2)
    tree = yaml.safe_load(shop.config.read_text())
    few = {"min_customers": 10, "min_window_customers": 5, "min_n": 5, "horizon_days": 30}
    shop.config.write_text(yaml.safe_dump(tree | {"churn": few}))
    shop.ingest(SUNDAY)
    for name in ("at_once", "stopped"):
        shutil.copytree(shop.home, Copy(folder, ENVIRONMENT, name).home)
    for day in (SUNDAY, MONDAY):
        assert shop.compute(day, *COMPUTED).success
    return shop


@contextmanager
def watched(*, stop_at: date | None = None) -> Iterator[list[date]]:
    """The dates on which balances are computed from here on; at one of them the process is told to stop."""
    seen: list[date] = []
    stand = loyalty.stand

    def watching(*given: Any, as_of: date, **more: Any) -> Any:
        seen.append(as_of)
        if as_of == stop_at:
            raise KeyboardInterrupt
        return stand(*given, as_of=as_of, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loyalty, "stand", watching)
        yield seen


@pytest.fixture(scope="module")
def at_once(one_by_one: Copy) -> tuple[Copy, dg.ExecuteInProcessResult]:
    """A twin whose dates came in one run, which was stopped on the way and began again."""
    twin = Copy(one_by_one.folder, ENVIRONMENT, "at_once")
    with watched(stop_at=DAYS[1]) as seen, pytest.raises(KeyboardInterrupt):
        twin.compute(MONDAY, *COMPUTED, from_=SUNDAY)
    assert seen == DAYS
    assert twin.lake.dates(SEGMENTS["churn_risk"]) == DAYS
    assert twin.lake.dates(SEGMENTS["loyalty"]) == []
    with pytest.MonkeyPatch.context() as patch:
        # Of a shop of millions the dates do not wait for each other.
        patch.setattr(parts, "ROWS_AT_ONCE", 0)
        return twin, twin.compute(MONDAY, *COMPUTED, from_=SUNDAY)


def held(shop: Shop) -> dict[str, pl.DataFrame]:
    """All rows of the lake, but which versions of dated tables were read."""
    tables = {name: shop.lake.scan(table).collect() for name, table in TABLES.items()}
    # Several dates are one version of a dated table, and several runs are several.
    tables["lake_reads"] = tables["lake_reads"].filter(~pl.col("lake_table").is_in([*SEGMENTS]))
    return {name: found.sort(pl.all().cast(pl.String)) for name, found in tables.items()}


def test_dates_at_once_leave_the_same_lake_as_a_run_for_each(
    one_by_one: Copy, at_once: tuple[Copy, dg.ExecuteInProcessResult]
) -> None:
    expected, found = held(one_by_one), held(at_once[0])
    assert expected["churn_models"].height == 2
    assert expected["churn_risk"]["as_of_date"].unique().sort().to_list() == DAYS
    for name, rows in expected.items():
        assert_frame_equal(found[name], rows)


def test_every_date_is_seen_in_dagster_with_its_rows(at_once: tuple[Copy, dg.ExecuteInProcessResult]) -> None:
    shop, result = at_once
    seen = {
        (event.partition, event.materialization.metadata["dagster/row_count"].value)
        for event in result.all_events
        if event.is_step_materialization and event.asset_key == dg.AssetKey(["segments", "loyalty"])
    }
    assert seen == {(str(day), shop.partition("loyalty", str(day)).height) for day in DAYS}


def test_a_night_for_the_next_date_finishes_the_one_that_was_stopped(one_by_one: Copy) -> None:
    shop = Copy(one_by_one.folder, ENVIRONMENT, "stopped")
    # Everything up to what an edition is built from, of which this is a part.
    until = ["segments/orders_known", "segments/customers_known", "lake/run_context"]
    night = [*(table_key(name).to_user_string() for name in COMPUTED), *until]
    with watched(stop_at=DAYS[0]), pytest.raises(KeyboardInterrupt):
        shop.build(SUNDAY, *night)
    assert shop.lake.dates(SEGMENTS["churn_risk"]) == [DAYS[0]]
    assert shop.lake.dates(SEGMENTS["loyalty"]) == []
    shop.build(MONDAY, *night)
    expected, found = held(one_by_one), held(shop)
    for name, rows in expected.items():
        assert_frame_equal(found[name], rows)
    with watched() as seen:
        shop.build(MONDAY, *night)
    assert seen == []


RFM = table_key("rfm")


@pytest.mark.parametrize(
    ("job", "selection", "is_whole"),
    [
        (NIGHTLY, frozenset(), True),
        (NIGHTLY, None, True),
        (NIGHTLY, frozenset({RFM, RUN_CONTEXT}), True),
        (NIGHTLY, frozenset({RFM}), False),
        ("__ASSET_JOB", None, False),
    ],
)
def test_a_night_is_a_run_of_the_job_that_goes_on_to_an_edition(
    job: str, selection: frozenset[dg.AssetKey] | None, is_whole: bool
) -> None:
    run = SimpleNamespace(job_name=job, asset_selection=selection)
    context: Any = SimpleNamespace(op_execution_context=SimpleNamespace(run=run))
    assert is_night(context) == is_whole


def test_a_date_is_computed_again_only_where_something_of_it_is_missing(one_by_one: Copy) -> None:
    one_by_one.lake.drop_dates(SEGMENTS["loyalty"], [DAYS[0]])
    with watched() as seen:
        one_by_one.compute(MONDAY, *COMPUTED, from_=SUNDAY)
    assert seen == [DAYS[0]]


def test_a_run_for_an_older_date_with_new_data_leaves_nothing_of_the_newest_to_do(one_by_one: Copy) -> None:
    later = Copy(one_by_one.folder, ENVIRONMENT, "later")
    shutil.copytree(one_by_one.home, later.home)
    # The first answer of c20, who has no order: of all these steps only that of SCI reads the lake's answers.
    with (later.folder / "surveys/all.csv").open("a") as export:
        export.write("s900,c20,2026-06-20 12:00:00,5,5,10\n")
    later.ingest(SUNDAY)
    later.compute(SUNDAY, *COMPUTED)
    is_secure = {"kind": "sci", "segment": "secure"}
    before, after = (shop.partition("segment_sizes", MONDAY).filter(**is_secure) for shop in (one_by_one, later))
    assert after.select(pl.col("n_customers", "n_total") - 1).rows() == before.select("n_customers", "n_total").rows()
    versions = later.versions()
    later.compute(MONDAY, *COMPUTED)
    assert later.versions() == versions


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"from_": "2026-06-30"}, "tag loyalty/from: 2026-06-30 is after 2026-06-29, the run's date"),
        ({"from_": "june"}, "tag loyalty/from: 'june' is not a date like 2026-01-31"),
        ({"from_": SUNDAY, "every": "year"}, "tag loyalty/every: 'year' is not one of day, week, month"),
        (
            {"from_": "2025-12-30"},
            "--from 2025-12-30 is before the first order; give 2025-12-31, its date, or a later one",
        ),
    ],
)
def test_a_run_with_a_tag_that_says_no_range_stops_in_one_line(
    one_by_one: Copy, tags: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError) as error:
        one_by_one.compute(MONDAY, "identity", **tags)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--from 2026-06-29 --to 2026-06-28", "--from 2026-06-29 is after --to 2026-06-28"),
        ("--from 2026-06-01 --as-of 2026-06-28", "--as-of is one date; give either it or --from and --to"),
        ("--to 2026-06-28", "--to and --every need --from, the first date; one date alone is --as-of"),
        ("--every month", "--to and --every need --from, the first date; one date alone is --as-of"),
        ("--from june", "--from 'june' is not a date like 2026-01-31"),
        ("--from 2026-06-01 --to 2999-01-01", "--to 2999-01-01 is outside "),
        (
            "--from 2026-03-31 --to 2026-06-30",
            # 90 days up to June 30 begin on April 2; April 1 is no end of a month, March 31 is.
            "--from 2026-03-31: dates up to 2026-04-01 are older than retention.daily_days = 90 keeps day by day; "
            "give --every month, a later --from, or a longer retention",
        ),
    ],
)
def test_a_range_that_makes_no_sense_is_one_line_and_nothing_runs(tmp_path: Path, arguments: str, words: str) -> None:
    shop = make_shop(tmp_path, order_lines(2))
    result = shop.loyalty("run", *arguments.split())
    assert result.exit_code == 1
    (line,) = result.error_lines
    assert line.startswith(f"error: {words}")
    assert not (shop.home / "dagster").exists()
