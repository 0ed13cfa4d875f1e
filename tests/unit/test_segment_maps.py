from datetime import date
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from pipeline.core.behaviour.rfm import map_rows
from pipeline.core.behaviour.segment_maps import MAPS, CellMap, Rule, RuleMap
from pipeline.core.behaviour.segment_sizes import count_sizes, segment_sizes
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.frames import Frame
from schemas.registry import SEGMENTS
from tests.unit.buckets import assert_counts_add_up
from tests.unit.contracts import follows
from tests.unit.lake import on_polars, segment

AS_OF = date(2026, 6, 30)

# The definitions, section 1, as a grid: rows recency 5 down to 1, columns the other score 1 to 5.
GRIDS = {
    "rfm11": [
        ["recent", "potential_loyalist", "loyal", "champions", "champions"],
        ["promising", "potential_loyalist", "potential_loyalist", "loyal", "champions"],
        ["promising", "needs_attention", "potential_loyalist", "loyal", "loyal"],
        ["about_to_sleep", "needs_attention", "needs_attention", "at_risk", "at_risk"],
        ["lost", "hibernating", "at_risk", "cant_lose", "cant_lose"],
    ],
    "rf10": [
        ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"],
        ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"],
        ["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"],
        ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
        ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
    ],
}
TWO_BY_TWO = {"low": ["11", "12"], "high": ["21", "22"]}


@pytest.mark.parametrize("name", MAPS)
def test_every_shipped_map_is_a_partition(name: str) -> None:
    MAPS[name].prove_partition(name)


@pytest.mark.parametrize("name", GRIDS)
def test_every_shipped_map_of_cells_is_the_published_one(name: str) -> None:
    shipped = MAPS[name]
    assert isinstance(shipped, CellMap)
    grid = {(5 - row, 1 + column): GRIDS[name][row][column] for row in range(5) for column in range(5)}
    assert shipped.segment_by_cell() == grid


def test_the_axes_of_the_shipped_maps_are_as_published() -> None:
    axes = {name: shipped.axes for name, shipped in MAPS.items() if isinstance(shipped, CellMap)}
    assert axes == {"rfm11": "r_fm", "rf10": "r_f"}


def test_a_hole_is_refused_naming_the_cells() -> None:
    holed = CellMap(axes="r_f", bins=2, segments={"low": ["11"], "high": ["22"]})
    with pytest.raises(ValueError, match=r"segment map 'own' is not a partition: cells 12, 21 without a segment$"):
        holed.prove_partition("own")


def test_an_overlap_is_refused_naming_the_cells() -> None:
    doubled = CellMap(axes="r_f", bins=2, segments=TWO_BY_TWO | {"other": ["12", "21"]})
    with pytest.raises(ValueError, match=r"cells 12, 21 given more than once$"):
        doubled.prove_partition("own")


@pytest.mark.parametrize("cell", ["13", "1", "111", "01", "ab", ""])
def test_a_cell_that_does_not_exist_is_refused_by_name(cell: str) -> None:
    strange = CellMap(axes="r_f", bins=2, segments=TWO_BY_TWO | {"other": [cell]})
    with pytest.raises(ValueError, match=f"cells {cell} that do not exist$"):
        strange.prove_partition("own")


def test_a_segment_cannot_bear_the_name_of_a_customer_state() -> None:
    confusing = CellMap(axes="r_f", bins=2, segments={"lapsed": ["11", "12"], "high": ["21", "22"]})
    with pytest.raises(ValueError, match="name of a customer state: lapsed"):
        confusing.prove_partition("own")


@pytest.mark.parametrize("bins", [1, 11])
def test_bins_that_cells_cannot_be_written_for_are_refused(bins: int) -> None:
    with pytest.raises(ValueError, match="it can have 2 to 10"):
        CellMap(axes="r_f", bins=bins, segments={"all": ["11"]}).prove_partition("own")


def test_the_tenth_score_is_written_as_a() -> None:
    digits = "123456789A"
    tens = CellMap(axes="r_f", bins=10, segments={row: [row + column for column in digits] for row in digits})
    tens.prove_partition("tens")
    assert tens.segment_by_cell()[(10, 10)] == "A"
    assert tens.segment_by_cell()[(9, 10)] == "9"


