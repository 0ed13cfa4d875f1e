"""`make test-spark`: the tests of the engine with a server of Apache Spark in place of Sail, and a worker that dies; outside CI, as it
needs Java 17 and 500 MB.

The environment `.spark` has Apache Spark from PyPI, which is another package of the same modules as the client. Its executors run
the Python of `.venv`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from pipeline.fact_files import Facts
from pipeline.lake import Lake
from pipeline.spark import Spark

ROOT = Path(__file__).parents[2]
CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
PATIENCE_SECONDS = 120


def main() -> None:
    """Start the server, run the tests, and end with their exit code."""
    (home,) = ROOT.glob(".spark/lib/python3*/site-packages/pyspark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
    }
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command = [str(home / "bin" / "spark-submit"), "--master", "local[2,4]", "--class", CLASS, *given, "spark-internal"]
    environment = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    with (ROOT / ".spark" / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert server.poll() is None, f"the server has ended; see {log.name}"
                assert time.monotonic() < until, f"the server does not answer; see {log.name}"
                time.sleep(0.5)
            tests = [sys.executable, "-m", "pytest", "-n0", "-v", "tests/integration/test_spark.py"]
            told = {**os.environ, "SPARK_CONNECT_ADDRESS": f"sc://127.0.0.1:{port}"}
            code = subprocess.run(tests, cwd=ROOT, env=told).returncode
            survive_a_worker(told["SPARK_CONNECT_ADDRESS"])
        finally:
            server.kill()
            server.wait()
    sys.exit(code)


def survive_a_worker(address: str) -> None:
    """Where a worker dies while it computes, its bucket is computed by another; Sail computes all in one process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        spark = Spark(SecretStr(address), at_once=2)
        facts = Facts(folder, Lake(str(folder / "lake")), bounds=(10, 20, 30), engine=spark)
        found = list(facts.over(partial(die_once, died=folder / "died")))
        assert found == [None, 10, 20, 30], found
        assert (folder / "died").exists()
    print("a worker that died in a bucket: all buckets are there")


def die_once(part: Facts, *, died: Path) -> int | None:
    """The first customer of a bucket; who computes that of 20 first dies over it."""
    first = part.bucket.first if part.bucket else None
    if first == 20 and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return first


if __name__ == "__main__":
    # By its full name: what tasks run is found by it.
    from tests.bench.apache_spark import main as run

    run()
