"""Next actions for a mail tool: what is in the file, who is remembered as contacted, and what that does to the next night."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.core.loyalty.action_settings import Draw
from pipeline.core.loyalty.controls import is_control
from schemas.registry import RECORDS, SEGMENTS
from tests.scenario import Shop, configuration, make_shop, order_lines

DAY, NEXT_DAY = "2026-06-30", "2026-07-01"
CONTACTS = RECORDS["contacts"]


@pytest.fixture
def shop(night: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(night.folder, tmp_path / "shop")
    return Shop(tmp_path / "shop")


def export(shop: Shop, *arguments: str | Path) -> Any:
    return shop.loyalty("export", "actions", *(str(argument) for argument in arguments))


def contacts(shop: Shop) -> pl.DataFrame:
    return shop.lake.scan(CONTACTS).sort(CONTACTS.key).collect()


def test_the_file_has_the_actions_of_the_edition_with_the_most_urgent_first(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "actions.csv"
    result = export(shop, "--to", file)
    assert result.exit_code == 0, result.output
    wanted = shop.query("select customer_id, action, channel, expires_on from marts.customer_next_action order by rank")
    written = pl.read_csv(file, try_parse_dates=True)
    assert written.select("customer_id", "action", "channel", "expires_on").rows() == wanted
    assert len(wanted) > 0
    assert {"reason", "expected_value", "currency", "consent_basis"} <= set(written.columns)
    for action, size in shop.query("select action, count(*) from marts.customer_next_action group by action"):
        assert [line.split() for line in result.output.splitlines() if action in line] == [[action, str(size)]]
    assert "without e-mail addresses" in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["actions.csv"]


def test_what_a_killed_export_left_goes_and_what_another_writes_stays(shop: Shop, tmp_path: Path) -> None:
    # No process can have the first number, and this one has the second.
    left, written = tmp_path / f".old.csv.{2**30}.half-export", tmp_path / f".new.csv.{os.getpid()}.half-export"
    for half in (left, written):
        half.write_text("jan@example.com")
    assert export(shop, "--to", tmp_path / "actions.csv").exit_code == 0
    assert not left.exists()
    assert written.exists()


def test_a_warehouse_damaged_in_its_body_is_one_line(shop: Shop) -> None:
    # The header of a DuckDB file is three blocks of 4 KiB.
    content = shop.warehouse.read_bytes()
    shop.warehouse.write_bytes(content[:12_288] + (b"plain text " * (len(content) // 11))[: len(content) - 12_288])
    result = export(shop)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert result.error_lines[0] == f"error: {shop.warehouse} is damaged; make it anew with `loyalty run`"


def test_who_is_exported_is_remembered_once_however_often_the_edition_is_exported(shop: Shop, tmp_path: Path) -> None:
    assert export(shop, "--to", tmp_path / "one.csv").exit_code == 0
    first, version = contacts(shop), shop.lake.version(CONTACTS)
    assert first.select("customer_id", "action").sort("customer_id").rows() == shop.query(
        "select customer_id, action from marts.customer_next_action order by customer_id"
    )
    assert set(first["as_of_date"].cast(pl.String)) == {DAY}
    assert export(shop, "--to", tmp_path / "two.csv").exit_code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert contacts(shop).equals(first)
    assert shop.lake.version(CONTACTS) == version


def test_one_action_can_be_exported_alone_as_parquet(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "actions.parquet"
    assert export(shop, "--to", file, "--action", "win_back").exit_code == 0
    written = pl.read_parquet(file)
    assert set(written["action"]) == {"win_back"}
    assert written["expires_on"].dtype == pl.Date
    assert contacts(shop)["customer_id"].to_list() == sorted(written["customer_id"])


def test_the_next_night_leaves_in_peace_whom_an_export_has_contacted(shop: Shop, tmp_path: Path) -> None:
    before = shop.partition("next_action", DAY)
    marketing = before.filter("needs_consent")
    assert marketing.height > 0
    assert export(shop, "--to", tmp_path / "actions.csv").exit_code == 0
    shop.compute(DAY, *SEGMENTS, force="true")
    assert shop.partition("next_action", DAY).equals(before)
    assert shop.run(NEXT_DAY).exit_code == 0
    assert shop.partition("next_action", NEXT_DAY).filter("needs_consent").join(before, on="customer_id").is_empty()
    result = export(shop, "--to", tmp_path / "next.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "has no next action to export" in result.output
    assert not (tmp_path / "next.csv").exists()


def test_an_older_edition_put_back_is_not_sent_to_whom_a_newer_one_has_reached(shop: Shop, tmp_path: Path) -> None:
    assert shop.run(NEXT_DAY).exit_code == 0
    assert export(shop, "--to", tmp_path / "newer.csv").exit_code == 0
    assert shop.loyalty("rollback").exit_code == 0
    result = export(shop, "--to", tmp_path / "older.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "contacted by another export since" in result.output
    assert set(contacts(shop)["as_of_date"].cast(pl.String)) == {NEXT_DAY}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "actions.xlsx"], "'.xlsx' is not .csv or .parquet"),
        (["--to", "actions"], "--to actions: its name does not end in .csv or .parquet"),
        (["--to", "tests"], "--to tests is a folder; name a file"),
        (["--to", "no_such_folder/actions.csv"], "no folder no_such_folder"),
        (["--action", "send_a_poem"], "'send_a_poem' is not one of mend_a_broken_promise"),
        (["--action", "vip_care"], "has no vip_care to export"),
    ],
)
def test_an_export_that_cannot_be_says_why_in_one_line_and_records_nothing(
    night: Shop, arguments: list[str], words: str
) -> None:
    result = export(night, *arguments)
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert words in result.error_lines[0]
    assert contacts(night).is_empty()


def test_a_shop_that_tells_nothing_of_consent_hears_so(shop: Shop, tmp_path: Path) -> None:
    assert "accepts marketing" not in export(shop, "--to", tmp_path / "actions.csv").output
    shop.config.write_text(yaml.safe_dump(configuration()))
    for arguments in (["--to", tmp_path / "actions.csv"], ["--action", "vip_care"]):
        assert "no source says who accepts marketing" in export(shop, *arguments).output


def test_without_an_edition_there_is_nothing_to_export(tmp_path: Path) -> None:
    result = export(make_shop(tmp_path, order_lines(1)), "--to", tmp_path / "actions.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "loyalty run" in result.error_lines[0]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc, a folder in which nobody can make a file")
def test_a_place_that_takes_no_file_is_one_line_and_records_nothing(night: Shop) -> None:
    result = export(night, "--to", "/proc/actions.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "/proc/actions.csv cannot be written" in result.error_lines[0]
    assert contacts(night).is_empty()


def test_a_warehouse_that_is_open_for_writing_or_damaged_is_one_line(shop: Shop, tmp_path: Path) -> None:
    code = f"import duckdb, sys; held = duckdb.connect({str(shop.warehouse)!r}); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        result = export(shop, "--to", tmp_path / "actions.csv")
        other.communicate()
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "close it where it is open for writing" in result.error_lines[0]
    shop.warehouse.write_bytes(b"no database" * 1000)
    result = export(shop, "--to", tmp_path / "actions.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "make it anew with `loyalty run`" in result.error_lines[0]
    # An erasure puts the newest edition that is whole in its place.
    assert shop.loyalty("erase", "--customer", "c1").exit_code == 0
    assert export(shop, "--to", tmp_path / "actions.csv").exit_code == 0


def test_a_file_that_cannot_take_its_place_leaves_nothing_half_written(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "taken.csv"
    folder.mkdir()
    assert "name a file" in export(shop, "--to", folder).error_lines[0]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_controls_are_in_no_file_and_are_remembered_beside_those_who_are_contacted(tmp_path: Path) -> None:
    given = {"consent_without_flag": True, "control_share": 0.5}
    shop = make_shop(tmp_path / "shop", order_lines(100), actions=given)
    assert shop.run(DAY).exit_code == 0
    controls = {name for (name,) in shop.query("select customer_id from marts.action_controls")}
    assert controls
    assert export(shop, "--to", tmp_path / "one.csv").exit_code == 0
    written = set(pl.read_csv(tmp_path / "one.csv")["customer_id"])
    assert not written & controls
    found = contacts(shop)
    assert set(found.filter("is_control")["customer_id"]) == controls
    assert set(found.filter(~pl.col("is_control").fill_null(False))["customer_id"]) == written
    assert export(shop, "--to", tmp_path / "two.csv").exit_code == 0
    assert contacts(shop).equals(found)
    effects = "select action, n_treated, n_control, n_running from marts.action_effects"
    assert shop.query(effects) == []
    assert shop.run(NEXT_DAY).exit_code == 0
    # What was exported today is later than the date of the edition.
    assert shop.query(effects) == []
    assert controls.isdisjoint(
        row[0] for row in shop.query("select customer_id from marts.customer_next_action where needs_consent")
    )


def test_a_no_that_the_lake_has_read_since_the_edition_is_heeded(tmp_path: Path) -> None:
    """Ten people with a first order of June 25: each is due the welcome, which is marketing. Four, a control among them, say no."""
    names = [f"k{n}" for n in range(10)]
    draw = Draw(0.3, "")
    controls = {name for name, is_one in zip(names, is_control(names, "welcome_series", draw), strict=True) if is_one}
    assert 0 < len(controls) < 6
    shop = make_shop(
        tmp_path / "shop",
        [f"o{name},{name},2026-06-25 12:00:00,paid,20.00" for name in names],
        actions={"control_share": draw.share},
    )
    header = "customer_id,accepts,updated_at"
    said = [f"{name},true,2026-01-01" for name in names]
    shop.add_people("customer_id, accepts as accepts_marketing, updated_at, _file, _row", header, *said)
    assert shop.run(DAY).exit_code == 0
    assert len(shop.query("select * from marts.customer_next_action where action = 'welcome_series'")) == 10 - len(
        controls
    )
    refused = {sorted(controls)[0], *[name for name in names if name not in controls][:3]}
    said += [f"{name},false,2026-06-30 20:00:00" for name in refused]
    (shop.folder / "people.csv").write_text("\n".join([header, *said]) + "\n")
    # The night ends after the lake: the published edition still says that all have agreed.
    shop.ingest(NEXT_DAY)
    result = export(shop, "--to", tmp_path / "actions.csv")
    assert result.exit_code == 0, result.output
    assert "3 left out: marketing, and these customers have not agreed as of now" in result.output
    written = pl.read_csv(tmp_path / "actions.csv")
    assert set(written["customer_id"]) == set(names) - controls - refused
    assert set(written["consent_basis"]) == {"given"}
    assert set(contacts(shop).filter("is_control")["customer_id"]) == controls - refused

    said += [f"{name},false,2026-06-30 21:00:00" for name in names]
    (shop.folder / "people.csv").write_text("\n".join([header, *said]) + "\n")
    shop.ingest(NEXT_DAY)
    result = export(shop, "--to", tmp_path / "none.csv")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "customers without consent as of now" in result.error_lines[0]
    assert not (tmp_path / "none.csv").exists()


def test_controls_are_remembered_also_where_nobody_is_left_to_contact(tmp_path: Path) -> None:
    """All who are due the welcome are in its control group."""
    draw = Draw(0.3, "")
    names = [name for name in (f"w{n}" for n in range(40)) if is_control([name], "welcome_series", draw)[0]][:3]
    lines = [f"o{name},{name},2026-06-25 12:00:00,paid,20.00" for name in names]
    given = {"consent_without_flag": True, "control_share": draw.share}
    shop = make_shop(tmp_path / "shop", lines, actions=given)
    assert shop.run(DAY).exit_code == 0
    assert shop.query("select * from marts.customer_next_action") == []
    file = tmp_path / "welcome.csv"
    result = export(shop, "--to", file, "--action", "welcome_series")
    assert result.exit_code == 0, result.output
    assert "nobody to contact: 3 customers are in the control group, and recorded" in result.output
    assert pl.read_csv(file).is_empty()
    found = contacts(shop)
    assert found.select("customer_id", "action", "is_control").rows() == [
        (name, "welcome_series", True) for name in sorted(names)
    ]
    assert export(shop, "--to", file, "--action", "welcome_series").exit_code == 0
    assert contacts(shop).equals(found)
    result = export(shop, "--to", tmp_path / "other.csv", "--action", "win_back")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert not (tmp_path / "other.csv").exists()
