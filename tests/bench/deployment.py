"""`python -m tests.bench.deployment FOLDER LIBFAKETIME`: what deploy/docker/compose.yaml starts, without containers, for two nights.

PostgreSQL, the code location, the daemon and a read-only web server are started by the commands of the image and of the compose
file, under a clock that libfaketime moves on from night to night. The schedule starts every night by itself; in the middle of the
second the code location is killed with the run in it, and started again. What a local receiver of alerts was sent, Dagster's records
in PostgreSQL and the published file must show it. Ten minutes on a quiet machine, outside CI.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import sqlalchemy
import yaml

from tests.integration.test_databases import POSTGRESQL, free_port, private_folder
from tests.integration.test_databases import run as run_as_nobody
from tests.scenario import ROOT

DOCKER = ROOT / "deploy" / "docker"
ZONE = ZoneInfo("Europe/Amsterdam")
BEFORE_THE_NIGHT = timedelta(seconds=20)
"""From a moved clock to the schedule."""
PATIENCE_SECONDS = 3_600
SLEEP = "import select, time; time.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
"""Python sleeps until a moment of the monotonic clock, which libfaketime 0.9.10 refuses."""
LAUNCH = """
mutation { launchRun(executionParams: {selector: {repositoryLocationName: "loyalty", repositoryName: "__repository__",
jobName: "maintenance"}, mode: "default"}) { __typename ... on UnauthorizedError { message } } }
"""


class Deployment:
    """The parts, each a process group of its own."""

    def __init__(self, folder: Path, clock: str, offset: Path, address: str) -> None:
        self.folder, self.home, self.received = folder, folder / "home", list[dict[str, str]]()
        self.offset, self.address = offset, address
        self.code_port, self.ui_port = free_port(), free_port()
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        receiver = ThreadingHTTPServer(("127.0.0.1", 0), self._receiver())
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        tree = yaml.safe_load((ROOT / "loyalty.yaml").read_text())
        tree["demo"]["customers"], tree["history"] = 200, "none"
        tree["alerts"] = {"to": "${ALERT}", "about": ["failure", "warnings", "missed", "success"]}
        (folder / "loyalty.yaml").write_text(yaml.safe_dump(tree))
        workspace = (
            (DOCKER / "workspace.yaml")
            .read_text()
            .replace("host: code, port: 4000", f"host: 127.0.0.1, port: {self.code_port}")
        )
        (folder / "workspace.yaml").write_text(workspace)
        (folder / "sitecustomize.py").write_text(SLEEP)
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}:{folder}",
            "LOYALTY_HOME": str(self.home),
            "LOYALTY_CONFIG": str(folder / "loyalty.yaml"),
            "DAGSTER_HOME": str(self.home / "dagster"),
            "LOYALTY_RECORDS_URL": address,
            "ALERT": f"json://127.0.0.1:{receiver.server_port}/",
            **moved_by(clock, offset),
        }
        self.compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]

    def _receiver(self) -> type[BaseHTTPRequestHandler]:
        received = self.received

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received.append(body)
                say(f"alert received: {body['title']}\n{body['message']}")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        return Receiver

    def start(self, part: str, *options: str) -> None:
        """Start a part by its command, as the entry point of the image does."""
        command = self.compose[part].get("command") or command_of_image("CMD")
        local = {
            "0.0.0.0": "127.0.0.1",
            "4000": str(self.code_port),
            "3000": str(self.ui_port),
            "/etc/loyalty/workspace.yaml": str(self.folder / "workspace.yaml"),
        }
        command = [*command_of_image("ENTRYPOINT"), *(local.get(word, word) for word in command), *options]
        output = (self.folder / f"{part}.log").open("ab")
        self.parts[part] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
        )

    def kill(self, part: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End a part with everything in it, as the end of its container would."""
        process = self.parts.pop(part)
        os.killpg(process.pid, how)
        process.wait()

    def query(self, sql: str) -> list[Any]:
        """Rows of Dagster's records; none before it has made its tables."""
        try:
            with sqlalchemy.create_engine(self.address).connect() as connection:
                return list(connection.execute(sqlalchemy.text(sql)))
        except sqlalchemy.exc.ProgrammingError as error:
            if type(error.orig).__name__ == "UndefinedTable":
                return []
            raise

    def nights(self, day: str) -> list[tuple[str, str]]:
        """Status and schedule of every run of the job for a date, oldest first."""
        rows = self.query("select status, run_body from runs where pipeline_name = 'nightly' order by id")
        tags = [(status, json.loads(body)["tags"]) for status, body in rows]
        return [(status, of.get("dagster/schedule_name", "")) for status, of in tags if of["dagster/partition"] == day]

    def has_made_facts(self, day: str) -> bool:
        """Whether a run for a date has come as far as the facts."""
        made = "step_key = 'facts' and dagster_event_type = 'STEP_SUCCESS'"
        of_day = f"runs.partition = '{day}' and pipeline_name = 'nightly'"
        return bool(self.query(f"select 1 from event_logs join runs using (run_id) where {made} and {of_day}"))

    def edition(self) -> str | None:
        """The date of the published file."""
        file = self.home / "warehouse.duckdb"
        if not file.is_file():
            return None
        with duckdb.connect(str(file), read_only=True) as connection:
            ((as_of,),) = connection.execute("select max(as_of_date) from marts.customer_rfm").fetchall()
        return str(as_of)

    def alerts(self, day: str, *, is_failure: bool) -> list[dict[str, str]]:
        """Alerts received of a date."""
        return [
            alert
            for alert in list(self.received)
            if day in alert["title"] and is_failure == ("failed" in alert["title"])
        ]


