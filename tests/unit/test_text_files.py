import gzip
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceShapeError
from pipeline.sources import loading, text_files
from pipeline.sources.inputs import Inputs, Lines
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import find_files, find_parts
from pipeline.sources.settings import SourceSettings

NOW = datetime(2026, 1, 6, 2, tzinfo=UTC)

Broken = list[tuple[int, str, str]]

DATABASE = duckdb.connect(config={"threads": 1})
numbers = itertools.count()


def connect() -> duckdb.DuckDBPyConnection:
    """An empty database of its own; opening one within another is much the faster way."""
    connection = DATABASE.cursor()
    name = f"test_{next(numbers)}"
    connection.execute(f"attach ':memory:' as {name}; use {name}")
    return connection


def write(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def load_places(**places: Path | str) -> Inputs:
    source = SourceSettings(
        name="shop",
        entity="orders",
        mapping=Path("own.sql"),
        inputs={name: str(place) for name, place in places.items()},
    )
    folder = Path(next(iter(places.values()))).parent
    return load_inputs("shop", find_parts(source, now=NOW), connect(), folder)


def load(place: Path | str) -> Inputs:
    """The inputs of a source with one input; every line read must be parsed or broken."""
    inputs = load_places(orders=place)
    assert inputs.lines.read == inputs.lines.parsed + inputs.lines.broken
    assert inputs.lines.broken == inputs.broken_rows.height
    return inputs


def rows(inputs: Inputs, name: str = "orders") -> list[dict[str, Any]]:
    """The rows as loaded, without their file, in the order of their number."""
    frame = pl.DataFrame(inputs.connection.sql(f'from "{name}" order by _file, _row').to_arrow_table())
    return frame.drop("_file").to_dicts()


def read(folder: Path, content: str | bytes, name: str = "orders.csv") -> tuple[list[tuple[Any, ...]], Broken]:
    """Values of the parsed rows, and of the broken lines number, reasons and text."""
    inputs = load(write(folder, content, name))
    found = rows(inputs)
    assert [row.pop("_row") for row in found] == list(range(1, len(found) + 1))
    return [tuple(row.values()) for row in found], inputs.broken_rows.drop("file").rows()


def refusal(folder: Path, content: str | bytes, name: str = "orders.csv") -> str:
    """The one line with which a file is refused, without the folder."""
    file = write(folder, content, name)
    with pytest.raises(SourceShapeError) as raised:
        load(file)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"source shop: file {file}: ")
    return text.removeprefix(f"source shop: file {file}: ")


CLEAN = [("1", "2"), ("3", "4")]


# CSV: what is clean


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4\r",
        "\ufeffa,b\n1,2\n3,4\n",
        "a,b\n\n1,2\n\n\n3,4\n\n",
        "a,b\r\n\r\n1,2\r\n\r\n3,4\r\n",
        "\n\na,b\n1,2\n3,4\n",
        'a,b\n"1","2"\n"3","4"\n',
        "a;b\n1;2\n3;4\n",
        "a\tb\n1\t2\n3\t4\n",
        "a|b\n1|2\n3|4\n",
        " a , b \n1,2\n3,4\n",
    ],
)
def test_line_ends_blank_lines_quotes_and_delimiters_change_nothing(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == (CLEAN, [])
    assert list(rows(load(tmp_path / "orders.csv"))[0]) == ["a", "b", "_row"]


@pytest.mark.parametrize(
    "text", ["x\ny", "x\n\n\ny", "\n\nx", "x\n\n", "\n", "x\r\n\r\ny", "one,two", 'say "hi"', "é\0☃"]
)
def test_a_quoted_value_keeps_what_is_in_it(tmp_path: Path, text: str) -> None:
    quoted = text.replace('"', '""')
    assert read(tmp_path, f'a,b\n1,"{quoted}"\n3,4\n') == ([("1", text), ("3", "4")], [])
    assert read(tmp_path, f'a,b\r\n"{quoted}",2\r\n3,4\r\n') == ([(text, "2"), ("3", "4")], [])


def test_everything_is_text_and_an_empty_value_is_null(tmp_path: Path) -> None:
    content = 'a,b\n007,1e3\nNULL,true\n,y\n"",z\n2026-01-05, x \n'
    expected = [("007", "1e3"), ("NULL", "true"), (None, "y"), (None, "z"), ("2026-01-05", " x ")]
    assert read(tmp_path, content)[0] == expected


def test_a_quote_inside_an_unquoted_value_is_a_character(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b\n1,2"x\n') == ([("1", '2"x')], [])


def test_a_semicolon_file_may_have_commas_in_its_numbers(tmp_path: Path) -> None:
    assert read(tmp_path, 'a;b\n"1,5";2,5\n') == ([("1,5", "2,5")], [])


def test_a_blank_line_is_no_row_in_a_file_of_one_column_either(tmp_path: Path) -> None:
    assert read(tmp_path, 'a\n1\n\n""\n2\n\n') == ([("1",), ("",), ("2",)], [])


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "a,b\r\n\r\n"])
def test_a_header_without_rows_is_a_table_without_rows(tmp_path: Path, content: str) -> None:
    inputs = load(write(tmp_path, content))
    assert inputs.lines == Lines(0, 0, 0)
    assert rows(inputs) == []


