from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.ingest.conform import (
    FAULT_SCHEMA,
    Conformed,
    conform,
    without_placeholders,
    without_reserved_channels,
)

AMSTERDAM = "Europe/Amsterdam"
SAO_PAULO = "America/Sao_Paulo"
TIME = pl.Datetime("us", "UTC")
LARGEST = 2**53 - 1
property_settings = settings(max_examples=30, deadline=None)


def conform_one(
    values: Any, dtype: pl.DataType, name: str = "x", zone: str = AMSTERDAM, given_as: pl.DataType | None = None
) -> Conformed:
    column = values if isinstance(values, pl.Series) else pl.Series(name, values, dtype=given_as)
    return conform(column.alias(name).to_frame(), pl.Schema({name: dtype}), time_zone=zone)


def times(*values: Any, zone: str = AMSTERDAM) -> list[datetime | None]:
    return conform_one(list(values), TIME, zone=zone).frame["x"].to_list()


def cents(*values: Any) -> list[int | None]:
    return conform_one(list(values), pl.Int64(), name="net_amount").frame["net_amount"].to_list()


def reasons(result: Conformed) -> list[str]:
    return result.faults["reason"].to_list()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


# Shape


def test_the_result_has_the_columns_and_types_of_the_contract_in_its_order() -> None:
    schema = pl.Schema({"name": pl.String(), "at": TIME, "n": pl.Int64(), "share": pl.Float64(), "is_on": pl.Boolean()})
    rows = pl.DataFrame({"is_on": ["yes"], "share": ["0.5"], "n": ["7"], "at": ["2026-01-05"], "name": ["a"]})
    result = conform(rows, schema, time_zone="UTC")
    assert result.frame.schema == schema
    assert result.frame.rows() == [("a", utc(2026, 1, 5), 7, 0.5, True)]
    assert result.faults.is_empty()
    assert result.faults.schema == pl.Schema(FAULT_SCHEMA)


def test_a_column_that_is_not_mapped_is_null_and_no_fault() -> None:
    schema = pl.Schema({"a": pl.String(), "b": pl.Int64(), "c_amount": pl.Int64(), "d": TIME, "e": pl.Boolean()})
    result = conform(pl.DataFrame({"a": ["x", "y"]}), schema, time_zone="UTC")
    assert result.frame.schema == schema
    assert result.frame.rows() == [("x", None, None, None, None), ("y", None, None, None, None)]
    assert result.faults.is_empty()


def test_a_column_that_the_contract_does_not_have_is_left_out() -> None:
    rows = pl.DataFrame({"a": ["x"], "_file": ["orders.csv"]})
    assert conform(rows, pl.Schema({"a": pl.String()}), time_zone="UTC").frame.columns == ["a"]


def test_no_rows_give_no_rows_with_the_types_of_the_contract() -> None:
    schema = pl.Schema({"a": pl.String(), "b_amount": pl.Int64(), "c": TIME, "d": pl.Boolean(), "e": pl.Float64()})
    rows = pl.DataFrame(schema=dict.fromkeys(schema, pl.String))
    assert_frame_equal(conform(rows, schema, time_zone="UTC").frame, pl.DataFrame(schema=schema))


@pytest.mark.parametrize("dtype", [pl.String(), TIME, pl.Boolean(), pl.Int64(), pl.Float64()])
@pytest.mark.parametrize("name", ["x", "x_amount"])
def test_empty_and_blank_text_is_null_and_no_fault(dtype: pl.DataType, name: str) -> None:
    result = conform_one(["", "   ", "\t\n", None], dtype, name=name)
    assert result.frame[name].to_list() == [None] * 4
    assert result.faults.is_empty()


@pytest.mark.parametrize("dtype", [pl.String(), TIME, pl.Boolean(), pl.Int64(), pl.Float64()])
def test_a_column_without_a_type_is_null(dtype: pl.DataType) -> None:
    result = conform_one([None, None], dtype, given_as=pl.Null())
    assert result.frame.schema == {"x": dtype}
    assert result.faults.is_empty()


def test_text_is_trimmed_before_it_is_read() -> None:
    assert conform_one([" a b "], pl.String()).frame["x"].to_list() == ["a b"]
    assert conform_one([" 7 "], pl.Int64()).frame["x"].to_list() == [7]
    assert times(" 2026-01-05 12:00:00\t") == [utc(2026, 1, 5, 11)]
    assert cents(" 1.50 ") == [150]


def test_a_typed_value_becomes_text_as_it_is_written() -> None:
    assert conform_one([1, None], pl.String()).frame["x"].to_list() == ["1", None]
    assert conform_one([date(2026, 1, 5)], pl.String()).frame["x"].to_list() == ["2026-01-05"]


