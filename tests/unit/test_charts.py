"""Pictures: what they show and what they say of it, on rows counted by hand; and what the pages of assets show beside them."""

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.assets.shown import NUMBERS, PICTURES
from pipeline.charts import attitude, customers, outlook
from pipeline.charts.kept import drop_pictures, find_picture, folder_of, on_page
from pipeline.charts.picture import Picture, packed, to_png, to_svg
from pipeline.core.report.dutch import DUTCH
from pipeline.core.report.english import ENGLISH
from schemas.registry import SEGMENTS

AS_OF, BEFORE = date(2026, 11, 27), date(2026, 10, 31)
Row = dict[str, Any]


def table(name: str, *rows: Row) -> pl.DataFrame:
    """Rows of a contract; what they leave out is null."""
    schema = SEGMENTS[name].polars_schema
    return pl.DataFrame(
        [{column: {"as_of_date": AS_OF, **row}.get(column) for column in schema} for row in rows], schema=schema
    )


def says(picture: Picture | None) -> str:
    assert picture is not None
    # A chart that does not fit the grammar of its library is refused here.
    json.loads(picture.chart.to_json())
    return picture.says


def shown(picture: Picture | None) -> list[Row]:
    """The rows of the data of a chart, its largest set first."""
    assert picture is not None
    found: Sequence[list[Row]] = sorted(picture.chart.to_dict()["datasets"].values(), key=len, reverse=True)
    return found[0]


def sizes(on: date, **counts: int) -> list[Row]:
    total = sum(counts.values())
    return [
        {
            "as_of_date": on,
            "kind": "rfm",
            "segment": name,
            "n_customers": n,
            "n_total": total,
            "pct_customers": 100 * n / total,
        }
        for name, n in counts.items()
    ]


def move(before: str, after: str, n: int, **more: Any) -> Row:
    return {"from_date": BEFORE, "kind": "rfm", "from_segment": before, "to_segment": after, "n_customers": n, **more}


def nps(on: date, score: float | None, **more: Any) -> Row:
    bounds = {"nps_low": (score or 0) - 8, "nps_high": (score or 0) + 8}
    return {"as_of_date": on, "survey_type": "relational", "dimension": "all", "n": 100, "nps": score, **bounds, **more}


def test_the_map_shows_customers_by_recency_and_by_frequency_and_value() -> None:
    scored = [(1, 2, 3), (1, 2, 3), (1, 2, 3), (3, 3, 3), (None, None, None)]
    picture = customers.rfm_map(
        table("rfm", *({"r_score": r, "f_score": f, "fm_score": fm} for r, f, fm in scored)), ENGLISH
    )
    assert says(picture) == (
        "Heat map of 2 cells with customers. None is fuller than recency 1 with frequency and value 3: 3 of 4 customers (75.0%)."
    )
    assert shown(picture) == [{"x": "1", "y": "3", "n": 3}, {"x": "3", "y": "3", "n": 1}]


def test_a_segment_that_came_later_begins_at_nothing() -> None:
    rows = table("segment_sizes", *sizes(BEFORE, lapsed=10), *sizes(AS_OF, lapsed=15, champions=5))
    picture = customers.segment_sizes(rows, ENGLISH)
    assert says(picture) == (
        "Small line charts, one per segment, 31 October 2026 to 27 November 2026. Largest on 27 November 2026: lapsed 75.0% and "
        "champions 25.0%. Since 31 October 2026 none has moved further than champions: from 0.0% to 25.0%."
    )
    assert [(row["segment"], row["pct"]) for row in shown(picture)] == [
        *(("champions", 0.0), ("lapsed", 100.0), ("champions", 25.0), ("lapsed", 75.0)),
    ]