@pytest.mark.parametrize("header", ["rowid,b", "b,ROWID", "RowId"])
def test_a_column_may_be_called_as_duckdbs_own(tmp_path: Path, header: str) -> None:
    content = f"{header}\n1,2\n3,4\n" if "," in header else f"{header}\n1\n3\n"
    names = header.split(",")
    assert read(tmp_path, content)[0] == [tuple("12"[: len(names)]), tuple("34"[: len(names)])]
    assert [*rows(load(tmp_path / "orders.csv"))[0]] == [*names, "_row"]
    assert read_json(tmp_path, '{"RowId":"x"}\n') == ([{"RowId": "x", "_row": 1}], [])


@pytest.mark.parametrize(("line_end", "inside"), [*itertools.product(["\r\n", "\n", "\r"], repeat=2)])
def test_a_header_may_hold_another_line_break_than_ends_its_lines(tmp_path: Path, line_end: str, inside: str) -> None:
    records = [f'id,"how{inside}much",c', "1,little,3", '2,"two\nlines",4', "3,x,y,z", "4,x,y", ""]
    found, broken = read(tmp_path, line_end.join(records))
    assert found == [("1", "little", "3"), ("2", "two\nlines", "4"), ("4", "x", "y")]
    assert [(line, raw) for line, _, raw in broken] == [(6, "3,x,y,z")]


def test_a_header_may_hold_another_line_break_behind_a_quote_that_is_a_character(tmp_path: Path) -> None:
    content = 'screen 5" wide,"how\nmuch"\r\n1,2\r\n3\r\n'
    found, broken = read(tmp_path, content)
    assert (found, [(line, raw) for line, _, raw in broken]) == ([("1", "2")], [(4, "3")])


@pytest.mark.parametrize("question", ["taste, smell, look", "taste, smell,\nlook", 'a ""good"" taste, smell, look'])
def test_a_semicolon_file_may_have_more_commas_in_a_question_than_columns(tmp_path: Path, question: str) -> None:
    found, broken = read(tmp_path, f'id;"{question}";c\n1;yes, no, well, yes;2\n')
    assert (found, broken) == ([("1", "yes, no, well, yes", "2")], [])


@pytest.mark.parametrize("name", ['5"" wide', '5"" wide; 6"" tall', "wide; tall; deep"])
def test_a_comma_file_may_have_semicolons_and_single_quotes_in_a_question(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, f'a,"{name}"\n1,2\n') == ([("1", "2")], [])


def test_a_header_may_hold_quotes_blanks_and_line_breaks(tmp_path: Path) -> None:
    header = '"How ""good""?",b c,d\'s,e.f,"two\n\nlines"'
    inputs = load(write(tmp_path, f"{header}\n1,2,3,4,5\n"))
    assert rows(inputs) == [{'How "good"?': "1", "b c": "2", "d's": "3", "e.f": "4", "two\n\nlines": "5", "_row": 1}]


