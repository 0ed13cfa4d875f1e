"""Text files, CSV and JSON lines, into DuckDB as text: every record is parsed, or kept as a broken line.

What a column means does not belong here, nor where the files are."""

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import polars as pl

from pipeline.errors import SourceShapeError
from pipeline.sources.half_characters import STARTS, without_half_characters
from pipeline.sources.inputs import BROKEN_SCHEMA, Inputs, Lines, check_names, literal, quoted
from pipeline.sources.json_numbers import JsonNumbers
from pipeline.sources.parts import file_format
from pipeline.sources.raw_lines import BOM, Span, as_broken, chunks, lines_of, packing_of, raw_lines
from pipeline.sources.swallowed import LINE_BREAKS, Form, find_forms, swallows

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_HINT = re.compile(r"""["']?sep=([,;\t|])["']?(?:\r\n|\r|\n)""", re.IGNORECASE)
"""A first line for Excel, which is no header."""
# Not a character of any text: reads a line as one column.
NO_DELIMITER = "\x1f"
KEYS, NESTED_KEYS = "[json_keys(line)]", "case when line like '%{%{%' then json_keys(line, '$..*') end"
"""The keys of a JSON line, and of the objects within it: a list for each object."""
IS_REPEATED = "list_bool_or(list_transform(keys, lambda names: len(names) > len(list_distinct(names))))"
ONE_VALUE = re.compile(rb"\s*(?:(\[)\s*[{\]]|\{[ \t]*[\r\n])")
"""How JSON begins that is an array of objects, or an object laid out for people."""
LONGEST_LINE = 8 << 20
"""Bytes. The parser keeps a line above 2 MiB as a broken one, and loses a much longer one."""
MOST_COLUMNS = 4_000
"""What the parser can hold in the memory that a source is given."""
SAMPLED_ROWS = 5_000
"""So many rows of a file tell what the values of its columns look like."""
END_OF_LINE = re.compile(r"(?:\r\n|\r|\n)\Z")
ENCODING_FAULT, NOT_UTF8 = "invalid encoding", "not UTF-8, save the file as UTF-8"


class Header(NamedTuple):
    """The first record of a file.

    `line_end` is what ends its lines, where the header has line breaks of its own: the parser would go by the first of those,
    and find no row at all.
    """

    columns: list[str]
    delimiter: str
    blank_lines_before: int
    lines: int
    line_end: str | None


def load_text(where: str, table: str, file: Path, inputs: Inputs, folder: Path) -> str:
    """Load one file into `table`; returns the SELECT that gives its rows with `_row`."""
    is_csv = file_format(file) == "csv"
    if not is_csv:
        _check_one_object_a_line(where, file)
    numbers = JsonNumbers()
    non_blank_lines = _count_lines(where, chunks(file) if is_csv else numbers.watched(chunks(file)))
    if non_blank_lines == 0:
        raise SourceShapeError(f"{where}: is empty; expected a header or rows")
    _check_text(where, file)
    load = _load_csv if is_csv else partial(_load_jsonl, exact_line=numbers.exact_line)
    try:
        return load(where, table, file, non_blank_lines, inputs)
    except duckdb.Error as error:
        if not has_mixed_line_ends(error):
            raise
    even = folder / f"{table}.even"
    _write_even_line_ends(file, even, has_quotes=is_csv)
    return load(where, table, even, non_blank_lines, inputs)


def has_mixed_line_ends(error: Exception) -> bool:
    """Whether the parser gave up because lines end in different ways."""
    return "state machine" in str(error)


def _write_even_line_ends(file: Path, target: Path, *, has_quotes: bool) -> None:
    """Copy a file with every `\\r\\n` outside quotes as `\\n`; as many lines, and no value is touched.

    Files of several systems put together have both. A lone `\\r` stays: it can as well be part of a value.
    """
    is_quoted, held = False, b""
    with target.open("wb") as written:
        for chunk in chunks(file):
            text = held + chunk
            held = b"\r" if text.endswith(b"\r") else b""
            pieces = text.removesuffix(held).split(b'"') if has_quotes else [text.removesuffix(held)]
            for number, piece in enumerate(pieces):
                is_quoted ^= number > 0
                written.write(b'"' * (number > 0) + (piece if is_quoted else piece.replace(b"\r\n", b"\n")))
        written.write(held)


