"""What customers say against what they do: each one's cell and next action. Classes and segments are made elsewhere."""

from dataclasses import dataclass

import polars as pl

from pipeline.core.attitude.settings import SayDoRule, SayDoSettings
from pipeline.core.facts.customers import may_market
from pipeline.core.frames import Frame, nth

UNCLASSIFIED = "unclassified"
OTHER = "other"
"""The group of a segment that is in no group of the configuration."""


@dataclass(frozen=True)
class Sources:
    """The tables of one as_of date that cells follow from, and `customers`: `customer_facts` of the same customers."""

    sci: Frame
    nps: Frame
    rfm: Frame
    churn: Frame
    customers: Frame


def name_cells(
    sources: Sources, *, settings: SayDoSettings, consent_without_flag: bool, is_consent_told: bool
) -> Frame:
    """One row per customer of `sci` or `nps` (contract SayDo).

    What a customer says is the class of the SCI; where that is unclassified or missing the class of the NPS.

    The first rule that fits names the cell; an empty list of a rule fits everyone, and a customer without a band fits
    no rule that names bands. The next action is that of the rule, or the one without e-mail for customers who may
    not get marketing (`may_market`). `is_consent_told`: what `consent_is_told` says of all customers of the shop.
    Consent is today's, whatever the date. Definitions, sections 6, 8.
    """
    rules = settings.rules
    rule: pl.Expr = pl.lit(len(rules))
    for number in reversed(range(len(rules))):
        rule = pl.when(_fits(rules[number])).then(pl.lit(number)).otherwise(rule)
    actions = [rule.action for rule in rules]
    without_email = [rule.action_without_email or rule.action for rule in rules]
    action, other_action = (
        nth(pl.col("rule"), [*names, settings.default_action]) for names in (actions, without_email)
    )
    return (
        _said(sources.sci, sources.nps)
        .join(sources.rfm.select("customer_id", "monetary", rfm_segment="segment"), on="customer_id", how="left")
        .join(sources.churn.select("customer_id", "churn_band"), on="customer_id", how="left")
        .pipe(may_market, sources.customers, without_flag=consent_without_flag, is_told=is_consent_told)
        .with_columns(segment_group=_group(settings))
        .with_columns(rule=rule)
        .select(
            "customer_id",
            "as_of_date",
            "sci_class",
            "nps_class",
            "says",
            "rfm_segment",
            "segment_group",
            "churn_band",
            nth(pl.col("rule"), [*(rule.cell for rule in rules), settings.default_cell]).alias("cell"),
            pl.when("may_market").then(action).otherwise(other_action).alias("next_action"),
            pl.col("monetary").fill_null(0).alias("net_value"),
        )
    )


def count_cells(say_do: Frame) -> Frame:
    """One row per as_of date and cell (contract SayDoCells). Those of different customers can be added."""
    return say_do.group_by("as_of_date", "cell").agg(
        pl.len().cast(pl.Int64).alias("n_customers"), pl.col("net_value").sum().cast(pl.Int64)
    )


def _said(sci: Frame, nps: Frame) -> Frame:
    """One row per customer of either table: both classes, and what the customer says."""
    columns = ["customer_id", "as_of_date"]
    sci_class = pl.when(pl.col("sci_class") != UNCLASSIFIED).then("sci_class")
    return (
        sci.select(*columns, "sci_class")
        .join(nps.select(*columns, "nps_class"), on=columns, how="full", coalesce=True)
        .with_columns(says=pl.coalesce(sci_class, "nps_class", pl.lit(UNCLASSIFIED)))
    )


def _group(settings: SayDoSettings) -> pl.Expr:
    """The group of the configuration that a customer's segment is in."""
    group: pl.Expr = pl.lit(OTHER)
    for name, segments in settings.segment_groups.items():
        group = pl.when(pl.col("rfm_segment").is_in(segments)).then(pl.lit(name)).otherwise(group)
    return group


def _fits(rule: SayDoRule) -> pl.Expr:
    named = {"says": rule.says, "segment_group": rule.does, "churn_band": rule.bands}
    conditions = [pl.col(column).is_in(values) for column, values in named.items() if values]
    return pl.all_horizontal(*conditions) if conditions else pl.lit(True)