def test_a_column_without_a_name_is_named_by_its_position(tmp_path: Path) -> None:
    assert rows(load(write(tmp_path, ",a,\n1,2,3\n"))) == [{"column_1": "1", "a": "2", "column_3": "3", "_row": 1}]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,a", ["a", "b", "a_2"]),
        ("Id,ID,id", ["Id", "ID_2", "id_3"]),
        ("a,a,a_2,a", ["a", "a_3", "a_2", "a_4"]),
        ("column_2,", ["column_2", "column_2_2"]),
    ],
)
def test_a_column_that_appears_again_is_numbered(tmp_path: Path, header: str, names: list[str]) -> None:
    inputs = load(write(tmp_path, f"{header}\n{','.join('1' * len(names))}\n"))
    assert list(rows(inputs)[0]) == [*names, "_row"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_that_end_as_on_two_systems_are_read_and_values_keep_theirs(tmp_path: Path, pack: Any) -> None:
    content = b'a,b\n1,2\r\n6\n3,"x\r\ny"\n"""",5\r\n'
    name = "orders.csv" if pack is bytes else "orders.csv.gz"
    parsed = [("1", "2"), ("3", "x\r\ny"), ('"', "5")]
    assert read(tmp_path, pack(content), name) == (parsed, [(3, "broken line: missing columns", "6")])


def test_line_ends_are_found_wherever_a_piece_of_the_file_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'a,b\r\n1,"2\r\n"\n3,4\r\n'

    def each_byte(_: Path) -> Iterator[bytes]:
        return (content[n : n + 1] for n in range(len(content)))

    monkeypatch.setattr(text_files, "chunks", each_byte)
    text_files._write_even_line_ends(tmp_path, tmp_path / "even", has_quotes=True)
    assert (tmp_path / "even").read_bytes() == b'a,b\n1,"2\r\n"\n3,4\n'
    assert text_files._count_lines("", each_byte(tmp_path)) == 4


def test_nul_bytes_are_characters_of_a_value(tmp_path: Path) -> None:
    broken = [(3, "broken line: missing columns", "\0\0")]
    assert read(tmp_path, "a,b\n1,2\0\n\0\0\n") == ([("1", "2\0")], broken)


@pytest.mark.parametrize("content", ["\ufeff\na,b\n1,2\n3,4\n", '\ufeff"a","b"\r\n1,2\r\n3,4\r\n'])
def test_a_byte_order_mark_is_no_line_and_no_character(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == (CLEAN, [])


def test_a_wide_file_is_read(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(1500)]
    ((row,), broken) = read(tmp_path, ",".join(names) + "\n" + ",".join(names) + "\n")
    assert (list(row), broken) == (names, [])


# CSV: what is broken


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1", "missing columns"),
        ("  ", "missing columns"),
        ("1,2,3", "too many columns"),
        ('1,"2"x', "unquoted value"),
        ('"1"x,2', "unquoted value"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_as_it_is(tmp_path: Path, line: str, reason: str) -> None:
    assert read(tmp_path, f"a,b\n{line}\n3,4\n") == ([("3", "4")], [(2, f"broken line: {reason}", line)])


@pytest.mark.parametrize(
    ("record", "reason", "lines"),
    [
        ('1,"x\ny",3', "too many columns", [(2, '1,"x'), (3, 'y",3')]),
        ('"x\n\ny"', "missing columns", [(2, '"x'), (4, 'y"')]),
    ],
)
def test_a_record_that_cannot_be_read_is_kept_line_by_line(
    tmp_path: Path, record: str, reason: str, lines: list[tuple[int, str]]
) -> None:
    within = f"broken line: {reason}, in a record of 2 lines from line 2 on"
    expected = [(number, within, text) for number, text in lines]
    assert read(tmp_path, f"a,b\n{record}\n3,4\n") == ([("3", "4")], expected)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"1,caf\xe9", "1,caf\\xe9"),
        (b'1,"caf\xe9"', '1,"caf\\xe9"'),
        ("1,é".encode() + b"\xe9", "1,é\\xe9"),
        (b"\xe9,\xff", "\\xe9,\\xff"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_that_is_not_utf8_is_kept_byte_by_byte(tmp_path: Path, line: bytes, shown: str, pack: Any) -> None:
    name = "orders.csv" if pack is bytes else "orders.csv.gz"
    content = pack(b"a,b\n1,2\n" + line + b"\n3,4\n")
    assert read(tmp_path, content, name) == (CLEAN, [(3, "broken line: not UTF-8, save the file as UTF-8", shown)])


def test_a_line_with_two_faults_is_one_broken_line(tmp_path: Path) -> None:
    broken = [(2, "broken line: not UTF-8, save the file as UTF-8; missing columns", "\\xe9")]
    assert read(tmp_path, b"a,b\n\xe9\n3,4\n") == ([("3", "4")], broken)


def test_an_unclosed_quote_breaks_all_that_it_swallows(tmp_path: Path) -> None:
    content = 'a,b\n1,2\n3,"4\n5,6\n7,8\n'
    within = "broken line: unquoted value, in a record of 3 lines from line 3 on"
    assert read(tmp_path, content) == ([("1", "2")], [(3, within, '3,"4'), (4, within, "5,6"), (5, within, "7,8")])


def test_an_unclosed_quote_ends_where_the_next_one_begins(tmp_path: Path) -> None:
    content = 'a,b\n1,"2\n3,4\n5,"x"\n7,8\n'
    within = "broken line: unquoted value, in a record of 3 lines from line 2 on"
    assert read(tmp_path, content) == ([("7", "8")], [(2, within, '1,"2'), (3, within, "3,4"), (4, within, '5,"x"')])


def test_a_broken_line_has_its_number_behind_values_of_several_lines(tmp_path: Path) -> None:
    content = 'sep=,\na,b\n1,"x\ny"\n\n2,"x\r\n\r\ny"\n3\n4,5\n'
    assert read(tmp_path, content)[1] == [(9, "broken line: missing columns", "3")]


# CSV: rows within a value


REVIEWS = [f"{number},2026-01-{number % 28 + 1:02},paid,good" for number in range(8, 108)]


def strayed(first: int, last: int, *, end: str = "\n") -> str:
    """A file of 100 rows with a quote before the text of one and behind that of another, counted from 0."""
    lines = list(REVIEWS)
    lines[first] = lines[first].replace("good", '"good')
    lines[last] += '"'
    return end.join(["id,placed,status,text", *lines, ""])


@pytest.mark.parametrize(("first", "last"), [(0, 1), (40, 41), (98, 99), (3, 60), (1, 99)])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_between_two_stray_quotes_are_broken_lines(tmp_path: Path, first: int, last: int, end: str) -> None:
    content = strayed(first, last, end=end)
    inputs = load(write(tmp_path, content))
    n = last - first + 1
    assert inputs.lines == Lines(100, 100 - n, n)
    lines = inputs.broken_rows
    # Line 1 is the header.
    assert lines["row_number"].to_list() == list(range(first + 2, last + 3))
    assert lines["raw"].to_list() == content.split(end)[first + 1 : last + 2]
    assert set(lines["reasons"]) == {
        f"broken line: stray quotes make one value of several rows, in a record of {n} lines from line {first + 2} on"
    }
    assert [row["id"] for row in rows(inputs)] == [row.split(",")[0] for row in REVIEWS[:first] + REVIEWS[last + 1 :]]
    assert [row["_row"] for row in rows(inputs)] == list(range(1, 101 - n))


def test_stray_quotes_are_found_beside_other_faults_and_texts_of_several_lines(tmp_path: Path) -> None:
    lines = strayed(50, 60).splitlines()
    lines[5] = lines[5].replace("good", '"good,\n\nand fast, really"')
    lines[10] = "7,2026-01-02"
    lines[30] = ""
    lines[80] = lines[80].replace("good", '"12,2026-01-03,paid,as you said\n12,2026-01-03,paid"')
    inputs = load(write(tmp_path, "\n".join(lines)))
    # Of 100 rows one is blank, and two have a line more.
    assert inputs.lines == Lines(101, 89, 12)
    assert inputs.broken_rows["row_number"].to_list() == [13, *range(54, 65)]
    assert inputs.broken_rows["raw"].to_list() == ["7,2026-01-02", *lines[51:62]]


def test_a_header_that_swallows_rows_is_refused(tmp_path: Path) -> None:
    content = "\n".join(['id,placed,status,"text', *REVIEWS[:3], REVIEWS[3] + '"', *REVIEWS[4:]])
    message = "its header swallows rows: a quote in it is never closed; close the quote"
    assert refusal(tmp_path, content) == message


def test_a_broken_line_names_its_file(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n", "1.csv")
    second = write(tmp_path, "a,b\n3\n", "2.csv")
    assert load(tmp_path).broken_rows["file"].to_list() == [str(second)]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_above_two_mebibytes_is_broken(tmp_path: Path, end: str) -> None:
    inputs = load(write(tmp_path, f"a,b\n1,2\n3,{'x' * (3 << 20)}{end}"))
    assert inputs.broken_rows.select("row_number", "reasons").rows() == [(3, "broken line: line size over maximum")]
    assert rows(inputs) == [{"a": "1", "b": "2", "_row": 1}]


CELLS = st.one_of(
    st.text("ab é;.'0", max_size=4).map(lambda text: (text, text or None)),
    st.text('ab,\n\r"é☃', max_size=5).map(lambda text: ('"' + text.replace('"', '""') + '"', text or None)),
)
CLEAN_RECORDS = st.tuples(CELLS, CELLS).map(
    lambda cells: (",".join(cell[0] for cell in cells).encode(), tuple(cell[1] for cell in cells))
)
BROKEN_RECORDS = st.sampled_from(
    [b"x", b"1,2,3", b'1,"2"x', b'"1"x,2', b"1,\xe9", b'1,"\xff\n\n2"', b'1,"2\n\n3",4', b'"1\n2"', "é".encode()]
).map(lambda text: (text, None))


def lines_of(text: bytes) -> list[bytes]:
    """The lines of a record; a blank one is none. A record of blanks alone is still a line."""
    return [line for line in re.split(b"\r\n|\r|\n", text) if line] or [text]


@settings(max_examples=40, deadline=None)
@given(
    records=st.lists(st.one_of(CLEAN_RECORDS, CLEAN_RECORDS, BROKEN_RECORDS), max_size=8),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
    blank_lines=st.integers(0, 2),
    has_last_line_end=st.booleans(),
)
def test_every_line_of_any_file_is_in_a_parsed_record_or_broken(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[tuple[bytes, tuple[str | None, str | None] | None]],
    line_end: bytes,
    blank_lines: int,
    has_last_line_end: bool,
) -> None:
    separator = line_end * (1 + blank_lines)
    content = separator.join([b"a,b", *(text for text, _ in records)]) + line_end * has_last_line_end
    file = write(tmp_path_factory.mktemp("random"), content)
    inputs = load(file)
    # A row of nothing but delimiters is a blank line.
    records = [(text, values) for text, values in records if values != (None, None)]
    clean = [values for _, values in records if values is not None]
    n_parsed, n_broken = (
        sum(len(lines_of(text)) for text, values in records if (values is None) == is_broken)
        for is_broken in (False, True)
    )
    assert inputs.lines == Lines(n_parsed + n_broken, n_parsed, n_broken)
    assert [(row["a"], row["b"]) for row in rows(inputs)] == clean
    shown = content.decode("utf-8", errors="backslashreplace")
    assert all(raw in shown for raw in inputs.broken_rows["raw"])
    expected = [
        line.decode("utf-8", errors="backslashreplace")
        for text, values in records
        if values is None
        for line in lines_of(text)
    ]
    assert inputs.broken_rows["raw"].to_list() == expected


# CSV: what is refused


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    for content in ("", "\n\r\n\n", "\ufeff", "\ufeff\n"):
        assert refusal(tmp_path, content) == "is empty; expected a header or rows"


@pytest.mark.parametrize("name", ["_file", "_row", "_ROW"])
def test_a_column_named_as_one_of_our_own_is_refused(tmp_path: Path, name: str) -> None:
    message = f"column '{name}' is a name of the pipeline's own; rename it"
    assert refusal(tmp_path, f"a,{name}\n1,2\n") == message
    assert refusal(tmp_path, f'{{"{name}": 1}}\n', "orders.jsonl") == message
    pl.DataFrame({name: [1]}).write_parquet(tmp_path / "orders.parquet")
    assert refusal(tmp_path, (tmp_path / "orders.parquet").read_bytes(), "orders.parquet") == message


@pytest.mark.parametrize("content", ["a,b\n1,2\r\n3,4\r5,6\n", "a,b\n1,2\r3,4\n", "a,b\r\r\n1,2\r\r\n3,4\n"])
def test_a_lone_carriage_return_between_other_line_ends_is_refused(tmp_path: Path, content: str) -> None:
    message = "cannot be read: its lines do not all end alike; save it with one kind of line end"
    assert refusal(tmp_path, content) == message


@pytest.mark.parametrize("closing", ["", '"\n'])
def test_a_record_that_swallows_what_the_parser_cannot_show_is_refused_by_its_line(
    tmp_path: Path, closing: str
) -> None:
    message = (
        "the record on line 3 swallows others: a quote in it is never closed, or it is longer than 2 MiB; "
        "close the quote, or double it where it is a character"
    )
    lines = "12345,67890\n" * ((3 << 20) // 12 if closing else 2_000)
    assert refusal(tmp_path, f'a,b\n1,2\n3,"4\n{lines}{closing}') == message


@pytest.mark.parametrize("before", ["", "a,b\n1,2\n3,", "a,b\n" + "1,2\n" * (2 << 20)])
@pytest.mark.parametrize("after", ["", "\n5,6\n"])
def test_a_line_above_the_limit_is_refused(tmp_path: Path, before: str, after: str) -> None:
    line = before.count("\n") + 1
    text = refusal(tmp_path, f"{before}{'x' * ((8 << 20) + 1)}{after}")
    assert text == f"line {line} (blank ones not counted) is longer than the limit of 8 MiB; has it lost its line ends?"


def test_more_columns_than_can_be_held_are_refused(tmp_path: Path) -> None:
    message = "has 10,000 columns, the limit is 4,000; export those that the mapping needs"
    assert refusal(tmp_path, ",".join(f"c{n}" for n in range(10_000)) + "\n") == message


def test_a_header_with_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, '"a,b\n1,2\n') == "the header cannot be read; check its quotes"


@pytest.mark.parametrize(("name", "text"), [("orders.csv", "a,b\n1,2\n"), ("orders.jsonl", '{"a":1}\n')])
def test_a_file_in_utf16_is_refused(tmp_path: Path, name: str, text: str) -> None:
    assert refusal(tmp_path, text.encode("utf-16"), name) == "is UTF-16; save it as UTF-8"
    message = "has NUL bytes in its first line, as UTF-16 has; save it as text in UTF-8"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert refusal(tmp_path, text.encode(encoding), name) == message


def test_a_file_of_nul_bytes_is_refused(tmp_path: Path) -> None:
    message = "has NUL bytes in its first line, as UTF-16 has; save it as text in UTF-8"
    assert refusal(tmp_path, b"\0" * 1000) == refusal(tmp_path, b"a,b\0\n1,2\n") == message


def test_a_header_in_another_encoding_is_refused(tmp_path: Path) -> None:
    content = "naam,prijs €\nJan,1\n".encode("cp1252")
    assert refusal(tmp_path, content) == "its header is not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize(("kind", "line"), [("csv", "1\n"), ("jsonl", '{"a":1}\n')])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, line: str
) -> None:
    file = write(tmp_path, line * 2, f"orders.{kind}")
    check_names = text_files.check_names

    def append(*arguments: Any) -> None:
        check_names(*arguments)
        with file.open("ab") as stream:
            stream.write(line.encode())

    monkeypatch.setattr(text_files, "check_names", append)
    with pytest.raises(SourceShapeError, match=r"changed while it was being read; run again once it is fully written"):
        load(file)


def test_a_file_that_is_gone_when_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "a\n1\n")
    load_file = loading._load_file

    def remove(*arguments: Any) -> str:
        file.unlink()
        return load_file(*arguments)

    monkeypatch.setattr(loading, "_load_file", remove)
    with pytest.raises(SourceShapeError) as raised:
        load(file)
    assert str(raised.value) == (
        f"source shop: file {file}: cannot be read: [Errno 2] No such file or directory: '{file}'"
    )


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "a\n1\n")

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceShapeError) as raised:
        load(file)
    assert str(raised.value) == f"source shop: file {file}: cannot be read: Permission denied"


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    known = ".csv, .tsv, .txt, .jsonl, .ndjson, .parquet, also with .gz or .zst; .xlsx, .xlsm, .zip"
    for name in ("orders.csvx", "orders", "orders.gz"):
        assert refusal(tmp_path, "a,b\n", name) == f"format not known; use {known}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9]),
        ("cut.jsonl.gz", gzip.compress(b'{"a":1}\n' * 99, mtime=0)[:-1]),
        ("cut.csv.zst", pa.compress(b"a,b\n1,2\n" * 99, codec="zstd", asbytes=True)[:-1]),
        ("more.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0) + b"and more"),
        ("more.csv.zst", pa.compress(b"a,b\n1,2\n", codec="zstd", asbytes=True) + b"and more"),
        ("no.csv.gz", b"a,b\n1,2\n"),
        ("no.csv.zst", b"a,b\n1,2\n"),
        ("no.parquet", b"a,b\n1,2\n"),
        ("empty.parquet", b""),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert refusal(tmp_path, content, name).startswith("cannot be read: ")


# Packed files, several files, places


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("orders.csv.gz", gzip.compress),
        ("orders.csv.zst", lambda content: pa.compress(content, codec="zstd", asbytes=True)),
        ("ORDERS.CSV.GZ", gzip.compress),
        # As an object that is stored with a Content-Encoding.
        ("orders.csv", gzip.compress),
        ("orders.txt", lambda content: pa.compress(content, codec="zstd", asbytes=True)),
        # Its lines end in two ways, so that a copy of it is read.
        ("orders.csv", lambda content: gzip.compress(content.replace(b"3\n", b"3\r\n"))),
    ],
)
def test_a_packed_file_is_read_as_what_is_in_it(tmp_path: Path, name: str, pack: Any) -> None:
    content = b'a,b\n1,"x\ny"\n3\n'
    plain, packed = load(write(tmp_path, content)), load(write(tmp_path, pack(content), name))
    assert rows(packed) == rows(plain) == [{"a": "1", "b": "x\ny", "_row": 1}]
    assert packed.lines == plain.lines == Lines(3, 2, 1)


