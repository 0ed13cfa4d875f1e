"""The asset step of cohorts and preferences, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline import asset_keys
from pipeline.assets.common import as_of_date
from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.charts.customers import retention
from pipeline.charts.picture import on_page
from pipeline.core.behaviour.cohorts import follow_cohorts, purchase_months
from pipeline.core.behaviour.preferences import find_preferences
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.report.english import ENGLISH
from pipeline.facts import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import SEGMENTS

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

        for result in compute_segments(context, home, settings, reads, compute):
            if result.asset_key == asset_keys.table("cohort_retention"):
                cells = home.lake.scan_as_of(SEGMENTS["cohort_retention"], as_of_date(context)).collect()
                result = result._replace(metadata={**(result.metadata or {}), **on_page("retention", retention(cells, ENGLISH))})
            yield result

    return [customers_followed]
