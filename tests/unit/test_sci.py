from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.attitude.sci import (
    KEY_OF_COUNTS,
    classify_anonymous,
    classify_sci,
    count_classes,
    sci_index,
    surveys_asking,
)
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.frames import Frame
from schemas.types import ITEM_ROLES
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
SCI = SciSettings()
Response = tuple[dict[str, Any], list[dict[str, Any]]]


def response(
    customer: str | None, *given: float | None, on: str = "2026-06-01", scale: tuple[int, int] = (1, 5), **more: Any
) -> Response:
    """A response with answers to satisfaction, repurchase and recommend, in that order; None: left empty."""
    response_id = more.pop("response_id", f"{customer} {on}")
    survey = {"response_id": response_id, "survey_id": more.pop("survey_id", "care")}
    items = [
        survey | {"item_id": role, "role": role, "value": value, "scale_min": scale[0], "scale_max": scale[1]} | more
        for role, value in zip(ITEM_ROLES, given, strict=False)
        if value is not None
    ]
    return survey | {"customer_id": customer, "submitted_at": on}, items


def classify(as_of: date = AS_OF) -> Callable[[Frame, Frame], Frame]:
    return lambda responses, known: classify_sci(responses, known, surveys_asking(responses, as_of=as_of), as_of=as_of)


def tables(
    *given: Response, known: str = "abcdefgh", by: SciSettings = SCI, placed: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    sent = table("survey_responses", [sent for sent, _ in given])
    answers = table("survey_answers", [answer for _, items in given for answer in items])
    return answered(sent, answers, placed, by.boxes), customers(*known)


def sci(*given: Response, as_of: date = AS_OF, by: SciSettings = SCI) -> pl.DataFrame:
    return segment("sci", classify(as_of), *tables(*given, by=by))


def class_of(*given: Response, **more: Any) -> str:
    (found,) = sci(*given, **more)["sci_class"]
    return str(found)


@pytest.mark.parametrize(
    ("scale", "boxes"),
    # The table of the definitions, section 2: box of every answer from the lowest on.
    [
        ((1, 4), [0, 0, 2, 3]),
        ((1, 5), [0, 0, 1, 2, 3]),
        ((1, 7), [0, 0, 0, 1, 1, 2, 3]),
        ((0, 10), [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3]),
        ((1, 10), [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]),
    ],
)
def test_the_box_of_every_answer_is_that_of_the_table(scale: tuple[int, int], boxes: list[int]) -> None:
    answers = range(scale[0], scale[1] + 1)
    given = [response("a", value, value, value, scale=scale) for value in answers]
    found = [sci(one).row(0, named=True) for one in given]
    assert [row["sci_box"] for row in found] == boxes
    names = ["at_risk", "vulnerable", "favorable", "secure"]
    assert [row["sci_class"] for row in found] == [names[box] for box in boxes]
    assert [row["is_secure_top_box"] for row in found] == [box == 3 for box in boxes]
    assert [row["is_secure_top2"] for row in found] == [value >= scale[1] - 1 for value in answers]


def test_the_weakest_item_decides_the_class() -> None:
    row = sci(response("a", 5, 5, 1)).row(0, named=True)
    assert (row["satisfaction_box"], row["repurchase_box"], row["recommend_box"]) == (3, 3, 0)
    assert (row["sci_box"], row["sci_class"], row["is_secure_top2"]) == (0, "at_risk", False)
    assert class_of(response("a", 5, 3, 5)) == "vulnerable"
    assert class_of(response("a", 4, 5, 5)) == "favorable"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((7, 10, 9), "satisfaction"),
        ((9, 8, 10), "repurchase"),
        ((10, 7, 8), "repurchase_and_recommend"),
        ((8, 10, 7), "satisfaction_and_recommend"),
        ((7, 8, 7), "satisfaction_and_repurchase_and_recommend"),
        ((9, 9, 9), None),
        ((6, 8, 9), None),
        ((8, 8, 0), None),
        ((8, None, 9), None),
    ],
)
def test_who_answers_7_or_8_and_nothing_below_is_loyal_but_misses_these_items(
    given: tuple[int | None, ...], missing: str | None
) -> None:
    row = sci(response("a", *given, scale=(0, 10))).row(0, named=True)
    assert row["sci_missing_items"] == missing
    assert (row["sci_class"] == "favorable") == (missing is not None)


