"""What all settings share: their base, and the types of fields that several subjects have. No setting belongs here."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
)

MAX_DAYS = 36_500
"""A century: what is longer is a slip, and leads out of the calendar."""


def refuse_twice(key: str, names: list[str]) -> None:
    """Check that no name of a list is in it twice.

    Raises:
        ValueError: one is; names the key.
    """
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{key}: name '{doubled[0]}' is used twice")


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"'{name}' is not an IANA time zone such as Europe/Amsterdam")
    return name


def _ascending(edges: list[float]) -> list[float]:
    if edges != sorted(set(edges)):
        raise ValueError("must be strictly ascending")
    return edges


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


Edges = Annotated[list[float], AfterValidator(_ascending)]


Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Section(BaseModel):
    """A section of the configuration: an unknown key is refused, nothing changes after loading, no number is infinite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
