"""First pages of APIs, laid out as exports, for `init` to look at. What it makes of them does not belong here."""

import os
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from pydantic import ValidationError

from pipeline.core.options import SectionError, not_one_of
from pipeline.errors import ConfigError
from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.inputs import literal, quoted
from pipeline.sources.loading import Expected, load_inputs
from pipeline.sources.parts import find_parts
from pipeline.sources.preset import load_preset, shape_of
from pipeline.sources.settings import ApiSample, SourceSettings

ENTITY = {"responses": "surveys", "events": "touchpoints", "lines": "order_lines"}
"""Of what is read under another name than its entity's."""


def sample_apis(tools: list[str], keys: Mapping[str, str | None], folder: Path) -> dict[Path, str]:
    """The first page of everything that each tool gives, a CSV file each in `folder` -> the input as YAML writes it.

    Raises:
        ConfigError: a tool that is not known, a key that is missing or wrong, or a token that is not set.
        SourceShapeError: an API does not give its first page.
    """
    folder.mkdir(parents=True)
    files = {}
    for tool in dict.fromkeys(tools):
        if tool not in TOOLS:
            raise ConfigError(f"--from {not_one_of(tool, TOOLS)}")
        place = _place_of(tool, keys)
        told = "".join(f', {key}: "{value}"' for key in ("shop", "form") if (value := getattr(place, key)))
        for name in TOOLS[tool].resources:
            file = folder / f"{tool}_{name}.csv"
            _write_first_page(place, name, file, folder / f"{tool}_{name}")
            files[file] = f'{{api: {tool}{told}, token: "${{{_variable(tool)}}}"}}'
    return files


def _variable(tool: str) -> str:
    return f"{tool.upper()}_TOKEN"


def _place_of(tool: str, keys: Mapping[str, str | None]) -> ApiSample:
    token = os.environ.get(_variable(tool))
    if not token:
        raise ConfigError(
            f"--from {tool}: environment variable {_variable(tool)} is not set; set it to a token that reads"
        )
    given = {key: keys.get(key) for key in TOOLS[tool].keys}
    try:
        return ApiSample.model_validate({"api": tool, "token": token, **given})
    except ValidationError as error:
        words = _first_fault(error)
    raise ConfigError(f"--from {tool}: {words}")


def _first_fault(error: ValidationError) -> str:
    found = error.errors()[0].get("ctx", {}).get("error")
    key, words = found.found[0] if isinstance(found, SectionError) else ("", "cannot be read")
    return f"--{key} {words}"


def _write_first_page(place: ApiSample, name: str, file: Path, work: Path) -> None:
    work.mkdir()
    preset = TOOLS[place.api].resources[name].preset
    entity = ENTITY.get(name, name)
    survey = {"survey": "any"} if entity == "surveys" else {}
    source = SourceSettings.model_validate(
        {"name": place.api, "entity": entity, "preset": preset, "inputs": {name: place}, **survey}
    )
    expected = {name: Expected(load_preset(preset).inputs[name], shape=shape_of(preset, name))}
    with closing(duckdb.connect()) as connection:
        parts = find_parts(source, now=datetime.now(UTC))
        load_inputs(place.api, parts, connection, work, expected=expected)
        connection.execute(
            f"copy (select * exclude (_file, _row) from {quoted(name)}) to {literal(file)} (format csv, header)"
        )
