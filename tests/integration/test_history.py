"""Changes and migration of segments: of two dates by hand, and of many dates in any order against a small model."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assets.history import record_history
from pipeline.checks import _history_matches
from pipeline.core.behaviour.history import (
    Neighbours,
    compare_segments,
    migration_of,
    neighbours_of,
    segments_known,
    segments_of,
    with_recorded_causes,
)
from pipeline.core.behaviour.rfm import map_rows
from pipeline.core.behaviour.segment_maps import CellMap
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.frames import Frame
from pipeline.lake import Lake
from pipeline.resources import Home
from schemas.history import SEGMENT_KINDS
from schemas.registry import RECORDS, SEGMENTS
from tests.unit.lake import assert_rows_in_any_order_agree, at_once, segment

MONDAY = date(2026, 6, 29)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 3))
RFM = RfmSettings(min_n=1)
CHANGES, MIGRATION = SEGMENTS["segment_changes"], SEGMENTS["segment_migration"]

States = dict[str, str]
"""Customer -> segment."""


def states(kind: str = "rfm", **segments: str) -> pl.DataFrame:
    rows = [(kind, customer, name) for customer, name in segments.items()]
    return pl.DataFrame(rows, schema={"kind": pl.String, "customer_id": pl.String, "segment": pl.String}, orient="row")


def rescored(**segments: str) -> pl.DataFrame:
    return states(**segments).drop("kind")


def identities(**person_of: str) -> pl.DataFrame:
    """The identity of names that belong to a person of another name; a guest is an address, others are accounts."""
    rows = [
        {
            "identifier": name,
            "kind": "email" if name.startswith("guest") else "account",
            "customer_id": person,
            "rule": "same_row",
            "n_rows": 1,
        }
        for name, person in person_of.items()
    ]
    return pl.DataFrame(rows, schema=RECORDS["identity"].polars_schema)


NOBODY_JOINED = identities()


def compared(
    name: str, *, min_n: int = 1, from_date: date | None = MONDAY, identity: pl.DataFrame = NOBODY_JOINED
) -> Callable[..., Frame]:
    """Changes or migration from Monday to Tuesday, of both dates' segments, those re-scored and who has another model."""

    def compare(previous: Frame, current: Frame, rescored: Frame | None = None, *remodelled: Frame) -> Frame:
        found = compare_segments(
            previous,
            current,
            rescored,
            *remodelled,
            identity=identity.lazy(),
            as_of=TUESDAY,
        )
        if name == "segment_changes":
            return found.changes
        return migration_of(found.ways, from_date=from_date, as_of=TUESDAY, min_n=min_n)

    return compare


def changes(
    previous: pl.DataFrame, current: pl.DataFrame, identity: pl.DataFrame = NOBODY_JOINED
) -> list[tuple[Any, ...]]:
    found = segment("segment_changes", compared("segment_changes", identity=identity), previous, current)
    return found.drop("as_of_date").rows()


def migration(*tables: pl.DataFrame, min_n: int = 1, identity: pl.DataFrame = NOBODY_JOINED) -> list[tuple[Any, ...]]:
    found = segment("segment_migration", compared("segment_migration", min_n=min_n, identity=identity), *tables)
    return found.drop("as_of_date", "from_date", "kind").rows()


# Changes


def test_on_the_first_date_everybody_is_a_change() -> None:
    assert changes(states(), states(ann="loyal", bob="lost")) == [
        ("rfm", "ann", "loyal", None),
        ("rfm", "bob", "lost", None),
    ]


def test_only_customers_with_another_segment_are_changes() -> None:
    previous = states(ann="loyal", bob="lost", carl="recent")
    assert changes(previous, states(ann="loyal", bob="recent", dirk="lost")) == [
        ("rfm", "bob", "recent", "lost"),
        ("rfm", "carl", None, "recent"),
        ("rfm", "dirk", "lost", None),
    ]


