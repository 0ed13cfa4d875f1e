"""Nights of a small job as Dagster records them, and an edition with only its date: for code that reads only the records."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipeline.dagster_home import prepare_dagster_home
from pipeline.run_records import HOME_TAG, NIGHTLY
from pipeline.settings import Settings

DAY = date(2026, 6, 30)


@contextmanager
def records_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster's records in a home, as the product keeps them; the environment is restored afterwards."""
    for name in ("DAGSTER_HOME", "LOYALTY_HOME"):
        monkeypatch.setenv(name, "")
    shutil.copytree(_without_records().name, home, dirs_exist_ok=True)
    prepare_dagster_home(home)
    with dg.DagsterInstance.get() as instance:
        yield instance


@cache
def _without_records() -> TemporaryDirectory[str]:
    """A home with Dagster's empty tables: to make them takes five times as long as to copy them."""
    made = TemporaryDirectory()
    prepare_dagster_home(Path(made.name))
    with dg.DagsterInstance.get() as instance:
        instance.get_runs()
    return made


ORDERS = dg.AssetKey(["sources", "orders"])


def night(
    instance: dg.DagsterInstance, settings: Settings, *, error: Exception | None = None, warns: tuple[str, ...] = ()
) -> str:
    """A run of a job that is called nightly, with an asset that fails or checks that warn."""

    @dg.asset(key_prefix="sources", check_specs=[dg.AssetCheckSpec(name, asset=ORDERS) for name in warns])
    def orders() -> Iterator[Any]:
        if error:
            raise error
        yield dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(
                    passed=False, severity=dg.AssetCheckSeverity.WARN, check_name=name, description=f"{name} of 3 rows"
                )
                for name in warns
            ]
        )

    job = dg.Definitions([orders], jobs=[dg.define_asset_job(NIGHTLY)]).resolve_job_def(NIGHTLY)
    tags = {HOME_TAG: str(settings.home), "dagster/partition": str(DAY)}
    return job.execute_in_process(instance=instance, raise_on_error=False, tags=tags).run_id


def publish_edition(settings: Settings, day: date) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema quality")
        connection.execute("create table quality.lake_versions as select ?::date as as_of_date", [day])
        connection.execute(
            "create table quality.notices as select ?::date as as_of_date, 'no_nps' as kind, 'empty' as message", [day]
        )
