"""WooCommerce by its REST API: pages by time, refunds with their dates, and the same rows as by its export."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.reading import ApiRead, Keeping, look_ahead, read_api
from pipeline.sources.batches import Staged
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.api_servers import BROKEN, TOKEN, Answer, WooCommerce, two_a_page
from tests.bench.exports import write_csv

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
KEY = b"a long secret text"


def order(number: int, *, changed: str = "", **changes: Any) -> dict[str, Any]:
    """A completed order of two candles at 10.00, changed on day `number` of March."""
    return {
        "id": 9000 + number,
        "number": str(5000 + number),
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": f"2026-03-{number:02}T09:00:00",
        "date_modified_gmt": changed or f"2026-03-{number:02}T12:00:00",
        "total": "20.00",
        "discount_total": "0.00",
        "customer_id": number,
        "billing": {"email": f"p{number}@example.com", "phone": ""},
        "shipping": {"phone": ""},
        "line_items": [{"id": 1, "product_id": 31, "sku": "KA-1", "quantity": 2, "total": "20.00"}],
        "refunds": [],
        **changes,
    }


@pytest.fixture
def woo(monkeypatch: pytest.MonkeyPatch) -> Iterator[WooCommerce]:
    """Five orders, two a page."""
    tool = tools.TOOLS["woocommerce"]
    told = tool.resources["orders"]
    two = replace(told, page_rows=2, parameters=dict(told.parameters) | {"per_page": "2"})
    monkeypatch.setitem(tools.TOOLS, "woocommerce", replace(tool, resources={"orders": two}))
    with WooCommerce(orders=[order(number) for number in range(1, 6)]).running() as server:
        assert isinstance(server, WooCommerce)
        yield server


def place_of(server: WooCommerce) -> ApiInput:
    given = {"api": "woocommerce", "shop": "shop.example.com", "token": f"ck_1:{TOKEN}", "base_url": server.address}
    return ApiInput.model_validate(given)


def read(
    server: WooCommerce, folder: Path, after: str | None = None, lookback_hours: float = 24
) -> tuple[ApiRead, list[str]]:
    target = folder / "rows.jsonl"
    keeping = Keeping(folder / "pages", KEY)
    place = place_of(server).model_copy(update={"lookback_hours": lookback_hours})
    got = read_api(place, "orders", reader="one", after=after, target=target, keeping=keeping, now=NOW)
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    return got, [row["number"] for row in rows]


ALL = ["5001", "5002", "5003", "5004", "5005"]


def test_each_page_begins_a_second_before_the_last_moment_of_the_one_before(woo: WooCommerce, tmp_path: Path) -> None:
    assert read(woo, tmp_path) == (ApiRead(5, "2026-03-05T12:00:00"), ALL)
    # The count, and then pages, each with the last row of the one before.
    since = [asked.get("modified_after") for asked in woo.asked]
    days = [f"2026-03-0{day}T11:59:59" for day in (2, 3, 4, 5)]
    assert since == [None, None, *days]


def test_the_next_read_begins_a_day_before_the_last_one(woo: WooCommerce, tmp_path: Path) -> None:
    got, numbers = read(woo, tmp_path, "2026-03-05T12:00:00")
    assert numbers == ["5004", "5005"]
    assert got.watermark == "2026-03-05T12:00:00"


def test_more_orders_of_one_moment_than_a_page_holds_all_arrive(woo: WooCommerce, tmp_path: Path) -> None:
    woo.orders = [order(number, changed="2026-03-09T12:00:00") for number in range(1, 6)]
    assert read(woo, tmp_path)[1] == ALL


def test_a_server_that_reads_moments_otherwise_is_noticed_before_an_order_is_missed(
    woo: WooCommerce, tmp_path: Path
) -> None:
    woo.shift_hours = 2
    with pytest.raises(SourceShapeError, match="does not go on at 2026-03-02T12:00:00, where the page before ended"):
        read(woo, tmp_path)


def test_an_order_that_changes_meanwhile_comes_once_as_it_is_last(woo: WooCommerce, tmp_path: Path) -> None:
    def change() -> None:
        if len(woo.asked) == 2:
            woo.orders[0] |= {"date_modified_gmt": "2026-03-09T12:00:00"}

    woo.between = change
    assert read(woo, tmp_path)[1] == [*ALL[1:], "5001"]


class ShowsNewTimesAtOldPlaces(WooCommerce):
    """Of order `moved`, which changes while a page with it is made, the first such page shows the new time at the old place."""

    moved = 0
    changed_at = "2026-11-26T20:00:00"

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        given = super().answer(path, asked, headers)
        (order,) = [one for one in self.orders if one["number"] == str(5000 + self.moved)]
        is_first = order["date_modified_gmt"] < self.changed_at
        # Not the first request: the count, of one order.
        if is_first and len(given.body) == 2 and any(one["id"] == order["id"] for one in given.body):
            order["date_modified_gmt"] = self.changed_at
            body = [
                one | ({"date_modified_gmt": self.changed_at} if one["id"] == order["id"] else {}) for one in given.body
            ]
            return replace(given, body=body)
        return given


@pytest.mark.usefixtures("woo")
@pytest.mark.parametrize("moved", [3, 4])
def test_an_order_that_shows_its_new_time_at_its_old_place_hides_none(
    tmp_path: Path, waits: list[float], moved: int
) -> None:
    numbers = [*(number for number in range(1, 9) if number != moved), moved]
    expected = [str(5000 + number) for number in numbers]
    for n_answered in range(1, 12):
        server = ShowsNewTimesAtOldPlaces(orders=[order(number) for number in range(1, 9)])
        server.moved = moved
        folder = tmp_path / str(n_answered)
        folder.mkdir()
        server.faults.extend([*[None] * n_answered, *[BROKEN] * 6])
        with server.running():
            # Cut off behind each of its requests, and read once more.
            with suppress(SourceShapeError):
                read(server, folder)
            server.faults.clear()
            got, found = read(server, folder)
        assert (sorted(found), got.watermark) == (sorted(expected), "2026-11-26T20:00:00")
    assert waits


def test_a_read_behind_a_whole_one_goes_on_where_it_was_cut_off_itself(
    woo: WooCommerce, tmp_path: Path, waits: list[float]
) -> None:
    # Read to the end and not merged.
    read(woo, tmp_path)
    woo.orders.append(order(6, changed="2026-03-03T12:00:00"))
    woo.faults.extend([None, *[BROKEN] * 6])
    with pytest.raises(SourceShapeError, match="fails on its own side"):
        read(woo, tmp_path, lookback_hours=100)
    # The whole one had come to the fifth of March.
    assert "5006" in read(woo, tmp_path)[1]
    assert waits


def test_orders_of_the_last_day_are_read_on_although_each_of_their_pages_is_asked_for_twice(
    woo: WooCommerce, tmp_path: Path
) -> None:
    woo.orders = [order(number, changed=f"2026-11-26T20:00:0{number}") for number in range(1, 6)]
    assert read(woo, tmp_path)[1] == ALL
    since = [asked.get("modified_after") for asked in woo.asked]
    # The count; of the last page, which is not full, nothing is left to tell.
    seconds = [f"2026-11-26T20:00:0{second}" for second in (1, 1, 2, 2, 3, 3, 4)]
    assert since == [None, None, None, *seconds]


def test_a_time_of_the_future_is_no_place_to_go_on_from(woo: WooCommerce, tmp_path: Path) -> None:
    woo.orders.append(order(6, changed="2062-11-20T12:00:00"))
    got, numbers = read(woo, tmp_path)
    assert (got, numbers) == (ApiRead(6, "2026-11-27T02:00:00Z"), [*ALL, "5006"])
    # The next night reads what has come since, a day back, and the one of the future again.
    woo.orders.append(order(7, changed="2026-11-26T12:00:00"))
    (tmp_path / "next").mkdir()
    assert read(woo, tmp_path / "next", got.watermark)[1] == ["5007", "5006"]


def test_behind_a_kept_time_of_the_future_everything_is_read_once_more(woo: WooCommerce, tmp_path: Path) -> None:
    assert read(woo, tmp_path, "2062-11-20T12:00:00") == (ApiRead(5, "2026-11-27T02:00:00Z"), ALL)


def test_a_time_that_is_none_does_not_stop_the_read(woo: WooCommerce, tmp_path: Path) -> None:
    woo.orders.append(order(6, changed="0000-00-00T00:00:00"))
    assert read(woo, tmp_path) == (ApiRead(6, "2026-03-05T12:00:00"), ["5006", *ALL])


@pytest.mark.parametrize(("n_deleted", "pages"), [(0, [1, 2, 3, 4]), (1, [1, 2, 3, 1, 2, 3])])
def test_a_product_that_is_deleted_meanwhile_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, n_deleted: int, pages: list[int]
) -> None:
    monkeypatch.setitem(tools.TOOLS, "woocommerce", two_a_page("woocommerce"))
    server = WooCommerce(places={"/products": [{"id": number, "variations": []} for number in range(1, 6)]})
    products = server.places["/products"]

    def delete() -> None:
        if server.asked[-1].get("page") == "1" and len(products) == 5:
            del products[:n_deleted]

    server.between = delete
    with server.running():
        keeping = Keeping(tmp_path / "pages", KEY)
        target = tmp_path / "rows.jsonl"
        read_api(place_of(server), "products", reader="one", after=None, target=target, keeping=keeping, now=NOW)
    found = sorted(json.loads(line)["id"] for line in target.read_text(encoding="utf-8").splitlines())
    assert found == ["1", "2", "3", "4", "5"]
    assert [int(asked["page"]) for asked in server.asked if "page" in asked] == pages


def test_a_token_is_a_key_and_a_secret() -> None:
    words = "token: must be a key and its secret with a colon between them"
    # Not `as error`: with the error in a local of this frame, pydantic's error and the frame would hold each other for ever.
    with pytest.raises(ValidationError, match=rf"(?s)^(?!.*{TOKEN}).*{words}"):
        ApiInput.model_validate({"api": "woocommerce", "shop": "shop.example.com", "token": TOKEN})


def test_a_refused_key_is_told_without_it(woo: WooCommerce, tmp_path: Path) -> None:
    woo.token = "ck_2:another"
    with pytest.raises(SourceShapeError, match=r"refuses the token \(401\); set one that may read: Read") as caught:
        read(woo, tmp_path)
    assert TOKEN not in str(caught.value)


def test_the_number_of_orders_is_in_a_header(woo: WooCommerce) -> None:
    # Two a page and sixty pages a minute.
    ahead = look_ahead(place_of(woo), "orders")
    assert (ahead.rows, ahead.minutes, ahead.scopes) == (5, 1, None)


def stage(folder: Path, entity: str, place: Any) -> list[dict[str, Any]]:
    source = SourceSettings(name="shop", entity=entity, preset="woocommerce", inputs={"orders": place})
    shop = ShopSettings(name="Test", time_zone="UTC", currency="EUR")
    staged = Staged(folder / entity)
    (batch,) = stage_source(source, staged.folder, shop=shop, survey=None, key=KEY, started_at=NOW).batches
    assert batch.is_balanced
    assert batch.rows_rejected == 0
    octets = b"".join(file.read_bytes() for file in staged.folder.rglob("*") if file.is_file())
    assert TOKEN.encode() not in octets
    assert b"@example.com" not in octets
    table = ENTITIES[entity]
    kept = [one for one in table.polars_schema if one not in ("batch_id", "updated_at")]
    return staged.valid(table).select(kept).collect().sort(table.key).to_dicts()


def as_export(orders: list[dict[str, Any]], refunds: dict[str, list[dict[str, Any]]], file: Path) -> str:
    """The same orders as WebToffee's export has them."""
    n_lines = max(len(one["line_items"]) for one in orders)
    rows = []
    for one in orders:
        given = [
            f"amount:{refund['amount']}|reason:|date:{refund['date_created_gmt'].replace('T', ' ')}"
            for refund in refunds.get(str(one["id"]), [])
        ]
        packed = {
            f"line_item_{number}": f"name:x|product_id:{line['product_id']}|sku:{line['sku']}|quantity:{line['quantity']}"
            f"|total:{line['total']}"
            for number, line in enumerate(one["line_items"], start=1)
        }
        told = {
            "order_id": one["id"],
            "order_number": one["number"],
            "order_date": one["date_created_gmt"].replace("T", " "),
            "status": one["status"],
            "order_currency": "EUR",
            "order_total": one["total"],
            "discount_total": one["discount_total"],
            "customer_id": one["customer_id"],
            "billing_email": one["billing"]["email"],
            "billing_phone": one["billing"]["phone"],
            "refund_items": ";".join(given),
        }
        rows.append(told | {f"line_item_{number}": "" for number in range(1, n_lines + 1)} | packed)
    write_csv(file, rows)
    return str(file)


