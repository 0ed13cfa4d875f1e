"""What is empty and why, in words that say the way out: of a survey as it is configured, and of a shop after a night.

That something is wrong is for errors and checks to say; here everything is as it was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings
from pipeline.core.frames import Frame
from schemas.notices import NoticeKind
from schemas.types import ITEM_ROLES

NPS_TABLES = "nps_trend, nps_by and customer_nps"
SCI_TABLES = "sci_trend and customer_sci"
CONSTRUCT_TABLES = "construct_scores, construct_reliability and driver_importance"


@dataclass(frozen=True)
class Notice:
    """One thing that is empty: its kind, the part of the warehouse, how many it concerns, and why in one line."""

    kind: NoticeKind
    subject: str
    n: int
    message: str


@dataclass(frozen=True)
class Figures:
    """What the tables of one date tell."""

    n_customers: int
    """Customers known at the date."""
    n_scored: int
    """Customers with a churn band."""
    rule: str | None
    """That the rule of days gives the churn bands, and why, as the model card says it; null where a model does."""
    n_told_consent: int
    """Customers of whom a source says whether they accept marketing."""
    n_held_back: int
    """Actions that were due for a customer with another action, and held back."""
    n_comments: int
    n_matched: int
    """Comments that mention a theme."""
    n_orders: int
    without_rate: Mapping[str, int]
    """Currency -> orders in it that have no value in the shop's, as their date has no rate."""


def survey_gaps(survey: SurveySettings) -> dict[str, str]:
    """What a survey gives nothing to, by what its items say of themselves: nps, sci, constructs -> why."""
    gaps = {}
    if not any(item.nps for item in survey.items.values()):
        gaps["nps"] = f"no item has nps: true, so it gives nothing to {NPS_TABLES}"
    missing = _missing_roles(survey)
    if missing == list(ITEM_ROLES):
        gaps["sci"] = f"no item has a role, so it gives nothing to {SCI_TABLES}"
    elif missing:
        gaps["sci"] = f"no item has role {' or '.join(missing)}, so who answers it stays unclassified in {SCI_TABLES}"
    if not survey.constructs:
        gaps["constructs"] = f"no item has a construct, so it gives nothing to {CONSTRUCT_TABLES}"
    return gaps


def find_notices(
    figures: Figures, surveys: Mapping[str, SurveySettings], *, consent_without_flag: bool
) -> list[Notice]:
    """What a shop has nothing of at a date, and what would change it."""
    notices = []
    if not any(item.nps for survey in surveys.values() for item in survey.items.values()):
        words = (
            "no survey item has nps: true; give it to the question for recommendation on 0 to 10"
            if surveys
            else "there is no survey; add one that asks for recommendation on 0 to 10, with nps: true"
        )
        notices.append(
            Notice(
                "no_nps_item",
                "nps",
                len(surveys),
                f"{NPS_TABLES} are empty: {words}",
            )
        )
    if all(_missing_roles(survey) for survey in surveys.values()):
        notices.append(_no_sci(surveys))
    if figures.rule is not None and figures.n_scored:
        notices.append(
            Notice(
                "churn_by_days",
                "churn",
                figures.n_scored,
                f"customer_churn_risk has no probabilities, {figures.rule}; a model needs churn.min_customers customers with "
                "an order, in two windows of churn.horizon_days",
            )
        )
    if not figures.n_told_consent and not consent_without_flag and figures.n_customers:
        notices.append(
            Notice(
                "no_consent_known",
                "next_action",
                figures.n_customers,
                f"of {figures.n_customers:,} customers no source tells who accepts marketing, so next actions are service "
                "messages only; map accepts_marketing in customers, or set actions.consent_without_flag: true",
            )
        )
    if figures.n_held_back:
        notices.append(
            Notice(
                "held_back",
                "next_action",
                figures.n_held_back,
                f"{figures.n_held_back:,} further actions for customers who have one were held back, without consent or too "
                "soon after a contact",
            )
        )
    if figures.n_comments and not figures.n_matched:
        notices.append(
            Notice(
                "no_theme_matched",
                "themes",
                figures.n_comments,
                f"none of {figures.n_comments:,} comments mentions a theme; write themes in your customers' words under "
                "themes.lexicon",
            )
        )
    if figures.without_rate:
        n = sum(figures.without_rate.values())
        notices.append(
            Notice(
                "orders_without_rate",
                "fct_orders",
                n,
                f"{n:,} of {figures.n_orders:,} orders are in {', '.join(figures.without_rate)}, without a rate of their date, "
                "and count in no table; give rates under currency.rates",
            )
        )
    return notices


def count_figures(
    *,
    rfm: Frame,
    churn_risk: Frame,
    churn_model_card: Frame,
    next_action: Frame,
    comment_themes: Frame,
    customers: Frame,
    orders: Frame,
) -> Figures:
    """The figures of a date from its tables, its orders, and all of `customer_facts`, whatever the date."""
    rules = churn_model_card.filter(pl.col("model") == "rule_by_days", pl.col("chosen")).select("why")
    comments = comment_themes.group_by("subject_kind", "subject_id").agg((pl.col("theme") != "unmatched").any())
    counts = pl.collect_all(
        [
            rfm.select(pl.len()),
            churn_risk.select(pl.len()),
            customers.select(pl.col("accepts_marketing").count()),
            next_action.select(pl.col("n_held_back").sum()),
            comments.select(pl.len()),
            comments.select(pl.col("theme").sum()),
            orders.select(pl.len()),
        ],
        engine="streaming",
    )
    n_customers, n_scored, n_told, n_held_back, n_comments, n_matched, n_orders = (
        int(count.item()) for count in counts
    )
    return Figures(
        n_customers=n_customers,
        n_scored=n_scored,
        rule=next(iter(rules.collect().to_series()), None),
        n_told_consent=n_told,
        n_held_back=n_held_back,
        n_comments=n_comments,
        n_matched=n_matched,
        n_orders=n_orders,
        without_rate=dict(
            orders.filter("is_unpriced")
            .group_by("original_currency")
            .agg(pl.len().cast(pl.Int64))
            .sort("len", "original_currency", descending=[True, False])
            .collect(engine="streaming")
            .iter_rows()
        ),
    )


def notice_rows(notices: list[Notice], as_of: date) -> pl.DataFrame:
    """The notices of a date, as the contract Notices has them."""
    return pl.DataFrame(
        [(as_of, notice.kind, notice.subject, notice.n, notice.message) for notice in notices],
        schema={"as_of_date": pl.Date, "kind": pl.String, "subject": pl.String, "n": pl.Int64, "message": pl.String},
        orient="row",
    )


def _no_sci(surveys: Mapping[str, SurveySettings]) -> Notice:
    if not surveys:
        words = "there is no survey"
    else:
        name, missing = min(
            ((name, _missing_roles(survey)) for name, survey in surveys.items()), key=lambda pair: len(pair[1])
        )
        words = (
            "no survey item has a role"
            if missing == list(ITEM_ROLES)
            else f"no item of survey {name} has role {' or '.join(missing)}"
        )
    return Notice(
        "no_sci_roles",
        "sci",
        len(surveys),
        f"{SCI_TABLES} have no class: {words}; one survey must ask for satisfaction, repurchase and recommend",
    )


def _missing_roles(survey: SurveySettings) -> list[str]:
    roles = {item.role for item in survey.items.values()}
    return [role for role in ITEM_ROLES if role not in roles]
