"""Shopify by its API: pages, cursors, costs, and the same rows as by its exports. The server is one of the tests' own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.reading import ApiRead, Keeping, look_ahead, read_api
from pipeline.sources.batches import Staged
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES, RECORDS
from tests.api_servers import LIMITED, THROTTLED, TOKEN, Answer, Shopify, two_a_page
from tests.bench.exports import write_csv
from tests.scenario import Shop, configuration

pytestmark = pytest.mark.usefixtures("waits")

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
KEY = "a long secret of this shop"


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def line(sku: str, quantity: int, price: str, discount: str = "0.0") -> dict[str, Any]:
    told = {"name": f"Kaars {sku}", "sku": sku, "quantity": quantity}
    return told | {"originalUnitPriceSet": money(price), "totalDiscountSet": money(discount)}


def order(number: int, **changes: Any) -> dict[str, Any]:
    """A paid and fulfilled order of two candles at 10.00, changed on day `number` of March."""
    return {
        "id": f"gid://shopify/Order/{5_000_000_000_000 + number}",
        "name": f"#{1000 + number}",
        "email": f"p{number}@example.com",
        "phone": None,
        "createdAt": f"2026-03-{number:02}T09:00:00Z",
        "updatedAt": f"2026-03-{number:02}T12:00:00Z",
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED",
        "paymentGatewayNames": ["shopify_payments"],
        "billingAddress": {"countryCodeV2": "NL", "phone": None},
        "shippingAddress": {"countryCodeV2": "NL", "phone": None},
        "totalPriceSet": money("20.0"),
        "subtotalPriceSet": money("20.0"),
        "totalDiscountsSet": money("0.0"),
        "totalRefundedSet": money("0.0"),
        "totalOutstandingSet": money("0.0"),
        "refunds": [],
        "fulfillments": [],
        "all_lines": [line("KA-1", 2, "10.0")],
        **changes,
    }


@pytest.fixture
def shopify(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shopify]:
    """Five orders, two a page."""
    monkeypatch.setitem(tools.TOOLS, "shopify", two_a_page("shopify"))
    with Shopify(orders=[order(number) for number in range(1, 6)]).running() as server:
        assert isinstance(server, Shopify)
        yield server


def place_of(server: Shopify, **changes: Any) -> ApiInput:
    given = {"api": "shopify", "shop": "my-shop", "token": TOKEN, "base_url": server.address}
    return ApiInput.model_validate(given | changes)


def read(
    server: Shopify, folder: Path, *, after: str | None = None, name: str = "orders", **changes: Any
) -> tuple[ApiRead, list[dict[str, Any]]]:
    target = folder / "rows.jsonl"
    place = place_of(server, **changes)
    got = read_api(
        place, name, reader="one", after=after, target=target, keeping=Keeping(folder / "pages", b"a key"), now=NOW
    )
    return got, [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


# Pages and cursors


def test_pages_follow_each_other_and_the_watermark_is_the_last_change(shopify: Shopify, tmp_path: Path) -> None:
    got, rows = read(shopify, tmp_path)
    assert names(rows) == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    assert got == ApiRead(5, "2026-03-05T12:00:00Z")
    assert rows[0]["totalPriceSet"] == money("20.0")
    assert rows[0]["lineItems"][0]["quantity"] == "2"


def test_the_next_read_begins_as_far_back_as_the_lookback_says(shopify: Shopify, tmp_path: Path) -> None:
    got, rows = read(shopify, tmp_path, after="2026-03-05T12:00:00Z")
    assert names(rows) == ["#1004", "#1005"]
    got, rows = read(shopify, tmp_path / "..", after="2026-03-05T12:00:00Z", lookback_hours=0)
    assert got.watermark == "2026-03-05T12:00:00Z"


def test_nothing_new_leaves_the_watermark_where_it_is(shopify: Shopify, tmp_path: Path) -> None:
    assert read(shopify, tmp_path, after="2026-05-05T12:00:00Z") == (ApiRead(0, "2026-05-05T12:00:00Z"), [])


def test_an_order_that_changes_while_pages_are_read_comes_once_as_it_is_last(shopify: Shopify, tmp_path: Path) -> None:
    def change() -> None:
        if len(shopify.asked) == 2:
            shopify.orders[0] |= {"updatedAt": "2026-03-09T12:00:00Z", "displayFinancialStatus": "REFUNDED"}

    shopify.between = change
    got, rows = read(shopify, tmp_path)
    assert names(rows) == ["#1002", "#1003", "#1004", "#1005", "#1001"]
    assert rows[-1]["displayFinancialStatus"] == "REFUNDED"
    assert got.watermark == "2026-03-09T12:00:00Z"


def test_a_read_that_was_cut_off_goes_on_behind_its_last_page(shopify: Shopify, tmp_path: Path) -> None:
    # The count, two pages, and then a limit that does not end.
    shopify.faults.extend([None, None, None, *[LIMITED] * 6])
    with pytest.raises(SourceShapeError, match="is at its limit"):
        read(shopify, tmp_path)
    shopify.asked.clear()
    assert names(read(shopify, tmp_path)[1]) == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    assert shopify.asked[0]["variables"]["search"] == "updated_at:>='2026-03-04T12:00:00Z'"
    assert len(shopify.asked) == 1


def test_lines_beyond_those_of_a_page_are_fetched(shopify: Shopify, tmp_path: Path) -> None:
    shopify.orders = [order(1, all_lines=[line(f"KA-{number}", 1, "1.0") for number in range(130)])]
    _, rows = read(shopify, tmp_path)
    assert [one["sku"] for one in rows[0]["lineItems"]] == [f"KA-{number}" for number in range(130)]
    # The count, the page, 100 more lines and the last ten.
    assert len(shopify.asked) == 4


# Limits and refusals


def test_a_limit_by_cost_is_waited_for(shopify: Shopify, tmp_path: Path, waits: list[float]) -> None:
    shopify.points = 150.0
    read(shopify, tmp_path)
    # 400 points are asked for, 150 are there, and 100 come back a second.
    assert waits == [2.5, 2.5, 2.5]


def test_a_throttled_query_is_asked_again(shopify: Shopify, tmp_path: Path, waits: list[float]) -> None:
    shopify.faults.extend([None, None, THROTTLED])
    assert len(read(shopify, tmp_path)[1]) == 5
    assert len(waits) == 1


def test_a_page_that_costs_too_much_is_asked_for_by_halves(shopify: Shopify, tmp_path: Path) -> None:
    shopify.dearest = 1
    assert len(read(shopify, tmp_path)[1]) == 5


def test_a_page_of_one_row_that_costs_too_much_is_refused(shopify: Shopify, tmp_path: Path) -> None:
    shopify.dearest = 0
    with pytest.raises(SourceShapeError, match="refuses a page of one row as too dear"):
        read(shopify, tmp_path)


def test_a_scope_that_is_missing_is_named(shopify: Shopify, tmp_path: Path) -> None:
    shopify.scopes = ("read_orders",)
    with pytest.raises(SourceShapeError) as caught:
        read(shopify, tmp_path, name="customers")
    assert "`read_customers` access scope.); it needs read_customers" in str(caught.value)


# The same by exports and by API


def stage(folder: Path, entity: str, preset: str, name: str, place: Any) -> list[dict[str, Any]]:
    source = SourceSettings(name="shop", entity=entity, preset=preset, inputs={name: place})
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR")
    staged = Staged(folder / entity)
    (batch,) = stage_source(source, staged.folder, shop=shop, survey=None, key=KEY.encode(), started_at=NOW).batches
    assert batch.is_balanced
    assert batch.rows_rejected == 0
    table = ENTITIES[entity]
    octets = b"".join(file.read_bytes() for file in staged.folder.rglob("*") if file.is_file())
    assert TOKEN.encode() not in octets
    assert b"@example.com" not in octets
    kept = [one for one in table.polars_schema if one not in ("batch_id", "updated_at")]
    return staged.valid(table).select(kept).collect().sort(table.key).to_dicts()


def orders_of_every_kind() -> list[dict[str, Any]]:
    """Paid, refunded in part, pending, cancelled, edited with money owed back, a test order, one with two lines and a discount."""
    owed = {"displayFinancialStatus": "PAID", "totalOutstandingSet": money("-5.0")}
    refund = {"displayFinancialStatus": "PARTIALLY_REFUNDED", "totalRefundedSet": money("5.0")}
    given = [{"createdAt": "2026-03-20T08:00:00Z", "totalRefundedSet": money("5.0")}]
    lines = [line("KA-1", 2, "10.0"), line("KA-2", 1, "12.0", "2.0")]
    discounted = {"totalPriceSet": money("30.0"), "subtotalPriceSet": money("30.0"), "totalDiscountsSet": money("2.0")}
    return [
        order(1),
        order(2, **refund, refunds=given),
        order(3, displayFinancialStatus="PENDING", displayFulfillmentStatus="UNFULFILLED"),
        order(4, cancelledAt="2026-03-05T10:00:00Z"),
        order(5, **owed),
        order(6, test=True),
        order(7, all_lines=lines, **discounted),
        order(8, sourceName="pos", email=None),
    ]


def as_export(orders: list[dict[str, Any]], file: Path) -> str:
    """The same orders as Shopify's export has them."""

    def amount(value: dict[str, Any]) -> str:
        return f"{float(value['shopMoney']['amount']):.2f}"

    rows = []
    for one in orders:
        created = one["createdAt"].replace("T", " ").replace("Z", " +0000")
        gateway = "bogus" if one["test"] else "shopify_payments"
        own = {
            "Email": one["email"],
            "Financial Status": one["displayFinancialStatus"].lower(),
            "Fulfillment Status": one["displayFulfillmentStatus"].lower(),
            "Cancelled at": one["cancelledAt"],
            "Currency": "EUR",
            "Total": amount(one["totalPriceSet"]),
            "Subtotal": amount(one["subtotalPriceSet"]),
            "Discount Amount": amount(one["totalDiscountsSet"]),
            "Refunded Amount": amount(one["totalRefundedSet"]),
            "Outstanding Balance": amount(one["totalOutstandingSet"]),
            "Payment Method": gateway,
            "Source": one["sourceName"],
            "Id": one["id"].rpartition("/")[2],
        }
        for number, item in enumerate(one["all_lines"]):
            told = {
                "Name": one["name"],
                "Created at": created,
                "Lineitem name": item["name"],
                "Lineitem sku": item["sku"],
                "Lineitem quantity": str(item["quantity"]),
                "Lineitem price": amount(item["originalUnitPriceSet"]),
                "Lineitem discount": amount(item["totalDiscountSet"]),
            }
            rows.append(told | (own if number == 0 else {}))
    write_csv(file, rows)
    return str(file)


