"""`python -m tests.bench.every_action CONFIG AS_OF [PART…]`: what Dagster's UI starts, one action a run.

Materialize on every asset and Execute on every check, each alone, in a home that has had the night of AS_OF (LOYALTY_HOME). Only
keys with one of the parts, where some are given. It prints every action that cannot be started or fails, with the last line of why.
"""

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import dagster as dg

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs


def last_line(error: object) -> str:
    """What went wrong, in a line."""
    return str(error).strip().splitlines()[-1][:300]


def why_not(
    job: dg.JobDefinition, assets: set[dg.AssetKey], check: dg.AssetCheckKey | None, day: str | None
) -> str | None:
    """Why one action fails; null where it does what it says."""
    checks = None if assets else {check} if check else set()
    try:
        alone = job.get_subset(asset_selection=assets, asset_check_selection=checks)
        with dg.DagsterInstance.ephemeral() as instance:
            quietly = {"loggers": {"progress": {}}}
            result = alone.execute_in_process(
                instance=instance, partition_key=day, raise_on_error=False, run_config=quietly
            )
    except Exception as error:
        return f"cannot be started: {type(error).__name__}: {last_line(error)}"
    if not result.success:
        failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
        causes = [data.error.cause or data.error for data in failures if data.error]
        return last_line(causes[0].message) if causes else "the run failed"
    made = {event.asset_key for event in result.all_events if event.event_type_value == "ASSET_MATERIALIZATION"}
    judged = {found.asset_check_key for found in result.get_asset_check_evaluations()}
    if made != assets:
        return f"materialised {sorted(key.to_user_string() for key in made if key)}"
    return f"judged {judged}" if check and judged != {check} else None


def failing_actions(defs: dg.Definitions, as_of: str, parts: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Every action that fails, and why.

    As the UI does, Materialize takes with an asset those that the same step makes at once, and Execute is only for checks that
    do not belong to such a step.
    """
    job = defs.resolve_implicit_global_asset_job_def()
    graph = defs.resolve_asset_graph()
    together = {frozenset(graph.get(asset).execution_set_asset_keys) for asset in graph.executable_asset_keys}
    for assets in sorted(together, key=min):
        name = min(assets).to_user_string()
        if any(part in name for part in parts or [""]):
            day = as_of if graph.get(min(assets)).partitions_def else None
            if why := why_not(job, set(assets), None, day):
                yield f"Materialize {name}" + (f" and {len(assets) - 1} more" if assets - {min(assets)} else ""), why
    for check in sorted(graph.asset_check_keys):
        name = f"{check.name} of {check.asset_key.to_user_string()}"
        if len(graph.get_execution_set_asset_and_check_keys(check)) > 1:
            continue
        # The UI starts a check without a date.
        if any(part in name for part in parts or [""]) and (why := why_not(job, set(), check, None)):
            yield f"Execute {name}", why


def main(config: str, as_of: str, *parts: str) -> int:
    """Print what fails; 1 where something does."""
    failing = 0
    for action, why in failing_actions(build_defs(load_settings(Path(config))), as_of, parts):
        failing += 1
        print(f"{action}: {why}", flush=True)
    print(f"{failing} actions fail")
    return int(failing > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
