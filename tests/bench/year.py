"""`python -m tests.bench.year FOLDER LIBFAKETIME [NIGHTS]`: a year of nights on a demo shop of 600 customers, outside CI.

Each night is a `loyalty run` as cron starts it, under a clock that libfaketime moves on by a day (`apt install faketime`;
LIBFAKETIME is its libfaketime.so.1, as the one for threads costs CPU of its own), so exports, records, logs and maintenance grow older
as they would. The figures of each night go to FOLDER/nights.csv; called again, it goes on where it was stopped. It prints what the
nights of the last four weeks cost against those of the first four, and fails where the goals are missed.
"""

import csv
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from time import time

import yaml

from pipeline.sizes import bytes_in
from tests.bench.measure import MIB, measure
from tests.scenario import ROOT

FIRST_NIGHT = datetime(2027, 1, 1, 1, 30, tzinfo=UTC)
"""More than two years after the demo shop's first day, and later than any machine's clock, so that no file is from the future."""
NIGHTS = 365
CUSTOMERS = 600
WEEKS_COMPARED = 28
"""Nights: a model is trained and the home maintained once a week, so whole weeks are compared."""
MAX_CPU_RATIO = 1.2
MAX_HOME_MIB = 1024
PARTS = ("lake", "dagster", "editions", "logs", "work", "demo", "facts")
COLUMNS = ("night", "as_of", "cpu_seconds", "wall_seconds", "peak_mib", "home_mib", "file_mib", "files", *PARTS)


def main() -> None:
    """Run the nights that are left, and judge."""
    folder, clock = Path(sys.argv[1]).resolve(), sys.argv[2]
    nights = int(sys.argv[3]) if len(sys.argv) > 3 else NIGHTS
    figures = folder / "nights.csv"
    if not figures.exists():
        folder.mkdir(parents=True, exist_ok=True)
        tree = yaml.safe_load((ROOT / "loyalty.yaml").read_text())
        tree["demo"]["customers"] = CUSTOMERS
        (folder / "loyalty.yaml").write_text(yaml.safe_dump(tree, sort_keys=False))
        figures.write_text(",".join(COLUMNS) + "\n")
    for number in range(len(_read(figures)), nights):
        row = _night(folder, clock, number)
        with figures.open("a") as stream:
            csv.writer(stream).writerow([row[name] for name in COLUMNS])
        print(", ".join(f"{name} {row[name]}" for name in COLUMNS[:8]), flush=True)
    sys.exit(_judge(_read(figures)))


def _read(figures: Path) -> list[dict[str, str]]:
    with figures.open() as stream:
        return list(csv.DictReader(stream))


def _night(folder: Path, clock: str, number: int) -> dict[str, object]:
    now = FIRST_NIGHT + timedelta(days=number)
    home = folder / "home"
    environment = {
        "LOYALTY_HOME": str(home),
        "LD_PRELOAD": clock,
        "FAKETIME": f"@{now:%Y-%m-%d %H:%M:%S}",
        "DONT_FAKE_MONOTONIC": "1",
        # Else threads that wait for Python's lock spin, which costs a third of a night.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "TZ": "UTC",
    }
    started = time()
    loyalty = str(Path(sys.executable).with_name("loyalty"))
    cost, _ = measure([loyalty, "run", "--config", str(folder / "loyalty.yaml")], environment)
    _date_files(home, since=started, now=now)
    return {
        "night": number,
        "as_of": (now - timedelta(days=1)).date(),
        "cpu_seconds": round(cost.cpu_seconds, 2),
        "wall_seconds": round(cost.wall_seconds, 1),
        "peak_mib": round(cost.peak_bytes / MIB),
        "home_mib": round(bytes_in(home) / MIB, 1),
        "file_mib": round((home / "warehouse.duckdb").stat().st_size / MIB, 2),
        "files": sum(len(names) for _, _, names in os.walk(home)),
        **{part: round(bytes_in(home / part) / MIB, 2) for part in PARTS},
    }


def _date_files(home: Path, *, since: float, now: datetime) -> None:
    """Date what the night has written by its clock, which the file system does not follow.

    Files of the lake keep their times, by which it knows that it has looked at them.
    """
    for place, folders, names in os.walk(home):
        if Path(place) == home:
            folders.remove("lake")
        for name in names:
            file = Path(place, name)
            if file.stat().st_mtime >= since:
                os.utime(file, (now.timestamp(), now.timestamp()))


def _judge(nights: list[dict[str, str]]) -> int:
    """Print what came of it; returns 1 where a goal is missed. The first night also computes the past, so it does not count."""
    cpu = [float(night["cpu_seconds"]) for night in nights[1:]]
    n = min(WEEKS_COMPARED, len(cpu) // 2)
    if not n:
        print("too few nights to compare")
        return 0
    first, last = mean(cpu[:n]), mean(cpu[-n:])
    home = max(float(night["home_mib"]) for night in nights)
    print(f"{len(nights)} nights; CPU of the first night {nights[0]['cpu_seconds']} s")
    print(f"CPU per night: first {n} nights {first:.1f} s, last {n} nights {last:.1f} s, ratio {last / first:.2f}")
    print(f"home: {nights[-1]['home_mib']} MiB at the end, {home} MiB at most")
    return int(last / first > MAX_CPU_RATIO or home > MAX_HOME_MIB)


if __name__ == "__main__":
    main()
