"""Phone numbers as they are written, in one spelling. Whose they are does not belong here."""

import phonenumbers
import polars as pl


def international(values: pl.Series, country: str | None) -> pl.Series:
    """Each number as ITU-T E.164 has it, `+31612345678`; null where it is no valid number.

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
    # Of a number of another country parts can be read as a local one: only valid numbers name somebody.
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
