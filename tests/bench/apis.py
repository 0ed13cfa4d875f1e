"""`python -m tests.bench.apis`: two nights against three servers on loopback, from `loyalty init --from` to the marts.

Shopify, Judge.me and Typeform as the tests' own servers play them, 3,000 orders, 80 products, 600 reviews and 400 responses; then 60 orders,
ten reviews and five responses that are new or changed. Prints requests and rows of each night, and compares the money of the
marts with what the shop has, to the cent.
"""

import os
import random
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.sources.apis import tools
from schemas.registry import ENTITIES
from tests.api_servers import TOKEN, JudgeMe, Server, Shopify, Typeform
from tests.scenario import Shop

FIRST, LAST = datetime(2025, 1, 2), datetime(2026, 11, 20)
N_ORDERS, N_CUSTOMERS, N_PRODUCTS, N_REVIEWS, N_RESPONSES = 3_000, 1_000, 80, 600, 400
QUESTIONS = {
    "q1": "All in all, how satisfied are you with our shop?",
    "q2": "How likely are you to buy from us again?",
    "q3": "How likely are you to recommend us to a friend?",
}


def main() -> None:
    """Both nights in a temporary folder."""
    rng = random.Random(8)
    shopify = shopify_shop(rng)
    judgeme = JudgeMe(reviews=[_review(rng, number) for number in range(N_REVIEWS)][::-1])
    fields = [{"id": one, "title": title, "type": "opinion_scale"} for one, title in QUESTIONS.items()]
    typeform = Typeform(
        fields=fields, hidden=["email"], items=[_response(rng, number) for number in range(N_RESPONSES)]
    )
    servers: dict[str, Server] = {"shopify": shopify, "judgeme": judgeme, "typeform": typeform}
    secrets = {f"{name.upper()}_TOKEN": TOKEN for name in servers} | {"LOYALTY_PII_KEY": "a key for the benchmark"}
    table = Table("night", "seconds", "requests", "rows of the lake", "net in the marts", "net in the shop", width=150)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, secrets):
        for name, server in servers.items():
            stack.enter_context(server.running())
            stack.enter_context(patch.dict(tools.TOOLS, {name: _moved(name, server)}))
        options = [option for name in servers for option in ("--from", name)]
        shop_options = ["--shop", "my-shop.myshopify.com", "--form", "u6nXL7"]
        told = CliRunner().invoke(app, ["init", folder, *options, *shop_options])
        assert told.exit_code == 0, told.output
        shop = Shop(Path(folder), secrets)
        table.add_row("init", "", _requests(servers), "", "", "")
        assert shop.loyalty("check").exit_code == 0
        table.add_row("check", "", _requests(servers), "", "", "")
        _night("first", "2026-11-24", shop, servers, table)
        _change(rng, shopify, judgeme, typeform)
        _night("second", "2026-11-25", shop, servers, table)
    Console(width=150).print(table)


def shopify_shop(rng: random.Random) -> Shopify:
    """A shop of some thousand orders."""
    shopify = Shopify(orders=[_order(rng, number) for number in range(N_ORDERS)])
    shopify.customers = [_customer(number) for number in range(N_CUSTOMERS)]
    shopify.products = [_product(number) for number in range(N_PRODUCTS)]
    return shopify


def _moved(name: str, server: Server) -> tools.Tool:
    return replace(tools.TOOLS[name], address=server.address)


def _night(name: str, as_of: str, shop: Shop, servers: dict[str, Server], table: Table) -> None:
    started = time.monotonic()
    result = shop.run(as_of)
    assert result.exit_code == 0, result.output[-2000:]
    rows = {
        one: shop.entity(one).height
        for one in ENTITIES
        if one in ("orders", "order_lines", "customers", "products", "reviews")
    }
    rows |= {one: shop.entity(one).height for one in ("survey_responses", "survey_answers")}
    shopify = servers["shopify"]
    assert isinstance(shopify, Shopify)
    in_shop = sum((_net(order) for order in shopify.orders), Decimal())
    ((in_marts,),) = shop.query("select sum(net_amount) from marts.fct_orders")
    table.add_row(
        name,
        f"{time.monotonic() - started:.0f}",
        _requests(servers),
        ", ".join(f"{one} {n:,}" for one, n in rows.items()),
        str(in_marts),
        f"{in_shop:.2f}",
    )


def _requests(servers: dict[str, Server]) -> str:
    counts = Counter({name: len(server.asked) for name, server in servers.items()})
    for server in servers.values():
        server.asked.clear()
    return ", ".join(f"{name} {n}" for name, n in counts.items())


def _net(order: dict[str, Any]) -> Decimal:
    return Decimal(order["totalPriceSet"]["shopMoney"]["amount"]) - Decimal(
        order["totalRefundedSet"]["shopMoney"]["amount"]
    )


