"""Dagster's web server behind the guard, and pages of ours beside its own: `python -m pipeline.ui.webserver`, with the options of Dagster's own."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from dagster_webserver import app, cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.charts.kept import ADDRESS, find_picture
from pipeline.commands.explain import address
from pipeline.commands.explain.as_html import as_html
from pipeline.commands.explain.one_customer import explain
from pipeline.commands.explain.page import Page
from pipeline.configuration import load_settings
from pipeline.errors import ConfigError, LoyaltyError
from pipeline.resources import Home
from pipeline.ui.guard import guard


class GuardedWebserver(DagsterWebserver[Any, Any]):
    """Dagster's web server with the guard in front of every route."""

    hosts: tuple[str, ...] = ()
    home: Path | None = None
    """Where the pictures of tables are; without one there are none."""
    explained: Callable[..., Page] | None = None
    """What makes the page of a customer, by name and `as_of`; without it there is none."""

    def build_middleware(self) -> list[Middleware]:
        """As the base class, behind the guard."""
        return [*guard(self.hosts), *super().build_middleware()]

    def build_routes(self) -> list[BaseRoute]:
        """As the base class, and the pictures of tables and the pages of customers."""
        routes: list[BaseRoute] = super().build_routes()  # type: ignore[no-untyped-call]
        prefix = self._app_path_prefix
        return [
            Route(f"{prefix}{ADDRESS}/{{place:path}}", self.show_picture),
            Route(f"{prefix}{address.CUSTOMERS}/{{customer:path}}", self.explain_customer),
            *routes,
        ]

    async def show_picture(self, request: Request) -> Response:
        """A picture of a table, which never changes but with its date computed again."""
        file = find_picture(self.home, request.path_params["place"]) if self.home else None
        if file is None:
            return PlainTextResponse("no such picture\n", 404)
        return FileResponse(file, media_type="image/png", headers={"Cache-Control": "no-cache"})

    async def explain_customer(self, request: Request) -> Response:
        """Why a customer is where they are, as `loyalty explain` says it: made when asked for, and kept nowhere."""
        if self.explained is None:
            return PlainTextResponse("no such page\n", 404)
        customer, day = request.path_params["customer"], request.query_params.get("as_of")
        try:
            as_of = date.fromisoformat(day) if day else None
        except ValueError:
            return PlainTextResponse(f"as_of: '{day}' is not a date like 2026-01-31\n", 400, NOT_KEPT)
        try:
            page = await run_in_threadpool(self.explained, customer, as_of=as_of)
        except LoyaltyError as error:
            status = 404 if isinstance(error, ConfigError) else 503
            return PlainTextResponse(f"{error}\n", status, NOT_KEPT)
        return HTMLResponse(as_html(page), headers=NOT_KEPT)


NOT_KEPT = {"Cache-Control": "no-store"}
"""What is said of a person stays in no cache."""


def main() -> None:
    """Serve the UI of the configuration that the environment names."""
    settings = load_settings()
    home = Home.of(settings)
    GuardedWebserver.hosts, GuardedWebserver.home = tuple(settings.ui.hosts), settings.home
    GuardedWebserver.explained = partial(explain, home.warehouse, home.editions)
    # Replaced where Dagster looks for it, which has no setting for a guard.
    vars(app)["DagsterWebserver"] = GuardedWebserver
    cli.main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
