"""Alerts as a mail server and a web server on this machine receive them: which, in what words, how often, and what never is in them."""

import email
import email.policy
import json
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import apprise
import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from dagster._core.utils import make_new_run_id

from pipeline.alerts.due import tell_failure, tell_what_is_due
from pipeline.alerts.messages import secrets_in, tried, without_secrets
from pipeline.alerts.send import Sent, send
from pipeline.alerts.telling import settle_killed, tell_of_run, try_addresses
from pipeline.command_log import NIGHT, logging_command
from pipeline.configuration import load_settings
from pipeline.errors import BusyError, ConfigError, LoyaltyError, NightFailedError, SourceShapeError
from pipeline.jobs import nightly_job, sensors
from pipeline.run_lock import hold_lock
from pipeline.run_records import HOME_TAG, KILLED, NIGHTLY, settle_killed_runs
from pipeline.settings import Settings
from pipeline.warehouse.editions import REPORT_MARK, report_of
from tests.nights import DAY, night, publish_edition
from tests.scenario import Shop, make_shop

MORNING = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
"""05:30 in Amsterdam: nobody misses the edition of 30 June yet."""
LATER = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
TOKEN = "tOkEn-of-the-webhook"
PASSWORD = "pAsSwOrD-of-mail"


@dataclass
class Receiver:
    """What has arrived: mails, and what was posted."""

    mail_port: int = 0
    web_port: int = 0
    mails: list[Any] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def mail(self) -> str:
        return f"mailto://127.0.0.1:{self.mail_port}?from=loyalty@shop.example&to=ops@shop.example"

    @property
    def web(self) -> str:
        return f"json://127.0.0.1:{self.web_port}/{TOKEN}"

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(post["title"], post["message"]) for post in self.posts]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Mailbox(Message):
        def handle_message(self, message: Any) -> None:
            found.mails.append(email.message_from_bytes(message.as_bytes(), policy=email.policy.default))

    class Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    class AnyPort(Controller):
        def _trigger_server(self) -> None:
            found.mail_port = self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    mail = AnyPort(Mailbox(), hostname="127.0.0.1", port=0)
    mail.start()
    web = HTTPServer(("127.0.0.1", 0), Web)
    found.web_port = web.server_port
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield found
    web.shutdown()
    web.server_close()
    mail.stop()


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr("pipeline.run_records.WAITING_SECONDS", 0)
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@dataclass
class Told:
    """A sender that keeps what it is given."""

    titles: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    reaches: bool = True

    def __call__(self, alert: Any, _: Settings) -> Sent:
        self.titles.append(alert.title)
        self.bodies.append(alert.body)
        return Sent(["alerts.to.0 (json)"], []) if self.reaches else Sent([], ["not sent"])


def shop_of(folder: Path, **alerts: Any) -> Shop:
    return make_shop(folder, [], alerts={"to": ["${ALERTS}"], **alerts})


def settings_of(shop: Shop, monkeypatch: pytest.MonkeyPatch, address: str = "json://127.0.0.1:1/x") -> Settings:
    monkeypatch.setenv("ALERTS", address)
    return load_settings(shop.config, home=shop.home)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(shop_of(tmp_path), monkeypatch)


# As received


def test_a_failed_night_arrives_by_mail_and_by_web_with_all_that_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, records: dg.DagsterInstance
) -> None:
    shop = make_shop(tmp_path, [], alerts={"to": ["${MAIL}", "${WEB}"]}, ui={"hosts": ["loyalty.shop.example"]})
    monkeypatch.setenv("MAIL", receiver.mail)
    monkeypatch.setenv("WEB", receiver.web)
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, date(2026, 6, 29))
    run_id = night(records, settings, error=SourceShapeError("source shop: column total is missing"))
    sent = tell_what_is_due(settings, records, now=datetime.now(UTC).replace(hour=1))
    assert sent.failures == []
    body = (
        "where: sources/orders\n"
        "cause: source shop: column total is missing\n"
        f"published: the edition of 2026-06-29 stays, {settings.warehouse}\n"
        f"run: https://loyalty.shop.example/runs/{run_id}"
    )
    assert receiver.texts == [("Test: night of 2026-06-30 failed", body)]
    assert receiver.posts[0]["type"] == "failure"
    (mail,) = receiver.mails
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "Test: night of 2026-06-30 failed",
        "loyalty@shop.example",
        "ops@shop.example",
    )
    content = mail.get_body(("plain", "html")).get_content()
    assert all(line in content for line in body.splitlines()[:2])