def _count_lines(where: str, pieces: Iterator[bytes]) -> int:
    """How many lines are not blank: a count that no parser had a hand in.

    Raises:
        SourceShapeError: a line is longer than LONGEST_LINE.
    """
    lines, length = 0, 0
    after_break = True
    for number, chunk in enumerate(pieces):
        octets = np.frombuffer(chunk.removeprefix(BOM) if number == 0 else chunk, dtype=np.uint8)
        if not len(octets):
            continue
        breaks = octets == ord("\n")
        if b"\r" in chunk:
            breaks |= octets == ord("\r")
        # A line within one chunk is short enough.
        has_break = bool(breaks.any())
        if length + (int(breaks.argmax()) if has_break else len(breaks)) > LONGEST_LINE:
            raise SourceShapeError(
                f"{where}: line {lines} (blank ones not counted) is longer than the limit of {LONGEST_LINE >> 20} MiB; "
                "has it lost its line ends?"
            )
        lines += int(np.count_nonzero(breaks[:-1] > breaks[1:])) + int(after_break and not breaks[0])
        after_break = bool(breaks[-1])
        length = int(breaks[::-1].argmax()) if has_break else length + len(breaks)
    return lines


def _check_text(where: str, file: Path) -> None:
    """Refuse what is plainly not text in UTF-8; a single line that is not is a broken one."""
    start = next(chunks(file))
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceShapeError(f"{where}: is UTF-16; save it as UTF-8")
    if b"\0" in re.split(rb"[\r\n]", start.removeprefix(BOM).lstrip(b"\r\n"), maxsplit=1)[0]:
        raise SourceShapeError(f"{where}: has NUL bytes in its first line, as UTF-16 has; save it as text in UTF-8")


def _check_one_object_a_line(where: str, file: Path) -> None:
    """Refuse JSON that is one value over all lines, of which no line or a few by chance would be read."""
    start = next(chunks(file), b"").removeprefix(BOM)
    if found := ONE_VALUE.match(start):
        what, command = ("array", "jq -c '.[]'") if found[1] else ("object over several lines", "jq -c")
        raise SourceShapeError(f"{where}: is one JSON {what}; write one object a line, as {command} does")


def _load_csv(where: str, table: str, file: Path, non_blank_lines: int, inputs: Inputs) -> str:
    header, delimiter, blank_lines, header_lines, line_end = _header(where, file)
    if len(header) > MOST_COLUMNS:
        raise SourceShapeError(
            f"{where}: has {len(header):,} columns, the limit is {MOST_COLUMNS:,}; export those that the mapping needs"
        )
    check_names(where, header)
    _read_csv(
        *(table, file, inputs),
        columns=header,
        delimiter=delimiter,
        quote='"',
        skip=blank_lines,
        has_header=True,
        line_end=line_end,
    )
    broken = _take_broken(file, inputs)
    if len(header) == 1:
        # The parser takes a blank line for an empty value here.
        inputs.connection.execute(
            f'create or replace table "{table}" as from "{table}" where {_stored(header[0])} is not null'
        )
    parsed = n_rows = inputs.connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    read = non_blank_lines - header_lines
    if read > parsed + broken.height:
        # A record with line breaks in its values has more lines than one; to look for them costs a second reading.
        parsed += _breaks_inside(table, header, inputs)
    if read == parsed + broken.height and (read > broken.height + n_rows or header_lines > 1):
        forms = find_forms(_sample(table, header, n_rows, inputs))
        if swallows(header, forms, delimiter):
            raise SourceShapeError(f"{where}: its header swallows rows: a quote in it is never closed; close the quote")
        swallowed = _take_swallowed(table, header, delimiter, forms, header_lines, broken, file, inputs)
        parsed -= swallowed.height
        broken = pl.concat([broken, swallowed])
    lines = Lines(read, parsed, broken.height)
    if lines.read != parsed + broken.height and broken.height:
        raise SourceShapeError(
            f"{where}: the record on line {broken['row_number'][0]} swallows others: a quote in it is never closed, "
            "or it is longer than 2 MiB; close the quote, or double it where it is a character"
        )
    n_empty = _drop_empty(table, header, inputs)
    n_rows = inputs.connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    parsed = lines.parsed - n_empty
    inputs.lines += Lines(lines.read - n_empty, parsed, lines.broken, within=parsed - n_rows)
    return _numbered(table, header)


