#!/usr/bin/env bash
# duckdb-engine 0.17.0 with SQLAlchemy 2.0.54 and 2.0.58, on duckdb 2.0.1: whether a table can be reflected is decided by the patch release
# of SQLAlchemy. duckdb-engine inherits the dialect of PostgreSQL, and from 2.0.55 on its query for constraints casts to REGCLASS, a type
# that DuckDB does not have: Table(…, autoload_with=engine), which worked with 2.0.54, raises an error that names REGCLASS. The
# columns alone are still read. Whoever lets pip take the newest SQLAlchemy 2.0 has BI tools that list tables and cannot open them.
# Way around: pin sqlalchemy<2.0.55 beside duckdb-engine, or name the columns.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >look.py <<'PYTHON'
import warnings
from importlib.metadata import version

import duckdb
import sqlalchemy as sa

warnings.simplefilter("ignore")
with duckdb.connect("shop.duckdb") as connection:
    connection.execute("create or replace table orders (order_id varchar not null, net_amount decimal(18, 2))")
engine = sa.create_engine("duckdb:///shop.duckdb", poolclass=sa.pool.NullPool)
columns = [column["name"] for column in sa.inspect(engine).get_columns("orders")]
try:
    table = [column.name for column in sa.Table("orders", sa.MetaData(), autoload_with=engine).columns]
    outcome = "reflected"
except Exception as error:
    outcome = "REGCLASS" if "REGCLASS" in str(error).upper() else repr(error)[:200]
print("duckdb", duckdb.__version__, "duckdb-engine", version("duckdb-engine"), "SQLAlchemy", sa.__version__, columns, outcome)
assert columns == ["order_id", "net_amount"]
assert outcome == {"2.0.54": "reflected", "2.0.58": "REGCLASS"}[sa.__version__], outcome
PYTHON
for sqlalchemy in 2.0.54 2.0.58; do
  python3 -m venv "$folder/$sqlalchemy"
  "$folder/$sqlalchemy/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 duckdb-engine==0.17.0 "sqlalchemy==$sqlalchemy"
  "$folder/$sqlalchemy/bin/python" look.py
done
