"""What a full snapshot of a source says of the rows that it lacks. Reading and merging it do not belong here."""

from collections.abc import Iterable
from datetime import datetime


def gone_since(exported_at: datetime, others: Iterable[datetime]) -> datetime | None:
    """When the next snapshot after one was exported, of those already read; null for the newest.

    A row that is new with a snapshot read late was gone by that next one.
    """
    return min((other for other in others if other > exported_at), default=None)


def is_cut_off(n_vanished: int, n_rows: int, *, max_vanish_rate: float) -> bool:
    """Whether a snapshot lacks so many of a source's rows that it is taken for half a file."""
    return n_vanished > max_vanish_rate * n_rows
