"""The units of systemd start commands that there are, and each timer has its service."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.cli import app
from tests.scenario import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/loyalty/.venv/bin/loyalty"


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_starts_a_command_with_options_that_it_has(service: Path) -> None:
    (started,) = re.findall(r"^ExecStart=(.*)$", service.read_text(), flags=re.MULTILINE)
    program, name, *rest = started.split()
    assert program == PROGRAM
    command = get_command(app).commands[name]  # type: ignore[attr-defined]  # a group of commands
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known


def test_every_timer_has_its_service_and_every_unit_is_in_the_docs() -> None:
    timers = {unit.stem for unit in UNITS.glob("*.timer")}
    assert timers == {"loyalty", "loyalty-watch"}
    assert timers <= {unit.stem for unit in SERVICES}
    page = (ROOT / "docs" / "operations.md").read_text()
    assert {unit.name for unit in UNITS.iterdir()} == {
        name for name in re.findall(r"`(loyalty[a-z-]*\.\w+)`", page) if "yaml" not in name
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        # It looks whether the program is there.
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    units = sorted(map(str, tmp_path.iterdir()))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    # It tells of units of the machine too.
    assert [line for line in found.stderr.splitlines() if "loyalty" in line] == []
