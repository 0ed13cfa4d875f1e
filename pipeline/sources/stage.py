"""One source, from its files to a staged batch: read, map, conform, check, split. Nothing here touches the lake."""

import hashlib
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.core.ingest.conform import conform
from pipeline.core.ingest.personal import (
    HIDDEN,
    hide_addresses,
    hide_personal,
    identify,
    is_erased,
    is_personal,
    pseudonyms,
)
from pipeline.core.ingest.quarantine import count_by_rule, foreign_amounts, row_key, settle_versions, split_rows
from pipeline.core.ingest.surveys import answers_from_responses
from pipeline.errors import ConfigError, SourceShapeError
from pipeline.settings import Settings, SourceSettings
from pipeline.sources.drift import Drift, find_drift
from pipeline.sources.kept import DUPLICATE, load_kept
from pipeline.sources.places import Part, find_parts, parts_to_read
from pipeline.sources.preset import load_preset
from pipeline.sources.read import BROKEN_SCHEMA, Expected, Inputs, columns_of, load_inputs, quoted
from schemas.faults import find_faults
from schemas.registry import ENTITIES, RECORDS, Table

ROWS_PER_CHUNK = 250_000
FILE, ROW, EXCLUDE_REASON, POSITION, EXPORTED_AT = "_file", "_row", "exclude_reason", "position", "exported_at"
PIPELINE_COLUMNS = {"source", "batch_id"}
SURVEY_COLUMNS = {"survey_id", "survey_type"}
REPORT = "report.json"
ERASED = "erased"
"""Why rows of an erased person are left out, among the reasons that a mapping gives."""
FETCHED = "fetched"
"""Folder for what exists only while a source is read."""


@dataclass
class Batch:
    """What happened to the rows of one source for one entity; the columns of the contract `Batches`, and samples of reasons."""

    source: str
    entity: str
    batch_id: str
    started_at: str
    lines_read: int = 0
    lines_parsed: int = 0
    lines_broken: int = 0
    rows_mapped: int = 0
    rows_valid: int = 0
    rows_rejected: int = 0
    rows_superseded: int = 0
    excluded_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_by_rule: dict[str, int] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)

    @property
    def rows_excluded(self) -> int:
        """Rows the mapping left out on purpose."""
        return sum(self.excluded_by_reason.values())

    def as_record(self, run_id: str) -> dict[str, object]:
        """The batch as a row of the contract `Batches`."""
        record = asdict(self) | {"run_id": run_id, "rows_excluded": self.rows_excluded}
        record["started_at"] = datetime.fromisoformat(self.started_at)
        for name in ("excluded_by_reason", "rejected_by_rule"):
            record[name] = json.dumps(record[name], sort_keys=True)
        del record["samples"]
        return record

    @property
    def is_balanced(self) -> bool:
        """Whether every line and every row has ended somewhere, once."""
        lines = self.lines_read == self.lines_parsed + self.lines_broken
        return lines and self.rows_mapped == self.rows_valid + self.rows_rejected + self.rows_excluded

    @property
    def reject_rate(self) -> float:
        """Share of rejected rows and broken lines among all that were meant to be merged; 0 for an empty batch."""
        bad = self.rows_rejected + self.lines_broken
        return bad / (bad + self.rows_valid) if bad else 0.0

    @property
    def has_survivors(self) -> bool:
        """Whether any row was valid, or there was none to begin with."""
        return self.rows_valid > 0 or self.rows_rejected + self.lines_broken == 0


@dataclass
class Report:
    """What is known of staged batches, one per entity, beside their rows."""

    batches: list[Batch]
    inputs: list[dict[str, Any]]
    """What was read, as the contract `InputsRead` has it; nothing when quarantined rows were."""
    drift: str
    """How the columns differ from the batch before, in words."""
    retried: list[str] | None
    """The rejected rows that were tried again; null when files and databases were read."""


