"""What starts the job and keeps two runs apart: the sensors, the lock, Dagster's settings."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from pipeline import jobs, resources
from pipeline.configuration import load_settings
from pipeline.dagster_home import DAGSTER_YAML, prepare_dagster_home
from pipeline.errors import BusyError, ConfigError, SourceShapeError
from pipeline.jobs import nightly_job, sensors
from pipeline.resources import HOME_TAG, Home
from pipeline.run_lock import hold_lock, lock_holder
from pipeline.settings import Settings
from tests.scenario import ROOT, Shop, configuration, make_shop

YESTERDAY = date(2026, 6, 30)
HOLD = """
import sys
from pathlib import Path
from pipeline.run_lock import hold_lock
with hold_lock(Path(sys.argv[1]), "run of a test"):
    print("held", flush=True)
    sys.stdin.read()
"""


def settings_of(shop: Shop) -> Settings:
    return load_settings(shop.config, home=shop.home)


def sensor_names(settings: Settings) -> list[str]:
    return [sensor.name for sensor in sensors(settings, nightly_job())]


# New files


@dataclass
class Watch:
    """The sensor `new_files` of a shop, and the cursor that its last tick left."""

    shop: Shop
    cursor: str | None = None

    def tick(self) -> dg.RunRequest | str:
        """The run that a tick requests, or why it requests none."""
        sensor = next(found for found in sensors(settings_of(self.shop), nightly_job()) if found.name == "new_files")
        context = dg.build_sensor_context(cursor=self.cursor)
        result = sensor(context)
        self.cursor = context.cursor
        return result if isinstance(result, dg.RunRequest) else str(result.skip_message)

    def write(self, name: str, text: str) -> None:
        (self.shop.folder / name).write_text(text)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(jobs, "yesterday", lambda _settings: YESTERDAY)
    return Watch(make_shop(tmp_path, []))


UNCHANGED = "none of 1 files is new or changed since the job was last started"
CHANGED = "files have changed; the job starts once they stay unchanged for 60 seconds"


def test_the_first_look_only_records_the_files(watch: Watch) -> None:
    assert watch.tick() == "first look: 1 files; the job starts when one is new or changed"
    assert watch.tick() == UNCHANGED


def test_a_changed_file_starts_the_job_for_yesterday_once_it_is_at_rest(watch: Watch) -> None:
    watch.tick()
    watch.write("orders.csv", "one more")
    assert watch.tick() == CHANGED
    request = watch.tick()
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-06-30"
    assert watch.tick() == UNCHANGED


def test_a_file_that_grows_from_look_to_look_is_left_alone(watch: Watch) -> None:
    watch.tick()
    for size in (1, 2, 3):
        watch.write("orders.csv", "x" * size)
        assert watch.tick() == CHANGED
    assert isinstance(watch.tick(), dg.RunRequest)


def test_a_file_of_the_same_size_and_another_time_is_a_changed_one(watch: Watch) -> None:
    watch.tick()
    os.utime(watch.shop.folder / "orders.csv", ns=(1, 1))
    assert watch.tick() == CHANGED


def test_a_change_that_is_taken_back_starts_nothing(watch: Watch) -> None:
    file = watch.shop.folder / "orders.csv"
    text, times = file.read_text(), (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    watch.tick()
    watch.write("orders.csv", "half")
    assert watch.tick() == CHANGED
    watch.write("orders.csv", text)
    os.utime(file, ns=times)
    assert watch.tick() == UNCHANGED


def test_the_same_files_have_the_same_run_key_and_others_another(watch: Watch) -> None:
    keys = []
    for time in (1, 2, 1):
        watch.cursor = '{"seen": "other", "started": "other"}'
        os.utime(watch.shop.folder / "orders.csv", ns=(time, time))
        watch.tick()
        request = watch.tick()
        assert isinstance(request, dg.RunRequest)
        keys.append(request.run_key)
    assert keys[0] == keys[2] != keys[1]


def test_a_new_file_in_a_folder_is_a_change_and_one_of_no_known_format_is_none(tmp_path: Path) -> None:
    source = configuration()["sources"][0] | {"inputs": {"orders": "exports"}}
    watch = Watch(make_shop(tmp_path, [], sources=[source]))
    (tmp_path / "exports").mkdir()
    watch.write("exports/1.csv", "1")
    watch.tick()
    watch.write("exports/2.csv.part", "2")
    assert watch.tick() == UNCHANGED
    watch.write("exports/2.csv", "2")
    assert watch.tick() == CHANGED


def test_a_folder_that_vanished_is_named_and_starts_nothing_when_it_is_back(watch: Watch) -> None:
    folder, away = watch.shop.folder, watch.shop.folder.with_name("away")
    watch.tick()
    config = watch.shop.config.read_text()
    folder.rename(away)
    folder.mkdir()
    watch.shop.config.write_text(config)
    (folder / "orders.sql").write_text("")
    for _ in range(2):
        assert watch.tick() == (
            f"source csv_orders: input orders: no file at {folder}/orders.csv; check inputs.orders in the configuration; "
            "the job starts by itself once all places have files"
        )
    (away / "orders.csv").rename(folder / "orders.csv")
    assert watch.tick() == UNCHANGED


def test_the_first_files_of_an_empty_shop_start_the_job(watch: Watch) -> None:
    (watch.shop.folder / "orders.csv").unlink()
    assert watch.tick() == "first look: 0 files; the job starts when one is new or changed"
    watch.write("orders.csv", "the first")
    assert watch.tick() == CHANGED
    assert isinstance(watch.tick(), dg.RunRequest)


@dataclass
class RemoteFile:
    address: str
    fingerprint: str


def test_a_remote_file_is_known_by_its_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = configuration()["sources"][0] | {"inputs": {"orders": "s3://shop/exports/"}}
    watch = Watch(make_shop(tmp_path, [], sources=[source]))
    found = [RemoteFile("s3://shop/exports/1.csv", "v1"), RemoteFile("s3://shop/exports/_SUCCESS", "v1")]
    monkeypatch.setattr(jobs, "list_objects", lambda _place: found)
    watch.tick()
    found[1].fingerprint = "v2"
    assert watch.tick() == UNCHANGED
    found[0].fingerprint = "v2"
    assert watch.tick() == CHANGED
    found.clear()
    assert watch.tick() == (
        "source csv_orders: input orders: no file at s3://shop/exports/; the job starts by itself once all places have files"
    )


def test_an_object_store_that_does_not_answer_is_a_reason_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_place: str) -> list[RemoteFile]:
        raise SourceShapeError("s3://shop/exports/ does not answer")

    source = configuration()["sources"][0] | {"inputs": {"orders": "s3://shop/exports/"}}
    watch = Watch(make_shop(tmp_path, [], sources=[source]), cursor='{"seen": "a", "started": "a"}')
    monkeypatch.setattr(jobs, "list_objects", refuse)
    assert watch.tick() == ("s3://shop/exports/ does not answer; the job starts by itself once all places have files")


def test_the_demo_shop_and_a_shop_of_databases_have_no_files_to_watch(tmp_path: Path) -> None:
    assert sensor_names(load_settings(ROOT / "loyalty.yaml", home=tmp_path)) == ["lost_runs"]
    database = {"database": "sqlite:///shop.db", "table": "orders"}
    source = configuration()["sources"][0] | {"inputs": {"orders": database}}
    assert sensor_names(settings_of(make_shop(tmp_path, [], sources=[source]))) == ["lost_runs"]
    assert sensor_names(settings_of(make_shop(tmp_path, []))) == ["lost_runs", "new_files"]


def test_both_sensors_run_as_soon_as_the_daemon_does(tmp_path: Path) -> None:
    found = sensors(settings_of(make_shop(tmp_path, [])), nightly_job())
    assert {sensor.default_status for sensor in found} == {dg.DefaultSensorStatus.RUNNING}


# Lost runs


@dg.job
def some_job() -> None: ...


def started_run(instance: dg.DagsterInstance, home: Path) -> str:
    run = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED, tags={HOME_TAG: str(home)})
    return run.run_id


def look_for_lost_runs(shop: Shop, instance: dg.DagsterInstance, cursor: str | None) -> str | None:
    sensor = next(found for found in sensors(settings_of(shop), nightly_job()) if found.name == "lost_runs")
    context = dg.build_sensor_context(instance, cursor=cursor)
    sensor(context)
    return context.cursor


def test_a_run_without_the_lock_at_two_looks_is_marked_as_failed(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, [])
    with dg.DagsterInstance.ephemeral() as instance:
        lost = started_run(instance, shop.home)
        of_another_home = started_run(instance, tmp_path / "other")
        cursor = look_for_lost_runs(shop, instance, None)
        assert instance.get_run_by_id(lost).status == dg.DagsterRunStatus.STARTED
        just_started = started_run(instance, shop.home)
        look_for_lost_runs(shop, instance, cursor)
        assert instance.get_run_by_id(lost).status == dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(just_started).status == dg.DagsterRunStatus.STARTED
        assert instance.get_run_by_id(of_another_home).status == dg.DagsterRunStatus.STARTED


def test_no_run_is_lost_while_one_has_the_lock(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, [])
    with dg.DagsterInstance.ephemeral() as instance:
        run_id = started_run(instance, shop.home)
        cursor = look_for_lost_runs(shop, instance, None)
        with hold_lock(shop.home, "run"):
            cursor = look_for_lost_runs(shop, instance, cursor)
        look_for_lost_runs(shop, instance, cursor)
        assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.STARTED


# The lock


def test_a_held_lock_refuses_others_in_one_line_that_names_the_holder(tmp_path: Path) -> None:
    with hold_lock(tmp_path, "loyalty erase"):
        with pytest.raises(BusyError) as raised, hold_lock(tmp_path, "run 2", wait_seconds=0):
            pass
        assert lock_holder(tmp_path) is not None
    words = str(raised.value)
    assert words.startswith(f"home {tmp_path} is in use by loyalty erase (process {os.getpid()}) since 20")
    assert words.endswith(" UTC; wait for it to end, or stop that process")
    assert "\n" not in words


def test_the_lock_names_its_last_holder_only(tmp_path: Path) -> None:
    for who in ("a long name of a program", "run 1"):
        with hold_lock(tmp_path, who):
            assert str(lock_holder(tmp_path)).startswith(f"{who} (process")
    assert lock_holder(tmp_path) is None


def test_homes_do_not_block_each_other(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "a", "run 1"), hold_lock(tmp_path / "b", "run 2", wait_seconds=0):
        assert lock_holder(tmp_path / "a") != lock_holder(tmp_path / "b")


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert str(lock_holder(tmp_path)).startswith(f"run of a test (process {holder.pid})")
        holder.kill()
    assert lock_holder(tmp_path) is None
    with hold_lock(tmp_path, "run 2", wait_seconds=0):
        pass


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    written = f"^home {home} cannot be written: .*; set LOYALTY_HOME to another folder$"
    with pytest.raises(ConfigError, match=written), hold_lock(home, "run 1"):
        pass
    with pytest.raises(ConfigError, match=f"^home {home} cannot be read: Not a directory$"):
        lock_holder(home)


def test_a_look_at_the_lock_makes_nothing(tmp_path: Path) -> None:
    assert lock_holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


# A run


def run_two_assets(home: Home, *, breaks: bool = False) -> tuple[bool, list[str | None]]:
    """Whether a run of two assets succeeded, and who had the lock in each."""
    holders: list[str | None] = []

    @dg.asset
    def first(home: Home) -> None:
        holders.append(lock_holder(home.path))

    @dg.asset(deps=[first])
    def second(home: Home) -> None:
        holders.append(lock_holder(home.path))
        if breaks:
            raise ValueError("broken")

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([first, second], resources={"home": home}, instance=instance, raise_on_error=False)
        assert result.dagster_run.run_id
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.tags[HOME_TAG] == home.root
        assert all(str(holder).startswith(f"run {result.run_id} (process") for holder in holders if not home.is_locked)
    return result.success, holders


@pytest.mark.parametrize("breaks", [False, True])
def test_a_run_has_the_lock_in_every_step_and_gives_it_back(tmp_path: Path, breaks: bool) -> None:
    success, holders = run_two_assets(Home(root=str(tmp_path), lake_root=str(tmp_path / "lake")), breaks=breaks)
    assert success is not breaks
    assert len(holders) == 2
    assert holders[0] == holders[1]
    assert lock_holder(tmp_path) is None


def test_a_run_waits_for_another_and_gets_in_after_it(tmp_path: Path) -> None:
    results = []
    waiting = threading.Thread(
        target=lambda: results.append(run_two_assets(Home(root=str(tmp_path), lake_root=str(tmp_path / "lake"))))
    )
    with hold_lock(tmp_path, "run 1"):
        waiting.start()
        waiting.join(timeout=2)
        assert waiting.is_alive()
        assert results == []
    waiting.join(timeout=30)
    assert results[0][0]


def test_a_run_that_waited_too_long_fails_before_its_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "WAIT_SECONDS", 0)
    with hold_lock(tmp_path, "run 1"):
        assert run_two_assets(Home(root=str(tmp_path), lake_root=str(tmp_path / "lake"))) == (False, [])


def test_a_run_of_a_command_that_has_the_lock_does_not_wait_for_itself(tmp_path: Path) -> None:
    with hold_lock(tmp_path, "loyalty run"):
        success, holders = run_two_assets(Home(root=str(tmp_path), lake_root=str(tmp_path / "lake"), is_locked=True))
    assert success
    assert all(str(holder).startswith("loyalty run (process") for holder in holders)


# Dagster's settings


def with_the_former_module(settings: str) -> str:
    """Settings as they were while the log of events was elsewhere."""
    renamed = settings.replace("pipeline.dagster_event_log", "pipeline.event_log")
    assert renamed != settings
    return renamed


@pytest.mark.parametrize(
    "before",
    [None, "", DAGSTER_YAML[:100], DAGSTER_YAML.split("# All assets")[0], with_the_former_module(DAGSTER_YAML)],
    ids=["missing", "empty", "half_written", "older", "former_module"],
)
def test_dagsters_settings_are_made_and_those_of_an_older_version_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("LOYALTY_HOME", "")
    shop = make_shop(tmp_path, [])
    file = shop.home / "dagster" / "dagster.yaml"
    if before is not None:
        file.parent.mkdir(parents=True)
        file.write_text(before)
    prepare_dagster_home(shop.home)
    assert file.read_text() == DAGSTER_YAML
    assert [path.name for path in file.parent.iterdir()] == ["dagster.yaml"]


def test_dagsters_settings_that_a_user_changed_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("LOYALTY_HOME", "")
    shop = make_shop(tmp_path, [])
    file = shop.home / "dagster" / "dagster.yaml"
    file.parent.mkdir(parents=True)
    own = DAGSTER_YAML + "storage:\n  sqlite:\n    base_dir: elsewhere\n"
    for text in (own, with_the_former_module(own)):
        file.write_text(text)
        prepare_dagster_home(shop.home)
        assert file.read_text() == own
