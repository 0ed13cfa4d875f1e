"""Shopify's list of customers beside its orders: from the folder to the warehouse, with its totals compared."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.configuration import load_settings
from pipeline.core.ingest.personal import pseudonyms
from tests.scenario import Result, Shop

DAY = "2026-06-29"
SECRET = "a long secret text"
ORDERS = """\
Name,Email,Financial Status,Currency,Total,Refunded Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Phone,Id,Cancelled at,Accepts Marketing
#1,ann@example.com,paid,EUR,34.98,0.00,2026-05-01 10:00:00 +0200,1,Mok,34.98,,9000001,,no
#2,ann@example.com,partially_refunded,EUR,24.00,8.00,2026-05-02 10:00:00 +0200,1,Mok,24.00,,9000002,,no
#3,bert@example.com,paid,EUR,53.00,0.00,2026-05-03 10:00:00 +0200,1,Tas,53.00,,9000003,,yes
#4,bert@example.com,voided,EUR,18.50,0.00,2026-05-04 10:00:00 +0200,1,Mok,18.50,,9000004,2026-05-04 11:00:00 +0200,yes
#5,,paid,EUR,28.00,0.00,2026-05-05 10:00:00 +0200,1,Mok,28.00,'+34911234567,9000005,,no
#6,eva@example.com,paid,EUR,10.00,0.00,2026-05-06 10:00:00 +0200,1,Mok,10.00,,9000006,,no
#7,fred@example.org,paid,EUR,5.00,0.00,2026-05-07 10:00:00 +0200,1,Mok,5.00,,9000007,,no
"""
HEADER = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags\n"
)
CUSTOMERS = (
    HEADER
    + """\
