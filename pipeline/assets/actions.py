"""The next action per customer in group `segments`, one partition per as_of date, and the contacts that exports record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from pipeline.assets.common import table_spec
from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.facts.orders import of_other_orders, orders_as_of
from pipeline.core.frames import Frame, add_up
from pipeline.core.local_dates import with_local_dates
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.actions import (
    OF_CAUSE,
    Judged,
    OfShop,
    chosen_actions,
    control_rows,
    count_held_back,
    count_recoveries,
    judge_actions,
    playbook_rows,
    rank_customers,
    rank_keys,
    verdict_rows,
)
from pipeline.core.loyalty.due_actions import Shop, Sources
from pipeline.core.loyalty.effects import action_effects, add_effects, count_effects
from pipeline.fact_files import Facts, Kept, is_consent_told, kept_rows
from pipeline.parts import Found, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import RECORDS

TABLES = ("next_action", "actions_held_back", "action_controls", "action_verdicts", "action_effects", "action_playbook")
CARTS = "abandoned_carts"
READ = ("churn_risk", "loyalty", "say_do", "sci", "abandoned_cart_products", "nps")
AFTER = (*READ, CARTS)


def action_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every customer's next action, what became of all due actions, and what actions bring; and the contacts."""
    reads = ("orders", "reviews", "survey_responses", "survey_invitations", "customers", "contacts")
    specs = segment_specs(*TABLES, reads=reads, settings=settings, after=AFTER)

    @dg.multi_asset(name="next_action", specs=specs, pool=POOL)
    def next_action(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        shop = Shop(cart_recovery_days=settings.journey.recovery_days, has_survey=bool(settings.surveys))
        by = settings.actions

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            told: dict[str, Any] = {"as_of": as_of, "shop": shop, "time_zone": settings.shop.time_zone}
            across = _across(facts, **told)
            sums = []
            for found in facts.over(partial(_judged, by=by, across=across, **told)):
                yield found.rows
                sums.append(found.sums)
            ranks = rank_customers(pl.concat(part.rank_keys for part in sums))
            choose = partial(_chosen, by=by, ranks=ranks, as_of=as_of)
            for chosen in facts.over(choose, [part.due for part in sums], [part.drawn for part in sums]):
                yield chosen.rows
            effects = add_effects(part.effects for part in sums).lazy()
            yield {
                "actions_held_back": add_up((part.held_back for part in sums), by=OF_CAUSE).lazy(),
                "action_effects": action_effects(effects, as_of=as_of, settings=by),
                "action_playbook": playbook_rows(by, as_of=as_of, has_survey=shop.has_survey).lazy(),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return [next_action, dg.AssetSpec(**table_spec("contacts", kinds={"deltalake"}, deps=[]))]


@dataclass(frozen=True)
class _Across:
    """What a bucket needs of the others: counts `of_shop`, and the `reviews` of other customers' orders."""

    of_shop: OfShop
    reviews: pl.DataFrame


REVIEW = ("customer_id", "order_id", "created_at", "created_date")
ORDER = (
    *("customer_id", "order_id", "ordered_at", "ordered_date", "delivered_at", "delivered_date"),
    *("is_valid", "net_amount", "promise_status", "outcome_date"),
)


def _across(facts: Facts, *, as_of: date, shop: Shop, time_zone: str) -> _Across:
    told = [*facts.over(partial(_told, as_of=as_of, shop=shop, time_zone=time_zone))]
    return _Across(
        OfShop(
            recoveries=pl.concat(part["recoveries"] for part in told).sum(),
            is_consent_told=is_consent_told(facts),
        ),
        reviews=pl.concat(part["reviews"] for part in told),
    )


def _told(part: Facts, *, as_of: date, shop: Shop, time_zone: str) -> dict[str, pl.DataFrame]:
    """What a bucket tells the others; of a shop computed at once no review is somebody else's."""
    carts = _carts(part, as_of)
    reviews, orders = part.scan("reviews").select(REVIEW), orders_as_of(part.scan("orders"), as_of=as_of)
    told = {
        "recoveries": count_recoveries(with_local_dates(carts, time_zone), as_of=as_of, shop=shop),
        "reviews": of_other_orders(reviews, orders) if part.bucket else reviews.clear(),
    }
    return dict(zip(told, pl.collect_all(told.values(), engine="streaming"), strict=True))


@dataclass(frozen=True)
class _Sums:
    """Of a bucket's customers: counts of what is `held_back` and of `effects`; the `rank_keys` of who gets an action; and what the
    choice of their actions needs of what was judged."""

    held_back: pl.DataFrame
    effects: pl.DataFrame
    rank_keys: pl.DataFrame
    due: Kept
    drawn: Kept


def _judged(
    part: Facts, *, as_of: date, shop: Shop, time_zone: str, by: ActionsSettings, across: _Across
) -> Found[_Sums]:
    """The rows of a bucket's customers but for who gets an action, whose rank is among all."""
    # Read once, as rule after rule looks at them.
    (orders,) = collected(orders_as_of(part.scan("orders"), as_of=as_of).select(ORDER))
    judged = _judge(part, orders, as_of=as_of, shop=shop, time_zone=time_zone, by=by, across=across)
    contacts = _contacts(part, time_zone)
    rows = {"action_controls": control_rows(judged, as_of=as_of), "action_verdicts": verdict_rows(judged, as_of=as_of)}
    held_back, effects = pl.collect_all(
        [
            count_held_back(judged, as_of=as_of),
            count_effects(contacts, orders, as_of=as_of, settings=by),
        ],
        engine="streaming",
    )
    sums = _Sums(
        held_back,
        effects,
        rank_keys(judged),
        due=part.keep("due", judged.due.lazy().select("customer_id", "held_by")),
        drawn=part.keep("drawn", judged.drawn.lazy()),
    )
    return Found(rows, sums)


def _chosen(
    part: Facts, due: Kept, drawn: Kept, *, as_of: date, by: ActionsSettings, ranks: pl.DataFrame
) -> Found[None]:
    """Who of a bucket's customers gets an action; `ranks` are those of all."""
    judged = Judged(kept_rows(due).collect(), kept_rows(drawn).collect())
    return Found({"next_action": chosen_actions(judged, part.own(ranks), as_of=as_of, settings=by)}, None)


def _judge(
    part: Facts, orders: Frame, *, as_of: date, shop: Shop, time_zone: str, by: ActionsSettings, across: _Across
) -> Judged:
    churn, loyalty, say_do, sci, cart_products, nps = read_segments(part, as_of, *READ)
    sources = Sources(
        orders=orders,
        customers=part.scan("customers"),
        reviews=pl.concat([part.scan("reviews").select(REVIEW), across.reviews.lazy()]),
        responses=part.scan("survey_responses"),
        invitations=part.scan("survey_invitations"),
        contacts=_contacts(part, time_zone),
        churn=churn,
        loyalty=loyalty,
        say_do=say_do,
        carts=with_local_dates(_carts(part, as_of), time_zone),
        sci=sci,
        cart_products=cart_products,
        nps=nps,
    )
    return judge_actions(sources, across.of_shop, as_of=as_of, shop=shop, settings=by, names=part.names_of)


def _carts(part: Facts, as_of: date) -> Frame:
    """The abandoned carts of a bucket's customers, but for which order recovered one: no action asks, and names take long to number."""
    return part.numbered_own(part.own_dated(CARTS, as_of).drop("recovered_order_id"))


def _contacts(part: Facts, time_zone: str) -> Frame:
    """The exports of a bucket's customers with their local dates."""
    contacts = part.own_by_name(part.lake.scan(RECORDS["contacts"]))
    return with_local_dates(part.numbered_own(contacts), time_zone)
