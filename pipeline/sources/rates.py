"""Reading exchange rates from a file: rows of date, currency and rate, or the layout of the European Central Bank. Converting amounts does not belong here."""

from pathlib import Path

import polars as pl

from pipeline.core.facts.money import RATES
from pipeline.errors import ConfigError

LONG = ("date", "currency", "rate")
EURO = "EUR"
MISSING = ("", "N/A")
WAY_OUT = "give columns date,currency,rate, or the ECB's eurofxref-hist.csv as it is"

CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG
    XOF XPF YER ZAR ZMW ZWG CYP EEK HRK LTL LVL MTL ROL SIT SKK TRL SLL ZWL
"""
"""ISO 4217 codes of money in use, and of money that the ECB's file still has."""


def read_rates(path: Path, currency: str) -> pl.DataFrame:
    """The rates of a file, with the columns RATES: units of the shop's `currency` for one unit of each other.

    Two layouts. `date,currency,rate`: as they stand. `Date,USD,JPY,…`: units of each currency for one euro; the rate between
    two of them goes by way of the euro.

    Raises:
        ConfigError: the file cannot be read, is empty or has another layout; or it has a value that is no rate, a code that
            is no currency, or two rates of one day; or nothing of the shop's currency.
    """
    try:
        table = pl.read_csv(path, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__}); {WAY_OUT}") from None
    table = table.rename({name: name.strip() for name in table.columns})
    table = table.drop([name for name in table.columns if not name or table[name].null_count() == table.height > 0])
    names = [name.lower() for name in table.columns]
    if not table.height:
        raise ConfigError(f"{path} has no rates; {WAY_OUT}")
    if sorted(names) == sorted(LONG):
        rates = _checked(path, table.rename(dict(zip(table.columns, names, strict=True))))
    elif names[0] == "date" and len(names) > 1 and all(len(name) == 3 for name in names[1:]):
        rates = _by_way_of_euro(path, table.rename({table.columns[0]: "date"}), currency)
    else:
        raise ConfigError(f"{path} has the columns {', '.join(table.columns)}; {WAY_OUT}")
    return rates.filter(pl.col("currency") != currency).select(RATES.names())


def _by_way_of_euro(path: Path, table: pl.DataFrame, currency: str) -> pl.DataFrame:
    per_euro = _checked(path, table.unpivot(index="date", variable_name="currency", value_name="rate"))
    euro = per_euro.select("date", rate=pl.lit(1.0), currency=pl.lit(EURO)).unique()
    per_euro = pl.concat([per_euro, euro.select(per_euro.columns)])
    own = per_euro.filter(currency=currency)
    if not own.height:
        raise ConfigError(f"{path} has no rate of {currency}, the shop's currency; {WAY_OUT}")
    both = per_euro.join(own.select("date", own="rate"), on="date")
    return both.with_columns(rate=pl.col("own") / pl.col("rate"))


def _checked(path: Path, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of texts as rates; those without a rate are left out."""
    given = rows.select(pl.col(*LONG).str.strip_chars())
    if unknown := sorted({*given["currency"].drop_nulls()} - {*CODES.split()}):
        raise ConfigError(
            f"{path} has a rate of '{unknown[0]}', which is not a currency; write its ISO 4217 code, such as USD"
        )
    given = given.filter(pl.col("rate").is_not_null() & ~pl.col("rate").is_in(MISSING))
    read = given.select(
        "currency",
        date=pl.col("date").str.to_date("%Y-%m-%d", strict=False),
        rate=pl.col("rate").cast(pl.Float64, strict=False),
    )
    is_good = read["date"].is_not_null() & read["rate"].is_between(1e-12, 1e12) & read["currency"].is_not_null()
    if (bad := given.filter(~is_good.fill_null(False))).height:
        day, code, rate = bad.select(LONG).row(0)
        raise ConfigError(
            f"{path} has the rate '{rate}' of {code} on {day}; write dates like 2026-11-27 and rates above 0"
        )
    if (twice := read.filter(read.select("currency", "date").is_duplicated())).height:
        raise ConfigError(f"{path} has two rates of {twice['currency'][0]} on {twice['date'][0]}; keep one")
    if not read.height:
        raise ConfigError(f"{path} has no rates; {WAY_OUT}")
    return read