def test_a_file_of_two_packed_parts_is_read_whole(tmp_path: Path) -> None:
    content = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert read(tmp_path, content, "orders.csv.gz") == (CLEAN, [])


@pytest.mark.parametrize("name", ['it\'s "x".csv', "a[1]*?.csv", "ORDERS.CSV", "orders.2026.01.csv", "a b é.txt"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, "a,b\n1,2\n3\n", name)
    inputs = load(file)
    assert inputs.connection.execute("select a, _file, _row from orders").fetchall() == [("1", str(file), 1)]
    assert inputs.broken_rows["file"].to_list() == [str(file)]


def test_files_with_different_columns_are_one_table(tmp_path: Path) -> None:
    write(tmp_path, "a,b\n1,2\n5,6\n", "1.csv")
    write(tmp_path, "c;a\n3;4\n", "2.csv")
    inputs = load(tmp_path)
    assert inputs.lines == Lines(3, 3, 0)
    assert rows(inputs) == [
        {"a": "1", "b": "2", "c": None, "_row": 1},
        {"a": "5", "b": "6", "c": None, "_row": 2},
        {"a": "4", "b": None, "c": "3", "_row": 1},
    ]


def test_lines_within_a_value_are_no_rows(tmp_path: Path) -> None:
    # After the header a row of 3 lines, one of 2, one of 1, a broken one, and one of nothing but a delimiter: that is blank.
    inputs = load(write(tmp_path, 'a,b\n1,"x\ny\nz"\n2,"x\ny"\n3,x\n4\n,\n'))
    assert (inputs.lines, inputs.lines.within) == (Lines(7, 6, 1), 3)
    assert len(rows(inputs)) + inputs.lines.broken == inputs.lines.read - inputs.lines.within == 4


def test_several_inputs_are_tables_of_their_own_and_counted_together(tmp_path: Path) -> None:
    first, second = write(tmp_path, "a,b\n1,2\n", "1.csv"), write(tmp_path, "c,d\n3\n4,5\n", "2.csv")
    inputs = load_places(orders=first, lines=second)
    assert inputs.lines == Lines(3, 2, 1)
    assert [(part.input, part.address) for part in inputs.parts] == [("orders", str(first)), ("lines", str(second))]
    assert rows(inputs) == [{"a": "1", "b": "2", "_row": 1}]
    assert rows(inputs, "lines") == [{"c": "4", "d": "5", "_row": 1}]


def test_a_digest_is_of_the_content_only(tmp_path: Path) -> None:
    contents = ("a,b\n1,2\n", "a,b\n1,2\n", "a,b\n1,3\n")
    digests = [load(write(tmp_path, text, f"{n}.csv")).parts[0].digest for n, text in enumerate(contents)]
    assert digests[0] == digests[1] != digests[2]


def test_a_place_is_a_file_a_folder_or_a_glob(tmp_path: Path) -> None:
    january, february = write(tmp_path, "", "o_01.csv"), write(tmp_path, "", "o_02.csv.gz")
    notes = write(tmp_path, "", "notes.md")
    (tmp_path / "sub.csv").mkdir()
    assert find_files("shop", "orders", str(notes)) == [notes]
    assert find_files("shop", "orders", str(tmp_path)) == [january, february]
    assert find_files("shop", "orders", str(tmp_path / "o_*")) == [january, february]
    assert find_files("shop", "orders", str(tmp_path / "**" / "*_01.csv")) == [january]


def test_a_glob_finds_what_is_in_folders_below_and_nothing_hidden(tmp_path: Path) -> None:
    home, below = tmp_path / ".loyalty" / "lake", tmp_path / "2026" / "06"
    for folder in (home, below):
        folder.mkdir(parents=True)
        write(folder, "", "orders.csv")
    write(tmp_path, "", ".orders.csv")
    assert find_files("shop", "orders", str(tmp_path / "**" / "*.csv")) == [below / "orders.csv"]
    assert find_files("shop", "orders", str(home / "*.csv")) == [home / "orders.csv"]


@pytest.mark.parametrize("place", ["missing.csv", "folder.csv", "*.parquet", "no/such/folder/*.csv"])
def test_a_place_without_files_names_the_key_to_check(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SourceShapeError) as raised:
        load(tmp_path / place)
    assert str(raised.value) == (
        f"source shop: input orders: no file at {tmp_path / place}; check inputs.orders in the configuration"
    )


# JSON lines


def read_json(folder: Path, content: str | bytes) -> tuple[list[dict[str, Any]], Broken]:
    inputs = load(write(folder, content, "orders.jsonl"))
    return rows(inputs), inputs.broken_rows.drop("file").rows()


@pytest.mark.parametrize(
    "content",
    [
        '{"a":1,"b":"x"}\n{"a":2}\n',
        '{"a":1,"b":"x"}\n{"a":2}',
        '\ufeff{"a":1,"b":"x"}\r\n\r\n{"a":2}\r\n',
        '\n\n{"a":1,"b":"x"}\n\n{"a":2}\n\n',
        ' { "a" : 1 , "b" : "x" } \n{"a": 2, "b": null}\n',
        '{"a":1,"b":"x"}\n   \n\t\r\n{"a":2}\n  ',
    ],
)
def test_json_lines_are_rows_and_a_missing_key_is_null(tmp_path: Path, content: str) -> None:
    assert read_json(tmp_path, content) == ([{"a": "1", "b": "x", "_row": 1}, {"a": "2", "b": None, "_row": 2}], [])


def test_json_values_are_text_and_nested_ones_stay_json(tmp_path: Path) -> None:
    content = '{"n":12345678901234567890,"yes":true,"none":null,"o":{"b":[1,2]},"s":"x, \\"y\\"\\n"}\n'
    assert read_json(tmp_path, content)[0] == [
        {"n": "12345678901234567890", "none": None, "o": '{"b":[1,2]}', "s": 'x, "y"\n', "yes": "true", "_row": 1}
    ]


@pytest.mark.parametrize(
    "number",
    [
        *("12345678901234567890123", "9007199254740993", "0.1234567890123456789012", "100000000000000000000.5"),
        *("-12345678.12345678", "1e17", "1E400", "-1.5e-7", "0.30000000000000004", "10.10", "7"),
    ],
)
def test_a_json_number_is_the_text_it_is_written_as(tmp_path: Path, number: str) -> None:
    # With a neighbour that no double holds, and with what looks like one in a text.
    content = f'{{"a":{number},"b":"x,1.5,\\\\\\"2.5e7","c":-5 , "d":[1,{number}],"e":123456789.123456789}}\n'
    ((row,), broken) = read_json(tmp_path, content)
    assert broken == []
    assert (row["a"], row["b"], row["c"], row["e"]) == (number, 'x,1.5,\\"2.5e7', "-5", "123456789.123456789")
    assert row["d"].replace('"', "") == f"[1,{number}]"
    if number != "10.10":
        # One that keeps its value is written as the parser writes it, where no other in the file is changed.
        assert read_json(tmp_path, f'{{"a":{number}}}\n') == ([{"a": number, "_row": 1}], [])


@pytest.mark.parametrize("line", ['{"a":1,"a":2}', '{"a":1,"b":2,"\\u0061":1}'])
def test_a_json_line_with_a_key_twice_is_broken(tmp_path: Path, line: str) -> None:
    assert read_json(tmp_path, f'{{"a":1}}\n{line}\n{{"a":2}}\n') == (
        [{"a": "1", "_row": 1}, {"a": "2", "_row": 2}],
        [(2, "a key comes twice in the line, with two values for one column", line)],
    )


@pytest.mark.parametrize(
    "line",
    [
        '{"a":{"b":1,"b":2}}',
        ' {"a":{"b":1,"c":{},"\\u0062":1}}',
        '{"c":7,"a":[[{"b":1},{"b":1,"":2,"":3}]]}',
        '{"a":{"b":{"c":{"d":[{"e":"}","e":"{"}]}}}}',
    ],
)
def test_a_json_line_with_a_key_twice_in_a_nested_object_is_broken(tmp_path: Path, line: str) -> None:
    assert read_json(tmp_path, f'{{"a":1}}\n{line}\n{{"a":2}}\n') == (
        [{"a": "1", "_row": 1}, {"a": "2", "_row": 2}],
        [(2, "a key comes twice in an object within the line", line)],
    )


@pytest.mark.parametrize("value", ['{"b":1,"B":2}', '[{"b":1},{"b":1}]', '{"a":{"a":1}}', '"{\\"b\\":1,\\"b\\":2}"'])
def test_a_key_of_several_json_objects_is_none_that_comes_twice(tmp_path: Path, value: str) -> None:
    assert read_json(tmp_path, f'{{"a":{value}}}\n') == ([{"a": value.strip('"').replace("\\", ""), "_row": 1}], [])


@pytest.mark.parametrize("key", ["a b", "a.b", "it's", "$a", "a[0]", "*", "a/b", "~a", "é", "0", "_", "select"])
def test_a_json_key_may_be_any_text(tmp_path: Path, key: str) -> None:
    assert read_json(tmp_path, f'{{"{key}": "x", "id": 1}}\n') == ([{"id": "1", key: "x", "_row": 1}], [])


def test_a_json_key_may_hold_escapes_or_nothing(tmp_path: Path) -> None:
    ((row,), _) = read_json(tmp_path, '{"a\\"q":1,"b\\\\c":2,"u\\u00e9":3,"":4}\n')
    assert row == {'a"q': "1", "b\\c": "2", "ué": "3", "column_1": "4", "_row": 1}


@pytest.mark.parametrize("line", ["hello", '{"a":', "[1]", '"x"', "3", "null", '{"a":1}{"a":2}', "{'a':1}", '"a'])
def test_a_line_that_is_no_json_object_is_broken(tmp_path: Path, line: str) -> None:
    content = f'{{"a":1}}\n{line}\n{{"a":2}}\n'
    assert read_json(tmp_path, content) == (
        [{"a": "1", "_row": 1}, {"a": "2", "_row": 2}],
        [(2, "line is not a JSON object", line)],
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"nice \ud83d", "nice \ufffd"),
        (r"\uDE00 nice", "\ufffd nice"),
        (r"\ud83d\ud83d\ude00\ude00", "\ufffd\U0001f600\ufffd"),
        # A backslash and letters behind it.
        (r"\\ud83d \ud83dx", "\\ud83d \ufffdx"),
        # Nothing is wrong with these.
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\ud83d", "\\ud83d"),
    ],
)
def test_half_an_emoji_in_a_json_line_is_one_replaced_character(tmp_path: Path, written: str, value: str) -> None:
    content = f'{{"a":1,"b":"x"}}\n{{"a":2,"b":"{written}"}}\n'
    expected = [{"a": "1", "b": "x", "_row": 1}, {"a": "2", "b": value, "_row": 2}]
    assert read_json(tmp_path, content) == (expected, [])