def test_what_moved_is_told_since_the_date_that_the_report_compares_with_not_since_the_first_of_the_picture() -> None:
    first, year_before = date(2024, 11, 30), date(2025, 11, 27)
    rows = table(
        "segment_sizes",
        *(*sizes(first, loyal=10), *sizes(year_before, loyal=8, lapsed=2), *sizes(AS_OF, loyal=6, lapsed=4)),
    )
    assert says(customers.segment_sizes(rows, ENGLISH)) == (
        "Small line charts, one per segment, 30 November 2024 to 27 November 2026. Largest on 27 November 2026: loyal 60.0% and lapsed "
        "40.0%. Since 27 November 2025 none has moved further than lapsed: from 20.0% to 40.0%."
    )


def test_of_one_date_no_picture_says_that_anything_moved_or_stayed() -> None:
    picture = customers.segment_sizes(table("segment_sizes", *sizes(AS_OF, loyal=3, lapsed=1)), ENGLISH)
    assert says(picture) == (
        "Small charts with one point, one per segment, on 27 November 2026. Largest: loyal 75.0% and lapsed 25.0%. How segments have "
        "grown is not known: only one date is computed."
    )
    assert says(attitude.nps_trend(table("nps_index", nps(AS_OF, 22.7)), ENGLISH)) == (
        "One point, of November 2026: 22.7. Its interval is 14.7 to 30.7."
    )


def test_moves_are_those_of_the_newest_date_without_who_stayed() -> None:
    rows = table(
        "segment_migration",
        move("champions", "champions", 50),
        move("champions", "loyal", 3),
        move("champions", "loyal", 4, cause="threshold"),
        move("loyal", "champions", 2),
        move("lost", "loyal", 99, as_of_date=BEFORE),
    )
    picture = customers.migration(rows, ENGLISH)
    assert says(picture) == (
        "Heat map of segments before and after. No move is more frequent than from champions to loyal: 7 customers."
    )
    assert shown(picture) == [{"x": "loyal", "y": "champions", "n": 7}, {"x": "champions", "y": "loyal", "n": 2}]


def test_a_trend_tells_its_ends_its_lowest_and_its_highest() -> None:
    rows = table(
        "nps_index", nps(date(2026, 9, 30), 32.0), nps(BEFORE, 28.5), nps(AS_OF, 22.7), nps(date(2026, 8, 31), None)
    )
    assert says(attitude.nps_trend(rows, ENGLISH)) == (
        "Line with a band from September 2026 to November 2026: from 32.0 to 22.7, lowest 22.7 (November 2026), highest 32.0 "
        "(September 2026). The last interval is 14.7 to 30.7."
    )


def test_a_line_is_broken_where_too_few_answered() -> None:
    days = [date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30), BEFORE, AS_OF]
    scores = [None, 12.5, None, 9.0, 25.0]
    rows = table("nps_index", *(nps(day, score) for day, score in zip(days, scores, strict=True)))
    # One series has nothing on a date on which the other has answers.
    rows = rows.filter(pl.col("as_of_date") != days[2]).vstack(
        table("nps_index", nps(days[2], 50.0, survey_type="transactional"))
    )
    picture = attitude.nps_trend(rows, ENGLISH)
    assert [row["value"] for row in shown(picture)] == [12.5, None, 9.0, 25.0]
    assert says(picture).endswith("At 1 of the dates between there were too few answers: the line is broken.")


def test_of_many_dates_the_last_of_each_month_is_drawn() -> None:
    days = [date(2026, 10, 1) + timedelta(days=day) for day in range(61)]
    scores = dict.fromkeys(days, 20.0) | {days[29]: 30.0, days[30]: None, days[60]: 40.0}
    picture = attitude.nps_trend(table("nps_index", *(nps(day, score) for day, score in scores.items())), ENGLISH)
    # Of October the last with a score, and that there is none on the last.
    assert [(row["day"], row["value"]) for row in shown(picture)] == [
        *(("2026-10-30", 30.0), ("2026-10-31", None), ("2026-11-30", 40.0)),
    ]
    assert picture is not None
    assert "; one point per month" in picture.chart.to_json()
    few = attitude.nps_trend(table("nps_index", *(nps(day, scores[day]) for day in days[1:])), ENGLISH)
    assert len(shown(few)) == 60
    assert few is not None
    assert "per month" not in few.chart.to_json()
    drawn = customers.segment_sizes(
        table("segment_sizes", *(row for day in days for row in sizes(day, loyal=1))), ENGLISH
    )
    assert [row["day"] for row in shown(drawn)] == ["2026-10-31", "2026-11-30"]
    assert "31 October 2026 to 30 November 2026" in says(drawn)


