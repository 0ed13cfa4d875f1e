from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.attitude.constructs import (
    KEYS_OF_COUNTS,
    Answered,
    add_answers,
    construct_items,
    construct_scores,
    count_constructs,
    reliability,
    withheld_constructs,
)
from pipeline.core.attitude.survey_settings import ConstructSettings
from pipeline.core.frames import Frame
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import assert_rows_in_any_order_agree, customers, segment, table

AS_OF = date(2026, 6, 30)
ITEMS = {"care": {"trust": ["t1", "t2", "t3", "t4"], "choice": ["c1"]}}
PAIR = {"care": {"pair": ["p1", "p2"]}}
FEW = ConstructSettings(min_n=2)
Response = tuple[dict[str, Any], list[dict[str, Any]]]

# The 30 departments of Chatterjee & Price, Regression Analysis by Example (1977), favourable answers in percent:
# rating, complaints, privileges, learning, raises, critical, advance; R's data set `attitude`.
ATTITUDE = """
43 51 30 39 61 92 45|63 64 51 54 63 73 47|71 70 68 69 76 86 48|61 63 45 47 54 84 35|81 78 56 66 71 83 47
43 55 49 44 54 49 34|58 67 42 56 66 68 35|71 75 50 55 70 66 41|72 82 72 67 71 83 31|67 61 45 47 62 80 41
64 53 53 58 58 67 34|67 60 47 39 59 74 41|69 62 57 42 55 63 25|68 83 83 45 59 77 35|77 77 54 72 79 77 46
81 90 50 72 60 54 36|74 85 64 69 79 79 63|65 60 65 75 55 80 60|65 70 46 57 75 85 46|50 58 68 54 64 78 52
50 40 33 34 43 64 33|64 61 52 62 66 80 41|53 66 52 50 63 80 37|40 37 42 58 50 57 49|63 54 42 48 66 75 33
66 77 66 63 88 76 72|78 75 58 74 80 78 49|48 57 44 45 51 83 38|85 85 71 71 77 74 55|82 82 39 59 64 78 39
"""


def response(
    customer: str | None, on: str = "2026-06-01", scale: tuple[int, int] = (1, 5), survey: str = "care", **given: float
) -> Response:
    """A response with its answers by item."""
    sent = {"response_id": f"{survey} {customer} {on} {sorted(given.items())}", "survey_id": survey}
    items = [
        sent | {"item_id": item, "value": value, "scale_min": scale[0], "scale_max": scale[1]}
        for item, value in given.items()
    ]
    return sent | {"customer_id": customer, "submitted_at": on}, items


def tables(*given: Response, measures: dict[str, dict[str, list[str]]] = ITEMS) -> tuple[pl.DataFrame, ...]:
    return (
        table("survey_responses", [sent for sent, _ in given]),
        table("survey_answers", [answer for _, items in given for answer in items]),
        customers(*"abcdefgh"),
        construct_items(measures),
    )


def part(name: str, as_of: date = AS_OF, by: ConstructSettings = FEW) -> Any:
    def compute(*frames: Frame) -> Frame:
        items = frames[3].collect()
        answered = add_answers(*frames[:3], items, as_of=as_of)
        measured = reliability([count_constructs(answered)], items, as_of=as_of, settings=by)
        if name == "construct_reliability":
            return measured.lazy()
        return construct_scores(answered.totals.lazy(), withheld_constructs(measured), as_of=as_of, settings=by)

    return compute


def scores(*given: Response, measures: dict[str, dict[str, list[str]]] = ITEMS, **more: Any) -> pl.DataFrame:
    return segment("construct_scores", part("construct_scores", **more), *tables(*given, measures=measures))


def alphas(*given: Response, measures: dict[str, dict[str, list[str]]] = PAIR, **more: Any) -> pl.DataFrame:
    return segment("construct_reliability", part("construct_reliability", **more), *tables(*given, measures=measures))


def score_of(*given: Response, **more: Any) -> dict[str, Any]:
    (row,) = scores(*given, **more).to_dicts()
    return row


def alpha_of(*given: Response, wave: str = "all", **more: Any) -> float | None:
    (alpha,) = alphas(*given, **more).filter(wave=wave)["alpha"]
    return None if alpha is None else float(alpha)


