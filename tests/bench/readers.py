"""`python -m tests.bench.readers [--editions 50] [--superset]`: do readers of the published file ever fail, or see two editions at once?

Nights of a small shop publish one edition after the other, each of a later date and with one order more, under readers of two kinds: most
open the file anew each time, some keep a connection for seconds, as BI tools do. Whoever reads the date, the orders and the customers'
counts of orders in one session must find those of one edition. With `--superset`, Superset in its environment (`make
.superset/installed`) shows its dashboard beside them, and asks the same in SQL Lab. Outside CI: fifty nights take some minutes.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from tests.scenario import ROOT, Shop, make_shop, order_lines

FIRST_DAY, N_FIRST = date(2026, 6, 30), 100
KEPT_SECONDS, PAUSE_SECONDS = 5.0, 0.5
SEEN = (
    "select max(as_of_date) from quality.lake_versions",
    "select count(*) from marts.fct_orders",
    "select sum(n_valid_orders) from marts.dim_customers",
)


@dataclass
class Count:
    """What a reader has seen."""

    sessions: int = 0
    readings: int = 0
    editions: int = 0
    failed: int = 0
    mixed: int = 0
    first_fault: str = ""


def read(file: str, keeps: bool, is_over: Event, told: Path) -> None:
    """Read until it is over, and leave the counts."""
    count, dates = Count(), set()
    while not is_over.is_set():
        until = time.monotonic() + (KEPT_SECONDS if keeps else 0)
        try:
            with duckdb.connect(file, read_only=True) as connection:
                count.sessions += 1
                first = None
                while True:
                    found = tuple(connection.execute(query).fetchall()[0][0] for query in SEEN)
                    count.readings += 1
                    first = first or found
                    if found != first or not is_one_edition(*found):
                        count.mixed += 1
                        count.first_fault = count.first_fault or f"{found}, first {first}"
                    dates.add(found[0])
                    if time.monotonic() >= until or is_over.is_set():
                        break
                    time.sleep(PAUSE_SECONDS)
        except duckdb.Error as error:
            count.failed += 1
            count.first_fault = count.first_fault or str(error)
        time.sleep(PAUSE_SECONDS)
    count.editions = len(dates)
    told.write_text(json.dumps(asdict(count)), encoding="utf-8")


def is_one_edition(as_of: date, n_orders: int, n_counted: int) -> bool:
    """Whether what was read belongs together: a date has an order more than the one before."""
    return n_orders == n_counted == N_FIRST + (as_of - FIRST_DAY).days


def superset(warehouse: Path, is_over: Path) -> subprocess.Popen[str]:
    """Superset, which reads the published file from now until a file is there, and then prints what it saw."""
    python, script = ROOT / ".superset" / "bin" / "python", ROOT / "tests" / "bench" / "superset.py"
    query = "select " + ", ".join(f"({one})::varchar as seen_{n}" for n, one in enumerate(SEEN))
    command = [python, script, warehouse, "--until", is_over, "--asking", query]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout is None or not process.stdout.readline():
        sys.exit("Superset did not start")
    return process


def count_superset(told: str) -> Count:
    """What Superset saw, as a reader's count: every answer to a chart, and every answer of SQL Lab."""
    saw = json.loads(told)
    seen = [(date.fromisoformat(as_of), int(n), int(counted)) for as_of, n, counted in saw["seen"]]
    mixed = [one for one in seen if not is_one_edition(*one)]
    fault = saw["first_fault"] or (str(mixed[0]) if mixed else "")
    n_readings = saw["answers"] + len(seen)
    return Count(saw["openings"], n_readings, len({as_of for as_of, *_ in seen}), saw["failed"], len(mixed), fault)


def publish(shop: Shop, n: int) -> None:
    """The job for `n` dates, each with an order more than the one before."""
    for day in (FIRST_DAY + timedelta(days=k) for k in range(1, n + 1)):
        with (shop.folder / "orders.csv").open("a") as orders:
            orders.write(f"late{day},c1,{day} 12:00:00,paid,10.00\n")
        result = shop.run(str(day))
        if result.exit_code:
            sys.exit(result.output)


def main() -> int:
    """Publish under readers; 1 where one failed or saw two editions at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=50)
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--keeping", type=int, default=2, help="so many of them keep a connection for seconds")
    parser.add_argument("--superset", action="store_true", help="and Superset beside them")
    given = parser.parse_args()
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shop = make_shop(folder / "shop", order_lines(N_FIRST), actions={"consent_without_flag": True})
        first = shop.run(str(FIRST_DAY))
        if first.exit_code:
            sys.exit(first.output)
        is_over = processes.Event()
        places = [folder / f"{n}.json" for n in range(given.readers)]
        readers = [
            processes.Process(target=read, args=(str(shop.warehouse), n < given.keeping, is_over, place))
            for n, place in enumerate(places)
        ]
        for reader in readers:
            reader.start()
        ended = folder / "ended"
        dashboard = superset(shop.warehouse, ended) if given.superset else None
        began = time.monotonic()
        publish(shop, given.editions)
        is_over.set()
        ended.touch()
        for reader in readers:
            reader.join()
        counts = [Count(**json.loads(place.read_text(encoding="utf-8"))) for place in places]
        if dashboard:
            counts.append(count_superset(dashboard.communicate()[0]))
    for n, one in enumerate(counts):
        name = (
            "Superset" if n == given.readers else f"reader {n}{', keeping its connection' if n < given.keeping else ''}"
        )
        print(f"{name}: {asdict(one)}")
    wrong = sum(one.failed + one.mixed for one in counts)
    print(
        f"{given.editions} editions in {time.monotonic() - began:.0f} s; {sum(one.readings for one in counts):,} readings by "
        f"{len(counts)} readers: {sum(one.failed for one in counts)} failed, {sum(one.mixed for one in counts)} mixed"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
