"""`python -m tests.fuzz`: stages every kind of fault, and prints those that come out other than they must."""

import csv
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.batches import Staged
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.excel import write_xlsx
from tests.fuzz.kinds import (
    BEFORE,
    CANONICAL,
    GOOD,
    HEADER,
    Broken,
    Cell,
    File,
    Refused,
    Rejected,
    Value,
    cells,
    files,
    json_cells,
    typed_cells,
)

MAPPING = """select _file, _row, number as order_id, buyer as customer_id, placed as ordered_at, state as status, 'EUR' as currency,
sold_by as channel, total as gross_amount, '0' as discount_amount, '0' as refund_amount, total as net_amount from orders"""
PERSONAL = ("jansen", "dorpsstraat", "1234 ab", "jan@example", "7400 123456", "7400123456", "7400-123456")
"""What of the kinds is a person's: nothing staged may hold it, whatever the column. The mapping of the good rows has none."""
SHOP = ShopSettings(name="Fuzz", time_zone="Europe/Amsterdam", currency="EUR", country="NL")


def _row(cell: Cell) -> list[Any]:
    return [cell.given if name == cell.column else value for name, value in zip(HEADER, BEFORE, strict=True)]


def _as_csv(cell: Cell) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *GOOD, _row(cell)])
    return text.getvalue().encode()


def _as_json(cell: Cell, *, is_json: bool) -> bytes:
    lines = []
    for row in (*GOOD, _row(cell)):
        values = {
            name: value
            if is_json and row not in GOOD and name == cell.column
            else json.dumps(value, ensure_ascii=False)
            for name, value in zip(HEADER, row, strict=True)
        }
        lines.append("{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}\n")
    return "".join(lines).encode()


def _write_parquet(cell: Cell, file: Path) -> None:
    columns = dict(zip(HEADER, zip(*GOOD, BEFORE, strict=True), strict=True))
    frame = pl.DataFrame({name: pl.Series(list(values)) for name, values in columns.items()})
    if isinstance(cell.given, str):
        given = pl.Series(cell.column, [*columns[cell.column][:-1], cell.given])
        frame.with_columns(given).write_parquet(file)
    else:
        # The good rows would need another type: this file has the one row alone.
        frame.tail(1).with_columns(pl.Series(cell.column, [cell.given])).write_parquet(file)


def _cases(folder: Path) -> Iterator[tuple[str, Path, Any, int]]:
    """Name, file, what must come out, and how many good rows with it."""
    for number, cell in enumerate(cells()):
        for suffix in ("csv", "jsonl", "parquet", "xlsx"):
            file = folder / f"cell{number}.{suffix}"
            if suffix == "csv":
                file.write_bytes(_as_csv(cell))
            elif suffix == "jsonl":
                file.write_bytes(_as_json(cell, is_json=False))
            elif suffix == "parquet":
                _write_parquet(cell, file)
            else:
                write_xlsx(file, {"orders": [HEADER, *GOOD, _row(cell)]})
            yield f"{suffix} {cell.column} {cell.given!r}", file, cell, len(GOOD)
    for number, cell in enumerate(typed_cells()):
        file = folder / f"typed{number}.parquet"
        _write_parquet(cell, file)
        yield f"typed {cell.column} {cell.given!r}", file, cell, 0
    for number, cell in enumerate(json_cells()):
        file = folder / f"json{number}.jsonl"
        file.write_bytes(_as_json(cell, is_json=True))
        yield f"json {cell.column} {cell.given}", file, cell, len(GOOD)
    for whole in files():
        file = folder / whole.name
        file.write_bytes(whole.content)
        yield f"file {whole.name}", file, whole, whole.n_good


def _wrong(folder: Path, file: Path, kind: Cell | File, n_good: int) -> str | None:
    """What is wrong with what comes out; null where nothing is."""
    (folder / "own.sql").write_text(MAPPING)
    source = SourceSettings(name="fuzz", entity="orders", mapping=folder / "own.sql", inputs={"orders": str(file)})
    staged = folder / "staged" / file.name
    try:
        report = stage_source(source, staged, shop=SHOP, survey=None, key=b"a key", started_at=datetime.now(UTC))
    except SourceShapeError as error:
        if not isinstance(kind.outcome, Refused):
            return f"refused: {error}"
        is_told = kind.outcome.words in str(error) and "\n" not in str(error) and file.name in str(error)
        return None if is_told else f"refused in other words: {error}"
    (batch,) = report.batches
    valid = Staged(staged).valid(ENTITIES["orders"]).collect()
    rejected = Staged(staged).rejected().collect()
    if not batch.is_balanced:
        return f"not balanced: {batch}"
    good = valid.filter(pl.col("order_id").is_in([row[0] for row in GOOD])).select("order_id", "gross_amount")
    if good.sort("order_id").rows() != [("o1", 1000), ("o2", 2050)][:n_good]:
        return f"good rows are not as they were: {good.rows()}"
    if found := _personal(staged):
        return f"holds {found}"
    return _other_than(kind, valid.filter(~pl.col("order_id").is_in([row[0] for row in GOOD])), rejected)


def _other_than(kind: Cell | File, other: pl.DataFrame, rejected: pl.DataFrame) -> str | None:
    match kind.outcome:
        case Refused():
            return "is not refused"
        case Broken(n_lines):
            broken = rejected.filter(pl.col("row_key").is_null() & pl.col("raw").str.len_chars().gt(0)).height
            return None if (broken, other.height) == (n_lines, 0) else f"{broken} broken lines, {other.height} others"
        case Rejected(column):
            reasons = rejected["reasons"].to_list()
            is_named = len(reasons) == 1 and f"{column}: " in reasons[0]
            return None if is_named and other.is_empty() else f"reasons {reasons}, valid {other.rows()}"
        case Value(value):
            if isinstance(kind, File):
                return None if rejected.is_empty() and other.is_empty() else f"{rejected['reasons'].to_list()}"
            values = other[CANONICAL[kind.column]].to_list()
            return None if values == [value] else f"{values} {rejected['reasons'].to_list()}"


def _personal(folder: Path) -> list[str]:
    text = b"".join(file.read_bytes().lower() for file in folder.rglob("*") if file.is_file())
    for file in folder.rglob("*.parquet"):
        text += pl.read_parquet(file).write_ndjson().lower().encode()
    return [word for word in PERSONAL if word.encode() in text]


def main() -> int:
    """Run all kinds; returns the number of wrong ones."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for label, file, kind, n_good in _cases(Path(name)):
            counts[type(kind.outcome).__name__] += 1
            try:
                wrong = _wrong(Path(name), file, kind, n_good)
            except Exception as error:
                wrong = f"raised {type(error).__name__}: {error}"
            if wrong:
                counts["wrong"] += 1
                print(f"{label}: must be {kind.outcome}, {wrong}"[:400])
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())), f"wrong {counts['wrong']}")
    return counts["wrong"]


if __name__ == "__main__":
    sys.exit(main() > 0)
