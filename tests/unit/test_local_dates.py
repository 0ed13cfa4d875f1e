from datetime import UTC, date, datetime

import polars as pl
import pytest

from pipeline.core.local_dates import MANY, local_dates, local_hours


@pytest.mark.parametrize(
    ("time_zone", "moment", "day"),
    [
        # An hour before UTC in winter, two in summer; the clock changed on 2026-03-29.
        ("Europe/Amsterdam", datetime(2026, 1, 15, 22, 59, 59, 999_999), date(2026, 1, 15)),
        ("Europe/Amsterdam", datetime(2026, 1, 15, 23), date(2026, 1, 16)),
        ("Europe/Amsterdam", datetime(2026, 3, 28, 22, 30), date(2026, 3, 28)),
        ("Europe/Amsterdam", datetime(2026, 3, 29, 22, 30), date(2026, 3, 30)),
        # Five hours and three quarters before UTC.
        ("Asia/Kathmandu", datetime(2026, 1, 15, 18, 14, 59), date(2026, 1, 15)),
        ("Asia/Kathmandu", datetime(2026, 1, 15, 18, 15), date(2026, 1, 16)),
        # 44 minutes and 30 seconds after UTC until 1972.
        ("Africa/Monrovia", datetime(1971, 6, 1, 0, 44, 29), date(1971, 5, 31)),
        ("Africa/Monrovia", datetime(1971, 6, 1, 0, 44, 30), date(1971, 6, 1)),
        # Before 1970, from which moments are counted.
        ("America/New_York", datetime(1969, 12, 31, 4, 59, 59), date(1969, 12, 30)),
        ("America/New_York", datetime(1969, 12, 31, 5), date(1969, 12, 31)),
    ],
)
@pytest.mark.parametrize("years", [0, 500])
def test_a_local_date_is_the_same_of_one_moment_and_among_many(
    time_zone: str, moment: datetime, day: date, years: int
) -> None:
    given = moment.replace(tzinfo=UTC)
    others = [given.replace(year=given.year + years), None]
    moments = pl.Series([given, *others * MANY], dtype=pl.Datetime("us", "UTC"))
    found = local_dates(moments, time_zone)
    assert local_dates(moments.head(1), time_zone).to_list() == [day]
    assert found[0] == day
    assert found.null_count() == MANY


@pytest.mark.parametrize(
    ("time_zone", "moment", "hour"),
    [
        ("Europe/Amsterdam", datetime(2026, 3, 29, 0, 59, 59), 1),
        # Clocks go from 2 to 3.
        ("Europe/Amsterdam", datetime(2026, 3, 29, 1), 3),
        # A quarter of an hour in which the hour changes has no one hour.
        ("Africa/Monrovia", datetime(1971, 6, 1, 0, 44, 29), 23),
        ("Africa/Monrovia", datetime(1971, 6, 1, 0, 44, 30), 0),
    ],
)
def test_the_hour_of_the_clock_is_the_same_of_one_moment_and_among_many(
    time_zone: str, moment: datetime, hour: int
) -> None:
    moments = pl.Series([moment.replace(tzinfo=UTC)] * MANY)
    assert local_hours(moments.head(1), time_zone).to_list() == [hour]
    assert set(local_hours(moments, time_zone)) == {hour}
