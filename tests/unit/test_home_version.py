"""Which program may write a home."""

import json
import os
from pathlib import Path

import dagster as dg
import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.errors import ConfigError
from pipeline.home_version import FORMAT, claim_home
from pipeline.jobs import NIGHTLY
from pipeline.run_lock import hold_lock
from tests.scenario import make_shop


def note(home: Path, **content: object) -> Path:
    file = home / "home.json"
    file.write_text(json.dumps(content))
    return file


def test_a_home_without_a_note_gets_one_that_its_owner_alone_reads(tmp_path: Path) -> None:
    claim_home(tmp_path)
    file = tmp_path / "home.json"
    assert json.loads(file.read_text())["format"] == FORMAT
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_home_of_an_older_program_becomes_ours(tmp_path: Path) -> None:
    file = note(tmp_path, format=FORMAT - 1, program="0.0.1")
    claim_home(tmp_path)
    assert json.loads(file.read_text())["format"] == FORMAT
    before = file.stat().st_mtime_ns
    claim_home(tmp_path)
    assert file.stat().st_mtime_ns == before


def test_a_home_of_a_newer_program_is_refused_in_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    before = note(tmp_path, format=FORMAT + 1, program="9.1.0", more="whatever it needs").read_text()
    with pytest.raises(ConfigError) as told, hold_lock(tmp_path, "loyalty run"):
        pytest.fail("the home is written")
    words = str(told.value)
    assert "9.1.0" in words
    assert str(tmp_path) in words
    assert "\n" not in words
    assert (tmp_path / "home.json").read_text() == before
    assert [file.name for file in tmp_path.rglob("*")] == ["home.json"]


@pytest.mark.parametrize(
    "command",
    [
        *(["run"], ["check"], ["check", "--lake"], ["churn-horizon"], ["rollback"], ["maintain"], ["report"], ["ui"]),
        *(["erase", "--customer", "c1"], ["export", "actions"], ["ui", "--read-only"], ["status"], ["watch"]),
        ["explain", "c1"],
    ],
)
def test_every_command_leaves_the_home_of_a_newer_program_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    shop = make_shop(tmp_path, ["o1,c1,2026-01-01,paid,1.00"], alerts={"to": ["${ALERTS}"], "missed_at": "06:00"})
    shop.home.mkdir(mode=0o755)
    (shop.home / "work").mkdir()
    note(shop.home, format=FORMAT + 1, program="9.1.0")
    (shop.home / "work" / "run.lock").write_text("who held it last")
    before = [(file, file.stat().st_mode, file.stat().st_mtime_ns) for file in sorted(shop.home.rglob("*"))]
    monkeypatch.setenv("ALERTS", "json://127.0.0.1:1/none")
    monkeypatch.setattr(os, "execv", pytest.fail)
    result = shop.loyalty(*command)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert "was written by loyalty-warehouse 9.1.0, newer than this" in result.error_lines[0]
    assert [(file, file.stat().st_mode, file.stat().st_mtime_ns) for file in sorted(shop.home.rglob("*"))] == before


def test_a_daemon_that_has_become_the_older_program_tells_nothing_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path, ["o1,c1,2026-01-01,paid,1.00"], alerts={"to": ["${ALERTS}"], "missed_at": "06:00"})
    monkeypatch.setenv("ALERTS", "json://127.0.0.1:1/none")
    defs = build_defs(load_settings(shop.config, home=shop.home))
    shop.home.mkdir()
    note(shop.home, format=FORMAT + 1, program="9.1.0")
    with dg.DagsterInstance.ephemeral() as instance:
        for name in ("alerts", "lost_runs"):
            with pytest.raises(ConfigError, match="newer than this"):
                defs.resolve_sensor_def(name)(dg.build_sensor_context(instance))
        job = defs.resolve_job_def(NIGHTLY)
        result = job.execute_in_process(partition_key="2026-01-02", instance=instance, raise_on_error=False)
    assert not result.success
    assert [file.name for file in shop.home.rglob("*")] == ["home.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "new"}', '{"format": null, "program": "1"}'])
def test_a_damaged_note_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    file = tmp_path / "home.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"home\.json is damaged: delete it"):
        claim_home(tmp_path)
