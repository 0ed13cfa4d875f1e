import copy
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from jinja2 import Template

from pipeline.assets.marts import why_failed
from pipeline.lake import Lake
from pipeline.lake_rows import ORIGIN
from pipeline.warehouse import past_dates
from pipeline.warehouse.build_file import RunContext, make_build_file, newest_as_of
from pipeline.warehouse.dbt import DBT_PROJECT, OURS, Dbt, Project, parse
from pipeline.warehouse.editions import remove_from_slices
from pipeline.warehouse.slices import begin_slices, settle_slices
from schemas.marts import FORMER_NAME, FormerName
from schemas.registry import ENTITIES, KNOWN, MARTS, SEGMENTS, TABLES
from schemas.to_dbt import dbt_files
from schemas.types import Table
from tests.unit import lake as rows_of

AS_OF = date(2026, 1, 5)
STARTED_AT = datetime(2026, 1, 6, 2, tzinfo=UTC)
ORDER = {"order_id": "a", "ordered_at": "2026-01-05", "gross_amount": 1234, "net_amount": 1234}
CUTS = SEGMENTS["rfm_cut_points"]
CUT = {
    "as_of_date": AS_OF,
    "dimension": "recency",
    "bin": 1,
    "n_customers": 3,
    "method": "rank",
    "is_degenerate": False,
}

RUN = RunContext(AS_OF, time_zone="Europe/Amsterdam", currency="EUR", run_id="run 1", started_at=STARTED_AT)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "it's a lake"))


@pytest.fixture(autouse=True)
def objects_are_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake on file:// stands for one in an object store."""

    def file_of(address: str) -> Path:
        return Path(address.removeprefix("file://"))

    def put(address: str, content: bytes) -> None:
        file_of(address).parent.mkdir(parents=True, exist_ok=True)
        file_of(address).write_bytes(content)

    monkeypatch.setattr("pipeline.lake.read_object", lambda address: file_of(address).read_bytes())
    monkeypatch.setattr("pipeline.lake.put", put)
    # What is not told of its log is opened whenever it is asked for.
    monkeypatch.setattr("pipeline.lake.Lake._commits_from", lambda *_: [])


def past_of(path: Path) -> Path:
    """Where the build file's past is."""
    return path.parent / "it's past"


def build(lake: Lake, path: Path) -> Path:
    """The build file of a lake of which nothing is known at the date."""
    known = path.parent / "it's known"
    for name, mart in KNOWN.items():
        (known / name).mkdir(parents=True, exist_ok=True)
        schema = {column: kind.dtype.type for column, kind in mart.judged.items()}
        pl.DataFrame(schema=schema).write_parquet(known / name / "0.parquet")
    make_build_file(path, lake, known, past_of(path), RUN)
    return path


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def types(file: Path, table: str) -> list[tuple[str, str]]:
    return [row[:2] for row in rows(file, f'describe lake."{table}"')]


def test_the_file_shows_every_lake_table_with_the_columns_of_its_contract_and_origins_of_what_sources_deliver(
    lake: Lake, tmp_path: Path
) -> None:
    file = build(lake, tmp_path / "work" / "build.duckdb")
    names = rows(file, "select table_name from information_schema.tables where table_schema = 'lake' order by all")
    assert [name for (name,) in names] == sorted([*TABLES, *KNOWN, "run_context"])
    columns = {name: table.columns for name, table in TABLES.items()}
    for name, expected in (columns | {name: mart.judged for name, mart in KNOWN.items()}).items():
        origin = ORIGIN if name in ENTITIES else ()
        assert [column for column, _ in types(file, name)] == [*expected, *origin]


def test_rows_are_those_of_the_newest_version(lake: Lake, tmp_path: Path) -> None:
    for channel in ("web", "app"):
        lake.merge(ENTITIES["orders"], rows_of.delivered("orders", [ORDER | {"channel": channel}]).lazy())
    file = build(lake, tmp_path / "build.duckdb")
    found = rows(file, "select order_id, channel, net_amount, ordered_at::varchar from lake.orders")
    assert found == [("a", "app", Decimal("12.34"), "2026-01-05 12:00:00+00")]


