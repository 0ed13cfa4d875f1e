from pathlib import Path

import pytest

from pipeline.errors import ConfigError, SourceShapeError
from pipeline.sources.mapping import refuse_missing_key, returns_addresses
from pipeline.sources.preset import PRESETS, list_presets
from pipeline.sources.settings import SourceSettings
from pipeline.sources.statements import refuse_all_but_one_select

ADDRESSES = 'select "Order" as order_id, "Mail" as email from orders'


@pytest.mark.parametrize(
    "select",
    [
        ADDRESSES,
        "select email, order_id from orders",
        "with people as (select 1 as n) select orders.EMAIL from orders, people",
        "from orders select lower(mail) as Email union all from older select null",
        "select cast(mail as varchar) as email from orders",
        "select case when mail <> '' then mail end as email from orders limit 5",
    ],
)
def test_a_select_that_names_a_column_email_returns_addresses(select: str) -> None:
    assert returns_addresses(select)


@pytest.mark.parametrize(
    "select",
    [
        "select order_id, mail as customer_id from orders -- no email",
        "select null as email, order_id from orders",
        "select null::varchar as email, order_id from orders",
        "with people as (select mail as email from orders) select order_id from people",
        "select * from orders",
        "from orders",
        "selec email",
        "drop table orders",
        "",
    ],
)
def test_any_other_returns_none_as_far_as_it_can_be_told(select: str) -> None:
    assert not returns_addresses(select)


def test_every_preset_whose_customers_are_addresses_is_known_to_return_them() -> None:
    found = {
        (preset, entity)
        for preset, entities in list_presets().items()
        for entity in entities
        if entity != "surveys" and returns_addresses((PRESETS / preset / f"{entity}.sql").read_text(encoding="utf-8"))
    }
    assert found == {
        ("judgeme", "reviews"),
        ("klaviyo", "touchpoints"),
        ("loox", "reviews"),
        ("magento", "orders"),
        ("shopify", "customers"),
        ("shopify", "orders"),
        ("shopify_customers", "customers"),
        ("trustpilot", "reviews"),
        ("woocommerce", "orders"),
        ("woocommerce_analytics", "orders"),
        ("woocommerce_api", "customers"),
        ("woocommerce_api", "reviews"),
        ("woocommerce_order_export", "orders"),
        ("yotpo", "reviews"),
    }
    for preset in {preset for preset, _ in found}:
        assert "`LOYALTY_PII_KEY` must be set" in (PRESETS / preset / "README.md").read_text(encoding="utf-8")


def sources(folder: Path) -> list[SourceSettings]:
    """Two sources that deliver addresses, one that does not, and one of which only reading tells."""
    (folder / "own.sql").write_text(f"{ADDRESSES};\n")
    (folder / "plain.sql").write_text("select order_id from orders")
    inputs = {"orders": "orders.csv"}
    return [
        SourceSettings(name="plain", entity="orders", mapping=folder / "plain.sql", inputs=inputs),
        SourceSettings(name="own", entity="orders", mapping=folder / "own.sql", inputs=inputs),
        SourceSettings(name="gone", entity="orders", mapping=folder / "gone.sql", inputs=inputs),
        SourceSettings(name="shop", entity="orders", preset="shopify", inputs=inputs),
        SourceSettings(
            name="voice", entity="surveys", survey="care", preset="wide", inputs={"responses": "answers.csv"}
        ),
    ]


def test_without_a_key_the_sources_that_deliver_addresses_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        refuse_missing_key(sources(tmp_path), None)
    assert str(raised.value) == (
        "sources own, shop: the mapping returns e-mail addresses, phone numbers or names, and LOYALTY_PII_KEY is not set; set it to a long secret "
        "text and keep it: another key makes other customers"
    )
    refuse_missing_key(sources(tmp_path), b"a long secret text")


@pytest.mark.parametrize(
    "select",
    [
        "select 1 as a;",
        "from orders -- all of them",
        "with people as (select 1 as a) select a from people",
        "with recursive n as (select 1 as a union all select a + 1 from n where a < 3) from n",
        "values (1)",
        "pivot orders on status in ('paid', 'open') using count(*)",
        "select '; drop table orders' as a, '\"type\":\"DELETE_QUERY_NODE\"' as b",
    ],
)
def test_one_select_may_be_run(select: str) -> None:
    refuse_all_but_one_select(select, "a mapping")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("-- nothing yet", "is empty"),
        ("select 1; select 2", "has 2 statements (SELECT, SELECT)"),
        ("select 1; copy orders to 'copy.csv'", "has 2 statements (SELECT, COPY)"),
        ("copy orders to 'copy.csv'", "has a statement of kind COPY"),
        ("attach 'other.duckdb'", "has a statement of kind ATTACH"),
        ("install excel", "has a statement of kind LOAD"),
        ("pragma database_list", "has a statement of kind PRAGMA"),
        ("set threads = 1", "has a statement of kind SET"),
        ("create table t as select 1", "has a statement of kind CREATE"),
        ("with gone as (delete from orders returning *) from gone", "has a statement of kind DELETE"),
        ("from (with t as (update orders set a = 1 returning *) from t)", "has a statement of kind UPDATE"),
    ],
)
def test_anything_else_is_refused_and_named(text: str, words: str) -> None:
    with pytest.raises(SourceShapeError) as raised:
        refuse_all_but_one_select(text, "a mapping")
    assert str(raised.value) == f"{words}; a mapping must be one SELECT"


def test_a_pivot_without_its_values_is_refused() -> None:
    with pytest.raises(SourceShapeError, match=r"PIVOT that looks for its values by itself; list them with in"):
        refuse_all_but_one_select("pivot orders on status using count(*)", "a mapping")
