from datetime import UTC, datetime

import pytest

from pipeline.core.ingest.snapshots import gone_since, is_cut_off

MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))


def test_what_comes_late_was_gone_in_the_next_snapshot_that_is_known() -> None:
    assert gone_since(MAY, [JULY, MAY, JUNE]) == JUNE


@pytest.mark.parametrize("others", [[], [JULY], [MAY, JUNE]])
def test_nothing_is_known_to_be_gone_after_the_newest(others: list[datetime]) -> None:
    assert gone_since(JULY, others) is None


@pytest.mark.parametrize(("n_vanished", "is_refused"), [(0, False), (20, False), (21, True), (100, True)])
def test_a_snapshot_is_cut_off_when_it_lacks_more_than_the_limit(n_vanished: int, is_refused: bool) -> None:
    assert is_cut_off(n_vanished, 100, max_vanish_rate=0.2) == is_refused


def test_the_first_snapshot_of_a_source_lacks_nothing() -> None:
    assert not is_cut_off(0, 0, max_vanish_rate=0)
