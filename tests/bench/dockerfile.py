"""`python -m tests.bench.dockerfile BASE FOLDER`: carries out the Dockerfiles of deploy/docker line by line in a chroot, where no
container engine is available; as root, outside CI.

BASE is a folder with a Debian that has python, pip and venv, as the base image has them:

    debootstrap --variant=minbase --include=python3-venv,python3-pip,ca-certificates bookworm BASE

Each FROM becomes a copy of it in FOLDER, each COPY takes what the ignore file leaves, each RUN runs in the chroot. In the end the
entry point starts the command of the image as its user, and the health check must pass. Then the image of executors is made from
it, and a night of the image has its customers computed by it, with one home mounted in both.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
EXECUTOR_PORT = "15002"
PASSED_ON = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "LANG")
PATIENCE_SECONDS = 300


class Image:
    """A stage of the build."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.user = root, Path("/"), "root"
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        self.said: dict[str, list[str]] = {}

    def copy(self, root: Path) -> "Image":
        """The same image under another root, as a stage begins with it."""
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        made = Image(root)
        made.folder, made.user, made.said = self.folder, self.user, dict(self.said)
        made.environment = dict(self.environment)
        # As every container has it: Python makes its locks there.
        (root / "dev" / "shm").mkdir(exist_ok=True)
        (root / "dev" / "shm").chmod(0o1777)
        return made

    def at(self, place: str) -> Path:
        """A place of the image on this machine."""
        return self.root / str(self.folder / place).lstrip("/")

    def command(self, words: list[str]) -> list[str]:
        """A command in the image, as its user and in its folder."""
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        inside = [
            "chroot",
            f"--userspec={self.user}",
            str(self.root),
            "env",
            "-i",
            f"--chdir={self.folder}",
            *variables,
        ]
        return [*inside, *words]


def instructions(file: Path) -> list[tuple[str, str]]:
    """The lines of a Dockerfile without comments, those that go on in one."""
    whole = re.sub(r"\\\n\s*", "", file.read_text())
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def context(folder: Path) -> Path:
    """What the ignore file leaves of the repository: files that git knows, under the names that it lets in."""
    ignore = (DOCKER / "Dockerfile.dockerignore").read_text().split()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    known = subprocess.run(["git", "ls-files", *let_in], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in known.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def build(file: Path, base: Image, folder: Path) -> Image:
    """Carry out every line; returns the last stage. What is no stage is made from `base`."""
    sources = context(folder / "context")
    stages: dict[str, Image] = {}
    image = base
    for word, rest in instructions(file):
        print(word, rest, flush=True)
        started = time.monotonic()
        if word == "FROM":
            other, _, name = rest.partition(" AS ")
            image = stages[name or "last"] = stages.get(other, base).copy(folder / (name or "last"))
        elif word == "WORKDIR":
            image.folder = image.folder / rest
            image.at(".").mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            other = re.match(r"--from=(\w+) ", rest)
            *given, target = rest.split()[bool(other) :]
            for name in given:
                source = stages[other[1]].at(name) if other else sources / name
                # As docker does: of a folder, what is in it.
                inside = f"{source}/." if source.is_dir() else str(source)
                goal = image.at(target)
                (goal if source.is_dir() else goal.parent).mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-a", inside, str(goal)], check=True)
        elif word == "RUN":
            subprocess.run(image.command(["/bin/sh", "-c", rest]), check=True)
        elif word == "ENV":
            for name, value in re.findall(r"(\w+)=(\S+)", rest):
                image.environment[name] = value.replace("$PATH", image.environment["PATH"])
        elif word == "USER":
            image.user = rest
        elif word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            image.said[word] = json.loads(rest[rest.index("[") :])
        elif word not in ("VOLUME", "EXPOSE"):
            raise ValueError(f"this script does not know {word}")
        print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return image


@contextmanager
def running(image: Image, ports: dict[str, str]) -> Iterator[None]:
    """The command of the image, from when its health check passes; `ports` has another for each that it names."""
    words = {name: [ports.get(word, word) for word in given] for name, given in image.said.items()}
    process = subprocess.Popen(image.command([*words["ENTRYPOINT"], *words["CMD"]]), start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(image.command(words["HEALTHCHECK"]), capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the health check does not pass")
            time.sleep(2)
        print("healthy", flush=True)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def mounted(folder: Path, *places: Path) -> Iterator[None]:
    """A folder of this machine at several places."""
    for place in places:
        subprocess.run(["mount", "--bind", str(folder), str(place)], check=True)
    try:
        yield
    finally:
        for place in places:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def start(image: Image) -> None:
    """Start the image; its program answers, and its home is its user's alone."""
    (image.root / "etc" / "loyalty").mkdir(exist_ok=True)
    shutil.copy(ROOT / "loyalty.yaml", image.root / "etc" / "loyalty")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with running(image, {"4000": port}):
        pass
    subprocess.run(image.command([*image.said["ENTRYPOINT"], "loyalty", "--version"]), check=True)
    owner = (image.root / "var/lib/loyalty").stat()
    print(f"home: mode {owner.st_mode & 0o777:o}, uid {owner.st_uid}")
    size = subprocess.run(["du", "-sm", str(image.root / "opt")], check=True, capture_output=True, text=True).stdout
    print(f"/opt of the image: {size.split()[0]} MB")


def compute(image: Image, executor: Image, home: Path) -> None:
    """A night of the image, of which the executor computes the customers."""
    shutil.copytree(image.root / "var/lib/loyalty", home)
    owner = (image.root / "var/lib/loyalty").stat()
    for place in (home, *home.rglob("*")):
        os.chown(place, owner.st_uid, owner.st_gid)
    settings = image.root / "etc/loyalty/loyalty.yaml"
    engine = {"spark": f"sc://127.0.0.1:{EXECUTOR_PORT}", "rows_per_bucket": 25_000}
    settings.write_text(yaml.safe_dump({**yaml.safe_load(settings.read_text()), "engine": engine}))
    roots = [each.root for each in (image, executor)]
    with (
        mounted(Path("/proc"), *(root / "proc" for root in roots)),
        mounted(home, *(root / "var/lib/loyalty" for root in roots)),
        running(executor, {}),
    ):
        for words in (["check"], ["run"]):
            subprocess.run(image.command([*image.said["ENTRYPOINT"], "loyalty", *words]), check=True)


def main() -> None:
    """Build both, start them, and let one compute for the other."""
    base, folder = (Path(given).resolve() for given in sys.argv[1:])
    folder.mkdir(parents=True)
    image = build(DOCKER / "Dockerfile", Image(base), folder / "program")
    start(image)
    executor = build(DOCKER / "executor.Dockerfile", image, folder / "executor")
    compute(image, executor, folder / "home")


if __name__ == "__main__":
    main()
