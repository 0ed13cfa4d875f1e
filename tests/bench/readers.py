"""`python -m tests.bench.readers [--editions 50]`: do readers of the published file ever fail, or see two editions at once?

Nights of a small shop publish one edition after the other, each of a later date and with one order more, under readers of two kinds: most
open the file anew each time, some keep a connection for seconds, as BI tools do. Whoever reads the date, the orders and the customers'
counts of orders in one session must find those of one edition. Outside CI: fifty nights take some minutes.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from tests.scenario import Shop, make_shop, order_lines

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
                    expected = N_FIRST + (found[0] - FIRST_DAY).days
                    if found != first or found[1:] != (expected, expected):
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
        began = time.monotonic()
        publish(shop, given.editions)
        is_over.set()
        for reader in readers:
            reader.join()
        counts = [Count(**json.loads(place.read_text(encoding="utf-8"))) for place in places]
    for n, one in enumerate(counts):
        print(f"reader {n}{', keeping its connection' if n < given.keeping else ''}: {asdict(one)}")
    wrong = sum(one.failed + one.mixed for one in counts)
    print(
        f"{given.editions} editions in {time.monotonic() - began:.0f} s; {sum(one.readings for one in counts):,} readings by "
        f"{given.readers} readers: {sum(one.failed for one in counts)} failed, {sum(one.mixed for one in counts)} mixed"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
