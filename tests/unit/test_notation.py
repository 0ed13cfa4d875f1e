"""Decimal commas, days before months, words and headers of another language, around one column of text."""

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.notation import known_words, plain_amount, plain_pieces, plain_time, unambiguous
from pipeline.sources.notation_guess import count_notations, notation_lines
from pipeline.sources.preset import PresetInput, list_presets, load_preset


def read(expression: str, *texts: str | None) -> list[str | None]:
    with duckdb.connect() as connection:
        connection.execute("create table file (place integer, value varchar)")
        connection.executemany("insert into file values (?, ?)", list(enumerate(texts)))
        return [row[0] for row in connection.execute(f"select {expression} from file order by place").fetchall()]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,50", "12.50"),
        ("1.234,50", "1234.50"),
        ("1 234 567,5", "1234567.5"),
        ("1\u202f234,50\xa0€", "1234.50"),
        ("€ -3,00", "-3.00"),
        ("'-3,00", "-3.00"),
        ("1.234", "1234"),
        ("1250", "1250"),
        ("12.50", '12.50 with decimal: ","'),
        (unambiguous("33.058"), '33.0580 with decimal: ","'),
        ("1,234.50", '1,234.50 with decimal: ","'),
        ("1.23.456,00", '1.23.456,00 with decimal: ","'),
        ("free", 'free with decimal: ","'),
        ("", None),
        (None, None),
    ],
)
def test_an_amount_with_a_comma_is_read_and_one_that_could_be_either_is_none(text: str | None, amount: str) -> None:
    assert read(plain_amount("value", ","), text) == [amount]
    assert read(plain_amount("value", "."), text) == [text]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.decimals(-(10**12), 10**12, places=2), min_size=1, max_size=20))
def test_every_amount_written_the_dutch_way_comes_back_exactly(amounts: list[Decimal]) -> None:
    written = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    assert [Decimal(str(text)) for text in read(plain_amount("value", ","), *written)] == amounts


def test_pieces_of_a_packed_text_keep_all_else() -> None:
    packed = "amount:1234,50|reason:te groot, 2,5 cm|date:2025-10-03 10:00:00;amount:-3,00"
    assert read(plain_pieces("value", ","), packed) == [
        "amount:1234.50|reason:te groot, 2,5 cm|date:2025-10-03 10:00:00;amount:-3.00"
    ]
    assert read(plain_pieces("value", "."), packed) == [packed]


@pytest.mark.parametrize(
    ("text", "dates", "time"),
    [
        ("31-12-2026 14:30", "day-first", "2026-12-31 14:30:00"),
        ("1/2/2026", "day-first", "2026-02-01 00:00:00"),
        ("1/2/2026", "month-first", "2026-01-02 00:00:00"),
        ("01.02.2026 03:04:05", "day-first", "2026-02-01 03:04:05"),
        ("1/2/2026 9:05", "day-first", "2026-02-01 09:05:00"),
        ("1/2/2026 2:30 PM", "month-first", "2026-01-02 14:30:00"),
        ("1/2/2026 12:05:09 am", "month-first", "2026-01-02 00:05:09"),
        ("2026-02-01 03:04", "day-first", "2026-02-01 03:04"),
        ("31-12-2026", "month-first", "31-12-2026"),
        ("31-02-2026", "day-first", "31-02-2026"),
        ("31-12-26", "day-first", "31-12-26"),
        ("1/2/2026", "year-first", "1/2/2026"),
    ],
)
def test_a_date_is_read_as_it_is_said_to_be_written_and_any_other_stays(text: str, dates: str, time: str) -> None:
    assert read(plain_time("value", dates), text) == [time]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), min_size=1, max_size=20),
    st.sampled_from("-/."),
)
def test_every_time_written_with_its_day_first_comes_back_exactly(times: list[datetime], mark: str) -> None:
    times = [time.replace(microsecond=0) for time in times]
    written = [f"{time.day}{mark}{time.month}{mark}{time.year} {time:%H:%M:%S}" for time in times]
    assert [datetime.fromisoformat(str(text)) for text in read(plain_time("value", "day-first"), *written)] == times


def test_one_word_can_mean_another_thing_to_another_system() -> None:
    states = {"woocommerce": "on-hold", "magento": "pending"}
    for preset, state in states.items():
        words = next(iter(load_preset(preset).inputs["orders"].words.values()))
        assert read(known_words("value", words), "En attente") == [state]


def test_words_of_other_languages_stand_for_those_of_the_system() -> None:
    words = {"completed": ["Afgerond", "Terminée"], "on-hold": ["En attente"]}
    assert read(known_words("value", words), "afgerond ", "TERMINÉE", "en attente", "completed", "Weg", None) == [
        "completed",
        "completed",
        "on-hold",
        "completed",
        "Weg",
        None,
    ]


def test_no_word_or_header_of_a_preset_means_two_things() -> None:
    for preset in list_presets():
        for told in load_preset(preset).inputs.values():
            headers = [other.lower() for names in told.headers.values() for other in names]
            assert len(headers) == len(set(headers)), preset
            for words in told.words.values():
                others = [other.lower() for each in words.values() for other in each]
                assert len(others) == len(set(others)), preset


TOLD = PresetInput(required=["Total", "Placed"], amounts=["Total"], packed=["Refund*"], dates=["Placed"])


@pytest.mark.parametrize(
    ("totals", "dates", "lines"),
    [
        (["12,50", "1.234,5"], ["2026-01-02"], ['decimal: "," # as 2 amounts of the first rows have it']),
        (["12.50", "7"], ["31-12-2026", "1-2-2026"], ["dates: day-first # as 1 dates of the first rows show"]),
        (
            ["1,234", "€ 1,234.50"],
            ["12/31/2026"],
            [
                "# decimal: 2 amounts have a comma before three digits, which can part thousands or be decimal; they are "
                "rejected",
                "dates: month-first # as 1 dates of the first rows show",
            ],
        ),
        (
            ["1.200", "45"],
            [],
            [
                "# decimal: 1 amounts have a point before three digits; is 1.200 a thousand and two hundred, set decimal: "
                '",", or it is read as 1.20'
            ],
        ),
        (["1.200", "45.00"], [], []),
        (["1.200", "45,00"], [], ['decimal: "," # as 1 amounts of the first rows have it']),
        (
            ["12,50", "12.50"],
            ["1/2/2026"],
            [
                "# decimal: some amounts have a comma (1), some a point (1); those with a comma are rejected",
                "# dates: day-first or month-first? The dates seen do not tell; without the right one they are rejected",
            ],
        ),
    ],
)
def test_how_an_export_is_written_is_guessed_only_where_its_values_tell(
    totals: list[str], dates: list[str], lines: list[str]
) -> None:
    with duckdb.connect() as connection:
        connection.execute('create table file ("Total" varchar, "Placed" varchar)')
        connection.executemany("insert into file (Total) values (?)", [[each] for each in totals])
        connection.executemany("insert into file (Placed) values (?)", [[each] for each in [None, *dates]])
        counts = count_notations(connection, {"Total": "VARCHAR", "Placed": "VARCHAR"}, TOLD)
    assert list(notation_lines(counts)) == lines
