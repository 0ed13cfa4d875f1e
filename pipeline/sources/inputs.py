"""What is loaded of a source: a view per input in DuckDB, every record counted. How a file is read does not belong here."""

from dataclasses import dataclass, field

import duckdb
import polars as pl

from pipeline.errors import SourceShapeError
from pipeline.sources.parts import Part

BROKEN_SCHEMA = {"file": pl.String, "row_number": pl.Int64, "reasons": pl.String, "raw": pl.String}


@dataclass(frozen=True)
class Lines:
    """Lines of a source's files: found by a count of the bytes, parsed and broken by the parser; `within`: how many of them are no
    row of their own, but part of a value."""

    read: int
    parsed: int
    broken: int
    within: int = field(default=0, compare=False)

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(
            *(self.read + other.read, self.parsed + other.parsed, self.broken + other.broken),
            within=self.within + other.within,
        )


@dataclass
class Inputs:
    """The inputs of one source, loaded: views in `connection`, the parts they were read from, counts, broken lines."""

    connection: duckdb.DuckDBPyConnection
    decimal: str = "."
    """What comes before the cents in texts."""
    names: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    columns: dict[Part, dict[str, str]] = field(default_factory=dict)
    """Part -> its columns as delivered and their types."""
    watermarks: dict[Part, str | None] = field(default_factory=dict)
    """Part of a database -> the last value of its cursor column."""
    lines: Lines = field(default_factory=lambda: Lines(0, 0, 0))
    broken: list[pl.DataFrame] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    """What a version of a file is read as -> its address, where several versions are read together."""
    personal: set[str] = field(default_factory=set)
    """Columns with personal data, by what their preset or an extra header row calls them."""
    notes: list[str] = field(default_factory=list)
    """What a file does not hold of what a person saw in it, in words."""
    files: list[str] = field(default_factory=list)
    """The files that views still read from: Parquet, sheets and what databases gave."""

    def refuse_other_files(self) -> None:
        """From now on nothing that is run in the connection reads or writes any other file, or loads an extension."""
        options = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allowed_paths": f"[{', '.join(map(literal, self.files))}]",
            "enable_external_access": "false",
            "lock_configuration": "true",
        }
        for name, value in options.items():
            self.connection.execute(f"set {name} = {value}")

    @property
    def broken_rows(self) -> pl.DataFrame:
        """One row per broken line: file, row_number (its line), reasons, raw."""
        return pl.concat([pl.DataFrame(schema=BROKEN_SCHEMA), *self.broken])


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Names and types of a relation's columns, without the pipeline's own."""
    rows = connection.execute(f"describe from {relation}").fetchall()
    return {name: kind for name, kind, *_ in rows if name not in ("_file", "_row")}


def check_names(where: str, names: list[str]) -> None:
    """Refuse names that a table cannot have beside each other, whatever their case."""
    taken = {"_file", "_row"}
    for name in names:
        if name.lower() in taken:
            reason = "is a name of the pipeline's own" if name.lower() in ("_file", "_row") else "appears twice"
            raise SourceShapeError(f"{where}: column '{name}' {reason}; rename it")
        taken.add(name.lower())


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