def test_json_lines_may_end_as_on_two_systems(tmp_path: Path) -> None:
    content = '{"a":"\\"x"}\r\n{"a":2}\n'
    assert read_json(tmp_path, content) == ([{"a": '"x', "_row": 1}, {"a": "2", "_row": 2}], [])


def test_a_json_line_with_a_nul_byte_is_broken(tmp_path: Path) -> None:
    found, broken = read_json(tmp_path, '{"a":1}\n{"a":"\0"}\n')
    assert found == [{"a": "1", "_row": 1}]
    assert broken == [(2, "line is not a JSON object", '{"a":"\0"}')]


def test_a_json_line_that_is_not_utf8_is_broken(tmp_path: Path) -> None:
    found, broken = read_json(tmp_path, b'{"a":"caf\xe9"}\n{"a":2}\n')
    assert found == [{"a": "2", "_row": 1}]
    assert broken == [(1, "broken line: not UTF-8, save the file as UTF-8", '{"a":"caf\\xe9"}')]


def test_a_json_line_has_its_number_behind_one_that_is_not_utf8(tmp_path: Path) -> None:
    _, broken = read_json(tmp_path, b'no\n\n{"a":"\xe9"}\n\n{"a":1}\n{"a":"\xe9"}\n7\n')
    assert [number for number, *_ in broken] == [3, 6, 1, 7]


