"""The rows of one source for one entity, chunk by chunk: conformed, checked, split into valid and rejected. Reading and mapping
do not belong here."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.core.ingest.conform import Conformed, conform, without_placeholders, without_reserved_channels
from pipeline.core.ingest.ids import read_ids
from pipeline.core.ingest.personal import (
    HIDDEN,
    NAMED_BY,
    SEPARATOR,
    find_suspects,
    hide_contacts,
    hide_personal,
    holds_erased,
    identify,
    is_erased,
    is_personal,
    pseudonyms,
    renamed,
    without_contacts,
)
from pipeline.core.ingest.quarantine import (
    SOURCE_ID,
    count_by_rule,
    find_collisions,
    first_ids,
    row_key,
    settle_versions,
    split_rows,
)
from pipeline.errors import ConfigError
from pipeline.sources.batches import EXPORTED_AT, LEFT_OUT, MORE_ROWS, POSITION, SHOWN_FILE, Batch
from pipeline.sources.inputs import BROKEN_SCHEMA, Inputs, columns_of, quoted
from pipeline.sources.retry import DUPLICATE
from pipeline.sources.row_ranges import other_rows
from schemas.faults import find_faults
from schemas.registry import RECORDS, Table

FILE, ROW = "_file", "_row"
NO_KEY = (
    "the mapping returns e-mail addresses, phone numbers or names, and LOYALTY_PII_KEY is not set; set it to a long secret text and "
    "keep it: another key makes other customers"
)
ERASED = "erased"
"""Why rows of an erased person are left out, among the reasons that a mapping gives."""
MOVED = "would take the key of another row, as it is read without the rows around it; deliver its file again"
"""Why a row that is tried again stays in quarantine."""
ORIGIN = ("file", "row_number", "rows", EXPORTED_AT)
EMPTY_COLUMN = r'"(?:[^"\\]|\\.)*":null,?'
NOT_PREFIXED = ("product_id", "survey_id", "item_id", SOURCE_ID)
"""Ids that are no running numbers of a shop: sister shops sell the same products."""
SAMPLES = 20
"""Kinds of rejected rows that a report has, each with the first of them."""
NAMES = ("customer_id", "order_id", "response_id", "session_id")
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
        ("suspects", pl.String()),
        ("mapped", pl.String()),
    ]
)
RAW_SCHEMA = pl.Schema([("number", pl.UInt32()), ("rows", pl.Int64()), ("raw", pl.String()), ("input", pl.String())])


@dataclass(frozen=True)
class Rules:
    """What holds for all rows of a source."""

    time_zone: str
    key: bytes | None
    """The key of all pseudonyms."""
    erased: Collection[str]
    """Fingerprints of names whose rows are left out."""
    personal: Collection[str]
    """Columns with personal data, in lower case."""
    has_preset: bool
    """Whether `personal` is all there is; otherwise a column's name can tell of personal data too."""
    id_prefix: str
    """What comes before every number that the shop gives."""
    former_prefixes: Collection[str] = ()
    """What came before them when a person was erased."""
    country: str | None = None
    """By whose rules phone numbers without a country code are read."""


