"""The UI and the daemon of the schedule, as `dagster dev` starts them, with the guarded web server: `python -m pipeline.ui`."""

import warnings
from collections.abc import Sequence
from typing import Any

from dagster._cli import dev

DAGSTERS, GUARDED = "dagster_webserver", "pipeline.ui.webserver"
DAEMON = "dagster._daemon"


def guarded(command: Sequence[str]) -> list[str]:
    """The command of a service, with the guarded web server in place of Dagster's.

    Raises:
        RuntimeError: the service is unknown, so it could be a web server without the guard.
    """
    if not {DAGSTERS, DAEMON}.intersection(command):
        raise RuntimeError(f"Dagster starts an unknown service: {' '.join(command[:3])}")
    return [GUARDED if part == DAGSTERS else part for part in command]


def main() -> None:
    """Start both and wait for them."""
    # Replaced where `dagster dev` looks for it, which has no setting for another web server.
    start = vars(dev)["open_ipc_subprocess"]

    def start_guarded(command: Sequence[str], **options: Any) -> Any:
        return start(guarded(command), **options)

    vars(dev)["open_ipc_subprocess"] = start_guarded
    # It would be the first thing that a newcomer sees, and names a tool that takes projects of another kind.
    warnings.filterwarnings("ignore", message="Function `?dev_command`? is superseded")
    dev.dev_command()


if __name__ == "__main__":
    main()
