"""That the benchmark still runs on a shop of today's contracts, every step of it, and finds the same by both programs."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from schemas.registry import ENTITIES, SEGMENTS


def run(module: str, *arguments: str | Path) -> str:
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_both_programs_find_the_same_in_a_shop_with_every_column_of_the_contracts_and_every_step_runs(
    tmp_path: Path,
) -> None:
    orders, customers = tmp_path / "orders.parquet", tmp_path / "customers.parquet"
    run("shop", 20_000, orders, customers, tmp_path / "voices")
    for file in (orders, customers, *(tmp_path / "voices").iterdir()):
        assert dict(pl.read_parquet_schema(file)) == dict(ENTITIES[file.stem].polars_schema), file.stem
    found = [json.loads(run(program, orders, customers, tmp_path)) for program in ("with_pipeline", "with_sql")]
    assert found[0] == found[1]
    assert found[0]["segments"]["champions"][0] > 0
    steps = json.loads(run("steps", orders, customers, tmp_path / "voices"))
    tables = {name: {table for table in step if table in SEGMENTS} for name, step in steps.items()}
    assert all(tables[name] for name in set(steps) - {"facts", "features"})
    assert steps["rfm"]["rfm"] >= steps["features"]["features"] >= steps["preferences"]["customer_preferences"] > 0