def test_a_fault_names_its_row_its_column_and_the_value() -> None:
    rows = pl.DataFrame({"n": ["1", "two", "3"], "is_on": ["yes", "no", "perhaps"]})
    result = conform(rows, pl.Schema({"n": pl.Int64(), "is_on": pl.Boolean()}), time_zone="UTC")
    assert result.frame.rows() == [(1, True), (None, False), (3, None)]
    assert result.faults.rows() == [
        (1, "n", "n: is not a whole number"),
        (2, "is_on", "is_on: is not yes or no"),
    ]


def test_a_long_value_is_shown_by_its_first_80_characters() -> None:
    assert reasons(conform_one(["z" * 81], pl.Float64())) == ["x: is not a number"]


def test_braces_in_a_value_are_shown_as_they_are() -> None:
    assert reasons(conform_one(["{}"], pl.Float64())) == ["x: is not a number"]


WORDS = [
    *("2026-01-05 13:14:15", "2026-01-05T13:14:15.5", "2026-01-05", "2026-01-05T13:14", "2026-01-05T13:14:15Z"),
    *("2026-03-29 02:30:00", "2026-01-05 13:14 +0100", "0026-01-05", "1", "2.50", "2.505", "1e3", "9007199254740993"),
    *("nan", "yes", "soon", "", None),
]


@pytest.mark.parametrize("dtype", [pl.String(), TIME, pl.Boolean(), pl.Int64(), pl.Float64()])
@pytest.mark.parametrize("name", ["x", "x_amount"])
@property_settings
@given(
    values=st.lists(
        st.sampled_from(WORDS).flatmap(lambda word: st.sampled_from([word, word and f" {word}\t"])),
        min_size=1,
        max_size=8,
    )
)
def test_a_value_is_read_alike_whatever_stands_around_it(
    dtype: pl.DataType, name: str, values: list[str | None]
) -> None:
    together = conform_one(values, dtype, name=name, given_as=pl.String())
    alone = [conform_one([value], dtype, name=name, given_as=pl.String()) for value in values]
    assert_frame_equal(together.frame, pl.concat(one.frame for one in alone))
    faults = pl.concat(one.faults.with_columns(row=pl.lit(row, dtype=pl.UInt32)) for row, one in enumerate(alone))
    assert_frame_equal(together.faults, faults, check_row_order=False)


# Times


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05 13:14:15",
        "2026-01-05T13:14:15",
        "2026-01-05 13:14:15.000",
        "2026-01-05T13:14:15.000000",
        "2026-01-05T12:14:15Z",
        "2026-01-05T12:14:15.000Z",
        "2026-01-05T13:14:15+01:00",
        "2026-01-05T13:14:15.000+0100",
        "2026-01-05 17:44:15+05:30",
        "2026-01-05 09:14:15 -0300",
    ],
)
def test_a_time_is_read_in_every_known_shape(text: str) -> None:
    assert times(text) == [utc(2026, 1, 5, 12, 14, 15)]


@pytest.mark.parametrize(
    "text", ["2026-01-05 13:14", "2026-01-05T13:14", "2026-01-05T12:14Z", "2026-01-05 09:14-03:00"]
)
def test_a_time_may_lack_its_seconds(text: str) -> None:
    assert times(text) == [utc(2026, 1, 5, 12, 14)]


@pytest.mark.parametrize("text", ["2026-01-05 13:14:15.123456", "2026-01-05T12:14:15.123456Z"])
def test_fractions_of_a_second_are_kept(text: str) -> None:
    assert times(text) == [utc(2026, 1, 5, 12, 14, 15, 123456)]


def test_a_date_is_midnight_where_the_shop_is() -> None:
    assert times("2026-01-05", "2026-07-05") == [utc(2026, 1, 4, 23), utc(2026, 7, 4, 22)]


def test_the_offset_of_a_time_goes_before_the_zone_of_the_shop() -> None:
    assert times("2025-10-02 17:09:34 -0300", zone="Asia/Tokyo") == [utc(2025, 10, 2, 20, 9, 34)]


def test_one_column_may_mix_shapes() -> None:
    given_times = ["2026-01-05", "2026-01-05 01:00:00", "2026-01-05T01:00:00Z", None, "2026-01-05 02:00", "soon"]
    result = conform_one(given_times, TIME)
    assert result.frame["x"].to_list() == [
        utc(2026, 1, 4, 23),
        utc(2026, 1, 5, 0),
        utc(2026, 1, 5, 1),
        None,
        utc(2026, 1, 5, 1),
        None,
    ]
    assert result.faults.rows() == [(5, "x", "x: is not a date")]


