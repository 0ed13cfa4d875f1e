"""What the configuration says of sources: entities, inputs, mappings, and the simulated shop."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    model_validator,
)

from pipeline.core.options import Name, Section, TimeZone
from pipeline.sources.preset import PRESETS, list_presets
from schemas.registry import ENTITIES

OF_SURVEYS = ("survey_responses", "survey_answers")
"""What a source of surveys delivers, both from one wide row per response."""


SOURCE_ENTITIES = (*(name for name in ENTITIES if name not in OF_SURVEYS), "surveys")


ABOUT_A_SURVEY = ("surveys", "survey_invitations")
"""What a source delivers of one survey, which it names."""


class DatabaseInput(Section):
    """A table or query of a database as an input."""

    database: Annotated[str, Field(pattern=r"^(postgresql|mysql|sqlite|duckdb)://")]
    """Address; sqlite:///file and duckdb:///file are relative to the configuration file, with four slashes absolute."""
    table: str | None = None
    query: str | None = None
    cursor: str | None = None
    """A column that only grows: each run reads the rows from its last value on, that value included."""

    @model_validator(mode="after")
    def _table_or_query(self) -> "DatabaseInput":
        if (self.table is None) == (self.query is None):
            raise ValueError("needs either table or query")
        return self


class SourceSettings(Section):
    """One source: what it delivers, from where, and the SELECT that maps it."""

    name: Name
    entity: Literal[SOURCE_ENTITIES]  # type: ignore[valid-type]
    inputs: Annotated[dict[Name, str | DatabaseInput], Field(min_length=1)]
    """Input name as the mapping uses it -> file, folder or glob, also on s3://, gs:// or az://; or a database."""
    preset: str | None = None
    mapping: Path | None = None
    survey: str | None = None
    """The survey that responses or invitations are of."""
    time_zone: TimeZone | None = None
    """Zone of times without an offset; the shop's when left out."""
    full_snapshot: bool = False
    """Whether every delivery holds all rows there are: rows that are no longer in it are marked as deleted."""
    personal: list[str] = []
    """Input columns with personal data beside those that a preset or their name tells: pseudonyms in quarantine."""

    @model_validator(mode="after")
    def _one_mapping(self) -> "SourceSettings":
        if (self.preset is None) == (self.mapping is None):
            raise ValueError("needs either preset or mapping")
        if (self.survey is not None) != (self.entity in ABOUT_A_SURVEY):
            raise ValueError(f"needs survey with entity {' or '.join(ABOUT_A_SURVEY)}, and only there")
        if self.name == "all":
            raise ValueError("name 'all' stands for all sources together; take another")
        if self.preset is not None and not self.mapping_file.is_file():
            known = [name for name, entities in list_presets().items() if self.entity in entities]
            raise ValueError(f"preset '{self.preset}' has no {self.entity}; presets with it: {', '.join(known)}")
        if self.full_snapshot and any(
            isinstance(place, DatabaseInput) and place.cursor for place in self.inputs.values()
        ):
            raise ValueError("full_snapshot reads everything; leave out the cursor of its inputs")
        return self

    @property
    def mapping_file(self) -> Path:
        """The SQL file with the mapping SELECT."""
        return self.mapping or PRESETS / str(self.preset) / f"{self.entity}.sql"


class DemoSettings(Section):
    """The simulated shop."""

    seed: int = 8
    start_date: date = date(2024, 11, 1)
    """The shop's first day. Its life only depends on this and the seed, so a later end date adds to the same history."""
    end_date: date | None = None
    """The last day in the exports; null = yesterday in the shop's time zone."""
    customers: Annotated[int, Field(ge=1)] = 5000
    """Customers won in the first two years; the shop goes on winning them at that pace."""
    dirt_rate: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    """Share of rows with a fault of a real export."""
    attitude_effect: Annotated[float, Field(ge=0)] = 1.0
    """How strongly attitude moves drop-out; 0 makes the shop a pure BG/NBD process."""
