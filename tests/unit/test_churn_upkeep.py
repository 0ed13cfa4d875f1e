"""Which model a date is scored with: by its date, its settings, the orders it has seen, and how far its scores have moved."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.outlook.metrics import drift
from pipeline.core.outlook.upkeep import (
    Proof,
    current_record,
    drift_of,
    is_due_again,
    orders_by,
    predicted,
    prove,
    week_before,
)
from tests.unit import lake

AS_OF = date(2026, 7, 1)
MONDAY = date(2026, 6, 29)


def record(model_id: str, trained_at: date, *, n_orders: int = 100, settings_hash: str = "x") -> dict[str, Any]:
    return {"model_id": model_id, "trained_at": trained_at, "n_orders": n_orders, "settings_hash": settings_hash}


def found(*records: dict[str, Any], n_orders: int = 100) -> str | None:
    chosen = current_record(
        records,
        since=MONDAY,
        as_of=AS_OF,
        settings_hash=lambda _: "x",
        count_orders=lambda day: n_orders + (day - MONDAY).days,
    )
    return None if chosen is None else chosen["model_id"]


def test_the_newest_model_since_the_day_of_training_scores() -> None:
    monday, tuesday = record("m", MONDAY), record("t", MONDAY + timedelta(days=1))
    assert found(monday, tuesday) == found(tuesday, monday) == "t"
    assert found(record("old", MONDAY - timedelta(days=1)), record("later", AS_OF + timedelta(days=1))) is None
    assert found(record("a", MONDAY), record("b", MONDAY)) == "b"
    assert found() is None


def test_a_model_of_other_settings_or_of_another_shop_gives_way_to_an_earlier_one() -> None:
    monday = record("m", MONDAY)
    assert found(monday, record("t", AS_OF, settings_hash="y")) == "m"
    # On Wednesday the lake has 102 orders: more than a tenth more than 92.
    assert found(monday, record("t", AS_OF, n_orders=92)) == "m"
    assert found(monday, record("t", AS_OF, n_orders=93)) == "t"
    assert found(monday, n_orders=111) is None


def test_orders_are_counted_up_to_the_end_of_the_shops_day_whatever_their_status() -> None:
    placed = lake.orders(
        {"ordered_at": "2026-06-29 21:59"},
        {"ordered_at": "2026-06-29 22:00"},
        {"ordered_at": "2026-06-01", "status": "cancelled"},
    )
    assert orders_by(placed.lazy(), MONDAY) == 2
    assert orders_as_of(placed.lazy(), as_of=MONDAY).collect().height == 2


@pytest.mark.parametrize(
    ("days_before", "expected"), [([6, 15], None), ([7, 8], 7), ([14, 30], 14), ([1, 9, 13], 9), ([], None)]
)
def test_scores_are_held_against_the_newest_of_a_week_to_two_weeks_before(
    days_before: list[int], expected: int | None
) -> None:
    dates = [AS_OF - timedelta(days=days) for days in days_before]
    assert week_before(dates, AS_OF) == (None if expected is None else AS_OF - timedelta(days=expected))


def test_drift_is_that_of_the_known_probabilities_and_none_without_any() -> None:
    before, now = pl.Series([0.1, 0.2, None, 0.9]), pl.Series([None, 0.8, 0.9])
    expected = drift(before.drop_nulls().to_numpy(), now.drop_nulls().to_numpy())
    assert drift_of(before, now) == expected
    none = pl.Series([None, None], dtype=pl.Float64)
    assert drift_of(None, now) is drift_of(before, none) is drift_of(none, now) is None


def test_what_a_model_says_is_known_by_its_score_where_only_bands_are_published() -> None:
    rows = [
        {"method": "model", "churn_probability": 0.3, "churn_score": 9.0},
        {"method": "model", "churn_probability": None, "churn_score": 0.0},
        {"method": "rhythm_rule", "churn_probability": None, "churn_score": 2.0},
        {"method": "model", "churn_probability": 0.4, "churn_score": None},
    ]
    assert pl.DataFrame(rows).select(predicted()).to_series().to_list() == [0.3, 0.5, None, 0.4]


def test_a_model_is_trained_out_of_turn_only_when_an_older_one_has_drifted_beyond_the_limit() -> None:
    def is_due(moved: float | None, trained_at: date = MONDAY) -> bool:
        return is_due_again(moved, trained_at=trained_at, as_of=AS_OF, max_drift=0.2)

    assert is_due(0.21)
    assert not is_due(0.2)
    assert not is_due(None)
    assert not is_due(0.9, trained_at=AS_OF)


def card(
    *rows: tuple[str, float | None, float | None, int, bool], recalibrated: int = 0, publishes: str | None = None
) -> pl.DataFrame:
    """Rows of a model card, of which the first so many are recalibrated."""
    shown = [
        {"model": model, "cohort": cohort, "log_loss": loss, "ece": error, "n": n, "chosen": chosen}
        for model, loss, error, n, chosen in rows
        for cohort in ("all", "repeat")
    ]
    schema = {"model": pl.String, "cohort": pl.String, "log_loss": pl.Float64, "ece": pl.Float64, "n": pl.Int64}
    return pl.DataFrame(shown, schema=schema | {"chosen": pl.Boolean}).with_columns(
        is_recalibrated=pl.int_range(pl.len()) < 2 * recalibrated, publishes=pl.lit(publishes, pl.String)
    )


def test_the_calibration_error_of_a_recalibrated_model_is_that_of_the_cuts_that_it_was_recalibrated_at() -> None:
    rows = [("recency", 0.5, error, 600, True) for error in (0.01, 0.03, 0.09)]
    assert prove(card(*rows, recalibrated=2)).calibration_error == pytest.approx(0.02)
    assert prove(card(*rows, publishes="bands")).publishes == "bands"


def test_the_proof_is_the_mean_over_the_cuts_and_names_the_baselines_that_are_better() -> None:
    proof = prove(
        card(
            ("logistic", 0.5, 0.02, 600, True),
            ("logistic", 0.7, 0.06, 500, True),
            ("recency", 0.6, None, 600, False),
            ("bg_nbd", 0.59, None, 600, False),
            ("gradient_boosting", 0.1, None, 600, False),
            ("rfm_sum", None, None, 600, False),
        )
    )
    assert (proof.model, proof.n, proof.lost_to) == ("logistic", 1100, ("bg_nbd",))
    assert (proof.log_loss, proof.calibration_error) == (pytest.approx(0.6), pytest.approx(0.04))


def test_the_rule_of_days_has_nothing_to_prove() -> None:
    proof = prove(card(("rule_by_days", None, None, 20, True)))
    assert proof == Proof("rule_by_days", 20, None, None, ())
    assert proof.is_calibrated(0.05, n_least=1)


def test_a_calibration_error_counts_from_the_least_number_of_customers() -> None:
    proof = Proof("logistic", 999, 0.5, 0.05, ())
    assert proof.is_calibrated(0.05, n_least=1000)
    assert not proof.is_calibrated(0.05, n_least=999)
    assert proof.is_calibrated(0.051, n_least=999)
