"""Files as they should never arrive, and large ones: a night takes them or refuses them in one line, in bounded memory and time."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import find_parts
from pipeline.sources.settings import SourceSettings
from schemas.registry import RECORDS
from tests.integration.conftest import DAY
from tests.scenario import HEADER, Shop, order_lines

MIB = 1 << 20
MOST_MEMORY_MIB = 250
"""More than reading takes of a process: the reader itself needs about 70, and the whole of no large file fits."""


def deliver(shop: Shop, content: bytes) -> None:
    (shop.folder / "orders.csv").write_bytes(content)


def refused(shop: Shop, content: bytes) -> str:
    """The one line with which a night refuses an export; the warehouse and the lake stay as they are."""
    deliver(shop, content)
    before = shop.warehouse.read_bytes(), shop.versions()
    result = shop.run(DAY)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert "Traceback" not in result.output
    assert (shop.warehouse.read_bytes(), shop.versions()) == before
    return result.error_lines[0]


def counts(shop: Shop) -> tuple[int, ...]:
    """Lines read, broken lines, valid and rejected rows of the newest batch."""
    batches = shop.lake.scan(RECORDS["batches"]).sort("started_at").last()
    return batches.select("lines_read", "lines_broken", "rows_valid", "rows_rejected").collect().row(0)


# Encodings


def test_an_export_mostly_in_latin1_is_refused_and_told_the_way_out(shop: Shop) -> None:
    lines = [line.replace("c", "ç", 1) for line in order_lines(100)]
    line = refused(shop, "\n".join([HEADER, *lines]).encode("latin-1"))
    assert "source csv_orders: 100 of 100 orders rejected (100.0%), no row survived" in line
    assert "not UTF-8, save the file as UTF-8" in line


def test_an_export_in_utf16_is_refused_and_told_the_way_out(shop: Shop) -> None:
    text = "\n".join([HEADER, *order_lines(100)])
    assert refused(shop, text.encode("utf-16")).endswith("orders.csv: is UTF-16; save it as UTF-8")
    assert refused(shop, text.encode("utf-16-le")).endswith("as UTF-16 has; save it as text in UTF-8")


def test_a_few_lines_in_latin1_are_kept_in_quarantine_byte_by_byte(shop: Shop) -> None:
    lines = [line.encode() for line in order_lines(100)]
    lines[7] = b"o7,Fran\xe7oise,2026-02-08 12:00:00,paid,1.00"
    deliver(shop, b"\n".join([HEADER.encode(), *lines]))
    shop.ingest(DAY)
    assert counts(shop) == (100, 1, 99, 0)
    rejected = shop.lake.scan(RECORDS["rejected_rows"]).filter(~pl.col("is_released")).collect()
    [(row_number, reasons)] = rejected.select("row_number", "reasons").rows()
    assert (row_number, reasons) == (9, "broken line: not UTF-8, save the file as UTF-8")


def test_nul_bytes_a_byte_order_mark_and_mixed_line_ends_reach_the_warehouse_unharmed(shop: Shop) -> None:
    lines = [line.encode() + (b"\r\n" if number % 3 else b"\n") for number, line in enumerate(order_lines(100))]
    lines[7] = lines[7].replace(b"o7", b"o\0").replace(b"paid", b"paid\0")
    lines[8] = lines[8].replace(b"o8", b"o\0")
    deliver(shop, b"\xef\xbb\xbf" + HEADER.encode() + b"\r\n" + b"".join(lines))
    assert shop.run(DAY).exit_code == 0
    assert counts(shop) == (100, 0, 99, 1)
    assert shop.query("select count(*) from marts.fct_orders where order_id = concat('o', chr(0))") == [(1,)]


def test_an_export_with_a_header_only_changes_nothing(shop: Shop) -> None:
    before = shop.entity("orders")
    deliver(shop, HEADER.encode() + b"\n")
    shop.ingest(DAY)
    assert counts(shop) == (0, 0, 0, 0)
    assert shop.entity("orders").equals(before)


# Size


def write_zeros(file: Path, start: bytes, size: int, end: bytes) -> None:
    """A large file that takes no room on the disk."""
    with file.open("wb") as stream:
        stream.write(start)
        stream.seek(size, 1)
        stream.write(end)


def unclosed(file: Path) -> None:
    file.write_bytes(b'a,b\n1,2\n3,"4\n' + b"12345,67890\n" * (50 * MIB // 12))


def many_columns(file: Path) -> None:
    names = ",".join(f"c{number}" for number in range(10_000))
    file.write_text("\n".join([names] * 100))


LARGE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a line of 1 GiB": (
        "orders.csv",
        lambda file: write_zeros(file, b"a,b\n1,2\n3,", 1 << 30, b"\n5,6\n"),
        "line 3 (blank ones not counted) is longer than the limit of 8 MiB; has it lost its line ends?",
    ),
    "a header of 1 GiB": (
        "orders.csv",
        lambda file: write_zeros(file, b"a,b", 1 << 30, b"\n5,6\n"),
        "line 1 (blank ones not counted) is longer than the limit of 8 MiB; has it lost its line ends?",
    ),
    "a JSON line of 100 MiB": (
        "orders.jsonl",
        lambda file: write_zeros(file, b'{"a":1}\n{"a":"', 100 * MIB, b'"}\n'),
        "line 2 (blank ones not counted) is longer than the limit of 8 MiB; has it lost its line ends?",
    ),
    "a quote never closed in 50 MiB": (
        "orders.csv",
        unclosed,
        "the record on line 3 swallows others: a quote in it is never closed, or it is longer than 2 MiB; "
        "close the quote, or double it where it is a character",
    ),
    "10,000 columns": (
        "orders.csv",
        many_columns,
        "has 10,000 columns, the limit is 4,000; export those that the mapping needs",
    ),
}


def read_in_this_process(file: Path, found: "multiprocessing.SimpleQueue[tuple[str, float, float]]") -> None:
    """Read a file; tells how it was refused, how many MiB the process has grown by, and the seconds."""
    source = SourceSettings(name="shop", entity="orders", mapping=Path("own.sql"), inputs={"orders": str(file)})
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        with duckdb.connect(config={"memory_limit": "1GB", "threads": 2}) as connection:
            load_inputs("shop", find_parts(source, now=datetime.now(UTC)), connection, file.parent)
        refusal = ""
    except SourceShapeError as error:
        refusal = str(error)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    found.put((refusal, grown, time.monotonic() - started))


@pytest.mark.parametrize("case", LARGE)
def test_what_is_too_large_is_refused_in_little_memory_and_time(tmp_path: Path, case: str) -> None:
    name, write, message = LARGE[case]
    write(tmp_path / name)
    # A fresh process, because memory once used does not count again.
    processes = multiprocessing.get_context("spawn")
    found = processes.SimpleQueue()
    process = processes.Process(target=read_in_this_process, args=(tmp_path / name, found))
    process.start()
    process.join()
    assert process.exitcode == 0
    refusal, grown_mib, seconds = found.get()
    assert refusal == f"source shop: file {tmp_path / name}: {message}"
    assert grown_mib < MOST_MEMORY_MIB
    assert seconds < 60
