"""One source, from its files to a staged batch: read, map, conform, check, split. Nothing here touches the lake."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.core.ingest.conform import conform
from pipeline.core.ingest.quarantine import count_by_rule, foreign_amounts, settle_versions, split_rows
from pipeline.core.ingest.surveys import answers_from_responses
from pipeline.errors import SourceShapeError
from pipeline.settings import Settings, SourceSettings
from pipeline.sources.read import BROKEN_SCHEMA, Inputs, load_inputs, quoted
from schemas.faults import find_faults
from schemas.registry import ENTITIES, RECORDS, Table

ROWS_PER_CHUNK = 250_000
FILE, ROW, EXCLUDE_REASON, POSITION = "_file", "_row", "exclude_reason", "position"
PIPELINE_COLUMNS = {"source", "batch_id"}
SURVEY_COLUMNS = {"survey_id", "survey_type"}
REPORT = "report.json"


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


class Staged:
    """The staged batches of one source on disk: per entity the valid and the rejected rows, and the report of all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def batches(self) -> list[Batch]:
        """The reports.

        Raises:
            SourceShapeError: nothing is staged.
        """
        try:
            return [Batch(**report) for report in json.loads((self.folder / REPORT).read_text())]
        except FileNotFoundError:
            name = self.folder.name
            raise SourceShapeError(f"source {name}: no batch is staged; materialise sources/{name} first") from None

    def valid(self, table: Table) -> pl.LazyFrame:
        """Valid rows, the newest version of each key."""
        folder = self.folder / table.name
        rows = pl.scan_parquet(folder / "valid-*.parquet").join(
            pl.scan_parquet(folder / "dropped.parquet"), on=POSITION, how="anti"
        )
        return rows.select(table.polars_schema.names())

    def rejected(self) -> pl.LazyFrame:
        """Rejected rows of all entities, as the contract `RejectedRows` has them."""
        return pl.scan_parquet(self.folder / "*" / "rejected.parquet")


