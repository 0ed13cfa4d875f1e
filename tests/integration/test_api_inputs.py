"""APIs as inputs: pages, limits, faults, what is kept of a read that was cut off, and that no token is left anywhere."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.apis import tools
from pipeline.sources.apis.kept_pages import KeptPages
from pipeline.sources.apis.reading import ApiRead, Keeping, read_api
from pipeline.sources.batches import Staged
from pipeline.sources.settings import ApiInput, SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES
from tests.api_servers import BROKEN, CUT, LIMITED, TOKEN, Answer, JudgeMe
from tests.scenario import ROOT, make_shop, order_lines

pytestmark = pytest.mark.usefixtures("waits")

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
SHOP = "my-shop.myshopify.com"
KEY = b"a long secret text"


def review(number: int, **changes: Any) -> dict[str, Any]:
    """A review as the API gives it."""
    return {
        "id": number,
        "title": "Fine",
        "body": f"Text {number}",
        "rating": 4,
        "product_external_id": 700 + number,
        "product_handle": "kaars",
        "reviewer": {"id": 1, "email": f"p{number}@example.com", "name": "P"},
        "curated": "ok",
        "verified": "buyer",
        "created_at": f"2026-03-{number:02}T10:00:00+00:00",
        "updated_at": f"2026-03-{number:02}T11:00:00+00:00",
        **changes,
    }


@pytest.fixture
def judgeme(monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgeMe]:
    """Five reviews, two a page."""
    _two_a_page(monkeypatch)
    with JudgeMe(reviews=[review(number) for number in (5, 4, 3, 2, 1)]).running() as server:
        assert isinstance(server, JudgeMe)
        yield server


def _two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tools.TOOLS["judgeme"]
    two = replace(tool.resources["reviews"], page_rows=2, parameters={"per_page": "2"})
    monkeypatch.setitem(tools.TOOLS, "judgeme", replace(tool, resources={"reviews": two}))  # type: ignore[arg-type]


def place_of(server: JudgeMe, **changes: Any) -> ApiInput:
    given = {"api": "judgeme", "shop": SHOP, "token": TOKEN, "base_url": server.address}
    return ApiInput.model_validate(given | changes)


def read(
    place: ApiInput,
    folder: Path,
    *,
    now: datetime = NOW,
    reader: str = "one",
    key: bytes | None = KEY,
    is_snapshot: bool = False,
) -> tuple[ApiRead, list[dict[str, Any]]]:
    target = folder / "rows.jsonl"
    keeping = Keeping(folder / "pages", key, is_snapshot=is_snapshot)
    got = read_api(place, "reviews", reader=reader, after=None, target=target, keeping=keeping, now=now)
    return got, [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def error_of(place: ApiInput, folder: Path) -> str:
    with pytest.raises(SourceShapeError) as caught:
        read(place, folder)
    assert "\n" not in str(caught.value)
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


# Reading


def test_all_pages_arrive_with_their_numbers_as_they_are_written(judgeme: JudgeMe, tmp_path: Path) -> None:
    body = json.dumps({"reviews": [review(6, rating="RATING")]}).replace('"RATING"', "4.10000000000000000001")
    judgeme.faults.extend([Answer(body)])
    got, rows = read(place_of(judgeme), tmp_path)
    assert rows[0]["rating"] == "4.10000000000000000001"
    # The first page was another one: of the five there are the last three.
    assert ids(rows) == ["6", "3", "2", "1"]
    assert got == ApiRead(4, None)


def test_half_an_emoji_is_one_replaced_character(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.reviews[0] |= {"title": "\ud83d\ude00", "body": "What a candle \ud83d"}
    _, rows = read(place_of(judgeme), tmp_path)
    assert [row["body"] for row in rows] == ["What a candle \ufffd", "Text 4", "Text 3", "Text 2", "Text 1"]
    assert rows[0]["title"] == "\U0001f600"


def test_a_limit_is_waited_for_as_long_as_it_says(judgeme: JudgeMe, tmp_path: Path, waits: list[float]) -> None:
    judgeme.faults.extend([None, LIMITED])
    _, rows = read(place_of(judgeme), tmp_path)
    assert len(rows) == 5
    assert waits == [7]


def test_a_server_that_fails_or_hangs_up_is_asked_again(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.faults.extend([BROKEN, None, CUT, BROKEN])
    assert len(read(place_of(judgeme), tmp_path)[1]) == 5


@pytest.mark.parametrize(
    "length", [0, 1, 14, 40, 62, 78, 91, 200, -1, -3], ids=lambda length: f"{length} bytes of its answer"
)
def test_an_answer_that_ends_too_early_is_asked_for_again(
    judgeme: JudgeMe, tmp_path: Path, waits: list[float], length: int
) -> None:
    whole = json.dumps({"reviews": [review(5, curated=True, title="é"), review(4)]}, ensure_ascii=False).encode()
    judgeme.faults.append(Answer(whole[:length]))
    assert ids(read(place_of(judgeme), tmp_path)[1]) == ["5", "4", "3", "2", "1"]
    assert waits == [2]


@pytest.mark.parametrize("end", [b"\xc3", b"tru", b"-", b'"\\u00'])
def test_an_answer_that_ends_within_a_character_or_a_word_is_asked_for_again(
    judgeme: JudgeMe, tmp_path: Path, waits: list[float], end: bytes
) -> None:
    judgeme.faults.append(Answer(b'{"reviews": [{"id": 1, "title": ' + (b'"' if end == b"\xc3" else b"") + end))
    assert len(read(place_of(judgeme), tmp_path)[1]) == 5
    assert waits == [2]


def test_a_request_that_timed_out_on_its_way_is_asked_again(
    judgeme: JudgeMe, tmp_path: Path, waits: list[float]
) -> None:
    judgeme.faults.append(Answer("", 408))
    assert len(read(place_of(judgeme), tmp_path)[1]) == 5
    assert waits == [2]


def test_answers_that_always_end_too_early_are_one_line(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.faults.extend([Answer('{"reviews": [')] * 6)
    words = "cuts its answer short again and again; the next run goes on from here"
    assert error_of(place_of(judgeme), tmp_path).endswith(words)


def test_a_tool_that_gives_its_last_page_for_ever_is_no_endless_read(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.most_pages = 2
    words = "gives its last page again and again and tells of no more reviews; read its export"
    assert error_of(place_of(judgeme), tmp_path).endswith(words)
    assert [asked["page"] for asked in judgeme.asked] == ["1", "2", "3"]


def test_an_empty_shop_has_no_rows(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.reviews.clear()
    assert read(place_of(judgeme), tmp_path) == (ApiRead(0, None), [])


def test_a_review_that_comes_while_the_pages_are_read_moves_none_away_and_doubles_none(
    judgeme: JudgeMe, tmp_path: Path
) -> None:
    def one_more() -> None:
        if len(judgeme.asked) == 1:
            judgeme.reviews.insert(0, review(6))

    judgeme.between = one_more
    # The new one stood before the first page when that was read.
    assert sorted(ids(read(place_of(judgeme), tmp_path)[1])) == ["1", "2", "3", "4", "5"]


def test_a_snapshot_misses_no_review_when_another_is_deleted_meanwhile(judgeme: JudgeMe, tmp_path: Path) -> None:
    def delete() -> None:
        if len(judgeme.asked) == 1:
            del judgeme.reviews[0]

    judgeme.between = delete
    # Of 5, 4, 3, 2 and 1 the third moved onto the first page, which had been read.
    assert sorted(ids(read(place_of(judgeme), tmp_path, is_snapshot=True)[1])) == ["1", "2", "3", "4", "5"]
    # Three pages, of which the last is empty, and all of them twice more: the second time brought the third review.
    assert [asked["page"] for asked in judgeme.asked] == ["1", "2", "3"] * 3


def test_a_snapshot_that_was_cut_off_looks_at_the_pages_before_once_more(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.reviews = [review(number) for number in range(7, 0, -1)]
    judgeme.faults.extend([None, None, Answer("no", 401)])
    with pytest.raises(SourceShapeError):
        read(place_of(judgeme), tmp_path, is_snapshot=True)
    # Of 4, 3, 2 and 1 the third is on the first page, and the read goes on at the second.
    del judgeme.reviews[:3]
    assert sorted(ids(read(place_of(judgeme), tmp_path, is_snapshot=True)[1])) == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_snapshot_of_one_page_is_read_once(judgeme: JudgeMe, tmp_path: Path) -> None:
    del judgeme.reviews[2:]
    assert ids(read(place_of(judgeme), tmp_path, is_snapshot=True)[1]) == ["5", "4"]
    assert [asked["page"] for asked in judgeme.asked] == ["1", "2"]


# Faults


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("no", 401), "refuses the token (401); set one that may read: a private token"),
        (Answer("no", 404), "there is nothing (404); check shop, form and base_url"),
        (Answer("no", 400), "refuses the request (400)"),
        (Answer("<html>"), "answers with application/json in place of JSON"),
        (Answer({"rows": []}), "answers without reviews, or without the id of one; has the API changed?"),
        (Answer({"reviews": [{"title": "A"}]}), "answers without reviews, or without the id of one"),
        (Answer([1]), "answers without reviews"),
        (Answer('{"reviews": [nothing at all]}'), "answers with application/json in place of JSON"),
        (Answer(b'{"reviews": "\xff and more"}'), "answers with application/json in place of JSON"),
        (Answer("", 302, {"Location": "https://example.com"}), "has moved (302), and tokens are not sent after it"),
    ],
)
def test_what_is_no_answer_is_one_line_without_the_token(
    judgeme: JudgeMe, tmp_path: Path, answer: Answer, words: str
) -> None:
    judgeme.faults.append(answer)
    assert f"judgeme {judgeme.address.removeprefix('http://')} {SHOP} reviews: {words}" in error_of(
        place_of(judgeme), tmp_path
    )
    assert len(judgeme.asked) == 1


def test_a_wrong_token_is_told_without_it(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.token = "another"
    assert "refuses the token (401)" in error_of(place_of(judgeme), tmp_path)


def test_a_place_that_does_not_answer_is_told_without_the_token(
    judgeme: JudgeMe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.apis.client.ATTEMPTS", 2)
    # Port 1 of loopback belongs to nobody.
    assert "cannot be reached (ConnectionError)" in error_of(place_of(judgeme, base_url="http://127.0.0.1:1"), tmp_path)


def test_after_a_limit_of_an_hour_the_next_run_goes_on_where_it_was(
    judgeme: JudgeMe, tmp_path: Path, waits: list[float]
) -> None:
    judgeme.faults.extend([None, None, *[replace(LIMITED, headers={"Retry-After": "3600"})] * 6])
    words = error_of(place_of(judgeme), tmp_path)
    assert words.endswith("is at its limit (429), and asks to wait 3600 seconds; the next run goes on from here")
    # A run holds its home while it waits, so no wait is longer than two minutes.
    assert waits == [120] * 5
    judgeme.asked.clear()
    assert ids(read(place_of(judgeme), tmp_path)[1]) == ["5", "4", "3", "2", "1"]
    assert [asked["page"] for asked in judgeme.asked] == ["2", "3", "4"]


def test_killed_after_any_write_nothing_is_lost_or_doubled(
    judgeme: JudgeMe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = KeptPages._write
    left = 0

    def write_and_die(self: KeptPages, name: str, text: str) -> None:
        nonlocal left
        real(self, name, text)
        left -= 1
        if not left:
            raise KeyboardInterrupt

    # Three pages and the empty one, the state after each, that it was whole, and who has read it.
    for writes in range(1, 11):
        folder, left = tmp_path / str(writes), writes
        folder.mkdir()
        monkeypatch.setattr(KeptPages, "_write", write_and_die)
        with pytest.raises(KeyboardInterrupt):
            read(place_of(judgeme), folder)
        monkeypatch.setattr(KeptPages, "_write", real)
        assert ids(read(place_of(judgeme), folder)[1]) == ["5", "4", "3", "2", "1"]


def test_a_whole_read_serves_another_source_for_an_hour(judgeme: JudgeMe, tmp_path: Path) -> None:
    read(place_of(judgeme), tmp_path)
    n_asked = len(judgeme.asked)
    judgeme.reviews.insert(0, review(6))
    another = read(place_of(judgeme), tmp_path, now=NOW + timedelta(minutes=59), reader="two")
    assert (len(another[1]), len(judgeme.asked)) == (5, n_asked)
    later = read(place_of(judgeme), tmp_path, now=NOW + timedelta(minutes=61), reader="three")
    assert len(later[1]) == 6


def test_a_source_that_reads_again_before_its_rows_are_merged_sees_what_is_there_now(
    judgeme: JudgeMe, tmp_path: Path
) -> None:
    read(place_of(judgeme), tmp_path)
    judgeme.reviews.insert(0, review(6))
    assert len(read(place_of(judgeme), tmp_path)[1]) == 6


def test_a_long_read_says_how_far_it_is(judgeme: JudgeMe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.apis.reading.PAGES_BETWEEN_WORDS", 2)
    said: list[str] = []
    read_api(
        place_of(judgeme),
        "reviews",
        reader="one",
        after=None,
        target=tmp_path / "rows.jsonl",
        keeping=Keeping(tmp_path / "pages", KEY, said.append),
        now=NOW,
    )
    where = f"judgeme {judgeme.address.removeprefix('http://')} {SHOP} reviews"
    assert said == [f"{where}: 4 rows in 2 requests", f"{where}: 5 rows in 4 requests"]


def test_dlt_is_loaded_only_to_read_and_writes_nothing(judgeme: JudgeMe, tmp_path: Path) -> None:
    home = tmp_path / "user"
    home.mkdir()
    (tmp_path / "cwd" / ".dlt").mkdir(parents=True)
    # Settings of dlt's own, which would let nothing through.
    (tmp_path / "cwd" / ".dlt" / "config.toml").write_text("[runtime]\nrequest_timeout = 'x'\n")
    code = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.sources.apis.reading import Keeping, read_api
from pipeline.sources.settings import ApiInput
assert 'dlt' not in sys.modules
place = ApiInput(api='judgeme', shop='{SHOP}', token='{TOKEN}', base_url='{judgeme.address}')
folder = Path('{tmp_path}')
got = read_api(place, 'reviews', reader='one', after=None, target=folder / 'rows.jsonl', keeping=Keeping(folder / 'pages'), now=datetime.now(UTC))
assert 'dlt' in sys.modules
print(got.rows)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "cwd",
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("5\n", "")
    assert list(home.rglob("*")) == []
    assert sorted(path.name for path in (tmp_path / "cwd").rglob("*")) == [".dlt", "config.toml"]
    assert all(TOKEN.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_pages_that_wait_to_be_merged_show_no_address_and_serve_no_other_key(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.faults.extend([None, Answer("no", 401)])
    error_of(place_of(judgeme), tmp_path)
    kept = [file for file in (tmp_path / "pages").rglob("*") if file.is_file()]
    assert len(kept) == 2
    assert all(b"example.com" not in file.read_bytes() for file in kept)
    for key in (b"another long secret", None):
        judgeme.asked.clear()
        assert len(read(place_of(judgeme), tmp_path, key=key)[1]) == 5
        assert judgeme.asked[0]["page"] == "1"


# Settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shop": None}, "shop: is missing; judgeme needs it"),
        ({"shop": "my shop"}, "shop: 'my shop' is not a shop of Judge.me, such as my-shop.myshopify.com"),
        ({"form": "abc"}, "form: judgeme takes none; leave it out"),
        ({"base_url": "http://gateway.example.com"}, "base_url: would send the token for all to read; use https"),
        ({"base_url": "https://me:secret@example.com"}, "base_url: is not the address of an API"),
        ({"base_url": "ftp://example.com"}, "base_url: is not the address of an API"),
        ({"base_url": "https://example.com?token=1"}, "base_url: is not the address of an API"),
        ({"lookback_hours": -1}, "lookback_hours"),
        ({"token": ""}, "token"),
        ({"api": "loox"}, "api"),
        ({"page": 3}, "page"),
    ],
)
def test_settings_of_an_api_are_checked(changes: dict[str, Any], words: str) -> None:
    given = {"api": "judgeme", "shop": SHOP, "token": TOKEN} | changes
    # Not `as error`: with the error in a local of this frame, pydantic's error and the frame would hold each other for ever.
    with pytest.raises(ValidationError, match=rf"(?s)^(?!.*{TOKEN}).*{re.escape(words)}"):
        ApiInput.model_validate({key: value for key, value in given.items() if value is not None})


@pytest.mark.parametrize(
    ("name", "preset", "words"),
    [
        ("orders", "judgeme", "input 'orders' is not one of reviews"),
        ("reviews", "loox", "'loox' does not read reviews of judgeme; take judgeme"),
    ],
)
def test_a_source_reads_what_the_api_has_by_its_own_preset(name: str, preset: str, words: str) -> None:
    given = {"api": "judgeme", "shop": SHOP, "token": TOKEN}
    with pytest.raises(ValidationError, match=words):
        SourceSettings(name="r", entity="reviews", preset=preset, inputs={name: ApiInput.model_validate(given)})


def test_a_token_in_the_configuration_is_refused_and_not_shown(tmp_path: Path) -> None:
    inputs = {"reviews": {"api": "judgeme", "shop": SHOP, "token": TOKEN}}
    source = {"name": "reviews", "entity": "reviews", "preset": "judgeme", "inputs": inputs}
    shop = make_shop(tmp_path, order_lines(2))
    shop.config.write_text(
        json.dumps({"shop": {"name": "T", "time_zone": "UTC", "currency": "EUR"}, "sources": [source]})
    )
    result = shop.loyalty("check")
    assert result.exit_code == 1
    assert "sources.0.inputs.reviews.token: is a secret; put it in an environment variable" in result.output
    assert TOKEN not in result.output


# The same by CSV and by API


def stage(folder: Path, place: Any) -> list[dict[str, Any]]:
    source = SourceSettings(name="reviews", entity="reviews", preset="judgeme", inputs={"reviews": place})
    shop = ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR")
    staged = Staged(folder / "staged")
    (batch,) = stage_source(source, staged.folder, shop=shop, survey=None, key=KEY, started_at=NOW).batches
    assert batch.is_balanced
    assert TOKEN.encode() not in b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file())
    assert b"example.com" not in b"".join(f.read_bytes() for f in staged.folder.rglob("*") if f.is_file())
    return staged.valid(ENTITIES["reviews"]).collect().sort("created_at").to_dicts()


def test_reviews_by_csv_and_by_api_are_the_same_rows_where_both_know_the_same(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.reviews[0] |= {"curated": "spam"}
    by_api = stage(tmp_path / "api", place_of(judgeme))
    header = ("rating", "review_date", "title", "body", "curated", "reviewer_name", "reviewer_email", "product_id")
    with (tmp_path / "reviews.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for one in judgeme.reviews:
            day = one["created_at"][:10]
            person = (one["reviewer"]["name"], one["reviewer"]["email"])
            told = (one["rating"], f"{day} 10:00:00 UTC", one["title"], one["body"], one["curated"])
            writer.writerow([*told, *person, one["product_external_id"]])
    by_csv = stage(tmp_path / "csv", str(tmp_path / "reviews.csv"))
    only_api = {"review_id", "is_verified", "updated_at", "batch_id", "exported_at"}
    same = [[{k: v for k, v in row.items() if k not in only_api} for row in rows] for rows in (by_api, by_csv)]
    assert same[0] == same[1]
    assert [row["review_id"] for row in by_api] == ["1", "2", "3", "4"]
    assert {row["is_verified"] for row in by_api} == {True}


def test_an_empty_shop_is_a_batch_without_rows(judgeme: JudgeMe, tmp_path: Path) -> None:
    judgeme.reviews.clear()
    assert stage(tmp_path, place_of(judgeme)) == []
