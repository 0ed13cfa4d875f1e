"""The next action per customer in group `segments`, one partition per as_of date, and the contacts that exports record."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.common import table_spec
from pipeline.assets.dated import compute_segments, read_segments, segment_specs
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.local_dates import with_local_dates
from pipeline.core.loyalty.actions import choose_actions, playbook_rows
from pipeline.core.loyalty.due_actions import Shop, Sources
from pipeline.core.loyalty.effects import action_effects
from pipeline.fact_files import Facts
from pipeline.parts import Frames
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import RECORDS

TABLES = ("next_action", "actions_held_back", "action_controls", "action_verdicts", "action_effects", "action_playbook")


def action_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every customer's next action, what became of all due actions, and what actions bring; and the contacts."""
    reads = ("orders", "reviews", "survey_responses", "survey_invitations", "customers", "contacts")
    after = ("churn_risk", "loyalty", "say_do", "abandoned_carts", "sci", "abandoned_cart_products", "nps")
    specs = segment_specs(*TABLES, reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="next_action", specs=specs, pool=POOL)
    def next_action(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        shop = Shop(cart_recovery_days=settings.journey.recovery_days, has_survey=bool(settings.surveys))
        time_zone = settings.shop.time_zone

        def compute(facts: Facts, as_of: date) -> Frames:
            churn, loyalty, say_do, carts, sci, cart_products, nps = read_segments(facts, as_of, *after)
            orders = orders_as_of(facts.scan("orders"), as_of=as_of)
            contacts = with_local_dates(facts.numbered(home.lake.scan(RECORDS["contacts"])), time_zone)
            sources = Sources(
                orders=orders,
                customers=facts.scan("customers"),
                reviews=facts.scan("reviews"),
                responses=facts.scan("survey_responses"),
                invitations=facts.scan("survey_invitations"),
                contacts=contacts,
                churn=churn,
                loyalty=loyalty,
                say_do=say_do,
                carts=with_local_dates(carts, time_zone),
                sci=sci,
                cart_products=cart_products,
                nps=nps,
            )
            by = settings.actions
            actions = choose_actions(sources, as_of=as_of, shop=shop, settings=by, names=facts.names_of)
            effects = action_effects(contacts, orders, as_of=as_of, settings=by)
            playbook = playbook_rows(by, as_of=as_of, has_survey=shop.has_survey).lazy()
            return dict(zip(TABLES, (*actions, effects, playbook), strict=True))

        yield from compute_segments(context, home, settings, reads, compute)

    return [next_action, dg.AssetSpec(**table_spec("contacts", kinds={"deltalake"}, deps=[]))]
