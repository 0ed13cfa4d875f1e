"""A shop that publishes large marts in slices, beside what it published as tables: its nights, its copies, and going back."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.configuration import load_settings
from pipeline.unchanged import is_published, state_before
from pipeline.warehouse.editions import list_editions
from pipeline.warehouse.slices import slices_of
from schemas.registry import MARTS
from tests.integration.conftest import DAY
from tests.scenario import Shop

LARGE = sorted(f"{mart.schema}.{mart.name}" for mart in MARTS.values() if mart.slice_by)
OF_THE_RUN = {"inputs_read", "run_summary"}
Contents = dict[str, list[tuple[Any, ...]]]
AMOUNT = "select gross_amount from marts.fct_orders where order_id = 'o5'"


@dataclass(frozen=True)
class Seen:
    """What is published as tables, what in slices, and a shop whose third edition has another amount of one order in June."""

    shop: Shop
    of_tables: Contents
    in_slices: Contents
    views: list[str]
    amounts: list[str]


def contents(shop: Shop) -> Contents:
    """Columns and rows of every published table but the run's own records; files without their folders."""
    found = {}
    for mart in MARTS.values():
        if mart.name not in OF_THE_RUN:
            name, named = f"{mart.schema}.{mart.name}", "replace (parse_filename(file) as file)"
            columns = [column[:2] for column in shop.query(f"describe {name}")]
            rows = shop.query(f"select * {named if 'file' in mart.columns else ''} from {name} order by all")
            found[name] = [*columns, *rows]
    return found


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copies")


@pytest.fixture(scope="module")
def seen(first_night: Shop, night: Shop, copies: Path) -> Seen:
    night.configure(publish={"facts": "lake", "targets": {"files": {"parquet": str(copies)}}})
    assert night.run(DAY).exit_code == 0
    views = night.query("select schema_name || '.' || view_name from duckdb_views() where not internal order by all")
    in_slices, amounts = contents(night), [str(night.query(AMOUNT)[0][0])]
    export = night.folder / "orders.csv"
    export.write_text(
        export.read_text().replace("o5,c2,2026-06-06 12:00:00,paid,15.50", "o5,c2,2026-06-06 12:00:00,paid,99.50")
    )
    assert night.run(DAY).exit_code == 0
    amounts.append(str(night.query(AMOUNT)[0][0]))
    return Seen(night, contents(first_night), in_slices, [name for (name,) in views], amounts)


def test_an_edition_in_slices_has_the_columns_and_rows_of_one_of_tables(seen: Seen) -> None:
    assert seen.in_slices == seen.of_tables
    assert seen.views == LARGE
    commented = "select count(*) from duckdb_columns() where table_name = 'fct_orders' and comment is not null"
    assert seen.shop.query(commented) == [(len(MARTS["fct_orders"].columns),)]


def test_editions_share_what_stays(seen: Seen) -> None:
    *_, before, after = (
        {slice_ for slice_ in slices_of(edition) if slice_.parent.name == "fct_orders"}
        for edition in list_editions(seen.shop.home / "editions")
    )
    # Six months, and what tells the columns of a mart without rows.
    assert (len(before), len(after)) == (7, 7)
    assert [slice_.name[:7] for slice_ in after - before] == ["2026-06"]
    assert seen.amounts == ["15.50", "99.50"]


@pytest.mark.usefixtures("seen")
def test_a_copy_has_the_rows_of_slices_too(copies: Path) -> None:
    table = pq.read_table(copies / "current" / "marts" / "fct_orders.parquet")
    assert sorted(table["order_id"].to_pylist()) == sorted(f"o{number}" for number in range(100))


def test_what_is_published_is_built_anew_when_a_slice_is_missing_and_can_be_taken_back(seen: Seen) -> None:
    shop = seen.shop
    settings, day = load_settings(shop.config, home=shop.home), date.fromisoformat(DAY)
    assert is_published(settings, state_before(settings, day))
    *_, before, after = list_editions(shop.home / "editions")
    lost = next(iter(slices_of(after) - slices_of(before)))
    aside = lost.rename(shop.folder / "aside")
    assert not is_published(settings, state_before(settings, day))
    assert shop.loyalty("rollback").exit_code == 0
    assert [str(amount) for (amount,) in shop.query(AMOUNT)] == ["15.50"]
    shutil.move(aside, lost)
