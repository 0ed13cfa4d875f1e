"""The trial of one source on its first rows: read, mapped and checked as a run does, in a folder of its own."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipeline.commands.findings import Fact, Finding, Mark, one_line
from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.personal import HIDDEN
from pipeline.core.ingest.quarantine import SOURCE_ID
from pipeline.core.ingest.surveys import shared_numbers
from pipeline.core.notices import survey_gaps
from pipeline.errors import LoyaltyError
from pipeline.sources.apis.reading import look_ahead
from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.batches import Batch, Report, Staged
from pipeline.sources.preset import load_preset
from pipeline.sources.sample import Sample, take_sample
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES, Table
from schemas.types import EXTRA, PSEUDONYM_PATTERN

EXAMPLE_ROWS = 3
REASONS_SHOWN = 3
LONGEST_VALUE = 22

ANONYMOUS_SHARE = 0.2
"""Share of orders without a customer from which it is a warning: segments cover only the others."""
OF_ORDERS = ("reviews", "touchpoints")
"""Tables in which a row that names nobody is of whoever placed the order it names; in others such a row is nobody's."""

LOOKED_UP_IN = ("orders", "customers")
"""Where the customers of reviews, surveys, invitations and touchpoints are looked up."""
TOLD_BY_MANY = ("customers", "products")
"""Whose rows are often in several sources on purpose: a shop's list of customers, and a mail tool's."""
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
    "products": "updated_at",
}
TYPES = {pl.String: "text", pl.Boolean: "yes or no", pl.Float64: "number", pl.Int64: "whole number"}


@dataclass
class People:
    """Who is a customer: account ids and pseudonyms alike; the orders, and those that name one."""

    names: pl.Series
    orders: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    n_orders: int = 0
    first_order: datetime | None = None
    """When the first order was placed."""
    is_whole: bool = True
    """Whether all rows were tried, and not only the first."""

    def learn(self, rows: pl.DataFrame) -> None:
        """Add the rows of an entity in which customers are looked up."""
        self.names = pl.concat(
            [self.names, *(rows[name].rename(self.names.name) for name in ("customer_id", "email_hash"))]
        )
        if "order_id" in rows.columns:
            self.n_orders += rows.height
            times = [time for time in (self.first_order, rows["ordered_at"].min()) if isinstance(time, datetime)]
            self.first_order = min(times, default=None)
            named = rows.filter(pl.col("customer_id").is_not_null())["order_id"]
            self.orders = pl.concat([self.orders, named.rename(self.orders.name)])

    def count_known(self, rows: pl.DataFrame, *, by_order: bool) -> int:
        """How many rows name a customer; `by_order`: or an order of one in place of one."""
        names, orders = self.names.drop_nulls().implode(), self.orders.implode()
        is_known = pl.col("customer_id").is_in(names) | pl.col("email_hash").is_in(names).fill_null(False)
        if by_order:
            is_known |= pl.col("customer_id").is_null() & pl.col("order_id").is_in(orders)
        return rows.filter(is_known).height


