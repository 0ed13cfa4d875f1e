"""What `loyalty status` says of a home, to people and to monitoring, and how much a home has grown."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.utils import make_new_run_id
from dagster._daemon.types import DaemonHeartbeat

from pipeline.alerts.telling import settle_killed
from pipeline.command_log import NIGHT, logging_command
from pipeline.commands.status import LastRun, Status, as_json, as_lines, as_prometheus, status_of
from pipeline.configuration import load_settings
from pipeline.errors import BusyError, LoyaltyError
from pipeline.private_files import disk_is_full
from pipeline.run_lock import hold_lock
from pipeline.run_records import HOME_TAG, NIGHTLY
from pipeline.sizes import growth_a_day, measure, note_sizes, sizes_by_day
from pipeline.targets.content import edition_of
from pipeline.targets.up_to_date import bring_up_to_date, targets_of
from tests.nights import DAY, night, publish_edition, records_of
from tests.scenario import ROOT, Shop, make_shop

NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
AT_TWO = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return make_shop(tmp_path, [], shop={"name": 'The "Test"', "time_zone": "Europe/Amsterdam", "currency": "EUR"})


@pytest.fixture
def records(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    with records_of(shop.home, monkeypatch) as instance:
        yield instance


def well(shop: Shop) -> Status:
    """A home with nothing to look at."""
    return Status(
        shop='The "Test"',
        home=shop.home,
        warehouse=shop.warehouse,
        as_of=DAY,
        published_at=AT_TWO,
        expected_as_of=DAY,
        last_run=LastRun("1a", DAY, "succeeded", None, AT_TWO.replace(minute=0), AT_TWO.replace(second=31), "page/1a"),
        next_run_at=datetime(2026, 7, 2, 0, 0, tzinfo=UTC),
        under_way=None,
        sizes={"lake": 12_000_000, "records": 9_500_000},
        growth_a_day={"records": 100_000},
        disk_free=20_000_000_000,
        notices=[("no_nps", "there is no survey"), ("thin_themes", "a"), ("thin_themes", "b")],
    )


def test_a_home_that_was_never_run_is_told_without_making_it(shop: Shop) -> None:
    result = shop.loyalty("status", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 4
    assert not shop.home.exists()
    assert (found["last_run"], found["next_run_at"], found["edition"]["as_of"]) == (None, None, None)
    assert found["bytes"] == {"lake": 0, "records": 0, "editions": 0, "logs": 0, "work": 0}
    assert found["problems"][0].endswith(": none that can be read is published")


def test_the_last_night_the_lock_and_the_exit_code_are_told(shop: Shop, records: dg.DagsterInstance) -> None:
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, DAY)
    run_id = night(records, settings)
    found = status_of(settings, now=NOW)
    assert (found.as_of, found.expected_as_of, found.is_late, found.exit_code) == (DAY, DAY, False, 0)
    assert found.last_run
    assert (found.last_run.run_id, found.last_run.as_of, found.last_run.outcome) == (run_id, DAY, "succeeded")
    assert found.last_run.seconds is not None
    assert found.notices == [("no_nps", "empty")]
    assert found.next_run_at is None
    night(records, settings, error=LoyaltyError("source shop: no file"))
    with hold_lock(shop.home, "loyalty erase"):
        found = status_of(settings, now=NOW)
    assert str(found.under_way).startswith("loyalty erase (process")
    assert found.problems == ["the last run failed: source shop: no file"]
    assert found.exit_code == 3
    # From 06:00 in Amsterdam of the day after on, the edition of 1 July is missed.
    before, after = (datetime(2026, 7, 2, *at, tzinfo=UTC) for at in ((3, 59), (4, 0)))
    assert status_of(settings, now=before).exit_code == 3
    assert status_of(settings, now=after).exit_code == 4
    assert status_of(settings, now=after).problems[0] == "no edition of 2026-07-01: the published one is of 2026-06-30"


def test_a_night_that_failed_before_the_job_began_is_the_last_one_until_another_goes_well(
    shop: Shop, records: dg.DagsterInstance
) -> None:
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, DAY)
    night(records, settings)
    with pytest.raises(LoyaltyError), logging_command(shop.home, f"{NIGHT}{DAY}"):
        raise LoyaltyError("LOYALTY_PII_KEY is not set")
    for error in (BusyError("another run"), LoyaltyError("no such customer")):
        with (
            pytest.raises(type(error)),
            logging_command(shop.home, f"{NIGHT}{DAY}" if isinstance(error, BusyError) else "loyalty erase"),
        ):
            raise error
    found = status_of(settings, now=NOW)
    assert found.problems == ["the last run failed: before the job began: LOYALTY_PII_KEY is not set"]
    assert found.exit_code == 3
    assert 'loyalty_last_run_succeeded{shop="The \\"Test\\""} 0' in as_prometheus(found, now=NOW)
    (line,) = [line for line in as_lines(found, now=NOW, time_zone="UTC") if line.startswith(("last run", "page"))]
    assert line.startswith("last run   night of 2026-06-30 failed, 20")
    with logging_command(shop.home, f"{NIGHT}{DAY}"):
        pass
    assert status_of(settings, now=NOW).exit_code == 0
    with pytest.raises(LoyaltyError), logging_command(shop.home, f"{NIGHT}{DAY}"):
        raise LoyaltyError("no key")
    assert status_of(settings, now=NOW).exit_code == 3
    night(records, settings)
    assert status_of(settings, now=NOW).exit_code == 0


def test_no_number_of_runs_of_other_jobs_and_homes_hides_the_last_night(
    shop: Shop, records: dg.DagsterInstance
) -> None:
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, DAY)
    night(records, settings, error=LoyaltyError("no file"))
    for number in range(101):
        job, home = (NIGHTLY, "/another/home") if number % 2 else ("__ASSET_JOB", str(shop.home))
        records.add_run(
            dg.DagsterRun(
                job_name=job, run_id=make_new_run_id(), status=dg.DagsterRunStatus.SUCCESS, tags={HOME_TAG: home}
            )
        )
    assert status_of(settings, now=NOW).problems == ["the last run failed: no file"]


def test_a_run_without_a_process_is_told_as_killed_and_left_as_it_is(shop: Shop, records: dg.DagsterInstance) -> None:
    @dg.job(name=NIGHTLY)
    def killed() -> None: ...

    settings = load_settings(shop.config, home=shop.home)
    run = records.create_run_for_job(killed, status=dg.DagsterRunStatus.STARTED, tags={HOME_TAG: str(shop.home)})
    now = datetime.now(UTC)
    outcomes = []
    for seconds in (50, 70):
        last = status_of(settings, now=datetime.fromtimestamp(now.timestamp() + seconds, UTC)).last_run
        assert last is not None
        outcomes.append(last.outcome)
    assert outcomes == ["started", "killed"]
    assert records.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.STARTED  # type: ignore[union-attr]


def test_the_next_run_is_that_of_a_daemon_that_is_alive(shop: Shop, records: dg.DagsterInstance) -> None:
    settings = load_settings(shop.config, home=shop.home)
    records.add_daemon_heartbeat(DaemonHeartbeat(AT_TWO.timestamp(), "SCHEDULER", "x", []))
    assert status_of(settings, now=AT_TWO).next_run_at == datetime(2026, 7, 2, 0, 0, tzinfo=UTC)
    assert status_of(settings, now=datetime(2026, 6, 30, 23, 59, tzinfo=UTC)).next_run_at == AT_TWO
    assert status_of(settings, now=AT_TWO.replace(minute=6)).next_run_at is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # 02:30 is missing on 28 March, when clocks go from 02:00 to 03:00: the daemon starts at 03:00, 01:00 in UTC.
        ("2027-03-27T12:00", "2027-03-28T01:00"),
        # It comes twice on 31 October, at 00:30 and 01:30 in UTC: the daemon takes the second.
        ("2027-10-30T12:00", "2027-10-31T01:30"),
        ("2027-10-31T00:45", "2027-10-31T01:30"),
        ("2027-10-31T01:45", "2027-11-01T01:30"),
    ],
)
def test_the_next_run_is_that_of_the_daemon_on_the_night_of_a_clock_change_too(
    shop: Shop, records: dg.DagsterInstance, now: str, expected: str
) -> None:
    tree = yaml.safe_load(shop.config.read_text())
    shop.config.write_text(yaml.safe_dump(tree | {"schedule": {"at": "02:30"}}))
    settings = load_settings(shop.config, home=shop.home)
    moment, right = (datetime.fromisoformat(f"{text}:00+00:00") for text in (now, expected))
    records.add_daemon_heartbeat(DaemonHeartbeat(moment.timestamp(), "SCHEDULER", "x", []))
    found = status_of(settings, now=moment)
    assert found.next_run_at is not None
    assert found.next_run_at.timestamp() == right.timestamp()
    assert as_json(found)["next_run_at"] == f"{expected}:00+00:00"


ALERTS = {"ALERTS": "json://127.0.0.1:1/x"}
READ_ONLY = (
    "home {home} is read-only, and SQLite reads no records there: unable to open database file; mount it for writing"
)


@pytest.fixture
def read_only(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A home with an edition and a failed night on a disk that takes nothing any more."""
    settings = load_settings(shop.config, home=shop.home)
    with records_of(shop.home, monkeypatch) as instance:
        publish_edition(settings, DAY)
        night(instance, settings)
    with pytest.raises(LoyaltyError), logging_command(shop.home, f"{NIGHT}{DAY}"):
        raise LoyaltyError("no key")
    if subprocess.run(["mount", "--bind", shop.home, shop.home], check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a read-only disk")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", shop.home], check=True)
        yield shop
    finally:
        subprocess.run(["umount", shop.home], check=True)