def test_kinds_are_compared_apart() -> None:
    previous = pl.concat([states(ann="at_risk"), states("churn", ann="active")])
    current = pl.concat([states(ann="at_risk"), states("churn", ann="at_risk")])
    assert changes(previous, current) == [("churn", "ann", "at_risk", "active")]


def test_what_is_known_by_a_date_is_the_last_change_up_to_it() -> None:
    days = [(MONDAY, "ann", "loyal"), (WEDNESDAY, "ann", "lost"), (MONDAY, "bob", "lost"), (TUESDAY, "bob", None)]
    rows = [(day, "rfm", customer, name, None) for day, customer, name in days]
    stored = pl.DataFrame(rows, schema=CHANGES.polars_schema, orient="row").lazy()
    for day, expected in ((MONDAY, "ann loyal bob lost"), (TUESDAY, "ann loyal"), (WEDNESDAY, "ann lost")):
        known: pl.LazyFrame = segments_known(stored, by=day)
        found = known.sort("customer_id").select("customer_id", "segment").collect().rows()
        assert " ".join(word for row in found for word in row) == expected


def test_segments_of_several_tables_become_one_row_per_kind_and_customer() -> None:
    sci = pl.LazyFrame({"customer_id": ["ann"], "sci_class": ["secure"], "age_days": [3]})
    tier = pl.LazyFrame({"customer_id": ["ann"], "tier": ["gold"]})
    tables: dict[str, tuple[Frame, str]] = {
        "sci": (sci, "sci_class"),
        "tier": (tier, "tier"),
    }
    assert segments_of(tables).collect().rows() == [("sci", "ann", "secure"), ("tier", "ann", "gold")]


def test_the_neighbours_of_a_date_are_the_recorded_dates_next_to_it() -> None:
    assert neighbours_of(TUESDAY, []) == Neighbours(None, None)
    assert neighbours_of(TUESDAY, [TUESDAY]) == Neighbours(None, None)
    for dates in permutations([MONDAY, TUESDAY, WEDNESDAY, THURSDAY]):
        assert neighbours_of(TUESDAY, dates) == Neighbours(MONDAY, WEDNESDAY)
        assert neighbours_of(MONDAY, [*dates, *dates]) == Neighbours(None, TUESDAY)
        assert neighbours_of(THURSDAY + timedelta(days=9), dates) == Neighbours(THURSDAY, None)


# Migration


def test_the_probabilities_of_a_segment_are_shares_of_those_who_were_in_it() -> None:
    # Of four loyal customers two stay, one becomes lost and one has no row any more; the new one was in no segment.
    previous = states("sci", a="loyal", b="loyal", c="loyal", d="loyal", e="lost")
    current = states("sci", a="loyal", b="loyal", c="lost", e="lost", new="loyal")
    assert migration(previous, current) == [
        ("lost", "lost", "none", 1, 1, 1.0, False),
        ("loyal", "gone", "customer", 1, 4, 0.25, False),
        ("loyal", "lost", "customer", 1, 4, 0.25, False),
        ("loyal", "loyal", "none", 2, 4, 0.5, False),
    ]


def test_a_segment_of_the_same_name_in_another_kind_is_another_segment() -> None:
    previous = pl.concat([states(a="at_risk"), states("churn", a="at_risk", b="at_risk")])
    found = segment("segment_migration", compared("segment_migration"), previous, previous)
    assert found.select("kind", "n_customers", "n_from").rows() == [("churn", 2, 2), ("rfm", 1, 1)]


