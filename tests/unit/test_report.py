"""The report: which sentences numbers carry, in both languages, and how the page is written. Expected texts are worked out by hand."""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.commands.explain.address import path_of
from pipeline.commands.report.as_html import Drawn, Report, as_html
from pipeline.commands.report.reading import AT_RISK, QUERIES
from pipeline.commands.report.write import LANGUAGES
from pipeline.core.attitude.settings import SayDoSettings
from pipeline.core.attitude.shipped_themes import LABELS, SHIPPED_THEMES
from pipeline.core.attitude.survey_settings import SCI_ITEMS
from pipeline.core.behaviour.segment_maps import GONE, MAPS
from pipeline.core.report import dutch, english
from pipeline.core.report.dutch import DUTCH
from pipeline.core.report.english import ENGLISH
from pipeline.core.report.sentences import Sentence, apart_by, before_of, leaves_out_zero, tell
from pipeline.core.report.words import Words
from schemas.registry import MARTS, SEGMENTS
from schemas.types import CUSTOMER_STATES, ITEM_ROLES
from tests.unit.tags import Tags

AS_OF, YEAR_BEFORE, MONTH_BEFORE = date(2026, 11, 27), date(2025, 11, 27), date(2026, 10, 31)
PUBLISHED = (
    *("segment_sizes", "nps_trend", "nps_by", "nps_themes", "sci_trend", "driver_importance", "promise_impact"),
    *("churn_outcomes", "say_do_cells", "repeat_purchase", "action_effects"),
)
BANDS = {
    **{"churn_band": pl.String, "n_customers": pl.Int64, "value_at_risk": pl.Float64, "currency": pl.String},
    **{"n_predicted": pl.Int64, "n_valued": pl.Int64},
}
UNNAMED = {
    *(("segment_sizes", "kind"), ("segment_migration", "kind"), ("segment_migration", "cause")),
    *(("nps_trend", "survey_type"), ("nps_by", "survey_type"), ("nps_by", "dimension"), ("nps_themes", "series")),
    *(("sci_trend", "definition"), ("sci_trend", "dimension"), ("churn_calibration", "cohort")),
    *(("churn_outcomes", "churn_band"), ("driver_importance", "reason")),
}
"""Columns that the report reads and goes by, and that no one sees on its page."""
EVIL = '"><script>alert(1)</script>&\u202e'
Row = dict[str, Any]


def told(words: Words = ENGLISH, **rows: list[Row]) -> dict[str, Sentence]:
    """The sentences of tables that have these rows, and no others; what a row leaves out is null. Their minus is a hyphen."""
    schemas: dict[str, Mapping[str, Any]] = {
        name: {column: one.dtype.type for column, one in MARTS[name].columns.items()} for name in PUBLISHED
    }
    schemas["value_by_band"] = BANDS
    tables = {}
    for name, schema in schemas.items():
        filled = [{"as_of_date": AS_OF, **row} for row in rows.get(name, [])]
        tables[name] = pl.DataFrame([{column: row.get(column) for column in schema} for row in filled], schema=schema)
    sentences = tell(tables, words, as_of=AS_OF)
    return {one.subject: replace(one, text=one.text.replace("\N{MINUS SIGN}", "-")) for one in sentences}


def size(segment: str, n: int, total: int, on: date = AS_OF) -> Row:
    share = {"n_customers": n, "n_total": total, "pct_customers": 100 * n / total}
    return {"as_of_date": on, "kind": "rfm", "segment": segment, **share}


def nps(**more: Any) -> Row:
    return {"survey_type": "relational", "n": 365, "nps": 22.7, "nps_low": 14.8, "nps_high": 30.3, **more}


def secure(pct: float, low: float, high: float, n: int, on: date = AS_OF) -> Row:
    figures = {"pct_secure": pct, "pct_secure_low": low, "pct_secure_high": high, "n_classified": n}
    return {"as_of_date": on, "definition": "top_box", "dimension": "all", "value": "all", **figures}


def followed(status: str, pct: float, low: float, high: float, n: int) -> Row:
    figures = {"pct_repurchased": pct, "pct_repurchased_low": low, "pct_repurchased_high": high, "n_observable": n}
    return {"channel": "all", "promise_status": status, **figures}


def rated(status: str, mean: float, low: float, high: float, n: int) -> Row:
    figures = {"mean_pomp": mean, "mean_pomp_low": low, "mean_pomp_high": high, "n_reviews": n}
    return {"channel": "all", "promise_status": status, **figures}


def group(value: str, p: float | None, **more: Any) -> Row:
    of = {"survey_type": "relational", "dimension": "rfm_segment", "value": value}
    return {**of, "n": 150, "nps": 40.0, "n_rest": 215, "nps_rest": 10.7, "p_rest": p, **more}


