"""`python -m tests.fuzz.apis`: an API that changes and fails while it is read, in any way: nothing is lost, doubled or old.

Orders change before and between the requests, so pages repeat, overlap and move; the API fails after any request, night after night.
Once with pages by a cursor (Shopify), once with lists of days and single orders (bol.com).
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.settings import ApiInput
from schemas.registry import ENTITIES, RECORDS
from tests.api_servers import BROKEN, Bol, Server, Shopify, two_a_page
from tests.integration.test_any_batches import Nights
from tests.integration.test_api_bol import item as bol_item
from tests.integration.test_api_bol import order as bol_order
from tests.integration.test_api_shopify import order as api_order

API_SQL = """select name as order_id, null as customer_id, createdAt as ordered_at, 'paid' as status, 'EUR' as currency,
'1' as gross_amount, '0' as discount_amount, '0' as refund_amount, '1' as net_amount, sourceName as channel,
updatedAt as updated_at, _file, _row from orders"""
DAYS_SQL = """select "orderId" as order_id, null as customer_id, "orderPlacedDateTime" as ordered_at, 'paid' as status,
'EUR' as currency, '1' as gross_amount, '0' as discount_amount, '0' as refund_amount, '1' as net_amount,
json_extract_string("orderItems", '$[0].offer.reference') as channel,
json_extract_string("orderItems", '$[0].latestChangedDateTime') as updated_at, _file, _row from orders"""
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["web", "pos"])), max_size=5)
"""Which orders change in the shop, one after the other, and where they are then said to be sold."""
STOPS = st.lists(st.integers(0, 4), max_size=2)
"""After how many requests the API fails, time after time; then it answers."""


Night = tuple[list[tuple[int, str]], list[tuple[int, str]], list[int]]
NIGHTS = st.lists(st.tuples(CHANGES, CHANGES, STOPS), min_size=2, max_size=3)


@settings(max_examples=40, deadline=None, database=None)
@given(nights=NIGHTS)
def try_nights(nights: list[Night]) -> None:
    """With pages by a cursor every night ends in what the shop has, each order once, and nothing in quarantine."""
    seconds = count()

    def change(number: int, channel: str) -> None:
        now = f"2026-05-01T00:{next(seconds):02}:00Z"
        known = {order["id"]: order for order in api.orders}
        known[f"gid:{number}"] = api_order(number + 1, id=f"gid:{number}", updatedAt=now, sourceName=channel)
        api.orders = list(known.values())

    with _two_a_page("shopify"), Shopify().running() as api:
        assert isinstance(api, Shopify)
        given_place = {"api": "shopify", "shop": "my-shop", "token": api.token, "base_url": api.address}
        _spend(
            nights, api, given_place, API_SQL, change, lambda: {row["name"]: row["sourceName"] for row in api.orders}
        )


@settings(max_examples=40, deadline=None, database=None)
@given(nights=NIGHTS)
def try_nights_of_days(nights: list[Night]) -> None:
    """The same with lists of days: five orders of one day before, which change on the day of the night."""
    seconds = count()

    def change(number: int, channel: str) -> None:
        now = f"2026-06-01T00:{next(seconds):02}:00+02:00"
        changed = bol_order(number + 1, bol_item(number, "", offer={"reference": channel}, latestChangedDateTime=now))
        api.orders = [changed if order["orderId"] == changed["orderId"] else order for order in api.orders]

    def told() -> dict[str, str]:
        return {order["orderId"]: order["orderItems"][0]["offer"]["reference"] for order in api.orders}

    orders = [bol_order(number, bol_item(number, "2026-05-28")) for number in range(1, 6)]
    with _two_a_page("bol", days=7), Bol(orders=orders, most_rows=2, last_day="2026-06-01").running() as api:
        assert isinstance(api, Bol)
        given_place = {"api": "bol", "token": api.token, "base_url": api.address}
        _spend(nights, api, given_place, DAYS_SQL, change, told)


@contextmanager
def _two_a_page(name: str, **changes: Any) -> Iterator[None]:
    with (
        patch.dict(tools.TOOLS, {name: two_a_page(name, **changes)}),
        patch("time.sleep"),
        patch("pipeline.sources.apis.client.ATTEMPTS", 1),
    ):
        yield


def _spend(
    nights: list[Night],
    api: Server,
    given_place: dict[str, str],
    sql: str,
    change: Callable[[int, str], None],
    told: Callable[[], dict[str, str]],
) -> None:
    """The nights, each with its changes and faults; then two that are quiet, of which one forgets."""
    place = ApiInput.model_validate(given_place | {"lookback_hours": 0})
    with tempfile.TemporaryDirectory() as folder:
        shop = Nights(Path(folder), "orders", sql, database=place)
        for before, meanwhile, stops in nights:
            for one in before:
                change(*one)
            left = iter(meanwhile)
            api.between = lambda left=left: change(*one) if (one := next(left, None)) else None
            for n_asked in stops:
                api.faults.extend([*[None] * n_asked, BROKEN])
                with suppress(SourceShapeError):
                    assert shop.night().is_balanced
                api.faults.clear()
            assert shop.night().is_balanced
        api.between = lambda: None
        for forgets in (False, True):
            assert shop.night(forgets=forgets).is_balanced
            orders = shop.rows(ENTITIES["orders"]).select("order_id", "channel").rows()
            assert sorted(orders) == sorted(told().items())
        assert shop.rows(RECORDS["rejected_rows"]).is_empty()


if __name__ == "__main__":
    try_nights()
    try_nights_of_days()
    print("every night ended in what the shop has")
