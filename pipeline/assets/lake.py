"""The assets of group `lake`: the canonical tables, the quarantine, the records of the batches, and the context of a build."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, dates_of_run, is_night, newest, row_count, table_spec
from pipeline.assets.sources import read_before
from pipeline.core.ingest.identity import find_identities
from pipeline.core.ingest.quarantine import SOURCE_ID, find_collisions, is_of_version, release
from pipeline.core.ingest.snapshots import gone_since, is_cut_off
from pipeline.core.ingest.surveys import shared_numbers
from pipeline.errors import ConfigError, LakeError, SourceShapeError
from pipeline.lake import Lake, Merged
from pipeline.lake_rows import DELETED_AT, EXPORTED_AT, ORIGIN, PLACE
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.sources.apis.kept_pages import forget
from pipeline.sources.batches import Staged
from pipeline.sources.settings import OF_SURVEYS, ApiInput, DatabaseInput, FileInput, SourceSettings, as_file
from pipeline.warehouse.build_file import RunContext, edition_date, make_build_file
from schemas.registry import ENTITIES, KNOWN, RECORDS, SEGMENTS, TABLES, WITH_ADDRESSES, Table


def lake_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The tables that sources can fill, whether one is configured or not, and the records."""
    entities = [
        _entity(name, settings) for name in ENTITIES if name not in ("customers", "order_lines", "survey_answers")
    ]
    reads = dg.AssetSpec(
        **table_spec("lake_reads", kinds={"deltalake"}, deps=[asset_keys.table(name) for name in SEGMENTS])
    )
    erased = dg.AssetSpec(**table_spec("erased", kinds={"deltalake"}, deps=[]))
    return [
        *entities,
        _customers(settings),
        _order_lines(settings),
        _survey_answers(settings),
        _identity(settings),
        _rejected_rows(settings),
        _batches(settings),
        _inputs_read(settings),
        reads,
        erased,
        _run_context(settings),
    ]


def _sources_of(entity: str, sources: list[SourceSettings]) -> list[SourceSettings]:
    delivered = "surveys" if entity in OF_SURVEYS else entity
    return [source for source in sources if source.entity == delivered]


def _with_batch(home: Home, sources: list[SourceSettings]) -> list[SourceSettings]:
    """The sources with a staged batch: in a night all; after it none, so a table run alone has nothing to merge."""
    return [source for source in sources if home.staged(source.name).is_there]


def _merge_staged(entity: str, settings: Settings, home: Home) -> list[Merged]:
    table = ENTITIES[entity]
    _refuse_lost(home.lake, table)
    sources = _with_batch(home, _sources_of(entity, settings.sources))
    _refuse_collisions(table, {source.name: home.staged(source.name).valid(table) for source in sources})
    merged = []
    for source in sources:
        staged = home.staged(source.name)
        if "survey_id" in table.polars_schema:
            _refuse_shared_numbers(home.lake, table, source, staged.valid(table))
        known = read_before(home, source)
        if source.full_snapshot and staged.report().inputs:
            merged.append(_merge_snapshot(home.lake, table, source, staged, known, settings.quality.max_vanish_rate))
        elif source.full_snapshot:
            merged.append(home.lake.merge(table, staged.tried_again(table, known)))
        else:
            merged.append(home.lake.merge(table, staged.arriving(table), anew=staged.read_anew(table, known)))
        if (left_out := staged.left_out(table)) is not None:
            merged.append(_mark_deleted(home.lake, table, home.lake.replaced_by(table, left_out)))
    return merged


def _refuse_lost(lake: Lake, table: Table) -> None:
    """Stop before anything is computed from only some of the rows: the files of the lost rows are not read again.

    Raises:
        LakeError: the table is older than it was when a segment was last computed from it.
    """
    reads = lake.scan(RECORDS["lake_reads"]).filter(lake_table=table.name)
    version, was = lake.version(table), reads.select(pl.col("version").max()).collect().item()
    if was is not None and version < was:
        raise LakeError(
            f"lake {lake.root}: table {table.name} is lost or an old copy: it was at version {was} and is at {version}; "
            "put back a copy of the whole lake, or move the lake away to read all files anew"
        )


