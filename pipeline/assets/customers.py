"""The asset step of cohorts and preferences, one partition per as_of date."""

from collections.abc import Iterable, Iterator
from datetime import date

import dagster as dg
import polars as pl

from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.core.behaviour.cohorts import count_cohorts, follow_cohorts, purchase_months
from pipeline.core.behaviour.evidence import count_habits, find_evidence
from pipeline.core.behaviour.preferences import find_preferences, shop_habits
from pipeline.core.facts.orders import orders_as_of
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

COHORT_TABLES = ("cohort_retention", "repeat_purchase")
PREFERENCE_TABLES = ("customer_preferences", "customer_categories")


def customer_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Cohort retention, repeat purchase and preferences, in one step."""
    reads = ("orders", "order_lines", "touchpoints", "customers")
    specs = segment_specs(*COHORT_TABLES, *PREFERENCE_TABLES, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="customers_followed", specs=specs, pool=POOL)
    def customers_followed(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        by = settings.preferences

        def compute(facts: Facts, as_of: date) -> Iterator[Frames]:
            (rfm,) = read_segments(facts, as_of, "rfm")
            known = rfm.select("customer_id").collect().lazy()
            buckets = facts.buckets()
            placed = [orders_as_of(part.scan("orders"), as_of=as_of) for part in buckets]
            counts = (count_cohorts(purchase_months(orders), as_of=as_of) for orders in placed)
            yield _frames(COHORT_TABLES, follow_cohorts(counts, as_of=as_of, settings=settings.cohorts))
            habits = shop_habits(
                count_habits(orders, part.scan("order_lines"), as_of=as_of, window_days=by.window_days)
                for orders, part in zip(placed, buckets, strict=True)
            )
            for orders, part in zip(placed, buckets, strict=True):
                evidence = find_evidence(
                    orders,
                    part.scan("order_lines"),
                    part.scan("touchpoints"),
                    part.scan("accounts").join(known, on="customer_id", how="semi"),
                    as_of=as_of,
                    time_zone=settings.shop.time_zone,
                    window_days=by.window_days,
                )
                found = find_preferences(evidence, habits, as_of=as_of, settings=by)
                yield _frames(PREFERENCE_TABLES, found)

        yield from compute_segments(context, home, settings, reads, compute)

    return [customers_followed]


def _frames(names: Iterable[str], tables: Iterable[pl.DataFrame]) -> Frames:
    return {name: rows.lazy() for name, rows in zip(names, tables, strict=True)}
