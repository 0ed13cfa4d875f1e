from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from pipeline.core.attitude.nps import (
    KEY_OF_ANSWERS,
    KEY_OF_INVITED,
    RESPONSE_RATE,
    classify_promoters,
    count_answers,
    count_invited,
    count_nps_responses,
    nps_index,
)
from pipeline.core.attitude.settings import NpsSettings
from pipeline.core.frames import Frame
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import (
    answered,
    assert_rows_in_any_order_agree,
    customers,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
NPS = NpsSettings()
ALL_SHOWN = NpsSettings(min_n=1)
Row = dict[str, Any]


def said(customer: str | None, score: float, on: str = "2026-06-01", **more: Any) -> Row:
    """A response with an answer to the Net Promoter question."""
    return {"response_id": f"{customer} {on}", "customer_id": customer, "submitted_at": on, "score": score} | more


def surveys(
    *rows: Row, known: str = "abcdefgh", placed: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    columns = ("response_id", "survey_id", "survey_type", "customer_id", "order_id", "submitted_at")
    sent = [{key: row[key] for key in columns if key in row} for row in rows]
    given = [
        {"response_id": row["response_id"], "item_id": "q1", "value": row["score"], "scale_min": 0, "scale_max": 10}
        | {"is_nps": row.get("is_nps", True)}
        for row in rows
    ]
    return answered(table("survey_responses", sent), table("survey_answers", given), placed), customers(*known)


def segments(**first_orders: tuple[str | None, str]) -> pl.DataFrame:
    """What the RFM table says of customers: date of the first valid order and segment."""
    return pl.DataFrame(
        [
            {"customer_id": name, "first_order_date": day and date.fromisoformat(day), "segment": segment_name}
            for name, (day, segment_name) in first_orders.items()
        ],
        schema={"customer_id": pl.String, "first_order_date": pl.Date, "segment": pl.String},
    )


def count(by: NpsSettings = NPS, as_of: date = AS_OF) -> Callable[..., Frame]:
    return lambda *frames: count_nps_responses(*frames, as_of=as_of, settings=by)


def index_of(by: NpsSettings = ALL_SHOWN, as_of: date = AS_OF) -> Callable[..., Frame]:
    def compute(responses: Frame, customers: Frame, invitations: Frame, rfm: Frame) -> Frame:
        invited = count_invited(invitations, responses, customers, as_of=as_of, settings=by)
        return nps_index(answers(by, as_of)(responses, customers, rfm), invited, as_of=as_of, settings=by)

    return compute


def answers(by: NpsSettings = NPS, as_of: date = AS_OF) -> Callable[..., Frame]:
    def compute(responses: Frame, customers: Frame, rfm: Frame) -> Frame:
        return count_answers(count(by, as_of)(responses, customers), responses, rfm, as_of=as_of, settings=by)

    return compute


def responses(*rows: Row, by: NpsSettings = NPS, as_of: date = AS_OF, known: str = "abcdefgh") -> pl.DataFrame:
    return segment("nps_responses", count(by, as_of), *surveys(*rows, known=known))


def classes(*rows: Row, as_of: date = AS_OF) -> pl.DataFrame:
    return segment("nps", lambda *frames: classify_promoters(count(as_of=as_of)(*frames), as_of=as_of), *surveys(*rows))


def index(
    *rows: Row,
    by: NpsSettings = ALL_SHOWN,
    placed: pl.DataFrame | None = None,
    rfm: pl.DataFrame | None = None,
    as_of: date = AS_OF,
    known: str = "abcdefgh",
    invited: tuple[Row, ...] = (),
) -> pl.DataFrame:
    given = (*surveys(*rows, known=known, placed=placed), table("survey_invitations", list(invited)))
    return segment("nps_index", index_of(by, as_of), *given, segments() if rfm is None else rfm)


def cell(found: pl.DataFrame, dimension: str = "all", value: str = "all", survey_type: str = "relational") -> Row:
    return found.row(
        by_predicate=(pl.col("dimension") == dimension)
        & (pl.col("value") == value)
        & (pl.col("survey_type") == survey_type),
        named=True,
    )


def values(found: pl.DataFrame, dimension: str) -> dict[str, int]:
    return dict(found.filter(dimension=dimension).select("value", "n").iter_rows())


def reasons(found: pl.DataFrame) -> dict[str, str | None]:
    return dict(found.select("response_id", "not_counted_reason").iter_rows())


def crowd(promoters: int, passives: int, detractors: int, on: str = "2026-06-01", prefix: str = "c") -> list[Row]:
    scores = [10] * promoters + [7] * passives + [0] * detractors
    return [said(f"{prefix}{number:03}", score, on) for number, score in enumerate(scores)]


def asked(customer: str | None, on: str = "2026-06-01", **more: Any) -> Row:
    """An invitation to the survey."""
    return {"invitation_id": f"{customer} {on}", "customer_id": customer, "invited_at": on} | more


def of_crowd(*groups: list[Row], by: NpsSettings = ALL_SHOWN, as_of: date = AS_OF) -> pl.DataFrame:
    rows = [row for group in groups for row in group]
    given = surveys(*rows)[:1]
    return segment(
        "nps_index",
        index_of(by, as_of),
        *given,
        customers(*{row["customer_id"] for row in rows}),
        table("survey_invitations", []),
        segments(),
    )


# Responses


def test_nine_and_ten_promote_seven_and_eight_are_passive_and_the_rest_detract() -> None:
    found = responses(*(said(name, score) for name, score in zip("abcdef", (0, 6, 7, 8, 9, 10), strict=True)))
    assert found["nps_class"].to_list() == ["detractor", "detractor", "passive", "passive", "promoter", "promoter"]
    assert found["is_counted"].all()


def test_a_zero_to_ten_item_that_is_not_called_a_net_promoter_question_is_none() -> None:
    assert responses(said("a", 10, is_nps=False)).height == 0


def test_the_later_of_two_responses_in_the_window_counts() -> None:
    found = reasons(responses(said("a", 2, "2026-05-01"), said("a", 9, "2026-06-01")))
    assert found == {"a 2026-05-01": "later_response_in_window", "a 2026-06-01": None}


def test_a_response_as_many_days_before_the_next_as_the_window_is_long_counts() -> None:
    week = NpsSettings(window_days=7)
    # 22:00 UTC is the next local day in Amsterdam in summer.
    found = reasons(responses(said("a", 2, "2026-06-01 12:00"), said("a", 9, "2026-06-07 22:00"), by=week))
    assert found["a 2026-06-01 12:00"] is None
    found = reasons(responses(said("a", 2, "2026-06-01 12:00"), said("a", 9, "2026-06-07 21:59"), by=week))
    assert found["a 2026-06-01 12:00"] == "later_response_in_window"


def test_of_two_responses_at_the_same_moment_the_higher_number_counts() -> None:
    pair = [said("a", 2, response_id="r1"), said("a", 9, response_id="r2")]
    assert reasons(responses(*pair)) == reasons(responses(*pair[::-1]))
    assert reasons(responses(*pair)) == {"r1": "later_response_in_window", "r2": None}


def test_relational_and_transactional_responses_do_not_take_each_others_place() -> None:
    found = responses(said("a", 2, "2026-05-01"), said("a", 9, survey_type="transactional"))
    assert found["is_counted"].to_list() == [True, True]


def test_a_response_after_as_of_does_not_exist_and_hides_nothing() -> None:
    found = reasons(responses(said("a", 2, "2026-06-30 21:59"), said("a", 9, "2026-06-30 22:00")))
    assert found == {"a 2026-06-30 21:59": None}


def test_every_response_of_nobody_counts_and_none_of_a_stranger() -> None:
    nobody = [said(None, 9), said(None, 3, "2026-06-02")]
    found = reasons(responses(*nobody, said("ghost", 9), said("ghost", 9, "2026-06-02")))
    assert found == {
        "None 2026-06-01": None,
        "None 2026-06-02": None,
        "ghost 2026-06-01": "unknown_customer",
        "ghost 2026-06-02": "unknown_customer",
    }


def test_the_first_of_two_net_promoter_questions_by_name_counts() -> None:
    items = [
        {"response_id": "r", "item_id": item_id, "is_nps": True, "value": value, "scale_min": 0, "scale_max": 10}
        for item_id, value in (("q1", 9.0), ("q0", 3.0))
    ]
    sent = table("survey_responses", [{"response_id": "r", "customer_id": "a", "submitted_at": "2026-06-01"}])
    found = segment("nps_responses", count(), answered(sent, table("survey_answers", items)), customers("a"))
    assert found.select("nps_score", "nps_class").rows() == [(3.0, "detractor")]


# Customers


def test_the_latest_counted_response_is_the_customers() -> None:
    found = classes(said("a", 10, "2026-01-01"), said("a", 3, "2026-06-29"), said("b", 8, "2026-06-30"))
    columns = ["customer_id", "response_id", "nps_score", "nps_class", "age_days"]
    assert found.select(columns).rows() == [
        ("a", "a 2026-06-29", 3, "detractor", 1),
        ("b", "b 2026-06-30", 8, "passive", 0),
    ]


def test_a_relational_response_goes_before_a_later_transactional_one() -> None:
    rows = [said("a", 2, "2025-01-01"), said("a", 10, survey_type="transactional")]
    assert classes(*rows).select("survey_type", "nps_class").rows() == [("relational", "detractor")]
    assert classes(rows[1]).select("survey_type", "nps_class").rows() == [("transactional", "promoter")]


def test_who_is_not_counted_has_no_class() -> None:
    assert classes(said(None, 9), said("ghost", 9)).height == 0


# Index


def test_the_score_is_the_share_of_promoters_less_that_of_detractors() -> None:
    # Definitions, section 3: half promoters, a sixth detractors: 33.3.
    row = cell(of_crowd(crowd(3, 2, 1)))
    assert [row[name] for name in ("n", "n_promoters", "n_passives", "n_detractors")] == [6, 3, 2, 1]
    assert row["nps"] == pytest.approx(100 / 3)


def test_a_survey_without_customers_has_a_score() -> None:
    # Three promoters and one detractor: 50; in the window before one detractor: -100.
    nobody = [said(None, score, response_id=f"n{number}") for number, score in enumerate((9, 10, 9, 0))]
    found = index(*nobody, said(None, 0, "2026-03-01"))
    row = cell(found)
    assert (row["n"], row["n_anonymous"], row["nps"]) == (4, 4, 50)
    assert (row["n_previous"], row["nps_previous"]) == (1, -100)
    assert values(found, "rfm_segment") == values(found, "acquisition_month") == {"unknown": 4}
    assert values(found, "quarter") == {"2026-Q1": 1, "2026-Q2": 4}


def test_answers_of_nobody_stand_beside_those_of_customers_and_take_the_place_of_none() -> None:
    rows = [said("a", 0, "2026-05-01"), said("a", 10), said(None, 10, "2026-06-02"), said(None, 0, "2026-06-03")]
    row = cell(index(*rows))
    assert (row["n"], row["n_anonymous"], row["n_promoters"], row["n_detractors"]) == (3, 2, 2, 1)


def test_an_answer_of_nobody_about_an_order_is_in_the_channel_of_the_order() -> None:
    placed = orders({"order_id": "o1", "customer_id": "a", "ordered_at": "2026-01-01", "channel": "app"})
    found = index(said(None, 9, order_id="o1"), said(None, 9, "2026-06-02"), placed=placed)
    assert values(found, "channel") == {"app": 1, "unknown": 1}


def test_the_interval_is_the_adjusted_wald_interval() -> None:
    # 3, 2 and 1 of 6 become 3.75, 3.5 and 1.75 of 9: net 2/9, variance 5.5/9 - 4/81 = 45.5/81, standard error
    # sqrt(45.5/729) = 6.745369/27 = 0.2498285; 1.959964 of it are 0.4896549.
    row = cell(of_crowd(crowd(3, 2, 1)))
    assert row["nps_low"] == pytest.approx(100 * (0.2222222 - 0.4896549), abs=1e-4)
    assert row["nps_high"] == pytest.approx(100 * (0.2222222 + 0.4896549), abs=1e-4)


def test_the_adjusted_variance_tends_to_that_of_the_definitions() -> None:
    # Definitions, section 3: p = 1/2, d = 1/6 gives variance 5/9; at n = 600 the adjustment hardly matters.
    row = cell(of_crowd(crowd(300, 200, 100)))
    half = (row["nps_high"] - row["nps_low"]) / 200
    assert half == pytest.approx(1.96 * (5 / 9 / 600) ** 0.5, rel=5e-3)


def test_a_score_of_too_few_is_suppressed_with_its_counts() -> None:
    row = cell(of_crowd(crowd(3, 2, 1), by=NpsSettings(min_n=7)))
    assert (row["n"], row["n_promoters"], row["is_suppressed"]) == (6, 3, True)
    assert (row["nps"], row["nps_low"], row["nps_high"]) == (None, None, None)
    row = cell(of_crowd(crowd(3, 2, 1), by=NpsSettings(min_n=6)))
    assert (row["is_suppressed"], row["nps"] is None) == (False, False)


def test_the_two_survey_types_are_separate_series() -> None:
    found = index(said("a", 10), said("b", 0, survey_type="transactional"))
    assert cell(found)["nps"] == 100
    assert cell(found, survey_type="transactional")["nps"] == -100


def test_the_window_is_the_last_ninety_local_days_and_the_one_before_as_many_days_earlier() -> None:
    # as_of 2026-06-30: the window begins on 2 April, the one before on 2 January.
    rows = [
        said("a", 10, "2026-04-02"),
        said("b", 0, "2026-04-01"),
        said("c", 0, "2026-01-02"),
        said("d", 0, "2026-01-01"),
    ]
    row = cell(index(*rows))
    assert (row["n"], row["nps"], row["n_previous"], row["nps_previous"]) == (1, 100, 2, -100)


def test_a_customer_counts_once_in_each_window() -> None:
    # The answer of May is the later one, yet in the window before that of March stands.
    row = cell(index(said("a", 10, "2026-03-01"), said("a", 9, "2026-05-01"), said("a", 0, "2026-05-02")))
    assert (row["n"], row["n_detractors"], row["n_previous"], row["nps_previous"]) == (1, 1, 1, 100)


def test_a_calendar_quarter_is_compared_with_the_one_before_it() -> None:
    rows = [
        said("a", 10, "2026-04-01"),
        said("a", 10, "2026-06-30"),
        said("b", 0, "2026-03-31"),
        said("c", 0, "2025-12-31"),
    ]
    found = index(*rows)
    assert values(found, "quarter") == {"2026-Q2": 1, "2026-Q1": 1, "2025-Q4": 1}
    row = cell(found, "quarter", "2026-Q2")
    assert (row["n"], row["n_previous"], row["nps_previous"]) == (1, 1, -100)
    assert cell(found, "quarter", "2025-Q4")["n_previous"] == 0
    assert (row["n_rest"], row["z_rest"]) == (None, None)


def test_the_change_is_tested_against_the_window_before() -> None:
    # 100 answers each: 60/20/20 and 40/20/40: 0.4 and 0. Adjusted shares of 103: net 40/103 and 0; p + d is 81.5/103 both
    # times. Variances 0.791262 - 0.150815 = 0.640447 and 0.791262; sum / 103 = 0.0139001, root 0.1178989; 0.4 of it: 3.39274.
    found = of_crowd(crowd(60, 20, 20), crowd(40, 20, 40, on="2026-03-01", prefix="d"))
    row = cell(found)
    assert (row["nps"], row["nps_previous"], row["n_previous"]) == (40, 0, 100)
    assert row["z_previous"] == pytest.approx(3.39274, abs=1e-4)
    assert row["p_previous"] == pytest.approx(2 * norm.sf(3.39274), abs=2e-6)


def test_a_comparison_with_too_few_is_suppressed() -> None:
    few = NpsSettings(min_n=3)
    row = cell(of_crowd(crowd(3, 2, 1), crowd(2, 0, 0, on="2026-03-01", prefix="d"), by=few))
    assert (row["n_previous"], row["nps_previous"], row["z_previous"], row["p_previous"]) == (2, None, None, None)
    row = cell(of_crowd(crowd(2, 0, 0), crowd(3, 2, 1, on="2026-03-01", prefix="d"), by=few))
    assert row["nps_previous"] is not None
    assert (row["z_previous"], row["p_previous"]) == (None, None)


def test_a_value_is_tested_against_the_rest_of_its_series() -> None:
    rows = [said("a", 10), said("b", 10), said("c", 0), said("d", 0, survey_type="transactional")]
    rfm = segments(a=("2026-01-31", "champions"), b=("2026-01-01", "lost"), c=("2025-12-01", "lost"))
    found = index(*rows, rfm=rfm)
    row = cell(found, "rfm_segment", "champions")
    assert (row["n"], row["n_rest"], row["nps_rest"]) == (1, 2, 0)
    # 1.75 and 0.75 of 4 against 1.75 and 1.75 of 5: net 0.25 and 0, variances 0.5625 / 4 and 0.7 / 5.
    assert row["z_rest"] == pytest.approx(1 / (0.140625 + 0.14) ** 0.5)
    assert (cell(found)["n_rest"], cell(found)["z_rest"]) == (None, None)
    assert values(found, "acquisition_month") == {"2026-01": 2, "2025-12": 1, "unknown": 1}


def test_the_channel_is_that_of_the_order_asked_about_and_else_of_the_latest_order_at_the_response() -> None:
    placed = orders(
        {"order_id": "o1", "customer_id": "a", "ordered_at": "2026-01-01", "channel": "app"},
        {"order_id": "o2", "customer_id": "a", "ordered_at": "2026-05-01", "channel": "web"},
        {"order_id": "o3", "customer_id": "a", "ordered_at": "2026-06-02", "channel": "store"},
        {"order_id": "o4", "customer_id": "c", "ordered_at": "2026-05-01", "channel": None},
    )
    asked = said("a", 10, order_id="o1")
    assert values(index(asked, placed=placed), "channel") == {"app": 1}
    assert values(index(asked | {"order_id": None}, placed=placed), "channel") == {"web": 1}
    assert values(index(asked | {"order_id": "o9"}, placed=placed), "channel") == {"web": 1}
    assert values(index(said("b", 10), said("c", 10), placed=placed), "channel") == {"unknown": 2}


def test_the_p_value_is_that_of_the_normal_distribution() -> None:
    for promoters in range(0, 60, 7):
        row = cell(of_crowd(crowd(promoters, 60 - promoters, 0), crowd(20, 20, 20, on="2026-03-01", prefix="d")))
        assert row["p_previous"] == pytest.approx(2 * norm.sf(abs(row["z_previous"])), abs=1.1e-6)


def test_without_responses_there_is_no_index() -> None:
    assert index().height == 0
    assert responses().height == 0
    assert classes().height == 0


# Response rate


def rate(found: pl.DataFrame, dimension: str = "all", value: str = "all", survey_type: str = "relational") -> Row:
    row = cell(found, dimension, value, survey_type)
    return {name: row[name] for name in RESPONSE_RATE}


def counts(found: pl.DataFrame, dimension: str = "all", value: str = "all") -> tuple[int, int]:
    row = rate(found, dimension, value)
    return row["n_invited"], row["n_responded"]


def test_the_response_rate_is_the_share_of_invited_customers_who_responded() -> None:
    # 1 of 4. Wilson with z^2 = 3.841459: centre (0.25 + 0.4801824) / 1.9603647 = 0.3724727; spread
    # 1.959964 * sqrt(0.1875 / 4 + 3.841459 / 64) = 1.959964 * sqrt(0.046875 + 0.0600228) = 0.6408147, / 1.9603647: 0.3268854.
    found = rate(index(said("a", 9, "2026-06-03"), invited=tuple(asked(name) for name in "abcd")))
    assert (found["n_invited"], found["n_responded"], found["pct_responded"]) == (4, 1, 25)
    assert found["pct_responded_low"] == pytest.approx(100 * (0.3724727 - 0.3268854), abs=1e-4)
    assert found["pct_responded_high"] == pytest.approx(100 * (0.3724727 + 0.3268854), abs=1e-4)


def test_a_response_before_the_invitation_is_no_response_to_it_and_one_at_its_moment_is() -> None:
    invitation = asked("a", "2026-06-01 12:00")
    assert counts(index(said("a", 9, "2026-06-01 11:59"), invited=(invitation,))) == (1, 0)
    assert counts(index(said("a", 9, "2026-06-01 12:00"), invited=(invitation,))) == (1, 1)


def test_a_customer_who_is_reminded_and_responds_twice_counts_once() -> None:
    rows = (said("a", 9, "2026-06-02"), said("a", 8, "2026-06-20"))
    assert counts(index(*rows, invited=(asked("a"), asked("a", "2026-06-10"), asked("a", "2026-06-25")))) == (1, 1)


def test_a_response_answers_the_latest_invitation_before_it_and_none_of_an_earlier_period() -> None:
    rows = (
        said("a", 9, "2026-03-02"),
        said("a", 9, "2026-04-10"),
        said("b", 9, "2026-03-03"),
        said("b", 9, "2026-04-09"),
    )
    invited = (asked("a", "2026-03-01"), asked("a", "2026-04-10"), asked("b", "2026-03-05"), asked("b", "2026-04-09"))
    found = index(*rows, invited=invited)
    assert counts(found, "quarter", "2026-Q1") == (2, 1)
    assert counts(found, "quarter", "2026-Q2") == (2, 2)


def test_a_response_of_another_survey_is_none_even_of_the_same_type() -> None:
    rows = (said("a", 9, "2026-06-03", survey_id="other"),)
    assert counts(index(*rows, invited=(asked("a"),))) == (1, 0)


def test_a_response_without_an_answer_to_the_net_promoter_question_is_a_response() -> None:
    rows = (said("a", 9, is_nps=False), said("b", 9))
    assert counts(index(*rows, invited=(asked("a"), asked("b"), asked("c")))) == (3, 2)


def test_invitations_count_in_the_window_of_their_own_local_date() -> None:
    # as_of 2026-06-30: the window begins on 2 April, at 22:00 UTC of the day before.
    begins = (asked("a", "2026-04-01 21:59"), asked("b", "2026-04-01 22:00"))
    found = index(said("a", 9, "2026-05-01"), said("b", 9, "2026-02-01"), invited=begins)
    assert counts(found) == (1, 0)
    # 1 April is in the second quarter, whose window is longer; the response in it is to be counted there.
    assert counts(found, "quarter", "2026-Q2") == (2, 1)


def test_a_response_counts_in_the_quarter_of_its_invitation() -> None:
    rows = (said("a", 9, "2026-04-02"), said("b", 9, "2026-03-02"))
    found = index(*rows, invited=(asked("a", "2026-03-31 21:59"), asked("b", "2026-03-31 22:00")))
    assert counts(found, "quarter", "2026-Q1") == (1, 1)
    assert counts(found, "quarter", "2026-Q2") == (1, 0)


def test_invitations_and_responses_after_as_of_do_not_exist() -> None:
    rows = (said("a", 9, "2026-06-30 22:00"), said("b", 9, "2026-06-30 21:59"))
    invited = (asked("a"), asked("b"), asked("c", "2026-06-30 22:00"))
    assert counts(index(*rows, invited=invited)) == (2, 1)


def test_invitations_of_nobody_and_of_strangers_are_left_out() -> None:
    rows = (said("a", 9), said("ghost", 9), said(None, 9))
    assert counts(index(*rows, invited=(asked("a"), asked("ghost"), asked(None)))) == (1, 1)


def test_each_survey_type_has_its_own_response_rate() -> None:
    rows = (said("a", 9), said("b", 9, survey_type="transactional", survey_id="parcel"))
    parcel = {"survey_type": "transactional", "survey_id": "parcel"}
    found = index(*rows, invited=(asked("a"), asked("b", **parcel), asked("c", **parcel)))
    assert rate(found)["pct_responded"] == 100
    assert rate(found, survey_type="transactional")["pct_responded"] == 50


def test_a_response_rate_of_too_few_is_null_with_its_counts() -> None:
    invited = tuple(asked(name) for name in "ab")
    found = rate(index(said("a", 9), invited=invited, by=NpsSettings(min_n=3)))
    assert list(found.values()) == [2, 1, None, None, None]
    assert rate(index(said("a", 9), invited=invited, by=NpsSettings(min_n=2)))["pct_responded"] == 50


def test_without_invitations_there_is_no_response_rate() -> None:
    assert list(rate(index(said("a", 9))).values()) == [0, 0, None, None, None]


def test_channels_and_segments_have_no_response_rate() -> None:
    found = index(said("a", 9), invited=(asked("a"),)).filter(~pl.col("dimension").is_in(["all", "quarter"]))
    assert found.height == 3
    assert found.select(RESPONSE_RATE).null_count().row(0) == (3,) * len(RESPONSE_RATE)


# Properties


def test_net_promoter_tables_depend_neither_on_the_order_of_rows_nor_on_buckets() -> None:
    placed = orders(
        {"customer_id": "b", "ordered_at": "2026-01-01", "channel": "app"},
        {"customer_id": "a", "ordered_at": "2026-01-01", "channel": "web"},
    )
    given = surveys(
        said("a", 10),
        said("a", 6, "2026-06-02 23:30"),
        said("b", 7, "2026-02-01", order_id="o000"),
        said("b", 9, survey_type="transactional"),
        said("c", 3, "2025-11-30"),
        said("d", 9, "2026-07-01"),
        said(None, 9),
        said("ghost", 9),
        placed=placed,
    )
    rfm = segments(a=("2026-01-01", "champions"), b=(None, "prospect"))
    assert_rows_in_any_order_agree("nps_responses", count(), *given)
    assert_buckets_agree(partial(on_polars, count()), *given, by=["response_id"])
    classified = partial(on_polars, lambda *f: classify_promoters(count()(*f), as_of=AS_OF))
    assert_buckets_agree(classified, *given, by=["customer_id"])
    assert_rows_in_any_order_agree("nps", lambda *f: classify_promoters(count()(*f), as_of=AS_OF), *given)
    invited = table(
        "survey_invitations",
        [
            asked("a", "2026-05-31 23:30"),
            asked("b", "2026-05-30"),
            asked("b", "2026-01-30"),
            asked("c", "2026-06-02", survey_type="transactional"),
            asked("d", "2026-07-01"),
            asked(None),
            asked("ghost"),
        ],
    )
    assert_rows_in_any_order_agree("nps_index", index_of(), *given, invited, rfm)
    assert_counts_add_up(partial(on_polars, answers()), *given, rfm, by=KEY_OF_ANSWERS)
    asking = partial(on_polars, partial(count_invited, as_of=AS_OF, settings=NPS))
    assert_counts_add_up(asking, invited, *given, by=KEY_OF_INVITED)


FEW = settings(max_examples=5)
SCORES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 10), st.integers(1, 250)), min_size=1, max_size=12
)


