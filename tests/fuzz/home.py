"""`python -m tests.fuzz.home`: searches every byte of a home, and every value of its files, for a person planted in right and
wrong columns, after a good night, a failed night and an erasure. Nothing may be found but what erasure reaches, and then nothing."""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import polars as pl
import yaml

from tests.api_servers import TOKEN, JudgeMe
from tests.scenario import Shop, configuration

KEY = "a long secret of the search"
PLANTED = {
    "address": "saskia.uylenburgh@example.org",
    "other address": "s.u@example.net",
    "name": "Saskia van Uylenburgh",
    "family name": "Uylenburgh",
    "street": "Breestraat 17",
    "town": "Leeuwarden-Huizum",
    "postcode": "8911 QX",
    "phone": "+44 7400 123456",
    "phone without country": "020 624 1111",
    "bank account": "NL91 ABNA 0417 1643 00",
    "company": "Rijn en Dochter",
    "network address": "203.0.113.77",
    "token of an API": TOKEN,
}
"""What no file of a home may hold, in small letters or capitals. Addresses and numbers are from ranges kept for examples."""
ACCOUNT, TEXT = "account-of-saskia", "de bruidsjurk kwam te laat"
"""What the lake keeps until the person is erased."""
HEADER = (
    *("order_id", "account", "ordered_at", "status", "amount", "source", "sku"),
    *(
        "Billing Name",
        "Billing Street",
        "Billing City",
        "Billing Zip",
        "Phone",
        "Email",
        "IBAN",
        "Billing Company",
        "IP",
    ),
)
ORDERS_SQL = """select order_id, account as customer_id, "Email" as email, ordered_at, status, 'EUR' as currency, source as channel,
amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount, _file, _row from orders"""
LINES_SQL = """select order_id, '1' as line_number, ordered_at, sku as product_id, source as category, '1' as quantity,
'EUR' as currency, amount as line_amount, _file, _row from orders"""
REVIEWS_SQL = """select review_id, account as customer_id, stars as rating, '1' as rating_min, '5' as rating_max, text as body,
written_at as created_at, _file, _row from reviews"""
OF_PERSON = tuple(
    PLANTED[what]
    for what in ("name", "street", "town", "postcode", "phone", "address", "bank account", "company", "network address")
)
TEXTS = ("address", "other address", "phone", "phone without country")
"""What is found in a text that is neither free nor an id."""


def _orders(*, n_bad: int) -> Iterator[tuple[str, ...]]:
    nobody = ("",) * len(OF_PERSON)
    for n in range(400):
        day = f"2026-0{1 + n % 6}-10 12:00:00"
        yield (f"o{n:03}", f"c{n // 2:03}", day, "paid", "20.00", "web", f"p{n % 9}", *nobody)
    hers = ("paid", "35.00", "web", "p1")
    yield ("order-of-saskia", ACCOUNT, "2026-06-01 12:00:00", *hers, *OF_PERSON)
    for number in range(n_bad):
        # All personal columns of a rejected row are full, and one value more stands where it does not belong.
        for what, value in PLANTED.items():
            name = f"order-of-saskia-{what.replace(' ', '-')}-{number}"
            yield (name, ACCOUNT, value, *hers, *OF_PERSON)
            yield (f"{name}-s", ACCOUNT, "2026-06-01", f"{value} x", "35.00", "web", "p1", *OF_PERSON)
            yield (f"{name}-a", ACCOUNT, "2026-06-01", "paid", value, "web", "p1", *OF_PERSON)
            yield (f"{name}-e", ACCOUNT, "2026-06-01", *hers, *OF_PERSON[:5], f"{value} x", *OF_PERSON[6:])
            if what in TEXTS:
                yield (f"{name}-t", ACCOUNT, "2026-06-01", "paid", "35.00", f"by {value}", "p1", *OF_PERSON)
            if what in TEXTS[:3]:
                yield (f"{name}-i", f"{value} (old)", "2026-06-01", *hers, *OF_PERSON)
                yield (value, ACCOUNT, "2026-06-01", *hers, *OF_PERSON)
                yield (f"{name}-p", ACCOUNT, "2026-06-01", "paid", "35.00", "web", value, *OF_PERSON)
        yield ("order-of-saskia-broken", ACCOUNT, *OF_PERSON)


def _write(folder: Path, *, n_bad: int) -> None:
    rows = (",".join(f'"{cell}"' for cell in row) for row in (HEADER, *_orders(n_bad=n_bad)))
    (folder / "orders.csv").write_text("\n".join(rows) + "\n")