def test_an_alert_that_cannot_be_sent_is_one_line_without_the_secrets_of_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.status = 403
    shop = make_shop(tmp_path, [], alerts={"to": ["${WEB}", "${MAIL}", "${ODD}"]})
    monkeypatch.setenv("WEB", receiver.web)
    monkeypatch.setenv("MAIL", f"mailto://ops:{PASSWORD}@127.0.0.1:1?from=a@shop.example&to=ops@shop.example")
    monkeypatch.setenv("ODD", f"no-such-service://{TOKEN}")
    settings = load_settings(shop.config, home=shop.home)
    assert try_addresses(settings) is False
    error = " ".join(capsys.readouterr().err.split())
    assert error.count("warn alert 'Test: a test of alerts' not sent to alerts.to.") == 3
    assert "alerts.to.0 (json): Failed to send JSON POST notification: error=403 warn" in error
    assert "alerts.to.2 (no-such-service): apprise knows no such address; see its list of services" in error
    assert "tries" not in error
    for secret in (TOKEN, PASSWORD):
        assert secret not in error


def test_what_a_service_says_is_told_without_the_secrets_of_its_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_: Any, **__: Any) -> bool:
        logging.getLogger("apprise").warning("%s is no token.", TOKEN)
        return False

    monkeypatch.setattr(apprise.Apprise, "notify", refuse)
    sent = send(tried(settings), settings_of(shop_of(tmp_path), monkeypatch, f"json://127.0.0.1:1/{TOKEN}"))
    assert sent.failures == ["alert 'Test: a test of alerts' not sent to alerts.to.0 (json): … is no token"]


def test_a_check_of_alerts_and_one_of_the_lake_are_asked_for_one_by_one(tmp_path: Path) -> None:
    refused = shop_of(tmp_path).loyalty("check", "--lake", "--alerts")
    assert refused.exit_code == 2
    assert refused.error_lines == ["error: --lake and --alerts are two checks; give one of them"]


def test_what_a_service_says_is_printed_by_nobody_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop = make_shop(tmp_path, [], alerts={"to": ["${WEB}", "${ODD}"]})
    monkeypatch.setenv("WEB", f"json://127.0.0.1:1/{TOKEN}")
    monkeypatch.setenv("ODD", f"no-such-service://{TOKEN}")
    settings = load_settings(shop.config, home=shop.home)
    assert len(send(tried(settings), settings).failures) == 2
    assert caplog.records == []
    assert capsys.readouterr().err == ""
    logging.getLogger("apprise").warning("of somebody else")
    assert [record.message for record in caplog.records] == ["of somebody else"]


def test_a_test_message_reaches_every_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_addresses(settings_of(shop_of(tmp_path), monkeypatch, receiver.web))
    assert "told" in capsys.readouterr().err
    assert receiver.texts == [("Test: a test of alerts", "cause: `loyalty check --alerts` was called")]


# What is due


def look(
    settings: Settings, records: dg.DagsterInstance | None, *, now: datetime = MORNING, told: Told | None = None
) -> Told:
    told = told or Told()
    tell_what_is_due(settings, records, now=now, sender=told)
    return told


def test_each_run_is_told_once_whoever_looks(settings: Settings, records: dg.DagsterInstance) -> None:
    night(records, settings, error=LoyaltyError("bad"))
    now = datetime.now(UTC).replace(hour=1)
    assert look(settings, records, now=now).titles == ["Test: night of 2026-06-30 failed"]
    assert look(settings, records, now=now).titles == []
    sensor = next(found for found in sensors(settings, nightly_job()) if found.name == "alerts")
    publish_edition(settings, date(2099, 1, 1))
    assert str(sensor(dg.build_sensor_context(records)).skip_message) == "nothing to tell"


