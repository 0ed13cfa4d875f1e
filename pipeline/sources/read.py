"""Reading a source's files into DuckDB as text, one table per input, every record counted. What a column means does not belong here."""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.errors import SourceShapeError

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
COMPRESSIONS = (".gz", ".zst")
DELIMITERS = (",", ";", "\t", "|")
LINE_BREAKS = "[\\r\\n]+"
# Not a character of any text: reads a line as one column.
NO_DELIMITER = "\x1f"
BROKEN_SCHEMA = {"file": pl.String, "row_number": pl.Int64, "reasons": pl.String, "raw": pl.String}


@dataclass(frozen=True)
class Lines:
    """Records of a source's files: found by a count of the bytes, parsed and broken by the parser."""

    read: int
    parsed: int
    broken: int

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(self.read + other.read, self.parsed + other.parsed, self.broken + other.broken)


@dataclass
class Inputs:
    """The inputs of one source, loaded: tables in `connection`, counts, broken lines, and a fingerprint of the bytes."""

    connection: duckdb.DuckDBPyConnection
    files: dict[str, list[Path]] = field(default_factory=dict)
    lines: Lines = field(default_factory=lambda: Lines(0, 0, 0))
    broken: list[pl.DataFrame] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    @property
    def broken_rows(self) -> pl.DataFrame:
        """One row per broken line: file, row_number (its line), reasons, raw."""
        return pl.concat([pl.DataFrame(schema=BROKEN_SCHEMA), *self.broken])


def load_inputs(source: str, places: dict[str, str], connection: duckdb.DuckDBPyConnection) -> Inputs:
    """Load every input of a source as a table named after it.

    Text files give one VARCHAR column per header name, Parquet its own types. Every table also has `_file` and `_row`,
    the position among the parsed records of its file, from 1.

    Raises:
        SourceShapeError: nothing at a place, a format not known, a file empty or unreadable.
    """
    inputs = Inputs(connection)
    for name, place in places.items():
        inputs.files[name] = find_files(source, name, place)
        parts = [
            _load_file(source, f"{name}__{number}", file, inputs) for number, file in enumerate(inputs.files[name])
        ]
        connection.execute(f'create view "{name}" as {" union all by name ".join(parts)}')
    return inputs


def find_files(source: str, name: str, place: str) -> list[Path]:
    """The files at a place: a file, all known files of a folder, or the matches of a glob, sorted.

    Raises:
        SourceShapeError: there are none.
    """
    path = Path(place)
    if path.is_file():
        return [path]
    if path.is_dir():
        found = [file for file in path.iterdir() if file.is_file() and _format(file)]
    else:
        anchor = Path(path.anchor)
        found = [file for file in anchor.glob(str(path.relative_to(anchor))) if file.is_file()]
    if not found:
        raise SourceShapeError(
            f"source {source}: input {name}: no file at {place}; check inputs.{name} in the configuration"
        )
    return sorted(found)


def _format(file: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in COMPRESSIONS]
    return FORMATS.get(suffixes[-1]) if suffixes else None


def _load_file(source: str, table: str, file: Path, inputs: Inputs) -> str:
    """Load one file into `table`; returns the SELECT that gives its rows with `_file` and `_row`."""
    where = f"source {source}: file {file}"
    kind = _format(file)
    if kind is None:
        raise SourceShapeError(f"{where}: format not known; use {', '.join(FORMATS)}, also with .gz or .zst")
    try:
        digest, non_blank_lines = _scan_bytes(file, count_lines=kind != "parquet")
        inputs.digests.append(digest)
        if kind == "parquet":
            return _load_parquet(table, file, inputs)
        if non_blank_lines == 0:
            raise SourceShapeError(f"{where}: is empty; expected a header or rows")
        if kind == "jsonl":
            return _load_jsonl(table, file, non_blank_lines, inputs)
        return _load_csv(where, table, file, non_blank_lines, inputs)
    except (OSError, EOFError, pa.ArrowInvalid, duckdb.Error) as error:
        text = next(iter(str(error).splitlines()), type(error).__name__)
        raise SourceShapeError(f"{where}: cannot be read: {text}") from error


def _scan_bytes(file: Path, *, count_lines: bool) -> tuple[str, int]:
    """SHA-256 of the unpacked bytes, and how many lines are not blank: a count that no parser had a hand in."""
    digest = hashlib.sha256()
    lines = 0
    after_break = True
    for chunk in _chunks(file):
        digest.update(chunk)
        if count_lines:
            octets = np.frombuffer(chunk, dtype=np.uint8)
            breaks = (octets == ord("\n")) | (octets == ord("\r"))
            lines += int(np.count_nonzero(~breaks[1:] & breaks[:-1])) + int(after_break and not breaks[0])
            after_break = bool(breaks[-1])
    return digest.hexdigest(), lines


def _chunks(file: Path) -> Iterator[bytes]:
    with pa.input_stream(str(file), compression="detect") as stream:
        while chunk := stream.read(8 << 20):
            yield chunk


