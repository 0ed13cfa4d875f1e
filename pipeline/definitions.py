"""Assembly: settings in, Dagster definitions out. Nothing is decided here."""

from typing import Any

import dagster as dg

from pipeline.assets.actions import action_assets
from pipeline.assets.attitude import attitude_assets
from pipeline.assets.catalogue import catalogued
from pipeline.assets.constructs import construct_assets
from pipeline.assets.customers import customer_assets
from pipeline.assets.experience import experience_assets
from pipeline.assets.facts import fact_assets
from pipeline.assets.history import history_assets
from pipeline.assets.journey import journey_assets
from pipeline.assets.lake import lake_assets
from pipeline.assets.loyalty import loyalty_assets
from pipeline.assets.marts import mart_assets, mart_keys
from pipeline.assets.notices import notice_assets
from pipeline.assets.pillars import pillar_assets
from pipeline.assets.publish import dashboard_assets, publish_assets
from pipeline.assets.rfm_sci import segment_assets
from pipeline.assets.say_do import say_do_assets
from pipeline.assets.scores import score_assets
from pipeline.assets.sources import source_assets
from pipeline.checks import asset_checks
from pipeline.configuration import load_settings
from pipeline.jobs import maintenance_job, maintenance_schedule, nightly_job, nightly_schedule, sensors
from pipeline.progress import progress_logger
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.warehouse.dbt import Dbt
from pipeline.warehouse.own_models import prepare_project


def build_defs(settings: Settings, **overrides: Any) -> dg.Definitions:
    """All definitions for one configuration; `overrides` replace resources by name."""
    project = prepare_project(settings.dbt, settings.home)
    marts = mart_assets(project, settings.dbt.models)
    job = nightly_job()
    maintenance = maintenance_job(settings.retention)
    return dg.Definitions(
        assets=catalogued(
            [
                *source_assets(settings),
                *lake_assets(settings),
                *fact_assets(settings),
                *segment_assets(settings),
                *attitude_assets(settings),
                *construct_assets(settings),
                *journey_assets(settings),
                *score_assets(settings),
                *loyalty_assets(settings),
                *history_assets(settings),
                *experience_assets(settings),
                *customer_assets(settings),
                *pillar_assets(settings),
                *say_do_assets(settings),
                *action_assets(settings),
                *notice_assets(settings),
                marts,
                *publish_assets(settings, mart_keys(marts)),
                *dashboard_assets(project),
            ],
            settings,
        ),
        asset_checks=asset_checks(settings.rfm, max_unknown_rate=settings.quality.max_reject_rate),
        jobs=[job, maintenance],
        schedules=[
            nightly_schedule(settings.schedule, job),
            maintenance_schedule(settings.retention, settings.shop.time_zone, maintenance),
        ],
        sensors=sensors(settings, job),
        resources={
            "home": Home.of(settings),
            "dbt": Dbt(project=str(project.folder), memory=settings.engine.memory),
            **overrides,
        },
        loggers={"progress": progress_logger},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` and the `dg` tool load: the configuration that the environment names."""
    return build_defs(load_settings())
