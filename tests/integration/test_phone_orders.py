"""A shop whose customers check out by phone number: from its Shopify export to the marts."""

from decimal import Decimal
from pathlib import Path

import yaml

from tests.scenario import Shop, configuration

HEADER = (
    "Name,Email,Financial Status,Fulfillment Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem price,"
    "Lineitem name,Lineitem sku,Id,Billing Phone,Phone"
)


def order(number: int, email: str, total: str, billing_phone: str, phone: str) -> str:
    return (
        f"#{number},{email},paid,fulfilled,EUR,{total},{total},2026-01-{number:02} 10:00:00 +0100,1,{total},Mug,MG-1,{number},"
        f"{billing_phone},{phone}"
    )


def test_orders_without_an_address_are_joined_by_phone_number(tmp_path: Path) -> None:
    lines = [
        order(1, "", "10.00", "(202) 555-0123", ""),
        order(2, "", "5.00", "", "'+1 202 555 0123"),
        order(3, "", "7.00", "202-555-0145", ""),
        order(4, "", "3.00", "12345", ""),
        order(5, "jan@example.com", "4.00", "(202) 555-0123", ""),
    ]
    (tmp_path / "orders.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    sources = [{"name": "orders", "entity": "orders", "preset": "shopify", "inputs": {"orders": "orders.csv"}}]
    shop = Shop(tmp_path, {"LOYALTY_PII_KEY": "a key for the tests"})
    written = configuration() | {"sources": sources}
    written["shop"]["country"] = "US"
    shop.config.write_text(yaml.safe_dump(written))
    result = shop.run("2026-01-31")
    assert result.exit_code == 0, result.output
    people = shop.query("select n_valid_orders, monetary from marts.customer_360 order by monetary")
    assert people == [(1, Decimal("4.00")), (1, Decimal("7.00")), (2, Decimal("15.00"))]
    assert shop.query("select count(*) from marts.fct_orders where customer_id is null") == [(1,)]
    assert shop.query("select count(*) from marts.dim_customers where length(customer_id) <> 64") == [(0,)]