def _drop_empty(table: str, columns: list[str], inputs: Inputs) -> int:
    """Drop the rows of nothing but delimiters, which Excel leaves below a table whose rows were cleared; returns how many.

    They are blank lines by another name. The others keep their numbers.
    """
    is_empty = " and ".join(f"{_stored(name)} is null" for name in columns)
    return int(inputs.connection.execute(f'delete from "{table}" where {is_empty}').fetchall()[0][0])


def _breaks_inside(table: str, columns: list[str], inputs: Inputs) -> int:
    """How many line breaks there are in the values of a table."""
    # One expression over all values: a sum of one per column is too deep for the parser of a wide file.
    values = f"concat_ws(' ', {', '.join(map(_stored, columns))})"
    breaks = inputs.connection.execute(
        f"""select coalesce(sum(case when contains({values}, chr(10)) or contains({values}, chr(13))
            then len(regexp_extract_all({values}, '{LINE_BREAKS}')) end), 0) from "{table}" """
    ).fetchall()
    return int(breaks[0][0])


def _sample(table: str, columns: list[str], n_rows: int, inputs: Inputs) -> list[tuple[str | None, ...]]:
    """Some rows from all over a table."""
    return inputs.connection.execute(
        f'select {", ".join(map(_stored, columns))} from "{table}" where rowid % {n_rows // SAMPLED_ROWS + 1} = 0'
    ).fetchall()


def _take_swallowed(
    table: str,
    columns: list[str],
    delimiter: str,
    forms: list[Form | None],
    header_lines: int,
    broken: pl.DataFrame,
    file: Path,
    inputs: Inputs,
) -> pl.DataFrame:
    """Move the records that hold rows of the file in a value to the broken lines, line by line."""
    con = inputs.connection
    names = ", ".join(map(_stored, columns))
    within = f"[^{NO_DELIMITER}]*"
    lines = f"[{delimiter}]{within}[\\r\\n]|[\\r\\n]{within}[{delimiter}]"
    suspects = con.execute(
        f"""select rowid, {names} from "{table}"
        where regexp_matches(concat_ws('{NO_DELIMITER}', {names}), '{lines}') order by rowid"""
    )
    swallowing = []
    while rows := suspects.fetchmany(1_000):
        swallowing += [number for number, *values in rows if swallows(values, forms, delimiter)]
    if not swallowing:
        return pl.DataFrame(schema=BROKEN_SCHEMA)
    is_swallowing = f"rowid in ({', '.join(map(str, swallowing))})"
    lengths = con.execute(
        f"""select start::bigint, length from (select sum(length) over (order by number) - length as start, length, is_taken from (
            select rowid as number, {is_swallowing} as is_taken,
            1 + len(regexp_extract_all(concat_ws(' ', {names}), '{LINE_BREAKS}')) as length from "{table}"))
        where is_taken order by start"""
    ).fetchall()
    others = set(broken["row_number"])
    own = (line for line in raw_lines(chunks(file)) if line.number not in others)
    found, place = [], -header_lines
    for start, length in lengths:
        record = list(itertools.islice(own, start - place, start - place + length))
        found += as_broken(file, record, "broken line: stray quotes make one value of several rows")
        place = start + length
    con.execute(f'create or replace table "{table}" as from "{table}" where not {is_swallowing}')
    swallowed = pl.DataFrame(found, schema=BROKEN_SCHEMA, orient="row")
    inputs.broken.append(swallowed)
    return swallowed


