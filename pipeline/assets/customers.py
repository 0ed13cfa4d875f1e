"""The asset step of cohorts and preferences, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.core.behaviour.cohorts import follow_cohorts, purchase_months
from pipeline.core.behaviour.preferences import find_preferences
from pipeline.core.facts.orders import orders_as_of
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

CUSTOMER_TABLES = ("cohort_retention", "repeat_purchase", "customer_preferences", "customer_categories")


def customer_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Cohort retention, repeat purchase and preferences, in one step."""
    reads = ("orders", "order_lines", "touchpoints", "customers")
    specs = segment_specs(*CUSTOMER_TABLES, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="customers_followed", specs=specs, pool=POOL)
    def customers_followed(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            orders, lines, touchpoints, accounts = (
                facts.scan(name) for name in ("orders", "order_lines", "touchpoints", "accounts")
            )
            (rfm,) = read_segments(home, facts, as_of, "rfm")
            known = orders_as_of(orders, as_of=as_of)
            cohorts = follow_cohorts(purchase_months(known), as_of=as_of, settings=settings.cohorts)
            preferences = find_preferences(
                known,
                lines,
                touchpoints,
                accounts.join(rfm.select("customer_id"), on="customer_id", how="semi"),
                as_of=as_of,
                time_zone=settings.shop.time_zone,
                settings=settings.preferences,
            )
            return dict(zip(CUSTOMER_TABLES, (rows.lazy() for rows in (*cohorts, *preferences)), strict=True))

        yield from compute_segments(context, home, settings, reads, compute)

    return [customers_followed]