def test_an_alert_that_reached_nobody_is_due_again(settings: Settings, records: dg.DagsterInstance) -> None:
    night(records, settings, error=LoyaltyError("bad"))
    publish_edition(settings, date(2099, 1, 1))
    now = datetime.now(UTC)
    assert len(look(settings, records, now=now, told=Told(reaches=False)).titles) == 1
    assert len(look(settings, records, now=now).titles) == 1
    assert look(settings, records, now=now).titles == []


def test_only_warnings_that_the_night_before_did_not_have_are_told(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    publish_edition(settings, date(2099, 1, 1))
    now = datetime.now(UTC)
    night(records, settings, warns=("rejected",))
    assert look(settings, records, now=now).titles == ["Test: night of 2026-06-30 has 1 new warning"]
    night(records, settings, warns=("rejected",))
    assert look(settings, records, now=now).titles == []
    run_id = night(records, settings, warns=("rejected", "vanished"))
    told = look(settings, records, now=now)
    assert told.bodies == [
        "sources/orders/vanished: vanished of 3 rows\n"
        "as the night before: 1 more warning\n"
        f"published: the edition of 2099-01-01, {settings.warehouse}\n"
        f"run: http://localhost:3000/runs/{run_id}"
    ]


def test_a_good_night_is_told_where_it_is_asked_for_with_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: dg.DagsterInstance
) -> None:
    settings = settings_of(shop_of(tmp_path, about=["success"]), monkeypatch)
    night(records, settings)
    told = look(settings, records, now=datetime.now(UTC))
    assert told.titles == ["Test: night of 2026-06-30 is published"]
    assert "\nRows read: none\nRFM segments: none\n" in told.bodies[0]


@pytest.mark.parametrize("is_attached", [True, False])
def test_the_report_of_a_good_night_goes_along_by_mail_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, records: dg.DagsterInstance, is_attached: bool
) -> None:
    shop = make_shop(
        tmp_path, [], alerts={"to": ["${MAIL}", "${WEB}"], "about": ["success"], "attach_report": is_attached}
    )
    monkeypatch.setenv("MAIL", receiver.mail)
    monkeypatch.setenv("WEB", receiver.web)
    settings = load_settings(shop.config, home=shop.home)
    publish_edition(settings, date(2026, 6, 30))
    page = report_of(settings.warehouse)
    page.write_text(f"<!doctype html>{REPORT_MARK}<p>K1")
    night(records, settings)
    assert tell_what_is_due(settings, records, now=datetime.now(UTC).replace(hour=1)).failures == []
    (mail,) = receiver.mails
    attached = [part.get_filename() for part in mail.iter_attachments()]
    assert attached == (["warehouse.html"] if is_attached else [])
    assert f"report: {page}" in receiver.texts[0][1]
    assert "<p>K1" not in str(receiver.posts)
    assert receiver.posts[0]["attachments"] == []


def test_a_missed_edition_is_told_once_a_day_from_the_hour_on(settings: Settings, records: dg.DagsterInstance) -> None:
    publish_edition(settings, date(2026, 6, 29))
    assert look(settings, records, now=MORNING).titles == []
    told = look(settings, None, now=LATER)
    assert told.titles == ["Test: no edition of 2026-06-30"]
    assert told.bodies == [
        "expected: an edition of 2026-06-30 by 06:00 (Europe/Amsterdam)\n"
        "last run: none is recorded\n"
        f"published: the edition of 2026-06-29 stays, {settings.warehouse}"
    ]
    assert look(settings, records, now=LATER).titles == []
    assert look(settings, records, now=LATER.replace(day=2)).titles == ["Test: no edition of 2026-07-01"]


