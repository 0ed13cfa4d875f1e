"""The command `loyalty`: reads the arguments, calls Dagster, prints what came of it. No step of the pipeline lives here."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from typer.core import TyperGroup

from pipeline.alerts.telling import refuse_without_addresses, settle_killed, tell_now, tell_of_run, try_addresses
from pipeline.command_log import NIGHT, logging_command
from pipeline.configuration import load_settings
from pipeline.core.as_of_dates import Every, dates_between
from pipeline.dagster_home import prepare_dagster_home
from pipeline.errors import ConfigError, DiskFullError, LoyaltyError, NightFailedError
from pipeline.home_version import DISTRIBUTION
from pipeline.interruption import cleaning_up, ends_when_told, saying
from pipeline.private_files import FULL_DISK, disk_is_full, is_there, keep_private
from pipeline.run_lock import hold_lock
from pipeline.settings import Settings, yesterday

if TYPE_CHECKING:
    from pipeline.commands.erase import Receipt
    from pipeline.resources import Home

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Commands(TyperGroup):
    """The commands; one that has no room for what it prints says so in a line, such as where its output goes to a full disk."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Carry out the command that is asked for."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            place = error.filename or "what the command prints"
            _fail(f"{place}: {error.strerror}; make room, or print to another disk")


app = typer.Typer(
    cls=Commands, help="A customer-segmentation warehouse.", no_args_is_help=True, pretty_exceptions_enable=False
)

export = typer.Typer(help="Export from the warehouse to other tools.", no_args_is_help=True)
app.add_typer(export, name="export")

ConfigOption = Annotated[
    Path | None, typer.Option(help="Configuration file; default: LOYALTY_CONFIG, else loyalty.yaml.")
]
AsOfOption = Annotated[
    str | None, typer.Option(help="Date to compute, YYYY-MM-DD; default: yesterday in the shop's time zone.")
]

