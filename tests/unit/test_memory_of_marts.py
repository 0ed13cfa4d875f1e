"""How much memory DuckDB takes for the marts where nothing is said."""

import pytest

from pipeline.warehouse import dbt

GB = 10**9


@pytest.mark.parametrize(("machine", "taken"), [(64, 3.2), (24, 1.2), (8, 1.2), (3, 1.2), (2, 1.0)])
def test_a_twentieth_of_the_memory_is_taken_but_enough_to_finish(
    monkeypatch: pytest.MonkeyPatch, machine: float, taken: float
) -> None:
    monkeypatch.setattr(dbt, "_bytes_of", lambda share: round(machine * GB * int(share.removesuffix("%")) / 100))
    assert dbt.memory_to_take() == f"{round(taken * GB)}B"


def test_duckdb_takes_it_as_it_is_said() -> None:
    said = dbt.memory_to_take()
    assert dbt._bytes_of(said) == pytest.approx(int(said.removesuffix("B")), rel=0.1)


@pytest.mark.parametrize("amount", ["1000000000B", "2GB", "512MB", "1.5TB"])
def test_shares_are_read_as_duckdb_writes_them(amount: str) -> None:
    exact = {"1000000000B": 10**9, "2GB": 2 * 10**9, "512MB": 512 * 10**6, "1.5TB": 15 * 10**11}[amount]
    assert dbt._bytes_of(amount) == pytest.approx(exact, rel=0.1)
