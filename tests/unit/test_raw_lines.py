from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import raw_lines as module
from pipeline.sources.raw_lines import BOM, Span, lines_of, raw_lines

TEXTS = st.text("ab\r\n", max_size=30).map(str.encode)


def lines_in(text: bytes) -> list[tuple[int, int, bytes]]:
    """Number, first byte and bytes of each line that is not blank, read octet by octet."""
    found, number, start, at = [], 1, 0, 0
    while at <= len(text):
        if at == len(text) or text[at : at + 1] in (b"\r", b"\n"):
            if at > start:
                found.append((number, start, text[start:at]))
            at += 2 if text[at : at + 2] == b"\r\n" else 1
            number, start = number + 1, at
        else:
            at += 1
    return found


def pieces_of(text: bytes, size: int) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, size=st.integers(1, 8))
def test_lines_have_their_number_and_place_however_a_file_comes_in_pieces(text: bytes, size: int) -> None:
    assert [(line.number, line.start, line.octets) for line in raw_lines(pieces_of(text, size))] == lines_in(text)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, size=st.integers(1, 40), bounds=st.sets(st.integers(0, 30), max_size=6).map(sorted))
def test_a_span_has_the_lines_that_it_touches_however_a_file_comes_in_pieces(
    text: bytes, size: int, bounds: list[int]
) -> None:
    spans = [Span(start, end - start, "") for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    expected, known = [], set()
    for span in spans:
        for number, start, octets in lines_in(text):
            touches = start < span.start + span.length and start + len(octets) > span.start
            # A line of two spans is told once.
            if touches and number not in known:
                known.add(number)
                expected.append((number, octets.decode()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "chunks", lambda _: iter(pieces_of(text, size)))
        found = lines_of(Path("orders.csv"), spans)
    assert found.select("row_number", "raw").rows() == expected


def test_the_mark_of_the_byte_order_is_no_part_of_the_first_line() -> None:
    (first, second) = raw_lines([BOM + b"a\n", BOM + b"b"])
    assert (first.octets, second.octets) == (b"a", BOM + b"b")