def test_a_json_file_with_nothing_but_broken_lines_has_no_rows(tmp_path: Path) -> None:
    found, broken = read_json(tmp_path, "x\ny\n")
    assert found == []
    assert [raw for _, _, raw in broken] == ["x", "y"]


def test_a_json_object_without_keys_is_a_row(tmp_path: Path) -> None:
    assert read_json(tmp_path, '{}\n{"a":1}\n') == ([{"a": None, "_row": 1}, {"a": "1", "_row": 2}], [])


def test_a_broken_json_line_keeps_its_number_below_a_line_of_blanks(tmp_path: Path) -> None:
    found = read_json(tmp_path, '{"a":1}\n  \nx\n')
    assert found == ([{"a": "1", "_row": 1}], [(3, "line is not a JSON object", "x")])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[{"a":1},{"a":2}]', "is one JSON array; write one object a line, as jq -c '.[]' does"),
        ('\ufeff[\n {"a":1},\n {"a":2}\n]\n', "is one JSON array; write one object a line, as jq -c '.[]' does"),
        ("[]", "is one JSON array; write one object a line, as jq -c '.[]' does"),
        ('{\n  "a": 1\n}\n', "is one JSON object over several lines; write one object a line, as jq -c does"),
    ],
)
def test_json_that_is_one_value_is_refused_with_the_way_out(tmp_path: Path, content: str, told: str) -> None:
    assert refusal(tmp_path, content, "orders.jsonl") == told


