"""Segment maps as data, and the proof that a map gives every score exactly one segment. Scoring customers does not belong here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, Literal, TypeAlias

from schemas.history import GONE, JOINED
from schemas.types import CUSTOMER_STATES

Axes = Literal["r_fm", "r_f"]

DIGITS = "123456789A"
"""How a score is written in a cell: one character, A for 10."""

Cell: TypeAlias = dict[str, str | int]
"""A cell of a map: its code, its scores, and its segment."""


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

    @property
    def names(self) -> list[str]:
        """The segments."""
        return list(self.segments)

    @property
    def unreachable(self) -> list[str]:
        """A partition has no unreachable part."""
        return []

    def prove_partition(self, name: str) -> None:
        """Check that every cell belongs to exactly one segment.

        Raises:
            ValueError: names the cells that have no segment, have several, or do not exist; or a segment with the name
                of a customer state; or a number of bins for which cells cannot be written.
        """
        _prove_bins_and_names(name, self.bins, self.names)
        wanted = ["".join(cell) for cell in product(DIGITS[: self.bins], repeat=2)]
        given = [cell for cells in self.segments.values() for cell in cells]
        faults = {
            "without a segment": [cell for cell in wanted if cell not in given],
            "given more than once": sorted({cell for cell in given if given.count(cell) > 1}),
            "that do not exist": sorted(set(given) - set(wanted)),
        }
        found = [f"cells {', '.join(cells)} {fault}" for fault, cells in faults.items() if cells]
        if found:
            raise ValueError(f"segment map '{name}' is not a partition: {'; '.join(found)}")

    def cells(self) -> Iterator[Cell]:
        """Every cell, by its code."""
        other = "fm_score" if self.axes == "r_fm" else "f_score"
        for (recency, second), segment in sorted(self.segment_by_cell().items()):
            yield _cell({"r_score": recency, other: second}, segment)

    def segment_by_cell(self) -> dict[tuple[int, int], str]:
        """(recency score, other score) -> segment."""
        return {
            (DIGITS.index(cell[0]) + 1, DIGITS.index(cell[1]) + 1): segment
            for segment, cells in self.segments.items()
            for cell in cells
        }


@dataclass(frozen=True)
class Rule:
    """One rule: a segment, and the scores it takes in, from lowest to highest, both inclusive."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    segment: str
    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]

    def holds(self, code: tuple[int, int, int]) -> bool:
        """Whether the scores (recency, frequency, monetary) are in all three ranges."""
        ranges = (self.r, self.f, self.m)
        return all(low <= score <= high for score, (low, high) in zip(code, ranges, strict=True))


@dataclass(frozen=True)
class RuleMap:
    """A map of the three scores to segments by ordered rules: the first that holds names the segment, else `remainder` does.

    Their order and the remainder give every code exactly one segment, whatever the rules. In the configuration:
    `{rules: [{segment: best, r: [4, 5], f: [3, 5], m: [1, 5]}], remainder: others}`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    rules: list[Rule]
    remainder: str
    bins: int = 5

    @property
    def names(self) -> list[str]:
        """The segments, the remainder last."""
        return [*dict.fromkeys([*(rule.segment for rule in self.rules), self.remainder])]

    @property
    def unreachable(self) -> list[str]:
        """The rules that no code can reach, in words: every code they hold for belongs to an earlier rule."""
        codes = product(range(1, self.bins + 1), repeat=3)
        reached = {next((n for n, rule in enumerate(self.rules) if rule.holds(code)), None) for code in codes}  # type: ignore[arg-type]
        return [f"rule {n + 1} ({rule.segment})" for n, rule in enumerate(self.rules) if n not in reached]

    def cells(self) -> Iterator[Cell]:
        """Every cell, by its code: all three scores."""
        for code in product(range(1, self.bins + 1), repeat=3):
            segment = next((rule.segment for rule in self.rules if rule.holds(code)), self.remainder)  # type: ignore[arg-type]
            yield _cell(dict(zip(("r_score", "f_score", "m_score"), code, strict=True)), segment)

    def prove_partition(self, name: str) -> None:
        """Check that every range is one of existing scores.

        Raises:
            ValueError: names the rule with an impossible range; or a segment with the name of a customer state; or an
                impossible number of bins.
        """
        _prove_bins_and_names(name, self.bins, self.names)
        for number, rule in enumerate(self.rules, start=1):
            for axis, (low, high) in (("r", rule.r), ("f", rule.f), ("m", rule.m)):
                if not 1 <= low <= high <= self.bins:
                    raise ValueError(
                        f"segment map '{name}': rule {number} ({rule.segment}): {axis} [{low}, {high}] is not a range of "
                        f"scores from 1 to {self.bins}"
                    )


SegmentMap: TypeAlias = CellMap | RuleMap


def _cell(scores: dict[str, int], segment: str) -> Cell:
    return {"code": "".join(DIGITS[score - 1] for score in scores.values()), **scores, "segment": segment}


def _prove_bins_and_names(name: str, bins: int, segments: list[str]) -> None:
    if not 2 <= bins <= len(DIGITS):
        raise ValueError(f"segment map '{name}' has {bins} bins; it can have 2 to {len(DIGITS)}")
    if reserved := sorted({*segments} & {*CUSTOMER_STATES, GONE, JOINED}):
        raise ValueError(f"segment map '{name}' uses the name of a customer state: {', '.join(reserved)}")


MAPS: dict[str, SegmentMap] = {
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
    # R package rfm 0.3.0, its ranges of recency, frequency and monetary score in their order.
    "r_rfm": RuleMap(
        rules=[
            Rule("champions", r=(5, 5), f=(5, 5), m=(5, 5)),
            Rule("potential_loyalist", r=(3, 5), f=(3, 5), m=(2, 5)),
            Rule("loyal_customers", r=(2, 4), f=(2, 4), m=(2, 4)),
            Rule("promising", r=(3, 4), f=(1, 3), m=(3, 5)),
            Rule("new_customers", r=(4, 5), f=(1, 3), m=(1, 5)),
            Rule("cant_lose_them", r=(1, 2), f=(3, 4), m=(4, 5)),
            Rule("at_risk", r=(1, 2), f=(2, 5), m=(4, 5)),
            Rule("need_attention", r=(1, 3), f=(3, 5), m=(3, 5)),
            Rule("about_to_sleep", r=(2, 3), f=(1, 3), m=(1, 4)),
            Rule("lost", r=(1, 1), f=(1, 5), m=(1, 5)),
        ],
        remainder="others",
    ),
}
"""The shipped maps by name, as the definitions give them (section 1)."""
