"""The life of the demo shop's customers: who arrives, who buys when, and who leaves. What is in an order does not belong here.

BG/NBD (Fader, Hardie & Lee, Marketing Science 24 (2005) 275-284) with an attitude: purchases follow a Poisson process
at a rate of the customer's own, and after each repeat purchase the customer leaves with a probability of the customer's own,
moved by attitude on the logit scale. In BG/NBD nobody leaves after the first purchase; here only what attitude *adds* to
the customer's probability works from the first purchase on, so that without an effect of attitude the process is exactly BG/NBD. Purchases that a mailing brings come on top (`campaigns`).
"""

from dataclasses import dataclass

import numpy as np

from pipeline.sources.demo.campaigns import Mailing, mailings
from pipeline.sources.demo.draws import DAY_SECONDS, Bools, Floats, Ints, Purchases, generator
from pipeline.sources.demo.model import ShopModel

TWO_YEARS_DAYS = 730.0
NEVER = 2**62
"""A second that never comes."""
HOURS = (0.0, 7.0, 9.0, 12.0, 17.0, 19.0, 22.0, 24.0)
ORDERS_BY_HOUR = (0.0, 0.02, 0.08, 0.26, 0.56, 0.70, 0.94, 1.0)
"""Share of the day's orders placed before each of HOURS."""


@dataclass(frozen=True)
class People:
    """One element per registered person, by arrival. `spend_rate` is the gamma-gamma nu; money in minor units."""

    arrived_s: Ints
    is_prospect: Bools
    purchase_rate: Floats
    dropout_p: Floats
    spend_rate: Floats
    attitude: Floats
    """At arrival."""


@dataclass(frozen=True)
class Life:
    """What happened before the end: arrays per purchase beside `purchases`, and per person who has left for good."""

    people: People
    purchases: Purchases
    placed_s: Ints
    is_store: Bools
    is_app: Bools
    is_cancelled: Bools
    is_unpaid: Bools
    is_late: Bools
    attitude: Floats
    """Before the delivery of the purchase."""
    attitude_step: Floats
    """What its delivery adds."""
    left_s: Ints
    """Per person: the purchase before the end after which the person left; NEVER for who has not left."""
    mailings: list[Mailing]


def live(*, seed: int, buyers: int, attitude_effect: float, origin_s: int, end_s: int, model: ShopModel) -> Life:
    """Simulate from `origin_s` to before `end_s` (seconds since 1970 UTC); `buyers` customers arrive in the first two years."""
    people = _arrive(seed, buyers, origin_s, end_s, model)
    attitude = people.attitude.copy()
    left_s = np.full(attitude.size, NEVER)
    day = _arrival_days(seed, attitude.size, buyers, model)
    active = np.flatnonzero(~people.is_prospect)
    rounds: list[dict[str, Ints | Bools | Floats]] = []
    while active.size or not rounds:
        number = len(rounds)
        purchases = Purchases(seed, active, np.full(active.size, number))
        draws = purchases.uniforms("life", ("channel", "fate", "late", "leave"))
        placed_s = _seconds(day[active], origin_s)
        is_store = draws["channel"] < model.store_share
        is_cancelled = ~is_store & (draws["fate"] < model.cancelled_share)
        is_unpaid = ~is_store & ~is_cancelled & (draws["fate"] < model.cancelled_share + model.unpaid_share)
        is_december = placed_s.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12 == 11
        is_promised = ~(is_store | is_cancelled | is_unpaid)
        is_late = is_promised & (draws["late"] < np.where(is_december, model.late_share_december, model.late_share))
        step = np.where(is_promised, np.where(is_late, model.broken_step, model.kept_step), 0.0)
        rounds.append(
            {
                "customer": active,
                "round": purchases.round,
                "placed_s": placed_s,
                "is_store": is_store,
                "is_app": ~is_store & (draws["channel"] < model.store_share + model.app_share),
                "is_cancelled": is_cancelled,
                "is_unpaid": is_unpaid,
                "is_late": is_late,
                "attitude": attitude[active],
                "attitude_step": step,
            }
        )
        attitude[active] += step
        leaves = draws["leave"] < leave_probability(
            people.dropout_p[active], attitude[active], effect=attitude_effect, is_first=number == 0
        )
        left_s[active[leaves]] = placed_s[leaves]
        staying = active[~leaves]
        wait = Purchases(seed, staying, np.full(staying.size, number)).gammas("wait", 1.0)
        day[staying] += wait / people.purchase_rate[staying]
        active = staying[_seconds(day[staying], origin_s) < end_s]
    sent = mailings(seed, attitude.size, *_first_two(rounds, attitude.size), end_s=end_s, model=model)
    rounds += [_answers(mailing, people, end_s, model) for mailing in sent]
    joined = {name: np.concatenate([part[name] for part in rounds]) for name in rounds[0]}
    purchases = Purchases(seed, joined.pop("customer"), joined.pop("round"))
    return Life(people=people, purchases=purchases, left_s=left_s, mailings=sent, **joined)


