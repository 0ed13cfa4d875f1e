from pathlib import Path

import pytest

from pipeline.sources.parts import find_files
from pipeline.sources.preset import load_preset
from pipeline.sources.recognise import Export, Found, find_items, inputs_of, nearest, place_of, read_files, recognise

WIDE = load_preset("wide").inputs["responses"]
ORDERS = "order_id,customer_id,order_status,order_purchase_timestamp\n"
CUSTOMERS = "customer_id,customer_unique_id\n"
PAYMENTS = "order_id,payment_value\n"
REVIEWS = "review_id,review_score,review_creation_date,order_id\n"


def exports(folder: Path, **files: str) -> list[Export]:
    """What is seen of files, by name without `.csv`."""
    (folder / "exports").mkdir()
    for name, text in files.items():
        (folder / "exports" / f"{name}.csv").write_text(text)
    return read_files(sorted((folder / "exports").iterdir()), folder / "copies")


def sources(folder: Path, **files: str) -> list[tuple[str, str, dict[str, list[str]]]]:
    return [named(found) for found in recognise(exports(folder, **files))]


def named(found: Found) -> tuple[str, str, dict[str, list[str]]]:
    inputs = {name: [export.file.stem for export in files] for name, files in found.inputs.items()}
    return found.preset, found.entity, inputs


def items(folder: Path, **files: str) -> dict[str, tuple[int, int]]:
    return find_items(exports(folder, **files), WIDE)


# Presets


def test_an_export_is_known_in_any_order_and_case(tmp_path: Path) -> None:
    assert sources(tmp_path, a="review_date,stars,RATING\n") == [("judgeme", "reviews", {"reviews": ["a"]})]


def test_an_export_without_a_required_column_is_not_known(tmp_path: Path) -> None:
    assert sources(tmp_path, a="review_date,stars\n") == []


def test_the_preset_that_knows_most_columns_is_taken(tmp_path: Path) -> None:
    (found,) = recognise(exports(tmp_path, a="id,rating,date,review_date,status,productId\n"))
    assert (found.preset, found.others) == ("loox", [])


def test_presets_that_know_as_many_columns_are_named(tmp_path: Path) -> None:
    (found,) = recognise(exports(tmp_path, a="rating,review_date,Review Score,Date\n"))
    assert (found.preset, found.others) == ("judgeme", ["yotpo"])


def test_an_entity_needs_all_its_files(tmp_path: Path) -> None:
    assert inputs_of("olist", "orders") == ["orders", "customers", "payments"]
    assert sources(tmp_path, o=ORDERS, c=CUSTOMERS, r=REVIEWS) == [
        ("olist", "reviews", {"orders": ["o"], "customers": ["c"], "reviews": ["r"]})
    ]


def test_a_file_of_an_entity_without_its_others_is_no_source(tmp_path: Path) -> None:
    assert sources(tmp_path, o=ORDERS, p=PAYMENTS) == []


def test_a_preset_without_its_other_files_does_not_stand_before_one_that_is_whole(tmp_path: Path) -> None:
    found = sources(tmp_path, a="rating,review_date,review_id,review_score,review_creation_date\n")
    assert found == [("judgeme", "reviews", {"reviews": ["a"]})]


def test_one_file_can_be_several_entities(tmp_path: Path) -> None:
    columns = ",".join(load_preset("shopify").inputs["orders"].required)
    found = sources(tmp_path, a=f"{columns}\n")
    assert found == [("shopify", entity, {"orders": ["a"]}) for entity in ("customers", "order_lines", "orders")]


# Deliveries of one export


