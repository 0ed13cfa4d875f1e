"""`python -m tests.bench.metrics WAREHOUSE`: each metric of dbt_project, asked of MetricFlow on a published file, against SQL on its marts.

MetricFlow comes into an environment of its own, so this needs a package index. It fails where the two differ.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from pipeline.warehouse.dbt import DBT_PROJECT
from tests.bench.bi_tools import UV

PACKAGES = "dbt-metricflow==0.15.0 dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.1"
NEWEST = "as_of_date = (select max(as_of_date) from quality.lake_versions)"


@dataclass(frozen=True)
class Case:
    """What is asked of MetricFlow, and the same in SQL: what it is grouped by, then the metrics."""

    metrics: str
    group_by: str
    sql: str


CASES = [
    Case(
        "valid_revenue",
        "metric_time__month",
        "select date_trunc('month', local_date), sum(valid_net_amount) from marts.fct_orders group by 1",
    ),
    Case(
        "valid_revenue",
        "customer__rfm_segment",
        "select rfm_segment, sum(valid_net_amount) from marts.fct_orders left join marts.customer_360 using (customer_id) group by 1",
    ),
    Case(
        "value_at_risk",
        "customer__churn_band",
        "select c.churn_band, sum(r.value_at_risk) from marts.customer_360 c left join marts.customer_churn_risk r using (customer_id) group by 1",
    ),
    Case("pct_repeat", "", f"select pct_repeat from marts.repeat_purchase where {NEWEST}"),
    Case(
        "pct_repeat",
        "customer__tier",
        """select tier, case when count(*) filter (n_valid_orders >= 1) >= any_value(cast(value as integer))
        then 100.0 * count(*) filter (n_valid_orders >= 2) / count(*) filter (n_valid_orders >= 1) end
        from marts.customer_360 join quality.settings_used on setting = 'cohorts.min_n' group by 1""",
    ),
    Case("pct_otif", "", f"select pct from marts.convenience_pillars where measure = 'otif' and {NEWEST}"),
    Case(
        "nps",
        "nps_period__survey_type",
        f"select survey_type, nps from marts.nps_trend where {NEWEST}",
    ),
    Case("nps", "metric_time__day,nps_period__survey_type", "select as_of_date, survey_type, nps from marts.nps_trend"),
    Case(
        "pct_secure",
        "",
        f"select pct_secure from marts.sci_trend where definition = 'top_box' and dimension = 'all' and {NEWEST}",
    ),
    Case(
        "pct_secure",
        "metric_time__day",
        "select as_of_date, pct_secure from marts.sci_trend where definition = 'top_box' and dimension = 'all'",
    ),
    Case(
        "pct_active",
        "cohort__first_bought__month,cohort__months_since",
        f"select cohort_month, months_since, pct_active from marts.cohort_retention where {NEWEST}",
    ),
]
VISIBLE = {case.metrics for case in CASES}


def told(metrics: str, group_by: str, project: Path, binaries: Path) -> list[tuple[object, ...]]:
    """What MetricFlow answers."""
    file = project / "answer.csv"
    file.unlink(missing_ok=True)
    command = [binaries / "mf", "query", "--metrics", metrics, "--csv", file]
    if group_by:
        command += ["--group-by", group_by]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if not file.is_file():
        raise RuntimeError(done.stdout + done.stderr)
    _, *lines = csv.reader(file.read_text().splitlines())
    return rounded([tuple(line) for line in lines])


def rounded(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Rows in one order, numbers to six digits, a date by its first ten letters, nothing for null."""

    def plain(value: object) -> object:
        text = "" if value is None else str(value)
        try:
            return f"{float(text):.6f}"
        except ValueError:
            return text[:10] if text[:4].isdigit() else text

    return sorted(tuple(map(plain, row)) for row in rows)  # type: ignore[type-var]


def main() -> int:
    """Compare every metric; 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    file = parser.parse_args().warehouse.resolve()
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary, duckdb.connect(str(file), read_only=True) as connection:
        project, environment = Path(temporary) / "project", Path(temporary) / "environment"
        shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
        subprocess.run([UV, "venv", "--quiet", environment], check=True)
        python = environment / "bin" / "python"
        subprocess.run([UV, "pip", "install", "--quiet", "--python", python, *PACKAGES.split()], check=True)
        os.environ |= {"LOYALTY_DBT_TARGET": "published", "LOYALTY_WAREHOUSE": str(file)}
        subprocess.run([environment / "bin" / "dbt", "--quiet", "parse"], cwd=project, check=True)
        metrics = yaml.safe_load((project / "models" / "metrics" / "metrics.yml").read_text(encoding="utf-8"))[
            "metrics"
        ]
        parts = {part for metric in metrics if metric["type"] == "derived" for part in metric["type_params"]["metrics"]}
        for name in {metric["name"] for metric in metrics} - parts - VISIBLE:
            wrong += 1
            print("UNASKED", name)
        for case in CASES:
            found = told(case.metrics, case.group_by, project, environment / "bin")
            expected = rounded(connection.execute(case.sql).fetchall())
            wrong += found != expected or not found
            print("equal  " if found == expected else "DIFFERS", case.metrics, case.group_by, len(found), flush=True)
            for one, other in [pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]][:3]:
                print("   ", one, other)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
