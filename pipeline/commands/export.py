"""Handing next actions to a mail tool, and recording who was contacted with it. Which actions there are is decided each night."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import polars as pl

from pipeline import asset_keys
from pipeline.commands.mail_layouts import LAYOUTS, MAIL_LAYOUTS, lay_out, read_addresses, without_formulas
from pipeline.core.facts.customers import consent_is_told, latest_consent, latest_statement
from pipeline.core.ingest.identity import resolve
from pipeline.core.local_dates import with_local_dates
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.contacts import allowed_today, not_yet_contacted, one_each, with_addresses
from pipeline.errors import ConfigError, EditionError, ExportError
from pipeline.interruption import cleaning_up
from pipeline.resources import Home
from pipeline.run_records import open_records
from pipeline.warehouse.editions import telling_why_unreadable
from pipeline.warehouse.published import refuse_unpublished
from schemas.actions import ACTIONS
from schemas.registry import ENTITIES, RECORDS
from schemas.types import PSEUDONYM_PATTERN

MAIL_CHANNELS = ("email", "e-mail", "mail")
"""What a playbook can call the channel of a mail tool."""
SUFFIXES = (".csv", ".parquet")
HALF = ".half-export"
"""The ending of an unfinished file's name, after the number of the process that writes it."""
NO_CONSENT = "no source says who accepts marketing: service messages only; see actions.consent_without_flag"


@dataclass(frozen=True)
class Exported:
    """What an export wrote: where, of which date, how many rows; and how many were left out or are past their date.

    `n_controls`: customers in a control group, recorded and in no file; a file without rows can be all there is to write.
    `n_without_consent`: marketing for customers who do not accept it now, whatever the edition says.
    `n_other_channel`: actions that no mail is for, as a call, left out for a mail tool. `n_refused`: customers whose only address in the list has said no to marketing. `n_without_address`: customers whose address is not in the list of contacts, left out for a mail tool; `has_addresses`:
    the file has addresses. `n_unusable`: cells of the list with an @ and no address that can be written. `lacks_consent`: no source says who accepts marketing and the configuration assumes no consent,
    so there is no marketing.
    """

    file: Path
    as_of: date
    rows_by_action: dict[str, int]
    n_controls: int
    n_without_consent: int
    n_left_out: int
    n_other_channel: int
    n_refused: int
    n_without_address: int
    n_unusable: int
    n_expired: int
    has_addresses: bool
    lacks_consent: bool


def note_export(home: Home, exported: Exported) -> None:
    """Record in Dagster that the actions have left, so that its graph ends where they go; nothing that is missing there undoes it."""
    with suppress(ConfigError), open_records(home.path) as instance:
        if instance:
            metadata: dict[str, Any] = {
                "dagster/row_count": sum(exported.rows_by_action.values()),
                "file": dg.MetadataValue.path(str(exported.file)),
                "as_of_date": str(exported.as_of),
                **{f"rows/{action}": n for action, n in exported.rows_by_action.items()},
            }
            instance.report_runless_asset_event(dg.AssetMaterialization(asset_keys.ACTIONS_EXPORT, metadata=metadata))


@dataclass(frozen=True)
class Layout:
    """How the file looks: for which mail tool (LAYOUTS), and the shop's own list of customers, which has the addresses."""

    tool: str = "csv"
    contacts: Path | None = None
    key: bytes | None = None
    """The key of all pseudonyms, by which an address finds its customer."""

    def refuse_contradictions(self, to: Path | None) -> None:
        """Stop before anything is read.

        Raises:
            ConfigError: the tool is unknown, or lacks addresses, the key or a text file.
        """
        if self.tool not in LAYOUTS:
            raise ConfigError(f"--for '{self.tool}' is not one of {', '.join(LAYOUTS)}")
        if self.tool in MAIL_LAYOUTS and self.contacts is None:
            raise ConfigError(f"--for {self.tool} needs addresses, which are not in the warehouse; add --contacts FILE")
        if self.tool in MAIL_LAYOUTS and to is not None and to.suffix != ".csv":
            raise ConfigError(f"--to {to}: {self.tool} reads .csv; give it that ending")
        if self.contacts is not None and self.key is None:
            raise ConfigError("--contacts needs LOYALTY_PII_KEY, the key that made the warehouse's pseudonyms; set it")


