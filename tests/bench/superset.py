"""`make test-superset`: the dashboard in bi/superset, imported into Apache Superset, opened in Chromium, its numbers compared with SQL.

Outside CI, in the environment `.superset`: some minutes to install, then one. It takes a published file, by default that of the
repository's home. `--screenshot FILE` keeps a picture of the dashboard. `--until FILE --asking SQL` reads the published file itself, which
may be replaced meanwhile: it says when it begins, opens the dashboard and asks SQL Lab in turn until FILE is there, and prints what it saw as
JSON.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import duckdb
import yaml
from playwright.sync_api import Page, Response, sync_playwright

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bi" / "superset"
SUPERSET = Path(sys.executable).with_name("superset")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-headless-shell")
PORT = 3971
SITE = f"http://localhost:{PORT}"
STARTS_WITHIN, SHOWS_WITHIN = 120, 120_000
PAUSE = 5_000
"""Milliseconds between two openings of the dashboard."""
WIDTH, HEIGHT = 1500, 2430
ADDRESS = "/folder/warehouse.duckdb"
CONFIGURATION = """
SECRET_KEY = "for this test only, and for no longer than it takes"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
RATELIMIT_STORAGE_URI = "memory://"
"""

SQL = {
    "buyers": "select count(*) from marts.customer_360 where n_valid_orders > 0",
    "valid_revenue": "select sum(net_amount) from marts.fct_orders where is_valid",
    "expected_spend": "select sum(expected_spend_h) from marts.customer_360",
    "value_at_risk": "select sum(value_at_risk) from marts.customer_360 where churn_band in ('at_risk', 'highly_at_risk')",
    "segments_over_time": """pivot (select as_of_date, segment, n_customers from marts.segment_sizes where kind = 'rfm')
        on segment using sum(n_customers) group by as_of_date""",
    "churn_by_value": "select churn_band, sum(value_at_risk) from marts.customer_360 where churn_band is not null group by all",
    "customers_at_risk": """select customer_id, rfm_segment, churn_band, churn_probability, value_at_risk, next_action
        from marts.customer_360 where value_at_risk > 0 order by value_at_risk desc, customer_id limit 20""",
    "say_do": "select segment_group, says, count(*) from marts.customer_say_do group by all",
    "nps_trend": """with one as (select * from marts.nps_trend where survey_type = 'relational'),
            other as (select * from marts.nps_trend where survey_type = 'transactional')
        select as_of_date, one.nps, one.nps, one.nps_low, one.nps_high, other.nps, other.nps, other.nps_low, other.nps_high
        from one full join other using (as_of_date)""",
    "sci_trend": """select as_of_date, pct_secure, pct_secure, pct_secure_low, pct_secure_high from marts.sci_trend
        where definition = 'top_box' and dimension = 'all'""",
    "cohorts": """select months_since, left(cohort_month::varchar, 7), 100 * n_active / n_customers from marts.cohort_retention
        where months_since > 0 and not is_censored and not is_suppressed""",
    "promise_impact": """select replace(promise_status, 'none', 'no promise, cancelled or returned'), pct_repurchased, mean_pomp
        from marts.promise_impact
        where channel = 'all' and promise_status in ('kept', 'broken', 'none')""",
    "drivers": """select survey_id, construct, performance, importance_pct from marts.driver_importance
        where as_of_date = (select max(as_of_date) from quality.lake_versions)""",
}
"""Chart -> what it must show, asked in another way where there is one. A trend is given twice, as points and as a line."""

Rows = list[tuple[str, ...]]


def run(*arguments: str | Path) -> None:
    """A command of Superset; its words only where it fails."""
    done = subprocess.run([SUPERSET, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"superset {arguments[0]}: {done.stderr[-3000:]}")


def bundle_for(warehouse: Path, folder: Path) -> Path:
    """The bundle as it is imported: zipped, with the address of the published file."""
    archive = folder / "loyalty.zip"
    with zipfile.ZipFile(archive, "w") as into:
        for file in sorted(BUNDLE.rglob("*.yaml")):
            text = file.read_text(encoding="utf-8").replace(ADDRESS, str(warehouse))
            into.writestr(f"superset/{file.relative_to(BUNDLE).as_posix()}", text)
    return archive


@contextmanager
def superset(warehouse: Path, folder: Path) -> Iterator[None]:
    """Superset with the dashboard, while it is looked at."""
    configuration = folder / "superset_config.py"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    os.environ |= {"SUPERSET_CONFIG_PATH": str(configuration), "FLASK_APP": "superset", "SUPERSET_HOME": str(folder)}
    run("db", "upgrade")
    run("init")
    named = ("--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "admin@example.org")
    run("fab", "create-admin", *named, "--password", "admin")
    run("import-dashboards", "--path", bundle_for(warehouse, folder), "--username", "admin")
    with (folder / "superset.log").open("w") as log:
        command = [str(SUPERSET), "run", "--port", str(PORT), "--with-threads"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until_up()
            yield
        finally:
            process.terminate()
            process.wait(timeout=STARTS_WITHIN)


def wait_until_up() -> None:
    """Until it answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            urlopen(f"{SITE}/health", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(1)
    raise SystemExit(f"Superset does not answer within {STARTS_WITHIN} s")


def log_in(page: Page) -> None:
    """As the admin that was made."""
    page.goto(f"{SITE}/login/")
    page.locator("#username").fill("admin")
    page.locator("#password").fill("admin")
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url, timeout=SHOWS_WITHIN)