def test_a_customer_moved_when_its_own_values_would_have_changed_segment_under_the_earlier_cut_points() -> None:
    # Under Monday's cut points ann and dirk would still be loyal, bob another segment than before, and carl as he was.
    previous = states(ann="loyal", bob="loyal", carl="loyal", dirk="loyal")
    current = states(ann="recent", bob="recent", carl="loyal", dirk="lost")
    assert migration(previous, current, rescored(ann="loyal", bob="promising", carl="loyal", dirk="loyal")) == [
        ("loyal", "lost", "threshold", 1, 4, 0.25, False),
        ("loyal", "loyal", "none", 1, 4, 0.25, False),
        ("loyal", "recent", "customer", 1, 4, 0.25, False),
        ("loyal", "recent", "threshold", 1, 4, 0.25, False),
    ]


def test_a_customer_whom_moved_cut_points_kept_in_place_has_not_migrated() -> None:
    assert migration(states(ann="loyal"), states(ann="loyal"), rescored(ann="lost")) == [
        ("loyal", "loyal", "none", 1, 1, 1.0, False)
    ]


def test_the_cause_is_unknown_without_the_earlier_cut_points_or_the_values() -> None:
    moved = [("loyal", "lost", "unknown", 1, 1, 1.0, False)]
    assert migration(states(ann="loyal"), states(ann="lost")) == moved
    assert migration(states(ann="loyal"), states(ann="lost"), rescored()) == moved


def test_who_is_gone_has_gone_by_itself_and_another_kind_has_no_moving_thresholds() -> None:
    assert migration(states(ann="loyal"), states(), rescored())[0][1:3] == ("gone", "customer")
    previous, current = states("churn", ann="active"), states("churn", ann="lost")
    assert migration(previous, current, rescored(ann="active"))[0][1:3] == ("lost", "customer")


def test_what_another_churn_model_moved_is_not_said_to_be_the_customers_doing() -> None:
    previous = pl.concat([states("churn", ann="active", bob="lost", carl="lost"), states("tier", ann="gold")])
    current = pl.concat([states("churn", ann="lost", bob="active", carl="lost"), states("tier", ann="silver")])
    by_another = pl.DataFrame({"customer_id": ["ann", "carl"]})
    found = migration(previous, current, rescored(), by_another)
    assert [row[:4] for row in found] == [
        ("active", "lost", "model", 1),
        ("lost", "active", "customer", 1),
        ("lost", "lost", "none", 1),
        ("gold", "silver", "customer", 1),
    ]


@pytest.mark.parametrize(
    ("model", "method", "before", "cause"),
    [
        ("second", "model", "model", "model"),
        ("first", "model", "model", "customer"),
        ("second", "one_time_rule", "one_time_rule", "customer"),
        # A model came in the place of the rule.
        ("second", "model", "one_time_rule", "model"),
        # The model gave way to base_rate, whose bands are those of the rule, or to the rule itself.
        ("second", "one_time_rule", "model", "model"),
        ("rule_by_days", "rhythm_rule", "model", "model"),
    ],
)
def test_another_model_than_that_of_the_date_before_is_a_cause_where_it_gave_the_band(
    tmp_path: Path, model: str, method: str, before: str, cause: str
) -> None:
    lake = Lake(str(tmp_path))
    schema = SEGMENTS["churn_risk"].polars_schema
    for day, band, by, name in ((MONDAY, "active", before, "first"), (TUESDAY, "lost", method, model)):
        row = {"as_of_date": day, "customer_id": "ann", "churn_band": band, "method": by, "model_id": name}
        lake.replace_as_of(SEGMENTS["churn_risk"], day, pl.DataFrame([dict.fromkeys(schema) | row], schema=schema))
        record_history(at_once(lake), [day], RFM, "EUR")
    found = lake.scan_as_of(MIGRATION, TUESDAY).filter(kind="churn").select("cause").collect()
    assert found["cause"].to_list() == [cause]