def _load_jsonl(where: str, table: str, file: Path, non_blank_lines: int, inputs: Inputs, *, exact_line: str) -> str:
    lines = f"{table}__lines"
    _read_csv(lines, file, inputs, columns=["line"], delimiter=NO_DELIMITER, quote="", skip=0, has_header=False)
    broken = _take_broken(file, inputs)
    con = inputs.connection
    con.execute(f'delete from "{lines}" where line is null')
    n_blank = con.execute(f"delete from \"{lines}\" where not regexp_matches(line, '\\S')").fetchall()[0][0]
    _mend_half_characters(lines, inputs)
    n_broken = len(inputs.broken)
    is_object = "(json_valid(line) and regexp_matches(line, '^\\s*\\{'))"
    found = _take(lines, f"not {is_object}", "line is not a JSON object", file, inputs)
    found += _take_repeated(lines, NESTED_KEYS, "a key comes twice in an object within the line", file, inputs)
    found += _take_repeated(lines, KEYS, "a key comes twice in the line, with two values for one column", file, inputs)
    inputs.broken[n_broken:] = [_past(broken, taken) for taken in inputs.broken[n_broken:]]
    keys = con.execute(
        f"select distinct unnest(keys[1]) as key from shapes where not {IS_REPEATED} order by key"
    ).fetchall()
    names = [key or "column_1" for (key,) in keys]
    check_names(where, names)
    # JSON pointers, because a path can say neither a quote nor a star in a key.
    paths = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for (key,) in keys)
    fields = ", ".join(f"fields[{number}] as {_stored(name)}" for number, name in enumerate(names, start=1))
    con.execute(
        f"""create table "{table}" as select {fields or "null as _row"}
        from (select json_extract_string({exact_line}, [{paths}]::varchar[]) as fields from "{lines}")"""
    )
    con.execute(f'drop table "{lines}"')
    parsed = con.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    inputs.lines += Lines(non_blank_lines - n_blank, parsed, broken.height + found)
    return _numbered(table, names)


def _mend_half_characters(lines: str, inputs: Inputs) -> None:
    """Write U+FFFD for half an emoji: the parser takes no line with one."""
    con = inputs.connection
    has_start = " or ".join(f"contains(line, {literal(start)})" for start in STARTS)
    suspects = con.execute(f'select rowid, line from "{lines}" where ({has_start}) and not json_valid(line)').fetchall()
    mended = [(number, without_half_characters(line)) for number, line in suspects]
    if mended:
        con.register("mended", pl.DataFrame(mended, schema={"number": pl.Int64, "line": pl.String}, orient="row"))
        con.execute(f'update "{lines}" set line = mended.line from mended where "{lines}".rowid = mended.number')
        con.unregister("mended")


def _stored(name: str) -> str:
    """What a column is called in a table of DuckDB: one of a file would hide DuckDB's own `rowid`."""
    return "_row" if name.lower() == "rowid" else quoted(name)


def _numbered(table: str, names: list[str]) -> str:
    """The SELECT that gives a table's columns as the file calls them, and `_row`."""
    own = "".join(f" rename (_row as {quoted(name)})" for name in names if _stored(name) == "_row")
    return f'select {f"*{own}, " if names else ""}rowid + 1 as _row from "{table}"'


def _take_repeated(lines: str, keys: str, reason: str, file: Path, inputs: Inputs) -> int:
    """Move the JSON lines with an object that has a key twice to the broken ones; returns how many.

    Lines are of few shapes, which stay in the table `shapes`: only these are looked at closely.
    """
    con = inputs.connection
    con.execute(f'create or replace temp table shapes as select distinct {keys} as keys from "{lines}"')
    if not con.execute(f"select count(*) from shapes where {IS_REPEATED}").fetchall()[0][0]:
        return 0
    return _take(lines, IS_REPEATED.replace("keys", keys, 1), reason, file, inputs)


def _take(lines: str, condition: str, reason: str, file: Path, inputs: Inputs) -> int:
    """Move the JSON lines that meet a condition to the broken ones; returns how many."""
    con = inputs.connection
    taken = con.execute(f'select rowid + 1, line from "{lines}" where {condition} order by 1').fetchall()
    if taken:
        con.execute(f'delete from "{lines}" where {condition}')
    rows = [(str(file), number, reason, line) for number, line in taken]
    inputs.broken.append(pl.DataFrame(rows, schema=BROKEN_SCHEMA, orient="row"))
    return len(rows)