def theme(name: str, p: float | None, **more: Any) -> Row:
    figures = {"n_scored": 90, "nps": -6.0, "n_without": 210, "nps_without": 20.0, "p_without": p}
    return {"series": "relational", "theme": name, **figures, **more}


def driver(construct: str, importance: float, low: float, high: float, **more: Any) -> Row:
    of = {"survey_id": "s", "outcome": "sci_items", "construct": construct, "n_responses": 1200, "performance": 60.7}
    figures = {"importance": importance, "importance_low": low, "importance_high": high}
    return {**of, **figures, "importance_pct": 100 * importance, "quadrant": "concentrate_here", **more}


def test_the_largest_segments_are_counted_and_the_others_added_up() -> None:
    rows = [size(name, n, 1000) for name, n in (("a", 400), ("b", 300), ("c", 150), ("d", 100), ("e", 30), ("f", 20))]
    assert told(segment_sizes=rows)["customers"] == Sentence(
        "customers",
        "fact",
        "1,000 customers are known: 400 (40.0%) a, 300 (30.0%) b, 150 (15.0%) c, 100 (10.0%) d and 50 (5.0%) in other segments.",
    )


def test_the_segment_that_moved_furthest_since_a_year_ago_is_named() -> None:
    rows = [
        *(size("champions", 10, 100, YEAR_BEFORE), size("lapsed", 90, 100, YEAR_BEFORE)),
        *(size("champions", 90, 100, MONTH_BEFORE), size("lapsed", 10, 100, MONTH_BEFORE)),
        *(size("champions", 50, 200), size("lapsed", 110, 200), size("recent", 40, 200)),
    ]
    found = told(segment_sizes=rows)["sizes"]
    # lapsed 90% -> 55%; champions 10% -> 25%; recent 0% -> 20%.
    assert found.text.startswith(
        "Since 27 November 2025 the share of “lapsed” went from 90.0% to 55.0% of all customers (n = 200), further"
    )
    assert found.verdict == "fact"


def test_a_segment_that_moved_as_far_as_another_is_not_said_to_have_moved_further() -> None:
    rows = [
        *(size("loyal", 1, 2, MONTH_BEFORE), size("prospect", 1, 2, MONTH_BEFORE)),
        size("loyal", 1, 2),
        size("promising", 1, 2),
    ]
    # prospect 50% -> 0%, promising 0% -> 50%.
    assert told(segment_sizes=rows)["sizes"].text == (
        "Since 31 October 2026 the share of “promising” went from 0.0% to 50.0% of all customers (n = 2), as far as that of 1 other; "
        "everyone is counted, so chance plays no part."
    )


def test_where_no_segment_moved_none_is_named() -> None:
    found = told(segment_sizes=[size("loyal", 3, 3, MONTH_BEFORE), size("loyal", 4, 4)])["sizes"]
    assert (found.verdict, found.text) == (
        "fact",
        "Since 31 October 2026 no segment's share of all customers has changed by as much as 0.1 points (n = 4); everyone is "
        "counted, so chance plays no part.",
    )


def test_an_interval_that_leaves_out_zero_does_so_as_written_too() -> None:
    # -0.3 -+ sqrt(0.2 * 0.2 + 0.2 * 0.2) = -0.3 -+ 0.2828: from -0.583 to -0.017, which one decimal makes 0.
    rows = [followed("broken", 58.7, 58.5, 58.9, 90000), followed("kept", 59.0, 58.8, 59.2, 90000)]
    found = told(promise_impact=rows)["promises"]
    assert found.verdict == "difference"
    assert found.text.endswith("-0.30 points (-0.58 to -0.02), a difference beyond chance.")


def test_a_prediction_beyond_its_interval_is_beyond_it_as_written_too() -> None:
    seen = {"n": 99999, "observed": 0.7502, "observed_low": 0.7481, "observed_high": 0.7523, "mean_predicted": 0.7478}
    found = told(churn_outcomes=[{"prediction_date": date(2026, 7, 31), "churn_band": "all", **seen}])["foretold"]
    assert found.verdict == "difference"
    # In one decimal both would be 74.8%.
    assert "expected 74.78% of 99,999 customers" in found.text
    assert "75.02% did (95% interval 74.81% to 75.23%)" in found.text


