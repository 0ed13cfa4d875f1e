from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.ingest.conform import FAULT_SCHEMA
from pipeline.core.ingest.quarantine import count_by_rule, release, settle_versions, split_rows
from tests.unit.lake import at

FRAME = pl.DataFrame({"order_id": ["a", "b", "c", "d"]})

Settled = dict[int, tuple[bool, bool]]


def faults(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=FAULT_SCHEMA, orient="row")


# Split


def test_a_row_without_a_fault_is_valid() -> None:
    split = split_rows(FRAME, faults((1, "status", "status: is missing")))
    assert split.valid["order_id"].to_list() == ["a", "c", "d"]
    assert split.rejected.rows() == [(1, "status: is missing")]


def test_a_row_with_several_faults_is_rejected_once_with_all_its_reasons_in_order() -> None:
    split = split_rows(FRAME, faults((2, "z", "z: wrong"), (0, "a", "a: wrong"), (2, "b", "b: wrong")))
    assert split.rejected.rows() == [(0, "a: wrong"), (2, "b: wrong; z: wrong")]
    assert split.valid["order_id"].to_list() == ["b", "d"]


def test_the_same_reason_twice_is_said_once() -> None:
    split = split_rows(FRAME, faults((0, "a", "a: wrong"), (0, "a", "a: wrong")))
    assert split.rejected.rows() == [(0, "a: wrong")]


def test_without_faults_every_row_is_valid() -> None:
    split = split_rows(FRAME, faults())
    assert split.valid.equals(FRAME)
    assert split.rejected.is_empty()


def test_no_rows_are_split_into_no_rows() -> None:
    split = split_rows(FRAME.clear(), faults())
    assert split.valid.equals(FRAME.clear())
    assert split.rejected.is_empty()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 8).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)) if n else st.just(set())))
)
def test_every_row_ends_on_exactly_one_side(drawn: tuple[int, set[int]]) -> None:
    height, faulty = drawn
    frame = pl.DataFrame({"position": range(height)}, schema={"position": pl.UInt32})
    split = split_rows(frame, faults(*((row, "a", "a: wrong") for row in faulty)))
    assert split.valid["position"].to_list() == [row for row in range(height) if row not in faulty]
    assert split.rejected["row"].to_list() == sorted(faulty)


# Counts


def test_rows_are_counted_under_every_column_at_fault_and_once_per_column() -> None:
    found = faults(
        (0, "status", "status: is missing"),
        (0, "currency", "currency: 'eur' is not a three-letter currency code"),
        (1, "status", "status: 'x' is not one of paid"),
        (1, "status", "status: is too odd"),
    )
    assert count_by_rule(found) == {"currency": 1, "status": 2}
    assert count_by_rule(faults()) == {}


# Versions

VERSIONS = ["2026-01-01", "2026-01-02", "2026-01-03"]


def arrivals(*rows: tuple[str, str | None]) -> pl.LazyFrame:
    """Rows of (key, version) in the order of arrival: their place in the file is their position."""
    return pl.LazyFrame(
        [
            {
                "key": key,
                "updated_at": at(version) if version else None,
                "position": n,
                "file": "f",
                "row_number": n + 1,
            }
            for n, (key, version) in enumerate(rows)
        ],
        schema={
            "key": pl.String,
            "updated_at": pl.Datetime("us", "UTC"),
            "position": pl.Int64,
            "file": pl.String,
            "row_number": pl.Int64,
        },
    )


def settle(rows: pl.LazyFrame, *, has_updated_at: bool = True) -> Settled:
    """Position -> (is_latest, is_duplicate)."""
    if not has_updated_at:
        rows = rows.drop("updated_at")
    settled = settle_versions(rows, ("key",), ("updated_at",) if has_updated_at else ()).collect()
    return {position: (is_latest, is_duplicate) for position, is_latest, is_duplicate in settled.rows()}


def model(rows: list[dict[str, Any]]) -> Settled:
    """What `settle_versions` promises, row by row: the key's versions in the order of arrival."""
    seen: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["file"], row["row_number"], row["position"])):
        seen.setdefault(row["key"], []).append(row)
    settled = {}
    for copies in (copies for copies in seen.values() if len(copies) > 1):
        versions = [copy["updated_at"] for copy in copies]
        newest = max((version for version in versions if version), default=None)
        for number, copy in enumerate(copies):
            is_duplicate = versions[number] in versions[:number]
            settled[copy["position"]] = (versions[number] == newest and not is_duplicate, is_duplicate)
    return settled


def test_a_key_that_comes_once_needs_no_settling() -> None:
    assert settle(arrivals(("a", None), ("b", "2026-01-01"))) == {}


def test_the_newest_version_is_the_latest_and_an_older_one_no_duplicate() -> None:
    rows = arrivals(("a", "2026-01-02"), ("a", "2026-01-03"), ("a", "2026-01-01"))
    assert settle(rows) == {0: (False, False), 1: (True, False), 2: (False, False)}


def test_of_equal_versions_the_first_is_the_latest_and_the_others_are_duplicates() -> None:
    rows = arrivals(("a", "2026-01-01"), ("a", "2026-01-01"), ("a", "2026-01-01"))
    assert settle(rows) == {0: (True, False), 1: (False, True), 2: (False, True)}


def test_a_duplicate_of_an_older_version_is_a_duplicate_too() -> None:
    rows = arrivals(("a", "2026-01-01"), ("a", "2026-01-02"), ("a", "2026-01-01"))
    assert settle(rows) == {0: (False, False), 1: (True, False), 2: (False, True)}