class Staged:
    """The staged batches of one source on disk: per entity the valid and the rejected rows, and the report of all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def report(self) -> Report:
        """The report.

        Raises:
            SourceShapeError: nothing is staged.
        """
        try:
            report = json.loads((self.folder / REPORT).read_text())
        except FileNotFoundError:
            name = self.folder.name
            raise SourceShapeError(f"source {name}: no batch is staged; materialise sources/{name} first") from None
        return Report(**report | {"batches": [Batch(**batch) for batch in report["batches"]]})

    def batches(self) -> list[Batch]:
        """The batches."""
        return self.report().batches

    def inputs_read(self) -> pl.DataFrame:
        """What was read, as the contract `InputsRead` has it."""
        rows = [row | {EXPORTED_AT: datetime.fromisoformat(row[EXPORTED_AT])} for row in self.report().inputs]
        return pl.DataFrame(rows, schema=RECORDS["inputs_read"].polars_schema, orient="row")

    def valid(self, table: Table) -> pl.LazyFrame:
        """Valid rows, the newest version of each key, with the contract's columns and `exported_at`."""
        folder = self.folder / table.name
        rows = pl.scan_parquet(folder / "valid-*.parquet").join(
            pl.scan_parquet(folder / "dropped.parquet"), on=POSITION, how="anti"
        )
        return rows.select(*table.polars_schema.names(), EXPORTED_AT)

    def present(self, table: Table) -> pl.LazyFrame | None:
        """The keys of all rows, rejected ones too; null when a broken line or a rejected row does not show its key."""
        rejected = pl.read_parquet(self.folder / table.name / "rejected_keys.parquet")
        if self.batches()[0].lines_broken or any(column.null_count() for column in rejected):
            return None
        return pl.concat([self.valid(table).select(table.key), rejected.lazy()])

    def accepted(self) -> pl.LazyFrame:
        """Of every valid row its file, entity and key."""
        names = [batch.entity for batch in self.batches()]
        return pl.concat(
            pl.scan_parquet(self.folder / name / "valid-*.parquet").select(
                "file", pl.lit(name).alias("entity"), row_key(ENTITIES[name].key)
            )
            for name in names
        )

    def rejected(self) -> pl.LazyFrame:
        """Rejected rows of all entities, as the contract `RejectedRows` has them."""
        return pl.scan_parquet(self.folder / "*" / "rejected.parquet")


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
        self.erased = erased
        self.folder = folder
        self.started_at = started_at
        self.shop = settings.shop
        self.time_zone = source.time_zone or settings.shop.time_zone
        self.survey = settings.surveys[source.survey] if source.survey else None
        self.key = settings.pseudonym_key
        self.mapping = _read_mapping(source)
        self.preset = load_preset(source.preset) if source.preset else None
        survey = self.survey and self.survey.model_dump(mode="json")
        rules = [source.model_dump(mode="json", exclude={"inputs"}), survey, self.time_zone, self.shop.currency]
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
        return Expected(told.required, told.optional, told.item_names, list(self.survey.items) if self.survey else [])

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
            valid = main.take(kept, self._constants(main.table))
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

    def _part(self, table: Table) -> "_Part":
        batch = Batch(self.source.name, table.name, self.batch_id, self.started_at.isoformat())
        return _Part(table, batch, self)

    def _constants(self, table: Table) -> dict[str, str]:
        if table.name != "survey_responses" or self.survey is None or self.source.survey is None:
            return {}
        return {"survey_id": self.source.survey, "survey_type": self.survey.type}

    def _mapped_chunks(self, table: Table) -> Iterator[pl.DataFrame]:
        """The mapping's rows in bounded chunks; always at least one, so that its shape is checked if there is an input."""
        where = f"source {self.source.name}: mapping {self.source.mapping_file.name}"
        if not self.inputs.names:
            yield pl.DataFrame()
            return
        try:
            cursor = self.inputs.connection.cursor()
            cursor.execute("set variable items = ?", [list(self.survey.items) if self.survey else []])
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
        given_by_us = PIPELINE_COLUMNS | (SURVEY_COLUMNS if self.survey else set())
        required = {name for name, column in fields.items() if not column.nullable} - given_by_us
        items = set(self.survey.items) if self.survey else set()
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


