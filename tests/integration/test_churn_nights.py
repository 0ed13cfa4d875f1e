"""Trainings, their records and checks over several nights."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from pipeline.asset_keys import table as table_key
from pipeline.assets.dated import facts_now
from pipeline.assets.scores import _horizons, _settings_hash, score_assets
from pipeline.cli import app
from pipeline.configuration import load_settings
from pipeline.core.facts.orders import order_facts
from pipeline.core.outlook.backtest import Training, train
from pipeline.core.outlook.churn_rule import RULE
from pipeline.core.outlook.model_records import to_record
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.facts import program_of
from pipeline.resources import Home
from schemas.registry import ENTITIES, RECORDS, SEGMENTS, TABLES
from tests.leavers import AS_OF, FEW, ORDERS, common, shop, sources
from tests.scenario import ROOT, configuration
from tests.unit import lake


def night(
    folder: Path, orders: pl.DataFrame, as_of: date = AS_OF, **churn: int
) -> tuple[Home, dg.ExecuteInProcessResult]:
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(configuration(churn=FEW | churn)))
    settings = load_settings(folder / "loyalty.yaml", home=folder / "home")
    home = Home.of(settings)
    home.lake.merge(ENTITIES["orders"], orders.lazy())
    assets = score_assets(settings)
    return home, dg.materialize(assets, partition_key=str(as_of), resources={"home": home})


def test_a_night_trains_once_scores_everyone_and_shows_its_proof(tmp_path: Path) -> None:
    home, result = night(tmp_path, ORDERS, AS_OF + timedelta(days=1))
    assert result.success
    (model,) = home.lake.scan(RECORDS["churn_models"]).collect().to_dicts()
    assert model["trained_at"] == AS_OF
    risk = home.lake.scan_as_of(SEGMENTS["churn_risk"], AS_OF + timedelta(days=1)).collect()
    assert risk.height == ORDERS["customer_id"].n_unique()
    assert set(risk["model_id"]) == {model["model_id"]}
    shown = {
        event.asset_key: set(event.step_materialization_data.materialization.metadata)
        for event in result.get_asset_materialization_events()
    }
    assert "calibration_curve" in shown[table_key("churn_calibration")]
    assert "lift_curve" in shown[table_key("churn_model_card")]
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks["beats_baselines"]
    # Two days later the same model scores, and nothing is trained.
    home, _ = night(tmp_path, ORDERS, AS_OF + timedelta(days=3))
    assert home.lake.scan(RECORDS["churn_models"]).collect().height == 1


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_model_is_trained_out_of_turn_when_the_probabilities_of_a_week_have_moved(
    tmp_path: Path, is_moved: bool
) -> None:
    monday, tuesday = AS_OF + timedelta(days=7), AS_OF + timedelta(days=8)
    night(tmp_path, ORDERS)
    # Everybody orders on the day after the training.
    names = ORDERS["customer_id"].unique().sort()
    rush = lake.orders(*({"customer_id": name, "ordered_at": str(tuesday), "channel": "web"} for name in names))
    home, result = night(
        tmp_path, rush.with_columns(order_id="rush-" + pl.col("order_id")) if is_moved else ORDERS, tuesday
    )
    assert result.success
    models = home.lake.scan(RECORDS["churn_models"]).sort("trained_at").collect()
    assert models["trained_at"].to_list() == ([AS_OF, monday, tuesday] if is_moved else [AS_OF, monday])
    risk = home.lake.scan_as_of(SEGMENTS["churn_risk"], tuesday).collect()
    assert set(risk["model_id"]) == {models["model_id"][-1]}


def test_where_a_training_out_of_turn_leaves_no_model_scores_and_card_are_both_of_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuesday = AS_OF + timedelta(days=1)
    night(tmp_path, ORDERS)

    def train_none_on_tuesday(*given: Any, as_of: date, settings: ChurnSettings, **named: Any) -> Training:
        too_many = {"min_customers": 10**6} if as_of == tuesday else {}
        return train(*given, as_of=as_of, settings=settings.model_copy(update=too_many), **named)

    monkeypatch.setattr("pipeline.assets.scores.train", train_none_on_tuesday)
    monkeypatch.setattr("pipeline.assets.scores.is_due_again", lambda *_, **__: True)
    home, _ = night(tmp_path, ORDERS, tuesday)
    risk = home.lake.scan_as_of(SEGMENTS["churn_risk"], tuesday).collect()
    assert "model" not in set(risk["method"])
    assert set(risk["model_id"]) == {RULE}
    card = home.lake.scan_as_of(SEGMENTS["churn_model_card"], tuesday).filter(pl.col("chosen")).collect()
    assert set(card["model"]) == {RULE}
    assert set(card["trained_at"]) == {tuesday}


def test_a_model_is_trained_again_bit_for_bit_from_the_lake_versions_of_its_record(tmp_path: Path) -> None:
    home, _ = night(tmp_path, ORDERS)
    (record,) = home.lake.scan(RECORDS["churn_models"]).collect().to_dicts()
    # Since then the lake has got older orders too.
    home.lake.merge(ENTITIES["orders"], shop(40, seed=9).with_columns(order_id="new-" + pl.col("order_id")).lazy())
    versions = json.loads(record["lake_versions"])
    assert versions["orders"] < home.lake.version(TABLES["orders"])
    orders = pl.scan_delta(home.lake.ensure(TABLES["orders"]).table_uri, version=versions["orders"])
    facts = order_facts(orders, time_zone=lake.AMSTERDAM, valid_statuses=lake.PAID).collect()
    again = train(sources(facts), as_of=record["trained_at"], **common())
    copy = to_record(
        again,
        trained_at=AS_OF,
        lake_versions=versions,
        n_orders=record["n_orders"],
        seed=record["seed"],
        settings_hash=record["settings_hash"],
    )
    assert copy == {name: record[name] for name in copy}


def test_an_earlier_prediction_is_judged_by_who_the_customer_is_now_and_counts_once_a_person(tmp_path: Path) -> None:
    home, _ = night(tmp_path, ORDERS)
    given = home.lake.scan_as_of(SEGMENTS["churn_risk"], AS_OF).collect()
    assert given["churn_probability"].null_count() == 0
    # Since then c0001 is known to be c0000, and c0002 has account a2, under which an order comes.
    joined = [
        {"identifier": name, "kind": "account", "customer_id": person, "rule": "same_row", "n_rows": 1}
        for name, person in (("c0001", "c0000"), ("c0002", "a2"))
    ]
    table = RECORDS["identity"]
    home.lake.merge(table, pl.LazyFrame(joined, schema=table.polars_schema))
    back = lake.orders({"order_id": "back", "customer_id": "a2", "ordered_at": str(AS_OF + timedelta(days=5))})
    home, _ = night(tmp_path, back, AS_OF + timedelta(days=31))
    of_all = home.lake.scan(SEGMENTS["churn_outcomes"]).filter(churn_band="all", prediction_date=AS_OF).collect()
    assert of_all.select("n", "n_churned").rows() == [(given.height - 1, given.height - 2)]


def test_with_few_customers_the_rule_of_days_is_published_and_nothing_is_recorded(tmp_path: Path) -> None:
    home, result = night(tmp_path, shop(20))
    assert result.success
    risk = home.lake.scan_as_of(SEGMENTS["churn_risk"], AS_OF).collect()
    assert set(risk["model_id"]) == {RULE}
    assert risk["churn_probability"].null_count() == risk.height
    card = home.lake.scan_as_of(SEGMENTS["churn_model_card"], AS_OF).collect()
    assert card.select("model", "chosen").rows() == [(RULE, True)]
    assert home.lake.scan(RECORDS["churn_models"]).collect().is_empty()


def test_the_horizon_is_proposed_from_the_facts_of_the_lake(tmp_path: Path) -> None:
    # Ann waits 10 and 20 days: at least four of five waits are over after 20, which three weeks hold.
    placed = lake.orders(*({"customer_id": "ann", "ordered_at": f"2026-05-{day}"} for day in ("01", "11", "31")))
    home, _ = night(tmp_path, placed)
    command = ["churn-horizon", "--config", str(tmp_path / "loyalty.yaml"), "--as-of", str(AS_OF)]
    said = CliRunner().invoke(app, command, env={"LOYALTY_HOME": str(home.path)})
    assert said.exit_code == 0, said.output
    assert "80% of waits between two days of purchase end within 20 days" in said.output
    assert "from 2 waits of 1 customers; who buys often has many" in said.output
    assert "proposed: churn: {horizon_days: 21}" in said.output


def test_a_shop_too_small_for_a_model_does_not_load_what_fits_one() -> None:
    """In a process of its own, as this one has loaded it."""
    code = """