HIGHEST_PORT = 65_535
WRONG_USAGE = 2
"""Exit code of a command that is called wrongly, the same as Typer's own."""
INTERRUPTED = "interrupted; run again"
NOTHING_WRITTEN = "interrupted, nothing written; run again"


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
    rebuild: Annotated[
        str | None, typer.Option(help="Make this table of the lake anew from the files of its sources.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run even when there is nothing new, and compute known dates again.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", help="Compute the dates from this one on too, and publish once.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last date of --from; default: yesterday.")] = None,
    every: Annotated[
        Every, typer.Option(help="Which dates from --from to --to: each, or ends of weeks or months; --to always.")
    ] = "day",
) -> None:
    """Run the job nightly for one date, or for each of several, and publish the warehouse."""
    from pipeline.unchanged import is_published, remember_published, state_before

    with _one_line_errors(), ExitStack() as telling:
        if rebuild and retry_quarantine:
            raise ConfigError(
                f"--rebuild {rebuild} reads all files, --retry-quarantine reads none: run first with --rebuild {rebuild}, "
                "then with --retry-quarantine"
            )
        settings = load_settings(config)
        day, first = _range(as_of, since, to, every, settings)
        days = [day] if first is None else dates_between(first, day, every)
        telling.enter_context(tell_of_run(settings, day))
        if is_there(settings.home) or settings.alerts.to:
            keep_private(settings.home, settings.lake_root)
        telling.enter_context(logging_command(settings.home, f"{NIGHT}{day}"))
        before = state_before(settings, *days)
        if not (force or rebuild or retry_quarantine) and is_published(settings, before):
            typer.echo(f"Nothing new: the edition of {day} stays; --force builds it again")
            _update_targets(settings, f"{NIGHT}{day}", is_logged=False)
            typer.echo(f"Warehouse: {settings.warehouse}")
            return
        from pipeline.sources.mapping import refuse_missing_key

        refuse_missing_key(settings.sources, settings.pseudonym_key)
        # After the quick answers: Dagster takes seconds to load.
        from pipeline.commands.erased_names import refuse_other_key
        from pipeline.commands.maintain import refuse_dropped
        from pipeline.commands.rebuild import forget_table
        from pipeline.commands.run_summary import print_summary
        from pipeline.nightly_run import Asked, execute_nightly, why_it_failed
        from pipeline.resources import Home
        from schemas.registry import RECORDS

        home = Home.of(settings)
        settle_killed(settings)
        with saying(_what_is_published(home.warehouse)), _writing(settings, f"{NIGHT}{day}", is_logged=False):
            if first:
                refuse_dropped(home.lake, days, settings.retention)
            _finish_erasure(home, settings)
            refuse_other_key(home.lake.scan(RECORDS["erased"]), settings.pseudonym_key)
            if rebuild:
                forget_table(home, rebuild, settings.sources)
            asked = Asked(day, first, every, retry_quarantine=retry_quarantine, force=force)
            result = execute_nightly(settings, asked)
            if not result.success:
                raise NightFailedError(why_it_failed(result))
            _maintain_when_due(home, settings)
            remember_published(settings, None if retry_quarantine else before)
        print_summary(home.lake, home.warehouse, day, result.run_id)


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def init(
    folder: Annotated[Path, typer.Argument(help="Folder with the shop's exports.")] = Path(),
    output: Annotated[Path | None, typer.Option(help="File to write; default: loyalty.yaml in the folder.")] = None,
    tools: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            help="Read a tool by its API instead, such as shopify; several times for several.",
        ),
    ] = None,
    shop: Annotated[str | None, typer.Option(help="With --from, the shop as the tool calls it.")] = None,
    form: Annotated[str | None, typer.Option(help="With --from, the form of a survey tool.")] = None,
) -> None:
    """Write a configuration for the exports in a folder, or for tools with an API."""
    from rich.console import Console

    from pipeline.commands.init import write_configuration, write_from_apis

    out = Console(highlight=False)
    target = output or folder / "loyalty.yaml"
    with _one_line_errors(), _temporary_folder() as work:
        keys = {"shop": shop, "form": form}
        lines = write_from_apis(tools, keys, target, work) if tools else write_configuration(folder, target, work)
        for line in lines:
            out.print(escape(line), soft_wrap=True)


@app.command()
def add_models(
    folder: Annotated[Path, typer.Argument(help="A new folder for the models.")] = Path("my_models"),
) -> None:
    """Make a folder for marts of your own, in SQL, with a first one and its test to change."""
    from pipeline.commands.add_models import add_models

    with _one_line_errors():
        for file in add_models(folder):
            typer.echo(f"wrote {file}")
    typer.echo(f"add to loyalty.yaml, which the folder is relative to:  dbt: {{models: {folder}}}")


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def check(
    config: ConfigOption = None,
    lake: Annotated[
        bool, typer.Option("--lake", help="Read every table of the lake whole instead of trying the sources.")
    ] = False,
    alerts: Annotated[
        bool, typer.Option("--alerts", help="Send a test message to every address of alerts.to instead.")
    ] = False,
) -> None:
    """Try every source on its first rows and write nothing; exit code 1 when a run would fail."""
    if alerts and lake:
        _fail("--lake and --alerts are two checks; give one of them", WRONG_USAGE)
    if alerts:
        with _one_line_errors():
            is_told = try_addresses(load_settings(config))
        raise typer.Exit(0 if is_told else 1)
    from rich.console import Console

    from pipeline.commands.check import check_sources
    from pipeline.commands.check_lake import check_lake
    from pipeline.commands.check_report import show_finding, verdict
    from pipeline.commands.run_summary import SUMMARY_WIDTH

    findings = []
    out = Console(highlight=False)
    if not out.is_terminal:
        out.width = SUMMARY_WIDTH
    with _one_line_errors(), _temporary_folder() as folder:
        settings = load_settings(config)
        found = check_lake(settings) if lake else check_sources(settings, folder, now=datetime.now(UTC))
        for finding in found:
            show_finding(out, finding)
            findings.append(finding)
    out.print(verdict(findings), soft_wrap=True)
    if any(finding.mark == "fail" for finding in findings):
        raise typer.Exit(1)


