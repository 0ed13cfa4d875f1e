"""`python -m tests.bench.from_exports [WORD …]`: from the exports of each tool to a warehouse, as `loyalty init` writes it.

Prints the table "file, recognised, ran as written, edits, minutes". Each warehouse is compared with what was put into the
exports: orders, money to the cent, responses and answers. With words, only the files whose name has one of them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline.lake import Lake
from schemas.registry import ENTITIES
from tests.bench.exports import EXPORTS, Response, Truth, make_shop

AS_OF = "2026-11-25"
KEY = {"LOYALTY_PII_KEY": "a key for the benchmark"}
SURVEYS = ("Forms", "Typeform", "Qualtrics")
HELD = "select count(*), sum(net_amount), count(distinct customer_id) from marts.fct_orders"
ANSWERED = "select count(*), count(customer_id), count(nps_score), count(comment), sum(n_answers) from marts.fct_survey_responses"


def main() -> None:
    """Everything in a temporary folder, which goes in any case."""
    truth = make_shop()
    table = Table(
        "files",
        "recognised",
        "check",
        "ran as written",
        "edits beside the key",
        "minutes",
        "what was lost or altered",
        width=150,
    )
    for name, writers in EXPORTS.items():
        if len(sys.argv) > 1 and not any(word.lower() in name.lower() for word in sys.argv[1:]):
            continue
        folder = Path(tempfile.mkdtemp(prefix="exports-"))
        try:
            for write in writers:
                write(folder, truth)
            table.add_row(name, *_tried(folder, name, truth))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    Console(width=150).print(table)


def _tried(folder: Path, name: str, truth: Truth) -> list[str]:
    n_files = len(list(folder.iterdir()))
    started = time.monotonic()
    told = _loyalty(folder, "init", str(folder))
    config = folder / "loyalty.yaml"
    if told.returncode or not config.exists():
        return ["no", "", "", "", "", told.stdout + told.stderr]
    recognised = "read by no source" not in told.stdout
    checked = _loyalty(folder, "check", "--config", str(config))
    ran = _loyalty(folder, "run", "--as-of", AS_OF, "--config", str(config))
    minutes = (time.monotonic() - started) / 60
    words = (ran.stdout + ran.stderr)[-600:] if ran.returncode else _compare(folder, name, truth)
    return [
        f"{n_files} of {n_files}" if recognised else "not all",
        "no" if checked.returncode else "goes through",
        "no" if ran.returncode else "yes",
        "?" if ran.returncode else "0",
        f"{minutes:.1f}",
        words,
    ]


def _loyalty(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **KEY, "LOYALTY_HOME": str(folder / ".home")}
    command = [sys.executable, "-c", "from pipeline.cli import app; app()", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _compare(folder: Path, name: str, truth: Truth) -> str:
    """What the warehouse has that the exports have not, or the other way round."""
    with duckdb.connect(str(folder / ".home" / "warehouse.duckdb"), read_only=True) as connection:
        (orders,) = connection.execute(HELD).fetchall()
        (answers,) = connection.execute(ANSWERED).fetchall()
        (rejected,) = connection.execute("select count(*) from quality.rejected_rows").fetchall()
    net = sum((one.total - one.refund for one in truth.orders), Decimal(0))
    expected: dict[str, tuple[Any, Any]] = {
        "orders": (orders[0], len(truth.orders)),
        "net amount": (orders[1], net),
        "customers": (orders[2], len({one.customer for one in truth.orders})),
        "rejected rows": (rejected[0], 0),
    }
    if any(word in name for word in SURVEYS):
        known = {one.customer for one in truth.orders}
        expected |= {
            "responses": (answers[0], len(truth.responses)),
            "responses of customers": (answers[1], sum(one.customer in known for one in truth.responses)),
            "NPS answers": (answers[2], sum(one.recommend is not None for one in truth.responses)),
            "answers": (answers[4], sum(2 + (one.recommend is not None) for one in truth.responses)),
            "sum of the answers": (_sum_of_answers(folder), sum(_sum(one) for one in truth.responses)),
            "comments": (answers[3], sum(one.comment != "" for one in truth.responses)),
        }
    return "; ".join(f"{what}: {has}, not {put}" for what, (has, put) in expected.items() if has != put) or "nothing"


def _sum_of_answers(folder: Path) -> float:
    lake = Lake(str(folder / ".home" / "lake"))
    return float(lake.scan(ENTITIES["survey_answers"]).select(pl.col("value").sum()).collect().item())


def _sum(response: Response) -> int:
    return response.satisfied + response.again + (response.recommend or 0)


if __name__ == "__main__":
    main()