def test_a_table_is_taken_for_as_large_as_it_is_though_the_last_night_brought_little(
    lake: Lake, tmp_path: Path
) -> None:
    # Two nights, 5,001 orders: a month before with few, one with many, and one with few; a file each.
    many = [ORDER | {"order_id": f"b{number}", "ordered_at": "2025-12-05"} for number in range(4_999)]
    few = [ORDER | {"order_id": "a", "ordered_at": "2025-11-05"}, ORDER | {"order_id": "c"}]
    for night in (many, few):
        lake.merge(ENTITIES["orders"], rows_of.delivered("orders", night).lazy())
    ((_, plan),) = rows(build(lake, tmp_path / "build.duckdb"), "explain (format json) select * from lake.orders")
    # DuckDB takes a fifth of rows to be left by any condition, here that a row is there still.
    assert 5_001 / 5 <= int(json.loads(plan)[0]["extra_info"]["Estimated Cardinality"]) <= 3 * 5_001 / 5


def test_amounts_are_exact_units_of_currency_in_the_type_of_money(lake: Lake, tmp_path: Path) -> None:
    lake.merge(ENTITIES["orders"], rows_of.delivered("orders", [ORDER | {"gross_amount": 29, "net_amount": -7}]).lazy())
    file = build(lake, tmp_path / "build.duckdb")
    assert dict(types(file, "orders"))["gross_amount"] == "DECIMAL(18,2)"
    assert rows(file, "select gross_amount, net_amount, discount_amount from lake.orders") == [
        (Decimal("0.29"), Decimal("-0.07"), Decimal("0.00"))
    ]


@pytest.mark.parametrize(("metric", "value"), [("net_spend", "12.34"), ("points", "1234.00")])
def test_the_value_of_a_tier_is_an_amount_where_tiers_are_made_by_amounts(
    lake: Lake, tmp_path: Path, metric: str, value: str
) -> None:
    table = SEGMENTS["loyalty"]
    row = dict.fromkeys(table.polars_schema) | {"as_of_date": AS_OF, "tier_metric": metric, "tier_value": 1234}
    lake.replace_as_of(table, AS_OF, pl.DataFrame([row], schema=table.polars_schema))
    file = build(lake, tmp_path / "build.duckdb")
    assert rows(file, "select tier_value from lake.loyalty") == [(Decimal(value),)]


@pytest.mark.parametrize(("dimension", "upper"), [("monetary", 12.345), ("recency", 1234.5)])
def test_a_cut_point_between_two_minor_units_stays_between_them(
    lake: Lake, tmp_path: Path, dimension: str, upper: float
) -> None:
    row = CUT | {"dimension": dimension, "upper": 1234.5}
    lake.replace_as_of(CUTS, AS_OF, pl.DataFrame([row], schema=CUTS.polars_schema))
    file = build(lake, tmp_path / "build.duckdb")
    assert rows(file, "select upper from lake.rfm_cut_points") == [(upper,)]


# An address is a remote lake, whatever is behind it.
@pytest.mark.parametrize("place", ["", "file://"], ids=["local", "remote"])
def test_rows_that_vanished_from_the_source_are_left_out(tmp_path: Path, place: str) -> None:
    lake = Lake(f"{place}{tmp_path}/lake")
    kept, vanished = (rows_of.delivered("orders", [ORDER | {"order_id": name}]) for name in ("kept", "vanished"))
    lake.merge(ENTITIES["orders"], pl.concat([kept, vanished]).lazy())
    lake.mark_deleted(
        ENTITIES["orders"], vanished.with_columns(order_month=pl.lit("2026-01"), deleted_at=pl.lit(STARTED_AT))
    )
    file = build(lake, tmp_path / "build.duckdb")
    assert rows(file, "select order_id from lake.orders") == [("kept",)]