@app.command()
@ends_when_told(INTERRUPTED)
def churn_horizon(config: ConfigOption = None, as_of: AsOfOption = None) -> None:
    """Propose churn.horizon_days from how long customers wait between orders; changes nothing."""
    from pipeline.assets.dated import facts_now
    from pipeline.core.facts.orders import orders_as_of
    from pipeline.core.outlook.horizon import propose_horizon
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        _refuse_unread(home)
        # Outdated facts are made anew, which no run may do at the same time.
        with _writing(settings, "loyalty churn-horizon"):
            orders = facts_now(home, settings).scan("orders")
            found = propose_horizon(orders_as_of(orders, as_of=_as_of(as_of, settings)))
        if found.days is None:
            raise LoyaltyError("no customer of the lake has ordered on two days; keep churn.horizon_days, or load more")
    for share, days in found.quantiles.items():
        typer.echo(f"{share:.0%} of waits between two days of purchase end within {days} days")
    typer.echo(f"from {found.n_gaps:,} waits of {found.n_customers:,} customers; who buys often has many")
    typer.echo(f"proposed: churn: {{horizon_days: {found.days}}} (now {settings.churn.horizon_days})")


@app.command()
@ends_when_told(INTERRUPTED)
def rollback(config: ConfigOption = None) -> None:
    """Go back to the edition before the published one."""
    from pipeline.resources import Home
    from pipeline.warehouse.editions import roll_back

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        with _writing(settings, "loyalty rollback"):
            keep = settings.retention.editions
            edition = roll_back(home.editions, home.warehouse, keep=keep, mode=home.published_mode)
            home.drop_former_warehouse()
        typer.echo(f"{home.warehouse} is now edition {edition.stem}")
        _update_targets(settings, "loyalty rollback")


@app.command()
@ends_when_told(INTERRUPTED)
def maintain(config: ConfigOption = None) -> None:
    """Drop segments and records of runs beyond the retention, join small files, and delete those nothing reads any more."""
    from pipeline.commands.maintain import maintain_home
    from pipeline.resources import Home
    from pipeline.run_records import open_records

    with _one_line_errors():
        settings = load_settings(config)
        with _writing(settings, "loyalty maintain"), open_records(settings.home) as instance:
            done = maintain_home(Home.of(settings), settings.retention, instance, now=datetime.now(UTC))
        for line in done.lines:
            typer.echo(line)