def export_actions(
    home: Home,
    settings: ActionsSettings,
    *,
    time_zone: str,
    to: Path | None,
    action: str | None,
    layout: Layout,
    exported_at: datetime,
) -> Exported:
    """Write customer_next_action of the published edition, the most urgent first, as CSV or Parquet by the suffix.

    Customers in a control group are recorded like the others, by the same rules, but are in no file, also where nobody else is left. With a list of
    contacts each row has the customer's address, which is written only into this file. Each row is recorded in
    `contacts` once, with the time of its first export; only then does the file appear under its name. Exporting the
    same edition again gives the same file and records nothing.

    Raises:
        ConfigError: the suffix, the folder, the action or the mail tool is unknown, or the list of contacts cannot be used.
        EditionError: nothing is published yet, or by a version without actions.
        ExportError: there is nothing to export, or the file cannot be written.
    """
    if action is not None and action not in ACTIONS:
        raise ConfigError(f"--action '{action}' is not one of {', '.join(ACTIONS)}")
    layout.refuse_contradictions(to)
    if to is not None:
        _check_target(to)
    identity = home.lake.scan(RECORDS["identity"])
    accounts = home.lake.scan(ENTITIES["customers"])
    consent = latest_consent(resolve(accounts, identity))
    is_told = consent.select(consent_is_told()).collect().item()
    lacks_consent = not (is_told or settings.consent_without_flag)
    rows, controls = _chosen(home, action, NO_CONSENT if lacks_consent else "see actions in the configuration")
    today = exported_at.astimezone(ZoneInfo(time_zone)).date()
    contacts = resolve(home.lake.scan(RECORDS["contacts"]), identity)
    told = with_local_dates(contacts, time_zone).collect()
    as_of: date = (controls if rows.is_empty() else rows)["as_of_date"][0]
    # Who was joined with somebody since the edition was made has another name in the lake.
    renamed = (resolve(part.lazy(), identity).collect() for part in (rows, controls))
    rows, controls = one_each(*renamed, settings=settings)
    n_chosen = rows.height + controls.height
    allowed, controls = (allowed_today(part, consent, settings=settings) for part in (rows, controls))
    if allowed.is_empty() and controls.is_empty():
        why = NO_CONSENT if lacks_consent else "run the next night first"
        raise ExportError(
            f"all {n_chosen:,} actions as of {as_of} are marketing for customers without consent as of now; {why}"
        )
    n_allowed = allowed.height + controls.height
    kept, controls = (not_yet_contacted(part, told, on=today, settings=settings) for part in (allowed, controls))
    if kept.is_empty() and controls.is_empty():
        raise ExportError(
            f"all {n_allowed:,} actions as of {as_of} are for customers contacted by another export since; "
            "run the next night first"
        )
    n_of_any_channel = kept.height
    if layout.tool in MAIL_LAYOUTS:
        kept, controls = _by_mail(kept, controls, settings)
        if kept.is_empty() and controls.is_empty():
            raise ExportError(
                f"all {n_of_any_channel:,} actions as of {as_of} go by another channel than e-mail; export them without --for"
            )
    n_kept = kept.height
    n_unusable = n_refused = 0
    if layout.contacts is not None and layout.key is not None:
        listed = read_addresses(layout.contacts, layout.key)
        n_unusable = listed.n_unusable
        people = resolve(listed.people.lazy().with_columns(address="customer_id"), identity).collect()
        said = latest_statement(_of_addresses(accounts)).collect()
        found = with_addresses(kept, people, said)
        reachable = with_addresses(controls, people, said)
        if found["email"].is_null().all() and reachable["email"].is_null().all():
            either = pl.concat([part.select("customer_id") for part in (found, reachable)])
            raise ExportError(_why_no_address(either, people, layout.contacts))
        if layout.tool in MAIL_LAYOUTS:
            n_refused = found.filter(pl.col("email").is_null()).join(people, on="customer_id", how="semi").height
            found = found.drop_nulls("email")
            # Controls must be reachable too, or the two groups could not be compared.
            controls = reachable.drop_nulls("email").drop("email")
        kept = found
    file = to or Path(f"actions_{as_of}.csv")
    with _written(lay_out(kept, layout.tool) if layout.tool in MAIL_LAYOUTS else kept, file):
        _record(home, contacts, kept, controls, exported_at)
    sizes = kept.group_by("action").len().sort("len", "action", descending=[True, False])
    return Exported(
        file=file,
        as_of=as_of,
        rows_by_action=dict(sizes.iter_rows()),
        n_controls=controls.height,
        n_without_consent=rows.height - allowed.height,
        n_left_out=allowed.height - n_of_any_channel,
        n_other_channel=n_of_any_channel - n_kept,
        n_refused=n_refused,
        n_without_address=n_kept - kept.height - n_refused,
        n_unusable=n_unusable,
        n_expired=kept.filter(pl.col("expires_on") < today).height,
        has_addresses=layout.contacts is not None,
        lacks_consent=lacks_consent,
    )