def test_on_other_scales_the_second_box_of_the_configuration_says_what_is_missing() -> None:
    (missing,) = sci(response("a", 5, 4, 5))["sci_missing_items"]
    assert missing == "repurchase"
    (missing,) = sci(response("a", 3, 4, 4), by=SciSettings(boxes={"1-5": [2, 3, 4]}))["sci_missing_items"]
    assert missing == "satisfaction"


@pytest.mark.parametrize("given", [(None, 5, 5), (5, None, 5), (5, 5, None), (1, 1, None)])
def test_a_missing_item_makes_unclassified_and_never_at_risk(given: tuple[int | None, ...]) -> None:
    row = sci(response("a", *given)).row(0, named=True)
    assert (row["sci_class"], row["sci_box"]) == ("unclassified", None)
    assert (row["is_secure_top_box"], row["is_secure_top2"]) == (None, None)


def test_a_response_without_any_item_of_the_index_is_unclassified_when_its_survey_has_them() -> None:
    found = sci(response("a"), response("b", 5, 5, 5))
    assert found["sci_class"].to_list() == ["unclassified", "secure"]


def test_a_survey_without_items_of_the_index_does_not_count() -> None:
    other = response("a", 9, survey_id="other", role=None, scale=(0, 10))
    assert sci(other).height == 0
    assert sci(other, response("b", 5, 5, 5))["customer_id"].to_list() == ["b"]


def test_a_reversed_item_is_flipped_before_its_box() -> None:
    sent, items = response("a", 5, 5, 1)
    items[2]["is_reversed"] = True
    row = sci((sent, items)).row(0, named=True)
    assert (row["recommend_box"], row["sci_class"], row["is_secure_top2"]) == (3, "secure", True)


def test_the_lowest_of_several_items_of_one_role_counts() -> None:
    sent, items = response("a", 5, 5, 5)
    items.append(items[0] | {"item_id": "again", "value": 3})
    row = sci((sent, items)).row(0, named=True)
    assert (row["satisfaction_box"], row["sci_class"], row["is_secure_top2"]) == (1, "vulnerable", False)


def test_items_on_different_scales_have_boxes_of_their_own_scale() -> None:
    sent, items = response("a", 5, 5, 5)
    items[2] |= {"value": 9, "scale_min": 0, "scale_max": 10}
    assert class_of((sent, items)) == "secure"


def test_an_answer_on_a_scale_without_boxes_is_a_missing_item() -> None:
    assert class_of(response("a", 5, 5, 5, scale=(0, 6))) == "unclassified"


def test_the_boxes_are_configuration() -> None:
    assert class_of(response("a", 4, 4, 4), by=SciSettings(boxes={"1-5": [2, 3, 4]})) == "secure"


def test_the_latest_response_at_as_of_decides() -> None:
    early = response("a", 5, 5, 5, on="2026-05-01", response_id="r2")
    late = response("a", 1, 1, 1, on="2026-06-01", response_id="r1")
    assert class_of(early, late) == class_of(late, early) == "at_risk"
    assert class_of(early, late, as_of=date(2026, 5, 31)) == "secure"


def test_of_two_responses_at_the_same_moment_the_higher_number_decides() -> None:
    first, second = response("a", 5, 5, 5, response_id="r1"), response("a", 1, 1, 1, response_id="r2")
    assert class_of(first, second) == class_of(second, first) == "at_risk"


def test_the_latest_response_decides_though_it_lacks_an_item() -> None:
    row = sci(response("a", 5, 5, 5, on="2026-05-01"), response("a", 1, 1, None)).row(0, named=True)
    assert (row["sci_class"], row["response_id"], row["age_days"]) == ("unclassified", "a 2026-06-01", 29)


def test_a_later_response_to_another_survey_hides_nothing() -> None:
    other = response("a", 9, survey_id="other", role=None, scale=(0, 10), response_id="r2", on="2026-06-02")
    assert class_of(response("a", 5, 5, 5, response_id="r1"), other) == "secure"


def test_a_response_belongs_to_the_local_day() -> None:
    # 22:00 UTC is midnight in Amsterdam in summer.
    assert sci(response("a", 5, 5, 5, on="2026-06-30 21:59"))["age_days"].to_list() == [0]
    assert sci(response("a", 5, 5, 5, on="2026-06-30 22:00")).height == 0
    assert sci(response("a", 5, 5, 5, on="2026-06-28 22:00"))["age_days"].to_list() == [1]


def test_answers_after_as_of_do_not_make_a_survey_one_of_the_index() -> None:
    assert sci(response("a"), response("b", 5, 5, 5, on="2026-07-02")).height == 0