def test_a_home_that_is_read_only_tells_what_can_be_read_and_the_last_night_by_the_log(read_only: Shop) -> None:
    settings = load_settings(read_only.config, home=read_only.home)
    found = status_of(settings, now=NOW)
    assert (found.as_of, found.exit_code, found.next_run_at) == (DAY, 3, None)
    assert found.problems == [
        "the last run failed: no key",
        f"the records of runs cannot be read: {READ_ONLY.format(home=read_only.home)}",
    ]
    lines = as_lines(found, now=NOW, time_zone="UTC")
    assert "next run   not known" in lines
    watched = replace(read_only, environment=ALERTS).loyalty("watch", config=_with_alerts(read_only))
    assert watched.exit_code == 1
    assert watched.error_lines == [
        f"error: home {read_only.home} cannot be written: Read-only file system; "
        "mount it for writing, or set LOYALTY_HOME to another folder"
    ]


def _with_alerts(shop: Shop) -> Path:
    config = shop.folder / "alerts.yaml"
    config.write_text(shop.config.read_text() + 'alerts: {to: ["${ALERTS}"]}\n')
    return config


def test_records_that_a_full_disk_hides_stop_no_look(
    shop: Shop, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, DAY)
    night(records, settings, error=LoyaltyError("no file"))
    with logging_command(shop.home, f"{NIGHT}{DAY}"):
        pass

    @contextmanager
    def fail(home: Path) -> Iterator[None]:
        raise disk_is_full(home, "disk I/O error")
        yield

    monkeypatch.setattr("pipeline.commands.status.open_records", fail)
    found = status_of(settings, now=NOW)
    assert found.last_run
    assert (found.last_run.outcome, found.last_run.run_id, found.exit_code) == ("succeeded", None, 3)
    assert found.problems == [f"the records of runs cannot be read: {disk_is_full(shop.home, 'disk I/O error')}"]
    monkeypatch.setattr("pipeline.run_records.open_records", fail)
    settle_killed(settings)
    watched = replace(shop, environment=ALERTS).loyalty("watch", config=_with_alerts(shop))
    assert watched.exit_code == 1
    assert f"runs are not looked at: {disk_is_full(shop.home, 'disk I/O error')}" in watched.output


