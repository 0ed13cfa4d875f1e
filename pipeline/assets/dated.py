"""What the steps of dated tables share: reading the lake, computing a date, storing its partition. No single table belongs here."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TypeAlias

import dagster as dg
import polars as pl

from pipeline import asset_keys, parts
from pipeline.assets.common import (
    FORCE_TAG,
    FROM_TAG,
    as_of_date,
    daily_partitions,
    dates_of_run,
    is_dated,
    is_night,
    row_count,
    table_spec,
)
from pipeline.assets.shown import numbers_shown, picture_shown
from pipeline.computed import Begun, Computed, HeldFiles, fingerprint
from pipeline.core.as_of_dates import dates_of_history
from pipeline.fact_files import FACTS, Facts
from pipeline.fact_rows import Rules
from pipeline.facts import facts_of
from pipeline.lake import Lake
from pipeline.parts import Parts, Rows, computed
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.spark import Spark
from pipeline.unchanged import program, rules_of
from pipeline.warehouse.build_file import newest_as_of
from pipeline.warehouse.editions import list_editions
from schemas.faults import require
from schemas.registry import RECORDS, SEGMENTS, TABLES

KINDS = {"polars", "deltalake"}


Compute: TypeAlias = Callable[[Facts, date], Rows | Iterator[Rows]]
"""A function that computes the tables of a date from the facts: all rows at once, or part after part, in which no key is twice."""


def facts_now(home: Home, settings: Settings) -> Facts:
    """The facts of the lake as it is now."""
    rules, engine = fact_rules(settings), Spark.of(settings)
    rows = settings.engine.rows_per_bucket
    return replace(facts_of(home.facts, home.lake, rules, rows_per_bucket=rows, engine=engine), aside=home.parts)


def fact_rules(settings: Settings) -> Rules:
    """The settings that facts depend on."""
    rates = settings.currency.rates
    return Rules(
        settings.shop.time_zone,
        settings.rfm.valid_statuses,
        settings.sci.boxes,
        count_free=settings.orders.free_orders == "count",
        language=settings.shop.language,
        themes=settings.themes.known_themes,
        currency=settings.shop.currency,
        rates=str(rates) if rates else None,
        rates_digest=hashlib.sha256(rates.read_bytes()).hexdigest() if rates else None,
        max_rate_age_days=settings.currency.max_rate_age_days,
    )


def read_segments(facts: Facts, as_of: date, *names: str) -> list[pl.LazyFrame]:
    """Partitions of one as_of date as the core takes them: customers and orders by number; of a bucket its own rows."""
    return [facts.numbered_own(facts.own_dated(name, as_of)) for name in names]


def known_customers(facts: Facts, as_of: date) -> pl.LazyFrame:
    """Everybody who is known at a date, of a bucket its own: the columns of `rfm` by which customers are told apart.

    Read now, as one thing after the other asks for them.
    """
    (rfm,) = read_segments(facts, as_of, "rfm")
    (known,) = collected(rfm.select("customer_id", "first_order_date", "segment"))
    return known


def collected(*frames: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The same rows, computed now and together, so that whatever several tables share is computed once.

    The streaming engine of polars recomputes a cached frame when caches are nested. For themes that is ten times the work;
    for journeys it takes hundreds of threads, and beyond 512 the engine waits for ever.
    """
    found = pl.collect_all(frames, engine="streaming")
    return [frame.lazy() for frame in found]


