"""`python -m tests.bench.spark FOLDER ORDERS`: all dated tables of a shop as `tests.bench.sizing` makes it, computed by one loop and by Sail.

Sail runs in a process of its own with 1, 2 and 4 buckets at a time. Each line: CPU and memory of the job, and of the server; then
their CPU together against the loop's. Every table must have the same rows by each. The shop stays in FOLDER, for another run.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import yaml

from pipeline.asset_keys import known, table
from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.jobs import NIGHTLY
from pipeline.lake import Lake
from schemas.registry import KNOWN, SEGMENTS
from tests.bench import AS_OF
from tests.bench.measure import MIB, measure
from tests.bench.sizing import _night, write_shop
from tests.sail import sail

DAY = AS_OF + timedelta(days=1)
AT_ONCE = (1, 2, 4)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """What a server used until now."""

    cpu_seconds: float
    peak_bytes: int

    @classmethod
    def by(cls, server: subprocess.Popen[bytes]) -> "Used":
        """Of a process that runs."""
        told = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        (peak,) = (
            line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if line.startswith("VmHWM")
        )
        return cls((int(told[11]) + int(told[12])) / TICKS, int(peak.split()[1]) * 1024)


def main() -> None:
    """Measure, and print a line for each way."""
    folder, n_orders = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    shop = folder / str(n_orders)
    if not shop.exists():
        write_shop(shop, n_orders)
        print(f"first night: {_night(shop, AS_OF)}", flush=True)
    print(
        "way | job CPU s | job peak MiB | server CPU s | server peak MiB | seconds | CPU against the loop", flush=True
    )
    loop = _computed(shop, None, 0, None)
    rows = rows_of(shop)
    for at_once in AT_ONCE:
        with sail() as (address, server):
            _computed(shop, address, at_once, server, loop)
        assert rows_of(shop) == rows


def _computed(
    shop: Path, address: str | None, at_once: int, server: subprocess.Popen[bytes] | None, loop: float | None = None
) -> float:
    tree = yaml.safe_load((shop / "loyalty.yaml").read_text())
    # How many rows a bucket has may be set in the shop.
    engine = {name: value for name, value in tree.get("engine", {}).items() if name == "rows_per_bucket"}
    engine |= {"spark": address, "at_once": at_once} if address else {}
    (shop / "loyalty.yaml").write_text(yaml.safe_dump({**tree, "engine": engine}))
    command = [sys.executable, "-m", "tests.bench.spark", "compute", str(shop)]
    cost, _ = measure(command, {"LOYALTY_HOME": str(shop / "home")})
    used = Used.by(server) if server else Used(0, 0)
    total = cost.cpu_seconds + used.cpu_seconds
    words = (
        f"Sail, {at_once} at a time" if server else "loop",
        f"{cost.cpu_seconds:.1f}",
        f"{cost.peak_bytes / MIB:,.0f}",
        f"{used.cpu_seconds:.1f}",
        f"{used.peak_bytes / MIB:,.0f}",
        f"{cost.wall_seconds:.1f}",
        f"{total / (loop or total):.2f}",
    )
    print(" | ".join(words), flush=True)
    return total


def compute(shop: Path, day: date) -> None:
    """Compute all dated tables of a day, and what is known then, in this process."""
    settings = load_settings(shop / "loyalty.yaml", home=shop / "home")
    job = build_defs(settings).resolve_job_def(NIGHTLY)
    wanted = {*(table(name) for name in SEGMENTS), *(known(name) for name in KNOWN)}
    keys = [key for key in job.asset_layer.executable_asset_keys if key in wanted]
    with dg.DagsterInstance.ephemeral() as instance:
        job.execute_in_process(
            asset_selection=keys,
            partition_key=str(day),
            tags={"loyalty/force": "yes"},
            instance=instance,
            run_config={"loggers": {"progress": {}}},
        )


def rows_of(shop: Path) -> dict[str, tuple[int, int]]:
    """Of each dated table how many rows it has on the day, and a hash of all of them, floats to nine digits."""
    lake = Lake(str(shop / "home" / "lake"))
    found = {}
    for name, contract in SEGMENTS.items():
        rows = lake.scan_as_of(contract, DAY).with_columns(pl.selectors.float().round_sig_figs(9))
        hashed = rows.select(pl.struct(pl.all()).hash().alias("hash")).collect(engine="streaming")["hash"]
        found[name] = (hashed.len(), int(hashed.sum() or 0))
    return found


if __name__ == "__main__":
    compute(Path(sys.argv[2]), DAY) if sys.argv[1] == "compute" else main()
