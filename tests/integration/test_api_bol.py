"""bol.com by its Retailer API: days, single orders, a token that ends, and nothing of whom an order is from."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.places import label
from pipeline.sources.apis.reading import ApiRead, Keeping, read_api
from pipeline.sources.batches import Staged
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.api_servers import LENT, LIMITED, TOKEN, Bol, two_a_page

pytestmark = pytest.mark.usefixtures("waits")

# In Amsterdam it is the 27th already.
NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
FIRST_DAY = "2026-08-30"
"""The oldest that bol.com tells of, 89 days before the 27th."""


def item(number: int, day: str, **changes: Any) -> dict[str, Any]:
    """Two candles at 10.00 that were sent on a day."""
    told = {"orderItemId": f"{number}", "cancellationRequest": False, "commission": 2.2, "discounts": []}
    what = {"offer": {"reference": "KA-1"}, "product": {"ean": "8717418510749", "title": "Kaars"}}
    pieces = {"quantity": 2, "quantityShipped": 2, "quantityCancelled": 0, "unitPrice": 10.00, "totalPrice": 20.00}
    return told | what | pieces | {"latestChangedDateTime": f"{day}T12:00:00+01:00"} | changes


def order(number: int, *items: dict[str, Any]) -> dict[str, Any]:
    person = {"salutation": "MALE", "firstName": "Billie", "surname": "Jansen", "email": "x1@verkopen.example"}
    person |= {
        "streetName": "Dorpstraat",
        "houseNumber": "1",
        "zipCode": "1111ZZ",
        "city": "Utrecht",
        "countryCode": "NL",
    }
    placed = f"2026-11-{number:02}T09:00:00+01:00"
    own = items or (item(number, f"2026-11-{number:02}"),)
    told = {"orderId": f"A{number}", "pickupPoint": False, "orderPlacedDateTime": placed, "orderItems": list(own)}
    return told | {"shipmentDetails": person, "billingDetails": person}


@pytest.fixture
def bol(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bol]:
    """Three orders of one day and one of another, two a page."""
    monkeypatch.setitem(tools.TOOLS, "bol", two_a_page("bol"))
    same = [item(number, "2026-11-20") for number in range(1, 4)]
    orders = [*(order(number, one) for number, one in enumerate(same, start=1)), order(25)]
    with Bol(orders=orders, most_rows=2).running() as server:
        assert isinstance(server, Bol)
        yield server


def place_of(server: Bol) -> ApiInput:
    return ApiInput.model_validate({"api": "bol", "token": server.token, "base_url": server.address})


def read(server: Bol, folder: Path, after: str | None = None) -> tuple[ApiRead, list[str]]:
    target = folder / "rows.jsonl"
    keeping = Keeping(folder / "pages", b"a key")
    got = read_api(place_of(server), "orders", reader="one", after=after, target=target, keeping=keeping, now=NOW)
    text = target.read_text(encoding="utf-8")
    assert not any(word in text for word in ("Billie", "Jansen", "Dorpstraat", "verkopen"))
    return got, [json.loads(line)["orderId"] for line in text.splitlines()]


def days(server: Bol) -> list[str]:
    return [asked["latest-change-date"] for asked in server.asked if "latest-change-date" in asked]


def test_a_first_read_asks_for_each_day_that_is_told_of_and_for_every_order(bol: Bol, tmp_path: Path) -> None:
    got, ids = read(bol, tmp_path)
    assert (got, ids) == (ApiRead(4, "2026-11-25"), ["A3", "A2", "A1", "A25"])
    # 90 days, one of them with a second page and so asked for twice; one signing in, and four orders.
    assert (days(bol)[0], days(bol)[-1], len(days(bol))) == (FIRST_DAY, "2026-11-27", 93)
    assert len(bol.asked) == 93 + 1 + 4


def test_a_next_read_begins_the_day_before_the_last_order(bol: Bol, tmp_path: Path) -> None:
    assert read(bol, tmp_path, "2026-11-25") == (ApiRead(1, "2026-11-25"), ["A25"])
    assert days(bol) == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]


def test_after_a_long_pause_no_day_is_asked_for_that_is_not_told_of(bol: Bol, tmp_path: Path) -> None:
    assert len(read(bol, tmp_path, "2026-01-01")[1]) == 4
    assert days(bol)[0] == FIRST_DAY


def test_an_order_that_leaves_its_day_meanwhile_moves_no_other_off_a_page(bol: Bol, tmp_path: Path) -> None:
    def change() -> None:
        # After the first page of the 20th, which has the third and the second order: the first one moves up into it.
        if bol.asked[-1].get("latest-change-date") == "2026-11-20":
            bol.orders[2] = order(3, item(3, "2026-11-26"))

    bol.between = change
    assert sorted(read(bol, tmp_path, "2026-11-20")[1]) == ["A1", "A2", "A25", "A3"]


def test_a_shop_without_orders_is_empty(bol: Bol, tmp_path: Path) -> None:
    bol.orders = []
    assert read(bol, tmp_path, "2026-11-25") == (ApiRead(0, "2026-11-25"), [])


def test_a_read_that_is_cut_off_goes_on_with_the_whole_of_its_last_day(bol: Bol, tmp_path: Path) -> None:
    # Signing in, the days before, the two pages of the 20th twice, and its first two orders: then a limit that does not end.
    n_days = (datetime(2026, 11, 20) - datetime.fromisoformat(FIRST_DAY)).days
    bol.faults.extend([None] * (1 + n_days + 4 + 2) + [LIMITED] * 6)
    with pytest.raises(SourceShapeError, match=r"is at its limit \(429\), and asks to wait 7 seconds"):
        read(bol, tmp_path)
    bol.asked.clear()
    # An order that changes on a later day meanwhile does not move the place to go on from.
    assert read(bol, tmp_path)[1] == ["A3", "A2", "A1", "A25"]
    assert days(bol)[0] == "2026-11-20"


@pytest.mark.parametrize(("seconds", "n_tokens"), [(299, 1), (0, 93 + 4)])
def test_a_token_that_ends_is_changed_for_another(bol: Bol, tmp_path: Path, seconds: int, n_tokens: int) -> None:
    bol.seconds = seconds
    assert len(read(bol, tmp_path)[1]) == 4
    assert bol.lent == n_tokens


def test_a_secret_that_is_not_known_is_one_line_without_it(bol: Bol, tmp_path: Path) -> None:
    place = place_of(bol)
    bol.token = "client:another"
    with pytest.raises(
        SourceShapeError, match=r"refuses the token \(401\); set one that may read: the client id"
    ) as caught:
        read_api(place, "orders", reader="one", after=None, target=tmp_path / "x", keeping=Keeping(tmp_path), now=NOW)
    assert TOKEN not in str(caught.value)


def test_signing_in_is_at_another_address_unless_the_configuration_names_one() -> None:
    assert tools.TOOLS["bol"].sign_in is not None
    assert tools.TOOLS["bol"].sign_in.address == "https://login.bol.com"
    place = ApiInput.model_validate({"api": "bol", "token": f"client:{TOKEN}"})
    assert label(place, "orders") == "bol api.bol.com orders"


def test_the_last_days_are_no_full_snapshot() -> None:
    place = {"api": "bol", "token": f"client:{TOKEN}"}
    source = {"name": "bol", "entity": "orders", "preset": "bol", "inputs": {"orders": place}, "full_snapshot": True}
    words = "bol tells of the last 90 days alone, and what is older would count as deleted; leave it out"
    with pytest.raises(ValidationError, match=words):
        SourceSettings.model_validate(source)


def stage(bol: Bol, folder: Path, entity: str) -> list[dict[str, Any]]:
    source = SourceSettings(name="bol", entity=entity, preset="bol", inputs={"orders": place_of(bol)})
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR")
    staged = Staged(folder / entity)
    # No key: an order is from nobody.
    (batch,) = stage_source(source, staged.folder, shop=shop, survey=None, key=None, started_at=NOW).batches
    assert batch.is_balanced
    assert batch.rows_rejected == 0
    octets = b"".join(file.read_bytes() for file in staged.folder.rglob("*") if file.is_file())
    assert not any(word in octets for word in (TOKEN.encode(), LENT.encode(), b"Billie", b"verkopen"))
    table = ENTITIES[entity]
    return staged.valid(table).collect().sort(table.key).to_dicts()


def orders_of_every_kind() -> list[dict[str, Any]]:
    """Open; sent, with a promotion and a piece cancelled; cancelled; of two items that changed when the clock did."""
    third = {"quantity": 3, "quantityShipped": 2, "quantityCancelled": 1, "unitPrice": 10.00, "totalPrice": 27.00}
    none = {"quantityShipped": 0, "quantityCancelled": 2}
    summer = {"latestChangedDateTime": "2026-10-25T02:50:00+02:00", "offer": {}, "totalPrice": 5, "unitPrice": 2.50}
    return [
        order(1, item(1, "2026-11-20", quantityShipped=0)),
        order(2, item(2, "2026-11-20", **third)),
        order(3, item(3, "2026-11-20", **none)),
        order(4, item(4, "2026-11-20", latestChangedDateTime="2026-10-25T02:10:00+01:00"), item(5, "", **summer)),
    ]


def test_an_order_is_paid_sent_or_cancelled_and_from_nobody(bol: Bol, tmp_path: Path) -> None:
    bol.orders = orders_of_every_kind()
    rows = stage(bol, tmp_path, "orders")
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
    assert [(row["order_id"], row["status"], *(row[name] for name in amounts)) for row in rows] == [
        ("A1", "paid", 2000, 0, 0, 2000),
        # 27.00 were paid for three pieces: 9.00 are given back.
        ("A2", "shipped", 3000, 300, 900, 1800),
        ("A3", "cancelled", 2000, 0, 0, 2000),
        ("A4", "shipped", 2500, 0, 0, 2500),
    ]
    assert {(row["customer_id"], row["email_hash"], row["channel"], row["currency"]) for row in rows} == {
        (None, None, "marketplace", "EUR")
    }
    assert rows[0]["ordered_at"] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    # Ten past two in winter time comes after ten to three in summer time.
    assert rows[3]["updated_at"] == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)


def test_a_line_goes_by_the_reference_of_the_offer_or_by_its_ean(bol: Bol, tmp_path: Path) -> None:
    bol.orders = orders_of_every_kind()
    rows = stage(bol, tmp_path, "order_lines")
    names = ("order_id", "line_number", "product_id", "quantity", "line_amount")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("A1", 1, "KA-1", 2, 2000),
        ("A2", 1, "KA-1", 3, 2700),
        ("A3", 1, "KA-1", 2, 2000),
        ("A4", 1, "KA-1", 2, 2000),
        ("A4", 2, "8717418510749", 2, 500),
    ]
