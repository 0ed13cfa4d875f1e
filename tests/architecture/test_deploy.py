"""What `deploy` starts is there: the units of systemd, the image, and what the compose file and the chart start of it; and the
licences page names what the lock installs.
"""

import json
import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from pipeline.cli import app
from tests import supply_chain
from tests.scenario import ROOT

DOCKER = ROOT / "deploy" / "docker"
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


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} (.*)$", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)


def test_the_image_takes_what_there_is_and_the_ignore_file_lets_in() -> None:
    taken = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    let_in = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")}
    assert set(taken) == let_in
    assert all((ROOT / name).exists() for name in taken)


def test_the_daemon_and_the_chart_find_the_code_location_that_the_image_starts() -> None:
    command = json.loads(instructions("CMD")[0])
    (served,) = yaml.safe_load((DOCKER / "workspace.yaml").read_text())["load_from"]
    (local,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    values = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "values.yaml").read_text())
    (code,) = values["dagster-user-deployments"]["deployments"]
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    module = ["--module-name", local["python_module"]]
    assert command[-2:] == code["dagsterApiGrpcArgs"] == module
    assert served["grpc_server"]["host"] in services
    assert f"--port {served['grpc_server']['port']}" in " ".join(command)
    assert served["grpc_server"]["port"] == code["port"] == int(instructions("EXPOSE")[0])
    (entry,) = instructions("ENTRYPOINT")
    modules = [json.loads(entry)[2], services["webserver"]["command"][2]]
    assert all(find_spec(name) for name in modules)


def test_the_chart_is_that_of_our_dagster_and_the_image_that_of_our_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "deploy" / "kubernetes" / "values.yaml").read_text()
    (chart,) = re.findall(r"--version (\S+)", text)
    (tag,) = re.findall(r'tag: "(\S+)"', text)
    assert f"dagster=={chart}" in project["dependencies"]
    assert tag == project["version"]


def test_every_locked_package_is_on_the_page_with_its_version_and_licence() -> None:
    page = supply_chain.PAGE.read_text()
    rows = {row[0]: row[1:] for row in re.findall(r"^\| ([a-z0-9][\w.-]*) \| ([^|]+) \| ([^|]+) \|$", page, flags=re.M)}
    versions = {
        name: ", ".join(version for version, _ in of)
        for name, of in supply_chain.locked(supply_chain.LOCK.read_text()).items()
    }
    assert len(versions) > 100
    assert {name: version for name, (version, _) in rows.items() if name != "package"} == versions
