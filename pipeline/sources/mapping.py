"""The mapping SELECT of a source: its text, what it tells before it is run, and the rows that it returns.

What the inputs are does not belong here, nor whether a row is valid.
"""

import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.core.ingest.personal import EMAIL, EMAIL_HASH, NAMED_BY
from pipeline.errors import ConfigError, SourceShapeError
from pipeline.sources.entity_rows import FILE, NO_KEY, ROW
from pipeline.sources.extra_columns import rows_with_extra
from pipeline.sources.inputs import Inputs, columns_of, quoted
from pipeline.sources.notation import TOLD, rows_with_exclusion, told_rows
from pipeline.sources.parts import file_format
from pipeline.sources.settings import SourceSettings
from pipeline.sources.statements import first_words, refuse_all_but_one_select
from schemas.registry import Table
from schemas.types import EXTRA

ROWS_PER_CHUNK = 250_000
NUMBER = "decimal(38, 6)"
EXCLUDE_REASON = "exclude_reason"
PIPELINE_COLUMNS = {"source", "batch_id"}


def read_mapping(source: SourceSettings) -> str:
    """The SELECT, without a semicolon at its end.

    Raises:
        SourceShapeError: the file is not there, or is no text.
    """
    try:
        return source.mapping_file.read_text(encoding="utf-8").strip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceShapeError(
            f"source {source.name}: mapping {source.mapping_file} cannot be read ({type(error).__name__})"
        ) from None


def refuse_missing_key(sources: Iterable[SourceSettings], key: bytes | None) -> None:
    """Stop before anything is read when a source delivers e-mail addresses, phone numbers or names and there is no key to make pseudonyms with.

    Raises:
        ConfigError: it names the sources. An export of answers can have addresses or not: of a preset for surveys only
            reading tells.
    """
    if key is not None:
        return
    names = [
        source.name
        for source in sources
        if not (source.preset and source.entity == "surveys")
        and source.mapping_file.is_file()
        and returns_addresses(read_mapping(source))
    ]
    if names:
        raise ConfigError(f"source{'s' * (len(names) > 1)} {', '.join(names)}: {NO_KEY}")


def returns_addresses(select: str) -> bool:
    """Whether a SELECT has a column that names a person (`email`, `phone`, `person_name`) and is more than a constant.

    Of one that is no SELECT nothing is known.
    """
    with duckdb.connect(":memory:") as connection:
        tree = json.loads(connection.execute("select json_serialize_sql(?)", [select]).fetchall()[0][0])
    if tree["error"] or not tree["statements"]:
        return False
    node: dict[str, Any] = tree["statements"][0]["node"]
    while node["type"] == "SET_OPERATION_NODE":
        # The first SELECT names the columns of them all.
        node = node["children"][0]
    for column in node.get("select_list", []):
        name = column["alias"] or next(reversed(column.get("column_names", [])), "")
        value = column["child"] if column["class"] == "CAST" else column
        if name.lower() in NAMED_BY and value["class"] != "CONSTANT":
            return True
    return False


