"""Segment maps as data, and the proof that a map gives every score exactly one segment. Scoring customers does not belong here."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, Literal

from schemas.types import CUSTOMER_STATES

Axes = Literal["r_fm", "r_f"]

DIGITS = "123456789A"
"""How a score is written in a cell: one character, A for 10."""


@dataclass(frozen=True)
class CellMap:
    """A map of two scores to segments: segment -> cells "rc", first digit the recency score, second the other axis.

    A cell is written with one character per score, 1 to 9 and then A for 10. The other axis is the FM score with
    axes `r_fm` and the frequency score with `r_f`.
    """

    # Read by pydantic when the configuration holds a map: unknown keys are refused, and YAML may write 55 for "55".
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "coerce_numbers_to_str": True}

    axes: Axes
    segments: Mapping[str, list[str]]
    bins: int = 5

    def prove_partition(self, name: str) -> None:
        """Check that every cell belongs to exactly one segment.

        Raises:
            ValueError: names the cells that are covered never, more than once, or do not exist; or a segment that
                bears the name of a customer state, or a number of bins that cells cannot be written for.
        """
        if not 2 <= self.bins <= len(DIGITS):
            raise ValueError(f"segment map '{name}' has {self.bins} bins; possible are 2 to {len(DIGITS)}")
        if reserved := sorted(set(self.segments) & set(CUSTOMER_STATES)):
            raise ValueError(f"segment map '{name}' uses the name of a customer state: {', '.join(reserved)}")
        wanted = ["".join(cell) for cell in product(DIGITS[: self.bins], repeat=2)]
        given = [cell for cells in self.segments.values() for cell in cells]
        faults = {
            "without a segment": [cell for cell in wanted if cell not in given],
            "given more than once": sorted({cell for cell in given if given.count(cell) > 1}),
            "that do not exist": sorted(set(given) - set(wanted)),
        }
        found = [f"cells {', '.join(cells)} {fault}" for fault, cells in faults.items() if cells]
        if found:
            raise ValueError(f"segment map '{name}' is no partition: {'; '.join(found)}")

    def segment_by_cell(self) -> dict[tuple[int, int], str]:
        """(recency score, other score) -> segment."""
        return {
            (DIGITS.index(cell[0]) + 1, DIGITS.index(cell[1]) + 1): segment
            for segment, cells in self.segments.items()
            for cell in cells
        }


MAPS: dict[str, CellMap] = {
    "rfm11": CellMap(
        axes="r_fm",
        segments={
            "champions": ["55", "54", "45"],
            "loyal": ["53", "44", "35", "34"],
            "potential_loyalist": ["52", "42", "33", "43"],
            "recent": ["51"],
            "promising": ["41", "31"],
            "needs_attention": ["32", "23", "22"],
            "about_to_sleep": ["21"],
            "at_risk": ["25", "24", "13"],
            "cant_lose": ["15", "14"],
            "hibernating": ["12"],
            "lost": ["11"],
        },
    ),
    "rf10": CellMap(
        axes="r_f",
        segments={
            "hibernating": ["11", "12", "21", "22"],
            "at_risk": ["13", "14", "23", "24"],
            "cant_lose": ["15", "25"],
            "about_to_sleep": ["31", "32"],
            "need_attention": ["33"],
            "loyal": ["34", "35", "44", "45"],
            "promising": ["41"],
            "new": ["51"],
            "potential_loyalist": ["42", "43", "52", "53"],
            "champions": ["54", "55"],
        },
    ),
}
"""The shipped maps by name, as the definitions give them (section 1)."""