@pytest.mark.parametrize(("entity", "n_rows"), [("orders", 6), ("order_lines", 7)])
def test_orders_by_export_and_by_api_are_the_same_rows(
    woo: WooCommerce, tmp_path: Path, entity: str, n_rows: int
) -> None:
    lines = [
        {"id": 1, "product_id": 31, "sku": "OO-1", "quantity": 2, "total": "30.00"},
        {"id": 2, "product_id": 32, "sku": "", "quantity": 1, "total": "12.50"},
    ]
    guest = {"customer_id": 0, "billing": {"email": "guest@example.com", "phone": "+31 30 000 0002"}}
    woo.orders = [
        order(1),
        order(2, line_items=lines, total="42.50", discount_total="3.00"),
        order(3, refunds=[{"id": 77, "reason": "", "total": "-5.00"}]),
        order(4, status="on-hold", **guest),
        order(5, status="cancelled"),
        order(6, status="refunded"),
        order(7, status="checkout-draft"),
    ]
    woo.refunds = {"9003": [{"id": 77, "amount": "5.00", "date_created_gmt": "2026-03-20T08:00:00"}]}
    export = as_export(woo.orders, woo.refunds, tmp_path / "orders.csv")
    by_csv = stage(tmp_path / "csv", entity, export)
    assert len(by_csv) == n_rows
    assert stage(tmp_path / "api", entity, place_of(woo)) == by_csv
    if entity == "orders":
        assert [row["refunded_at"] for row in by_csv if row["refund_amount"]] == [datetime(2026, 3, 20, 8, tzinfo=UTC)]
