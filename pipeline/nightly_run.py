"""The job `nightly` in this process, recorded where the Dagster UI finds it; and why it failed, in one line.

What the job is made of belongs to `jobs`, what is printed of it to `cli`.
"""

from dataclasses import dataclass
from datetime import date

import dagster as dg

from pipeline.assets.common import EVERY_TAG, FORCE_TAG, FROM_TAG
from pipeline.assets.sources import RETRY_TAG
from pipeline.core.as_of_dates import Every, dates_between
from pipeline.dagster_home import prepare_dagster_home, telling_damage
from pipeline.definitions import build_defs
from pipeline.progress import console
from pipeline.resources import Home
from pipeline.run_records import NIGHTLY, first_failure
from pipeline.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What is asked of a run: its date, the first of the dates before it to compute too, and how."""

    day: date
    since: date | None = None
    every: Every = "day"
    retry_quarantine: bool = False
    force: bool = False

    @property
    def words(self) -> str:
        """The same for people."""
        n_dates = len(dates_between(self.since, self.day, self.every)) if self.since else 1
        after = f", with {n_dates - 1} dates from {self.since} on" if n_dates > 1 else ""
        return f"{self.day}{after}{', rejected rows again' if self.retry_quarantine else ''}"

    @property
    def tags(self) -> dict[str, str]:
        """The same for the run's steps."""
        of_range = {FROM_TAG: str(self.since), EVERY_TAG: self.every} if self.since else {}
        flags = {RETRY_TAG: self.retry_quarantine, FORCE_TAG: self.force}
        return of_range | {tag: "true" for tag, is_set in flags.items() if is_set}


def execute_nightly(settings: Settings, asked: Asked) -> dg.ExecuteInProcessResult:
    """Run the job in this process, recorded where the UI finds it."""
    prepare_dagster_home(settings.home)
    console.print(f"{settings.shop.name}: {NIGHTLY} as of {asked.words}")
    job = build_defs(settings, home=Home.of(settings, is_locked=True)).resolve_job_def(NIGHTLY)
    with telling_damage(settings.home), dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            partition_key=str(asked.day),
            tags=asked.tags,
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {}}},
        )


def why_it_failed(result: dg.ExecuteInProcessResult) -> str:
    """The first failure in one line."""
    return first_failure(result.all_events).words
