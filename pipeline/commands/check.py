"""A trial of the configured sources on their first rows: read, mapped and checked as a run does, in a folder of its own.

How the findings look on a screen does not belong here.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.core.ingest.personal import ADDRESS, HIDDEN
from pipeline.core.notices import survey_gaps
from pipeline.errors import LoyaltyError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.batches import Batch, Report, Staged
from pipeline.sources.demo import simulate, write_exports
from pipeline.sources.object_stores import list_objects
from pipeline.sources.preset import load_preset
from pipeline.sources.sample import Sample, take_sample
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES, TABLES, Table
from schemas.types import PSEUDONYM_PATTERN

Mark = Literal["ok", "warn", "fail"]

SAMPLE_ROWS = 100_000
"""Rows of each input that are tried."""
EXAMPLE_ROWS = 3
REASONS_SHOWN = 3
LONGEST_VALUE = 22

ANONYMOUS_SHARE = 0.2
"""Share of orders without a customer from which on it is a warning: the segments speak of the others only."""

LOOKED_UP_IN = ("orders", "customers")
"""Where the customers of reviews, surveys, invitations and touchpoints are looked up."""
NOBODY = (
    "no order names a customer, and none is known otherwise, so a run would have nobody to publish; "
    "use a mapping of orders that returns customer_id or email"
)
NAMED_BY = "customer_id, email or order_id"
MAIN_TIMES = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "reviews": "created_at",
    "survey_responses": "submitted_at",
    "customers": "registered_at",
    "touchpoints": "occurred_at",
    "survey_invitations": "invited_at",
    "loyalty_events": "occurred_at",
    "referrals": "referred_at",
}
TYPES = {pl.String: "text", pl.Boolean: "yes or no", pl.Float64: "number", pl.Int64: "whole number"}


@dataclass(frozen=True)
class Fact:
    """One thing found: its subject, its words, and whether a run would take it, warn of it, or fail over it."""

    subject: str
    words: str
    mark: Mark = "ok"


@dataclass
class Finding:
    """What was found of one source, or of the home."""

    name: str
    what: str
    facts: list[Fact] = field(default_factory=list)
    examples: list[tuple[str, ...]] = field(default_factory=list)
    """The first mapped rows, turned: per column its name, its type, and its value in each row."""

    @property
    def mark(self) -> Mark:
        """The worst of its facts."""
        marks = {fact.mark for fact in self.facts}
        return "fail" if "fail" in marks else "warn" if "warn" in marks else "ok"


@dataclass
class _People:
    """Who is a customer: account ids and pseudonyms alike; and the orders that name one."""

    names: pl.Series
    orders: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    n_orders: int = 0

    def learn(self, rows: pl.DataFrame) -> None:
        """Take in the rows of an entity that customers are looked up in."""
        self.names = pl.concat(
            [self.names, *(rows[name].rename(self.names.name) for name in ("customer_id", "email_hash"))]
        )
        if "order_id" in rows.columns:
            self.n_orders += rows.height
            named = rows.filter(pl.col("customer_id").is_not_null())["order_id"]
            self.orders = pl.concat([self.orders, named.rename(self.orders.name)])

    def count_known(self, rows: pl.DataFrame) -> int:
        """How many rows name a customer, or an order in place of one."""
        names, orders = self.names.drop_nulls().implode(), self.orders.implode()
        by_name = pl.col("customer_id").is_in(names) | pl.col("email_hash").is_in(names).fill_null(False)
        by_order = pl.col("customer_id").is_null() & pl.col("order_id").is_in(orders)
        return rows.filter(by_name | by_order).height


def check_sources(settings: Settings, folder: Path, *, now: datetime, rows: int = SAMPLE_ROWS) -> Iterator[Finding]:
    """Try the home, then every source on at most `rows` rows of each input: those that others are looked up in come first.

    All that is written is in `folder`. A source that fails is a finding too, and the others go on.

    Raises:
        ConfigError: the demo shop ends before it starts.
    """
    lake = Lake(settings.lake_root)
    home, known, people = _check_home(settings, lake)
    shown: dict[str, str] = {}
    if settings.demo is not None:
        settings, shown, fact = _make_demo(settings, folder / "demo", now)
        home.facts.append(fact)
    home.facts += [
        Fact("segment map", f"{settings.rfm.map}: {rule} names nobody, earlier rules take all of its scores", "warn")
        for rule in settings.rfm.segment_map.unreachable
    ]
    yield home
    for source in sorted(settings.sources, key=lambda source: source.entity not in LOOKED_UP_IN):
        trial = _Trial(source, settings, folder / "sources" / source.name, shown, people)
        yield trial.run(known.filter(source=source.name), now=now, rows=rows)
        shutil.rmtree(trial.folder, ignore_errors=True)
    if people.n_orders and people.names.null_count() == len(people.names):
        yield Finding("customers", "who buys", [Fact("customers", NOBODY, "fail")])


def _check_home(settings: Settings, lake: Lake) -> tuple[Finding, pl.DataFrame, _People]:
    """Whether the home and the lake can be used; what the lake has read, and its customers: none where there is no lake."""
    finding = Finding("home", str(settings.home))
    for place in [settings.home] if lake.is_remote else [settings.home, Path(lake.root)]:
        existing = next(path for path in (place, *place.parents) if path.exists())
        if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
            finding.facts.append(
                Fact("home", f"{existing} cannot be written; set LOYALTY_HOME to another folder", "fail")
            )
    known = pl.DataFrame(schema=TABLES["inputs_read"].polars_schema)
    people = _People(pl.Series(dtype=pl.String))
    try:
        if lake.is_remote:
            list_objects(f"{lake.root}/")
        known = _in_lake(lake, "inputs_read")
        customers, others = _in_lake(lake, "customers", "customer_id"), _in_lake(lake, "identity", "identifier")
        people.names = pl.concat([frame.to_series().rename("") for frame in (customers, others)])
    except (LoyaltyError, DeltaError, OSError, pl.exceptions.PolarsError) as error:
        finding.facts.append(Fact("lake", f"{lake.root} cannot be read: {_line(error)}", "fail"))
    else:
        words = f"{customers.height:,} customers in it" if known.height else "none yet; the first run makes it"
        finding.facts.append(Fact("lake", f"{lake.root}: {words}"))
    return finding, known, people


def _in_lake(lake: Lake, name: str, *columns: str) -> pl.DataFrame:
    """Columns of a table of the lake; no rows where it is not made yet."""
    table = TABLES[name]
    is_made = DeltaTable.is_deltatable(f"{lake.root}/{name}")
    rows = lake.scan(table) if is_made else pl.LazyFrame(schema=table.polars_schema)
    return rows.select(columns or pl.all()).collect()


def _make_demo(settings: Settings, folder: Path, now: datetime) -> tuple[Settings, dict[str, str], Fact]:
    """The demo shop's exports in `folder` instead of the home; the settings that read them there, and folder -> home."""
    assert settings.demo is not None
    yesterday = now.astimezone(ZoneInfo(settings.shop.time_zone)).date() - timedelta(days=1)
    end_date = settings.demo.end_date or yesterday
    shop = simulate(settings.demo, end_date=end_date, time_zone=settings.shop.time_zone)
    write_exports(shop, folder, dirt_rate=settings.demo.dirt_rate, seed=settings.demo.seed)
    home = str(settings.home / "demo")

    def moved(source: SourceSettings) -> SourceSettings:
        places = source.inputs.items()
        inputs = {name: place.replace(home, str(folder)) if isinstance(place, str) else place for name, place in places}
        return source.model_copy(update={"inputs": inputs})

    fact = Fact("demo", f"a run makes the exports up to {end_date} in {home}; here they are made for the check only")
    return settings.model_copy(update={"sources": list(map(moved, settings.sources))}), {str(folder): home}, fact


