"""What the configuration says of sources: entities, inputs, mappings, exchange rates, and the simulated shop."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    Discriminator,
    Field,
    SecretStr,
    Tag,
)

from pipeline.core.ingest.personal import is_personal
from pipeline.core.options import MAX_DAYS, Fault, Name, Section, TimeZone, not_one_of
from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.preset import PRESETS, list_presets, load_preset
from schemas.registry import ENTITIES
from schemas.types import EXTRA, ORDER_STATUSES

OF_SURVEYS = ("survey_responses", "survey_answers")
"""What a source of surveys delivers, both from one wide row per response."""


SOURCE_ENTITIES = (*(name for name in ENTITIES if name not in OF_SURVEYS), "surveys")


ABOUT_A_SURVEY = ("surveys", "survey_invitations")
"""Entities about one survey, which the source must name."""


DATABASE_PATTERN = r"^(postgresql|mysql|sqlite|duckdb)://"


LookbackHours = Annotated[float, Field(ge=0, le=24 * MAX_DAYS)]


class DatabaseInput(Section):
    """A table or query of a database as an input."""

    database: Annotated[str, Field(pattern=DATABASE_PATTERN)]
    """Address; sqlite:///file and duckdb:///file are relative to the configuration file, with four slashes absolute."""
    table: str | None = None
    query: str | None = None
    cursor: str | None = None
    """A column that only grows: each run continues from its last value, rows with that value included."""
    lookback_hours: LookbackHours = 24
    """Of a cursor that is a time, how far each read goes back behind the last one, for rows of transactions that were open then."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if (self.table is None) == (self.query is None):
            yield "", "needs either table or query"


LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ApiInput(Section):
    """What a tool gives by its API as an input; the input's name says what is read, such as orders."""

    api: Literal[tuple(TOOLS)]  # type: ignore[valid-type]
    token: Annotated[SecretStr, Field(min_length=1)]
    shop: str | None = None
    """The shop as the tool calls it: its domain, its key, or of Shopify the name before .myshopify.com."""
    form: str | None = None
    """Of a survey tool the form."""
    base_url: str | None = None
    """Another address than the tool's own, such as a gateway's."""
    lookback_hours: LookbackHours = 24
    """How far each read goes back behind the last one, for rows that the tool shows late."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        needed = TOOLS[self.api].keys
        for key in ("shop", "form"):
            value = getattr(self, key)
            if key in needed and value is None:
                yield key, f"is missing; {self.api} needs it"
            elif key not in needed and value is not None:
                yield key, f"{self.api} takes none; leave it out"
            elif value is not None and not re.fullmatch(needed[key].pattern, value):
                yield key, f"'{value}' is not a {key} of {TOOLS[self.api].system}, such as {needed[key].example}"
        if TOOLS[self.api].is_token_pair and not re.fullmatch(r"[^:\s]+:\S+", self.token.get_secret_value()):
            yield "token", "must be a key and its secret with a colon between them"
        if self.base_url is not None:
            yield from _faults_of_address(self.base_url)


class ApiSample(ApiInput):
    """The first page of an API, in place of all; never written in a configuration."""


def _faults_of_address(address: str) -> Iterator[Fault]:
    """What is wrong with the address of an API: a token would travel for all to read, or be sent elsewhere."""
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        yield "base_url", "is not the address of an API: https://name/path, without user, password and parameters"
    elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield "base_url", "would send the token for all to read; use https"


MAX_UNPACKED_MB = 8_000


class FileInput(Section):
    """A file, folder or glob as an input, with what is read of a file that holds more than one table."""

    path: str
    """The place, as it stands alone where nothing else is said."""
    member: str | None = None
    """Of a .zip the file in it, or a wildcard for several; all that can be read when left out."""
    sheet: str | None = None
    """Of an Excel file the sheet; needed when several hold something."""
    header: Annotated[int, Field(ge=1)] | None = None
    """Of an Excel file the row with the column names; found when left out: the first row that is no title."""


def _form_of_input(tree: Any) -> str:
    if isinstance(tree, ApiInput) or (isinstance(tree, dict) and "api" in tree):
        return "an API"
    if isinstance(tree, FileInput) or (isinstance(tree, dict) and "path" in tree):
        return "a file"
    return "a database" if isinstance(tree, dict | DatabaseInput) else "a place"


Input = Annotated[
    Annotated[str, Tag("a place")]
    | Annotated[FileInput, Tag("a file")]
    | Annotated[DatabaseInput, Tag("a database")]
    | Annotated[ApiInput, Tag("an API")],
    Discriminator(_form_of_input),
]


def as_file(place: str | FileInput) -> FileInput:
    """A place of files in its long form."""
    return FileInput(path=place) if isinstance(place, str) else place


class SourceSettings(Section):
    """One source: what it delivers, from where, and the SELECT that maps it."""

    name: Name
    entity: Literal[SOURCE_ENTITIES]  # type: ignore[valid-type]
    inputs: Annotated[dict[Name, Input], Field(min_length=1)]
    """Input name as the mapping uses it -> file, folder or glob, also on s3://, gs:// or az://; or a database, or an API."""
    max_unpacked_mb: Annotated[int, Field(ge=1)] = MAX_UNPACKED_MB
    """What the files of one .zip or Excel file may come to when unpacked: a small file can hold more than a disk takes."""
    preset: str | None = None
    mapping: Path | None = None
    survey: str | None = None
    """The survey that the responses or invitations belong to."""
    time_zone: TimeZone | None = None
    """Zone of times without an offset; the shop's when left out."""
    full_snapshot: bool = False
    """Whether every delivery is complete: rows missing from it are marked as deleted."""
    id_prefix: str = ""
    """What comes before every number that this shop gives: of orders, accounts, reviews, … where two shops number alike."""
    decimal: Literal[".", ","] = "."
    """What comes before the cents in an export: `1234.50`, or `1.234,50`."""
    dates: Literal["year-first", "day-first", "month-first"] = "year-first"
    """What an export's dates begin with."""
    statuses: dict[str, Literal[ORDER_STATUSES]] = {}  # type: ignore[valid-type]
    """Status of the export, or the system's own word for it, in any case -> what it means here, whatever a preset knows."""
    exclude: str | None = None
    """SQL condition on the columns that the mapping returns, numbers and amounts (in whole units) as numbers: rows that it
    holds for are left out, and counted."""
    extra_columns: list[str] = []
    """Input columns that the mapping does not read, kept in `extra`."""
    personal: list[str] = []
    """More input columns with personal data than a preset or their names show; quarantine holds pseudonyms of them."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        if self.name == "all":
            yield "name", "'all' stands for all sources together; take another"
        if (self.survey is not None) != (self.entity in ABOUT_A_SURVEY):
            yield "", f"needs survey with entity {' or '.join(ABOUT_A_SURVEY)}, and only there"
        if (self.preset is None) == (self.mapping is None):
            yield "", "needs either preset or mapping"
        elif self.preset is not None:
            presets = list_presets()
            if self.preset not in presets:
                yield "preset", not_one_of(self.preset, presets)
            elif self.entity not in presets[self.preset]:
                known = [name for name, entities in presets.items() if self.entity in entities]
                yield "preset", f"'{self.preset}' has no {self.entity}; presets with it: {', '.join(known) or 'none'}"
            else:
                inputs = load_preset(self.preset).inputs
                for name in self.inputs:
                    if name not in inputs:
                        yield f"inputs.{name}", f"input {not_one_of(name, inputs)}"
        yield from self._faults_of_apis()
        yield from self._faults_of_extra_columns()
        yield from self._faults_of_notation()
        if self.full_snapshot:
            for name, place in self.inputs.items():
                if isinstance(place, DatabaseInput) and place.cursor:
                    yield f"inputs.{name}.cursor", "full_snapshot reads everything; leave out the cursor"

    def _faults_of_apis(self) -> Iterator[Fault]:
        """Inputs that no API has, and those that the preset reads of files alone."""
        for name, place in self.inputs.items():
            if not isinstance(place, ApiInput):
                continue
            resources = TOOLS[place.api].resources
            if name not in resources:
                yield f"inputs.{name}", f"input {not_one_of(name, resources)}, which {place.api} has"
            elif self.full_snapshot and (days := resources[name].days):
                words = f"{place.api} tells of the last {days + 1} days alone, and what is older would count as deleted"
                yield "full_snapshot", f"{words}; leave it out"
            elif self.preset is not None and self.preset != resources[name].preset:
                yield "preset", f"'{self.preset}' does not read {name} of {place.api}; take {resources[name].preset}"

    def _faults_of_extra_columns(self) -> Iterator[Fault]:
        """What could not be kept, and what must not be."""
        keeping = sorted(
            "surveys" if name in OF_SURVEYS else name for name, table in ENTITIES.items() if EXTRA in table.columns
        )
        if self.extra_columns and self.entity not in keeping:
            yield "extra_columns", f"{self.entity} keep none; these do: {', '.join(keeping)}"
        told = load_preset(self.preset).inputs.values() if self.preset in list_presets() else []
        named = {name.lower() for name in [*self.personal, *(name for each in told for name in each.personal_headers)]}
        for column in self.extra_columns:
            if column.lower() in named or (self.preset is None and is_personal(column)):
                yield "extra_columns", f"'{column}' holds personal data, which stays out of the lake; leave it out"

    def _faults_of_notation(self) -> Iterator[Fault]:
        """What the configuration says of an export that nothing of the source would read."""
        if self.statuses and self.entity != "orders":
            yield "statuses", f"{self.entity} have no status; leave it out"
        if self.preset is None or self.preset not in list_presets():
            return
        told = load_preset(self.preset).inputs.values()
        if self.statuses and not any(each.statuses for each in told):
            yield "statuses", f"preset '{self.preset}' reads no status; leave it out"
        if self.decimal != "." and not any(each.amounts or each.packed for each in told):
            yield "decimal", f"preset '{self.preset}' reads no amounts, or reads both; leave it out"
        if self.dates != "year-first" and not any(each.dates for each in told):
            yield "dates", f"preset '{self.preset}' reads no dates written so; leave it out"

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
    """Customers won in the first two years; the shop keeps winning them at that pace."""
    dirt_rate: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    """Share of rows with a fault of a real export."""
    attitude_effect: Annotated[float, Field(ge=0)] = 1.0
    """How strongly attitude moves drop-out; 0 makes the shop a pure BG/NBD process."""


class CurrencySettings(Section):
    """What amounts in other currencies are worth in the shop's."""

    rates: Path | None = None
    """A CSV of rates: columns date, currency and rate (units of the shop's currency for one of it), or the ECB's
    eurofxref-hist.csv. Without a rate an order has no value."""
    max_rate_age_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 7
    """Days after its date for which a rate holds when there is no newer one."""
