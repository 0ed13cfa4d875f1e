#!/usr/bin/env bash
# libfaketime 0.9.10 (Debian 12) under CPython 3.11: with DONT_FAKE_MONOTONIC=1, threads that take turns at Python code use several
# times the CPU that they use under the real clock. Who waits for Python's lock does so by pthread_cond_timedwait on the
# monotonic clock, for 5 ms at a time; under libfaketime such a wait keeps a core busy instead of sleeping.
# What is computed is right, so a test under a moved clock only looks slow: nights of a Dagster job took a third more.
# Way around: FAKETIME_FORCE_MONOTONIC_FIX=0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 libfaketime=0.9.10-2.1
dpkg -x libfaketime_*.deb .
cat >turns.py <<'PYTHON'
import threading
import time


def work() -> None:
    total = 0
    for number in range(3_000_000):
        total += number


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time())
PYTHON
library=$(find . -name libfaketime.so.1)
moved=(env LD_PRELOAD="$PWD/${library#./}" FAKETIME="@2030-01-01 01:30:00" DONT_FAKE_MONOTONIC=1)
python3 --version
dpkg-deb -f libfaketime_*.deb Package Version
real=$(python3 turns.py)
spun=$("${moved[@]}" python3 turns.py)
fixed=$("${moved[@]}" FAKETIME_FORCE_MONOTONIC_FIX=0 python3 turns.py)
echo "CPU seconds: real clock $real, moved clock $spun, with FAKETIME_FORCE_MONOTONIC_FIX=0 $fixed"
python3 -c "import sys; real, spun, fixed = map(float, sys.argv[1:]); sys.exit(not (spun > 2 * real and fixed < 1.5 * real))" "$real" "$spun" "$fixed"
