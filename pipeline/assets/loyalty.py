"""The assets of group `segments` about loyalty: the points ledger, and where each customer stands."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, compute_segments, read, read_segments, segment_specs
from pipeline.core.loyalty.loyalty import stand
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def loyalty_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Loyalty and the points ledger, in one step."""
    reads, after = ("orders", "customers", "reviews", "loyalty_events", "referrals"), ("sci", "nps", "churn_risk")
    specs = segment_specs("loyalty", "points_ledger", reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="loyalty", specs=specs, pool=POOL)
    def loyalty(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(as_of: date) -> Frames:
            found = stand(
                *read(home, *reads),
                *read_segments(home, as_of, *after),
                as_of=as_of,
                time_zone=settings.shop.time_zone,
                valid_statuses=settings.rfm.valid_statuses,
                settings=settings.loyalty,
            )
            return {
                "loyalty": found.loyalty.lazy(),
                "points_ledger": found.ledger.lazy(),
            }

        yield from compute_segments(context, home, reads, compute)

    return [loyalty]
