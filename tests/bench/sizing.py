"""`python -m tests.bench.sizing FOLDER ORDERS… [--alone]`: what a shop of each size costs, for docs/sizing.md: its first night and the one after.

Orders with a line each, a tenth as many customers, and a review and a survey response for one order in ten; `--alone`: orders and nothing
else. No past is computed.
The second night brings up to 20,000 new or changed orders. Each size has its own home in FOLDER, which goes when it is measured.
"""

import argparse
import shutil
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

from pipeline.sizes import bytes_in
from tests.bench import AS_OF, TIME_ZONE
from tests.bench.measure import MIB, Cost, measure
from tests.bench.shop import ITEMS, change, generate, speak

MONEY = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
MAPPINGS = {
    "orders": f"select * exclude (source, batch_id) replace ({', '.join(f'{name} / 100 as {name}' for name in MONEY)}) from orders",
    "order_lines": "select * exclude (source, batch_id) replace (line_amount / 100 as line_amount) from order_lines",
    "customers": "select * exclude (source, batch_id) from customers",
    "reviews": "select * exclude (source, batch_id) from reviews",
    "surveys": "select * from surveys",
}
ROLES = {
    "satisfaction": {"role": "satisfaction", "scale": [1, 5]},
    "repurchase": {"role": "repurchase", "scale": [1, 5]},
    "recommend": {"role": "recommend", "scale": [0, 10], "nps": True},
}
PARTS = ("lake", "work", "editions", "dagster")


def main() -> None:
    """Measure each size, and print a line of a table for it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sizing", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("orders", type=int, nargs="+")
    parser.add_argument("--alone", action="store_true", help="orders and nothing else")
    given = parser.parse_args()
    names = ("orders", "first CPU s", "first peak MiB", "next CPU s", "next peak MiB", "file MiB", *PARTS)
    print(" | ".join(names), flush=True)
    for n_orders in given.orders:
        shop = given.folder.resolve() / str(n_orders)
        first, after = _nights(shop, n_orders, are_alone=given.alone)
        figures = [f"{cost:.1f}" if cost < 100 else f"{cost:,.0f}" for cost in (*_told(first), *_told(after))]
        room = [bytes_in(shop / "home" / part) for part in PARTS]
        file = (shop / "home" / "warehouse.duckdb").stat().st_size
        print(" | ".join([f"{n_orders:,}", *figures, *(f"{size / MIB:,.0f}" for size in (file, *room))]), flush=True)
        shutil.rmtree(shop)


def _told(cost: Cost) -> tuple[float, float]:
    return cost.cpu_seconds, cost.peak_bytes / MIB


def _nights(shop: Path, n_orders: int, *, are_alone: bool) -> tuple[Cost, Cost]:
    write = write_orders if are_alone else write_shop
    write(shop, n_orders)
    first = _night(shop, AS_OF)
    change(str(shop / "orders.parquet"), str(shop / "orders_of_the_day.parquet"))
    return first, _night(shop, AS_OF + timedelta(days=1))


def write_orders(shop: Path, n_orders: int) -> None:
    """Write the file of a shop that has so many orders and nothing else, and its configuration, to a new folder."""
    shop.mkdir(parents=True)
    generate(n_orders, str(shop / "orders.parquet"), str(shop / "known.parquet"))
    (shop / "known.parquet").unlink()
    _configure(shop, ["orders"])


def write_shop(shop: Path, n_orders: int) -> None:
    """Write the files of a shop with so many orders, and its configuration, to a new folder."""
    shop.mkdir(parents=True)
    generate(n_orders, str(shop / "orders.parquet"), str(shop / "customers.parquet"))
    speak(str(shop / "orders.parquet"), str(shop / "voices"))
    for name in ("order_lines", "reviews"):
        (shop / "voices" / f"{name}.parquet").rename(shop / f"{name}.parquet")
    with duckdb.connect(config={"threads": 1}) as connection:
        # As a survey tool gives it: a row per response, a column per item.
        connection.execute(
            f"""copy (
                select responses.response_id, customer_id, order_id, submitted_at, answers.* exclude (response_id)
                from '{shop}/voices/survey_responses.parquet' as responses
                join (
                    pivot (select response_id, item_id, value from '{shop}/voices/survey_answers.parquet')
                    on item_id using first(value) group by response_id
                ) as answers on answers.response_id = responses.response_id
            ) to '{shop}/surveys.parquet' (format parquet)"""
        )
    shutil.rmtree(shop / "voices")
    _configure(shop, MAPPINGS, surveys={"care": {"type": "relational", "items": {item: _item(item) for item in ITEMS}}})


def _configure(shop: Path, entities: Iterable[str], **more: object) -> None:
    tree = {
        "shop": {"name": "Sizing", "time_zone": TIME_ZONE, "currency": "EUR"},
        "history": "none",
        "sources": [_source(shop, entity) for entity in entities],
        **more,
    }
    (shop / "loyalty.yaml").write_text(yaml.safe_dump(tree))


def _item(name: str) -> dict[str, object]:
    return ROLES.get(name, {"construct": name, "scale": [1, 5]})


def _source(shop: Path, entity: str) -> dict[str, object]:
    (shop / f"{entity}.sql").write_text(MAPPINGS[entity])
    survey = {"survey": "care"} if entity == "surveys" else {}
    inputs = {entity: str(shop / f"{entity}*.parquet")}
    return {"name": f"shop_{entity}", "entity": entity, "mapping": f"{entity}.sql", "inputs": inputs, **survey}


def _night(shop: Path, as_of: date) -> Cost:
    loyalty = str(Path(sys.executable).with_name("loyalty"))
    command = [loyalty, "run", "--config", str(shop / "loyalty.yaml"), "--as-of", str(as_of)]
    cost, _ = measure(command, {"LOYALTY_HOME": str(shop / "home")})
    print(f"{shop.name}, {as_of}: {cost}", file=sys.stderr, flush=True)
    return cost


if __name__ == "__main__":
    main()
