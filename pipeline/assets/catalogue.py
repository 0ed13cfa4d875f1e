"""What the catalogue says of every asset beside what it is: its group, its owner, tags, where its code is, and by when it must be there.
How it is made belongs to the modules of its layer."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

from pipeline import asset_keys
from pipeline.assets.code_links import at_function, on_the_web
from pipeline.settings import Settings
from pipeline.warehouse.editions import OWN_SCHEMA, PUBLISHED_SCHEMAS
from schemas.registry import ENTITIES, MARTS, TABLES

SUBJECTS: dict[str, tuple[str, ...]] = {
    "rfm": ("rfm", "rfm_cut_points", "segment_map"),
    "history": ("segment_changes", "segment_migration", "segment_sizes", "cohort_retention", "repeat_purchase"),
    "attitude": (
        *("sci", "sci_index", "nps_responses", "nps", "nps_index", "comment_themes", "theme_coverage", "nps_themes"),
        *("construct_scores", "construct_reliability", "driver_importance", "say_do", "say_do_cells"),
    ),
    "experience": (
        *("promise_impact", "review_care", "review_flags", "customer_pillars", "convenience_pillars"),
        "channel_consistency",
    ),
    "journey": (
        *("customer_journey", "stage_conversion", "abandoned_carts", "abandoned_cart_products", "touchpoint_influence"),
        *("customer_engagement", "engagement_repurchase"),
    ),
    "loyalty": ("points_ledger", "loyalty", "customer_preferences", "customer_categories"),
    "actions": (
        *("next_action", "actions_held_back", "action_verdicts", "action_playbook", "action_controls"),
        "action_effects",
    ),
    "churn": ("churn_risk", "churn_model_card", "churn_calibration", "churn_outcomes"),
    "night": ("notices", "settings_used", "customer_totals"),
}
"""Subject -> the dated tables about it; with their marts they are groups of their own, as sixty tables in one cannot be read."""
AFTER_SEGMENTS = {"run_context": "records", "lake_reads": "records"}
"""Tables of the lake that are written once the dated tables are: apart from the others, so that the groups flow one way."""
OF_NO_ONE_TABLE = {"nps_trend": "attitude", "customer_segment_history": "history"}
"""Marts that show no table as it is -> their subject."""

OWNERS = {
    **dict.fromkeys(("sources", "lake", "facts"), "team:data"),
    **dict.fromkeys(("segments", "scores"), "team:insight"),
    **dict.fromkeys(("intermediate", "marts", "quality", OWN_SCHEMA, "publish", "bi"), "team:reporting"),
}
"""Layer -> who is asked about it."""

PII, IMPORTANCE = "pii", "importance"
IDENTIFIERS = {
    *(
        "customer_id",
        "referred_customer_id",
        "email_hash",
        "identifier",
        "order_id",
        "response_id",
        "session_id",
        "row_id",
    ),
}
AS_DELIVERED, FREE_TEXT, PSEUDONYMOUS, NOBODY = "as-delivered", "free-text", "pseudonymous", "none"
"""What a table holds of persons: all that an export has, what they wrote, numbers that stand for them, or nothing."""
TEXTS = {
    "marts/fct_reviews",
    "marts/fct_survey_responses",
    "lake/rejected_rows",
    "quality/rejected_rows",
}
"""What holds texts of people and has no contract of the lake that says so."""
PUBLISHED_LAYERS = (*PUBLISHED_SCHEMAS, "publish")
WHOLE_DAY = timedelta(hours=20)
"""Before the hour at which an edition is missed: what is older is that of the night before."""


def catalogued(
    assets: Iterable[dg.AssetsDefinition | dg.AssetSpec], settings: Settings
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets with what the catalogue says of each."""
    by = settings.alerts.missed_at
    fresh = dg.FreshnessPolicy.cron(f"{by.minute} {by.hour} * * *", WHOLE_DAY, settings.shop.time_zone)

    def described(spec: dg.AssetSpec, code: Mapping[str, Any]) -> dg.AssetSpec:
        layer = spec.key.path[0]
        # What a file of SQL says names that file itself.
        metadata = {**code, **spec.metadata}
        return spec.replace_attributes(
            group_name=group_of(spec.key),
            owners=[OWNERS[layer]],
            tags={**spec.tags, PII: pii_of(spec.key), IMPORTANCE: _importance(spec.key)},
            freshness_policy=fresh if layer in PUBLISHED_LAYERS else None,
            metadata=on_the_web(metadata, settings.ui.code) if code and settings.ui.code else metadata,
        )

    def with_code(asset: dg.AssetsDefinition | dg.AssetSpec) -> dg.AssetsDefinition | dg.AssetSpec:
        if isinstance(asset, dg.AssetSpec):
            return described(asset, {})
        code = at_function(asset)
        return asset.map_asset_specs(lambda spec: described(spec, code))

    return [with_code(asset) for asset in assets]


def group_of(key: dg.AssetKey) -> str:
    """The layer, and in one of many tables the subject."""
    layer, noun = key.path
    subject = AFTER_SEGMENTS.get(noun) if layer == "lake" else None
    if layer in ("segments", "marts"):
        subject = _subject(noun)
    return f"{layer}_{subject}" if subject else layer


def pii_of(key: dg.AssetKey) -> str:
    """What an asset holds of persons."""
    layer, noun = key.path
    if layer == "sources":
        return AS_DELIVERED
    if layer == "publish":
        # The warehouse and its copies hold every text.
        return PSEUDONYMOUS if key in (asset_keys.REPORT, asset_keys.ACTIONS_EXPORT) else FREE_TEXT
    if layer == OWN_SCHEMA:
        return PSEUDONYMOUS
    name = "/".join(key.path)
    if name in TEXTS or (layer == "lake" and noun in TABLES and TABLES[noun].free_texts):
        return FREE_TEXT
    table = MARTS.get(noun) if layer in ("marts", "quality") else TABLES.get(noun)
    if table is None:
        return NOBODY if key == asset_keys.RUN_CONTEXT else PSEUDONYMOUS
    return PSEUDONYMOUS if IDENTIFIERS & set(table.columns) else NOBODY


def _importance(key: dg.AssetKey) -> str:
    """What is lost or seen when it is wrong: the truth, what others read, or a step between that is made anew."""
    layer, noun = key.path
    if layer == "lake" and noun in ENTITIES:
        return "truth"
    return "published" if layer in (*PUBLISHED_LAYERS, "bi") else "step"


def _subject(noun: str) -> str | None:
    mart = MARTS.get(noun)
    table = mart.shows.name if mart and mart.shows else noun
    found = next((subject for subject, tables in SUBJECTS.items() if table in tables), None)
    return found or OF_NO_ONE_TABLE.get(noun)