def test_where_no_segment_moved_the_picture_names_none() -> None:
    rows = table("segment_sizes", *sizes(BEFORE, loyal=10), *sizes(AS_OF, loyal=15))
    assert says(customers.segment_sizes(rows, ENGLISH)).endswith(
        "Since 31 October 2026 none has moved by as much as 0.1 points."
    )


def test_the_bins_of_a_calibration_count_predictions_not_customers() -> None:
    bins = table(
        "churn_calibration",
        {
            "cohort": "all",
            "bin": 1,
            "model_id": "m",
            "n": 300,
            "mean_predicted": 0.5,
            "observed": 0.5,
            "is_suppressed": False,
        }
        | {"observed_low": 0.4, "observed_high": 0.6},
    )
    for picture, n in (
        (outlook.calibration(bins, ENGLISH), 300),
        (outlook.lift([0.5, 1.0], ENGLISH, model="m", n=10), 10),
    ):
        assert picture is not None
        assert f"m; n = {n} predictions, one per customer and cut" in picture.chart.to_json()


def test_the_series_with_more_answers_is_shown() -> None:
    rows = table("nps_index", nps(AS_OF, 10.0), nps(AS_OF, 50.0, survey_type="transactional", n=500))
    assert [row["value"] for row in shown(attitude.nps_trend(rows, ENGLISH))] == [50.0]


def test_words_against_deeds_are_counted() -> None:
    said = [
        ("secure", "gone", "content_but_lapsing"),
        ("secure", "gone", "content_but_lapsing"),
        ("promoter", "buying", "content_and_buying"),
    ]
    rows = table("say_do", *({"says": a, "segment_group": b, "cell": c} for a, b, c in said))
    assert says(attitude.says_does(rows, DUTCH)) == (
        "Matrix van wat klanten zeggen tegenover wat ze doen. Geen vak heeft er meer dan dat van zeker en weg: 2 van 3 (66,7%). Tevreden "
        "en wegglijdend of weg: 2."
    )


def test_drivers_to_improve_and_to_keep_up_are_named() -> None:
    def driver(name: str, importance: float, quadrant: str | None, survey: str = "s", n: int = 1200) -> Row:
        of = {"survey_id": survey, "outcome": "sci_items", "construct": name, "n_responses": n, "r_squared": 0.5}
        return {**of, "performance": 60.0, "importance_pct": importance, "quadrant": quadrant}

    rows = table(
        "driver_importance",
        driver("care", 60.0, "concentrate_here"),
        driver("choice", 40.0, "keep_up"),
        driver("character", 0.0, None),
        driver("community", 100.0, "keep_up", "smaller", 99),
    )
    picture = attitude.drivers(rows, ENGLISH)
    assert says(picture) == (
        "Points in four quadrants. To improve first, important and rated below the mean: care. To keep up: choice."
    )
    assert [row["name"] for row in shown(picture)] == ["care", "choice"]