@pytest.mark.parametrize(
    "text",
    ["05-03-26", "05-03-26 09:15", "0001-01-01 00:00:00", "0000-01-01", "0026-03-05T09:15:00Z", "9999-12-31 23:59:59"],
)
def test_a_year_that_no_shop_has_seen_is_no_date(text: str) -> None:
    result = conform_one(["2026-03-05", text, None], TIME)
    assert result.frame["x"].to_list() == [utc(2026, 3, 4, 23), None, None]
    assert result.faults.rows() == [(1, "x", "x: is not a date from 1900 to 2199")]


def test_a_typed_year_that_no_shop_has_seen_is_no_time() -> None:
    assert reasons(conform_one([date(26, 3, 5), date(2026, 3, 5), None], TIME)) == [
        "x: is not a date from 1900 to 2199"
    ]


def test_words_for_nothing_are_no_ids_and_no_addresses() -> None:
    words = ["nan", "NaN", "N/A", "Null", "NONE", "<NA>", "Nancy", "", None]
    rows = pl.DataFrame({"customer_id": words, "email": words, "channel": words, "q_id": range(9)})
    nothing = [None] * 6 + ["Nancy", "", None]
    expected = pl.DataFrame({"customer_id": nothing, "email": nothing, "channel": words, "q_id": range(9)})
    assert_frame_equal(without_placeholders(rows), expected)


def test_a_channel_with_the_name_of_all_channels_together_is_read_as_another() -> None:
    words = ["all", "web", "overall", "unknown", None]
    rows = pl.DataFrame({"channel": words, "preferred_channel": words, "category": words})
    read = ["all_", "web", "overall", "unknown", None]
    expected = pl.DataFrame({"channel": read, "preferred_channel": read, "category": words})
    assert_frame_equal(without_reserved_channels(rows), expected)
    assert_frame_equal(without_reserved_channels(rows.select("category")), rows.select("category"))


def test_erased_people_are_nobody() -> None:
    emails = [
        "deleted@site.invalid",
        " Deleted@Site.INVALID ",
        "a@invalid",
        "a@invalid.com",
        "invalid@x.com",
        "a@x.com",
        None,
    ]
    names = [
        "[deleted] [deleted]",
        "[gelöscht]",
        " [verwijderd]  [verwijderd] ",
        "[deleted] Jansen",
        "Jan [NL]",
        "",
        None,
    ]
    rows = pl.DataFrame({"customer_id": list("1234567"), "email": emails, "person_name": names, "title": names})
    expected = pl.DataFrame(
        {
            "customer_id": list("1234567"),
            "email": [None, None, None, "a@invalid.com", "invalid@x.com", "a@x.com", None],
            "person_name": [None, None, None, "[deleted] Jansen", "Jan [NL]", "", None],
            "title": names,
        }
    )
    assert_frame_equal(without_placeholders(rows), expected)


def test_a_time_that_the_clock_skips_is_moved_on_by_an_hour() -> None:
    assert times("2026-03-29 02:30:00") == [utc(2026, 3, 29, 1, 30)]
    assert times("2026-03-29 01:59:59", "2026-03-29 03:00:00") == [utc(2026, 3, 29, 0, 59, 59), utc(2026, 3, 29, 1)]


def test_a_time_that_the_clock_shows_twice_is_the_first() -> None:
    assert times("2026-10-25 02:30:00") == [utc(2026, 10, 25, 0, 30)]


def test_a_day_without_a_midnight_keeps_its_date() -> None:
    """On 2018-11-04 the clocks of São Paulo went from 23:59:59 to 01:00:00, which was 03:00 UTC."""
    given_times = ("2018-11-04", "2018-11-04 00:00:00", "2018-11-04 00:30:00")
    moments = times(*given_times, zone=SAO_PAULO)
    assert moments == [utc(2018, 11, 4, 3), utc(2018, 11, 4, 3), utc(2018, 11, 4, 3, 30)]
    assert {moment.astimezone(ZoneInfo(SAO_PAULO)).date() for moment in moments if moment} == {date(2018, 11, 4)}


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-02-30 10:00:00", "2025-02-29", "2026-01-05 25:00:00", "0000-00-00", "05-01-2026", "20260105"],
)
def test_an_impossible_date_is_a_fault_that_shows_it(text: str) -> None:
    result = conform_one([text], TIME)
    assert result.frame["x"].to_list() == [None]
    assert reasons(result) == ["x: is not a date"]


