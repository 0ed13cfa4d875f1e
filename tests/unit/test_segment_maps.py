import pytest
from pydantic import ValidationError

from pipeline.core.behaviour.segment_maps import MAPS, CellMap
from pipeline.settings import RfmSettings

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


@pytest.mark.parametrize("name", MAPS)
def test_every_shipped_map_is_the_published_one(name: str) -> None:
    grid = {(5 - row, 1 + column): GRIDS[name][row][column] for row in range(5) for column in range(5)}
    assert MAPS[name].segment_by_cell() == grid


def test_the_axes_of_the_shipped_maps_are_as_published() -> None:
    assert {name: shipped.axes for name, shipped in MAPS.items()} == {"rfm11": "r_fm", "rf10": "r_f"}


def test_a_hole_is_refused_naming_the_cells() -> None:
    holed = CellMap(axes="r_f", bins=2, segments={"low": ["11"], "high": ["22"]})
    with pytest.raises(ValueError, match=r"segment map 'own' is no partition: cells 12, 21 without a segment$"):
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
    with pytest.raises(ValueError, match="possible are 2 to 10"):
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
    assert settings.segment_map.segment_by_cell()[(3, 2)] == "b"


def test_an_unknown_key_in_a_configured_map_is_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        RfmSettings.model_validate({"maps": {"own": {"axes": "r_f", "segments": {}, "colour": "red"}}})


def test_a_configured_map_with_a_hole_is_refused_when_it_is_loaded() -> None:
    holed = {"rest": [f"{r}{f}" for r in range(1, 6) for f in range(1, 6) if (r, f) != (5, 5)]}
    with pytest.raises(ValidationError, match="cells 55 without a segment"):
        RfmSettings.model_validate({"maps": {"own": {"axes": "r_f", "segments": holed}}})
