"""The step of the constructs: what it stores, what it shows, and the check on negative alphas."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import yaml

from pipeline.asset_keys import table as table_key
from pipeline.assets.constructs import ALPHA_CHECK, construct_assets
from pipeline.configuration import load_settings
from pipeline.resources import Home
from schemas.registry import ENTITIES, SEGMENTS
from tests.scenario import configuration
from tests.unit.lake import customers, table

AS_OF = date(2026, 6, 30)
SURVEYS = {
    "care": {
        "type": "relational",
        "items": {
            "q1": {"scale": [1, 5], "role": "satisfaction"},
            "q2": {"scale": [1, 5], "role": "recommend"},
            "p1": {"scale": [1, 5], "construct": "pair"},
            "p2": {"scale": [1, 5], "construct": "pair"},
            "c1": {"scale": [1, 5], "construct": "choice"},
        },
    }
}
ANSWERS = {"q1": [1, 2, 3, 4, 5], "q2": [2, 1, 3, 5, 4], "p1": [1, 2, 3, 4, 5], "c1": [1, 3, 2, 5, 4]}
FEW = {"constructs": {"min_n": 5}, "drivers": {"min_n": 5}}


def run(folder: Path, p2: list[int], *, known: str = "abcde") -> tuple[Home, dg.ExecuteInProcessResult]:
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(configuration(surveys=SURVEYS, **FEW)))
    settings = load_settings(folder / "loyalty.yaml", home=folder / "home")
    home = Home.of(settings)
    sent = [{"response_id": f"r{n}", "submitted_at": "2026-06-01", "customer_id": "abcde"[n]} for n in range(5)]
    answers: list[dict[str, Any]] = [
        {"response_id": f"r{n}", "item_id": item, "value": value}
        for item, values in {**ANSWERS, "p2": p2}.items()
        for n, value in enumerate(values)
    ]
    rows = {"survey_responses": table("survey_responses", sent), "survey_answers": table("survey_answers", answers)}
    for name, frame in {**rows, "customers": customers(*"abcde")}.items():
        home.lake.merge(ENTITIES[name], frame.lazy())
    rfm = SEGMENTS["rfm"].polars_schema
    here = [dict.fromkeys(rfm) | {"customer_id": name, "as_of_date": AS_OF} for name in known]
    home.lake.replace_as_of(SEGMENTS["rfm"], AS_OF, pl.DataFrame(here, schema=rfm))
    return home, dg.materialize(construct_assets(settings), partition_key=str(AS_OF), resources={"home": home})


def test_all_tables_are_stored_and_the_drivers_show_their_picture(tmp_path: Path) -> None:
    home, result = run(tmp_path, p2=[2, 1, 3, 4, 5])
    assert result.success
    heights = {
        name: home.lake.scan_as_of(SEGMENTS[name], AS_OF).collect().height
        for name in ("construct_scores", "construct_reliability", "driver_importance")
    }
    # Five responses and three constructs; two of two items in one quarter and all; two drivers of sci_items.
    assert heights == {"construct_scores": 15, "construct_reliability": 4, "driver_importance": 2}
    (shown,) = result.asset_materializations_for_node("constructs")[-1:]
    assert shown.asset_key == table_key("driver_importance")
    assert "| care | sci_items | choice |" in str(shown.metadata["importance_performance"].value)
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.blocking) == (ALPHA_CHECK, True, False)


def test_who_is_no_customer_at_the_date_yet_counts_nowhere(tmp_path: Path) -> None:
    home, _ = run(tmp_path, p2=[2, 1, 3, 4, 5], known="abcd")
    scores, reliability, drivers = (
        home.lake.scan_as_of(SEGMENTS[name], AS_OF).collect()
        for name in ("construct_scores", "construct_reliability", "driver_importance")
    )
    assert set(scores["customer_id"]) == {*"abcd"}
    assert set(reliability.select("n_complete", "n_anonymous").rows()) == {(4, 0)}
    assert set(drivers["n_responses"]) == {4}


def test_a_forgotten_reverse_flag_fails_the_check_and_only_its_construct_is_withheld(tmp_path: Path) -> None:
    home, result = run(tmp_path, p2=[4, 5, 3, 3, 2])
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity, check.blocking) == (False, dg.AssetCheckSeverity.ERROR, False)
    assert check.description is not None
    assert check.description.startswith(
        "negative alpha: care.pair 2026-Q2: -7.50; care.pair all: -7.50; nearly always "
    )
    assert result.success
    rows = home.lake.scan_as_of(SEGMENTS["driver_importance"], AS_OF).collect()
    reasons = {row["construct"]: row["reason"] for row in rows.to_dicts()}
    assert reasons == {"pair": "withheld", "choice": None}