def _chosen(home: Home, action: str | None, why_none: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The published actions of a kind, or of all, and those of the customers in a control group."""
    rows, controls = _published(home.warehouse)
    if action is not None:
        rows, controls = rows.filter(action=action), controls.filter(action=action)
    if rows.is_empty() and controls.is_empty():
        raise ExportError(f"{home.warehouse} has no {action or 'next action'} to export; {why_none}")
    return rows, controls


def _by_mail(
    actions: pl.DataFrame, controls: pl.DataFrame, settings: ActionsSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The actions that go by e-mail, and the controls of those that would."""
    mailed = [name for name, entry in settings.playbook.items() if entry.channel.lower() in MAIL_CHANNELS]
    is_mail = pl.col("channel").str.to_lowercase().is_in(MAIL_CHANNELS)
    return actions.filter(is_mail), controls.filter(pl.col("action").is_in(mailed))


def _of_addresses(accounts: pl.LazyFrame) -> pl.LazyFrame:
    """What accounts say, of their e-mail address; that of a guest is their name."""
    of_guest = pl.when(pl.col("customer_id").str.contains(PSEUDONYM_PATTERN)).then("customer_id")
    addresses = accounts.with_columns(customer_id=pl.coalesce("email_hash", of_guest))
    return addresses.filter(pl.col("customer_id").is_not_null())


def _why_no_address(rows: pl.DataFrame, people: pl.DataFrame, file: Path) -> str:
    if n_refused := rows.join(people, on="customer_id", how="semi").height:
        return (
            f"--contacts {file} has no address that may be written to for the {rows.height:,} customers with an action: {n_refused:,} "
            "have only addresses in it that said no to marketing"
        )
    return (
        f"--contacts {file} has no address for the {rows.height:,} customers with an action; is it the list of "
        "this shop, and LOYALTY_PII_KEY the key of its warehouse?"
    )


def _check_target(file: Path) -> None:
    if file.is_dir():
        raise ConfigError(f"--to {file} is a folder; name a file")
    if file.suffix not in SUFFIXES:
        ends = f"'{file.suffix}' is not" if file.suffix else "its name does not end in"
        raise ConfigError(f"--to {file}: {ends} {' or '.join(SUFFIXES)}; use one of these")
    if not file.parent.is_dir():
        raise ConfigError(f"--to {file}: there is no folder {file.parent}; make it first")


def _published(warehouse: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The actions of the published edition, by rank, with where each customer stands; and the controls."""
    refuse_unpublished(warehouse)
    with (
        telling_why_unreadable(),
        _telling_damage(warehouse),
        duckdb.connect(str(warehouse), read_only=True) as connection,
    ):
        try:
            rows = connection.sql(
                "select actions.*, wide.rfm_segment, wide.tier, wide.churn_band from marts.customer_next_action as actions "
                "left join marts.customer_360 as wide using (customer_id) order by rank, customer_id"
            )
            controls = connection.sql("select * from marts.action_controls")
            return pl.DataFrame(rows.to_arrow_table()), pl.DataFrame(controls.to_arrow_table())
        except (duckdb.CatalogException, duckdb.BinderException):
            raise EditionError(
                f"{warehouse} comes from a version without next actions; publish an edition with `loyalty run` first"
            ) from None


def _record(
    home: Home, recorded: pl.LazyFrame, exported: pl.DataFrame, controls: pl.DataFrame, exported_at: datetime
) -> None:
    """Add what is not `recorded` yet, by the names of today; recorded rows keep the time of their first export."""
    table = RECORDS["contacts"]
    in_draw = pl.col("control_draw").is_not_null()
    arms = [
        arm.lazy().select(
            *table.key,
            pl.lit(exported_at).cast(pl.Datetime("us", "UTC")).alias("exported_at"),
            pl.when(in_draw).then(pl.lit(is_control)).alias("is_control"),
            "control_draw",
        )
        for arm, is_control in ((exported, False), (controls, True))
    ]
    home.lake.merge(table, pl.concat(arms).join(recorded, on=table.key, how="anti"))


@contextmanager
def _written(rows: pl.DataFrame, file: Path) -> Iterator[None]:
    """Write the rows to a file beside the wanted one, which takes its name once all has gone well."""
    _remove_leftovers(file.parent)
    half = file.with_name(f".{file.name}.{os.getpid()}{HALF}")
    remove_half = partial(half.unlink, missing_ok=True)
    try:
        with cleaning_up(remove_half):
            with _telling_why_unwritten(file):
                if file.suffix == ".csv":
                    without_formulas(rows).write_csv(half)
                else:
                    rows.write_parquet(half)
            yield
            with _telling_why_unwritten(file):
                half.replace(file)
    finally:
        remove_half()


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed exports have left in a folder: it can hold addresses."""
    for half in folder.glob(f".*{HALF}"):
        process = half.name.removesuffix(HALF).rpartition(".")[2]
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            half.unlink(missing_ok=True)
        except (ValueError, PermissionError):
            continue


@contextmanager
def _telling_damage(warehouse: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if "Corrupt database file" not in str(error):
            raise
        raise EditionError(f"{warehouse} is damaged; make it anew with `loyalty run`") from None


@contextmanager
def _telling_why_unwritten(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = error.strerror or " ".join(str(error).split())
        raise ExportError(f"{file} cannot be written: {words}; choose another place with --to") from error