def test_people_read_moments_of_their_own_time_zone(shop: Shop) -> None:
    assert as_lines(well(shop), now=NOW, time_zone="Europe/Amsterdam") == [
        f"edition    2026-06-30, published 2026-07-01 02:00, 10 hours ago: {shop.warehouse}",
        "last run   night of 2026-06-30 succeeded, 2026-07-01 02:00 after 31 s",
        "page       page/1a",
        "next run   2026-07-02 02:00 Europe/Amsterdam",
        "sizes      lake 12.0 MB, records 9.5 MB (+0.10 a day); 20,000.0 MB free",
        "notice     there is no survey",
        "notice     a",
        "notice     b",
    ]
    soon = as_lines(well(shop), now=NOW - timedelta(hours=9, minutes=55), time_zone="UTC")[0]
    assert soon == f"edition    2026-06-30, published 2026-07-01 00:00, 5 min ago: {shop.warehouse}"


def test_monitoring_reads_metrics_and_what_is_not_known_is_left_out(shop: Shop) -> None:
    text = as_prometheus(well(shop), now=NOW)
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    label = r'shop="The \"Test\""'
    assert values == {
        f"loyalty_edition_as_of_timestamp_seconds{{{label}}}": "1782777600",
        f"loyalty_edition_published_timestamp_seconds{{{label}}}": "1782864000",
        f"loyalty_edition_is_late{{{label}}}": "0",
        f"loyalty_last_run_succeeded{{{label}}}": "1",
        f"loyalty_last_run_end_timestamp_seconds{{{label}}}": "1782864031",
        f"loyalty_last_run_duration_seconds{{{label}}}": "31",
        f"loyalty_next_run_timestamp_seconds{{{label}}}": "1782950400",
        f'loyalty_size_bytes{{{label},part="lake"}}': "12000000",
        f'loyalty_size_bytes{{{label},part="records"}}': "9500000",
        f'loyalty_growth_bytes_per_day{{{label},part="records"}}': "100000",
        f"loyalty_disk_free_bytes{{{label}}}": "20000000000",
        f'loyalty_notices{{{label},kind="no_nps"}}': "1",
        f'loyalty_notices{{{label},kind="thin_themes"}}': "2",
        f"loyalty_status_timestamp_seconds{{{label}}}": "1782900000",
    }
    unknown = as_prometheus(replace(well(shop), last_run=None, next_run_at=None, as_of=None), now=NOW)
    assert "last_run" not in unknown
    assert "loyalty_edition_is_late{" in unknown
    assert "edition_as_of" not in unknown


