"""`init --from` and `check` with APIs. The servers are the tests' own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.sources.apis import tools
from tests.api_servers import TOKEN, Bol, JudgeMe, Server, Shopify, Typeform, WooCommerce, two_a_page
from tests.integration.test_api_bol import item as bol_item
from tests.integration.test_api_bol import order as bol_order
from tests.integration.test_api_inputs import review
from tests.integration.test_api_shopify import order
from tests.integration.test_api_typeform import FIELDS, HIDDEN, response
from tests.integration.test_api_woocommerce import order as woo_order
from tests.scenario import Result, Shop

KEY = "a long secret of this shop"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Server]]:
    """A shop, its reviews and its survey, where the tools' own addresses would be."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    answers = [
        response(number, answers={"f1": 5, "f2": 4, "f3": 9}, email=f"p{number}@example.com") for number in range(1, 9)
    ]
    # bol.com tells of the last days only.
    today = datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    items = [bol_item(number, f"{today - timedelta(days=1)}") for number in range(1, 9)]
    found: dict[str, Server] = {
        "bol": Bol(orders=[bol_order(number, one) for number, one in enumerate(items, 1)], last_day=f"{today}"),
        "shopify": Shopify(orders=[order(number) for number in range(1, 9)]),
        "woocommerce": WooCommerce(orders=[woo_order(number) for number in range(1, 9)]),
        "judgeme": JudgeMe(reviews=[review(number) for number in range(8, 0, -1)]),
        "typeform": Typeform(fields=FIELDS, hidden=HIDDEN, items=answers),
    }
    with ExitStack() as stack:
        for name, server in found.items():
            stack.enter_context(server.running())
            tool = replace(tools.TOOLS[name], address=server.address)
            if tool.sign_in and tool.sign_in.address:
                tool = replace(tool, sign_in=replace(tool.sign_in, address=server.address))
            monkeypatch.setitem(tools.TOOLS, name, tool)
            monkeypatch.setenv(f"{name.upper()}_TOKEN", server.token)
        yield found


def init(folder: Path, *tools_read: str, shop: str = "my-shop", form: str | None = None) -> Result:
    options = [option for tool in tools_read for option in ("--from", tool)]
    more = ["--form", form] if form else []
    result = CliRunner().invoke(app, ["init", str(folder), *options, "--shop", shop, *more])
    assert TOKEN not in result.output
    return Result(result.exit_code, result.output)


@pytest.mark.usefixtures("servers")
def test_init_writes_the_sources_of_tools_that_check_then_goes_through(tmp_path: Path) -> None:
    assert init(tmp_path, "shopify", "typeform", form="u6nXL7").exit_code == 0
    text = (tmp_path / "loyalty.yaml").read_text()
    tree = yaml.safe_load(text)
    found = {(source["entity"], source["preset"]): source["inputs"] for source in tree["sources"]}
    place = {"api": "shopify", "shop": "my-shop", "token": "${SHOPIFY_TOKEN}"}
    form = {"api": "typeform", "form": "u6nXL7", "token": "${TYPEFORM_TOKEN}"}
    assert found == {
        ("orders", "shopify"): {"orders": place},
        ("order_lines", "shopify"): {"orders": place},
        ("customers", "shopify_customers"): {"customers": place},
        ("products", "shopify_products"): {"products": place},
        ("surveys", "typeform"): {"responses": form},
    }
    assert (tree["shop"]["currency"], tree["shop"]["country"]) == ("EUR", "NL")
    assert "How likely are you to recommend us?" in tree["surveys"]["typeform_surveys"]["items"]
    assert TOKEN not in text
    assert "example.com" not in text
    result = Shop(tmp_path, {"LOYALTY_PII_KEY": KEY}).loyalty("check")
    assert result.exit_code == 0
    lines = " ".join(result.output.split())
    assert "token has the scopes read_orders, read_customers, read_products" in lines
    assert (
        "token lacks read_all_orders; it needs read_orders, and read_all_orders for those older than 60 days" in lines
    )
    # 50 orders a page, six pages a minute.
    assert "first run 8 orders, about a minute by the limit of shopify" in lines
    assert "token may read responses; typeform does not tell what else" in lines
    assert TOKEN not in result.output


