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
OF_SHOP = ("currency", "time_zone")
"""The same of the section `shop`."""


def settings_rows(settings: Mapping[str, Any], *, as_of: date) -> pl.DataFrame:
    """One row per setting of SECTIONS and OF_SHOP (contract SettingsUsed); `settings`: the configuration as JSON has it."""
    deciding = {name: settings[name] for name in SECTIONS} | {
        "shop": {name: settings["shop"][name] for name in OF_SHOP}
    }
    rows = [(as_of, name, value) for section, given in deciding.items() for name, value in _leaves(section, given)]
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