@app.command()
@ends_when_told("interrupted, parts of the person's data may be left; erase again")
def erase(
    config: ConfigOption = None,
    customer: Annotated[str | None, typer.Option(help="The customer's id.")] = None,
    email_hash: Annotated[str | None, typer.Option(help="The pseudonym of the customer's e-mail address.")] = None,
    identifiers: Annotated[
        int | None,
        typer.Option(help="How many accounts and e-mail addresses are this person's, where that is more than 5."),
    ] = None,
    forget_other_keys: Annotated[
        bool,
        typer.Option(
            "--forget-other-keys",
            help="Let everyone come back who was erased with another LOYALTY_PII_KEY than the one set, which cannot recognise them.",
        ),
    ] = False,
) -> None:
    """Remove a person from the lake, the quarantine and every edition, and keep a receipt without their data."""
    from pipeline.commands import erased_names
    from pipeline.commands.erase import as_pseudonym, erase, refuse_address
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        given = [name for name in (customer, email_hash) if name]
        if len(given) + forget_other_keys != 1:
            raise ConfigError("give either --customer ID, --email-hash H or --forget-other-keys")
        home = Home.of(settings)
        _refuse_unread(home)
        if forget_other_keys:
            with _writing(settings, "loyalty erase"):
                n_names = erased_names.forget_other_keys(home.lake, settings.pseudonym_key)
            typer.echo(f"{n_names:,} names of erased people forgotten; erase those people again after the next run")
            return
        named = as_pseudonym(email_hash) if email_hash else refuse_address(given[0])
        with _writing(settings, "loyalty erase"):
            _finish_erasure(home, settings)
            receipt = erase(
                home,
                named,
                settings.sources,
                key=settings.pseudonym_key,
                erased_at=datetime.now(UTC),
                identifiers=identifiers,
            )
        if receipt.is_empty:
            typer.echo("nothing in the home names this customer; rows that do are left out from now on")
        else:
            _print_receipt(home, receipt)
        if receipt.damaged_editions and not home.warehouse.is_file():
            typer.echo("no published file is left that can be read; publish one with `loyalty run`")
        if behind := _update_targets(settings, "loyalty erase"):
            raise LoyaltyError(
                f"the person can still be in {', '.join(behind)}; `loyalty run` or erasing again removes them"
            )


@export.command("actions")
@ends_when_told("interrupted, no file written; export again")
def export_actions(
    config: ConfigOption = None,
    to: Annotated[
        Path | None, typer.Option(help="File to write, .csv or .parquet; default: actions_<date>.csv here.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Export only this action.")] = None,
    tool: Annotated[
        str, typer.Option("--for", help="Layout of the file: klaviyo, mailchimp, or csv with all columns.")
    ] = "csv",
    contacts: Annotated[
        Path | None, typer.Option(help="The shop's own list of customers, a CSV with their e-mail addresses.")
    ] = None,
) -> None:
    """Write the next actions of the published warehouse for a mail tool, and remember who is contacted.

    E-mail addresses are not in the warehouse: a customer is named by the shop's number, or by the pseudonym of the address.
    With --contacts the addresses of the list are written into the file, and nowhere else.
    """
    from pipeline.commands.export import NO_CONSENT, Layout, export_actions, note_export
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        with _writing(settings, "loyalty export actions"):
            exported = export_actions(
                home,
                settings.actions,
                time_zone=settings.shop.time_zone,
                to=to,
                action=action,
                layout=Layout(tool, contacts, settings.pseudonym_key),
                exported_at=datetime.now(UTC),
            )
            note_export(home, exported)
        for name, rows in exported.rows_by_action.items():
            typer.echo(f"  {name:<28} {rows:>10,}")
        if exported.n_controls and not exported.rows_by_action:
            typer.echo(f"  nobody to contact: {exported.n_controls:,} customers are in the control group, and recorded")
        if exported.n_without_consent:
            typer.echo(
                f"  {exported.n_without_consent:,} left out: marketing, and these customers have not agreed as of now"
            )
        if exported.n_left_out:
            typer.echo(f"  {exported.n_left_out:,} left out: another export has contacted these customers since")
        if exported.n_other_channel:
            typer.echo(
                f"  {exported.n_other_channel:,} left out: they go by another channel than e-mail; export them without --for"
            )
        if exported.n_refused:
            typer.echo(
                f"  {exported.n_refused:,} left out: marketing, and their address in the list of contacts has said no"
            )
        if exported.n_without_address:
            typer.echo(f"  {exported.n_without_address:,} left out: the list of contacts has no address for them")
        if exported.n_unusable:
            typer.echo(
                f"  {exported.n_unusable:,} cells of the list of contacts hold an @, but no address that can be written"
            )
        if exported.n_expired:
            typer.echo(f"  {exported.n_expired:,} have expired: the edition dates from {exported.as_of}")
        if exported.lacks_consent:
            typer.echo(f"  {NO_CONSENT}")
        addresses = (
            "with e-mail addresses from the list of contacts"
            if exported.has_addresses
            else "without e-mail addresses, which are not in the warehouse; --contacts FILE adds them"
        )
        typer.echo(f"{exported.file}: as of {exported.as_of}, {addresses}")


