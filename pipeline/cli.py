"""The command `loyalty`: reads the arguments, calls Dagster, prints what came of it. No step of the pipeline lives here."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.errors import ConfigError, LoyaltyError
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

app = typer.Typer(help="A customer-segmentation warehouse.", no_args_is_help=True, pretty_exceptions_enable=False)

ConfigOption = Annotated[
    Path | None, typer.Option(help="Configuration file; LOYALTY_CONFIG or loyalty.yaml when left out.")
]
AsOfOption = Annotated[str | None, typer.Option(help="Date to compute, YYYY-MM-DD; yesterday in the shop's time zone.")]

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
"""


@app.callback()
def main() -> None:
    """A customer-segmentation warehouse."""


@app.command()
def run(config: ConfigOption = None, as_of: AsOfOption = None) -> None:
    """Run the job nightly for one date and publish the warehouse."""
    with _one_line_errors():
        settings = load_settings(config)
        day = _as_of(as_of, settings)
        result = _execute_nightly(settings, day)
        if not result.success:
            raise LoyaltyError(_why(result))
        _print_summary(settings, day, result.run_id)


@app.command()
def rollback(config: ConfigOption = None) -> None:
    """Put the edition before the published one back."""
    from pipeline.editions import roll_back
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home(root=str(settings.home))
        edition = roll_back(home.editions, home.warehouse, keep=settings.retention.editions)
        typer.echo(f"{home.warehouse} is now edition {edition.stem}")


@app.command()
def ui(config: ConfigOption = None, port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000) -> None:
    """Start the Dagster UI with the daemon that runs the schedule."""
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


def _fail(message: str) -> NoReturn:
    from pipeline.progress import console

    console.print(f"[red]error:[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(1)


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
    if not file.exists():
        file.write_text(DAGSTER_YAML)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["LOYALTY_HOME"] = str(settings.home)


def _execute_nightly(settings: Settings, day: date) -> "dg.ExecuteInProcessResult":
    """Run the job in this process, recorded where the UI finds it."""
    _prepare_dagster_home(settings)
    import dagster as dg

    from pipeline.definitions import build_defs
    from pipeline.jobs import NIGHTLY
    from pipeline.progress import console

    console.print(f"{settings.shop.name}: {NIGHTLY} as of {day}")
    job = build_defs(settings).resolve_job_def(NIGHTLY)
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            partition_key=str(day),
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
    """Rows in, valid and rejected per source; segment sizes; where the warehouse is."""
    import polars as pl
    from rich.console import Console

    from pipeline.resources import Home
    from schemas.registry import RECORDS, SEGMENTS

    home = Home(root=str(settings.home))
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
    ):
        sizes = home.lake.scan_as_of(SEGMENTS[table], day).group_by(column).len().sort("len", column, descending=True)
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.collect().iter_rows())
        out.print(f"[bold]{title}:[/] {escape(shown or 'none')}", soft_wrap=True)
    out.print(f"[bold]Warehouse:[/] {escape(str(home.warehouse))}", soft_wrap=True)
