"""The only list of tables in the lake: name, contract, key and partition. Nothing about how a table is made belongs here."""

from dataclasses import dataclass

import polars as pl

from schemas.actions import Contacts, NextAction
from schemas.churn import ChurnCalibration, ChurnModelCard, ChurnModels, ChurnOutcomes, ChurnRisk
from schemas.cohorts import CohortRetention, RepeatPurchase
from schemas.constructs import ConstructReliability, ConstructScores, DriverImportance
from schemas.customers import Customers
from schemas.experience import PromiseImpact, ReviewCare, ReviewFlags
from schemas.history import SegmentChanges, SegmentMigration
from schemas.journey import AbandonedCarts, ChannelConsistency, CustomerJourney, StageConversion
from schemas.loyalty import Loyalty, LoyaltyEvents, PointsLedger, Referrals
from schemas.notices import Notices
from schemas.nps import Nps, NpsIndex, NpsResponses
from schemas.order_lines import OrderLines
from schemas.orders import Orders
from schemas.pillars import ConveniencePillars, CustomerPillars
from schemas.preferences import CustomerCategories, CustomerPreferences
from schemas.quarantine import Batches, Erased, Identity, InputsRead, LakeReads, RejectedRows
from schemas.reviews import Reviews
from schemas.say_do import SayDo, SayDoCells
from schemas.segments import Rfm, RfmCutPoints, Sci, SciIndex
from schemas.surveys import SurveyAnswers, SurveyInvitations, SurveyResponses
from schemas.themes import CommentThemes, NpsThemes
from schemas.touchpoints import Touchpoints
from schemas.types import Contract


@dataclass(frozen=True)
class Table:
    """One lake table.

    `key` makes a row unique. `month_of` is the column whose UTC month partitions a growing table; a dated table holds one
    partition per as_of date; a delivered table is filled by sources, and the newest version of a row wins. Of a dated table
    with one row per customer old dates are thinned out, but for one that `keeps_every_date`.
    """

    name: str
    model: type[Contract]
    key: tuple[str, ...]
    month_of: str | None = None
    is_dated: bool = False
    is_delivered: bool = False
    keeps_every_date: bool = False

    @property
    def is_thinned_out(self) -> bool:
        """Whether retention drops old dates of this table."""
        return self.is_dated and "customer_id" in self.key and not self.keeps_every_date

    @property
    def polars_schema(self) -> pl.Schema:
        """Column names and polars types of the contract, in its order."""
        return pl.Schema({name: column.dtype.type for name, column in self.model.to_schema().columns.items()})


ENTITIES = {
    table.name: table
    for table in (
        Table("orders", Orders, ("order_id",), month_of="ordered_at", is_delivered=True),
        Table("order_lines", OrderLines, ("order_id", "line_number"), month_of="ordered_at", is_delivered=True),
        Table("reviews", Reviews, ("review_id",), is_delivered=True),
        Table("survey_responses", SurveyResponses, ("response_id",), is_delivered=True),
        Table("survey_answers", SurveyAnswers, ("response_id", "item_id"), is_delivered=True),
        Table("customers", Customers, ("customer_id",), is_delivered=True),
        Table("touchpoints", Touchpoints, ("touchpoint_id",), month_of="occurred_at", is_delivered=True),
        Table("survey_invitations", SurveyInvitations, ("invitation_id",), is_delivered=True),
        Table("loyalty_events", LoyaltyEvents, ("event_id",), is_delivered=True),
        Table("referrals", Referrals, ("referral_id",), is_delivered=True),
    )
}
"""What sources deliver."""