@pytest.mark.usefixtures("servers")
def test_init_asks_woocommerce_and_judgeme_by_the_domain_of_the_shop(tmp_path: Path) -> None:
    assert init(tmp_path, "woocommerce", "judgeme", shop="shop.example.com").exit_code == 0
    text = (tmp_path / "loyalty.yaml").read_text()
    found = {(source["entity"], source["preset"]): source["inputs"] for source in yaml.safe_load(text)["sources"]}
    woo = {"api": "woocommerce", "shop": "shop.example.com", "token": "${WOOCOMMERCE_TOKEN}"}
    judgeme = {"api": "judgeme", "shop": "shop.example.com", "token": "${JUDGEME_TOKEN}"}
    assert found == {
        ("orders", "woocommerce"): {"orders": woo},
        ("order_lines", "woocommerce"): {"orders": woo},
        ("customers", "woocommerce_api"): {"customers": woo},
        ("products", "woocommerce_api"): {"products": woo},
        ("reviews", "woocommerce_api"): {"reviews": woo},
        ("reviews", "judgeme"): {"reviews": judgeme},
    }
    assert TOKEN not in text


@pytest.mark.usefixtures("servers")
def test_orders_of_bol_come_beside_those_of_a_shop_as_alone_they_name_nobody(tmp_path: Path) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    alone.mkdir()
    beside.mkdir()
    assert CliRunner().invoke(app, ["init", str(alone), "--from", "bol"]).exit_code == 0
    checked = Shop(alone, {}).loyalty("check")
    assert checked.exit_code == 1
    lines = " ".join(checked.output.split())
    assert "no order names a customer" in lines
    assert "token may read orders; bol does not tell what else" in lines
    assert init(beside, "bol", "woocommerce", shop="shop.example.com").exit_code == 0
    text = (beside / "loyalty.yaml").read_text()
    place = {"api": "bol", "token": "${BOL_TOKEN}"}
    found = [(one["entity"], one["inputs"]) for one in yaml.safe_load(text)["sources"] if one["preset"] == "bol"]
    assert sorted(found, key=str) == [("order_lines", {"orders": place}), ("orders", {"orders": place})]
    assert TOKEN not in text + checked.output


def test_check_says_how_long_a_first_run_takes_and_what_a_token_may_do_beyond_reading(
    servers: dict[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert init(tmp_path, "shopify").exit_code == 0
    shopify = servers["shopify"]
    assert isinstance(shopify, Shopify)
    shopify.scopes = ("read_orders", "read_all_orders", "read_products", "write_products")
    monkeypatch.setitem(tools.TOOLS, "shopify", replace(two_a_page("shopify"), requests_per_minute=1))
    result = Shop(tmp_path, {"LOYALTY_PII_KEY": KEY}).loyalty("check")
    lines = " ".join(result.output.split())
    assert "a sample, the first 2 rows of shopify" in lines
    assert "first run 8 orders, about 4 minutes by the limit of shopify" in lines
    assert "token may change things (write_products); make one that only reads" in lines
    # The customers are not to be read: it is told, and the run would fail.
    assert "refuses the token (Access denied for customers field." in lines
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("tool", "shop", "words"),
    [
        ("loox", "my-shop", f"--from 'loox' is not one of {', '.join(tools.TOOLS)}"),
        ("shopify", "my shop", "--from shopify: --shop 'my shop' is not a shop of Shopify, such as my-shop"),
        ("typeform", "my-shop", "--from typeform: --form is missing; typeform needs it"),
    ],
)
def test_init_refuses_what_it_cannot_ask(
    servers: dict[str, Server], tmp_path: Path, tool: str, shop: str, words: str
) -> None:
    result = init(tmp_path, tool, shop=shop)
    assert result.error_lines == [f"error: {words}"]
    assert list(tmp_path.iterdir()) == []
    assert not any(server.asked for server in servers.values())


def test_init_without_a_token_names_its_variable(
    servers: dict[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUDGEME_TOKEN")
    result = init(tmp_path, "judgeme", shop="my-shop.myshopify.com")
    assert "environment variable JUDGEME_TOKEN is not set" in result.output
    assert not servers["judgeme"].asked