def _load_parquet(table: str, file: Path, inputs: Inputs) -> str:
    inputs.connection.execute(f'create view "{table}" as from read_parquet({_text(file)}, file_row_number=true)')
    rows = inputs.connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [str(file)]).fetchall()[0][0]
    parsed = inputs.connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    inputs.lines += Lines(int(rows), parsed, 0)
    return f'select * exclude (file_row_number), {_text(file)} as _file, file_row_number + 1 as _row from "{table}"'


def _load_csv(where: str, table: str, file: Path, non_blank_lines: int, inputs: Inputs) -> str:
    header, delimiter = _header(file)
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        raise SourceShapeError(f"{where}: column '{doubled[0]}' appears twice in the header")
    _read_csv(table, file, inputs, columns=header, delimiter=delimiter, quote='"', has_header=True)
    broken = _take_broken(file, inputs)
    breaks = " + ".join(
        f"""coalesce(sum(case when contains("{name}", chr(10)) or contains("{name}", chr(13))
            then len(regexp_extract_all("{name}", '{LINE_BREAKS}')) end), 0)"""
        for name in header
    )
    parsed, breaks_inside = inputs.connection.execute(f'select count(*), {breaks} from "{table}"').fetchall()[0]
    breaks_inside += sum(len(re.findall(LINE_BREAKS, text.strip("\r\n"))) for text in broken["raw"])
    inputs.lines += Lines(non_blank_lines - 1 - int(breaks_inside), parsed, broken.height)
    return f'select *, {_text(file)} as _file, rowid + 1 as _row from "{table}"'


def _load_jsonl(table: str, file: Path, non_blank_lines: int, inputs: Inputs) -> str:
    lines = f"{table}__lines"
    _read_csv(lines, file, inputs, columns=["line"], delimiter=NO_DELIMITER, quote="", has_header=False)
    broken = _take_broken(file, inputs)
    con = inputs.connection
    con.execute(f'delete from "{lines}" where line is null')
    is_object = "case when json_valid(line) then json_type(line) = 'OBJECT' else false end"
    no_objects = con.execute(f'select rowid + 1, line from "{lines}" where not {is_object} order by 1').fetchall()
    con.execute(f'delete from "{lines}" where not {is_object}')
    found = [(str(file), number, "line is not a JSON object", line) for number, line in no_objects]
    inputs.broken.append(pl.DataFrame(found, schema=BROKEN_SCHEMA, orient="row"))
    keys = [
        key
        for (key,) in con.execute(
            f'select distinct unnest(json_keys(line)) as key from "{lines}" order by key'
        ).fetchall()
    ]
    paths = ", ".join(_text(f'$."{key}"') for key in keys)
    fields = "".join(f'fields[{number}] as "{key}", ' for number, key in enumerate(keys, start=1))
    con.execute(
        f"""create table "{table}" as select {fields} rowid + 1 as _row
        from (select rowid, json_extract_string(line, [{paths}]::varchar[]) as fields from "{lines}")"""
    )
    con.execute(f'drop table "{lines}"')
    parsed = con.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    inputs.lines += Lines(non_blank_lines, parsed, broken.height + len(no_objects))
    return f'select * exclude (_row), {_text(file)} as _file, _row from "{table}"'


def _read_csv(
    table: str, file: Path, inputs: Inputs, *, columns: list[str], delimiter: str, quote: str, has_header: bool
) -> None:
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in columns)
    # The whole dialect is given: only then are broken lines kept instead of guessed around.
    inputs.connection.execute(
        f"""create table "{table}" as from read_csv({_text(file)}, auto_detect=false, header={has_header},
        delim={_text(delimiter)}, quote={_text(quote)}, escape={_text(quote)}, columns={{{types}}}, store_rejects=true)"""
    )


def _take_broken(file: Path, inputs: Inputs) -> pl.DataFrame:
    """Move what the parser rejected in the last file to the broken lines; a line with two faults comes once."""
    rows = inputs.connection.execute(
        """select first(line), string_agg(distinct lower(error_type::varchar), '; '), first(csv_line)
        from reject_errors group by line_byte_position order by line_byte_position"""
    ).fetchall()
    inputs.connection.execute("drop table reject_errors; drop table reject_scans")
    broken = pl.DataFrame(
        [(str(file), line, f"broken line: {faults}", text.strip("\r\n")) for line, faults, text in rows],
        schema=BROKEN_SCHEMA,
        orient="row",
    )
    inputs.broken.append(broken)
    return broken


def _header(file: Path) -> tuple[list[str], str]:
    """Column names of the first line, and the delimiter that splits it into the most."""
    start = next(_chunks(file)).lstrip(b"\r\n")
    line = start.decode("utf-8-sig", errors="replace").splitlines()[0]
    rows = {delimiter: next(csv.reader([line], delimiter=delimiter)) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda delimiter: len(rows[delimiter]))
    return [name.strip() for name in rows[delimiter]], delimiter


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