def _past(broken: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """The lines that were taken, numbered as if those that the parser has left out before had a number too."""
    before = broken["row_number"].to_numpy() - np.arange(broken.height)
    numbers = taken["row_number"].to_numpy()
    return taken.with_columns(row_number=numbers + np.searchsorted(before, numbers, side="right"))


def _read_csv(
    table: str,
    file: Path,
    inputs: Inputs,
    *,
    columns: list[str],
    delimiter: str,
    quote: str,
    skip: int,
    has_header: bool,
    line_end: str | None = None,
) -> None:
    types = ", ".join(f"{_stored(name)}: 'VARCHAR'" for name in columns)
    new_line = "" if line_end is None else f", new_line={literal(line_end.encode('unicode_escape').decode())}"
    # The whole dialect is given: only then are broken lines kept instead of guessed around.
    inputs.connection.execute(
        f"""create table "{table}" as from read_csv({literal(file)}, auto_detect=false, hive_partitioning=false, header={has_header}, skip={skip},
        delim={literal(delimiter)}, quote={literal(quote)}, escape={literal(quote)}, columns={{{types}}}, allow_quoted_nulls={len(columns) > 1}, store_rejects=true, compression={literal(packing_of(file) or "none")}{new_line})"""
    )


def _take_broken(file: Path, inputs: Inputs) -> pl.DataFrame:
    """Move what the parser rejected in the last file to the broken lines; a line with two faults comes once."""
    rows = inputs.connection.execute(
        """select line_byte_position - 1, min(byte_position) - 1, first(csv_line), string_agg(distinct lower(error_type::varchar), '; ')
        from reject_errors group by 1 order by 1"""
    ).fetchall()
    inputs.connection.execute("drop table reject_errors; drop table reject_scans")
    # The parser counts a record with line breaks as one line, and masks what is not UTF-8: both are read off the file.
    spans = []
    for start, fault_at, text, faults in rows:
        fault = f"broken line: {faults.replace(ENCODING_FAULT, NOT_UTF8)}"
        end = start + len(text.encode())
        # Where a record is too long for the parser it names the line before, and then the place of the fault alone is right.
        is_named = fault_at is None or fault_at <= end + len("\r\n")
        spans.append(Span(start, end - start, fault) if is_named else Span(fault_at, 1, fault))
    broken = lines_of(file, spans)
    inputs.broken.append(broken)
    return broken


def _header(where: str, file: Path) -> Header:
    """What the first record says of a file; of the delimiters the one that splits it into the most and tears no quoted cell."""
    text = next(chunks(file)).removeprefix(BOM).decode("utf-8", errors="surrogateescape")
    first = text.lstrip("\r\n")
    blank_lines = len(re.findall("\r\n|\r|\n", text[: len(text) - len(first)]))
    has_hint = bool(hint := DELIMITER_HINT.match(first))
    rows, ends = {}, {}
    if hint:
        first = first[hint.end() :]
    for delimiter in hint[1] if hint else DELIMITERS:
        with contextlib.suppress(csv.Error):
            taken = io.StringIO(first, newline="")
            rows[delimiter] = next(csv.reader(iter(taken.readline, ""), delimiter=delimiter, strict=True))
            ends[delimiter] = END_OF_LINE.search(first, max(taken.tell() - len("\r\n"), 0), taken.tell())
    if not rows:
        raise SourceShapeError(f"{where}: the header cannot be read; check its quotes")
    delimiter = max(rows, key=lambda delimiter: _likeness(rows[delimiter]))
    header = rows[delimiter]
    if any("\udc80" <= character <= "\udcff" for name in header for character in name):
        raise SourceShapeError(f"{where}: its header is not UTF-8; save the file as UTF-8")
    lines = 1 + sum(len(re.findall(LINE_BREAKS, name)) for name in header)
    line_end = end[0] if lines > 1 and (end := ends[delimiter]) else None
    return Header(column_names(header), delimiter, blank_lines + has_hint, lines + has_hint, line_end)


def _likeness(cells: list[str]) -> tuple[bool, bool, int]:
    """How much some cells are like a header that is split where it should be: the more of them, unless that tears a quoted one."""
    return len(cells) > 1, all(cell.count('"') % 2 == 0 for cell in cells), len(cells)


def column_names(header: list[str]) -> list[str]:
    """The cells of a header as names that differ; one without a name is called by its number."""
    return _number_repeats([name.strip() or f"column_{number}" for number, name in enumerate(header, start=1)])


def _number_repeats(names: list[str]) -> list[str]:
    """The names, a repeated one with the first number from 2 that makes a new name of it: a survey can ask `Other` twice."""
    taken = {name.lower() for name in names}
    seen: set[str] = set()
    numbered = []
    for name in names:
        unique = name
        if name.lower() in seen:
            unique = next(candidate for n in itertools.count(2) if (candidate := f"{name}_{n}").lower() not in taken)
            taken.add(unique.lower())
        seen.add(name.lower())
        numbered.append(unique)
    return numbered