class _Trial:
    """One source."""

    def __init__(
        self, source: SourceSettings, settings: Settings, folder: Path, shown: Mapping[str, str], people: _People
    ) -> None:
        self.source = source
        self.settings = settings
        self.folder = folder
        self.shown = dict(shown)
        self.people = people
        mapping = f"preset {source.preset}" if source.preset else f"mapping {source.mapping_file.name}"
        self.finding = Finding(source.name, f"{source.entity}, {mapping}")

    def run(self, known: pl.DataFrame, *, now: datetime, rows: int) -> Finding:
        """Sample, stage and look; `known` is what the lake has read of the source."""
        staged = Staged(self.folder / "staged")
        try:
            sample = take_sample(self.source, self.folder / "sample", rows=rows)
            self.shown = sample.addresses | self.shown
            report = stage_source(sample.source, self.settings, staged.folder, started_at=now, known=known)
        except (LoyaltyError, OSError) as error:
            self._add("error", str(error).removeprefix(f"source {self.source.name}: "), "fail")
            return self.finding
        self._add_read(report, sample)
        self._add_columns(report)
        if self.source.entity == "surveys":
            for subject, words in survey_gaps(self.settings.surveys[str(self.source.survey)]).items():
                self._add(subject, words, "warn")
        if report.drift:
            self._add("changed", f"{report.drift}; new columns that the mapping does not name are ignored", "warn")
        for batch in report.batches:
            self._add_rows(batch, is_torn=sample.is_cut and len(self.source.inputs) > 1)
        table = ENTITIES[report.batches[0].entity]
        valid = staged.valid(table).select(table.polars_schema.names()).collect()
        if valid.height:
            self._add_valid(table, valid)
        if self.source.entity in LOOKED_UP_IN:
            self.people.learn(valid)
        return self.finding

    def _add(self, subject: str, words: str, mark: Mark = "ok") -> None:
        for copy, address in self.shown.items():
            words = words.replace(copy, address)
        self.finding.facts.append(Fact(subject, _line(words), mark))

    def _add_read(self, report: Report, sample: Sample) -> None:
        files = [self.shown.get(read["file"], read["file"]) for read in report.inputs]
        size = f" ({_size(sample.size_bytes)})" if sample.size_bytes else ""
        where = f"{files[0]}{size}"
        if len(files) > 1:
            where = f"{len(files)} files{size}, from {files[0]} to {Path(files[-1]).name}"
        n_rows = report.batches[0].lines_read
        words = f"all {n_rows:,} rows of {where}"
        if sample.is_cut:
            words = f"a sample, the first {n_rows:,} rows of {where}"
        self._add("read", words if n_rows else f"no rows in {where}", "ok" if n_rows else "warn")

    def _add_columns(self, report: Report) -> None:
        for name in self.source.inputs:
            parts = [json.loads(read["columns"]) for read in report.inputs if read["input"] == name]
            head = "" if len(self.source.inputs) == 1 else f"{name}: "
            found = dict.fromkeys(column for part in parts for column in part)
            if self.source.preset is None:
                self._add("columns", head + ", ".join(found))
                continue
            told = load_preset(self.source.preset).inputs[name]
            in_all = set.intersection(*({column.lower() for column in part} for part in parts))
            absent = [column for column in told.optional if column.lower() not in in_all]
            used = {column.lower() for column in (*told.required, *told.optional)}
            unused = [column for column in found if column.lower() not in used]
            words = f"{head}all {len(told.required)} required"
            if told.optional:
                words += f", {len(told.optional) - len(absent)} of {len(told.optional)} optional"
            words += f"; not there: {', '.join(absent)}" if absent else ""
            words += f"; {len(unused)} more" if unused else ""
            self._add("columns", words)

    def _add_rows(self, batch: Batch, *, is_torn: bool) -> None:
        limit = self.settings.quality.max_reject_rate
        is_refused = batch.reject_rate > limit or not batch.has_survivors
        bad = batch.rows_rejected + batch.lines_broken
        words = f"{batch.rows_valid:,} valid, {bad:,} rejected"
        if bad:
            words += f" ({batch.reject_rate:.1%}, the limit is {limit:.1%})"
        if is_refused and is_torn:
            words += "; rows of one input may miss those of another, which the sample cut off"
        by_rule = {**batch.rejected_by_rule, **({"broken lines": batch.lines_broken} if batch.lines_broken else {})}
        self._add(batch.entity, words, "fail" if is_refused and not is_torn else "warn" if bad else "ok")
        if by_rule:
            self._add("rejected", _counts(by_rule))
        for reason in batch.samples[:REASONS_SHOWN]:
            self._add("", f"such as {reason}")
        if batch.excluded_by_reason:
            self._add("excluded", _counts(batch.excluded_by_reason))

    def _add_valid(self, table: Table, valid: pl.DataFrame) -> None:
        time = MAIN_TIMES[table.name]
        days = valid[time].drop_nulls().dt.convert_time_zone(self.settings.shop.time_zone).dt.date()
        if len(days):
            self._add("dates", f"{time} from {days.min()!s} to {days.max()!s}")
        if "currency" in valid.columns:
            self._add("currency", ", ".join(valid["currency"].drop_nulls().unique().sort()) or "none")
        if {"email_hash", "order_id"} <= set(valid.columns) and self.source.entity not in LOOKED_UP_IN:
            matched = self.people.count_known(valid)
            words = f"{matched:,} of {valid.height:,} {table.name} ({matched / valid.height:.1%}) match a customer"
            if all(valid[name].null_count() == valid.height for name in ("customer_id", "email_hash", "order_id")):
                words += f"; none names one, so the tables per customer have nothing of it; map {NAMED_BY}"
            self._add("customers", words, "ok" if matched else "warn")
        if self.source.entity == "orders":
            anonymous, named = valid["customer_id"].null_count(), valid["customer_id"].drop_nulls().n_unique()
            share = anonymous / valid.height
            words = f"{named:,} named; {anonymous:,} of {valid.height:,} orders ({share:.1%}) name none"
            words += " and stay outside the segments" if anonymous else ""
            self._add("customers", words, "warn" if share >= ANONYMOUS_SHARE else "ok")
        shown = valid.select(pl.exclude("source", "batch_id"))
        empty = [name for name in shown.columns if shown[name].null_count() == shown.height]
        self.finding.examples = list(_turned(table, shown.drop(empty).head(EXAMPLE_ROWS)))
        if empty:
            self._add("empty", ", ".join(empty))


def _turned(table: Table, rows: pl.DataFrame) -> Iterator[tuple[str, ...]]:
    """Per column its name, its type, and its values without personal data."""
    contract = table.model.to_schema().columns
    for name in rows.columns:
        values = rows[name]
        kind = "amount" if _is_amount(name) else TYPES.get(type(values.dtype), "time, UTC")
        if (contract[name].metadata or {}).get("is_personal_text"):
            values = values.set(values.is_not_null(), HIDDEN)
        yield (name, kind, *(_shown(name, value) for value in values))


def _is_amount(name: str) -> bool:
    return name.endswith("_amount")


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    text = f"{value / 100:.2f}" if _is_amount(name) else _line(value)
    if re.fullmatch(PSEUDONYM_PATTERN, text):
        return f"{text[:8]}…"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _line(text: object) -> str:
    """One line without e-mail addresses."""
    return re.sub(ADDRESS, HIDDEN, " ".join(str(text).split()))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"
