"""The assets of group `segments` about loyalty: the points ledger, and where each customer stands."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import compute_segments, read_segments, segment_specs
from pipeline.core.facts.customers import customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.loyalty import stand
from pipeline.core.loyalty.points import programme_of
from pipeline.core.loyalty.recognition import Evidence, recognise_customers
from pipeline.fact_files import Facts
from pipeline.parts import Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def loyalty_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Loyalty and the points ledger, in one step."""
    reads, after = ("orders", "customers", "reviews", "loyalty_events", "referrals"), ("sci", "nps", "churn_risk")
    specs = segment_specs("loyalty", "points_ledger", reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="loyalty", specs=specs, pool=POOL)
    def loyalty(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            sci, nps, churn = read_segments(facts, as_of, *after)
            evidence = Evidence(
                orders=orders_as_of(facts.scan("orders"), as_of=as_of),
                customers=customers_as_of(facts.scan("customers"), as_of=as_of),
                reviews=facts.scan("reviews"),
                referrals=facts.scan("referrals"),
                sci=sci,
                nps=nps,
                churn=churn,
            )
            by, events = settings.loyalty, facts.scan("loyalty_events")
            people = recognise_customers(evidence, as_of=as_of, settings=by).collect(engine="streaming")
            programme = programme_of(events, people.lazy(), as_of=as_of)
            for part in facts.buckets():
                found = stand(
                    part.own(people),
                    orders_as_of(part.scan("orders"), as_of=as_of),
                    part.scan("loyalty_events"),
                    programme,
                    as_of=as_of,
                    time_zone=settings.shop.time_zone,
                    settings=by,
                )
                yield {"loyalty": found.loyalty.lazy(), "points_ledger": found.ledger.lazy()}

        def past(facts: Facts, as_of: date) -> Iterator[Rows]:
            for found in compute(facts, as_of):
                yield {"loyalty": found["loyalty"]}

        yield from compute_segments(context, home, settings, reads, compute, past=past)

    return [loyalty]
