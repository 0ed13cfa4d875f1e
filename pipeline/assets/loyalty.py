"""The assets of group `segments` about loyalty: the points ledger, and where each customer stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from pipeline.assets.dated import compute_segments, read_segments, segment_specs
from pipeline.core.facts.customers import customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import add_up
from pipeline.core.loyalty.loyalty import stand
from pipeline.core.loyalty.points import Programme, programme_of
from pipeline.core.loyalty.recognition import (
    Evidence,
    count_referred,
    count_spends,
    net_spends,
    recognise_customers,
    vip_threshold,
)
from pipeline.core.loyalty.settings import LoyaltySettings
from pipeline.fact_files import Facts, Kept, kept_rows
from pipeline.parts import Found, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

AFTER = ("sci", "nps", "churn_risk")


def loyalty_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Loyalty and the points ledger, in one step."""
    reads = ("orders", "customers", "reviews", "loyalty_events", "referrals")
    specs = segment_specs("loyalty", "points_ledger", reads=reads, settings=settings, after=AFTER)

    @dg.multi_asset(name="loyalty", specs=specs, pool=POOL)
    def loyalty(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        by = settings.loyalty

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            counted = [*facts.over(partial(_counted, as_of=as_of, by=by))]
            of_shop = _OfShop(
                vip_from=vip_threshold(add_up((part.spends for part in counted), by=["net_spend"]), settings=by),
                referred=add_up((part.referred for part in counted), by=["customer_id"]),
                programme=Programme(*(any(told) for told in zip(*(part.programme for part in counted), strict=True))),
            )
            told: dict[str, Any] = {"as_of": as_of, "by": by, "time_zone": settings.shop.time_zone}
            for found in facts.over(partial(_stood, of_shop=of_shop, **told), [part.net_spends for part in counted]):
                yield found.rows

        def past(facts: Facts, as_of: date) -> Iterator[Rows]:
            for found in compute(facts, as_of):
                yield {"loyalty": found["loyalty"]}

        yield from compute_segments(context, home, settings, reads, compute, past=past)

    return [loyalty]


@dataclass(frozen=True)
class _Counted:
    """Of a bucket's customers: counts by what they `spends`, whose referrals led to their orders, and what their events tell of the
    `programme`. `net_spends`: what each has spent."""

    spends: pl.DataFrame
    referred: pl.DataFrame
    programme: Programme
    net_spends: Kept


def _counted(part: Facts, *, as_of: date, by: LoyaltySettings) -> _Counted:
    orders = orders_as_of(part.scan("orders"), as_of=as_of)
    customers = customers_as_of(part.scan("customers"), as_of=as_of)
    spends, referred = pl.collect_all(
        [
            net_spends(orders, customers, as_of=as_of, settings=by),
            count_referred(part.scan("referrals"), orders, as_of=as_of),
        ],
        engine="streaming",
    )
    return _Counted(
        spends=count_spends(spends.lazy()).collect(),
        referred=referred,
        programme=programme_of(part.scan("loyalty_events"), spends.lazy(), as_of=as_of),
        net_spends=part.keep("net_spends", spends.lazy()),
    )


@dataclass(frozen=True)
class _OfShop:
    """What must be known of all customers to tell where some stand: from which net spend on one is a VIP, who `referred` the orders of
    anybody, and the `programme`."""

    vip_from: int | None
    referred: pl.DataFrame
    programme: Programme


def _stood(
    part: Facts, spends: Kept, *, as_of: date, by: LoyaltySettings, time_zone: str, of_shop: _OfShop
) -> Found[None]:
    """The rows of a bucket's customers, who have spent as much."""
    orders = orders_as_of(part.scan("orders"), as_of=as_of)
    sci, nps, churn = read_segments(part, as_of, *AFTER)
    evidence = Evidence(orders=orders, reviews=part.scan("reviews"), sci=sci, nps=nps, churn=churn)
    people = recognise_customers(
        kept_rows(spends), of_shop.referred.lazy(), evidence, as_of=as_of, vip_from=of_shop.vip_from, settings=by
    )
    found = stand(
        people.collect(engine="streaming"),
        orders,
        part.scan("loyalty_events"),
        of_shop.programme,
        as_of=as_of,
        time_zone=time_zone,
        settings=by,
    )
    return Found({"loyalty": found.loyalty.lazy(), "points_ledger": found.ledger.lazy()}, None)