SEGMENTS = {
    table.name: table
    for table in (
        Table("abandoned_carts", AbandonedCarts, ("as_of_date", "cart_id"), is_dated=True),
        Table("customer_journey", CustomerJourney, ("as_of_date", "customer_id", "month"), is_dated=True),
        Table("stage_conversion", StageConversion, ("as_of_date", "month", "channel", "stage"), is_dated=True),
        Table("channel_consistency", ChannelConsistency, ("as_of_date", "metric", "measure", "channel"), is_dated=True),
        Table("rfm", Rfm, ("as_of_date", "customer_id"), is_dated=True),
        Table("rfm_cut_points", RfmCutPoints, ("as_of_date", "dimension", "bin"), is_dated=True),
        Table(
            "segment_changes",
            SegmentChanges,
            ("as_of_date", "kind", "customer_id"),
            is_dated=True,
            keeps_every_date=True,
        ),
        Table(
            "segment_migration",
            SegmentMigration,
            ("as_of_date", "kind", "from_segment", "to_segment", "cause"),
            is_dated=True,
        ),
        Table("sci", Sci, ("as_of_date", "customer_id"), is_dated=True),
        Table("sci_index", SciIndex, ("as_of_date", "definition", "dimension", "value"), is_dated=True),
        Table("nps_responses", NpsResponses, ("as_of_date", "response_id"), is_dated=True),
        Table("nps", Nps, ("as_of_date", "customer_id"), is_dated=True),
        Table("nps_index", NpsIndex, ("as_of_date", "survey_type", "dimension", "value"), is_dated=True),
        Table("comment_themes", CommentThemes, ("as_of_date", "subject_kind", "subject_id", "theme"), is_dated=True),
        Table("nps_themes", NpsThemes, ("as_of_date", "series", "theme"), is_dated=True),
        Table("churn_risk", ChurnRisk, ("as_of_date", "customer_id"), is_dated=True),
        Table("churn_model_card", ChurnModelCard, ("as_of_date", "model", "cut_date", "cohort"), is_dated=True),
        Table("churn_calibration", ChurnCalibration, ("as_of_date", "cohort", "bin"), is_dated=True),
        Table("churn_outcomes", ChurnOutcomes, ("as_of_date", "prediction_date", "band"), is_dated=True),
        Table("construct_scores", ConstructScores, ("as_of_date", "response_id", "construct"), is_dated=True),
        Table(
            "construct_reliability",
            ConstructReliability,
            ("as_of_date", "survey_id", "construct", "wave"),
            is_dated=True,
        ),
        Table("say_do", SayDo, ("as_of_date", "customer_id"), is_dated=True),
        Table("say_do_cells", SayDoCells, ("as_of_date", "cell"), is_dated=True),
        Table("driver_importance", DriverImportance, ("as_of_date", "survey_id", "construct"), is_dated=True),
        Table("loyalty", Loyalty, ("as_of_date", "customer_id"), is_dated=True),
        Table("points_ledger", PointsLedger, ("as_of_date", "customer_id", "entry_number"), is_dated=True),
        Table("promise_impact", PromiseImpact, ("as_of_date", "month", "channel", "promise_status"), is_dated=True),
        Table("review_care", ReviewCare, ("as_of_date", "dimension", "value"), is_dated=True),
        Table("review_flags", ReviewFlags, ("as_of_date", "review_id"), is_dated=True),
        Table("next_action", NextAction, ("as_of_date", "customer_id"), is_dated=True),
        Table("cohort_retention", CohortRetention, ("as_of_date", "cohort_month", "months_since"), is_dated=True),
        Table("repeat_purchase", RepeatPurchase, ("as_of_date", "cohort"), is_dated=True),
        Table("customer_preferences", CustomerPreferences, ("as_of_date", "customer_id"), is_dated=True),
        Table("customer_categories", CustomerCategories, ("as_of_date", "customer_id", "category"), is_dated=True),
        Table("customer_pillars", CustomerPillars, ("as_of_date", "customer_id"), is_dated=True),
        Table("convenience_pillars", ConveniencePillars, ("as_of_date", "month", "measure"), is_dated=True),
        Table("notices", Notices, ("as_of_date", "kind", "subject"), is_dated=True),
    )
}
"""What is computed per as_of date."""

RECORDS = {
    table.name: table
    for table in (
        Table("rejected_rows", RejectedRows, ("rejected_id",)),
        Table("batches", Batches, ("run_id", "source", "entity")),
        Table("inputs_read", InputsRead, ("source", "input", "file")),
        Table("identity", Identity, ("identifier",)),
        Table("erased", Erased, ("fingerprint",)),
        Table("churn_models", ChurnModels, ("model_id",)),
        Table("lake_reads", LakeReads, ("as_of_date", "segment_table", "lake_table")),
        Table("contacts", Contacts, ("customer_id", "action", "as_of_date")),
    )
}
"""What the pipeline records of itself."""

TABLES = ENTITIES | SEGMENTS | RECORDS
