"""A disk that fills up while a night is written: one clear line, the old warehouse, and the next run ends as if nothing had happened."""

import functools
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Strike, run
from tests.scenario import ROOT, Result, Shop
from tests.two_nights import TUESDAY, Copy, TwoNights, assert_as_undisturbed

PLACES = {
    "the staged batch": (Strike("sources__shop_orders", "call stage_source"), 0),
    "the lake": (Strike("lake__orders", "call Lake.merge"), 0),
    "the build file": (Strike("lake__run_context", "call make_build_file"), 0),
    "the models": (Strike("dbt", "call Dbt.build"), 300_000),
    "the published copy": (Strike("publish__warehouse", "call publish"), 500_000),
}
"""What is being written -> when no file can grow any more beyond so many bytes."""
SPARE_KIB = (200, 1500, 4000)
"""Room on the small disk beside what Monday's night left there: enough for some of Tuesday's, never for all."""
MOUNT_KIB = 200_000


def limit_files(size: int) -> None:
    """No file of this process can grow beyond `size` bytes; Python has a write told of it instead of being killed."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.mark.parametrize("command", [["status"], ["status", "--json"], ["check", "--lake"]])
def test_what_is_printed_to_a_full_disk_is_told_in_a_line(tmp_path: Path, command: list[str]) -> None:
    environment = {**os.environ, "LOYALTY_HOME": str(tmp_path), "LOYALTY_CONFIG": str(ROOT / "loyalty.yaml")}
    call = [sys.executable, "-c", "from pipeline.cli import app; app()", *command]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            call, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    words = "error: what the command prints: No space left on device; make room, or print to another disk\n"
    assert (done.returncode, done.stderr) == (1, words)


def assert_says_that_the_disk_is_full(result: Result, shop: Shop) -> None:
    assert result.exit_code == 1, result.output
    assert len(result.error_lines) == 1, result.output
    assert result.error_lines[0].startswith(f"error: the disk of {shop.home} is full, or fails: ")
    assert "Traceback" not in result.output


def test_a_disk_that_is_full_at_any_place_is_one_line_and_leaves_the_old_warehouse(two_nights: TwoNights) -> None:
    shop = two_nights.home("limited")
    old = shop.warehouse.read_bytes()
    for place, (strike, size) in PLACES.items():
        stopped = run(shop, TUESDAY, strike=strike, blow=functools.partial(limit_files, size))
        assert_says_that_the_disk_is_full(stopped, shop)
        assert shop.warehouse.read_bytes() == old, place
    finished = run(shop, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(shop, two_nights.undisturbed)


@pytest.fixture
def small_disk(two_nights: TwoNights) -> Iterator[Copy]:
    """Monday's home on a disk of its own."""
    disk = two_nights.folder / "mounted"
    disk.mkdir()
    if not mount(disk, MOUNT_KIB, "mount"):
        pytest.skip("this user may not mount a small disk")
    try:
        yield two_nights.home(disk.name)
    finally:
        subprocess.run(["umount", disk], check=True)


def mount(folder: Path, kib: int, *how: str) -> bool:
    """Mount a disk of this size in memory; returns whether this user may."""
    done = subprocess.run(
        [*how, "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", folder], check=False, capture_output=True
    )
    return done.returncode == 0


def test_a_small_disk_is_one_line_and_leaves_the_old_warehouse(small_disk: Copy, two_nights: TwoNights) -> None:
    old = small_disk.warehouse.read_bytes()
    for spare in SPARE_KIB:
        disk = os.statvfs(small_disk.home)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize // 1024
        assert mount(small_disk.home, used + spare, "mount", "-o", "remount")
        assert_says_that_the_disk_is_full(run(small_disk, TUESDAY), small_disk)
        assert small_disk.warehouse.read_bytes() == old
    assert mount(small_disk.home, MOUNT_KIB, "mount", "-o", "remount")
    finished = run(small_disk, TUESDAY)
    assert finished.exit_code == 0, finished.output
    assert_as_undisturbed(small_disk, two_nights.undisturbed)