def test_with_one_date_nothing_is_said_to_have_grown() -> None:
    found = told(
        segment_sizes=[size("champions", 10, 10)], nps_trend=[nps()], sci_trend=[secure(22.7, 20.7, 24.8, 1557)]
    )
    assert (found["sizes"].verdict, found["sizes"].text) == (
        "missing",
        "How segments have grown is not known: only one date is computed.",
    )
    assert found["nps"].text == (
        "The Net Promoter Score is 23 (95% interval 15 to 30, n = 365). There is no score of the period before to compare with."
    )
    assert found["sci"].text == (
        "22.7% of the 1,557 who answered in full are secure (95% interval 20.7% to 24.8%). There is no earlier date to compare "
        "with."
    )
    assert {found["nps"].verdict, found["sci"].verdict} == {"fact"}


@pytest.mark.parametrize(
    ("p", "verdict", "words"),
    [(0.427, "chance", "within chance (p = 0.427)"), (0.0004, "difference", "beyond chance (p < 0.001)")],
)
def test_a_score_is_compared_with_the_period_before(p: float, verdict: str, words: str) -> None:
    found = told(nps_trend=[nps(n_previous=384, nps_previous=27.1, p_previous=p)])["nps"]
    assert found.verdict == verdict
    assert found.text.endswith(f"In the period before it was 27 (n = 384), a change {words}.")


def test_without_a_survey_a_review_or_a_prediction_the_report_says_what_is_not_known() -> None:
    found = told()
    assert {name for name, one in found.items() if one.verdict == "missing"} == {
        *("customers", "nps", "sci", "drivers", "promises", "reviews", "foretold", "value"),
    }
    assert found["promises"].text == (
        "What a broken promise costs is not known: too few orders of known customers with a promise that was broken, or kept, are "
        "old enough to tell."
    )
    assert found["reviews"].text == (
        "What a broken promise does to reviews is not known: too few rate orders whose promise was broken, or kept."
    )
    # A survey that asks them may have no answer yet.
    assert found["sci"].text == (
        "How many customers are secure is not known: no answer to the three questions of the index counts."
    )
    assert found["drivers"].text == (
        "Which driver of attitude weighs most is not known: no survey has enough answers about several."
    )
    assert found["nps"].text == "There is no Net Promoter Score: no answer to its question counts."
    assert set(found) == {name for name, one in found.items() if one.verdict == "missing"}


def test_few_answers_give_no_score() -> None:
    found = told(nps_trend=[nps(n=8, nps=None)], sci_trend=[secure(None, None, None, 7)])  # type: ignore[arg-type]
    assert found["nps"].text == "There is no Net Promoter Score: 8 answers are too few."
    assert found["sci"].text == "How many customers are secure is not known: 7 answers are too few."


def test_what_followed_a_broken_promise_is_a_difference_where_its_interval_leaves_out_zero() -> None:
    # -5 -+ sqrt(3 * 3 + 1 * 1) = -5 -+ 3.16
    rows = [followed("broken", 54.0, 51.0, 57.0, 1326), followed("kept", 59.0, 58.0, 60.0, 10774)]
    assert told(promise_impact=rows)["promises"] == Sentence(
        "promises",
        "difference",
        "After a broken delivery promise 54.0% bought again (n = 1,326 orders), after a kept one 59.0% (n = 10,774): -5.0 points "
        "(-8.2 to -1.8), a difference beyond chance.",
    )


def test_what_followed_a_broken_promise_is_within_chance_where_its_interval_holds_zero() -> None:
    # -2 -+ sqrt(4 * 4 + 3 * 3) = -2 -+ 5
    rows = [followed("broken", 57.0, 53.0, 61.0, 500), followed("kept", 59.0, 56.0, 62.0, 900)]
    found = told(promise_impact=rows)["promises"]
    assert found.verdict == "chance"
    assert found.text.endswith("-2.0 points (-7.0 to +3.0), which is within chance.")


def test_reviews_of_broken_promises_are_compared_with_those_of_kept_ones() -> None:
    # -40 -+ sqrt(3 * 3 + 4 * 4) = -40 -+ 5
    found = told(promise_impact=[rated("broken", 40.0, 37.0, 43.0, 30), rated("kept", 80.0, 76.0, 84.0, 170)])[
        "reviews"
    ]
    assert found.text == (
        "Reviews rate orders with a broken promise 40.0 of 100 (n = 30), with a kept one 80.0 (n = 170): -40.0 points "
        "(-45.0 to -35.0), a difference beyond chance."
    )


def test_a_year_is_compared_by_the_interval_of_the_change() -> None:
    # 25 - 21 = 4 -+ 5: within chance
    rows = [secure(25.0, 21.0, 29.0, 400), secure(21.0, 18.0, 24.0, 575, YEAR_BEFORE)]
    found = told(sci_trend=rows)["sci"]
    assert found.verdict == "chance"
    assert found.text.endswith(
        "On 27 November 2025 it was 21.0% (n = 575), a change of +4.0 points (-1.0 to +9.0) within chance."
    )


