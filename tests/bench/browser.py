"""The report, an explanation and the UI in a real browser: what axe-core finds, what they ask of others, whether pictures are seen.

Run by `make test-browser`, outside CI, in the environment `.browser`; `make screenshots` also remakes the pictures of the README. It takes
a home with an edition, by default that of a demo shop that it makes.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "bin"
AXE = ROOT / ".browser" / "package" / "axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-headless-shell")
WIDE, NARROW = 1280, 400
STARTS_WITHIN, SHOWS_WITHIN = 300, 120_000
WITH_PICTURE = ("rfm", "segment_sizes", "nps_index", "sci_index", "say_do", "promise_impact", "cohort_retention")


class Found(list[str]):
    """What is wrong, as it is found."""

    def check(self, is_right: bool, what: str) -> None:
        """Say what was looked at, and keep it when it is wrong."""
        print(f"{'ok   ' if is_right else 'WRONG'} {what}", flush=True)
        if not is_right:
            self.append(what)


def loyalty(home: Path, *arguments: str | Path) -> str:
    """What a command prints."""
    environment = {"LOYALTY_PII_KEY": "0123456789abcdef0123456789abcdef", **os.environ, "LOYALTY_HOME": str(home)}
    command = [str(BIN / "loyalty"), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def pages_of(home: Path, work: Path) -> dict[str, Path]:
    """The report in both languages, and the explanation of the customer whom it names first."""
    pages = {}
    for language in ("nl", "en"):
        configuration = work / f"{language}.yaml"
        text = (
            (ROOT / "loyalty.yaml").read_text(encoding="utf-8").replace("  language: en\n", f"  language: {language}\n")
        )
        configuration.write_text(text, encoding="utf-8")
        report = Path(loyalty(home, "report", "--config", configuration).strip())
        kept = sorted((home / "editions").glob("*.html"))
        for page in (report, *kept):
            page.unlink()
        loyalty(home, "report", "--config", configuration)
        pages[f"report in {language}"] = work / f"report_{language}.html"
        pages[f"report in {language}"].write_text(report.read_text(encoding="utf-8"), encoding="utf-8")
    (customer, *_) = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', report.read_text(encoding="utf-8"))
    pages["explanation"] = work / "explained.html"
    loyalty(home, "explain", customer, "--html", pages["explanation"])
    return pages


def check_page(browser: Browser, name: str, file: Path, found: Found) -> None:
    """A page by itself: axe in the light and the dark, wide and narrow; requests, errors, pictures, overflow."""
    for scheme in ("light", "dark"):
        for width in (WIDE, NARROW):
            # Only so axe can be put into a page that allows no script.
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            page, asked, errors = context.new_page(), [], []  # type: ignore[var-annotated]
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda line, errors=errors: errors.append(line.text) if line.type == "error" else None)
            page.goto(file.as_uri())
            page.evaluate(AXE.read_text(encoding="utf-8"))
            violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            outside = [url for url in asked if not url.startswith(("file:", "data:"))]
            unseen = page.evaluate("[...document.images].filter(one => !one.naturalWidth).length")
            is_wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            words = f"{name}, {scheme}, {width} px"
            found.check(not violations, f"{words}: axe {[one['id'] for one in violations]}")
            found.check(not outside and not errors, f"{words}: asks for {outside}, errors {errors}")
            found.check(
                not unseen and not is_wider, f"{words}: {unseen} pictures not seen; wider than the window: {is_wider}"
            )
            context.close()


@contextmanager
def ui(home: Path, config: Path = ROOT / "loyalty.yaml") -> Iterator[str]:
    """The address of the UI while it is looked at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = {"LOYALTY_PII_KEY": "0123456789abcdef0123456789abcdef", **os.environ, "LOYALTY_HOME": str(home)}
    command = [str(BIN / "loyalty"), "ui", "--port", str(port), "--config", str(config)]
    with (home / "ui.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for_ui(address)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=STARTS_WITHIN)


def wait_for_ui(address: str) -> None:
    """Until it answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            urlopen(f"{address}/server_info", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(1)
    sys.exit(f"the UI does not answer within {STARTS_WITHIN} seconds")


def see_picture(page: Page, table: str, found: Found) -> None:
    """The picture on the page of a dated table."""
    page.goto(f"/assets/segments/{table}?view=events")
    picture = page.locator("img[src^='/pictures/']").first
    picture.wait_for(timeout=SHOWS_WITHIN)
    page.wait_for_function("() => document.querySelector(\"img[src^='/pictures/']\").naturalWidth > 0")
    found.check(len(picture.get_attribute("alt") or "") > len(table), f"segments/{table} shows its picture, with words")


def check_ui(page: Page, found: Found) -> None:
    """Pages of assets with their pictures, a place that is read, and the groups of the graph."""
    for table in WITH_PICTURE:
        see_picture(page, table, found)
    page.goto("/assets/sources/shop_orders__orders?view=events")
    page.get_by_text("age_of_newest_read_hours").wait_for(timeout=SHOWS_WITHIN)
    found.check(page.get_by_text("External Asset").count() > 0, "sources/shop_orders__orders says what was found there")
    page.goto("/asset-groups")
    for group in ("segments_attitude", "marts_attitude", "publish"):
        page.get_by_text(group, exact=True).first.wait_for(timeout=SHOWS_WITHIN)
        found.check(True, f"the graph has group {group}")


def take_screenshots(browser: Browser, address: str, pages: dict[str, Path], folder: Path) -> None:
    """The pictures of the README."""
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": WIDE, "height": 1000}, base_url=address)
    page.goto(pages["report in en"].as_uri())
    page.screenshot(path=folder / "report.png")
    page.locator("#pictures").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('pictures').scrollIntoView()")
    page.screenshot(path=folder / "report_pictures.png")
    page.goto("/assets/segments/nps_index?view=events")
    page.locator("img[src^='/pictures/']").first.wait_for(timeout=SHOWS_WITHIN)
    page.wait_for_timeout(1000)
    page.screenshot(path=folder / "ui_asset.png")
    page.close()


def main() -> None:
    """Look at all of it; exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with an edition of the demo shop; made when left out")
    parser.add_argument("--screenshots", type=Path, help="folder for the pictures of the README")
    given = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        home = given.home or work / "home"
        if given.home is None:
            loyalty(home, "run")
        pages = pages_of(home, work)
        with sync_playwright() as playwright, ui(home) as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name, file in pages.items():
                check_page(browser, name, file, found)
            check_ui(browser.new_page(viewport={"width": 1500, "height": 1300}, base_url=address), found)
            if given.screenshots:
                take_screenshots(browser, address, pages, given.screenshots)
            browser.close()
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