def _change(rng: random.Random, shopify: Shopify, judgeme: JudgeMe, typeform: Typeform) -> None:
    """Of the orders 40 are new, and 20 older ones are refunded in part; ten reviews and five responses are new."""
    for order in rng.sample(shopify.orders, 20):
        order |= {
            "updatedAt": "2026-11-22T09:00:00Z",
            "displayFinancialStatus": "PARTIALLY_REFUNDED",
            "totalRefundedSet": _money("5.00"),
            "refunds": [{"createdAt": "2026-11-22T09:00:00Z", "totalRefundedSet": _money("5.00")}],
        }
    moment = datetime(2026, 11, 23)
    shopify.orders += [_order(rng, N_ORDERS + number, moment) for number in range(40)]
    judgeme.reviews[:0] = [_review(rng, N_REVIEWS + number, moment) for number in range(10)]
    typeform.items += [_response(rng, N_RESPONSES + number, moment) for number in range(5)]


def _moment(rng: random.Random, moment: datetime | None) -> datetime:
    minutes = int((LAST - FIRST).total_seconds() // 60)
    return moment or FIRST + timedelta(minutes=rng.randrange(minutes))


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def _email(number: int) -> str:
    return f"customer{number}@example.com"


def _order(rng: random.Random, number: int, moment: datetime | None = None) -> dict[str, Any]:
    placed = _moment(rng, moment)
    lines, total = [], Decimal()
    for _ in range(rng.randint(1, 4)):
        price, quantity = Decimal(rng.randrange(500, 9000)) / 100, rng.randint(1, 3)
        total += price * quantity
        sku = f"SKU-{rng.randrange(N_PRODUCTS)}"
        told = {"name": f"Product {sku}", "sku": sku, "quantity": quantity}
        lines.append(told | {"originalUnitPriceSet": _money(str(price)), "totalDiscountSet": _money("0.0")})
    sent = _stamp(placed + timedelta(days=1))
    arrived = _stamp(placed + timedelta(days=rng.randint(2, 5)))
    parcel = {"status": "SUCCESS", "inTransitAt": sent, "deliveredAt": arrived}
    return {
        "id": f"gid://shopify/Order/{6_000_000_000_000 + number}",
        "name": f"#{1000 + number}",
        "email": _email(rng.randrange(N_CUSTOMERS)),
        "phone": None,
        "createdAt": _stamp(placed),
        "updatedAt": _stamp(placed),
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED",
        "paymentGatewayNames": ["shopify_payments"],
        "billingAddress": {"countryCodeV2": "NL", "phone": None},
        "shippingAddress": {"countryCodeV2": "NL", "phone": None},
        "totalPriceSet": _money(str(total)),
        "subtotalPriceSet": _money(str(total)),
        "totalDiscountsSet": _money("0.0"),
        "totalRefundedSet": _money("0.0"),
        "totalOutstandingSet": _money("0.0"),
        "refunds": [],
        "fulfillments": [parcel | {"estimatedDeliveryAt": _stamp(placed + timedelta(days=3))}],
        "all_lines": lines,
    }


def _customer(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{number + 1}",
        "createdAt": "2025-01-01T00:00:00Z",
        "updatedAt": "2025-01-01T00:00:00Z",
        "numberOfOrders": "0",
        "amountSpent": {"amount": "0.0", "currencyCode": "EUR"},
        "defaultEmailAddress": {
            "emailAddress": _email(number),
            "marketingState": "SUBSCRIBED",
            "marketingUpdatedAt": None,
        },
        "defaultPhoneNumber": None,
        "defaultAddress": {"countryCodeV2": "NL"},
    }


def _product(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Product/{number + 1}",
        "handle": f"product-{number}",
        "title": f"Product SKU-{number}",
        "productType": f"Type {number % 5}",
        "updatedAt": "2025-01-01T00:00:00Z",
        "category": None,
        "priceRangeV2": {"minVariantPrice": {"currencyCode": "EUR"}},
        "all_variants": [{"title": "Default Title", "sku": f"SKU-{number}", "price": "10.00", "compareAtPrice": None}],
    }


def _review(rng: random.Random, number: int, moment: datetime | None = None) -> dict[str, Any]:
    stamp = _stamp(_moment(rng, moment)).replace("Z", "+00:00")
    return {
        "id": 900_000 + number,
        "title": "Review",
        "body": f"Review {number}, delivered fast",
        "rating": rng.randint(1, 5),
        "product_external_id": rng.randrange(N_PRODUCTS),
        "product_handle": "product",
        "reviewer": {"email": _email(rng.randrange(N_CUSTOMERS)), "name": "Somebody"},
        "curated": "ok",
        "verified": "buyer",
        "created_at": stamp,
        "updated_at": stamp,
    }


def _response(rng: random.Random, number: int, moment: datetime | None = None) -> dict[str, Any]:
    sent = _stamp(_moment(rng, moment))
    answers = [
        {"type": "number", "number": rng.randint(0, 10), "field": {"id": one, "type": "opinion_scale", "ref": one}}
        for one in QUESTIONS
    ]
    hidden = {"email": _email(rng.randrange(N_CUSTOMERS))}
    return {"token": f"r{number:05}", "landed_at": sent, "submitted_at": sent, "hidden": hidden, "answers": answers}


if __name__ == "__main__":
    main()
