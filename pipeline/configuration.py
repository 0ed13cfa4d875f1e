"""The configuration file: read, filled from the environment, validated, and its faults explained. No setting belongs here."""

import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import (
    ValidationError,
)

from pipeline.errors import ConfigError
from pipeline.settings import Settings


class _Loader(yaml.SafeLoader):
    """YAML in which no mapping has a key twice: the last would count and the first be lost."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """As the base class does.

        Raises:
            yaml.YAMLError: a key is there twice.
        """
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.YAMLError(f"key '{key.value}' is there twice, again in line {key.start_mark.line + 1}")
            seen.add(str(key.value))
        return node


def load_settings(config: Path | str | None = None, *, home: Path | str | None = None) -> Settings:
    """Read and validate the configuration.

    `config` defaults to LOYALTY_CONFIG or `loyalty.yaml`, `home` to LOYALTY_HOME or `.loyalty`.

    Raises:
        ConfigError: the file is missing or not YAML, a `${NAME}` is not set, or a key is unknown or wrong; names the key.
    """
    path = Path(config or os.environ.get("LOYALTY_CONFIG") or "loyalty.yaml").resolve()
    home_path = Path(home or os.environ.get("LOYALTY_HOME") or ".loyalty").resolve()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"configuration {path} cannot be read ({type(error).__name__}); give --config or set LOYALTY_CONFIG"
        ) from None
    try:
        tree = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"configuration {path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {path} is empty or not a mapping of keys")
    for key, variable in (("home", "LOYALTY_HOME"), ("pii_key", "LOYALTY_PII_KEY")):
        if key in tree:
            raise ConfigError(f"configuration {path}: {key}: unknown key; set {variable}")
    tree = _substitute(tree, {**os.environ, "LOYALTY_HOME": str(home_path)}, where="")
    _resolve_paths(tree, path.parent)
    try:
        return Settings.model_validate(
            {**tree, "home": home_path, "pii_key": os.environ.get("LOYALTY_PII_KEY") or None}
        )
    except ValidationError as error:
        raise ConfigError(f"configuration {path}: {_first_fault(error)}") from None


def _substitute(value: Any, environment: dict[str, str], where: str) -> Any:
    """Put environment variables in place of `${NAME}` in every text of the tree."""
    if isinstance(value, dict):
        return {key: _substitute(item, environment, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, environment, f"{where}.{index}") for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ConfigError(f"configuration key {where}: environment variable {match[1]} is not set")
        return environment[match[1]]

    return re.sub(r"\$\{(\w+)\}", replacement, value)


def _resolve_paths(tree: dict[str, Any], folder: Path) -> None:
    if isinstance(tree.get("lake"), str):
        tree["lake"] = _resolve(tree["lake"], folder)
    sources = tree.get("sources")
    for source in sources if isinstance(sources, list) else []:
        if not isinstance(source, dict):
            continue
        if isinstance(source.get("mapping"), str):
            source["mapping"] = folder / source["mapping"]
        if isinstance(source.get("inputs"), dict):
            for name, place in source["inputs"].items():
                if isinstance(place, dict) and isinstance(place.get("database"), str):
                    place["database"] = _resolve_database(place["database"], folder)
                elif isinstance(place, str):
                    source["inputs"][name] = _resolve(place, folder)


def _resolve(place: str, folder: Path) -> str:
    return place if "://" in place else str(folder / place)


def _resolve_database(address: str, folder: Path) -> str:
    scheme, _, path = address.partition(":///")
    return f"{scheme}:///{folder / path}" if scheme in ("sqlite", "duckdb") else address


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    fault = faults[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        message = "unknown key"
    elif fault["type"] == "missing":
        message = "is missing"
    else:
        message = fault["msg"].removeprefix("Value error, ")
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"
