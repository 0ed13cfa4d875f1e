"""Control groups: customers who have an action and are not contacted. What the action brings belongs to `effects`."""

import hashlib
from collections.abc import Callable, Iterable

import polars as pl

from pipeline.core.loyalty.action_settings import ActionsSettings, Draw

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


def draw_controls(chosen: pl.DataFrame, names: Names, settings: ActionsSettings) -> pl.DataFrame:
    """The rows, of `customer_id` and `action`, with `control_draw` and `is_control`; null and false without a control group."""
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
    return chosen.join(pl.concat(parts), on=["customer_id", "action"], how="left", maintain_order="left").with_columns(
        pl.col("is_control").fill_null(False)
    )