class _Part:
    """The rows of one source for one entity, chunk by chunk."""

    def __init__(self, table: Table, batch: Batch, stager: _Stager) -> None:
        self.table = table
        self.batch = batch
        self.stager = stager
        self.inputs = stager.inputs
        self.folder = stager.folder / table.name
        self.chunks = 0
        self.rows_seen = 0
        self.rejected: list[pl.DataFrame] = []
        self.rejected_keys: list[pl.DataFrame] = []
        self.key_hashes: list[pl.Series] = []
        self.broken = pl.DataFrame(schema=BROKEN_SCHEMA)
        self.dropped = pl.DataFrame()
        self.folder.mkdir()

    def keep_broken(self, lines: pl.DataFrame) -> None:
        """Put broken lines into quarantine beside the rejected rows."""
        self.broken = lines

    def take(self, mapped: pl.DataFrame, constants: dict[str, str]) -> pl.DataFrame:
        """Conform and check one chunk, write its valid rows, remember its rejected ones; returns the valid rows' `row`."""
        constants = {**constants, "source": self.batch.source, "batch_id": self.batch.batch_id}
        if self.stager.key is None and "email" in mapped.columns and mapped["email"].drop_nulls().len():
            raise ConfigError(
                f"source {self.batch.source}: the mapping returns e-mail addresses, and LOYALTY_PII_KEY is not set; "
                "set it to a long secret text and keep it: another key makes other customers"
            )
        identified = identify(mapped, self.stager.key or b"")
        mapped = identified.frame.with_columns(
            pl.Series(name, [value], dtype=pl.String).new_from_index(0, mapped.height)
            for name, value in constants.items()
        )
        conformed = conform(mapped, self.table.polars_schema, time_zone=self.stager.time_zone)
        faults = pl.concat([identified.faults, conformed.faults])
        # A value that could not be cast has become null: that it is missing now is no second fault.
        found = find_faults(conformed.frame, self.table.model).join(faults, on=["row", "column"], how="anti")
        faults = pl.concat([faults, found, foreign_amounts(conformed.frame, self.stager.shop.currency)])
        faults = faults.with_columns(hide_addresses(pl.col("reason")))
        frame = conformed.frame.with_row_index("row").with_columns(
            pl.col("row").cast(pl.Int64).alias(POSITION) + self.rows_seen,
            *_origin(mapped),
        )
        frame = frame.with_columns(self._exported_at(frame["file"]))
        self.rows_seen += frame.height
        erased = is_erased(frame, self.stager.erased).arg_true().to_list()
        if len(erased):
            faults = faults.filter(~pl.col("row").is_in(erased))
            self.batch.excluded_by_reason = {
                **self.batch.excluded_by_reason,
                ERASED: len(erased) + self.batch.excluded_by_reason.get(ERASED, 0),
            }
        split = split_rows(frame, faults)
        valid = split.valid.filter(~pl.col("row").is_in(erased))
        valid.drop("row").write_parquet(self.folder / f"valid-{self.chunks:06}.parquet", compression="lz4")
        self.key_hashes.append(valid.select(_key_hash(self.table)).to_series())
        self.chunks += 1
        self.batch.rows_valid += valid.height
        if split.rejected.height:
            self._reject(mapped, frame, split.rejected)
            self._count(count_by_rule(faults))
        return valid

    def _exported_at(self, files: pl.Series) -> pl.Series:
        """When the file of each row was last changed; the newest file where the mapping does not say which it was."""
        times = {part.address: part.exported_at for part in self.inputs.parts}
        newest = max(times.values(), default=None)
        moments = files.replace_strict(times, default=newest, return_dtype=pl.Datetime("us", "UTC"))
        return moments.alias(EXPORTED_AT)

    def _reject(self, mapped: pl.DataFrame, frame: pl.DataFrame, rejected: pl.DataFrame) -> None:
        at = rejected["row"]
        shown = mapped.select(pl.exclude(FILE, ROW, "source", "batch_id"))[at]
        self.rejected.append(
            rejected.drop("row")
            .hstack(frame.select(*ORIGIN, *_names_in(frame), row_key(self.table.key))[at])
            .with_columns(mapped=_as_json(shown))
        )
        self.rejected_keys.append(frame.select(self.table.key)[at])
        self.batch.rows_rejected += rejected.height

    def _count(self, by_rule: dict[str, int]) -> None:
        self.batch.rejected_by_rule = dict(Counter(self.batch.rejected_by_rule) + Counter(by_rule))

    def finish(self) -> None:
        """Settle keys that came more than once, and write the rejected rows with what they looked like on arrival."""
        version = ("updated_at", EXPORTED_AT)
        valid = pl.scan_parquet(self.folder / "valid-*.parquet")
        # Eight bytes a row tell which keys can have come twice: the keys themselves would not fit for a large batch.
        hashes = pl.concat(self.key_hashes).sort()
        doubled = hashes.filter((hashes == hashes.shift(1)).fill_null(False)).unique().implode()
        columns = [*self.table.key, *version, POSITION, "file", "row_number"]
        copies = valid.select(columns).filter(_key_hash(self.table).is_in(doubled))
        settled = settle_versions(copies, self.table.key, version).collect(engine="streaming")
        self.dropped = settled.filter(~pl.col("is_latest"))
        self.dropped.select(POSITION).write_parquet(self.folder / "dropped.parquet")
        duplicates = self.dropped.filter("is_duplicate")
        self.batch.rows_superseded = self.dropped.height - duplicates.height
        if duplicates.height:
            self._reject_duplicates(valid, duplicates)
        keys = pl.DataFrame(schema={name: self.table.polars_schema[name] for name in self.table.key})
        pl.concat([keys, *self.rejected_keys]).write_parquet(self.folder / "rejected_keys.parquet")
        rejected = self._with_raw()
        rejected.write_parquet(self.folder / "rejected.parquet")
        self.batch.samples = rejected["reasons"].unique(maintain_order=True).head(20).to_list()

    def _reject_duplicates(self, valid: pl.LazyFrame, duplicates: pl.DataFrame) -> None:
        rows = valid.join(duplicates.lazy(), on=POSITION, how="semi").collect()
        key = " ".join(self.table.key)
        self.rejected.append(
            rows.select(
                pl.lit(f"{key}: {DUPLICATE}").alias("reasons"),
                *ORIGIN,
                *_names_in(rows),
                row_key(self.table.key),
                _as_json(rows.select(self.table.polars_schema.names())).alias("mapped"),
            )
        )
        self.batch.rows_valid -= rows.height
        self.batch.rows_rejected += rows.height
        self._count({key: rows.height})

    def _with_raw(self) -> pl.DataFrame:
        """The rejected rows as the contract `RejectedRows` has them."""
        columns = MAPPED_SCHEMA.names()
        mapped = pl.concat([pl.DataFrame(schema=MAPPED_SCHEMA), *(rows.select(columns) for rows in self.rejected)])
        mapped = mapped.with_row_index("number")
        raw = self._fetch_raw(mapped.select("number", "file", "rows").explode("rows"))
        shown = mapped.join(raw, on="number", how="left").with_columns(
            raw=pl.coalesce("raw", hide_addresses(pl.col("mapped")))
        )
        broken = self._broken_as_rejected()
        rows = pl.concat([shown.select(broken.columns), broken]).sort("file", "row_number", "mapped")
        # Without empty columns, because other files of the batch can add some.
        rows = rows.with_columns(filled=pl.col("raw").str.replace_all(EMPTY_COLUMN, ""))
        rows = rows.with_columns(ordinal=pl.int_range(pl.len()).over("file", "filled"))
        identity = zip(rows["file"], rows["filled"], rows["ordinal"], strict=True)
        prefix = (self.batch.source, self.batch.entity)
        ids = [hashlib.sha256(json.dumps([*prefix, *row]).encode()).hexdigest()[:32] for row in identity]
        return rows.with_columns(
            rejected_id=pl.Series(ids, dtype=pl.String),
            entity=pl.lit(self.batch.entity),
            source=pl.lit(self.batch.source),
            batch_id=pl.lit(self.batch.batch_id),
            is_released=pl.lit(False),
            released_by=pl.lit(None, pl.String),
        ).select(RECORDS["rejected_rows"].polars_schema.names())

    def _broken_as_rejected(self) -> pl.DataFrame:
        """Broken lines; which of their characters are personal cannot be told, so that in a file with personal columns all are."""
        personal = {part.address for part in self.inputs.parts if self._personal(self.inputs.columns.get(part, {}))}
        text = self.broken["raw"]
        nothing = pl.Series([HIDDEN] * len(text), dtype=pl.String)
        hidden = pseudonyms(text, self.stager.key) if self.stager.key else nothing
        return self.broken.with_columns(
            raw=pl.when(pl.col("file").is_in(list(personal))).then(hidden).otherwise(hide_addresses(pl.col("raw"))),
            mapped=pl.col("raw"),
            **{name: pl.lit(None, pl.String) for name in ("input", "row_key", *NAMES)},
            **{EXPORTED_AT: self._exported_at(self.broken["file"])},
        )

    def _personal(self, columns: Iterable[str]) -> set[str]:
        """Which of an input's columns hold personal data, in lower case."""
        told = {name.lower() for name in self.stager.source.personal}
        if self.stager.preset is None:
            told |= {name.lower() for name in columns if is_personal(name)}
        else:
            told |= {name.lower() for told_of in self.stager.preset.inputs.values() for name in told_of.personal}
        return told & {name.lower() for name in columns}

    def _fetch_raw(self, wanted: pl.DataFrame) -> pl.DataFrame:
        """The input rows behind `wanted` (number, file, rows) as JSON, and their input: an object, or an array where a row was
        made of several."""
        connection = self.inputs.connection
        connection.register("wanted", wanted.to_arrow())
        found = [pl.DataFrame(schema=RAW_SCHEMA)]
        for name in self.inputs.names:
            columns = columns_of(connection, quoted(name))
            texts = ", ".join(f"i.{quoted(column)}::varchar as {quoted(column)}" for column in columns)
            rows = pl.DataFrame(
                connection.sql(
                    f"""select w.number as "_number", w.rows as "_rows", {texts}
                    from wanted as w join {quoted(name)} as i on i._file = w.file and i._row = w.rows"""
                ).to_arrow_table()
            )
            shown = hide_personal(rows.drop("_number", "_rows"), self._personal(columns), self.stager.key)
            found.append(
                rows.select(number="_number", rows="_rows")
                .with_columns(raw=_as_json(shown), input=pl.lit(name))
                .cast(RAW_SCHEMA)
            )
        connection.unregister("wanted")
        return (
            pl.concat(found)
            .sort("number", "rows")
            .group_by("number")
            .agg("raw", pl.col("input").first())
            .select(
                "number",
                pl.when(pl.col("raw").list.len() == 1)
                .then(pl.col("raw").list.first())
                .otherwise(pl.format("[{}]", pl.col("raw").list.join(", ")))
                .alias("raw"),
                "input",
            )
        )