@pytest.mark.parametrize(
    ("others", "verdict", "p"), [([0.4], "difference", "p = 0.040"), ([0.4, 0.9], "chance", "p = 0.060")]
)
def test_the_furthest_of_many_groups_must_beat_all_comparisons(others: list[float], verdict: str, p: str) -> None:
    rows = [group("champions", 0.02), group("few", None), *(group(f"g{n}", one) for n, one in enumerate(others))]
    found = told(nps_trend=[nps()], nps_by=rows)["groups"]
    assert found.verdict == verdict
    assert f"({p})" in found.text
    k = len(others) + 1
    assert found.text.startswith(
        f"Of {k} segments and channels only “champions” differs from the others beyond chance: "
        if verdict == "difference"
        else f"Of {k} segments and channels none is further from the others than “champions”: "
    )


def test_the_furthest_is_chosen_among_those_beyond_chance_where_any_is() -> None:
    rows = [
        group("web", 0.001, n=900, nps=18.0, n_rest=600, nps_rest=30.0),
        group("fax", 0.01, n=35, nps=-30.0, n_rest=1465, nps_rest=24.0),
        group("shop", 0.4, n=30, nps=100.0, n_rest=1470, nps_rest=22.0),
    ]
    # 12, 54 and 78 points apart; times three comparisons p is 0.003, 0.03 and 1.
    assert told(nps_trend=[nps()], nps_by=rows)["groups"].text == (
        "Of 3 segments and channels 2 differ from the others beyond chance, none of them further than “fax”: its Net Promoter Score is "
        "-30 (n = 35), of the others 24 (n = 1,465), 3 comparisons taken into account (p = 0.030)."
    )
    # Of those within chance the furthest, though another has the lower p: 78 against 12 points.
    assert told(nps_trend=[nps()], nps_by=[{**rows[0], "p_rest": 0.03}, rows[2]])["groups"].text == (
        "Of 2 segments and channels none is further from the others than “shop”: its Net Promoter Score is 100 (n = 30), of the others "
        "22 (n = 1,470). Among 2 comparisons that is within chance (p = 0.800), as are all the others."
    )


def test_two_groups_that_are_each_others_rest_are_not_said_to_differ_one_more_than_the_other() -> None:
    rows = [
        group("web", 0.001, n=60, nps=40.0, n_rest=90, nps_rest=10.0),
        group("app", 0.001, n=90, nps=10.0, n_rest=60, nps_rest=40.0),
    ]
    assert told(nps_trend=[nps()], nps_by=rows)["groups"].text.startswith(
        "Of 2 segments and channels 2 differ from the others beyond chance, none of them further than “app”: "
    )


def test_the_theme_that_is_furthest_apart_is_not_the_one_that_most_write_about() -> None:
    rows = [
        theme("delivery", 0.0001, n_scored=400, nps=10.0, n_without=600, nps_without=30.0),
        theme("payment", 0.02, n_scored=30, nps=-20.0, n_without=970, nps_without=23.0),
    ]
    start = "Customers who write about payment give a Net Promoter Score of -20 (n = 30), the others 23 (n = 970): of 2 themes "
    assert told(nps_trend=[nps()], nps_themes=rows)["themes"] == Sentence(
        "themes",
        "difference",
        start
        + "2 differ beyond chance, 2 comparisons taken into account, and none of them is further apart (p = 0.040).",
    )
    rows = [{**rows[0], "p_without": 0.03}, {**rows[1], "p_without": 0.3}]
    assert told(nps_trend=[nps()], nps_themes=rows)["themes"] == Sentence(
        "themes",
        "chance",
        start
        + "none is further apart, yet among 2 comparisons that is within chance (p = 0.600), as are all the others.",
    )


def test_a_change_beyond_chance_is_one_as_written_too() -> None:
    figures = {"n": 90000, "nps": 24.4, "nps_low": 23.9, "nps_high": 24.9, "nps_previous": 23.6, "n_previous": 90000}
    assert told(nps_trend=[nps(**figures, p_previous=0.02)])["nps"].text == (
        "The Net Promoter Score is 24.4 (95% interval 23.9 to 24.9, n = 90,000). In the period before it was 23.6 (n = 90,000), a "
        "change beyond chance (p = 0.020)."
    )
    # Within chance they may be the same.
    assert "before it was 24 (n = 90,000), a change within chance (p = 0.090)" in (
        told(nps_trend=[nps(**figures, p_previous=0.09)])["nps"].text
    )
    # In three decimals it would be 0.050, which is not below 5%.
    assert told(nps_trend=[nps(nps_previous=3.6, n_previous=90, p_previous=0.0498)])["nps"].text.endswith(
        "In the period before it was 4 (n = 90), a change beyond chance (p = 0.0498)."
    )


