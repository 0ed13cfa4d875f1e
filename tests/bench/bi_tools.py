"""`python -m tests.bench.bi_tools WAREHOUSE [--superset]`: what docs/bi.md says of other tools, asked of the tools themselves.

Each tool comes into an environment of its own, so this needs a package index. It fails where a tool answers otherwise than the page says.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

UV = Path(sys.executable).parent / "uv"

READ_ALL = """
import duckdb
c = duckdb.connect(file, read_only=True)
tables = c.execute("select schema_name, table_name from duckdb_tables()").fetchall()
for schema, table in tables:
    c.execute(f'select sum(hash(r)) from {schema}."{table}" as r').fetchall()
said = c.execute("select count(*) from duckdb_columns() where not internal and comment is null").fetchall()
keys = c.execute("select count(*) > 0 from duckdb_constraints() where constraint_type = 'PRIMARY KEY'").fetchall()
never_null = c.execute("select count(*) > 0 from duckdb_constraints() where constraint_type = 'NOT NULL'").fetchall()
print("reads all", len(tables) > 50, said == [(0,)], keys == never_null == [(True,)])
"""
MOMENT = """
import duckdb
c = duckdb.connect(file, read_only=True)
print(c.execute("select typeof(ordered_at_local) from marts.fct_orders limit 1").fetchall()[0][0], end=" ")
print(type(c.execute("select ordered_at_local from marts.fct_orders limit 1").fetchall()[0][0]).__name__, end=" ")
try:
    print(c.execute("select ordered_at from marts.fct_orders limit 1").fetchall()[0][0].tzinfo is not None)
except duckdb.Error as error:
    print("pytz" in str(error) and "needs pytz")
"""
SWAP = """
import os, shutil, duckdb
published, new = file + ".published", file + ".new"
shutil.copyfile(file, published)
shutil.copyfile(file, new)
with duckdb.connect(new) as c:
    c.execute("create table marts.notes as select 1 as x")
def edition(c):
    return "new" if c.execute("select 1 from duckdb_tables() where table_name = 'notes'").fetchall() else "old"
first, second = (duckdb.connect(published, read_only=True) for _ in range(2))
os.replace(new, published)
first.close()
third = duckdb.connect(published, read_only=True)
print(edition(third), end=" ")
second.close()
third.close()
print(edition(duckdb.connect(published, read_only=True)))
"""
REFLECT = """
import warnings; warnings.filterwarnings("ignore")
import sqlalchemy as sa
engine = sa.create_engine(f"duckdb:///{file}?access_mode=READ_ONLY")
inspector = sa.inspect(engine)
def works(call):
    try:
        return bool(call())
    except Exception:
        return False
with engine.connect() as c:
    print(c.execute(sa.text("select count(*) from marts.fct_orders")).scalar() > 0, end=" ")
print(works(lambda: inspector.get_table_names(schema="marts")), end=" ")
print(works(lambda: inspector.get_columns("dim_customers", schema="marts")), end=" ")
print(works(lambda: sa.Table("dim_customers", sa.MetaData(), schema="marts", autoload_with=engine).columns), end=" ")
print(works(lambda: inspector.get_pk_constraint("dim_customers", schema="marts")["constrained_columns"]))
"""
POOL = """
import os, shutil, duckdb, sqlalchemy as sa
published, new = file + ".published", file + ".new"
def edition(engine):
    with engine.connect() as c:
        return "new" if c.execute(sa.text("select 1 from duckdb_tables() where table_name = 'notes'")).all() else "old"
for arguments in ({}, {"poolclass": sa.pool.NullPool}):
    shutil.copyfile(file, published)
    engine = sa.create_engine(f"duckdb:///{published}?access_mode=READ_ONLY", **arguments)
    edition(engine)
    shutil.copyfile(file, new)
    with duckdb.connect(new) as c:
        c.execute("create table marts.notes as select 1 as x")
    os.replace(new, published)
    print(edition(engine), end=" ")
    engine.dispose()
