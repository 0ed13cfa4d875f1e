"""Dagster's web server behind the guard: `python -m pipeline.ui.webserver`, with the options of Dagster's own."""

from pathlib import Path
from typing import Any

from dagster_webserver import app, cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.charts.kept import ADDRESS, find_picture
from pipeline.configuration import load_settings
from pipeline.ui.guard import guard


class GuardedWebserver(DagsterWebserver[Any, Any]):
    """Dagster's web server with the guard in front of every route."""

    hosts: tuple[str, ...] = ()
    home: Path | None = None
    """Where the pictures of tables are; without one there are none."""

    def build_middleware(self) -> list[Middleware]:
        """As the base class, behind the guard."""
        return [*guard(self.hosts), *super().build_middleware()]

    def build_routes(self) -> list[BaseRoute]:
        """As the base class, and the pictures of tables."""
        routes: list[BaseRoute] = super().build_routes()  # type: ignore[no-untyped-call]
        return [Route(f"{self._app_path_prefix}{ADDRESS}/{{place:path}}", self.show_picture), *routes]

    async def show_picture(self, request: Request) -> Response:
        """A picture of a table, which never changes but with its date computed again."""
        file = find_picture(self.home, request.path_params["place"]) if self.home else None
        if file is None:
            return PlainTextResponse("no such picture\n", 404)
        return FileResponse(file, media_type="image/png", headers={"Cache-Control": "no-cache"})


def main() -> None:
    """Serve the UI of the configuration that the environment names."""
    settings = load_settings()
    GuardedWebserver.hosts, GuardedWebserver.home = tuple(settings.ui.hosts), settings.home
    # Replaced where Dagster looks for it, which has no setting for a guard.
    vars(app)["DagsterWebserver"] = GuardedWebserver
    cli.main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