def test_what_followed_a_promise_leaves_out_months_channels_and_the_parts_of_broken_ones() -> None:
    def followed(status: str, pct: float, **more: Any) -> Row:
        bounds = {
            "pct_repurchased": pct,
            "pct_repurchased_low": pct - 3,
            "pct_repurchased_high": pct + 3,
            "n_observable": 1000,
        }
        return {"channel": "all", "promise_status": status, **bounds, **more}

    rows = table(
        "promise_impact",
        *(followed("broken", 54.0), followed("kept", 59.0), followed("late", 1.0), followed("none", 1.1)),
        *(followed("kept", 2.0, month=date(2026, 1, 1)), followed("kept", 3.0, channel="web")),
    )
    picture = attitude.promise(rows, ENGLISH)
    assert says(picture) == (
        "Points with intervals: kept 59.0% (56.0% to 62.0%, n = 1,000); broken 54.0% (51.0% to 57.0%, n = 1,000); "
        "no promise, cancelled or returned 1.1% (\N{MINUS SIGN}1.9% to 4.1%, n = 1,000)."
    )
    assert [row["pct"] for row in shown(picture)] == [59.0, 54.0, 1.1]


def test_a_calibration_tells_its_worst_bin_and_how_many_hold() -> None:
    def of(number: int, predicted: float, observed: float, **more: Any) -> Row:
        seen = {"observed": observed, "observed_low": observed - 0.05, "observed_high": observed + 0.05}
        return {
            "cohort": "all",
            "bin": number,
            "model_id": "m",
            "n": 100,
            "mean_predicted": predicted,
            "is_suppressed": False,
            **seen,
            **more,
        }

    rows = table(
        "churn_calibration",
        of(1, 0.2, 0.22),
        of(2, 0.8, 0.7),
        of(3, 0.9, 0.1, cohort="repeat"),
        of(4, 0.9, 0.1, is_suppressed=True),
    )
    assert says(outlook.calibration(rows, ENGLISH)) == (
        "Points of 2 bins beside the diagonal of a perfect model. None is further from it than the one with 80.0% predicted and 70.0% "
        "observed (interval 65.0% to 75.0%). The interval holds the prediction in 1 of 2 bins."
    )


def test_a_lift_tells_what_the_highest_fifth_holds() -> None:
    # A model can be worse than chance, too.
    for found, pct in ((0.3, "30.0%"), (0.1, "10.0%")):
        assert says(outlook.lift([found, 0.55, 0.7, 0.9, 1.0], ENGLISH, model="m", n=10)) == (
            "Curve beside the diagonal of chance: the fifth of customers with the highest probabilities holds "
            f"{pct} of all who left."
        )


def test_value_at_risk_goes_by_band_in_whole_units() -> None:
    bands = [("lost", 100_00), ("lost", 50_00), ("lost", None), ("active", 25_50)]
    rows = table("churn_risk", *({"churn_band": band, "value_at_risk": value} for band, value in bands))
    picture = PICTURES["churn_risk"](rows.with_columns(currency=pl.lit("EUR")), ENGLISH)
    assert says(picture) == "Bars: active EUR 26 (n = 1); lost EUR 150 (n = 2)."
    assert picture is not None
    assert "n = 3 customers with a value at risk" in picture.chart.to_json()
    assert NUMBERS["churn_risk"](rows) == {
        **{"value_at_risk": 175.5, "value_at_risk_of_winnable": 0.0, "customers_winnable": 0},
    }


def test_numbers_of_a_picture_are_written_as_its_language_writes_them() -> None:
    bands = pl.DataFrame({"churn_band": ["lost"], "n_valued": [2], "value_at_risk": [160193.0], "currency": ["EUR"]})
    drawn = {}
    for words in (ENGLISH, DUTCH):
        picture = outlook.value_by_band(bands, words)
        assert picture is not None
        drawn[words.language] = to_svg(picture)
    assert (">20,000<" in drawn["en"], ">20.000<" in drawn["en"]) == (True, False)
    assert (">20,000<" in drawn["nl"], ">20.000<" in drawn["nl"]) == (False, True)


@pytest.mark.parametrize("name", PICTURES)
def test_a_table_without_rows_has_no_picture(name: str) -> None:
    assert PICTURES[name](table(name).with_columns(currency=pl.lit("EUR")), ENGLISH) is None


@pytest.mark.parametrize("name", NUMBERS)
def test_a_table_without_rows_has_no_numbers(name: str) -> None:
    assert NUMBERS[name](table(name)) == {}


