"""What customers say against what they do: each one's cell and next action. Classes and segments are made elsewhere."""

import polars as pl

from pipeline.core.attitude.settings import SayDoRule, SayDoSettings
from pipeline.core.frames import Frame, nth

UNCLASSIFIED = "unclassified"
OTHER = "other"
"""The group of a segment that the configuration puts in none."""


def name_cells(sci: Frame, nps: Frame, rfm: Frame, churn: Frame, *, settings: SayDoSettings) -> Frame:
    """One row per customer of `sci` or `nps` (contract SayDo), from the tables of one as_of date.

    What a customer says is the class of the SCI; where that is unclassified or missing the class of the NPS.

    The first rule that fits names the cell; an empty list of a rule fits everyone, and a customer without a band fits
    no rule that names bands. Definitions, section 6.
    """
    group: pl.Expr = pl.lit(OTHER)
    for name, segments in settings.segment_groups.items():
        group = pl.when(pl.col("segment").is_in(segments)).then(pl.lit(name)).otherwise(group)
    rules = settings.rules
    rule: pl.Expr = pl.lit(len(rules))
    for number in reversed(range(len(rules))):
        rule = pl.when(_fits(rules[number])).then(pl.lit(number)).otherwise(rule)
    actions = [rule.action for rule in rules]
    without_email = [rule.action_without_email or rule.action for rule in rules]
    said = sci.select("customer_id", "as_of_date", "sci_class").join(
        nps.select("customer_id", "as_of_date", "nps_class"), on=["customer_id", "as_of_date"], how="full"
    )
    sci_class = pl.when(pl.col("sci_class") != UNCLASSIFIED).then(pl.col("sci_class"))
    return (
        said.select(
            pl.coalesce("customer_id", "customer_id_right").alias("customer_id"),
            pl.coalesce("as_of_date", "as_of_date_right").alias("as_of_date"),
            "sci_class",
            "nps_class",
            says=pl.coalesce(sci_class, pl.col("nps_class"), pl.lit(UNCLASSIFIED)),
        )
        .join(rfm.select("customer_id", "segment", "monetary"), on="customer_id", how="left")
        .join(churn.select("customer_id", "band"), on="customer_id", how="left")
        .with_columns(segment_group=group)
        .with_columns(rule=rule)
        .select(
            "customer_id",
            "as_of_date",
            "sci_class",
            "nps_class",
            "says",
            "segment",
            "segment_group",
            "band",
            nth(pl.col("rule"), [*(rule.cell for rule in rules), settings.default_cell]).alias("cell"),
            nth(pl.col("rule"), [*actions, settings.default_action]).alias("action"),
            nth(pl.col("rule"), [*without_email, settings.default_action]).alias("action_without_email"),
            pl.col("monetary").fill_null(0).alias("net_value"),
        )
    )


def count_cells(say_do: Frame) -> Frame:
    """One row per as_of date and cell (contract SayDoCells)."""
    return say_do.group_by("as_of_date", "cell").agg(
        pl.len().cast(pl.Int64).alias("n_customers"), pl.col("net_value").sum().cast(pl.Int64)
    )


def _fits(rule: "SayDoRule") -> pl.Expr:
    named = {"says": rule.says, "segment_group": rule.does, "band": rule.bands}
    conditions = [pl.col(column).is_in(values) for column, values in named.items() if values]
    return pl.all_horizontal(*conditions) if conditions else pl.lit(True)
