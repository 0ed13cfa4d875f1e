"""The configuration file: found, read, filled from the environment and validated, with its home. No setting belongs here."""

import logging
import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import (
    ValidationError,
)

from pipeline.configuration_faults import FROM_ENVIRONMENT, explain
from pipeline.core.options import Fault
from pipeline.errors import ConfigError
from pipeline.home_version import refuse_newer
from pipeline.settings import Settings

HOME = ".loyalty"
VARIABLE = re.compile(r"\$\{(\w+)\}")


class _Loader(yaml.SafeLoader):
    """YAML that notes every key that a mapping has twice: plain YAML silently takes the last."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.doubled: list[Fault] = []

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """As the base class does."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                self.doubled.append((f"line {line}", f"key '{key.value}' appears twice; keep one"))
            seen.add(str(key.value))
        return node


def load_settings(config: Path | str | None = None, *, home: Path | str | None = None) -> Settings:
    """Read and validate the configuration.

    `config` defaults to LOYALTY_CONFIG or `loyalty.yaml`; `home` to LOYALTY_HOME or the folder `.loyalty` beside the
    configuration.

    Raises:
        ConfigError: the file is missing or not YAML; or everything wrong in it: each `${NAME}` that is not set, and
        each key that is unknown or wrong. Or a newer program has written the home.
    """
    path = Path(config or os.environ.get("LOYALTY_CONFIG") or "loyalty.yaml").resolve()
    written, faults = _read(path)
    given = home or os.environ.get("LOYALTY_HOME")
    home_path = Path(given).resolve() if given else _find_home(path, written)
    for key, variable in FROM_ENVIRONMENT.items():
        if key in written:
            faults.append((key, f"unknown key; set {variable}"))
    written = {key: value for key, value in written.items() if key not in FROM_ENVIRONMENT}
    faults += _secrets_in(written)
    unset: list[Fault] = []
    tree = _substitute(written, {**os.environ, "LOYALTY_HOME": str(home_path)}, "", unset)
    faults += unset
    _resolve_paths(tree, path.parent)
    tree |= {"home": home_path, "pii_key": os.environ.get("LOYALTY_PII_KEY") or None}
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        waiting = tuple(key for key, _ in unset)
        faults += [fault for fault in explain(error, written, tree) if not fault[0].startswith(waiting)]
    if faults:
        raise ConfigError(_in_words(path, faults))
    # Here, as whoever uses a home begins with its settings.
    refuse_newer(home_path)
    return settings


def _in_words(path: Path, faults: list[Fault]) -> str:
    lines = [f"{key}: {words}" if key else words for key, words in dict.fromkeys(faults)]
    if len(lines) == 1:
        return f"configuration {path}: {lines[0]}"
    return "\n".join([f"configuration {path} has {len(lines)} faults:", *(f"  {line}" for line in lines)])


def _read(path: Path) -> tuple[dict[Any, Any], list[Fault]]:
    """The keys of the file, and those that are in it twice."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"configuration {path} cannot be read ({type(error).__name__}); give --config or set LOYALTY_CONFIG"
        ) from None
    try:
        loader = _Loader(text)
        tree = loader.get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"configuration {path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {path} is empty or not a mapping of keys")
    return tree, loader.doubled


def _find_home(config: Path, tree: dict[Any, Any]) -> Path:
    """The folder beside the configuration, or one that earlier runs of its sources have left in the working folder."""
    beside, working = config.parent / HOME, Path.cwd() / HOME
    sources = tree["sources"] if isinstance(tree.get("sources"), list) else []
    names = [str(source.get("name")) for source in sources if isinstance(source, dict)]
    if beside.exists() or not any((working / "work" / "staged" / name).is_dir() for name in names):
        return beside
    logging.getLogger(__name__).warning(
        f"warning: the home is {working}, in the working folder; move it to {beside}, or set LOYALTY_HOME={working}"
    )
    return working


def _substitute(value: Any, environment: dict[str, str], where: str, unset: list[Fault]) -> Any:
    """Put environment variables in place of `${NAME}` in every text of the tree; one that is not set is a fault."""
    if isinstance(value, dict):
        return {key: _substitute(item, environment, f"{where}.{key}".lstrip("."), unset) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, environment, f"{where}.{index}", unset) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in dict.fromkeys(VARIABLE.findall(value)):
        if name not in environment:
            unset.append((where, f"environment variable {name} is not set; set it"))
    return VARIABLE.sub(lambda match: environment.get(match[1], match[0]), value)


def _secrets_in(written: dict[Any, Any]) -> list[Fault]:
    """The addresses of alerts, databases and engines and the tokens of APIs written in the file itself; their values are never shown."""
    alerts = written.get("alerts")
    to = alerts.get("to") if isinstance(alerts, dict) else None
    places = {f"alerts.to.{number}": address for number, address in enumerate(to if isinstance(to, list) else [to])}
    places |= {
        f"publish.targets.{name}.postgresql": target.get("postgresql") for name, target in _targets_in(written).items()
    }
    engine = written.get("engine")
    if isinstance(engine, dict) and "token=" in str(engine.get("spark")):
        places["engine.spark"] = engine["spark"]
    return [
        (place, "an address holds secrets; put it in an environment variable and write ${NAME}")
        for place, address in places.items()
        if isinstance(address, str) and not VARIABLE.fullmatch(address)
    ] + [
        (
            f"sources.{number}.inputs.{name}.token",
            "is a secret; put it in an environment variable and write ${NAME}",
        )
        for number, source in enumerate(written["sources"] if isinstance(written.get("sources"), list) else [])
        if isinstance(source, dict) and isinstance(source.get("inputs"), dict)
        for name, place in source["inputs"].items()
        if isinstance(place, dict) and "token" in place and not VARIABLE.fullmatch(str(place["token"]))
    ]


def _targets_in(tree: dict[Any, Any]) -> dict[Any, dict[Any, Any]]:
    """What the file says of each target of publish, as far as it can be one."""
    publish = tree.get("publish")
    targets = publish.get("targets") if isinstance(publish, dict) else None
    found = targets.items() if isinstance(targets, dict) else ()
    return {name: target for name, target in found if isinstance(target, dict)}


def _resolve_paths(tree: dict[str, Any], folder: Path) -> None:
    if isinstance(tree.get("lake"), str):
        tree["lake"] = _resolve(tree["lake"], folder)
    publish = tree.get("publish")
    if isinstance(publish, dict) and isinstance(publish.get("path"), str):
        publish["path"] = folder / publish["path"]
    for target in _targets_in(tree).values():
        if isinstance(target.get("parquet"), str):
            target["parquet"] = _resolve(target["parquet"], folder)
    dbt = tree.get("dbt")
    if isinstance(dbt, dict) and isinstance(dbt.get("models"), str):
        dbt["models"] = folder / dbt["models"]
    currency = tree.get("currency")
    if isinstance(currency, dict) and isinstance(currency.get("rates"), str):
        currency["rates"] = folder / currency["rates"]
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
                elif isinstance(place, dict) and isinstance(place.get("path"), str):
                    place["path"] = _resolve(place["path"], folder)
                elif isinstance(place, str):
                    source["inputs"][name] = _resolve(place, folder)


def _resolve(place: str, folder: Path) -> str:
    return place if "://" in place else str(folder / place)


def _resolve_database(address: str, folder: Path) -> str:
    scheme, _, path = address.partition(":///")
    return f"{scheme}:///{folder / path}" if scheme in ("sqlite", "duckdb") else address