@pytest.mark.parametrize(
    ("is_kept", "currency", "cause"), [(True, "EUR", "threshold"), (False, "EUR", "unknown"), (True, "USD", "unknown")]
)
def test_a_map_that_was_edited_under_its_name_moved_the_customer_and_not_the_customer_itself(
    tmp_path: Path, is_kept: bool, currency: str, cause: str
) -> None:
    # Ann's values have not changed: in cell 51, which was good on Monday and belongs to the rest from Tuesday on.
    lake = Lake(str(tmp_path))
    row = {"customer_id": "ann", "state": "scored", "recency_days": 1, "frequency": 1, "monetary": 100}
    edges = {"recency": [30, 60, 90, 120], "frequency": [2, 3, 4, 5], "monetary": [1000, 2000, 3000, 4000]}
    for day, good, name in ((MONDAY, ["51", "52"], "good"), (TUESDAY, ["52"], "rest")):
        cells = [f"{recency}{money}" for recency in range(1, 6) for money in range(1, 6)]
        edited = CellMap("r_fm", {"good": good, "rest": [cell for cell in cells if cell not in good]})
        values = {"as_of_date": day, "segment": name, "segment_map": "own", "r_score": 5, "fm_score": 1}
        cuts = [
            {"as_of_date": day, "dimension": dimension, "bin": number, "lower": lower, "upper": upper}
            for dimension, inner in edges.items()
            for bins in (range(5, 0, -1) if dimension == "recency" else range(1, 6),)
            for number, lower, upper in zip(bins, [0, *inner], [*inner, None], strict=True)
        ]
        rows = {"rfm": [row | values], "rfm_cut_points": cuts}
        for table, of_day in rows.items():
            schema = SEGMENTS[table].polars_schema
            filled = pl.DataFrame([dict.fromkeys(schema) | one for one in of_day], schema=schema)
            lake.replace_as_of(SEGMENTS[table], day, filled)
        if is_kept:
            lake.replace_as_of(SEGMENTS["segment_map"], day, map_rows("own", edited, as_of=day))
        record_history(at_once(lake), [day], RFM, currency)
        # Monday's cut points are in euros.
        told = {"as_of_date": [MONDAY], "setting": ["shop.currency"], "value": ["EUR"]}
        lake.replace_as_of(SEGMENTS["settings_used"], MONDAY, pl.DataFrame(told))
    found = lake.scan_as_of(MIGRATION, TUESDAY).collect()
    assert found.select("from_segment", "to_segment", "cause").rows() == [("good", "rest", cause)]
    # Once Tuesday's values are dropped, Monday again cannot tell why ann moved, and leaves what was recorded.
    lake.drop_dates(SEGMENTS["rfm"], [TUESDAY])
    record_history(at_once(lake), [MONDAY], RFM, currency)
    assert lake.scan_as_of(MIGRATION, TUESDAY).collect().equals(found)


def test_of_a_date_whose_bands_are_dropped_causes_stay_as_recorded_and_are_unknown_for_who_moves_otherwise(
    tmp_path: Path,
) -> None:
    lake, schema = Lake(str(tmp_path)), SEGMENTS["churn_risk"].polars_schema

    def record(day: date, model: str, bands: States) -> None:
        by = {"as_of_date": day, "model_id": model}
        rows = [
            dict.fromkeys(schema) | by | {"customer_id": name, "churn_band": band, "method": method}
            for name, band in bands.items()
            for method in ("one_time_rule" if name == "bob" else "model",)
        ]
        lake.replace_as_of(SEGMENTS["churn_risk"], day, pl.DataFrame(rows, schema=schema))
        record_history(at_once(lake), [day], RFM, "EUR")

    def moves() -> list[tuple[Any, ...]]:
        columns = ("from_segment", "to_segment", "cause", "n_customers", "n_from", "probability")
        return lake.scan_as_of(MIGRATION, TUESDAY).select(columns).collect().sort(columns).rows()

    # Bob's band is by the rule on both days, the others' by a model of that day.
    record(MONDAY, "first", {"ann": "active", "bob": "active", "cat": "active"})
    record(TUESDAY, "second", {"ann": "lost", "bob": "lost", "cat": "at_risk"})
    third = pytest.approx(1 / 3)
    before = [
        ("active", "at_risk", "model", 1, 3, third),
        ("active", "lost", "customer", 1, 3, third),
        ("active", "lost", "model", 1, 3, third),
    ]
    assert moves() == before
    lake.drop_dates(SEGMENTS["churn_risk"], [TUESDAY])
    record(MONDAY, "first", {"ann": "active", "bob": "active", "cat": "active"})
    assert moves() == before
    record(MONDAY, "first", {"ann": "active", "bob": "active", "cat": "cooling_down"})
    assert moves() == [
        ("active", "lost", "customer", 1, 2, 0.5),
        ("active", "lost", "model", 1, 2, 0.5),
        ("cooling_down", "at_risk", "unknown", 1, 1, 1.0),
    ]