def test_a_remote_lake_is_copied_with_the_types_of_a_local_one(tmp_path: Path) -> None:
    lake, remote = (Lake(f"{place}{tmp_path}/lake") for place in ("", "file://"))
    lake.merge(ENTITIES["orders"], rows_of.delivered("orders", [ORDER]).lazy())
    lake.replace_as_of(CUTS, AS_OF, pl.DataFrame([CUT], schema=CUTS.polars_schema))
    local, copied = build(lake, tmp_path / "local.duckdb"), build(remote, tmp_path / "copied.duckdb")
    for name in TABLES:
        assert types(copied, name) == types(local, name)
        assert rows(copied, f"from lake.{name}") == rows(local, f"from lake.{name}")
    assert rows(copied, "select order_id, net_amount, ordered_at::varchar from lake.orders") == [
        ("a", Decimal("12.34"), "2026-01-05 12:00:00+00")
    ]
    assert rows(copied, "select as_of_date, n_customers from lake.rfm_cut_points") == [(AS_OF, 3)]
    views = "select view_name from duckdb_views() where schema_name = 'lake'"
    known = [(name,) for name in KNOWN]
    assert sorted(rows(copied, views)) == sorted(known)
    assert sorted(rows(local, views)) == sorted([*known, ("orders",), ("rfm_cut_points",)])


def test_an_empty_table_has_the_types_that_it_has_with_rows(lake: Lake, tmp_path: Path) -> None:
    empty = build(lake, tmp_path / "empty.duckdb")
    lake.merge(ENTITIES["orders"], rows_of.delivered("orders", [ORDER]).lazy())
    lake.replace_as_of(CUTS, AS_OF, pl.DataFrame([CUT], schema=CUTS.polars_schema))
    full = build(lake, tmp_path / "full.duckdb")
    for name in ("orders", "rfm_cut_points"):
        assert types(empty, name) == types(full, name)
    assert rows(full, "select as_of_date, n_customers from lake.rfm_cut_points") == [(AS_OF, 3)]
    assert dict(types(full, "rfm_cut_points"))["as_of_date"] == "DATE"


def with_dates(table: Table, n: int, *, of: int | None = None) -> dict[date, pl.DataFrame]:
    """A row on each of n days, all null but its date and, where told, the number of customers."""
    days = [AS_OF - timedelta(days=day) for day in range(n)]
    row = dict.fromkeys(table.polars_schema) | ({} if of is None else {"n_customers": of})
    return {day: pl.DataFrame([row | {"as_of_date": day}], schema=table.polars_schema) for day in days}


COUNTED = "select as_of_date, n_customers from lake.rfm_cut_points order by all"


MOST_APART, NEWEST_APART = 6, 2
"""As few dates as show what many do."""


@pytest.fixture
def few_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_dates, "MOST_APART", MOST_APART)
    monkeypatch.setattr(past_dates, "NEWEST_APART", NEWEST_APART)


