#!/usr/bin/env bash
# An amount in cents times an exchange rate, rounded to whole cents by polars and by DuckDB, is not the same amount: `Expr.round()` of
# polars takes a half to the even cent, DuckDB's `round()` away from zero, and a cast of units to decimal(18, 2) rounds what binary
# floats have left of the half, mostly down. At a rate of 0.85 one amount in forty differs, and an order no longer equals its line.
# Way around: compute in cents on both sides, `round(mode="half_away_from_zero")` in polars and `round()` in DuckDB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 duckdb==2.0.0 pyarrow==26.0.1
cat >"$folder/cents.py" <<'PYTHON'
import duckdb
import polars as pl

RATE = 0.85
cents = pl.DataFrame({"cents": range(1, 20_001)})
by_polars = cents.with_columns(
    plain=(pl.col("cents") * RATE).round().cast(pl.Int64),
    away=(pl.col("cents") * RATE).round(mode="half_away_from_zero").cast(pl.Int64),
).to_arrow()
counts = duckdb.sql(
    f"""select
        count(*) filter (plain <> round(cents * {RATE}::double)),
        count(*) filter (plain <> 100 * cast(cents / 100 * {RATE}::double as decimal(18, 2))),
        count(*) filter (away <> round(cents * {RATE}::double))
    from by_polars"""
).fetchall()
print("of 20,000 amounts differ: round(), the cast of units, half_away_from_zero and round():", *counts[0])
PYTHON
"$folder/venv/bin/python" "$folder/cents.py" | tee "$folder/seen"
"$folder/venv/bin/pip" list 2>/dev/null | grep -E "^(polars|duckdb) "
grep -qx "of 20,000 amounts differ: round(), the cast of units, half_away_from_zero and round(): 500 507 0" "$folder/seen"