@dataclass(frozen=True)
class Mapping:
    """The SELECT of a source for one entity."""

    where: str
    """How a message begins that is about it."""
    select: str
    table: Table
    questions: list[str]
    """The items and open questions of the survey whose answers it returns, a column each."""
    currency: str
    given: Collection[str]
    """Columns that the pipeline adds itself."""
    source: SourceSettings
    """How its exports are written, and what is left out of them."""

    def rows(self, inputs: Inputs) -> Iterator[pl.DataFrame]:
        """What it returns, in bounded chunks; always at least one, so that its shape is checked if there is an input.

        Raises:
            SourceShapeError: it is more than one SELECT, reads anything but its inputs, cannot be run, or its columns are not
                those of the entity.
        """
        try:
            refuse_all_but_one_select(self.select, "a mapping")
        except SourceShapeError as error:
            raise SourceShapeError(f"{self.where}: {error}") from None
        if not inputs.names:
            yield pl.DataFrame()
            return
        inputs.refuse_other_files()
        try:
            cursor = inputs.connection.cursor()
            cursor.execute("set variable items = ?", [self.questions])
            cursor.execute("set variable currency = ?", [self.currency])
            cursor.execute("set variable survey = ?", [self.source.survey])
            cursor.execute(f"set search_path = '{TOLD},main'")
            relation = self._told(cursor, cursor.sql(self.select), inputs)
            # An unread result that an exception keeps alive would make the next connection wait for ever.
            with relation.to_arrow_reader(ROWS_PER_CHUNK) as reader:
                # A column handed on under its own name is spelt as in the file, `RATING`.
                canonical = {*self.table.polars_schema, EXCLUDE_REASON, *NAMED_BY}
                names = [name.lower() if name.lower() in canonical else name for name in reader.schema.names]
                self._check_types(names, reader.schema.types)
                self._check_shape(set(names))
                for arrow in itertools.chain([reader.schema.empty_table()], reader):
                    rows = pl.DataFrame(arrow)
                    rows.columns = names
                    yield rows
        except duckdb.Error as error:
            told = f"; look at exclude '{self.source.exclude}' too" if self.source.exclude else ""
            raise SourceShapeError(f"{self.where}: {_explain(error, inputs)}{told}") from error

    def _told(
        self, cursor: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, inputs: Inputs
    ) -> duckdb.DuckDBPyRelation:
        """The same rows as the configuration has them read."""
        schema = self.table.polars_schema
        columns = dict(zip(relation.columns, map(str, relation.types), strict=True))
        # A preset has read its amounts and times by then.
        is_own = self.source.preset is None
        amounts = [name for name in schema if is_own and name.endswith("_amount")]
        times = [name for name, dtype in schema.items() if is_own and isinstance(dtype, pl.Datetime)]
        rows = told_rows(self.select, columns, self.source, amounts=amounts, times=times)
        if self.source.extra_columns:
            rows = rows_with_extra(rows, columns, inputs, self.source.extra_columns)
            columns |= {EXTRA: "VARCHAR"}
        if self.source.exclude is None:
            return cursor.sql(rows)
        numbers = {name: NUMBER for name, dtype in schema.items() if dtype.is_numeric()}
        kept = rows_with_exclusion(rows, columns, self.source.exclude, numbers)
        where = f"source {self.source.name}: exclude '{self.source.exclude}'"
        try:
            refuse_all_but_one_select(kept, "with its condition it")
            return cursor.sql(kept)
        except SourceShapeError as error:
            raise SourceShapeError(f"{where}: {error}") from None
        except duckdb.Error as error:
            raise SourceShapeError(f"{where}: {first_words(error)}") from error

    def _check_types(self, names: list[str], kinds: list[pa.DataType]) -> None:
        """Refuse what could not be a single value of text, number, time or yes and no; `_row` is a number or a list of them."""
        for name, kind in zip(names, kinds, strict=True):
            if names.count(name) > 1:
                raise SourceShapeError(f"{self.where}: returns column {name} twice")
            single = kind.value_type if name == ROW and pa.types.is_list(kind) else kind
            if pa.types.is_nested(single) or pa.types.is_interval(single) or pa.types.is_binary(single):
                way_out = "text, by decode(…)" if pa.types.is_binary(single) else "a single value"
                raise SourceShapeError(f"{self.where}: column {name} is of type {kind}; return {way_out}")
            if name == ROW and not pa.types.is_integer(single):
                raise SourceShapeError(f"{self.where}: column {ROW} must be the _row of an input or a list of them")

    def _check_shape(self, columns: set[str]) -> None:
        fields = self.table.model.to_schema().columns
        given_by_us = PIPELINE_COLUMNS | set(self.given)
        required = {name for name, column in fields.items() if not column.nullable} - given_by_us
        questions = set(self.questions)
        if EMAIL in columns and EMAIL_HASH in fields:
            given_by_us |= {EMAIL_HASH}
        if columns & {*NAMED_BY} and EMAIL_HASH in fields:
            required.discard("customer_id")
        if missing := sorted((required | questions) - columns):
            raise SourceShapeError(f"{self.where}: returns no column {', '.join(missing)}; {self.table.name} needs it")
        known = (set(fields) - given_by_us) | questions | {FILE, ROW, EXCLUDE_REASON}
        known |= {*NAMED_BY} if EMAIL_HASH in fields else set()
        if unknown := sorted(columns - known):
            raise SourceShapeError(
                f"{self.where}: returns column {', '.join(unknown)}, which {self.table.name} does not have"
            )


def _absent_key(column: str, inputs: Inputs) -> str:
    """The end of a message about a missing column, where the inputs have keys and not a header: a key can be absent from a whole delivery."""
    keyed = [part.input for part in inputs.parts if part.api is not None or file_format(Path(part.address)) == "jsonl"]
    if not keyed:
        return ""
    default = f"(from {quoted(keyed[0])} union all by name select null::varchar as {quoted(column)} where false)"
    return f"; if no line has to have that key, read {default} in place of {keyed[0]}"


def _explain(error: duckdb.Error, inputs: Inputs) -> str:
    """DuckDB's message as one line, naming the files when a column is missing."""
    text = " ".join(str(error).split())
    if match := re.search(r'Cannot access (?:file|directory) "(.+?)" - ', text):
        return f"reads {match[1]}, which is none of its inputs; name it under inputs"
    if match := re.search(r"exists in the (\w+) extension", text):
        return f"needs DuckDB's extension {match[1]}, which is not loaded; a database or another place is an input"
    if match := re.search(
        r'[Cc]olumn "?([^"]+?)"? (?:not found|does not)|does not have a column named "([^"]+)"', text
    ):
        column = match[1] or match[2]
        listing = []
        for name in inputs.names:
            files = [part.address for part in inputs.parts if part.input == name]
            more = f" and {len(files) - 1} more" if len(files) > 1 else ""
            listing.append(f"{files[0]}{more} (has {', '.join(columns_of(inputs.connection, quoted(name)))})")
        return f"column {column} is missing; read: {'; '.join(listing)}{_absent_key(column, inputs)}"
    return first_words(error)