def pairs(*answers: tuple[float, float], on: str = "2026-06-01") -> list[Response]:
    """Anonymous responses with two answers each."""
    return [
        response(None, on=f"{on} {10 + n // 60}:{n % 60:02}", p1=first, p2=second)
        for n, (first, second) in enumerate(answers)
    ]


# Scores


@pytest.mark.parametrize(
    ("scale", "value", "pomp"),
    [((1, 5), 1, 0), ((1, 5), 4, 75), ((0, 10), 9, 90), ((1, 7), 4, 50), ((1, 10), 10, 100), ((1, 7), 3, 100 / 3)],
)
def test_an_answer_counts_as_percent_of_its_scale(scale: tuple[int, int], value: int, pomp: float) -> None:
    row = score_of(response("a", scale=scale, c1=value))
    assert row["score"] == pytest.approx(pomp)
    assert (row["construct"], row["n_items"], row["n_answered"], row["is_withheld"]) == ("choice", 1, 1, False)


def test_a_reversed_item_is_turned_before_it_counts() -> None:
    sent, items = response("a", scale=(1, 7), c1=2)
    items[0]["is_reversed"] = True
    # 1 + 7 - 2 = 6; 100 * (6 - 1) / 6.
    row = score_of((sent, items))
    assert row["score"] == pytest.approx(500 / 6)
    assert row["pct_top2"] == 100


def test_a_score_is_the_mean_of_the_answered_items() -> None:
    # 75, 50 and 100 of the three answers; 4 and 5 are the top two.
    row = score_of(response("a", t1=4, t2=3, t3=5))
    assert (row["n_items"], row["n_answered"], row["score"]) == (4, 3, 75.0)
    assert row["pct_top2"] == pytest.approx(200 / 3)


def test_items_on_different_scales_count_the_same() -> None:
    sent, items = response("a", t1=5, t2=1, t3=1)
    items[0] |= {"scale_min": 0, "scale_max": 10}
    assert score_of((sent, items))["score"] == pytest.approx(50 / 3)


def test_the_top_two_answers_are_those_of_the_items_own_scale() -> None:
    sent, items = response("a", t1=4, t2=3, t3=9, t4=8)
    for item in items[2:]:
        item |= {"scale_min": 0, "scale_max": 10}
    assert score_of((sent, items))["pct_top2"] == 50


def test_a_score_needs_three_quarters_of_the_items_of_the_configuration() -> None:
    # Nobody answers t3 and t4; they are items all the same.
    row = score_of(response("a", t1=5, t2=5))
    assert (row["n_items"], row["n_answered"], row["score"], row["pct_top2"]) == (4, 2, None, None)
    assert score_of(response("a", t1=5, t2=5), by=ConstructSettings(min_answered=0.5))["score"] == 100
    assert score_of(response("a", t1=5, t2=5, t3=5))["score"] == 100


@pytest.mark.parametrize(("n_answered", "score"), [(6, None), (7, 100)])
def test_a_share_of_the_items_that_is_a_whole_number_is_met_by_as_many(n_answered: int, score: float | None) -> None:
    # 28% of 25 items are 7; as floating-point numbers 0.28 * 25 is a little more.
    items = [f"t{number}" for number in range(25)]
    given = response("a", **dict.fromkeys(items[:n_answered], 5))
    by = ConstructSettings(min_answered=0.28, min_n=2)
    assert score_of(given, measures={"care": {"trust": items}}, by=by)["score"] == score


def test_answers_to_items_that_the_configuration_does_not_name_do_not_count() -> None:
    assert scores(response("a", other=5)).height == 0
    assert scores(response("a", survey="another", c1=5)).height == 0


def test_an_item_counts_in_every_construct_it_belongs_to() -> None:
    found = scores(response("a", q=4), measures={"care": {"one": ["q"], "two": ["q"]}})
    assert found.select("construct", "score").rows() == [("one", 75.0), ("two", 75.0)]


def test_the_latest_response_of_a_customer_to_a_survey_counts() -> None:
    early, late = response("a", on="2026-05-01", c1=5), response("a", on="2026-06-01", c1=1)
    assert score_of(early, late)["score"] == score_of(late, early)["score"] == 0
    assert score_of(early, late, as_of=date(2026, 5, 31))["score"] == 100


def test_a_customer_counts_once_in_every_survey() -> None:
    measures = {"care": {"choice": ["c1"]}, "visit": {"choice": ["c1"]}}
    found = scores(response("a", c1=5), response("a", survey="visit", c1=1), measures=measures)
    assert found.sort("survey_id")["score"].to_list() == [100, 0]