def on_day(number: int) -> str:
    return date.fromordinal(AS_OF.toordinal() - number + 1).isoformat()


@FEW
@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(given: list[tuple[str, int, int]], random: Any) -> None:
    rows = [said(name, score, on_day(day), response_id=f"r{number}") for number, (name, score, day) in enumerate(given)]
    shuffled = random.sample(rows, len(rows))
    assert responses(*rows).equals(responses(*shuffled))
    assert index(*rows).equals(index(*shuffled))


@FEW
@given(SCORES)
def test_at_most_one_response_of_a_customer_counts_in_any_window(given: list[tuple[str, int, int]]) -> None:
    rows = [said(name, score, on_day(day), response_id=f"r{number}") for number, (name, score, day) in enumerate(given)]
    found = responses(*rows).filter("is_counted").sort("customer_id", "local_date")
    gaps = found.select(pl.col("local_date").diff().over("customer_id").dt.total_days()).to_series().drop_nulls()
    assert (gaps >= 90).all()
    assert set(found["customer_id"]) == {name for name, _, _ in given}


@FEW
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_interval_contains_the_score_and_stays_on_the_scale(promoters: int, passives: int, detractors: int) -> None:
    # Of one answer alone the adjusted interval can miss the plain score; no score of one is ever published.
    by = NpsSettings(min_n=2)
    found = of_crowd(crowd(promoters, passives, detractors), by=by).filter(~pl.col("is_suppressed"))
    for low, score, high in found.select("nps_low", "nps", "nps_high").iter_rows():
        assert -100 <= low <= score <= high <= 100


@FEW
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 250)), max_size=12),
    SCORES,
    st.randoms(use_true_random=False),
)
def test_no_more_respond_than_were_invited_and_the_interval_contains_the_rate(
    asked_of: list[tuple[str, int]], given: list[tuple[str, int, int]], random: Any
) -> None:
    rows = [said(name, score, on_day(day), response_id=f"r{number}") for number, (name, score, day) in enumerate(given)]
    invited = [asked(name, on_day(day), invitation_id=f"i{number}") for number, (name, day) in enumerate(asked_of)]
    found = index(*rows, invited=tuple(invited))
    assert found.equals(index(*rows, invited=tuple(random.sample(invited, len(invited)))))
    in_quarters = {name for name, _ in asked_of}
    for n, responded, rate, low, high in found.select(RESPONSE_RATE).drop_nulls("n_invited").iter_rows():
        assert 0 <= responded <= n <= len(in_quarters)
        assert (rate is None) == (n == 0)
        assert n == 0 or 0 <= low <= rate <= high <= 100
