"""A shop with a source of every entity on two nights, and everything in its home. No expected value belongs here."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl
import yaml
from polars.testing import assert_frame_equal

from pipeline.warehouse.editions import list_editions
from schemas.registry import TABLES
from tests.processes import Moment, moments, moments_told, run
from tests.scenario import HEADER, ORDERS_SQL, Shop, order_lines

MONDAY, TUESDAY = "2026-06-29", "2026-06-30"
EDITIONS = 2

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
OF_THE_RUN = {"run_id", "started_at", "started_at_local"}
ENVIRONMENT = {"LOYALTY_PII_KEY": "a key for the tests"}
TWIN = "undisturbed"


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
        "history": "none",
    }
    shop = Copy(folder, ENVIRONMENT)
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


def make_two_nights(folder: Path) -> None:
    """A shop after Monday's run, with Tuesday's files, and a twin of it after an undisturbed Tuesday."""
    shop = write_shop(folder)
    write_night(shop, 1)
    first = run(shop, MONDAY)
    assert first.exit_code == 0, first.output
    write_night(shop, 2)
    twin = Copy(shop.folder, shop.environment, TWIN)
    shutil.copytree(shop.home, twin.home)
    moments(twin, TUESDAY)


@dataclass(frozen=True)
class TwoNights:
    """What `make_two_nights` has made."""

    folder: Path

    def home(self, name: str) -> Copy:
        """A copy of the home as Monday left it, for a Tuesday that is disturbed."""
        shop = Copy(self.folder, ENVIRONMENT)
        copy = Copy(self.folder, ENVIRONMENT, name)
        shutil.copytree(shop.home, copy.home, dirs_exist_ok=True)
        return copy

    @cached_property
    def undisturbed(self) -> dict[str, pl.DataFrame]:
        """What the home holds after an undisturbed Tuesday."""
        return contents(Copy(self.folder, ENVIRONMENT, TWIN))

    @cached_property
    def moments(self) -> list[Moment]:
        """What happened within each step of that Tuesday."""
        return moments_told(self.folder)


def contents(shop: Shop) -> dict[str, pl.DataFrame]:
    """Everything in a home except when and by which run it was made; of the batches, those with anything in them."""
    found = {}
    for name, table in TABLES.items():
        rows = shop.lake.scan(table, with_origin=table.is_delivered).collect()
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


def assert_as_undisturbed(shop: Copy, expected: dict[str, pl.DataFrame]) -> None:
    """The home holds what an undisturbed one does, nothing half-written, and only readable editions."""
    found = contents(shop)
    assert found.keys() == expected.keys()
    for name, rows in found.items():
        try:
            assert_frame_equal(rows, expected[name])
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
    left = {path.name for path in shop.home.rglob("*") if path.suffix in {".wal", ".new", ".building"}}
    assert left == set(), left
    editions = list_editions(shop.home / "editions")
    assert len(editions) == EDITIONS
    for edition in editions:
        with duckdb.connect(str(edition), read_only=True) as connection:
            assert connection.execute("select count(*) >= 40 from marts.fct_orders").fetchall() == [(True,)]