@app.command()
def ui(
    config: ConfigOption = None,
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show everything and start nothing, without the daemon: for analysts.")
    ] = False,
) -> None:
    """Start the Dagster UI with the daemon that runs the schedule."""
    from pipeline.ui.port import refuse_taken

    if not 1 <= port <= HIGHEST_PORT:
        _fail(f"--port {port} is not a port; give one from 1 to {HIGHEST_PORT}", WRONG_USAGE)
    with _one_line_errors():
        settings = load_settings(config)
        refuse_taken(port)
        if config is not None:
            os.environ["LOYALTY_CONFIG"] = str(config.resolve())
        keep_private(settings.home, settings.lake_root)
        prepare_dagster_home(settings.home)
    workspace = Path(__file__).parents[1] / "workspace.yaml"
    module = ["pipeline.ui.webserver", "--read-only"] if read_only else ["pipeline.ui"]
    os.execv(sys.executable, [sys.executable, "-m", *module, "-w", str(workspace), "-p", str(port)])


@app.command()
@ends_when_told("interrupted; nothing changed")
def status(
    config: ConfigOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    prometheus: Annotated[
        Path | None,
        typer.Option(help="Also write it as metrics for the textfile collector of Prometheus, to a .prom file."),
    ] = None,
) -> None:
    """Show how the home is doing; exit code 3 when the last night failed or a copy is behind, 4 when yesterday's edition is missing."""
    with _one_line_errors():
        settings = load_settings(config)
        from pipeline.commands.status import as_json, as_lines, as_prometheus, status_of
        from pipeline.whole_files import FOR_ALL, write_whole

        now = datetime.now(UTC)
        found = status_of(settings, now=now)
        if prometheus:
            try:
                write_whole(prometheus, as_prometheus(found, now=now), mode=FOR_ALL)
            except OSError as error:
                raise LoyaltyError(f"--prometheus {prometheus} cannot be written: {error.strerror}") from None
    if json:
        typer.echo(dumps(as_json(found), indent=1, ensure_ascii=False))
    else:
        for line in as_lines(found, now=now, time_zone=settings.shop.time_zone):
            typer.echo(line)
    raise typer.Exit(found.exit_code)


@app.command()
@ends_when_told(NOTHING_WRITTEN)
def explain(
    customer: Annotated[
        str,
        typer.Argument(
            help="The customer, as the warehouse names them: an account id, or the pseudonym of an address."
        ),
    ],
    config: ConfigOption = None,
    as_of: Annotated[
        str | None, typer.Option(help="An earlier date, YYYY-MM-DD; default: that of the published edition.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write it as a page for a browser to this file instead.")] = None,
) -> None:
    """Explain why a customer is where they are, down to the lines of the exports; changes nothing."""
    from rich.console import Console

    from pipeline.commands.explain.as_html import as_html
    from pipeline.commands.explain.in_terminal import print_page
    from pipeline.commands.explain.one_customer import explain, write_page
    from pipeline.resources import Home

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        page = explain(home.warehouse, home.editions, customer, as_of=_as_of(as_of, settings) if as_of else None)
        if html is None:
            print_page(page, Console(highlight=False))
            return
        write_page(html, as_html(page), mode=home.published_mode)
        typer.echo(f"{html}: {page.title}, {page.about}; it holds personal data")