class EntityRows:
    """The rows of one source for one entity, chunk by chunk; `ids`: key and source_id of rows that are merged already."""

    def __init__(
        self, table: Table, batch: Batch, inputs: Inputs, rules: Rules, folder: Path, ids: pl.LazyFrame | None = None
    ) -> None:
        self.table = table
        self.batch = batch
        self.inputs = inputs
        self.rules = rules
        self.folder = folder
        self.ids = ids
        self.has_ids = False
        self.chunks = 0
        self.rows_seen = 0
        self.rejected: list[pl.DataFrame] = []
        self.rejected_keys: list[pl.DataFrame] = []
        self.key_hashes: list[pl.Series] = []
        self.left_out: list[pl.DataFrame] = []
        self.broken = pl.DataFrame(schema=BROKEN_SCHEMA)
        self.dropped = pl.DataFrame()
        self.retried = pl.DataFrame()
        self.folder.mkdir()

    def keep_broken(self, lines: pl.DataFrame) -> None:
        """Put broken lines into quarantine beside the rejected rows."""
        self.broken = lines

    def expect(self, kept: pl.DataFrame) -> None:
        """Say that the rows are rejected ones, tried again; `kept` has what each one's file is read as, `read_as`."""
        self.retried = kept.filter(pl.col("row_key").is_not_null())

    def leave_out(self, mapped: pl.DataFrame) -> None:
        """Keep the key and the version of rows that are left out on purpose: older versions of them are no longer right."""
        if mapped.is_empty():
            return
        schema = pl.Schema({name: self.table.polars_schema[name] for name in (*self.table.key, "updated_at")})
        rows = conform(self._identified(mapped).frame, schema, time_zone=self.rules.time_zone).frame
        (file, *_) = _origin(mapped)
        self.left_out.append(rows.with_columns(self._exported_at(file)).drop_nulls(self.table.key))

    def take(self, mapped: pl.DataFrame, constants: dict[str, str]) -> pl.DataFrame:
        """Conform and check one chunk, write its valid rows, remember its rejected ones; returns the valid rows' `row`."""
        given = mapped
        named = [name for name in NAMED_BY if name in mapped.columns]
        if self.rules.key is None and any(mapped[name].drop_nulls().len() for name in named):
            raise ConfigError(f"source {self.batch.source}: {NO_KEY}")
        identified = self._identified(mapped)
        mapped = identified.frame.with_columns(_constants(constants, mapped.height))
        own = {"source": self.batch.source, "batch_id": self.batch.batch_id}
        schema = self.table.polars_schema
        delivered = pl.Schema({name: dtype for name, dtype in schema.items() if name not in own})
        conformed = conform(mapped, delivered, time_zone=self.rules.time_zone, free_texts=self.table.free_texts)
        rows = without_reserved_channels(conformed.frame).with_columns(_constants(own, mapped.height)).select(*schema)
        faults = pl.concat([identified.faults, conformed.faults])
        # A value that could not be cast has become null: that it is missing now is no second fault.
        found = find_faults(rows, self.table.model).join(faults, on=["row", "column"], how="anti")
        faults = pl.concat([faults, found])
        spared = {*self.table.free_texts, *self.table.closed_texts, *own}
        shown, n_hidden = without_contacts(rows, spared, self.rules.country)
        self.batch.values_hidden += n_hidden
        frame = shown.with_row_index("row").with_columns(
            pl.col("row").cast(pl.Int64).alias(POSITION) + self.rows_seen,
            *_origin(mapped),
        )
        frame = frame.with_columns(
            self._exported_at(frame["file"]),
            self._shown(frame["file"]),
            other_rows(frame["rows"]).alias(MORE_ROWS),
        )
        if self.retried.height:
            faults = pl.concat([faults, self._moved(frame)])
        self.rows_seen += frame.height
        erased = self._erased(frame, faults)
        if erased:
            faults = faults.filter(~pl.col("row").is_in(erased))
            self.batch.excluded_by_reason = dict(
                Counter(self.batch.excluded_by_reason) + Counter({ERASED: len(erased)})
            )
        split = split_rows(frame, faults)
        valid = split.valid.filter(~pl.col("row").is_in(erased))
        valid.drop("row").write_parquet(
            self.folder / f"valid-{self.chunks:06}.parquet", compression="lz4", statistics=False
        )
        self.key_hashes.append(valid.select(_key_hash(self.table)).to_series())
        self.has_ids |= SOURCE_ID in valid.columns and valid[SOURCE_ID].null_count() < valid.height
        self.chunks += 1
        self.batch.rows_valid += valid.height
        if split.rejected.height:
            self._reject(mapped, frame, split.rejected, self._suspects(given, mapped, faults))
            self.batch.lines_swallowed += self._breaks_in(given[split.rejected["row"]])
            self._count(count_by_rule(faults))
        return valid

    def _identified(self, mapped: pl.DataFrame) -> Conformed:
        """The rows with ids as text, and pseudonyms in place of people's names and addresses."""
        ids = read_ids(without_placeholders(mapped))
        identified = identify(self._prefixed(ids.frame), self.rules.key or b"", self.rules.country)
        return Conformed(identified.frame, pl.concat([ids.faults, identified.faults]))

    def _moved(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Faults of rows tried again under another key than before, which is another row's: some presets number the rows that they
        read, and now these alone are read."""
        rows = frame.select("row", "file", "row_number", row_key(self.table.key)).drop_nulls("row_key")
        before = self.retried.select("row_number", "entity", file="read_as", before="row_key")
        is_of_answer = pl.col("before").str.starts_with(pl.format("{} ", "row_key"))
        pairs = rows.join(before, on=["file", "row_number"]).with_columns(
            is_same=pl.when(entity=self.table.name).then(pl.col("row_key") == pl.col("before")).otherwise(is_of_answer)
        )
        lost = pairs.filter(~pl.col("is_same").any().over("file", "row_number", "entity", "before"))
        moved = pairs.join(lost, on=["file", "row_number"], how="semi").filter(~pl.col("is_same").any().over("row"))
        return moved.select(
            "row", column=pl.lit(self.table.key[-1]), reason=pl.lit(f"{self.table.key[-1]}: {MOVED}")
        ).unique()

    def _erased(self, frame: pl.DataFrame, faults: pl.DataFrame) -> list[int]:
        """The rows of erased people: those that name one, and those with faults that name nobody but were made of a row that does."""
        if not self.rules.erased:
            return []
        now, key = self.rules.id_prefix, self.rules.key
        is_theirs = is_erased(frame, self.rules.erased, key)
        for before in self.rules.former_prefixes:
            is_theirs |= is_erased(renamed(frame, now, before), self.rules.erased, key)
        found = is_theirs.arg_true().to_list()
        names_nobody = pl.all_horizontal(name.is_null() for name in _names_in(frame))
        nobodys = frame.filter(names_nobody & pl.col("row").is_in(faults["row"].implode())).with_row_index("number")
        unsuspected = pl.Series([None], dtype=pl.String).new_from_index(0, nobodys.height)
        raw = self._fetch_raw(nobodys.select("number", "file", "rows").explode("rows"), unsuspected)
        for number, text in raw.select("number", "raw").iter_rows():
            read = json.loads(text)
            values = [value for row in (read if isinstance(read, list) else [read]) for value in row.values()]
            texts = pl.Series(values, dtype=pl.String)
            # As the source writes them, and as the numbers that they can be.
            as_named = pl.concat([texts, *(prefix + texts for prefix in {now, *self.rules.former_prefixes} - {""})])
            if holds_erased(as_named, self.rules.erased, key):
                found.append(nobodys["row"][number])
        return found

    def _prefixed(self, mapped: pl.DataFrame) -> pl.DataFrame:
        """The rows with the source's prefix before the numbers that the shop gives; an empty one stays empty."""
        if not self.rules.id_prefix:
            return mapped
        names = [name for name in mapped.columns if name.endswith("_id") and name not in NOT_PREFIXED]
        numbers = pl.col(names).cast(pl.String).str.strip_chars()
        return mapped.with_columns(pl.when(numbers != "").then(self.rules.id_prefix + numbers).name.keep())

    def _exported_at(self, files: pl.Series) -> pl.Series:
        """When the file of each row was last changed; the newest file where the mapping does not say which it was."""
        times = {part.address: part.exported_at for part in self.inputs.parts}
        newest = max((moment for moment in times.values() if moment), default=None)
        moments = files.replace_strict(times, default=newest, return_dtype=pl.Datetime("us", "UTC"))
        return moments.alias(EXPORTED_AT)

    def _addresses(self, files: pl.Series) -> pl.Series:
        """The files by their own addresses, whatever a version of one is read as."""
        return files.replace(self.inputs.addresses)

    def _shown(self, files: pl.Series) -> pl.Series:
        """The files as they may be kept beside a row: without a person's address or number in their names."""
        files = self._addresses(files)
        names = files.drop_nulls().unique()
        # Folder by folder, as an address reaches to the next blank.
        parts = names.str.split("/").explode(empty_as_null=True)
        known = dict(zip(parts, hide_contacts(parts, self.rules.country), strict=True))
        shown = ["/".join(known[part] for part in name.split("/")) for name in names]
        return files.replace(names, shown).alias(SHOWN_FILE)

    def _suspects(self, given: pl.DataFrame, mapped: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
        """Per row the values in it that are faults and can be a person's, as a text."""
        found = [pl.DataFrame(schema={"row": pl.UInt32, "suspects": pl.String})]
        for (name,), part in faults.unique(["row", "column"]).group_by("column"):
            rows = given if name in given.columns else mapped
            if name in rows.columns:
                values = rows[str(name)].gather(part["row"]).cast(pl.String)
                dtype = self.table.polars_schema.get(str(name), pl.Null())
                suspects = find_suspects(values, dtype, self.rules.country)
                if suspects.null_count() < len(suspects):
                    found.append(part.select("row", suspects=suspects).drop_nulls())
        if len(found) == 1:
            return found[0]
        joined = pl.col("suspects").str.join(SEPARATOR)
        return (
            pl.concat(found)
            .group_by("row")
            .agg(pl.format("{}{}{}", pl.lit(SEPARATOR), joined, pl.lit(SEPARATOR)).alias("suspects"))
        )

    def _reject(
        self, mapped: pl.DataFrame, frame: pl.DataFrame, rejected: pl.DataFrame, suspects: pl.DataFrame
    ) -> None:
        at = rejected["row"]
        suspected = rejected.join(suspects, on="row", how="left", maintain_order="left")["suspects"]
        shown = mapped.select(pl.exclude(FILE, ROW))[at]
        shown = hide_personal(shown, (), self.rules.key, suspected)
        rows = (
            rejected.drop("row")
            .hstack(frame.select(*ORIGIN, *_names_in(frame), row_key(self.table.key))[at])
            .with_columns(suspected, mapped=_as_json(shown))
        )
        self.rejected.append(_compact(rows))
        self.rejected_keys.append(_compact(frame.select(self.table.key)[at]))
        self.batch.rows_rejected += rejected.height

    def _breaks_in(self, rows: pl.DataFrame) -> int:
        """How many line breaks there are where no free text is."""
        texts = [
            name for name, dtype in rows.schema.items() if dtype == pl.String and name not in self.table.free_texts
        ]
        breaks = pl.col(texts).str.count_matches(r"\r\n|\r|\n").sum()
        return int(rows.select(pl.sum_horizontal(breaks)).item()) if texts else 0

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
        collided = self._reject_collisions(valid, doubled)
        copies = valid.select(columns).filter(_key_hash(self.table).is_in(doubled))
        copies = copies.join(collided.lazy(), on=POSITION, how="anti")
        settled = settle_versions(copies, self.table.key, version).collect(engine="streaming")
        older = settled.filter(~pl.col("is_latest"))
        duplicates = older.filter("is_duplicate")
        self.batch.rows_superseded = older.height - duplicates.height
        if duplicates.height:
            self._reject_late(
                valid, duplicates.select(POSITION, pl.lit(DUPLICATE).alias("why")), " ".join(self.table.key)
            )
        self.dropped = pl.concat([older.select(POSITION), collided])
        self.dropped.write_parquet(self.folder / "dropped.parquet")
        keys = pl.DataFrame(schema={name: self.table.polars_schema[name] for name in self.table.key})
        pl.concat([keys, *self.rejected_keys]).write_parquet(self.folder / "rejected_keys.parquet")
        if self.left_out:
            self._left_out_whole(valid).write_parquet(self.folder / LEFT_OUT)
        rejected = self._with_raw()
        rejected.write_parquet(self.folder / "rejected.parquet")
        first = rejected.unique("reasons", keep="first", maintain_order=True).head(SAMPLES)
        self.batch.samples = [
            f"{file or 'a row without _file'} row {number if number is not None else '?'}: {reasons}"
            for file, number, reasons in first.select("file", "row_number", "reasons").iter_rows()
        ]

    def _left_out_whole(self, valid: pl.LazyFrame) -> pl.DataFrame:
        """Those of which the same file has no valid row: a mapping can make several rows of what the source calls one."""
        left_out, of_file = pl.concat(self.left_out).lazy(), [*self.table.key, EXPORTED_AT]
        beside = valid.select(of_file).join(left_out.select(of_file), on=of_file, how="semi")
        return left_out.join(beside, on=of_file, how="anti").collect(engine="streaming")

    def _reject_collisions(self, valid: pl.LazyFrame, doubled: pl.Series) -> pl.DataFrame:
        """Reject the rows whose key is that of another row by the source's own ids; returns their positions."""
        key = self.table.key
        if not self.has_ids:
            return pl.DataFrame(schema={POSITION: pl.Int64})
        rows = valid.select(*key, SOURCE_ID, POSITION, "file", "row_number")
        ids = first_ids(rows.filter(_key_hash(self.table).is_in(doubled)), key)
        if self.ids is not None:
            known = self.ids.rename({SOURCE_ID: "other_id"})
            ids = pl.concat([known, ids.join(known, on=key, how="anti")])
        found = find_collisions(rows, ids, key).collect(engine="streaming")
        if found.height:
            why = pl.lit(
                f"another one comes under the same {' '.join(key)}; two shops need a source each, one with an id_prefix"
            )
            self._reject_late(valid, found.select(POSITION, why.alias("why")), SOURCE_ID)
            self.rejected_keys.append(found.select(key))
        return found.select(POSITION)

    def _reject_late(self, valid: pl.LazyFrame, faults: pl.DataFrame, rule: str) -> None:
        """Reject rows that passed every check of their own; `faults`: position and `why`."""
        rows = valid.join(faults.lazy(), on=POSITION).collect()
        self.rejected.append(
            rows.select(
                pl.format("{}: {}", pl.lit(rule), "why").alias("reasons"),
                *ORIGIN,
                *_names_in(rows),
                row_key(self.table.key),
                pl.lit(None, pl.String).alias("suspects"),
                _as_json(rows.select(self.table.polars_schema.names())).alias("mapped"),
            )
        )
        self.batch.rows_valid -= rows.height
        self.batch.rows_rejected += rows.height
        self._count({rule: rows.height})

    def _with_raw(self) -> pl.DataFrame:
        """The rejected rows as the contract `RejectedRows` has them."""
        columns = MAPPED_SCHEMA.names()
        mapped = pl.concat([pl.DataFrame(schema=MAPPED_SCHEMA), *(rows.select(columns) for rows in self.rejected)])
        mapped = mapped.with_row_index("number")
        raw = self._fetch_raw(mapped.select("number", "file", "rows").explode("rows"), mapped["suspects"])
        shown = mapped.join(raw, on="number", how="left").with_columns(raw=pl.coalesce("raw", "mapped"))
        broken = self._broken_as_rejected()
        shown = shown.with_columns(self._addresses(shown["file"]))
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
        hidden = pseudonyms(text, self.rules.key) if self.rules.key else nothing
        return self.broken.with_columns(
            raw=pl.when(pl.col("file").is_in(list(personal))).then(hidden).otherwise(hide_contacts(text, None)),
            mapped=pl.col("raw"),
            **{name: pl.lit(None, pl.String) for name in ("input", "row_key", *NAMES)},
            **{EXPORTED_AT: self._exported_at(self.broken["file"])},
        )

    def _personal(self, columns: Iterable[str]) -> set[str]:
        """Which of an input's columns hold personal data, in lower case."""
        return {
            name.lower()
            for name in columns
            if name in self.inputs.personal
            or name.lower() in self.rules.personal
            or (not self.rules.has_preset and is_personal(name))
        }

    def _fetch_raw(self, wanted: pl.DataFrame, suspects: pl.Series) -> pl.DataFrame:
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
            shown = hide_personal(
                rows.drop("_number", "_rows"), self._personal(columns), self.rules.key, suspects.gather(rows["_number"])
            )
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


def _compact(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with texts of their own: those of a selection keep all texts of their chunk in memory."""
    return pl.DataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=rows.schema)


def _key_hash(table: Table) -> pl.Expr:
    return pl.struct(table.key).hash(seed=0).alias("hash")


def _names_in(frame: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in NAMES]


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


def _constants(values: dict[str, str], height: int) -> list[pl.Series]:
    return [pl.Series(name, [value], dtype=pl.String).new_from_index(0, height) for name, value in values.items()]


def _as_json(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.struct(pl.all().cast(pl.String)).struct.json_encode()).to_series()