def test_who_was_joined_stays_joined_where_causes_cannot_be_told_any_more() -> None:
    tables = states(a="loyal", b="loyal"), states(a="lost"), rescored(a="lost")
    found = segment("segment_migration", compared("segment_migration", identity=identities(b="a")), *tables)
    again = with_recorded_causes(found, found.clear(), untold=["rfm"])
    assert again.select("from_segment", "to_segment", "cause", "n_customers").sort("to_segment").rows() == [
        ("loyal", "joined", "joined", 1),
        ("loyal", "lost", "unknown", 1),
    ]


def test_a_probability_below_the_minimum_n_is_suppressed() -> None:
    previous, current = states(a="loyal", b="loyal", c="lost"), states(a="loyal", b="lost", c="lost")
    found = migration(previous, current, min_n=2)
    assert [(row[0], row[-3], row[-2], row[-1]) for row in found] == [
        ("lost", 1, None, True),
        ("loyal", 2, 0.5, False),
        ("loyal", 2, 0.5, False),
    ]


def test_the_first_date_has_no_migration() -> None:
    first = compared("segment_migration", from_date=None)
    assert segment("segment_migration", first, states(), states(ann="loyal")).height == 0


def test_both_tables_do_not_depend_on_the_order_of_rows() -> None:
    previous = pl.concat([states(a="loyal", b="loyal", c="lost"), states("sci", a="secure", b="secure", c="at_risk")])
    current = pl.concat([states(a="loyal", b="lost", c="recent"), states("sci", a="secure", b="at_risk", d="secure")])
    previous, current = (
        pl.concat([was, states("churn", e=band)]) for was, band in ((previous, "lost"), (current, "active"))
    )
    again, by_another = rescored(a="loyal", b="loyal", c="recent"), pl.DataFrame({"customer_id": ["e"]})
    for name in ("segment_changes", "segment_migration"):
        assert_rows_in_any_order_agree(name, compared(name), previous, current, again, by_another)


SEGMENT = st.sampled_from(["loyal", "lost", "recent"])
STATES = st.dictionaries(st.sampled_from("abcdef"), SEGMENT)


@settings(max_examples=10)
@given(STATES, STATES, STATES)
def test_every_customer_of_the_earlier_date_is_counted_once_and_the_rows_of_a_segment_add_up_to_one(
    before: States, after: States, again: States
) -> None:
    tables = states(**before), states(**after), rescored(**again)
    found = segment("segment_migration", compared("segment_migration"), *tables)
    assert found["n_customers"].sum() == len(before)
    for _, rows in found.group_by("from_segment"):
        assert rows["probability"].sum() == pytest.approx(1, abs=1e-9)


# Another name than before


def test_who_has_another_name_than_on_the_date_before_has_stayed() -> None:
    previous, current = states(guest_a="loyal", guest_b="loyal", cas="lost"), states(a="loyal", b="recent", cas="lost")
    identity = identities(guest_a="a", guest_b="b")
    # Under Monday's cut points b would be recent too: by its own values.
    found = migration(previous, current, rescored(a="loyal", b="recent", cas="lost"), identity=identity)
    assert [row[:5] for row in found] == [
        ("lost", "lost", "none", 1, 1),
        ("loyal", "loyal", "none", 1, 2),
        ("loyal", "recent", "customer", 1, 2),
    ]
    # Changes name customers as on their date.
    assert changes(previous, current, identity) == [
        ("rfm", "a", "loyal", None),
        ("rfm", "b", "recent", None),
        ("rfm", "guest_a", None, "loyal"),
        ("rfm", "guest_b", None, "loyal"),
    ]