@pytest.mark.usefixtures("few_apart")
@pytest.mark.parametrize("place", ["", "file://"], ids=["local", "remote"])
def test_earlier_dates_come_from_one_file_that_follows_the_lake(tmp_path: Path, place: str) -> None:
    lake, file = Lake(f"{place}{tmp_path}/lake"), tmp_path / "build.duckdb"
    past = past_of(file) / f"{CUTS.name}.parquet"
    wanted = with_dates(CUTS, MOST_APART, of=1)
    lake.replace_dates(CUTS, wanted)
    build(lake, file)
    assert not past.exists()

    def shown() -> list[tuple[date, int]]:
        return rows(build(lake, file), COUNTED)

    def in_lake() -> list[tuple[date, int]]:
        return lake.scan(CUTS).select("as_of_date", "n_customers").sort("as_of_date").collect().rows()

    oldest, newest = AS_OF - timedelta(days=MOST_APART), AS_OF + timedelta(days=1)
    lake.replace_dates(
        CUTS, {day: with_dates(CUTS, 1, of=2)[AS_OF].with_columns(as_of_date=day) for day in (oldest, newest)}
    )
    assert shown() == in_lake()
    assert pl.read_parquet(past)["as_of_date"].max() == newest - timedelta(days=NEWEST_APART)
    made = past.stat().st_ino
    # A night more, and the newest date anew: the file stays.
    for day in (newest, newest + timedelta(days=1)):
        lake.replace_as_of(CUTS, day, with_dates(CUTS, 1, of=3)[AS_OF].with_columns(as_of_date=pl.lit(day)))
    assert shown() == in_lake()
    assert past.stat().st_ino == made
    # A month of nights: what they leave behind is added.
    later = [newest + timedelta(days=day) for day in range(2, MOST_APART)]
    lake.replace_dates(CUTS, {day: with_dates(CUTS, 1, of=5)[AS_OF].with_columns(as_of_date=day) for day in later})
    assert shown() == in_lake()
    assert pl.read_parquet(past)["as_of_date"].max() == later[-1] - timedelta(days=NEWEST_APART)
    # A date in it anew, a date gone, a file cut short.
    lake.replace_as_of(CUTS, oldest, with_dates(CUTS, 1, of=4)[AS_OF].with_columns(as_of_date=pl.lit(oldest)))
    assert shown() == in_lake()
    assert in_lake()[0] == (oldest, 4)
    lake.drop_dates(CUTS, [oldest])
    assert shown() == in_lake()
    past.write_bytes(past.read_bytes()[:100])
    assert shown() == in_lake()
    assert len(in_lake()) == MOST_APART + 2 + len(later)


@pytest.mark.usefixtures("few_apart")
def test_the_past_of_a_table_has_the_types_of_its_newest_dates(lake: Lake, tmp_path: Path) -> None:
    kept = [table for table in SEGMENTS.values() if table.is_dated and not table.is_thinned_out]
    file = build(lake, tmp_path / "build.duckdb")
    empty = {table.name: types(file, table.name) for table in kept}
    for table in kept:
        lake.replace_dates(table, with_dates(table, MOST_APART + 1))
    build(lake, file)
    for table in kept:
        assert (past_of(file) / f"{table.name}.parquet").exists()
        assert types(file, table.name) == empty[table.name]
        assert rows(file, f"select count(*) from lake.{table.name}") == [(MOST_APART + 1,)]


def test_the_run_context_is_one_row_of_what_the_run_knows(lake: Lake, tmp_path: Path) -> None:
    file = build(lake, tmp_path / "build.duckdb")
    assert rows(file, "select * exclude (started_at), epoch(started_at) from lake.run_context") == [
        (AS_OF, "Europe/Amsterdam", "EUR", "run 1", STARTED_AT.timestamp())
    ]


def test_the_file_is_made_anew(lake: Lake, tmp_path: Path) -> None:
    file, log = tmp_path / "build.duckdb", tmp_path / "build.duckdb.wal"
    file.write_text("half a database")
    log.write_text("half a log")
    spilled = tmp_path / "build.duckdb.tmp" / "duckdb_temp_storage-0.tmp"
    spilled.parent.mkdir()
    spilled.write_text("what a killed night could not hold in memory")
    build(lake, file)
    assert not log.exists()
    assert not spilled.parent.exists()
    build(lake, file)
    assert rows(file, "select count(*) from lake.run_context") == [(1,)]


def test_dbt_by_hand_leaves_half_of_the_memory_to_python() -> None:
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())["loyalty"]["outputs"]["build"]
    limit = Template(profile["settings"]["memory_limit"]).render(env_var=lambda _, default: default)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '80%'")
        most = connection.execute("select current_setting('memory_limit')").fetchall()[0][0]
        connection.execute("set memory_limit = ?", [limit])
        ours = connection.execute("select current_setting('memory_limit')").fetchall()[0][0]
    (most_gib, most_unit), (our_gib, our_unit) = most.split(), ours.split()
    assert most_unit == our_unit == "GiB"
    assert float(our_gib) == pytest.approx(float(most_gib) * 5 / 8, abs=0.2)


