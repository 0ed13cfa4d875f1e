"""The assets of group `sources`: the demo shop's exports, and a staged batch per configured source."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.code_links import at_file
from pipeline.assets.common import row_count
from pipeline.commands.erase import finish_erasure
from pipeline.commands.erased_names import erased_names
from pipeline.core.ingest.personal import is_erased
from pipeline.errors import ConfigError, NothingSurvivedError
from pipeline.progress import tell
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings, yesterday
from pipeline.sources.batches import EXPORTED_AT, Batch, worst_of
from pipeline.sources.demo import simulate, write_exports
from pipeline.sources.mapping import refuse_missing_key
from pipeline.sources.places import kind_of, sizes_at
from pipeline.sources.retry import rows_to_retry
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import main_table, stage_source
from schemas.registry import RECORDS

ROWS_BALANCE, REJECT_RATE, COLUMNS_KNOWN = "rows_balance", "reject_rate", "columns_known"
RETRY_TAG = "loyalty/retry_quarantine"
"""A run with this tag tries the rejected rows again instead of reading the sources."""


def read_before(home: Home, source: SourceSettings) -> pl.DataFrame:
    """The files that were read of a source, as the contract `InputsRead` has them."""
    return home.lake.scan(RECORDS["inputs_read"]).filter(source=source.name).collect()


def source_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """One asset per configured source and one per place that it is read from, and the demo shop where it is configured."""
    demo = [_demo_shop(settings)] if settings.demo else []
    places = [_place(source, name, settings) for source in settings.sources for name in source.inputs]
    return [*demo, *(_staged_source(source, settings) for source in settings.sources), *places]


def _place(source: SourceSettings, name: str, settings: Settings) -> dg.AssetSpec:
    """What an input is read from, which others write."""
    kind = kind_of(source.inputs[name])
    return dg.AssetSpec(
        asset_keys.place(source.name, name),
        kinds={kind},
        deps=[asset_keys.DEMO_SHOP] if settings.demo else [],
        description=f"What input {name} of source {source.name} is read from ({kind}). The pipeline never changes it; every night "
        "says what it found there.",
    )


def _seen(source: SourceSettings, name: str, inputs: Sequence[Mapping[str, Any]], now: datetime) -> dg.AssetObservation:
    """What was found at a place: how much, how large, and how old the newest of it is."""
    read = [one for one in inputs if one["input"] == name]
    changed = [datetime.fromisoformat(one[EXPORTED_AT]) for one in read]
    metadata: dict[str, Any] = {"parts_read": len(read), **sizes_at(source, name)}
    if changed:
        newest = max(changed)
        age = round((now - newest).total_seconds() / 3600, 2)
        metadata |= {"newest_read": dg.MetadataValue.timestamp(newest), "age_of_newest_read_hours": age}
    return dg.AssetObservation(asset_keys.place(source.name, name), metadata=metadata)


def _demo_shop(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(pool=POOL, key=asset_keys.DEMO_SHOP, kinds={"python", "csv"})
    def demo_shop(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """The exports of the simulated shop as of its last day, a file per month or one per subject; and whom it has
        contacted, as `loyalty export actions` would have recorded it. Its rows are the orders."""
        assert settings.demo is not None
        end_date = settings.demo.end_date or yesterday(settings)
        shop = simulate(settings.demo, end_date=end_date, time_zone=settings.shop.time_zone)
        folder = home.path / "demo"
        files = write_exports(shop, folder, dirt_rate=settings.demo.dirt_rate, seed=settings.demo.seed)
        _remember(shop.contacts, home, settings)
        return dg.MaterializeResult(
            metadata=row_count(shop.orders.height, files=len(files), folder=str(folder), end_date=str(end_date))
        )

    return demo_shop


def _remember(contacts: pl.DataFrame, home: Home, settings: Settings) -> None:
    """Record contacts that are not known yet, except of erased people."""
    table = RECORDS["contacts"]
    key = settings.pseudonym_key
    erased = erased_names(home.lake, settings.sources, key).fingerprints
    kept = contacts.filter(~is_erased(contacts, erased, key)).lazy()
    home.lake.merge(table, kept.join(home.lake.scan(table), on=table.key, how="anti"))


def _staged_source(source: SourceSettings, settings: Settings) -> dg.AssetsDefinition:
    key = asset_keys.source(source.name)

    @dg.asset(
        pool=POOL,
        key=key,
        kinds={"duckdb", "polars", "pandera"},
        deps=[asset_keys.place(source.name, name) for name in source.inputs],
        check_specs=_check_specs(key),
        metadata=at_file(source.mapping_file),
        description=f"The batch of {source.entity} staged from source {source.name}: what was read and checked. Its rows are those that passed.",
    )
    def staged_source(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        staged = home.staged(source.name)
        # For all sources, as another one may be merged before the one with addresses is read.
        refuse_missing_key(settings.sources, settings.pseudonym_key)
        # First, as it says whose rows may not come back.
        finish_erasure(home, settings.sources, key=settings.pseudonym_key)
        erased = erased_names(home.lake, settings.sources, settings.pseudonym_key)
        is_retry, known = RETRY_TAG in context.run.tags, read_before(home, source)
        if is_retry and known.is_empty():
            # Its rejected rows alone would be published as all there is.
            raise ConfigError(
                f"source {source.name}: none of its inputs is read, as it is new or a --rebuild was cut off; "
                "`loyalty run` reads them, then --retry-quarantine tries rejected rows again"
            )
        report = stage_source(
            source,
            staged.folder,
            shop=settings.shop,
            survey=settings.survey_of(source),
            key=settings.pseudonym_key,
            started_at=datetime.now(UTC),
            known=known,
            kept=rows_to_retry(home.lake.scan(RECORDS["rejected_rows"]), source.name) if is_retry else None,
            ids=home.lake.source_ids(main_table(source)),
            erased=erased.fingerprints,
            former_prefixes=erased.prefixes[source.name],
            pages=home.api_pages,
            tell=tell,
        )
        for name in () if is_retry else source.inputs:
            context.log_event(_seen(source, name, report.inputs, datetime.now(UTC)))
        batches = report.batches
        worst = worst_of(batches)
        words = _rejected_in_words(worst)
        limit = settings.quality.max_reject_rate
        # Retried rows were rejected before, so rejecting them again makes nothing worse.
        is_refused = not is_retry and worst.is_refused(limit)
        if is_refused:
            aside = home.aside / source.name / worst.batch_id
            shutil.copytree(staged.folder, aside, dirs_exist_ok=True)
            words += (
                f"; first: {(worst.samples or ['-'])[0]}; nothing merged, the batch and its report are kept in {aside}"
            )
        if is_refused and not worst.has_survivors:
            raise NothingSurvivedError(words)
        return dg.MaterializeResult(
            metadata=row_count(
                sum(batch.rows_valid for batch in batches),
                parts_read=len(report.inputs),
                **{f"{batch.entity}/{name}": value for batch in batches for name, value in _figures(batch).items()},
            ),
            check_results=[
                _balance(batches),
                _rejects(batches, is_refused=is_refused, words=words, limit=limit),
                _columns(source.name, report.drift),
            ],
        )

    return staged_source


def _check_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            ROWS_BALANCE, asset=key, blocking=True, description="Every line and row ended in exactly one place."
        ),
        dg.AssetCheckSpec(
            REJECT_RATE, asset=key, blocking=True, description="The share of rejected rows is within the limit."
        ),
        dg.AssetCheckSpec(COLUMNS_KNOWN, asset=key, description="The columns are the same as in the batch before."),
    ]


def _figures(batch: Batch) -> dict[str, object]:
    return {
        "batch_id": batch.batch_id,
        "lines_read": batch.lines_read,
        "lines_broken": batch.lines_broken,
        "rows_mapped": batch.rows_mapped,
        "rows_valid": batch.rows_valid,
        "rows_rejected": batch.rows_rejected,
        "rows_excluded": batch.excluded_by_reason,
        "values_hidden": batch.values_hidden,
    }


def _balance(batches: list[Batch]) -> dg.AssetCheckResult:
    off = [batch for batch in batches if not batch.is_balanced]
    return dg.AssetCheckResult(
        check_name=ROWS_BALANCE,
        passed=not off,
        description="; ".join(
            f"source {batch.source}, {batch.entity}: {batch.lines_read} lines read, {batch.lines_parsed} parsed + "
            f"{batch.lines_broken} broken; {batch.rows_mapped} rows mapped, {batch.rows_valid} valid + "
            f"{batch.rows_rejected} rejected + {batch.rows_excluded} excluded; a row was lost or doubled in reading"
            for batch in off
        ),
    )


def _rejected_in_words(batch: Batch) -> str:
    bad = batch.rows_rejected + batch.lines_broken + batch.lines_swallowed
    words = (
        f"source {batch.source}: {bad} of {bad + batch.rows_valid} {batch.entity} rejected ({batch.reject_rate:.1%})"
    )
    if batch.lines_swallowed:
        words += f", {batch.lines_swallowed} of them as lines inside the values of another"
    return words if batch.has_survivors else f"{words}, no row survived"


def _rejects(batches: list[Batch], *, is_refused: bool, words: str, limit: float) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=REJECT_RATE,
        passed=not is_refused,
        description=f"{words}; the limit is {limit:.1%}",
        metadata={
            "reject_rate": max(batch.reject_rate for batch in batches),
            "limit": limit,
            **{f"{batch.entity}/rejected_by_rule": batch.rejected_by_rule for batch in batches},
        },
    )


def _columns(source: str, drift: str) -> dg.AssetCheckResult:
    found = f"{drift}; new columns that the mapping does not name are ignored" if drift else "the same as before"
    return dg.AssetCheckResult(
        check_name=COLUMNS_KNOWN,
        passed=not drift,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"source {source}: {found}",
    )