def shown(page: Page, screenshot: Path) -> dict[str, list[dict[str, Any]]]:
    """What each chart of the open dashboard is given to show, by its name in the dashboard."""
    titles = {
        yaml.safe_load(file.read_text(encoding="utf-8"))["slice_name"]: file.stem
        for file in (BUNDLE / "charts").glob("*.yaml")
    }
    given: dict[str, list[dict[str, Any]]] = {}
    names: dict[int, str] = {}

    def keep(response: Response) -> None:
        if "/api/v1/dashboard/loyalty/charts" in response.url:
            names.update({chart["id"]: titles[chart["slice_name"]] for chart in response.json()["result"]})
        elif "/api/v1/chart/data" in response.url:
            chart = json.loads(response.request.post_data or "{}")["form_data"]["slice_id"]
            answer = response.json()
            given[chart] = answer["result"][0]["data"] if response.ok else [{"error": str(answer)}]

    page.on("response", keep)
    page.goto(f"{SITE}/superset/dashboard/loyalty/?standalone=1")
    until = time.monotonic() + SHOWS_WITHIN / 1000
    while len(given) < len(titles) and time.monotonic() < until:
        page.wait_for_timeout(500)
    page.wait_for_timeout(3000)
    page.screenshot(path=screenshot)
    return {names[chart]: rows for chart, rows in given.items()}


def read_until(page: Page, is_over: Path, query: str) -> dict[str, Any]:
    """The dashboard and one query of SQL Lab in turn: answers of charts and those that failed, and what the queries found.

    `seen` has every answer of SQL Lab, one after the other.
    """
    found: dict[str, Any] = {"openings": 0, "answers": 0, "failed": 0, "first_fault": "", "seen": []}

    def keep(response: Response) -> None:
        if "/api/v1/chart/data" in response.url:
            found["answers"] += 1
            tell(response.ok, response.status)

    def tell(is_good: bool, said: object) -> None:
        found["failed"] += not is_good
        found["first_fault"] = found["first_fault"] or ("" if is_good else str(said))

    page.on("response", keep)
    while not is_over.exists():
        page.goto(f"{SITE}/superset/dashboard/loyalty/?standalone=1")
        page.wait_for_load_state("networkidle", timeout=SHOWS_WITHIN)
        found["openings"] += 1
        token = page.request.get(f"{SITE}/api/v1/security/csrf_token/").json()["result"]
        asked = {"database_id": 1, "sql": query, "runAsync": False, "client_id": f"n{found['openings']}"}
        answer = page.request.post(
            f"{SITE}/api/v1/sqllab/execute/", data=asked, headers={"X-CSRFToken": token, "Referer": SITE}
        )
        tell(answer.ok, answer.text()[:300])
        found["seen"] += [list(row.values()) for row in answer.json()["data"]] if answer.ok else []
        page.wait_for_timeout(PAUSE)
    return found


def plain(rows: list[tuple[Any, ...]]) -> Rows:
    """Rows in an order of their own, numbers to six digits, as the two sides write them differently."""

    def words(value: Any) -> str:
        if isinstance(value, int | float | Decimal):
            return f"{float(value):.6g}"
        return str(value)

    return sorted(tuple(words(value) for value in row) for row in rows)


def given_rows(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows of an answer; dates, which it gives in milliseconds, as text. The rank is for the colours of a heat map."""

    def value(name: str, one: Any) -> Any:
        return time.strftime("%Y-%m-%d", time.gmtime(one / 1000)) if name == "as_of_date" else one

    return [tuple(value(name, one) for name, one in row.items() if name != "rank") for row in rows]


def main() -> int:
    """Look at every chart; 1 where one shows something else than SQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path, nargs="?", default=ROOT / ".loyalty" / "warehouse.duckdb")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--until", type=Path, metavar="FILE")
    parser.add_argument("--asking", metavar="SQL")
    given = parser.parse_args()
    if not given.warehouse.is_file():
        parser.error(f"{given.warehouse} is no file; `make run` publishes one")
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        file = given.warehouse.absolute() if given.until else folder / "warehouse.duckdb"
        if not given.until:
            file.write_bytes(given.warehouse.read_bytes())
        with superset(file, folder):
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            log_in(page)
            if given.until:
                print("reading", flush=True)
                print(json.dumps(read_until(page, given.until, given.asking)))
                return 0
            answers = shown(page, given.screenshot or folder / "dashboard.png")
            faults = page.get_by_role("alert").all_inner_texts()
            browser.close()
        with duckdb.connect(str(file), read_only=True) as connection:
            for name, query in SQL.items():
                expected = plain(connection.execute(query).fetchall())
                found = plain(given_rows(answers.get(name, [])))
                is_right = bool(expected) and found == expected
                wrong += not is_right
                print(f"{'ok   ' if is_right else 'WRONG'} {name}: {len(found) or 'no'} rows", flush=True)
                if not is_right:
                    print(f"      shown {found[:3]}\n      SQL   {expected[:3]}", flush=True)
    print(f"{'WRONG' if faults else 'ok   '} alerts on the page: {faults}")
    return int(wrong > 0 or bool(faults) or SQL.keys() != answers.keys())


if __name__ == "__main__":
    sys.exit(main())