def test_shares_that_differ_beyond_chance_do_so_as_written_too() -> None:
    # 0.06 -+ sqrt(0.006 * 0.006 + 0.006 * 0.006) = 0.06 -+ 0.0085: in one decimal both shares are 58.6%.
    found = told(
        promise_impact=[
            followed("broken", 58.58, 58.574, 58.586, 9_000_000),
            followed("kept", 58.64, 58.634, 58.646, 9_000_000),
        ],
        sci_trend=[secure(58.64, 58.634, 58.646, 9_000_000), secure(58.58, 58.574, 58.586, 9_000_000, YEAR_BEFORE)],
    )
    assert "58.58% bought again (n = 9,000,000 orders), after a kept one 58.64%" in found["promises"].text
    assert found["promises"].text.endswith("-0.06 points (-0.07 to -0.05), a difference beyond chance.")
    assert found["sci"].text.startswith("58.64% of the 9,000,000")
    assert found["sci"].text.endswith(
        "it was 58.58% (n = 9,000,000), a change of +0.06 points (+0.05 to +0.07) beyond chance."
    )


def test_groups_of_the_other_series_of_surveys_are_left_out() -> None:
    rows = [group("champions", 0.9), group("loyal", 0.001, survey_type="transactional")]
    assert "“champions”" in told(nps_trend=[nps(), nps(survey_type="transactional", n=9)], nps_by=rows)["groups"].text


def test_the_rows_over_all_comments_are_no_themes() -> None:
    themes = [
        theme("all", None),
        theme("matched", 0.0001),
        theme("unmatched", 0.0001),
        theme("delivery", 0.02),
        theme("price", 0.9),
    ]
    found = told(nps_trend=[nps()], nps_themes=themes)["themes"]
    # 0.02 is one of two.
    assert found == Sentence(
        "themes",
        "difference",
        "Customers who write about delivery give a Net Promoter Score of -6 (n = 90), the others 20 (n = 210): of 2 themes the only "
        "difference beyond chance, 2 comparisons taken into account (p = 0.040).",
    )


@pytest.mark.parametrize(
    ("days", "ending"),
    [
        ((45, 40, 52), "it takes 45 days (40 to 52) until half of all have."),
        ((45, 40, None), "it takes 45 days (at least 40) until half of all have."),
        # All who were left came back on one day: the curve falls to 0, where it has no interval.
        ((45, None, None), "it takes 45 days until half of all have, by an estimate without an interval."),
        # Two orders of one day are buying again, and no coming back: all can have done the one, and none the other.
        ((None, 40, None), "half of all have not come back on a later day yet."),
        ((None, None, None), "half of all have not come back on a later day yet."),
    ],
)
def test_how_long_it_takes_until_half_buy_again_is_told_as_far_as_it_is_known(
    days: tuple[int | None, ...], ending: str
) -> None:
    shares = {"n_customers": 1000, "pct_repeat": 20.0, "pct_repeat_low": 17.6, "pct_repeat_high": 22.6}
    names = ("median_days_to_second", "median_days_low", "median_days_high")
    found = told(repeat_purchase=[shares | dict(zip(names, days, strict=True))])["repeat"]
    start = "20.0% of 1,000 customers (95% interval 17.6% to 22.6%) bought again; "
    assert (found.verdict, found.text) == ("fact", start + ending)


def test_how_many_buy_again_is_not_known_of_few() -> None:
    assert (
        told(repeat_purchase=[{"n_customers": 3}])["repeat"].text
        == "How many customers buy again is not known: 3 are too few."
    )


@pytest.mark.parametrize(("second_high", "verdict"), [(0.19, "difference"), (0.21, "chance")])
def test_a_driver_leads_where_its_interval_begins_above_that_of_the_second(second_high: float, verdict: str) -> None:
    rows = [driver("choice", 0.15, 0.1, second_high), driver("care", 0.25, 0.2, 0.3)]
    found = told(driver_importance=rows)["drivers"]
    assert found.verdict == verdict
    assert "care weighs most: 25.0% of what they explain (n = 1,200 answers)" in found.text
    assert found.text.endswith("Customers give it 61 of 100: improve here first.")
    assert ("beyond chance more than any other (choice comes next)" in found.text) == (verdict == "difference")
    assert ("though within chance choice weighs as much" in found.text) == (verdict == "chance")