def make(folder: Path, api: JudgeMe) -> Shop:
    """A shop of 200 customers and the person, who has written reviews that an API gives, too."""
    for name, sql in (("orders", ORDERS_SQL), ("lines", LINES_SQL), ("reviews", REVIEWS_SQL)):
        (folder / f"{name}.sql").write_text(sql)
    _write(folder, n_bad=1)
    reviews = [f"r{n},c{n:03},4,fine,2026-06-10" for n in range(40)]
    reviews += [f"r-1,{ACCOUNT},2,{TEXT},2026-06-11", f"r-2,{ACCOUNT},{PLANTED['name']},{TEXT},2026-06-11"]
    (folder / "reviews.csv").write_text("\n".join(["review_id,account,stars,text,written_at", *reviews]) + "\n")
    sources = [
        {"name": f"of_{entity}", "entity": entity, "mapping": f"{sql}.sql", "inputs": {name: f"{name}.csv"}}
        for entity, sql, name in (
            ("orders", "orders", "orders"),
            ("order_lines", "lines", "orders"),
            ("reviews", "reviews", "reviews"),
        )
    ]
    place = {"api": "judgeme", "shop": "shop.example.com", "token": "${JUDGEME_TOKEN}", "base_url": api.address}
    by_api = {"name": "by_api", "entity": "reviews", "preset": "judgeme", "inputs": {"reviews": place}}
    sources.append(by_api)
    person = {"name": PLANTED["name"], "email": PLANTED["address"], "phone": PLANTED["phone"]}
    day = "2026-06-12T10:00:00+00:00"
    api.reviews = [
        {"id": number, "rating": rating, "created_at": day, "title": "", "body": TEXT, "reviewer": person}
        for number, rating in enumerate((2, 5, "none"), start=1)
    ]
    shop = Shop(folder, {"LOYALTY_PII_KEY": KEY, "JUDGEME_TOKEN": TOKEN})
    tree = configuration(sources=sources, quality={"max_reject_rate": 0.4})
    tree["shop"]["country"] = "NL"
    shop.config.write_text(yaml.safe_dump(tree))
    return shop


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file as its bytes, and as what is packed in it: the values of Parquet, DuckDB and SQLite."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        octets = file.read_bytes()
        yield file, octets
        if octets[:4] == b"PAR1":
            frame = pl.read_parquet(file, hive_partitioning=False)
            yield file, frame.write_ndjson().encode()
        elif octets[8:12] == b"DUCK":
            yield file, "\n".join(_of_duckdb(file)).encode()
        elif octets.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection, suppress(sqlite3.Error):
                yield file, "\n".join(connection.iterdump()).encode()


def _of_duckdb(file: Path) -> Iterator[str]:
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            yield from (str(row) for row in connection.execute(f'from "{schema}"."{table}"').fetchall())


def traces(shop: Shop, wanted: dict[str, str]) -> dict[str, list[str]]:
    """What of the person is in which files of the home."""
    found: dict[str, set[str]] = {}
    for file, content in contents(shop.home):
        small = content.lower()
        for what, text in wanted.items():
            if text.lower().encode() in small:
                found.setdefault(what, set()).add(str(file.relative_to(shop.home)))
    return {what: sorted(files) for what, files in found.items()}


def main() -> int:
    """Print what is found after each step; returns how many of the planted values are found anywhere."""
    n_found = 0
    kept = {"account": ACCOUNT, "text": TEXT}
    with tempfile.TemporaryDirectory() as name, JudgeMe().running() as api:
        assert isinstance(api, JudgeMe)
        shop = make(Path(name), api)
        for step in ("good night", "failed night", "erasure"):
            if step == "failed night":
                _write(shop.folder, n_bad=30)
                # The API gives its first page and then refuses the token.
                api.between = lambda: setattr(api, "token", "another")
            result = shop.loyalty("erase", "--customer", ACCOUNT) if step == "erasure" else shop.run("2026-06-30")
            print(f"{step}: exit code {result.exit_code}; {' '.join(result.error_lines)[:300]}")
            said = {what: ["the screen"] for what, text in PLANTED.items() if text.lower() in result.output.lower()}
            found = traces(shop, PLANTED if step != "erasure" else PLANTED | kept) | said
            n_found += len(found)
            print(f"  {len(found)} of {len(PLANTED)} planted values found {found or ''}")
            if step == "good night":
                print(f"  kept until erasure: {sorted(traces(shop, kept))}")
    return n_found


if __name__ == "__main__":
    sys.exit(main() > 0)
