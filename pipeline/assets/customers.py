"""The asset step of what customers are like: cohorts and preferences, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline import asset_keys
from pipeline.assets.common import as_of_date
from pipeline.assets.dated import Frames, compute_segments, known_customers, named, read, segment_specs
from pipeline.charts import chart_metadata, retention_chart
from pipeline.core.behaviour.cohorts import follow_cohorts, purchase_months
from pipeline.core.behaviour.preferences import find_preferences
from pipeline.core.facts.orders import orders_as_of
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import ENTITIES, SEGMENTS

CUSTOMER_TABLES = ("cohort_retention", "repeat_purchase", "customer_preferences", "customer_categories")


def customer_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Cohort retention, repeat purchase and preferences, in one step."""
    entities = ("orders", "order_lines", "touchpoints")
    reads = (*entities, "customers")

    specs = segment_specs(*CUSTOMER_TABLES, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="customers_followed", specs=specs, pool=POOL)
    def customers_followed(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(as_of: date) -> Frames:
            orders, lines, touchpoints = read(home, *entities)
            accounts = known_customers(home, as_of, named(home, ENTITIES["customers"]))
            zone = settings.shop.time_zone
            known = orders_as_of(orders, as_of=as_of, time_zone=zone, valid_statuses=settings.rfm.valid_statuses)
            months = purchase_months(known).collect(engine="streaming")
            retention, repeat = follow_cohorts(months, as_of=as_of, settings=settings.cohorts)
            preferences = find_preferences(
                known,
                lines,
                touchpoints,
                accounts,
                as_of=as_of,
                time_zone=zone,
                settings=settings.preferences,
            )
            tables = (rows.lazy() for rows in (retention, repeat, *preferences))
            return dict(zip(CUSTOMER_TABLES, tables, strict=True))

        for result in compute_segments(context, home, reads, compute):
            if result.asset_key == asset_keys.table("cohort_retention"):
                cells = home.lake.scan_as_of(SEGMENTS["cohort_retention"], as_of_date(context)).collect()
                if chart := retention_chart(cells):
                    result = result._replace(metadata={**(result.metadata or {}), "retention": chart_metadata(chart)})
            yield result

    return [customers_followed]
