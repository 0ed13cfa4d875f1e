"""Files of exchange rates: both layouts, and what is wrong with a file in one line."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.sources.rates import read_rates

ECB = """Date,USD,JPY,GBP,CYP,
2026-11-27,1.25,160.0,0.8,N/A,
2026-11-26,1.20,N/A,0.75,N/A,
"""
"""The layout of eurofxref-hist.csv: newest first, a comma at the end, N/A where a currency has no rate."""
DAY, BEFORE = date(2026, 11, 27), date(2026, 11, 26)


def rates_of(folder: Path, text: str, currency: str) -> dict[tuple[str, date], float]:
    file = folder / "rates.csv"
    file.write_text(text)
    return {(code, day): rate for code, day, rate in read_rates(file, currency).iter_rows()}


def test_a_file_is_read_itself_whatever_is_in_its_path(tmp_path: Path) -> None:
    one, other = tmp_path / "rates [1]", tmp_path / "rates 1"
    one.mkdir()
    other.mkdir()
    rates_of(other, ECB.replace("1.25", "2.5"), "EUR")
    assert rates_of(one, ECB, "EUR")["USD", DAY] == pytest.approx(0.8)


def test_the_file_of_the_ecb_gives_euros_for_one_of_each_currency(tmp_path: Path) -> None:
    assert rates_of(tmp_path, ECB, "EUR") == {
        ("USD", DAY): pytest.approx(0.8),
        ("USD", BEFORE): pytest.approx(1 / 1.2),
        ("JPY", DAY): pytest.approx(0.00625),
        ("GBP", DAY): pytest.approx(1.25),
        ("GBP", BEFORE): pytest.approx(4 / 3),
    }


def test_a_shop_in_pounds_gets_rates_by_way_of_the_euro(tmp_path: Path) -> None:
    # 1.25 dollars are a euro are 0.80 pounds, so that a dollar is 0.64 pounds.
    assert rates_of(tmp_path, ECB, "GBP") == {
        ("EUR", DAY): pytest.approx(0.8),
        ("EUR", BEFORE): pytest.approx(0.75),
        ("USD", DAY): pytest.approx(0.64),
        ("USD", BEFORE): pytest.approx(0.625),
        ("JPY", DAY): pytest.approx(0.005),
    }


def test_a_small_file_of_rates_is_read_as_it_stands(tmp_path: Path) -> None:
    text = "date,currency,rate\n2026-11-26,USD,0.83\n2026-11-27, GBP , 1.15\n"
    assert rates_of(tmp_path, text, "EUR") == {("USD", BEFORE): 0.83, ("GBP", DAY): 1.15}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read (NoDataError); give columns date,currency,rate, or the ECB's eurofxref-hist.csv as it is"),
        ("date,currency,rate\n", "has no rates; give columns"),
        ("Date,USD,\n2026-11-27,N/A,\n", "has no rates; give columns"),
        ("day;code;value\n2026-11-27;USD;1\n", "has the columns day;code;value; give columns"),
        (
            "date,currency,rate\n2026-11-27,UDS,0.8\n",
            "has a rate of 'UDS', which is not a currency; write its ISO 4217 code",
        ),
        ("Date,USD,DLR\n2026-11-27,1.2,1.3\n", "has a rate of 'DLR', which is not a currency"),
        (
            "date,currency,rate\n27-11-2026,USD,0.8\n",
            "has the rate '0.8' of USD on 27-11-2026; write dates like 2026-11-27",
        ),
        ("date,currency,rate\n2026-11-27,USD,-1\n", "has the rate '-1' of USD on 2026-11-27"),
        ("date,currency,rate\n2026-11-27,USD,many\n", "has the rate 'many' of USD on 2026-11-27"),
        ("date,currency,rate\n2026-11-27,USD,1\n2026-11-27,USD,2\n", "has two rates of USD on 2026-11-27; keep one"),
        ("Date,USD\n2026-11-27,1.2\n", "has no rate of SEK, the shop's currency; give columns"),
    ],
)
def test_a_faulty_file_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        rates_of(tmp_path, text, "SEK" if "SEK" in words else "EUR")
    assert str(raised.value).startswith(f"{tmp_path / 'rates.csv'} {words}")
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rates\.csv cannot be read \(FileNotFoundError\)"):
        read_rates(tmp_path / "rates.csv", "EUR")