def test_who_is_nobody_or_a_stranger_has_no_class() -> None:
    assert sci(response(None, 5, 5, 5), response("stranger", 5, 5, 5)).height == 0


def rfm(**rows: tuple[str | None, str]) -> pl.DataFrame:
    """What the RFM table says of customers: date of the first valid order and segment."""
    found = [
        {"customer_id": name, "first_order_date": day and date.fromisoformat(day), "segment": segment_name}
        for name, (day, segment_name) in rows.items()
    ]
    return pl.DataFrame(found, schema={"customer_id": pl.String, "first_order_date": pl.Date, "segment": pl.String})


def index_of(by: SciSettings) -> Callable[..., Frame]:
    return lambda responses, known, scores: sci_index(
        counted(responses, known, scores, surveys_asking(responses, as_of=AS_OF)), settings=by
    )


def counted(responses: Frame, known: Frame, scores: Frame, asking: Frame) -> Frame:
    classes = classify_sci(responses, known, asking, as_of=AS_OF)
    return count_classes(classes, classify_anonymous(responses, asking, as_of=AS_OF), responses, scores)


def indexes(
    *given: Response,
    by: SciSettings = SCI,
    known: str = "abcdefgh",
    placed: pl.DataFrame | None = None,
    **segments: Any,
) -> pl.DataFrame:
    """The index in all dimensions."""
    return segment("sci_index", index_of(by), *tables(*given, known=known, placed=placed), rfm(**segments))


def index(*given: Response, by: SciSettings = SCI) -> pl.DataFrame:
    """The index of the whole shop."""
    return indexes(*given, by=by).filter(dimension="all")


def test_the_index_counts_both_definitions_over_classified_customers_only() -> None:
    # Classified: a, b, c, d; secure by top box: a; by the top two answers: a, b. e is unclassified.
    given = [response("a", 5, 5, 5), response("b", 4, 5, 5), response("c", 3, 5, 5), response("d", 1, 1, 1)]
    found = index(*given, response("e", 5, 5, None), by=SciSettings(min_n=4))
    columns = ["definition", "n_customers", "n_classified", "n_secure", "pct_secure", "is_suppressed"]
    assert found.select(columns).rows() == [("top2", 5, 4, 2, 50.0, False), ("top_box", 5, 4, 1, 25.0, False)]


def test_every_answer_of_nobody_counts_in_the_index_under_an_unknown_segment() -> None:
    nobody = [
        response(None, *given, response_id=f"n{number}") for number, given in enumerate([(5, 5, 5)] * 2 + [(1, 1, 1)])
    ]
    late = response(None, 5, 5, 5, response_id="late", on="2026-07-01")
    unfinished = response(None, 5, 5, None, response_id="half")
    given = [*nobody, late, unfinished, response("a", 5, 5, 5), response("stranger", 1, 1, 1)]
    found = indexes(*given, by=SciSettings(min_n=4), a=("2026-05-01", "champions")).filter(definition="top_box")
    columns = ["value", "n_customers", "n_anonymous", "n_classified", "n_secure", "pct_secure"]
    assert found.filter(dimension="all").select(columns).rows() == [("all", 1, 4, 4, 3, 75.0)]
    assert found.filter(dimension="rfm_segment").select(columns).rows() == [
        ("champions", 1, 0, 1, 1, None),
        ("unknown", 0, 4, 3, 2, None),
    ]


def test_the_index_carries_its_wilson_interval_in_percent() -> None:
    # Newcombe (1998), table I: 0 of 20 gives 0.0000 to 0.1611.
    names = [f"c{number}" for number in range(20)]
    few = SciSettings(min_n=20)
    given = tables(*(response(name, 1, 1, 1) for name in names))[:1]
    found = segment("sci_index", index_of(few), *given, customers(*names), rfm())
    # Every dimension has one value here: all twenty.
    assert found["pct_secure"].to_list() == [0.0] * 10
    assert found.select(pl.col("pct_secure_low", "pct_secure_high").round(2)).rows() == [(0.0, 16.11)] * 10