def test_json_keys_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    message = "column 'a' appears twice; rename it"
    assert refusal(tmp_path, '{"a":1}\n{"A":2}\n', "orders.jsonl") == message


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(['{"a":"\\n"}', '{"b":{"c":1}}', "{}", "no", "[1]", '{"a"', "\n", "7"]), min_size=1))
def test_every_json_line_is_parsed_or_broken(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    content = "\n".join(["{}", *lines])
    inputs = load(write(tmp_path_factory.mktemp("random"), content, "orders.ndjson"))
    objects = sum(line.startswith("{") and line.endswith("}") for line in lines) + 1
    broken = [line for line in lines if line in ("no", "[1]", '{"a"', "7")]
    assert inputs.lines == Lines(objects + len(broken), objects, len(broken))
    assert inputs.broken_rows["raw"].to_list() == broken


# Parquet


def test_parquet_keeps_its_types_and_counts_its_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [7, 8], "amount": [1.5, None], "tags": [["a"], []]})
    frame.write_parquet(tmp_path / "orders.parquet")
    inputs = load(tmp_path / "orders.parquet")
    assert inputs.lines == Lines(2, 2, 0)
    assert rows(inputs) == [
        {"id": 7, "amount": 1.5, "tags": ["a"], "_row": 1},
        {"id": 8, "amount": None, "tags": [], "_row": 2},
    ]


