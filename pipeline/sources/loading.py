"""Reading a source's inputs into DuckDB, one view per input: files, objects and databases.

What a column means does not belong here, nor where the files are, nor how text is parsed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.ingest.conform import SHORT_FLOATS
from pipeline.errors import SourceShapeError
from pipeline.sources.apis.reading import Keeping, read_api
from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.archives import unpack
from pipeline.sources.inputs import Inputs, Lines, check_names, columns_of, literal, quoted
from pipeline.sources.object_stores import fetch, is_remote
from pipeline.sources.parts import READABLE, Part, file_format
from pipeline.sources.patterns import under_plain_name
from pipeline.sources.preset import PresetInput
from pipeline.sources.settings import MAX_UNPACKED_MB, FileInput
from pipeline.sources.statements import first_words
from pipeline.sources.survey_headers import columns_called, header_columns, item_columns
from pipeline.sources.text_files import has_mixed_line_ends, load_text
from pipeline.sources.unreadable import why_unread
from pipeline.sources.workbooks import first_rows, load_sheet

NOTHING = PresetInput(required=[])
"""What is told of an input without a preset."""


@dataclass(frozen=True)
class Expected:
    """What a preset says of an input's columns, and what the survey's items are called."""

    told: PresetInput = NOTHING
    items: list[str] = field(default_factory=list)
    shape: str | None = None
    """The SELECT that makes an export's columns of what an API gives."""


def load_inputs(
    source: str,
    parts: list[Part],
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    expected: Mapping[str, Expected] = MappingProxyType({}),
    watermarks: Mapping[tuple[str, str], str | None] = MappingProxyType({}),
    max_unpacked_mb: int = MAX_UNPACKED_MB,
    keeping: Keeping | None = None,
    decimal: str = ".",
) -> Inputs:
    """Load the parts of a source as one view per input, named after it; `folder` takes what must be fetched first.

    Text files and sheets give one VARCHAR column per header name, Parquet and databases their own types. Every view also has `_file`,
    the part's address, and `_row`, the position among the parsed records of its file, from 1; and a column of nulls for
    each optional column that a file lacks. `watermarks` maps (input, address) of a database or an API to where its reading
    begins. `keeping`: where what APIs give is kept until it is merged; nowhere when left out. `decimal`: how texts are written.

    Raises:
        SourceShapeError: a file of an unknown format, empty, unreadable or not text in UTF-8, with a line or more columns than
            can be held, that changes while it is read, or without a required column.
    """
    inputs = Inputs(connection, decimal, parts=parts)
    for name in dict.fromkeys(part.input for part in parts):
        inputs.names.append(name)
        own = [part for part in parts if part.input == name]
        selects = [
            _load_part(
                source,
                f"{name}__{number}",
                part,
                inputs,
                folder,
                expected.get(name, Expected()),
                watermarks,
                max_unpacked_mb,
                keeping or Keeping(folder / "pages"),
            )
            for number, part in enumerate(own)
        ]
        types = [{column.lower(): kind for column, kind in inputs.columns[part].items()} for part in own]
        selects = [_agreeing(rows, kinds, types) for rows, kinds in zip(selects, types, strict=True)]
        connection.execute(f"create view {quoted(name)} as {' union all by name '.join(selects)}")
    return inputs


def _agreeing(rows: str, types: Mapping[str, str], of_parts: Sequence[Mapping[str, str]]) -> str:
    """The rows of a part as they can stand below those of the others: with texts of what the union would change.

    Times beside others with a zone would be taken for UTC, and FLOATs of seven digits for exact numbers. What stands beside
    a text becomes one too.
    """
    changed = {}
    for name, kind in types.items():
        others = {other[name] for other in of_parts if name in other} - {kind}
        if kind == "TIMESTAMP WITH TIME ZONE" and others:
            changed[name] = f"concat({quoted(name)} at time zone 'UTC', '+00:00')"
        elif kind == "FLOAT" and others:
            is_short = f"abs({quoted(name)}) < {SHORT_FLOATS}"
            changed[name] = f"{quoted(name)}::varchar || if({is_short}, '', ' in a FLOAT, which has lost the cents')"
    values = [
        f"case when {quoted(name)} is not null then {value} end as {quoted(name)}" for name, value in changed.items()
    ]
    return f"select * replace ({', '.join(values)}) from ({rows})" if values else rows


