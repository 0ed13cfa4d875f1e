from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import json_numbers
from pipeline.sources.json_numbers import JsonNumbers


def can_change(content: str | bytes, size: int = 1 << 20) -> bool:
    octets = content.encode() if isinstance(content, str) else content
    numbers = JsonNumbers()
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]
    assert list(numbers.watched(iter(pieces))) == pieces
    return numbers.can_change


@pytest.mark.parametrize("end", [",", "}", "]", " ", "\n"])
@pytest.mark.parametrize(
    "number", ["0.30000000000000004", "-1e5", "1E+0", "2.5e-17", "7e0000000000000000000000000000000000000001"]
)
def test_a_number_that_the_parser_can_change_is_found_wherever_a_piece_of_the_file_ends(number: str, end: str) -> None:
    text = f'{{"a": {"x" * 40!r},"b":{number}{end}'
    assert all(can_change(text, size) for size in range(1, len(text) + 1))


def test_it_is_found_at_the_edges_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_numbers, "BLOCK", 64)
    for number in ("1e5", "1E-5", "1234567.890123456"):
        assert all(can_change("{" + " " * blanks + number + "}" + " " * 99) for blanks in range(140))


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"a":123456789012345,"b":10.10,"c":-0.5,"d":"2026-11-28T14:30:15.123456Z"}\n',
        '{"id":"3e5f0a1e-2e34-4e56-9e12-0e1234567890","hash":"12e9","path":"a/3e4.html","word":"e5 1e"}\n',
        '{"é":"☃","n":1,"e":[1,2,{"e":3}]}\n',
    ],
)
def test_where_no_number_can_change_no_line_is_matched(content: str) -> None:
    assert not any(can_change(content * 40, size) for size in (7, 64, 1 << 20))


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_a_number_that_is_not_told_keeps_its_value(number: str) -> None:
    line = f'{{"a":{number}}}'
    (text,) = duckdb.execute("select json_extract_string(?, '/a')", [line]).fetchall()[0]
    assert can_change(line) or Decimal(text) == Decimal(number)
