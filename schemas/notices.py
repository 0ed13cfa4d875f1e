"""The contracts of notices (what is empty after a night, and why) and of the settings of a night. How they are found belongs to
`pipeline.core`."""

from typing import Literal, get_args

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract

NoticeKind = Literal[
    "no_nps_item",
    "no_sci_roles",
    "no_nps_customer",
    "no_sci_customer",
    "no_points_customer",
    "no_construct_score",
    "churn_by_days",
    "churn_bands_only",
    "no_consent_known",
    "held_back",
    "no_theme_matched",
    "few_themes_matched",
    "no_purchase",
    "net_unsettled",
    "orders_without_rate",
    "totals_differ",
    "many_joined",
]
NOTICE_KINDS = get_args(NoticeKind)
NOTICE_SUBJECTS = ("nps", "sci", "constructs", "churn", "next_action", "themes", "orders", "points", "customers")


class Notices(
    Contract,
    key=("as_of_date", "kind", "subject"),
    is_dated=True,
    published_as="quality.notices",
    shows_history=True,
):
    """One row per as_of date, kind of notice and part of the warehouse that is empty or not as it could be."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    kind: str = pa.Field(isin=NOTICE_KINDS, description="What is the matter, from a closed list.")
    subject: str = pa.Field(isin=NOTICE_SUBJECTS, description="The part of the warehouse that it is about.")
    n: int = pa.Field(
        ge=0,
        description="How many it concerns: the surveys there are, the answers or loyalty events that came, the constructs, the customers with a "
        "band, all customers, the actions, the comments, the orders, the customers whose totals differ, the customers with "
        "remarkably many identifiers.",
    )
    message: str = pa.Field(description="What is empty, why, and what would change it, in one line.")


class SettingsUsed(Contract, key=("as_of_date", "setting"), is_dated=True, published_as="quality.settings_used"):
    """One row per as_of date and setting of the configuration that decides what a figure is, as it was on that night."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    setting: str = pa.Field(description="Its name in the configuration, such as rfm.window_days.")
    value: str = pa.Field(nullable=True, description="Its value: text unchanged, anything else as JSON; null: none.")
