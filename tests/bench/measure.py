"""Running a command as a process of its own and what it cost. Which commands are compared does not belong here."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from statistics import median

BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024
MIB = 1 << 20
LINES_OF_A_FAILURE = 5


@dataclass(frozen=True)
class Cost:
    """What one process and all it started cost: seconds of user + system time, seconds passed, highest memory in bytes."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def measure(command: list[str], environment: dict[str, str] | None = None) -> tuple[Cost, str]:
    """Run a command to its end; returns its cost and what it printed.

    The memory of a process counts from its parent's at the start, so the caller must have loaded little.

    Raises:
        RuntimeError: it failed; holds the last lines it printed.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env={**os.environ, **(environment or {})})
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall_seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            last = (output.read() + errors.read()).strip().splitlines()[-LINES_OF_A_FAILURE:]
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {' | '.join(last)}")
        cost = Cost(usage.ru_utime + usage.ru_stime, wall_seconds, usage.ru_maxrss * BYTES_PER_MAXRSS)
        return cost, output.read()


def middle(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        median(cost.cpu_seconds for cost in costs),
        median(cost.wall_seconds for cost in costs),
        int(median(cost.peak_bytes for cost in costs)),
    )
