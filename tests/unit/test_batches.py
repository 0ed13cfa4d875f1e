import pytest

from pipeline.assets.sources import _rejects
from pipeline.sources.batches import Batch, worst_of


def batch(entity: str = "orders", *, valid: int = 0, rejected: int = 0, broken: int = 0) -> Batch:
    rows = {"rows_valid": valid, "rows_rejected": rejected, "lines_broken": broken}
    return Batch("shop", entity, "b1", "2026-07-01T02:00:00+00:00", **rows)


@pytest.mark.parametrize(
    ("counts", "is_refused"),
    [
        ({}, False),
        ({"valid": 95, "rejected": 5}, False),
        ({"valid": 95, "rejected": 3, "broken": 2}, False),
        ({"valid": 94, "rejected": 6}, True),
        ({"valid": 94, "rejected": 3, "broken": 3}, True),
        ({"broken": 1}, True),
    ],
)
def test_a_batch_is_refused_above_the_limit_of_five_in_a_hundred(counts: dict[str, int], is_refused: bool) -> None:
    assert batch(**counts).is_refused(0.05) == is_refused


def test_a_batch_of_which_no_row_survived_is_refused_at_any_limit() -> None:
    assert batch(rejected=1).is_refused(1.0)


def test_the_worst_batch_has_no_survivors_or_the_greatest_share_of_rejected_rows() -> None:
    good, bad, dead = batch(valid=9, rejected=1), batch("reviews", valid=5, rejected=5), batch("customers", broken=1)
    assert worst_of([good, bad]) is bad
    assert worst_of([bad, dead, good]) is dead


@pytest.mark.parametrize(
    ("counts", "is_passed"), [({"valid": 95, "rejected": 5}, True), ({"valid": 94, "rejected": 6}, False)]
)
def test_a_share_of_rejected_rows_within_the_limit_has_passed_with_its_figure(
    counts: dict[str, int], is_passed: bool
) -> None:
    found = batch(**counts)
    judged = _rejects([found], is_refused=found.is_refused(0.05), words="source shop: some rejected", limit=0.05)
    assert (judged.passed, judged.severity.name) == (is_passed, "ERROR")
    assert judged.description == "source shop: some rejected; the limit is 5.0%"
    assert judged.metadata["reject_rate"].value == counts["rejected"] / 100