def test_a_configured_map_may_write_cells_as_numbers() -> None:
    settings = RfmSettings.model_validate(
        {
            "bins": 3,
            "frequency_counts": [2, 3],
            "map": "own",
            "maps": {"own": {"axes": "r_f", "bins": 3, "segments": {"a": [11, 12, 13, 21, 22, 23], "b": [31, 32, 33]}}},
        }
    )
    assert isinstance(settings.segment_map, CellMap)
    assert settings.segment_map.segment_by_cell()[(3, 2)] == "b"


def test_an_unknown_key_in_a_configured_map_is_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        RfmSettings.model_validate({"maps": {"own": {"axes": "r_f", "segments": {}, "colour": "red"}}})


def test_a_configured_map_with_a_hole_is_refused_when_it_is_loaded() -> None:
    holed = {"rest": [f"{r}{f}" for r in range(1, 6) for f in range(1, 6) if (r, f) != (5, 5)]}
    with pytest.raises(ValidationError, match="cells 55 without a segment"):
        RfmSettings.model_validate({"maps": {"own": {"axes": "r_f", "segments": holed}}})


# Ordered rules


def rules(*given: Rule, bins: int = 3) -> RuleMap:
    return RuleMap(rules=list(given), remainder="others", bins=bins)


def own(tree: dict[str, Any]) -> RfmSettings:
    """Settings whose map is a user's own of three bins."""
    given = {"bins": 3, "frequency_counts": [2, 3], "map": "own", "maps": {"own": {"bins": 3} | tree}}
    return RfmSettings.model_validate(given)


ALL = (1, 3)
BEST = Rule("best", r=(3, 3), f=ALL, m=ALL)


def test_the_shipped_rules_are_the_published_ones() -> None:
    # The definitions, section 1: R/F/M of the R package rfm 0.3.0, in its order.
    published = """champions 5-5 5-5 5-5|potential_loyalist 3-5 3-5 2-5|loyal_customers 2-4 2-4 2-4|promising 3-4 1-3 3-5
        |new_customers 4-5 1-3 1-5|cant_lose_them 1-2 3-4 4-5|at_risk 1-2 2-5 4-5|need_attention 1-3 3-5 3-5
        |about_to_sleep 2-3 1-3 1-4|lost 1-1 1-5 1-5"""
    shipped = MAPS["r_rfm"]
    assert isinstance(shipped, RuleMap)
    found = [
        " ".join([rule.segment, *(f"{low}-{high}" for low, high in (rule.r, rule.f, rule.m))]) for rule in shipped.rules
    ]
    assert found == [rule.strip() for rule in published.split("|")]
    assert shipped.remainder == "others"
    assert shipped.unreachable == []


def test_a_rule_that_earlier_ones_leave_no_code_is_named() -> None:
    hidden = Rule("hidden", r=(2, 3), f=(2, 2), m=ALL)
    earlier = [BEST, Rule("middle", r=(1, 2), f=(2, 3), m=ALL)]
    assert rules(*earlier, hidden).unreachable == ["rule 3 (hidden)"]
    assert rules(hidden, *earlier).unreachable == []


def test_a_rule_that_keeps_a_single_code_is_reached() -> None:
    # Of 3/1-3/1-3 the first rule takes all codes but 3/3/3.
    assert (
        rules(Rule("most", r=(3, 3), f=ALL, m=(1, 2)), Rule("some", r=(3, 3), f=(1, 2), m=ALL), BEST).unreachable == []
    )


def test_a_map_of_cells_has_no_unreachable_part() -> None:
    assert MAPS["rfm11"].unreachable == []


def test_the_names_of_a_map_are_its_segments_once_each_with_the_remainder() -> None:
    assert rules(BEST, Rule("low", r=(1, 1), f=ALL, m=ALL), BEST).names == ["best", "low", "others"]
    assert MAPS["rf10"].names[:2] == ["hibernating", "at_risk"]


@pytest.mark.parametrize("given", [(0, 2), (2, 4), (3, 2)])
def test_a_range_of_scores_that_do_not_exist_is_refused_by_rule(given: tuple[int, int]) -> None:
    faulty = rules(BEST, Rule("odd", r=ALL, f=given, m=ALL))
    words = rf"^segment map 'own': rule 2 \(odd\): f \[{given[0]}, {given[1]}\] is not a range of scores from 1 to 3$"
    with pytest.raises(ValueError, match=words):
        faulty.prove_partition("own")


