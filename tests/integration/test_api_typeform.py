"""Typeform by its API: questions from the form, pages by time, and the same responses as by its export."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.attitude.survey_settings import ItemSettings, SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.reading import ApiRead, Keeping, read_api
from pipeline.sources.batches import Staged
from pipeline.sources.preset import PRESETS
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.api_servers import TOKEN, Typeform
from tests.bench.exports import write_csv

NOW = datetime(2027, 1, 6, 2, tzinfo=UTC)
KEY = b"a key for the tests"
SATISFIED = "All in all, how satisfied are you with our shop?"
AGAIN, RECOMMEND = "Will you buy from us again?", "How likely are you to recommend us?"
KNOW = "Which of these do you know?"
FIELDS = [
    {"id": "f1", "title": "All in all, how satisfied\nare you with our shop?", "type": "rating"},
    {"id": "g1", "title": "And now", "type": "group", "properties": {"fields": [{"id": "f2", "title": AGAIN}]}},
    {"id": "f3", "title": RECOMMEND, "type": "opinion_scale"},
    {"id": "f4", "title": KNOW, "type": "multiple_choice"},
]
HIDDEN = ["customer_id", "email", "comment"]


def response(number: int, *, at: str = "", answers: dict[str, Any] | None = None, **hidden: str) -> dict[str, Any]:
    """A response as the API gives it; answers by the field's id."""
    return {
        "token": f"t{number}",
        "landed_at": "2026-03-01T08:00:00Z",
        "submitted_at": at or f"2026-03-{number:02}T08:18:30Z",
        "metadata": {"network_id": "98eebf"},
        "hidden": hidden,
        "answers": [
            {"field": {"id": one, "type": "x", "ref": "r"}, **_answer(value)} for one, value in (answers or {}).items()
        ],
    }


def _answer(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"type": "choices", "choices": {"labels": value}}
    return {"type": "number", "number": value} if isinstance(value, int) else {"type": "text", "text": value}


@pytest.fixture
def typeform() -> Iterator[Typeform]:
    with Typeform(fields=FIELDS, hidden=HIDDEN).running() as server:
        assert isinstance(server, Typeform)
        yield server


def place_of(server: Typeform) -> ApiInput:
    given = {"api": "typeform", "form": "u6nXL7", "token": TOKEN, "base_url": server.address}
    return ApiInput.model_validate(given)


