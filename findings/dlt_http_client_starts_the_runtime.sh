#!/usr/bin/env bash
# dlt 1.31.0: its HTTP client, which is offered as requests with retries, starts the whole of dlt. dlt.sources.helpers.requests.Client is
# built with every argument given and asked for nothing yet, and still resolves RuntimeConfiguration: it reads .dlt/config.toml in the working
# folder and variables of the environment, and initialises the runtime that sends telemetry unless told not to. So a program that only
# wants retries behaves as the folder says that it was started in, and a value there that is no boolean keeps the client from being built.
# Session of requests, or the function that Client.__init__ wraps (inspect.unwrap), reads nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dlt==1.31.0
mkdir .dlt
cat >build.py <<'PYTHON'
import sys
from inspect import unwrap
from pathlib import Path

import dlt
from dlt.sources.helpers.requests import Client

given = {"request_timeout": 5, "request_max_attempts": 1, "request_backoff_factor": 1, "request_max_retry_delay": 1}


def outcome(build):
    try:
        build()
        return "built"
    except Exception as error:
        return type(error).__name__


def plainly():
    unwrap(Client.__init__)(object.__new__(Client), **given)


found = (outcome(lambda: Client(**given)), outcome(plainly))
print("dlt", dlt.__version__, Path(".dlt/config.toml").read_text().split("\n")[1], found)
expected = {"good": ("built", "built"), "bad": ("ConfigValueCannotBeCoercedException", "built")}[sys.argv[1]]
assert found == expected, found
PYTHON
export DLT_DATA_DIR="$folder/data"
printf '[runtime]\ndlthub_telemetry = false\n' >.dlt/config.toml
venv/bin/python build.py good
printf '[runtime]\ndlthub_telemetry = "perhaps"\n' >.dlt/config.toml
venv/bin/python build.py bad
