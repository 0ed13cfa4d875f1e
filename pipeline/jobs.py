"""The nightly job and its schedule. What the job does is what the assets do."""

import dagster as dg
from dagster._core.definitions.partitions.partitioned_schedule import UnresolvedPartitionedAssetScheduleDefinition
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipeline.settings import Settings

NIGHTLY = "nightly"

NightlySchedule = dg.ScheduleDefinition | UnresolvedPartitionedAssetScheduleDefinition


def nightly_job() -> UnresolvedAssetJobDefinition:
    """Everything, for one as_of date."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Read the sources, merge them into the lake, compute the segments of one date, build and publish the warehouse.",
    )


def nightly_schedule(settings: Settings, job: UnresolvedAssetJobDefinition) -> NightlySchedule:
    """Every night in the shop's time zone, for the date that has just ended."""
    at = settings.schedule.at
    return dg.build_schedule_from_partitioned_job(
        job,
        name=NIGHTLY,
        hour_of_day=at.hour,
        minute_of_hour=at.minute,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
