"""A lake that has lost something: no smaller shop is published, the fault has one line, and the way out works."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

from pipeline.commands.rebuild import forget_table
from pipeline.configuration import load_settings
from pipeline.errors import LakeError
from pipeline.lake import Lake
from pipeline.lake_seals import read_seal
from pipeline.resources import Home
from schemas.registry import ENTITIES, RECORDS, SEGMENTS, TABLES, Table
from tests.integration.conftest import DAY
from tests.scenario import Shop
from tests.unit.lake import orders

ORDERS, CUTS = ENTITIES["orders"], SEGMENTS["rfm_cut_points"]
PUBLISHED = "select order_id, customer_id, net_amount from marts.fct_orders order by 1"


def newest_commit(shop: Shop) -> Path:
    return max((shop.home / "lake" / "orders" / "_delta_log").glob("*.json"))


def data_file(shop: Shop) -> Path:
    return Path(shop.lake.active_files(ORDERS)[0])


def test_a_sound_lake_passes(shop: Shop) -> None:
    result = shop.loyalty("check", "--lake")
    assert result.exit_code == 0, result.output
    assert f"{len(TABLES)} are whole" in " ".join(result.output.split())


def test_an_emptied_commit_stops_the_night_and_a_rebuild_mends_it(shop: Shop) -> None:
    # One file per month from January to June.
    before, published = shop.warehouse.read_bytes(), shop.query(PUBLISHED)
    newest_commit(shop).write_bytes(b"")
    for _ in ("first night", "next night"):
        result = shop.loyalty("run", "--as-of", DAY)
        assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    result = shop.run(DAY)
    assert "table orders is damaged or an old copy: it has lost 6 of 6 files" in result.error_lines[0]
    assert "or run with --rebuild orders" in result.error_lines[0]
    assert shop.warehouse.read_bytes() == before
    result = shop.loyalty("check", "--lake")
    assert result.exit_code == 1
    assert result.output.rstrip().endswith("look at orders")
    result = shop.loyalty("run", "--as-of", DAY, "--rebuild", "orders")
    assert result.exit_code == 0, result.output
    assert shop.query(PUBLISHED) == published
    assert shop.loyalty("check", "--lake").exit_code == 0


def test_rejected_rows_are_not_tried_again_where_the_files_are_still_to_be_read(shop: Shop) -> None:
    versions, published = shop.versions(), shop.query(PUBLISHED)
    result = shop.loyalty("run", "--as-of", DAY, "--rebuild", "orders", "--retry-quarantine")
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert "run first with --rebuild orders, then with --retry-quarantine" in result.error_lines[0]
    assert shop.versions() == versions

    # A rebuild is cut off once the table is gone.
    settings = load_settings(shop.config, home=shop.home)
    forget_table(Home.of(settings), "orders", settings.sources)
    result = shop.loyalty("run", "--as-of", DAY, "--retry-quarantine")
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert "source csv_orders: none of its inputs is read" in result.error_lines[0]
    assert shop.query(PUBLISHED) == published
    assert shop.loyalty("run", "--as-of", DAY).exit_code == 0
    assert shop.query(PUBLISHED) == published


def with_another_byte(content: bytes) -> bytes:
    """The same but for one byte of its rows; what a Parquet file says of itself is at its end."""
    return content[:100] + bytes([content[100] ^ 1]) + content[101:]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.write_bytes(with_another_byte(file.read_bytes())), "is not as it was written"),
        (lambda file: file.unlink(), "cannot be read (FileNotFoundError)"),
    ],
    ids=["changed", "missing"],
)
def test_a_changed_or_missing_file_is_found_by_name(shop: Shop, damage: Callable[[Path], object], words: str) -> None:
    file = data_file(shop)
    content = file.read_bytes()
    damage(file)
    result = shop.loyalty("check", "--lake")
    file.write_bytes(content)
    assert result.exit_code == 1
    said = "".join(result.output.split())
    expected = f"{file.name} {words}; run with --rebuild orders, or put back a copy of the whole lake"
    assert expected.replace(" ", "") in said


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.unlink(), "has lost its file"),
        (lambda file: file.write_text("plain text " * 100), "has no Parquet in its file"),
        (lambda file: file.write_bytes(b""), "has no Parquet in its file"),
    ],
    ids=["missing", "text", "empty"],
)
def test_a_file_that_cannot_be_read_is_one_line_with_its_name(
    tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.merge(ORDERS, some("a", "b"))
    (file,) = map(Path, lake.active_files(ORDERS))
    name = file.relative_to(tmp_path / "lake" / "orders")
    damage(file)
    with pytest.raises(LakeError) as raised:
        lake.scan(ORDERS)
    assert f"table orders is damaged or an old copy: it {words} {name}; " in str(raised.value)
    assert "or run with --rebuild orders" in str(raised.value)


def test_only_a_table_that_sources_fill_can_be_rebuilt(shop: Shop) -> None:
    for name, words in (("order", "did you mean 'orders'?"), ("reviews", "no source fills reviews")):
        result = shop.loyalty("run", "--as-of", DAY, "--rebuild", name)
        assert (result.exit_code, len(result.error_lines)) == (1, 1)
        assert words in result.error_lines[0]


# Stopped between a commit and its seal


def stopped(action: Callable[[], object]) -> None:
    with patch("pipeline.lake.seal", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        action()


def some(*names: str) -> pl.LazyFrame:
    return orders(*({"order_id": name, "ordered_at": "2026-01-01"} for name in names)).lazy()


def test_rows_added_or_removed_by_a_stopped_run_are_no_damage(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.merge(ORDERS, some("a", "b"))
    stopped(lambda: lake.merge(ORDERS, some("c")))
    assert lake.scan(ORDERS).collect().height == 3
    lake.merge(ORDERS, some("d"))
    stopped(lambda: lake.remove(ORDERS, pl.col("order_id") == "a"))
    assert lake.scan(ORDERS).collect()["order_id"].sort().to_list() == ["b", "c", "d"]
    lake.compact(ORDERS)
    lake.vacuum(ORDERS)
    assert lake.scan(ORDERS).collect().height == 3


def test_a_date_that_a_stopped_run_left_with_fewer_rows_is_no_damage(tmp_path: Path) -> None:
    lake, monday = Lake(str(tmp_path / "lake")), date(2026, 1, 5)
    lake.replace_as_of(CUTS, monday, pl.concat([cut("rank"), cut("rank").with_columns(bin=pl.lit(2, pl.Int64))]))
    stopped(lambda: lake.replace_as_of(CUTS, monday, cut("rank")))
    assert Lake(lake.root).scan(CUTS).collect().height == 1


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_vacuum_makes_up_for_a_seal_that_a_stop_left_behind(tmp_path: Path, is_sealed: bool) -> None:
    lake, folder = Lake(str(tmp_path / "lake")), tmp_path / "lake" / "orders"
    lake.merge(ORDERS, some("a", "b"))
    if not is_sealed:
        stopped(lambda: lake.remove(ORDERS, pl.col("order_id") == "a"))
    (folder / "._seal.json.new").write_text('{"version": ')
    lake.vacuum(ORDERS)
    sealed = read_seal(folder)
    assert sealed is not None
    assert (sealed.version, sealed.rows) == (lake.version(ORDERS), 2 if is_sealed else 1)
    assert not (folder / "._seal.json.new").exists()


IDENTITY = RECORDS["identity"]
AGAIN: dict[str, tuple[Table, Callable[[Lake, str], object]]] = {
    "replace": (IDENTITY, lambda lake, name: lake.replace(IDENTITY, person(name))),
    "replace_as_of": (CUTS, lambda lake, name: lake.replace_as_of(CUTS, date(2026, 1, 5), cut(name))),
    "remove": (ORDERS, lambda lake, name: lake.remove(ORDERS, pl.col("order_id") == name)),
}
"""What a run does again after a stop, with the same name, and finds done."""


def person(name: str) -> pl.DataFrame:
    return pl.DataFrame([(name, "account", "c1", "chain", 1)], schema=IDENTITY.polars_schema, orient="row")


def cut(method: str) -> pl.DataFrame:
    row = {"as_of_date": date(2026, 1, 5), "dimension": "recency", "bin": 1, "n_customers": 3, "is_degenerate": False}
    return pl.DataFrame([{**row, "method": method}], schema=CUTS.polars_schema)


@pytest.mark.parametrize("how", AGAIN)
def test_a_run_that_finds_its_rows_committed_makes_up_for_the_seal_that_a_stop_prevented(
    tmp_path: Path, how: str
) -> None:
    lake, (table, write) = Lake(str(tmp_path / "lake")), AGAIN[how]
    lake.merge(ORDERS, some("a", "b"))
    write(lake, "a")
    stopped(lambda: write(lake, "b"))
    version, folder = lake.version(table), tmp_path / "lake" / table.name
    (folder / "._seal.json.new").write_text('{"version": ')
    write(lake, "b")
    sealed = read_seal(folder)
    assert sealed is not None
    assert (sealed.version, sealed.rows) == (version, 0 if how == "remove" else 1)
    assert not (folder / "._seal.json.new").exists()


def test_an_old_table_without_a_seal_and_without_its_first_log_entries_is_sealed(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    for name in "abc":
        lake.merge(ORDERS, some(name))
    folder = tmp_path / "lake" / "orders"
    (folder / "_seal.json").unlink()
    # As Delta leaves a table whose log is a month old.
    lake.ensure(ORDERS).create_checkpoint()
    for entry in sorted((folder / "_delta_log").glob("*.json"))[:-1]:
        entry.unlink()
    lake.merge(ORDERS, some("d"))
    assert lake.scan(ORDERS).collect().height == 4
    assert (folder / "_seal.json").is_file()


def test_fewer_rows_than_a_table_was_left_with_are_refused(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.merge(ORDERS, some("a", "b"))
    # Another program takes a row out.
    lake.ensure(ORDERS).delete("order_id = 'a'")
    with pytest.raises(LakeError, match="table orders is damaged or an old copy: it had 2 rows and has 1"):
        lake.scan(ORDERS)


def test_every_commit_says_with_how_many_rows_it_leaves_the_table(tmp_path: Path) -> None:
    lake, dated = Lake(str(tmp_path / "lake")), SEGMENTS["loyalty"]

    def told(table: Table) -> int:
        newest = lake.ensure(table).history(1)[0]
        assert int(newest["loyalty.rows"]) == pl.scan_delta(lake.ensure(table)).select(pl.len()).collect().item()
        return int(newest["loyalty.rows"])

    assert told(ORDERS) == 0
    lake.merge(ORDERS, some("a", "b"))
    lake.merge(ORDERS, some("c"))
    assert told(ORDERS) == 3
    changed = pl.concat([some("a").with_columns(status=pl.lit("cancelled")), some("d")])
    assert lake.merge(ORDERS, changed).updated == 1
    assert told(ORDERS) == 4
    gone = pl.DataFrame(
        {"order_id": ["b"], "order_month": ["2026-01"], "deleted_at": [datetime(2026, 2, 1, tzinfo=UTC)]}
    )
    lake.mark_deleted(ORDERS, gone)
    lake.compact(ORDERS)
    lake.vacuum(ORDERS)
    assert told(ORDERS) == 4
    assert lake.remove(ORDERS, pl.col("order_id") == "a") == 1
    assert told(ORDERS) == 3
    rows = pl.DataFrame({"customer_id": ["c1", "c2"]})
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    frames = {day: _filled(rows.with_columns(as_of_date=pl.lit(day)), dated) for day in days}
    lake.replace_dates(dated, frames)
    assert told(dated) == 6
    lake.replace_dates(dated, {days[0]: frames[days[0]].head(1)})
    assert told(dated) == 5
    lake.drop_dates(dated, days[1:])
    assert told(dated) == 1


def _filled(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    missing = {name: dtype for name, dtype in table.polars_schema.items() if name not in rows.columns}
    filled = rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())
    return filled.select(table.polars_schema.names())


def lost_an_addition(entry: bytes) -> bytes:
    """A log entry without the last file that it added."""
    return b"\n".join(entry.splitlines()[:-1])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _: b"", "has an empty log entry of version 2"),
        (lost_an_addition, "was left with 3 rows and has 2"),
    ],
)
def test_a_table_without_a_seal_tells_by_its_commit_what_it_lacks(
    tmp_path: Path, damage: Callable[[bytes], bytes], words: str
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.merge(ORDERS, some("a", "b"))
    lake.merge(ORDERS, some("c"))
    # As in an object store, where there is none.
    (tmp_path / "lake" / "orders" / "_seal.json").unlink()
    newest = max((tmp_path / "lake" / "orders" / "_delta_log").glob("*.json"))
    newest.write_bytes(damage(newest.read_bytes()))
    for look in (Lake(lake.root).scan, Lake(lake.root).open):
        with pytest.raises(LakeError, match=f"table orders is damaged or an old copy: it {words}; put back a copy"):
            look(ORDERS)


def test_a_commit_of_another_program_is_no_reason_for_fewer_rows(tmp_path: Path) -> None:
    lake, seal = Lake(str(tmp_path / "lake")), tmp_path / "lake" / "orders" / "_seal.json"
    lake.merge(ORDERS, some("a", "b"))
    lake.merge(ORDERS, some("c"))
    seal.unlink()
    lake.ensure(ORDERS).optimize.compact()
    assert Lake(lake.root).scan(ORDERS).collect().height == 3
    lake.ensure(ORDERS).delete("order_id = 'a'")
    with pytest.raises(LakeError, match="it was left with 3 rows and has 2"):
        lake.scan(ORDERS)


def test_a_table_that_nothing_can_fill_again_needs_its_copy(tmp_path: Path) -> None:
    lake, table = Lake(str(tmp_path / "lake")), RECORDS["erased"]
    row = {"fingerprint": "f", "erased_at": None}
    lake.merge(table, pl.LazyFrame([row], schema=table.polars_schema))
    max((tmp_path / "lake" / "erased" / "_delta_log").glob("*.json")).write_bytes(b"")
    with pytest.raises(LakeError, match=r"put back a copy of the whole lake$"):
        lake.version(table)


def test_a_table_whose_drop_was_stopped_is_gone_and_what_was_left_of_it_goes_when_it_is_made_anew(
    tmp_path: Path,
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.merge(ORDERS, some("a", "b"))
    with patch("pipeline.lake.shutil.rmtree", side_effect=[None, KeyboardInterrupt]), pytest.raises(KeyboardInterrupt):
        lake.drop(ORDERS)
    assert not lake.is_made(ORDERS)
    assert lake.scan(ORDERS).collect().is_empty()
    assert [path.name for path in (tmp_path / "lake").iterdir()] == ["orders"]
