"""How the time of a step grows with its rows. No expected value belongs here."""

import time
from collections.abc import Callable
from typing import Any


def assert_grows_in_step(function: Callable[[int], Any], *, few: int, many: int) -> None:
    """So many times the rows take at most so many times the time: it would be the square of that with a pair of every two."""
    assert _seconds(function, many) < many / few * _seconds(function, few)


def _seconds(function: Callable[[int], Any], n: int) -> float:
    """The least CPU of three times: others use the machine too."""
    found = []
    for _ in range(3):
        start = time.process_time()
        function(n)
        found.append(time.process_time() - start)
    return min(found)
