"""The job `nightly` in this process, recorded where the Dagster UI finds it; and why it failed, in one line.

What the job is made of belongs to `jobs`, what is printed of it to `cli`.
"""

from datetime import date

import dagster as dg

from pipeline.assets.sources import RETRY_TAG
from pipeline.dagster_home import prepare_dagster_home, telling_damage
from pipeline.definitions import build_defs
from pipeline.errors import LoyaltyError
from pipeline.jobs import NIGHTLY
from pipeline.progress import console
from pipeline.resources import Home
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
    """The first failure in one line: a user's error in its own words, a failed blocking check by its description."""
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR and check.blocking:
                return check.description or f"check {check.check_name} of {check.asset_key.to_user_string()} failed"
        if event.is_step_failure:
            return _words_of(event)
    return "the run did not succeed; see the Dagster UI"


def _words_of(failure: dg.DagsterEvent) -> str:
    """A user's error in its own words; any other by its step, its innermost cause and where to read on."""
    users = {kind.__name__ for kind in (LoyaltyError, *LoyaltyError.__subclasses__())}
    words = "no reason given"
    error = failure.step_failure_data.error
    while error is not None:
        words = " ".join(error.message.split())
        if error.cls_name in users:
            return words.split(f"{error.cls_name}: ", 1)[-1]
        error = error.cause
    if "PanicException" in words:
        # So polars ends where it cannot read on.
        words = f"a file cannot be read; `loyalty check --lake` tells which of the lake are damaged ({words})"
    return f"{failure.step_key}: {words}; the Dagster UI shows the whole trace"
