"""Orders without anything to pay, from a Shopify export to the marts: who bought, and when."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenario import Shop, configuration

AS_OF = "2026-02-28"
HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id,"
    "Lineitem discount"
)
EVA_BUYS, EVA_EXCHANGES = (
    ("#1005", "eva", "2026-01-10", "80.00", "0.00"),
    ("#1006", "eva", "2026-02-20", "0.00", "80.00"),
)
FLO_GETS_A_SAMPLE, GUS_BUYS = (
    ("#1007", "flo", "2026-02-25", "0.00", "120.00"),
    ("#1008", "gus", "2026-01-11", "80.00", "0.00"),
)


def line(name: str, buyer: str, day: str, total: str, discount: str) -> str:
    moment = f"{day} 10:00:00 +0100"
    price = f"{float(total) + float(discount):.2f}"
    return (
        f"{name},{buyer}@example.com,paid,{moment},fulfilled,,EUR,{total},0.00,0.00,{total},,{discount},{moment},1,Mug,"
        f"{price},MG-1,,0.00,{name[1:]},0.00"
    )


def shop_with(folder: Path, **changes: Any) -> Shop:
    folder.mkdir()
    placed = (EVA_BUYS, EVA_EXCHANGES, FLO_GETS_A_SAMPLE, GUS_BUYS)
    (folder / "orders.csv").write_text("\n".join([HEADER, *(line(*order) for order in placed)]) + "\n")
    sources = [
        {"name": f"shopify_{entity}", "entity": entity, "preset": "shopify", "inputs": {"orders": "orders.csv"}}
        for entity in ("orders", "order_lines", "customers")
    ]
    shop = Shop(folder, {"LOYALTY_PII_KEY": "a key for the tests"})
    shop.config.write_text(yaml.safe_dump(configuration(**changes) | {"sources": sources}))
    result = shop.run(AS_OF)
    assert result.exit_code == 0, result.output
    return shop


@pytest.fixture(scope="module")
def ignoring(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop_with(tmp_path_factory.mktemp("free") / "ignore")


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop_with(tmp_path_factory.mktemp("free") / "count", orders={"free_orders": "count"})


BY_FIRST_ORDER = """select state, recency_days, frequency, monetary::double from marts.customer_rfm
    join (select customer_id, min(order_id) as first_id from marts.fct_orders group by all) using (customer_id)
    order by first_id"""


def test_an_exchange_and_a_sample_are_no_purchases(ignoring: Shop) -> None:
    eva, flo, gus = ignoring.query(BY_FIRST_ORDER)
    assert eva == ("scored", 49, 1, 80.0)
    assert flo == ("prospect", None, 0, 0.0)
    assert gus == ("scored", 48, 1, 80.0)
    assert ignoring.query("select n_customers, n_repeat from marts.repeat_purchase") == [(2, 0)]


def test_a_free_order_is_published_with_its_reason(ignoring: Shop) -> None:
    rows = "select order_id, is_valid, invalid_reason, order_number from marts.fct_orders order by order_id"
    assert [row[1:] for row in ignoring.query(rows)] == [
        (True, None, 1),
        (False, "free", None),
        (False, "free", None),
        (True, None, 1),
    ]


def test_no_table_counts_a_free_order(ignoring: Shop) -> None:
    assert ignoring.query("select max(n_valid_orders) from marts.dim_customers") == [(1,)]
    assert ignoring.query("select count(*) from marts.customer_churn_risk") == [(2,)]
    assert ignoring.query("select sum(n_orders) from marts.customer_preferences") == [(2,)]


def test_free_orders_count_everywhere_where_the_configuration_says_so(counting: Shop) -> None:
    eva, flo, gus = counting.query(BY_FIRST_ORDER)
    assert eva == ("scored", 8, 2, 80.0)
    assert flo == ("scored", 3, 1, 0.0)
    assert gus == ("scored", 48, 1, 80.0)
    assert counting.query("select n_customers, n_repeat from marts.repeat_purchase") == [(3, 1)]
    assert counting.query("select count(*) from marts.fct_orders where invalid_reason is not null") == [(0,)]
