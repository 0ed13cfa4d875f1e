"""Whether a night would publish what is published already, judged by files' names, sizes and times, before reading any.

What a night does with its files does not belong here."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import SourceShapeError
from pipeline.settings import Settings, slices_beside, yesterday
from pipeline.sources.parts import find_files
from pipeline.sources.settings import ApiInput, DatabaseInput, as_file
from pipeline.whole_files import write_whole

LIBRARIES = (
    *("dbt-core", "dbt-duckdb", "deltalake", "duckdb", "lingua-language-detector", "numpy", "pandera", "polars"),
    *("scikit-learn", "scipy", "simplemma"),
)
"""Libraries whose versions can change a number."""
PROGRAM = Path(__file__).parents[1]
PARTS_OF_PROGRAM = ("pipeline", "schemas", "dbt_project")
NOT_PROGRAM = {"__pycache__", "target", "logs"}
RECORD = "published_from.json"
ERASING = "erasing.json"
"""In the folder of RECORD while an erasure is under way, or was cut off and must still be finished."""


def state_before(settings: Settings, *days: date) -> str | None:
    """A fingerprint of everything that a night of these dates is made from, except its lake; null where only reading
    can tell.

    A database shows nothing of its rows without a query, nor an object store or an API without a request.
    """
    if "://" in settings.lake_root:
        return None
    try:
        inputs = [
            _input(settings, source.name, name, place)
            for source in settings.sources
            for name, place in source.inputs.items()
        ]
    except SourceShapeError:
        return None
    if None in inputs:
        return None
    mappings = [source.mapping_file.read_text(encoding="utf-8") for source in settings.sources if source.mapping]
    simulated = str(settings.demo.end_date or yesterday(settings)) if settings.demo else None
    own = [[str(file), file.read_text(encoding="utf-8", errors="replace")] for file in settings.dbt.files]
    rules = rules_of(settings, program())
    report = settings.report.model_dump(mode="json")
    return _keyed(settings, [[str(day) for day in days], inputs, mappings, simulated, own, rules, report])


def rules_of(settings: Settings, program: str) -> str:
    """A fingerprint of everything that decides what is computed from a lake: the settings, and the program."""
    rates = _of_file(settings.currency.rates) if settings.currency.rates else None
    beside: dict[str, Any] = dict.fromkeys(("pii_key", "alerts", "dbt", "engine", "ui", "report"), True) | {
        "publish": {"targets"}
    }
    told = settings.model_dump(mode="json", exclude=beside)
    return _keyed(settings, [told, rates, program])


def program() -> str:
    """A fingerprint of the program's files, and of the libraries that can change a number."""
    return json.dumps([list(_program()), [version(name) for name in LIBRARIES]])


def _keyed(settings: Settings, parts: Any) -> str:
    # With the key of the pseudonyms, as another key makes other customers; the record does not reveal it.
    return hmac.new(settings.pseudonym_key or b"none", json.dumps(parts, sort_keys=True).encode(), "sha256").hexdigest()


def remember_published(settings: Settings, before: str | None) -> None:
    """Record what the published warehouse was made from: `before`, as it stood when the night began."""
    record = settings.home / "work" / RECORD
    if before is None:
        record.unlink(missing_ok=True)
        return
    write_whole(record, json.dumps({"before": before, "after": _state_after(settings)}))


def is_published(settings: Settings, before: str | None) -> bool:
    """Whether the published warehouse was made from `before`, and neither it nor the lake has changed since."""
    if (settings.home / "work" / ERASING).exists():
        return False
    try:
        record = json.loads((settings.home / "work" / RECORD).read_text())
        return before is not None and record == {"before": before, "after": _state_after(settings)}
    except (OSError, ValueError):
        return False


def _state_after(settings: Settings) -> str:
    """A fingerprint of the lake, of every file of its logs, of the published file and of what slices are beside it.

    Raises:
        OSError: one of them is not there.
    """
    logs = sorted(Path(settings.lake_root).glob("*/_delta_log/*.json"))
    slices = sorted(map(str, slices_beside(settings.warehouse).glob("*/*/*")))
    told = [*slices, *(_of_file(file) for file in [*logs, settings.warehouse])]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _input(settings: Settings, source: str, name: str, place: Any) -> list[Any] | None:
    if isinstance(place, DatabaseInput | ApiInput) or "://" in as_file(place).path:
        return None
    path = as_file(place).path
    if settings.demo and Path(path).is_relative_to(settings.home):
        # What the night itself writes, from the settings and its last day.
        return [source, name, path]
    return [source, name, [_of_file(file) for file in find_files(source, name, path)]]


def _of_file(file: Path) -> list[Any]:
    """What changes when a file does: its name, its size, and when its content or the file itself last changed."""
    known = file.stat()
    return [str(file), known.st_size, known.st_mtime_ns, known.st_ctime_ns]


def _program() -> Iterator[list[Any]]:
    for part in PARTS_OF_PROGRAM:
        for file in sorted((PROGRAM / part).rglob("*")):
            if file.is_file() and not NOT_PROGRAM.intersection(file.parts):
                yield [str(file.relative_to(PROGRAM)), file.stat().st_size, file.stat().st_mtime_ns]
