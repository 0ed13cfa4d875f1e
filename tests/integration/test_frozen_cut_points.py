"""The asset of RFM with `freeze_cut_points`: which date's cut points score a date."""

from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl

from pipeline.assets.rfm_sci import segment_assets
from pipeline.configuration import load_settings
from pipeline.resources import Home
from schemas.registry import ENTITIES, SEGMENTS
from tests.scenario import Shop, make_shop
from tests.unit.lake import customers, orders

CUTS = SEGMENTS["rfm_cut_points"]
FIRST, SECOND, THIRD = date(2026, 6, 28), date(2026, 6, 29), date(2026, 6, 30)


def run_dates(folder: Path, *days: date, freeze: bool) -> pl.DataFrame:
    """RFM of these dates in this order, in a shop that sells more each day: the highest monetary cut points, and the methods."""
    shop = make_shop(folder, [], rfm={"freeze_cut_points": freeze})
    settings = load_settings(shop.config, home=shop.home)
    placed = [
        {"customer_id": f"c{number}", "ordered_at": f"{day} 10:00", "gross_amount": (100 + number) * factor}
        for factor, day in ((1, FIRST), (2, SECOND), (3, THIRD))
        for number in range(10)
    ]
    shop.lake.merge(ENTITIES["orders"], orders(*placed).lazy())
    shop.lake.merge(ENTITIES["customers"], customers(*(f"c{number}" for number in range(10))).lazy())
    rfm = next(found for found in segment_assets(settings) if found.node_def.name == "rfm")
    for day in days:
        done = dg.materialize(
            [rfm],
            partition_key=str(day),
            resources={"home": Home.of(settings, is_locked=True)},
            instance=dg.DagsterInstance.ephemeral(),
        )
        assert done.success
    rows = shop.lake.scan(CUTS).filter(dimension="monetary", bin=5).sort("as_of_date")
    return rows.select("as_of_date", "method", "lower", "upper", "n_customers").collect()


def test_a_date_is_scored_by_the_cut_points_of_the_newest_earlier_date(tmp_path: Path) -> None:
    # The two best of ten customers have spent 1.08 and 1.09; later everybody is beyond that.
    assert run_dates(tmp_path, FIRST, THIRD, freeze=True).rows() == [
        (FIRST, "rank", 108, None, 2),
        (THIRD, "frozen", 108, None, 10),
    ]


def test_later_dates_hand_the_same_cut_points_on_and_no_date_uses_those_of_a_later_one(tmp_path: Path) -> None:
    # On the second day all have spent three times as much: the best two 3.24 and 3.27.
    assert run_dates(tmp_path, SECOND, THIRD, FIRST, freeze=True).rows() == [
        (FIRST, "rank", 108, None, 2),
        (SECOND, "rank", 324, None, 2),
        (THIRD, "frozen", 324, None, 10),
    ]


def test_without_freezing_every_date_is_scored_by_the_method(tmp_path: Path) -> None:
    assert run_dates(tmp_path, FIRST, THIRD, freeze=False).rows() == [
        (FIRST, "rank", 108, None, 2),
        (THIRD, "rank", 648, None, 2),
    ]


def test_cut_points_in_another_currency_score_no_later_date(tmp_path: Path) -> None:
    run_dates(tmp_path, FIRST, freeze=True)
    told = {"as_of_date": [FIRST], "setting": ["shop.currency"], "value": ["USD"]}
    Shop(tmp_path).lake.replace_as_of(SEGMENTS["settings_used"], FIRST, pl.DataFrame(told))
    # As without freezing.
    assert run_dates(tmp_path, THIRD, freeze=True).rows() == [
        (FIRST, "rank", 108, None, 2),
        (THIRD, "rank", 648, None, 2),
    ]


def test_the_first_date_run_again_keeps_its_own_cut_points_and_takes_none_of_its_past(tmp_path: Path) -> None:
    # In May customer n spends 100 + n, in June three times that: the best two have 108 and 109 by May, 432 and 436 by June.
    lines = [
        f"o{factor}-{n},c{n},{day} 12:00:00,paid,{factor * (100 + n)}.00"
        for factor, day in ((1, "2026-05-10"), (3, FIRST))
        for n in range(10)
    ]
    shop = make_shop(tmp_path, lines, rfm={"freeze_cut_points": True}, history="monthly")
    churn = ("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes")
    tables = ("rfm", "rfm_cut_points", "segment_map", *churn)
    shop.ingest(str(FIRST))
    shop.compute(str(FIRST), *tables)
    (shop.home / "editions").mkdir()
    (shop.home / "editions" / "000001-first.duckdb").touch()
    for day in (FIRST, SECOND):
        shop.compute(str(day), *tables, force="true")
    rows = shop.lake.scan(CUTS).filter(dimension="monetary", bin=5).sort("as_of_date")
    assert rows.select("as_of_date", "method", "lower", "n_customers").collect().rows() == [
        (date(2026, 5, 31), "rank", 10_800, 2),
        (FIRST, "rank", 43_200, 2),
        (SECOND, "frozen", 43_200, 2),
    ]
