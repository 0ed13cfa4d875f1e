import csv
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.batches import Batch, Staged
from pipeline.sources.preset import PRESETS, list_presets, load_preset
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES

KEY = b"a long secret text"
STARTED_AT = datetime(2026, 1, 6, 2, tzinfo=UTC)

EXPORTS = (
    *("shopify", "shopify_customers", "shopify_products", "woocommerce"),
    *("woocommerce_analytics", "woocommerce_order_export", "magento"),
    *("judgeme", "loox", "yotpo", "trustpilot"),
)
PUBLIC_DATA = ("demo", "olist", "online_retail")
BY_API = ("woocommerce_api", "magento_lines", "bol")
MAPPINGS = [(preset, entity) for preset in EXPORTS for entity in list_presets()[preset]]
REQUIRED = [
    (preset, column) for preset in EXPORTS for told in load_preset(preset).inputs.values() for column in told.required
]

Row = dict[str, str]


@dataclass(frozen=True)
class Result:
    """What became of a file: the batch, its valid rows by key, and the reasons and raw rows of the rejected ones."""

    batch: Batch
    valid: dict[Any, dict[str, Any]]
    reasons: list[str]
    raw: list[Any]


def input_of(preset: str) -> str:
    (name,) = load_preset(preset).inputs
    return name


def example(preset: str) -> list[Row]:
    """The records of a preset's example file."""
    with (PRESETS / preset / f"example_{input_of(preset)}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def stage(
    folder: Path,
    preset: str,
    entity: str,
    rows: Sequence[Row],
    columns: Sequence[str] | None = None,
    dates: str | None = None,
) -> Result:
    """Load `rows` as a file with `columns` (those of the rows, unless told) in a euro shop in Amsterdam."""
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns or list(rows[0]), extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
    more = {"dates": dates} if dates else {}
    source = SourceSettings(name="shop", entity=entity, preset=preset, inputs={input_of(preset): str(file)}, **more)
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR")
    staged = Staged(folder / "staged")
    (batch,) = stage_source(source, staged.folder, shop=shop, survey=None, key=KEY, started_at=STARTED_AT).batches
    assert batch.is_balanced
    table = ENTITIES[entity]
    valid = staged.valid(table).collect().drop("source", "batch_id", "exported_at")
    rejected = staged.rejected().collect().sort("row_number", "reasons")
    keys = valid.select(table.key).rows() if len(table.key) > 1 else valid[table.key[0]].to_list()
    return Result(
        batch,
        dict(zip(keys, valid.to_dicts(), strict=True)),
        rejected["reasons"].to_list(),
        [json.loads(raw) for raw in rejected["raw"]],
    )


def columns_of(result: Result, *names: str) -> dict[Any, tuple[Any, ...]]:
    """The values of some columns by key."""
    return {key: tuple(row[name] for name in names) for key, row in result.valid.items()}


def assert_rejected(result: Result, beginnings: Sequence[str]) -> None:
    assert result.batch.rows_valid == 0
    for reasons, beginning in zip(result.reasons, beginnings, strict=True):
        assert reasons.startswith(beginning)


def person(email: str) -> str:
    return hmac.new(KEY, email.encode(), "sha256").hexdigest()


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


