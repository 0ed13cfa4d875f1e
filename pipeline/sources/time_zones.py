"""In which zone a shop's clock is, by the offsets of the times and the countries of the addresses in its exports: a guess.

Where they come from does not belong here.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

USUAL = (
    "Europe/Amsterdam",
    "Europe/London",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Bogota",
    "America/Sao_Paulo",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""Tried in this order where no country is known: of zones with the same clock any gives the same dates."""
MOST = 0.9
"""Share of the times that a zone must fit; exports have slips among them."""
OWN_NAMES = {
    "nederland": "NL",
    "the netherlands": "NL",
    "belgië": "BE",
    "belgique": "BE",
    "deutschland": "DE",
    "österreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "españa": "ES",
    "italia": "IT",
    "polska": "PL",
    "sverige": "SE",
    "danmark": "DK",
    "norge": "NO",
    "suomi": "FI",
    "united states": "US",
    "united kingdom": "GB",
    "uk": "GB",
    "usa": "US",
}
"""Countries as shops in them write them, beside their codes and English names."""


@dataclass(frozen=True)
class Clock:
    """A zone, and why it is the one."""

    zone: str
    why: str


def guess_clock(moments: Counter[datetime], countries: Counter[str]) -> Clock | None:
    """The zone in which most of the times have the offsets they have, of the country of most addresses where it is among them.

    `moments`: times with offsets -> how many times have them; times in UTC say nothing, as most systems export so.
    `countries`: codes or names -> how many addresses have them.
    """
    country = country_of(countries)
    in_country = _zones().get(country[0], []) if country else []
    named = f"{country[1]:.0%} of the addresses are in {country[0]}" if country else ""
    if not any(moment.utcoffset() for moment in moments):
        return Clock(in_country[0], f"{named}, and the times say no offset") if in_country else None
    for zone in in_country:
        if _fits(zone, moments):
            return Clock(zone, f"the times have offset {_offsets(zone, moments)}, and {named}")
    for zone in USUAL:
        if _fits(zone, moments):
            return Clock(
                zone, f"the times have offset {_offsets(zone, moments)}, as its clock; other zones have the same"
            )
    return None


def _fitting(zone: str, moments: Counter[datetime]) -> Counter[datetime]:
    clock = ZoneInfo(zone)
    return Counter({one: n for one, n in moments.items() if one.astimezone(clock).utcoffset() == one.utcoffset()})


def _fits(zone: str, moments: Counter[datetime]) -> bool:
    return _fitting(zone, moments).total() >= MOST * moments.total()


def _offsets(zone: str, moments: Counter[datetime]) -> str:
    minutes = sorted({round((one.utcoffset() or timedelta()).total_seconds() / 60) for one in _fitting(zone, moments)})
    return " and ".join(f"{'-' if each < 0 else '+'}{abs(each) // 60:02}:{abs(each) % 60:02}" for each in minutes)


def country_of(countries: Counter[str]) -> tuple[str, float] | None:
    """The code of the country of most addresses, and their share; null where fewer than half are in one."""
    codes: Counter[str] = Counter()
    for name, n in countries.items():
        if code := _code_of(name):
            codes[code] += n
    if not codes:
        return None
    ((code, n),) = codes.most_common(1)
    share = n / codes.total()
    return (code, share) if share >= 0.5 else None


def _code_of(name: str) -> str | None:
    text = name.strip()
    if text.upper() in _zones():
        return text.upper()
    return OWN_NAMES.get(text.lower()) or _names().get(text.lower())


@cache
def _zones() -> dict[str, list[str]]:
    """Code of a country -> its zones, that of most people first."""
    zones: dict[str, list[str]] = {}
    for code, _, zone, *_ in _table("zone.tab"):
        zones.setdefault(code, []).append(zone)
    return zones


@cache
def _names() -> dict[str, str]:
    """English name of a country in small letters -> its code."""
    return {name.lower(): code for code, name in _table("iso3166.tab")}


def _table(name: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
