"""Churn features and scores as on a night that trains no model. `python -m tests.bench.churn ORDERS VOICES`.

Prints as JSON the customers scored, and the CPU seconds of features, of scores, and of the training before them, on a sample.
"""

import json
import sys
import time
from pathlib import Path

import polars as pl

from pipeline.core.attitude.settings import SciSettings
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.outlook.backtest import Training, train
from pipeline.core.outlook.features import Sources, churn_features
from pipeline.core.outlook.scores import score_customers
from pipeline.core.outlook.settings import ChurnSettings
from schemas.registry import ENTITIES
from tests.bench import AS_OF, TIME_ZONE


def run(sources: Sources) -> dict[str, float]:
    """One training, then the features of all customers and their scores."""
    common = {"time_zone": TIME_ZONE, "valid_statuses": RfmSettings().valid_statuses, "sci": SciSettings()}
    started = time.process_time()
    training: Training = train(sources, as_of=AS_OF, settings=ChurnSettings(), **common)
    trained = time.process_time()
    features = churn_features(sources, cut=AS_OF, settings=ChurnSettings(), **common)
    featured = time.process_time()
    assert training.model is not None
    assert training.value is not None
    scores = score_customers(
        features, training.model, training.value, as_of=AS_OF, model_id="bench", settings=ChurnSettings()
    )
    ended = time.process_time()
    return {
        "customers": scores.height,
        "training": round(trained - started, 1),
        "features": round(featured - trained, 1),
        "scores": round(ended - featured, 1),
    }


if __name__ == "__main__":
    orders, voices = (Path(argument) for argument in sys.argv[1:3])
    names = ("order_lines", "reviews", "survey_responses", "survey_answers")
    files = (orders, *(voices / f"{name}.parquet" for name in names))
    tables = [pl.scan_parquet(file) for file in files]
    touchpoints = pl.LazyFrame(schema=ENTITIES["touchpoints"].polars_schema)
    print(json.dumps(run(Sources(*tables, touchpoints))))
