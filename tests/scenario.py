"""Small shops on disk and the command run on them. No expected value belongs here."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import duckdb
import polars as pl
import yaml
from typer.testing import CliRunner

from pipeline.asset_keys import RUN_CONTEXT
from pipeline.asset_keys import table as table_key
from pipeline.cli import app
from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.jobs import NIGHTLY
from pipeline.lake import Lake
from schemas.registry import ENTITIES, SEGMENTS, TABLES

ROOT = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("LOYALTY_REAL_DATA", ROOT.parent / "shared" / "data"))
"""Real data that is never part of the project; tests that need it skip where it is absent."""

ORDERS_SQL = """
select
    order_id, customer_id, ordered_at, status, 'EUR' as currency,
    amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount,
    _file, _row,
from orders
"""
HEADER = "order_id,customer_id,ordered_at,status,amount"


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code and all it printed."""

    exit_code: int
    output: str

    @property
    def error_lines(self) -> list[str]:
        """The lines that tell the user what went wrong."""
        return [line for line in self.output.splitlines() if line.startswith("error:")]


@dataclass(frozen=True)
class Shop:
    """A configuration file and a home folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "loyalty.yaml"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def lake(self) -> Lake:
        return Lake(str(self.home / "lake"))

    def loyalty(self, *arguments: str, config: Path | None = None) -> Result:
        """Run a command of the command line in this process."""
        environment = {**self.environment, "LOYALTY_HOME": str(self.home)}
        result = CliRunner().invoke(app, [*arguments, "--config", str(config or self.config)], env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.output)

    def run(self, as_of: str, *, config: Path | None = None) -> Result:
        """A night, even if nothing is new."""
        return self.loyalty("run", "--as-of", as_of, "--force", config=config)

    def configure(self, **sections: Any) -> None:
        """Put sections of the configuration in place of those it has."""
        tree = yaml.safe_load(self.config.read_text())
        self.config.write_text(yaml.safe_dump({**tree, **sections}))

    def add_people(self, select: str, *lines: str) -> None:
        """A source of customers: `lines` of people.csv with their header first, and what its mapping selects from `people`."""
        (self.folder / "people.csv").write_text("\n".join(lines) + "\n")
        (self.folder / "people.sql").write_text(f"select {select} from people")
        tree = yaml.safe_load(self.config.read_text())
        people = {"name": "people", "entity": "customers", "mapping": "people.sql", "inputs": {"people": "people.csv"}}
        tree["sources"].append(people)
        self.config.write_text(yaml.safe_dump(tree))

    def ingest(self, as_of: str) -> None:
        """The steps of a night up to the lake: everything a source's rows go through, at an eighth of a night's cost."""
        self._run_steps(as_of, {}, lambda key: key.path[0] in ("sources", "lake") and key != RUN_CONTEXT)

    def compute(self, as_of: str, *tables: str, **tags: str) -> dg.ExecuteInProcessResult:
        """The steps of a night that compute these dated tables; tags by the part of their name after `loyalty/`."""
        named = {f"loyalty/{name.rstrip('_')}": value for name, value in tags.items()}
        keys = [table_key(name) for name in tables]
        return self._run_steps(as_of, named, lambda key: key in keys)

    def build(self, as_of: str, *assets: str) -> dg.ExecuteInProcessResult:
        """The steps of a night that make these assets, as they are called in the UI."""
        return self._run_steps(as_of, {}, lambda key: key.to_user_string() in assets)

    def _run_steps(
        self, as_of: str, tags: dict[str, str], is_wanted: Callable[[dg.AssetKey], bool]
    ) -> dg.ExecuteInProcessResult:
        with patch.dict(os.environ, self.environment):
            settings = load_settings(self.config, home=self.home)
        job = build_defs(settings).resolve_job_def(NIGHTLY)
        steps = [key for key in job.asset_layer.executable_asset_keys if is_wanted(key)]
        with dg.DagsterInstance.ephemeral() as instance:
            quietly = {"loggers": {"progress": {}}}
            return job.execute_in_process(
                asset_selection=steps, partition_key=as_of, tags=tags, instance=instance, run_config=quietly
            )

    @contextmanager
    def dagster(self) -> Iterator[dg.DagsterInstance]:
        """What Dagster has recorded of the runs."""
        with patch.dict(os.environ, DAGSTER_HOME=str(self.home / "dagster")), dg.DagsterInstance.get() as instance:
            yield instance

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the published warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def versions(self) -> dict[str, int]:
        """The version of every lake table."""
        return {name: self.lake.version(table) for name, table in TABLES.items()}

    def partition(self, table: str, as_of: str) -> pl.DataFrame:
        """A segment table at one date, sorted by its key."""
        rows = self.lake.scan(SEGMENTS[table]).filter(pl.col("as_of_date") == pl.lit(as_of).str.to_date())
        return rows.collect().sort(SEGMENTS[table].key)

    def entity(self, table: str) -> pl.DataFrame:
        """A lake table, sorted by its key."""
        return self.lake.scan(ENTITIES[table]).collect().sort(ENTITIES[table].key)


@contextmanager
def started(
    shop: Shop, *arguments: str, code: str = "from pipeline.cli import app; app()"
) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own; killed if it still runs at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--config", str(shop.config)],
        cwd=ROOT,
        env={**os.environ, "LOYALTY_HOME": str(shop.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_risk_has_its_reason(shop: Shop) -> None:
    """Everyone at risk has a first reason that raises the risk, and nobody is at risk before being overdue."""
    ((n, n_raised, n_early),) = shop.query(
        "select count(*), count(*) filter (risk_contribution_1 > 0), "
        "count(*) filter (days_since_last_order < overdue_after_days) from marts.customer_churn_risk "
        "where churn_band in ('at_risk', 'highly_at_risk', 'lost')"
    )
    assert n > 1000
    assert (n_raised, n_early) == (n, 0)


def configuration(**changes: Any) -> dict[str, Any]:
    """The configuration of a shop with one CSV file of orders; its first night computes one date."""
    source = {"name": "csv_orders", "entity": "orders", "mapping": "orders.sql", "inputs": {"orders": "orders.csv"}}
    shop = {"name": "Test", "time_zone": "Europe/Amsterdam", "currency": "EUR"}
    return {"shop": shop, "sources": [source], "history": "none", **changes}


def make_shop(folder: Path, orders: list[str], **changes: Any) -> Shop:
    """A shop whose export is `orders`: lines under HEADER."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders.sql").write_text(ORDERS_SQL)
    (folder / "orders.csv").write_text("\n".join([HEADER, *orders]) + "\n")
    shop = Shop(folder)
    shop.config.write_text(yaml.safe_dump(configuration(**changes)))
    return shop


def order_lines(n: int) -> list[str]:
    """`n` good lines of orders, two per customer, in the first half of 2026."""
    return [f"o{i},c{i // 2},2026-{1 + i % 6:02}-{1 + i % 28:02} 12:00:00,paid,{10 + i % 50}.50" for i in range(n)]


def make_demo(folder: Path, *, end_date: str, **changes: Any) -> Shop:
    """The bundled demo shop with a fixed last day and no history, and with changes to its simulation."""
    folder.mkdir(parents=True, exist_ok=True)
    tree = yaml.safe_load((ROOT / "loyalty.yaml").read_text())
    tree["demo"] |= {"end_date": end_date, **changes}
    tree["history"] = "none"
    shop = Shop(folder)
    shop.config.write_text(yaml.safe_dump(tree))
    return shop
