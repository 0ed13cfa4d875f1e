import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.sources.inputs import Inputs, Lines
from pipeline.sources.parts import Part
from pipeline.sources.retry import DUPLICATE, load_kept, rows_to_retry
from schemas.registry import RECORDS
from tests.unit.lake import at

REJECTED = RECORDS["rejected_rows"]
MONDAY, TUESDAY = at("2026-01-05"), at("2026-01-06")


def rejected(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = dict.fromkeys(REJECTED.polars_schema.names()) | {
        "entity": "orders",
        "source": "shop",
        "input": "orders",
        "file": "a.csv",
        "row_number": 1,
        "exported_at": MONDAY,
        "batch_id": "b1",
        "reasons": "status: 'lost' is not one of paid",
        "raw": '{"number":"o1"}',
        "is_released": False,
    }
    numbered = [defaults | {"rejected_id": f"r{number}"} | row for number, row in enumerate(rows, start=1)]
    return pl.DataFrame(numbered, schema=REJECTED.polars_schema)


@pytest.fixture
def inputs() -> Iterator[Inputs]:
    with duckdb.connect() as connection:
        yield Inputs(connection)


def rows(inputs: Inputs, sql: str) -> list[tuple[Any, ...]]:
    return inputs.connection.execute(sql).fetchall()


# Choosing


def test_a_row_that_a_mapping_can_read_is_tried_again() -> None:
    assert rows_to_retry(rejected({}).lazy(), "shop").equals(rejected({}))


@pytest.mark.parametrize(
    "of",
    [
        {"source": "other"},
        {"is_released": True, "released_by": "b2"},
        {"input": None, "reasons": "broken line: missing columns", "raw": "o1,"},
        {"reasons": f"order_id: {DUPLICATE}"},
    ],
    ids=["another source", "released", "broken line", "duplicate"],
)
def test_a_row_that_cannot_be_repaired_is_left(of: dict[str, Any]) -> None:
    assert rows_to_retry(rejected(of).lazy(), "shop").is_empty()


# Loading


def test_kept_rows_stand_in_for_their_file(inputs: Inputs) -> None:
    raw = [json.dumps({"number": number, "total": "1.50"}) for number in ("o1", "o2")]
    kept = rejected(
        {"raw": raw[1], "row_number": 7}, {"raw": raw[0], "row_number": 3, "file": "b.csv", "exported_at": TUESDAY}
    )
    load_kept(inputs, kept, {})
    assert inputs.names == ["orders"]
    assert inputs.parts == [Part("orders", "a.csv", None, MONDAY), Part("orders", "b.csv", None, TUESDAY)]
    assert inputs.lines == Lines(2, 2, 0)
    assert rows(inputs, "select _file, _row, number, total from orders order by _file") == [
        ("a.csv", 7, "o2", "1.50"),
        ("b.csv", 3, "o1", "1.50"),
    ]


def test_columns_have_the_types_that_they_had_in_the_file(inputs: Inputs) -> None:
    raw = json.dumps({"number": "o1", "cents": "150", "placed": "2026-01-05 10:00:00", "note": None})
    types = {"cents": "BIGINT", "placed": "TIMESTAMP", "gone": "VARCHAR"}
    load_kept(inputs, rejected({"raw": raw}), {"orders": types})
    assert rows(inputs, "select cents / 100, placed, note, typeof(number) from orders") == [
        (1.5, datetime(2026, 1, 5, 10), None, "VARCHAR")
    ]


def test_a_row_rejected_for_several_entities_is_read_once(inputs: Inputs) -> None:
    load_kept(inputs, rejected({"entity": "survey_responses"}, {"entity": "survey_answers"}), {})
    assert rows(inputs, "select _file, _row, number from orders") == [("a.csv", 1, "o1")]


def test_a_column_that_only_some_files_have_is_null_for_the_others(inputs: Inputs) -> None:
    load_kept(inputs, rejected({}, {"row_number": 2, "raw": '{"number":"o2","coupon":"SUN"}'}), {})
    assert rows(inputs, "select number, coupon from orders order by number") == [("o1", None), ("o2", "SUN")]


def test_rows_of_two_inputs_are_two_tables(inputs: Inputs) -> None:
    load_kept(inputs, rejected({}, {"input": "lines", "file": "l.csv", "raw": '{"sku":"s1"}'}), {})
    assert sorted(inputs.names) == ["lines", "orders"]
    assert rows(inputs, "select number, sku from orders, lines") == [("o1", "s1")]


def test_rows_made_of_several_that_lay_between_each_other_are_kept_apart(inputs: Inputs) -> None:
    first, second = (
        '[{"number":"o1","n":"1"}, {"number":"o1","n":"3"}]',
        '[{"number":"o2","n":"2"}, {"number":"o2","n":"4"}]',
    )
    load_kept(inputs, rejected({"raw": first, "row_number": 1}, {"raw": second, "row_number": 2}), {})
    assert rows(
        inputs, "select number, string_agg(n order by _row), min(_row) from orders group by number order by number"
    ) == [
        ("o1", "1,3", 1),
        ("o2", "2,4", 2),
    ]
    assert rows(inputs, "select count(distinct _row) from orders") == [(4,)]
    assert inputs.lines == Lines(4, 4, 0)


def test_each_version_of_a_file_is_a_part_under_its_own_spelling(inputs: Inputs) -> None:
    older, newer = '{"number":"o1"}', '{"number":"o2"}'
    kept = load_kept(
        inputs,
        rejected({"raw": older, "file": "x/a.csv"}, {"raw": newer, "file": "x/a.csv", "exported_at": TUESDAY}),
        {},
    )
    assert kept["read_as"].to_list() == ["x//a.csv", "x/a.csv"]
    assert inputs.parts == [Part("orders", "x//a.csv", None, MONDAY), Part("orders", "x/a.csv", None, TUESDAY)]
    assert inputs.addresses == {"x//a.csv": "x/a.csv"}
    assert rows(inputs, "select _file, _row, number from orders order by number") == [
        ("x//a.csv", 1, "o1"),
        ("x/a.csv", 1, "o2"),
    ]


def test_versions_of_a_file_that_claim_the_same_age_are_kept_apart(inputs: Inputs) -> None:
    load_kept(inputs, rejected({}, {"raw": '{"number":"o2"}'}, {"raw": '{"number":"o3"}', "row_number": 2}), {})
    assert rows(inputs, "select _file, _row, number from orders order by number") == [
        ("a.csv", 1, "o1"),
        ("./a.csv", 1, "o2"),
        ("a.csv", 2, "o3"),
    ]


def test_answers_of_one_response_that_hide_different_values_are_one_row(inputs: Inputs) -> None:
    first, second = '{"number":"o1","q":"hidden"}', '{"number":"o1","q":"5"}'
    of_answers = {"entity": "survey_answers"}
    load_kept(inputs, rejected({"raw": first} | of_answers, {"raw": second} | of_answers), {})
    assert rows(inputs, "select _file, _row, number from orders") == [("a.csv", 1, "o1")]


def test_without_kept_rows_there_is_no_table(inputs: Inputs) -> None:
    load_kept(inputs, rejected(), {})
    assert (inputs.names, inputs.parts, inputs.lines) == ([], [], Lines(0, 0, 0))
