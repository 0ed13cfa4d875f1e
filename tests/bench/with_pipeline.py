"""The job's core as the pipeline does it: check every chunk, score, write. `python -m tests.bench.with_pipeline ORDERS CUSTOMERS SCORES`.

Prints what it found as JSON, for the comparison with `with_sql`.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import polars as pl

from pipeline.core.behaviour.rfm import count_scored, customer_values, find_scoring, score_rfm
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.customers import customer_facts, customers_as_of
from pipeline.core.facts.orders import order_facts, orders_as_of
from pipeline.core.ingest.quarantine import count_by_rule
from pipeline.core.local_dates import with_local_dates
from pipeline.sources.mapping import ROWS_PER_CHUNK
from schemas.faults import find_faults
from schemas.orders import Orders
from tests.bench import AS_OF, TIME_ZONE

POSITION = "position"


def run(orders: Path, customers: Path, scores: Path) -> dict[str, object]:
    """Write the scores and cut points of all orders without a fault; returns rejected rows by rule and segment sizes."""
    faulty: list[pl.Series] = []
    rejected: Counter[str] = Counter()
    rows_seen = 0
    for chunk in pl.scan_parquet(orders).collect_batches(chunk_size=ROWS_PER_CHUNK, maintain_order=True):
        faults = find_faults(chunk, Orders)
        faulty.append(faults["row"].unique() + rows_seen)
        rejected.update(count_by_rule(faults))
        rows_seen += chunk.height
    by = RfmSettings()
    placed = order_facts(_without(orders, pl.concat(faulty)), time_zone=TIME_ZONE, valid_statuses=by.valid_statuses)
    accounts = with_local_dates(pl.scan_parquet(customers).with_columns(account_id="customer_id"), TIME_ZONE)
    known = customers_as_of(customer_facts(accounts, placed), as_of=AS_OF)
    placed_then = orders_as_of(placed, as_of=AS_OF)
    values = customer_values(placed_then, known, as_of=AS_OF, settings=by).collect(engine="streaming").lazy()
    scoring = find_scoring(count_scored(values).collect(engine="streaming"), as_of=AS_OF, settings=by)
    scored = score_rfm(values, scoring, as_of=AS_OF, settings=by).collect(engine="streaming")
    scored.write_parquet(scores / "scores.parquet")
    scoring.cut_points.write_parquet(scores / "cut_points.parquet")
    sizes = scored.group_by("segment").agg(
        pl.len(), pl.col("r_score", "f_score", "m_score").sum(), pl.col("monetary").sum()
    )
    return {"rejected": dict(rejected), "segments": {row[0]: row[1:] for row in sizes.iter_rows()}}


def _without(orders: Path, faulty: pl.Series) -> pl.LazyFrame:
    rows = pl.scan_parquet(orders, row_index_name=POSITION)
    return rows.filter(~pl.col(POSITION).is_in(faulty.implode())).drop(POSITION)


if __name__ == "__main__":
    print(json.dumps(run(*(Path(argument) for argument in sys.argv[1:4]))))
