"""What all settings share: their base, and the types of fields that several subjects have. No setting belongs here."""

from collections.abc import Iterable, Iterator
from datetime import time
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Self, TypeAlias
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

MAX_DAYS = 36_500
"""A century: anything longer is a typo and overflows the calendar."""

MINUTES_A_DAY = 24 * 60

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"

Fault: TypeAlias = tuple[str, str]
"""The key at fault, relative to the section that reports it (empty for the section itself), and what is wrong, in words."""


class SectionError(ValueError):
    """All that is wrong in one section, so that it can be fixed in one go."""

    def __init__(self, found: list[Fault]) -> None:
        self.found = found
        super().__init__("; ".join(f"{key}: {words}" if key else words for key, words in found))


def used_twice(names: list[str]) -> Iterator[str]:
    """What is wrong with a list of names that must differ: each duplicate, in words."""
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"name '{name}' is used twice"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the most similar known one, if any is similar."""
    by_letters = {one.lower(): one for one in known}
    near = get_close_matches(str(name).lower(), by_letters, n=1, cutoff=0.7)
    return f"; did you mean '{by_letters[near[0]]}'?" if near else ""


def not_one_of(name: object, known: Iterable[str]) -> str:
    """What is wrong with a name that is not on a closed list."""
    known = list(known)
    return f"'{name}' is not one of {', '.join(known) or 'none'}{did_you_mean(name, known)}"


time_zones = cache(available_timezones)
"""The names of all time zones, found once: they are a folder tree."""


def _known_time_zone(name: str) -> str:
    if name not in (known := time_zones()):
        # Names without "/" have one offset all year round, or are American.
        near = did_you_mean(name, (zone for zone in known if "/" in zone))
        raise ValueError(f"'{name}' is not an IANA time zone{near or ' such as Europe/Amsterdam'}")
    return name


def _ascending(edges: list[float]) -> list[float]:
    if edges != sorted(set(edges)):
        raise ValueError(f"{', '.join(f'{edge:g}' for edge in edges)} must be strictly ascending")
    return edges


def _hours_and_minutes(given: object) -> object:
    """A time of day as it is written: YAML reads an unquoted 10:30 as the number 630, in base 60."""
    if not isinstance(given, int) or isinstance(given, bool):
        return given
    minutes = given if given < MINUTES_A_DAY else given // 60
    if not 60 <= minutes < MINUTES_A_DAY:
        raise ValueError(f"{given} is not a time of day; write it as 02:00")
    return time(minutes // 60, minutes % 60)


TimeOfDay = Annotated[time, BeforeValidator(_hours_and_minutes)]


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


Edges = Annotated[list[float], AfterValidator(_ascending)]


Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]


Name = Annotated[str, Field(pattern=NAME_PATTERN)]


class Section(BaseModel):
    """A section of the configuration: an unknown key is refused, nothing changes after loading, no number is infinite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def faults(self) -> Iterator[Fault]:
        """What is wrong between keys that are each right alone; sections with such rules override this."""
        yield from ()

    @model_validator(mode="after")
    def _has_no_faults(self) -> Self:
        if found := list(self.faults()):
            raise SectionError(found)
        return self
