"""The UI in a real browser: a date and an asset alone launched by its buttons, and a check that fails shown with file, row and reason.

What it looks like, and ten dates at once: `make test-browser`.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scenario import ROOT, Shop

PYTHON = ROOT / ".browser" / "bin" / "python"
BROWSERS = ("chromium", "chromium-headless-shell")


def test_the_buttons_of_the_ui_do_what_they_say(first_night: Shop, tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("Playwright is not installed; `make .browser/installed` does it")
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    shop = Shop(tmp_path / "shop")
    shutil.copytree(first_night.folder, shop.folder)
    command = [PYTHON, "-m", "tests.bench.buttons", "--shop", shop.folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 8