def _refuse_collisions(table: Table, batches: dict[str, pl.LazyFrame]) -> None:
    """Stop before rows of two sources that arrive together, and are not in the lake yet, replace each other.

    Raises:
        SourceShapeError: the source's own ids differ under one key.
    """
    if SOURCE_ID not in table.polars_schema:
        return
    for (one, ids), (other, rows) in combinations(batches.items(), 2):
        named = ids.filter(pl.col(SOURCE_ID).is_not_null()).select(*table.key, pl.col(SOURCE_ID).alias("other_id"))
        collided = find_collisions(rows, named, table.key).select(pl.len()).collect(engine="streaming").item()
        if collided:
            raise SourceShapeError(
                f"source {other}: {collided:,} of its {table.name} have the {' '.join(table.key)} of another in source {one}, "
                f"by {SOURCE_ID}; give one of the sources an id_prefix"
            )


def _refuse_shared_numbers(lake: Lake, table: Table, source: SourceSettings, rows: pl.LazyFrame) -> None:
    """Stop before a response of one survey replaces that of another.

    Raises:
        SourceShapeError: a number of this batch is in the lake with another survey.
    """
    if wrong := shared_numbers(rows, lake.scan(table), table.key[0]):
        raise SourceShapeError(f"source {source.name}: {wrong}")


def _merge_snapshot(
    lake: Lake, table: Table, source: SourceSettings, staged: Staged, known: pl.DataFrame, max_vanish_rate: float
) -> Merged:
    """Merge a full snapshot and mark the rows that it no longer has.

    Raises:
        SourceShapeError: it lacks more of the lake's rows than the limit allows.
    """
    exported_at = staged.inputs_read()[EXPORTED_AT].max()
    assert isinstance(exported_at, datetime)
    gone_at = gone_since(exported_at, known[EXPORTED_AT])
    anew = staged.read_anew(table, known)
    rows = staged.arriving(table).with_columns(pl.lit(gone_at, pl.Datetime("us", "UTC")).alias(DELETED_AT))
    present = staged.present(table)
    if present is None or gone_at is not None:
        return lake.merge(table, rows, anew=anew)
    vanished = lake.vanished(table, source.name, present, exported_at=exported_at)
    gone = vanished
    if table.name == "customers":
        gone = vanished.join(_named(lake), on="customer_id", how="anti")
    n_rows = lake.scan(table).filter(source=source.name).select(pl.len()).collect().item()
    if is_cut_off(gone.height, n_rows, max_vanish_rate=max_vanish_rate):
        raise SourceShapeError(
            f"source {source.name}: the full snapshot lacks {gone.height:,} of {n_rows:,} {table.name} "
            f"({gone.height / n_rows:.0%}), the limit is {max_vanish_rate:.0%} "
            "(quality.max_vanish_rate); is the export cut off?"
        )
    merged = lake.merge(table, rows, anew=anew)
    lake.mark_deleted(table, vanished.with_columns(pl.lit(exported_at).alias(DELETED_AT)))
    lake.mark_deleted(table, lake.returned(table, staged.valid(table), exported_at=exported_at))
    return replace(merged, deleted=gone.height)


def _ordering(lake: Lake) -> pl.LazyFrame:
    """The orders with a customer: whoever has ordered is a customer, with or without a customer source."""
    return lake.scan(ENTITIES["orders"], with_origin=True).filter(pl.col("customer_id").is_not_null())


def _named(lake: Lake) -> pl.DataFrame:
    """The customers whom an order names."""
    return _ordering(lake).select("customer_id").unique().collect(engine="streaming")


