"""The words of an alert: what happened, where, why, what stays published, where to read on. `due` decides when.

Nothing in it is secret or personal: what a library says of an error can hold a value of a row, and is left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.command_log import BEFORE_THE_JOB, EndedRun
from pipeline.core.ingest.personal import ADDRESS
from pipeline.run_records import MAINTENANCE, TRACE, Failure, Run
from pipeline.settings import AlertKind, Settings
from pipeline.sources.settings import ApiInput, DatabaseInput
from pipeline.warehouse.editions import is_report, report_of
from pipeline.warehouse.published import Published

HIDDEN = "…"
LEAST_SECRET = 4
"""Shorter secrets are not hidden: that would garble words at random."""
PLAIN_WORD = re.compile("[a-z]{1,7}")
"""Such a part of a path is no secret either: `alerts`, `night`."""
CREDENTIALS = re.compile(r"://[^/@\s]*@")
EMAIL = re.compile(ADDRESS)


@dataclass(frozen=True)
class Alert:
    """One message, as everybody gets it."""

    kind: AlertKind
    title: str
    body: str
    attachment: Path | None = None
    """A file that goes along by e-mail."""


def failed(settings: Settings, what: str, failure: Failure, published: Published | None, run: Run | None) -> Alert:
    """A run or a command that failed; `run` where Dagster has recorded it."""
    cause = failure.cause.harmless + ("" if failure.cause.is_ours else f"; {TRACE}")
    lines = {
        "where": (failure.where or "the run as a whole").replace("__", "/"),
        "cause": cause,
        "published": _stays(published),
        "run": settings.ui.page_of(run.run_id) if run else f"not recorded: it failed {BEFORE_THE_JOB}",
    }
    return _alert(settings, "failure", f"{what} failed", lines)


def warned(
    settings: Settings, run: Run, new: Mapping[str, str], n_as_before: int, published: Published | None
) -> Alert:
    """A night that is published, with checks that warn and did not the night before."""
    lines = {
        **new,
        **({"as the night before": f"{n_as_before} more {_warnings(n_as_before)}"} if n_as_before else {}),
        "published": _is(published),
        "run": settings.ui.page_of(run.run_id),
    }
    return _alert(settings, "warnings", f"{name_of(run)} has {len(new)} new {_warnings(len(new))}", lines)


def missed(
    settings: Settings, day: date, last: Run | None, failed: EndedRun | None, published: Published | None
) -> Alert:
    """No edition of a date by the time it is expected; `failed` is a command that came to no run since the last one."""
    by = f"{settings.alerts.missed_at:%H:%M} ({settings.shop.time_zone})"
    of_last = f"{name_of(last)} {last.outcome}" if last else "none is recorded"
    lines = {
        "expected": f"an edition of {day} by {by}",
        "last run": f"{night(failed.day)} failed {BEFORE_THE_JOB}: {failed.fault}" if failed else of_last,
        "published": _stays(published),
        **({"run": settings.ui.page_of(last.run_id)} if last and not failed else {}),
    }
    return _alert(settings, "missed", f"no edition of {day}", lines)


def went_well(
    settings: Settings, run: Run, report: str, warnings: Mapping[str, str], published: Published | None
) -> Alert:
    """A night that is published, with its figures, and where its report is."""
    page = report_of(published.file) if published else None
    is_there = page is not None and is_report(page)
    lines = {
        **warnings,
        "published": _is(published),
        **({"report": str(page)} if is_there else {}),
        "run": settings.ui.page_of(run.run_id),
    }
    alert = _alert(settings, "success", f"{name_of(run)} is published", lines, report)
    return replace(alert, attachment=page) if is_there and settings.alerts.attach_report else alert


def tried(settings: Settings) -> Alert:
    """A message that only shows that it arrives."""
    return _alert(settings, "success", "a test of alerts", {"cause": "`loyalty check --alerts` was called"})


def name_of(run: Run) -> str:
    """What a run is, in words."""
    return "maintenance" if run.job == MAINTENANCE else night(run.day)


def night(day: date | None) -> str:
    """The night that computes a date."""
    return f"night of {day}" if day else "night"


def without_secrets(text: str, settings: Settings) -> str:
    """A text without secrets of the configuration, credentials in addresses, and e-mail addresses."""
    return EMAIL.sub(HIDDEN, CREDENTIALS.sub(f"://{HIDDEN}@", hide(text, _secrets(settings))))


def secrets_in(address: str) -> set[str]:
    """What may be secret in an address: the whole of it, its password or token, its path and the values of its options."""
    parts = urlsplit(address)
    account, _, host = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    # An address of a hosted service has a token in place of the host.
    found = [password or user, *([] if "." in host or parts.hostname == "localhost" else [host])]
    found += [part for part in parts.path.split("/") if not PLAIN_WORD.fullmatch(part)]
    found += [value for _, value in parse_qsl(parts.query)]
    return {text for text in [address, *found, *map(unquote, found)] if len(text) >= LEAST_SECRET}


def hide(text: str, secrets: Iterable[str]) -> str:
    """A text without these words."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    return text


def _secrets(settings: Settings) -> set[str]:
    found = {settings.pii_key.get_secret_value()} if settings.pii_key else set()
    for address in settings.alerts.to:
        found |= secrets_in(address.get_secret_value())
    for source in settings.sources:
        for place in source.inputs.values():
            if isinstance(place, DatabaseInput) and (password := urlsplit(place.database).password):
                found |= {password, unquote(password)}
            elif isinstance(place, ApiInput):
                found.add(place.token.get_secret_value())
    return found


def _alert(settings: Settings, kind: AlertKind, title: str, lines: Mapping[str, str], report: str = "") -> Alert:
    body = "\n".join(
        [*(f"{name}: {' '.join(words.split())}" for name, words in lines.items()), *filter(None, ["", report])]
    )
    return Alert(kind, without_secrets(f"{settings.shop.name}: {title}", settings), without_secrets(body, settings))


def _warnings(n: int) -> str:
    return "warning" if n == 1 else "warnings"


def _stays(published: Published | None) -> str:
    return f"{published.words} stays, {published.file}" if published else "nothing is published yet"


def _is(published: Published | None) -> str:
    return f"{published.words}, {published.file}" if published else "nothing"