'7000000000001,Ann,Vos,Ann@example.com,yes,,,,,,NL,,,,no,50.98,2,,no,
'7000000000002,Bert,Bos,bert@example.com,no,,,,,,DE,,,,no,71.00,2,,no,
'7000000000003,Carla,Ruiz,,no,,,,,,ES,,,'+34911234567,yes,28.00,1,,no,
'7000000000004,Dirk,Smit,dirk@example.com,yes,,,,,,,,,,no,0.00,0,,no,
'7000000000005,Eva,Petit,eva@example.com,yes,,,,,,FR,,,,no,40.00,3,,no,
'7000000000006,Fred,Hall,fred@example.org,yes,,,,,,,,,,no,0.00,0,,no,
"""
)
OLDER = """\
First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,Address2,City,Province,Province Code,Country,Country Code,Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Tags,Note,Tax Exempt
Ann,Vos,Ann@example.com,yes,,,,,,,Netherlands,NL,,,no,50.98,2,,,no
Bert,Bos,bert@example.com,no,,,,,,,Germany,DE,,,no,71.50,2,,,no
Carla,Ruiz,,no,,,,,,,Spain,ES,,+34911234567,yes,28.00,1,,,no
Eva,Petit,eva@example.com,yes,,,,,,,France,FR,,,no,10.00,1,,,no
Fred,Hall,fred@example.org,yes,,,,,,,,,,,no,5.00,1,,,no
"""


def configured(folder: Path, customers: str) -> Shop:
    """A shop of the two exports, configured by `init` alone."""
    folder.mkdir()
    (folder / "orders_export.csv").write_text(ORDERS)
    (folder / "customers_export.csv").write_text(customers)
    written = CliRunner().invoke(app, ["init", str(folder)])
    assert written.exit_code == 0, written.output
    assert "read by no source" not in written.output
    return Shop(folder, {"LOYALTY_PII_KEY": SECRET})


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Result]:
    shop = configured(tmp_path_factory.mktemp("new") / "shop", CUSTOMERS)
    return shop, shop.run(DAY)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Result]:
    """The same of the older layout."""
    shop = configured(tmp_path_factory.mktemp("older") / "shop", OLDER)
    return shop, shop.run(DAY)


def person(address: str) -> str:
    return str(pseudonyms(pl.Series([address]), SECRET.encode()).item())


def test_the_list_stands_for_the_customers_of_the_order_export(night: tuple[Shop, Result]) -> None:
    sources = {(source.preset, source.entity) for source in load_settings(night[0].config).sources}
    assert sources == {("shopify", "orders"), ("shopify", "order_lines"), ("shopify_customers", "customers")}


def test_orders_by_e_mail_and_by_phone_are_those_of_the_list(night: tuple[Shop, Result]) -> None:
    shop, result = night
    assert result.exit_code == 0, result.output
    assert shop.query("select order_id, customer_id from marts.fct_orders order by order_id") == [
        ("#1", "7000000000001"),
        ("#2", "7000000000001"),
        ("#3", "7000000000002"),
        ("#4", "7000000000002"),
        ("#5", person("+34911234567")),
        ("#6", "7000000000005"),
        ("#7", "7000000000006"),
    ]
    assert shop.query(
        "select customer_id, country, may_market from marts.dim_customers where length(customer_id) = 13 order by all"
    ) == [
        ("7000000000001", "NL", True),
        ("7000000000002", "DE", False),
        ("7000000000004", None, True),
        ("7000000000005", "FR", True),
        ("7000000000006", None, True),
    ]


def test_the_totals_of_the_list_are_shown_beside_those_of_the_orders(night: tuple[Shop, Result]) -> None:
    shop, result = night
    shown = shop.query(
        "select right(customer_id, 1), outcome, stated_orders, n_orders, stated_spent_amount::double, spent_amount::double "
        "from quality.customer_totals where length(customer_id) = 13 order by 1"
    )
    # Cancelled orders are counted, refunds are not spent: 34.98 + 24.00 - 8.00, 53.00 + 18.50. Dirk never ordered.
    assert shown == [
        ("1", "agrees", 2, 2, 50.98, 50.98),
        ("2", "spent_differs", 2, 2, 71.0, 71.5),
        ("5", "fewer_orders", 3, 1, 40.0, 10.0),
        ("6", "more_orders", 0, 1, 0.0, 5.0),
    ]
    assert shop.query(
        "select outcome, stated_spent_amount::double from quality.customer_totals where n_orders = 1 and "
        f"customer_id = '{person('+34911234567')}'"
    ) == [("agrees", 28.0)]
    assert shop.query("select n from quality.notices where kind = 'totals_differ'") == [(3,)]
    assert (
        "of 5 customers with orders here or in the shop's own list, 2 (40.0%) have the same totals in both"
        in result.output
    )
    # No figure is altered.
    assert shop.query("select sum(net_amount)::double from marts.fct_orders") == [(165.48,)]


def test_of_the_older_layout_without_ids_the_address_is_the_customer(older: tuple[Shop, Result]) -> None:
    shop, result = older
    assert result.exit_code == 0, result.output
    assert shop.query("select outcome, count(*) from quality.customer_totals group by all") == [("agrees", 5)]
    assert "own list" not in result.output
    assert shop.query("select distinct customer_id from marts.fct_orders where order_id in ('#1', '#2')") == [
        (person("ann@example.com"),)
    ]


def test_a_list_that_a_spreadsheet_has_saved_with_decimal_commas_is_read(
    older: tuple[Shop, Result], tmp_path: Path
) -> None:
    """To the same rows, whose totals a night compares with those of the orders."""
    header, *rows = OLDER.splitlines()
    commas = [
        row.replace(",", ";").replace(".00;", ",00;").replace(".50;", ",50;").replace(".98;", ",98;") for row in rows
    ]
    shop = configured(tmp_path / "shop", "\n".join([header.replace(",", ";"), *commas, ""]))
    shop.ingest(DAY)
    customers = shop.entity("customers")
    assert customers["stated_spent_amount"].drop_nulls().sort().to_list() == [5_00, 10_00, 28_00, 50_98, 71_50]
    assert customers.drop("batch_id").equals(older[0].entity("customers").drop("batch_id"))
