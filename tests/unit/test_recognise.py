from pathlib import Path

import pytest

from pipeline.sources.export_files import Export, read_files
from pipeline.sources.export_questions import Question, find_questions
from pipeline.sources.parts import find_files
from pipeline.sources.preset import load_preset
from pipeline.sources.recognise import Found, inputs_of, nearest, place_of, recognise

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


def questions(folder: Path, preset: str = "wide", **files: str) -> list[Question]:
    """The questions of files that are deliveries of one survey."""
    told = next(iter(load_preset(preset).inputs.values()))
    return find_questions(exports(folder, **files), told)


def items(folder: Path, preset: str = "wide", **files: str) -> dict[str, tuple[int | None, int | None]]:
    """Items with numbers: their lowest and highest answers."""
    found = questions(folder, preset, **files)
    return {question.name: (question.lowest, question.highest) for question in found if question.is_item}


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
    assert inputs_of("olist", "orders") == ("orders", "customers", "payments")
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
    found = items(tmp_path, "qualtrics", a=text)
    assert found == {"Q1": (4, 4)}


def test_an_item_below_a_question_has_the_name_of_both(tmp_path: Path) -> None:
    text = "Respondent ID,End Date,Rate  us:,,Recommend?\n,,Delivery,Choice,Response\n1,01/02/2026,4,5,9\n"
    found = items(tmp_path, "surveymonkey", a=text)
    assert found == {"Rate us: / Delivery": (4, 4), "Rate us: / Choice": (5, 5), "Recommend?": (9, 9)}


def test_qualtrics_older_form_is_known_by_the_names_below_its_header(tmp_path: Path) -> None:
    text = "V1,V2,V7,V9,V10,Q1,Q2,\nResponseID,ResponseSet,Status,EndDate,Finished,Hoe tevreden bent u?,Again?,\n"
    text += (
        "R_1,Default Response Set,0,2016-07-18 08:28:48,1,5,2,\nR_2,Default Response Set,8,2016-07-18 08:29:48,1,4,7,\n"
    )
    (export,) = exports(tmp_path, a=text)
    assert [named(found)[:2] for found in recognise([export])] == [("qualtrics", "surveys")]
    told = load_preset("qualtrics").inputs["responses"]
    # Status goes up to 8, and is no question.
    assert find_questions([export], told) == [
        Question("Q1", "Hoe tevreden bent u?", 4, 5),
        Question("Q2", "Again?", 2, 7),
    ]


# Other questions of a survey


def found_by_name(folder: Path, preset: str = "wide", **files: str) -> dict[str, Question]:
    return {question.name: question for question in questions(folder, preset, **files)}


def test_answers_in_words_make_an_item_where_their_order_is_known(tmp_path: Path) -> None:
    text = "response_id,submitted_at,a,b,c\n1,2026-01-01,Tevreden,10 - zeker,rood\n2,2026-01-01,neutraal,7,blauw\n"
    found = found_by_name(tmp_path, a=text)
    assert set(found) == {"a", "b"}
    assert found["a"].labels is not None
    assert found["a"].labels.values["neutraal"] == 3
    assert found["b"].labels is not None
    assert (found["b"].labels.values, found["b"].labels.scale) == ({"10 - zeker": 10}, (0, 10))


def test_a_question_of_the_index_in_unknown_words_is_told_with_them(tmp_path: Path) -> None:
    text = "response_id,submitted_at,tevredenheid\n1,2026-01-01,prima\n2,2026-01-01,prima\n3,2026-01-01,kon beter\n"
    assert questions(tmp_path, a=text) == [Question("tevredenheid", "tevredenheid", unknown=("prima", "kon beter"))]


def test_long_and_different_texts_are_an_open_question_whatever_it_is_called(tmp_path: Path) -> None:
    head = "response_id,submitted_at,vraag9,kleur,bezocht,waarom,tags,link\n"
    rows = [
        "1,2026-01-01,de levering duurde erg lang,rood,winkel en app,te duur,,https://example.com/a b c d e",
        "2,2026-01-01,het pakket was helaas niet compleet,rood,winkel en app,snel klaar,,https://example.com/a b c d f",
        "3,2026-01-01,Niets,blauw,app,,,https://example.com/a b c d g",
    ]
    assert [question.name for question in questions(tmp_path, a=head + "\n".join(rows)) if question.is_open] == [
        "vraag9",
        "waarom",
    ]


def test_what_a_tool_computes_of_an_answer_is_no_question(tmp_path: Path) -> None:
    text = "ResponseId,EndDate,Q3_NPS_GROUP,Q3\nR_1,2026-01-01,3,9\n"
    assert list(items(tmp_path, "qualtrics", a=text)) == ["Q3"]


def test_a_column_with_a_name_of_the_responses_is_no_question(tmp_path: Path) -> None:
    text = "response_id,submitted_at,source,_score,q1\n1,2026-01-01,3,4,5\n"
    assert list(items(tmp_path, a=text)) == ["q1"]


def test_the_text_of_a_question_is_its_wording_and_no_answer(tmp_path: Path) -> None:
    rows = [
        "ResponseId,EndDate,Q1",
        "Id,End,Hoe tevreden bent u?",
        '"{""ImportId"":""_id""}",{},"{""ImportId"":""QID1""}"',
        "R_1,2026-01-01,Tevreden",
    ]
    (found,) = questions(tmp_path, "qualtrics", a="\n".join(rows))
    assert (found.name, found.wording) == ("Q1", "Hoe tevreden bent u?")
    assert found.labels is not None


# Where and when


def test_times_with_offsets_are_counted_by_month_and_offset(tmp_path: Path) -> None:
    text = (
        "rating,review_date,sent\n1,2026-01-05 10:00:00 +0600,2026-01-05\n2,2026-01-04T10:00:00+06:00,2026-01-05T10:00\n"
        "3,2026-07-05T10:00:00Z,soon\n"
    )
    (export,) = exports(tmp_path, a=text)
    assert {moment.isoformat(): n for moment, n in export.moments.items()} == {
        "2026-01-05T10:00:00+06:00": 1,
        "2026-01-04T10:00:00+06:00": 1,
        "2026-07-05T10:00:00+00:00": 1,
    }


def test_countries_of_addresses_are_counted(tmp_path: Path) -> None:
    text = "rating,review_date,Billing Country,shipping_country_code,county\n1,2026-01-01,NL,NL,x\n2,2026-01-01,,BE,y\n"
    (export,) = exports(tmp_path, a=text)
    assert export.countries == {"NL": 2, "BE": 1}


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