def _load_part(
    source: str,
    table: str,
    part: Part,
    inputs: Inputs,
    folder: Path,
    expected: Expected,
    watermarks: Mapping[tuple[str, str], str | None],
    max_mb: int,
    keeping: Keeping,
) -> str:
    """Load one part into `table`; returns the SELECT that gives its rows with `_file`, `_row` and all expected columns."""
    where = f"source {source}: file {part.address}"
    told_file = part.file or FileInput(path=part.address)
    file = Path(told_file.path)
    n_broken = len(inputs.broken)
    try:
        if part.database is not None:
            where = f"source {source}: input {part.input}"
            file = folder / f"{table}.parquet"
            # Its drivers take a third of a second to load, and most shops deliver files.
            from pipeline.sources.databases import read_database

            after = watermarks.get((part.input, part.address))
            read = read_database(part.database, after=after, target=file, now=part.exported_at)
            inputs.watermarks[part] = read.watermark
        elif part.api is not None:
            where = f"source {source}: input {part.input}"
            file = folder / f"{table}.jsonl"
            after = watermarks.get((part.input, part.address))
            got = read_api(
                part.api,
                part.input,
                reader=source,
                after=after,
                target=file,
                keeping=keeping,
                now=part.exported_at,
            )
            inputs.watermarks[part] = got.watermark
        elif is_remote(part.address):
            file = folder / f"{table}-{file.name}"
            fetch(told_file.path, file)
        elif told_file.member:
            file = folder / f"{table}-{Path(told_file.member).name}"
            unpack(Path(told_file.path), told_file.member, file)
    except SourceShapeError as error:
        raise SourceShapeError(f"{where}: {error}") from error
    if part.api is not None:
        rows = _load_api(where, table, file, part, inputs, folder, expected)
    else:
        file = under_plain_name(file, folder, table)
        rows, where = _load_file(where, table, file, inputs, folder, told_file, max_mb)
    for number, broken in enumerate(inputs.broken[n_broken:], start=n_broken):
        inputs.broken[number] = broken.with_columns(file=pl.lit(part.address))
    delivered = columns_of(inputs.connection, f"({rows})")
    inputs.columns[part] = delivered
    preset = expected.told
    personal = {name.lower() for name in preset.personal}
    inputs.personal |= {name for name in delivered if preset.column_of(name).lower() in personal}
    told = header_columns(inputs.connection, table, preset.item_names)
    inputs.personal |= columns_called(inputs.connection, table, preset.item_names, preset.personal)
    known = {preset.column_of(name).lower() for name in [*delivered, *told]}
    if missing := [name for name in preset.required if name.lower() not in known]:
        listing = ", ".join(" ".join(name.split()) for name in delivered)
        hint = _other_header(file, told_file, preset) if file_format(file) == "xlsx" else ""
        raise SourceShapeError(f"{where}: column {', '.join(missing)} is missing; it has {listing}{hint}")
    if expected.items:
        try:
            told |= item_columns(inputs.connection, table, preset.item_names, expected.items)
        except SourceShapeError as error:
            raise SourceShapeError(f"{where}: {error}") from error
    more = [
        f"null::varchar as {quoted(name)}" for name in (*preset.optional, *preset.of_api) if name.lower() not in known
    ]
    more += [f"{value} as {quoted(name)}" for name, value in told.items()]
    return f"select *, {literal(part.address)} as _file{''.join(f', {column}' for column in more)} from ({rows})"


def _load_api(where: str, table: str, file: Path, part: Part, inputs: Inputs, folder: Path, expected: Expected) -> str:
    """Load what an API gave, in the columns of the export that the preset maps; returns the SELECT with `_row`."""
    assert part.api is not None
    if file.stat().st_size:
        rows = load_text(where, table, file, inputs, folder)
    else:
        names = dict.fromkeys([*TOOLS[part.api.api].resources[part.input].columns, *expected.items])
        inputs.connection.execute(
            f"create table {quoted(table)} ({', '.join(f'{quoted(name)} varchar' for name in names)})"
        )
        rows = f"select *, rowid + 1 as _row from {quoted(table)}"
    if expected.shape is None:
        return rows
    shaped = f"{table}__shaped"
    inputs.connection.execute(f"create or replace temp view delivered as {rows}")
    try:
        inputs.connection.execute(f"create table {quoted(shaped)} as {expected.shape}")
    except duckdb.Error as error:
        raise SourceShapeError(
            f"{where}: a row has another form ({first_words(error)}); has the API changed?"
        ) from None
    return f"select *, rowid + 1 as _row from {quoted(shaped)}"


def _other_header(file: Path, told: FileInput, preset: PresetInput) -> str:
    """The end of a message about missing columns, where another row of a sheet has them all."""
    for number, cells in first_rows(file, told.sheet):
        if set(preset.required) <= {preset.column_of(cell or "") for cell in cells}:
            return f"; row {number} has it, set header: {number}"
    return ""


def _load_file(
    where: str, table: str, file: Path, inputs: Inputs, folder: Path, told: FileInput, max_mb: int
) -> tuple[str, str]:
    """Load one file into `table`; returns the SELECT that gives its rows with `_row`, and `where` with the sheet, if any."""
    kind = file_format(file)
    if kind == "zip":
        raise SourceShapeError(
            f"{where}: a .zip in an object store is not read; unpack it there, or name a copy on disk"
        )
    if kind is None:
        raise SourceShapeError(f"{where}: {why_unread(file.name) or f'format not known; use {READABLE}'}")
    try:
        before = file.stat()
        if kind == "xlsx":
            rows, where = load_sheet(where, table, file, inputs, folder, told=told, max_mb=max_mb)
        elif kind == "parquet":
            rows = _load_parquet(where, table, file, inputs)
        else:
            rows = load_text(where, table, file, inputs, folder)
        after = file.stat()
    except (OSError, EOFError, pa.ArrowInvalid, duckdb.Error) as error:
        text = next(iter(str(error).splitlines()), type(error).__name__)
        if has_mixed_line_ends(error):
            text = "its lines do not all end alike; save it with one kind of line end"
        elif getattr(error, "errno", None) is None:
            text += "; is it whole? deliver it anew"
        raise SourceShapeError(f"{where}: cannot be read: {text}") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceShapeError(f"{where}: changed while it was being read; run again once it is fully written")
    return rows, where


def _load_parquet(where: str, table: str, file: Path, inputs: Inputs) -> str:
    inputs.files.append(str(file))
    inputs.connection.execute(
        f"""create view "{table}" as
        from read_parquet({literal(file)}, file_row_number=true, hive_partitioning=false)"""
    )
    # DuckDB gives the second of two names that differ in case another one.
    check_names(where, pq.read_schema(file).names)
    rows = inputs.connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [str(file)]).fetchall()[0][0]
    parsed = inputs.connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    inputs.lines += Lines(int(rows), parsed, 0)
    return f'select * exclude (file_row_number), file_row_number + 1 as _row from "{table}"'