@pytest.mark.parametrize("entity", ["orders", "order_lines"])
def test_orders_by_export_and_by_api_are_the_same_rows_where_both_know_the_same(
    shopify: Shopify, tmp_path: Path, entity: str
) -> None:
    shopify.orders = orders_of_every_kind()
    by_api = stage(tmp_path / "api", entity, "shopify", "orders", place_of(shopify))
    export = as_export(shopify.orders, tmp_path / "orders.csv")
    by_csv = stage(tmp_path / "csv", entity, "shopify", "orders", export)
    if entity == "orders":
        # When the refund was given is known by the API alone.
        given = [row.pop("refunded_at") for row in by_api]
        assert [day for day in given if day] == [datetime(2026, 3, 20, 8, tzinfo=UTC)]
        assert {row.pop("refunded_at") for row in by_csv} == {None}
    assert len(by_csv) == (7 if entity == "orders" else 8)
    exact = ("exported_at",)
    assert [{k: v for k, v in row.items() if k not in exact} for row in by_api] == by_csv


@pytest.mark.parametrize(
    ("fulfillments", "promised", "delivered", "status"),
    [
        ([], None, None, "shipped"),
        # No carrier tells of the way: the date foretold would look broken.
        ([{"status": "SUCCESS", "estimatedDeliveryAt": "2026-03-04T12:00:00Z"}], None, None, "shipped"),
        (
            [
                {
                    "status": "SUCCESS",
                    "inTransitAt": "2026-03-02T00:00:00Z",
                    "estimatedDeliveryAt": "2026-03-04T12:00:00Z",
                }
            ],
            4,
            None,
            "shipped",
        ),
        (
            [
                {
                    "status": "SUCCESS",
                    "deliveredAt": "2026-03-05T12:00:00Z",
                    "estimatedDeliveryAt": "2026-03-04T12:00:00Z",
                },
                {
                    "status": "SUCCESS",
                    "deliveredAt": "2026-03-03T12:00:00Z",
                    "estimatedDeliveryAt": "2026-03-02T12:00:00Z",
                },
                {"status": "CANCELLED"},
            ],
            4,
            5,
            "delivered",
        ),
    ],
)
def test_deliveries_are_known_where_a_carrier_tells(
    shopify: Shopify,
    tmp_path: Path,
    fulfillments: list[dict[str, Any]],
    promised: int | None,
    delivered: int | None,
    status: str,
) -> None:
    empty = dict.fromkeys(["status", "inTransitAt", "estimatedDeliveryAt", "deliveredAt"])
    shopify.orders = [order(1, fulfillments=[empty | one for one in fulfillments])]
    (row,) = stage(tmp_path, "orders", "shopify", "orders", place_of(shopify))
    days = [day and day.day for day in (row["promised_at"], row["delivered_at"])]
    assert (*days, row["status"]) == (promised, delivered, status)


