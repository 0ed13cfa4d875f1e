"""The command `loyalty`: reads the arguments, calls Dagster, prints what came of it. No step of the pipeline lives here."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.configuration import load_settings
from pipeline.errors import ConfigError, DiskFullError, LoyaltyError
from pipeline.interruption import cleaning_up, ends_when_told, saying
from pipeline.run_lock import hold_lock
from pipeline.settings import Settings

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

app = typer.Typer(help="A customer-segmentation warehouse.", no_args_is_help=True, pretty_exceptions_enable=False)

export = typer.Typer(help="Hand what the warehouse says to other tools.", no_args_is_help=True)
app.add_typer(export, name="export")

ConfigOption = Annotated[
    Path | None, typer.Option(help="Configuration file; LOYALTY_CONFIG or loyalty.yaml when left out.")
]
AsOfOption = Annotated[str | None, typer.Option(help="Date to compute, YYYY-MM-DD; yesterday in the shop's time zone.")]

FULL_DISK = ("No space left on device", "File too large", "Disk quota exceeded", "disk is full", "disk I/O error")
"""In what words the system, and Dagster's database, say so; the libraries in between hand on no more than these words."""

DISTRIBUTION = "loyalty-warehouse"
HIGHEST_PORT = 65_535
WRONG_USAGE = 2
"""Exit code of a command that is called wrongly, as of all that Typer itself refuses."""
INTERRUPTED = "interrupted; run again"
NOTHING_WRITTEN = "interrupted, nothing written; run again"

SUMMARY_WIDTH = 120
"""So that a log file shows whole names."""

DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
# No step prints anything: what it says is in its events. Capturing its output would start two processes per step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
# All assets are in one pool: a run that would write the home beside another one is queued.
concurrency:
  pools:
    granularity: run
    default_limit: 1
# Frees the queue of runs that never started or never ended; sensor lost_runs finds those that were killed between.
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
  max_runtime_seconds: 86400
event_log_storage:
  module: pipeline.dagster_event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""
"""A new setting is added at the end: so an older version that is unchanged is told from a user's own, and renewed."""


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"{DISTRIBUTION} {version(DISTRIBUTION)}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", help="Print name and version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A customer-segmentation warehouse."""


@app.command()
@ends_when_told(INTERRUPTED)
def run(
    config: ConfigOption = None,
    as_of: AsOfOption = None,
    retry_quarantine: Annotated[
        bool, typer.Option("--retry-quarantine", help="Try the rejected rows again instead of reading the sources.")
    ] = False,
) -> None:
    """Run the job nightly for one date and publish the warehouse."""
    with _one_line_errors():
        settings = load_settings(config)
        day = _as_of(as_of, settings)
        with saying(_what_is_published(settings)), _writing(settings.home, f"loyalty run --as-of {day}"):
            result = _execute_nightly(settings, day, retry_quarantine=retry_quarantine)
            if not result.success:
                raise LoyaltyError(_why(result))
        _print_summary(settings, day, result.run_id)


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def init(
    folder: Annotated[Path, typer.Argument(help="Folder with the shop's exports.")] = Path(),
    output: Annotated[
        Path | None, typer.Option(help="File to write; loyalty.yaml in the folder when left out.")
    ] = None,
) -> None:
    """Write a configuration for the exports in a folder."""
    from rich.console import Console

    from pipeline.commands.init import write_configuration

    out = Console(highlight=False)
    with _one_line_errors(), _temporary_folder() as work:
        for line in write_configuration(folder, output or folder / "loyalty.yaml", work):
            out.print(escape(line), soft_wrap=True)


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def check(config: ConfigOption = None) -> None:
    """Try every source on its first rows and write nothing; exit code 1 when a run would fail."""
    from rich.console import Console

    from pipeline.commands.check import check_sources
    from pipeline.commands.check_report import show_finding, verdict

    findings = []
    out = Console(highlight=False)
    if not out.is_terminal:
        out.width = SUMMARY_WIDTH
    with _one_line_errors(), _temporary_folder() as folder:
        for finding in check_sources(load_settings(config), folder, now=datetime.now(UTC)):
            show_finding(out, finding)
            findings.append(finding)
    out.print(verdict(findings), soft_wrap=True)
    if any(finding.mark == "fail" for finding in findings):
        raise typer.Exit(1)


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def churn_horizon(config: ConfigOption = None, as_of: AsOfOption = None) -> None:
    """Propose churn.horizon_days from how long customers wait between orders; changes nothing."""
    from pipeline.assets.dated import read
    from pipeline.core.outlook.horizon import propose_horizon
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        (orders,) = read(Home.of(settings), "orders")
        found = propose_horizon(
            orders,
            as_of=_as_of(as_of, settings),
            time_zone=settings.shop.time_zone,
            valid_statuses=settings.rfm.valid_statuses,
        )
        if found.days is None:
            raise LoyaltyError("no customer of the lake has ordered on two days; keep churn.horizon_days, or load more")
    for share, days in found.quantiles.items():
        typer.echo(f"{share:.0%} of those who come back do within {days:.0f} days")
    typer.echo(f"from {found.n_gaps:,} waits of {found.n_customers:,} customers")
    typer.echo(f"proposed: churn: {{horizon_days: {found.days}}} (now {settings.churn.horizon_days})")


