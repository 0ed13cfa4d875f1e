"""Inputs in an object store, against a real S3 API on loopback."""

import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.object_stores import fetch, is_remote, list_objects
from tests.integration.conftest import SECRET
from tests.scenario import ROOT


def put(s3: Any, *keys: str, body: bytes = b"id\n1\n") -> None:
    for key in keys:
        s3.put_object(Bucket="shop", Key=key, Body=body)


def addresses(place: str) -> list[str]:
    return [file.address.removeprefix("s3://shop/") for file in list_objects(place)]


def error_of(place: str) -> str:
    """The one line that tells what is wrong; it never has the secret key."""
    with pytest.raises(SourceShapeError) as caught:
        list_objects(place)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


@pytest.mark.parametrize(
    ("place", "remote"),
    [
        ("s3://b/k", True),
        ("gs://b/k", True),
        ("az://b/k", True),
        ("/a/b", False),
        ("s3", False),
        ("postgresql://h/d", False),
    ],
)
def test_addresses_of_object_stores_are_remote(place: str, remote: bool) -> None:
    assert is_remote(place) is remote


def test_one_object_is_listed_with_its_age(s3: Any) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    put(s3, "exports/orders.csv", "exports/orders.csv.old")
    [file] = list_objects("s3://shop/exports/orders.csv")
    assert file.address == "s3://shop/exports/orders.csv"
    assert before <= file.modified_at <= datetime.now(UTC)


def test_a_prefix_lists_what_is_right_under_it(s3: Any) -> None:
    # The prefix itself, as some tools make it, is no file.
    put(s3, "exports/", "exports/b.csv", "exports/a b%20é.csv", "exports/old/c.csv", "exports2/d.csv", "top.csv")
    assert addresses("s3://shop/exports/") == ["exports/a b%20é.csv", "exports/b.csv"]
    assert addresses("s3://shop/") == addresses("s3://shop") == ["top.csv"]
    assert addresses("s3://shop/none/") == []


def test_a_glob_matches_within_its_folders(s3: Any) -> None:
    put(
        s3,
        "2026-01/orders_1.csv",
        "2026-02/orders_2.csv",
        "2026-02/old/orders_3.csv",
        "2026-02/lines.csv",
        "orders_4.csv",
    )
    assert addresses("s3://shop/2026-02/orders_*.csv") == ["2026-02/orders_2.csv"]
    assert addresses("s3://shop/2026-0?/orders_[12].csv") == ["2026-01/orders_1.csv", "2026-02/orders_2.csv"]
    assert addresses("s3://shop/2026-02/*") == ["2026-02/lines.csv", "2026-02/orders_2.csv"]
    assert addresses("s3://shop/*.csv") == ["orders_4.csv"]
    assert addresses("s3://shop/2027-*/*.csv") == []


def test_two_stars_are_all_folders_below(s3: Any) -> None:
    put(
        s3,
        "in/a.csv",
        "in/2026/b.csv",
        "in/2025/x/c.csv",
        "in/2025/x/d.txt",
        "in/.trash/e.csv",
        "in/.f.csv",
        "out/g.csv",
    )
    assert addresses("s3://shop/in/**/*.csv") == ["in/2025/x/c.csv", "in/2026/b.csv", "in/a.csv"]
    assert addresses("s3://shop/in/**/x/*") == ["in/2025/x/c.csv", "in/2025/x/d.txt"]
    assert addresses("s3://shop/**/b.csv") == ["in/2026/b.csv"]
    assert addresses("s3://shop/in/*.csv") == ["in/a.csv"]


def test_a_key_that_is_there_is_no_pattern(s3: Any) -> None:
    put(s3, "in/orders[1].csv", "in/orders1.csv", "shop [nl]/a.csv", "shop [nl]/b.txt", "shop n/a.csv")
    assert addresses("s3://shop/in/orders[1].csv") == ["in/orders[1].csv"]
    assert addresses("s3://shop/in/orders[12].csv") == ["in/orders1.csv"]
    assert addresses("s3://shop/shop [nl]/*.csv") == ["shop [nl]/a.csv"]
    assert addresses("s3://shop/shop [nl]/a.csv") == ["shop [nl]/a.csv"]
    assert addresses("s3://shop/shop [nl]/") == ["shop [nl]/a.csv", "shop [nl]/b.txt"]