@pytest.mark.parametrize("is_bulk", [False, True])
@pytest.mark.parametrize(("last", "status"), [(None, "shipped"), ("2026-03-08T12:00:00Z", "delivered")])
def test_an_order_of_many_shipments_is_delivered_when_all_of_them_are(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_bulk: bool, last: str | None, status: str
) -> None:
    told = {"status": "SUCCESS", "inTransitAt": "2026-03-02T00:00:00Z", "estimatedDeliveryAt": "2026-03-10T12:00:00Z"}
    early = [told | {"deliveredAt": f"2026-03-0{day}T12:00:00Z"} for day in range(3, 8)]
    shopify.orders = [order(1, fulfillments=[*early, told | {"deliveredAt": last}]), order(2, fulfillments=early[1:])]
    if is_bulk:
        monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 2)
    rows = stage(tmp_path, "orders", "shopify", "orders", place_of(shopify))
    assert [row["status"] for row in rows] == [status, "delivered"]
    delivered = [row["delivered_at"] and row["delivered_at"].day for row in rows]
    assert delivered == [8 if last else None, 7]
    # Of the second order all four have come with its page.
    asked = [one["variables"]["id"] for one in shopify.asked if "fulfillments(first: 250)" in str(one.get("query"))]
    assert asked == ([] if is_bulk else [shopify.orders[0]["id"]])


