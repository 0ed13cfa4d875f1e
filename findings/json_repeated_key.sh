#!/usr/bin/env bash
# One JSON line with the same key twice, as an export writes that joins two tables, has two amounts, and which one counts depends on
# the function that reads it. polars 2.1.0: read_ndjson and str.json_decode take the first, str.json_path_match the last, none says a
# word. duckdb 2.0.0: read_ndjson refuses the line, ->> takes the first, json_structure shows the key once. RFC 8259 allows such
# an object and leaves its meaning open, so whatever is read in two ways has two values.
# Way around: look for repeated keys before anything else reads the line; DuckDB's json_keys lists both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 duckdb==2.0.0
cd "$folder"
printf '{"id":"a","amount":10,"amount":20}\n{"id":"b","amount":5}\n' >orders.jsonl
cat >read.py <<'PYTHON'
import duckdb
import polars as pl

line = pl.Series([open("orders.jsonl").readline()])
seen = {
    "polars read_ndjson": pl.read_ndjson("orders.jsonl")["amount"][0],
    "polars json_decode": line.str.json_decode(pl.Struct({"amount": pl.Int64}))[0]["amount"],
    "polars json_path_match": line.str.json_path_match("$.amount")[0],
}
objects = "from read_ndjson_objects('orders.jsonl') limit 1"
for name, value in (("->>", "json->>'amount'"), ("json_structure", "json_structure(json)"), ("json_keys", "json_keys(json)")):
    seen[f"duckdb {name}"] = duckdb.sql(f"select {value} {objects}").fetchall()[0][0]
try:
    seen["duckdb read_ndjson"] = duckdb.sql("from read_ndjson('orders.jsonl')").fetchall()
except duckdb.InvalidInputException as error:
    seen["duckdb read_ndjson"] = "refused" if 'duplicate key "amount"' in str(error) else str(error)
print(pl.__version__, duckdb.__version__)
for name, value in seen.items():
    print(f"{name}: {value}")
assert seen == {
    "polars read_ndjson": 10,
    "polars json_decode": 10,
    "polars json_path_match": "20",
    "duckdb ->>": "10",
    "duckdb json_structure": '{"id":"VARCHAR","amount":"UBIGINT"}',
    "duckdb json_keys": ["id", "amount", "amount"],
    "duckdb read_ndjson": "refused",
}
PYTHON
"$folder/venv/bin/python" read.py