def test_a_version_without_a_time_is_the_oldest() -> None:
    assert settle(arrivals(("a", None), ("a", "2026-01-01"))) == {0: (False, False), 1: (True, False)}
    assert settle(arrivals(("a", None), ("a", None))) == {0: (True, False), 1: (False, True)}


def test_in_a_table_without_versions_the_first_to_arrive_counts() -> None:
    rows = arrivals(("a", "2026-01-01"), ("b", None), ("a", "2026-01-02"))
    assert settle(rows, has_updated_at=False) == {0: (True, False), 2: (False, True)}


def test_arrival_is_the_order_of_files_and_rows_not_of_positions() -> None:
    rows = arrivals(("a", "2026-01-01"), ("a", "2026-01-01"), ("a", "2026-01-01")).with_columns(
        file=pl.Series(["2.csv", "1.csv", "1.csv"]), row_number=pl.Series([1, 9, 8])
    )
    assert settle(rows) == {2: (True, False), 1: (False, True), 0: (False, True)}


def test_a_key_of_several_columns_is_the_same_only_when_all_are() -> None:
    rows = arrivals(("a", None), ("a", None), ("a", None)).with_columns(line=pl.Series([1, 2, 1]))
    settled = settle_versions(rows, ("key", "line"), ("updated_at",)).sort("position").collect()
    assert settled.rows() == [(0, True, False), (2, False, True)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "key": st.sampled_from("abc"),
                "updated_at": st.sampled_from([None, *(at(version) for version in VERSIONS)]),
                "file": st.sampled_from(["1.csv", "2.csv"]),
                "row_number": st.integers(1, 4),
            }
        ),
        max_size=12,
    )
)
def test_versions_are_settled_as_a_plain_model_does_it(drawn: list[dict[str, Any]]) -> None:
    rows = [row | {"position": position} for position, row in enumerate(drawn)]
    frame = pl.LazyFrame(rows, schema=arrivals().collect_schema())
    assert settle(frame) == model(rows)
    without_versions = [row | {"updated_at": None} for row in rows]
    assert settle(frame, has_updated_at=False) == model(without_versions)


# Release


AS_IT_CAME = {
    "entity": pl.lit("orders"),
    "input": pl.lit("orders"),
    "raw": pl.col("rejected_id").str.split(" ").list.first(),
}


def quarantined(*rows: tuple[str, str, str | None, bool]) -> pl.LazyFrame:
    """Rows as rejected_id, file, row_key, is_released; all of entity orders, and each with its id's first word as its text."""
    schema = {"rejected_id": pl.String, "file": pl.String, "row_key": pl.String, "is_released": pl.Boolean}
    return pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        **AS_IT_CAME, released_by=pl.when("is_released").then(pl.lit("b1"))
    )


def leaving(
    before: pl.LazyFrame, *rejected: str, accepted: tuple[tuple[str, str], ...] = (), gone: tuple[str, ...] = ()
) -> list[str]:
    """The ids that leave with batch b2, which read `same.csv` again as it was."""
    ids = pl.LazyFrame({"rejected_id": list(rejected)}, schema={"rejected_id": pl.String})
    staged = ids.with_columns(**AS_IT_CAME)
    keys = pl.LazyFrame(accepted, schema={"file": pl.String, "row_key": pl.String}, orient="row").with_columns(
        entity=pl.lit("orders")
    )
    left = release(before, staged, keys, is_read_again=pl.col("file") == "same.csv", batch_id="b2", gone=gone).collect()
    assert left["is_released"].all()
    assert set(left["released_by"]) <= {"b2"}
    return sorted(left["rejected_id"])


def test_a_row_that_is_read_again_and_no_longer_rejected_is_released_with_the_batch() -> None:
    before = quarantined(("repaired", "same.csv", None, False), ("still bad", "same.csv", "o2", False))
    assert leaving(before, "still bad", "new") == ["repaired"]


def test_of_a_changed_file_only_a_row_whose_key_is_valid_now_is_released() -> None:
    before = quarantined(
        ("repaired", "changed.csv", "o1", False),
        ("left out", "changed.csv", "o2", False),
        ("elsewhere", "other.csv", "o1", False),
        ("no key", "changed.csv", None, False),
    )
    assert leaving(before, accepted=(("changed.csv", "o1"), ("other.csv", "o2"))) == ["repaired"]


def test_a_row_of_a_file_that_is_gone_is_released_when_the_same_row_is_rejected_in_another() -> None:
    before = quarantined(
        ("lost yesterday", "gone.csv", "o1", False),
        ("other yesterday", "gone.csv", "o2", False),
        ("lost today", "there.csv", "o1", False),
    )
    assert leaving(before, "lost now", gone=("gone.csv",)) == ["lost yesterday"]


def test_a_released_row_keeps_the_batch_that_released_it() -> None:
    assert leaving(quarantined(("old", "same.csv", "o1", True)), accepted=(("same.csv", "o1"),)) == []


# Versions of two parts


def test_the_second_part_of_a_version_decides_between_equal_first_ones() -> None:
    rows = arrivals(("a", "2026-01-01"), ("a", "2026-01-01"), ("a", None), ("a", "2026-01-01")).with_columns(
        exported=pl.Series([1, 3, 9, 3])
    )
    settled = settle_versions(rows, ("key",), ("updated_at", "exported")).sort("position").collect()
    assert settled.rows() == [(0, False, False), (1, True, False), (2, False, False), (3, False, True)]
