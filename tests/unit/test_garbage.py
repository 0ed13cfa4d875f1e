"""What exists when a night begins is kept apart from Python's garbage collector, and nothing else is."""

import gc
import weakref

import pytest

from pipeline.garbage import kept_apart


class Ring:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_exists_is_kept_apart_until_the_outermost_ends() -> None:
    gc.collect()
    before = weakref.ref(Ring())
    with kept_apart():
        with kept_apart():
            pass
        within = weakref.ref(Ring())
        gc.collect()
        assert before() is not None
        assert within() is None
    gc.collect()
    assert before() is None


def test_a_failure_ends_it_too() -> None:
    with pytest.raises(ValueError, match="x"), kept_apart():
        raise ValueError("x")
    assert gc.get_freeze_count() == 0