def compute_segments(
    context: dg.AssetExecutionContext,
    home: Home,
    settings: Settings,
    reads: tuple[str, ...],
    compute: Compute,
    *,
    looks_back: bool = False,
    past: Compute | None = None,
) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Compute the tables of the run's dates, store each as a partition, and record which lake versions were read.

    An up-to-date date is left as it is, unless the run has FORCE_TAG. `looks_back`: the rows of a date also rest on
    those of earlier dates. `past` computes the tables that trends need for the dates before the first run.

    An edition shows the newest date: if a run for an older date brought new data, or anything else that the newest is made of
    has changed, the newest is computed again too.
    """
    days, facts = dates_to_compute(context, home), facts_now(home, settings)
    is_forced = FORCE_TAG in context.run.tags
    history = past_of(context, home, settings, facts) if past else []
    step = _Step.of(context, home, settings, facts, reads, past=history)
    for day in history:
        step.compute(facts, day, past or compute, is_forced=is_forced, looks_back=False)
    for day in days:
        step.compute(facts, day, compute, is_forced=is_forced, looks_back=looks_back)
    newest = newest_as_of(home.lake)
    if newest is not None and newest > days[-1]:
        # Last, as it can rest on the dates of the run. Versions read would not tell: it rests on other dated tables too.
        step.compute(facts, newest, compute, is_forced=False, looks_back=looks_back)
    step.write()
    for name in step.computed.held.versions:
        seen = [day for day in history if step.computed.held.on(day)[name]] + days
        counts = {day: step.count(name, day) for day in seen}
        yield report(context, home, name, counts, currency=settings.shop.currency)


def dates_to_compute(context: dg.AssetExecutionContext, home: Home) -> list[date]:
    """The dates of a run, oldest first; in a night also earlier ones that a night was stopped at, half computed."""
    days = dates_of_run(context)
    begun = home.begun.dates if is_night(context) else []
    return sorted({*days, *(day for day in begun if day < days[-1])})


def past_of(context: dg.AssetExecutionContext, home: Home, settings: Settings, facts: Facts) -> list[date]:
    """The dates before the run's own that give trends a past: for a run of one date, while nothing is published."""
    if FROM_TAG in context.run.tags or list_editions(home.editions):
        return []
    first = facts.scan("orders").select(pl.col("ordered_date").min()).collect(engine="streaming").item()
    return dates_of_history(first, as_of_date(context), settings.history) if first else []


def computed_as_past(lake: Lake) -> list[date]:
    """The dates that were computed as the past of a first run, and not by a run of their own since.

    Of these churn risk is there without the proof of its model.
    """
    read = lake.scan(RECORDS["lake_reads"]).select("as_of_date", "segment_table")
    proved = read.filter(segment_table="churn_model_card")
    past = read.filter(segment_table="churn_risk").join(proved, on="as_of_date", how="anti")
    return past.select(pl.col("as_of_date").unique().sort()).collect().to_series().to_list()


def currency_of(lake: Lake, day: date, *, now: str) -> str:
    """The currency that the amounts of a date are in, by its settings or those of the next date that has any; `now`, the shop's, with none."""
    told = min((known for known in lake.dates(SEGMENTS["settings_used"]) if known >= day), default=None)
    if told is None:
        return now
    used = lake.scan_as_of(SEGMENTS["settings_used"], told).filter(setting="shop.currency").select("value").collect()
    return str(used.item()) if used.height else now