def test_a_driver_that_weighs_less_than_the_second_can_weigh_as_much_as_the_first_within_chance() -> None:
    rows = [driver("care", 0.3, 0.26, 0.34), driver("price", 0.2, 0.18, 0.24), driver("choice", 0.19, 0.09, 0.29)]
    found = told(driver_importance=rows)["drivers"]
    assert found.verdict == "chance"
    assert "care weighs most: 30.0% of what they explain" in found.text
    assert "though within chance choice weighs as much" in found.text


def test_of_a_single_driver_none_is_said_to_weigh_most() -> None:
    alone = driver("care", 0.3, 0.26, 0.34, n_responses=9000, survey_id="t")
    assert told(driver_importance=[alone])["drivers"].verdict == "missing"
    rows = [alone, driver("price", 0.2, 0.18, 0.24), driver("choice", 0.1, 0.09, 0.11)]
    assert "Of 2 drivers of" in told(driver_importance=rows)["drivers"].text


@pytest.mark.parametrize(("expected", "verdict"), [(0.73, "chance"), (0.7, "difference")])
def test_a_model_keeps_its_word_where_the_interval_holds_what_it_foretold(expected: float, verdict: str) -> None:
    seen = {"n": 4232, "observed": 0.741, "observed_low": 0.728, "observed_high": 0.754, "mean_predicted": expected}
    found = told(churn_outcomes=[{"prediction_date": date(2026, 7, 31), "churn_band": "all", **seen}])["foretold"]
    assert found.verdict == verdict
    assert found.text.startswith(
        f"On 31 July 2026 the churn model expected {100 * expected:.1f}% of 4,232 customers to stay away"
    )


def test_without_an_outcome_the_report_says_whether_predictions_are_young_few_or_none() -> None:
    # Of few customers the table has nothing but how many there were.
    few = {"prediction_date": date(2026, 7, 31), "churn_band": "all", "n": 29}
    band = {"churn_band": "lost", "n_customers": 60, "currency": "EUR"}
    cases: list[tuple[dict[str, list[Row]], str]] = [
        (
            {"value_by_band": [band | {"n_predicted": 60}]},
            "Whether the churn model keeps its word is not known yet: no prediction is old enough.",
        ),
        (
            {"value_by_band": [band | {"n_predicted": 0}]},
            "Whether predictions of churn come true is not known: no customer has a churn probability, and no earlier prediction is old "
            "enough.",
        ),
        (
            {"churn_outcomes": [few], "value_by_band": [band | {"n_predicted": 60}]},
            "Whether the churn model keeps its word is not known: 29 predictions, of 31 July 2026, are too few.",
        ),
    ]
    for rows, text in cases:
        assert told(**rows)["foretold"] == Sentence("foretold", "missing", text)


def test_value_at_risk_is_that_of_all_bands_and_of_those_who_can_be_won() -> None:
    rows: list[Row] = [
        {"churn_band": "lost", "n_customers": 70, "n_valued": 60, "value_at_risk": 7500.4, "currency": "EUR"},
        {"churn_band": "at_risk", "n_customers": 35, "n_valued": 30, "value_at_risk": 2000.0, "currency": "EUR"},
        {"churn_band": "highly_at_risk", "n_customers": 10, "n_valued": 10, "value_at_risk": 500.0, "currency": "EUR"},
        {"churn_band": "active", "n_customers": 5, "n_valued": 0, "value_at_risk": None, "currency": "EUR"},
    ]
    # 2,500 of 10,000.4; who has no value is not counted.
    assert told(value_by_band=rows)["value"].text == (
        "EUR 10,000 is at risk with 100 customers; EUR 2,500 (25.0%) of it with 40 who are at risk or highly at risk, and not lost "
        "yet."
    )


@pytest.mark.parametrize(
    ("n_predicted", "n_valued", "value", "expected"),
    [
        (0, 0, None, ("missing", "The value at risk is not known: no customer has a churn probability.")),
        (
            60,
            0,
            None,
            (
                "missing",
                "The value at risk is not known: no customer came back in the churn model's last window to tell what those who buy spend.",
            ),
        ),
        (60, 60, 0.0, ("fact", "The value at risk of 60 customers comes to EUR 0.")),
    ],
)
def test_why_there_is_no_value_at_risk_is_told(
    n_predicted: int, n_valued: int, value: float | None, expected: tuple[str, str]
) -> None:
    band = {"churn_band": "lost", "n_customers": 60, "currency": "EUR", "value_at_risk": value}
    found = told(value_by_band=[{**band, "n_predicted": n_predicted, "n_valued": n_valued}])["value"]
    assert (found.verdict, found.text) == expected


