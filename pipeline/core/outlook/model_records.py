"""A training as rows: the record that is kept of it, and the tables that show its proof each night. Judging does not belong here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl

from pipeline.core.outlook.backtest import Judged, Training
from pipeline.core.outlook.churn_rule import RULE
from pipeline.core.outlook.features import GROUPS
from pipeline.core.outlook.models import CANDIDATES
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.outlook.trees import BOOSTING

OF_OTHERS: dict[str, Any] = {"chosen": False, "publishes": None, "publishes_why": None}
"""What the card says of models that are not published."""


def settings_hash(settings: ChurnSettings, made_by: Mapping[str, Any]) -> str:
    """Fingerprint of all that a training depends on besides the lake.

    `made_by`: what the facts are made by that features rest on, as JSON has it; a model of other facts has other features.
    """
    parts = [settings.model_dump(mode="json"), made_by, GROUPS, [*CANDIDATES], BOOSTING]
    return _fingerprint(json.dumps(parts, sort_keys=True))


def to_record(
    training: Training, *, trained_at: date, lake_versions: dict[str, int], n_orders: int, seed: int, settings_hash: str
) -> dict[str, Any]:
    """The row of the contract ChurnModels. Numbers keep every bit: JSON writes the shortest text that reads back as the same."""
    parameters = json.dumps({"model": training.model, "value": training.value}, sort_keys=True)
    card = [asdict(row) | {"cut_date": str(row.cut_date)} for row in training.card]
    proof = {
        "why": training.why,
        "publishes": training.publishes,
        "publishes_why": training.publishes_why,
        "card": card,
        "calibration": training.calibration,
        "curve": training.curve,
    }
    return {
        "model_id": f"{trained_at:%Y%m%d}-{training.chosen}-{_fingerprint(parameters)[:8]}",
        "trained_at": trained_at,
        "model": training.chosen,
        "parameters": parameters,
        "proof": json.dumps(proof, sort_keys=True),
        "lake_versions": json.dumps(lake_versions, sort_keys=True),
        "n_orders": n_orders,
        "seed": seed,
        "settings_hash": settings_hash,
    }


def from_record(record: Mapping[str, Any]) -> Training:
    """The training of a row of `to_record`."""
    parameters, proof = json.loads(record["parameters"]), json.loads(record["proof"])
    return Training(
        chosen=record["model"],
        why=proof["why"],
        publishes=proof["publishes"],
        publishes_why=proof["publishes_why"],
        model=parameters["model"],
        value=parameters["value"],
        card=[Judged(**row | {"cut_date": date.fromisoformat(row["cut_date"])}) for row in proof["card"]],
        calibration=proof["calibration"],
        curve=proof["curve"],
    )


def horizon_of(record: Mapping[str, Any]) -> int:
    """The days of the horizon that the model of a row of `to_record` predicts: its newest cut was one before the training."""
    cuts = [date.fromisoformat(row["cut_date"]) for row in json.loads(record["proof"])["card"]]
    days: int = (record["trained_at"] - max(cuts)).days
    return days


def card_rows(training: Training, *, as_of: date, trained_at: date, horizon_days: int, min_n: int) -> pl.LazyFrame:
    """The rows of the contract ChurnModelCard; figures of fewer than `min_n` customers are null."""
    of_training = {"as_of_date": as_of, "trained_at": trained_at, "horizon_days": horizon_days}
    of_chosen = {"chosen": True, "publishes": training.publishes, "publishes_why": training.publishes_why}
    rows = [
        asdict(row) | of_training | (of_chosen if row.model == training.chosen else OF_OTHERS) for row in training.card
    ]
    frame = pl.LazyFrame(rows, infer_schema_length=None)
    figures = ("base_rate", "auc", "ece", "brier", "log_loss", "lift_at_10", "buyer_lift_at_10")
    is_shown = pl.col("n") >= min_n
    return frame.with_columns(
        *(pl.when(is_shown).then(pl.col(name).cast(pl.Float64).round(10)).alias(name) for name in figures),
        (~is_shown).alias("is_suppressed"),
        pl.col("n", "horizon_days").cast(pl.Int64),
        pl.col("judged_by", "publishes", "publishes_why").cast(pl.String),
    )


def calibration_rows(training: Training, *, as_of: date, model_id: str, min_n: int) -> pl.LazyFrame:
    """The rows of the contract ChurnCalibration; none of the rule of days."""
    schema = {
        "cohort": pl.String,
        "bin": pl.Int64,
        "n": pl.Int64,
        "mean_predicted": pl.Float64,
        "observed": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
    }
    is_shown = pl.col("n") >= min_n
    shown = {"mean_predicted": "mean_predicted", "observed": "observed", "low": "observed_low", "high": "observed_high"}
    return pl.LazyFrame(training.calibration, schema=schema).select(
        pl.lit(as_of).alias("as_of_date"),
        "cohort",
        "bin",
        pl.lit(model_id).alias("model_id"),
        "n",
        *(pl.when(is_shown).then(pl.col(name).round(10)).alias(column) for name, column in shown.items()),
        (~is_shown).alias("is_suppressed"),
    )


def model_id_of(record: Mapping[str, Any] | None) -> str:
    """The name under which a model is published."""
    return RULE if record is None else str(record["model_id"])


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
