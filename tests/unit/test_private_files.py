import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from pipeline.errors import ConfigError, EditionError
from pipeline.private_files import is_there, keep_private
from pipeline.resources import Home
from pipeline.run_lock import lock_holder
from pipeline.warehouse.published import refuse_unpublished


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def test_a_home_and_all_that_is_written_in_it_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "shops" / "mine"
    keep_private(home, str(home / "lake"))
    (home / "work").mkdir()
    (home / "work" / "staged").write_text("a name")
    assert [mode(path) for path in (tmp_path / "shops", home, home / "work", home / "work" / "staged")] == [
        *("755", "700", "700", "600")
    ]


def test_a_home_and_a_lake_of_an_older_version_are_tightened(tmp_path: Path) -> None:
    home, lake = tmp_path / "home", tmp_path / "lake"
    files = [home / "dagster" / "history" / "runs.db", home / "lake" / "o" / "f.parquet", lake / "orders" / "f.parquet"]
    others = [home / "warehouse.duckdb", home / "my_script"]
    for file in [*files, *others]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    others[1].chmod(0o755)
    keep_private(home, str(lake))
    assert {mode(file) for file in files} == {"600"}
    assert {mode(folder) for file in files for folder in file.parents if folder.is_relative_to(home)} == {"700"}
    assert [mode(lake), mode(lake / "orders")] == ["700", "700"]
    assert [mode(file) for file in others] == ["644", "755"]


@pytest.mark.parametrize("is_apart", [False, True], ids=["home", "lake"])
def test_what_was_cut_off_is_finished_by_the_next_start(tmp_path: Path, is_apart: bool) -> None:
    home, lake = tmp_path / "home", tmp_path / ("lake" if is_apart else "home/lake")
    files = [lake / name / "f.parquet" for name in ("orders", "reviews")]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("")
    changed: list[Path] = []
    chmod = Path.chmod

    def cut_off(path: Path, mode: int) -> None:
        if changed:
            raise KeyboardInterrupt
        changed.append(path)
        chmod(path, mode)

    with patch.object(Path, "chmod", cut_off), pytest.raises(KeyboardInterrupt):
        keep_private(home, str(lake))
    keep_private(home, str(lake))
    assert [mode(path) for path in (home, lake, *files)] == ["700", "700", "600", "600"]


def test_a_link_in_a_home_is_not_followed(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (elsewhere / "orders.csv").write_text("")
    (home / "demo").mkdir()
    (home / "demo" / "folder").symlink_to(elsewhere)
    (home / "demo" / "orders.csv").symlink_to(elsewhere / "orders.csv")
    keep_private(home, "s3://bucket/lake")
    assert [mode(elsewhere), mode(elsewhere / "orders.csv")] == ["755", "644"]


def test_the_file_in_the_home_goes_once_another_place_is_published(tmp_path: Path) -> None:
    own = tmp_path / "warehouse.duckdb"
    own.write_text("yesterday's")
    common = {"root": str(tmp_path), "lake_root": ""}
    Home(**common, published=str(tmp_path / "work" / ".." / "warehouse.duckdb")).drop_former_warehouse()
    Home(**common).drop_former_warehouse()
    assert own.exists()
    Home(**common, published=str(tmp_path / "shared.duckdb")).drop_former_warehouse()
    assert not own.exists()


NOBODY = 65_534


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """This process may not enter the folder: it is of another account, or nobody's at all where tests do not run as root."""
    is_root, before = os.geteuid() == 0, folder.stat().st_mode
    folder.chmod(0o700 if is_root else 0)
    try:
        if is_root:
            os.seteuid(NOBODY)
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(before)


@pytest.mark.parametrize("closes", [lambda home: home, lambda home: home.parent], ids=["home", "folder of the home"])
@pytest.mark.parametrize(
    "looks",
    [is_there, lock_holder, lambda home: keep_private(home, str(home / "lake"))],
    ids=["there", "lock", "write"],
)
def test_a_home_of_another_account_is_refused_in_a_line(
    looks: Callable[[Path], object], closes: Callable[[Path], Path]
) -> None:
    # pytest's own folders are closed to other accounts.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder, "shop", "home")
        (home / "lake").mkdir(parents=True)
        words = f"^home {home} cannot be read: Permission denied; use the account that owns it, or set LOYALTY_HOME to another folder$"
        with closed(closes(home)), pytest.raises(ConfigError, match=words):
            looks(home)
        assert is_there(home)


def test_a_file_in_the_place_of_a_home_is_there_and_no_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert not is_there(home)
    home.write_text("")
    assert is_there(home)
    with pytest.raises(ConfigError, match=f"^home {home} cannot be read: Not a directory$"):
        lock_holder(home)
    with pytest.raises(
        ConfigError, match=f"^home {home} cannot be written: File exists; set LOYALTY_HOME to another folder$"
    ):
        keep_private(home, str(home / "lake"))
    assert mode(home) == "644"


def test_a_published_file_of_another_account_is_not_said_to_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "home" / "warehouse.duckdb"
    missing = f"^{file} does not exist yet; publish an edition with `loyalty run` first$"
    with pytest.raises(EditionError, match=missing):
        refuse_unpublished(file)
    file.parent.mkdir()
    file.write_text("an edition")
    refuse_unpublished(file)
    words = f"^{file} cannot be read: Permission denied; use an account that may read it$"
    with closed(file.parent), pytest.raises(EditionError, match=words):
        refuse_unpublished(file)
