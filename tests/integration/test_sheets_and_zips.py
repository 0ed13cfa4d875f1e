"""Excel files and .zips from `loyalty init` to the rows of the lake: each as its CSV twin."""

import csv
import shutil
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.configuration import load_settings
from schemas.registry import RECORDS
from tests.excel import write_xlsx
from tests.integration.test_check_and_init import KEY, PRESETS, init
from tests.scenario import HEADER, ORDERS_SQL, Shop, configuration

AS_OF = "2026-06-30"


def cells_of(file: Path) -> list[list[str | None]]:
    with file.open(newline="", encoding="utf-8-sig") as stream:
        return [[cell or None for cell in row] for row in csv.reader(stream)]


def shop_of(folder: Path, place: Any, **changes: Any) -> Shop:
    """A shop whose orders are at a place."""
    (folder / "orders.sql").write_text(ORDERS_SQL)
    tree = configuration(**changes)
    tree["sources"][0]["inputs"] = {"orders": place}
    shop = Shop(folder)
    shop.config.write_text(yaml.safe_dump(tree))
    return shop


def order_rows(n: int) -> list[list[Any]]:
    return [
        [f"o{i}", f"c{i // 2}", f"2026-{1 + i % 6:02}-{1 + i % 28:02} 12:00:00", "paid", 10.5 + i % 50]
        for i in range(n)
    ]


def without_batch(shop: Shop) -> pl.DataFrame:
    return shop.entity("orders").drop("batch_id")