"""
SUPERSET = """
import os, warnings, logging; warnings.filterwarnings("ignore"); logging.disable(logging.WARNING)
from superset.app import create_app
with create_app().app_context():
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    database = Database(database_name="loyalty", sqlalchemy_uri=f"duckdb:///{file}?access_mode=READ_ONLY")
    dataset = SqlaTable(table_name="fct_orders", schema="marts", database=database)
    db.session.add_all([database, dataset])
    db.session.flush()
    dataset.fetch_metadata()
    metric = {"expressionType": "SQL", "sqlExpression": "sum(valid_net_amount)", "label": "revenue"}
    query = {"granularity": "ordered_at_local", "is_timeseries": True, "groupby": [], "columns": [], "metrics": [metric]}
    query |= {"extras": {"time_grain_sqla": "P1M"}, "filter": [], "from_dttm": None, "to_dttm": None, "row_limit": 5000}
    chart = dataset.query(query | {"orderby": []}).df
    months = {str(month)[:10]: str(amount) for month, amount in chart.values.tolist() if amount is not None}
    import duckdb
    with duckdb.connect(file, read_only=True) as c:
        by_date = "select date_trunc('month', local_date)::date::varchar, sum(net_amount)::varchar from marts.fct_orders where is_valid group by 1"
        print(len(months) > 1 and months == dict(c.execute(by_date).fetchall()))
"""
CONFIGURATION = 'SECRET_KEY = "{0}"\nSQLALCHEMY_DATABASE_URI = "sqlite:///{1}"\nPREVENT_UNSAFE_DB_CONNECTIONS = False\n'


@dataclass(frozen=True)
class Case:
    """Packages, what is asked of them, and what docs/bi.md says comes of it."""

    packages: str
    code: str
    expected: str


ENGINE = "duckdb-engine==0.17.0"
CASES = [
    *(
        Case(f"duckdb=={one}", READ_ALL, "reads all True True True")
        for one in ("1.2.0", "1.3.2", "1.4.5", "1.5.6", "2.0.1")
    ),
    *(Case(f"duckdb=={one}", MOMENT, "TIMESTAMP datetime needs pytz") for one in ("1.2.2", "1.5.6", "2.0.0")),
    Case("duckdb==1.5.6 pytz", MOMENT, "TIMESTAMP datetime True"),
    Case("duckdb==2.0.1", MOMENT, "TIMESTAMP datetime True"),
    *(Case(f"duckdb=={one}", SWAP, "old new") for one in ("1.4.5", "2.0.1")),
    Case(f"duckdb==2.0.1 {ENGINE} sqlalchemy==2.0.54", POOL, "old new"),
    *(
        Case(f"duckdb=={one} {ENGINE} sqlalchemy=={alchemy}", REFLECT, f"True True {columns} {table} False")
        for one, alchemy, columns, table in (
            ("2.0.1", "1.4.54", True, True),
            ("1.4.5", "2.0.40", True, True),
            ("2.0.1", "2.0.54", True, True),
            ("1.4.5", "2.0.54", False, False),
            ("2.0.1", "2.0.58", True, False),
            ("2.0.1", "2.1.9", False, False),
        )
    ),
]
SUPERSET_PACKAGES = f"apache-superset==6.1.0 duckdb==2.0.1 {ENGINE} rich cachetools flask-caching==2.3.1"


def asked(case: Case, file: Path, folder: Path) -> str:
    """What the tools answer, or the last line of their error."""
    python = folder / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--clear", folder], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, *case.packages.split()], check=True)
    if case.code is SUPERSET:
        subprocess.run([folder / "bin" / "superset", "db", "upgrade"], check=True, capture_output=True)
    code = f"file = {str(file)!r}\n{case.code}"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()[-1]


def main() -> int:
    """Ask every tool; 1 where one answers otherwise than the page says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--superset", action="store_true", help="Apache Superset too, some minutes and 1.5 GB")
    given = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file = folder / "warehouse.duckdb"
        file.write_bytes(given.warehouse.read_bytes())
        cases = list(CASES)
        if given.superset:
            configuration = folder / "superset_config.py"
            configuration.write_text(CONFIGURATION.format("no secret " * 5, folder / "superset.db"))
            os.environ |= {"SUPERSET_CONFIG_PATH": str(configuration), "FLASK_APP": "superset"}
            cases.append(Case(SUPERSET_PACKAGES, SUPERSET, "True"))
        for case in cases:
            found = asked(case, file, folder / "environment")
            wrong += found != case.expected
            print("as said" if found == case.expected else "WRONG  ", case.packages, "|", found, flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