def test_every_anonymous_response_counts_and_none_of_a_stranger() -> None:
    given = [response(None, c1=5), response(None, c1=4), response("stranger", c1=3), response("stranger", c1=2)]
    found = scores(*given, response("a", c1=1))
    assert found.sort("score")["customer_id"].to_list() == ["a", None, None]
    assert sorted(found["score"]) == [0, 75, 100]


def test_a_response_belongs_to_the_local_day() -> None:
    # 22:00 UTC is midnight in Amsterdam in summer.
    assert scores(response("a", on="2026-06-30 21:59", c1=5)).height == 1
    assert scores(response("a", on="2026-06-30 22:00", c1=5)).height == 0


# Reliability


def test_alpha_of_two_items_by_hand() -> None:
    # Variances 1 and 1, covariance 1/2, so the total has 3: alpha = 2 * (1 - 2/3).
    row = alphas(*pairs((1, 2), (2, 1), (3, 3))).filter(wave="all").row(0, named=True)
    assert row["alpha"] == pytest.approx(2 / 3)
    assert (row["n_items"], row["n_complete"], row["is_low"], row["is_suppressed"]) == (2, 3, True, False)


def test_complete_responses_of_nobody_count_and_are_told() -> None:
    nobody = [response(None, p1=2, p2=1), response(None, on="2026-06-02", p1=3, p2=3), response(None, p1=1)]
    row = alphas(response("a", p1=1, p2=2), *nobody).filter(wave="all").row(0, named=True)
    assert (row["n_complete"], row["n_anonymous"]) == (3, 2)


def test_a_response_of_a_stranger_counts_in_no_alpha() -> None:
    # Without it alpha is 2/3, as above; with (5, 1) the covariance would be below 0.
    for row in alphas(response("stranger", p1=5, p2=1), *pairs((1, 2), (2, 1), (3, 3))).to_dicts():
        assert (row["n_complete"], row["n_anonymous"], row["alpha"]) == (3, 3, pytest.approx(2 / 3))


def test_alpha_of_the_attitude_data_is_the_published_one() -> None:
    # Revelle, R package psych, example alpha(attitude): raw alpha 0.84.
    rows = [[float(value) for value in row.split()] for row in ATTITUDE.strip().replace("\n", "|").split("|")]
    items = [f"q{number}" for number in range(7)]
    given = [
        response(None, on=f"2026-06-01 12:{n:02}", scale=(0, 100), **dict(zip(items, row, strict=True)))
        for n, row in enumerate(rows)
    ]
    alpha = alpha_of(*given, measures={"care": {"attitude": items}}, by=ConstructSettings())
    assert alpha == pytest.approx(0.84, abs=0.005)


def test_alpha_below_the_bound_is_low() -> None:
    def is_low(bound: float) -> bool:
        by = ConstructSettings(min_n=2, low_alpha=bound)
        return bool(alphas(*pairs((1, 2), (2, 1), (3, 3)), by=by)["is_low"][0])

    assert is_low(0.67)
    assert not is_low(0.66)


def test_only_complete_cases_count() -> None:
    given = [*pairs((1, 2), (2, 1), (3, 3)), response("a", p1=5), response("b", p2=1)]
    assert alphas(*given).filter(wave="all")["n_complete"].to_list() == [3]
    assert alpha_of(*given) == pytest.approx(2 / 3)


def test_a_construct_of_one_item_has_no_alpha() -> None:
    assert alphas(response("a", c1=1), response("b", c1=5), measures=ITEMS).height == 0


def test_alpha_is_suppressed_below_the_minimum() -> None:
    row = alphas(*pairs((1, 2), (2, 1), (3, 3)), by=ConstructSettings(min_n=4)).row(0, named=True)
    assert (row["n_complete"], row["alpha"], row["is_low"], row["is_suppressed"]) == (3, None, None, True)
    assert not alphas(*pairs((1, 2), (2, 1), (3, 3)), by=ConstructSettings(min_n=3))["is_suppressed"].any()


def test_alpha_of_equal_totals_does_not_exist() -> None:
    for answers in ([(3, 3), (3, 3)], [(1, 5), (5, 1)]):
        row = alphas(*pairs(*answers)).row(0, named=True)
        assert (row["alpha"], row["is_low"], row["is_suppressed"]) == (None, None, False)