def test_bands_without_a_model_have_no_value_at_risk() -> None:
    rows = table("churn_risk", {"churn_band": "lost", "value_at_risk": None})
    assert PICTURES["churn_risk"](rows.with_columns(currency=pl.lit("EUR")), ENGLISH) is None
    assert NUMBERS["churn_risk"](rows) == {}


def test_numbers_over_time_are_those_of_the_whole_shop() -> None:
    of_all = nps(AS_OF, 22.7)
    assert NUMBERS["nps_index"](table("nps_index", of_all, {**of_all, "dimension": "channel", "nps": 1.0})) == {
        **{"relational/nps": 22.7, "relational/n": 100},
    }
    assert NUMBERS["segment_sizes"](table("segment_sizes", *sizes(AS_OF, lapsed=15, champions=5))) == {
        **{"rfm/champions": 5, "rfm/lapsed": 15},
    }
    card = {"model": "m", "chosen": True, "cohort": "all", "auc": 0.8}
    older, newer = {**card, "cut_date": BEFORE, "ece": 0.02}, {**card, "cut_date": AS_OF, "ece": 0.01}
    assert NUMBERS["churn_model_card"](
        table("churn_model_card", newer, older, {**newer, "chosen": False, "ece": 0.9})
    ) == {
        **{"calibration_error": 0.01, "auc": 0.8},
    }


def pixels(png: bytes) -> bytes:
    """The rows of a PNG, unpacked."""
    at, found = 8, b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        found += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    return zlib.decompress(found)


def test_a_picture_is_a_small_png_a_text_and_metadata_with_its_words(tmp_path: Path) -> None:
    import vl_convert

    cell = {"cohort_month": BEFORE, "months_since": 1, "pct_active": 50.0, "n_customers": 10}
    with_legend = customers.retention(table("cohort_retention", cell), ENGLISH)
    assert with_legend is not None
    assert "gradient_" in to_svg(with_legend)
    assert to_svg(with_legend) == to_svg(with_legend)
    picture = customers.rfm_map(table("rfm", {"r_score": 1, "f_score": 1, "fm_score": 1}), ENGLISH)
    assert picture is not None
    drawn: bytes = vl_convert.vegalite_to_png(picture.chart.to_json(), scale=1)
    assert pixels(packed(drawn)) == pixels(drawn)
    assert len(to_png(picture)) < len(drawn) / 2
    assert to_svg(picture).startswith("<svg")
    shown = on_page(tmp_path, "rfm", AS_OF, replace(picture, says=f"A [map]{'.' * 2000}"), name="picture")
    told = str(shown["picture"].value)
    # Dagster hides a longer one behind a click.
    assert len(told) < 1000
    assert (told[:9], told[-32:]) == ("![A (map)", ".](/pictures/rfm/2026-11-27.png)")
    file = find_picture(tmp_path, "rfm/2026-11-27.png")
    assert file is not None
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (to_png(picture), 0o600)
    assert on_page(tmp_path, "rfm", BEFORE, None, name="picture") == {}


def test_an_address_leads_to_pictures_alone_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "told.json").write_text("{}")
    old, new = (folder_of(tmp_path) / "rfm" / f"{day}.png" for day in (BEFORE, AS_OF))
    old.parent.mkdir(parents=True)
    for file in (old, new):
        file.write_bytes(b"")
    for place in ("../told.json", "rfm/../../told.json", "rfm", "", "rfm/2026-01-01.png", "/etc/hostname"):
        assert find_picture(tmp_path, place) is None
    assert find_picture(tmp_path, "rfm/2026-10-31.png") == old
    now = datetime(2026, 11, 28, tzinfo=UTC)
    for file, age in ((old, 91), (new, 89)):
        os.utime(file, times=((now - timedelta(days=age)).timestamp(),) * 2)
    assert drop_pictures(tmp_path, days=90, now=now) == 1
    assert (old.exists(), new.exists()) == (False, True)