def command_of_image(instruction: str) -> list[str]:
    """The last JSON list of an instruction of the Dockerfile."""
    (found,) = re.findall(rf"^{instruction} (\[.*\])$", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    words: list[str] = json.loads(found)
    return words


def moved_by(clock: str, offset: Path) -> dict[str, str]:
    """The environment in which a process has the clock that a file moves."""
    cache = {"FAKETIME_CACHE_DURATION": "1", "DONT_FAKE_MONOTONIC": "1"}
    return {"LD_PRELOAD": clock, "FAKETIME_TIMESTAMP_FILE": str(offset), "TZ": "UTC", **cache}


def move_clock(offset: Path, night: datetime) -> Path:
    """Move the clock to a moment before a night."""
    offset.write_text(f"{(night - BEFORE_THE_NIGHT).timestamp() - time.time():+.0f}\n")
    offset.chmod(0o644)
    return offset


def say(words: str) -> None:
    """A line with the time."""
    print(f"{datetime.now(UTC):%H:%M:%S} {words}", flush=True)


def wait_for(what: str, is_there: Callable[[], Any]) -> Any:
    """What is there in the end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := is_there()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(1)
    say(f"there is {what}")
    return found


@contextmanager
def database(clock: str, offset: Path) -> Iterator[str]:
    """The address of an empty PostgreSQL under the same clock, which dates what Dagster writes."""
    folder = offset.parent
    port = free_port()
    run_as_nobody(
        POSTGRESQL / "initdb", "-D", folder / "data", "-U", "dagster", "-A", "trust", "-E", "UTF8", "--no-sync"
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    moved = [f"{name}={value}" for name, value in moved_by(clock, offset).items()]
    control = [POSTGRESQL / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w"]
    run_as_nobody("env", *moved, *control, "start")
    try:
        yield f"postgresql+psycopg2://dagster@127.0.0.1:{port}/postgres"
    finally:
        run_as_nobody("env", *moved, *control, "-m", "immediate", "stop")


def refused_launch(port: int) -> str:
    """What the web server answers to whoever starts a run."""
    address = f"http://localhost:{port}"
    headers = {"Content-Type": "application/json", "Origin": address}
    request = urllib.request.Request(f"{address}/graphql", json.dumps({"query": LAUNCH}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, TimeoutError):
        return ""


def main() -> None:
    """Two nights."""
    # A plain SIGTERM would leave the parts running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder, clock = Path(sys.argv[1]).resolve(), sys.argv[2]
    folder.mkdir(parents=True)
    # In a year without a past, so that files are never from the future.
    first = datetime.combine(datetime.now(ZONE).date() + timedelta(days=2), datetime.min.time(), ZONE) + timedelta(
        hours=2
    )
    dates = [str((first + timedelta(days=number - 1)).date()) for number in range(2)]
    with private_folder() as apart, database(clock, move_clock(apart / "clock", first - timedelta(hours=1))) as address:
        there = Deployment(folder, clock, apart / "clock", address)
        try:
            make_ready(there)
            good_night(there, first, dates[0])
            killed_night(there, first + timedelta(days=1), dates[1])
            everything_is_in_its_place(there)
        finally:
            for part in list(there.parts):
                there.kill(part)
    say("as it should be")


def make_ready(there: Deployment) -> None:
    """Start the parts, and see that the web server starts nothing."""
    there.start("code")
    there.start("webserver", "--read-only")
    there.start("daemon")
    look = "select 1 from instigators where instigator_body like '%nightly%'"
    wait_for("a look of the daemon at the schedule", lambda: there.query(look))
    answer = wait_for("an answer of the web server", lambda: refused_launch(there.ui_port))
    assert "UnauthorizedError" in answer, answer


def good_night(there: Deployment, night: datetime, day: str) -> None:
    """A night that the schedule starts and nothing disturbs."""
    move_clock(there.offset, night)
    wait_for("the first edition", lambda: there.edition() == day)
    wait_for("an alert of success", lambda: there.alerts(day, is_failure=False))
    assert there.nights(day)[-1] == ("SUCCESS", "nightly")


def killed_night(there: Deployment, night: datetime, day: str) -> None:
    """A night that is killed in the middle, and started again by itself."""
    before = there.edition()
    move_clock(there.offset, night)
    wait_for("facts of the second night", lambda: there.has_made_facts(day))
    there.kill("code")
    say("killed the code location with the run in it")
    assert there.edition() == before
    there.start("code")
    wait_for("an alert of the killed night", lambda: there.alerts(day, is_failure=True))
    wait_for("the second edition", lambda: there.edition() == day)
    wait_for("its alert of success", lambda: there.alerts(day, is_failure=False))
    say(f"runs of the second night: {there.nights(day)}")
    assert there.nights(day) == [("FAILURE", "nightly"), ("SUCCESS", "nightly")]
    (told,) = there.alerts(day, is_failure=True)
    assert "killed" in told["message"], told


def everything_is_in_its_place(there: Deployment) -> None:
    """Records in PostgreSQL alone, and a log of the home for each night."""
    assert list((there.home / "dagster").rglob("*.db")) == []
    logs = [file.read_text() for file in sorted((there.home / "logs").glob("*.jsonl"))]
    assert sum("RUN_SUCCESS" in log for log in logs) == 2


if __name__ == "__main__":
    main()