def test_of_two_customers_who_are_one_now_the_other_leaves_as_joined_and_is_not_gone() -> None:
    # The name that stayed counts for more, whatever the other bought; of two guests with a new account the first by name;
    # of an account and a guest with an older account that is new here, the account, though it is longer.
    previous = states(
        **{"12": "lost", "345": "loyal", "guest_a": "recent", "guest_b": "loyal", "guest_c": "lost", "4567": "loyal"},
        really="loyal",
    )
    current = states(**{"12": "loyal", "8": "loyal", "9": "loyal"})
    identity = identities(**{"345": "12", "guest_b": "8", "guest_a": "8", "guest_c": "9", "4567": "9"})
    again = rescored(**{"12": "loyal", "8": "loyal", "9": "loyal"})
    assert [row[:5] for row in migration(previous, current, again, identity=identity)] == [
        ("lost", "joined", "joined", 1, 2),  # guest_c
        ("lost", "loyal", "customer", 1, 2),  # 12
        ("loyal", "gone", "customer", 1, 4),  # really
        ("loyal", "joined", "joined", 2, 4),  # 345, guest_b
        ("loyal", "loyal", "none", 1, 4),  # 4567, who is 9
        ("recent", "loyal", "customer", 1, 1),  # guest_a, who is 8
    ]


def test_what_only_the_other_of_two_had_is_the_persons_now_kind_by_kind() -> None:
    previous = pl.concat([states(a="loyal", b="lost"), states("sci", b="secure")])
    current = pl.concat([states(a="loyal"), states("sci", a="secure")])
    found = segment(
        "segment_migration", compared("segment_migration", identity=identities(b="a")), previous, current, rescored()
    )
    assert found.select("kind", "from_segment", "to_segment", "cause").rows() == [
        ("rfm", "lost", "joined", "joined"),
        ("rfm", "loyal", "loyal", "none"),
        ("sci", "secure", "secure", "none"),
    ]


def test_who_is_joined_with_somebody_who_is_gone_is_gone_too() -> None:
    found = migration(states(a="loyal", b="lost"), states(c="lost"), identity=identities(b="a"))
    assert [row[:3] for row in found] == [("lost", "gone", "customer"), ("loyal", "gone", "customer")]


def test_dates_that_know_both_names_compare_each_with_itself_and_an_older_date_takes_the_new_name() -> None:
    identity = identities(b="a")
    both = states(a="loyal", b="lost")
    assert [row[:3] for row in migration(both, both, identity=identity)] == [
        ("lost", "lost", "none"),
        ("loyal", "loyal", "none"),
    ]
    # Monday, computed again since the two are one, before a Tuesday on which they were not.
    assert [row[:3] for row in migration(states(a="loyal"), both, identity=identity)] == [("loyal", "loyal", "none")]
    assert [row[:3] for row in migration(states(a="loyal"), states(b="loyal"), identity=identity)] == [
        ("loyal", "loyal", "none")
    ]


