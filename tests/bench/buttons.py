"""What the UI's buttons do in a real browser: launch a date, one asset and ten dates, and show what came of it.

`python -m tests.bench.buttons [--shop FOLDER] [--backfill]`, in the environment `.browser`. A shop is a folder as `tests.scenario` makes
it, after a night, by default one that it makes. tests/integration/test_browser.py runs it without the ten dates, which take minutes.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.browser import BIN, CHROMIUM, ROOT, SHOWS_WITHIN, Found, see_picture, ui

ENDS_WITHIN = 600_000
ONE_STEP = 3
"""Tables that come of the step of RFM."""
N_DATES, N_BAD = 10, 30
ALL_ENDED = "100% completed"
ENDED = re.compile(r"^(Success|Failure|Failed|Canceled|Completed)$")
SHOP = """
import sys; from pathlib import Path; from tests.scenario import make_shop, order_lines
result = make_shop(Path(sys.argv[1]), order_lines(100), actions={"consent_without_flag": True}).run("2026-06-30")
sys.exit(result.output if result.exit_code else 0)
"""


def press(page: Page, address: str, *buttons: str) -> None:
    """Open a page of the UI and press one button after another."""
    page.goto(address)
    for button in buttons:
        page.get_by_role("button", name=button).first.click(timeout=SHOWS_WITHIN)


def launch(page: Page, dates: str) -> None:
    """Name the dates in the dialog that asks for them, and launch them."""
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("textbox").first
    field.fill(dates)
    field.press("Enter")
    dialog.get_by_role("button", name="Launch").click()


def follow(page: Page) -> str:
    """How what was just launched has ended, on the page that the UI leads to."""
    page.get_by_text("View", exact=True).click(timeout=SHOWS_WITHIN)
    page.wait_for_url("**/runs/**")
    end = page.get_by_text(ENDED).first
    end.wait_for(timeout=ENDS_WITHIN)
    return end.inner_text()


def follow_dates(page: Page) -> tuple[str, ...]:
    """How many dates were launched, are under way, succeeded and failed, once all have ended."""
    page.get_by_text("View", exact=True).click(timeout=SHOWS_WITHIN)
    page.get_by_text(ALL_ENDED).first.wait_for(timeout=N_DATES * ENDS_WITHIN)
    counts = re.search(rf"{ALL_ENDED}\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", page.locator("body").inner_text())
    return counts.groups() if counts else ()


def check_buttons(page: Page, folder: Path, found: Found, pictures: Path, *, with_backfill: bool) -> None:
    """Every kind of launch, each followed to its end."""

    def keep(name: str) -> None:
        page.screenshot(path=pictures / f"{name}.png")

    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    first = yesterday - timedelta(days=N_DATES - 1)
    nightly = ("/locations/pipeline.definitions/jobs/nightly", "Materialize all")
    press(page, *nightly)
    launch(page, str(yesterday))
    found.check((end := follow(page)) == "Success", f"the job of {yesterday}, launched on its page: {end}")
    keep("date")

    press(page, "/assets/segments/rfm?view=events", "Materialize", "Confirm")
    launch(page, str(first))
    found.check((end := follow(page)) == "Success", f"segments/rfm alone, at {first}: {end}")
    tables = page.get_by_text(f"{ONE_STEP} assets").count()
    found.check(tables > 0, f"it was a run of {ONE_STEP} assets, those of its step")
    page.goto("/assets/segments/rfm?view=events")
    for day in (yesterday, first):
        page.get_by_text(str(day)).first.wait_for(timeout=SHOWS_WITHIN)
    see_picture(page, "rfm", found)
    keep("asset")

    page.goto("/assets/marts/customer_rfm?view=lineage")
    for name in ("rfm", "customer_360"):
        page.get_by_text(name, exact=True).first.wait_for(timeout=SHOWS_WITHIN)
    found.check(True, "the lineage of marts/customer_rfm shows what it is made of, and what is made of it")
    keep("lineage")

    if with_backfill:
        press(page, *nightly)
        launch(page, f"[{first}...{yesterday}]")
        end = follow_dates(page)
        wanted = (str(N_DATES), "0", str(N_DATES), "0")
        found.check(end == wanted, f"a backfill of {N_DATES} dates (launched, under way, succeeded, failed): {end}")
        keep("backfill")

    # Last, as a blocking check fails: so does this run, and soon a night that the sensor of new files starts.
    with (folder / "orders.csv").open("a") as orders:
        orders.writelines(f"x{n},c1,2026-02-31 12:00:00,paid,1.00\n" for n in range(N_BAD))
    press(page, "/assets/sources/csv_orders?view=events", "Materialize")
    found.check((end := follow(page)) == "Failure", f"sources/csv_orders alone, with {N_BAD} bad rows: {end}")
    page.goto("/assets/sources/csv_orders?view=checks&checkDetail=reject_rate")
    said = page.get_by_text(f"{N_BAD} of 130 orders rejected").first
    said.wait_for(timeout=SHOWS_WITHIN)
    sample = "orders.csv row 101: ordered_at: is not a date"
    found.check(sample in said.inner_text(), f"check reject_rate shows file, row and reason: {sample}")
    found.check(page.get_by_text("Failed", exact=True).count() > 0, "and says that it failed")
    keep("check")


def main() -> None:
    """Press all of them; exit code 1 where one does something else."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path, help="a shop of the tests after a night; made when left out")
    parser.add_argument("--backfill", action="store_true", help=f"also the job for {N_DATES} dates, some minutes")
    parser.add_argument("--pictures", type=Path, help="folder for a picture of each page at the end")
    given = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory() as temporary:
        folder, pictures = given.shop or Path(temporary) / "shop", given.pictures or Path(temporary)
        if given.shop is None:
            subprocess.run([BIN / "python", "-c", SHOP, folder], cwd=ROOT, check=True)
        with sync_playwright() as playwright, ui(folder / "home", folder / "loyalty.yaml") as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1500, "height": 1000}, base_url=address)
            check_buttons(page, folder, found, pictures, with_backfill=given.backfill)
            browser.close()
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
