"""The next action per customer in group `segments`, one partition per as_of date, and the contacts that exports record."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.common import table_spec
from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import with_local_dates
from pipeline.core.loyalty.actions import choose_actions
from pipeline.core.loyalty.due_actions import Shop, Sources
from pipeline.facts import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import RECORDS


def action_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The next action of every customer who has one, and what was held back; and contacts, which `loyalty export actions` writes, not a run."""
    reads = ("orders", "reviews", "survey_responses", "survey_invitations", "customers", "contacts")
    after = ("churn_risk", "loyalty", "say_do", "abandoned_carts", "sci", "abandoned_cart_products")
    specs = segment_specs("next_action", "actions_held_back", reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="next_action", specs=specs, pool=POOL)
    def next_action(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        shop = Shop(cart_recovery_days=settings.journey.recovery_days, has_survey=bool(settings.surveys))
        time_zone = settings.shop.time_zone

        def compute(facts: Facts, as_of: date) -> Frames:
            churn, loyalty, say_do, carts, sci, cart_products = read_segments(home, facts, as_of, *after)
            sources = Sources(
                orders=orders_as_of(facts.scan("orders"), as_of=as_of),
                customers=facts.scan("customers"),
                reviews=facts.scan("reviews"),
                responses=facts.scan("survey_responses"),
                invitations=facts.scan("survey_invitations"),
                contacts=with_local_dates(facts.numbered(home.lake.scan(RECORDS["contacts"])), time_zone),
                churn=churn,
                loyalty=loyalty,
                say_do=say_do,
                carts=with_local_dates(carts, time_zone),
                sci=sci,
                cart_products=cart_products,
            )
            actions = choose_actions(sources, as_of=as_of, shop=shop, settings=settings.actions)
            return {"next_action": actions.chosen, "actions_held_back": actions.held_back}

        yield from compute_segments(context, home, settings, reads, compute)

    return [next_action, dg.AssetSpec(**table_spec("contacts", kinds={"deltalake"}, deps=[]))]