@pytest.mark.parametrize("key", ["in//a.csv", "in/./a.csv"])
@pytest.mark.parametrize("place", ["s3://shop/in/", "s3://shop/in/*.csv", "s3://shop/in/**/*.csv"])
def test_a_key_that_is_no_path_is_told(s3: Any, place: str, key: str) -> None:
    put(s3, key, "in/b.csv")
    text = error_of(place)
    assert text.startswith(f"{place}: the key in/")
    assert text.endswith("has // or a part . or .. in it, which is no path; copy it under another one")


def test_a_changed_object_has_another_fingerprint(s3: Any) -> None:
    def fingerprint() -> str:
        return list_objects("s3://shop/orders.csv")[0].fingerprint

    put(s3, "orders.csv")
    first = fingerprint()
    put(s3, "orders.csv")
    assert fingerprint() == first
    put(s3, "orders.csv", body=b"id\n2\n")
    assert fingerprint() != first


@pytest.mark.parametrize("size", [0, 1, (16 << 20) - 1, (32 << 20) + 1])
def test_an_object_is_copied_whole(s3: Any, tmp_path: Path, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    put(s3, "exports/a b.csv", body=body)
    fetch("s3://shop/exports/a b.csv", tmp_path / "copy.csv")
    assert (tmp_path / "copy.csv").read_bytes() == body
    assert [file.name for file in tmp_path.iterdir()] == ["copy.csv"]


def test_an_object_that_changes_meanwhile_is_not_copied(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "orders.csv")

    def head_then_change(store: Any, key: str) -> Any:
        found = head(store, key)
        put(s3, key, body=b"id\n2\n")
        return found

    head = obstore.head
    monkeypatch.setattr(obstore, "head", head_then_change)
    with pytest.raises(SourceShapeError, match=r"^s3://shop/orders.csv: changed while it was read; run again$"):
        fetch("s3://shop/orders.csv", tmp_path / "copy.csv")
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_object(s3: Any, tmp_path: Path) -> None:
    def peak_megabytes(size: int) -> float:
        """Peak memory of a process that copies an object of this many megabytes."""
        put(s3, "big.csv", body=b"x" * (size << 20))
        script = f"""
import resource
from pathlib import Path
from pipeline.sources.object_stores import fetch
fetch("s3://shop/big.csv", Path({str(tmp_path / "big.csv")!r}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)
        assert (tmp_path / "big.csv").stat().st_size == size << 20
        return float(done.stdout)

    assert peak_megabytes(192) < peak_megabytes(64) + 40


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("s3://shop/nothing.csv", "there is no such object or bucket; the address of a folder ends in /"),
        ("s3://nowhere/exports/orders.csv", "there is no such object or bucket"),
        ("s3://nowhere/exports/", "NoSuchBucket"),
        ("s3://nowhere/exports/*.csv", "NoSuchBucket"),
        ("s3:///orders.csv", "names no bucket; write s3://bucket/folder/file"),
        ("az://box/orders.csv", "Account must be specified; check the address, and set AZURE_STORAGE_ACCOUNT_NAME"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_what_is_not_there_is_told_in_one_line(place: str, told: str) -> None:
    text = error_of(place)
    assert text.startswith(f"{place}: ")
    assert told in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ALLOW_HTTP": None}, "AWS_ALLOW_HTTP=true"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_a_store_that_cannot_be_reached_is_told_soon(
    changes: dict[str, str | None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in changes.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    started = time.monotonic()
    for place in ("s3://shop/orders.csv", "s3://shop/exports/"):
        assert told in error_of(place)
    assert time.monotonic() - started < 20


@pytest.mark.usefixtures("s3")
def test_a_server_that_takes_no_connection_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    # The first connection fills its queue: whoever connects then hears nothing.
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        started = time.monotonic()
        error_of("s3://shop/orders.csv")
    assert time.monotonic() - started < 20