@pytest.mark.parametrize("name", ["prospect", "gone"])
def test_neither_a_rule_nor_the_remainder_can_bear_a_reserved_name(name: str) -> None:
    for faulty in (
        rules(Rule(name, r=ALL, f=ALL, m=ALL)),
        RuleMap(rules=[BEST], remainder=name, bins=3),
    ):
        with pytest.raises(ValueError, match=f"name of a customer state: {name}$"):
            faulty.prove_partition("own")


def test_a_configured_map_may_be_ordered_rules() -> None:
    settings = own({"rules": [{"segment": "best", "r": [3, 3], "f": [1, 3], "m": [1, 3]}], "remainder": "others"})
    assert settings.segment_map == rules(BEST)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (
            {"rules": [{"segment": "a", "r": [1, 3], "f": [1, 3], "m": [1, 4]}], "remainder": "b"},
            r"m \[1, 4\] is not a range",
        ),
        ({"rules": [{"segment": "a", "r": [1, 3], "f": [1, 3]}], "remainder": "b"}, "Field required"),
        ({"rules": [], "remainder": "b", "axes": "r_f"}, "axes"),
        ({"rules": []}, "remainder"),
    ],
)
def test_a_faulty_configured_map_of_rules_is_refused_when_it_is_loaded(tree: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        own(tree)


def test_a_map_of_cells_has_a_row_per_cell_with_the_two_scores_it_goes_by() -> None:
    rows = map_rows("rfm11", MAPS["rfm11"], as_of=AS_OF)
    follows(SEGMENTS["segment_map"], rows)
    assert rows.height == 25
    assert rows.row(by_predicate=pl.col("code") == "14", named=True) == {
        "as_of_date": AS_OF,
        "code": "14",
        "segment_map": "rfm11",
        "r_score": 1,
        "f_score": None,
        "m_score": None,
        "fm_score": 4,
        "segment": "cant_lose",
    }
    by_frequency = map_rows("rf10", MAPS["rf10"], as_of=AS_OF).row(by_predicate=pl.col("code") == "51", named=True)
    assert (by_frequency["f_score"], by_frequency["fm_score"], by_frequency["segment"]) == (1, None, "new")


def test_a_map_of_rules_has_a_row_per_code_with_the_segment_of_the_first_rule_that_holds() -> None:
    rows = map_rows("r_rfm", MAPS["r_rfm"], as_of=AS_OF)
    follows(SEGMENTS["segment_map"], rows)
    segments = dict(rows.select("code", "segment").iter_rows())
    assert len(segments) == 125
    # 4/4/4 is in the ranges of potential_loyalist and of loyal_customers; 2/1/5 is in none.
    assert [segments[code] for code in ("555", "444", "511", "111", "215")] == [
        "champions",
        "potential_loyalist",
        "new_customers",
        "lost",
        "others",
    ]


MEMBERS = pl.DataFrame(
    {
        "kind": ["rfm", "rfm", "rfm", "rfm", "tier", "tier"],
        "customer_id": ["a", "b", "c", "d", "a", "b"],
        "segment": ["loyal", "loyal", "loyal", "lost", "gold", None],
    }
)
SPENT = pl.DataFrame({"customer_id": ["a", "b", "c", "d"], "monetary": [500, 300, 200, 0]})


def test_segment_sizes_count_share_and_add_up() -> None:
    def sized(segments: Frame, scores: Frame) -> Frame:
        return segment_sizes([count_sizes(segments, scores).collect()], as_of=AS_OF)

    found = segment("segment_sizes", sized, MEMBERS, SPENT)
    assert found.drop("as_of_date").rows() == [
        ("rfm", "lost", 1, 4, 25.0, 0),
        ("rfm", "loyal", 3, 4, 75.0, 1000),
        ("tier", "gold", 1, 1, 100.0, 500),
    ]


def test_the_sizes_of_some_customers_add_up_to_those_of_all() -> None:
    assert_counts_add_up(lambda *tables: on_polars(count_sizes, *tables), MEMBERS, SPENT, by=["kind", "segment"])