def test_the_newest_date_is_that_of_the_customers_scores(lake: Lake) -> None:
    assert newest_as_of(lake) is None
    rfm = SEGMENTS["rfm"]
    columns = {"customer_id": "c", "state": "prospect", "segment": "prospect", "segment_map": "rfm11"}
    for day in (AS_OF, date(2026, 1, 4)):
        row = dict.fromkeys(rfm.polars_schema) | columns | {"as_of_date": day}
        lake.replace_as_of(rfm, day, pl.DataFrame([row], schema=rfm.polars_schema))
    assert newest_as_of(lake) == AS_OF


def test_a_renamed_column_can_be_read_by_its_former_name_until_that_goes(lake: Lake, tmp_path: Path) -> None:
    project = Project(tmp_path / "dbt_project")
    shutil.copytree(DBT_PROJECT, project.folder, ignore=shutil.ignore_patterns("target"))
    mart = MARTS["rfm_cut_points"]
    column = copy.copy(mart.columns["n_customers"])
    column.metadata = (column.metadata or {}) | {FORMER_NAME: FormerName("customers", "0.4.0")}
    renamed = replace(mart, columns=mart.columns | {"n_customers": column})
    for place, text in dbt_files(TABLES.values(), [renamed]).items():
        if place.stem == mart.name:
            (tmp_path / place).write_text(text)
    parse(project)
    lake.replace_as_of(CUTS, AS_OF, pl.DataFrame([CUT], schema=CUTS.polars_schema))
    build_file, edition = build(lake, tmp_path / "build.duckdb"), tmp_path / "edition.duckdb"
    _, failure = Dbt(project=str(project.folder)).build(build_file, edition, {mart.name})
    assert failure is None
    assert rows(edition, "select n_customers, customers from marts.rfm_cut_points") == [(3, 3)]
    told = rows(edition, "select comment from duckdb_columns() where column_name = 'customers'")
    assert told == [("The former name of n_customers; goes with 0.4.0.",)]


def put_into_sci(build_file: Path, *rows: tuple[str, str | None]) -> None:
    """Rows of customers with their class, which can be any."""
    with duckdb.connect(str(build_file)) as connection:
        connection.executemany(
            """insert into lake.sci (as_of_date, customer_id, response_id, survey_id, survey_type, responded_at, age_days, sci_class)
            values (?, ?, 'r', 'care', 'relational', '2026-01-05', 0, ?)""",
            [(AS_OF, customer, sci_class) for customer, sci_class in rows],
        )


BROKEN = (("c1", "secure"), ("c1", "secure"), ("c2", "dreamy"), ("c3", "sleepy"), ("c4", "vulnerable"))
"""One key twice, and two classes that no list has."""


def test_a_mart_whose_rows_break_its_contract_is_not_made_and_its_test_need_not_run(lake: Lake, tmp_path: Path) -> None:
    build_file, edition = build(lake, tmp_path / "build.duckdb"), tmp_path / "edition.duckdb"
    put_into_sci(build_file, *BROKEN[1:2], *BROKEN[4:])
    assert Dbt().build(build_file, edition, {"customer_sci"})[1] is None
    put_into_sci(build_file, BROKEN[0], *BROKEN[2:4])
    events, failure = Dbt().build(build_file, edition, {"customer_sci"})
    assert failure is not None
    assert "customer_sci: rows that break its contract, by column: key 1, sci_class 2" in why_failed(events)
    kept = OURS.nodes().kept_while_made()
    assert kept["model.loyalty.customer_sci"]["name"] == "contract_customer_sci"
    assert len(kept) == len(MARTS)