import sys
from tests.unit.test_churn_models import trained
assert trained(min_customers=10**6).model is None
assert not {"scipy", "sklearn"} & sys.modules.keys()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_after_loading_the_libraries_a_training_brings_no_more_threads() -> None:
    """In a process of its own, as this one has them all; held back are the pools that are there when they are told."""
    code = """
from threadpoolctl import threadpool_info
from tests.unit.test_churn_models import trained
from pipeline.core.outlook.models import on_one_thread
with on_one_thread():
    before = threadpool_info()
    trained()
    assert len(before) > 1 and threadpool_info() == before, (before, threadpool_info())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_prediction_keeps_its_horizon_and_the_past_has_that_of_the_first_run(tmp_path: Path) -> None:
    past, first, second = date(2026, 5, 31), date(2026, 6, 10), date(2026, 6, 30)
    home = Home(root=str(tmp_path), lake_root=str(tmp_path / "lake"))
    # Of the past there is no model card, and no model is kept.
    for table, horizons in (
        ("churn_risk", {past: 0, first: 0, second: 0}),
        ("churn_model_card", {first: 30, second: 14}),
    ):
        schema = SEGMENTS[table].polars_schema
        for day, horizon_days in horizons.items():
            given = {"as_of_date": day, "horizon_days": horizon_days}
            home.lake.replace_as_of(
                SEGMENTS[table], day, pl.DataFrame([{name: given.get(name) for name in schema}], schema=schema)
            )
    later = date(2026, 7, 1)
    assert _horizons(home, [past, first, second, later], now=7) == {past: 30, first: 30, second: 14, later: 7}


def test_the_horizon_of_a_prediction_is_that_of_its_model_whatever_a_later_date_is_run_again_with(
    tmp_path: Path,
) -> None:
    past = AS_OF - timedelta(days=20)
    home, _ = night(tmp_path, ORDERS)
    given = home.lake.scan_as_of(SEGMENTS["churn_risk"], AS_OF).collect()
    home.lake.replace_as_of(SEGMENTS["churn_risk"], past, given.with_columns(as_of_date=pl.lit(past)))
    night(tmp_path, ORDERS, horizon_days=14)
    assert _horizons(home, [past, AS_OF], now=7) == {past: 30, AS_OF: 14}


def test_probabilities_for_another_horizon_have_not_drifted(tmp_path: Path) -> None:
    monday, tuesday = AS_OF + timedelta(days=7), AS_OF + timedelta(days=8)
    night(tmp_path, ORDERS, horizon_days=60)
    home, result = night(tmp_path, ORDERS, tuesday, horizon_days=14)
    models = home.lake.scan(RECORDS["churn_models"]).sort("trained_at").collect()
    assert models["trained_at"].to_list() == [AS_OF, monday]
    (steady,) = (check for check in result.get_asset_check_evaluations() if check.check_name == "steady")
    assert steady.passed
    assert steady.description == "no probabilities of a week before, for the same horizon, to compare with"


SURVEY = {
    "type": "relational",
    "items": {
        "q1": {"role": "satisfaction", "scale": [1, 5]},
        "q2": {"role": "repurchase", "scale": [1, 5]},
        "q3": {"role": "recommend", "scale": [0, 10], "nps": True},
    },
}
RATES = "date,currency,rate\n2026-06-01,USD,0.9\n"


def hashed(folder: Path, rates: str = RATES, **changes: Any) -> str:
    """The fingerprint of a training on AS_OF in a shop with changes to its configuration, and orders in euros."""
    (folder / "rates.csv").write_text(rates)
    tree = configuration(churn=FEW, surveys={"s": SURVEY}, currency={"rates": str(folder / "rates.csv")})
    tree |= {name: {**tree.get(name, {}), **given} for name, given in changes.items()}
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(tree))
    settings = load_settings(folder / "loyalty.yaml", home=folder / "home")
    return _settings_hash(settings, facts_now(Home.of(settings), settings), AS_OF)


def test_a_model_is_of_the_settings_that_its_features_rest_on_and_of_no_others(tmp_path: Path) -> None:
    lake_of_home = Home.of(load_settings(ROOT / "loyalty.yaml", home=tmp_path / "home")).lake
    lake_of_home.merge(ENTITIES["orders"], ORDERS.lazy())
    before = hashed(tmp_path)
    yen = RATES + "2026-06-01,EUR,160\n"
    items = SURVEY["items"]
    is_reversed = {**SURVEY, "items": {**items, "q1": {**items["q1"], "reversed": True}}}
    other = {
        "currency": hashed(tmp_path, yen, shop={"currency": "JPY"}),
        "time zone": hashed(tmp_path, shop={"time_zone": "UTC"}),
        "a rate by then": hashed(tmp_path, RATES.replace("0.9", "0.8")),
        "the age of a rate": hashed(tmp_path, currency={"max_rate_age_days": 9}),
        "reversed": hashed(tmp_path, surveys={"s": is_reversed}),
        "statuses": hashed(tmp_path, rfm={"valid_statuses": ["paid"]}),
        "free orders": hashed(tmp_path, orders={"free_orders": "count"}),
        "horizon": hashed(tmp_path, churn={"horizon_days": 14}),
    }
    assert before not in other.values()
    assert len(set(other.values())) == len(other)
    # Neither rates of later days, nor the language of short comments, nor a window of RFM moves a feature.
    later = RATES + f"{AS_OF + timedelta(days=1)},USD,0.7\n"
    assert hashed(tmp_path, later) == before
    assert hashed(tmp_path, shop={"language": "nl", "name": "Other"}) == before
    assert hashed(tmp_path, rfm={"window_days": 730}, retention={"editions": 3}) == before


@pytest.mark.parametrize("room", ["facts", "outlook"])
def test_a_model_of_another_program_is_trained_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str) -> None:
    home, _ = night(tmp_path, ORDERS)
    (before,) = home.lake.scan(RECORDS["churn_models"]).collect().to_dicts()
    known = program_of

    def program_of_next_release(of: ModuleType) -> str:
        return known(of) + ("next" if of.__name__ == f"pipeline.core.{room}" else "")

    for module in ("pipeline.facts", "pipeline.assets.scores"):
        monkeypatch.setattr(f"{module}.program_of", program_of_next_release)
    night(tmp_path, ORDERS, AS_OF + timedelta(days=2))
    (after,) = home.lake.scan(RECORDS["churn_models"]).collect().to_dicts()
    # From the same orders, so it is the same model by the same name.
    assert after["model_id"] == before["model_id"]
    assert after["settings_hash"] != before["settings_hash"]


def test_who_had_ordered_too_few_is_dated_by_the_day_that_was_judged(tmp_path: Path) -> None:
    monday, sunday = AS_OF, AS_OF + timedelta(days=6)
    early = ({"customer_id": f"c{n}", "ordered_at": str(monday)} for n in range(2))
    late = ({"customer_id": f"d{n}", "ordered_at": str(sunday)} for n in range(3))
    home, _ = night(tmp_path, lake.orders(*early, *late), sunday, min_customers=4)
    card = home.lake.scan_as_of(SEGMENTS["churn_model_card"], sunday).filter("chosen").collect()
    # On Monday, the day of trainings, there were two; by Sunday there are five, who are all banded.
    assert card.select("n", "why", "trained_at").unique().rows() == [
        (2, "the rule of days gives the bands: 2 customers with an order, below 4", monday)
    ]
    assert home.lake.scan_as_of(SEGMENTS["churn_risk"], sunday).collect().height == 5
