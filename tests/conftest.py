"""What every test run needs once."""

import gc
import os

import pytest
from hypothesis import settings

from pipeline.warehouse.dbt import prepare_dbt

# A night trains with one thread too; with more, workers on few cores wait for each other and take five times as long.
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(pool, "1")

# Machines differ: how long an example takes says nothing about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Parse the dbt project before workers that would all find it stale at once."""
    if not hasattr(config, "workerinput"):
        prepare_dbt()


def pytest_unconfigure() -> None:
    """Undo Hypothesis's hook in the garbage collector: it keeps every module alive past the interpreter's end, and DuckDB then
    prints a page of what look like its own leaks."""
    gc.callbacks.clear()