class Trial:
    """The trial of one source, which leaves the keys of its valid rows in `keys`, and in `ids` those with a source_id.

    `shown`: a place written only for the check -> the place that a run uses.
    """

    def __init__(
        self,
        source: SourceSettings,
        folder: Path,
        *,
        shop: ShopSettings,
        survey: SurveySettings | None,
        key: bytes | None,
        max_reject_rate: float,
        valid_statuses: Collection[str],
        shown: Mapping[str, str],
        people: People,
    ) -> None:
        self.source = source
        self.folder = folder
        self.shop = shop
        self.survey = survey
        self.key = key
        self.max_reject_rate = max_reject_rate
        self.valid_statuses = valid_statuses
        self.shown = dict(shown)
        self.people = people
        self.ids: pl.DataFrame | None = None
        self.keys: pl.DataFrame | None = None
        mapping = f"preset {source.preset}" if source.preset else f"mapping {source.mapping_file.name}"
        self.finding = Finding(source.name, f"{source.entity}, {mapping}")

    def run(
        self,
        known: pl.DataFrame,
        *,
        ids: pl.LazyFrame | None,
        others: Mapping[str, pl.DataFrame],
        now: datetime,
        rows: int,
        erased: Collection[str] = (),
    ) -> Finding:
        """Sample, stage and look.

        `known`: what the lake has read of the source; `ids`: key and source_id of its rows; `others`: other sources of the
        same table with the keys of their rows; `erased`: fingerprints of names whose rows are left out.
        """
        staged = Staged(self.folder / "staged")
        try:
            sample = take_sample(self.source, self.folder / "sample", rows=rows)
            self.shown = sample.addresses | self.shown
            report = stage_source(
                sample.source,
                staged.folder,
                shop=self.shop,
                survey=self.survey,
                key=self.key,
                started_at=now,
                known=known,
                ids=ids,
                erased=erased,
            )
            for name, place in self.source.inputs.items():
                if isinstance(place, ApiInput):
                    self._add_api(place, name, is_first=known.filter(input=name).is_empty())
        except (LoyaltyError, OSError) as error:
            self._add("error", str(error).removeprefix(f"source {self.source.name}: "), "fail")
            return self.finding
        self._add_read(report, sample)
        self._add_columns(report)
        for note in sample.notes:
            self._add("unread", note, "warn")
        for note in report.notes:
            self._add("sheet", note.removeprefix(f"source {self.source.name}: "), "warn")
        if self.source.entity == "surveys" and self.survey is not None:
            for subject, words in survey_gaps(self.survey).items():
                self._add(subject, words, "warn")
        if report.drift:
            self._add("changed", f"{report.drift}; new columns that the mapping does not name are ignored", "warn")
        for batch in report.batches:
            self._add_rows(batch, is_torn=sample.is_cut and len(self.source.inputs) > 1)
        table = ENTITIES[report.batches[0].entity]
        valid = staged.valid(table).select(table.polars_schema.names()).collect()
        if valid.height:
            self._add_valid(table, valid, now.astimezone(ZoneInfo(self.shop.time_zone)).date())
        of_survey = [name for name in ("survey_id",) if name in valid.columns]
        self.keys = valid.select(*table.key, *of_survey)
        for name, keys in others.items() if table.name not in TOLD_BY_MANY else ():
            if of_survey and (wrong := shared_numbers(self.keys.lazy(), keys.lazy(), table.key[0])):
                self._add("shared", wrong, "fail")
            else:
                self._add_shared(table, name, self.keys.join(keys, on=table.key, how="semi").height)
        if self.source.entity in LOOKED_UP_IN:
            self.people.learn(valid)
            self.people.is_whole &= not sample.is_cut
        if SOURCE_ID in valid.columns:
            self.ids = valid.select(*table.key, SOURCE_ID).drop_nulls(SOURCE_ID)
        return self.finding

    def _add(self, subject: str, words: str, mark: Mark = "ok") -> None:
        self.finding.facts.append(Fact(subject, one_line(self._as_known(words)), mark))

    def _as_known(self, words: str) -> str:
        """The words with the users' addresses in place of those of copies."""
        for copy, address in self.shown.items():
            words = words.replace(copy, address)
        return words

    def _add_read(self, report: Report, sample: Sample) -> None:
        files = [self._as_known(read["file"]) for read in report.inputs]
        size = f" ({_size(sample.size_bytes)})" if sample.size_bytes else ""
        where = f"{files[0]}{size}"
        if len(files) > 1:
            where = f"{len(files)} files{size}, from {files[0]} to {Path(files[-1]).name}"
        n_rows = report.batches[0].lines_read - report.batches[0].lines_within
        words = f"all {n_rows:,} rows of {where}"
        if sample.is_cut:
            words = f"a sample, the first {n_rows:,} rows of {where}"
        self._add("read", words if n_rows else f"no rows in {where}", "ok" if n_rows else "warn")

    def _add_api(self, place: ApiInput, name: str, *, is_first: bool) -> None:
        """What the token may do, and how long a first run takes by the tool's limit."""
        told, ahead = TOOLS[place.api].resources[name], look_ahead(place, name)
        if ahead.scopes is None:
            self._add("token", f"may read {name}; {place.api} does not tell what else")
        else:
            self._add("token", f"has the scopes {', '.join(ahead.scopes)}")
            if missing := [scope for scope in told.scopes if scope not in ahead.scopes]:
                self._add("token", f"lacks {', '.join(missing)}; it needs {told.scope}", "warn")
            if writing := [scope for scope in ahead.scopes if scope.startswith("write_")]:
                self._add("token", f"may change things ({', '.join(writing)}); make one that only reads", "warn")
        if is_first and ahead.rows is not None:
            words = f"in one file that {place.api} makes of them; it does not tell how long that takes"
            if ahead.minutes is not None:
                minutes = "a minute" if ahead.minutes == 1 else f"{ahead.minutes:,} minutes"
                words = f"about {minutes} by the limit of {place.api}"
            self._add("first run", f"{ahead.rows:,} {name}, {words}")

    def _add_columns(self, report: Report) -> None:
        for name in self.source.inputs:
            parts = [json.loads(read["columns"]) for read in report.inputs if read["input"] == name]
            head = "" if len(self.source.inputs) == 1 else f"{name}: "
            found = dict.fromkeys(column for part in parts for column in part)
            if self.source.preset is None:
                self._add("columns", head + ", ".join(found))
                continue
            told = load_preset(self.source.preset).inputs[name]
            in_all = set.intersection(*(told.among(part) for part in parts))
            is_api = isinstance(self.source.inputs[name], ApiInput)
            optional = [*told.optional, *(told.of_api if is_api else [])]
            absent = [column for column in optional if column not in in_all]
            used = {*told.required, *told.optional, *told.of_api}
            unused = [column for column in found if told.column_of(column) not in used]
            words = f"{head}all {len(told.required)} required"
            if optional:
                words += f", {len(optional) - len(absent)} of {len(optional)} optional"
            words += f"; not there: {', '.join(absent)}" if absent else ""
            words += f"; {len(unused)} more" if unused else ""
            self._add("columns", words)

    def _add_rows(self, batch: Batch, *, is_torn: bool) -> None:
        limit = self.max_reject_rate
        is_refused = batch.is_refused(limit)
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
        for sample in batch.samples[:REASONS_SHOWN]:
            self._add("", f"such as {sample}")
        if batch.excluded_by_reason:
            self._add("excluded", _counts(batch.excluded_by_reason))

    def _add_shared(self, table: Table, other: str, n: int) -> None:
        if n:
            words = f"{n:,} of its {table.name} are in source {other} too, and of each only the newest version counts"
            self._add(
                "shared",
                f"{words}; leave one of the sources out, or give one an id_prefix if they are two shops",
                "warn",
            )

    def _add_valid(self, table: Table, valid: pl.DataFrame, today: date) -> None:
        time = MAIN_TIMES[table.name]
        days = valid[time].drop_nulls().dt.convert_time_zone(self.shop.time_zone).dt.date()
        if len(days):
            words, n_later = f"{time} from {days.min()!s} to {days.max()!s}", int((days > today).sum())
            if n_later:
                words += (
                    f"; {n_later:,} after today, which count from their day on; see whether days and months are swapped"
                )
            self._add("dates", words, "warn" if n_later else "ok")
        if table.name == "orders":
            self._add_statuses(valid["status"])
        if "currency" in valid.columns:
            self._add("currency", ", ".join(valid["currency"].drop_nulls().unique().sort()) or "none")
        if {"email_hash", "order_id"} <= set(valid.columns) and self.source.entity not in LOOKED_UP_IN:
            by_order = table.name in OF_ORDERS
            matched = self.people.count_known(valid, by_order=by_order)
            words = f"{matched:,} of {valid.height:,} {table.name} ({matched / valid.height:.1%}) match a customer"
            telling = ("customer_id", "email_hash", *(("order_id",) if by_order else ()))
            if all(valid[name].null_count() == valid.height for name in telling):
                words += "; none names one, so the tables per customer get nothing from it; map "
                words += "customer_id, email, phone or order_id" if by_order else "customer_id, email or phone"
                if not by_order and valid["order_id"].count():
                    words += ", as an order alone names nobody here"
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
        # Only what a mapping could give counts as missing.
        if unmapped := [name for name in empty if name != EXTRA]:
            self._add("empty", ", ".join(unmapped))

    def _add_statuses(self, statuses: pl.Series) -> None:
        words = _counts(dict(statuses.value_counts(name="n").iter_rows()))
        is_any_valid = statuses.is_in(self.valid_statuses).any()
        if not is_any_valid:
            words += f"; none is a purchase, as rfm.valid_statuses has {', '.join(self.valid_statuses)}; map the words of the export"
        self._add("statuses", words, "ok" if is_any_valid else "warn")


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
    text = f"{value / 100:.2f}" if _is_amount(name) else one_line(value)
    if re.fullmatch(PSEUDONYM_PATTERN, text):
        return f"{text[:8]}…"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


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