def test_every_action_is_told_with_its_own_verdict() -> None:
    def effect(action: str, difference: float, low: float, high: float) -> Row:
        bounds = {"difference": difference, "difference_low": low, "difference_high": high}
        return {"action": action, "n_treated": 900, "n_control": 100, **bounds}

    found = told(action_effects=[effect("tier_nudge", -1.4, -7.6, 4.4), effect("win_back", 10.7, 2.6, 16.4)])["actions"]
    assert found == Sentence(
        "actions",
        "difference",
        "Actions against their control groups, in points of customers who bought: win back +10.7 (+2.6 to +16.4, n = 1,000), beyond "
        "chance; tier nudge -1.4 (-7.6 to +4.4, n = 1,000), within chance.",
    )


def test_dutch_says_the_same_with_its_own_numbers_dates_and_names() -> None:
    rows = [size("champions", 10, 100, YEAR_BEFORE), size("champions", 1234, 1234)]
    found = told(
        DUTCH,
        segment_sizes=rows,
        promise_impact=[followed("broken", 57.0, 53.0, 61.0, 1326), followed("kept", 59.0, 56.0, 62.0, 900)],
    )
    assert found["customers"].text == "1.234 klanten zijn bekend: 1.234 (100,0%) kampioenen."
    assert found["sizes"].text.startswith(
        "Sinds 27 november 2025 ging het aandeel van “kampioenen” van 10,0% naar 100,0%"
    )
    assert found["promises"].text.endswith(
        "kocht 57,0% opnieuw (n = 1.326 bestellingen), na een gehouden belofte 59,0% (n = 900): -2,0 punten (-7,0 tot +3,0), wat binnen "
        "toeval valt."
    )


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    def values(texts: Mapping[str, str]) -> dict[str, set[str]]:
        return {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in texts.items()}

    assert values(english.TEXTS) == values(dutch.TEXTS)


def closed_lists() -> Iterator[tuple[str, str, list[str]]]:
    """Every column with a closed list that the report reads, with its mart and its members."""
    for query in (*QUERIES.values(), AT_RISK):
        for mart in re.findall(r"marts\.(\w+)", query):
            for name, column in MARTS[mart].columns.items():
                if "select *" in query or re.search(rf"\b{name}\b", query):
                    lists = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
                    yield from ((mart, name, list(members)) for members in lists)


# English is what a code says without its underscores.
@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_every_member_of_a_closed_list_that_the_page_can_show_has_a_word_in_every_language(language: str) -> None:
    names = LANGUAGES[language].names
    found = {(mart, name): members for mart, name, members in closed_lists()}
    assert found.keys() > UNNAMED
    shown = {place: members for place, members in found.items() if place not in UNNAMED}
    assert {"risk_reason_1", "next_action", "next_action_reason"} <= {name for _, name in shown}
    missing = {place: [one for one in members if one not in names] for place, members in shown.items()}
    assert {place: members for place, members in missing.items() if members} == {}


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_every_name_that_the_program_brings_along_has_a_word_in_every_language(language: str) -> None:
    segments = {
        *(cell["segment"] for segment_map in MAPS.values() for cell in segment_map.cells()),
        *(state for state in CUSTOMER_STATES if state != "scored"),
        GONE,
    }
    constructs = {construct for construct, _ in LABELS.values() if construct}
    brought = {
        *segments,
        *SHIPPED_THEMES,
        *constructs,
        *ITEM_ROLES,
        SCI_ITEMS,
        *SayDoSettings().segment_groups,
        "other",
    }
    assert {name for name in brought if name not in LANGUAGES[language].names} == set()


def test_the_date_to_compare_with_is_a_year_back_or_the_oldest() -> None:
    assert before_of([AS_OF, MONTH_BEFORE, YEAR_BEFORE, date(2025, 1, 31)], AS_OF) == YEAR_BEFORE
    assert before_of([AS_OF, MONTH_BEFORE], AS_OF) == MONTH_BEFORE
    assert before_of([AS_OF], AS_OF) is None


def test_a_difference_has_the_interval_of_a_publication() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II: 56/70 - 48/80 by method 10 is 0.2000 (0.0524 to 0.3339).
    # The Wilson intervals are 0.6918 to 0.8767 and 0.4904 to 0.7002.
    low_high = [round(bound, 3) for bound in apart_by((0.8, 0.6918, 0.8767), (0.6, 0.4904, 0.7002))]
    assert low_high == [0.2, 0.053, 0.334]


def test_an_interval_tells_of_a_difference_where_it_lies_on_one_side_of_zero() -> None:
    sides = [(2.0, 0.1, 4.0), (-2.0, -4.0, -0.1), (2.0, -0.1, 4.0), (-2.0, -4.0, 0.1), (0.0, 0.0, 0.0)]
    assert [leaves_out_zero(bounds) for bounds in sides] == [True, True, False, False, False]


