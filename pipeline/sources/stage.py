"""One source, from its inputs to staged batches: find what is new, read, map, hand on. Nothing here touches the lake."""

import hashlib
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.personal import hide_contacts, pseudonyms
from pipeline.core.ingest.surveys import answers_from_responses, with_comment
from pipeline.errors import SourceShapeError
from pipeline.sources.apis.reading import Keeping
from pipeline.sources.batches import EXPORTED_AT, POSITION, REPORT, Batch, Report
from pipeline.sources.column_changes import Drift, find_drift
from pipeline.sources.entity_rows import EntityRows, Rules
from pipeline.sources.inputs import Inputs
from pipeline.sources.loading import Expected, load_inputs
from pipeline.sources.mapping import EXCLUDE_REASON, Mapping, read_mapping, refuse_missing_key
from pipeline.sources.notation import BY_CONDITION, tell_inputs
from pipeline.sources.parts import Part, find_parts, parts_to_read, tell_unread
from pipeline.sources.preset import load_preset, shape_of
from pipeline.sources.retry import load_kept
from pipeline.sources.settings import ApiInput, SourceSettings
from schemas.registry import ENTITIES, RECORDS, Table

FETCHED = "fetched"
"""Folder for what exists only while a source is read."""


def stage_source(
    source: SourceSettings,
    folder: Path,
    *,
    shop: ShopSettings,
    survey: SurveySettings | None,
    key: bytes | None,
    started_at: datetime,
    known: pl.DataFrame | None = None,
    kept: pl.DataFrame | None = None,
    ids: pl.LazyFrame | None = None,
    erased: Collection[str] = (),
    former_prefixes: Collection[str] = (),
    pages: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read what is new of a source and leave its staged batches in `folder`, whole or not at all.

    `survey`: what the survey asks that the source is of, if it is of one. `key`: that of all pseudonyms. `known`: what was
    read of the source before, as the contract `InputsRead` has it. `kept`: rejected rows to try again in place of the inputs
    that they came from. `ids`: key and source_id of the rows that the lake has, where they have one. `erased`: fingerprints of names whose rows are left out, and counted as excluded;
    `former_prefixes`: what came before the source's numbers when they were erased.
    `pages`: where what an API has given is kept until it is merged; nowhere when left out. `tell`: how far a long read is,
    and what is left unread.

    Raises:
        SourceShapeError: an input or the mapping does not have the shape it must have.
        ConfigError: the mapping returns e-mail addresses, phone numbers or names and there is no key to make pseudonyms with.
    """
    refuse_missing_key([source], key)
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        with closing(_connect(building)) as connection:
            stager = _Stager(source, building, shop, survey, key, started_at, ids, erased, former_prefixes)
            stager.keeping = Keeping(pages, key, tell, source.full_snapshot) if pages else None
            stager.tell = tell
            report = stager.run(connection, known, kept)
    except BaseException:
        # What is half read can have addresses, of which a staged batch has none.
        shutil.rmtree(building, ignore_errors=True)
        raise
    shutil.rmtree(building / FETCHED, ignore_errors=True)
    (building / REPORT).write_text(json.dumps(asdict(report), indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return report


def main_table(source: SourceSettings) -> Table:
    """The table that a source's mapping delivers: of a survey its responses."""
    return ENTITIES["survey_responses" if source.entity == "surveys" else source.entity]


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
        folder: Path,
        shop: ShopSettings,
        survey: SurveySettings | None,
        key: bytes | None,
        started_at: datetime,
        ids: pl.LazyFrame | None,
        erased: Collection[str],
        former_prefixes: Collection[str],
    ) -> None:
        self.source = source
        self.ids = ids
        self.folder = folder
        self.keeping: Keeping | None = None
        self.tell: Callable[[str], None] = lambda _: None
        self.retried: pl.DataFrame | None = None
        """The rejected rows that are tried again, and what each one's file is read as."""
        self.found: list[Part] = []
        """All that is there of the source, read before or not."""
        self.started_at = started_at
        self.currency = shop.currency
        time_zone = source.time_zone or shop.time_zone
        self.constants = {"survey_id": source.survey, "survey_type": survey.type} if source.survey and survey else {}
        # Of invitations nothing but its name and type is asked for: they have no items.
        self.survey = survey if source.entity == "surveys" else None
        self.select = read_mapping(source)
        self.preset = load_preset(source.preset) if source.preset else None
        asked = survey and survey.model_dump(mode="json")
        rules = [source.model_dump(mode="json", exclude={"inputs"}), asked, time_zone, shop.currency, shop.country]
        told = [name for told in self.preset.inputs.values() for name in told.personal_headers] if self.preset else []
        self.row_rules = Rules(
            time_zone=time_zone,
            key=key,
            erased=erased,
            personal={name.lower() for name in [*told, *source.personal]},
            has_preset=self.preset is not None,
            id_prefix=source.id_prefix,
            former_prefixes=former_prefixes,
            country=shop.country,
        )
        # Another key makes other pseudonyms; the key itself cannot be told from one.
        of_key = pseudonyms(pl.Series(["key"]), key).item() if key else None
        # What a preset knows of words and headers is read as its SELECT is, and what it makes of an API's rows.
        known = [self.preset.model_dump(mode="json", include={"inputs"})] if self.preset else []
        known += [{"shape": shape} for name in source.inputs if (shape := self._shape(name))]
        self.rules = _fingerprint(json.dumps([self.select, *rules, *known, of_key]))

    @property
    def questions(self) -> list[str]:
        """The items and open questions that are asked for, a column each."""
        return self.survey.columns if self.survey else []

    def run(
        self, connection: duckdb.DuckDBPyConnection, known: pl.DataFrame | None, kept: pl.DataFrame | None
    ) -> Report:
        known = pl.DataFrame(schema=RECORDS["inputs_read"].polars_schema) if known is None else known
        same_rules = known.filter(rules=self.rules)
        columns = {row["input"]: json.loads(row["columns"]) for row in known.sort(EXPORTED_AT).iter_rows(named=True)}
        self.inputs = self._load(connection, same_rules) if kept is None else self._load_kept(connection, kept, columns)
        tell_inputs(self.inputs, self.preset.inputs if self.preset else {}, self.source)
        drift = {} if kept is not None else self._drift(known)
        changes = [f"input {name}: {text}" for name, change in drift.items() if (text := change.in_words())]
        words = "; ".join([*changes, *([] if kept is not None else self._lacking())])
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
        gone = self._gone(known) if kept is None else []
        return Report(batches, read, words, retried, self.inputs.notes, self.inputs.addresses, gone)

    def _load(self, connection: duckdb.DuckDBPyConnection, known: pl.DataFrame) -> Inputs:
        """Load what is new beside the `known` parts."""
        digests = {(row["input"], row["file"]): row["digest"] for row in known.iter_rows(named=True)}
        watermarks = {(row["input"], row["file"]): row["watermark"] for row in known.iter_rows(named=True)}
        self.found = parts = find_parts(self.source, now=self.started_at)
        if self.source.full_snapshot:
            # The same content at a later time says that nothing has gone since, and what is back.
            seen_at = {(row["input"], row["file"]): row[EXPORTED_AT] for row in known.iter_rows(named=True)}
            for part in parts:
                key = (part.input, part.address)
                if key in seen_at and seen_at[key] < part.exported_at:
                    del digests[key]
        parts = parts_to_read(self.source, parts, digests)
        if self.source.full_snapshot or len(self.source.inputs) > 1:
            # A join of what is new alone, or a snapshot of it, would miss all else.
            watermarks = {}
        inputs = self._load_parts(connection, parts, watermarks)
        for words in tell_unread(self.source, parts):
            inputs.notes.append(words)
            self.tell(words)
        return inputs

    def _load_kept(
        self, connection: duckdb.DuckDBPyConnection, kept: pl.DataFrame, columns: dict[str, dict[str, str]]
    ) -> Inputs:
        """Load `kept` rows, and in full the inputs that none of them came from; their own may be gone."""
        others = {name: place for name, place in self.source.inputs.items() if name not in set(kept["input"])}
        source = self.source.model_copy(update={"inputs": others if kept.height else {}})
        inputs = self._load_parts(connection, find_parts(source, now=self.started_at), {})
        self.retried = load_kept(inputs, kept, columns)
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
            max_unpacked_mb=self.source.max_unpacked_mb,
            keeping=self.keeping,
            decimal=self.source.decimal,
        )

    def _expected(self, name: str) -> Expected:
        if self.preset is None:
            return Expected()
        told = self.preset.inputs[name]
        return Expected(told, self.questions, self._shape(name))

    def _shape(self, name: str) -> str | None:
        """The SELECT that makes an export's columns of what an API gives, where the input is one."""
        if self.source.preset is None or not isinstance(self.source.inputs[name], ApiInput):
            return None
        return shape_of(self.source.preset, name)

    def _drift(self, known: pl.DataFrame) -> dict[str, Drift]:
        """Per input, how the columns of its newest part differ from those read last, if any were."""
        drift = {}
        for part in sorted(self.inputs.parts, key=lambda part: part.exported_at):
            before = known.filter(input=part.input).sort("exported_at", "file")["columns"]
            if len(before):
                drift[part.input] = find_drift(json.loads(before[-1]), self.inputs.columns[part])
        return drift

    def _lacking(self) -> Iterator[str]:
        """Which columns that the mapping reads some of several new files lack, in words."""
        for name in self.inputs.names:
            columns = {part.address: self.inputs.columns[part] for part in self.inputs.parts if part.input == name}
            for column in dict.fromkeys(itertools.chain.from_iterable(columns.values())):
                without = sorted(address for address, found in columns.items() if column not in found)
                if without and column.lower() in self.select.lower():
                    yield (
                        f"input {name}: column {column} is missing in {len(without)} of {len(columns)} new files, as in {without[0]}, "
                        "and empty there"
                    )

    def _refuse_retyped(self, drift: dict[str, Drift]) -> None:
        """A column of another type can mean another unit: someone must look, and says so by touching the mapping."""
        for name, change in drift.items():
            for column in change.retyped:
                if column.lower() in self.select.lower() or "*" in self.select:
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

    def _gone(self, known: pl.DataFrame) -> list[dict[str, Any]]:
        """The files read before that are there no more, each with whether this batch has read its content elsewhere."""
        there = {part.address for part in self.found}
        read = {(part.input, part.digest) for part in self.inputs.parts if part.digest}
        return [
            {
                "file": row["file"],
                EXPORTED_AT: row[EXPORTED_AT].isoformat(),
                "is_moved": (row["input"], row["digest"]) in read,
            }
            for row in known.iter_rows(named=True)
            if row["file"] not in there
        ]

    def _stage(self) -> list[Batch]:
        main = self._part(main_table(self.source), self.ids)
        lines = self.inputs.lines
        main.batch.lines_read, main.batch.lines_parsed, main.batch.lines_broken = lines.read, lines.parsed, lines.broken
        main.batch.lines_within = lines.within
        main.keep_broken(self.inputs.broken_rows)
        if self.retried is not None:
            main.expect(self.retried)
        where = f"source {self.source.name}: mapping {self.source.mapping_file.name}"
        mapping = Mapping(where, self.select, main.table, self.questions, self.currency, self.constants, self.source)
        for mapped in mapping.rows(self.inputs):
            kept, excluded = self._exclude(mapped)
            main.leave_out(self._versions(excluded))
            main.batch.rows_mapped += mapped.height
            reasons = Counter(main.batch.excluded_by_reason) + Counter(self._reasons(excluded))
            main.batch.excluded_by_reason = dict(reasons)
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
        texts: list[pl.DataFrame] = []
        n_numbers = 0
        for file in sorted(self.folder.glob("wide-*.parquet")):
            counted = pl.read_parquet(file).join(main.dropped, on=POSITION, how="anti")
            cells = answers_from_responses(counted, self.source.survey, self.survey)
            answers.batch.rows_mapped += cells.height
            answers.take(cells, {})
            in_words = cells.filter(pl.col("value").cast(pl.Float64, strict=False).is_null())
            texts.append(in_words.head(1))
            n_numbers += cells.height - in_words.height
            file.unlink()
        if not n_numbers and self.retried is None:
            self._refuse_words(pl.concat(texts) if texts else pl.DataFrame())
        answers.finish()
        return [main.batch, answers.batch]

    def _refuse_words(self, answers: pl.DataFrame) -> None:
        """Refuse an export of `answers` that are all in unknown words, where the tool can export numbers."""
        if self.preset is None or self.preset.numeric is None or answers.is_empty():
            return
        raise SourceShapeError(
            f"source {self.source.name}: all answers are in words, as in column '{answers['item_id'][0]}'; export numeric values ({self.preset.system}: {self.preset.numeric}), or say in the items' labels "
            "which numbers the words stand for"
        )

    def _part(self, table: Table, ids: pl.LazyFrame | None = None) -> EntityRows:
        batch = Batch(self.source.name, table.name, self.batch_id, self.started_at.isoformat())
        return EntityRows(table, batch, self.inputs, self.row_rules, self.folder / table.name, ids)

    def _exclude(self, mapped: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        if EXCLUDE_REASON not in mapped.columns:
            return mapped, mapped.clear()
        is_kept = pl.col(EXCLUDE_REASON).is_null()
        return mapped.filter(is_kept).drop(EXCLUDE_REASON), mapped.filter(~is_kept)

    def _versions(self, excluded: pl.DataFrame) -> pl.DataFrame:
        """Those that take the place of older versions: a preset's, and what a condition leaves out. A mapping of one's own can leave
        out rows that are no version of what their key names, as a refund beside its order."""
        if excluded.is_empty():
            return excluded
        is_version = pl.lit(self.preset is not None) | pl.col(EXCLUDE_REASON).str.starts_with(BY_CONDITION)
        return excluded.filter(is_version).drop(EXCLUDE_REASON)

    def _reasons(self, excluded: pl.DataFrame) -> dict[str, int]:
        if excluded.is_empty():
            return {}
        reasons = hide_contacts(excluded[EXCLUDE_REASON].cast(pl.String), self.row_rules.country)
        return dict(reasons.to_frame().group_by(EXCLUDE_REASON).len().iter_rows())


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
