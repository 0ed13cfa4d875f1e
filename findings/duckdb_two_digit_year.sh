#!/usr/bin/env bash
# duckdb 2.0.1: strptime with %Y takes a year of two digits for one of the first century: 31-12-26 becomes the year 26, with
# no error. Python's own strptime refuses the text. With %y DuckDB reads it as 2026.
# A spreadsheet saved as CSV often has such years, and a date of the year 26 passes every check but one of the range.
# Way around: match four digits before the call, or check the range of the result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime

import duckdb

print("duckdb", duckdb.__version__)
seen = {"%d-%m-%Y": datetime(26, 12, 31), "%d-%m-%y": datetime(2026, 12, 31)}
for form, moment in seen.items():
    (found,) = duckdb.execute("select try_strptime('31-12-26', ?)", [form]).fetchone()
    print(form, "->", found)
    assert found == moment, f"{form} reads {found} now, not {moment}"
try:
    datetime.strptime("31-12-26", "%d-%m-%Y")
except ValueError as error:
    print("Python:", error)
else:
    raise AssertionError("Python reads it now")
PYTHON
