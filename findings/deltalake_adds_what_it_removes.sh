#!/usr/bin/env bash
# deltalake 1.6.6: `create_write_transaction` with mode="overwrite" replaces the partitions of its filters. A file among the added that
# one of them has already, as where rows that stay are in files named by their content, is both added and removed in one commit, the
# removal last. Delta's protocol forbids that, and the method's own words say that a path cannot be both; it is refused for an
# explicit removal alone. deltalake still shows the file's rows; Sail (pysail 0.7.2), which goes by the order of the actions, does
# not. What to do: mode="append", with the files that come and a RemoveAction for each that goes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check "deltalake==1.6.6" "polars==2.1.0" "pyarrow==25.0.0" "pysail==0.7.2" \
  "pyspark-client==4.2.0" "pandas==2.3.3" "grpcio==1.84.0" "grpcio-status==1.84.0" "googleapis-common-protos==1.76.0" "zstandard==0.25.0" "setuptools<81"

cat > program.py <<'PROGRAM'
import json
import sys
import time
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

way, table = sys.argv[1], Path(sys.argv[2])
rows = pl.DataFrame({"day": ["mon", "mon", "tue"], "x": [1, 2, 3]})
write_deltalake(str(table), rows.clear(), partition_by=["day"])


def added(day):
    file, own = table / f"day={day}" / "rows.parquet", rows.filter(day=day)
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        own.drop("day").write_parquet(file)
    stats = json.dumps({"numRecords": own.height})
    return AddAction(f"day={day}/rows.parquet", file.stat().st_size, {"day": day}, int(time.time() * 1000), True, stats)


def commit(actions, **how):
    delta = DeltaTable(str(table))
    delta.create_write_transaction(actions, schema=delta.schema(), partition_by=["day"], **how)


commit([added("mon"), added("tue")], mode="append")
if way == "overwrite":
    commit([added("mon")], mode="overwrite", partition_filters=[("day", "=", "mon")])
else:
    try:
        removal = RemoveAction("day=mon/rows.parquet", True, int(time.time() * 1000), partition_values={"day": "mon"})
        commit([added("mon"), removal], mode="append")
        print("an explicit removal is taken")
    except Exception as error:
        print("an explicit removal is refused:", "both" in str(error) or str(error)[:80])
entry = max((table / "_delta_log").glob("*.json")).read_text().splitlines()
names = [(name, json.loads(line)[name]["path"]) for line in entry for name in ("add", "remove") if name in json.loads(line)]
print("last commit:", names)
print("deltalake:", pl.scan_delta(str(table)).select(pl.len()).collect().item(), "rows")
PROGRAM
cat > by_sail.py <<'PROGRAM'
import sys

from pysail.spark import SparkConnectServer

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
from pyspark.sql.connect.session import SparkSession

spark = SparkSession(connection=f"sc://127.0.0.1:{server.listening_address[1]}")
print("Sail:", spark.read.format("delta").load(sys.argv[1]).count(), "rows")
PROGRAM

env/bin/python program.py overwrite "$folder/table" | tee out.txt
env/bin/python by_sail.py "$folder/table" 2> /dev/null | tee -a out.txt
env/bin/python program.py append "$folder/other" | tee other.txt
grep -q "^last commit: \[('add', 'day=mon/rows.parquet'), ('remove', 'day=mon/rows.parquet')\]$" out.txt
grep -qx "deltalake: 3 rows" out.txt
grep -qx "Sail: 1 rows" out.txt
grep -q "^an explicit removal is refused: " other.txt
