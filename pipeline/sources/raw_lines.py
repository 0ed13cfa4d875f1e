"""The lines of a text file as they are in it, by number and byte: what a parser could not read is kept so. Parsing does not belong here."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipeline.sources.inputs import BROKEN_SCHEMA

BOM = b"\xef\xbb\xbf"
PACKINGS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""How a packed file begins -> how it is packed, in the words of Arrow and DuckDB."""
SUFFIXES = {".gz": "gzip", ".zst": "zstd"}
LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class RawLine:
    """A line: its number from 1, blank ones counted, and its first byte from 0."""

    number: int
    start: int
    octets: bytes

    @property
    def text(self) -> str:
        """What is in it; a byte that is not UTF-8 is shown as \\xe9."""
        return self.octets.decode("utf-8", errors="backslashreplace")


@dataclass(frozen=True)
class Span:
    """Bytes of a file that a parser could not read, and why."""

    start: int
    length: int
    fault: str


def packing_of(file: Path) -> str | None:
    """How a file is packed, if it is or its name says so, which that of an object with a Content-Encoding does not."""
    with file.open("rb") as stream:
        start = stream.read(max(map(len, PACKINGS)))
    found = (packing for begin, packing in PACKINGS.items() if start.startswith(begin))
    return next(found, SUFFIXES.get(file.suffix.lower()))


def chunks(file: Path) -> Iterator[bytes]:
    """The bytes of a file, packed or not, piece by piece."""
    with pa.input_stream(str(file), compression=packing_of(file)) as stream:
        while chunk := stream.read(8 << 20):
            yield chunk


def raw_lines(pieces: Iterable[bytes]) -> Iterator[RawLine]:
    """The lines of a file that are not blank."""
    for before, start, block in _blocks(pieces):
        yield from _lines(before, start, block)


def _blocks(pieces: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The whole lines of a file, piece by piece, after how many lines and bytes they come."""
    before, start, held = 0, 0, b""
    for piece in pieces:
        text = held + piece
        # A \r at the end can be half a line end.
        done = max(text.rfind(b"\n"), text.rfind(b"\r", 0, len(text) - 1)) + 1
        block, held = text[:done], text[done:]
        yield before, start, block
        before, start = before + _count_ends(block), start + done
    yield before, start, held


def _count_ends(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _lines(before: int, start: int, block: bytes, done: int = 0) -> Iterator[RawLine]:
    """The lines of a block from its byte `done` on that are not blank; `before`: how many lines come before these."""
    number = before
    for end in LINE_END.finditer(block, done):
        number += 1
        if end.start() > done:
            yield RawLine(number, start + done, _without_bom(block[done : end.start()], number))
        done = end.end()
    if done < len(block):
        yield RawLine(number + 1, start + done, _without_bom(block[done:], number + 1))


def _without_bom(octets: bytes, number: int) -> bytes:
    return octets.removeprefix(BOM) if number == 1 else octets


def lines_of(file: Path, spans: list[Span]) -> pl.DataFrame:
    """The lines of some spans, in their order, as broken ones.

    A record of several lines, as an unclosed quote makes one, comes line by line, so that each can be found again.
    """
    found: list[list[RawLine]] = [[] for _ in spans]
    place = 0
    for before, start, block in _blocks(chunks(file)) if spans else ():
        done, end = 0, start + len(block)
        while place < len(spans) and spans[place].start < end:
            span = spans[place]
            # Of the lines between two spans only their number matters, and counting is much cheaper than looking at each.
            begin = max(block.rfind(b"\n", done, max(span.start - start, done)) + 1, done)
            before, done = before + _count_ends(block[done:begin]), begin
            for line in _lines(before, start, block, done):
                if line.start >= span.start + span.length:
                    before, done = line.number - 1, line.start - start
                    break
                if line.start + len(line.octets) > span.start:
                    found[place].append(line)
            else:
                done = len(block)
                if span.start + span.length > end:
                    break
            place += 1
        if place == len(spans):
            break
    rows = [row for span, lines in zip(spans, found, strict=True) for row in as_broken(file, lines, span.fault)]
    return pl.DataFrame(rows, schema=BROKEN_SCHEMA, orient="row")


def as_broken(file: Path, lines: list[RawLine], fault: str) -> list[tuple[str, int, str, str]]:
    """The lines of one record as rows of the broken ones."""
    within = f", in a record of {len(lines):,} lines from line {lines[0].number:,} on" if len(lines) > 1 else ""
    return [(str(file), line.number, fault + within, line.text) for line in lines]
