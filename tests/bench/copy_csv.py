"""A CSV export copied to Parquet by DuckDB, nothing checked: what reading alone costs. `python -m tests.bench.copy_csv CSV PARQUET`."""

import sys

import duckdb

if __name__ == "__main__":
    with duckdb.connect() as connection:
        connection.execute(f"copy (from read_csv('{sys.argv[1]}', all_varchar = true)) to '{sys.argv[2]}'")
