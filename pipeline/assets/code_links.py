"""Where the code behind an asset is, for the link on its page. What the code does belongs to its module."""

from pathlib import Path
from typing import Any

import dagster as dg

ROOT = Path(__file__).parents[2]
CODE = "dagster/code_references"


def at_file(file: Path, line: int | None = None) -> dict[str, Any]:
    """Metadata of an asset that a file says: a mart's SQL, the mapping of a source."""
    place = dg.LocalFileCodeReference(file_path=str(file), line_number=line)
    return {CODE: dg.CodeReferencesMetadataValue(code_references=[place])}


def at_function(asset: dg.AssetsDefinition) -> dict[str, Any]:
    """Metadata of an asset: where the function is that makes it."""
    # Not by `dg.with_source_code_references`, which parses every module.
    code = asset.op.compute_fn.decorated_fn.__code__  # type: ignore[union-attr]
    return at_file(Path(code.co_filename), code.co_firstlineno)


def on_the_web(metadata: dict[str, Any], folder: str) -> dict[str, Any]:
    """The metadata, with places in this repository as addresses under `folder`."""
    return {
        **metadata,
        CODE: dg.CodeReferencesMetadataValue(
            code_references=[_address(place, folder) for place in metadata[CODE].code_references]
        ),
    }


def _address(place: dg.LocalFileCodeReference, folder: str) -> dg.LocalFileCodeReference | dg.UrlCodeReference:
    file = Path(place.file_path)
    if not file.is_relative_to(ROOT):
        return place
    line = f"#L{place.line_number}" if place.line_number else ""
    return dg.UrlCodeReference(url=f"{folder.rstrip('/')}/{file.relative_to(ROOT).as_posix()}{line}")
