"""`loyalty run` in a process of its own that is struck in the middle of a step. What must hold afterwards belongs in the tests.

It is forked from a process that has only imported everything, so that a run does not pay for imports.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import dagster as dg

from pipeline import run_records
from pipeline.cli import app
from pipeline.progress import _ProgressHandler
from tests.scenario import ROOT, Result, Shop

PRELOADED = [
    "tests.processes",
    "pipeline.definitions",
    "alembic.command",
    "altair",
    "dagster._core.storage.base_storage",
    "pipeline.dagster_event_log",
    "dbt.adapters.duckdb",
    "dbt.task.build",
    "hypothesis.strategies",
    "pandera.strategies",
    "rich.traceback",
    "upath",
]
PIPELINE = str(ROOT / "pipeline")
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(PRELOADED)

TOLD = "moments"
START, AFTER = "start", "after "
"""What is outside steps, as a step: everything before the first, and after the named one."""
Moment = tuple[str, str]
"""A step, and which of our functions is called or returns in it."""


@dataclass(frozen=True)
class Strike:
    """When a run is struck: within a step, at its n-th moment, at the first with a given name, or (null) when its first new
    data file is in the lake.

    A step without such a moment, or without data to write, is struck at its end.
    """

    step: str
    at: int | str | None = 0


def kill() -> None:
    """End this process as a power cut does: none of it runs on."""
    os.kill(os.getpid(), signal.SIGKILL)


def run(shop: Shop, as_of: str, *, strike: Strike | None = None, blow: Callable[[], None] = kill) -> Result:
    """`loyalty run` in a process of its own; `blow` is what the strike does there. A killed run has exit code -9."""
    return _in_process(shop, as_of, strike, blow, None)


def moments(shop: Shop, as_of: str) -> list[Moment]:
    """Run to the end, and return what happened within each step."""
    result = _in_process(shop, as_of, None, kill, shop.folder / TOLD)
    assert result.exit_code == 0, result.output
    return moments_told(shop.folder)


def moments_told(folder: Path) -> list[Moment]:
    """What `moments` has told of a shop."""
    lines = [line.split("\t") for line in (folder / TOLD).read_text().splitlines()]
    return [(step, what) for step, what in lines]


def _in_process(shop: Shop, as_of: str, strike: Strike | None, blow: Callable[[], None], told: Path | None) -> Result:
    environment = {**shop.environment, "LOYALTY_HOME": str(shop.home)}
    arguments = ["run", "--as-of", as_of, "--config", str(shop.config)]
    receiver, output = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_main, args=(arguments, environment, output, strike, blow, told))
    process.start()
    output.close()
    with open(receiver.fileno(), encoding="utf-8", closefd=False) as stream:
        text = stream.read()
    process.join()
    receiver.close()
    assert process.exitcode is not None
    return Result(process.exitcode, text)


def _main(
    arguments: list[str],
    environment: dict[str, str],
    output: Connection,
    strike: Strike | None,
    blow: Callable[[], None],
    told: Path | None,
    outside: bool = False,
) -> None:
    # A pipe, because a full disk would swallow the output too.
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    os.environ.update(environment)
    # Nobody else runs in the home: a run that was killed before need not be looked at for longer.
    run_records.WAITING_SECONDS = 0
    _Watch(Path(environment["LOYALTY_HOME"]) / "lake", strike, blow, told, outside).begin()
    app(arguments)


class _Watch:
    """Follows the steps of a run by Dagster's events, and what happens within one by calls of our own functions."""

    def __init__(
        self, lake: Path, strike: Strike | None, blow: Callable[[], None], told: Path | None, outside: bool
    ) -> None:
        self.lake = lake
        self.strike = strike
        self.blow = blow
        self.told = told.open("w", buffering=1) if told else None
        self.outside = outside
        """Whether to include what is outside steps, which takes longer."""
        self.step = ""
        self.passed = 0

    def begin(self) -> None:
        emit = _ProgressHandler.emit

        def emit_and_follow(handler: _ProgressHandler, record: Any) -> None:
            event = getattr(record, "dagster_meta", {}).get("dagster_event")
            if event is not None and event.event_type in (
                dg.DagsterEventType.STEP_SUCCESS,
                dg.DagsterEventType.STEP_FAILURE,
            ):
                self.end_step()
                self.begin_step(f"{AFTER}{self.step}")
            emit(handler, record)
            if event is not None and event.event_type == dg.DagsterEventType.STEP_START:
                self.begin_step(event.step_key)

        _ProgressHandler.emit = emit_and_follow  # type: ignore[assignment, method-assign]
        self.begin_step(START)

    def begin_step(self, step: str) -> None:
        self.step, self.passed = step, 0
        is_target = self.strike is not None and self.strike.step == step
        if is_target and self.strike is not None and self.strike.at is None:
            threading.Thread(target=self.await_data, args=(set(self.lake.rglob("*.parquet")),), daemon=True).start()
        elif is_target or (self.told and (self.outside or not step.startswith((START, AFTER)))):
            self.reach("begin")
            sys.setprofile(self.profile)
            threading.setprofile(self.profile)

    def end_step(self) -> None:
        sys.setprofile(None)
        threading.setprofile(None)
        if self.strike is not None and self.strike.step == self.step:
            self.hit()

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        if event in ("call", "return") and frame.f_code.co_filename.startswith(PIPELINE):
            self.reach(f"{event} {frame.f_code.co_qualname}")

    def reach(self, what: str) -> None:
        if self.told:
            self.told.write(f"{self.step}\t{what}\n")
        elif self.strike is not None and isinstance(self.strike.at, int):
            if self.passed >= self.strike.at:
                self.hit()
        elif self.strike is not None and self.strike.at == what:
            self.hit()
        self.passed += 1

    def await_data(self, before: set[Path]) -> None:
        while not set(self.lake.rglob("*.parquet")) - before:
            pass
        self.hit()

    def hit(self) -> None:
        """Once."""
        sys.setprofile(None)
        threading.setprofile(None)
        self.strike = None
        self.blow()
