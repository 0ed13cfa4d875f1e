import pytest

from pipeline.sources.swallowed import find_forms, swallows

ORDERS = [
    ("1001", "2026-01-05 14:30", "4", "good"),
    ("1002", None, "5", "fast, and cheap"),
    ("998", "2026-01-06 09:05", "4", "2 of 3 came"),
    ("1003", "2026-01-06 09:07", "3", None),
    ("1004", "2026-01-07 10:00", "3", "Nice!\nBut late, again"),
]
"""Ids, dates and scores have a form, texts have none."""
FORMS = find_forms(ORDERS)


def test_ids_dates_and_scores_have_a_form_and_texts_have_none() -> None:
    assert [form is not None for form in FORMS] == [True, True, True, False]
    assert [form and form.can_be_empty for form in FORMS] == [False, True, False, None]


@pytest.mark.parametrize(
    "text",
    [
        "good\n1006,2026-01-08 11:00,2,bad",
        "good\r\n1006,,2,bad",
        "a text\nof several lines\n1006,2026-01-08 11:00,2,bad",
        "good\nonly three cells,1,2\n10001,2026-01-08 11:00,2,bad",
    ],
)
def test_a_line_in_the_form_of_the_rows_is_one(text: str) -> None:
    assert swallows(("1005", "2026-01-08 10:59", "1", text), FORMS, ",")


@pytest.mark.parametrize(
    "text",
    [
        "good\nfast, cheap, and friendly",
        "pros:\n1, fast, 2, cheap\n2, nice",
        "order\n1005, of 2026-01-08 10:59, has 2, not 3",
        "my order\n1005,never,came,back",
        "good\n1006,2026-01-08,2,another form of date",
        "good\n1234567,2026-01-08 11:00,2,an id too long",
        "good\n1006,2026-01-08 11:00,2,one,cell,more",
        "good\n1006,2026-01-08 11:00,,a row has a score",
        "1006,2026-01-08 11:00,2,in the first line\nand no other",
        "a,b,c\n\n",
    ],
)
def test_a_comment_of_several_lines_with_commas_is_none(text: str) -> None:
    assert not swallows(("1005", "2026-01-08 10:59", "1", text), FORMS, ",")


def test_quotes_in_the_middle_of_rows_are_found_by_what_both_lines_have_around_them() -> None:
    forms = find_forms([(row[3], row[0], row[1]) for row in ORDERS])
    # The text comes first: 1005 and its date ended the row that the first quote stands in.
    assert swallows(("good,1005,2026-01-08 10:59\nbad", "1006", "2026-01-08 11:00"), forms, ",")
    assert not swallows(("good, at 10:59\nbad", "1006", "2026-01-08 11:00"), forms, ",")


def test_a_short_number_alone_makes_a_row_only_where_every_line_has_it() -> None:
    forms = find_forms([(row[0], "good") for row in ORDERS if row[0] != "998"])
    assert swallows(("1005", "good\n1006,bad\n1007,so so"), forms, ",")
    assert not swallows(("1005", "good\n1006,is my order\nthanks"), forms, ",")
    assert not swallows(("1005", "good\n1006, is my order"), forms, ",")


def test_a_file_of_texts_alone_tells_of_no_rows() -> None:
    forms = find_forms([("Jan", "good"), ("Mia", "fine, really")])
    assert not swallows(("Eva", "good\nTom,bad"), forms, ",")
