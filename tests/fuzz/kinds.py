"""The kinds of faults, and what must come of each by hand: a value, a rejected row, a broken line, or a refused file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

HEADER = ("number", "buyer", "placed", "state", "total", "sold_by")
GOOD = (
    ("o1", "c1", "2026-01-05 10:00:00", "paid", "10.00", "web"),
    ("o2", "c2", "2026-01-06 10:00:00", "shipped", "20.50", "app"),
)
BEFORE = ("o9", "c9", "2026-01-07 10:00:00", "paid", "30.00", "web")
"""The row that a fault changes one cell of."""
CANONICAL = {
    "number": "order_id",
    "buyer": "customer_id",
    "placed": "ordered_at",
    "state": "status",
    "total": "gross_amount",
    "sold_by": "channel",
}
ANONYMOUS = None
HIDDEN = "[personal]"


@dataclass(frozen=True)
class Value:
    """The row is valid, and has this in the column of the contract."""

    value: Any


@dataclass(frozen=True)
class Rejected:
    """The row is rejected, with a reason that names this column."""

    column: str


@dataclass(frozen=True)
class Broken:
    """So many lines are broken."""

    n_lines: int = 1


@dataclass(frozen=True)
class Refused:
    """The file is refused in one line with these words."""

    words: str


Outcome = Value | Rejected | Broken | Refused


@dataclass(frozen=True)
class Cell:
    """One cell of an export, in any format that holds it."""

    column: str
    given: Any
    outcome: Outcome


@dataclass(frozen=True)
class File:
    """A whole file."""

    name: str
    content: bytes
    outcome: Outcome
    n_good: int = len(GOOD)
    """Good rows that must come out unchanged."""


def _at(*parts: int) -> Value:
    return Value(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type, misc]


AMOUNTS: dict[str, Any] = {
    **{"0": 0, "7": 700, "7.5": 750, ".5": 50, "5.": 500, "+4.20": 420, " 9.99 ": 999, "9.99\t": 999},
    **{"1.500": 150, "2.0000000": 200, "1e3": 100000, "1.5e-1": 15, "0.30000000000000004": 30},
    **{"90071992547409.91": 9007199254740991, "0.09999999999999432": 10, "007.50": 750},
}
NO_AMOUNTS = (
    *("0.001", "1.005", "10.0000004", "1e-7", "10.000000000000000001", "12345678.0000001", "90071992547409.92"),
    *("1,50", "1.234,50", "1 000", "€ 5", "5 EUR", "12,50 EUR", "free", "--1", "1..5", "0x10", "1_000", "10%", "∞"),
    *("nan", "NaN", "inf", "-inf", "true", "Jan Jansen", "Dorpsstraat 12", "1234 AB", "jan@example.com", "-5.00"),
    *("9" * 40, "1e15", "5-", "(5.00)", "5'000", "\uff11", "12.3456789012345678901234567890", "#N/A", "n/a"),
)
TIMES = {
    "2026-03-05": _at(2026, 3, 4, 23),
    "2026-07-05": _at(2026, 7, 4, 22),
    "2026-03-05 14:30": _at(2026, 3, 5, 13, 30),
    "2026-03-05T14:30:15": _at(2026, 3, 5, 13, 30, 15),
    "2026-03-05T14:30:15.123456Z": _at(2026, 3, 5, 14, 30, 15, 123456),
    "2026-03-05 14:30:15 -0300": _at(2026, 3, 5, 17, 30, 15),
    "2026-03-05T14:30+05:30": _at(2026, 3, 5, 9, 0),
    "2024-02-29": _at(2024, 2, 28, 23),
    "  2026-03-05  ": _at(2026, 3, 4, 23),
    # The hour that the clock shows twice is the first; the one that it skips is moved on.
    "2026-10-25 02:30:00": _at(2026, 10, 25, 0, 30),
    "2026-03-29 02:30:00": _at(2026, 3, 29, 1, 30),
    "1950-01-02": _at(1950, 1, 1, 23),
    "2199-12-31": _at(2199, 12, 30, 23),
}
NO_TIMES = (
    *("2026-02-30", "2026-13-01", "2025-02-29", "31-12-2026", "12/31/2026", "05-03-26", "0001-01-01", "9999-12-31"),
    *("2026-03-05 25:00", "2026-03-05 14:61", "20260305", "1767600000", "1767600000000", "soon", "5 Jan 2026"),
    *("Jan Jansen", "Dorpsstraat 12", "jan@example.com", "46087", "2026", "2026-03", "2026-W10", "March 5, 2026"),
    *("2026-3-5 soon", "0000-00-00", "0000-00-00 00:00:00", "2026-03-05T14:30:15+99:00", "infinity", "1899-12-31"),
    *("", "   ", "null", "N/A", "-", "2200-01-01 12:00", "+44 7400 123456"),
)
STATUSES = {"paid": "paid", " shipped ": "shipped", "cancelled": "cancelled", "returned\t": "returned"}
NO_STATUSES = (
    *("Paid", "PAID", "lost", "betaald", "on-hold", "", " ", "null", "paid,shipped", "Jan Jansen", "Dorpsstraat 12"),
    *("jan@example.com", "+44 7400 123456", "1", "true", "[]", '{"id":5}', "paid!", "päid", "paid\u00a0later"),
)
BUYERS: dict[str, Any] = {
    **{
        "0012": "0012",
        " c9 ": "c9",
        "c 9": "c 9",
        "é": "é",
        "c'9": "c'9",
        "{3F25-04E0}": "{3F25-04E0}",
        "日本": "日本",
    },
    **{"": ANONYMOUS, "  ": ANONYMOUS, "null": ANONYMOUS, "N/A": ANONYMOUS, "NaN": ANONYMOUS, "nancy": "nancy"},
    **{"1e17": "1e17", "5E10": "5E10", "12345678901234567890123": "12345678901234567890123", "1.0.3": "1.0.3"},
    **{"12.5": "12.5", "-": "-", "0": "0", "=1+1": "=1+1", "a;b": "a;b", "<b>": "<b>", "c\\9": "c\\9", "%00": "%00"},
}
NO_BUYERS = (
    *("jan@example.com", "Jan <jan@example.com>", "a@example.com;b@example.com", "jan@example.com (old)"),
    *('{"m":"jan@example.com"}', '{"id":5}', '{ "id": 5 }', "{}", "[1,2]", "[]", '["a"]', "123.0", "-7.00", "123.000"),
    *("6,71235E+12", "1,0E12", "6.71235E12", "123,0", "-7,00"),
    *("1.23457E+17", "1e+17", "9E+5", "+44 7400 123456", "tel:+447400123456", "+44(0)7400-123456"),
)
NO_NUMBERS = (*NO_BUYERS, "", "  ", "null", "N/A")
CHANNELS: dict[str, Any] = {
    **{"store": "store", " store ": "store", "": None, "mail by jan@example.com": f"mail by {HIDDEN}"},
    **{"jan@example.com": HIDDEN, "+44 7400 123456": HIDDEN, "call +44 7400 123456 now": f"call {HIDDEN} now"},
    **{"'jan@example.com'": f"'{HIDDEN}'", "123.0": "123.0", "[1]": "[1]", "null": "null", "true": "true"},
    **{"https://example.com/a?b=c": "https://example.com/a?b=c", "2026-03-05": "2026-03-05", "06 12": "06 12"},
    **{'"quoted"': '"quoted"', "a, b; c": "a, b; c", "emoji 🎁": "emoji 🎁", "tab\tinside": "tab\tinside"},
}
WITH_BREAKS = {
    "buyer": "customer_id",
    "state": "status",
    "placed": "ordered_at",
    "total": "gross_amount",
    "sold_by": "channel",
}


def cells() -> Iterator[Cell]:
    """Faults of one cell that any format of text can hold."""
    for column, good, bad in (
        ("total", {text: Value(amount) for text, amount in AMOUNTS.items()}, NO_AMOUNTS),
        ("placed", TIMES, NO_TIMES),
        ("state", {text: Value(status) for text, status in STATUSES.items()}, NO_STATUSES),
        ("buyer", {text: Value(name) for text, name in BUYERS.items()}, NO_BUYERS),
        ("number", {}, NO_NUMBERS),
        ("sold_by", {text: Value(name) for text, name in CHANNELS.items()}, ()),
    ):
        for text, outcome in good.items():
            yield Cell(column, text, outcome)
        for text in dict.fromkeys(bad):
            yield Cell(column, text, Rejected(CANONICAL[column]))
    for column, name in WITH_BREAKS.items():
        yield Cell(column, f"{BEFORE[HEADER.index(column)]}\nb", Rejected(name))


def typed_cells() -> Iterator[Cell]:
    """Faults of one cell of a Parquet file in a type of its own: a column of that type."""
    for given, name in ((1.0, "1"), (123456789012.0, "123456789012"), (9007199254740991.0, "9007199254740991")):
        yield Cell("buyer", given, Value(name))
    for lost in (1e17, 9007199254740992.0, 1.5, float("inf"), -0.5):
        yield Cell("buyer", lost, Rejected("customer_id"))
    for whole, name in ((7, "7"), (2**63 - 1, str(2**63 - 1)), (Decimal("12.00"), "12"), (True, "true")):
        yield Cell("buyer", whole, Value(name))
    # What a program writes where there is nothing.
    yield Cell("buyer", float("nan"), Value(ANONYMOUS))
    yield Cell("buyer", Decimal("12.50"), Rejected("customer_id"))
    for amount, cents in ((2.5, 250), (0.1 + 0.2, 30), (100.1 - 100, 10), (5, 500), (Decimal("1.50"), 150)):
        yield Cell("total", amount, Value(cents))
    for wrong in (float("nan"), float("inf"), 0.001, 10.0000004, 2**60, Decimal("1.005"), True, -1.0):
        yield Cell("total", wrong, Rejected("gross_amount"))
    yield Cell("placed", datetime(2026, 3, 5, 14, 30), _at(2026, 3, 5, 13, 30))
    yield Cell("placed", datetime(2026, 3, 5, 14, 30, tzinfo=UTC), _at(2026, 3, 5, 14, 30))
    for wrong_time in (20260305, 1767600000.0, True, datetime(26, 3, 5)):
        yield Cell("placed", wrong_time, Rejected("ordered_at"))
    for wrong_status in (1, 1.5, True):
        yield Cell("state", wrong_status, Rejected("status"))


def json_cells() -> Iterator[Cell]:
    """Faults of one cell that JSON alone can hold; `given` is the JSON text."""
    for text in ("12345678901234567890123", "9007199254740993", "7", "-7", "0.5"):
        yield Cell("buyer", text, Value(text))
    for text in ("1.0", "1e+17", "100.00", '{"id":5}', "[5]", "[]", "{}"):
        yield Cell("buyer", text, Rejected("customer_id"))
    yield Cell("buyer", "null", Value(ANONYMOUS))
    yield Cell("buyer", "true", Value("true"))
    for text, cents in (("10.10", 1010), ("7", 700), ("0.30000000000000004", 30), ("1e3", 100000), ("1E-2", 1)):
        yield Cell("total", text, Value(cents))
    for text in ("0.1234567890123456789", "100000000000000000000.5", "10.0000000000000000001", "1E400", "null", "[1]"):
        yield Cell("total", text, Rejected("gross_amount"))
    yield Cell("sold_by", '"a\\u00e9\\"b"', Value('aé"b'))
    yield Cell("sold_by", '{"name":"web"}', Value('{"name":"web"}'))


def _csv(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER, delimiter: str = ",", end: str = "\n") -> bytes:
    return "".join(delimiter.join(row) + end for row in (header, *rows)).encode()


def _json(row: tuple[str, ...]) -> str:
    return "{" + ", ".join(f'"{name}": "{value}"' for name, value in zip(HEADER, row, strict=True)) + "}\n"


def files() -> Iterator[File]:
    """Faults of a whole file."""
    good = _csv(*GOOD)
    yield from _sound_files(good)
    yield from _broken_files(good)
    yield from _refused_files(good)


def _sound_files(good: bytes) -> Iterator[File]:
    # What is said of the file by its first good row.
    sound = Value(None)
    for name, content in {
        "bom.csv": b"\xef\xbb\xbf" + good,
        "crlf.csv": _csv(*GOOD, end="\r\n"),
        "cr.csv": _csv(*GOOD, end="\r"),
        "no_last_end.csv": good.rstrip(b"\n"),
        "blank_lines.csv": b"\n\n" + good.replace(b"\n", b"\n\n"),
        "two_ends.csv": good.replace(b"web\n", b"web\r\n"),
        "semicolon.csv": _csv(*GOOD, delimiter=";"),
        "tab.tsv": _csv(*GOOD, delimiter="\t"),
        "pipe.txt": _csv(*GOOD, delimiter="|"),
        "excel_hint.csv": b"sep=,\n" + good,
        "quoted.csv": _csv(*(tuple(f'"{cell}"' for cell in row) for row in GOOD)),
        "more_columns.csv": _csv(*((*row, "x") for row in GOOD), header=(*HEADER, "note")),
        "other_order.csv": _csv(*(row[::-1] for row in GOOD), header=HEADER[::-1]),
        "capitals.csv": _csv(*GOOD, header=tuple(name.upper() for name in HEADER)),
        "blank_header.csv": _csv(*((*row, "x") for row in GOOD), header=(*HEADER, "")),
        "good.jsonl": "".join(map(_json, GOOD)).encode(),
        "bom.jsonl": b"\xef\xbb\xbf" + "".join(map(_json, GOOD)).encode(),
        "blank_lines.ndjson": "\n\n".join(map(_json, GOOD)).encode(),
    }.items():
        yield File(name, content, sound)


def _broken_files(good: bytes) -> Iterator[File]:
    for name, line in {
        "few_cells.csv": b"o9,c9,2026-01-07",
        "many_cells.csv": b"o9,c9,2026-01-07,paid,30.00,web,x",
        "no_utf8.csv": b"o9,caf\xe9,2026-01-07,paid,30.00,web",
        "text_line.csv": b"-- 3 rows --",
        "stray_quotes_of_one_row.csv": b'o9,c9,2026-01-07 10:00:00,"paid,30.00,web\no8,c9,2026-01-07 10:00:00,paid",30.00,web',
        "open_quote_at_end.csv": b'o9,"c9,2026-01-07,paid,30.00,web',
    }.items():
        yield File(name, good + line + b"\n", Broken(line.count(b"\n") + 1))
    first, *others = good.splitlines(keepends=True)
    swallowing = (
        b'o9,c9,2026-01-07,paid,30.00,"web\n'
        + b"o8,c9,2026-01-07 10:00:00,paid,30.00,web\n" * 2000
        + b'o7,c9,2026-01-08 10:00:00,paid,3.00,web"\n'
    )
    yield File("stray_quotes.csv", good + swallowing, Broken(2002))
    yield File("open_quote_first.csv", first + b'o9,"c9,x\n' + b"".join(others), Broken(3), n_good=0)
    lines = "".join(map(_json, GOOD)).encode()
    for name, line in {
        "no_json.jsonl": b"o9,c9",
        "half_json.jsonl": b'{"number": "o9", "buyer":',
        "list.jsonl": b"[1]",
        "text.jsonl": b'"o9"',
        "number.jsonl": b"7",
        "two_objects.jsonl": b'{"number": "o9"}{"number": "o8"}',
        "single_quotes.jsonl": b"{'number': 'o9'}",
        "key_twice.jsonl": b'{"number": "o9", "number": "o8"}',
        "key_twice_by_escape.jsonl": b'{"number": "o9", "\\u006eumber": "o8"}',
        "key_twice_nested.jsonl": b'{"number": "o9", "buyer": {"id": 1, "id": 2}}',
        "key_twice_in_list.jsonl": b'{"number": "o9", "lines": [{"sku": 1}, {"sku": 1, "s\\u006bu": 1}]}',
        "no_utf8.jsonl": b'{"number": "caf\xe9"}',
    }.items():
        yield File(name, lines + line + b"\n", Broken())


def _refused_files(good: bytes) -> Iterator[File]:
    lines = "".join(map(_json, GOOD)).encode()
    for name, content, words in (
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n\n", "is empty"),
        ("empty.jsonl", b"", "is empty"),
        ("utf16.csv", good.decode().encode("utf-16"), "is UTF-16"),
        ("nul.csv", good.decode().encode("utf-16-le"), "NUL bytes"),
        ("header_twice.csv", _csv(*GOOD, header=("_row", *HEADER[1:])), "is a name of the pipeline's own"),
        ("no_number.csv", _csv(*GOOD, header=("nr", *HEADER[1:])), "column number is missing"),
        ("header_no_utf8.csv", good.replace(b"number", b"n\xfcmber"), "header is not UTF-8"),
        ("case_twice.jsonl", lines + b'{"NUMBER": "o9"}\n', "appears twice"),
        ("text.parquet", b"plain text " * 20, "No magic bytes"),
        ("empty.parquet", b"", "too small to be a Parquet file"),
        ("text.xlsx", b"plain text " * 20, "is not an Excel file"),
        ("old.xls", b"plain text", "is an Excel file of the old kind"),
        ("text.csv.gz", b"plain text " * 20, "cannot be read"),
        ("text.csv.zst", b"plain text " * 20, "cannot be read"),
        ("text.zip", b"plain text " * 20, "cannot be unpacked"),
        ("page.html", b"<html></html>", "is a web page"),
        ("data.json", b"[]", "is JSON"),
        ("data.pdf", b"%PDF", "is a PDF"),
        ("data.xyz", b"x", "format not known"),
        ("long_line.csv", good + b"x" * (9 << 20) + b"\n", "is longer than the limit"),
    ):
        yield File(name, content, Refused(words), n_good=0)
