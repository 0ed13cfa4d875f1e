"""What the configuration says of surveys: items, constructs, and what drives an outcome."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
)

from pipeline.core.options import Fault, Name, Section, used_twice
from schemas.registry import ENTITIES
from schemas.types import (
    ITEM_ROLES,
    SURVEY_TYPES,
)

SCI_ITEMS = "sci_items"
"""The measure made of all items with a role in the Secure Customer Index."""


MAX_PREDICTORS = 12
"""Shapley values need every subset of the predictors: 4,096 of them."""


def as_number(text: str) -> float | None:
    """The number that a text is, if it is one."""
    try:
        return float(text)
    except ValueError:
        return None


def same_text(text: str) -> str:
    """A label in the form in which labels are compared: case and blanks around it do not count."""
    return text.strip().lower()


def _quoted_labels(labels: object) -> object:
    for label in labels if isinstance(labels, dict) else ():
        if isinstance(label, bool):
            raise ValueError(
                f"{str(label).lower()} stands for yes, no, on or off in YAML; "
                f"put it in quotes, as '{'yes' if label else 'no'}'"
            )
    return labels


class ItemSettings(Section):
    """One item of a survey."""

    role: Literal[ITEM_ROLES] | None = None  # type: ignore[valid-type]
    scale: tuple[int, int]
    construct_name: Annotated[str | None, Field(alias="construct")] = None
    reversed: bool = False
    nps: bool = False
    """Whether this is the Net Promoter question; a 0-10 item is not one by itself."""
    labels: Annotated[dict[str, int], BeforeValidator(_quoted_labels)] = {}
    """Answers in words -> the answer of the scale that they stand for; a number is still read as it is."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if self.scale[0] >= self.scale[1]:
            yield "scale", f"{list(self.scale)} must be [lowest, highest]"
        if self.nps and self.scale != (0, 10):
            yield "nps", f"needs scale [0, 10], not {list(self.scale)}"
        if self.nps and self.reversed:
            yield "reversed", "10 is always the best answer to the NPS question; leave out reversed, or nps: true"
        told: dict[str, str] = {}
        for label, answer in self.labels.items():
            if not label.strip():
                yield "labels", "a label is empty; leave it out, an empty cell is no answer"
            if as_number(label) is not None:
                yield "labels", f"'{label}' is a number; where a high answer is a bad one say reversed: true"
            if not self.scale[0] <= answer <= self.scale[1]:
                yield "labels", f"'{label}' is {answer}; give an answer on the scale {self.scale[0]} to {self.scale[1]}"
            if (other := told.setdefault(same_text(label), label)) != label:
                yield "labels", f"'{other}' and '{label}' are the same text; keep one"


class SurveySettings(Section):
    """One survey and what its items measure."""

    type: Literal[SURVEY_TYPES]  # type: ignore[valid-type]
    items: Annotated[dict[str, ItemSettings], Field(min_length=1)]
    missing_codes: list[Annotated[str, Field(coerce_numbers_to_str=True)]] = []
    """What stands for no answer beside an empty cell, as the source writes it, such as -99 or N/A."""
    comments: list[str] = []
    """Open questions: columns whose texts are the response's comment, beside a comment that the mapping returns."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        for item_id in self.items:
            if item_id in ENTITIES["survey_responses"].polars_schema or item_id.startswith("_"):
                yield f"items.{item_id}", "has the name of a column of responses; rename it in the mapping"
        for code in self.missing_codes:
            number = as_number(code)
            for item_id, item in self.items.items():
                if number is not None and item.scale[0] <= number <= item.scale[1]:
                    yield "missing_codes", f"'{code}' is an answer on the scale of item {item_id}; leave it out"
                if same_text(code) in map(same_text, item.labels):
                    yield "missing_codes", f"'{code}' is a label of item {item_id}; leave one of the two out"
        yield from (("comments", words) for words in used_twice(self.comments))
        for name in self.comments:
            if name in self.items:
                yield "comments", f"'{name}' is an item; leave it out"
            if name in ENTITIES["survey_responses"].polars_schema or name.startswith("_"):
                yield (
                    "comments",
                    f"'{name}' is a column of responses, which the mapping returns by itself; leave it out",
                )

    @property
    def columns(self) -> list[str]:
        """What a mapping returns of the survey beside the columns of responses: its items and open questions."""
        return [*self.items, *self.comments]

    @property
    def constructs(self) -> dict[str, list[str]]:
        """Construct -> its items, in the order of the configuration."""
        found: dict[str, list[str]] = {}
        for item_id, item in self.items.items():
            if item.construct_name is not None:
                found.setdefault(item.construct_name, []).append(item_id)
        return found

    def items_of(self, measure: str) -> list[str]:
        """The items of a construct, of a role, or of all roles together under SCI_ITEMS; none for any other name."""
        if measure in self.constructs:
            return self.constructs[measure]
        roles = ITEM_ROLES if measure == SCI_ITEMS else (measure,)
        return [item_id for item_id, item in self.items.items() if item.role in roles]


class ConstructSettings(Section):
    """Scores and reliability of the constructs that a survey measures."""

    min_answered: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Share of a construct's items a response must answer to get a score."""
    low_alpha: Annotated[float, Field(ge=0, le=1)] = 0.7
    """Cronbach's alpha below this is flagged as low."""
    min_n: Annotated[int, Field(ge=2)] = 30
    """Complete cases needed to show alpha."""


class OutcomeSettings(Section):
    """What the drivers of one survey drive."""

    outcome: str = SCI_ITEMS
    """A construct of the survey, else a role of its items, or sci_items: the mean of the items of all three roles."""
    predictors: list[str] = []
    """The constructs that may drive it; by default all that share no item with the outcome."""


class DriverSettings(Section):
    """How the drivers of an outcome are found."""

    surveys: dict[Name, OutcomeSettings] = {}
    """Survey -> its outcome; other surveys have the default outcome if they ask its items."""
    min_n: Annotated[int, Field(ge=3)] = 100
    """Responses with outcome and all predictors needed to show anything."""
    resamples: Annotated[int, Field(ge=50)] = 200
    """Bootstrap resamples behind the intervals."""
    seed: Annotated[int, Field(ge=0)] = 8
    """Seed of the bootstrap: the same responses always give the same intervals."""