def test_parquet_files_are_numbered_each_on_its_own(tmp_path: Path) -> None:
    for number, ids in enumerate(([1, 2], [3], [])):
        pl.DataFrame({"id": ids}, schema={"id": pl.Int64}).write_parquet(tmp_path / f"it's {number}.parquet")
    inputs = load(tmp_path)
    assert inputs.lines == Lines(3, 3, 0)
    assert [(row["id"], row["_row"]) for row in rows(inputs)] == [(1, 1), (2, 2), (3, 1)]
    files = inputs.connection.execute("select distinct _file from orders order by 1").fetchall()
    assert [Path(file).name for file in itertools.chain(*files)] == ["it's 0.parquet", "it's 1.parquet"]


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"id": range(1000)}).write_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    assert "cannot be read: " in refusal(tmp_path, content[: len(content) // 2], "orders.parquet")
    text = refusal(tmp_path, "plain text " * 9, "orders.parquet")
    assert text.startswith("cannot be read: Invalid Input Error: No magic bytes found at end of file")
    assert text.endswith("; is it whole? deliver it anew")


@pytest.mark.parametrize(("hint", "delimiter"), [("sep=;\r\n", ";"), ('"sep=,"\n', ","), ("SEP=\t\n", "\t")])
def test_a_first_line_that_tells_excel_the_delimiter_is_no_header(tmp_path: Path, hint: str, delimiter: str) -> None:
    lines = [delimiter.join(cells) for cells in (["a", "b"], ["1,5 ; 2" if delimiter == "\t" else "1", "2"])]
    end = "\r\n" if "\r" in hint else "\n"
    rows, broken = read(tmp_path, hint + end.join(lines) + end)
    assert (rows, broken) == ([("1,5 ; 2" if delimiter == "\t" else "1", "2")], [])


def test_decimal_commas_and_tabs_arrive_as_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, "a;b\n1,50;2,5\n")[0] == [("1,50", "2,5")]
    assert read(tmp_path, "a\tb\n1,50\t2;5\n", "orders.txt")[0] == [("1,50", "2;5")]
