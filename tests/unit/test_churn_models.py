"""Models, their choice, their record, and the scores made with them."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.settings import LoyaltySettings
from pipeline.core.outlook import scores
from pipeline.core.outlook.backtest import Training, choose, train
from pipeline.core.outlook.buy_till_you_die import NotFitted
from pipeline.core.outlook.churn_rule import RULE
from pipeline.core.outlook.features import FEATURES, GROUPS, churn_features, matrix
from pipeline.core.outlook.model_records import from_record, to_record
from pipeline.core.outlook.models import BOOSTING, CANDIDATES, Window, contributions, fit, p_buy
from pipeline.core.outlook.outcomes import churn_outcomes, ripe_dates
from pipeline.core.outlook.scores import expected_values, score_customers
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.outlook.upkeep import is_current, training_date
from schemas.churn import CHURN_REASONS
from schemas.registry import SEGMENTS
from tests.leavers import AS_OF, FEW, ORDERS, common, sources
from tests.unit import lake


def trained(orders: pl.DataFrame = ORDERS, as_of: date = AS_OF, **settings: Any) -> Training:
    given = common() | {"settings": ChurnSettings(**FEW | settings)}
    return train(sources(orders), as_of=as_of, **given)


@pytest.fixture(scope="module")
def training() -> Training:
    return trained()


@pytest.fixture(scope="module")
def window() -> Window:
    found = churn_features(sources(ORDERS), cut=AS_OF, **common())
    bought = (np.arange(found.height) % 3 == 0).astype(float) * (found["days_since"].to_numpy() < 90)
    return Window(found, bought, bought * 1000)


# Models


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_model_survives_json_bit_for_bit_and_gives_probabilities(name: str, window: Window) -> None:
    model = fit(name, [window, window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    read = json.loads(json.dumps(model))
    given = p_buy(model, window.features)
    assert (given == p_buy(read, window.features)).all()
    assert ((given >= 0) & (given <= 1)).all()


def test_that_nobody_came_back_does_not_make_it_impossible(window: Window) -> None:
    nobody = replace(window, bought=np.zeros(99), spent=np.zeros(99))
    model = fit("base_rate", [nobody], horizon_days=30, seed=1)
    # Jeffreys: half a customer of 100.
    assert model == {"kind": "constant", "p_buy": 0.005}


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_model_does_not_depend_on_which_customers_are_scored_with_it_but_for_ranks(name: str, window: Window) -> None:
    if name == "rfm_sum":
        return
    model = fit(name, [window, window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    np.testing.assert_allclose(p_buy(model, window.features)[:7], p_buy(model, window.features[:7]), rtol=1e-12)


def test_the_trees_give_what_scikit_learn_gives(window: Window) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = fit("gradient_boosting", [window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    values = matrix(window.features)
    theirs = HistGradientBoostingClassifier(random_state=1, **BOOSTING).fit(values, window.bought)
    np.testing.assert_allclose(p_buy(model, window.features), theirs.predict_proba(values)[:, 1], rtol=1e-9)


def test_contributions_of_a_linear_model_add_up_to_the_distance_from_the_mean_customer(window: Window) -> None:
    model = fit("logistic", [window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    given, moved = contributions(model, window.features)
    odds = np.log(given / (1 - given))
    np.testing.assert_allclose(odds, model["intercept"] - moved.sum(axis=1), atol=1e-8)


def test_contributions_of_trees_add_up_to_the_log_odds(window: Window) -> None:
    model = fit("gradient_boosting", [window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    given, moved = contributions(model, window.features)
    start = model["start"] + sum(tree["value"][0] for tree in model["trees"])
    np.testing.assert_allclose(np.log(given / (1 - given)), start - moved.sum(axis=1), atol=1e-8)


def test_silence_speaks_for_churn_and_a_recent_order_against_it(window: Window) -> None:
    for name in ("recency", "bg_nbd", "rfm_sum"):
        model = fit(name, [window], horizon_days=30, seed=1)
        assert not isinstance(model, NotFitted)
        _, moved = contributions(model, window.features)
        recency = moved[:, list(GROUPS).index("recency")]
        silence = window.features["days_since"].to_numpy()
        assert recency[silence > 150].mean() > 0 > recency[silence < 10].mean()


@pytest.mark.parametrize("name", ["logistic", "gradient_boosting"])
def test_a_model_calibrated_on_a_window_kept_from_it_expects_as_many_buyers_as_there_were(
    name: str, window: Window
) -> None:
    # Of those who bought before, the newest window keeps every second: what was learnt is too high for it.
    newest = replace(window, bought=window.bought * (np.arange(window.bought.size) % 2))
    plain = fit(name, [window], horizon_days=30, seed=1)
    calibrated = fit(f"{name}_calibrated", [newest, window], horizon_days=30, seed=1)
    assert not isinstance(plain, NotFitted)
    assert not isinstance(calibrated, NotFitted)
    before, after = (p_buy(model, window.features) for model in (plain, calibrated))
    assert before.mean() == pytest.approx(window.bought.mean(), abs=0.02)
    # The intercept of a logistic regression is not penalised: its predictions sum to what happened.
    assert after.mean() == pytest.approx(newest.bought.mean(), abs=1e-6)
    assert (np.argsort(after, kind="stable") == np.argsort(before, kind="stable")).all()


def test_calibration_needs_a_window_of_its_own_with_both_outcomes(window: Window) -> None:
    alone = fit("logistic_calibrated", [window], horizon_days=30, seed=1)
    assert alone == NotFitted("one training window, and calibration needs another")
    silent = replace(window, bought=np.zeros_like(window.bought))
    refused = fit("gradient_boosting_calibrated", [silent, window], horizon_days=30, seed=1)
    assert refused == NotFitted("all customers of the newest training window did the same")


def test_customers_who_all_did_the_same_teach_nothing(window: Window) -> None:
    same = replace(window, bought=np.ones(window.features.height))
    assert fit("logistic", [same], horizon_days=30, seed=1) == NotFitted(
        "all customers of the training windows did the same"
    )


# The choice


def losses(**means: list[float]) -> dict[str, Any]:
    base = {"base_rate": [0.9, 0.9, 0.9], "recency": [0.8, 0.8, 0.8], "rfm_sum": [0.7, 0.7, 0.7]}
    return {name: np.array(values) for name, values in (base | means).items()}


def test_the_lowest_log_loss_is_chosen_when_it_is_clearly_lowest() -> None:
    chosen, why = choose(losses(logistic=[0.6, 0.6, 0.6], gradient_boosting=[0.5, 0.51, 0.5]))
    assert chosen == "gradient_boosting"
    assert why["logistic"].startswith("not chosen: mean log-loss 0.6000 over 3 cuts, +0.0967 to gradient_boosting")


def test_within_one_standard_error_the_simpler_is_chosen() -> None:
    # Differences .03, -.02 and .02: mean .01, standard deviation .0265, standard error .0153.
    chosen, why = choose(losses(logistic=[0.53, 0.48, 0.52], gradient_boosting=[0.5, 0.5, 0.5]))
    assert chosen == "logistic"
    assert "simplest within one standard error of the lowest" in why["logistic"]


def test_a_model_that_loses_to_a_baseline_is_never_chosen() -> None:
    # Within one standard error of the best, but worse than the RFM sum, which is best itself.
    chosen, why = choose(losses(logistic=[0.72, 0.69, 0.70]))
    assert chosen == "rfm_sum"
    assert why["rfm_sum"].endswith("no model beats every baseline")
    assert why["logistic"].endswith("worse than the best baseline at 0.7000")


def test_the_simpler_model_within_one_standard_error_must_beat_the_baselines_too() -> None:
    # Differences of MBG/NBD .03, -.02, .02: within one standard error (.0153) of the best, but worse than BG/NBD.
    given = losses(bg_nbd=[0.505] * 3, mbg_nbd=[0.53, 0.48, 0.52], gradient_boosting=[0.5] * 3)
    chosen, why = choose(given)
    assert chosen == "gradient_boosting"
    assert why["mbg_nbd"].endswith("worse than the best baseline at 0.5050")


def test_where_nothing_beats_it_the_base_rate_is_published() -> None:
    worse = {name: [1.0, 1.0] for name in CANDIDATES}
    chosen, _ = choose({name: np.array(values) for name, values in (worse | {"base_rate": [0.1, 0.1]}).items()})
    assert chosen == "base_rate"


# The backtest


def test_the_backtest_has_three_cuts_a_horizon_apart_for_each_candidate_and_cohort(training: Training) -> None:
    cuts = [AS_OF - timedelta(days=days) for days in (30, 60, 90)]
    keys = [(row.model, row.cut_date, row.cohort) for row in training.card]
    assert keys == [
        (model, cut, cohort) for model in CANDIDATES for cut in cuts for cohort in ("all", "one_time", "repeat")
    ]
    whole = {row.cut_date: row.n for row in training.card if row.cohort == "all"}
    parts = [row for row in training.card if row.model == "recency" and row.cohort != "all"]
    assert all(sum(row.n for row in parts if row.cut_date == cut) == n for cut, n in whole.items())


def test_the_outcome_is_an_order_in_the_horizon_after_the_cut(training: Training) -> None:
    cut, end = AS_OF - timedelta(days=30), AS_OF
    day = pl.col("ordered_at").dt.date()
    known = set(ORDERS.filter(day <= cut)["customer_id"])
    back = set(ORDERS.filter((day > cut) & (day <= end))["customer_id"])
    (row,) = [row for row in training.card if (row.model, row.cut_date, row.cohort) == ("recency", cut, "all")]
    assert row.n == len(known)
    assert row.base_rate == pytest.approx(1 - len(known & back) / len(known))


def test_a_cancellation_invoice_lowers_what_buyers_spent_and_makes_nobody_a_buyer(training: Training) -> None:
    day, newest = pl.col("ordered_at").dt.date(), AS_OF - timedelta(days=30)
    everyone = ORDERS.filter(day <= newest)["customer_id"].unique().sort()
    bought = ORDERS.filter((day > newest) & pl.col("customer_id").is_in(everyone.implode()))
    invoice = {"ordered_at": str(AS_OF), "status": "returned", "gross_amount": 0, "refund_amount": 100}
    invoices = lake.orders(*(invoice | {"customer_id": name} for name in everyone)).with_columns(
        order_id="invoice-" + pl.col("order_id")
    )
    found = trained(pl.concat([ORDERS, invoices]))
    assert found.value is not None
    # Every order is of 1000, and every buyer has one invoice of 100.
    assert found.value["spend_if_bought"]["all"] == pytest.approx(
        1000 * bought.height / bought["customer_id"].n_unique() - 100
    )
    assert [(row.n, row.base_rate) for row in found.card] == [(row.n, row.base_rate) for row in training.card]


def test_the_published_model_is_at_least_as_good_as_every_baseline(training: Training) -> None:
    def mean(name: str) -> float:
        found = [row.log_loss for row in training.card if (row.model, row.cohort) == (name, "all")]
        return float(np.mean([value for value in found if value is not None]))

    assert all(mean(training.chosen) <= mean(name) for name in ("base_rate", "recency", "rfm_sum", "bg_nbd"))


def test_orders_after_as_of_change_neither_the_model_nor_its_proof(training: Training) -> None:
    later = ORDERS.with_columns(
        pl.col("ordered_at", "ordered_date") + timedelta(days=300),
        order_id=pl.concat_str(pl.lit("later-"), "order_id"),
    )
    assert trained(pl.concat([ORDERS, later])) == training


def test_the_same_tables_and_settings_give_the_same_model_bit_for_bit(training: Training) -> None:
    def parameters(found: Training) -> str:
        record = to_record(found, trained_at=AS_OF, lake_versions={}, n_orders=1, seed=1, settings_hash="")
        return json.dumps(record, default=str)

    assert parameters(trained(ORDERS.reverse())) == parameters(training)


def test_too_few_customers_leave_the_rule_of_days_and_the_card_says_so() -> None:
    found = trained(min_customers=500)
    assert (found.chosen, found.model) == (RULE, None)
    (row,) = found.card
    assert row.why.endswith("customers with an order, below 500")


def test_fewer_than_two_windows_leave_the_rule_of_days() -> None:
    found = trained(as_of=AS_OF - timedelta(days=190))
    assert found.chosen == RULE
    assert "windows of 30 days" in found.why


def test_a_training_reads_back_from_its_record(training: Training) -> None:
    record = to_record(training, trained_at=AS_OF, lake_versions={}, n_orders=100, seed=1, settings_hash="x")
    assert from_record(record) == training
    assert record["model_id"].startswith(f"20260629-{training.chosen}-")
    assert is_current(record, settings_hash="x", n_orders=110)
    assert not is_current(record, settings_hash="x", n_orders=111)
    assert not is_current(record, settings_hash="y", n_orders=100)


def test_models_are_trained_on_mondays_whatever_day_is_run() -> None:
    week = [AS_OF + timedelta(days=number) for number in range(8)]
    due = [training_date(day, every_days=7) for day in week]
    assert due == [AS_OF] * 7 + [AS_OF + timedelta(days=7)]


# Scores


def scored(features: pl.DataFrame, p: list[float], value: dict[str, Any]) -> pl.DataFrame:
    """Scores with a recency model that gives exactly the probabilities."""
    odds = np.log(np.array(p) / (1 - np.array(p)))
    given = features.with_columns(log_recency=pl.Series(odds))
    model = {"kind": "linear", "inputs": "recency", "means": [0.0], "weights": [1.0], "intercept": 0.0}
    return score_customers(given, model, value, as_of=AS_OF, model_id="m", settings=ChurnSettings())


MEANS = {"process": None, "spend": None, "spend_if_bought": {"all": 900.0, "one_time": 1000.0, "repeat": 2000.0}}


def customers(window: Window, *, n_days: int, silence: list[int]) -> pl.DataFrame:
    rows = window.features.head(len(silence))
    return rows.with_columns(
        n_days=pl.lit(n_days, pl.Int64), days_since=pl.Series(silence), is_repeat=float(n_days > 1)
    )


def test_bands_of_repeat_customers_are_by_the_probability_to_buy(window: Window) -> None:
    found = scored(customers(window, n_days=3, silence=[5] * 6), [0.61, 0.59, 0.49, 0.34, 0.19, 0.201], MEANS)
    assert found["band"].to_list() == [
        "active", "cooling_down", "at_risk", "highly_at_risk", "lost", "highly_at_risk",
    ]  # fmt: skip
    assert set(found["method"]) == {"model"}


def test_bands_of_one_time_buyers_are_by_the_days_since_at_their_edges(window: Window) -> None:
    found = scored(customers(window, n_days=1, silence=[59, 60, 120, 180, 239, 240]), [0.9] * 6, MEANS)
    assert found["band"].to_list() == ["active", "cooling_down", "at_risk", "highly_at_risk", "highly_at_risk", "lost"]
    assert set(found["method"]) == {"one_time_rule"}
    assert found["overdue_ratio"].null_count() == 6


def test_value_by_the_mean_of_the_cohort(window: Window) -> None:
    # Buyers of the cohort spent 2,000: a quarter of it is expected, three quarters are at risk; a year is 365/90 as much.
    row = scored(customers(window, n_days=3, silence=[5]), [0.25], MEANS).row(0, named=True)
    assert (row["expected_spend_h"], row["value_at_risk"], row["expected_value_365d"]) == (500, 1500, 2028)
    assert row["value_basis"] == "cohort_mean"
    assert row["churn_probability"] == pytest.approx(0.75)


def test_value_by_the_model_splits_the_spend_of_a_buyer_between_expected_and_at_risk(window: Window) -> None:
    value = {"process": [0.7, 8.0, 1.0, 5.0], "spend": [6.0, 4.0, 3000.0], "spend_if_bought": {}}
    given = np.full(window.features.height, 0.3)
    if_bought, year, basis = expected_values(given, window.features, value, 90)
    assert basis == "model"
    # A buyer buys at least once; the year holds the horizon.
    assert (if_bought > 0).all()
    assert (year >= 0.3 * if_bought - 1e-6).all()


def test_a_shop_in_which_nobody_bought_has_no_value(window: Window) -> None:
    nothing = {"process": None, "spend": None, "spend_if_bought": {"all": None, "one_time": None, "repeat": None}}
    row = scored(customers(window, n_days=3, silence=[5]), [0.25], nothing).row(0, named=True)
    assert [row[name] for name in ("expected_spend_h", "value_at_risk", "expected_value_365d", "value_basis")] == [
        None
    ] * 4


def test_scores_keep_the_contract_and_reasons_come_from_the_closed_list(training: Training, window: Window) -> None:
    assert training.model is not None
    assert training.value is not None
    found = score_customers(
        window.features, training.model, training.value, as_of=AS_OF, model_id="m", settings=ChurnSettings(**FEW)
    )
    SEGMENTS["churn_risk"].model.validate(found.select(SEGMENTS["churn_risk"].polars_schema.names()))
    assert found.filter(pl.col("reason_1").is_null() & pl.col("reason_2").is_not_null()).is_empty()


def test_the_first_reason_of_a_silent_customer_is_the_silence(window: Window) -> None:
    model = fit("recency", [window], horizon_days=30, seed=1)
    assert not isinstance(model, NotFitted)
    found = score_customers(window.features, model, MEANS, as_of=AS_OF, model_id="m", settings=ChurnSettings())
    longest = found.sort("days_since_last_order").row(-1, named=True)
    latest = found.sort("days_since_last_order").row(0, named=True)
    assert (longest["reason_1"], longest["reason_2"]) == ("long_silence", None)
    assert latest["reason_1"] == "bought_recently"


def test_four_stars_of_five_are_high_as_they_are_for_an_ambassador(window: Window) -> None:
    # From the middle of the scale 4 of 5 stars are a quarter.
    for stars, word in ((0.25, "high_stars"), (0.2, "low_stars")):
        features = window.features.with_columns(has_stars=pl.lit(1.0), stars=pl.lit(stars))
        state = scores._states(features)[list(GROUPS).index("stars")]
        assert [CHURN_REASONS[code] for code in state.unique()] == [word]
    assert LoyaltySettings().ambassador_min_rating_pomp == JourneySettings().satisfied_min_rating_pomp == 75


# Outcomes


def test_only_predictions_whose_horizon_is_over_have_an_outcome() -> None:
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 2, 27), date(2026, 2, 28)]
    # 90 days before 29 June is 31 March: the day itself is ripe, the next is not; February shows its last.
    assert ripe_dates(days, as_of=AS_OF, horizon_days=90) == [date(2026, 2, 28), date(2026, 3, 31)]


def test_outcomes_by_hand() -> None:
    day = date(2026, 3, 31)
    given = [("ann", "active", 0.2), ("bob", "active", 0.4), ("cis", "lost", 0.9), ("dee", "lost", None)]
    predictions = pl.LazyFrame(
        [{"customer_id": c, "as_of_date": day, "band": b, "churn_probability": p} for c, b, p in given]
    )
    # On the last day of the horizon, on the day itself, and a day too late.
    orders = lake.orders(
        {"customer_id": "ann", "ordered_at": "2026-06-29"},
        {"customer_id": "bob", "ordered_at": "2026-03-31"},
        {"customer_id": "cis", "ordered_at": "2026-06-30"},
    )
    found = churn_outcomes(
        orders_as_of(orders.lazy(), as_of=date(2026, 7, 15)),
        predictions,
        as_of=date(2026, 7, 15),
        settings=ChurnSettings(min_n=2),
    ).collect()
    SEGMENTS["churn_outcomes"].model.validate(found)
    rows = {row["band"]: row for row in found.to_dicts()}
    assert {band: (row["n"], row["n_churned"], row["observed"]) for band, row in rows.items()} == {
        "active": (2, 1, 0.5),
        "lost": (1, 1, None),
        "all": (3, 2, pytest.approx(2 / 3)),
    }
    assert rows["all"]["mean_predicted"] == pytest.approx(0.5)
    assert [rows[band]["is_suppressed"] for band in ("active", "lost")] == [False, True]


def test_every_group_of_features_has_words_for_it(window: Window) -> None:
    assert len(FEATURES) == len(set(FEATURES)) == matrix(window.features).shape[1]
