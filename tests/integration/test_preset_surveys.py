import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.core.attitude.survey_settings import ItemSettings, SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.personal import pseudonyms
from pipeline.errors import SourceShapeError
from pipeline.sources.batches import Batch, Staged
from pipeline.sources.preset import PRESETS
from pipeline.sources.retry import rows_to_retry
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.integration.test_presets import SPELLINGS

STARTED_AT = datetime(2027, 1, 6, 2, tzinfo=UTC)
KEY = b"a key for the tests"
FIVE, SEVEN, ELEVEN = (1, 5), (1, 7), (0, 10)


@dataclass(frozen=True)
class Staging:
    """The staged batches of one survey source."""

    responses: Batch
    answers: Batch
    staged: Staged

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Valid responses, by their number."""
        return self._valid("survey_responses").sort("response_id").select(columns).rows()

    def values(self) -> dict[tuple[str, str], float]:
        """Valid answers by response and item."""
        answers = self._valid("survey_answers").select("response_id", "item_id", "value")
        return {(response, item): value for response, item, value in answers.iter_rows()}

    def reasons(self) -> list[tuple[int, str]]:
        """Row number and reasons of every rejected row, of responses and answers."""
        rejected = self.staged.rejected().collect()
        return sorted(rejected.select("row_number", "reasons").iter_rows())

    def _valid(self, entity: str) -> pl.DataFrame:
        return self.staged.valid(ENTITIES[entity]).collect()


def example(preset: str) -> str:
    return (PRESETS / preset / "example_responses.csv").read_text(encoding="utf-8")


def stage(
    folder: Path,
    preset: str,
    items: dict[str, tuple[int, int]],
    *contents: str,
    suffix: str = ".csv",
    kept: pl.DataFrame | None = None,
) -> Staging:
    """Stage files of `contents`, the preset's example by default, in a shop in Amsterdam; `items`: item -> scale."""
    (folder / "exports").mkdir(exist_ok=True)
    for number, content in enumerate(contents or [example(preset)]):
        (folder / "exports" / f"{number}{suffix}").write_text(content, encoding="utf-8")
    source = SourceSettings(
        name="voice", entity="surveys", preset=preset, survey="care", inputs={"responses": str(folder / "exports")}
    )
    survey = SurveySettings(type="relational", items={name: ItemSettings(scale=scale) for name, scale in items.items()})
    report = stage_source(
        source,
        folder / "staged" / "voice",
        shop=ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR"),
        survey=survey,
        key=KEY,
        started_at=STARTED_AT,
        kept=kept,
    )
    assert all(batch.is_balanced for batch in report.batches)
    responses, answers = report.batches
    return Staging(responses, answers, Staged(folder / "staged" / "voice"))


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def error_of(folder: Path, preset: str, items: dict[str, tuple[int, int]], content: str) -> str:
    """The one line with which a file is refused, without the name of the file."""
    with pytest.raises(SourceShapeError) as raised:
        stage(folder, preset, items, content)
    text = str(raised.value)
    assert "\n" not in text
    start = f"source voice: file {folder / 'exports' / '0.csv'}: "
    assert text.startswith(start)
    return text.removeprefix(start)


def records(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline="")))


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def backwards(content: str) -> str:
    """The same export with its columns the other way round."""
    return as_csv([row[::-1] for row in records(content)])


def without(content: str, *columns: str) -> str:
    rows = records(content)
    kept = [number for number, name in enumerate(rows[0]) if name not in columns]
    return as_csv([[row[number] for number in kept] for row in rows])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def email_hash(address: str) -> str:
    return str(pseudonyms(pl.Series([address]), KEY).item())


# Qualtrics

QUALTRICS = {"Q1": FIVE, "Q2": FIVE, "Q3": ELEVEN}
QUALTRICS_SENT = [
    # Local times of Denver, 7 hours behind UTC until 8 March 2026, then 6.
    ("R_1aVd8Wk2Lq0pXyz", utc(2026, 3, 2, 16, 18, 30)),
    ("R_2bQm5Tn9Rs3uVwx", utc(2026, 3, 21, 4, 40)),
    ("R_5eTp8Wq2Uv6xYza", utc(2026, 3, 22, 16, 2)),
    ("R_6fUq9Xr3Vw7yZab", utc(2026, 3, 23, 18, 4)),
    # 01:30 comes twice on 1 November: the first time, still 6 hours behind.
    ("R_8hWs1Zt5Xy9aBcd", utc(2026, 11, 1, 7, 30)),
]


