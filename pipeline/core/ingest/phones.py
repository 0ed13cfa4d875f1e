"""Phone numbers as they are written, in one spelling. Whose they are does not belong here."""

import phonenumbers
import polars as pl

LIKE_A_NUMBER = r"[(]?[0-9][0-9\s()./-]{6,}[0-9]"
"""What can be a phone number: only such texts are parsed, which takes a thousand times as long."""


def international(values: pl.Series, country: str | None) -> pl.Series:
    """Each number in the form of ITU-T E.164, `+31612345678`; null where it is not a valid number.

    `country`: ISO 3166 code of the shop's, by which a number without a country code is read; without one such a number is
    null, as it could be anybody's.
    """
    texts = values.cast(pl.String)
    known = {text: _international(text, country) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)


def _international(text: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    # Part of a foreign number can be read as a local one: only valid numbers name somebody.
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def without_numbers(values: pl.Series, country: str | None, hidden: str) -> pl.Series:
    """The texts with `hidden` in place of every valid number in them; without a country only of those that begin with `+`."""
    may_hold = values.str.contains(LIKE_A_NUMBER if country else rf"\+{LIKE_A_NUMBER}").fill_null(False)
    if not may_hold.any():
        return values
    known = {text: _without_numbers(text, country, hidden) for text in values.filter(may_hold).unique()}
    found = {text: shown for text, shown in known.items() if shown != text}
    return values.replace(list(found), list(found.values())) if found else values


def _without_numbers(text: str, country: str | None, hidden: str) -> str:
    found = list(phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.VALID))
    for match in reversed(found):
        text = text[: match.start] + hidden + text[match.end :]
    return text
