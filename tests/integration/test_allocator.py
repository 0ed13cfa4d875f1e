"""How long polars keeps freed memory is set before polars is loaded, unless the environment says it."""

import os
import subprocess
import sys

import pytest

TOLD = "import pipeline, os, sys; print('polars' in sys.modules, os.environ['_RJEM_MALLOC_CONF'])"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, "dirty_decay_ms:1500"), ({"_RJEM_MALLOC_CONF": "dirty_decay_ms:100"}, "dirty_decay_ms:100")],
)
def test_it_is_set_before_polars_is_loaded(environment: dict[str, str], expected: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    run = subprocess.run(
        [sys.executable, "-c", TOLD], env=inherited | environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == f"False {expected}\n"
