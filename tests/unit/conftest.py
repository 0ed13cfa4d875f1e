"""What holds for every unit test."""

from collections.abc import Iterator

import pytest

from tests.unit.contracts import check_values


@pytest.fixture(autouse=True)
def values_follow_contracts() -> Iterator[None]:
    """The frames that a test showed to `follows` have values that their contracts allow."""
    yield
    check_values()