@app.command()
@ends_when_told(INTERRUPTED)
def report(
    config: ConfigOption = None,
    day: Annotated[
        str | None, typer.Option("--date", help="The date of a kept edition, YYYY-MM-DD; default: what is published.")
    ] = None,
    is_opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Show where the report is: one page of what an edition says; it is made where it is not there."""
    from pipeline.commands.report.write import told_of, write_report
    from pipeline.resources import Home
    from pipeline.warehouse.editions import is_report, report_of

    with _one_line_errors():
        settings = load_settings(config)
        home = Home.of(settings)
        file = told_of(home, _as_of(day, settings, "--date") if day else None)
        found = report_of(file)
        if not is_report(found):
            with _writing(settings, "loyalty report"):
                write_report(home, settings, file)
    typer.echo(str(found))
    if is_opened and typer.launch(str(found)):
        _fail(f"no browser opens {found} here; open it by hand")


@app.command()
@ends_when_told("interrupted; alerts that were not sent are sent at the next look")
def watch(config: ConfigOption = None) -> None:
    """Look once, and send the alerts that are due: a night that failed, was killed or is missed; for cron, every few minutes."""
    with _one_line_errors():
        settings = load_settings(config)
        refuse_without_addresses(settings)
        keep_private(settings.home, settings.lake_root)
        settle_killed(settings)
        is_told = tell_now(settings)
    if not is_told:
        raise typer.Exit(1)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except LoyaltyError as error:
        _fail(str(error))


def _maintain_when_due(home: "Home", settings: Settings) -> None:
    """Do the week's maintenance after a night that is already published; if it fails, the next night tries again."""
    from pipeline.commands.maintain import is_due, maintain_home
    from pipeline.progress import console
    from pipeline.run_records import open_records

    now = datetime.now(UTC)
    if not is_due(settings.home, settings.retention, now=now):
        return
    try:
        with open_records(settings.home) as instance:
            lines = maintain_home(home, settings.retention, instance, now=now).lines
    except Exception as error:
        words = " ".join(str(error).split())
        console.print(
            f"  [yellow]warn[/]  maintenance: {escape(words)}; `loyalty maintain` tries again", soft_wrap=True
        )
        return
    console.print("maintenance of the week:")
    for line in lines:
        console.print(escape(line), soft_wrap=True)


def _update_targets(settings: Settings, who: str, *, is_logged: bool = True) -> list[str]:
    """Bring every copy of the published file up to date, saying in a line what has changed; returns those that stay behind."""
    if not settings.publish.targets:
        return []
    from pipeline.progress import console
    from pipeline.targets.up_to_date import bring_up_to_date, fault_of, targets_of

    behind = []
    with _writing(settings, who, is_logged=is_logged):
        for name, target in targets_of(settings.publish).items():
            try:
                edition, is_new = bring_up_to_date(name, target, settings.warehouse, settings.home / "work")
            except Exception as error:
                # Whatever fails at one of them, the others are brought up to date: a person is to leave all that can be reached.
                console.print(f"  [yellow]warn[/]  publish/{name}: {escape(fault_of(target, error))}", soft_wrap=True)
                behind.append(name)
            else:
                if is_new:
                    typer.echo(f"publish/{name}: now edition {edition}")
    return behind


def _refuse_unread(home: "Home") -> None:
    """Refuse a home into which nothing has been read, such as one that a wrong LOYALTY_HOME names: nobody is in it.

    Raises:
        ConfigError: it has no lake, may not be read, or a newer program has written it.
    """
    from pipeline.home_version import refuse_newer
    from schemas.registry import TABLES

    if is_there(home.path):
        refuse_newer(home.path)
    if not any(home.lake.is_made(table) for table in TABLES.values()):
        raise ConfigError(
            f"home {home.path} has no lake, so nobody is in it; set LOYALTY_HOME to the home of the shop, or `loyalty run` first"
        )


def _finish_erasure(home: "Home", settings: Settings) -> None:
    """Finish an erasure that was cut off, and say so."""
    from pipeline.commands.erase import finish_erasure

    if receipt := finish_erasure(home, settings.sources, key=settings.pseudonym_key):
        typer.echo("the erasure that was cut off is finished")
        _print_receipt(home, receipt)


def _print_receipt(home: "Home", receipt: "Receipt") -> None:
    from pipeline.commands.erase import receipt_file

    typer.echo(f"  accounts: {receipt.accounts:,}, e-mail addresses: {receipt.emails:,}, orders: {receipt.orders:,}")
    for table, rows in receipt.rows_by_table.items():
        typer.echo(f"  {table:<20} {rows:>10,} rows removed")
    typer.echo(f"  {receipt.editions} published files written anew")
    if receipt.damaged_editions:
        typer.echo(f"  {receipt.damaged_editions} damaged published files deleted")
    if receipt.batches_aside:
        typer.echo(f"  {receipt.batches_aside} set-aside batches deleted")
    if not receipt.is_empty:
        typer.echo(f"receipt: {receipt_file(home.erasures, receipt)}")


def _what_is_published(warehouse: Path) -> Callable[[], str]:
    """What to say of an interrupted run: whether it has published another warehouse."""
    before = warehouse.stat().st_ino if warehouse.exists() else None

    def words() -> str:
        is_same = before == (warehouse.stat().st_ino if warehouse.exists() else None)
        return f"interrupted, {'nothing' if is_same else 'the warehouse is'} published; run again"

    return words


@contextmanager
def _writing(settings: Settings, who: str, *, is_logged: bool = True) -> Iterator[None]:
    """Hold the lock of a home while writing it, for its owner alone, and say in one line when its disk is full.

    `is_logged`: whether the log of commands has to be told of it here.
    """
    home = settings.home
    try:
        keep_private(home, settings.lake_root)
        with hold_lock(home, who), logging_command(home, who) if is_logged else nullcontext():
            yield
    except Exception as error:
        innermost: BaseException = error
        while not isinstance(innermost, LoyaltyError) and (cause := innermost.__cause__ or innermost.__context__):
            innermost = cause
        words = " ".join(str(innermost).split())
        if isinstance(innermost, DiskFullError):
            raise innermost from error
        if not any(sign in words for sign in FULL_DISK):
            raise
        raise disk_is_full(home, words) from error


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A folder that only its owner can read, and that is removed afterwards, even when the command is told to stop."""
    with (
        tempfile.TemporaryDirectory(prefix="loyalty-") as folder,
        cleaning_up(partial(shutil.rmtree, folder, ignore_errors=True)),
    ):
        yield Path(folder)


def _fail(message: str, exit_code: int = 1) -> NoReturn:
    from pipeline.progress import console

    console.print(f"[red]error:[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(exit_code)


def _range(
    as_of: str | None, since: str | None, to: str | None, every: Every, settings: Settings
) -> tuple[date, date | None]:
    """The date to compute, and the first of those to compute with it, if there are any.

    Raises:
        ConfigError: one is not a date, not over yet, or before the shop's first date; or they do not go together.
    """
    if since is None:
        if to is not None or every != "day":
            raise ConfigError("--to and --every need --from, the first date; one date alone is --as-of")
        return _as_of(as_of, settings), None
    if as_of is not None:
        raise ConfigError("--as-of is one date; give either it or --from and --to")
    last, first = _as_of(to, settings, "--to"), _as_of(since, settings, "--from")
    if first > last:
        raise ConfigError(f"--from {first} is after --to {last}")
    return last, first


def _as_of(given: str | None, settings: Settings, option: str = "--as-of") -> date:
    """The date to compute.

    Raises:
        ConfigError: it is not a date, not over yet, or before the shop's first date.
    """
    latest = yesterday(settings)
    if given is None:
        return latest
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise ConfigError(f"{option} '{given}' is not a date like 2026-01-31") from None
    if not settings.shop.first_date <= day <= latest:
        raise ConfigError(
            f"{option} {day} is outside {settings.shop.first_date} (shop.first_date) to {latest}, "
            f"the last date that has ended in {settings.shop.time_zone}"
        )
    return day
