from datetime import UTC, datetime

import pytest

from pipeline.sources.cursor_times import earlier, not_after

NOW = datetime(2026, 6, 1, 2, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("watermark", "hours", "expected"),
    [
        ("2026-03-02 08:00:00.000010+00:00", 24, "2026-03-01 08:00:00+00:00"),
        ("2026-03-02 08:00:00", 24, "2026-03-01 08:00:00"),
        ("2026-03-01", 24, "2026-02-28"),
        # An hour before the day begins is in the day before.
        ("2026-03-02", 1, "2026-03-01"),
        # As SQLite has them, in JSON and in any form.
        ('"2026-03-02T08:00:30Z"', 0.5, '"2026-03-02T07:30:30Z"'),
        ('"2026-03-02 08:00"', 9, '"2026-03-01 23:00"'),
        ('"2026-03-02 01:00:00 +02:00"', 2, '"2026-03-01 23:00:00 +02:00"'),
        # To the last digit.
        ("2026-03-02 08:00:00.000010", 0, "2026-03-02 08:00:00.000010"),
        ("0001-01-01", 24, None),
    ],
)
def test_a_time_is_read_from_some_hours_earlier_in_its_own_form(
    watermark: str, hours: float, expected: str | None
) -> None:
    assert earlier(watermark, hours) == expected


@pytest.mark.parametrize(
    "watermark", ["41", "1780000000", "20260302", "10.25", "A'2", '"9"', "2026-02-31", '"2026-03-02']
)
def test_what_is_no_time_stays(watermark: str) -> None:
    assert earlier(watermark, 24) == watermark
    assert not_after(watermark, NOW) == watermark


@pytest.mark.parametrize(
    ("watermark", "expected"),
    [
        ("2062-03-02 08:00:00.000010+00:00", "2026-06-01 02:30:15+00:00"),
        ("2062-03-02", "2026-06-01"),
        ('"2062-03-02T08:00:30+02:00"', '"2026-06-01T04:30:15+02:00"'),
        # 04:00 at two hours east of Greenwich is half an hour ago.
        ("2026-06-01 04:00:00+02:00", "2026-06-01 04:00:00+02:00"),
        ("2026-06-01 02:30:15", "2026-06-01 02:30:15"),
        ("2026-06-01", "2026-06-01"),
    ],
)
def test_a_time_in_the_future_is_now(watermark: str, expected: str) -> None:
    assert not_after(watermark, NOW) == expected
