"""The check that tells when RFM means little, on partitions made by hand."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from pipeline.checks import judge_size_and_history
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.lake import Lake
from schemas.registry import SEGMENTS

AS_OF = date(2026, 6, 30)
RFM = SEGMENTS["rfm"]


def judge(folder: Path, days: list[tuple[int, int]], **limits: int) -> dg.AssetCheckResult:
    """The check on customers who bought first and last so many days ago, and on one who never did."""
    lake = Lake(str(folder))
    known = {"as_of_date": AS_OF, "frequency": 0, "monetary": 0, "state": "lapsed", "segment": "lapsed"}
    rows = [dict.fromkeys(RFM.polars_schema) | known | {"customer_id": "never"}]
    for number, (first, last) in enumerate(days):
        dates = {"first_order_date": AS_OF - timedelta(days=first), "last_order_date": AS_OF - timedelta(days=last)}
        rows.append(rows[0] | dates | {"customer_id": f"c{number}"})
    lake.replace_as_of(RFM, AS_OF, pl.DataFrame(rows, schema=RFM.polars_schema))
    found = judge_size_and_history(lake, AS_OF, RfmSettings.model_validate(limits))
    assert found.severity == dg.AssetCheckSeverity.WARN
    return found


def figures(result: dg.AssetCheckResult) -> dict[str, Any]:
    return {name: value.value for name, value in result.metadata.items()}


def test_five_hundred_customers_with_half_a_year_and_a_fresh_order_are_enough(tmp_path: Path) -> None:
    found = judge(tmp_path, [(180, 29)] + [(100, 40)] * 499)
    assert found.passed
    assert figures(found) == {"customers": 500, "history_days": 180, "idle_days": 29}


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([(180, 29)] + [(100, 40)] * 498, "499 customers with an order, below 500"),
        ([(179, 29)] + [(100, 40)] * 499, "179 days of history, below 180"),
        ([(180, 30)] + [(100, 40)] * 499, "no order in the last 30 days"),
    ],
)
def test_each_of_the_three_is_a_warning_with_its_figure(
    tmp_path: Path, days: list[tuple[int, int]], words: str
) -> None:
    found = judge(tmp_path, days)
    assert not found.passed
    assert found.description == f"RFM as of 2026-06-30 means little: {words}"


def test_a_shop_without_an_order_shows_all_three(tmp_path: Path) -> None:
    words = "0 customers with an order, below 500; 0 days of history, below 180; no order in the last 30 days"
    found = judge(tmp_path, [])
    assert found.description == f"RFM as of 2026-06-30 means little: {words}"


def test_the_limits_are_configuration(tmp_path: Path) -> None:
    limits = {"gate_min_customers": 1, "gate_min_history_days": 5, "gate_max_idle_days": 6}
    assert judge(tmp_path, [(5, 5)], **limits).passed
    assert not judge(tmp_path, [(5, 5)], **limits | {"gate_max_idle_days": 5}).passed
