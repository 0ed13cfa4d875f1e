"""The demo shop's mailings before it had a warehouse, and who answered them with an order. Other orders belong to `life`.

Every Monday it carries out some actions for whom they are due by rules of its own, and keeps back the control group that the
pipeline would. Some of those reached order once more than they would have; controls never do so, which makes the effect of
each action known.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.core.loyalty.action_settings import Draw
from pipeline.core.loyalty.controls import is_control
from pipeline.sources.demo.draws import DAY_SECONDS, Bools, Floats, Ints, accepts_marketing, customer_ids, generator
from pipeline.sources.demo.model import ShopModel
from schemas.registry import RECORDS

FIRST_MONDAY_S = 4 * DAY_SECONDS + 8 * 3600
"""Monday 5 January 1970, 8:00 UTC."""
FIRST_ROUND = 1000
"""The number of the first round of purchases that follow a mailing."""


@dataclass(frozen=True)
class Mailing:
    """Everyone for whom one action was due: customers by their place, with one element each."""

    action: str
    round: int
    customer: Ints
    sent_s: Ints
    is_control: Bools
    is_answered: Bools
    """Whether an order follows that would not have been placed."""
    ordered_s: Ints
    """When, if one does."""


def mailings(seed: int, n: int, first_s: Ints, second_s: Ints, *, end_s: int, model: ShopModel) -> list[Mailing]:
    """What was sent before `end_s`; `first_s` and `second_s` are the times of each person's first two purchases.

    The welcome is due after the first order, `win_back_days` later to whom no second one has come, and the request for a
    review to everyone in between; all need consent.
    """
    names = customer_ids(n)
    agreed = accepts_marketing(seed, n)
    found: list[Mailing] = []
    for number, (action, after_days, share) in enumerate(model.mailings):
        sent_s = _next_monday(first_s + after_days * DAY_SECONDS)
        is_due = agreed & (sent_s < end_s)
        if action == "win_back":
            came_back = np.zeros(n, dtype=np.bool_)
            for mailing in found:
                came_back[mailing.customer[mailing.is_answered & (mailing.ordered_s < sent_s[mailing.customer])]] = True
            is_due &= (second_s > sent_s) & ~came_back
        draws: Floats = generator(seed, f"mailing {action}").random((n, 2))
        customer = np.flatnonzero(is_due)
        control = np.array(
            is_control([names[place] for place in customer], action, Draw(model.control_share, "")), dtype=np.bool_
        )
        wait_s = (DAY_SECONDS * (0.1 + model.answer_days * draws[customer, 1])).astype(np.int64)
        found.append(
            Mailing(
                action=action,
                round=FIRST_ROUND + number,
                customer=customer,
                sent_s=sent_s[customer],
                is_control=control,
                is_answered=~control & (draws[customer, 0] < share),
                ordered_s=sent_s[customer] + wait_s,
            )
        )
    return found


def contacts_of(sent: list[Mailing], n: int, model: ShopModel) -> pl.DataFrame:
    """The mailings as an export would have recorded them (contract Contacts)."""
    table = RECORDS["contacts"].polars_schema
    names = np.array(customer_ids(n))
    rows = [
        pl.DataFrame({"customer_id": names[mailing.customer], "is_control": mailing.is_control}).with_columns(
            action=pl.lit(mailing.action),
            exported_at=pl.from_epoch(pl.Series(mailing.sent_s)).dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
        )
        for mailing in sent
    ]
    empty = pl.DataFrame(schema={name: table[name] for name in ("customer_id", "is_control", "action", "exported_at")})
    return (
        pl.concat([empty, *(part.cast(empty.schema) for part in rows)])
        .with_columns(
            as_of_date=pl.col("exported_at").dt.date() - pl.duration(days=1),
            control_draw=pl.lit(Draw(model.control_share, "").name),
        )
        .select(table.names())
    )


def _next_monday(moment_s: Ints) -> Ints:
    """Monday morning at or after each moment."""
    week = 7 * DAY_SECONDS
    return np.asarray(FIRST_MONDAY_S + -(-(moment_s - FIRST_MONDAY_S) // week) * week)
