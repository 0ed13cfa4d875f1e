"""A shop whose customers check out by phone number: from its Shopify export to the marts."""

from pathlib import Path

import polars as pl
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
    shop.ingest("2026-01-31")
    placed = shop.entity("orders")
    people = placed.drop_nulls("customer_id").group_by("customer_id").agg(pl.len(), pl.col("net_amount").sum())
    assert sorted(people.select("len", "net_amount").rows()) == [(1, 4_00), (1, 7_00), (2, 15_00)]
    assert placed["customer_id"].null_count() == 1
    assert people["customer_id"].str.len_chars().to_list() == [64] * 3
