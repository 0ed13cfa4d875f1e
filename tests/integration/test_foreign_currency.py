"""A shop in euros that also sells in dollars and pounds: a night without rates, one with them, and one with corrected rates."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from tests.scenario import Shop, configuration

AS_OF = "2026-06-30"
SQL = """
select
    order_id, customer_id, ordered_at, 'paid' as status, currency,
    amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount, _file, _row,
from orders
"""
LINES_SQL = """
select order_id, '1' as line_number, ordered_at, 'mug' as product_id, '1' as quantity, currency, amount as line_amount,
    _file, _row,
from orders
"""
ORDERS = """order_id,customer_id,ordered_at,currency,amount
o1,ann,2026-06-01 12:00:00,EUR,50.00
o2,bob,2026-06-06 12:00:00,USD,100.00
o3,cat,2026-06-07 12:00:00,GBP,20.00
o4,ann,2026-06-08 12:00:00,USD,10.00
"""
ECB = "Date,USD,GBP,\n2026-06-08,1.25,N/A,\n2026-06-05,1.60,N/A,\n"
PLACED = """select order_id, currency, net_amount, original_currency, original_net_amount, invalid_reason
    from marts.fct_orders order by order_id"""
STATES = "select customer_id, state, frequency, monetary from marts.customer_rfm order by 1"
NOTICES = "select n, message from quality.notices where kind = 'orders_without_rate'"


def configure(shop: Shop, /, **changes: object) -> None:
    sources = [
        {"name": name, "entity": name, "mapping": f"{name}.sql", "inputs": {"orders": "orders.csv"}}
        for name in ("orders", "order_lines")
    ]
    shop.config.write_text(yaml.safe_dump(configuration(**changes) | {"sources": sources}))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """After a night without rates."""
    folder: Path = tmp_path_factory.mktemp("shop")
    for name, text in (("orders.sql", SQL), ("order_lines.sql", LINES_SQL), ("orders.csv", ORDERS)):
        (folder / name).write_text(text)
    shop = Shop(folder)
    configure(shop)
    result = shop.run(AS_OF)
    assert result.exit_code == 0, result.output
    return shop


def test_without_rates_nothing_is_rejected_and_the_orders_are_outside_money(shop: Shop) -> None:
    assert shop.query("select count(*) from quality.rejected_rows") == [(0,)]
    assert shop.query(PLACED) == [
        ("o1", "EUR", Decimal("50.00"), None, None, None),
        ("o2", "EUR", 0, "USD", Decimal("100.00"), "no_rate"),
        ("o3", "EUR", 0, "GBP", Decimal("20.00"), "no_rate"),
        ("o4", "EUR", 0, "USD", Decimal("10.00"), "no_rate"),
    ]
    assert shop.query(NOTICES) == [
        (
            3,
            "orders in USD, GBP without a rate for their date: 3 of 4; they have no amount, and are no purchase in any table; give rates under "
            "currency.rates",
        )
    ]


def test_whoever_bought_in_another_currency_is_a_customer_and_no_prospect(shop: Shop) -> None:
    assert shop.query(STATES) == [
        ("ann", "scored", 1, Decimal("50.00")),
        ("bob", "lapsed", 0, 0),
        ("cat", "lapsed", 0, 0),
    ]


def test_rates_that_come_later_give_the_orders_their_value_and_corrected_rates_another(shop: Shop) -> None:
    (shop.folder / "rates.csv").write_text(ECB)
    configure(shop, currency={"rates": "rates.csv"})
    assert shop.run(AS_OF).exit_code == 0
    # Bob's Saturday has Friday's rate: 100 / 1.60. Of pounds there is none.
    assert shop.query(PLACED)[1:] == [
        ("o2", "EUR", Decimal("62.50"), "USD", Decimal("100.00"), None),
        ("o3", "EUR", 0, "GBP", Decimal("20.00"), "no_rate"),
        ("o4", "EUR", Decimal("8.00"), "USD", Decimal("10.00"), None),
    ]
    assert shop.query("select order_id, currency, line_amount from marts.fct_order_lines order by 1") == [
        ("o1", "EUR", Decimal("50.00")),
        ("o2", "EUR", Decimal("62.50")),
        ("o3", "EUR", 0),
        ("o4", "EUR", Decimal("8.00")),
    ]
    assert shop.query(STATES) == [
        ("ann", "scored", 2, Decimal("58.00")),
        ("bob", "scored", 1, Decimal("62.50")),
        ("cat", "lapsed", 0, 0),
    ]
    (shop.folder / "rates.csv").write_text(ECB.replace("1.60", "2.00"))
    assert shop.run(AS_OF).exit_code == 0
    assert shop.query(PLACED)[1][2] == Decimal("50.00")
    assert [n for n, _ in shop.query(NOTICES)] == [1]


def test_after_a_change_of_the_shops_currency_earlier_dates_keep_theirs(shop: Shop) -> None:
    sizes = """select as_of_date::text, currency, sum(net_value) from marts.segment_sizes
        where kind = 'rfm' group by all order by all"""
    cut_points = (
        "select distinct as_of_date::text, currency, method from marts.rfm_cut_points where dimension = 'monetary'"
    )
    ((day, currency, in_euros),) = shop.query(sizes)
    assert (day, currency) == (AS_OF, "EUR")
    (shop.folder / "rates.csv").write_text(ECB)
    dollars = {"name": "Test", "time_zone": "Europe/Amsterdam", "currency": "USD"}
    configure(shop, shop=dollars, currency={"rates": "rates.csv"}, rfm={"freeze_cut_points": True})
    assert shop.run("2026-07-01").exit_code == 0
    # Ann has paid 10 dollars and bob 100; of ann's euros and cat's pounds no rate is as old.
    assert shop.query(sizes) == [(AS_OF, "EUR", in_euros), ("2026-07-01", "USD", 110)]
    assert shop.query(f"{cut_points} order by all") == [(AS_OF, "EUR", "rank"), ("2026-07-01", "USD", "rank")]


def test_a_shop_whose_orders_are_all_in_another_currency_is_not_published_without_money(tmp_path: Path) -> None:
    for name, text in (
        ("orders.sql", SQL),
        ("order_lines.sql", LINES_SQL),
        ("orders.csv", ORDERS.replace("EUR", "USD")),
    ):
        (tmp_path / name).write_text(text)
    shop = Shop(tmp_path)
    configure(shop)
    result = shop.run(AS_OF)
    assert result.exit_code == 1
    assert (
        "shop.currency: all amounts are in GBP, USD, and none is in EUR or has a rate; set the currency of the shop, or give "
        "currency.rates" in " ".join(result.output.split())
    )
    assert not shop.warehouse.exists()


def test_a_faulty_file_of_rates_is_refused_before_anything_runs(shop: Shop) -> None:
    (shop.folder / "faulty.csv").write_text("date,currency,rate\n2026-06-05,UDS,0.8\n")
    configure(shop, currency={"rates": "faulty.csv"})
    result = shop.run(AS_OF)
    assert result.exit_code != 0
    (line,) = result.error_lines
    assert "currency.rates: " in line
    assert "has a rate of 'UDS', which is not a currency" in line
