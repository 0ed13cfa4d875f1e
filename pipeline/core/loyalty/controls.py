"""Control groups: customers who have an action and are not contacted. What the action brings belongs to `effects`."""

import hashlib
from collections.abc import Callable, Iterable

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.loyalty.action_settings import ActionsSettings, Draw
from pipeline.core.loyalty.contacts import first_contacts

Names = Callable[[pl.Series], pl.Series]
"""The names of customers, in their order."""


def is_control(names: Iterable[str], action: str, draw: Draw) -> list[bool]:
    """Whether each customer is in the control group of an action.

    Decided by a hash of draw, action and name alone, so that the answer is the same on every night, in any bucket and on any
    machine.
    """
    limit = int(draw.share * 2**64)
    prefix = hashlib.sha256(f"{draw.name}\n{action}\n".encode())
    found = []
    for name in names:
        hashed = prefix.copy()
        hashed.update(name.encode())
        found.append(int.from_bytes(hashed.digest()[:8]) < limit)
    return found


def draw_controls(chosen: pl.DataFrame, contacts: Frame, names: Names, settings: ActionsSettings) -> pl.DataFrame:
    """The rows, of `customer_id` and `action`, with `control_draw` and `is_control`; null and false without a control group.

    Whoever is in `contacts` (all of the contract Contacts, of any date) with the action and its draw stays in the arm of the
    first export, whatever name they have since. Anyone else is drawn by `is_control`.
    """
    draws = {action: draw for action in settings.playbook if (draw := settings.draw_of(action))}
    in_draw = chosen.filter(pl.col("action").cast(pl.String).is_in(list(draws)))
    parts = [
        part.select("customer_id", "action").with_columns(
            control_draw=pl.lit(draws[action].name),
            is_control=pl.Series(is_control(names(part["customer_id"]), action, draws[action]), dtype=pl.Boolean),
        )
        for (action,), part in in_draw.group_by("action")
    ]
    if not parts:
        return chosen.with_columns(control_draw=pl.lit(None, pl.String), is_control=pl.lit(False))
    drawn = pl.concat(parts)
    unit = ["customer_id", "action", "control_draw"]
    of_action = contacts.with_columns(pl.col("action").cast(drawn.schema["action"]))
    recorded = first_contacts(of_action.join(drawn.lazy(), on=unit, how="semi")).select(*unit, recorded="is_control")
    arms = drawn.join(recorded.collect(), on=unit, how="left").select(
        *unit, is_control=pl.coalesce("recorded", "is_control")
    )
    return chosen.join(arms, on=["customer_id", "action"], how="left", maintain_order="left").with_columns(
        pl.col("is_control").fill_null(False)
    )
