"""A server and a shop that several files need. What is asked of them does not belong here."""

import fcntl
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest
from moto.moto_api._internal import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from pipeline.configuration import load_settings
from pipeline.settings import Settings
from tests import processes
from tests.integration.large import Large, make_large
from tests.nights import records_of
from tests.scenario import Shop, make_demo, make_shop, order_lines
from tests.two_nights import TwoNights, make_two_nights

SECRET = "sEcReT"
DAY = "2026-06-30"
DEMO_DAY = "2026-11-21"
THREADS = "POLARS_MAX_BLOCKING_THREAD_COUNT"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to need it has made, and all others find."""
    base = factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder.with_suffix(".made")
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of 50 customers after its first night, never changed; its sources record no consent, so the configuration does."""

    def make(folder: Path) -> None:
        result = make_shop(folder, order_lines(100), actions={"consent_without_flag": True}).run(DAY)
        assert result.exit_code == 0, result.output

    return Shop(made_once(tmp_path_factory, "first_night", make))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a shop without a row."""
    shop = make_shop(tmp_path, [])
    return load_settings(shop.config, home=shop.home)


@pytest.fixture
def records(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The empty records of its home."""
    with records_of(settings.home, monkeypatch) as instance:
        yield instance


@pytest.fixture(scope="module")
def night(first_night: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A copy of the shop after its first night, for the tests of one file."""
    folder = tmp_path_factory.mktemp("night") / "shop"
    shutil.copytree(first_night.folder, folder)
    return Shop(folder)


@pytest.fixture(scope="module")
def shop(night: Shop) -> Shop:
    """The same; some files have a copy of it for every test."""
    return night


@pytest.fixture(scope="session")
def demo_night(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The bundled demo shop after one night, never changed; it must not use up half of polars's threads."""

    def make(folder: Path) -> None:
        shop = replace(make_demo(folder, end_date=DEMO_DAY), environment={THREADS: "256"})
        result = processes.run(shop, DEMO_DAY)
        assert result.exit_code == 0, result.output
        # polars says so only on stderr, and may then wait for ever.
        assert THREADS not in result.output

    return Shop(made_once(tmp_path_factory, "demo_night", make))


@pytest.fixture(scope="module")
def large(demo_night: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """The same shop as a large one, for the tests of one file."""
    with make_large(demo_night, tmp_path_factory.mktemp("large") / "shop", DEMO_DAY) as made:
        yield made


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> TwoNights:
    return TwoNights(made_once(tmp_path_factory, "two_nights", make_two_nights))


class KeptOpen(MotoRequestHandler):
    """Answers every request of a connection, and says nothing of it."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Where the S3 of moto answers. Its server of all services would look for the one that is meant, which takes longer than to answer."""
    server = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True, request_handler=KeptOpen)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an S3 server with the empty bucket `shop`; the environment points to it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        # Where credentials are looked up when none are given: nowhere outside this machine.
        "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="shop")
    yield client
    moto_api_backend.reset()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited for, none of which pass."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited
