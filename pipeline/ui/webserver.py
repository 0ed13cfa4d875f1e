"""Dagster's web server behind the guard: `python -m pipeline.ui.webserver`, with the options of Dagster's own."""

from typing import Any

from dagster_webserver import app, cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from pipeline.configuration import load_settings
from pipeline.ui.guard import guard


class GuardedWebserver(DagsterWebserver[Any, Any]):
    """Dagster's web server with the guard in front of every route."""

    hosts: tuple[str, ...] = ()

    def build_middleware(self) -> list[Middleware]:
        """As the base class, behind the guard."""
        return [*guard(self.hosts), *super().build_middleware()]


def main() -> None:
    """Serve the UI of the configuration that the environment names."""
    GuardedWebserver.hosts = tuple(load_settings().ui.hosts)
    # Replaced where Dagster looks for it, which has no setting for a guard.
    vars(app)["DagsterWebserver"] = GuardedWebserver
    cli.main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
