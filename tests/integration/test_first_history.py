"""The past that the first run gives the trends. What a segment is, is tested elsewhere."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from schemas.registry import SEGMENTS
from tests.integration.test_dates_at_once import COMPUTED
from tests.scenario import Shop, make_shop

MONTH_ENDS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
TODAY = date(2026, 6, 10)
ORDERED = {"c1": "2026-01-10", "c2": "2026-03-05", "c3": "2026-03-28", "c4": "2026-04-02", "c5": "2026-05-20"}
"""Customer -> the local date of the only order, of 100, 200, … 500 EUR."""
# By the days since it: active below 60, cooling_down from 60, at_risk from 120.
BANDS = {
    "2026-01-31": {"c1": "active"},  # 21
    "2026-03-31": {"c1": "cooling_down", "c2": "active", "c3": "active"},  # 80, 26, 3
    # 141, 87, 64, 59, 11
    "2026-05-31": {"c1": "at_risk", "c2": "cooling_down", "c3": "cooling_down", "c4": "active", "c5": "active"},
    # 151, 97, 74, 69, 21
    "2026-06-10": {"c1": "at_risk", "c2": "cooling_down", "c3": "cooling_down", "c4": "cooling_down", "c5": "active"},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Five customers with an order each, after the first run."""
    orders = [f"o{name},{name},{day} 12:00:00,paid,{100 * int(name[1])}.00" for name, day in ORDERED.items()]
    shop = make_shop(tmp_path_factory.mktemp("history"), orders, history="monthly")
    shop.ingest(str(TODAY))
    assert shop.compute(str(TODAY), *COMPUTED).success
    return shop


def test_every_month_end_since_the_first_order_is_computed(shop: Shop) -> None:
    for table in ("rfm", "churn_risk", "loyalty", "segment_sizes"):
        assert shop.lake.dates(SEGMENTS[table]) == [*MONTH_ENDS, TODAY], table
    # What no trend shows is of the run's date alone.
    assert shop.lake.dates(SEGMENTS["churn_model_card"]) == [TODAY]


@pytest.mark.parametrize(("day", "bands"), BANDS.items())
def test_the_bands_of_a_past_date_are_those_of_a_run_on_it(shop: Shop, day: str, bands: dict[str, str]) -> None:
    assert dict(shop.partition("churn_risk", day).select("customer_id", "churn_band").iter_rows()) == bands


def test_the_tiers_of_a_past_date_are_those_of_what_was_spent_by_then(shop: Shop) -> None:
    tiers = shop.partition("loyalty", "2026-03-31").select("customer_id", "tier")
    # Bronze from 100 EUR, silver from 250.
    assert dict(tiers.iter_rows()) == {"c1": "bronze", "c2": "bronze", "c3": "silver"}
    (gold,) = shop.partition("loyalty", str(TODAY)).filter(tier="gold")["customer_id"]
    assert gold == "c5"


def test_the_sizes_of_a_past_date_count_who_had_ordered(shop: Shop) -> None:
    sizes = shop.partition("segment_sizes", "2026-03-31").filter(kind="churn")
    assert dict(sizes.select("segment", "n_customers").iter_rows()) == {"active": 2, "cooling_down": 1}


def test_the_history_of_a_customer_begins_with_the_month_of_its_first_order(shop: Shop) -> None:
    changes = shop.lake.scan(SEGMENTS["segment_changes"]).filter(kind="churn", customer_id="c1").collect()
    assert changes.sort("as_of_date").select("as_of_date", "segment").rows() == [
        (date(2026, 1, 31), "active"),
        (date(2026, 3, 31), "cooling_down"),
        (date(2026, 5, 31), "at_risk"),
    ]


def test_migration_goes_from_month_end_to_month_end(shop: Shop) -> None:
    moved = shop.partition("segment_migration", "2026-05-31").filter(kind="churn")
    ways = moved.select("from_date", "from_segment", "to_segment", pl.col("n_customers"))
    # In April c1 was cooling down, and c2, c3 and c4 were active; c5 was not there.
    assert set(ways.rows()) == {
        (date(2026, 4, 30), "cooling_down", "at_risk", 1),
        (date(2026, 4, 30), "active", "cooling_down", 2),
        (date(2026, 4, 30), "active", "active", 1),
    }


def test_once_something_is_published_no_more_past_is_computed(shop: Shop) -> None:
    Path(shop.home / "editions").mkdir()
    (shop.home / "editions" / "000001-20260611T020000-abcdef01.duckdb").touch()
    shop.compute("2026-07-02", "rfm", "rfm_cut_points", "segment_map")
    assert shop.lake.dates(SEGMENTS["rfm"]) == [*MONTH_ENDS, TODAY, date(2026, 7, 2)]
