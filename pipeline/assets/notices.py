"""The assets of what is empty and why, of a night's settings, and of how a shop's own totals compare with ours, in
group `segments`, one partition per as_of date. The core decides what a notice says."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from pipeline.assets.dated import compute_segments, segment_specs
from pipeline.assets.lake import pairs_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.stated_totals import compare_totals
from pipeline.core.frames import add_up
from pipeline.core.ingest.identity import count_many, find_joined
from pipeline.core.notices import COUNTED, count_figures, count_rows, find_notices, notice_rows
from pipeline.core.settings_used import settings_rows
from pipeline.fact_files import Facts
from pipeline.parts import Found, Frames, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import RECORDS, SEGMENTS


def notice_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The notices of a date, its settings, and the totals of customers that some notices are about."""
    reads = ("customers", "orders")
    rows_of = (*reads, "survey_responses", "loyalty_events")
    of_churn = ("churn_risk", "churn_model_card")
    of_customers = ("sci", "nps", "construct_scores", "points_ledger", "customer_totals")
    after = ("rfm", *of_churn, *of_customers, "actions_held_back", "theme_coverage")
    totals_specs = segment_specs("customer_totals", reads=reads, settings=settings)
    specs = segment_specs("notices", "settings_used", reads=rows_of, settings=settings, after=after)

    @dg.multi_asset(name="customer_totals", specs=totals_specs, pool=POOL)
    def customer_totals(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            return (found.rows for found in facts.over(partial(_compared, as_of=as_of)))

        yield from compute_segments(context, home, settings, reads, compute)

    @dg.multi_asset(name="notices", specs=specs, pool=POOL)
    def notices(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            # Whole: to count their rows takes a column, and a bucket would first have to sort out its own by name.
            dated = {name: home.lake.scan_as_of(SEGMENTS[name], as_of) for name in after}
            identity = home.lake.scan(RECORDS["identity"])
            figures = count_figures(
                **dated,
                count=lambda wanted: add_up(facts.over(partial(_counted, wanted=wanted, as_of=as_of)), by=COUNTED),
                joined=find_joined(pl.concat(facts.over(_many)), identity, lambda: pairs_of(home.lake)),
            )
            found = find_notices(figures, settings.surveys, consent_without_flag=settings.actions.consent_without_flag)
            used = settings_rows(settings.model_dump(mode="json"), as_of=as_of)
            return {"notices": notice_rows(found, as_of).lazy(), "settings_used": used.lazy()}

        yield from compute_segments(context, home, settings, rows_of, compute)

    return [customer_totals, notices]


def _compared(part: Facts, *, as_of: date) -> Found[None]:
    """The totals of a bucket's customers beside those that the shop states."""
    return Found({"customer_totals": compare_totals(part.scan("customers"), part.scan("orders"), as_of=as_of)}, None)


def _counted(part: Facts, *, wanted: Collection[str], as_of: date) -> pl.DataFrame:
    """What the rows of a bucket's facts add to the figures that are wanted."""
    return count_rows(
        wanted,
        customers=part.scan("customers"),
        orders=orders_as_of(part.scan("orders"), as_of=as_of),
        responses=part.scan("survey_responses").filter(pl.col("submitted_date") <= as_of),
        loyalty_events=part.scan("loyalty_events").filter(pl.col("occurred_date") <= as_of),
    )


def _many(part: Facts) -> pl.DataFrame:
    """The customers of a bucket with remarkably many identifiers."""
    return count_many(part.own_by_name(part.lake.scan(RECORDS["identity"]).select("customer_id")))
