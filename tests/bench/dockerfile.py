"""`python -m tests.bench.dockerfile BASE FOLDER`: carries out deploy/docker/Dockerfile line by line in a chroot, where no container
engine is available; as root, outside CI.

BASE is a folder with a Debian that has python, pip and venv, as the base image has them:

    debootstrap --variant=minbase --include=python3-venv,python3-pip,ca-certificates bookworm BASE

Each FROM becomes a copy of it in FOLDER, each COPY takes what the ignore file leaves, each RUN runs in the chroot. In the end the
entry point starts the command of the image as its user, and the health check must pass.
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
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
PASSED_ON = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "LANG")
PATIENCE_SECONDS = 300


class Image:
    """A stage of the build."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.user = root, Path("/"), "root"
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        self.said: dict[str, list[str]] = {}

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


def instructions() -> list[tuple[str, str]]:
    """The lines of the Dockerfile without comments."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def context(folder: Path) -> Path:
    """What the ignore file leaves of the repository: files that git knows, under the names that it lets in."""
    ignore = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().split()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    known = subprocess.run(["git", "ls-files", *let_in], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in known.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def build(base: Path, folder: Path) -> Image:
    """Carry out every line; returns the last stage."""
    sources = context(folder / "context")
    stages: dict[str, Image] = {}
    image = Image(base)
    for word, rest in instructions():
        print(word, rest, flush=True)
        started = time.monotonic()
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "last"
            image = stages[name] = Image(folder / name)
            subprocess.run(["cp", "-a", str(base), str(image.root)], check=True)
            # As every container has it: Python makes its locks there.
            (image.root / "dev" / "shm").mkdir(exist_ok=True)
            (image.root / "dev" / "shm").chmod(0o1777)
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


def start(image: Image) -> None:
    """The command of the image until its health check passes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    (image.root / "etc" / "loyalty").mkdir(exist_ok=True)
    shutil.copy(ROOT / "loyalty.yaml", image.root / "etc" / "loyalty")
    words = {name: [port if word == "4000" else word for word in given] for name, given in image.said.items()}
    process = subprocess.Popen(image.command([*words["ENTRYPOINT"], *words["CMD"]]), start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(image.command(words["HEALTHCHECK"]), capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the health check does not pass")
            time.sleep(2)
        print("healthy", flush=True)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(image.command([*words["ENTRYPOINT"], "loyalty", "--version"]), check=True)
    owner = (image.root / "var/lib/loyalty").stat()
    print(f"home: mode {owner.st_mode & 0o777:o}, uid {owner.st_uid}")
    size = subprocess.run(["du", "-sm", str(image.root / "opt")], check=True, capture_output=True, text=True).stdout
    print(f"/opt of the image: {size.split()[0]} MB")


def main() -> None:
    """Build and start."""
    base, folder = (Path(given).resolve() for given in sys.argv[1:])
    folder.mkdir(parents=True)
    start(build(base, folder))


if __name__ == "__main__":
    main()
