"""A shop that some customers leave, for tests of churn. No expected value belongs here."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from pipeline.assets.scores import READS
from pipeline.core.outlook.features import Sources
from pipeline.core.outlook.settings import ChurnSettings
from tests.unit import lake

AS_OF = date(2026, 6, 29)
"""A Monday: models are trained on it."""
FEW = {"min_customers": 50, "min_window_customers": 30, "horizon_days": 30}


def shop(n: int = 300, *, seed: int = 3, days: int = 240) -> pl.DataFrame:
    """Orders of customers with rates of their own, some of whom leave."""
    draw = np.random.default_rng(seed)
    rows = []
    for customer in range(n):
        day, wait = draw.uniform(0, days), draw.gamma(2, 20)
        while day < days:
            placed = AS_OF - timedelta(days=int(days - day))
            rows.append({"customer_id": f"c{customer:04}", "ordered_at": str(placed), "channel": "web"})
            if draw.random() < 0.1:
                break
            day += draw.exponential(wait) + 1
    return lake.orders(*rows)


ORDERS = shop()


def sources(orders: pl.DataFrame) -> Sources:
    lines, reviews, responses, answers, touchpoints = (lake.table(name, []) for name in READS[1:])
    said = lake.answered(responses, answers, orders)
    return Sources(orders.lazy(), lines.lazy(), reviews.lazy(), said.lazy(), touchpoints.lazy())


def common() -> dict[str, Any]:
    return {"settings": ChurnSettings(**FEW)}
