"""The asset step of what customers are like: cohorts, preferences and convenience, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import narwhals as nw

from pipeline import keys
from pipeline.assets.common import as_of_date
from pipeline.assets.segments import Frames, collected, compute_segments, known_customers, named, read, segment_specs
from pipeline.charts import chart_metadata, retention_chart
from pipeline.core.attitude.reviews import reviews_as_of
from pipeline.core.behaviour.cohorts import follow_cohorts, purchase_months
from pipeline.core.behaviour.orders import orders_as_of
from pipeline.core.behaviour.preferences import find_preferences
from pipeline.core.loyalty.pillars import convenience_pillars, customer_pillars, find_replies, judge_deliveries
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import ENTITIES, SEGMENTS

CUSTOMER_TABLES = (
    *("cohort_retention", "repeat_purchase", "customer_preferences", "customer_categories"),
    *("customer_pillars", "convenience_pillars"),
)


def customer_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Cohort retention, repeat purchase, preferences and pillars of convenience, in one step."""
    entities = ("orders", "order_lines", "touchpoints", "reviews")
    reads = (*entities, "customers")

    specs = segment_specs(*CUSTOMER_TABLES, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="customers_followed", specs=specs, pool=POOL)
    def customers_followed(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(as_of: date) -> Frames:
            orders, lines, touchpoints, reviews = read(home, *entities)
            accounts = known_customers(home, as_of, named(home, ENTITIES["customers"]))
            zone = settings.shop.time_zone
            known = orders_as_of(orders, as_of=as_of, time_zone=zone, valid_statuses=settings.rfm.valid_statuses)
            months = purchase_months(known).to_native().collect(engine="streaming")
            retention, repeat = follow_cohorts(months, as_of=as_of, settings=settings.cohorts)
            preferences = find_preferences(
                known.to_native(),
                lines.to_native(),
                touchpoints.to_native(),
                accounts.to_native(),
                as_of=as_of,
                time_zone=zone,
                settings=settings.preferences,
            )
            deliveries, replies = collected(
                judge_deliveries(known, lines, as_of=as_of, time_zone=zone),
                find_replies(
                    reviews_as_of(reviews, known, as_of=as_of, time_zone=zone),
                    touchpoints,
                    known,
                    as_of=as_of,
                    time_zone=zone,
                ),
            )
            pillars = (
                customer_pillars(deliveries, replies, accounts, as_of=as_of),
                convenience_pillars(deliveries, replies, as_of=as_of, settings=settings.pillars),
            )
            tables = (*(nw.from_native(rows.lazy()) for rows in (retention, repeat, *preferences)), *pillars)
            return dict(zip(CUSTOMER_TABLES, tables, strict=True))

        for result in compute_segments(context, home, reads, compute):
            if result.asset_key == keys.table("cohort_retention"):
                cells = home.lake.scan_as_of(SEGMENTS["cohort_retention"], as_of_date(context)).collect()
                if chart := retention_chart(cells):
                    result = result._replace(metadata={**(result.metadata or {}), "retention": chart_metadata(chart)})
            yield result

    return [customers_followed]
