"""A night that is killed at any step: the next run ends as if nothing had happened."""

import shutil
import signal
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from pipeline.definitions import build_defs
from pipeline.editions import list_editions
from pipeline.jobs import NIGHTLY
from pipeline.settings import load_settings
from schemas.registry import TABLES
from tests.processes import Moment, Strike, moments, run
from tests.scenario import HEADER, Shop, order_lines

MONDAY, TUESDAY = "2026-06-29", "2026-06-30"
HOMES = 7
"""Homes that are killed in turn, each at every seventh step; each then has one undisturbed run."""
EDITIONS = 2
PUBLISH = "publish__warehouse"

ORDERS_SQL = """
select
    order_id, customer_id, ordered_at, status, 'EUR' as currency,
    amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount,
    _file, _row,
from orders
"""
MAPPINGS = {
    "orders": ORDERS_SQL,
    "order_lines": "select order_id, line_number, ordered_at, quantity, 'EUR' as currency, amount as line_amount, _file, _row from order_lines",
    "reviews": "select review_id, order_id, customer_id, stars as rating, '1' as rating_min, '5' as rating_max, written_at as created_at, _file, _row from reviews",
    "surveys": "select response_id, customer_id, submitted_at, happy, again, recommend, _file, _row from surveys",
    "customers": "select customer_id, email, _file, _row from customers",
}
SURVEY = {
    "type": "relational",
    "items": {
        "happy": {"role": "satisfaction", "scale": [1, 5]},
        "again": {"role": "repurchase", "scale": [1, 5]},
        "recommend": {"role": "recommend", "scale": [0, 10], "nps": True},
    },
}
OF_THE_RUN = {"run_id", "started_at"}


@dataclass(frozen=True)
class Copy(Shop):
    """The same shop with another home."""

    name: str = "home"

    @property
    def home(self) -> Path:
        return self.folder / self.name


def write_shop(folder: Path) -> Copy:
    """A shop with a source of every entity."""
    for entity, sql in MAPPINGS.items():
        (folder / f"{entity}.sql").write_text(sql)
        (folder / entity).mkdir()
    sources = [
        {"name": f"shop_{entity}", "entity": entity, "mapping": f"{entity}.sql", "inputs": {entity: entity}}
        | ({"survey": "asked"} if entity == "surveys" else {})
        | ({"full_snapshot": True} if entity == "customers" else {})
        for entity in MAPPINGS
    ]
    tree = {
        "shop": {"name": "Test", "time_zone": "Europe/Amsterdam", "currency": "EUR"},
        "sources": sources,
        "surveys": {"asked": SURVEY},
        "quality": {"max_reject_rate": 0.5},
        "retention": {"editions": EDITIONS},
    }
    shop = Copy(folder, {"LOYALTY_PII_KEY": "a key for the tests"})
    shop.config.write_text(yaml.safe_dump(tree))
    return shop


def write_export(shop: Shop, name: str, header: str, lines: list[str]) -> None:
    (shop.folder / name).write_text("\n".join([header, *lines]) + "\n")


def write_night(shop: Shop, night: int) -> None:
    """The exports of a night: the second one brings changed, late, rejected and broken rows, and lacks a customer."""
    orders = order_lines(40)
    write_export(
        shop,
        "orders/first.csv",
        HEADER,
        [line.replace("paid", "shipped") if night == 2 and n % 9 == 0 else line for n, line in enumerate(orders)],
    )
    numbers = range(30 * night)
    write_export(
        shop,
        "order_lines/all.csv",
        "order_id,line_number,ordered_at,quantity,amount",
        [f"o{n},1,2026-0{1 + n % 6}-0{1 + n % 9} 12:00:00,1,5.00" for n in numbers],
    )
    write_export(
        shop,
        "reviews/all.csv",
        "review_id,order_id,customer_id,stars,written_at",
        [f"r{n},o{n},c{n // 2},{n % 6 if night == 2 else 1 + n % 5},2026-06-01 12:00:00" for n in numbers],
    )
    write_export(
        shop,
        "surveys/all.csv",
        "response_id,customer_id,submitted_at,happy,again,recommend",
        [f"s{n},c{n % 20},2026-06-0{1 + n % 9} 12:00:00,{1 + n % 5},{1 + n % 5},{n % 11 + night - 1}" for n in numbers],
    )
    write_export(
        shop,
        "customers/all.csv",
        "customer_id,email",
        [f"c{n},Person{n % 18}@example.org" for n in range(20 + night) if (n, night) != (20, 2)],
    )
    if night == 2:
        late = ["o900,c1,2025-12-31 12:00:00,paid,12.00", "o901,c2,2026-06-29 12:00:00,paid,9.00"]
        write_export(shop, "orders/second.csv", HEADER, [*late, "o902,c3,31/02/2026,paid,1.00", "broken"])