def _first_two(rounds: list[dict[str, Ints | Bools | Floats]], n: int) -> tuple[Ints, Ints]:
    """The time of each person's first and second purchase, NEVER without one."""
    found = (np.full(n, NEVER), np.full(n, NEVER))
    for times, part in zip(found, rounds, strict=False):
        times[part["customer"].astype(np.int64)] = part["placed_s"]
    return found


def _answers(mailing: Mailing, people: People, end_s: int, model: ShopModel) -> dict[str, Ints | Bools | Floats]:
    """The purchases that follow a mailing before the end; all are parcels on time, and nobody leaves over them."""
    is_placed = mailing.is_answered & (mailing.ordered_s < end_s)
    customer = mailing.customer[is_placed]
    never = np.zeros(customer.size, dtype=np.bool_)
    return {
        "customer": customer,
        "round": np.full(customer.size, mailing.round),
        "placed_s": mailing.ordered_s[is_placed],
        **dict.fromkeys(("is_store", "is_app", "is_cancelled", "is_unpaid", "is_late"), never),
        "attitude": people.attitude[customer],
        "attitude_step": np.full(customer.size, model.kept_step),
    }


def leave_probability(dropout_p: Floats, attitude: Floats, *, effect: float, is_first: bool) -> Floats:
    """Probability to leave after a purchase: logit(p) - effect * attitude; after the first only what exceeds p."""
    moved = 1.0 / (1.0 + (1.0 - dropout_p) / dropout_p * np.exp(effect * attitude))
    return np.maximum(moved - dropout_p, 0.0) if is_first else moved


def _arrive(seed: int, buyers: int, origin_s: int, end_s: int, model: ShopModel) -> People:
    """Everyone who arrives before the end."""
    n = int((end_s - origin_s) / DAY_SECONDS / _interval_days(buyers, model)) + 2
    arrived_s = _seconds(_arrival_days(seed, n, buyers, model), origin_s)
    n = int(np.searchsorted(arrived_s, end_s))
    leave = generator(seed, "dropout").beta(model.dropout_a, model.dropout_b, n)
    return People(
        arrived_s=arrived_s[:n],
        is_prospect=np.arange(n) % model.prospect_every == model.prospect_every - 1,
        purchase_rate=np.maximum(generator(seed, "rate").standard_gamma(model.rate_shape, n), 1e-9) / model.rate_days,
        dropout_p=np.clip(leave, 1e-12, 1.0 - 1e-12),
        spend_rate=generator(seed, "spend_mix").standard_gamma(model.spend_mix_shape, n) / model.spend_mix_scale,
        attitude=model.attitude_mean + generator(seed, "attitude").standard_normal(n),
    )


def _arrival_days(seed: int, n: int, buyers: int, model: ShopModel) -> Floats:
    """Days from the origin, ascending: one arrival at a random moment of every interval."""
    return (np.arange(n) + generator(seed, "arrival").random(n)) * _interval_days(buyers, model)


def _interval_days(buyers: int, model: ShopModel) -> float:
    return TWO_YEARS_DAYS / buyers * (1.0 - 1.0 / model.prospect_every)


def _seconds(days: Floats, origin_s: int) -> Ints:
    """Whole seconds since 1970 UTC of days since the origin, moved within the day to the hours at which people shop."""
    day = np.floor(days)
    hour = np.interp(days - day, ORDERS_BY_HOUR, HOURS)
    # Customers of tiny purchase rates would next buy in millions of years, beyond what a time can hold.
    return origin_s + np.minimum(day * DAY_SECONDS + hour * 3600.0, 1e12).astype(np.int64)
