"""Tasks computed by a Spark Connect server, as `engine.spark` asks: Spark schedules, polars computes, files take the rows.

What is computed does not belong here.
"""

import hashlib
import importlib
import json
import pickle
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
from pydantic import SecretStr

import pipeline
import schemas
from pipeline.errors import ConfigError, EngineError, LoyaltyError
from pipeline.fact_files import Facts, Result
from pipeline.facts import program_of
from pipeline.lake import Lake
from pipeline.parts import Found, stored
from pipeline.settings import Settings
from pipeline.unchanged import LIBRARIES
from schemas.registry import ENTITIES

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

PORT = 15002
"""Of an address without one."""
CONNECT_SECONDS = 10
NAME = "loyalty-warehouse"
"""Of this program as it is installed."""
INSTALL = "install it with pip install '.[spark]' in the folder of this program, or take the line away"
SCHEMA = pa.schema([("place", pa.int64()), ("result", pa.binary())])


class TaskError(RuntimeError):
    """A fault of ours in a task; its text has the traceback."""


@dataclass(frozen=True)
class Spark:
    """A Spark Connect server, whose executors have this program and see the home under the same name."""

    address: SecretStr
    """As sc://host:15002, with what the server wants to know behind it, such as ;token=…"""
    at_once: int
    """Tasks that are computed at the same time, if the server has room for them."""

    @classmethod
    def of(cls, settings: Settings) -> "Spark | None":
        """That of a configuration; null where it computes here."""
        given = settings.engine
        return cls(given.spark, given.at_once) if given.spark else None

    def each(self, facts: Facts, work: Callable[..., Result], given: Sequence[tuple[Any, ...]]) -> Iterator[Result]:
        """As `Facts.each`; rows of tables are in files of the lake, of which no table has them yet.

        Raises:
            EngineError: the server cannot be reached, is lost on the way, or its executors lack the program or the files.
            LoyaltyError: what `work` raises of these.
        """
        return iter(self._run(pickle.dumps((facts.folder, work, given)), len(given)).values() if given else ())

    def _run(self, job: bytes, n_tasks: int) -> dict[int, Any]:
        """The results of tasks by their place, in this order."""
        stamp = stamp_of_program()

        def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            # Here, as this runs where the module is not loaded yet; only what is sent along is known there.
            from pipeline.spark import run_task

            return run_task(stamp, job, batches)

        with self._session() as session:
            places = session.range(0, n_tasks, 1, min(n_tasks, self.at_once)).withColumnRenamed("id", "place")
            rows = places.mapInArrow(task, "place long, result binary").toArrow().to_pylist()
        results = {row["place"]: pickle.loads(row["result"]) for row in sorted(rows, key=lambda row: row["place"])}
        for result in results.values():
            if isinstance(result, Exception):
                raise result
        if len(results) < n_tasks:
            raise EngineError(f"engine.spark: {self.host} has computed {len(results)} of {n_tasks} tasks; run again")
        return results

    def refuse_other_sight(self, home: Path, lake: Lake) -> None:
        """Let an executor look at the home and the lake; the home must be there.

        Raises:
            EngineError: the server cannot be reached, or its executors lack the program, or see another home or lake.
            LakeError: they cannot read the lake.
        """
        facts = Facts(home, lake)
        there, here = self._run(pickle.dumps((home, _sight, [(facts,)])), 1)[0], _sight(facts)
        for place, of_executor, own in zip((home, lake.root), there, here, strict=True):
            if of_executor != own:
                raise EngineError(
                    f"engine.spark: the executors see another {place} than this machine; put it where both see the same"
                )

    @contextmanager
    def _session(self) -> Iterator["SparkSession"]:
        """A session, whose errors are told in a line."""
        try:
            _load_client()
            from pyspark.errors import PySparkException
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
        except ImportError as error:
            raise ConfigError(f"engine.spark needs a package that is not here ({error}); {INSTALL}") from error
        self._refuse_silence()
        try:
            # It says that it has given up, in more lines than ours, and from other threads too.
            warnings.filterwarnings("ignore", message=r"\[RETRIES_EXCEEDED\]")
            session = SparkSession(connection=self.address.get_secret_value())
            # By default the client would go on for ten minutes.
            session.client.set_retry_policies(
                [DefaultPolicy(max_retries=3, initial_backoff=500, max_backoff=4_000, max_server_retry_delay=4_000)]
            )
            yield session
            session.stop()
        except PySparkException as error:
            raise EngineError(f"engine.spark: {self.host}: {_why(error)}") from error

    @property
    def host(self) -> str:
        """The address without what may be secret."""
        host, port = self._host_and_port
        return f"sc://{host}:{port}"

    @property
    def _host_and_port(self) -> tuple[str, int]:
        told = urlsplit(self.address.get_secret_value().split(";")[0])
        return told.hostname or "localhost", told.port or PORT

    def _refuse_silence(self) -> None:
        """Raises EngineError where nothing answers, or not as such a server does: the client would try for long."""
        import grpc
        from pyspark.sql.connect.client import DefaultChannelBuilder

        try:
            socket.create_connection(self._host_and_port, timeout=CONNECT_SECONDS).close()
            with DefaultChannelBuilder(self.address.get_secret_value()).toChannel() as channel:
                grpc.channel_ready_future(channel).result(timeout=CONNECT_SECONDS)
        except (OSError, grpc.FutureTimeoutError) as error:
            why = str(error) or "what listens there speaks another language"
            raise EngineError(
                f"engine.spark: {self.host} does not answer ({why}); start the server, or take the line away to "
                "compute on this machine"
            ) from error