def test_the_model_behind_a_band_is_compared_with_that_of_the_former_name(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    schema = SEGMENTS["churn_risk"].polars_schema
    for day, name, band in ((MONDAY, "guest", "active"), (TUESDAY, "ann", "lost")):
        row = {"as_of_date": day, "customer_id": name, "churn_band": band, "method": "model", "model_id": "first"}
        lake.replace_as_of(SEGMENTS["churn_risk"], day, pl.DataFrame([dict.fromkeys(schema) | row], schema=schema))
        record_history(at_once(lake), [day], RFM, "EUR")
    columns = ("from_segment", "to_segment", "cause")
    assert lake.scan_as_of(MIGRATION, TUESDAY).select(columns).collect().rows() == [("active", "gone", "customer")]
    lake.merge(RECORDS["identity"], identities(guest="ann").lazy())
    record_history(at_once(lake), [TUESDAY], RFM, "EUR")
    assert lake.scan_as_of(MIGRATION, TUESDAY).select(columns).collect().rows() == [("active", "lost", "customer")]


PEOPLE = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abc"), max_size=5)


@settings(max_examples=20)
@given(STATES, STATES, PEOPLE)
def test_whatever_was_joined_everybody_is_counted_once_and_nobody_whose_person_is_there_is_gone(
    before: States, after: States, person_of: dict[str, str]
) -> None:
    # Whoever is named after belongs to nobody else.
    person_of = {name: person for name, person in person_of.items() if person not in person_of}
    now = {person_of.get(name, name): segment for name, segment in after.items()}
    tables = states(**before), states(**now), rescored(**now)
    shown = segment("segment_migration", compared("segment_migration", identity=identities(**person_of)), *tables)
    assert shown["n_customers"].sum() == len(before)
    n_gone = sum(person_of.get(name, name) not in now for name in before)
    assert shown.filter(to_segment="gone")["n_customers"].sum() == n_gone
    n_people = len({person_of.get(name, name) for name in before} & {*now})
    n_there = shown.filter(~pl.col("to_segment").is_in(["gone", "joined"]))["n_customers"].sum()
    assert n_there == n_people


# Many dates in any order


def store(lake: Lake, day: date, segments: States) -> None:
    """The SCI classes of a date, and no other segment."""
    rows = [
        dict.fromkeys(SEGMENTS["sci"].polars_schema) | {"as_of_date": day, "customer_id": customer, "sci_class": name}
        for customer, name in segments.items()
    ]
    lake.replace_as_of(SEGMENTS["sci"], day, pl.DataFrame(rows, schema=SEGMENTS["sci"].polars_schema))


def compute(lake: Lake, day: date, segments: States) -> None:
    store(lake, day, segments)
    record_history(at_once(lake), [day], RFM, "EUR")


def model(segments_by_day: dict[date, States]) -> list[tuple[Any, ...]]:
    """Day by day in order: who is another than on the day before."""
    found: list[tuple[Any, ...]] = []
    before: States = {}
    for day in sorted(segments_by_day):
        now = segments_by_day[day]
        found += [
            (day, "sci", customer, now.get(customer), before.get(customer))
            for customer in sorted({*now, *before})
            if now.get(customer) != before.get(customer)
        ]
        before = now
    return found


def stored(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.scan(CHANGES).collect().sort(CHANGES.key).rows()


CLASSES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["secure", "at_risk"]))


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 4), CLASSES), min_size=1, max_size=7))
def test_dates_computed_in_any_order_and_again_give_the_history_of_the_same_dates_in_order(
    steps: list[tuple[int, States]],
) -> None:
    computed: dict[date, States] = {}
    with TemporaryDirectory() as folder:
        lake = Lake(folder)
        for number, segments in steps:
            day = MONDAY + timedelta(days=number)
            computed[day] = segments
            compute(lake, day, segments)
        assert stored(lake) == model(computed)
        pairs = zip(sorted(computed), sorted(computed)[1:], strict=False)
        expected = {day: before for before, day in pairs if computed[before]}
        found = lake.scan(MIGRATION).select("as_of_date", "from_date").unique().collect().rows()
        assert dict(found) == expected