def test_the_index_is_broken_down_by_survey_type_channel_acquisition_month_and_segment() -> None:
    placed = orders(
        {"customer_id": "a", "ordered_at": "2026-05-01", "channel": "web"},
        {"customer_id": "b", "ordered_at": "2026-05-01", "channel": "app"},
    )
    sent, items = response("b", 5, 5, 5)
    given = [response("a", 5, 5, 5), (sent | {"survey_type": "transactional"}, items), response("c", 1, 1, 1)]
    segments = {"a": ("2026-05-01", "champions"), "b": ("2026-04-30", "champions"), "c": (None, "prospect")}
    found = indexes(*given, by=SciSettings(min_n=1), placed=placed, **segments).filter(definition="top_box")
    assert found.select("dimension", "value", "n_classified", "n_secure").rows() == [
        ("acquisition_month", "2026-04", 1, 1),
        ("acquisition_month", "2026-05", 1, 1),
        ("acquisition_month", "unknown", 1, 0),
        ("all", "all", 3, 2),
        ("channel", "app", 1, 1),
        ("channel", "unknown", 1, 0),
        ("channel", "web", 1, 1),
        ("rfm_segment", "champions", 2, 2),
        ("rfm_segment", "prospect", 1, 0),
        ("survey_type", "relational", 2, 1),
        ("survey_type", "transactional", 1, 1),
    ]


def test_the_index_is_suppressed_below_the_minimum() -> None:
    given = [response("a", 5, 5, 5), response("b", 5, 5, 5), response("c", 5, 5, None)]
    row = index(*given, by=SciSettings(min_n=3)).row(0, named=True)
    assert (row["n_classified"], row["n_secure"], row["is_suppressed"]) == (2, 2, True)
    assert (row["pct_secure"], row["pct_secure_low"], row["pct_secure_high"]) == (None, None, None)
    row = index(*given, by=SciSettings(min_n=2)).row(0, named=True)
    assert (row["pct_secure"], row["is_suppressed"]) == (100.0, False)


def test_an_index_of_unclassified_customers_only_is_suppressed_with_n_zero() -> None:
    row = index(response("a", 5, 5, None), by=SciSettings(min_n=1)).row(0, named=True)
    assert (row["n_customers"], row["n_classified"], row["n_secure"], row["is_suppressed"]) == (1, 0, 0, True)
    assert row["pct_secure"] is None


def test_without_responses_there_is_no_index() -> None:
    assert sci().height == 0
    assert index().height == 0


def test_classes_and_index_depend_neither_on_the_order_of_rows_nor_on_buckets() -> None:
    turned = response("d", 1, 1, 1)
    turned[1][0]["is_reversed"] = True
    given = tables(
        response("a", 5, 5, 5),
        response("a", 4, 4, 4, on="2026-06-02 23:30"),
        response("b", 9, 10, 9, scale=(0, 10)),
        response("c", 5, None, 5),
        turned,
        response("e"),
        response("f", 5, 5, 5, on="2026-07-01"),
        response(None, 1, 1, 1),
        placed=orders({"customer_id": "a", "ordered_at": "2026-05-01", "channel": "web"}),
    )
    few = SciSettings(min_n=2)
    asking = surveys_asking(given[0].lazy(), as_of=AS_OF)
    classified = partial(on_polars, lambda *f: classify_sci(*f, asking, as_of=AS_OF))
    assert_buckets_agree(classified, *given, by=["customer_id"])
    assert_rows_in_any_order_agree("sci", classify(), *given)
    scores = rfm(a=("2026-05-01", "champions"), b=(None, "prospect"))
    assert_rows_in_any_order_agree("sci_index", index_of(few), *given, scores)
    counts = partial(on_polars, lambda *frames: counted(*frames, asking))
    assert_counts_add_up(counts, *given, scores, by=KEY_OF_COUNTS)


ANSWER = st.one_of(st.none(), st.integers(1, 5))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(ANSWER, ANSWER, ANSWER), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_one_row_per_customer_whatever_the_order_of_rows(given: list[tuple[int | None, ...]], random: Any) -> None:
    sent = [response("abcdefgh"[number], *answers) for number, answers in enumerate(given)]
    found = sci(*sent, response("h", 5, 5, 5, on="2026-01-01"))
    assert set(found["customer_id"]) == set("abcdefgh"[: len(given)]) | {"h"}
    shuffled = random.sample(sent, len(sent))
    assert sci(*shuffled, response("h", 5, 5, 5, on="2026-01-01")).equals(found)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=1, max_size=8), st.sampled_from([0, 1, 2]))
def test_a_better_answer_never_makes_a_worse_class(given: list[tuple[int, ...]], item: int) -> None:
    better = [tuple(min(5, value + 1) if n == item else value for n, value in enumerate(row)) for row in given]
    before = sci(*(response("abcdefgh"[number], *answers) for number, answers in enumerate(given)))
    after = sci(*(response("abcdefgh"[number], *answers) for number, answers in enumerate(better)))
    assert (after["sci_box"] >= before["sci_box"]).all()
