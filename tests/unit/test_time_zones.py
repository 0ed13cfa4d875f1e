from collections import Counter
from datetime import datetime

import pytest

from pipeline.sources.time_zones import Clock, guess_clock

WINTER, SUMMER = "2026-01-15T10:00:00", "2026-07-15T10:00:00"


def times(*texts: str) -> Counter[datetime]:
    return Counter(datetime.fromisoformat(text) for text in texts)


def zone(*texts: str, **countries: int) -> str | None:
    clock = guess_clock(times(*texts), Counter(countries))
    return clock.zone if clock else None


def test_the_country_of_most_addresses_decides_among_zones_that_fit() -> None:
    clock = guess_clock(times(f"{WINTER}+01:00", f"{SUMMER}+02:00"), Counter({"DE": 3, "NL": 1}))
    assert clock == Clock(
        "Europe/Berlin", "the times have offset +01:00 and +02:00, and 75% of the addresses are in DE"
    )


def test_offsets_alone_give_a_zone_with_that_clock() -> None:
    assert zone(f"{WINTER}+01:00", f"{SUMMER}+02:00") == "Europe/Amsterdam"
    assert zone(f"{WINTER}+00:00", f"{SUMMER}+01:00") == "Europe/London"
    assert zone(f"{WINTER}-05:00", f"{SUMMER}-04:00") == "America/New_York"
    assert zone(f"{WINTER}+06:00") == "Asia/Dhaka"
    # Nigeria's clock has no summer time.
    assert zone(f"{WINTER}+01:00", f"{SUMMER}+01:00") == "Africa/Lagos"


def test_a_country_whose_zones_do_not_fit_the_offsets_is_not_the_shops() -> None:
    assert zone(f"{WINTER}+06:00", f"{SUMMER}+06:00", NL=9) == "Asia/Dhaka"


def test_of_a_country_with_several_zones_the_one_that_fits_is_taken() -> None:
    assert zone(f"{WINTER}-08:00", f"{SUMMER}-07:00", US=5) == "America/Los_Angeles"
    # Madrid before Ceuta and the Canaries.
    assert zone(f"{WINTER}+01:00", ES=5) == "Europe/Madrid"
    assert zone(f"{WINTER}+00:00", f"{SUMMER}+01:00", ES=5) == "Atlantic/Canary"


@pytest.mark.parametrize("name", ["NL", "nl", "Netherlands", "Nederland", " The Netherlands "])
def test_a_country_goes_by_code_or_name(name: str) -> None:
    clock = guess_clock(Counter(), Counter({name: 2}))
    assert clock == Clock("Europe/Amsterdam", "100% of the addresses are in NL, and the times say no offset")


def test_times_in_utc_say_nothing() -> None:
    assert zone(f"{WINTER}+00:00", f"{SUMMER}+00:00") is None
    assert zone(f"{WINTER}+00:00", f"{SUMMER}+00:00", NL=1) == "Europe/Amsterdam"


def test_few_slips_do_not_count() -> None:
    moments = times(f"{WINTER}+01:00", f"{SUMMER}+02:00", f"{SUMMER}+05:30")
    moments[datetime.fromisoformat(f"{WINTER}+01:00")] = 97
    assert guess_clock(moments, Counter()) == Clock(
        "Europe/Amsterdam", "the times have offset +01:00 and +02:00, as its clock; other zones have the same"
    )
    moments[datetime.fromisoformat(f"{SUMMER}+05:30")] = 12
    assert guess_clock(moments, Counter()) is None


def test_nothing_known_or_addresses_all_over_the_world_give_no_zone() -> None:
    assert guess_clock(Counter(), Counter()) is None
    assert guess_clock(Counter(), Counter({"NL": 2, "DE": 2, "FR": 2})) is None
    assert guess_clock(Counter(), Counter({"Atlantis": 2})) is None
