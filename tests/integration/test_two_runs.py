"""Two runs of one home, and a run that is killed: one writes, others are refused, and the next finishes the work."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.run_lock import POOL, lock_holder
from pipeline.run_records import HOME_TAG, NIGHTLY
from tests.scenario import ROOT, Result, Shop, make_shop, order_lines, started

DAY = "2026-06-29"
ORDERS = 40
PATIENCE_SECONDS = 240


def ended(process: subprocess.Popen[str]) -> Result:
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return Result(process.returncode, output)


def wait_until_orders_are_merged(shop: Shop, process: subprocess.Popen[str]) -> None:
    commit = shop.home / "lake" / "orders" / "_delta_log"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(commit.glob("*.json")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class Collision:
    """A run killed in the middle while another one was refused; then two runs started at once."""

    shop: Shop
    killed_pid: int
    refused: Result
    holder_after_kill: str | None
    at_once: list[Result]


@pytest.fixture(scope="module")
def collision(tmp_path_factory: pytest.TempPathFactory) -> Collision:
    shop = make_shop(tmp_path_factory.mktemp("collision"), order_lines(ORDERS))
    with started(shop, "run", "--as-of", DAY) as killed:
        wait_until_orders_are_merged(shop, killed)
        refused = shop.run(DAY)
        assert killed.poll() is None
        killed.kill()
        killed.wait()
    holder = lock_holder(shop.home)
    with started(shop, "run", "--as-of", DAY) as one, started(shop, "run", "--as-of", DAY) as other:
        at_once = sorted((ended(one), ended(other)), key=lambda result: result.exit_code)
    return Collision(shop, killed.pid, refused, holder, at_once)


def test_a_second_run_is_refused_in_one_line_that_names_the_first(collision: Collision) -> None:
    assert collision.refused.exit_code == 1
    [line] = collision.refused.output.splitlines()
    home, pid = re.escape(str(collision.shop.home)), collision.killed_pid
    assert re.fullmatch(
        rf"error: home {home} is in use by loyalty run --as-of {DAY} \(process {pid}\) "
        r"since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC; wait for it to end, or stop that process",
        line,
    )


def test_a_killed_run_leaves_no_lock(collision: Collision) -> None:
    assert collision.holder_after_kill is None


def test_of_two_runs_started_at_once_one_finishes_and_one_is_refused(collision: Collision) -> None:
    finished, refused = collision.at_once
    assert (finished.exit_code, refused.exit_code) == (0, 1), finished.output
    assert finished.error_lines == []
    [line] = refused.output.splitlines()
    assert line.startswith(f"error: home {collision.shop.home} is in use by ")


def test_the_lake_and_the_warehouse_are_as_after_one_run(collision: Collision) -> None:
    shop = collision.shop
    assert sorted(shop.entity("orders")["order_id"]) == sorted(f"o{number}" for number in range(ORDERS))
    assert shop.query("select count(*), count(distinct order_id) from marts.fct_orders") == [(ORDERS, ORDERS)]
    assert shop.query("select count(*) from quality.rejected_rows") == [(0,)]
    assert [path.name for path in shop.home.glob("*.duckdb*")] == ["warehouse.duckdb"]


def test_a_refused_run_leaves_no_record_and_a_killed_one_is_known_by_its_home(collision: Collision) -> None:
    home = collision.shop.home
    with collision.shop.dagster() as instance:
        runs = instance.get_runs()
    assert [run.status.value for run in runs] == ["SUCCESS", "FAILURE"]
    assert {run.tags[HOME_TAG] for run in runs} == {str(home)}


def test_dagster_queues_a_second_run_of_the_pool(collision: Collision) -> None:
    with collision.shop.dagster() as instance:
        pools = instance.get_concurrency_config().pool_config
        pools_of_runs = [run.run_op_concurrency.all_pools for run in instance.get_runs() if run.run_op_concurrency]
        assert instance.run_monitoring_enabled
    assert (pools.pool_granularity.value, pools.default_pool_limit) == ("run", 1)
    assert pools_of_runs == [{POOL}, {POOL}]


def test_every_asset_is_in_the_pool_and_every_step_needs_the_lock(tmp_path: Path) -> None:
    defs = build_defs(load_settings(ROOT / "loyalty.yaml", home=tmp_path))
    assets = [asset for asset in defs.assets or [] if isinstance(asset, dg.AssetsDefinition)]
    assert len(assets) > 10
    assert [asset.op.name for asset in assets if asset.op.pools != {POOL}] == []
    steps = resolved_steps(defs)
    assert len(steps) > len(assets)
    assert [name for name, step in steps.items() if "home" not in step.required_resource_keys] == []


def resolved_steps(defs: dg.Definitions) -> dict[str, dg.OpDefinition]:
    """The steps of the nightly job, those that only check included."""
    return {node.name: node.definition for node in defs.resolve_job_def(NIGHTLY).nodes}
