import duckdb
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.survey_headers import (
    find_items,
    header_columns,
    item_columns,
    legacy_names,
    other_names,
    time_zone,
    wordings,
)

QUALTRICS = ["ResponseId", "EndDate", "Q1", "Q2_1", "Q2_2"]
TEXTS = ("Response ID", "End Date", "How satisfied\nare you?", "Which? - Cash", "Which? - Card")
IDS = (
    '{"ImportId":"_recordId"}',
    '{"ImportId":"endDate","timeZone":"America/Denver"}',
    '{"ImportId":"QID1"}',
    '{"ImportId":"QID2","choiceId":"1"}',
    '{"ImportId":"QID2","choiceId":"2"}',
)
RESPONSE = ("R_1", "2026-03-02 10:00:00", "5", None, "2")

MONKEY = ["Respondent ID", "Please  rate:", "column_3", "Again?", "column_5", "column_6"]
LABELS = (None, "Speed", "Choice of\nproducts", "Response", "Other", None)


def test_a_column_goes_by_its_import_id_too() -> None:
    names = other_names(QUALTRICS, [TEXTS, IDS, RESPONSE], "import_id")
    assert names["QID1"] == ["Q1"]
    assert names["Q1"] == ["Q1"]


def test_an_import_id_of_several_columns_names_them_all() -> None:
    assert other_names(QUALTRICS, [TEXTS, IDS, RESPONSE], "import_id")["QID2"] == ["Q2_1", "Q2_2"]


def test_an_import_id_that_is_a_column_in_another_case_is_no_second_name() -> None:
    assert "endDate" not in other_names(QUALTRICS, [TEXTS, IDS], "import_id")


def test_json_that_is_no_import_id_names_nothing() -> None:
    rows = [("R_1", '{"timeZone":"UTC"}', "[1]", "5", '{"a":1}')]
    assert other_names(QUALTRICS, rows, "import_id") == {name: [name] for name in QUALTRICS}
    assert time_zone(rows) is None


def test_the_zone_of_the_times_is_in_the_row_of_import_ids() -> None:
    assert time_zone([TEXTS, IDS, RESPONSE]) == "America/Denver"
    assert time_zone([('{"ImportId":"endDate","timeZone":"Z"}',)]) == "UTC"
    assert time_zone([TEXTS, RESPONSE]) is None


def test_the_older_form_of_qualtrics_names_its_columns_in_the_second_row() -> None:
    header = ["V1", "V9", "Q1", "V2x"]
    assert legacy_names(header, [("ResponseID", "EndDate", "How?", "x")]) == {"ResponseID": "V1", "EndDate": "V9"}
    assert legacy_names(header, [("R_1", "2026-03-02", "5", "x")]) == {}
    assert legacy_names(header, []) == {}


def test_a_sub_label_belongs_to_the_question_before_it() -> None:
    names = other_names(MONKEY, [LABELS, ("1", "5", "4", "3", None, None)], "sub_label")
    assert names["Please rate: / Speed"] == ["Please  rate:"]
    assert names["Please rate: / Choice of products"] == ["column_3"]
    assert names["Again? / Response"] == ["Again?"]
    assert names["Again? / Other"] == ["column_5"]
    assert names["Please rate:"] == ["Please  rate:", "column_3"]
    assert names["column_6"] == ["column_6"]


def test_a_name_like_that_of_a_blank_one_in_another_place_is_a_question() -> None:
    names = other_names(["Respondent ID", "column_9"], [(None, "Response")], "sub_label")
    assert names["column_9 / Response"] == ["column_9"]


def test_a_response_is_no_row_of_sub_labels() -> None:
    names = other_names(MONKEY, [("1", "5", "4", "3", None, None)], "sub_label")
    assert sorted(names) == sorted(["Respondent ID", "Please rate:", "column_3", "Again?", "column_5", "column_6"])
    assert other_names(["id", "a"], [(None, "b")], "sub_label") == {"id": ["id"], "a": ["a"]}
    assert other_names(MONKEY, [], "sub_label")["Again?"] == ["Again?"]


def test_items_that_are_columns_need_no_other_name() -> None:
    assert find_items({"Q1": ["Q1"], "QID2": ["Q2"]}, "import_id", ["Q1", "QID2"]) == {"QID2": "Q2"}