def rejected(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.lake.scan(RECORDS["rejected_rows"]).select("file", "row_number", "reasons", "raw").collect().rows()


def lines_read_by_night(shop: Shop) -> list[int]:
    return shop.lake.scan(RECORDS["batches"]).sort("started_at").collect()["lines_read"].to_list()


def test_orders_of_a_sheet_are_those_of_its_csv_twin_and_are_read_once(tmp_path: Path) -> None:
    header, rows = HEADER.split(","), order_rows(40)
    # The last one names no date.
    rows[-1][2] = "soon"
    shops = []
    for kind in ("sheet", "text"):
        folder = tmp_path / kind
        folder.mkdir()
        if kind == "sheet":
            write_xlsx(folder / "shop.xlsx", {"Orders": [header, *rows], "Notes": [["by hand"]]})
            place: Any = {"path": "shop.xlsx", "sheet": "Orders"}
        else:
            lines = [",".join(map(str, row)) for row in [header, *rows]]
            (folder / "shop.csv").write_text("\n".join(lines) + "\n")
            place = "shop.csv"
        shops.append(shop_of(folder, place, quality={"max_reject_rate": 0.5}))
        shops[-1].ingest(AS_OF)
    sheet, text = shops
    assert without_batch(sheet).equals(without_batch(text))
    assert without_batch(sheet).height == 39
    ((file, row_number, reasons, raw),) = rejected(sheet)
    assert (file, row_number) == (f"{tmp_path / 'sheet' / 'shop.xlsx'} > Orders", 40)
    assert [(reasons, raw)] == [row[2:] for row in rejected(text)]
    # The second night reads nothing, and a file with one order more gives that order.
    sheet.ingest(AS_OF)
    assert lines_read_by_night(sheet) == [40, 0]
    write_xlsx(sheet.config.parent / "shop.xlsx", {"Orders": [header, *order_rows(41)]})
    sheet.ingest(AS_OF)
    assert lines_read_by_night(sheet) == [40, 0, 41]
    assert sheet.entity("orders").height == 41


def test_what_a_zip_holds_beside_is_told_once_and_by_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("a.csv", f"{HEADER}\no1,c1,2026-05-01 12:00:00,paid,1.00\n")
        archive.writestr("old.xls", "x")
    shop = shop_of(tmp_path, "shop.zip")
    words = "shop.zip > old.xls: is not read, as it is an Excel file of the old kind; save it as .xlsx or CSV"
    assert words in " ".join(shop.loyalty("check").output.split())
    told = []
    for _ in range(2):
        shop.ingest(AS_OF)
        told.append(words in capsys.readouterr().err)
    assert told == [True, False]
    assert shop.entity("orders").height == 1


def test_sheets_and_files_of_zips_are_recognised_and_run_as_written(tmp_path: Path) -> None:
    exports = tmp_path / "my-shop"
    exports.mkdir()
    orders, reviews = (
        cells_of(PRESETS / name) for name in ("shopify/example_orders.csv", "judgeme/example_reviews.csv")
    )
    write_xlsx(
        exports / "shop.xlsx", {"Sheet1": [], "Orders": [["Export"], [], *orders], "Reviews": reviews, "About": [["x"]]}
    )
    with zipfile.ZipFile(exports / "reviews.zip", "w") as archive:
        for month in ("2025-01", "2025-02"):
            archive.write(PRESETS / "loox" / "example_reviews.csv", f"data/loox_{month}.csv")
        archive.writestr("old.xls", "x")
    with zipfile.ZipFile(exports / "woo_2025.zip", "w") as archive:
        archive.write(PRESETS / "woocommerce" / "example_orders.csv", "orders-20250131.csv")
    result = init(exports)
    assert result.exit_code == 0, result.output
    tree = yaml.safe_load((exports / "loyalty.yaml").read_text())
    inputs = {one["name"]: next(iter(one["inputs"].values())) for one in tree["sources"]}
    assert inputs == {
        "shopify_orders": {"path": "shop.xlsx", "sheet": "Orders"},
        "shopify_order_lines": {"path": "shop.xlsx", "sheet": "Orders"},
        "shopify_customers": {"path": "shop.xlsx", "sheet": "Orders"},
        "judgeme_reviews": {"path": "shop.xlsx", "sheet": "Reviews"},
        "loox_reviews": {"path": "reviews.zip", "member": "data/loox_[0-9]*.csv"},
        "woocommerce_orders": "woo_2025.zip",
        "woocommerce_order_lines": "woo_2025.zip",
    }
    assert "shop.xlsx > About: is not a known export; it has x" in result.output
    assert "reviews.zip > old.xls: is an Excel file of the old kind; save it as .xlsx or CSV" in result.output
    with (exports / "loyalty.yaml").open("a") as file:
        # The examples are small and hold every fault there is.
        file.write("quality: {max_reject_rate: 0.9}\n")
    shop = Shop(exports, KEY)
    result = shop.loyalty("check")
    words = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert "a run would go through" in words
    assert "shop.xlsx > Orders: the header is row 3; what stands above it is left out" in words
    shop.ingest(AS_OF)
    read = shop.lake.scan(RECORDS["batches"]).filter(pl.col("rows_valid") > 0).collect()["source"]
    assert set(read) == set(inputs)


def test_a_header_below_another_is_found_by_init(tmp_path: Path) -> None:
    orders = cells_of(PRESETS / "shopify" / "example_orders.csv")
    write_xlsx(tmp_path / "shop.xlsx", {"Orders": [["Order", None, "Money", "More"], *orders]})
    assert init(tmp_path).exit_code == 0
    (first, *_) = load_settings(tmp_path / "loyalty.yaml").sources
    assert first.model_dump()["inputs"]["orders"]["header"] == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orders.xls", "is an Excel file of the old kind; save it as .xlsx or CSV"),
        ("orders.ods", "is a LibreOffice sheet; save it as .xlsx or CSV"),
        ("orders.numbers", "is a Numbers sheet; export it as Excel or CSV"),
        ("orders.pdf", "is a PDF, which holds no table; export the data as CSV or Excel"),
        ("orders.json", "is JSON; write it as JSON lines, one object a line, and call it .jsonl"),
        ("orders.7z", "is a .7z archive; unpack it, or make a .zip"),
        ("orders.sketch", "is neither CSV, JSON lines, Parquet nor Excel"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / name).write_text("x")
    assert f"{name}: {words}" in init(folder).output
    shutil.copy(PRESETS / "judgeme" / "example_reviews.csv", folder / "reviews.csv")
    assert f"{name}: {words}" in init(folder).output


def test_a_locked_workbook_is_named_by_init(tmp_path: Path) -> None:
    (tmp_path / "orders.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    words = "orders.xlsx: is an old .xls or locked with a password; save it as .xlsx without one"
    assert words in init(tmp_path).output


def test_a_missing_column_is_told_with_file_and_sheet(tmp_path: Path) -> None:
    header, *rows = cells_of(PRESETS / "judgeme" / "example_reviews.csv")
    write_xlsx(
        tmp_path / "reviews.xlsx",
        {"Export": [[name if name != "rating" else "points" for name in header or []], *rows]},
    )
    source = {"name": "reviews", "entity": "reviews", "preset": "judgeme", "inputs": {"reviews": "reviews.xlsx"}}
    (tmp_path / "orders.csv").write_text(HEADER + "\n")
    shop = shop_of(tmp_path, "orders.csv")
    tree = yaml.safe_load(shop.config.read_text())
    shop.config.write_text(yaml.safe_dump(tree | {"sources": [*tree["sources"], source]}))
    words = " ".join(Shop(tmp_path, KEY).loyalty("check").output.split())
    assert (
        f"file {tmp_path / 'reviews.xlsx'}, sheet Export: column rating is missing; it has title, body, points" in words
    )