def test_a_wave_is_a_quarter_in_the_shops_time_zone() -> None:
    # 22:30 UTC on 31 March is 1 April in Amsterdam.
    given = [*pairs((1, 2), (2, 1), (3, 3), on="2026-03-01"), response("a", on="2026-03-31 22:30", p1=1, p2=1)]
    given += [response("b", on="2026-06-30 21:59", p1=5, p2=5), response("c", on="2025-12-31 22:59", p1=2, p2=2)]
    found = alphas(*given)
    counts = {"2025-Q4": 1, "2026-Q1": 3, "2026-Q2": 2, "all": 6}
    assert dict(found.select("wave", "n_complete").rows()) == counts
    assert alpha_of(*given, wave="2026-Q1") == pytest.approx(2 / 3)
    assert alpha_of(*given, wave="2026-Q2") == pytest.approx(1)


def test_a_customer_counts_once_in_every_quarter_and_once_in_all() -> None:
    given = [
        response("a", on="2026-02-01", p1=1, p2=1),
        response("a", on="2026-04-01", p1=2, p2=2),
        response("a", on="2026-05-01", p1=3, p2=3),
        response("b", on="2026-05-01", p1=4, p2=4),
    ]
    found = alphas(*given)
    assert dict(found.select("wave", "n_complete").rows()) == {"2026-Q1": 1, "2026-Q2": 2, "all": 2}


def test_a_construct_with_negative_alpha_is_withheld_and_others_are_not() -> None:
    # A forgotten reverse flag: variances 2.5 and 1.3, covariance -1.5, total 0.8: alpha = 2 * (1 - 3.8 / 0.8).
    measures = {"care": {"pair": ["p1", "p2"], "first": ["p1"]}}
    given = pairs((1, 4), (2, 5), (3, 3), (4, 3), (5, 2))
    assert alpha_of(*given) == pytest.approx(-7.5)
    found = scores(*given, measures=measures)
    assert found.filter(construct="pair")["score"].null_count() == 5
    assert found.filter(construct="pair")["pct_top2"].null_count() == 5
    assert found.filter(construct="pair")["is_withheld"].all()
    assert found.filter(construct="first")["score"].null_count() == 0
    assert not found.filter(construct="first")["is_withheld"].any()
    turned = [(sent, [items[0], items[1] | {"is_reversed": True}]) for sent, items in given]
    assert not scores(*turned, measures=PAIR)["is_withheld"].any()


def test_a_negative_alpha_of_few_cases_or_of_one_quarter_withholds_nothing() -> None:
    negative = pairs((1, 4), (2, 5), (3, 3), (4, 3), (5, 2))
    assert not scores(*negative, measures=PAIR, by=ConstructSettings(min_n=6))["is_withheld"].any()
    earlier = pairs((1, 1), (5, 5), (1, 1), (5, 5), on="2026-01-15")
    assert (alpha_of(*negative, *earlier, wave="2026-Q2") or 0) < 0 < (alpha_of(*negative, *earlier) or 0)
    assert not scores(*negative, *earlier, measures=PAIR)["is_withheld"].any()


def test_without_responses_there_is_nothing() -> None:
    assert scores().height == 0
    assert alphas().height == 0


def test_scores_and_reliability_do_not_depend_on_the_order_of_rows() -> None:
    turned = response("e", t1=1, t2=2, t3=3, t4=5)
    turned[1][0]["is_reversed"] = True
    given = tables(
        response("a", t1=5, t2=4, t3=5, t4=3, c1=1),
        response("a", on="2026-01-02 23:30", t1=4, t2=4, t3=4, t4=4),
        response("b", scale=(0, 10), t1=9, t2=10, t3=9, c1=7),
        response("c", on="2026-03-31 22:30", t1=2, t2=1, t3=2, t4=4),
        response("stranger", t1=2, t2=3, t3=3, t4=2),
        response(None, t1=1, t2=2, t3=1, t4=1),
        turned,
        response("f", on="2026-07-01", t1=1, t2=1, t3=1, t4=1),
    )
    for name in ("construct_scores", "construct_reliability"):
        assert_rows_in_any_order_agree(name, part(name), *given)


# Properties

ANSWERS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=12)
TRIPLE = {"care": {"triple": ["q0", "q1", "q2"]}}