def without(rows: Sequence[Row], *names: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


# All presets


def test_every_preset_has_its_page_its_description_and_a_mapping() -> None:
    for preset in (*EXPORTS, *PUBLIC_DATA, *BY_API):
        assert load_preset(preset).inputs
        assert list_presets()[preset]
        assert (PRESETS / preset / "README.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("preset", EXPORTS)
def test_an_example_file_has_every_required_column(preset: str) -> None:
    assert set(load_preset(preset).inputs[input_of(preset)].required) <= set(example(preset)[0])


@pytest.mark.parametrize(
    ("preset", "entity"), [(preset, e) for preset in (*EXPORTS, *PUBLIC_DATA, *BY_API) for e in list_presets()[preset]]
)
def test_a_mapping_names_only_columns_that_its_preset_tells_of(preset: str, entity: str) -> None:
    connection = duckdb.connect()
    for name, told in load_preset(preset).inputs.items():
        columns = ", ".join(f'"{column}" varchar' for column in [*told.required, *told.optional, *told.of_api])
        connection.execute(f'create table "{name}" ({columns}, _file varchar, _row bigint)')
    mapping = (PRESETS / preset / f"{entity}.sql").read_text(encoding="utf-8")
    assert connection.execute(mapping).fetchall() == []


@pytest.mark.parametrize("preset", [*EXPORTS, *PUBLIC_DATA, *BY_API])
def test_a_required_column_is_one_that_a_mapping_uses(preset: str) -> None:
    mappings = "".join(file.read_text(encoding="utf-8") for file in (PRESETS / preset).glob("*.sql"))
    for told in load_preset(preset).inputs.values():
        assert [column for column in told.required if not re.search(rf"\b{re.escape(column)}", mappings)] == []


@pytest.mark.parametrize(("preset", "column"), REQUIRED)
def test_a_file_without_a_required_column_is_refused_by_its_name(tmp_path: Path, preset: str, column: str) -> None:
    with pytest.raises(SourceShapeError, match=rf"column {re.escape(column)} is missing; it has "):
        stage(tmp_path, preset, list_presets()[preset][0], without(example(preset), column))


@pytest.mark.parametrize(("preset", "entity"), MAPPINGS)
def test_columns_in_another_order_and_case_give_the_same_rows(tmp_path: Path, preset: str, entity: str) -> None:
    rows = example(preset)
    expected = stage(tmp_path, preset, entity, rows)
    shuffled = [{name.upper(): row[name] for name in reversed(row)} for row in rows]
    result = stage(tmp_path, preset, entity, shuffled)
    assert result.valid == expected.valid
    assert result.reasons == expected.reasons


@pytest.mark.parametrize(
    ("preset", "entity", "rows_mapped"),
    [
        ("shopify", "orders", 10),
        ("shopify", "order_lines", 13),
        # A row per order with an address; that of the test gateway can no longer be told.
        ("shopify", "customers", 9),
        ("shopify_customers", "customers", 7),
        ("shopify_products", "products", 7),
        ("woocommerce", "orders", 9),
        ("woocommerce", "order_lines", 0),
        ("woocommerce_analytics", "orders", 7),
        ("woocommerce_order_export", "orders", 6),
        ("woocommerce_order_export", "order_lines", 0),
        ("magento", "orders", 10),
        ("judgeme", "reviews", 7),
        ("loox", "reviews", 6),
        ("yotpo", "reviews", 6),
        ("trustpilot", "reviews", 5),
    ],
)
def test_a_file_with_nothing_but_the_required_columns_is_mapped(
    tmp_path: Path, preset: str, entity: str, rows_mapped: int
) -> None:
    required = load_preset(preset).inputs[input_of(preset)].required
    assert stage(tmp_path, preset, entity, example(preset), required).batch.rows_mapped == rows_mapped


@pytest.mark.parametrize("preset", [name for name in EXPORTS if {"orders", "reviews"} & {*list_presets()[name]}])
def test_a_rejected_row_shows_nobody(tmp_path: Path, preset: str) -> None:
    dates = {
        "Created at",
        "order_date",
        "Order Date",
        "Purchase Date",
        "review_date",
        "date",
        "Date",
        "Review Created (UTC)",
    }
    rows = [row | {name: "soon" for name in row if name in dates and row[name]} for row in example(preset)]
    entity = next(name for name in ("orders", "reviews") if name in list_presets()[preset])
    result = stage(tmp_path, preset, entity, rows)
    assert result.batch.rows_valid == 0
    assert result.batch.rows_rejected >= 5
    shown = json.dumps([result.reasons, result.raw])
    people = (
        "Voorbeeld",
        "Beispiel",
        "Ejemplo",
        "Exemple",
        "Ann",
        "Bert",
        "Carla",
        "Gijs",
        "@",
        "straat",
        "192.0.2",
        "+31",
    )
    assert [word for word in people if word in shown] == []


# Shopify


def test_a_shopify_order_has_the_amounts_and_the_status_that_its_rows_add_up_to(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify", "orders", example("shopify"))
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
    assert columns_of(result, "status", *amounts) == {
        "#1001": ("shipped", 3498, 0, 0, 3498),
        "#1002": ("paid", 5800, 500, 0, 5300),
        "#1003": ("shipped", 3000, 600, 800, 1600),
        "#1004": ("pending", 3400, 600, 0, 2800),
        "#1005": ("shipped", 2000, 0, 0, 2000),
        "#1006": ("returned", 4000, 0, 4000, 0),
        "#1007": ("cancelled", 2500, 0, 0, 2500),
        "#1008": ("shipped", 1850, 0, 0, 1850),
    }
    assert result.batch.excluded_by_reason == {"test order": 1}
    assert result.reasons == ["status: is not one of pending, paid, shipped, delivered, cancelled, returned"]


def test_a_shopify_order_is_placed_at_a_moment_by_a_person_and_promises_nothing(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify", "orders", example("shopify"))
    assert columns_of(result, "ordered_at", "customer_id", "channel", "promised_at", "delivered_at")["#1003"] == (
        utc(2025, 10, 2, 20, 9, 34),
        person("ann@example.com"),
        "web",
        None,
        None,
    )
    # The address is spelled with capitals; half past two came twice that night.
    assert columns_of(result, "ordered_at", "customer_id")["#1002"] == (
        utc(2025, 10, 26, 1, 30),
        person("bert@example.com"),
    )
    assert columns_of(result, "customer_id", "channel")["#1005"] == (None, "store")


def test_the_price_of_a_shopify_line_is_read_so_that_its_order_adds_up(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify", "order_lines", example("shopify"))
    assert columns_of(result, "product_id", "quantity", "line_amount") == {
        ("#1001", 1): ("KA-2", 2, 1998),
        ("#1001", 2): ("MO-1", 1, 1000),
        # Lines of 52.00, a subtotal of 47.00: the discount of 5.00 is on the order.
        ("#1002", 1): ("MO-1", 2, 3200),
        ("#1002", 2): ("TA-1", 1, 2000),
        # 3 x 10.00 less 6.00 on the line is the subtotal of 24.00.
        ("#1003", 1): ("KA-1", 3, 2400),
        # 2 x 12.00 is the subtotal: the price is already less the discount of 6.00.
        ("#1004", 1): ("TA-1", 2, 2400),
        # 15.00 and 5.00 are the subtotal of 20.00: the price is that of all three pieces.
        ("#1005", 1): ("KT-1", 3, 1500),
        ("#1005", 2): ("Lint", 1, 500),
        ("#1006", 1): ("MO-1", 2, 4000),
        ("#1007", 1): ("TA-1", 1, 2500),
        # No reading gives the subtotal of 18.50: the documented one is kept.
        ("#1008", 1): ("MO-1", 1, 2000),
        ("#1010", 1): ("KA-1", 1, 900),
    }
    assert result.batch.excluded_by_reason == {"line of a test order": 1}
    assert result.valid["#1005", 2]["ordered_at"] == utc(2025, 10, 16, 14, 45)
    assert result.valid["#1005", 2]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("price", "line_discount", "order_discount", "subtotal"),
    [
        # Of all three pieces: less the discount of the line, with it taken off already, less one on the order only.
        ("30.00", "6.00", "6.00", "24.00"),
        ("24.00", "6.00", "6.00", "24.00"),
        ("24.00", "0.00", "5.00", "19.00"),
        # Of one piece, with the discount of the line taken off already, less one on the order.
        ("8.00", "6.00", "11.00", "13.00"),
    ],
)
def test_a_shopify_price_is_read_with_every_discount_that_it_can_have(
    tmp_path: Path, price: str, line_discount: str, order_discount: str, subtotal: str
) -> None:
    order = next(row for row in example("shopify") if row["Name"] == "#1003") | {
        "Lineitem price": price,
        "Lineitem discount": line_discount,
        "Discount Amount": order_discount,
        "Subtotal": subtotal,
    }
    result = stage(tmp_path, "shopify", "order_lines", [order])
    assert columns_of(result, "line_amount") == {("#1003", 1): (2400,)}


def test_a_tip_is_paid_and_is_no_line_of_a_shopify_order(tmp_path: Path) -> None:
    # 3 pieces for 30.00 in all and a tip of 4.00: Subtotal is without the tip, Total is with it.
    order = next(row for row in example("shopify") if row["Name"] == "#1003")
    amounts = {"Subtotal": "30.00", "Shipping": "0.00", "Taxes": "0.00", "Total": "34.00", "Discount Amount": "0.00"}
    line = {"Lineitem quantity": "3", "Lineitem price": "30.00", "Lineitem discount": "0.00"}
    of_order = {"Financial Status": "paid", "Refunded Amount": "0.00", "Outstanding Balance": "0.00"}
    first = order | amounts | line | of_order
    tip = dict.fromkeys(order, "") | {"Name": "#1003", "Email": order["Email"], "Created at": order["Created at"]}
    tip |= {"Lineitem quantity": "1", "Lineitem name": "Tip", "Lineitem price": "4.00", "Lineitem discount": "0.00"}
    lines = stage(tmp_path, "shopify", "order_lines", [first, tip])
    assert columns_of(lines, "product_id", "line_amount") == {("#1003", 1): ("KA-1", 3000)}
    assert lines.batch.excluded_by_reason == {"tip": 1}
    assert columns_of(stage(tmp_path, "shopify", "orders", [first, tip]), "net_amount") == {"#1003": (3400,)}


@pytest.mark.parametrize(
    ("given", "net_amount"),
    [
        # Duties of 3.98 are in Total and in no other amount.
        ({"Subtotal": "164.02", "Shipping": "34.88", "Taxes": "34.49", "Total": "237.37", "Duties": "3.98"}, 23737),
        # Paid with a gift card, alone or in part: Total is all that was bought.
        ({"Total": "110.00", "Payment Method": "Gift Card + Stripe"}, 11000),
        ({"Total": "124.00", "Payment Method": "Gift Card"}, 12400),
        # Shipping alone was given back.
        (
            {
                "Subtotal": "148.00",
                "Shipping": "32.92",
                "Total": "180.92",
                "Refunded Amount": "32.92",
                "Financial Status": "partially_refunded",
            },
            14800,
        ),
    ],
)
def test_duties_and_gift_cards_are_paid_and_a_refund_of_shipping_alone_is_taken_off(
    tmp_path: Path, given: dict[str, str], net_amount: int
) -> None:
    base = {"Financial Status": "paid", "Refunded Amount": "0", "Outstanding Balance": "0", "Discount Amount": "0"}
    result = stage(tmp_path, "shopify", "orders", [example("shopify")[-2] | base | given])
    assert columns_of(result, "net_amount") == {"#1001": (net_amount,)}


def test_a_rejected_shopify_line_is_kept_with_all_rows_of_its_order(tmp_path: Path) -> None:
    rows = [
        row | {"Lineitem price": "free"} if row["Lineitem sku"] == "TA-1" and row["Name"] == "#1002" else row
        for row in example("shopify")
    ]
    result = stage(tmp_path, "shopify", "order_lines", rows)
    assert result.reasons == ["line_amount: is not an amount with at most two decimals"]
    assert [row["Lineitem sku"] for row in result.raw[0]] == ["MO-1", "TA-1"]
    assert result.valid["#1002", 1]["line_amount"] == 3200


def test_a_shopify_customer_is_as_the_newest_order_shows_them(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify", "customers", example("shopify"))
    assert columns_of(result, "country", "accepts_marketing", "updated_at") == {
        person("ann@example.com"): ("NL", False, utc(2025, 10, 2, 20, 9, 34)),
        person("bert@example.com"): ("DE", True, utc(2025, 10, 26, 1, 30)),
        person("carla@example.com"): ("ES", False, utc(2025, 10, 15, 8)),
        person("dirk@example.com"): ("BE", False, utc(2025, 10, 17, 6)),
        person("eva@example.com"): ("FR", False, utc(2025, 10, 18, 6)),
        person("fred@example.org"): (None, False, utc(2025, 10, 20, 10)),
    }


@pytest.mark.parametrize(
    ("dates", "older", "newer"),
    [
        (None, "2026-01-05 10:00:00 +0100", "2026-02-05 10:00:00 +0100"),
        (None, "2026-01-05 10:00", "2026-02-05 10:00"),
        (None, "2026-01-05T10:00:00+01:00", "2026-02-05T09:00:00Z"),
        # Amsterdam, where the shop is, has 10:00:01 then.
        (None, "2026-02-05 10:00", "2026-02-05T09:00:01Z"),
        ("day-first", "05/01/2026 10:00", "05/02/2026 10:00"),
    ],
)
@pytest.mark.parametrize("is_newest_first", [True, False])
def test_the_newest_consent_of_a_shopify_customer_counts_in_every_spelling_of_a_time(
    tmp_path: Path, dates: str | None, older: str, newer: str, is_newest_first: bool
) -> None:
    one = example("shopify")[0] | {"Email": "ann@example.com"}
    yes = one | {"Name": "#1", "Id": "1", "Created at": older, "Accepts Marketing": "yes", "Billing Country": "NL"}
    no = one | {"Name": "#2", "Id": "2", "Created at": newer, "Accepts Marketing": "no", "Billing Country": "BE"}
    rows = [no, yes] if is_newest_first else [yes, no]
    result = stage(tmp_path, "shopify", "customers", rows, dates=dates)
    moment = utc(2026, 2, 5, 9, 0, 1) if newer.endswith("09:00:01Z") else utc(2026, 2, 5, 9)
    assert columns_of(result, "accepts_marketing", "country", "updated_at") == {
        person("ann@example.com"): (False, "BE", moment)
    }
    assert (result.batch.rows_superseded, result.reasons) == (1, [])


def test_a_consent_of_an_unreadable_time_is_rejected_and_what_is_no_address_once(tmp_path: Path) -> None:
    one = example("shopify")[0] | {"Accepts Marketing": "no", "Billing Country": "NL"}
    rows = [
        one | {"Name": "#1", "Id": "1", "Email": "ann@example.com", "Created at": "5 Feb"},
        one
        | {"Name": "#2", "Id": "2", "Email": "ann@example.com", "Created at": "2026-01-05", "Accepts Marketing": "yes"},
        one | {"Name": "#3", "Id": "3", "Email": "ann", "Created at": "2026-01-05"},
        one | {"Name": "#4", "Id": "4", "Email": "ann", "Created at": "2026-01-06"},
        one | {"Name": "#5", "Id": "5", "Email": "deleted@site.invalid", "Created at": "2026-01-06"},
    ]
    result = stage(tmp_path, "shopify", "customers", rows)
    assert columns_of(result, "accepts_marketing") == {person("ann@example.com"): (True,)}
    assert result.reasons == ["updated_at: is not a date", "customer_id: is missing; email: is not an e-mail address"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        # 100 paid, 40 given back as a later discount; 50 added and never charged; 30 of 100 given back, nothing owed.
        (("partially_refunded", "60", "40", "40", "-40", "web"), (10000, 0, 6000, None)),
        (("paid", "150", "0", "0", "50", "web"), (10000, 0, 10000, None)),
        (("partially_refunded", "100", "0", "30", "0", "web"), (10000, 3000, 7000, None)),
        # Charged 0.01 too much; an edited order of which 998.75 was paid and given back.
        (("paid", "406.58", "0", "0", "-0.01", "web"), (40659, 0, 40659, None)),
        (("refunded", "1175", "0", "998.75", "176.25", "web"), (99875, 99875, 0, None)),
        # Not settled: an app's order that was paid elsewhere, a refund that is owed again, more given back than there was.
        (("paid", "45", "0", "0", "45", "3426665"), (4500, 0, 4500, True)),
        (("partially_refunded", "100", "0", "30", "30", "web"), (10000, 3000, 7000, True)),
        (("refunded", "100", "0", "100", "100", "web"), (10000, 10000, 0, True)),
        # An older export has no such column, and of an order that nobody paid all is owed.
        (("paid", "45", "0", "0", "", "web"), (4500, 0, 4500, None)),
        (("pending", "45", "0", "0", "45", "web"), (4500, 0, 4500, None)),
    ],
)
def test_what_is_still_owed_of_a_shopify_order_was_not_paid(
    tmp_path: Path, given: tuple[str, ...], wanted: tuple[int | bool | None, ...]
) -> None:
    names = ("Financial Status", "Total", "Discount Amount", "Refunded Amount", "Outstanding Balance", "Source")
    order = example("shopify")[-2] | dict(zip(names, given, strict=True))
    result = stage(tmp_path, "shopify", "orders", [order])
    shown = columns_of(result, "gross_amount", "refund_amount", "net_amount", "is_net_unsettled")["#1001"]
    assert shown == wanted


def test_a_shopify_order_said_to_be_paid_of_which_all_is_owed_is_pending(tmp_path: Path) -> None:
    order = example("shopify")[-2] | {"Total": "45.00", "Outstanding Balance": "45.00", "Source": "web"}
    result = stage(tmp_path, "shopify", "orders", [order])
    assert columns_of(result, "status", "net_amount") == {"#1001": ("pending", 0)}


def test_two_shopify_orders_of_one_name_never_melt_into_one(tmp_path: Path) -> None:
    first = example("shopify")[-2:]
    other_shop = [row | {"Id": row["Id"] and "9901", "Total": row["Total"] and "99.00"} for row in first]
    result = stage(tmp_path, "shopify", "orders", [*first, *other_shop])
    assert columns_of(result, "net_amount") == {"#1001": (3498,)}
    (reason,) = result.reasons
    assert reason.startswith("source_id: another one comes under the same order_id; ")
    lines = stage(tmp_path, "shopify", "order_lines", [*first, *other_shop])
    assert (lines.batch.rows_valid, lines.batch.rows_rejected) == (2, 2)


@pytest.mark.parametrize(
    ("given", "source_id"), [("5701", "5701"), ("'5701", "5701"), ("5701.0", "5701"), ("5.7E+12", None), ("", None)]
)
def test_a_shopify_id_is_its_digits_and_what_a_spreadsheet_made_of_it_is_none(
    tmp_path: Path, given: str, source_id: str | None
) -> None:
    order = example("shopify")[-2] | {"Id": given}
    for entity in ("orders", "order_lines"):
        assert [row["source_id"] for row in stage(tmp_path, "shopify", entity, [order]).valid.values()] == [source_id]


def test_payment_makes_the_status_of_a_shopify_order_and_shipping_refines_it(tmp_path: Path) -> None:
    expected = {
        ("paid", ""): "paid",
        ("paid", "unfulfilled"): "paid",
        ("paid", "partial"): "paid",
        ("paid", "restocked"): "paid",
        ("PAID", "Fulfilled"): "shipped",
        ("partially_refunded", "on_hold"): "paid",
        ("partially_refunded", "fulfilled"): "shipped",
        ("refunded", "fulfilled"): "returned",
        ("authorized", "fulfilled"): "pending",
        ("partially_paid", "fulfilled"): "pending",
        ("pending", "unfulfilled"): "pending",
        ("expired", "unfulfilled"): "pending",
        ("voided", "unfulfilled"): "cancelled",
    }
    order = example("shopify")[2]
    rows = [
        order | {"Name": f"{payment} {fulfilment}", "Financial Status": payment, "Fulfillment Status": fulfilment}
        for payment, fulfilment in expected
    ]
    result = stage(tmp_path, "shopify", "orders", rows)
    # Names are trimmed.
    assert columns_of(result, "status") == {
        f"{payment} {fulfilment}".strip(): (status,) for (payment, fulfilment), status in expected.items()
    }


def test_what_a_shopify_mapping_cannot_read_is_rejected_with_its_words(tmp_path: Path) -> None:
    expected = [
        ({"Fulfillment Status": "teleported"}, "status: is not one of"),
        ({"Financial Status": ""}, "status: is missing"),
        ({"Total": "1.234,50"}, "gross_amount: is not an amount"),
        ({"Total": "18.505"}, "gross_amount: is not an amount"),
        ({"Total": ""}, "gross_amount: is missing"),
        ({"Discount Amount": "10%"}, "discount_amount: is not an amount"),
        ({"Refunded Amount": "all"}, "refund_amount: is not an amount"),
        ({"Created at": "yesterday"}, "ordered_at: is not a date"),
    ]
    order = example("shopify")[2]
    rows = [order | {"Name": f"#{number}"} | changes for number, (changes, _) in enumerate(expected)]
    assert_rejected(stage(tmp_path, "shopify", "orders", rows), [reason for _, reason in expected])


# Shopify's customers


def test_a_shopify_customer_is_known_by_id_and_address_or_by_the_phone_number_that_orders_name(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify_customers", "customers", example("shopify_customers"))
    shown = ("email_hash", "country", "accepts_marketing", "stated_orders", "stated_spent_amount")
    assert columns_of(result, *shown) == {
        "7000000000001": (person("ann@example.com"), "NL", True, 2, 5098),
        "7000000000002": (person("bert@example.com"), "DE", False, 2, 7150),
        person("+34911234567"): (None, "ES", False, 1, 2800),
        "7000000000004": (None, None, True, 0, 0),
        person("eva@example.com"): (person("eva@example.com"), "FR", True, 0, 0),
    }
    assert result.batch.excluded_by_reason == {"no id, address or phone number": 1}
    # A spreadsheet has made 7.00000E+12 of the id; it is the consent that is not read.
    assert result.reasons == ["accepts_marketing: is not yes or no"]
    assert not any(word in json.dumps(result.raw) for word in ("Gwen", "@"))


# Shopify products


def test_a_variant_of_a_shopify_product_goes_by_its_sku_or_by_the_name_that_order_lines_have(tmp_path: Path) -> None:
    result = stage(tmp_path, "shopify_products", "products", example("shopify_products"))
    assert columns_of(result, "product_name", "category", "currency", "price_amount", "discounted_amount") == {
        "KA-1": ("Kaars", "Kaarsen", "EUR", 1250, 1000),
        "KA-2": ("Kaars", "Kaarsen", "EUR", 1600, None),
        # A comparison with the price itself, or with a lower one, is no discount.
        "4711": ("Mok", "Mugs", "EUR", 1000, None),
        "Lint": ("Lint", None, "EUR", 500, None),
        "Tas - Blauw": ("Tas", "Tassen", "EUR", 2400, None),
    }
    assert result.batch.excluded_by_reason == {"row without a variant": 1}
    assert result.reasons == ["price_amount: is not an amount with at most two decimals"]


def test_shopifys_newer_headers_of_products_are_known(tmp_path: Path) -> None:
    newer = {
        "Handle": "URL handle",
        "Variant SKU": "SKU",
        "Variant Price": "Price",
        "Variant Compare At Price": "Compare-at price",
        "Product Category": "Product category",
    }
    rows = [{newer.get(name, name): value for name, value in row.items()} for row in example("shopify_products")]
    expected = stage(tmp_path, "shopify_products", "products", example("shopify_products"))
    assert stage(tmp_path, "shopify_products", "products", rows).valid == expected.valid


# WooCommerce


def test_a_woocommerce_order_has_its_amounts_refunds_and_status(tmp_path: Path) -> None:
    result = stage(tmp_path, "woocommerce", "orders", example("woocommerce"))
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
    assert columns_of(result, "status", *amounts, "refunded_at") == {
        "5001": ("shipped", 5510, 300, 0, 5210, None),
        "5002": ("paid", 2000, 0, 0, 2000, None),
        "5003": ("shipped", 4000, 0, 1250, 2750, utc(2025, 10, 7, 8, 30)),
        "5004": ("returned", 1500, 0, 1500, 0, utc(2025, 10, 6, 6)),
        "5005": ("pending", 900, 0, 0, 900, None),
        "5006": ("cancelled", 3000, 0, 0, 3000, None),
        "5008": ("shipped", 2700, 0, 0, 2700, None),
    }
    assert result.batch.excluded_by_reason == {"checkout draft": 1}
    assert result.reasons == ["status: is not one of pending, paid, shipped, delivered, cancelled, returned"]


def test_a_woocommerce_guest_is_known_by_the_address_and_an_account_by_its_number(tmp_path: Path) -> None:
    result = stage(tmp_path, "woocommerce", "orders", example("woocommerce"))
    guest = person("gast@example.org")
    assert columns_of(result, "customer_id", "email_hash")["5002"] == (guest, guest)
    assert columns_of(result, "customer_id", "email_hash")["5001"] == ("12", person("anna@example.com"))


def test_erased_people_of_woocommerce_are_nobody_and_join_no_accounts(tmp_path: Path) -> None:
    rows = [dict(row) for row in example("woocommerce")]
    for row in rows:
        row |= {"customer_email": "", "billing_email": "deleted@site.invalid", "billing_phone": "0-000-000-0000"}
    result = stage(tmp_path, "woocommerce", "orders", rows)
    accounts = {row["order_number"]: (None if row["customer_id"] == "0" else row["customer_id"], None) for row in rows}
    assert columns_of(result, "customer_id", "email_hash") == {key: accounts[key] for key in result.valid}
    assert {("12", None), (None, None)} <= set(accounts.values())


def test_woocommerce_orders_of_two_sites_are_told_apart_by_their_minute_where_the_ids_are_alike(tmp_path: Path) -> None:
    first = example("woocommerce")[0]
    moved = first | {"order_date": "2025-10-01 08:00:00", "status": "refunded"}
    other_site = first | {"order_date": "2025-12-24 23:17:00"}
    for entity, n_rows in (("orders", 1), ("order_lines", 2)):
        result = stage(tmp_path, "woocommerce", entity, [first, other_site])
        assert (result.batch.rows_valid, result.batch.rejected_by_rule) == (n_rows, {"source_id": n_rows})
        assert {row["source_id"] for row in result.valid.values()} == {"9001 :00"}
        # The site's time zone has changed, and the status: the same order.
        assert stage(tmp_path, "woocommerce", entity, [first, moved]).batch.rejected_by_rule.keys() <= {
            " ".join(ENTITIES[entity].key)
        }


def test_woocommerce_times_are_the_shops_own_in_summer_and_winter(tmp_path: Path) -> None:
    result = stage(tmp_path, "woocommerce", "orders", example("woocommerce"))
    assert result.valid["5001"]["ordered_at"] == utc(2025, 10, 1, 8)
    assert result.valid["5008"]["ordered_at"] == utc(2025, 10, 26, 13)


WOOCOMMERCE_LINES = {
    ("5001", 1): ("OO-1", 2, 3000),
    ("5001", 2): ("AZ-1", 1, 1200),
    ("5002", 1): ("33", 4, 2000),
    ("5003", 1): ("AZ-1", 2, 2400),
    ("5003", 2): ("PE-1", 4, 1600),
    ("5004", 1): ("PE-1", 3, 1500),
    ("5005", 1): ("33", 1, 900),
    ("5006", 1): ("OO-1", 2, 3000),
    ("5008", 1): ("33", 1, 500),
    ("5008", 2): ("PE-1", 2, 1000),
    ("5008", 3): ("AZ-1", 1, 1200),
    ("5009", 1): ("PE-1", 1, 1100),
}


@pytest.mark.parametrize("left_out", ["nothing", "line_item_", "Product Item "])
def test_woocommerce_lines_are_read_packed_spread_or_both(tmp_path: Path, left_out: str) -> None:
    rows = example("woocommerce")
    rows = without(rows, *(name for name in rows[0] if name.startswith(left_out)))
    result = stage(tmp_path, "woocommerce", "order_lines", rows)
    assert columns_of(result, "product_id", "quantity", "line_amount") == WOOCOMMERCE_LINES
    assert result.batch.excluded_by_reason == {"line of a checkout draft": 1}


def test_a_woocommerce_file_can_have_any_number_of_lines_sideways(tmp_path: Path) -> None:
    packed = "name:Peper|product_id:34|sku:PE-1|quantity:1|total:4.00|sub_total:4.00"
    row = example("woocommerce")[0] | {f"line_item_{number}": packed for number in range(1, 13)}
    result = stage(tmp_path, "woocommerce", "order_lines", [row])
    assert [number for _, number in sorted(result.valid)] == list(range(1, 13))
    assert sum(line["line_amount"] for line in result.valid.values()) == 4800


def test_what_a_woocommerce_mapping_cannot_read_is_rejected_with_its_words(tmp_path: Path) -> None:
    expected = [
        ({"refund_items": "amount:some|reason:Mw. Jansen|date:2025-10-05 09:00:00"}, "refund_amount: is not"),
        ({"refund_items": "5.00"}, "refund_amount: is not"),
        ({"order_total": "52,10"}, "gross_amount: is not"),
        ({"discount_total": "3,00"}, "discount_amount: is not"),
        ({"customer_email": "anna at example"}, "email: is not an e-mail address"),
    ]
    order = example("woocommerce")[0]
    rows = [order | {"order_number": str(number)} | changes for number, (changes, _) in enumerate(expected)]
    assert_rejected(stage(tmp_path, "woocommerce", "orders", rows), [reason for _, reason in expected])


def test_a_woocommerce_discount_is_found_under_its_older_name(tmp_path: Path) -> None:
    rows = without(example("woocommerce")[:1], "discount_total")
    assert columns_of(stage(tmp_path, "woocommerce", "orders", rows), "gross_amount") == {"5001": (5510,)}


# WooCommerce Analytics

ANALYTICS = {
    # Taxes and shipping are in none of them.
    "6001": ("shipped", 123079, 0, 123079, None),
    "6002": ("paid", 1653, 653, 1000, utc(2025, 10, 7, 8, 30)),
    "6003": ("returned", 1500, 1500, 0, utc(2025, 10, 6, 6)),
    "6004": ("pending", 900, 0, 900, None),
    "6005": ("cancelled", 2479, 0, 2479, None),
}
AMOUNTS = ("gross_amount", "refund_amount", "net_amount", "refunded_at")


def test_an_order_of_woocommerce_analytics_is_its_own_row_less_its_refunds(tmp_path: Path) -> None:
    result = stage(tmp_path, "woocommerce_analytics", "orders", example("woocommerce_analytics"))
    assert columns_of(result, "status", *AMOUNTS) == ANALYTICS
    assert result.valid["6002"]["ordered_at"] == utc(2025, 10, 2, 9, 15, 30)
    assert result.batch.excluded_by_reason == {"refund of an order that is not in the file": 1}
    # Another file has the order, which it does not replace.
    left_out = Staged(tmp_path / "staged").left_out(ENTITIES["orders"])
    assert left_out is not None
    assert left_out.collect().is_empty()
    assert result.reasons == ["status: is not one of pending, paid, shipped, delivered, cancelled, returned"]


def test_a_refund_of_shipping_alone_is_not_taken_for_the_order_of_woocommerce_analytics(tmp_path: Path) -> None:
    """Net Sales is without shipping, so the refund's own row, the newer and first one, is 0."""
    order = next(row for row in example("woocommerce_analytics") if row["Order #"] == "6002")
    refund = order | {"Date": "2025-11-30 08:00:00", "Status": "completed", "Net Sales": "0"}
    result = stage(tmp_path, "woocommerce_analytics", "orders", [refund, order])
    assert columns_of(result, "status", "ordered_at", "refunded_at") == {
        "6002": ("paid", utc(2025, 10, 2, 9, 15, 30), None)
    }


def test_a_customer_of_woocommerce_analytics_is_a_name_that_nobody_can_read(tmp_path: Path) -> None:
    result = stage(tmp_path, "woocommerce_analytics", "orders", example("woocommerce_analytics"))
    assert columns_of(result, "customer_id", "email_hash") == {
        "6001": (person("ann voorbeeld"), None),
        "6002": (person("bert voorbeeld"), None),
        "6003": (person("carla 't voorbeeld"), None),
        "6004": (None, None),
        "6005": (person("ann voorbeeld"), None),
    }


def test_erased_people_of_woocommerce_analytics_are_nobody(tmp_path: Path) -> None:
    rows = [row | {"Customer": "[gelöscht] [gelöscht]"} for row in example("woocommerce_analytics")]
    result = stage(tmp_path, "woocommerce_analytics", "orders", rows)
    assert {row["customer_id"] for row in result.valid.values()} == {None}


# What the browser writes has other columns, and a tab before a minus.
BROWSER = {
    "en": "Date,Order #,Status,Customer,Customer type,Payment method,Product(s),Items sold,Coupon(s),Net sales,Attribution",
    "nl": "Datum,Bestelnummer,Status,Klant,Klanttype,Betaalmethode,Product(en),Verkochte artikelen,Waardebon(nen),Netto omzet,Bron",
}


@pytest.mark.parametrize("language", BROWSER)
def test_the_file_that_the_browser_saves_gives_the_same_orders(tmp_path: Path, language: str) -> None:
    names = BROWSER[language].split(",")
    rows = [
        dict(
            zip(
                names,
                [
                    row["Date"],
                    row["Order #"],
                    row["Status"],
                    row["Customer"],
                    row["Customer type"],
                    "iDEAL",
                    row["Product(s)"],
                    row["Items sold"],
                    row["Coupon(s)"],
                    row["Net Sales"].replace("'", "\t"),
                    row["Attribution"],
                ],
                strict=True,
            )
        )
        for row in example("woocommerce_analytics")
    ]
    result = stage(tmp_path, "woocommerce_analytics", "orders", rows)
    assert columns_of(result, "status", *AMOUNTS) == ANALYTICS


def test_an_amount_of_woocommerce_analytics_that_is_none_is_rejected_with_its_words(tmp_path: Path) -> None:
    order = example("woocommerce_analytics")[0]
    wrong = [
        ("1.230,79", "gross_amount: is not"),
        ("12.345", "gross_amount: is not"),
        ("", "gross_amount: is missing"),
    ]
    rows = [order | {"Order #": str(number), "Net Sales": amount} for number, (amount, _) in enumerate(wrong)]
    assert_rejected(stage(tmp_path, "woocommerce_analytics", "orders", rows), [reason for _, reason in wrong])


# Advanced Order Export for WooCommerce

ORDER_EXPORT = {
    "7001": ("shipped", 5510, 300, 0, 5210),
    "7002": ("paid", 2000, 0, 500, 1500),
    "7003": ("returned", 1452, 0, 1452, 0),
    "7004": ("pending", 900, 0, 0, 900),
    "7005": ("cancelled", 968, 0, 0, 968),
}
ORDER_AMOUNTS = ("gross_amount", "discount_amount", "refund_amount", "net_amount")


def test_the_totals_of_an_order_count_once_on_however_many_rows_they_stand(tmp_path: Path) -> None:
    rows = example("woocommerce_order_export")
    result = stage(tmp_path, "woocommerce_order_export", "orders", rows)
    assert columns_of(result, "status", *ORDER_AMOUNTS) == ORDER_EXPORT
    assert columns_of(result, "customer_id", "ordered_at")["7001"] == (person("ann@example.com"), utc(2025, 10, 1, 8))
    assert result.reasons == ["status: is not one of pending, paid, shipped, delivered, cancelled, returned"]
    # Set so, the plugin writes them on the first row of an order only.
    of_product = {"Order Number", "SKU", "Item #", "Item Name", "Quantity (- Refund)", "Item Cost"}
    sparse = [
        {name: value if row["Item #"] == "1" or name in of_product else "" for name, value in row.items()}
        for row in rows
    ]
    result = stage(tmp_path, "woocommerce_order_export", "orders", sparse)
    assert columns_of(result, "status", *ORDER_AMOUNTS) == ORDER_EXPORT


def test_an_order_whose_rows_differ_is_rejected(tmp_path: Path) -> None:
    first, second = example("woocommerce_order_export")[5:7]
    result = stage(tmp_path, "woocommerce_order_export", "orders", [first, second | {"Order Total Amount": "9"}])
    assert result.batch.rows_valid == 0
    assert result.reasons[0].startswith("gross_amount: is not an amount")


def test_products_of_an_order_are_its_lines_and_a_coupon_alone_is_none(tmp_path: Path) -> None:
    rows = example("woocommerce_order_export")
    result = stage(tmp_path, "woocommerce_order_export", "order_lines", rows)
    assert columns_of(result, "product_id", "quantity", "line_amount", "currency") == {
        ("7001", 1): ("OO-1", 2, 3000, "EUR"),
        ("7001", 2): ("AZ-1", 1, 1200, "EUR"),
        ("7002", 1): ("ZO-1", 3, 1239, "EUR"),
        ("7003", 1): ("PE-1", 0, 0, "EUR"),
        ("7004", 1): ("Zout & zeewier", 1, 744, "EUR"),
        ("7005", 1): ("PE-1", 2, 800, "EUR"),
        ("7006", 1): ("PE-1", 1, 400, "EUR"),
    }
    # What can be added to the export counts for more: all pieces, and the line as it was charged.
    more = [row | {"Quantity": "3", "Order Line Total": "10.00", "Currency": "USD"} for row in rows[3:4]]
    result = stage(tmp_path, "woocommerce_order_export", "order_lines", more)
    assert columns_of(result, "quantity", "line_amount", "currency") == {("7003", 1): (3, 1000, "USD")}


def test_an_added_account_and_id_tell_customers_and_sites(tmp_path: Path) -> None:
    more = {"Order ID": "88", "Customer User ID": "12", "Date of first refund": "2025-10-09 08:00"}
    rows = [row | more for row in example("woocommerce_order_export")[4:5]]
    result = stage(tmp_path, "woocommerce_order_export", "orders", rows)
    assert columns_of(result, "source_id", "customer_id", "email_hash", "refunded_at") == {
        "7002": ("88 :15", "12", person("bert@example.com"), utc(2025, 10, 9, 6))
    }


# Magento


def test_a_magento_order_is_read_in_every_spelling_of_the_grid(tmp_path: Path) -> None:
    result = stage(tmp_path, "magento", "orders", example("magento"))
    assert columns_of(result, "ordered_at", "status", "gross_amount", "refund_amount", "net_amount") == {
        "000000101": (utc(2025, 10, 2, 15, 9, 34), "shipped", 123450, 3450, 120000),
        "000000102": (utc(2025, 10, 3, 6), "paid", 125000, 0, 125000),
        # Half past five in the afternoon, on a clock of 24 hours with a PM to it.
        "000000103": (utc(2025, 10, 4, 15, 30), "pending", 1250, 0, 1250),
        # Half past midnight, still in summer time.
        "000000104": (utc(2025, 10, 25, 22, 30), "returned", 8000, 8000, 0),
        # All of it was refunded, in another currency.
        "000000106": (utc(2025, 10, 7, 8), "returned", 5000, 5000, 0),
        "000000108": (utc(2025, 10, 9, 8), "cancelled", 3000, 0, 3000),
        "000000109": (utc(2025, 10, 9, 22, 15), "pending", 1999, 0, 1999),
        # In pounds, as it is.
        "000000110": (utc(2025, 10, 11, 8), "shipped", 2000, 0, 2000),
    }
    assert result.reasons == [
        "refund_amount: is not an amount with at most two decimals",
        "gross_amount: is not an amount with at most two decimals; "
        "net_amount: is not an amount with at most two decimals",
    ]
    currencies = {name: row["currency"] for name, row in result.valid.items()}
    assert {name for name, currency in currencies.items() if currency != "EUR"} == {"000000110"}
    assert currencies["000000110"] == "GBP"
    assert result.valid["000000109"]["customer_id"] == result.valid["000000101"]["customer_id"]


def magento_orders(texts: Sequence[str], name: str) -> list[Row]:
    """One order for each text in a column."""
    return [example("magento")[7] | {"ID": str(number), name: text} for number, text in enumerate(texts)]


def test_a_magento_amount_that_can_only_be_one_number_is_read(tmp_path: Path) -> None:
    expected = {
        "1234.5000": 123450,
        "1234.5": 123450,
        "1234": 123400,
        "1,234.50": 123450,
        "1,234,567.00 €": 123456700,
        "1.234.567,00 €": 123456700,
        "1 234,50 €": 123450,
        "1\u202f234,50\u00a0€": 123450,
        "€ 0,99": 99,
    }
    rows = magento_orders(list(expected), "Grand Total (Base)")
    result = stage(tmp_path, "magento", "orders", rows)
    assert [row["net_amount"] for row in result.valid.values()] == list(expected.values())


def test_a_magento_amount_that_can_be_two_numbers_or_none_is_rejected(tmp_path: Path) -> None:
    texts = ["1,234", "1.234 €", "12,345.6.7", "1,23,456.00", "free", "1.50 CHF"]
    result = stage(tmp_path, "magento", "orders", magento_orders(texts, "Grand Total (Base)"))
    assert [reasons.split(";")[0] for reasons in result.reasons] == [
        "gross_amount: is not an amount with at most two decimals" for text in texts
    ]


def test_a_magento_amount_in_dollars_is_none_in_euros(tmp_path: Path) -> None:
    row = example("magento")[7] | {"Grand Total (Base)": "$30.00", "Grand Total (Purchased)": "$30.00"}
    assert stage(tmp_path, "magento", "orders", [row]).reasons == ["currency: is not a three-letter currency code"]


def test_a_magento_status_is_read_as_a_label_or_a_code(tmp_path: Path) -> None:
    expected = {
        "Pending Payment": "pending",
        "payment_review": "pending",
        "Suspected Fraud": "pending",
        "On Hold": "pending",
        "processing": "paid",
        "complete": "shipped",
    }
    result = stage(tmp_path, "magento", "orders", magento_orders(list(expected), "Status"))
    assert [row["status"] for row in result.valid.values()] == list(expected.values())


def test_a_magento_status_or_date_of_the_shops_own_is_rejected_with_its_words(tmp_path: Path) -> None:
    row = example("magento")[7] | {"Status": "Wacht op lak", "Purchase Date": "9 okt. 2025"}
    assert stage(tmp_path, "magento", "orders", [row]).reasons == [
        "ordered_at: is not a date; status: is not one of pending, paid, shipped, delivered, cancelled, returned"
    ]


def test_magento_orders_of_two_shops_are_told_apart_by_the_minute_and_second_of_purchase(tmp_path: Path) -> None:
    first = next(row for row in example("magento") if row["ID"] == "000000101")
    other_shop = first | {"Purchase Date": "Dec 24, 2025 5:10:34 PM"}
    result = stage(tmp_path, "magento", "orders", [first, other_shop])
    assert columns_of(result, "source_id") == {"000000101": ("09:34",)}
    assert result.batch.rejected_by_rule == {"source_id": 1}
    in_utc = first | {"Purchase Date": "2025-10-02 15:09:34"}
    assert stage(tmp_path, "magento", "orders", [first, in_utc]).batch.rejected_by_rule == {"order_id": 1}


# Reviews


def reviews(result: Result, *names: str) -> list[tuple[Any, ...]]:
    """The values of some columns, sorted: for exports without a review number."""
    return sorted((tuple(row[name] for name in names) for row in result.valid.values()), key=str)


def test_a_judgeme_review_has_its_text_its_writer_and_the_shops_reply(tmp_path: Path) -> None:
    result = stage(tmp_path, "judgeme", "reviews", example("judgeme"))
    assert reviews(result, "body", "rating", "product_id", "customer_id", "created_at", "replied_at") == [
        (
            "Brandt lang,\nruikt goed.",
            5.0,
            "701",
            person("ann@example.com"),
            utc(2024, 5, 3, 7, 15, 12),
            utc(2024, 5, 4, 9),
        ),
        ("Goed", 5.0, "tas", person("eva@example.com"), utc(2024, 6, 4, 10), None),
        # The address is Judge.me's own.
        ("Klein", 3.0, "702", None, utc(2024, 6, 2, 10), None),
        *sorted(
            (
                ("Prima", 4.0, "701", person("bert@example.com"), utc(2024, 5, 2, 22), None),
                ("Prima", 4.0, "701", person("carla@example.com"), utc(2024, 5, 2, 22), None),
            ),
            key=str,
        ),
    ]
    assert result.batch.excluded_by_reason == {"spam": 1}
    assert result.reasons == ["rating: is outside rating_min to rating_max"]


@pytest.mark.parametrize(("preset", "address"), [("judgeme", "reviewer_email"), ("yotpo", "Email")])
def test_a_made_review_number_depends_on_no_order_of_rows_and_tells_nothing_of_the_writer(
    tmp_path: Path, preset: str, address: str
) -> None:
    rows = example(preset)
    first = columns_of(stage(tmp_path, preset, "reviews", rows), "body", "customer_id")
    again = columns_of(stage(tmp_path, preset, "reviews", rows[::-1]), "body", "customer_id")
    assert again == first
    others = [row | {address: row[address].replace("example.com", "example.net")} for row in rows]
    assert set(stage(tmp_path, preset, "reviews", others).valid) == set(first)


def test_a_loox_review_is_kept_shown_or_hidden(tmp_path: Path) -> None:
    result = stage(tmp_path, "loox", "reviews", example("loox"))
    assert columns_of(result, "rating", "product_id", "customer_id", "created_at", "is_verified") == {
        "LX1": (5.0, "8123", person("ann@example.com"), utc(2024, 11, 5, 8), True),
        "LX2": (1.0, "8123", person("bert@example.com"), utc(2024, 11, 5, 23), True),
        "LX3": (4.0, "8124", None, utc(2024, 6, 30, 22), False),
    }
    assert result.batch.excluded_by_reason == {"spam": 1}
    assert result.reasons == ["created_at: is not a date", "rating: is missing"]


def test_yotpo_reviews_of_one_wording_are_as_many_as_their_writers(tmp_path: Path) -> None:
    result = stage(tmp_path, "yotpo", "reviews", example("yotpo"))
    great = ("Great!", 5.0, "P1", utc(2024, 3, 1, 23))
    assert reviews(result, "body", "rating", "product_id", "created_at") == [
        ("Doet wat het moet", 5.0, "P1", utc(2024, 3, 1, 9, 30)),
        great,
        great,
        ('Te duur "voor wat het is"', 2.0, "P2", utc(2024, 3, 3, 13)),
    ]
    verified = {row["customer_id"]: row["is_verified"] for row in result.valid.values()}
    assert verified == {
        person("ann@example.com"): True,
        person("bert@example.com"): True,
        person("carla@example.com"): False,
        None: False,
    }
    duplicate, no_date = result.reasons
    assert duplicate.endswith("is a duplicate of another row of this batch")
    assert no_date == "created_at: is not a date"


SPELLINGS = {
    "2026-01-05 09:05": (9, 5),
    "2026-01-05 9:05": (9, 5),
    "2026-01-05 9:05:00": (9, 5),
    "2026-1-5 09:05": (9, 5),
    "2026-01-05  09:05": (9, 5),
    " 2026-01-05T09:05 ": (9, 5),
    "2026-01-05T09:05:00": (9, 5),
    "2026-01-05T9:05:00.500": (9, 5, 0, 500000),
    "2026-01-05 09:05:00.000": (9, 5),
    "2026-01-05": (0,),
}
"""5 January 2026 as exports and spreadsheets spell it, and its hour and what follows."""


def test_trustpilot_times_are_utc_in_every_spelling(tmp_path: Path) -> None:
    rows = [
        example("trustpilot")[0]
        | {"Review Id": str(number), "Review Created (UTC)": text, "Company Reply Date (UTC)": text}
        for number, text in enumerate([*SPELLINGS, "2026-01-05 10:05:00+01:00", "2026-01-05T09:05:00Z"])
    ]
    moments = [utc(2026, 1, 5, *clock) for clock in [*SPELLINGS.values(), (9, 5), (9, 5)]]
    result = stage(tmp_path, "trustpilot", "reviews", rows)
    assert columns_of(result, "created_at", "replied_at") == {
        str(number): (moment, moment) for number, moment in enumerate(moments)
    }


@pytest.mark.parametrize("reply", ["Company Reply Date (UTC)", "Business Reply Date (UTC)"])
def test_a_trustpilot_review_is_of_an_order_and_its_times_are_utc(tmp_path: Path, reply: str) -> None:
    rows = [
        {name.replace("Company Reply Date (UTC)", reply): value for name, value in row.items()}
        for row in example("trustpilot")
    ]
    result = stage(tmp_path, "trustpilot", "reviews", rows)
    assert columns_of(result, "order_id", "customer_id", "rating", "created_at", "replied_at") == {
        "TP1": ("1001", person("ann@example.com"), 5.0, utc(2025, 1, 2, 23, 30), utc(2025, 1, 3, 9)),
        "TP2": (None, None, 1.0, utc(2025, 7, 2, 22, 30), None),
        "TP3": ("1004", person("carla@example.com"), 3.0, utc(2025, 7, 3, 8, 15), None),
    }
    assert result.reasons == [
        "rating: is outside rating_min to rating_max",
        "created_at: is not a date",
    ]
    assert {(row["title"], row["product_id"]) for row in result.valid.values()} == {
        ("Snel", None),
        ("Slecht", None),
        ("Okay", None),
    }
