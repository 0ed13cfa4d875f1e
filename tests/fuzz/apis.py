"""`python -m tests.fuzz.apis`: an API that changes and fails while it is read, in any way: nothing is lost, doubled or old.

Orders change before and between the requests, so pages repeat, overlap and move; the API fails after any request, night after night.
"""

import tempfile
from contextlib import suppress
from dataclasses import replace
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
from tests.api_servers import BROKEN, Shopify
from tests.integration.test_any_batches import Nights
from tests.integration.test_api_shopify import order as api_order

API_SQL = """select name as order_id, null as customer_id, createdAt as ordered_at, 'paid' as status, 'EUR' as currency,
'1' as gross_amount, '0' as discount_amount, '0' as refund_amount, '1' as net_amount, sourceName as channel,
updatedAt as updated_at, _file, _row from orders"""
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["web", "pos"])), max_size=5)
"""Which orders change in the shop, one after the other, and where they are then said to be sold."""
STOPS = st.lists(st.integers(0, 4), max_size=2)
"""After how many requests the API fails, time after time; then it answers."""


@settings(max_examples=40, deadline=None, database=None)
@given(nights=st.lists(st.tuples(CHANGES, CHANGES, STOPS), min_size=2, max_size=3))
def try_nights(nights: list[tuple[Any, Any, list[int]]]) -> None:
    """Every night ends in what the shop has, each order once, and nothing in quarantine."""
    seconds = count()

    def change(number: int, channel: str) -> None:
        now = f"2026-05-01T00:{next(seconds):02}:00Z"
        known = {order["id"]: order for order in api.orders}
        known[f"gid:{number}"] = api_order(number + 1, id=f"gid:{number}", updatedAt=now, sourceName=channel)
        api.orders = list(known.values())

    tool = tools.TOOLS["shopify"]
    two = {name: replace(one, page_rows=2) for name, one in tool.resources.items()}
    with (
        patch.dict(tools.TOOLS, shopify=replace(tool, resources=two)),
        patch("time.sleep"),
        patch("pipeline.sources.apis.client.ATTEMPTS", 1),
        Shopify().running() as api,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert isinstance(api, Shopify)
        given_place = {"api": "shopify", "shop": "my-shop", "token": api.token, "base_url": api.address}
        place = ApiInput.model_validate(given_place | {"lookback_hours": 0})
        shop = Nights(Path(folder), "orders", API_SQL, database=place)
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
            assert sorted(orders) == sorted((order["name"], order["sourceName"]) for order in api.orders)
        assert shop.rows(RECORDS["rejected_rows"]).is_empty()


if __name__ == "__main__":
    try_nights()
    print("every night ended in what the shop has")
