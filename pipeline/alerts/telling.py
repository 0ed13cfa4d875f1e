"""What a command does about alerts, in a light module: Dagster and apprise are loaded where there is something to tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rich.markup import escape

from pipeline.errors import BusyError, ConfigError, DiskFullError, LoyaltyError, NightFailedError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.alerts.send import Sent


@contextmanager
def tell_of_run(settings: Settings, day: date) -> Iterator[None]:
    """Tell of a run whatever comes of it, even if it fails before Dagster records anything."""
    try:
        yield
    except BusyError:
        # The process of the run that is under way tells of it.
        raise
    except NightFailedError:
        with _failing_no_night():
            tell_now(settings)
        raise
    except Exception as error:
        with _failing_no_night():
            _tell_of_error(settings, day, error)
        raise
    with _failing_no_night():
        tell_now(settings)


def _tell_of_error(settings: Settings, day: date, error: Exception) -> None:
    if not settings.alerts.to:
        return
    from pipeline.alerts.due import tell_failure

    _show(tell_failure(settings, day, error, now=datetime.now(UTC)))


@contextmanager
def _failing_no_night() -> Iterator[None]:
    """Say in one line that alerts cannot even be looked for."""
    try:
        yield
    except Exception as error:
        from pipeline.progress import console

        words = " ".join(str(error).split()) if isinstance(error, LoyaltyError) else type(error).__name__
        console.print(f"  [yellow]warn[/]  no alert sent: {escape(words)}", soft_wrap=True)


def tell_now(settings: Settings) -> bool:
    """Send the alerts that are due; returns whether each reached everyone."""
    if not settings.alerts.to:
        return True
    from pipeline.alerts.due import tell_what_is_due
    from pipeline.run_records import open_records

    now = datetime.now(UTC)
    try:
        with open_records(settings.home) as instance:
            sent = tell_what_is_due(settings, instance, now=now)
    except DiskFullError as error:
        # What the log and the published file tell can be told all the same.
        sent = tell_what_is_due(settings, None, now=now)
        sent.failures.append(f"runs are not looked at: {error}")
    return _show(sent)


def try_addresses(settings: Settings) -> bool:
    """Send everyone a message that only shows that it arrives; returns whether it does.

    Raises:
        ConfigError: there is no address.
    """
    refuse_without_addresses(settings)
    from pipeline.alerts.messages import tried
    from pipeline.alerts.send import send

    return _show(send(tried(settings), settings))


def refuse_without_addresses(settings: Settings) -> None:
    """Refuse to tell nobody.

    Raises:
        ConfigError: there is no address.
    """
    if not settings.alerts.to:
        raise ConfigError("alerts.to is empty, so nobody is told; name an address there, as the README says")


def settle_killed(settings: Settings) -> None:
    """Mark runs whose process was killed as failed, so that they are told of and no longer count as under way.

    If the records cannot be read, as on a full disk, the next step says so.
    """
    from pipeline.run_records import open_records, settle_killed_runs

    try:
        with open_records(settings.home) as instance:
            if instance:
                settle_killed_runs(instance, settings.home)
    except DiskFullError:
        return
    except LoyaltyError:
        raise
    except Exception:
        return


def _show(sent: "Sent") -> bool:
    from pipeline.progress import console

    for words in sent.to:
        console.print(f"  [green]told[/]  {escape(words)}", soft_wrap=True)
    for words in sent.failures:
        console.print(f"  [yellow]warn[/]  {escape(words)}", soft_wrap=True)
    return not sent.failures
