"""`python -m tests.bench.same_marts`: the same shop read by its exports and by its API, from `loyalty init` to the marts.

Shopify (400 orders with their lines, 80 products) and WooCommerce (400 orders with their lines), with orders that are refunded in part,
cancelled and unpaid, against the tests' own servers. What only the API knows is left out there: when a refund was given, deliveries,
and customers who never ordered. Every row of every mart is compared, in all columns but those of the delivery itself; ends with
an error where one differs.
"""

import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.sources.apis import tools
from tests.api_servers import Server, Shopify, WooCommerce
from tests.bench import apis as shops
from tests.integration import test_api_shopify as shopify_tests
from tests.integration import test_api_woocommerce as woo_tests
from tests.scenario import Shop

N_ORDERS = 400
AS_OF = "2026-11-24"
ZONE = "UTC"
"""WooCommerce's export has times of the shop's clock, and an hour of each autumn twice: with UTC they are told exactly."""
OWN = {"updated_at", "exported_at", "batch_id"}
"""Columns of a table that tell when and by what it was delivered."""


def main() -> None:
    """Both shops in temporary folders."""
    table = Table("shop", "marts", "rows of them", "rows that differ", width=150)
    differ = 0
    for name, (server, write) in {"shopify": _shopify(), "woocommerce": _woocommerce()}.items():
        with tempfile.TemporaryDirectory() as folder:
            rows = _compared(name, server, write, Path(folder))
        table.add_row(
            name, str(len(rows)), f"{sum(n for n, _ in rows.values()):,}", str(sum(n for _, n in rows.values()))
        )
        differ += sum(n for _, n in rows.values())
        for mart, (n_rows, n_different) in rows.items():
            if n_different:
                print(f"{name} {mart}: {n_different} of {n_rows}")
    Console(width=150).print(table)
    if differ:
        raise SystemExit(f"{differ} rows differ")


def _compared(name: str, server: Server, write: Callable[[Path], None], folder: Path) -> dict[str, tuple[int, int]]:
    """Mart -> its rows, and how many of them are in one warehouse alone."""
    secrets = {f"{name.upper()}_TOKEN": server.token, "LOYALTY_PII_KEY": "a key for the benchmark"}
    by_api, by_csv = folder / "api", folder / "csv"
    by_api.mkdir()
    by_csv.mkdir()
    write(by_csv)
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, secrets))
        stack.enter_context(server.running())
        moved = replace(tools.TOOLS[name], address=server.address)
        stack.enter_context(patch.dict(tools.TOOLS, {name: moved}))
        place = "my-shop" if name == "shopify" else "shop.example.com"
        one = _night(by_api, secrets, "--from", name, "--shop", place)
    return _differences(one, _night(by_csv, secrets))


def _night(folder: Path, secrets: dict[str, str], *options: str) -> Shop:
    told = CliRunner().invoke(app, ["init", str(folder), *options])
    assert told.exit_code == 0, told.output
    shop = Shop(folder, secrets)
    tree = yaml.safe_load(shop.config.read_text())
    # Who never ordered is known to the API alone; and `init` guesses the zone by what it sees.
    tree["sources"] = [source for source in tree["sources"] if source["entity"] != "customers"]
    tree["shop"] |= {"time_zone": ZONE, "country": "NL"}
    shop.config.write_text(yaml.safe_dump(tree))
    result = shop.run(AS_OF)
    assert result.exit_code == 0, result.output[-2000:]
    return shop


def _differences(one: Shop, other: Shop) -> dict[str, tuple[int, int]]:
    found = {}
    asked = """select table_name, list(column_name order by ordinal_position) from information_schema.columns
        where table_schema = 'marts' group by 1 order by 1"""
    assert one.query(asked) == other.query(asked)
    for mart, columns in one.query(asked):
        kept = ", ".join(f'"{column}"' for column in columns if column not in OWN)
        rows, others = (Counter(map(repr, shop.query(f'select {kept} from marts."{mart}"'))) for shop in (one, other))
        found[mart] = (rows.total(), max((rows - others).total(), (others - rows).total()))
    return found


def _shopify() -> tuple[Shopify, Callable[[Path], None]]:
    rng = random.Random(22)
    orders = []
    for number in range(N_ORDERS):
        order = shops._order(rng, number) | {"fulfillments": []}
        match number % 10:
            case 0:
                order |= {"displayFinancialStatus": "PARTIALLY_REFUNDED", "totalRefundedSet": shops._money("5.00")}
            case 1:
                order["cancelledAt"] = order["createdAt"]
            case 2:
                order |= {"displayFinancialStatus": "PENDING", "displayFulfillmentStatus": "UNFULFILLED"}
        orders.append(order)
    server = Shopify(orders=orders, products=[shops._product(number) for number in range(shops.N_PRODUCTS)])

    def write(folder: Path) -> None:
        shopify_tests.as_export(orders, folder / "orders_export.csv")
        shopify_tests.as_product_export(server.products, folder / "products_export.csv")

    return server, write


def _woocommerce() -> tuple[WooCommerce, Callable[[Path], None]]:
    rng = random.Random(22)
    orders, refunds = [], {}
    for number in range(N_ORDERS):
        placed = datetime(2025, 1, 2) + timedelta(hours=rng.randrange(16_000))
        lines = [
            {"id": at, "product_id": at, "sku": f"SKU-{rng.randrange(80)}", "quantity": rng.randint(1, 3)}
            | {"total": f"{Decimal(rng.randrange(500, 9000)) / 100:.2f}"}
            for at in range(1, rng.randint(2, 5))
        ]
        person = rng.randrange(150)
        changes: dict[str, Any] = {
            "date_created_gmt": f"{placed:%Y-%m-%dT%H:%M:%S}",
            "total": str(sum(Decimal(line["total"]) for line in lines)),
            "customer_id": person,
            "billing": {"email": f"p{person}@example.com", "phone": ""},
            "line_items": lines,
        }
        order = woo_tests.order(number, changed=f"{placed:%Y-%m-%dT%H:%M:%S}", **changes)
        match number % 10:
            case 0:
                order["refunds"] = [{"id": 1, "reason": "", "total": "-5.00"}]
                refunds[str(order["id"])] = [{"id": 1, "amount": "5.00", "date_created_gmt": "2026-11-20T08:00:00"}]
            case 1:
                order["status"] = "cancelled"
            case 2:
                order["status"] = "on-hold"
        orders.append(order)
    server = WooCommerce(orders=orders, refunds=refunds)
    return server, lambda folder: woo_tests.as_export(orders, refunds, folder / "orders.csv") and None


if __name__ == "__main__":
    main()