def test_no_number_of_runs_of_other_jobs_hides_the_last_night_of_a_missed_edition(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    run_id = night(records, settings)
    for _ in range(25):
        records.add_run(dg.DagsterRun(job_name="__ASSET_JOB", run_id=make_new_run_id()))
    told = look(settings, records, now=datetime.now(UTC).replace(hour=12))
    assert "\nlast run: night of 2026-06-30 succeeded\n" in told.bodies[-1]
    assert told.bodies[-1].endswith(f"/runs/{run_id}")


def test_an_edition_that_is_there_is_not_missed_and_a_damaged_one_is(settings: Settings) -> None:
    publish_edition(settings, DAY)
    assert look(settings, None, now=LATER).titles == []
    settings.warehouse.write_text("no database")
    told = look(settings, None, now=LATER)
    assert told.titles == ["Test: no edition of 2026-06-30"]
    assert f"published: a file that cannot be read stays, {settings.warehouse}" in told.bodies[0]


def test_a_killed_run_is_told_by_the_next_look(settings: Settings, records: dg.DagsterInstance) -> None:
    @dg.job(name=NIGHTLY)
    def killed() -> None: ...

    publish_edition(settings, date(2099, 1, 1))
    tags = {HOME_TAG: str(settings.home), "dagster/partition": str(DAY)}
    run = records.create_run_for_job(killed, status=dg.DagsterRunStatus.STARTED, tags=tags)
    with hold_lock(settings.home, "another run"):
        assert settle_killed_runs(records, settings.home) == []
    assert look(settings, records, now=datetime.now(UTC)).titles == []
    assert settle_killed_runs(records, settings.home) == [run.run_id]
    told = look(settings, records, now=datetime.now(UTC))
    assert told.titles == ["Test: night of 2026-06-30 failed"]
    assert f"where: the run as a whole\ncause: {KILLED}\n" in told.bodies[0]


def test_a_night_is_told_that_fails_before_the_job_and_not_one_that_finds_another_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    settings = settings_of(shop_of(tmp_path), monkeypatch, receiver.web)
    for error in (BusyError("another run"), ConfigError("LOYALTY_PII_KEY is not set"), ValueError("jan said 12")):
        with pytest.raises(type(error)), tell_of_run(settings, DAY):
            raise error
    told = ["where: before the job began", "published: nothing is published yet"]
    assert [title for title, _ in receiver.texts] == ["Test: night of 2026-06-30 failed"] * 2
    assert all(line in body for _, body in receiver.texts for line in told)
    assert "cause: LOYALTY_PII_KEY is not set" in receiver.texts[0][1]
    assert "cause: ValueError, whose words may hold data" in receiver.texts[1][1]


def test_a_night_that_fails_before_the_job_is_told_by_later_looks_until_it_reaches_somebody(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    publish_edition(settings, date(2099, 1, 1))
    down, up = Told(reaches=False), Told()
    now = datetime.now(UTC)
    error = ConfigError("LOYALTY_PII_KEY is not set")
    with pytest.raises(ConfigError), logging_command(settings.home, f"{NIGHT}{DAY}"):
        raise error
    assert tell_failure(settings, DAY, error, now=now, sender=down).failures == [
        "not sent; each look tries again for two days: the next run, `loyalty watch`, the daemon"
    ]
    look(settings, None, now=now, told=down)
    look(settings, records, now=now + timedelta(hours=47), told=up)
    look(settings, records, now=now + timedelta(hours=47), told=up)
    assert (down.titles, up.titles) == (["Test: night of 2026-06-30 failed"] * 2, ["Test: night of 2026-06-30 failed"])
    assert up.bodies[0].startswith("where: before the job began\ncause: LOYALTY_PII_KEY is not set\n")


def test_a_failed_command_is_not_told_again_beside_its_run_nor_after_two_days_nor_where_it_gave_way(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    publish_edition(settings, date(2099, 1, 1))

    def fail() -> None:
        night(records, settings, error=LoyaltyError("bad"))
        raise NightFailedError("bad")

    with pytest.raises(NightFailedError), logging_command(settings.home, f"{NIGHT}{DAY}"):
        fail()
    with pytest.raises(BusyError), logging_command(settings.home, f"{NIGHT}{DAY}"):
        raise BusyError("another run")
    with pytest.raises(LoyaltyError), logging_command(settings.home, "loyalty erase"):
        raise LoyaltyError("no such customer")
    now = datetime.now(UTC)
    told = look(settings, records, now=now)
    assert [body.partition("\n")[0] for body in told.bodies] == ["where: sources/orders"]
    assert look(settings, None, now=now).titles == []
    with pytest.raises(ValueError, match="jan"), logging_command(settings.home, f"{NIGHT}{DAY}"):
        raise ValueError("jan said 12")
    told = look(settings, records, now=now + timedelta(hours=1), told=Told(reaches=False))
    assert "cause: ValueError, whose words may hold data\n" in told.bodies[0]
    assert look(settings, records, now=now + timedelta(hours=49)).titles == []


def test_a_command_that_goes_well_without_a_run_is_not_told(settings: Settings, records: dg.DagsterInstance) -> None:
    publish_edition(settings, date(2099, 1, 1))
    with logging_command(settings.home, f"{NIGHT}{DAY}"):
        pass
    assert look(settings, records, now=datetime.now(UTC)).titles == []


def test_what_has_been_told_is_kept_where_no_records_can_be_read(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    publish_edition(settings, date(2099, 1, 1))
    night(records, settings, error=LoyaltyError("bad"))
    now = datetime.now(UTC)
    looks = [look(settings, instance, now=now).titles for instance in (records, None, records)]
    assert looks == [["Test: night of 2026-06-30 failed"], [], []]


def test_a_missed_edition_is_told_with_the_command_that_failed_since_the_last_run(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    settings.home.mkdir()
    night(records, settings)
    with pytest.raises(LoyaltyError), logging_command(settings.home, f"{NIGHT}{DAY}"):
        raise LoyaltyError("no key")
    told = look(settings, records, now=datetime.now(UTC).replace(hour=12))
    assert "\nlast run: night of 2026-06-30 failed before the job began: no key\n" in told.bodies[-1]


def test_what_has_been_told_stays_where_a_full_disk_takes_no_more_of_it(
    settings: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_edition(settings, date(2099, 1, 1))
    night(records, settings, error=LoyaltyError("bad"))
    now = datetime.now(UTC)
    look(settings, records, now=now)
    file = settings.home / "work" / "told.json"
    before = file.read_bytes()
    run_id = night(records, settings, error=LoyaltyError("worse"))
    write = os.pwrite

    def write_what_fits(handle: int, content: bytes, offset: int) -> int:
        return write(handle, content[: len(before)], offset)

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", write_what_fits)
        sent = tell_what_is_due(settings, records, now=now, sender=Told())
    assert sent.failures == [
        "what has been told cannot be kept: No space left on device; make room, or it is told again"
    ]
    assert file.read_bytes() == before
    assert len(look(settings, records, now=now).titles) == 1
    assert run_id in file.read_text()


def test_a_server_that_is_down_changes_nothing_of_a_night(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LoyaltyError, match=r"^bad$"), tell_of_run(settings, DAY):
        raise LoyaltyError("bad")
    (settings.home / "work" / "told.json").unlink()
    (settings.home / "work").rmdir()
    settings.home.joinpath("work").write_text("no folder")
    with tell_of_run(settings, DAY):
        pass
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert lines[0].startswith("warn  alert 'Test: night of 2026-06-30 failed' not sent to alerts.to.0 (json): ")
    assert lines[1:] == [
        f"warn  no alert sent: home {settings.home} cannot be written: File exists; set LOYALTY_HOME to another folder"
    ]


def test_records_that_cannot_be_read_leave_it_to_the_run_to_say_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("pipeline.run_records.open_records", fail)
    settle_killed(settings)


# What never is in an alert


def test_what_a_library_says_of_a_row_and_every_secret_stay_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: dg.DagsterInstance
) -> None:
    database = {"database": "${DB}", "table": "orders"}
    source = {"name": "shop", "entity": "orders", "mapping": "orders.sql", "inputs": {"orders": database}}
    monkeypatch.setenv("DB", "postgresql://reader:dAtAbAsE-key@db.shop.example/shop")
    monkeypatch.setenv("LOYALTY_PII_KEY", "0123456789abcdef")
    shop = make_shop(tmp_path, [], sources=[source], alerts={"to": ["${ALERTS}"]})
    settings = settings_of(shop, monkeypatch, f"slack://T1JJ3T3L2/{TOKEN}/x")
    night(records, settings, error=ValueError("could not read 'Jan Jansen', jan@shop.example"))
    words = f"key 0123456789abcdef of dAtAbAsE-key at https://u:p@localhost for jan@shop.example with {TOKEN} stays out"
    night(records, settings, error=LoyaltyError(words))
    publish_edition(settings, date(2099, 1, 1))
    told = look(settings, records, now=datetime.now(UTC))
    assert "cause: ValueError, whose words may hold data; the Dagster UI shows the whole trace\n" in told.bodies[0]
    assert "cause: key … of … at https://…@localhost for … with … stays out\n" in told.bodies[1]


def test_words_that_only_look_like_a_part_of_an_address_stay() -> None:
    assert secrets_in("mailto://ops:secret-word@mail.shop.example?from=a@b.nl") == {
        "mailto://ops:secret-word@mail.shop.example?from=a@b.nl",
        "secret-word",
        "a@b.nl",
    }
    plain = "json://chat.shop.example/alerts/night"
    assert secrets_in(plain) == {plain}
    word = "json://chat.shop.example/warehouse?:room=failed"
    assert secrets_in(word) == {word, "warehouse", "failed"}
    assert {"t0pic", "operations"} < secrets_in("ntfys://push.shop.example/t0pic/operations")
    assert secrets_in("slack://T1JJ3T3L2/A1BRTD4JD/x") == {"slack://T1JJ3T3L2/A1BRTD4JD/x", "T1JJ3T3L2", "A1BRTD4JD"}


def test_the_run_of_a_page_keeps_its_address(settings: Settings) -> None:
    link = settings.ui.page_of("8996890f")
    assert link == "http://localhost:3000/runs/8996890f"
    assert without_secrets(link, settings) == link


# Settings


def test_an_address_in_the_file_is_refused_without_being_shown(tmp_path: Path) -> None:
    for to in (f"slack://{TOKEN}", [f"slack://{TOKEN}"], [f"mailto://ops:${{PASSWORD}}@{TOKEN}"]):
        shop = make_shop(tmp_path, [], alerts={"to": to})
        os.environ.pop("PASSWORD", None)
        with pytest.raises(ConfigError) as raised:
            load_settings(shop.config, home=shop.home)
        assert "alerts.to.0: an address holds secrets; put it in an environment variable and write ${NAME}" in str(
            raised.value
        )
        assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "read"), [("10:30", "10:30"), ("02:00", "02:00"), ('"6:05"', None), ("7", None), ("24:00", None)]
)
def test_a_time_of_day_is_read_as_it_is_written_with_or_without_quotes(
    tmp_path: Path, written: str, read: str | None
) -> None:
    shop = make_shop(tmp_path, [])
    text = shop.config.read_text()
    shop.config.write_text(
        f"{text}alerts: {{missed_at: {written}}}\nschedule: {{at: {written}}}\nretention: {{maintain_at: {written}}}\n"
    )
    if read is None:
        with pytest.raises(ConfigError, match=r"has 3 faults:"):
            load_settings(shop.config, home=shop.home)
        return
    settings = load_settings(shop.config, home=shop.home)
    times = [settings.alerts.missed_at, settings.schedule.at, settings.retention.maintain_at]
    assert [f"{found:%H:%M}" for found in times] == [read] * 3
    assert all(found.second == 0 and found.tzinfo is None for found in times)