def test_a_typed_time_keeps_its_moment_and_a_naive_one_is_local() -> None:
    assert times(datetime(2026, 7, 5, 12)) == [utc(2026, 7, 5, 10)]
    assert times(date(2026, 7, 5)) == [utc(2026, 7, 4, 22)]
    aware = pl.Series("x", [datetime(2026, 7, 5, 12)]).dt.replace_time_zone("Asia/Tokyo").dt.cast_time_unit("ms")
    assert conform_one(aware, TIME).frame["x"].to_list() == [utc(2026, 7, 5, 3)]


def test_a_number_is_no_time() -> None:
    assert reasons(conform_one([20260105, None], TIME)) == ["x: is not a time"]


@property_settings
@given(
    st.datetimes(datetime(1995, 1, 1), datetime(2035, 12, 31)), st.sampled_from([AMSTERDAM, SAO_PAULO, "Asia/Tokyo"])
)
def test_every_second_comes_back_from_its_local_text_but_the_second_hour_of_a_fold(moment: datetime, zone: str) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    local = moment.astimezone(ZoneInfo(zone))
    text = f"{local:%Y-%m-%d %H:%M:%S}"
    first = local.replace(fold=0).astimezone(UTC)
    assert times(text, zone=zone) == [first]
    assert times(local.isoformat()) == [moment]
    assert first == moment or local.fold == 1


# Money


def test_an_amount_becomes_hundredths() -> None:
    assert cents("0", "7", "7.5", "7.50", "1234.56", "-3.10", "0.01", "-0.01", "+4.20", ".5") == (
        [0, 700, 750, 750, 123456, -310, 1, -1, 420, 50]
    )


def test_amounts_that_no_double_holds_are_exact() -> None:
    """As a double 1.15 * 100 is 114.99999999999999, 0.29 * 100 is 28.999999999999996, and 0.1 + 0.2 is not 0.3."""
    assert cents("1.15", "0.29", "0.30000000000000004", "4.35", "1.10") == [115, 29, 30, 435, 110]
    assert cents(1.15, 0.29, 0.1 + 0.2, 4.35, 1.10) == [115, 29, 30, 435, 110]


@pytest.mark.parametrize(
    "text", ["0.001", "1.005", "12.345", "-0.015", "1000000000.001", "10000000000.005", "1.999999"]
)
def test_a_third_decimal_is_refused_and_never_rounded(text: str) -> None:
    result = conform_one([text], pl.Int64(), name="net_amount")
    assert result.frame["net_amount"].to_list() == [None]
    assert reasons(result) == ["net_amount: is not an amount with at most two decimals"]


def test_zeros_after_the_second_decimal_are_no_decimals() -> None:
    assert cents("1.500", "2.0000", "10.0") == [150, 200, 1000]


@pytest.mark.parametrize(
    "text", ["10.0000004", "1e-7", "12345678.0000001", "10.000000000000000001", "12.000000000001", "-0.0000001"]
)
def test_decimals_too_many_for_a_look_are_refused_too(text: str) -> None:
    assert reasons(conform_one([text], pl.Int64(), name="net_amount")) == [
        "net_amount: is not an amount with at most two decimals"
    ]


def test_what_calculating_with_doubles_leaves_is_no_decimal() -> None:
    """100.1 - 100 is 0.09999999999999432, 0.1 + 0.2 - 0.3 is 5.551115123125783e-17."""
    assert cents("0.09999999999999432", "5.551115123125783e-17", "1234.5600000000002") == [10, 0, 123456]
    assert cents(100.1 - 100, 0.1 + 0.2 - 0.3, 12345678.560000001) == [10, 0, 1234567856]


def test_an_exponent_changes_no_amount() -> None:
    assert cents("1e3", "1.5e-1", "1E+2") == [100_000, 15, 10_000]


def test_the_largest_amount_is_below_two_to_the_53rd_hundredths() -> None:
    assert cents("90071992547409.91", "-90071992547409.91") == [LARGEST, -LARGEST]
    for text in ("90071992547409.92", "-90071992547409.92", "1e15", "9" * 40):
        assert reasons(conform_one([text], pl.Int64(), name="a_amount")) == [
            "a_amount: is above 90,071,992,547,409.91, the largest amount that is kept"
        ]


def test_a_line_break_is_a_fault_where_no_free_text_is() -> None:
    rows = pl.DataFrame({"customer_id": ["a", "b\nc,2026", " d\n"], "body": ["two\nlines", None, "one"]})
    schema = pl.Schema({"customer_id": pl.String(), "body": pl.String()})
    conformed = conform(rows, schema, time_zone="UTC", free_texts={"body"})
    assert conformed.frame.rows() == [("a", "two\nlines"), (None, None), ("d", "one")]
    assert conformed.faults.rows() == [
        (1, "customer_id", "customer_id: has a line break in it; is a quote before it never closed?")
    ]