@app.command()
@ends_when_told(INTERRUPTED)
def rollback(config: ConfigOption = None) -> None:
    """Put the edition before the published one back."""
    from pipeline.resources import Home
    from pipeline.warehouse.editions import roll_back

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        with _writing(home.path, "loyalty rollback"):
            edition = roll_back(home.editions, home.warehouse, keep=settings.retention.editions)
        typer.echo(f"{home.warehouse} is now edition {edition.stem}")


@app.command()
@ends_when_told(INTERRUPTED)
def maintain(config: ConfigOption = None) -> None:
    """Drop segments beyond the retention, join small files of the lake, and delete those nothing reads any more."""
    from pipeline.commands.maintain import maintain
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        with _writing(home.path, "loyalty maintain"):
            upkeeps = maintain(home.lake, settings.retention)
        for upkeep in upkeeps:
            figures = (upkeep.dates_dropped, upkeep.files_joined, upkeep.files_deleted)
            if any(figures):
                dates, joined, deleted = figures
                typer.echo(
                    f"  {upkeep.table:<20} {dates:>5} dates dropped, {joined:>5} files joined, {deleted:>5} deleted"
                )
        if not any(upkeep.dates_dropped + upkeep.files_joined + upkeep.files_deleted for upkeep in upkeeps):
            typer.echo("nothing to drop, join or delete")


@app.command()
@ends_when_told("interrupted, parts of the person's data may be left; erase again")
def erase(
    config: ConfigOption = None,
    customer: Annotated[str | None, typer.Option(help="The customer's id.")] = None,
    email_hash: Annotated[str | None, typer.Option(help="The pseudonym of an e-mail address of theirs.")] = None,
) -> None:
    """Remove a person from the lake, the quarantine and every edition, and keep a receipt without their data."""
    from pipeline.commands.erase import erase, write_receipt
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        given = [name for name in (customer, email_hash) if name]
        if len(given) != 1:
            raise ConfigError("give either --customer ID or --email-hash H")
        home = Home.of(settings)
        with _writing(home.path, "loyalty erase"):
            receipt = erase(home, given[0], erased_at=datetime.now(UTC))
        if not receipt.rows_by_table and not receipt.editions:
            typer.echo("nothing in the home names this customer")
            return
        for table, rows in receipt.rows_by_table.items():
            typer.echo(f"  {table:<20} {rows:>10,} rows removed")
        typer.echo(f"  {receipt.editions} published files written anew")
        typer.echo(f"receipt: {write_receipt(home.path / 'erasures', receipt)}")


