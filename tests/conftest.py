"""What every test run needs once."""

import pytest

from pipeline.resources import prepare_dbt


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project before workers that would all find it stale at once."""
    if not hasattr(config, "workerinput"):
        prepare_dbt()
