"""What makes a night worth running: any change of what it reads, of the lake, of the published file; and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import unchanged
from pipeline.configuration import load_settings
from pipeline.core.report.settings import ReportSettings
from pipeline.private_files import FOLDER_MODE
from pipeline.settings import Settings
from pipeline.unchanged import is_published, remember_published, rules_of, state_before

DAY = date(2026, 1, 31)
ROOT = Path(__file__).parents[2]


def shop_at(folder: Path, **told: Any) -> Settings:
    source = {"name": "own", "entity": "orders", "mapping": "own.sql", "inputs": {"orders": "exports"}}
    tree = {"shop": {"name": "Test", "time_zone": "UTC", "currency": "EUR"}, "sources": [source | told]}
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(tree))
    return load_settings(folder / "loyalty.yaml", home=folder / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop with two files, a lake of one table, and a published warehouse."""
    for name in ("exports", "home/lake/orders/_delta_log"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "home" / "work").mkdir()
    for name in ("exports/a.csv", "exports/b.csv", "own.sql", "home/warehouse.duckdb"):
        (tmp_path / name).write_text(name)
    (tmp_path / "home/lake/orders/_delta_log/00000000000000000000.json").write_text("{}")
    # As a night leaves them: closing them is a change of the files.
    for closed in ("home", "home/lake"):
        (tmp_path / closed).chmod(FOLDER_MODE)
    return tmp_path


def remembered(folder: Path) -> Settings:
    settings = shop_at(folder)
    remember_published(settings, state_before(settings, DAY))
    return settings


def test_what_was_published_from_the_same_stays(folder: Path) -> None:
    settings = shop_at(folder)
    assert not is_published(settings, state_before(settings, DAY))
    remembered(folder)
    assert is_published(settings, state_before(settings, DAY))
    assert is_published(shop_at(folder), state_before(shop_at(folder), DAY))
    assert not is_published(settings, state_before(settings, date(2026, 2, 1)))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file has more": lambda folder: (folder / "exports/a.csv").write_text("more than before"),
    "a file has as much, and the time of before": lambda folder: rewritten(folder / "exports/a.csv"),
    "a file is new": lambda folder: (folder / "exports/c.csv").write_text(""),
    "a file is gone": lambda folder: (folder / "exports/b.csv").unlink(),
    "the mapping": lambda folder: (folder / "own.sql").write_text("other.sql"),
    "the lake": lambda folder: (folder / "home/lake/orders/_delta_log/00000000000000000001.json").write_text("{}"),
    "the lake has lost its log": lambda folder: (
        folder / "home/lake/orders/_delta_log/00000000000000000000.json"
    ).unlink(),
    "the published file": lambda folder: (folder / "home/warehouse.duckdb").write_text("rolled back"),
    "the published file is gone": lambda folder: (folder / "home/warehouse.duckdb").unlink(),
    "the record is garbage": lambda folder: (folder / "home" / "work" / unchanged.RECORD).write_text("{"),
}


def rewritten(file: Path) -> None:
    known = file.stat()
    file.write_text(file.read_text()[::-1])
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))


@pytest.mark.parametrize("change", list(CHANGES))
def test_whatever_changes_a_night_runs(folder: Path, change: str) -> None:
    settings = remembered(folder)
    CHANGES[change](folder)
    assert not is_published(settings, state_before(settings, DAY))


def test_another_setting_key_or_program_runs_a_night(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state_before(shop_at(folder), DAY)
    assert state_before(shop_at(folder), DAY) == before
    assert state_before(shop_at(folder, decimal=","), DAY) != before
    with monkeypatch.context() as patched:
        patched.setenv("LOYALTY_PII_KEY", "another long secret text")
        assert state_before(shop_at(folder), DAY) != before
    for name, changed in (("PROGRAM", folder), ("LIBRARIES", ())):
        with monkeypatch.context() as patched:
            patched.setattr(unchanged, name, changed)
            assert state_before(shop_at(folder), DAY) != before


def test_another_language_of_the_report_runs_a_night_and_computes_no_date_again(folder: Path) -> None:
    settings = remembered(folder)
    dutch = settings.model_copy(update={"report": ReportSettings(language="nl")})
    assert not is_published(dutch, state_before(dutch, DAY))
    assert rules_of(dutch, "program") == rules_of(settings, "program")


@pytest.mark.parametrize(
    "place", [{"database": "sqlite:///shop.db", "table": "orders"}, "s3://shop/orders", "nowhere/*.csv"]
)
def test_of_what_only_reading_could_tell_nothing_is_known(folder: Path, place: Any) -> None:
    settings = shop_at(folder, inputs={"orders": place})
    assert state_before(settings, DAY) is None
    remember_published(settings, None)
    assert not is_published(settings, None)


def test_a_night_with_nothing_new_loads_nothing_heavy_and_says_so(folder: Path) -> None:
    remembered(folder)
    code = "import sys\nfrom pipeline.cli import app\ntry: app()\nfinally: print({'dagster', 'dbt', 'deltalake'} & {*sys.modules})"
    command = [sys.executable, "-c", code, "run", "--as-of", str(DAY), "--config", str(folder / "loyalty.yaml")]
    environment = {**os.environ, "LOYALTY_HOME": str(folder / "home")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "Nothing new: the edition of 2026-01-31 stays; --force builds it again",
        f"Warehouse: {folder}/home/warehouse.duckdb",
        "set()",
    ]


def test_a_changed_or_deleted_model_of_the_users_own_makes_a_night_run(folder: Path) -> None:
    (folder / "models").mkdir()
    for name in ("a.sql", "b.sql"):
        (folder / "models" / name).write_text(name)
    tree = yaml.safe_load(shop_at(folder).home.with_name("loyalty.yaml").read_text())
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(tree | {"dbt": {"models": "models"}}))

    def state() -> str | None:
        return state_before(load_settings(folder / "loyalty.yaml", home=folder / "home"), DAY)

    before = state()
    assert state() == before is not None
    rewritten(folder / "models" / "a.sql")
    after = state()
    assert after != before
    (folder / "models" / "b.sql").unlink()
    assert state() not in (before, after)