def test_qualtrics_header_rows_previews_tests_and_spam_are_left_out_and_counted(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", QUALTRICS)
    # Of ten records four lines are inside values.
    assert (staging.responses.lines_read, staging.responses.lines_parsed, staging.responses.rows_mapped) == (14, 14, 10)
    assert staging.responses.excluded_by_reason == {
        "header row": 2,
        "survey preview": 1,
        "survey test": 1,
        "possible spam": 1,
    }
    assert (staging.responses.rows_valid, staging.responses.rows_rejected) == (5, 0)


def test_qualtrics_times_are_in_the_zone_that_the_export_names(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", QUALTRICS)
    assert staging.rows("response_id", "submitted_at") == QUALTRICS_SENT
    assert staging.rows("updated_at")[2] == (utc(2026, 3, 29, 16, 2, 5),)


@pytest.mark.parametrize(("text", "clock"), SPELLINGS.items())
def test_qualtrics_times_are_in_the_zone_that_the_export_names_in_every_spelling(
    tmp_path: Path, text: str, clock: tuple[int, ...]
) -> None:
    rows = records(example("qualtrics"))
    ended, recorded = rows[0].index("EndDate"), rows[0].index("RecordedDate")
    for row in rows[3:]:
        row[ended] = row[recorded] = text
    # Denver is 7 hours behind UTC in January.
    hour, *more = clock
    moment = utc(2026, 1, 5, hour + 7, *more)
    staging = stage(tmp_path, "qualtrics", QUALTRICS, as_csv(rows))
    assert set(staging.rows("submitted_at", "updated_at")) == {(moment, moment)}


def test_qualtrics_answers_are_the_cells_that_are_not_blank(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", QUALTRICS)
    assert staging.values() == {
        ("R_1aVd8Wk2Lq0pXyz", "Q1"): 5,
        ("R_1aVd8Wk2Lq0pXyz", "Q2"): 5,
        ("R_1aVd8Wk2Lq0pXyz", "Q3"): 10,
        ("R_2bQm5Tn9Rs3uVwx", "Q1"): 4,
        ("R_2bQm5Tn9Rs3uVwx", "Q2"): 3,
        ("R_2bQm5Tn9Rs3uVwx", "Q3"): 8,
        ("R_5eTp8Wq2Uv6xYza", "Q1"): 2,
        ("R_6fUq9Xr3Vw7yZab", "Q2"): 1,
        ("R_6fUq9Xr3Vw7yZab", "Q3"): 0,
    }
    assert (staging.answers.rows_mapped, staging.answers.rows_rejected) == (10, 1)
    assert staging.reasons() == [(8, "value: is outside scale_min to scale_max")]


def test_qualtrics_says_who_answered_and_about_which_order(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", QUALTRICS)
    assert staging.rows("customer_id", "email_hash", "order_id", "comment") == [
        ("C-1001", email_hash("anna.vos@example.com"), "A-501", "Quick,\nand friendly."),
        (None, None, None, 'She said "maybe".'),
        ("C-1002", email_hash("bo.bakker@example.com"), "A-502", None),
        ("C-1003", email_hash("cem.chen@example.com"), None, None),
        ("C-1004", email_hash("didi.dorn@example.com"), None, None),
    ]


def test_qualtrics_items_can_go_by_their_import_id_whatever_their_column_is_called(tmp_path: Path) -> None:
    renamed = example("qualtrics").replace(",Q1,Q2,", ",Happiness,Q2,").replace("R_", "R_9")
    staging = stage(tmp_path, "qualtrics", {"QID1": FIVE, "Q2": FIVE}, example("qualtrics"), renamed)
    first = {key: value for key, value in staging.values().items() if key[1] == "QID1"}
    assert first == {
        ("R_1aVd8Wk2Lq0pXyz", "QID1"): 5,
        ("R_2bQm5Tn9Rs3uVwx", "QID1"): 4,
        ("R_5eTp8Wq2Uv6xYza", "QID1"): 2,
        ("R_91aVd8Wk2Lq0pXyz", "QID1"): 5,
        ("R_92bQm5Tn9Rs3uVwx", "QID1"): 4,
        ("R_95eTp8Wq2Uv6xYza", "QID1"): 2,
    }


def test_qualtrics_rows_without_a_zone_in_the_header_are_in_the_zone_of_the_source(tmp_path: Path) -> None:
    content = example("qualtrics").replace(',""timeZone"":""America/Denver""', "")
    staging = stage(tmp_path, "qualtrics", QUALTRICS, content)
    assert staging.rows("submitted_at")[0] == (utc(2026, 3, 2, 8, 18, 30),)
    assert staging.responses.excluded_by_reason["header row"] == 2


def test_qualtrics_times_of_the_api_are_utc(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", QUALTRICS, example("qualtrics").replace("America/Denver", "Z"))
    assert staging.rows("submitted_at")[0] == (utc(2026, 3, 2, 9, 18, 30),)


def test_a_qualtrics_row_tried_again_from_the_quarantine_keeps_its_zone(tmp_path: Path) -> None:
    kept = rows_to_retry(stage(tmp_path, "qualtrics", {"QID1": FIVE}).staged.rejected(), "voice")
    staging = stage(tmp_path, "qualtrics", {"QID1": SEVEN}, kept=kept)
    assert staging.rows("response_id", "submitted_at") == [QUALTRICS_SENT[3]]
    assert staging.values() == {("R_6fUq9Xr3Vw7yZab", "QID1"): 6}


def test_an_answer_of_google_forms_tried_again_is_not_put_into_a_response_of_the_same_second(tmp_path: Path) -> None:
    content = (
        "Timestamp,Email Address,q\n2026/01/05 5:09:34 PM GMT+1,ann@example.com,4\n"
        "2026/01/05 5:09:34 PM GMT+1,bob@example.com,9\n2026/01/05 5:09:35 PM GMT+1,cid@example.com,9\n"
    )
    first = stage(tmp_path, "google_forms", {"q": FIVE}, content)
    at = "care-20260105170934+0100-"
    assert first.rows("response_id")[:2] == [(f"{at}1",), (f"{at}2",)]
    kept = rows_to_retry(first.staged.rejected(), "voice")
    again = stage(tmp_path, "google_forms", {"q": ELEVEN}, content, kept=kept)
    # Alone bob's would be the first of its second, which is ann's.
    assert again.values() == {("care-20260105170935+0100-1", "q"): 9}
    assert [number for number, _ in again.reasons()] == [2]


def test_qualtrics_export_without_its_extra_header_rows_keeps_every_response(tmp_path: Path) -> None:
    rows = records(example("qualtrics"))
    staging = stage(tmp_path, "qualtrics", QUALTRICS, as_csv([rows[0], *rows[3:]]))
    assert "header row" not in staging.responses.excluded_by_reason
    assert staging.responses.rows_valid == 5


@pytest.mark.parametrize(
    ("status", "channel", "reason"),
    [
        ("Survey Preview", "anonymous", "survey preview"),
        ("Umfragevorschau", "preview", "survey preview"),
        ("9", "anonymous", "survey preview"),
        ("Survey Preview Spam", "anonymous", "survey preview"),
        ("17", "anonymous", "survey preview"),
        ("Survey Test", "anonymous", "survey test"),
        ("12", "anonymous", "possible spam"),
        ("EX Spam", "anonymous", "possible spam"),
        ("IP Address", "anonymous", None),
        ("Imported", "anonymous", None),
        ("16", "anonymous", None),
        ("32", "anonymous", None),
        ("", "", None),
    ],
)
def test_a_qualtrics_status_is_read_as_a_number_and_as_text(
    tmp_path: Path, status: str, channel: str, reason: str | None
) -> None:
    header = "ResponseId,EndDate,Status,DistributionChannel,Q1\n"
    content = f"{header}R_1,2026-03-02 10:00:00,0,email,5\nR_2,2026-03-02 10:00:00,{status},{channel},4\n"
    staging = stage(tmp_path, "qualtrics", {"Q1": FIVE}, content)
    assert staging.responses.excluded_by_reason == ({reason: 1} if reason else {})


def test_a_damaged_first_response_of_qualtrics_is_rejected_and_no_header_row(tmp_path: Path) -> None:
    content = "ResponseId,EndDate,Q1\n,2026-03-02 10:00:00,5\nR_2,soon,4\nR_3,2026-03-02 10:00:00,4\n"
    staging = stage(tmp_path, "qualtrics", {"Q1": FIVE}, content)
    assert staging.responses.excluded_by_reason == {}
    assert staging.reasons() == [(1, "response_id: is missing"), (2, "submitted_at: is not a date")]


QUALTRICS_LEGACY = (
    "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,Q2,LocationLatitude,\n"
    "ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,EndDate,Finished,"
    '"How satisfied\nare you?",Will you buy again?,LocationLatitude,\n'
    "R_1,Default Response Set,Anna Vos,C-1001,anna.vos@example.com,192.0.2.14,0,2016-07-18 08:28:09,"
    "2016-07-18 08:28:48,1,5,4,52.37,\n"
    "R_2,Default Response Set,Anonymous,,,192.0.2.15,1,2016-07-18 09:00:00,2016-07-18 09:01:00,1,3,3,,\n"
    "R_3,Default Response Set,Anonymous,,,192.0.2.16,0,2016-12-18 09:00:00,2016-12-18 09:01:00,1,9,2,,\n"
)


def test_qualtrics_older_form_has_the_names_of_its_columns_in_the_second_header_row(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", {"Q1": FIVE, "Q2": FIVE}, QUALTRICS_LEGACY)
    assert staging.responses.excluded_by_reason == {"header row": 1, "survey preview": 1}
    assert staging.rows("response_id", "submitted_at", "customer_id", "email_hash") == [
        # Summer and winter time of Amsterdam.
        ("R_1", utc(2016, 7, 18, 6, 28, 48), "C-1001", email_hash("anna.vos@example.com")),
        ("R_3", utc(2016, 12, 18, 8, 1), None, None),
    ]
    assert staging.values() == {("R_1", "Q1"): 5, ("R_1", "Q2"): 4, ("R_3", "Q2"): 2}


def test_nobody_can_be_read_in_the_quarantine_of_qualtrics_older_form(tmp_path: Path) -> None:
    content = QUALTRICS_LEGACY.replace("0,2016-07-18 08:28:09", "0,x").replace("08:28:48,1,5", "08:28:48,1,8")
    rejected = stage(tmp_path, "qualtrics", {"Q1": FIVE, "Q2": FIVE}, content).staged.rejected().collect()
    (raw,) = rejected.filter(row_number=2)["raw"].to_list()
    assert "R_1" in raw
    assert not any(word in raw.lower() for word in ("vos", "example.com", "192.0.2.14"))


QUALTRICS_LEGACY_BY_NAME = (
    "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,V11,Q1\n"
    "ResponseID,ResponseSet,IPAddress,StartDate,EndDate,RecipientLastName,RecipientFirstName,RecipientEmail,"
    "ExternalDataReference,Finished,Status,How satisfied are you?\n"
    "R_1,Default Response Set,192.0.2.14,2016-07-18 08:28:09,2016-07-18 08:28:48,Vos,Anna,anna.vos@example.com,C-1001,1,0,5\n"
    "R_2,Default Response Set,192.0.2.15,2016-07-18 09:00:00,2016-07-18 09:01:00,Bakker,Bo,bo,C-1002,1,0,8\n"
)


def test_nobody_can_be_read_of_qualtrics_older_form_whatever_columns_have_the_names(tmp_path: Path) -> None:
    staging = stage(tmp_path, "qualtrics", {"Q1": FIVE}, QUALTRICS_LEGACY_BY_NAME)
    assert staging.rows("response_id", "submitted_at", "customer_id", "email_hash") == [
        ("R_1", utc(2016, 7, 18, 6, 28, 48), "C-1001", email_hash("anna.vos@example.com")),
    ]
    ((number, raw),) = staging.staged.rejected().collect().select("row_number", "raw").iter_rows()
    assert number == 3
    assert not any(word in raw for word in ("Bakker", '"Bo"', '"bo"', "192.0.2.15"))
    # What is not personal can be read, so that the row can be tried again.
    assert all(word in raw for word in ("R_2", "C-1002", "2016-07-18 09:01:00"))


# Answers in words


@pytest.mark.parametrize(
    ("preset", "option"),
    [("qualtrics", "Qualtrics: Use numeric values"), ("surveymonkey", "SurveyMonkey: Numerical value (1-n)")],
)
def test_an_export_of_choice_texts_is_refused_by_column(tmp_path: Path, preset: str, option: str) -> None:
    head = {"qualtrics": "ResponseId,EndDate", "surveymonkey": "Respondent ID,End Date"}[preset]
    content = f"{head},Q1,Q2\n1,2026-03-02 10:00:00,,kon beter\n2,2026-03-02 11:00:00,prima,\n"
    with pytest.raises(SourceShapeError) as raised:
        stage(tmp_path, preset, {"Q1": FIVE, "Q2": FIVE}, content)
    assert str(raised.value) == (
        "source voice: all answers are in words, as in column 'Q1'; export numeric values "
        f"({option}), or say in the items' labels which numbers the words stand for"
    )


def test_one_answer_that_is_a_number_makes_no_export_of_choice_texts(tmp_path: Path) -> None:
    content = "ResponseId,EndDate,Q1,Q2\nR_1,2026-03-02 10:00:00,4,kon beter\n"
    staging = stage(tmp_path, "qualtrics", {"Q1": FIVE, "Q2": FIVE}, content)
    assert staging.values() == {("R_1", "Q1"): 4}
    assert staging.reasons() == [(1, "value: is not a number")]


# SurveyMonkey

SATISFIED = "All in all, how satisfied are you with our shop?"
RECOMMEND = "How likely is it that you would recommend us to a friend?"
SURVEYMONKEY = {SATISFIED: FIVE, RECOMMEND: ELEVEN, "Please rate our service: / Help when asked": FIVE}


def test_surveymonkey_row_of_sub_labels_is_left_out_and_counted(tmp_path: Path) -> None:
    staging = stage(tmp_path, "surveymonkey", SURVEYMONKEY)
    # Of seven records one line is inside a value.
    assert (staging.responses.lines_read, staging.responses.rows_mapped, staging.responses.rows_valid) == (8, 7, 5)
    assert staging.responses.excluded_by_reason == {"header row": 1}
    # Month first; Amsterdam is one hour ahead of UTC in winter and two in July.
    assert staging.rows("response_id", "submitted_at", "customer_id") == [
        ("11800000001", utc(2026, 3, 2, 8, 18, 30), "C-1001"),
        ("11800000002", utc(2026, 3, 4, 23, 4, 10), None),
        ("11800000003", utc(2026, 7, 15, 10, 41, 9), "C-1002"),
        ("11800000004", utc(2026, 7, 16, 6, 3), "C-1003"),
        ("11800000006", utc(2026, 12, 31, 22, 59, 59), email_hash("didi.dorn@example.com")),
    ]


def test_a_surveymonkey_date_that_is_not_month_first_is_rejected_as_it_is(tmp_path: Path) -> None:
    assert stage(tmp_path, "surveymonkey", {SATISFIED: SEVEN}).reasons() == [
        (6, "submitted_at: is not a date; updated_at: is not a date")
    ]


def test_surveymonkey_items_go_by_their_question_and_sub_label(tmp_path: Path) -> None:
    staging = stage(tmp_path, "surveymonkey", SURVEYMONKEY)
    assert staging.values() == {
        ("11800000001", SATISFIED): 5,
        ("11800000001", RECOMMEND): 10,
        ("11800000001", "Please rate our service: / Help when asked"): 4,
        ("11800000002", SATISFIED): 4,
        ("11800000002", RECOMMEND): 8,
        ("11800000002", "Please rate our service: / Help when asked"): 2,
        ("11800000004", RECOMMEND): 0,
        ("11800000004", "Please rate our service: / Help when asked"): 1,
        ("11800000006", SATISFIED): 2,
        ("11800000006", RECOMMEND): 5,
    }
    assert staging.reasons()[0] == (5, "value: is outside scale_min to scale_max")
    assert [comment for (comment,) in staging.rows("comment")][::4] == ["Quick,\nand friendly.", 'He said "no".']


def test_a_surveymonkey_question_of_several_parts_is_not_guessed_at(tmp_path: Path) -> None:
    text = error_of(tmp_path, "surveymonkey", {"Please rate our service:": FIVE}, example("surveymonkey"))
    assert text == (
        "item 'Please rate our service:' names 3 columns; rename it in surveys to one of: "
        "'column_13', 'column_14', 'Please rate our service: / Delivery', "
        "'Please rate our service: / Help when asked', 'Please rate our service: / Choice of products'"
    )


# Typeform

TYPEFORM = {
    "All in all, how satisfied are you with our shop?": FIVE,
    "Will you buy from us again?": FIVE,
    "How likely are you to recommend us?": ELEVEN,
}


def test_typeform_times_are_utc_and_a_partial_response_counts_from_when_it_was_saved(tmp_path: Path) -> None:
    staging = stage(tmp_path, "typeform", TYPEFORM)
    assert (staging.responses.rows_mapped, staging.responses.rows_valid) == (6, 5)
    assert staging.responses.excluded_by_reason == {"not submitted": 1}
    assert staging.rows("response_id", "submitted_at", "customer_id") == [
        ("5dm9nya2b0mwd55dm8h7sy02", utc(2026, 3, 4, 0, 4, 10), None),
        ("hefupfub1vacf8sv12ch6301", utc(2026, 3, 2, 8, 18, 30), "C-1001"),
        ("odwdp4nzj1xg6m9l36odwd03", utc(2026, 3, 5, 10, 2), "C-1002"),
        ("p0s9d8f7g6h5j4k3l2z1x005", utc(2026, 3, 6, 9, 5), "C-1003"),
        ("q1w2e3r4t5y6u7i8o9p0a006", utc(2026, 7, 1, 20, 1), "C-1004"),
    ]
    assert staging.rows("comment")[1] == ("Quick,\nand friendly.",)


@pytest.mark.parametrize(
    ("text", "clock"), [*SPELLINGS.items(), ("2026-01-05T10:05:00+01:00", (9, 5)), ("2026-01-05T09:05:00Z", (9, 5))]
)
def test_typeform_times_are_utc_in_every_spelling(tmp_path: Path, text: str, clock: tuple[int, ...]) -> None:
    rows = records(example("typeform"))
    for row in rows[1:]:
        row[rows[0].index("Submit Date (UTC)")] = text
    moment = utc(2026, 1, 5, *clock)
    staging = stage(tmp_path, "typeform", TYPEFORM, as_csv(rows))
    assert set(staging.rows("submitted_at", "updated_at")) == {(moment, moment)}


def test_typeform_items_go_by_their_question_on_one_line(tmp_path: Path) -> None:
    staging = stage(tmp_path, "typeform", TYPEFORM)
    satisfied, again, recommend = TYPEFORM
    assert staging.values() == {
        ("hefupfub1vacf8sv12ch6301", satisfied): 5,
        ("hefupfub1vacf8sv12ch6301", again): 5,
        ("hefupfub1vacf8sv12ch6301", recommend): 10,
        ("5dm9nya2b0mwd55dm8h7sy02", satisfied): 4,
        ("5dm9nya2b0mwd55dm8h7sy02", recommend): 8,
        ("odwdp4nzj1xg6m9l36odwd03", satisfied): 2,
        ("p0s9d8f7g6h5j4k3l2z1x005", again): 1,
        ("p0s9d8f7g6h5j4k3l2z1x005", recommend): 0,
    }
    assert staging.reasons() == [(5, "value: is outside scale_min to scale_max")]


def test_several_answers_of_typeform_in_one_cell_are_no_number_and_never_the_first_of_them(tmp_path: Path) -> None:
    staging = stage(
        tmp_path,
        "typeform",
        {"Which of these do you know?": FIVE},
        example("typeform").replace("Gift cards / The app", "1 / 3"),
    )
    assert staging.reasons()[0] == (1, "value: is not a number")
    assert staging.values() == {}


def test_a_partial_typeform_response_without_any_date_is_left_out(tmp_path: Path) -> None:
    content = without(example("typeform"), "Stage Date (UTC)")
    staging = stage(tmp_path, "typeform", TYPEFORM, content)
    assert staging.responses.excluded_by_reason == {"not submitted": 2}
    assert staging.responses.rows_rejected == 0


# Delighted


def test_delighted_times_come_in_seconds_with_utc_behind_them_and_without_a_zone(tmp_path: Path) -> None:
    staging = stage(tmp_path, "delighted", {"score": ELEVEN})
    assert staging.rows("response_id", "submitted_at", "updated_at") == [
        ("5001", utc(2026, 3, 2, 8, 18, 30), None),
        ("5002", utc(2026, 3, 4, 0, 4, 10), utc(2026, 3, 4, 0, 9)),
        ("5003", utc(2026, 3, 5, 10), utc(2026, 3, 5, 11)),
        # A local time of Amsterdam.
        ("5004", utc(2026, 3, 6, 9), None),
        ("5005", utc(2026, 3, 5, 10, 0, 1), None),
    ]
    assert staging.reasons() == [
        (3, "value: is outside scale_min to scale_max"),
        (6, "submitted_at: is not a date"),
    ]


def test_delighted_customers_are_in_the_properties_and_their_address_with_the_person(tmp_path: Path) -> None:
    staging = stage(tmp_path, "delighted", {"score": ELEVEN})
    assert staging.rows("customer_id", "email_hash", "order_id") == [
        ("C-1001", email_hash("anna.vos@example.com"), "A-501"),
        (None, None, None),
        ("C-1003", email_hash("cem.chen@example.com"), None),
        (email_hash("didi.dorn@example.com"), email_hash("didi.dorn@example.com"), None),
        (email_hash("bo.bakker@example.com"), email_hash("bo.bakker@example.com"), None),
    ]
    assert staging.values() == {("5001", "score"): 10, ("5002", "score"): 8, ("5004", "score"): 0}


def test_delighted_responses_of_the_api_are_lines_of_json(tmp_path: Path) -> None:
    content = (
        '{"id": "1", "person": {"id": "10", "email": "anna.vos@example.com"}, "survey_type": "nps", "score": 0, '
        '"comment": null, "created_at": 1772439510, "updated_at": null, '
        '"person_properties": {"customer_id": "C-1001"}, "tags": []}\n'
        '{"id": "2", "person": "11", "score": 9, "created_at": 1772704800, "person_properties": null}\n'
    )
    staging = stage(tmp_path, "delighted", {"score": ELEVEN}, content, suffix=".jsonl")
    assert staging.rows("response_id", "submitted_at", "customer_id", "email_hash") == [
        ("1", utc(2026, 3, 2, 8, 18, 30), "C-1001", email_hash("anna.vos@example.com")),
        ("2", utc(2026, 3, 5, 10), None, None),
    ]
    assert staging.values() == {("1", "score"): 0, ("2", "score"): 9}


# Wide

WIDE = {"satisfaction": FIVE, "buy_again": FIVE, "recommend": ELEVEN, "c1": SEVEN}


def test_a_wide_file_has_one_column_per_item(tmp_path: Path) -> None:
    staging = stage(tmp_path, "wide", WIDE)
    assert staging.rows("response_id", "submitted_at", "customer_id", "order_id") == [
        ("w1", utc(2026, 3, 2, 8, 18, 30), "C-1001", "A-501"),
        ("w2", utc(2026, 3, 4, 0, 4, 10), None, None),
        ("w3", utc(2026, 7, 4, 22), "C-1002", None),
        ("w4", utc(2026, 3, 6, 8), "C-1003", "A-503"),
        ("w6", utc(2026, 3, 7, 7), email_hash("didi.dorn@example.com"), None),
    ]
    assert staging.values() == {
        ("w1", "satisfaction"): 5,
        ("w1", "buy_again"): 5,
        ("w1", "recommend"): 10,
        ("w1", "c1"): 7,
        ("w2", "satisfaction"): 4,
        ("w2", "recommend"): 8,
        ("w3", "satisfaction"): 2,
        ("w3", "c1"): 1,
        ("w4", "buy_again"): 1,
        ("w4", "recommend"): 0,
        ("w4", "c1"): 2,
    }
    assert staging.reasons() == [
        (4, "value: is outside scale_min to scale_max"),
        (5, "submitted_at: is not a date"),
    ]


# All of them

ITEMS = {
    "qualtrics": QUALTRICS,
    "surveymonkey": {SATISFIED: FIVE, RECOMMEND: ELEVEN},
    "typeform": TYPEFORM,
    "delighted": {"score": ELEVEN},
    "wide": WIDE,
}
REQUIRED = {
    "qualtrics": ("ResponseId", "EndDate"),
    "surveymonkey": ("Respondent ID", "End Date"),
    "typeform": ("#", "Submit Date (UTC)"),
    "delighted": ("id", "created_at"),
    "wide": ("response_id", "submitted_at"),
}
OPTIONAL = {
    "qualtrics": ("Status", "RecordedDate", "DistributionChannel", "ExternalReference", "RecipientEmail", "comment"),
    "surveymonkey": ("Email Address", "Custom Data 1", "comment"),
    "typeform": ("Stage Date (UTC)", "Response Type", "customer_id", "email", "comment"),
    "delighted": ("person", "email", "comment", "updated_at", "person_properties"),
    "wide": ("customer_id", "email", "order_id", "comment"),
}


@pytest.mark.parametrize("preset", ITEMS)
def test_columns_in_another_order_give_the_same_rows(tmp_path: Path, preset: str) -> None:
    columns = ("response_id", "submitted_at", "customer_id", "email_hash", "order_id", "comment", "updated_at")
    before = stage(tmp_path, preset, ITEMS[preset])
    rows, values = before.rows(*columns), before.values()
    after = stage(tmp_path, preset, ITEMS[preset], backwards(example(preset)))
    assert after.rows(*columns) == rows
    assert after.values() == values
    assert after.responses.excluded_by_reason == before.responses.excluded_by_reason


@pytest.mark.parametrize("preset", ITEMS)
def test_optional_columns_that_are_missing_are_null(tmp_path: Path, preset: str) -> None:
    header = example(preset)
    staging = stage(tmp_path, preset, ITEMS[preset], without(header, *OPTIONAL[preset]))
    assert set(staging.rows("customer_id", "email_hash", "comment")) == {(None, None, None)}


@pytest.mark.parametrize(("preset", "column"), [(preset, name) for preset in REQUIRED for name in REQUIRED[preset]])
def test_a_required_column_that_is_missing_is_named(tmp_path: Path, preset: str, column: str) -> None:
    text = error_of(tmp_path, preset, ITEMS[preset], without(example(preset), column))
    assert text.startswith(f"column {column} is missing; it has ")


@pytest.mark.parametrize("preset", ITEMS)
def test_an_item_that_the_export_does_not_have_is_named(tmp_path: Path, preset: str) -> None:
    text = error_of(tmp_path, preset, {"Shoe size": FIVE}, example(preset))
    assert text.startswith("item 'Shoe size' is not a column")
    assert "rename it in surveys, nearest are: '" in text


@pytest.mark.parametrize("preset", ITEMS)
def test_the_page_of_a_preset_shows_a_configuration_that_is_valid(preset: str) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (PRESETS / preset / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    shown = yaml.safe_load(block)
    (source,) = (SourceSettings.model_validate(source) for source in shown["sources"])
    surveys = {name: SurveySettings.model_validate(survey) for name, survey in shown["surveys"].items()}
    assert source.preset == preset
    assert list(surveys) == [source.survey]


# Microsoft Forms and Google Forms

FORM = {"How satisfied are you with us?": FIVE, "How likely are you to recommend us?": ELEVEN}
ANN, BOB = (pseudonyms(pl.Series([f"{name}@example.com"]), KEY).item() for name in ("ann", "bob"))
DUTCH_FORM = """ID,Begintijd,Tijd van voltooien,E-mail,Naam,How satisfied are you with us?,How likely are you to recommend us?
1,2026-10-02 09:00:00,2026-10-02 09:03:10,ann@example.com,Ann,5,9
"""


def test_microsoft_forms_are_numbered_by_survey_and_anonymous_is_nobody(tmp_path: Path) -> None:
    staging = stage(tmp_path, "microsoft_forms", FORM)
    assert staging.rows("response_id", "submitted_at", "customer_id", "updated_at") == [
        ("care-1", utc(2026, 10, 2, 7, 3, 10), ANN, utc(2026, 10, 2, 7, 3, 10)),
        ("care-2", utc(2026, 10, 2, 8, 1), None, utc(2026, 10, 2, 8, 1)),
        ("care-3", utc(2026, 10, 3, 9, 5), BOB, utc(2026, 10, 4, 6)),
    ]
    satisfied, recommend = FORM
    assert staging.values() == {
        ("care-1", satisfied): 5,
        ("care-1", recommend): 9,
        ("care-2", satisfied): 3,
        ("care-2", recommend): 6,
        ("care-3", satisfied): 4,
    }
    assert staging.reasons() == [(4, "submitted_at: is not a date; updated_at: is not a date")]


def test_a_microsoft_form_in_dutch_is_the_same(tmp_path: Path) -> None:
    staging = stage(tmp_path, "microsoft_forms", FORM, DUTCH_FORM)
    assert staging.rows("response_id", "submitted_at", "customer_id") == [("care-1", utc(2026, 10, 2, 7, 3, 10), ANN)]


def test_google_forms_times_have_their_zone_and_responses_of_one_second_are_two(tmp_path: Path) -> None:
    staging = stage(tmp_path, "google_forms", FORM)
    assert staging.rows("response_id", "submitted_at", "customer_id") == [
        ("care-20261002090310+0200-1", utc(2026, 10, 2, 7, 3, 10), ANN),
        ("care-20261002090310+0200-2", utc(2026, 10, 2, 7, 3, 10), None),
        ("care-20261003204817+0100-1", utc(2026, 10, 3, 19, 48, 17), BOB),
    ]
    assert [reason for _, reason in staging.reasons()] == ["submitted_at: is not a date; updated_at: is not a date"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026/10/03 10:26:52 p. m. GMT-3", utc(2026, 10, 4, 1, 26, 52)),
        ("2026/1/3 12:00:00 AM UTC+5:30", utc(2026, 1, 2, 18, 30)),
        ("2026/10/03 12:00:00 PM GMT+11", utc(2026, 10, 3, 1)),
        ("2026-10-03 12:00:00", utc(2026, 10, 3, 10)),
    ],
)
def test_a_time_of_google_forms_is_read_in_any_of_its_spellings(tmp_path: Path, text: str, moment: datetime) -> None:
    content = f"Horodateur,How satisfied are you with us?\n{text},5\n"
    staging = stage(tmp_path, "google_forms", {"How satisfied are you with us?": FIVE}, content)
    assert staging.rows("submitted_at") == [(moment,)]


# LimeSurvey

LIME = {"SAT. How satisfied are you with us?": FIVE, "NPS. How likely are you to recommend us?": ELEVEN}
LIME_SENT = [
    ("care-1", utc(2026, 3, 2, 8, 18, 30), "C-1001"),
    # Not sent: the last action.
    ("care-2", utc(2026, 3, 3, 9, 2), None),
]


def test_limesurvey_columns_go_by_the_code_before_the_point(tmp_path: Path) -> None:
    staging = stage(tmp_path, "limesurvey", LIME)
    assert staging.responses.excluded_by_reason == {"only opened": 1}
    assert staging.rows("response_id", "submitted_at", "customer_id") == LIME_SENT
    assert staging.rows("comment") == [("Quick,\nand friendly.",), (None,)]
    satisfied, recommend = LIME
    assert staging.values() == {("care-1", satisfied): 5, ("care-1", recommend): 10, ("care-2", satisfied): 2}
    assert staging.reasons() == [(4, "submitted_at: is not a date; updated_at: is not a date")]


def test_limesurvey_headings_can_be_dutch_or_the_code_alone(tmp_path: Path) -> None:
    head, *lines = example("limesurvey").split("\n", 1)
    dutch = head.replace("Date submitted", "Datum ingezonden").replace("Last page", "Laatste pagina")
    assert stage(made(tmp_path / "nl"), "limesurvey", LIME, f"{dutch}\n{lines[0]}").rows("submitted_at")[0] == (
        LIME_SENT[0][1],
    )
    rows = records(example("limesurvey"))
    codes = [name.split(". ")[0] for name in rows[0]]
    staging = stage(made(tmp_path / "codes"), "limesurvey", {"SAT": FIVE}, as_csv([codes, *rows[1:]]))
    assert staging.values() == {("care-1", "SAT"): 5, ("care-2", "SAT"): 2}


def test_nobody_can_be_read_in_the_quarantine_of_limesurvey(tmp_path: Path) -> None:
    rejected = stage(tmp_path, "limesurvey", LIME).staged.rejected().collect()
    (raw,) = rejected["raw"].to_list()
    assert "cem.chen" not in raw
    assert "192.0.2.17" not in raw
    assert "tok4" not in raw
    assert "1980-01-01" in raw


# QuestionPro

QUESTIONPRO = {"How satisfied are you with us?": FIVE, "Please rate: / Help when asked": FIVE}


def test_questionpro_parts_of_a_question_go_by_both_names(tmp_path: Path) -> None:
    staging = stage(tmp_path, "questionpro", QUESTIONPRO)
    assert staging.responses.excluded_by_reason == {"header row": 1, "screened out": 1}
    assert staging.rows("response_id", "submitted_at", "customer_id", "order_id") == [
        ("18568731", utc(2026, 3, 2, 8, 18, 30), "C-1001", "A-501"),
        ("18568732", utc(2026, 3, 3, 9, 2), None, None),
    ]
    satisfied, helped = QUESTIONPRO
    assert staging.values() == {
        ("18568731", satisfied): 5,
        ("18568731", helped): 5,
        ("18568732", satisfied): 2,
        ("18568732", helped): 3,
    }
    assert staging.reasons() == [(5, "submitted_at: is not a date; updated_at: is not a date")]
