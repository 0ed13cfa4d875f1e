"""`python -m tests.supply_chain` writes the table of docs/supply-chain.md: every package of the lock with its licence.

Licences are what the installed packages say of themselves.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE, LOCK = ROOT / "docs" / "supply-chain.md", ROOT / "requirements.lock"
BEGIN, END = "| package | version | licence |\n|---|---|---|\n", "\n\n<!-- end of the table -->"
WORDS_OF_A_NAME = 45
"""The field can hold the whole text of a licence."""
OF_WINDOWS = ("sys_platform == 'win32'", "os_name == 'nt'")


def locked(text: str) -> dict[str, list[tuple[str, str]]]:
    """Package -> its versions in the lock, each with the condition under which it is installed."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, version, condition in re.findall(r"^([a-z0-9][\w.-]*)==([^ ;\\]+)(?: ; (.*?))? \\$", text, flags=re.M):
        found.setdefault(name, []).append((version, condition))
    return found


def licence_of(name: str) -> str:
    """The licence of an installed package: its expression, else its short name, else its classifiers."""
    about = metadata(name)
    short = (about.get("License") or "").strip()
    classifiers = [
        line.split(" :: ")[-1]
        for line in about.get_all("Classifier", [])
        if line.startswith("License :: OSI Approved :: ")
    ]
    named = short if 0 < len(short) <= WORDS_OF_A_NAME else ""
    return str(about.get("License-Expression") or ", ".join(classifiers) or named or "not stated")


def table() -> str:
    """A row for each package."""
    rows = []
    for name, versions in sorted(locked(LOCK.read_text()).items()):
        try:
            licence = licence_of(name)
        except PackageNotFoundError:
            if not all(any(windows in condition for windows in OF_WINDOWS) for _, condition in versions):
                raise
            licence = "for Windows alone, never installed"
        rows.append(f"| {name} | {', '.join(version for version, _ in versions)} | {licence} |")
    return "\n".join(rows)


def main() -> None:
    """Put the table in the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}")


if __name__ == "__main__":
    main()
