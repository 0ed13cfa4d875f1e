"""One source, from its inputs to staged batches: find what is new, read, map, hand on. Nothing here touches the lake."""

import hashlib
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.core.ingest.personal import pseudonyms
from pipeline.core.ingest.surveys import answers_from_responses, with_comment
from pipeline.errors import SourceShapeError
from pipeline.settings import Settings
from pipeline.sources.batches import EXPORTED_AT, POSITION, REPORT, Batch, Report
from pipeline.sources.column_changes import Drift, find_drift
from pipeline.sources.entity_rows import FILE, ROW, EntityRows, Rules
from pipeline.sources.parts import Part, find_parts, parts_to_read
from pipeline.sources.preset import load_preset
from pipeline.sources.retry import load_kept
from pipeline.sources.settings import SourceSettings
from pipeline.sources.text_files import Expected, Inputs, columns_of, load_inputs, quoted
from schemas.registry import ENTITIES, RECORDS, Table

ROWS_PER_CHUNK = 250_000
EXCLUDE_REASON = "exclude_reason"
PIPELINE_COLUMNS = {"source", "batch_id"}
FETCHED = "fetched"
"""Folder for what exists only while a source is read."""


def stage_source(
    source: SourceSettings,
    settings: Settings,
    folder: Path,
    *,
    started_at: datetime,
    known: pl.DataFrame | None = None,
    kept: pl.DataFrame | None = None,
    erased: Collection[str] = (),
) -> Report:
    """Read what is new of a source and leave its staged batches in `folder`, whole or not at all.

    `known`: what was read of it before, as the contract `InputsRead` has it. `kept`: rejected rows to try again in place of
    the inputs that they came from. `erased`: fingerprints of names whose rows are left out, and counted as excluded.

    Raises:
        SourceShapeError: an input or the mapping does not have the shape it must have.
        ConfigError: the mapping returns e-mail addresses and there is no key to make pseudonyms with.
    """
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    connection = _connect(building)
    try:
        report = _Stager(source, settings, building, started_at, erased).run(connection, known, kept)
    finally:
        connection.close()
    shutil.rmtree(building / FETCHED, ignore_errors=True)
    (building / REPORT).write_text(json.dumps(asdict(report), indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return report


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    # Bounded, so that a file larger than the memory spills to disk instead of failing.
    fetched = folder / FETCHED
    fetched.mkdir()
    connection = duckdb.connect(":memory:", config={"memory_limit": "800MB", "temp_directory": str(fetched / "spill")})
    connection.execute("set global TimeZone = 'UTC'")
    return connection


class _Stager:
    def __init__(
        self,
        source: SourceSettings,
        settings: Settings,
        folder: Path,
        started_at: datetime,
        erased: Collection[str],
    ) -> None:
        self.source = source
        self.folder = folder
        self.started_at = started_at
        self.shop = settings.shop
        self.time_zone = source.time_zone or settings.shop.time_zone
        about = settings.surveys[source.survey] if source.survey else None
        self.constants = {"survey_id": source.survey, "survey_type": about.type} if source.survey and about else {}
        # Of invitations nothing but its name and type is asked for: they have no items.
        self.survey = about if source.entity == "surveys" else None
        self.key = settings.pseudonym_key
        self.mapping = _read_mapping(source)
        self.preset = load_preset(source.preset) if source.preset else None
        survey = about and about.model_dump(mode="json")
        rules = [source.model_dump(mode="json", exclude={"inputs"}), survey, self.time_zone, self.shop.currency]
        told = [name for told in self.preset.inputs.values() for name in told.personal] if self.preset else []
        self.row_rules = Rules(
            time_zone=self.time_zone,
            currency=self.shop.currency,
            key=self.key,
            erased=erased,
            personal={name.lower() for name in [*told, *source.personal]},
            has_preset=self.preset is not None,
        )
        # Another key makes other pseudonyms; the key itself cannot be told from one.
        key = pseudonyms(pl.Series(["key"]), self.key).item() if self.key else None
        self.rules = _fingerprint(json.dumps([self.mapping, *rules, key]))

    def run(
        self, connection: duckdb.DuckDBPyConnection, known: pl.DataFrame | None, kept: pl.DataFrame | None
    ) -> Report:
        known = pl.DataFrame(schema=RECORDS["inputs_read"].polars_schema) if known is None else known
        same_rules = known.filter(rules=self.rules)
        columns = {row["input"]: json.loads(row["columns"]) for row in known.sort(EXPORTED_AT).iter_rows(named=True)}
        self.inputs = self._load(connection, same_rules) if kept is None else self._load_kept(connection, kept, columns)
        drift = {} if kept is not None else self._drift(known)
        words = "; ".join(f"input {name}: {text}" for name, change in drift.items() if (text := change.in_words()))
        content = [part.digest or json.dumps([part.address, str(part.exported_at)]) for part in self.inputs.parts]
        retried = None if kept is None else kept["rejected_id"].to_list()
        self.batch_id = _fingerprint("\n".join([self.rules, *sorted(content), *(retried or [])]))
        try:
            # Under other rules someone has looked at the mapping since.
            self._refuse_retyped({} if kept is not None else self._drift(same_rules))
            batches = self._stage()
        except SourceShapeError as error:
            raise SourceShapeError(f"{error}; since the last batch: {words}" if words else str(error)) from error
        read = [] if kept is not None else [self._as_read(part) for part in self.inputs.parts]
        return Report(batches, read, words, retried)

    def _load(self, connection: duckdb.DuckDBPyConnection, known: pl.DataFrame) -> Inputs:
        """Load what is new beside the `known` parts."""
        digests = {(row["input"], row["file"]): row["digest"] for row in known.iter_rows(named=True)}
        watermarks = {(row["input"], row["file"]): row["watermark"] for row in known.iter_rows(named=True)}
        parts = parts_to_read(self.source, find_parts(self.source, now=self.started_at), digests)
        return self._load_parts(connection, parts, watermarks)

    def _load_kept(
        self, connection: duckdb.DuckDBPyConnection, kept: pl.DataFrame, columns: dict[str, dict[str, str]]
    ) -> Inputs:
        """Load `kept` rows, and in full the inputs that none of them came from; their own may be gone."""
        others = {name: place for name, place in self.source.inputs.items() if name not in set(kept["input"])}
        source = self.source.model_copy(update={"inputs": others if kept.height else {}})
        inputs = self._load_parts(connection, find_parts(source, now=self.started_at), {})
        load_kept(inputs, kept, columns)
        return inputs

    def _load_parts(
        self,
        connection: duckdb.DuckDBPyConnection,
        parts: list[Part],
        watermarks: dict[tuple[str, str], str | None],
    ) -> Inputs:
        return load_inputs(
            self.source.name,
            parts,
            connection,
            self.folder / FETCHED,
            expected={name: self._expected(name) for name in self.source.inputs},
            watermarks=watermarks,
        )

    def _expected(self, name: str) -> Expected:
        if self.preset is None:
            return Expected()
        told = self.preset.inputs[name]
        return Expected(told.required, told.optional, told.item_names, self.survey.columns if self.survey else [])

    def _drift(self, known: pl.DataFrame) -> dict[str, Drift]:
        """Per input, how the columns of its newest part differ from those read last, if any were."""
        drift = {}
        for part in sorted(self.inputs.parts, key=lambda part: part.exported_at):
            before = known.filter(input=part.input).sort("exported_at", "file")["columns"]
            if len(before):
                drift[part.input] = find_drift(json.loads(before[-1]), self.inputs.columns[part])
        return drift

    def _refuse_retyped(self, drift: dict[str, Drift]) -> None:
        """A column of another type can mean another unit: someone must look, and says so by touching the mapping."""
        for name, change in drift.items():
            for column in change.retyped:
                if column.lower() in self.mapping.lower() or "*" in self.mapping:
                    raise SourceShapeError(
                        f"source {self.source.name}: input {name}: column {column} has changed its type; "
                        "check the mapping, any change to it (a comment will do) accepts the new type"
                    )

    def _as_read(self, part: Part) -> dict[str, Any]:
        return {
            "source": self.source.name,
            "input": part.input,
            "file": part.address,
            "digest": part.digest,
            "rules": self.rules,
            EXPORTED_AT: part.exported_at.isoformat(),
            "watermark": self.inputs.watermarks.get(part),
            "columns": json.dumps(self.inputs.columns[part]),
            "batch_id": self.batch_id,
        }

    def _stage(self) -> list[Batch]:
        main = self._part(ENTITIES["survey_responses" if self.survey else self.source.entity])
        lines = self.inputs.lines
        main.batch.lines_read, main.batch.lines_parsed, main.batch.lines_broken = lines.read, lines.parsed, lines.broken
        main.keep_broken(self.inputs.broken_rows)
        for mapped in self._mapped_chunks(main.table):
            kept, excluded = self._exclude(mapped)
            main.batch.rows_mapped += mapped.height
            main.batch.excluded_by_reason = dict(Counter(main.batch.excluded_by_reason) + Counter(excluded))
            kept = with_comment(kept, self.survey) if self.survey else kept
            valid = main.take(kept, self.constants)
            if self.survey and kept.height:
                wide = kept.with_row_index("row").join(valid.select("row", POSITION), on="row")
                wide.write_parquet(self.folder / f"wide-{main.chunks:06}.parquet")
        main.finish()
        if self.survey is None or self.source.survey is None:
            return [main.batch]
        answers = self._part(ENTITIES["survey_answers"])
        answers.take(pl.DataFrame(), {})
        for file in sorted(self.folder.glob("wide-*.parquet")):
            counted = pl.read_parquet(file).join(main.dropped, on=POSITION, how="anti")
            cells = answers_from_responses(counted, self.source.survey, self.survey)
            answers.batch.rows_mapped += cells.height
            answers.take(cells, {})
            file.unlink()
        answers.finish()
        return [main.batch, answers.batch]

    def _part(self, table: Table) -> EntityRows:
        batch = Batch(self.source.name, table.name, self.batch_id, self.started_at.isoformat())
        return EntityRows(table, batch, self.inputs, self.row_rules, self.folder / table.name)

    def _mapped_chunks(self, table: Table) -> Iterator[pl.DataFrame]:
        """The mapping's rows in bounded chunks; always at least one, so that its shape is checked if there is an input."""
        where = f"source {self.source.name}: mapping {self.source.mapping_file.name}"
        if not self.inputs.names:
            yield pl.DataFrame()
            return
        try:
            cursor = self.inputs.connection.cursor()
            cursor.execute("set variable items = ?", [self.survey.columns if self.survey else []])
            cursor.execute("set variable currency = ?", [self.shop.currency])
            relation = cursor.sql(self.mapping)
            if relation is None:
                raise SourceShapeError(f"{where}: is no SELECT")
            # An unread result that an exception keeps alive would make the next connection wait for ever.
            with relation.to_arrow_reader(ROWS_PER_CHUNK) as reader:
                # A column handed on under its own name is spelt as in the file, `RATING`.
                canonical = {*table.polars_schema, EXCLUDE_REASON, "email"}
                names = [name.lower() if name.lower() in canonical else name for name in reader.schema.names]
                _check_types(where, names, reader.schema.types)
                self._check_shape(where, set(names), table)
                for arrow in itertools.chain([reader.schema.empty_table()], reader):
                    rows = pl.DataFrame(arrow)
                    rows.columns = names
                    yield rows
        except duckdb.Error as error:
            raise SourceShapeError(f"{where}: {self._explain(error)}") from error

    def _check_shape(self, where: str, columns: set[str], table: Table) -> None:
        fields = table.model.to_schema().columns
        given_by_us = PIPELINE_COLUMNS | set(self.constants)
        required = {name for name, column in fields.items() if not column.nullable} - given_by_us
        items = set(self.survey.columns) if self.survey else set()
        if "email" in columns and "email_hash" in fields:
            given_by_us |= {"email_hash"}
            required.discard("customer_id")
        if missing := sorted((required | items) - columns):
            raise SourceShapeError(f"{where}: returns no column {', '.join(missing)}; {table.name} needs it")
        known = (set(fields) - given_by_us) | items | {FILE, ROW, EXCLUDE_REASON}
        known |= {"email"} if "email_hash" in fields else set()
        if unknown := sorted(columns - known):
            raise SourceShapeError(f"{where}: returns column {', '.join(unknown)}, which {table.name} does not have")

    def _explain(self, error: duckdb.Error) -> str:
        """DuckDB's message as one line, naming the files when a column is missing."""
        text = " ".join(str(error).split())
        if match := re.search(
            r'[Cc]olumn "?([^"]+?)"? (?:not found|does not)|does not have a column named "([^"]+)"', text
        ):
            column = match[1] or match[2]
            listing = []
            for name in self.inputs.names:
                files = [part.address for part in self.inputs.parts if part.input == name]
                more = f" and {len(files) - 1} more" if len(files) > 1 else ""
                listing.append(f"{files[0]}{more} (has {', '.join(columns_of(self.inputs.connection, quoted(name)))})")
            return f"column {column} is missing; read: {'; '.join(listing)}"
        return re.split(r" LINE \d+:| Possible fixes| Candidate", text)[0]

    @staticmethod
    def _exclude(mapped: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
        if EXCLUDE_REASON not in mapped.columns:
            return mapped, {}
        excluded = mapped.filter(pl.col(EXCLUDE_REASON).is_not_null())
        counts = excluded.group_by(pl.col(EXCLUDE_REASON).cast(pl.String)).len()
        return mapped.filter(pl.col(EXCLUDE_REASON).is_null()).drop(EXCLUDE_REASON), dict(counts.iter_rows())


def _check_types(where: str, names: list[str], kinds: list[pa.DataType]) -> None:
    """Refuse what could not be a single value of text, number, time or yes and no; `_row` is a number or a list of them."""
    for name, kind in zip(names, kinds, strict=True):
        if names.count(name) > 1:
            raise SourceShapeError(f"{where}: returns column {name} twice")
        single = kind.value_type if name == ROW and pa.types.is_list(kind) else kind
        if pa.types.is_nested(single) or pa.types.is_interval(single) or pa.types.is_binary(single):
            raise SourceShapeError(f"{where}: column {name} is of type {kind}; return a single value")
        if name == ROW and not pa.types.is_integer(single):
            raise SourceShapeError(f"{where}: column {ROW} must be the _row of an input or a list of them")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_mapping(source: SourceSettings) -> str:
    try:
        return source.mapping_file.read_text(encoding="utf-8").strip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceShapeError(
            f"source {source.name}: mapping {source.mapping_file} cannot be read ({type(error).__name__})"
        ) from None