def _first_orders(lake: Lake, customers: pl.LazyFrame) -> pl.LazyFrame:
    """Where the first order of each of these customers comes from."""
    orders = _ordering(lake).join(customers, on="customer_id", how="semi")
    # Of each its earliest moment before anything else, as lists of all orders of all customers would be the whole table in memory.
    first = orders.group_by("customer_id").agg(pl.col("ordered_at").min()).collect(engine="streaming").lazy()
    at_once = _ordering(lake).join(first, on=["customer_id", "ordered_at"], how="semi")
    return at_once.group_by("customer_id").agg(pl.col("source", "batch_id", *ORIGIN).sort_by("order_id").first())


KNOWN_BY_ORDERS = ("customer_id", "source", "batch_id")
"""What is known of a customer whom only orders name."""


def _no_longer_named(lake: Lake, named: pl.LazyFrame) -> list[str]:
    """Customers whom only orders made known, and whom no order names any more: corrected, left out or gone since.

    `named` has the customers of the orders. Whoever a source of customers has delivered is not among them.
    """
    is_bare = pl.all_horizontal(pl.exclude(KNOWN_BY_ORDERS).is_null())
    rows = lake.scan(ENTITIES["customers"]).filter(is_bare).join(named, on="customer_id", how="anti")
    found = rows.select("customer_id", "source").collect(engine="streaming")
    if found.is_empty():
        return []
    sources = lake.scan(ENTITIES["orders"], with_deleted=True).select("source").unique()
    return found.lazy().join(sources, on="source", how="semi").collect()["customer_id"].sort().to_list()


