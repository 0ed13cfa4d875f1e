"""Where the code behind an asset is, for the link on its page. What the code does belongs to its module."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

ROOT = Path(__file__).parents[2]
CODE = "dagster/code_references"


def at_file(file: Path, line: int | None = None) -> dict[str, Any]:
    """Metadata of an asset that a file says: a mart's SQL, the mapping of a source."""
    return _told(_quietly(dg.LocalFileCodeReference, file_path=str(file), line_number=line))


def at_function(asset: dg.AssetsDefinition) -> dict[str, Any]:
    """Metadata of an asset: where the function is that makes it."""
    # Not by `dg.with_source_code_references`, which parses every module.
    code = asset.op.compute_fn.decorated_fn.__code__  # type: ignore[union-attr]
    return at_file(Path(code.co_filename), code.co_firstlineno)


def on_the_web(metadata: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """The metadata, with a place in this repository as its address under `folder`."""
    (place,) = metadata[CODE].code_references
    file = Path(place.file_path)
    if not file.is_relative_to(ROOT):
        return dict(metadata)
    line = f"#L{place.line_number}" if place.line_number else ""
    url = f"{folder.rstrip('/')}/{file.relative_to(ROOT).as_posix()}{line}"
    return {**metadata, **_told(_quietly(dg.UrlCodeReference, url=url))}


def _told(place: dg.LocalFileCodeReference | dg.UrlCodeReference) -> dict[str, Any]:
    return {CODE: _quietly(dg.CodeReferencesMetadataValue, code_references=[place])}


def _quietly(make: Callable[..., Any], **told: Any) -> Any:
    """What Dagster makes of it, without its warning in every command that this may change; its version is pinned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return make(**told)
