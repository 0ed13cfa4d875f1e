"""Every file that is written from the contracts: what dbt must know, and the data dictionary."""

from collections.abc import Collection
from pathlib import Path

from schemas.marts import Mart
from schemas.to_dbt import FOLDER, dbt_files
from schemas.to_docs import PLACE, data_dictionary
from schemas.types import Table

ROOT = Path(__file__).parents[1]


def generated_files(tables: Collection[Table], marts: Collection[Mart]) -> dict[Path, str]:
    """The text of every generated file, by its place in the repository."""
    return {**dbt_files(tables, marts), PLACE: data_dictionary(marts)}


def write_generated(tables: Collection[Table], marts: Collection[Mart]) -> None:
    """Make the generated files what the contracts say; a file that says it already stays untouched."""
    files = {ROOT / place: text for place, text in generated_files(tables, marts).items()}
    for stale in {file for file in (ROOT / FOLDER).rglob("*") if file.is_file()} - files.keys():
        stale.unlink()
    for file, text in files.items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