def _merged(entity: str, home: Home, merged: list[Merged]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    rows = home.lake.scan(TABLES[entity]).select(pl.len()).collect().item()
    return dg.MaterializeResult(
        metadata=row_count(
            rows,
            inserted=sum(part.inserted for part in merged),
            updated=sum(part.updated for part in merged),
            unchanged=sum(part.unchanged for part in merged),
            deleted=sum(part.deleted for part in merged),
            version=home.lake.version(TABLES[entity]),
        )
    )


def _entity(name: str, settings: Settings) -> dg.AssetsDefinition:
    deps = [asset_keys.source(source.name) for source in _sources_of(name, settings.sources)]

    @dg.asset(pool=POOL, **table_spec(name, kinds={"polars", "deltalake"}, deps=deps))
    def entity(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return _merged(name, home, _merge_staged(name, settings, home))

    return entity


def _order_lines(settings: Settings) -> dg.AssetsDefinition:
    sources = _sources_of("order_lines", settings.sources)
    files_of_orders = [place for source in _sources_of("orders", settings.sources) for place in _files(source)]

    @dg.asset(
        pool=POOL,
        **table_spec(
            "order_lines", kinds={"polars", "deltalake"}, deps=[asset_keys.source(source.name) for source in sources]
        ),
    )
    def order_lines(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table = ENTITIES["order_lines"]
        merged = _merge_staged("order_lines", settings, home)
        for source in _with_batch(home, sources):
            # A file of orders has each order whole: a line missing from the newest was taken out of its order.
            if source.full_snapshot or not any(place in files_of_orders for place in _files(source)):
                continue
            marks = home.lake.left_out(table, home.staged(source.name).valid(table), of="order_id")
            merged.append(_mark_deleted(home.lake, table, marks))
        return _merged("order_lines", home, merged)

    return order_lines


def _mark_deleted(lake: Lake, table: Table, marks: pl.DataFrame) -> Merged:
    """Mark rows that are no longer, or are again, in the newest version of what they belong to."""
    lake.mark_deleted(table, marks)
    return Merged(0, 0, 0, deleted=marks[DELETED_AT].count())


def _files(source: SourceSettings) -> list[FileInput | ApiInput]:
    """The places that give each order with all of its lines."""
    return [
        place if isinstance(place, ApiInput) else as_file(place)
        for place in source.inputs.values()
        if not isinstance(place, DatabaseInput)
    ]


def _survey_answers(settings: Settings) -> dg.AssetsDefinition:
    sources = _sources_of("survey_answers", settings.sources)
    deps = [*(asset_keys.source(source.name) for source in sources), asset_keys.table("survey_responses")]

    @dg.asset(pool=POOL, **table_spec("survey_answers", kinds={"polars", "deltalake"}, deps=deps))
    def survey_answers(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table, responses = ENTITIES["survey_answers"], ENTITIES["survey_responses"]
        merged = _merge_staged("survey_answers", settings, home)
        for source in _with_batch(home, sources):
            # A snapshot has marked its missing rows. An item that is no longer asked was not left empty.
            survey = settings.surveys.get(source.survey or "")
            if survey is None or source.full_snapshot:
                continue
            marks = home.lake.left_empty(table, responses, home.staged(source.name).valid(responses))
            asked = marks.filter(pl.col("item_id").is_in([*survey.items]))
            merged.append(_mark_deleted(home.lake, table, asked))
        return _merged("survey_answers", home, merged)

    return survey_answers


def _customers(settings: Settings) -> dg.AssetsDefinition:
    deps = [
        *(asset_keys.source(source.name) for source in _sources_of("customers", settings.sources)),
        asset_keys.table("orders"),
    ]

    @dg.asset(pool=POOL, **table_spec("customers", kinds={"polars", "deltalake"}, deps=deps))
    def customers(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        merged = _merge_staged("customers", settings, home)
        table = ENTITIES["customers"]
        named = _named(home.lake).lazy()
        if unnamed := _no_longer_named(home.lake, named):
            home.lake.remove(table, pl.col("customer_id").is_in(unnamed))
        live = home.lake.scan(table).select("customer_id")
        missing = [name for name in table.polars_schema if name not in KNOWN_BY_ORDERS]
        of_orders = (
            _first_orders(home.lake, named.join(live, on="customer_id", how="anti"))
            .with_columns(pl.lit(None, dtype=table.polars_schema[name]).alias(name) for name in missing)
            .collect()
        )
        # Of those who are gone from their source only the orders are known: what it said of them, as of their consent, is no more.
        gone = home.lake.deleted(table).join(of_orders.lazy(), on="customer_id", how="semi").collect()
        merged.append(home.lake.merge(table, of_orders.lazy(), anew=gone.select(PLACE)))
        # Of some nothing else was known before, and they are still marked.
        marked = home.lake.deleted(table).join(of_orders.lazy(), on="customer_id", how="semi")
        home.lake.mark_deleted(table, marked.select("customer_id", pl.lit(None).alias(DELETED_AT)).collect())
        return _merged("customers", home, merged)

    return customers


def pairs_of(lake: Lake) -> pl.LazyFrame:
    """Customer and address of every row that can have both."""
    return pl.concat([lake.scan(table).select("customer_id", "email_hash") for table in WITH_ADDRESSES])


def _identity(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        pool=POOL,
        **table_spec(
            "identity", kinds={"polars", "deltalake"}, deps=[asset_keys.table(table.name) for table in WITH_ADDRESSES]
        ),
    )
    def identity(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        # Every dated table waits for this one.
        if context.op_execution_context.has_partition_key:
            _refuse_before_first_order(home.lake, dates_of_run(context), settings.shop.time_zone)
        found = find_identities(pairs_of(home.lake))
        home.lake.replace(RECORDS["identity"], found)
        sizes = found.group_by("customer_id").len()["len"].to_list()
        return dg.MaterializeResult(
            metadata=row_count(
                found.height,
                customers_joined=len(sizes),
                most_identifiers_of_one=max(sizes, default=0) + 1,
                version=home.lake.version(RECORDS["identity"]),
            )
        )

    return identity


def _refuse_before_first_order(lake: Lake, days: list[date], time_zone: str) -> None:
    """Stop before computing a date by which nobody had bought anything.

    Raises:
        ConfigError: the first date is before the lake's first order; names the first date there is.
    """
    option = "--as-of" if len(days) == 1 else "--from"
    first = lake.scan(ENTITIES["orders"]).select(pl.col("ordered_at").min()).collect().item()
    if first is not None and days[0] < (first_date := first.astimezone(ZoneInfo(time_zone)).date()):
        raise ConfigError(f"{option} {days[0]} is before the first order; give {first_date}, its date, or a later one")


def _rejected_rows(settings: Settings) -> dg.AssetsDefinition:
    deps = [asset_keys.source(source.name) for source in settings.sources]

    @dg.asset(pool=POOL, **table_spec("rejected_rows", kinds={"polars", "deltalake"}, deps=deps))
    def rejected_rows(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table = RECORDS["rejected_rows"]
        merged = []
        for source in _with_batch(home, settings.sources):
            staged = home.staged(source.name)
            report = staged.report()
            known = read_before(home, source)
            released = release(
                home.lake.scan(table).filter(source=source.name),
                staged.rejected(),
                staged.accepted(),
                is_read_again=is_of_version(staged.read_again(known))
                if report.retried is None
                else pl.col("rejected_id").is_in(report.retried),
                batch_id=report.batches[0].batch_id,
                gone=[row["file"] for row in report.gone],
            )
            merged.append(home.lake.merge(table, pl.concat([staged.rejected(), released])))
        return _merged("rejected_rows", home, merged)

    return rejected_rows


def _inputs_read(settings: Settings) -> dg.AssetsDefinition:
    # After everything that a batch fills: an input counts as read once merged, and a killed run reads it again.
    deps = [asset_keys.table(name) for name in (*ENTITIES, "rejected_rows", "batches")]

    @dg.asset(pool=POOL, **table_spec("inputs_read", kinds={"polars", "deltalake"}, deps=deps))
    def inputs_read(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table = RECORDS["inputs_read"]
        batches = [home.staged(source.name).inputs_read() for source in _with_batch(home, settings.sources)]
        if not batches:
            return _merged("inputs_read", home, [])
        read = pl.concat(batches).lazy()
        # An older file that takes the place of a newer one must not hide that there was one: full snapshots need to know.
        before = home.lake.scan(table).select(*table.key, pl.col(EXPORTED_AT).alias("before"))
        read = read.join(before, on=table.key, how="left").with_columns(pl.max_horizontal(EXPORTED_AT, "before"))
        merged = _merged("inputs_read", home, [home.lake.merge(table, read)])
        # Only now that the watermarks stand behind them are the pages of APIs read to the end.
        forget(home.api_pages, [label for batch in batches for label in batch["file"]])
        return merged

    return inputs_read


def _batches(settings: Settings) -> dg.AssetsDefinition:
    deps = [asset_keys.source(source.name) for source in settings.sources]

    @dg.asset(pool=POOL, **table_spec("batches", kinds={"polars", "deltalake"}, deps=deps))
    def batches(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        sources = _with_batch(home, settings.sources)
        rows = [batch for source in sources for batch in home.staged(source.name).batches()]
        table = RECORDS["batches"]
        records = pl.DataFrame([batch.as_record(context.run.run_id) for batch in rows], schema=table.polars_schema)
        return _merged("batches", home, [home.lake.merge(table, records.lazy())])

    return batches


def _run_context(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        pool=POOL,
        key=asset_keys.RUN_CONTEXT,
        kinds={"duckdb"},
        deps=[*(newest(asset_keys.table(name)) for name in TABLES), *(asset_keys.known(name) for name in KNOWN)],
    )
    def run_context(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """One row: what dbt needs to know of the run, in the build file beside the views of the lake."""
        as_of = edition_date(home.lake)
        if is_night(context):
            done = (day for day in home.begun.dates if day <= as_of_date(context) or day == as_of)
            home.begun.end(done)
        run = RunContext(
            as_of,
            time_zone=settings.shop.time_zone,
            currency=settings.shop.currency,
            run_id=context.run.run_id,
            started_at=datetime.now(UTC),
        )
        make_build_file(home.build_file, home.lake, home.known, home.past, run)
        return dg.MaterializeResult(metadata=row_count(1, as_of_date=str(as_of), build_file=str(home.build_file)))

    return run_context