@export.command("actions")
@ends_when_told("interrupted, no file written; export again")
def export_actions(
    config: ConfigOption = None,
    to: Annotated[
        Path | None, typer.Option(help="File to write, .csv or .parquet; actions_<date>.csv in this folder.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Export only this action.")] = None,
) -> None:
    """Write the next actions of the published warehouse for a mail tool, and remember who is contacted.

    A customer is named by the shop's number: e-mail addresses are not in the warehouse, the mail tool has them.
    """
    from pipeline.commands.export import NO_CONSENT, export_actions
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        with _writing(home.path, "loyalty export actions"):
            exported = export_actions(home, settings, to=to, action=action, exported_at=datetime.now(UTC))
        for name, rows in exported.rows_by_action.items():
            typer.echo(f"  {name:<28} {rows:>10,}")
        if exported.n_left_out:
            typer.echo(f"  {exported.n_left_out:,} left out: their customers were contacted since, by another export")
        if exported.n_expired:
            typer.echo(f"  {exported.n_expired:,} have expired: the edition is of {exported.as_of}")
        if exported.lacks_consent:
            typer.echo(f"  {NO_CONSENT}")
        typer.echo(f"{exported.file}: as of {exported.as_of}, without e-mail addresses, which are not in the warehouse")


@app.command()
def ui(config: ConfigOption = None, port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000) -> None:
    """Start the Dagster UI with the daemon that runs the schedule."""
    if not 1 <= port <= HIGHEST_PORT:
        _fail(f"--port {port} is no port; give one from 1 to {HIGHEST_PORT}", WRONG_USAGE)
    with _one_line_errors():
        settings = load_settings(config)
        if config is not None:
            os.environ["LOYALTY_CONFIG"] = str(config.resolve())
        _prepare_dagster_home(settings)
    workspace = Path(__file__).parents[1] / "workspace.yaml"
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(workspace), "-p", str(port)]
    os.execv(sys.executable, command)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except LoyaltyError as error:
        _fail(str(error))


def _what_is_published(settings: Settings) -> Callable[[], str]:
    """What to say of an interrupted run: whether another warehouse is published than before it."""
    from pipeline.resources import Home

    warehouse = Home.of(settings).warehouse
    before = warehouse.stat().st_ino if warehouse.exists() else None

    def words() -> str:
        is_same = before == (warehouse.stat().st_ino if warehouse.exists() else None)
        return f"interrupted, {'nothing' if is_same else 'the warehouse is'} published; run again"

    return words


@contextmanager
def _writing(home: Path, who: str) -> Iterator[None]:
    """Hold the lock of a home that is written, and say in one line when its disk is full."""
    try:
        with hold_lock(home, who):
            yield
    except Exception as error:
        innermost: BaseException = error
        while not isinstance(innermost, LoyaltyError) and (cause := innermost.__cause__ or innermost.__context__):
            innermost = cause
        words = " ".join(str(innermost).split())
        if not any(sign in words for sign in FULL_DISK):
            raise
        raise DiskFullError(
            f"the disk of {home} is full, or fails: {words}; make room and run again, the published warehouse is as it was"
        ) from error


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A folder that only its owner can read, and that is gone afterwards, also when the command is told to stop."""
    with (
        tempfile.TemporaryDirectory(prefix="loyalty-") as folder,
        cleaning_up(partial(shutil.rmtree, folder, ignore_errors=True)),
    ):
        yield Path(folder)


def _fail(message: str, exit_code: int = 1) -> NoReturn:
    from pipeline.progress import console

    console.print(f"[red]error:[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(exit_code)


def _as_of(given: str | None, settings: Settings) -> date:
    """The date to compute.

    Raises:
        ConfigError: it is no date, not over yet, or before the shop's first date.
    """
    from pipeline.assets.common import yesterday

    latest = yesterday(settings)
    if given is None:
        return latest
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise ConfigError(f"--as-of '{given}' is not a date like 2026-01-31") from None
    if not settings.shop.first_date <= day <= latest:
        raise ConfigError(
            f"--as-of {day} is outside {settings.shop.first_date} (shop.first_date) to {latest}, "
            f"the last date that is over in {settings.shop.time_zone}"
        )
    return day


def _prepare_dagster_home(settings: Settings) -> None:
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    text = file.read_text() if file.exists() else ""
    if text != DAGSTER_YAML and DAGSTER_YAML.startswith(text):
        new = folder / f".{file.name}.{os.getpid()}"
        new.write_text(DAGSTER_YAML)
        new.replace(file)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["LOYALTY_HOME"] = str(settings.home)


def _execute_nightly(settings: Settings, day: date, *, retry_quarantine: bool) -> "dg.ExecuteInProcessResult":
    """Run the job in this process, recorded where the UI finds it."""
    _prepare_dagster_home(settings)
    import dagster as dg

    from pipeline.assets.sources import RETRY_TAG
    from pipeline.definitions import build_defs
    from pipeline.jobs import NIGHTLY
    from pipeline.progress import console
    from pipeline.resources import Home

    console.print(f"{settings.shop.name}: {NIGHTLY} as of {day}{', rejected rows again' if retry_quarantine else ''}")
    job = build_defs(settings, home=Home.of(settings, is_locked=True)).resolve_job_def(NIGHTLY)
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            partition_key=str(day),
            tags={RETRY_TAG: "true"} if retry_quarantine else None,
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {}}},
        )


def _why(result: "dg.ExecuteInProcessResult") -> str:
    """The first failure in one line: a user's error in its own words, a failed blocking check by its description."""
    import dagster as dg

    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR and check.blocking:
                return check.description or f"check {check.check_name} of {check.asset_key.to_user_string()} failed"
        if event.is_step_failure:
            return _words_of(event.step_failure_data.error, event.step_key)
    return "the run did not succeed; see the Dagster UI"