def test_the_file_of_metrics_is_whole_and_readable_by_others(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "loyalty.prom"
    assert shop.loyalty("status", "--prometheus", str(file)).exit_code == 4
    assert "loyalty_edition_is_late" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o644
    assert [found.name for found in tmp_path.glob("*prom*")] == ["loyalty.prom"]
    refused = shop.loyalty("status", "--prometheus", str(tmp_path / "none" / "x.prom"))
    assert refused.exit_code == 1
    assert refused.error_lines == [
        f"error: --prometheus {tmp_path}/none/x.prom cannot be written: No such file or directory"
    ]


def test_the_status_loads_neither_dbt_nor_the_definitions(shop: Shop) -> None:
    code = (
        "import sys; from pipeline.cli import app; app(standalone_mode=False); "
        "sys.exit(sorted(name for name in sys.modules if name.split('.')[0] in ('dbt', 'apprise') "
        "or name in ('pipeline.definitions', 'sklearn')) or 0)"
    )
    command = [sys.executable, "-c", code, "status", "--config", str(shop.config)]
    environment = {**os.environ, "LOYALTY_HOME": str(shop.home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_copy_that_is_behind_or_out_of_reach_is_a_problem_unless_a_run_is_under_way(
    shop: Shop, records: dg.DagsterInstance, tmp_path: Path
) -> None:
    good, behind, torn = (tmp_path / name for name in ("good", "behind", "torn"))
    targets = {place.name: {"parquet": str(place)} for place in (good, behind, torn)}
    tree = yaml.safe_load(shop.config.read_text())
    shop.config.write_text(yaml.safe_dump(tree | {"publish": {"targets": targets}}, sort_keys=False))
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, DAY)
    night(records, settings)
    edition = edition_of(settings.warehouse)
    for name, target in targets_of(settings.publish).items():
        if name != "torn":
            bring_up_to_date(name, target, settings.warehouse, settings.home / "work")
    shutil.rmtree(behind / "editions")
    (torn / "current.json").mkdir(parents=True)
    found = status_of(settings, now=NOW)
    assert found.problems == [
        f"copy behind is not up to date: {behind} holds no whole edition, published is {edition}",
        f"copy torn is not up to date: {torn}: Is a directory",
    ]
    assert found.exit_code == 3
    lines = as_lines(found, now=NOW, time_zone="Europe/Amsterdam")
    assert [line for line in lines if line.startswith("copy ")] == [f"copy       good: {good}"]
    assert [(copy["name"], copy["edition"], copy["fault"] is None) for copy in as_json(found)["copies"]] == [  # type: ignore[attr-defined]
        ("good", edition, True),
        ("behind", None, False),
        ("torn", None, False),
    ]
    metrics = [
        line for line in as_prometheus(found, now=NOW).splitlines() if line.startswith("loyalty_copy_is_current")
    ]
    assert [line.partition("copy=")[2] for line in metrics] == ['"good"} 1', '"behind"} 0', '"torn"} 0']
    with hold_lock(shop.home, "loyalty run"):
        assert status_of(settings, now=NOW).problems == []


# Sizes


def test_each_part_is_measured_and_kept_by_day(tmp_path: Path) -> None:
    for name, size in {"dagster/history/a.db": 10, "editions/1.duckdb": 20, "work/x": 5, "lake/orders/1": 7}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    now = measure(tmp_path, str(tmp_path / "lake"))
    assert now == {"lake": 7, "records": 10, "editions": 20, "logs": 0, "work": 5}
    assert "lake" not in measure(tmp_path, "s3://bucket/lake")
    for day in range(1, 32):
        note_sizes(tmp_path, str(tmp_path / "lake"), date(2026, 7, day))
    assert sizes_by_day(tmp_path)[date(2026, 7, 1)] == now
    assert len(sizes_by_day(tmp_path)) == 31
    for day in range(1, 31):
        for month in (8, 9, 10):
            note_sizes(tmp_path, str(tmp_path / "lake"), date(2026, month, day))
    assert min(sizes_by_day(tmp_path)) == date(2026, 8, 1)


def test_growth_is_that_of_a_day_over_the_last_thirty() -> None:
    known = {date(2026, 5, 1): {"lake": 0}, date(2026, 6, 1): {"lake": 100}, date(2026, 6, 30): {"lake": 500}}
    now = {"lake": 400, "records": 9}
    assert growth_a_day(known, now, date(2026, 7, 1)) == {"lake": 10}
    assert growth_a_day({date(2026, 7, 1): {"lake": 1}}, now, date(2026, 7, 1)) == {}
    assert growth_a_day({}, now, date(2026, 7, 1)) == {}
