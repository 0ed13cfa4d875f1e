"""The assets of group `scores`: who is about to leave, and the proof of it, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no stubs

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, table_spec
from pipeline.assets.dated import Frames, compute_segments, read, segment_specs
from pipeline.core.frames import day_end
from pipeline.core.outlook.backtest import Training, train
from pipeline.core.outlook.churn_rule import band_customers
from pipeline.core.outlook.features import Sources, churn_features
from pipeline.core.outlook.metrics import drift
from pipeline.core.outlook.model_records import (
    calibration_rows,
    card_rows,
    from_record,
    is_current,
    model_id_of,
    settings_hash,
    to_record,
    training_date,
)
from pipeline.core.outlook.models import BASELINES
from pipeline.core.outlook.outcomes import churn_outcomes, ripe_dates
from pipeline.core.outlook.scores import score_customers
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import RECORDS, SEGMENTS, TABLES

READS = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers", "touchpoints")
CHURN_TABLES = ("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes")
BEATS_BASELINES, CALIBRATED, STEADY = "beats_baselines", "calibrated", "steady"
WEEK_DAYS, OLDEST_DAYS = 7, 14
"""The distribution of scores is held against that of the newest date between a week and two weeks before."""


def score_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Churn risk, with the proof of its model and what became of earlier predictions, in one step."""
    check_specs = [
        dg.AssetCheckSpec(
            BEATS_BASELINES,
            asset=asset_keys.table("churn_model_card"),
            blocking=True,
            description="The published model is at least as good as every baseline in log-loss over the cuts.",
        ),
        dg.AssetCheckSpec(
            CALIBRATED,
            asset=asset_keys.table("churn_model_card"),
            description="The calibration error of the published model is below the limit.",
        ),
        dg.AssetCheckSpec(
            STEADY, asset=asset_keys.table("churn_risk"), description="The probabilities are spread as a week before."
        ),
    ]
    specs = segment_specs(*CHURN_TABLES, reads=READS, settings=settings)

    @dg.multi_asset(pool=POOL, name="churn_risk", specs=specs, check_specs=check_specs)
    def churn_risk(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
        trained: list[Training] = []

        def compute(as_of: date) -> Frames:
            return _compute(home, settings, as_of, trained)

        for result in compute_segments(context, home, READS, compute):
            charts = _charts(home, as_of_date(context), result, trained)
            yield result._replace(metadata={**(result.metadata or {}), **charts})
        yield from _checks(home, settings, as_of_date(context))

    models = dg.AssetSpec(
        **table_spec("churn_models", kinds={"deltalake"}, deps=[asset_keys.table(name) for name in READS])
    )
    return [churn_risk, models]


def _compute(home: Home, settings: Settings, as_of: date, trained: list[Training]) -> Frames:
    sources = Sources(*read(home, *READS))
    common: dict[str, Any] = {"time_zone": settings.shop.time_zone, "valid_statuses": settings.rfm.valid_statuses}
    training, record = _newest_model(home, settings, sources, as_of, trained)
    if record is None:
        risk = band_customers(sources.orders, as_of=as_of, settings=settings.churn, **common)
    else:
        features = churn_features(sources, cut=as_of, settings=settings.churn, sci=settings.sci, **common)
        risk = _scored(features, training, record, as_of, settings).lazy()
        before = _week_before(home, as_of)
        if before is not None and record["trained_at"] < as_of:
            moved = drift(before.to_numpy(), risk.select("churn_probability").collect().to_series().to_numpy())
            if moved > settings.churn.max_drift:
                training, record = _train(home, settings, sources, as_of, trained)
                if record is not None:
                    risk = _scored(features, training, record, as_of, settings).lazy()
    trained_at = as_of if record is None else record["trained_at"]
    dates = ripe_dates(home.lake.dates(SEGMENTS["churn_risk"]), as_of=as_of, horizon_days=settings.churn.horizon_days)
    earlier = home.lake.scan(SEGMENTS["churn_risk"]).filter(pl.col("as_of_date").is_in(dates))
    return {
        "churn_risk": risk,
        "churn_model_card": card_rows(
            training, as_of=as_of, trained_at=trained_at, horizon_days=settings.churn.horizon_days
        ),
        "churn_calibration": calibration_rows(
            training, as_of=as_of, model_id=model_id_of(record), min_n=settings.churn.min_n
        ),
        "churn_outcomes": churn_outcomes(sources.orders, earlier, as_of=as_of, settings=settings.churn, **common),
    }


def _scored(
    features: pl.DataFrame, training: Training, record: dict[str, Any], as_of: date, settings: Settings
) -> pl.DataFrame:
    assert training.model is not None
    assert training.value is not None
    return score_customers(
        features,
        training.model,
        training.value,
        as_of=as_of,
        model_id=record["model_id"],
        settings=settings.churn,
    )


def _newest_model(
    home: Home, settings: Settings, sources: Sources, as_of: date, trained: list[Training]
) -> tuple[Training, dict[str, Any] | None]:
    """The newest model since the last training date that is still current; trained now, as of that date, if there is none."""
    due = training_date(as_of, every_days=settings.churn.train_every_days)
    records = home.lake.scan(RECORDS["churn_models"]).filter(pl.col("trained_at").is_between(due, as_of))
    found = records.sort("trained_at", "model_id", descending=True).collect().to_dicts()
    wanted = _settings_hash(settings)
    for record in found:
        n_orders = _orders_by(sources, record["trained_at"], settings)
        if is_current(record, settings_hash=wanted, n_orders=n_orders):
            return from_record(record), record
    return _train(home, settings, sources, due, trained)


def _train(
    home: Home, settings: Settings, sources: Sources, day: date, trained: list[Training]
) -> tuple[Training, dict[str, Any] | None]:
    """Train as of a date, and record the model; of the rule of days there is nothing to record."""
    versions = {name: home.lake.version(TABLES[name]) for name in (*READS, "identity")}
    # Sums of several threads differ in the last digit from run to run.
    with threadpool_limits(limits=1):
        training = train(
            sources,
            as_of=day,
            time_zone=settings.shop.time_zone,
            valid_statuses=settings.rfm.valid_statuses,
            settings=settings.churn,
            sci=settings.sci,
        )
    if training.model is None:
        return training, None
    trained.append(training)
    record = to_record(
        training,
        trained_at=day,
        lake_versions=versions,
        n_orders=_orders_by(sources, day, settings),
        seed=settings.churn.seed,
        settings_hash=_settings_hash(settings),
    )
    table = RECORDS["churn_models"]
    home.lake.merge(table, pl.LazyFrame([record], schema=table.polars_schema))
    return training, record


def _settings_hash(settings: Settings) -> str:
    return settings_hash(
        settings.churn,
        settings.sci,
        valid_statuses=settings.rfm.valid_statuses,
        time_zone=settings.shop.time_zone,
    )


def _orders_by(sources: Sources, day: date, settings: Settings) -> int:
    placed = sources.orders.filter(pl.col("ordered_at") < day_end(day, settings.shop.time_zone))
    count: int = placed.select(pl.len()).collect().item()
    return count


def _week_before(home: Home, as_of: date) -> pl.Series | None:
    """The probabilities of about a week before; null where there are none."""
    oldest, newest = as_of - timedelta(days=OLDEST_DAYS), as_of - timedelta(days=WEEK_DAYS)
    dates = [day for day in home.lake.dates(SEGMENTS["churn_risk"]) if oldest <= day <= newest]
    if not dates:
        return None
    rows = home.lake.scan_as_of(SEGMENTS["churn_risk"], max(dates)).select("churn_probability")
    found = rows.collect().to_series().drop_nulls()
    return found if found.len() else None


def _charts(
    home: Home,
    as_of: date,
    result: dg.MaterializeResult,  # type: ignore[type-arg]
    trained: list[Training],
) -> dict[str, dg.MetadataValue]:
    """The curves of a model on the night on which it was trained; on other nights they would say the same."""
    if not trained:
        return {}
    from pipeline.charts import calibration_chart, chart_metadata, lift_chart

    training = trained[-1]
    if result.asset_key == asset_keys.table("churn_calibration"):
        bins = home.lake.scan_as_of(SEGMENTS["churn_calibration"], as_of).collect()
        return {"calibration_curve": chart_metadata(calibration_chart(bins))}
    if result.asset_key == asset_keys.table("churn_model_card") and training.curve:
        n = sum(row.n for row in training.card if (row.model, row.cohort) == (training.chosen, "all"))
        return {"lift_curve": chart_metadata(lift_chart(training.curve, model=training.chosen, n=n))}
    return {}


def _checks(home: Home, settings: Settings, as_of: date) -> Iterator[dg.AssetCheckResult]:
    card = home.lake.scan_as_of(SEGMENTS["churn_model_card"], as_of).filter(cohort="all").collect()
    means = card.group_by("model").agg(pl.col("log_loss", "ece").mean(), pl.col("n").sum(), pl.col("chosen").any())
    of = {row["model"]: row for row in means.to_dicts()}
    chosen = next(row for row in of.values() if row["chosen"])
    lost_to = [
        name
        for name in BASELINES
        if name in of and of[name]["log_loss"] is not None and of[name]["log_loss"] < (chosen["log_loss"] or 0) - 1e-9
    ]
    words = "no model: the rule of days" if chosen["log_loss"] is None else f"mean log-loss {chosen['log_loss']:.4f}"
    yield dg.AssetCheckResult(
        check_name=BEATS_BASELINES,
        asset_key=asset_keys.table("churn_model_card"),
        passed=not lost_to,
        description=f"{chosen['model']}: {words}" + (f"; worse than {', '.join(lost_to)}" if lost_to else ""),
        metadata={"n": chosen["n"]},
    )
    limit, n_least = settings.churn.max_calibration_error, settings.churn.min_calibration_n
    is_judged = chosen["ece"] is not None and chosen["n"] >= n_least
    error = "none" if chosen["ece"] is None else f"{chosen['ece']:.4f}"
    yield dg.AssetCheckResult(
        check_name=CALIBRATED,
        asset_key=asset_keys.table("churn_model_card"),
        passed=not is_judged or chosen["ece"] < limit,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{chosen['model']}: mean calibration error {error} over the cuts, limit {limit} from n = {n_least}",
        metadata={"n": chosen["n"]},
    )
    before = _week_before(home, as_of)
    now = home.lake.scan_as_of(SEGMENTS["churn_risk"], as_of).select("churn_probability").collect().to_series()
    now = now.drop_nulls()
    moved = drift(before.to_numpy(), now.to_numpy()) if before is not None and now.len() else None
    yield dg.AssetCheckResult(
        check_name=STEADY,
        asset_key=asset_keys.table("churn_risk"),
        passed=moved is None or moved <= settings.churn.max_drift,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            "no probabilities of a week before to compare with"
            if moved is None
            else f"population stability index {moved:.3f} against a week before, limit {settings.churn.max_drift}"
        ),
        metadata={"n": now.len()},
    )