def test_files_that_differ_in_their_numbers_are_one_input(tmp_path: Path) -> None:
    text = "rating,review_date\n"
    months = {f"reviews_2025-{month:02}": text for month in (1, 2, 12)}
    assert sources(tmp_path, other=text, **months) == [
        ("judgeme", "reviews", {"reviews": ["other"]}),
        ("judgeme", "reviews", {"reviews": ["reviews_2025-01", "reviews_2025-02", "reviews_2025-12"]}),
    ]


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["orders_2025-01.csv"], "orders_2025-01.csv"),
        (["orders [1].csv"], "orders [1].csv"),
        (["orders_2025-01.csv", "orders_2025-02.csv"], "orders_[0-9]*.csv"),
        (["a [nl] (1).csv", "a [nl] (2).csv"], "a [[]nl] ([0-9]*).csv"),
    ],
)
def test_a_place_finds_its_files_and_no_others(tmp_path: Path, names: list[str], place: str) -> None:
    files = [tmp_path / name for name in names]
    for file in [*files, tmp_path / "orders_returned.csv", tmp_path / "a n (3).csv"]:
        file.touch()
    assert place_of(files) == place
    assert find_files("shop", "orders", str(tmp_path / place)) == files


# Items of a survey


def test_columns_of_whole_numbers_up_to_ten_are_items(tmp_path: Path) -> None:
    text = """response_id,submitted_at,customer_id,q1,q2,q3,age,phone_score,choice,half,price,huge,empty,mixed,texts
1,2026-01-01,7,1,0,2,33,5,1,1.5,-1,12345678901234567890,,5,5
2,2026-01-01,8, 5 ,10,2,18,4,0,2.5,-2,2,,?,?
3,2026-01-01,9,,7,,51,3,1,3.5,2,,,3,3
4,2026-01-01,9,,7.0,,8,3,1,3.5,2,,,11,?
5,2026-01-01,9,,8,,9,3,1,3.5,2,,,2,3
6,2026-01-01,9,,8,,9,3,1,3.5,-3,,,2,3
7,2026-01-01,9,,8,,9,3,1,3.5,-4,,,2,3
8,2026-01-01,9,,8,,9,3,1,3.5,-5,,,2,often
"""
    # mixed: six of eight are answers, just enough; texts: five of eight.
    assert items(tmp_path, a=text) == {"q1": (1, 5), "q2": (0, 10), "q3": (2, 2), "mixed": (2, 5)}


def test_answers_of_all_deliveries_are_looked_at(tmp_path: Path) -> None:
    head = "response_id,submitted_at,q1\n"
    assert items(tmp_path, a1=f"{head}1,2026-01-01,3\n", a2=f"{head}2,2026-02-01,7\n") == {"q1": (3, 7)}


def test_extra_header_rows_are_no_answers(tmp_path: Path) -> None:
    text = 'ResponseId,EndDate,Q1\nId,End,How?\n"{""ImportId"":""_id""}","{}","{""ImportId"":""QID1""}"\nR_1,2026-01-01,4\n'
    found = find_items(exports(tmp_path, a=text), load_preset("qualtrics").inputs["responses"])
    assert found == {"Q1": (4, 4)}


def test_an_item_below_a_question_has_the_name_of_both(tmp_path: Path) -> None:
    text = "Respondent ID,End Date,Rate  us:,,Recommend?\n,,Delivery,Choice,Response\n1,01/02/2026,4,5,9\n"
    found = find_items(exports(tmp_path, a=text), load_preset("surveymonkey").inputs["responses"])
    assert found == {"Rate us: / Delivery": (4, 4), "Rate us: / Choice": (5, 5), "Recommend?": (9, 9)}


# What is told of the others


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (export,) = exports(tmp_path, a="")
    assert export.fault == "is empty; expected a header or rows"


def test_currencies_are_counted(tmp_path: Path) -> None:
    text = "rating,review_date,Currency,order_currency\n1,2026-01-01,EUR,\n2,2026-01-01,EUR,USD\n3,2026-01-01,euro,\n"
    (export,) = exports(tmp_path, a=text)
    assert export.currencies == {"EUR": 2, "USD": 1}


def test_the_nearest_export_is_named_with_what_is_missing(tmp_path: Path) -> None:
    magento, little = exports(tmp_path, a="ID,Purchase Date,Status,Customer Email,Total\n", b="ID,Status,x\n")
    assert nearest(magento) == ("Magento 2, Adobe Commerce", ["Grand Total (Base)"])
    assert nearest(little) is None