def _load_client() -> None:
    """Import the client, which takes a program that was started from no file for its own tests, and ends it (pyspark-client 4.2)."""
    main = vars(sys.modules["__main__"])
    is_from_file = main.setdefault("__file__", __file__) is not __file__
    try:
        importlib.import_module("pyspark.sql.connect")
    finally:
        if not is_from_file:
            del main["__file__"]


def _sight(facts: Facts) -> tuple[list[str], dict[str, int]]:
    """The names in a home, and the versions of the lake's tables."""
    made = [table for table in ENTITIES.values() if facts.lake.is_made(table)]
    names = sorted(file.name for file in facts.folder.iterdir())
    return names, {table.name: facts.lake.version(table) for table in made}


def run_task(stamp: str, job: bytes, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Compute the tasks whose places are in the batches, where Spark calls it; what goes wrong is a result too."""
    for batch in batches:
        for place in batch.column(0).to_pylist():
            result = pickle.dumps(_result(stamp, job, place))
            yield pa.RecordBatch.from_pydict({"place": [place], "result": [result]}, schema=SCHEMA)


def _result(stamp: str, job: bytes, place: int) -> Any:
    if stamp != (own := stamp_of_program()):
        return EngineError(
            f"engine.spark: the executors have program {own}, and this machine has {stamp}; install the same there"
        )
    try:
        folder, work, given = pickle.loads(job)
        if not folder.is_dir():
            return EngineError(
                f"engine.spark: the executors do not see {folder}; put the home on a disk that they mount under the same name"
            )
        found = work(*given[place])
        return stored(given[place][0], found) if isinstance(found, Found) else found
    except (LoyaltyError, OSError) as error:
        # A full disk is told as one here.
        return error
    except Exception:
        # What an error holds need not be one that can be sent.
        return TaskError(f"task {place}: {traceback.format_exc()}")


@cache
def stamp_of_program() -> str:
    """The version of this program, with what tells it from another of the same version."""
    told = [program_of(pipeline), program_of(schemas), *(version(name) for name in LIBRARIES)]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:8]
    return f"{version(NAME)} ({digest})"


def _why(error: Exception) -> str:
    """Why the server has failed, in a line."""
    words = " ".join(str(error).split())
    if "No module named 'pipeline" in words:
        return f"the executors lack this program; install {NAME} {version(NAME)} there"
    return f"{words[:300]}; run again once it answers"