def test_an_item_is_found_over_line_breaks() -> None:
    names = other_names(["How\nare  you?"], [], None)
    assert find_items(names, None, ["How are you?"]) == {"How are you?": "How\nare  you?"}
    assert find_items(names, None, ["How\nare  you?"]) == {}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("import_id", " and no ImportId"), ("sub_label", " and no 'question / sub-label'"), (None, "")],
)
def test_an_item_found_nowhere_is_refused_with_the_nearest_names(rule: str | None, kind: str) -> None:
    names = {name: [name] for name in ("EndDate", "QID1", "QID2", "Status")}
    with pytest.raises(SourceShapeError) as raised:
        find_items(names, rule, ["QID1", "QID12"])  # type: ignore[arg-type]
    text = f"item 'QID12' is not a column{kind} of the export; rename it in surveys, nearest are: 'QID2', 'QID1', "
    assert str(raised.value).startswith(text)


def test_an_item_of_several_columns_is_refused_with_the_names_to_choose_from() -> None:
    names = other_names(QUALTRICS, [TEXTS, IDS], "import_id")
    with pytest.raises(SourceShapeError) as raised:
        find_items(names, "import_id", ["QID2"])
    assert str(raised.value) == "item 'QID2' names 2 columns; rename it in surveys to one of: 'Q2_1', 'Q2_2'"


def loaded(header: list[str], rows: list[tuple[str | None, ...]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    columns = ", ".join('"' + name.replace('"', '""') + '" varchar' for name in header)
    connection.execute(f'create table "responses__0" ({columns})')
    if rows:
        connection.executemany(f'insert into "responses__0" values ({", ".join("?" * len(header))})', rows)
    return connection


def test_a_loaded_file_gives_expressions_for_its_items_and_zone() -> None:
    connection = loaded(QUALTRICS, [TEXTS, IDS, RESPONSE])
    items = item_columns(connection, "responses__0", "import_id", ["QID1", "Q2_1"])
    zone = header_columns(connection, "responses__0", "import_id")
    assert (items, zone) == ({"QID1": '"Q1"'}, {"_time_zone": "'America/Denver'"})
    found = items | zone
    selected = ", ".join(f'{expression} as "{name}"' for name, expression in found.items())
    assert connection.execute(f"select {selected} from \"responses__0\" where ResponseId = 'R_1'").fetchall() == [
        ("5", "America/Denver")
    ]


def test_quotes_in_a_question_are_no_end_of_its_name() -> None:
    connection = loaded(['Is it\n"good"?'], [("5",)])
    found = item_columns(connection, "responses__0", None, ['Is it "good"?'])
    assert found == {'Is it "good"?': '"Is it\n""good""?"'}
    (expression,) = found.values()
    assert connection.execute(f'select {expression} from "responses__0"').fetchall() == [("5",)]


def test_a_file_without_zone_or_without_rows_has_a_zone_of_null() -> None:
    for rows in ([TEXTS, RESPONSE], []):
        connection = loaded(QUALTRICS, rows)
        assert header_columns(connection, "responses__0", "import_id") == {"_time_zone": "null::varchar"}
        assert item_columns(connection, "responses__0", "import_id", ["Q1"]) == {}


def test_the_columns_of_the_older_form_go_by_their_names_too() -> None:
    connection = loaded(["V1", "V9", "Q1"], [("ResponseID", "EndDate", "How?"), ("R_1", "2016-07-18", "5")])
    assert header_columns(connection, "responses__0", "import_id") == {
        "ResponseID": '"V1"',
        "EndDate": '"V9"',
        "_time_zone": "null::varchar",
    }


def test_only_import_ids_add_columns() -> None:
    for rule in (None, "sub_label"):
        assert header_columns(loaded(QUALTRICS, [TEXTS, IDS]), "responses__0", rule) == {}  # type: ignore[arg-type]


def test_header_rows_are_only_looked_for_where_they_can_be() -> None:
    connection = loaded(QUALTRICS, [RESPONSE, RESPONSE, IDS])
    assert header_columns(connection, "responses__0", "import_id") == {"_time_zone": "null::varchar"}


def test_the_pipelines_own_columns_are_no_names() -> None:
    connection = loaded(["Respondent ID", "_row", "_file", "column_2"], [(None, "1", "f", "Response")])
    assert item_columns(connection, "responses__0", "sub_label", ["Respondent ID / Response"]) == {
        "Respondent ID / Response": '"column_2"'
    }


def test_a_column_asks_what_the_extra_header_rows_say_or_its_name() -> None:
    asked = wordings(QUALTRICS, [TEXTS, IDS, RESPONSE], "import_id")
    assert (asked["Q1"], asked["Q2_1"]) == ("How satisfied are you?", "Which? - Cash")
    assert wordings(QUALTRICS, [RESPONSE, RESPONSE], "import_id")["Q1"] == "Q1"
    asked = wordings(MONKEY, [LABELS], "sub_label")
    assert (asked["Please  rate:"], asked["column_3"]) == ("Please rate: / Speed", "Please rate: / Choice of products")
    assert wordings(["Will you\nbuy again?"], [], None) == {"Will you\nbuy again?": "Will you buy again?"}