def triples(answers: list[tuple[int, ...]], scale: tuple[int, int] = (1, 5), a: int = 1, b: int = 0) -> list[Response]:
    return [
        response(
            None,
            on=f"2026-06-01 12:{n:02}",
            scale=(a * scale[0] + b, a * scale[1] + b),
            **{f"q{i}": float(a * value + b) for i, value in enumerate(row)},
        )
        for n, row in enumerate(answers)
    ]


@settings(max_examples=8, deadline=None)
@given(ANSWERS)
def test_alpha_is_that_of_the_mean_covariance_and_variance(answers: list[tuple[int, ...]]) -> None:
    # Another form of the same coefficient: k * mean covariance / (mean variance + (k - 1) * mean covariance).
    covariances = np.cov(np.array(answers, dtype=float).T)
    alpha = alpha_of(*triples(answers), measures=TRIPLE)
    if abs(covariances.sum()) < 1e-9:
        assert alpha is None
    else:
        variance, covariance = np.diag(covariances).mean(), (covariances.sum() - np.trace(covariances)) / 6
        assert alpha == pytest.approx(3 * covariance / (variance + 2 * covariance), abs=1e-8)


@settings(max_examples=8, deadline=None)
@given(ANSWERS, st.integers(1, 20), st.integers(-50, 50))
def test_alpha_does_not_change_when_all_items_are_rescaled(answers: list[tuple[int, ...]], a: int, b: int) -> None:
    before = alpha_of(*triples(answers), measures=TRIPLE)
    after = alpha_of(*triples(answers, a=a, b=b), measures=TRIPLE)
    assert (before is None) == (after is None)
    assert before is None or after == pytest.approx(before, abs=1e-8)


@settings(max_examples=8, deadline=None)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(answers: list[tuple[int, ...]], random: Any) -> None:
    sent = triples(answers)
    shuffled = random.sample(sent, len(sent))
    assert scores(*shuffled, measures=TRIPLE).equals(scores(*sent, measures=TRIPLE))
    assert alphas(*shuffled, measures=TRIPLE).equals(alphas(*sent, measures=TRIPLE))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 10))] * 4), min_size=1, max_size=8))
def test_scores_lie_between_0_and_100(answers: list[tuple[int | None, ...]]) -> None:
    given = [
        response(
            "abcdefgh"[n], scale=(0, 10), **{f"t{i + 1}": value for i, value in enumerate(row) if value is not None}
        )
        for n, row in enumerate(answers)
    ]
    found = scores(*given)
    assert found.filter((pl.col("n_answered") >= 3) & ~pl.col("is_withheld"))["score"].is_between(0, 100).all()
    assert found.filter(pl.col("n_answered") < 3)["score"].null_count() == found.filter(pl.col("n_answered") < 3).height


SENT = st.tuples(
    st.sampled_from([None, "a", "b", "c", "stranger"]),
    st.sampled_from(["2026-02-01", "2026-06-01", "2026-06-02"]),
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.none() | st.integers(1, 5)),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(SENT, max_size=10))
def test_scores_and_alpha_are_the_same_in_one_and_in_many_buckets(
    drawn: list[tuple[str | None, str, tuple[int | None, ...]]],
) -> None:
    sent = [
        response(name, on=f"{on} 1{n}:00", **{f"q{k}": value for k, value in enumerate(values) if value is not None})
        for n, (name, on, values) in enumerate(drawn)
    ]
    responses, answers, people, items = tables(
        *sent, measures={"care": {"all": ["q0", "q1", "q2"], "two": ["q0", "q1"]}}
    )
    withheld = pl.DataFrame({"survey_id": ["care"], "construct": ["two"]})

    def added(some: pl.DataFrame, known: pl.DataFrame) -> Answered:
        return add_answers(some.lazy(), answers.lazy(), known.lazy(), items, as_of=AS_OF)

    def scored(*parts: pl.DataFrame) -> pl.DataFrame:
        return construct_scores(added(*parts).totals.lazy(), withheld, as_of=AS_OF, settings=FEW).collect()

    assert_buckets_agree(scored, responses, people, by=["response_id", "construct"])
    for place, key in enumerate(KEYS_OF_COUNTS):
        assert_counts_add_up(
            lambda *parts, place=place: count_constructs(added(*parts))[place], responses, people, by=key
        )
