"""How Python's garbage collector goes about what a night keeps to its end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_apart() -> Iterator[None]:
    """What exists by now is not searched for garbage within: modules, definitions and dbt's project, hundreds of thousands of
    objects, took a fifteenth of a small night's CPU and held none. What is made within is searched as ever."""
    is_first = gc.get_freeze_count() == 0
    gc.freeze()
    try:
        yield
    finally:
        if is_first:
            gc.unfreeze()