ORIGIN = ("file", "row_number", "rows", EXPORTED_AT)
EMPTY_COLUMN = r'"(?:[^"\\]|\\.)*":null,?'
NAMES = ("customer_id", "order_id", "response_id")
"""Whose row it is, for whoever looks for it or has it erased."""
MAPPED_SCHEMA = pl.Schema(
    [
        ("reasons", pl.String()),
        ("file", pl.String()),
        ("row_number", pl.Int64()),
        ("rows", pl.List(pl.Int64())),
        (EXPORTED_AT, pl.Datetime("us", "UTC")),
        *((name, pl.String()) for name in NAMES),
        ("row_key", pl.String()),
        ("mapped", pl.String()),
    ]
)
RAW_SCHEMA = pl.Schema([("number", pl.UInt32()), ("rows", pl.Int64()), ("raw", pl.String()), ("input", pl.String())])


def _key_hash(table: Table) -> pl.Expr:
    return pl.struct(table.key).hash(seed=0).alias("hash")


def _names_in(frame: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in NAMES]


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


def _origin(mapped: pl.DataFrame) -> list[pl.Series]:
    """Where each mapped row came from: file, all its row numbers, and the first of them."""
    file = (
        mapped[FILE].cast(pl.String) if FILE in mapped.columns else pl.Series([None] * mapped.height, dtype=pl.String)
    )
    if ROW not in mapped.columns:
        rows = pl.Series([None] * mapped.height, dtype=pl.List(pl.Int64))
    elif isinstance(mapped[ROW].dtype, pl.List):
        rows = mapped[ROW].cast(pl.List(pl.Int64)).list.sort()
    else:
        rows = mapped[ROW].cast(pl.Int64).reshape((-1, 1)).arr.to_list()
    return [file.alias("file"), rows.list.first().alias("row_number"), rows.alias("rows")]


def _as_json(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.struct(pl.all().cast(pl.String)).struct.json_encode()).to_series()


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_mapping(source: SourceSettings) -> str:
    try:
        return source.mapping_file.read_text(encoding="utf-8").strip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceShapeError(
            f"source {source.name}: mapping {source.mapping_file} cannot be read ({type(error).__name__})"
        ) from None