def _words_of(error: "SerializableErrorInfo | None", step: str | None) -> str:
    """A user's error in its own words; any other by its step, its innermost cause and where to read on."""
    users = {kind.__name__ for kind in (LoyaltyError, *LoyaltyError.__subclasses__())}
    words = "no reason given"
    while error is not None:
        words = " ".join(error.message.split())
        if error.cls_name in users:
            return words.split(f"{error.cls_name}: ", 1)[-1]
        error = error.cause
    return f"{step}: {words}; the Dagster UI shows the whole trace"


def _print_summary(settings: Settings, day: date, run_id: str) -> None:
    """Rows in, valid and rejected per source; segment sizes; what is empty and why; where the warehouse is."""
    import polars as pl
    from rich.console import Console

    from pipeline.resources import Home
    from schemas.registry import RECORDS, SEGMENTS

    home = Home.of(settings)
    out = Console(highlight=False)
    out.width = max(out.width, SUMMARY_WIDTH)
    batches = home.lake.scan(RECORDS["batches"]).filter(pl.col("run_id") == run_id).sort("source", "entity").collect()
    rows = Table("source", "entity", title="Rows", title_justify="left")
    for name in ("rows in", "valid", "rejected", "excluded", "broken lines"):
        rows.add_column(name, justify="right")
    for batch in batches.iter_rows(named=True):
        figures = ("rows_mapped", "rows_valid", "rows_rejected", "rows_excluded", "lines_broken")
        rows.add_row(batch["source"], batch["entity"], *(f"{batch[name]:,}" for name in figures))
    out.print(rows)
    for title, table, column in (
        ("RFM segments", "rfm", "segment"),
        ("SCI classes", "sci", "sci_class"),
        ("Churn bands", "churn_risk", "band"),
        ("Loyalty tiers", "loyalty", "tier"),
        ("Next actions", "next_action", "action"),
    ):
        sizes = home.lake.scan_as_of(SEGMENTS[table], day).group_by(column).len().sort("len", column, descending=True)
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.collect().iter_rows())
        out.print(f"[bold]{title}:[/] {escape(shown or 'none')}", soft_wrap=True)
    notices = home.lake.scan_as_of(SEGMENTS["notices"], day).sort("kind", "subject").select("message").collect()
    for (message,) in notices.iter_rows():
        out.print(f"[bold]Note:[/] {escape(message)}", soft_wrap=True)
    out.print(f"[bold]Warehouse:[/] {escape(str(home.warehouse))}", soft_wrap=True)