def test_customers_have_their_consent_and_the_shops_own_totals(shopify: Shopify, tmp_path: Path) -> None:
    told = {
        "createdAt": "2025-01-01T00:00:00Z",
        "updatedAt": "2026-03-01T00:00:00Z",
        "numberOfOrders": "3",
        "amountSpent": {"amount": "60.50", "currencyCode": "EUR"},
        "defaultPhoneNumber": None,
        "defaultAddress": {"countryCodeV2": "NL"},
    }
    states = ["SUBSCRIBED", "UNSUBSCRIBED"]
    shopify.customers = [
        told
        | {
            "id": f"gid://shopify/Customer/{number}",
            "defaultEmailAddress": {"emailAddress": f"p{number}@example.com", "marketingState": state},
        }
        for number, state in enumerate(states, start=1)
    ]
    rows = stage(tmp_path, "customers", "shopify_customers", "customers", place_of(shopify))
    found = [
        (row["customer_id"], row["accepts_marketing"], row["stated_orders"], row["stated_spent_amount"], row["country"])
        for row in rows
    ]
    assert found == [("1", True, 3, 6050, "NL"), ("2", False, 3, 6050, "NL")]
    assert {row["registered_at"] for row in rows} == {datetime(2025, 1, 1, tzinfo=UTC)}


def variant(sku: str | None, price: str, before: str | None = None, title: str = "Default Title") -> dict[str, Any]:
    return {"title": title, "sku": sku, "price": price, "compareAtPrice": before}