def test_a_date_between_two_takes_over_the_changes_that_the_later_one_had(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    compute(lake, MONDAY, {"ann": "secure", "bob": "secure"})
    compute(lake, WEDNESDAY, {"ann": "at_risk", "bob": "secure"})
    compute(lake, TUESDAY, {"ann": "at_risk", "bob": "at_risk"})
    assert stored(lake) == [
        (MONDAY, "sci", "ann", "secure", None),
        (MONDAY, "sci", "bob", "secure", None),
        (TUESDAY, "sci", "ann", "at_risk", "secure"),
        (TUESDAY, "sci", "bob", "at_risk", "secure"),
        (WEDNESDAY, "sci", "bob", "secure", "at_risk"),
    ]


def test_a_date_on_which_nothing_changed_is_a_neighbour_too(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for day in (MONDAY, WEDNESDAY, THURSDAY):
        compute(lake, day, {"ann": "secure"})
    compute(lake, TUESDAY, {"ann": "at_risk"})
    assert [row[0] for row in stored(lake)] == [MONDAY, TUESDAY, WEDNESDAY]


def test_the_same_date_again_writes_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for day in (MONDAY, TUESDAY):
        compute(lake, day, {"ann": "secure", "bob": str(day.day)})
    versions = [lake.version(CHANGES), lake.version(MIGRATION)]
    compute(lake, MONDAY, {"ann": "secure", "bob": str(MONDAY.day)})
    assert [lake.version(CHANGES), lake.version(MIGRATION)] == versions


def test_history_is_the_same_when_the_segments_of_its_dates_are_not_kept_any_more(tmp_path: Path) -> None:
    kept, dropped = Lake(str(tmp_path / "kept")), Lake(str(tmp_path / "dropped"))
    days = {MONDAY: {"ann": "secure"}, TUESDAY: {"ann": "secure"}, THURSDAY: {"ann": "at_risk"}}
    for lake in (kept, dropped):
        for day, segments in days.items():
            compute(lake, day, segments)
    dropped.drop_dates(SEGMENTS["sci"], list(days))
    for lake in (kept, dropped):
        compute(lake, WEDNESDAY, {"ann": "unclassified"})
    assert stored(dropped) == stored(kept) == model(days | {WEDNESDAY: {"ann": "unclassified"}})
    migrations = [lake.scan(MIGRATION).collect().sort(MIGRATION.key) for lake in (kept, dropped)]
    assert migrations[0].equals(migrations[1])


@pytest.mark.parametrize(
    ("present", "agrees"),
    [
        ([("sci", "ann", "secure"), ("sci", "bob", "at_risk")], True),
        ([("sci", "ann", "secure")], False),
        ([("sci", "ann", "secure"), ("sci", "bob", "secure")], False),
        ([("sci", "ann", "secure"), ("sci", "bob", "at_risk"), ("rfm", "ann", "lost")], False),
    ],
)
def test_an_edition_whose_history_ends_otherwise_than_its_segments_is_stopped(
    tmp_path: Path, present: list[tuple[str, str, str]], agrees: bool
) -> None:
    home = Home(root=str(tmp_path), lake_root=str(tmp_path / "lake"))
    store(home.lake, TUESDAY, {"ann": "secure", "bob": "at_risk"})
    with duckdb.connect() as mart:
        mart.execute("create schema marts")
        mart.execute(
            """create table marts.customer_segment_history
            (kind varchar, customer_id varchar, segment varchar, valid_to date)"""
        )
        mart.executemany("insert into marts.customer_segment_history values (?, ?, ?, null)", present)
        mart.execute("insert into marts.customer_segment_history values ('sci', 'bob', 'secure', '2026-06-30')")
        found = _history_matches(home, mart, TUESDAY)
    assert (found.passed, found.severity) == (agrees, dg.AssetCheckSeverity.ERROR)


def test_every_kind_names_a_dated_table_with_one_row_per_customer_and_a_column_of_it() -> None:
    for table, column in SEGMENT_KINDS.values():
        assert SEGMENTS[table].key == ("as_of_date", "customer_id")
        assert column in SEGMENTS[table].polars_schema
