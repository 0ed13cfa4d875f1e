#!/usr/bin/env bash
# duckdb 2.0.0 and 2.0.1: a list of Parquet files is taken to have as many rows in each file as the first one has. Where a small file comes
# first, as a month with few orders or the last night's rows of a Delta table, a join holds the large side in memory and looks the small
# one up in it. `explicit_cardinality` tells 2.0.1 the count; 2.0.0 accepts it and stays with its own. `union_by_name = true` reads every
# footer, and then the count is right.
# Way around: put a file of about the mean size first. In a warehouse of 2.7 million touchpoints in 26 months, of which the first has 6,
# a mart with two joins then took 0.5 in place of 2.1 GiB, and two thirds of the CPU.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
cat >estimates.py <<'PYTHON'
import json
import sys

import duckdb

print("duckdb", duckdb.__version__)
duckdb.execute("create table customers as select range as customer_id from range(10_000)")
ROWS = {"few": 1, "many_1": 100_000, "many_2": 100_000, "many_3": 100_000}
for name, n in ROWS.items():
    duckdb.execute(f"copy (select range as order_id, range % 10_000 as customer_id from range({n})) to '{name}.parquet'")


def read(first: str, options: str = "") -> str:
    others = [name for name in ROWS if name != first]
    files = ", ".join(f"'{name}.parquet'" for name in [first, *others])
    return f"read_parquet([{files}]{options})"


def plan(query: str) -> dict:
    ((_, text),) = duckdb.execute(f"explain (format json) {query}").fetchall()
    return json.loads(text)[0]


def estimate(node: dict) -> int:
    return int(node["extra_info"]["Estimated Cardinality"])


def built_from(node: dict) -> int:
    """The estimate of the side that a join keeps in memory."""
    while node["name"].strip() != "HASH_JOIN":
        (node,) = node["children"]
    return estimate(node["children"][1])


seen = {
    "few rows first": (read("few"), 4),
    "many rows first": (read("many_1"), 400_000),
    "told how many": (read("few", ", explicit_cardinality = 300_001"), int(sys.argv[1])),
    "by name": (read("few", ", union_by_name = true"), 300_001),
}
for label, (rows, expected) in seen.items():
    found = estimate(plan(f"select * from {rows}"))
    print(f"{label}: 300,001 rows taken for {found:,}")
    assert found == expected, f"{label}: {found} now, not {expected}"
for label, first, expected in (("few rows first", "few", 4), ("many rows first", "many_1", 10_000)):
    found = built_from(plan(f"select count(*) from {read(first)} left join customers using (customer_id)"))
    print(f"{label}: a join keeps the side taken for {found:,} rows")
    assert found == expected, f"{label}: {found} now, not {expected}"
PYTHON
for version_and_told in "2.0.0 4" "2.0.1 300001"; do
  read -r version told <<<"$version_and_told"
  venv/bin/pip install --quiet --disable-pip-version-check "duckdb==$version"
  venv/bin/python estimates.py "$told"
done