def product(number: int, **changes: Any) -> dict[str, Any]:
    """A candle of 10.00 that was 12.50, changed on day `number` of March."""
    return {
        "id": f"gid://shopify/Product/{number}",
        "handle": f"kaars-{number}",
        "title": f"Kaars {number}",
        "productType": "Kaarsen",
        "updatedAt": f"2026-03-{number:02}T12:00:00Z",
        "category": {"fullName": "Home & Garden > Decor > Candles"},
        "priceRangeV2": {"minVariantPrice": {"currencyCode": "EUR"}},
        "all_variants": [variant(f"KA-{number}", "10.00", "12.50")],
        **changes,
    }


def products_of_every_kind() -> list[dict[str, Any]]:
    """Discounted; with two variants, one without a SKU; without a type; in no category and without a SKU."""
    sizes = [variant("TA-S", "24.00", title="Blauw / S"), variant("", "26.00", "26.00", title="Blauw / L")]
    return [
        product(1),
        product(2, title="Tas", all_variants=sizes),
        product(3, productType=""),
        product(4, title="Lint", productType="", category=None, all_variants=[variant(None, "5.00")]),
    ]


def as_product_export(products: list[dict[str, Any]], file: Path) -> str:
    """The same products as Shopify's export has them."""
    rows = []
    for one in products:
        category = one["category"]["fullName"] if one["category"] else ""
        own = {"Title": one["title"], "Type": one["productType"], "Product Category": category}
        for number, item in enumerate(one["all_variants"]):
            options = [*item["title"].split(" / "), ""][:2]
            told = {
                "Handle": one["handle"],
                "Option1 Value": options[0],
                "Option2 Value": options[1],
                "Variant SKU": item["sku"],
                "Variant Price": item["price"],
                "Variant Compare At Price": item["compareAtPrice"],
            }
            rows.append(told | (own if number == 0 else {}))
    write_csv(file, rows)
    return str(file)


def test_products_by_export_and_by_api_are_the_same_rows(shopify: Shopify, tmp_path: Path) -> None:
    shopify.products = products_of_every_kind()
    by_api = stage(tmp_path / "api", "products", "shopify_products", "products", place_of(shopify))
    export = as_product_export(shopify.products, tmp_path / "products.csv")
    assert by_api == stage(tmp_path / "csv", "products", "shopify_products", "products", export)
    names = ("product_id", "product_name", "category", "price_amount", "discounted_amount")
    assert [tuple(row[name] for name in names) for row in by_api] == [
        ("KA-1", "Kaars 1", "Kaarsen", 1250, 1000),
        ("KA-3", "Kaars 3", "Candles", 1250, 1000),
        ("Lint", "Lint", None, 500, None),
        ("TA-S", "Tas", "Kaarsen", 2400, None),
        ("Tas - Blauw / L", "Tas", "Kaarsen", 2600, None),
    ]


def test_variants_beyond_those_of_a_page_are_fetched_and_a_file_has_the_same(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [variant(f"KA-{number}", "1.00") for number in range(130)]
    shopify.products = [product(1, all_variants=many), product(2)]
    got, rows = read(shopify, tmp_path, name="products")
    assert got == ApiRead(2, "2026-03-02T12:00:00Z")
    assert [one["sku"] for one in rows[0]["variants"]] == [f"KA-{number}" for number in range(130)]
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 2)
    in_bulk = read(shopify, tmp_path / "..", name="products")
    assert (in_bulk[0], sorted(in_bulk[1], key=lambda row: row["id"])) == (got, rows)


# In bulk


def test_a_large_shop_is_first_read_by_one_file_and_then_by_pages(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    by_pages = read(shopify, tmp_path / "..")
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 5)
    monkeypatch.setattr("pipeline.sources.apis.client.ROWS_OF_A_FILE", 2)
    shopify.asked.clear()
    got, rows = read(shopify, tmp_path)
    assert (got, sorted(rows, key=lambda row: row["id"])) == (by_pages[0], by_pages[1])
    # The count, the start, three looks and the file.
    assert (len(shopify.asked), waits) == (6, [5, 5, 5])
    assert look_ahead(place_of(shopify), "orders").minutes is None
    shopify.asked.clear()
    assert names(read(shopify, tmp_path, after=got.watermark)[1]) == ["#1004", "#1005"]
    assert not any("bulk" in asked["query"] for asked in shopify.asked)


