import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.ingest.identity import PAIR, Joined, count_many, find_identities, find_joined, resolve
from schemas.registry import RECORDS
from tests.unit.contracts import follows

IDENTITY = RECORDS["identity"]
Pair = tuple[str | None, str | None]


def mail(number: int) -> str:
    """A pseudonym; they sort as their numbers do."""
    return f"{number:064x}"


def identities(*pairs: Pair) -> pl.DataFrame:
    return follows(IDENTITY, find_identities(pl.LazyFrame(pairs, schema=PAIR, orient="row")))


def people(*pairs: Pair) -> dict[str, str]:
    """Identifier -> the customer it belongs to, where that has another name."""
    return dict(identities(*pairs).select("identifier", "customer_id").iter_rows())


def test_nobody_is_nobody() -> None:
    assert identities().is_empty()


def test_a_guest_alone_and_an_account_alone_have_no_other_name() -> None:
    assert people((mail(1), mail(1)), ("a1", None), (None, mail(2)), (None, None)) == {}


def test_an_address_beside_an_account_is_the_account() -> None:
    assert identities(("a1", mail(1)), ("a1", mail(1))).rows() == [(mail(1), "email", "a1", "same_row", 2)]


def test_a_guest_and_an_account_of_one_address_are_one_customer() -> None:
    assert people((mail(1), mail(1)), ("a1", mail(1))) == {mail(1): "a1"}


def test_two_accounts_of_one_address_are_one_customer() -> None:
    assert identities(("a1", mail(1)), ("a2", mail(1))).rows() == [
        (mail(1), "email", "a1", "same_row", 2),
        ("a2", "account", "a1", "chain", 1),
    ]


def test_two_accounts_hang_together_through_a_chain_of_addresses() -> None:
    found = identities(("a1", mail(1)), ("a2", mail(1)), ("a2", mail(2)), ("a3", mail(2)), ("b1", mail(3)))
    assert found.select("identifier", "customer_id", "rule", "n_rows").rows() == [
        (mail(1), "a1", "same_row", 2),
        (mail(2), "a1", "chain", 2),
        (mail(3), "b1", "same_row", 1),
        ("a2", "a1", "chain", 2),
        ("a3", "a1", "chain", 1),
    ]


def test_of_two_running_numbers_the_older_account_gives_the_name() -> None:
    assert people(("10", mail(1)), ("9", mail(1))) == {mail(1): "9", "10": "9"}
    assert people(("b", mail(1)), ("a", mail(1))) == {mail(1): "a", "b": "a"}


def test_an_account_gives_the_name_however_short_its_address_sorts() -> None:
    assert people(("z" * 70, mail(1))) == {mail(1): "z" * 70}


def test_two_addresses_without_an_account_take_the_first_as_name() -> None:
    assert people((mail(2), mail(1))) == {mail(2): mail(1)}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_chain_of_thousands_is_one_customer(seed: int) -> None:
    numbers = list(range(3000))
    random.Random(seed).shuffle(numbers)
    accounts = [f"a{number:04}" for number in numbers]
    pairs = [(account, mail(place)) for place, account in enumerate(accounts)]
    pairs += [(account, mail(place)) for place, account in enumerate(accounts[1:])]
    found = people(*pairs)
    assert len(found) == 2 * 3000 - 1
    assert set(found.values()) == {"a0000"}


def components(pairs: list[Pair]) -> dict[str, str]:
    """Identifier -> name of its customer, by union and find."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    for account, address in pairs:
        if account and address:
            first, second = sorted((root(account), root(address)), key=lambda one: (len(one) == 64, len(one), one))
            parent[second] = first
    return {one: root(one) for one in parent if root(one) != one}


ACCOUNTS = st.sampled_from([None, "7", "12", "101", "a", mail(1)])
ADDRESSES = st.sampled_from([None, *(mail(number) for number in range(5))])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(ACCOUNTS, ADDRESSES), max_size=12), st.randoms())
def test_customers_are_the_connected_components_in_any_order_of_rows(
    pairs: list[Pair], shuffler: random.Random
) -> None:
    found = identities(*pairs)
    assert dict(found.select("identifier", "customer_id").iter_rows()) == components(pairs)
    shuffled = list(pairs)
    shuffler.shuffle(shuffled)
    assert identities(*shuffled).equals(found)


def test_every_row_gets_the_name_of_its_customer() -> None:
    rows = pl.LazyFrame({"order_id": ["o1", "o2", "o3", "o4"], "customer_id": [mail(1), "a1", None, "b1"]})
    identity = find_identities(pl.LazyFrame([("a1", mail(1))], schema=PAIR, orient="row")).lazy()
    assert resolve(rows, identity).sort("order_id").collect().rows() == [
        ("o1", "a1"),
        ("o2", "a1"),
        ("o3", None),
        ("o4", "b1"),
    ]
    assert resolve(rows, identity).collect_schema().names() == ["order_id", "customer_id"]


def joined(*pairs: Pair) -> Joined | None:
    frame = pl.LazyFrame(pairs, schema=PAIR, orient="row")
    identity = find_identities(frame)
    # Of customers with a name of even length after all others.
    parts = [part.lazy() for _, part in identity.group_by(pl.col("customer_id").str.len_chars() % 2)]
    sizes = [count_many(part) for part in parts] or [count_many(identity.lazy())]
    return find_joined(pl.concat(sizes), identity.lazy(), lambda: frame)


def test_what_joins_remarkably_many_identifiers_is_found_with_its_kind() -> None:
    # Five people with an account and an address of their own: with the till's address 11 identifiers of one customer.
    people = [(f"k{n}", mail(n)) for n in range(5)]
    till: list[Pair] = [(f"k{n}", mail(99)) for n in range(5)]
    assert joined(*people, *till) == Joined(1, 5, 6, "email", 5)
    # Ten are not too many: the last address is not known.
    assert joined(*people[:4], *till) is None
    # Guests under one account: 12 addresses share it. Beside it the five from before are the smaller customer.
    guests: list[Pair] = [("0", mail(100 + n)) for n in range(12)]
    assert joined(*people, *till, *guests, *guests) == Joined(2, 1, 12, "account", 12)