def read(server: Typeform, folder: Path, after: str | None = None) -> tuple[ApiRead, list[dict[str, Any]]]:
    target = folder / "rows.jsonl"
    got = read_api(
        place_of(server),
        "responses",
        reader="one",
        after=after,
        target=target,
        keeping=Keeping(folder / "pages", b"a key"),
        now=NOW,
    )
    return got, [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tools.TOOLS["typeform"]
    told = tool.resources["responses"]
    two = replace(told, page_rows=2, parameters=dict(told.parameters) | {"page_size": "2"})
    monkeypatch.setitem(tools.TOOLS, "typeform", replace(tool, resources={"responses": two}))


def test_each_page_begins_at_the_last_moment_of_the_one_before(
    typeform: Typeform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_a_page(monkeypatch)
    typeform.items = [response(number) for number in range(1, 6)]
    got, rows = read(typeform, tmp_path)
    assert [row["token"] for row in rows] == ["t1", "t2", "t3", "t4", "t5"]
    assert got.watermark == "2026-03-05T08:18:30Z"


def test_more_responses_of_one_moment_than_a_page_holds_are_refused_and_not_lost(
    typeform: Typeform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_a_page(monkeypatch)
    typeform.items = [response(number, at="2026-03-01T00:00:00Z") for number in range(1, 4)]
    with pytest.raises(SourceShapeError, match="gives 2 rows of one moment, 2026-03-01T00:00:00Z, and no way past"):
        read(typeform, tmp_path)


def test_the_next_read_asks_from_a_day_before_the_last_one(typeform: Typeform, tmp_path: Path) -> None:
    typeform.items = [response(number) for number in range(1, 6)]
    _, rows = read(typeform, tmp_path, "2026-03-05T08:18:30Z")
    assert [row["token"] for row in rows] == ["t4", "t5"]


def test_two_questions_of_one_title_are_refused(typeform: Typeform, tmp_path: Path) -> None:
    typeform.fields = [*FIELDS, {"id": "f9", "title": KNOW.upper()}]
    with pytest.raises(SourceShapeError, match="two questions or fields are called 'WHICH OF THESE DO YOU KNOW"):
        read(typeform, tmp_path)


def test_an_answer_by_video_is_none_and_stops_no_other(typeform: Typeform, tmp_path: Path) -> None:
    typeform.items = [response(1, answers={"f1": 4})]
    typeform.items[0]["answers"].append({"field": {"id": "f4"}, "type": "multi_format", "video": {"url": "x"}})
    _, (row,) = read(typeform, tmp_path)
    assert (row[SATISFIED], row[KNOW]) == ("4", None)


def test_a_question_of_the_title_of_a_hidden_field_is_refused(typeform: Typeform, tmp_path: Path) -> None:
    typeform.fields = [*FIELDS, {"id": "f9", "title": "Comment"}]
    with pytest.raises(SourceShapeError, match="two questions or fields are called 'Comment'; rename"):
        read(typeform, tmp_path)


def test_a_hidden_field_that_is_called_as_a_column_of_the_response_leaves_it_as_it_is(
    typeform: Typeform, tmp_path: Path
) -> None:
    hidden = {"token": "abc", "submitted_at": "yesterday", "customer_id": "c1"}
    typeform.hidden = ["token", "customer_id"]
    typeform.items = [response(1, **hidden), response(2, **hidden), response(3)]
    got, rows = read(typeform, tmp_path)
    assert [(row["token"], row["customer_id"]) for row in rows] == [("t1", "c1"), ("t2", "c1"), ("t3", None)]
    assert got == ApiRead(3, "2026-03-03T08:18:30Z")
    assert rows[0]["hidden"] == hidden


def test_a_refused_token_names_the_scopes_it_needs(typeform: Typeform, tmp_path: Path) -> None:
    typeform.token = "another"
    with pytest.raises(SourceShapeError) as caught:
        read(typeform, tmp_path)
    assert "refuses the token (403); set one that may read: responses:read and forms:read" in str(caught.value)
    assert TOKEN not in str(caught.value)


def stage(folder: Path, place: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Valid responses and answers."""
    items = {SATISFIED: (1, 5), AGAIN: (1, 5), RECOMMEND: (0, 10)}
    survey = SurveySettings(type="relational", items={one: ItemSettings(scale=scale) for one, scale in items.items()})
    source = SourceSettings(
        name="voice", entity="surveys", preset="typeform", survey="care", inputs={"responses": place}
    )
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR")
    staged = Staged(folder / "staged" / "voice")
    report = stage_source(source, staged.folder, shop=shop, survey=survey, key=KEY, started_at=NOW)
    assert all(batch.is_balanced for batch in report.batches)
    octets = b"".join(file.read_bytes() for file in staged.folder.rglob("*") if file.is_file())
    assert TOKEN.encode() not in octets
    assert b"@example.com" not in octets
    tables = [ENTITIES[name] for name in ("survey_responses", "survey_answers")]
    responses, answers = (
        staged.valid(table).select(set(table.polars_schema) - {"batch_id"}).collect().sort(table.key).to_dicts()
        for table in tables
    )
    return responses, answers


def test_responses_by_export_and_by_api_are_the_same_rows(typeform: Typeform, tmp_path: Path) -> None:
    text = (PRESETS / "typeform" / "example_responses.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["Response Type"] == "completed"]
    titles = {" ".join(title.split()): title for title in rows[0]}
    file = tmp_path / "responses.csv"
    write_csv(file, rows)
    for row in rows:
        numbers = {one: row[titles[title]] for one, title in (("f1", SATISFIED), ("f2", AGAIN), ("f3", RECOMMEND))}
        answers: dict[str, Any] = {one: int(value) for one, value in numbers.items() if value}
        known = row[KNOW].split(" / ") if row[KNOW] else []
        hidden = {name: row[name] for name in HIDDEN if row[name]}
        moment = row["Submit Date (UTC)"].replace(" ", "T") + "Z"
        given = answers | ({"f4": known} if known else {})
        typeform.items.append(response(0, at=moment, answers=given, **hidden) | {"token": row["#"]})
    by_csv, by_api = stage(tmp_path / "csv", str(file)), stage(tmp_path / "api", place_of(typeform))
    assert len(by_csv[0]) >= 3
    assert by_api == by_csv


def test_a_form_without_a_response_is_a_batch_without_rows(typeform: Typeform, tmp_path: Path) -> None:
    assert stage(tmp_path, place_of(typeform)) == ([], [])