def stage_source(source: SourceSettings, settings: Settings, folder: Path, *, started_at: datetime) -> list[Batch]:
    """Read a source and leave its staged batches in `folder`, whole or not at all.

    Raises:
        SourceShapeError: an input or the mapping does not have the shape it must have.
    """
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    connection = _connect(building)
    try:
        inputs = load_inputs(source.name, source.inputs, connection)
        batches = _Stager(source, settings, inputs, building, started_at).run()
    finally:
        connection.close()
    shutil.rmtree(building / "spill", ignore_errors=True)
    (building / REPORT).write_text(json.dumps([asdict(batch) for batch in batches], indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return batches


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    # Bounded, so that a file larger than the memory spills to disk instead of failing.
    connection = duckdb.connect(":memory:", config={"memory_limit": "1GB", "temp_directory": str(folder / "spill")})
    connection.execute("set global TimeZone = 'UTC'")
    return connection


class _Stager:
    def __init__(
        self, source: SourceSettings, settings: Settings, inputs: Inputs, folder: Path, started_at: datetime
    ) -> None:
        self.source = source
        self.inputs = inputs
        self.folder = folder
        self.shop = settings.shop
        self.time_zone = source.time_zone or settings.shop.time_zone
        self.survey = settings.surveys[source.survey] if source.survey else None
        self.mapping = _read_mapping(source)
        survey = self.survey and self.survey.model_dump(mode="json")
        rules = json.dumps([source.model_dump(mode="json"), survey, self.time_zone, self.shop.currency])
        content = "\n".join([*inputs.digests, self.mapping, rules])
        self.batch_id = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.started_at = started_at.isoformat()

    def run(self) -> list[Batch]:
        responses_or_rows = ENTITIES["survey_responses" if self.survey else self.source.entity]
        main = self._part(responses_or_rows)
        lines = self.inputs.lines
        main.batch.lines_read, main.batch.lines_parsed, main.batch.lines_broken = lines.read, lines.parsed, lines.broken
        main.keep_broken(self.inputs.broken_rows)
        for mapped in self._mapped_chunks(responses_or_rows):
            kept, excluded = self._exclude(mapped)
            main.batch.rows_mapped += mapped.height
            main.batch.excluded_by_reason = dict(Counter(main.batch.excluded_by_reason) + Counter(excluded))
            valid = main.take(kept, self._constants(responses_or_rows))
            if self.survey:
                wide = kept.with_row_index("row").join(valid.select("row", POSITION), on="row")
                wide.write_parquet(self.folder / f"wide-{main.chunks:06}.parquet")
        main.finish(self.inputs)
        if self.survey is None or self.source.survey is None:
            return [main.batch]
        answers = self._part(ENTITIES["survey_answers"])
        for file in sorted(self.folder.glob("wide-*.parquet")):
            counted = pl.read_parquet(file).join(main.dropped, on=POSITION, how="anti")
            cells = answers_from_responses(counted, self.source.survey, self.survey)
            answers.batch.rows_mapped += cells.height
            answers.take(cells, {})
            file.unlink()
        answers.finish(self.inputs)
        return [main.batch, answers.batch]

    def _part(self, table: Table) -> "_Part":
        batch = Batch(self.source.name, table.name, self.batch_id, self.started_at)
        return _Part(table, batch, self.folder / table.name, self.time_zone, self.shop.currency)

    def _constants(self, table: Table) -> dict[str, str]:
        if table.name != "survey_responses" or self.survey is None or self.source.survey is None:
            return {}
        return {"survey_id": self.source.survey, "survey_type": self.survey.type}

    def _mapped_chunks(self, table: Table) -> Iterator[pl.DataFrame]:
        """The mapping's rows in bounded chunks; always at least one, so that its shape is checked."""
        where = f"source {self.source.name}: mapping {self.source.mapping_file.name}"
        try:
            relation = self.inputs.connection.cursor().sql(self.mapping)
            if relation is None:
                raise SourceShapeError(f"{where}: is no SELECT")
            reader = relation.to_arrow_reader(ROWS_PER_CHUNK)
            _check_types(where, reader.schema)
            self._check_shape(where, set(reader.schema.names), table)
            yield pl.DataFrame(reader.schema.empty_table())
            for arrow in reader:
                yield pl.DataFrame(arrow)
        except duckdb.Error as error:
            raise SourceShapeError(f"{where}: {self._explain(error)}") from error

    def _check_shape(self, where: str, columns: set[str], table: Table) -> None:
        fields = table.model.to_schema().columns
        given_by_us = PIPELINE_COLUMNS | (SURVEY_COLUMNS if self.survey else set())
        required = {name for name, column in fields.items() if not column.nullable} - given_by_us
        items = set(self.survey.items) if self.survey else set()
        if missing := sorted((required | items) - columns):
            raise SourceShapeError(f"{where}: returns no column {', '.join(missing)}; {table.name} needs it")
        known = (set(fields) - given_by_us) | items | {FILE, ROW, EXCLUDE_REASON}
        if unknown := sorted(columns - known):
            raise SourceShapeError(f"{where}: returns column {', '.join(unknown)}, which {table.name} does not have")

    def _explain(self, error: duckdb.Error) -> str:
        """DuckDB's message as one line, naming the files when a column is missing."""
        text = " ".join(str(error).split())
        if match := re.search(
            r'[Cc]olumn "?([^"]+?)"? (?:not found|does not)|does not have a column named "([^"]+)"', text
        ):
            column = match[1] or match[2]
            listing = [
                f"{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''} (has {', '.join(self._columns(name))})"
                for name, files in self.inputs.files.items()
            ]
            return f"column {column} is missing; read: {'; '.join(listing)}"
        return re.split(r" LINE \d+:| Possible fixes| Candidate", text)[0]

    def _columns(self, name: str) -> list[str]:
        rows = self.inputs.connection.execute(f'describe "{name}"').fetchall()
        return [row[0] for row in rows if row[0] not in (FILE, ROW)]

    @staticmethod
    def _exclude(mapped: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
        if EXCLUDE_REASON not in mapped.columns:
            return mapped, {}
        excluded = mapped.filter(pl.col(EXCLUDE_REASON).is_not_null())
        counts = excluded.group_by(pl.col(EXCLUDE_REASON).cast(pl.String)).len()
        return mapped.filter(pl.col(EXCLUDE_REASON).is_null()).drop(EXCLUDE_REASON), dict(counts.iter_rows())


class _Part:
    """The rows of one source for one entity, chunk by chunk."""

    def __init__(self, table: Table, batch: Batch, folder: Path, time_zone: str, currency: str) -> None:
        self.table = table
        self.batch = batch
        self.folder = folder
        self.time_zone = time_zone
        self.currency = currency
        self.chunks = 0
        self.rows_seen = 0
        self.rejected: list[pl.DataFrame] = []
        self.broken = pl.DataFrame(schema=BROKEN_SCHEMA)
        self.dropped = pl.DataFrame()
        folder.mkdir()

    def keep_broken(self, lines: pl.DataFrame) -> None:
        """Put broken lines into quarantine beside the rejected rows."""
        self.broken = lines

    def take(self, mapped: pl.DataFrame, constants: dict[str, str]) -> pl.DataFrame:
        """Conform and check one chunk, write its valid rows, remember its rejected ones; returns the valid rows' `row`."""
        constants = {**constants, "source": self.batch.source, "batch_id": self.batch.batch_id}
        mapped = mapped.with_columns(pl.lit(value).alias(name) for name, value in constants.items())
        conformed = conform(mapped, self.table.polars_schema, time_zone=self.time_zone)
        found = find_faults(conformed.frame, self.table.model)
        # A value that could not be cast has become null: that it is missing now is no second fault.
        found = found.join(conformed.faults, on=["row", "column"], how="anti")
        faults = pl.concat([conformed.faults, found, foreign_amounts(conformed.frame, self.currency)])
        frame = conformed.frame.with_row_index("row").with_columns(
            pl.col("row").cast(pl.Int64).alias(POSITION) + self.rows_seen,
            *_origin(mapped),
        )
        self.rows_seen += frame.height
        split = split_rows(frame, faults)
        split.valid.drop("row").write_parquet(self.folder / f"valid-{self.chunks:06}.parquet")
        self.chunks += 1
        self.batch.rows_valid += split.valid.height
        if split.rejected.height:
            self._reject(mapped, frame, split.rejected)
            self._count(count_by_rule(faults))
        return split.valid

    def _reject(self, mapped: pl.DataFrame, frame: pl.DataFrame, rejected: pl.DataFrame) -> None:
        at = rejected["row"]
        shown = mapped.select(pl.exclude(FILE, ROW, "source", "batch_id"))[at]
        self.rejected.append(
            rejected.drop("row")
            .hstack(frame.select("file", "row_number", "rows")[at])
            .with_columns(mapped=_as_json(shown))
        )
        self.batch.rows_rejected += rejected.height

    def _count(self, by_rule: dict[str, int]) -> None:
        self.batch.rejected_by_rule = dict(Counter(self.batch.rejected_by_rule) + Counter(by_rule))

    def finish(self, inputs: Inputs) -> None:
        """Settle keys that came more than once, and write the rejected rows with what they looked like on arrival."""
        has_updated_at = "updated_at" in self.table.polars_schema
        valid = pl.scan_parquet(self.folder / "valid-*.parquet")
        columns = [*self.table.key, *(["updated_at"] if has_updated_at else []), POSITION, "file", "row_number"]
        settled = settle_versions(valid.select(columns), self.table.key, has_updated_at=has_updated_at).collect()
        self.dropped = settled.filter(~pl.col("is_latest"))
        self.dropped.select(POSITION).write_parquet(self.folder / "dropped.parquet")
        duplicates = self.dropped.filter("is_duplicate")
        self.batch.rows_superseded = self.dropped.height - duplicates.height
        if duplicates.height:
            self._reject_duplicates(valid, duplicates)
        rejected = self._with_raw(inputs)
        rejected.write_parquet(self.folder / "rejected.parquet")
        self.batch.samples = rejected["reasons"].unique(maintain_order=True).head(20).to_list()

    def _reject_duplicates(self, valid: pl.LazyFrame, duplicates: pl.DataFrame) -> None:
        rows = valid.join(duplicates.lazy(), on=POSITION, how="semi").collect()
        key = " ".join(self.table.key)
        value = pl.concat_str([pl.col(name).cast(pl.String) for name in self.table.key], separator=" ")
        self.rejected.append(
            rows.select(
                pl.format(f"{key}: '{{}}' is a duplicate of another row of this batch", value).alias("reasons"),
                "file",
                "row_number",
                "rows",
                _as_json(rows.select(self.table.polars_schema.names())).alias("mapped"),
            )
        )
        self.batch.rows_valid -= rows.height
        self.batch.rows_rejected += rows.height
        self._count({key: rows.height})

    def _with_raw(self, inputs: Inputs) -> pl.DataFrame:
        """The rejected rows as the contract `RejectedRows` has them."""
        mapped = pl.concat(self.rejected) if self.rejected else pl.DataFrame(schema=MAPPED_SCHEMA)
        mapped = mapped.with_row_index("number")
        raw = _fetch_raw(inputs, mapped.select("number", "file", "rows").explode("rows"))
        mapped = mapped.join(raw, on="number", how="left").with_columns(pl.coalesce("raw", "mapped").alias("raw"))
        broken = self.broken.with_columns(pl.col("raw").alias("mapped"))
        rows = pl.concat([mapped.select(broken.columns), broken]).sort("file", "row_number", "mapped")
        identity = zip(rows["file"], rows["row_number"], rows["mapped"], strict=True)
        prefix = (self.batch.source, self.batch.entity)
        ids = [hashlib.sha256(json.dumps([*prefix, *row]).encode()).hexdigest()[:32] for row in identity]
        return rows.with_columns(
            rejected_id=pl.Series(ids, dtype=pl.String),
            entity=pl.lit(self.batch.entity),
            source=pl.lit(self.batch.source),
            batch_id=pl.lit(self.batch.batch_id),
            is_released=pl.lit(False),
        ).select(RECORDS["rejected_rows"].polars_schema.names())


MAPPED_SCHEMA = pl.Schema(
    [
        ("reasons", pl.String()),
        ("file", pl.String()),
        ("row_number", pl.Int64()),
        ("rows", pl.List(pl.Int64())),
        ("mapped", pl.String()),
    ]
)


def _check_types(where: str, schema: pa.Schema) -> None:
    """Refuse what could not be a single value of text, number, time or yes and no; `_row` is a number or a list of them."""
    for name, kind in zip(schema.names, schema.types, strict=True):
        if schema.names.count(name) > 1:
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


def _fetch_raw(inputs: Inputs, wanted: pl.DataFrame) -> pl.DataFrame:
    """The input rows behind `wanted` (number, file, rows) as JSON: an object, or an array where a row was made of several."""
    connection = inputs.connection
    connection.register("wanted", wanted.to_arrow())
    schema = pl.Schema({"number": pl.UInt32, "rows": pl.Int64, "raw": pl.String})
    found = [pl.DataFrame(schema=schema)]
    for name in inputs.files:
        columns = [row[0] for row in connection.execute(f'describe "{name}"').fetchall() if row[0] not in (FILE, ROW)]
        packed = ", ".join(f"{quoted(column)} := i.{quoted(column)}" for column in columns)
        found.append(
            pl.DataFrame(
                connection.sql(
                    f"""select w.number, w.rows, to_json(struct_pack({packed}))::varchar as raw
                    from wanted as w join "{name}" as i on i._file = w.file and i._row = w.rows"""
                ).to_arrow_table()
            ).cast(schema)
        )
    connection.unregister("wanted")
    return (
        pl.concat(found)
        .sort("number", "rows")
        .group_by("number")
        .agg("raw")
        .select(
            "number",
            pl.when(pl.col("raw").list.len() == 1)
            .then(pl.col("raw").list.first())
            .otherwise(pl.format("[{}]", pl.col("raw").list.join(", ")))
            .alias("raw"),
        )
    )


def _read_mapping(source: SourceSettings) -> str:
    try:
        return source.mapping_file.read_text(encoding="utf-8").strip().rstrip(";")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceShapeError(
            f"source {source.name}: mapping {source.mapping_file} cannot be read ({type(error).__name__})"
        ) from None
