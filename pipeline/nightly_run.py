"""The job `nightly` in this process, recorded where the Dagster UI finds it; and why it failed, in one line.

What the job is made of belongs to `jobs`, what is printed of it to `cli`.
"""

from datetime import date

import dagster as dg

from pipeline.assets.sources import RETRY_TAG
from pipeline.dagster_home import prepare_dagster_home, telling_damage
from pipeline.definitions import build_defs
from pipeline.progress import console
from pipeline.resources import Home
from pipeline.run_records import NIGHTLY, first_failure
from pipeline.settings import Settings


def execute_nightly(settings: Settings, day: date, *, retry_quarantine: bool) -> dg.ExecuteInProcessResult:
    """Run the job in this process, recorded where the UI finds it."""
    prepare_dagster_home(settings.home)
    console.print(f"{settings.shop.name}: {NIGHTLY} as of {day}{', rejected rows again' if retry_quarantine else ''}")
    job = build_defs(settings, home=Home.of(settings, is_locked=True)).resolve_job_def(NIGHTLY)
    with telling_damage(settings.home), dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            partition_key=str(day),
            tags={RETRY_TAG: "true"} if retry_quarantine else None,
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {}}},
        )


def why_it_failed(result: dg.ExecuteInProcessResult) -> str:
    """The first failure in one line."""
    return first_failure(result.all_events).words
