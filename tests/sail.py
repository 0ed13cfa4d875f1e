"""A Spark Connect server without Java, on this machine. What is asked of it does not belong here."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenario import ROOT


@contextmanager
def sail(program: Path = ROOT) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a server of its own, whose executors import what is in a folder first, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("sail")), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(program), "POLARS_MAX_THREADS": "2"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "Sail has ended"
            time.sleep(0.1)
        yield f"sc://127.0.0.1:{port}", server
    finally:
        server.kill()
        server.wait()
