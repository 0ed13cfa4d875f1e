"""The next action per customer in group `segments`, one partition per as_of date, and the contacts that exports record."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.common import table_spec
from pipeline.assets.dated import Frames, compute_segments, named, read, read_segments, segment_specs
from pipeline.core.loyalty.actions import Facts, Shop, choose_actions
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import ENTITIES, RECORDS


def action_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The next action of every customer who has one; and contacts, which `loyalty export actions` writes, not a run."""
    entities = ("orders", "reviews", "survey_responses", "survey_invitations")
    reads = (*entities, "customers", "contacts")
    after = ("churn_risk", "loyalty", "say_do", "abandoned_carts")
    specs = segment_specs("next_action", reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="next_action", specs=specs, pool=POOL)
    def next_action(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        shop = Shop(
            time_zone=settings.shop.time_zone,
            valid_statuses=settings.rfm.valid_statuses,
            cart_recovery_days=settings.journey.recovery_days,
            has_survey=bool(settings.surveys),
        )

        def compute(as_of: date) -> Frames:
            orders, reviews, responses, invitations = read(home, *entities)
            accounts, contacts = (named(home, table) for table in (ENTITIES["customers"], RECORDS["contacts"]))
            dated = read_segments(home, as_of, *after)
            facts = Facts(orders, accounts, reviews, responses, invitations, contacts, *dated)
            return {"next_action": choose_actions(facts, as_of=as_of, shop=shop, settings=settings.actions)}

        yield from compute_segments(context, home, reads, compute)

    return [next_action, dg.AssetSpec(**table_spec("contacts", kinds={"deltalake"}, deps=[]))]
