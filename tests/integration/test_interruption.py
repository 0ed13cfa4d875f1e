"""Commands that are told to stop by a signal: one line, soon, with the exit code of a shell; and the next run finishes the work."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import _what_is_published, app
from pipeline.run_lock import lock_holder
from schemas.registry import ENTITIES, SEGMENTS
from tests.scenario import ROOT, Shop, make_shop, order_lines, started

DAY = "2026-06-29"
ORDERS = 40
AT_MOST_SECONDS = 5
WAITS = """
import sys, time
from pipeline.cli import app
from pipeline.commands import {module}

def wait(*given, **named):
    print("waiting", flush=True)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

{module}.{function} = wait
app(sys.argv[1:])
"""


@dataclass(frozen=True)
class Ended:
    exit_code: int
    seconds: float
    output: str
    """What was printed from the signal on."""


def told_to_stop(process: subprocess.Popen[str], number: signal.Signals) -> Ended:
    assert process.stdout is not None
    started = time.monotonic()
    process.send_signal(number)
    output = process.stdout.read()
    return Ended(process.wait(), time.monotonic() - started, output)


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    assert any(words in line for line in process.stdout)


# A run


@dataclass
class Interrupted:
    """A shop whose run was interrupted by Ctrl-C, then by SIGTERM while dbt was at work, and then left alone."""

    shop: Shop
    by_ctrl_c: Ended
    by_sigterm: Ended
    holder: str | None
    had_warehouse: bool


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    shop = make_shop(tmp_path_factory.mktemp("interrupted"), order_lines(ORDERS))
    with started(shop, "run", "--as-of", DAY) as process:
        wait_for(process, "lake/orders")
        by_ctrl_c = told_to_stop(process, signal.SIGINT)
    with started(shop, "run", "--as-of", DAY) as process:
        wait_for(process, "lake/run_context")
        by_sigterm = told_to_stop(process, signal.SIGTERM)
    return Interrupted(shop, by_ctrl_c, by_sigterm, lock_holder(shop.home), shop.warehouse.exists())


def test_a_run_ends_soon_with_the_exit_code_of_a_shell(interrupted: Interrupted) -> None:
    assert (interrupted.by_ctrl_c.exit_code, interrupted.by_sigterm.exit_code) == (130, 143)
    assert max(interrupted.by_ctrl_c.seconds, interrupted.by_sigterm.seconds) < AT_MOST_SECONDS


def test_an_interrupted_run_says_so_in_its_last_line_and_nothing_else(interrupted: Interrupted) -> None:
    for ended in (interrupted.by_ctrl_c, interrupted.by_sigterm):
        *before, last = ended.output.splitlines()
        assert last == "interrupted, nothing published; run again"
        # Assets that were done in the same moment.
        assert [line for line in before if not line.startswith("  done  ")] == []


def test_an_interrupted_run_leaves_no_lock_and_no_warehouse(interrupted: Interrupted) -> None:
    assert interrupted.holder is None
    assert not interrupted.had_warehouse


def test_the_next_run_finishes_the_work(interrupted: Interrupted) -> None:
    shop = interrupted.shop
    result = shop.run(DAY)
    assert result.exit_code == 0, result.output
    assert shop.query("select count(*), count(distinct order_id) from marts.fct_orders") == [(ORDERS, ORDERS)]
    assert [path.name for path in shop.home.glob("*.duckdb*")] == ["warehouse.duckdb"]


def test_who_interrupts_after_the_warehouse_was_swapped_is_told_so(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", order_lines(2))
    shop.home.mkdir()
    shop.warehouse.write_text("yesterday's")
    words = _what_is_published(shop.warehouse)
    assert words() == "interrupted, nothing published; run again"
    (shop.home / "new").write_text("today's")
    (shop.home / "new").replace(shop.warehouse)
    assert words() == "interrupted, the warehouse is published; run again"


# Other commands, at a step that hears nothing


@pytest.mark.parametrize(
    ("arguments", "module", "function", "words"),
    [
        (["erase", "--customer", "c1"], "erase", "erase", "parts of the person's data may be left; erase again"),
        (["export", "actions"], "export", "export_actions", "no file written; export again"),
        (["check"], "check", "check_sources", "nothing written; run again"),
    ],
)
def test_a_command_that_hears_nothing_is_ended_all_the_same(
    tmp_path: Path, arguments: list[str], module: str, function: str, words: str
) -> None:
    shop = make_shop(tmp_path / "shop", order_lines(2))
    # Nobody is erased from a home that has read nothing.
    shop.lake.ensure(ENTITIES["orders"])
    with started(shop, *arguments, code=WAITS.format(module=module, function=function)) as process:
        wait_for(process, "waiting")
        ended = told_to_stop(process, signal.SIGINT)
    assert (ended.exit_code, ended.output) == (130, f"interrupted, {words}\n")
    assert ended.seconds < AT_MOST_SECONDS
    assert lock_holder(shop.home) is None


def test_an_interrupted_init_writes_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id\n1\n")
    code = WAITS.format(module="init", function="read_files")
    command = [sys.executable, "-c", code, "init", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        wait_for(process, "waiting")
        ended = told_to_stop(process, signal.SIGTERM)
    assert (ended.exit_code, ended.output) == (143, "interrupted, nothing written; run again\n")
    assert [file.name for file in tmp_path.iterdir()] == ["orders.csv"]


EXPORT_WAITS = """
import time
from pathlib import Path
import polars as pl
from pipeline.commands.export import _written
from pipeline.interruption import ends_when_told

@ends_when_told("interrupted")
def export():
    with _written(pl.DataFrame({"a": [1]}), Path("actions.csv")):
        print("waiting", flush=True)
        time.sleep(60)

export()
"""


def test_an_interrupted_export_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", EXPORT_WAITS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        wait_for(process, "waiting")
        assert len(list(tmp_path.iterdir())) == 1
        assert told_to_stop(process, signal.SIGINT).exit_code == 130
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", order_lines(2))
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + WAITS.format(
        module="check", function="check_sources"
    )
    with started(shop, "check", code=code) as process:
        wait_for(process, "waiting")
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert process.poll() is None
        assert told_to_stop(process, signal.SIGINT).exit_code == 130


# What else the command line says in one line


def test_a_date_before_the_first_order_is_refused_with_the_first_date(tmp_path: Path) -> None:
    # 23:30 UTC on New Year's Eve is New Year's Day in Amsterdam.
    shop = make_shop(tmp_path / "shop", ["o1,c1,2025-12-31T23:30:00Z,paid,1.00", "o2,c1,2026-02-01,paid,1.00"])
    result = shop.run("2025-12-31")
    assert result.exit_code == 1
    assert result.error_lines == [
        "error: --as-of 2025-12-31 is before the first order; give 2026-01-01, its date, or a later one"
    ]
    assert shop.lake.dates(SEGMENTS["churn_risk"]) == []
    assert shop.run("2026-01-01").exit_code == 0


@pytest.mark.parametrize("port", [0, 65_536, 99_999])
def test_a_port_that_is_none_is_refused_as_wrong_usage(port: int) -> None:
    result = CliRunner().invoke(app, ["ui", "--port", str(port)])
    assert result.exit_code == 2
    assert result.output == f"error: --port {port} is not a port; give one from 1 to 65535\n"


def test_the_version_is_printed_with_the_name() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, "loyalty-warehouse 0.2.0\n")
