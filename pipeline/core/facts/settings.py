"""What the configuration says of the shop, and of what is true of its orders."""

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    Field,
)

from pipeline.core.options import Section, TimeZone
from schemas.types import (
    CURRENCY_PATTERN,
    LANGUAGES,
)


class ShopSettings(Section):
    """Whose customers these are."""

    name: str
    time_zone: TimeZone
    currency: Annotated[str, Field(pattern=CURRENCY_PATTERN)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    """By its rules phone numbers without a country code are read: an ISO 3166 code, as NL."""
    language: Literal[LANGUAGES] = "en"  # type: ignore[valid-type]
    """The language of comments that are too short to tell it."""
    first_date: date = date(2010, 1, 1)
    """The first date that can be an as_of date."""


class OrderSettings(Section):
    """Which orders are purchases."""

    free_orders: Literal["ignore", "count"] = "ignore"
    """Whether an order without anything to pay (a sample, an exchange) is a purchase. Definitions, section 1."""
