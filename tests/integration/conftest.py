"""A server and a shop that several files need. What is asked of them does not belong here."""

from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.scenario import Shop, make_shop, order_lines

SECRET = "sEcReT"
DAY = "2026-06-30"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of 100 orders after its first night."""
    shop = make_shop(tmp_path_factory.mktemp("shop"), order_lines(100))
    result = shop.run(DAY)
    assert result.exit_code == 0, result.output
    return shop


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an S3 server with the bucket `shop`, empty; the environment leads to it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        # Where credentials are looked for when none are given: nothing outside this machine.
        "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="shop")
    yield client
    urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")).close()