@pytest.mark.parametrize(("n_lines", "words"), [(6, "3 of 5 orders"), (9, "5 of 5 orders")])
def test_a_file_that_lacks_its_last_lines_is_refused(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_lines: int, words: str
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 5)
    answer = shopify.answer

    def with_a_short_file(path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        given = answer(path, asked, headers)
        # An order and its line each.
        return Answer("".join(given.body.splitlines(keepends=True)[:n_lines])) if path == "/bulk.jsonl" else given

    with monkeypatch.context() as cut:
        cut.setattr(shopify, "answer", with_a_short_file)
        with pytest.raises(SourceShapeError, match=rf"its file of all rows was cut short \({words}.*; run again"):
            read(shopify, tmp_path)
    assert len(read(shopify, tmp_path)[1]) == 5


def test_half_an_emoji_in_the_file_is_one_replaced_character(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 5)
    shopify.orders[0] |= {"sourceName": "web \ude00"}
    assert read(shopify, tmp_path)[1][-1]["sourceName"] == "web \ufffd"


@pytest.mark.parametrize("bulk", [(), ("RUNNING", "FAILED"), ("CANCELED",)])
def test_where_no_file_is_made_pages_are_read(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk: tuple[str, ...]
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 5)
    shopify.bulk = bulk
    assert len(read(shopify, tmp_path)[1]) == 5


def test_a_file_that_is_cut_off_is_no_place_to_go_on_from(
    shopify: Shopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.reading.MANY_ROWS", 5)
    monkeypatch.setattr("pipeline.sources.apis.client.ROWS_OF_A_FILE", 2)
    whole = shopify._file

    def file_without_an_end() -> str:
        return whole()[:-30]

    monkeypatch.setattr(shopify, "_file", file_without_an_end)
    with pytest.raises(SourceShapeError, match="answers in another form than its documents say"):
        read(shopify, tmp_path)
    monkeypatch.setattr(shopify, "_file", whole)
    shopify.bulk = ()
    # The newest orders were in the file's first page: the oldest are not behind them.
    assert len(read(shopify, tmp_path)[1]) == 5


# Into the lake


def make(folder: Path, server: Shopify) -> Shop:
    place = {"api": "shopify", "shop": "my-shop", "token": "${SHOPIFY_TOKEN}", "base_url": server.address}
    sources = [
        {"name": f"shop_{entity}", "entity": entity, "preset": "shopify", "inputs": {"orders": place}}
        for entity in ("orders", "order_lines")
    ]
    shop = Shop(folder, {"LOYALTY_PII_KEY": KEY, "SHOPIFY_TOKEN": TOKEN})
    shop.config.write_text(yaml.safe_dump(configuration(sources=sources)))
    return shop


def watermarks(shop: Shop) -> set[str]:
    return set(shop.lake.scan(RECORDS["inputs_read"]).select("watermark").collect().to_series())


def test_a_night_moves_the_cursor_once_its_rows_are_merged_and_leaves_no_token_and_no_page(
    shopify: Shopify, tmp_path: Path
) -> None:
    shop = make(tmp_path, shopify)
    shop.ingest("2026-11-26")
    assert shop.entity("orders").height == 5
    assert watermarks(shop) == {"2026-03-05T12:00:00Z"}
    # The count and three pages: the lines come out of the same pages.
    assert len(shopify.asked) == 4
    shopify.asked.clear()
    shopify.orders[0] |= {"updatedAt": "2026-03-09T12:00:00Z", "all_lines": [line("KA-9", 1, "20.0")]}
    shopify.orders.append(order(6))
    shop.ingest("2026-11-26")
    assert shop.entity("orders").height == 6
    assert shop.entity("order_lines").filter(order_id="#1001")["product_id"].to_list() == ["KA-9"]
    assert watermarks(shop) == {"2026-03-09T12:00:00Z"}
    assert {asked["variables"]["search"] for asked in shopify.asked} == {"updated_at:>='2026-03-04T12:00:00Z'"}
    octets = b"".join(file.read_bytes() for file in shop.home.rglob("*") if file.is_file())
    assert TOKEN.encode() not in octets
    assert b"@example.com" not in octets
    assert not [file for file in (shop.home / "work" / "api").rglob("*") if file.is_file()]
