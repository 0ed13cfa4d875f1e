#!/usr/bin/env bash
# A span of time (INTERVAL) that DuckDB writes to Parquet is another one when it is read: the Parquet type counts milliseconds, so what is
# below one is cut off without a word, a delay of 1,500 microseconds comes back as 1,000 by DuckDB itself. A column with one negative
# span, such as promised minus delivered, is not written at all, and Arrow reads the column as 12 bytes without a meaning.
# Way around: write `epoch_us(span)`, a whole number, or the span as text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0 pyarrow==26.0.1
cat >"$folder/spans.py" <<'PYTHON'
import sys

import duckdb
import pyarrow.parquet as parquet

file = f"{sys.argv[1]}/spans.parquet"
duckdb.execute(f"copy (select to_microseconds(1500) as late, epoch_us(to_microseconds(1500)) as late_us) to '{file}'")
print("read by DuckDB:", *duckdb.execute(f"select epoch_us(late), late_us from '{file}'").fetchall()[0], "microseconds")
print("read by Arrow:", parquet.read_schema(file).field("late").type)
try:
    duckdb.execute(f"copy (select interval '-1 day' as late) to '{file}'")
except duckdb.Error as error:
    print("a negative span:", type(error).__name__, error)
PYTHON
"$folder/venv/bin/python" "$folder/spans.py" "$folder" | tee "$folder/seen"
"$folder/venv/bin/pip" list 2>/dev/null | grep -E "^(duckdb|pyarrow) "
diff "$folder/seen" - <<'SEEN'
read by DuckDB: 1000 1500 microseconds
read by Arrow: fixed_size_binary[12]
a negative span: IOException IO Error: Parquet files do not support negative intervals
SEEN
