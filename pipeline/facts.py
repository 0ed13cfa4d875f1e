"""The facts of a home: what is true of every row of the lake whatever the date, kept as files until the lake changes.

They can be deleted: whatever needs them next makes them anew. What is true of a row belongs to `pipeline.core.facts`.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.core import attitude as core_attitude
from pipeline.core import facts as core_facts
from pipeline.core.attitude.comments import TEXT_SCHEMA
from pipeline.fact_files import CUSTOMER_NAMES, FACTS, TEXTS, Engine, Facts, owner_column
from pipeline.fact_making import Kept, NoRoomError, make_facts
from pipeline.fact_rows import Rules
from pipeline.lake import Lake
from pipeline.lake_seals import is_parquet
from pipeline.settings import ROWS_PER_BUCKET
from pipeline.whole_files import write_whole
from schemas.registry import ENTITIES, RECORDS

OF_TEXTS = ("language", "themes")
"""Rules for what a text says, beside the rules of rows."""
ROWS_BY_MONTH = 2_000_000
"""Tables with so many rows are kept by month: fewer are made in less time than it takes to look after their months."""


def facts_of(
    folder: Path, lake: Lake, rules: Rules, *, rows_per_bucket: int = ROWS_PER_BUCKET, engine: Engine | None = None
) -> Facts:
    """The facts of the lake as it is now: those in `folder` if they are up to date, else made anew.

    Of a table of ROWS_BY_MONTH rows only the months that have changed are made anew. The customers whose rows in all tables are
    about `rows_per_bucket` are a bucket; of another number the same files have other buckets. An `engine` makes the months, and
    computes what is computed of buckets.
    """
    made_by = _made_by(lake, rules, by_month=min(ROWS_BY_MONTH, rows_per_bucket))
    stamp, facts = folder / "made_of.json", Facts(folder, lake, json.dumps(made_by), engine=engine)
    before = json.loads(stamp.read_text(encoding="utf-8")) if stamp.is_file() else {}
    # A stamp of an earlier program names no files, or no bounds.
    files, bounds = before.pop("files", []), before.pop("bounds", None)
    is_sound = bool(files) and isinstance(bounds, dict) and all(is_parquet(folder / file) for file in files)
    if is_sound and before == json.loads(facts.made_of):
        if bounds["rows"] != rows_per_bucket:
            bounds = _bounds(facts, made_by, rows_per_bucket)
            write_whole(stamp, json.dumps(made_by | {"files": files, "bounds": bounds}))
        return replace(facts, bounds=tuple(bounds["first"]))
    texts = folder / f"{TEXTS}.parquet"
    is_read = before.get("texts") == made_by["texts"] and is_parquet(texts)
    known_texts = pl.read_parquet(texts) if is_read else pl.DataFrame(schema=TEXT_SCHEMA)
    kept = None
    if is_sound and before["parts"] and all(before[each] == made_by[each] for each in ("lake", "rules", "program")):
        kept = Kept(Facts(folder, lake), _same_months(before["parts"], made_by["parts"]))
    by_whom = engine if made_by["parts"] else None
    building = Facts(folder.with_name(f"{folder.name}.building"), lake, engine=by_whom)
    make = partial(make_facts, building, rules, made_by["parts"], known_texts, rows_at_once=rows_per_bucket)
    _clear(building.folder)
    try:
        make(kept)
    except NoRoomError:
        _clear(building.folder)
        make(None)
    made = sorted(str(file.relative_to(building.folder)) for file in building.folder.rglob("*.parquet"))
    bounds = _bounds(building, made_by, rows_per_bucket)
    whole = made_by | {"files": made, "bounds": bounds}
    (building.folder / stamp.name).write_text(json.dumps(whole), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    building.folder.rename(folder)
    return replace(facts, bounds=tuple(bounds["first"]))


def _bounds(facts: Facts, made_by: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """The `first` customers of all buckets but the first, where each is to have about so many `rows`.

    Where no table is kept by month all are in one.
    """
    if not made_by["parts"]:
        return {"rows": rows, "first": []}
    n_rows = sum(facts.lake.n_stored(ENTITIES[name]) for name in FACTS)
    people = facts.scan(CUSTOMER_NAMES).select(pl.col("number").unique().sort()).collect()["number"].to_numpy()
    n_buckets = -(-n_rows // rows)
    if n_buckets < 2 or not people.size:
        return {"rows": rows, "first": []}
    files = [(file, owner_column(name)) for name in made_by["parts"] for file in facts.files(name)]
    so_far = np.cumsum(_rows_by_customer(files, people))
    # Whoever has more than a bucket's is the last of one.
    places = 1 + np.searchsorted(so_far, np.arange(1, n_buckets) * so_far[-1] / n_buckets)
    return {"rows": rows, "first": np.unique(people[places[places < people.size]]).tolist()}


def _rows_by_customer(files: Iterable[tuple[Path, str]], people: NDArray[np.int64]) -> NDArray[np.float64]:
    """About how many rows each of the sorted numbers has in files that are sorted by it, by what these tell of their groups of rows:
    of a group as many each. Rows of nobody are the first one's.

    One is added, as everybody has a few in other files.
    """
    changes = np.zeros(people.size + 1)
    changes[0] = 1
    for file, owner in files:
        told = pq.read_metadata(file)
        column = told.schema.names.index(owner)
        for place in range(told.num_row_groups):
            group = told.row_group(place)
            known = group.column(column).statistics
            changes[:2] += (known.null_count, -known.null_count)
            if known.has_min_max:
                first, last = np.searchsorted(people, [known.min, known.max]).clip(max=people.size - 1)
                each = (group.num_rows - known.null_count) / (last - first + 1)
                changes[first] += each
                changes[last + 1] -= each
    return np.cumsum(changes[:-1])


def _made_by(lake: Lake, rules: Rules, *, by_month: int) -> dict[str, Any]:
    """Fingerprints of all that facts are made of; `parts` has that of each month of the tables that are kept by month."""
    read = {name: lake.state(table) for name, table in ENTITIES.items()}
    large = [name for name in FACTS if ENTITIES[name].month_of and lake.n_stored(ENTITIES[name]) >= by_month]
    return {
        "lake": lake.root,
        "read": read | {"identity": lake.state(RECORDS["identity"])},
        "parts": {
            name: {month: _short_hash(" ".join(files).encode()) for month, files in months.items()}
            for name, months in ((name, lake.files_by_month(ENTITIES[name])) for name in large)
        },
        "rules": {name: value for name, value in vars(rules).items() if name not in OF_TEXTS},
        "program": program_of(core_facts),
        "texts": _fingerprint_of_texts(rules),
    }


def _same_months(before: dict[str, dict[str, str]], now: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """Of each table the months of which the lake has the same files."""
    return {
        name: {month for month, files in months.items() if before.get(name, {}).get(month) == files}
        for name, months in now.items()
    }


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _fingerprint_of_texts(rules: Rules) -> str:
    """Fingerprint of everything that decides what a text says."""
    said = [rules.language, rules.themes, _readers_of_texts(), program_of(core_attitude)]
    # By its fields, as copying the thousands of words of a theme is slow: every step of a night needs this.
    return _short_hash(json.dumps(said, default=vars).encode())


@cache
def _readers_of_texts() -> list[str]:
    """Versions of the libraries that read texts; finding them means reading what was installed."""
    return [version("simplemma"), version("lingua-language-detector")]


@cache
def program_of(room: ModuleType) -> str:
    """Fingerprint of the modules of a room, as this process has loaded them."""
    files = sorted(Path(str(room.__file__)).parent.rglob("*.py"))
    return _short_hash(b"".join(file.read_bytes() for file in files))


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
