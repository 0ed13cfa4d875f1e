"""A command that is told to stop, by Ctrl-C, SIGTERM or SIGHUP, ends at once and in one line. What it leaves behind is
its own matter.

The process ends where it stands, as in a power cut, which the next run can cope with. Raising an exception in the
middle of it would be worse: libraries turn it into traces, waits and retries, and compiled code delays it for minutes.
"""

import contextvars
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import NoReturn, ParamSpec

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_BASE = 128
"""What a shell adds to the number of the signal that ended a command."""
DONE = b"\0"
NO_LAST_WORD = "ignore::UserWarning:multiprocessing.resource_tracker"
"""The tracker of semaphores, a process that dbt makes Python start, outlives an ended process, and complains."""

P = ParamSpec("P")

_words: list[Callable[[], str]] = []
_clean_ups: list[Callable[[], None]] = []


def ends_when_told(words: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A command that prints `words` when a signal arrives and exits with 128 + its number: 130 for Ctrl-C.

    It runs in a thread of its own, while the main thread, the only one that gets signals, waits for them: so no library
    can take them instead. An ignored signal stays ignored, as behind `nohup`.
    """

    def decorate(command: Callable[P, None]) -> Callable[P, None]:
        @wraps(command)
        def run(*args: P.args, **named: P.kwargs) -> None:
            if threading.current_thread() is not threading.main_thread():
                command(*args, **named)
                return
            with saying(lambda: words):
                _run_apart(lambda: command(*args, **named))

        return run

    return decorate


@contextmanager
def saying(words: Callable[[], str]) -> Iterator[None]:
    """Say these words when a signal arrives within."""
    _words.append(words)
    try:
        yield
    finally:
        _words.remove(words)


@contextmanager
def cleaning_up(clean_up: Callable[[], None]) -> Iterator[None]:
    """Call `clean_up` when a signal ends the process within; otherwise the code within cleans up itself."""
    _clean_ups.append(clean_up)
    try:
        yield
    finally:
        _clean_ups.remove(clean_up)


def _run_apart(work: Callable[[], None]) -> None:
    """Run `work` in a thread, and end the process if a signal arrives before it is done."""
    warnings = dict.fromkeys([*filter(None, os.environ.get("PYTHONWARNINGS", "").split(",")), NO_LAST_WORD])
    os.environ["PYTHONWARNINGS"] = ",".join(warnings)
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    failure: list[BaseException] = []
    readable, writable = os.pipe()
    os.set_blocking(writable, False)

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failure.append(error)
        finally:
            os.write(writable, DONE)

    # Python writes the number of a signal there as it arrives, whichever thread the system gives it to.
    wakeup_before = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    before = {number: signal.signal(number, _wait_for_byte) for number in heard}
    try:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
        thread.start()
        while (arrived := os.read(readable, 1)) != DONE:
            if arrived[0] in heard:
                _end(arrived[0])
        thread.join()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        signal.set_wakeup_fd(wakeup_before)
        os.close(readable)
        os.close(writable)
    for error in failure:
        raise error


def _wait_for_byte(_: int, __: FrameType | None) -> None:
    """The byte is what counts."""


def _end(number: int) -> NoReturn:
    words = _words[-1]()
    for clean_up in _clean_ups:
        clean_up()
    os.write(2, f"{words}\n".encode())
    os._exit(EXIT_BASE + number)