@dataclass
class _Step:
    """A step that computes dates: what it reads and writes, and the dates that wait to be written, in one commit per table."""

    home: Home
    names: list[str]
    after: HeldFiles
    versions: dict[str, int]
    rules: str
    computed: Computed
    past: Sequence[date]
    begun: Begun | None
    """Where to note the dates that are written, but those of the past; null when the run is no night."""
    waiting: dict[date, tuple[str, dict[str, Parts]]] = field(default_factory=dict)
    counts: dict[tuple[str, date], int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        context: dg.AssetExecutionContext,
        home: Home,
        settings: Settings,
        facts: Facts,
        reads: tuple[str, ...],
        *,
        past: Sequence[date],
    ) -> "_Step":
        """The step of a context."""
        specs = list(context.assets_def.specs)
        names = [spec.key.path[-1] for spec in specs]
        after = {dep.asset_key.path[-1] for spec in specs for dep in spec.deps if is_dated(dep.asset_key)}
        versions = {name: home.lake.version(TABLES[name]) for name in (*reads, "identity")}
        rules = fingerprint(rules_of(settings, _program()), facts.made_of, versions)
        computed = Computed(home.computed / f"{context.assets_def.node_def.name}.json", home.lake, names)
        begun = home.begun if is_night(context) else None
        # Of a run that was stopped.
        shutil.rmtree(home.parts, ignore_errors=True)
        return cls(home, names, HeldFiles(home.lake, sorted(after)), versions, rules, computed, past, begun)

    def compute(self, facts: Facts, day: date, compute: Compute, *, is_forced: bool, looks_back: bool) -> None:
        """Compute the tables of a date, unless they are up to date."""
        if looks_back:
            self.write()
        earlier = self.computed.held.before(day) if looks_back else []
        made_of = fingerprint(self.rules, self.after.on(day), earlier, compute.__qualname__)
        if not is_forced and self.computed.is_current(day, made_of):
            return
        found = compute(facts, day)
        tables: dict[str, Parts] = {}
        for rows in [found] if isinstance(found, Mapping) else found:
            for name, part in computed(facts, rows).items():
                tables.setdefault(name, Parts(self.home.lake, SEGMENTS[name])).add(part)
        self.waiting[day] = (made_of, tables)
        self.counts |= {(name, day): table.n_rows for name, table in tables.items()}
        n_rows = sum(table.n_rows for _, waiting in self.waiting.values() for table in waiting.values())
        if n_rows > parts.ROWS_AT_ONCE:
            self.write()

    def count(self, name: str, day: date) -> int:
        """The rows of a table on a date."""
        if (name, day) not in self.counts:
            self.counts[name, day] = self.home.lake.scan_as_of(SEGMENTS[name], day).select(pl.len()).collect().item()
        return self.counts[name, day]

    def write(self) -> None:
        """Write the waiting dates, and what they were computed from."""
        if not self.waiting:
            return
        if self.begun:
            self.begun.add({*self.waiting}.difference(self.past))
        for name in self.names:
            by_day = {day: tables[name].rows for day, (_, tables) in self.waiting.items() if name in tables}
            if by_day:
                table = SEGMENTS[name]
                if in_memory := [rows for rows in by_day.values() if isinstance(rows, pl.DataFrame)]:
                    require(pl.concat(in_memory).select(table.polars_schema.names()), table.model)
                self.home.lake.replace_dates(table, by_day)
        written = [(day, name) for day, (_, tables) in self.waiting.items() for name in tables]
        record_reads(self.home.lake, written, self.versions)
        self.computed.remember({day: made_of for day, (made_of, _) in self.waiting.items()})
        self.waiting = {}
        shutil.rmtree(self.home.parts, ignore_errors=True)


_program = cache(program)
"""As this process has loaded it."""


def record_reads(lake: Lake, written: Iterable[tuple[date, str]], versions: Mapping[str, int]) -> None:
    """Record which versions of the lake the dates of tables were computed from."""
    rows = [(day, name, table, version) for day, name in written for table, version in versions.items()]
    lake.merge(RECORDS["lake_reads"], pl.LazyFrame(rows, schema=RECORDS["lake_reads"].polars_schema, orient="row"))


def report(
    context: dg.AssetExecutionContext, home: Home, name: str, counts: Mapping[date, int], *, currency: str
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """What a table has on the run's date as its result, and on the dates before it as events of their own."""
    numbers, version = numbers_shown(home.lake, name, counts), home.lake.version(SEGMENTS[name])
    metadata = {day: row_count(n, version=version, **numbers.get(day, {})) for day, n in counts.items()}
    *before, last = counts
    for day in before:
        context.log_event(dg.AssetMaterialization(asset_keys.table(name), partition=str(day), metadata=metadata[day]))
    shown = picture_shown(home, name, last, currency=currency)
    return dg.MaterializeResult(asset_key=asset_keys.table(name), metadata={**shown, **metadata[last]})


def segment_specs(
    *names: str, reads: tuple[str, ...], settings: Settings, after: tuple[str, ...] = ()
) -> list[dg.AssetSpec]:
    """The specs of assets that one step computes from the lake tables `reads` and the dated tables `after`."""
    deps = [asset_keys.fact(name) if name in FACTS else asset_keys.table(name) for name in (*reads, *after)]
    return [
        dg.AssetSpec(**table_spec(name, kinds=KINDS, deps=deps), partitions_def=daily_partitions(settings))
        for name in names
    ]
