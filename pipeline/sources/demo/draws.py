"""Random numbers by key: what happens to customer i at purchase k is the same however far the shop is simulated.

Each (seed, purpose, round) has a generator of its own whose array is indexed by customer, so that a longer array begins
with the shorter one. Which numbers a purpose needs does not belong here.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY_SECONDS = 86_400


def generator(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """The generator of a seed, purpose and round; the same in every process."""
    return np.random.default_rng([seed % 2**63, zlib.crc32(purpose.encode()), number])


def customer_ids(n: int) -> list[str]:
    """The numbers of the first n persons, by arrival."""
    return [f"K{place + 1_000_001}" for place in range(n)]


def person_draws(seed: int, n: int) -> Floats:
    """Three numbers per person: for language, country and consent."""
    return generator(seed, "person").random((n, 3))


def accepts_marketing(seed: int, n: int) -> Bools:
    """Who agreed to be written to."""
    return np.asarray(person_draws(seed, n)[:, 2] < 0.6)


@dataclass(frozen=True)
class Purchases:
    """Keys of purchases: one element per purchase, ordered by round and within it by customer."""

    seed: int
    customer: Ints
    round: Ints

    def where(self, chosen: Bools) -> "Purchases":
        """The chosen purchases; they keep their random numbers."""
        return Purchases(self.seed, self.customer[chosen], self.round[chosen])

    def uniforms(self, purpose: str, names: tuple[str, ...]) -> dict[str, Floats]:
        """One array of numbers in [0, 1) per name, one element per purchase."""
        table = self._draw(purpose, len(names), lambda source, shape: source.random(shape))
        return {name: table[:, column] for column, name in enumerate(names)}

    def normals(self, purpose: str, width: int) -> Floats:
        """Standard normal numbers, one row per purchase and `width` columns."""
        return self._draw(purpose, width, lambda source, shape: source.standard_normal(shape))

    def gammas(self, purpose: str, gamma_shape: float) -> Floats:
        """One Gamma(gamma_shape, 1) number per purchase."""
        return self._draw(purpose, 1, lambda source, shape: source.standard_gamma(gamma_shape, shape))[:, 0]

    def _draw(self, purpose: str, width: int, draw: Callable[[np.random.Generator, tuple[int, int]], Floats]) -> Floats:
        rounds, starts = np.unique(self.round, return_index=True)
        parts = [np.empty((0, width))]
        for number, customer in zip(rounds, np.split(self.customer, starts[1:]), strict=False):
            parts.append(draw(generator(self.seed, purpose, int(number)), (int(customer.max()) + 1, width))[customer])
        return np.concatenate(parts)
