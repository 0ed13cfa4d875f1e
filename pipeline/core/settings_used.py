"""The settings that figures rest on, one by one, so that a published file says by which rules it was made."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

SECTIONS = (
    *("orders", "rfm", "sci", "nps", "say_do", "churn", "loyalty", "journey", "engagement", "actions", "cohorts"),
    *("preferences", "pillars"),
)
"""The sections of the configuration that decide what a figure is; no other is published."""


def settings_rows(settings: Mapping[str, Any], *, as_of: date) -> pl.DataFrame:
    """One row per setting of SECTIONS (contract SettingsUsed); `settings`: the configuration as JSON has it."""
    rows = [(as_of, name, value) for section in SECTIONS for name, value in _leaves(section, settings[section])]
    schema = {"as_of_date": pl.Date, "setting": pl.String, "value": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, Mapping):
        for part, inner in value.items():
            yield from _leaves(f"{name}.{part}", inner)
    elif value is None or isinstance(value, str):
        yield name, value
    else:
        yield name, json.dumps(value, ensure_ascii=False)
