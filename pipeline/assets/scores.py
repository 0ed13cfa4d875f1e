"""The assets of group `scores`: who is about to leave, and how well that is predicted, one partition per as_of date."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, table_spec
from pipeline.assets.dated import compute_segments, segment_specs
from pipeline.charts.kept import on_page
from pipeline.charts.outlook import calibration, lift
from pipeline.computed import fingerprint
from pipeline.core import outlook as core_outlook
from pipeline.core.facts.customers import one_per_person
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.outlook.backtest import Training, train
from pipeline.core.outlook.churn_rule import band_customers
from pipeline.core.outlook.features import Sources, churn_features
from pipeline.core.outlook.model_records import (
    calibration_rows,
    card_rows,
    from_record,
    horizon_of,
    model_id_of,
    settings_hash,
    to_record,
)
from pipeline.core.outlook.models import Ranked, add_ranked, count_ranked, ranks_customers
from pipeline.core.outlook.outcomes import churn_outcomes, ripe_dates, telling_date
from pipeline.core.outlook.purchases import RhythmCounts, ShopRhythm, count_rhythm, rhythm_of
from pipeline.core.outlook.scores import score_customers
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.outlook.upkeep import (
    OLDEST_DAYS,
    current_record,
    drift_of,
    is_due_again,
    orders_by,
    past_every_days,
    predicted,
    prove,
    training_date,
    week_before,
)
from pipeline.core.report.english import ENGLISH
from pipeline.fact_files import LOOKED_UP, Facts, Kept, kept_rows
from pipeline.facts import program_of
from pipeline.parts import Found, Rows, stored
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.sources.rates import read_rates
from schemas.registry import RECORDS, SEGMENTS, TABLES

READS = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers", "touchpoints")
CHURN_TABLES = ("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes")
BEATS_BASELINES, CALIBRATED, STEADY = "beats_baselines", "calibrated", "steady"


def score_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Churn risk, with the proof of its model and what became of earlier predictions, in one step."""
    check_specs = [
        dg.AssetCheckSpec(
            BEATS_BASELINES,
            asset=asset_keys.table("churn_model_card"),
            blocking=True,
            description="The published model's log-loss over the cuts is no worse than any baseline's.",
        ),
        dg.AssetCheckSpec(
            CALIBRATED,
            asset=asset_keys.table("churn_model_card"),
            description="The calibration error of published probabilities is below the limit.",
        ),
        dg.AssetCheckSpec(
            STEADY,
            asset=asset_keys.table("churn_risk"),
            description="The probabilities are distributed as a week before.",
        ),
    ]
    specs = segment_specs(*CHURN_TABLES, reads=READS, settings=settings)

    @dg.multi_asset(pool=POOL, name="churn_risk", specs=specs, check_specs=check_specs)
    def churn_risk(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
        trained: list[Training] = []

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            return _compute(home, settings, facts, as_of, trained)

        def past(facts: Facts, as_of: date) -> Iterator[Rows]:
            return iter(_past_risk(home, settings, facts, as_of, trained))

        for result in compute_segments(context, home, settings, READS, compute, looks_back=True, past=past):
            charts = _charts(home, as_of_date(context), result, trained)
            yield result._replace(metadata={**charts, **(result.metadata or {})})
        yield from _checks(home, settings, as_of_date(context))

    models = dg.AssetSpec(
        **table_spec("churn_models", kinds={"deltalake"}, deps=[asset_keys.table(name) for name in READS])
    )
    return [churn_risk, models]


def _sources(facts: Facts) -> Sources:
    return Sources(*(facts.scan(name) for name in READS if name not in LOOKED_UP))


def _past_risk(home: Home, settings: Settings, facts: Facts, as_of: date, trained: list[Training]) -> list[Rows]:
    """Churn risk of a date before the first run, by a model that is at most a horizon older.

    Models for every week of two years would cost more than everything else. None has seen what came after its date.
    """
    sources, churn = _sources(facts), settings.churn
    due = training_date(as_of, every_days=past_every_days(churn.train_every_days, horizon_days=churn.horizon_days))
    training, record = _newest_model(home, settings, facts, sources, as_of, trained, due=due)
    if record is None:
        return [*_by_days(facts, as_of, settings)]
    return [found.rows for found in _scored(facts, training, record, as_of, settings)]


def _compute(home: Home, settings: Settings, facts: Facts, as_of: date, trained: list[Training]) -> Iterator[Rows]:
    sources, churn = _sources(facts), settings.churn
    known = orders_as_of(sources.orders, as_of=as_of)
    due = training_date(as_of, every_days=churn.train_every_days)
    training, record = _newest_model(home, settings, facts, sources, as_of, trained, due=due)
    # Where there is too little to learn from, that was judged by the customers of that date.
    trained_at = due if record is None else record["trained_at"]
    risk: list[Found[pl.Series]] = []
    if record is not None:
        risk = _scored(facts, training, record, as_of, settings)
        before = _probabilities_before(home, as_of, horizon_days=churn.horizon_days)
        moved = drift_of(before, pl.concat(found.sums for found in risk))
        if is_due_again(moved, trained_at=record["trained_at"], as_of=as_of, max_drift=churn.max_drift):
            training, record = _train(home, settings, facts, sources, as_of, trained)
            trained_at = as_of
            risk = _scored(facts, training, record, as_of, settings) if record else []
    horizons = _horizons(home, _dates_before(home, as_of), now=churn.horizon_days)
    dates = ripe_dates(horizons, as_of=as_of)
    identity = home.lake.scan(RECORDS["identity"])
    given = home.lake.scan(SEGMENTS["churn_risk"]).filter(pl.col("as_of_date").is_in(dates))
    earlier = facts.numbered(one_per_person(given, identity, by=["as_of_date"]))
    yield from (found.rows for found in risk)
    if not risk:
        yield from _by_days(facts, as_of, settings)
    yield {
        "churn_model_card": card_rows(
            training, as_of=as_of, trained_at=trained_at, horizon_days=churn.horizon_days, min_n=churn.min_n
        ),
        "churn_calibration": calibration_rows(training, as_of=as_of, model_id=model_id_of(record), min_n=churn.min_n),
        "churn_outcomes": churn_outcomes(known, earlier, horizons, as_of=as_of, settings=churn),
    }


def _dates_before(home: Home, as_of: date) -> list[date]:
    """The earlier dates of predictions."""
    return [day for day in home.lake.dates(SEGMENTS["churn_risk"]) if day < as_of]


def _horizons(home: Home, dates: Sequence[date], *, now: int) -> dict[date, int]:
    """The horizon of each of these prediction dates in days: that of the model that made the predictions.

    Where that model is not kept, and for the rule of days, the card tells, or without one `now`, the horizon of the settings.
    A card is no proof of the model of a date before it: a date can be run again with other settings.
    """
    cards = home.lake.scan(SEGMENTS["churn_model_card"]).select("as_of_date", "horizon_days")
    told = dict(cards.unique().collect().iter_rows())
    models = _models_of(home, dates)
    kept = home.lake.scan(RECORDS["churn_models"]).filter(pl.col("model_id").is_in({*models.values()}))
    of_models = {record["model_id"]: horizon_of(record) for record in kept.collect().to_dicts()}

    def by_card(day: date) -> int:
        other = telling_date(day, told)
        return now if other is None else told[other]

    return {day: of_models.get(models.get(day, ""), by_card(day)) for day in dates}


def _models_of(home: Home, dates: Sequence[date]) -> dict[date, str]:
    """The `model_id` of each prediction date, the same for all its customers: one row of each is read."""
    rows = home.lake.scan(SEGMENTS["churn_risk"]).select("as_of_date", "model_id")
    first = pl.collect_all([rows.filter(pl.col("as_of_date") == day).head(1) for day in dates], engine="streaming")
    return dict(row for found in first for row in found.iter_rows())


def _scored(
    facts: Facts, training: Training, record: Mapping[str, Any], as_of: date, settings: Settings
) -> list[Found[pl.Series]]:
    """The risk of the customers of each bucket, and what was predicted of each."""
    assert training.model is not None
    assert training.value is not None
    score = partial(
        score_customers,
        model=training.model,
        value=training.value,
        as_of=as_of,
        model_id=record["model_id"],
        settings=settings.churn,
        publishes=training.publishes,
    )
    features = partial(_features, rhythm=_rhythm(facts, as_of), as_of=as_of, by=settings.churn)
    if not facts.bounds:
        return [*facts.over(partial(_score, features=features, score=score))]
    if ranks_customers(training.model):
        # Ranks are among all, who are counted first.
        counted = [*facts.over(partial(_count_ranked, features=features))]
        ranked = add_ranked(part.ranked for part in counted)
        score_kept = partial(_score_kept, score=partial(score, ranked=ranked))
        found = facts.over(score_kept, [part.features for part in counted])
    else:
        found = facts.over(partial(_score, features=features, score=score))
    # Whether these predictions stay is known when all are there: until then their rows wait in files.
    return [stored(part, one) for part, one in zip(facts.buckets(), found, strict=True)]


def _by_days(facts: Facts, as_of: date, settings: Settings) -> Iterator[Rows]:
    """The risk of the customers of each bucket by the rule of days."""
    band = partial(_band, rhythm=_rhythm(facts, as_of), as_of=as_of, by=settings.churn)
    return (found.rows for found in facts.over(band))


def _rhythm(facts: Facts, as_of: date) -> ShopRhythm | None:
    """The rhythm of all customers; null where they are computed at once, which finds it on the way."""
    return rhythm_of(facts.over(partial(_count_rhythm, as_of=as_of))) if facts.bounds else None


def _count_rhythm(part: Facts, *, as_of: date) -> RhythmCounts:
    return count_rhythm(orders_as_of(part.scan("orders"), as_of=as_of))


def _features(part: Facts, *, rhythm: ShopRhythm | None, as_of: date, by: ChurnSettings) -> pl.DataFrame:
    return churn_features(_sources(part), cut=as_of, settings=by, rhythm=rhythm)


def _score(
    part: Facts, *, features: Callable[[Facts], pl.DataFrame], score: Callable[[pl.DataFrame], pl.DataFrame]
) -> Found[pl.Series]:
    return _risk(score(features(part)))


@dataclass(frozen=True)
class _Counted:
    """The `features` of a bucket's customers, and what the ranks of these rest on."""

    ranked: Ranked
    features: Kept


def _count_ranked(part: Facts, *, features: Callable[[Facts], pl.DataFrame]) -> _Counted:
    found = features(part)
    return _Counted(count_ranked(found), part.keep("features", found.lazy()))


def _score_kept(_: Facts, features: Kept, *, score: Callable[[pl.DataFrame], pl.DataFrame]) -> Found[pl.Series]:
    return _risk(score(kept_rows(features).collect()))


def _band(part: Facts, *, rhythm: ShopRhythm | None, as_of: date, by: ChurnSettings) -> Found[None]:
    orders = orders_as_of(part.scan("orders"), as_of=as_of)
    return Found({"churn_risk": band_customers(orders, as_of=as_of, settings=by, rhythm=rhythm)}, None)


def _risk(scored: pl.DataFrame) -> Found[pl.Series]:
    """The risk of customers, and what was predicted of each."""
    return Found({"churn_risk": scored.lazy()}, scored.select(predicted()).to_series())


def _newest_model(
    home: Home,
    settings: Settings,
    facts: Facts,
    sources: Sources,
    as_of: date,
    trained: list[Training],
    *,
    due: date,
) -> tuple[Training, Mapping[str, Any] | None]:
    """The newest current model since the last training date; if there is none, one is trained now, as of that date."""
    record = current_record(
        home.lake.scan(RECORDS["churn_models"]).collect().to_dicts(),
        since=due,
        as_of=as_of,
        settings_hash=lambda day: _settings_hash(settings, facts, day),
        count_orders=lambda day: orders_by(sources.orders, day),
    )
    return (from_record(record), record) if record else _train(home, settings, facts, sources, due, trained)


def _train(
    home: Home, settings: Settings, facts: Facts, sources: Sources, day: date, trained: list[Training]
) -> tuple[Training, Mapping[str, Any] | None]:
    """Train as of a date, and record the model; the rule of days leaves nothing to record."""
    versions = {name: home.lake.version(TABLES[name]) for name in (*READS, "identity")}
    training = train(sources, as_of=day, settings=settings.churn, names=facts.names_of)
    if training.model is None:
        return training, None
    trained.append(training)
    record = to_record(
        training,
        trained_at=day,
        lake_versions=versions,
        n_orders=orders_by(sources.orders, day),
        seed=settings.churn.seed,
        settings_hash=_settings_hash(settings, facts, day),
    )
    table = RECORDS["churn_models"]
    home.lake.merge(table, pl.LazyFrame([record], schema=table.polars_schema))
    return training, record


def _settings_hash(settings: Settings, facts: Facts, day: date) -> str:
    """Fingerprint of what a training on a date depends on besides the lake: the rules and the program of the facts, what surveys
    ask, the rates up to the date (those that come after it are news, not another rule), and the program of churn risk."""
    made_of, rates = json.loads(facts.made_of), settings.currency.rates
    of_file = ("rates", "rates_digest")
    known = read_rates(rates, settings.shop.currency).filter(pl.col("date") <= day) if rates else None
    made_by = {
        "rules": {name: value for name, value in made_of["rules"].items() if name not in of_file},
        "surveys": {name: survey.model_dump(mode="json") for name, survey in settings.surveys.items()},
        "rates": None
        if known is None
        else fingerprint(known.sort("currency", "date").cast({"date": pl.String}).rows()),
        "programs": [made_of["program"], program_of(core_outlook)],
    }
    return settings_hash(settings.churn, made_by)


def _probabilities(home: Home, as_of: date) -> pl.Series:
    rows = home.lake.scan_as_of(SEGMENTS["churn_risk"], as_of).select(predicted())
    return rows.collect().to_series()


def _probabilities_before(home: Home, as_of: date, *, horizon_days: int) -> pl.Series | None:
    """Those of about a week before for the same horizon: of another one they differ without any drift."""
    near = [day for day in _dates_before(home, as_of) if as_of - day <= timedelta(days=OLDEST_DAYS)]
    horizons = _horizons(home, near, now=horizon_days)
    day = week_before([day for day in near if horizons[day] == horizon_days], as_of)
    return None if day is None else _probabilities(home, day)


def _charts(
    home: Home,
    as_of: date,
    result: dg.MaterializeResult,  # type: ignore[type-arg]
    trained: list[Training],
) -> dict[str, dg.MetadataValue]:
    """The curves of a model, on the night it was trained; on other nights they would not change."""
    if not trained:
        return {}
    training = trained[-1]
    if result.asset_key == asset_keys.table("churn_calibration"):
        bins = home.lake.scan_as_of(SEGMENTS["churn_calibration"], as_of).collect()
        return on_page(home.path, "churn_calibration", as_of, calibration(bins, ENGLISH), name="calibration_curve")
    if result.asset_key == asset_keys.table("churn_model_card") and training.curve:
        n = sum(row.n for row in training.card if (row.model, row.cohort) == (training.chosen, "all"))
        drawn = lift(training.curve, ENGLISH, model=training.chosen, n=n)
        return on_page(home.path, "churn_model_card", as_of, drawn, name="lift_curve")
    return {}


def _checks(home: Home, settings: Settings, as_of: date) -> Iterator[dg.AssetCheckResult]:
    proof = prove(home.lake.scan_as_of(SEGMENTS["churn_model_card"], as_of).collect())
    words = "no model: the rule of days" if proof.log_loss is None else f"mean log-loss {proof.log_loss:.4f}"
    yield dg.AssetCheckResult(
        check_name=BEATS_BASELINES,
        asset_key=asset_keys.table("churn_model_card"),
        passed=not proof.lost_to,
        description=f"{proof.model}: {words}" + (f"; worse than {', '.join(proof.lost_to)}" if proof.lost_to else ""),
        metadata={"n": proof.n},
    )
    limit, n_least = settings.churn.max_calibration_error, settings.churn.min_calibration_n
    error = "none" if proof.calibration_error is None else f"{proof.calibration_error:.4f}"
    shown = "" if proof.publishes == "probabilities" else "; only bands are published"
    yield dg.AssetCheckResult(
        check_name=CALIBRATED,
        asset_key=asset_keys.table("churn_model_card"),
        passed=proof.publishes == "bands" or proof.is_calibrated(limit, n_least=n_least),
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{proof.model}: mean calibration error {error} over the cuts, limit {limit} from n = {n_least}{shown}",
        metadata={"n": proof.n},
    )
    now = _probabilities(home, as_of).drop_nulls()
    moved = drift_of(_probabilities_before(home, as_of, horizon_days=settings.churn.horizon_days), now)
    yield dg.AssetCheckResult(
        check_name=STEADY,
        asset_key=asset_keys.table("churn_risk"),
        passed=moved is None or moved <= settings.churn.max_drift,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            "no probabilities of a week before, for the same horizon, to compare with"
            if moved is None
            else f"population stability index {moved:.3f} against a week before, limit {settings.churn.max_drift}"
        ),
        metadata={"n": now.len()},
    )