def contents(shop: Shop) -> dict[str, pl.DataFrame]:
    """All that a home holds but for when and in which run it was made; of the batches those in which there was anything."""
    found = {}
    for name, table in TABLES.items():
        rows = shop.lake.scan(table).collect()
        if name == "batches":
            rows = rows.filter(pl.col("lines_read") + pl.col("rows_mapped") > 0)
        found[f"lake {name}"] = rows.drop(OF_THE_RUN, strict=False).unique()
    for schema, name in shop.query("select schema_name, table_name from duckdb_tables() order by all"):
        where = "where lines_read + rows_mapped > 0" if name == "run_summary" else ""
        names = [
            column for (column,) in shop.query(f"select column_name from duckdb_columns() where table_name = '{name}'")
        ]
        kept = ", ".join(column for column in names if column not in OF_THE_RUN)
        rows = pl.DataFrame(
            shop.query(f"select distinct {kept} from {schema}.{name} {where}"), orient="row", infer_schema_length=None
        )
        found[f"{schema} {name}"] = rows
    return {name: rows.sort(pl.all().cast(pl.String)) if rows.width else rows for name, rows in found.items()}


@dataclass
class Night:
    """A shop after Monday's run, with Tuesday's files; and an undisturbed Tuesday."""

    shop: Copy
    steps: list[str]
    moments: list[Moment]
    expected: dict[str, pl.DataFrame]

    def home(self, name: str) -> Copy:
        """A copy of the home as Monday left it."""
        copy = Copy(self.shop.folder, self.shop.environment, name)
        shutil.copytree(self.shop.home, copy.home)
        return copy

    @cached_property
    def moments_of_step(self) -> Counter[str]:
        return Counter(step for step, _ in self.moments)

    def moment(self, step: str, what: str) -> int:
        """The number of a moment within its step."""
        return [told for its, told in self.moments if its == step].index(what)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    shop = write_shop(tmp_path_factory.mktemp("killed"))
    write_night(shop, 1)
    first = run(shop, MONDAY)
    assert first.exit_code == 0, first.output
    write_night(shop, 2)
    twin = Copy(shop.folder, shop.environment, "undisturbed")
    shutil.copytree(shop.home, twin.home)
    told = moments(twin, TUESDAY)
    job = build_defs(load_settings(shop.config, home=shop.home)).resolve_job_def(NIGHTLY)
    return Night(shop, [node.name for node in job.nodes_in_topological_order], told, contents(twin))


def assert_as_undisturbed(shop: Copy, night: Night) -> None:
    found = contents(shop)
    assert found.keys() == night.expected.keys()
    for name, rows in found.items():
        try:
            assert_frame_equal(rows, night.expected[name])
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
    left = {path.name for path in shop.home.rglob("*") if path.suffix in {".wal", ".new", ".building"}}
    assert left == set()
    editions = list_editions(shop.home / "editions")
    assert len(editions) == EDITIONS
    for edition in editions:
        with duckdb.connect(str(edition), read_only=True) as connection:
            assert connection.execute("select count(*) >= 40 from marts.fct_orders").fetchall() == [(True,)]


def test_every_night_has_work_for_every_step(night: Night) -> None:
    assert len(night.steps) >= 20
    assert set(night.moments_of_step) == set(night.steps)


@pytest.mark.parametrize("first", range(HOMES))
def test_a_night_killed_at_any_step_ends_like_an_undisturbed_one(night: Night, first: int) -> None:
    """A step is struck at its begin, half-way, when its first data is in the lake and not yet committed, or at its end."""
    shop = night.home(f"killed_{first}")
    for number, step in list(enumerate(night.steps))[first::HOMES]:
        last = night.moments_of_step[step] - 1
        killed = run(shop, TUESDAY, strike=Strike(step, [0, last // 2, None, last][number % 4]))
        assert killed.exit_code == -signal.SIGKILL, f"{step}: {killed.output}"
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, night)


def test_a_night_killed_while_it_publishes_leaves_the_old_warehouse_or_the_new_one(night: Night) -> None:
    shop = night.home("publishing")
    old = shop.warehouse.read_bytes()
    writing = night.moment(PUBLISH, "call write_edition") + 100
    for number in (writing, night.moment(PUBLISH, "call publish")):
        assert run(shop, TUESDAY, strike=Strike(PUBLISH, number)).exit_code == -signal.SIGKILL
        assert shop.warehouse.read_bytes() == old
    renamed = night.moment(PUBLISH, "call list_editions")
    assert run(shop, TUESDAY, strike=Strike(PUBLISH, renamed)).exit_code == -signal.SIGKILL
    assert shop.query("select count(*) from marts.fct_orders") == [(42,)]
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, night)
