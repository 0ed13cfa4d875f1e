"""Numbers in JSON lines that the parser would change: whether a file can hold one, and how its lines are then read."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

STRING_OR_INTEGER = r'"(?:[^"\\]|\\.)*"|-?[0-9]+[,}\]\s]|[^"0-9-]'
FLOAT = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
INEXACT = r"[0-9]{8}\.[0-9]{8}|[0-9]\.[0-9]{9}|[0-9]{9}\.[0-9]|[:,\[]\s*-?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]"
"""What is in a JSON line where the parser can change a number: one of 16 digits with a point, or with an exponent."""
EXACT_LINE = rf"""case when regexp_matches(line, '{INEXACT}')
    then left(regexp_replace(line, '((?:{STRING_OR_INTEGER})*)({FLOAT}|$)', '\1"\2"', 'g'), -2) else line end"""
"""A JSON line, such a one with its floats in quotes, as text. The end of the line matches too, so that no match begins in a string."""
BLOCK = 128 << 10
"""Bytes that are looked at together: they stay in the processor's cache."""
OVERLAP = 32
"""Bytes that follow each block, in which any exponent ends that is not a long number itself."""
IS_SIGN = np.isin(np.arange(256), list(b"+-"))
ENDS_NUMBER = np.isin(np.arange(256), list(b",}] \t\r\n"))


class JsonNumbers:
    """The numbers of a file whose bytes are read through `watched`; matching each line to INEXACT takes ten times as long."""

    def __init__(self) -> None:
        self.can_change = False
        """Whether the parser can change one of them."""

    @property
    def exact_line(self) -> str:
        """What the parser is given of a line, in SQL."""
        return EXACT_LINE if self.can_change else "line"

    def watched(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same chunks; when the last is read `can_change` is known."""
        held = b""
        for chunk in chunks:
            yield chunk
            held = self._look(held + chunk)
        self._look(held + b"\n" * OVERLAP)

    def _look(self, text: bytes) -> bytes:
        """Look at a text; returns its end, which belongs before the next one."""
        if not self.can_change:
            octets = np.frombuffer(text, dtype=np.uint8)
            blocks = (octets[start : start + BLOCK + OVERLAP] for start in range(0, len(text) - OVERLAP, BLOCK))
            self.can_change = any(_has_long_number(block) or _has_exponent(block) for block in blocks)
        return text[-OVERLAP:]


def _has_long_number(octets: NDArray[np.uint8]) -> bool:
    """Whether there are 16 digits or points beside each other; the parser keeps 15 digits of any number."""
    # The slash is between them, and does no harm.
    runs = octets - np.uint8(ord(".")) <= ord("9") - ord(".")
    for step in (1, 2, 4, 8):
        runs = runs[step:] & runs[:-step]
    return bool(runs.any())


def _has_exponent(octets: NDArray[np.uint8]) -> bool:
    """Whether there is a number with an exponent, where there is no long one: a hash can have `3e5` in it, but ends otherwise."""
    last = len(octets) - OVERLAP
    is_e = octets[1 : last + 1] | np.uint8(0x20) == ord("e")
    at = np.flatnonzero(is_e & _are_digits(octets[:last])) + 2
    if at.size:
        at += IS_SIGN[octets[at]]
    while at.size:
        at = at[_are_digits(octets[at])] + 1
        if ENDS_NUMBER[octets[at]].any():
            return True
    return False


def _are_digits(octets: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return octets - np.uint8(ord("0")) <= ord("9") - ord("0")