def test_a_mart_in_slices_has_the_rows_of_the_table_and_keeps_its_contract(lake: Lake, tmp_path: Path) -> None:
    build_file, edition = build(lake, tmp_path / "build.duckdb"), tmp_path / "edition.duckdb"
    folder = tmp_path / "it's published" / "shop.lake"

    def put(referral: str, source: str | None, row: int) -> None:
        with duckdb.connect(str(build_file)) as connection:
            connection.execute(
                """insert into lake.referrals by name
                select ? as referral_id, ? as source, 'r.csv' as origin_file, ? as origin_row""",
                [referral, source, row],
            )

    def built(*, in_slices: bool) -> str:
        slices = begin_slices(folder, ["row_origins"]) if in_slices else None
        events, failure = Dbt().build(build_file, edition, {"row_origins"}, slices=slices)
        if slices:
            written.append(len(list((slices / "row_origins").iterdir())))
            settle_slices(edition, folder, mode=0o600)
        return why_failed(events) if failure else "built"

    put("a", "shop", 1)
    put("b", "shop", 1_000_000)
    written: list[int] = []
    seen = {}
    for in_slices in (False, True, False, True):
        assert built(in_slices=in_slices) == "built"
        seen[in_slices] = [
            rows(edition, "select * from quality.row_origins order by all"),
            rows(edition, "describe quality.row_origins"),
        ]
    of_table, of_view = ([(name, kind) for name, kind, *_ in found[1]] for found in seen.values())
    assert (of_table, seen[False][0]) == (of_view, seen[True][0])
    assert len(seen[True][0]) == 2
    # The first rows of a file, those after a million, and what tells the columns; and nothing but that a second time.
    assert written == [3, 1]
    remove_from_slices([folder], {"row_id": ["referrals a"]})
    assert rows(edition, "select row_id from quality.row_origins") == [("referrals b",)]
    assert built(in_slices=True) == "built"
    assert rows(edition, "select * from quality.row_origins order by all") == seen[True][0]
    put("a", "shop", 2)
    assert "row_origins: rows that break its contract, by column: key 1" in built(in_slices=True)
    put("c", None, 3)
    assert "row_origins: source has no value in 1 rows" in built(in_slices=True)


def test_the_test_of_a_mart_can_run_alone(lake: Lake, tmp_path: Path) -> None:
    build_file, edition = build(lake, tmp_path / "build.duckdb"), tmp_path / "edition.duckdb"
    put_into_sci(build_file, *BROKEN[1:2], *BROKEN[4:])
    assert Dbt().build(build_file, edition, {"customer_sci"})[1] is None
    (passed,) = Dbt().build(build_file, edition, {"contract_customer_sci"})[0][-1:]
    assert passed["data"]["node_info"]["node_status"] == "pass"
    with duckdb.connect(str(edition)) as connection:
        for changed in ("*", "* replace ('c2' as customer_id, 'dreamy' as sci_class)"):
            connection.execute(
                f"insert into marts.customer_sci select {changed} from marts.customer_sci where customer_id = 'c1' limit 1"
            )
    events, failure = Dbt().build(build_file, edition, {"contract_customer_sci"})
    assert failure is not None
    (told,) = (event["data"] for event in events if event["info"]["name"] == "LogTestResult")
    # The key that is there twice, and the row of no class.
    assert (told["node_info"]["node_status"], int(told["num_failures"])) == ("fail", 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("* replace (cast(sci_box as double) as sci_box)", "column sci_box is BIGINT in the contract and DOUBLE in the query"),
        ("* exclude (sci_box)", "column sci_box is BIGINT in the contract and missing in the query"),
        ("*, 1::bigint as extra", "column extra is missing in the contract and BIGINT in the query"),
    ],
)  # fmt: skip
def test_a_mart_whose_query_has_other_columns_than_its_contract_is_refused(
    lake: Lake, tmp_path: Path, change: str, words: str
) -> None:
    build_file = build(lake, tmp_path / "build.duckdb")
    with duckdb.connect(str(build_file)) as connection:
        connection.execute(f"create or replace table lake.sci as select {change} from lake.sci")
    events, failure = Dbt().build(build_file, tmp_path / "edition.duckdb", {"customer_sci"})
    assert failure is not None
    assert f"customer_sci: {words}" in why_failed(events)
    assert "\x1b" not in why_failed(events)
