"""The asset step of cohorts and preferences, one partition per as_of date."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from pipeline.assets.dated import compute_segments, read_segments, segment_specs
from pipeline.core.behaviour.cohorts import CohortCounts, count_cohorts, follow_cohorts, purchase_months
from pipeline.core.behaviour.evidence import HabitCounts, count_habits, find_evidence
from pipeline.core.behaviour.preferences import ShopHabits, find_preferences, shop_habits
from pipeline.core.behaviour.settings import PreferenceSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.fact_files import Facts
from pipeline.parts import Found, Frames, Rows
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
        by, zone = settings.preferences, settings.shop.time_zone

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            cohorts, habits = zip(
                *facts.over(partial(_count, as_of=as_of, window_days=by.window_days)),
                strict=True,
            )
            yield _frames(COHORT_TABLES, follow_cohorts(cohorts, as_of=as_of, settings=settings.cohorts))
            known_habits = shop_habits(habits)
            for found in facts.over(partial(_prefer, habits=known_habits, as_of=as_of, time_zone=zone, by=by)):
                yield found.rows

        yield from compute_segments(context, home, settings, reads, compute)

    return [customers_followed]


def _count(part: Facts, *, as_of: date, window_days: int | None) -> tuple[CohortCounts, HabitCounts]:
    """What the customers of a bucket add to the cohorts, and to what the shop's customers usually do."""
    orders = orders_as_of(part.scan("orders"), as_of=as_of)
    cohorts = count_cohorts(purchase_months(orders), as_of=as_of)
    return cohorts, count_habits(orders, part.scan("order_lines"), as_of=as_of, window_days=window_days)


def _prefer(part: Facts, *, habits: ShopHabits, as_of: date, time_zone: str, by: PreferenceSettings) -> Found[None]:
    """The preferences of a bucket."""
    (rfm,) = read_segments(part, as_of, "rfm")
    evidence = find_evidence(
        orders_as_of(part.scan("orders"), as_of=as_of),
        part.scan("order_lines"),
        part.scan("touchpoints"),
        part.scan("accounts").join(rfm.select("customer_id"), on="customer_id", how="semi"),
        as_of=as_of,
        time_zone=time_zone,
        window_days=by.window_days,
    )
    found = find_preferences(evidence, habits, as_of=as_of, settings=by)
    return Found(_frames(PREFERENCE_TABLES, found), None)


def _frames(names: Iterable[str], tables: Iterable[pl.DataFrame]) -> Frames:
    return {name: rows.lazy() for name, rows in zip(names, tables, strict=True)}
