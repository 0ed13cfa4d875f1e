"""The tables of an edition in a PostgreSQL database. One transaction loads them all and puts them in the place of the earlier ones.

The schemas stay, so that rights on them and default rights do; what was granted on a table is granted on the new one.
"""

import random
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as postgresql
import pyarrow as pa

from pipeline.errors import SourceShapeError, TargetError
from pipeline.sources.database_drivers import CHECK_ADDRESS, CONNECT_SECONDS, told
from pipeline.sources.inputs import literal, quoted
from pipeline.sources.settings import DatabaseInput
from pipeline.targets.content import Column, Content, Table

STATE = "published_edition"
"""In schema quality: which edition is there, and which tables are of it; no others are ever touched."""
ROWS_PER_BATCH = 20_000
LOCK_WAIT = "300ms"
"""Shorter than what PostgreSQL waits before it looks for a deadlock, so that no reader is ever ended for us."""
READERS_SECONDS = 60.0
"""How long to look for a moment at which nobody reads; a reader sees one edition to the end of its transaction."""
LONGEST_NAME = 50
LONGEST_COLUMN = 63
"""Bytes: PostgreSQL cuts a longer name off."""
DEPENDS = re.compile(r"DETAIL:\s*(.* depends on .*)")
KINDS = {
    "BIGINT": "bigint", "INTEGER": "integer", "SMALLINT": "smallint", "TINYINT": "smallint", "UTINYINT": "smallint",
    "USMALLINT": "integer", "UINTEGER": "bigint", "DOUBLE": "double precision", "FLOAT": "real", "BOOLEAN": "boolean",
    "VARCHAR": "text", "DATE": "date", "TIME": "time", "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "BLOB": "bytea",
}  # fmt: skip
"""Types that the driver takes as they are."""
ROUNDED = {"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
"""Moments of another precision than that of PostgreSQL, a microsecond."""
AS_TEXT = {"INTERVAL": "interval", "UUID": "uuid", "TIME WITH TIME ZONE": "timetz"}
"""Types that the driver takes for others: their columns arrive as text, which PostgreSQL reads."""
WITH_INFINITY = {"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
"""Types of which the driver writes any value but the infinite ones."""
WIDE = {"HUGEINT", "UBIGINT", "UHUGEINT"}
DECIMAL = re.compile(r"DECIMAL(\(\d+,\d+\))")
NESTED = re.compile(r".*\]|(STRUCT|MAP|UNION)\(.*|JSON|VARIANT", re.DOTALL)
"""Types of values that hold values."""


@dataclass(frozen=True)
class PostgresqlTarget:
    """A database; `prefix` stands before the name of each schema."""

    address: str
    prefix: str = ""

    @property
    def words(self) -> str:
        """The place as people may see it."""
        return re.sub(r"//[^/]*@", "//", self.address).partition("?")[0]

    def current(self) -> str | None:
        """The edition that is published there, with all its tables; null where none is."""
        with self._transaction() as cursor:
            if not self._has_state(cursor):
                return None
            found = _rows(
                cursor,
                f"""select min(edition) from {self._state}
                having bool_and(to_regclass(format('%I.%I', schema_name, table_name)) is not null)""",
            )
            return next((str(edition) for (edition,) in found), None)

    def drop_others(self) -> None:
        """Nothing: an earlier edition goes with the transaction that brings the next."""

    def publish(self, content: Content, work: Path) -> None:  # noqa: ARG002 (nothing is on its way but rows)
        """Load every table beside the earlier one, and put all in their place at once."""
        with self._transaction() as cursor:
            before = self._before(cursor)
            for schema in dict.fromkeys(self._schema(table) for table in content.tables):
                if not _rows(cursor, f"select 1 from pg_namespace where nspname = {literal(schema)}"):
                    cursor.execute(f"create schema {quoted(schema)}")
            for table in content.tables:
                self._refuse_others(cursor, table, before)
                self._load(cursor, content, table)
            self._write_state(cursor, content)
            self._swap(cursor, before, content.tables)

    def _schema(self, table: Table) -> str:
        return f"{self.prefix}{table.schema}"

    @property
    def _state(self) -> str:
        return f"{quoted(f'{self.prefix}quality')}.{STATE}"

    def _has_state(self, cursor: Any) -> bool:
        return _rows(cursor, f"select to_regclass({literal(self._state)})::text")[0][0] is not None

    def _before(self, cursor: Any) -> list[tuple[str, str]]:
        """Schema and name of the tables of the edition that is there, as far as they still are."""
        if not self._has_state(cursor):
            return []
        found = _rows(
            cursor,
            f"""select schema_name, table_name from {self._state}
            where to_regclass(format('%I.%I', schema_name, table_name)) is not null order by 1, 2""",
        )
        return [(schema, name) for schema, name in found]

    def _refuse_others(self, cursor: Any, table: Table, before: list[tuple[str, str]]) -> None:
        schema, shown = self._schema(table), f"{self._schema(table)}.{table.name}"
        if len(table.name) > LONGEST_NAME:
            raise TargetError(
                f"{self.words}: {shown} has a name of more than {LONGEST_NAME} letters; give it a shorter one"
            )
        for column in table.columns:
            if len(column.name.encode()) > LONGEST_COLUMN:
                raise TargetError(
                    f"{self.words}: {shown} has a column of more than {LONGEST_COLUMN} bytes, {column.name}; give it a shorter name"
                )
        found = _rows(
            cursor,
            f"""select relrowsecurity from pg_class join pg_namespace n on n.oid = relnamespace
            where nspname = {literal(schema)} and relname = {literal(table.name)}""",
        )
        if found and (schema, table.name) not in before:
            raise TargetError(f"{self.words}: {shown} is there and is not of an edition; drop it, or set a prefix")
        if found and found[0][0]:
            raise TargetError(f"{self.words}: {shown} has row security, which a new edition would not have; remove it")

    def _load(self, cursor: Any, content: Content, table: Table) -> None:
        """Make a table under its name of the way, and fill it."""
        shown = DatabaseInput(database=self.address, table=f"{self._schema(table)}.{table.name}")
        with told(shown, "see the server's log"):
            self._load_rows(cursor, content, table)
        self._describe(cursor, table)

    def _load_rows(self, cursor: Any, content: Content, table: Table) -> None:
        schema, name = self._schema(table), _coming(table.name)
        place = _place(schema, name)
        kinds = {column.name: _kind(column) for column in table.columns}
        arriving = _arriving_as_text(content, table)
        columns = [
            f"{quoted(c.name)} {'text' if c in arriving else kinds[c.name]}{'' if c.is_nullable else ' not null'}"
            for c in table.columns
        ]
        cursor.execute(f"create table {place} ({', '.join(columns)})")
        selected = ", ".join(_selected(column, as_text=column in arriving) for column in table.columns)
        for batch in content.connection.sql(f"select {selected} from {table.source}").to_arrow_reader(ROWS_PER_BATCH):
            if batch.num_rows:
                cursor.adbc_ingest(name, pa.Table.from_batches([batch]), mode="append", db_schema_name=schema)
        changed = [
            f"alter {quoted(column.name)} type {kinds[column.name]} using {quoted(column.name)}::{kinds[column.name]}"
            for column in arriving
        ]
        if changed:
            cursor.execute(f"alter table {place} {', '.join(changed)}")

    def _describe(self, cursor: Any, table: Table) -> None:
        name = _coming(table.name)
        place = _place(self._schema(table), name)
        statements = [
            f"comment on column {place}.{quoted(column.name)} is {literal(column.comment)}"
            for column in table.columns
            if column.comment
        ]
        if table.comment:
            statements.append(f"comment on table {place} is {literal(table.comment)}")
        if table.key:
            key = ", ".join(map(quoted, table.key))
            statements.append(f"alter table {place} add constraint {quoted(f'{name}~key')} primary key ({key})")
        _together(cursor, [*statements, f"analyze {place}"])

    def _write_state(self, cursor: Any, content: Content) -> None:
        place = f"{quoted(f'{self.prefix}quality')}.{quoted(_coming(STATE))}"
        told = [literal(content.edition), literal(content.as_of), "now()"]
        rows = [
            f"({', '.join([*told, literal(self._schema(table)), literal(table.name)])})" for table in content.tables
        ]
        _together(
            cursor,
            [
                f"create table {place} (edition text not null, as_of_date date not null, "
                "published_at timestamptz not null, schema_name text not null, table_name text not null)",
                f"insert into {place} values {', '.join(rows)}",
                f"comment on table {place} is 'One row per table of the edition that is published here.'",
            ],
        )

    def _swap(self, cursor: Any, before: list[tuple[str, str]], tables: Iterable[Table]) -> None:
        """Take the earlier tables away and give the new ones their names, at a moment when nobody reads."""
        quality = f"{self.prefix}quality"
        earlier = [*before, (quality, STATE)] if self._has_state(cursor) else before
        new = [*((self._schema(table), table.name) for table in tables), (quality, STATE)]
        if earlier:
            self._lock(cursor, earlier)
        grants = [statement for table in new for statement in _grants(cursor, table, earlier)]
        keys = [(self._schema(table), table.name) for table in tables if table.key]
        if earlier:
            self._drop(cursor, earlier)
        _together(
            cursor,
            [
                *(f"alter table {_place(schema, _coming(name))} rename to {quoted(name)}" for schema, name in new),
                *(
                    f"alter table {_place(schema, name)} rename constraint {quoted(f'{_coming(name)}~key')} "
                    f"to {quoted(f'{name}_pkey')}"
                    for schema, name in keys
                ),
                *grants,
            ],
        )

    def _drop(self, cursor: Any, tables: list[tuple[str, str]]) -> None:
        try:
            cursor.execute(f"drop table {', '.join(_place(*table) for table in tables)}")
        except adbc_driver_manager.Error as error:
            if depends := DEPENDS.search(str(error)):
                raise TargetError(
                    f"{self.words}: {depends[1]} and would be lost; make it a model of your own (dbt.models), or drop it"
                ) from None
            raise

    def _lock(self, cursor: Any, tables: list[tuple[str, str]]) -> None:
        until = time.monotonic() + READERS_SECONDS
        order = list(tables)
        cursor.execute(f"set local lock_timeout = {literal(LOCK_WAIT)}")
        while True:
            # Readers lock in orders of their own: in one of ours that were always the same, some would always stand against us.
            random.shuffle(order)
            listing = ", ".join(_place(*table) for table in order)
            # Caught by the server: the driver takes nothing but a rollback of all after an error. What was locked is free again.
            cursor.execute(
                f"""do $of_the_edition$ begin lock table {listing} in access exclusive mode;
                exception when lock_not_available then null; end $of_the_edition$"""
            )
            if _holds(cursor, order[-1]):
                return
            if time.monotonic() > until:
                raise TargetError(f"{self.words}: {_readers(cursor, tables)}; the next run tries again")
            time.sleep(random.uniform(0.05, 0.3))

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A cursor; all that is done with it holds once it is through, or nothing does."""
        place = DatabaseInput(database=self.address, table=STATE)
        address = self.address
        if "connect_timeout=" not in address:
            address += f"{'&' if '?' in address else '?'}connect_timeout={CONNECT_SECONDS}"
        try:
            with told(place, CHECK_ADDRESS):
                connection = postgresql.connect(address)
            with closing(connection), closing(connection.cursor()) as cursor, told(place, "see the server's log"):
                cursor.execute("set local standard_conforming_strings = on")
                cursor.execute("set local client_min_messages = error")
                yield cursor
                connection.commit()
        except SourceShapeError as error:
            raise TargetError(str(error).replace(f" table {STATE}", "")) from None


def _coming(name: str) -> str:
    return f"~{name}"


def _kind(column: Column) -> str:
    if column.kind in WIDE:
        return "numeric(38, 0)"
    if decimal := DECIMAL.fullmatch(column.kind):
        return f"numeric{decimal[1]}"
    if column.kind in ROUNDED:
        return "timestamp"
    if NESTED.fullmatch(column.kind):
        return "json"
    return KINDS.get(column.kind) or AS_TEXT.get(column.kind, "text")


def _arriving_as_text(content: Content, table: Table) -> list[Column]:
    """The columns whose values the driver would change or refuse."""
    dated = [column for column in table.columns if column.kind in WITH_INFINITY]
    infinite: set[str] = set()
    if dated:
        asked = ", ".join(f"bool_or(isinf({quoted(column.name)}))" for column in dated)
        (found,) = content.connection.execute(f"select {asked} from {table.source}").fetchall()
        infinite = {column.name for column, is_infinite in zip(dated, found, strict=True) if is_infinite}
    return [column for column in table.columns if column.kind in AS_TEXT or column.name in infinite]


def _selected(column: Column, *, as_text: bool) -> str:
    name, kind = quoted(column.name), _kind(column)
    if column.kind in WIDE:
        return f"{name}::decimal(38, 0) as {name}"
    if column.kind in ROUNDED:
        return f"{name}::timestamp as {name}"
    if kind == "json" and column.kind != "JSON":
        return f"to_json({name})::varchar as {name}"
    if kind == "text" and column.kind == "VARCHAR":
        # A text of PostgreSQL holds no zero byte.
        return f"replace({name}, chr(0), '') as {name}"
    if as_text or kind in ("text", "json"):
        return f"{name}::varchar as {name}"
    return name


def _grants(cursor: Any, table: tuple[str, str], earlier: list[tuple[str, str]]) -> Iterator[str]:
    """What was granted on the earlier table; on one that is new what was granted on every table of its schema."""
    schema, name = table
    place = _place(schema, name)
    if table in earlier:
        rights = _rows(
            cursor,
            f"""select privilege_type, '', grantee::regrole::text, grantee = 0, is_grantable
            from pg_class, aclexplode(relacl) where oid = {literal(place)}::regclass and grantee <> relowner
            union all select privilege_type, quote_ident(attname), grantee::regrole::text, grantee = 0, is_grantable
            from pg_attribute, aclexplode(attacl) where attrelid = {literal(place)}::regclass and not attisdropped
            and exists (select from pg_attribute coming where coming.attname = pg_attribute.attname
                and coming.attrelid = {literal(_place(schema, _coming(name)))}::regclass)""",
        )
    else:
        of_schema = [literal(_place(*other)) for other in earlier if other[0] == schema and other[1] != STATE]
        rights = _rows(
            cursor,
            f"""select privilege_type, '', grantee::regrole::text, grantee = 0, is_grantable
            from pg_class, aclexplode(relacl)
            where oid in ({", ".join(f"{other}::regclass" for other in of_schema) or "0"}) and grantee <> relowner
            group by privilege_type, grantee, is_grantable having count(*) = {len(of_schema)}""",
        )
    for privilege, column, grantee, is_public, is_grantable in rights:
        what = f"{privilege} ({column})" if column else privilege
        option = " with grant option" if is_grantable else ""
        yield f"grant {what} on {place} to {'public' if is_public else grantee}{option}"


def _holds(cursor: Any, table: tuple[str, str]) -> bool:
    """Whether a table is locked by this transaction alone."""
    query = f"""select 1 from pg_locks where pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and granted
        and relation = {literal(_place(*table))}::regclass"""
    return bool(_rows(cursor, query))


def _readers(cursor: Any, tables: list[tuple[str, str]]) -> str:
    """Who holds up the swap, in words."""
    listing = ", ".join(f"{literal(_place(*table))}::regclass" for table in tables)
    found = _rows(
        cursor,
        f"""select usename::text, a.pid, to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
        from pg_locks l join pg_stat_activity a using (pid)
        where relation in ({listing}) and a.pid <> pg_backend_pid() order by xact_start limit 1""",
    )
    for user, process, since in found:
        # A user without the right to see what others do is not told since when.
        who = f"user {user} (process {process})" if user else f"process {process}"
        return f"{who} reads{f' since {since} UTC' if since else ''}, and would see two editions"
    return "others read, and would see two editions"


def _together(cursor: Any, statements: Iterable[str]) -> None:
    """Several statements at the cost of one."""
    lines = ";\n".join(statements)
    cursor.execute(f"do $of_the_edition$ begin\n{lines};\nend $of_the_edition$")


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())


def _place(schema: str, name: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}"