def test_an_amount_beyond_the_seven_digits_of_a_float_is_refused() -> None:
    given = pl.Series([99_999.99, 0.1, 1_234_567.89, -100_000.0, 1.234], dtype=pl.Float32)
    conformed = conform(pl.DataFrame({"net_amount": given}), pl.Schema({"net_amount": pl.Int64()}), time_zone="UTC")
    assert conformed.frame["net_amount"].to_list() == [9_999_999, 10, None, None, None]
    assert sorted(conformed.faults["reason"]) == [
        "net_amount: has lost its cents in a FLOAT; make its column DECIMAL",
        "net_amount: has lost its cents in a FLOAT; make its column DECIMAL",
        "net_amount: is not an amount with at most two decimals",
    ]


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1,50", "€ 5", "5 EUR", "1 000", "--1", "true", "free"])
def test_what_is_no_number_is_no_amount(text: str) -> None:
    assert reasons(conform_one([text], pl.Int64(), name="net_amount")) == [
        "net_amount: is not an amount with at most two decimals"
    ]


def test_typed_amounts_are_in_whole_units_too() -> None:
    assert cents(5, -7, None) == [500, -700, None]
    assert cents(Decimal("1.50"), Decimal("-2.25")) == [150, -225]
    assert cents(2.5, 19.99, None) == [250, 1999, None]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.001, 2**60, Decimal("1.005"), True])
def test_a_typed_amount_that_does_not_fit_is_refused(value: Any) -> None:
    result = conform_one([value], pl.Int64(), name="net_amount")
    assert result.frame["net_amount"].to_list() == [None]
    assert result.faults.height == 1


@property_settings
@given(st.lists(st.integers(-LARGEST, LARGEST), min_size=1, max_size=20))
def test_any_number_of_cents_comes_back_from_its_text(amounts: list[int]) -> None:
    texts = [f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}" for amount in amounts]
    assert cents(*texts) == amounts


@property_settings
@given(st.integers(-LARGEST, LARGEST), st.integers(1, 9))
def test_no_third_decimal_slips_through_at_any_size(amount: int, thousandths: int) -> None:
    text = f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}{thousandths}"
    assert cents(text) == [None]


# Numbers and booleans


def test_a_whole_number_with_decimals_too_small_for_a_double_is_refused() -> None:
    result = conform_one(["123.000000000000001", "7.00000000000000000", "9007199254740991"], pl.Int64())
    assert result.frame["x"].to_list() == [None, 7, 9007199254740991]


def test_whole_numbers_may_be_written_with_a_decimal_zero() -> None:
    assert conform_one(["5", "-5", "5.0", "0", "+1"], pl.Int64()).frame["x"].to_list() == [5, -5, 5, 0, 1]
    assert conform_one([5.0, None], pl.Int64()).frame["x"].to_list() == [5, None]


@pytest.mark.parametrize("text", ["5.5", "abc", "nan", "inf", "9007199254740992", "1,000"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    result = conform_one([text], pl.Int64())
    assert result.frame["x"].to_list() == [None]
    assert reasons(result) == ["x: is not a whole number"]


def test_the_largest_whole_number_is_kept_to_the_last_digit() -> None:
    assert conform_one([str(LARGEST), str(-LARGEST)], pl.Int64()).frame["x"].to_list() == [LARGEST, -LARGEST]


def test_numbers_are_read_and_what_is_not_finite_is_refused() -> None:
    result = conform_one(["1.5", "-2", "1e3", "nan", "inf", "x"], pl.Float64())
    assert result.frame["x"].to_list() == [1.5, -2.0, 1000.0, None, None, None]
    assert reasons(result) == ["x: is not a number"] * 3


def test_the_words_for_yes_and_no_are_read_in_any_case() -> None:
    yes, no = ["true", "t", "yes", "y", "1", "TRUE", "Yes"], ["false", "f", "no", "n", "0", "FALSE", "No"]
    assert conform_one(yes, pl.Boolean()).frame["x"].to_list() == [True] * 7
    assert conform_one(no, pl.Boolean()).frame["x"].to_list() == [False] * 7
    assert reasons(conform_one(["2", "ja"], pl.Boolean())) == ["x: is not yes or no", "x: is not yes or no"]


def test_typed_booleans_and_ones_and_zeros_are_read() -> None:
    assert conform_one([True, False, None], pl.Boolean()).frame["x"].to_list() == [True, False, None]
    assert conform_one([1, 0], pl.Boolean()).frame["x"].to_list() == [True, False]
