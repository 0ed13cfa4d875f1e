#!/usr/bin/env bash
# DuckDB 2.0.1: a CSV of three rows is read as none, without an error and with nothing among the rejects, where its header has a quoted line
# break that is not the one that ends its lines: LF in a question, CRLF behind each record, as survey tools export. With the columns given
# and auto_detect=false the parser takes the first line break of the file for what ends its lines, though that one is quoted. With the same
# break in both places, or with new_line given, all three rows come.
# Way around: find what ends the first record, outside quotes, and give it as new_line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat >read.py <<'PYTHON'
import csv

import duckdb

GIVEN = "header=true, auto_detect=false, delim=',', quote='\"', store_rejects=true, columns={'id': 'varchar', 'a': 'varchar', 'b': 'varchar'}"


def rows(inside, line_end, more=""):
    with open("answers.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerow(["id", f"What do you{inside}like?", "Why?"])
        writer.writerows([number, "tea", "warm"] for number in range(3))
    with duckdb.connect() as connection:
        (n,), = connection.execute(f"select count(*) from read_csv('answers.csv', {GIVEN}{more})").fetchall()
        (rejected,), = connection.execute("select count(*) from reject_errors").fetchall()
        return n, rejected


found = {
    "LF in CRLF": rows("\n", "\r\n"),
    "CRLF in LF": rows("\r\n", "\n"),
    "LF in LF": rows("\n", "\n"),
    "CRLF in CRLF": rows("\r\n", "\r\n"),
    "LF in CRLF, new_line given": rows("\n", "\r\n", r", new_line='\r\n'"),
}
print("duckdb", duckdb.__version__, "rows and rejects of 3:", found)
assert list(found.values()) == [(0, 0), (0, 0), (3, 0), (3, 0), (3, 0)], found
PYTHON
venv/bin/python read.py
