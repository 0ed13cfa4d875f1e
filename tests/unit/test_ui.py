"""The UI's guard, in front of Dagster's own web server without any code location. All requests are harmless ones."""

import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from typer.testing import CliRunner

from pipeline.charts.kept import folder_of
from pipeline.cli import app as command_line
from pipeline.commands.explain.address import path_of
from pipeline.commands.explain.one_customer import explain
from pipeline.commands.explain.page import Page
from pipeline.ui.__main__ import guarded
from pipeline.ui.port import refuse_taken
from pipeline.ui.webserver import GuardedWebserver
from tests.scenario import ROOT, make_shop

QUERY = {"query": "{ version }"}
HOME = "http://localhost:3000"


PNG = b"\x89PNG a picture"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("home")
    picture = folder_of(folder) / "rfm" / "2026-06-30.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(PNG)
    (folder / "work" / "told.json").write_text("{}")

    class Webserver(GuardedWebserver):
        hosts = ("bi.shop.example",)
        home = folder

        @staticmethod
        def explained(customer: str, *, as_of: date | None) -> Page:
            if customer == "nl/1":
                return Page("Customer nl/1", f"As of {as_of}", [])
            return explain(folder / "warehouse.duckdb", folder / "editions", customer, as_of=as_of)

    with (
        dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as context,
    ):
        yield Webserver(context).create_asgi_app()


def ask(app: Any, base: str = HOME, **headers: str) -> int:
    return TestClient(app, base_url=base).post("/graphql", json=QUERY, headers=headers).status_code


def listens(app: Any, base: str = HOME, **headers: str) -> bool:
    """Whether a websocket is accepted and answers."""
    address = f"{base.replace('http', 'ws', 1)}/graphql"
    try:
        with TestClient(app).websocket_connect(address, headers=headers, subprotocols=["graphql-ws"]) as socket:
            socket.send_json({"type": "connection_init"})
            return bool(socket.receive_json() == {"type": "connection_ack"})
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize(
    "base",
    [
        *("http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "http://LocalHost:3000"),
        *("https://bi.shop.example", "https://bi.shop.example:8443"),
    ],
)
def test_a_page_of_the_ui_may_ask_under_each_of_its_names(app: Any, base: str) -> None:
    assert ask(app, base, Origin=base) == 200


@pytest.mark.parametrize("base", ["http://evil.example", "http://localhost.evil.example", "http://sub.bi.shop.example"])
def test_a_name_that_is_not_known_is_refused_whatever_is_asked(app: Any, base: str) -> None:
    client = TestClient(app, base_url=base)
    assert ask(app, base, Origin=base) == 400
    assert client.get("/server_info").status_code == 400
    assert not listens(app, base, Origin=base)


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "http://localhost:8000", "http://localhost", "null", ""),
        *("http://localhost:3000.evil.example", "http://localhost:3000@evil.example", "https://bi.shop.example"),
    ],
)
def test_a_page_of_another_origin_may_neither_ask_nor_listen(app: Any, origin: str) -> None:
    assert ask(app, Origin=origin) == 403
    assert not listens(app, Origin=origin)
    reported = TestClient(app, base_url=HOME).post("/report_asset_check/a", headers={"Origin": origin})
    assert reported.status_code == 403


def test_what_names_no_origin_may_neither_ask_nor_listen(app: Any) -> None:
    assert ask(app) == 403
    assert not listens(app)


@pytest.mark.parametrize("base", [HOME, "http://bi.shop.example"])
def test_a_page_of_the_ui_may_listen(app: Any, base: str) -> None:
    assert listens(app, base, Origin=base)


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_a_query_in_an_address_is_not_executed(app: Any, path: str) -> None:
    client = TestClient(app, base_url=HOME)
    response = client.get(path, params=QUERY, headers={"Origin": HOME, "Accept": "*/*"}, follow_redirects=False)
    assert response.status_code == 405
    assert "version" not in response.text
    shown = client.get("/graphql", params=QUERY, headers={"Accept": "text/html"})
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["X-Frame-Options"] == "DENY"


def test_every_service_that_dagster_starts_is_known_and_its_web_server_is_the_guarded_one() -> None:
    assert guarded(["python", "-m", "dagster_webserver", "--port", "3000"]) == [
        *("python", "-m", "pipeline.ui.webserver", "--port", "3000")
    ]
    assert guarded(["python", "-m", "dagster._daemon", "run"]) == ["python", "-m", "dagster._daemon", "run"]
    with pytest.raises(RuntimeError, match="unknown service: python -m other"):
        guarded(["python", "-m", "other"])


def test_pictures_of_tables_are_served_and_nothing_else_of_a_home(app: Any) -> None:
    client = TestClient(app, base_url=HOME)
    answer = client.get("/pictures/rfm/2026-06-30.png")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    for place in ("rfm/2026-07-01.png", "%2e%2e/told.json", "rfm/%2e%2e/%2e%2e/told.json", ""):
        assert client.get(f"/pictures/{place}").status_code == 404
    assert TestClient(app, base_url="http://evil.example").get("/pictures/rfm/2026-06-30.png").status_code == 400


def test_a_customer_is_explained_by_a_page_that_nobody_keeps(app: Any) -> None:
    answer = TestClient(app, base_url=HOME).get(f"{path_of('nl/1')}?as_of=2026-06-30")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>Customer nl/1</title>" in answer.text
    assert "As of 2026-06-30" in answer.text


def test_a_customer_is_explained_in_one_line_where_they_cannot_be(app: Any) -> None:
    client = TestClient(app, base_url=HOME)
    nobody, no_date = client.get("/customers/c1"), client.get("/customers/c1?as_of=soon")
    assert (nobody.status_code, no_date.status_code) == (503, 400)
    assert nobody.text.endswith("warehouse.duckdb does not exist yet; publish an edition with `loyalty run` first\n")
    assert no_date.text == "as_of: 'soon' is not a date like 2026-01-31\n"
    assert {answer.headers["Cache-Control"] for answer in (nobody, no_date)} == {"no-store"}
    assert TestClient(app, base_url="http://evil.example").get("/customers/c1").status_code == 400


@pytest.mark.parametrize(("options", "module"), [([], ["pipeline.ui"]), (["--read-only"], ["pipeline.ui.webserver", "--read-only"])])  # fmt: skip
def test_a_ui_that_only_shows_has_no_daemon_and_the_guarded_web_server(
    options: list[str], module: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    for name in ("DAGSTER_HOME", "LOYALTY_CONFIG"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    monkeypatch.setattr("os.execv", lambda _, command: started.append(command))
    shown = CliRunner().invoke(command_line, ["ui", "--port", "3001", "--config", str(ROOT / "loyalty.yaml"), *options])
    assert shown.exit_code == 0, shown.output
    ((_, flag, *rest),) = started
    assert [flag, *rest] == ["-m", *module, "-w", str(ROOT / "workspace.yaml"), "-p", "3001"]


@pytest.mark.parametrize("how", [[], ["--read-only"]])
def test_a_port_in_use_is_refused_in_one_line_before_anything_starts(tmp_path: Path, how: list[str]) -> None:
    shop = make_shop(tmp_path, [])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = shop.loyalty("ui", "--port", str(port), *how)
    assert refused.exit_code == 1
    assert refused.error_lines == [
        f"error: --port {port} is in use by another program; stop it, or give another --port"
    ]
    assert not shop.home.exists()
    refuse_taken(port)
