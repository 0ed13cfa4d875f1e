"""What every test run needs once."""

import pytest
from hypothesis import settings

from pipeline.warehouse.dbt import prepare_dbt

# Machines differ: how long an example takes says nothing about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project before workers that would all find it stale at once."""
    if not hasattr(config, "workerinput"):
        prepare_dbt()
