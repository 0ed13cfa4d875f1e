"""An alert on its way to every address, by the library apprise; none that fails to arrive stops anything. Its words belong to `messages`."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.alerts.messages import Alert, hide, secrets_in
from pipeline.settings import Settings

LEVELS = {"failure": "failure", "warnings": "warning", "missed": "failure", "success": "success"}
"""Kind of alert -> what apprise calls it, which decides its colour or icon in a service."""
BY_MAIL = ("mailto://", "mailtos://")
"""How the address of a mailbox begins: only mail takes a file along."""
LOG_LINE = re.compile(r"^.*? - (?:WARNING|ERROR|CRITICAL) - (.*)$", re.M)


@dataclass(frozen=True)
class Sent:
    """Who got an alert, by the number and kind of the address; and why others did not, one line each."""

    to: list[str]
    failures: list[str]


def send(alert: Alert, settings: Settings) -> Sent:
    """Send an alert to every address."""
    sent = Sent([], [])
    for number, secret in enumerate(settings.alerts.to):
        address = secret.get_secret_value()
        name = f"alerts.to.{number} ({address.partition('://')[0] if '://' in address else 'no address'})"
        why = _send(alert, address)
        if why is None:
            sent.to.append(name)
        else:
            sent.failures.append(f"alert '{alert.title}' not sent to {name}: {why}")
    return sent


def _send(alert: Alert, address: str) -> str | None:
    """Send it to one address; returns why that failed, null if it did not."""
    # Here, so that only those who use alerts wait for it.
    import apprise

    try:
        service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Loyalty warehouse", async_mode=False))
        with _unprinted(), apprise.LogCapture(level=logging.WARNING) as log:  # type: ignore[no-untyped-call]
            if not service.add(address):
                return "apprise knows no such address; see its list of services"
            is_sent = service.notify(
                title=alert.title,
                body=alert.body,
                notify_type=apprise.NotifyType(LEVELS[alert.kind]),
                body_format=apprise.NotifyFormat.TEXT,
                attach=str(alert.attachment) if alert.attachment and address.startswith(BY_MAIL) else None,
            )
            said = LOG_LINE.findall(log.getvalue())
    # Whatever goes wrong in a service: an alert that fails never fails a night.
    except Exception as error:
        return f"{type(error).__name__} in apprise"
    return None if is_sent else _harmless(" ".join(said[-1].split()) if said else "no answer", address)


@contextmanager
def _unprinted() -> Iterator[None]:
    """What apprise logs is told by us, without secrets, and printed by nobody else."""
    logger = logging.getLogger("apprise")
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = before


def _harmless(words: str, address: str) -> str:
    return hide(words, secrets_in(address)).rstrip(".")