def test_numbers_are_written_without_a_minus_before_nothing() -> None:
    assert (ENGLISH.number(-0.04, 1), ENGLISH.signed(0.04, 1), DUTCH.signed(-1234.56, 1)) == (
        "0.0",
        "0.0",
        "\N{MINUS SIGN}1.234,6",
    )


# The page


def page(words: Words = ENGLISH, customer: str = "K1", **more: Any) -> str:
    row = {
        **{"customer_id": customer, "rfm_segment": "at_risk", "churn_band": "lost", "churn_probability": 0.978},
        **{"value_at_risk": 631.28, "currency": "EUR", "risk_reason_1": "few_orders"},
        **{"next_action": "vip_care", "next_action_reason": "vip_is_unhappy", **more},
    }
    sentence, drawn = Sentence("nps", "chance", "The score is 23 (n = 365)."), Drawn("<svg/>", "A line & a band")
    report = Report(
        "Shop",
        AS_OF,
        "000001",
        [sentence],
        [drawn],
        [row],
        [f"http://localhost:3000{path_of(customer)}"],
        ["nothing is empty"],
    )
    return as_html(report, words)


def test_the_page_has_landmarks_one_title_headings_in_order_and_words_for_its_pictures() -> None:
    found = Tags(page())
    order = [name for name, _ in found.tags if name in ("header", "nav", "main", "footer")]
    assert order == ["header", "nav", "main", "footer"]
    headings = [name for name, _ in found.tags if name in ("h1", "h2", "h3")]
    assert headings == ["h1", "h2", "h2", "h2", "h2"]
    assert [one["alt"] for one in found.named("img")] == ["A line & a band"]
    assert {one["scope"] for one in found.named("th")} == {"col", "row"}
    assert len(found.named("caption")) == 1
    ids = {attributes["id"] for _, attributes in found.tags if "id" in attributes}
    links = {str(link["href"]) for link in found.named("a")}
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert {link for link in links if not link.startswith("#")} == {"http://localhost:3000/customers/K1"}


@pytest.mark.parametrize(("words", "language"), [(ENGLISH, "en"), (DUTCH, "nl")])
def test_the_page_says_its_language_and_that_of_notices(words: Words, language: str) -> None:
    found = Tags(page(words))
    assert found.named("html") == [{"lang": language}]
    assert {"lang": "en"} in found.named("ul")


@pytest.mark.parametrize(
    ("words", "formula"),
    [
        (ENGLISH, "the probability to stay away times what such a customer spends when buying"),
        (DUTCH, "de kans om weg te blijven maal wat zo'n klant besteedt als die koopt"),
    ],
)
def test_the_page_explains_value_at_risk_as_the_contract_does(words: Words, formula: str) -> None:
    """Not by the expected spend, which is the probability to buy times the same spend."""
    contract = SEGMENTS["churn_risk"].columns["value_at_risk"].description
    assert contract is not None
    assert contract.startswith("churn_probability times what such a customer spends in the horizon when buying")
    assert formula in " ".join(Tags(page(words)).words)


def test_the_page_asks_for_nothing_outside_itself() -> None:
    found = Tags(page())
    loaded = [str(attributes["src"]) for _, attributes in found.tags if "src" in attributes]
    assert loaded
    assert all(address.startswith("data:image/svg+xml;base64,") for address in loaded)
    assert {name for name, _ in found.tags} & {"script", "link", "iframe", "object"} == set()


def test_a_customer_whose_number_is_an_attack_is_text_and_one_argument_of_the_command() -> None:
    content = page(customer=EVIL)
    found = Tags(content)
    assert found.named("script") == []
    assert "\u202e" not in content
    assert {
        "href": "http://localhost:3000/customers/%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26%E2%80%AE"
    } in found.named("a")
    assert """loyalty explain '"><script>alert(1)</script>&' --html _script_alert_1_script_.html""" in found.words


def test_a_reason_and_an_action_are_named_in_the_language_of_the_page() -> None:
    why = {"risk_reason_1": "service_contact", "next_action": "ask_what_is_missing"}
    found = Tags(page(DUTCH, **why, next_action_reason="loyal_but_missing_satisfaction_and_recommend")).words
    assert "had contact met de klantenservice" in found
    assert "vragen wat er ontbreekt: trouw, maar niet helemaal tevreden en zou niet zeker aanbevelen" in found


def test_a_customer_with_nothing_due_is_told_so() -> None:
    assert "nothing is due, or allowed now" in Tags(page(next_action=None, next_action_reason=None)).words
